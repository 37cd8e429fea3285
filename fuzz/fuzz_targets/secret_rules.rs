//! Custom secret rules: any TOML is read or refused.
#![no_main]
use libfuzzer_sys::fuzz_target;
use securescan_core::scanners::builtin::secrets;

fuzz_target!(|text: &str| {
    let _ = secrets::parse_rules(text, "fuzz.toml");
});
