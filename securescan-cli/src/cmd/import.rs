//! `securescan import`: reports of any tools into one processed result.

use crate::args::ImportArgs;
use crate::exit::Exit;
use crate::look;
use crate::output::{self, Voice};
use securescan_core::compliance::Frameworks;
use securescan_core::config::Config;
use securescan_core::ingest::{self, IngestOptions};
use securescan_core::pipeline::{self, PipelineOptions};
use securescan_core::render::RenderInput;
use securescan_core::source::DirSources;
use securescan_core::{Error, Result, ScanResult, ScannerStatus, identity, path, score};
use std::fs::File;
use std::path::Path;

/// Larger reports are read as a stream, in bytes: slower, but memory then holds the findings alone.
const IN_MEMORY: u64 = 64 << 20;

pub(crate) fn run(args: &ImportArgs, voice: Voice) -> Result<Exit> {
    let targets = output::targets(&args.show, "json")?;
    if !args.root.is_dir() {
        return Err(Error::invalid(format!("`{}` is not a folder", args.root.display())).hint("--root names the scanned folder"));
    }
    let config = look::load_config(&args.config, &args.root, voice)?.map(|(_, config)| config).unwrap_or_default();
    let gate = output::gate(args.show.fail_on_severity.as_deref(), config.fail_on_severity.filter(|_| !args.raw))?;
    let baseline = super::scan::baseline(&args.judge, voice)?;
    let frameworks = args.compliance_dir.as_deref().map(Frameworks::with_dir).transpose()?;
    let mut result = read_all(&args.files, args.from.as_deref(), &options(&args.root, args.strip.as_deref()), voice)?;
    result.target = args.root.display().to_string();
    let sources = DirSources::new(&args.root);
    if args.raw {
        identity::identify(&mut result.findings, &sources);
        identity::number(&mut result.findings);
    } else {
        let default = Config::default();
        let options = PipelineOptions {
            config: if args.judge.no_suppress { &default } else { &config },
            baseline: baseline.as_ref(),
            suppress: !args.judge.no_suppress,
            frameworks: frameworks.as_ref().unwrap_or_else(|| Frameworks::builtin()),
            sources: &sources,
        };
        let mut done = pipeline::run(std::mem::take(&mut result.findings), &options);
        super::scan::tell(&done, voice);
        result.findings = std::mem::take(&mut done.findings);
    }
    let options = output::options(gate, voice);
    let risk_score = Some(score::risk_score(&result.findings));
    output::write_all(&args.show, &targets, &RenderInput { options, risk_score, ..RenderInput::new(&result) }, voice)?;
    if args.raw {
        return Ok(Exit::Ok);
    }
    Ok(super::scan::judge(&result, gate, &args.judge, voice))
}

/// Where the paths of the reports start: as told, else the folder itself.
pub(crate) fn options(root: &Path, strip: Option<&str>) -> IngestOptions {
    let root = strip.map(str::to_owned).or_else(|| std::fs::canonicalize(root).ok().map(|full| path::from_os(&full)));
    IngestOptions { root, ..IngestOptions::default() }
}

/// Reads every report. One that cannot be read ends it: half a result would look like a whole one.
pub(crate) fn read_all(
    files: &[impl AsRef<Path>],
    format: Option<&str>,
    options: &IngestOptions,
    voice: Voice,
) -> Result<ScanResult> {
    let mut all = ScanResult::default();
    for file in files.iter().map(AsRef::as_ref) {
        let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
        let read = read(file, format, options).map_err(|error| error.in_file(&name))?;
        for run in read.scanners.iter().filter(|run| run.status != ScannerStatus::Ok) {
            let why = run.reason.as_deref().unwrap_or("no reason given");
            voice.warn(&format!("{name}: {} is {}: {why}", run.name, run.status.as_str()));
        }
        if voice.verbose {
            let tools: Vec<_> = read.scanners.iter().map(|run| run.name.as_str()).collect();
            voice.note(&format!("{name}: {} findings of {}", read.findings.len(), tools.join(", ")));
        }
        all.scanners.extend(read.scanners);
        all.findings.extend(read.findings);
    }
    Ok(all)
}

fn read(file: &Path, format: Option<&str>, options: &IngestOptions) -> Result<ScanResult> {
    if file == Path::new("-") {
        return ingest::parse_reader(std::io::stdin().lock(), format, options);
    }
    let io = |e: std::io::Error| Error::io(file.display().to_string(), &e);
    let meta = std::fs::metadata(file).map_err(io)?;
    if meta.is_dir() {
        return Err(Error::invalid("it is a folder").hint("name a report"));
    }
    if meta.is_file() && meta.len() <= IN_MEMORY {
        return ingest::parse(&std::fs::read(file).map_err(io)?, format, options);
    }
    ingest::parse_reader(File::open(file).map_err(io)?, format, options)
}
