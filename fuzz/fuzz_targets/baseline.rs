//! The baseline file: what is read can be written and read again to the same bytes.
#![no_main]
use libfuzzer_sys::fuzz_target;
use securescan_core::baseline::Baseline;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(baseline) = Baseline::parse(bytes, "fuzz.json") {
        let once = baseline.to_bytes();
        let again = Baseline::parse(&once, "fuzz.json").expect("own output is readable").to_bytes();
        assert_eq!(once, again);
    }
});
