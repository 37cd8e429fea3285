//! The configuration file: parse and lint agree on whether a text is valid, and never panic.
#![no_main]
use libfuzzer_sys::fuzz_target;
use securescan_core::config::{Config, IssueSeverity};

fuzz_target!(|text: &str| {
    let parsed = Config::parse(text, "fuzz.yml");
    let issues = Config::lint(text, "fuzz.yml", &|_| true);
    assert_eq!(parsed.is_err(), issues.iter().any(|i| i.severity == IssueSeverity::Error), "{parsed:?} {issues:?}");
});
