//! The Dockerfile scanner over any text: lines stay inside the file.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let lines = u32::try_from(text.lines().count().max(1)).unwrap_or(u32::MAX);
    for finding in securescan_core::scanners::scan_text("Dockerfile", text) {
        assert!(finding.line.is_none_or(|line| line >= 1 && line <= lines), "{finding:?}");
    }
});
