//! Name and exports of the shared library: `libsecurescan.so.1` (the ABI version), and `securescan_*` alone.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=securescan.map");
    let os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    match os.as_str() {
        "linux" | "android" | "freebsd" | "netbsd" | "openbsd" => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libsecurescan.so.1");
            println!("cargo::rustc-cdylib-link-arg=-Wl,--version-script={folder}/securescan.map");
        }
        "macos" => println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libsecurescan.1.dylib"),
        _ => {}
    }
}
