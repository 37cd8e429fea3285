//! Writes the bindings: `uniffi-bindgen generate --library … --language … --out-dir …`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
