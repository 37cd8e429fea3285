//! The binary interface as a list: every function of the header with its types, one a line. What stands there must stay as long as
//! `SECURESCAN_ABI_VERSION` does; adding is free.

use crate::shell::root;
use std::collections::BTreeSet;
use std::path::PathBuf;

fn path() -> PathBuf {
    root().join("securescan-ffi/abi.txt")
}

/// The list of a header: its version, then functions and callback types, white space made one.
pub(crate) fn list(header: &str) -> String {
    let version = header.lines().find_map(|line| line.strip_prefix("#define SECURESCAN_ABI_VERSION ")).unwrap_or("0");
    let code = without_comments(header);
    let one = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let declared = code.split([';', '{', '}']).map(one).filter(|text| text.contains("securescan_") && text.ends_with(')'));
    let plain = declared.filter(|text| !text.starts_with("static ") && !text.starts_with('#') && !text.contains("extern \"C\""));
    let values =
        code.split(',').map(one).filter(|text| text.rsplit("{ ").next().is_some_and(|t| t.starts_with("SECURESCAN_STATUS_")));
    let values = values.filter_map(|text| text.rsplit("{ ").next().map(str::to_owned));
    let all: BTreeSet<String> =
        plain.map(|text| text.trim_start_matches("#endif // __cplusplus ").to_owned()).chain(values).collect();
    let lines: Vec<String> = all.into_iter().filter(|line| !line.contains('#')).collect();
    format!("abi {version}\n{}\n", lines.join("\n"))
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n")
}

/// Whether the committed list allows this header.
///
/// # Errors
/// What is gone or changed without a step of the version; that the list is stale.
pub(crate) fn check(header: &str) -> Result<(), String> {
    let (new, old) = (list(header), std::fs::read_to_string(path()).unwrap_or_default());
    allowed(&old, &new)?;
    if old == new { Ok(()) } else { Err("securescan-ffi/abi.txt is stale; run `cargo xtask codegen`".to_owned()) }
}

/// Writes the list.
///
/// # Errors
/// As [`check`] for what is gone.
pub(crate) fn write(header: &str) -> Result<(), String> {
    let (new, old) = (list(header), std::fs::read_to_string(path()).unwrap_or_default());
    allowed(&old, &new)?;
    std::fs::write(path(), new).map_err(|e| format!("{}: {e}", path().display()))
}

fn allowed(old: &str, new: &str) -> Result<(), String> {
    if old.lines().next() != new.lines().next() {
        return Ok(());
    }
    let there: BTreeSet<&str> = new.lines().collect();
    match old.lines().find(|line| !there.contains(line)) {
        None => Ok(()),
        Some(gone) => Err(format!("the binary interface lost `{gone}`; raise SECURESCAN_ABI_VERSION or put it back")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "#define SECURESCAN_ABI_VERSION 1\nenum securescan_status {\n /* a; b */\n SECURESCAN_STATUS_OK = 0,\n SECURESCAN_STATUS_IO = 9,\n};\n\
        typedef int32_t (*securescan_event_callback)(void *a,\n   int b);\n#ifdef __cplusplus\nextern \"C\" {\n#endif // __cplusplus\n\
        securescan_status securescan_call(int op,\n    int request);\n";

    #[test]
    fn what_is_gone_needs_a_new_version() {
        let text = list(HEADER);
        assert_eq!(
            text,
            "abi 1\nSECURESCAN_STATUS_IO = 9\nSECURESCAN_STATUS_OK = 0\nsecurescan_status securescan_call(int op, int request)\n\
             typedef int32_t (*securescan_event_callback)(void *a, int b)\n"
        );
        let more = list(&format!("{HEADER}int securescan_more(void);\n"));
        assert!(allowed(&text, &more).is_ok() && more.lines().count() == text.lines().count() + 1);
        assert!(allowed(&more, &text).unwrap_err().contains("lost `int securescan_more(void)`"));
        assert!(allowed(&text, &list(&HEADER.replace("int op", "long op"))).is_err());
        assert!(allowed(&text, &list(&HEADER.replace("int op", "long op").replace("VERSION 1", "VERSION 2"))).is_ok());
    }
}
