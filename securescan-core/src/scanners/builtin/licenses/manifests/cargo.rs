//! Cargo: `Cargo.lock`. Licences are in the `Cargo.toml` of vendored copies.

use super::{Entry, line_number};

/// Reads the `[[package]]` tables by lines; packages without a `source` are the project's own.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut out = Vec::new();
    let mut open: Option<(Entry, bool)> = None;
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            out.extend(open.take().filter(|(_, foreign)| *foreign).map(|(e, _)| e));
            open = (line == "[[package]]").then(|| (Entry { line: line_number(i), ..Entry::default() }, false));
            continue;
        }
        let (Some((entry, foreign)), Some((key, value))) = (open.as_mut(), line.split_once(" = ")) else { continue };
        let value = value.trim_matches('"');
        match key {
            "name" => {
                entry.name = value.to_owned();
                entry.line = line_number(i);
            }
            "version" => entry.version = value.to_owned(),
            "source" => *foreign = true,
            _ => {}
        }
    }
    out.extend(open.filter(|(_, foreign)| *foreign).map(|(e, _)| e));
    for entry in &mut out {
        entry.installed = vec![format!("vendor/{}-{}", entry.name, entry.version), format!("vendor/{}", entry.name)];
    }
    Ok(out)
}
