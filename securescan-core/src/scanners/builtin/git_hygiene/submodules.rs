//! `.gitmodules`: where submodules come from.

use super::findings;
use crate::scanners::{Outcome, ScanContext};

/// Looks at the `.gitmodules` in the root.
pub(super) fn check(context: &ScanContext<'_>, out: &mut Outcome) {
    let Some(file) = context.files.iter().find(|f| f.path == ".gitmodules") else { return };
    match context.read(file) {
        Ok(bytes) => out.findings.extend(read(&String::from_utf8_lossy(&bytes))),
        Err(skipped) => out.skipped.push(skipped),
    }
}

/// The findings in the text of a `.gitmodules`.
pub(super) fn read(text: &str) -> Vec<crate::model::Finding> {
    let mut out = Vec::new();
    for (line, number) in text.lines().zip(1u32..) {
        let Some((key, value)) = line.split_once('=') else { continue };
        let key = key.trim().to_ascii_lowercase();
        let value = value.trim().trim_matches('"');
        let climbs = key == "path" && (value.starts_with('/') || value.split('/').any(|p| p == ".."));
        let runs = key == "update" && value.starts_with('!');
        if matches!(key.as_str(), "url" | "path") && value.starts_with('-') || climbs || runs {
            out.push(findings::hostile_submodule(number, &key));
            continue;
        }
        let scheme = ["http://", "git://", "ftp://"].into_iter().find(|s| value.to_ascii_lowercase().starts_with(s));
        let is_local = value.split_once("://").is_some_and(|(_, rest)| rest.starts_with("localhost") || rest.starts_with("127."));
        if let Some(scheme) = scheme.filter(|_| key == "url" && !is_local) {
            out.push(findings::insecure_submodule(number, scheme.trim_end_matches("://")));
        }
    }
    out
}
