//! Inline directives in files of several languages.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for path in ["a.py", "a.js", "a.sql", "a.html", "a"] {
        let marks = securescan_core::suppress::marks(path, bytes);
        assert!(marks.iter().all(|m| !m.rule_ids.is_empty()));
        let _ = securescan_core::suppress::audit(path, bytes);
    }
});
