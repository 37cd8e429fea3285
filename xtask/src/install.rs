//! The C library in a prefix, as packages have it: shared with its version links, static, headers, pkg-config, CMake.

use crate::shell::{cargo, root, run, target};
use std::path::{Path, PathBuf};

/// The version of the interface: `SECURESCAN_ABI_VERSION`.
const ABI: &str = "1";

/// Builds and installs; gives the prefix.
///
/// # Errors
/// What failed, one line.
pub(crate) fn c(prefix: &Path, release: bool) -> Result<String, String> {
    let mut build = cargo();
    build.args(["build", "--quiet", "-p", "securescan-ffi"]);
    if release {
        build.arg("--release");
    }
    run(&mut build).map_err(|failure| failure.why)?;
    let prefix = std::path::absolute(prefix).map_err(|e| e.to_string())?;
    let built = target().join(if release { "release" } else { "debug" });
    let source = root().join("securescan-ffi");
    let version = env!("CARGO_PKG_VERSION");
    let (lib, include) = (prefix.join("lib"), prefix.join("include"));
    let real = format!("libsecurescan.so.{version}");
    copy(&built.join("libsecurescan.so"), &lib.join(&real))?;
    copy(&built.join("libsecurescan.a"), &lib.join("libsecurescan.a"))?;
    for (name, to) in
        [(format!("libsecurescan.so.{ABI}"), &real), ("libsecurescan.so".to_owned(), &format!("libsecurescan.so.{ABI}"))]
    {
        link(to, &lib.join(name))?;
    }
    for header in ["securescan.h", "securescan.hpp"] {
        copy(&source.join("include").join(header), &include.join(header))?;
    }
    let cmake = lib.join("cmake/securescan");
    for (template, to) in [
        ("securescan.pc.in", lib.join("pkgconfig/securescan.pc")),
        ("securescanConfig.cmake.in", cmake.join("securescanConfig.cmake")),
        ("securescanConfigVersion.cmake.in", cmake.join("securescanConfigVersion.cmake")),
    ] {
        let text = std::fs::read_to_string(source.join("install").join(template)).map_err(|e| format!("{template}: {e}"))?;
        let text = text.replace("@PREFIX@", &prefix.display().to_string()).replace("@VERSION@", version).replace("@ABI@", ABI);
        made(&to)?;
        std::fs::write(&to, text).map_err(|e| format!("{}: {e}", to.display()))?;
    }
    Ok(format!("installed into {}", prefix.display()))
}

fn made(file: &Path) -> Result<(), String> {
    let folder = file.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    made(to)?;
    std::fs::copy(from, to).map(|_| ()).map_err(|e| format!("{}: {e}", from.display()))
}

#[cfg(unix)]
fn link(to: &str, at: &Path) -> Result<(), String> {
    let _ = std::fs::remove_file(at);
    std::os::unix::fs::symlink(to, at).map_err(|e| format!("{}: {e}", at.display()))
}

#[cfg(not(unix))]
fn link(to: &str, at: &Path) -> Result<(), String> {
    copy(&at.with_file_name(to), at)
}
