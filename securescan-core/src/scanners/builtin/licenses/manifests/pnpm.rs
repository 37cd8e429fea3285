//! pnpm: `pnpm-lock.yaml`, versions 5 to 9. Names and versions; licences are not in it.
//!
//! Only the keys of the top-level map `packages` matter, so it is read by lines instead of through a YAML parser: the
//! file is machine-written and its line numbers are wanted anyway.

use super::{Entry, line_number};

/// Reads the keys of `packages:`.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut out: Vec<Entry> = Vec::new();
    let mut inside = false;
    for (i, raw) in text.lines().enumerate() {
        let line = raw.trim_end();
        if !line.starts_with([' ', '#']) && !line.is_empty() {
            inside = line == "packages:";
            continue;
        }
        let Some(rest) = line.strip_prefix("  ").filter(|_| inside) else { continue };
        if let Some(field) = rest.strip_prefix("  ") {
            if let Some(entry) = out.last_mut() {
                set_field(entry, field);
            }
            continue;
        }
        if let Some((name, version)) = rest.strip_suffix(':').or_else(|| rest.split_once(": {").map(|(k, _)| k)).and_then(key) {
            out.push(Entry { name, version, line: line_number(i), ..Entry::default() });
        }
    }
    for entry in &mut out {
        let (name, version) = (&entry.name, &entry.version);
        let store = format!("node_modules/.pnpm/{}@{version}/node_modules/{name}", name.replace('/', "+"));
        entry.installed = vec![format!("node_modules/{name}"), store];
    }
    Ok(out)
}

fn set_field(entry: &mut Entry, field: &str) {
    let Some((key, value)) = field.split_once(": ") else { return };
    let value = value.trim_matches(['\'', '"']);
    match key {
        "name" => entry.name = value.to_owned(),
        "version" => entry.version = value.to_owned(),
        "dev" => entry.dev = Some(value == "true"),
        _ => {}
    }
}

/// Name and version of `/name/1.0.0_peer`, `/name@1.0.0(peer)` or `name@1.0.0`.
fn key(text: &str) -> Option<(String, String)> {
    let text = text.trim_matches(['\'', '"']);
    let text = text.split('(').next()?;
    let slashed = text.strip_prefix('/');
    let text = slashed.unwrap_or(text);
    let from = usize::from(text.starts_with('@'));
    let at = text.get(from..)?.rfind('@').map(|p| p + from);
    let cut = at.or_else(|| slashed.and_then(|_| text.rfind('/')))?;
    let name = text.get(..cut).filter(|n| !n.is_empty())?;
    let version = text.get(cut + 1..)?;
    let version = version.split('_').next()?;
    Some((name.to_owned(), version.to_owned()))
}
