//! Generated files that are committed: written by `codegen`, compared by `check`.

use crate::shell::root;
use std::path::{Path, PathBuf};

fn header_path() -> PathBuf {
    root().join("securescan-ffi/include/securescan.h")
}

/// Writes every generated file.
pub(crate) fn write() -> Result<String, String> {
    let path = header_path();
    let text = header()?;
    let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, &text));
    written.map_err(|e| format!("{}: {e}", path.display()))?;
    crate::abi::write(&text)?;
    Ok("wrote securescan-ffi/include/securescan.h and securescan-ffi/abi.txt".to_owned())
}

/// Compares every generated file with what it should be.
pub(crate) fn check() -> Result<String, String> {
    let committed = std::fs::read_to_string(header_path()).unwrap_or_default();
    if committed == header()? {
        crate::abi::check(&committed)?;
        return Ok("the header is fresh, and the binary interface what it was".to_owned());
    }
    Err("securescan-ffi/include/securescan.h is stale; run `cargo xtask codegen`".to_owned())
}

/// The C header, from the sources of the C ABI.
fn header() -> Result<String, String> {
    let folder = root().join("securescan-ffi");
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml"))?;
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in sources(&folder.join("src"))? {
        builder = builder.with_src(source);
    }
    let bindings = builder.generate().map_err(|e| format!("cbindgen: {e}"))?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).map_err(|e| e.to_string())
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<_> =
        entries.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.extension().is_some_and(|e| e == "rs")).collect();
    // It names the others, which would then be read twice.
    files.retain(|p| p.file_name().is_none_or(|name| name != "lib.rs"));
    files.sort();
    Ok(files)
}
