//! Dart's pub: `pubspec.lock`, machine-written YAML, read by lines.

use super::{Entry, Role, hashes, line_number};

/// Reads the packages; those by path are the project's own, those of the SDK are no packages to fetch.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut out: Vec<Entry> = Vec::new();
    let (mut inside, mut known, mut sdk) = (false, false, Vec::new());
    for (i, raw) in text.lines().enumerate() {
        let line = raw.trim_end();
        let rest = line.trim_start_matches(' ');
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        let (key, value) = rest.split_once(':').unwrap_or((rest, ""));
        let (key, value) = (key.trim_matches(['"', '\'']), value.trim().trim_matches(['"', '\'']));
        match (line.len() - rest.len(), out.last_mut()) {
            (0, _) => {
                inside = line == "packages:";
                known = known || inside || line.starts_with("sdks:");
            }
            (2, _) if inside => out.push(Entry { name: key.to_owned(), line: line_number(i), ..Entry::default() }),
            (4, Some(entry)) if inside => match (key, value) {
                ("dependency", kind) => {
                    entry.direct = Some(kind.starts_with("direct"));
                    entry.dev = kind.starts_with("direct").then(|| kind == "direct dev");
                }
                ("version", version) => entry.version = version.to_owned(),
                ("source", "path") => entry.role = Role::Local,
                ("source", "sdk") => sdk.push(out.len() - 1),
                _ => {}
            },
            (6, Some(entry)) if inside && key == "sha256" => entry.hashes.extend(hashes::plain("sha256", value)),
            _ => {}
        }
    }
    if !known && !text.trim().is_empty() {
        return Err("not readable: no `packages`".to_owned());
    }
    for at in sdk {
        if let Some(entry) = out.get_mut(at) {
            entry.version.clear();
        }
    }
    Ok(out)
}
