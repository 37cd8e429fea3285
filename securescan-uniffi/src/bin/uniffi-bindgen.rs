//! Writes the bindings: `uniffi-bindgen generate --language … --out-dir … LIBRARY`. See `docs/uniffi.md`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
