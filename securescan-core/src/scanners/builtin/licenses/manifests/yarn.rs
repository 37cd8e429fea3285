//! Yarn: `yarn.lock` of the classic and the modern (YAML) form. Names and versions; licences are not in it.

use super::{Entry, line_number};

/// Reads `yarn.lock`, line by line: both forms have an unindented header and indented fields.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut out: Vec<Entry> = Vec::new();
    let mut open: Option<Entry> = None;
    let mut workspace = false;
    for (i, raw) in text.lines().enumerate() {
        let line = raw.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !line.starts_with([' ', '\t']) {
            out.extend(open.take().filter(|_| !workspace));
            workspace = false;
            open = header(line).map(|name| Entry { name, line: line_number(i), ..Entry::default() });
            continue;
        }
        let Some(entry) = open.as_mut() else { continue };
        // Only fields of the entry itself, two spaces deep; deeper lines are its dependencies.
        let Some(field) = line.strip_prefix("  ").filter(|f| !f.starts_with(' ')) else { continue };
        if let Some(version) = value(field, "version") {
            entry.version = version.to_owned();
        } else if let Some(resolution) = value(field, "resolution") {
            workspace = resolution.contains("@workspace:");
            if let Some((name, _)) = split_spec(resolution) {
                entry.name = name.to_owned();
            }
        }
    }
    out.extend(open.filter(|_| !workspace));
    for entry in &mut out {
        entry.installed = vec![format!("node_modules/{}", entry.name)];
    }
    Ok(out)
}

/// The name in `a@^1, a@~1.2:` or `"a@npm:^1":`; an alias `b@npm:a@^1` gives its target.
fn header(line: &str) -> Option<String> {
    let line = line.strip_suffix(':')?;
    let first = line.split(',').next()?.trim().trim_matches('"');
    if first == "__metadata" {
        return None;
    }
    let (name, range) = split_spec(first)?;
    let target = range.strip_prefix("npm:").and_then(split_spec).map(|(target, _)| target);
    Some(target.unwrap_or(name).to_owned())
}

/// Splits `@scope/name@range` after the name.
fn split_spec(spec: &str) -> Option<(&str, &str)> {
    let from = usize::from(spec.starts_with('@'));
    let at = from + spec.get(from..)?.find('@')?;
    let name = spec.get(..at).filter(|n| !n.is_empty())?;
    Some((name, spec.get(at + 1..)?))
}

/// The value of `key "value"`, `key: value` or `key: "value"`.
fn value<'a>(field: &'a str, key: &str) -> Option<&'a str> {
    let rest = field.strip_prefix(key)?;
    let rest = rest.strip_prefix(':').or_else(|| rest.starts_with(' ').then_some(rest))?;
    Some(rest.trim().trim_matches('"'))
}
