//! Go: `go.mod`. Licences are in the licence files of vendored copies.

use super::{Entry, line_number};

/// Reads the `require` directives.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut out = Vec::new();
    let mut inside = false;
    for (i, raw) in text.lines().enumerate() {
        let (code, comment) = raw.split_once("//").unwrap_or((raw, ""));
        let code = code.trim();
        let spec = match (inside, code) {
            (true, ")") => {
                inside = false;
                continue;
            }
            (true, spec) => spec,
            (false, "require (" | "require(") => {
                inside = true;
                continue;
            }
            (false, line) => match line.strip_prefix("require ") {
                Some(spec) => spec.trim(),
                None => continue,
            },
        };
        let mut words = spec.split_whitespace().map(|w| w.trim_matches('"'));
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        out.push(Entry {
            name: name.to_owned(),
            version: version.to_owned(),
            line: line_number(i),
            direct: Some(comment.trim() != "indirect"),
            installed: vec![format!("vendor/{name}")],
            ..Entry::default()
        });
    }
    Ok(out)
}
