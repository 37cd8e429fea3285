//! Snapshots and arrays of findings, through the whole pipeline and every renderer.
#![no_main]
use libfuzzer_sys::fuzz_target;
use securescan_core::ingest::{self, IngestOptions};
use securescan_core::render::{RENDERERS, RenderInput};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(mut result) = ingest::parse(bytes, None, &IngestOptions::default()) {
        let options = securescan_core::pipeline::PipelineOptions {
            config: &securescan_core::config::Config::default(),
            baseline: None,
            suppress: true,
            frameworks: securescan_core::compliance::Frameworks::builtin(),
            sources: &securescan_core::source::NoSources,
        };
        result.findings = securescan_core::pipeline::run(result.findings, &options).findings;
        for renderer in RENDERERS {
            let _ = renderer.render(&RenderInput::new(&result), &mut std::io::sink());
        }
    }
});
