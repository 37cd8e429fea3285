//! Paths as findings carry them: relative to the scan root, `/`-separated, confined.

/// Normalises a path for a finding: `\` to `/`, `.`, `..` and doubled `/` resolved, relative to `root` when it lies
/// under it. A path that climbs out of the root keeps its leading `..` so that it can be refused by whoever opens it.
pub fn normalize(path: &str, root: Option<&str>) -> String {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("//?/").unwrap_or(&path);
    let path = match root {
        Some(root) => {
            let root = root.replace('\\', "/");
            let root = root.trim_end_matches('/');
            match path.strip_prefix(root) {
                Some(rest) if rest.starts_with('/') => rest.trim_start_matches('/').to_owned(),
                Some("") => String::new(),
                _ => path.to_owned(),
            }
        }
        None => path.to_owned(),
    };
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." => {
                    parts.pop();
                }
                _ if absolute => {}
                _ => parts.push(".."),
            },
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

/// Whether a normalised path stays inside the root: relative and without a leading `..`.
pub fn is_confined(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && path != ".."
        && !path.starts_with("../")
        && path.as_bytes().get(1) != Some(&b':')
}

/// A path of the operating system as findings write it: `/`-separated; bytes that are not UTF-8 as `%XX`, and then a
/// literal `%` as `%25` so that [`to_os`] can read it back.
pub fn from_os(path: &std::path::Path) -> String {
    #[cfg(unix)]
    {
        use std::fmt::Write;
        use std::os::unix::ffi::OsStrExt;
        let bytes = path.as_os_str().as_bytes();
        if let Ok(text) = std::str::from_utf8(bytes) {
            return text.to_owned();
        }
        let mut out = String::with_capacity(bytes.len() + 8);
        for chunk in bytes.utf8_chunks() {
            out.push_str(&chunk.valid().replace('%', "%25"));
            for byte in chunk.invalid() {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    }
    #[cfg(not(unix))]
    path.to_string_lossy().replace('\\', "/")
}

/// The reverse of [`from_os`]: a path that holds `%XX` escapes of bytes outside UTF-8 becomes those bytes again.
pub fn to_os(path: &str) -> std::path::PathBuf {
    #[cfg(unix)]
    if path.contains('%') {
        use std::os::unix::ffi::OsStringExt;
        let mut bytes = Vec::with_capacity(path.len());
        let mut rest = path.as_bytes();
        while let Some((first, tail)) = rest.split_first() {
            let hex = tail.get(..2).and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
            match (first, hex) {
                (b'%', Some(byte)) => {
                    bytes.push(byte);
                    rest = tail.get(2..).unwrap_or_default();
                }
                _ => {
                    bytes.push(*first);
                    rest = tail;
                }
            }
        }
        if std::str::from_utf8(&bytes).is_err() {
            return std::ffi::OsString::from_vec(bytes).into();
        }
    }
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_forms() {
        assert_eq!(normalize("./a//b/../c.py", None), "a/c.py");
        assert_eq!(normalize("/src/app/x.py", Some("/src")), "app/x.py");
        assert_eq!(normalize("a\\b", None), "a/b");
        assert_eq!(normalize("../x", None), "../x");
        assert!(!is_confined("../x") && !is_confined("/etc/passwd") && is_confined("a/b") && !is_confined("C:/x"));
    }
}
