//! The secrets scanner over any bytes: no finding shows the secret it found.
#![no_main]
use libfuzzer_sys::fuzz_target;
use securescan_core::scanners::builtin::secrets;

fuzz_target!(|bytes: &[u8]| {
    for finding in secrets::scan_bytes("a.txt", bytes, secrets::builtin()) {
        if let Some(secret) = &finding.secret {
            let shown = finding.metadata.extra.get("redacted_match").and_then(|v| v.as_str()).unwrap_or_default();
            assert!(secret.value.len() < 12 || !shown.contains(&secret.value), "shown whole");
        }
    }
});
