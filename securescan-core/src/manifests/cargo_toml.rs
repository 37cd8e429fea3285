//! Cargo: `Cargo.toml`, what a crate or a workspace asks for.

use super::{Entry, tables};
use toml::{Table, Value};

const GROUPS: &[(&str, bool)] =
    &[("dependencies", false), ("dev-dependencies", true), ("dev_dependencies", true), ("build-dependencies", false)];

/// Reads the dependencies of the package, its targets and its workspace; those by path are the project's own.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let manifest = tables::document(text)?;
    let mut out = Vec::new();
    groups(&manifest, &mut out);
    for target in manifest.get("target").and_then(Value::as_table).into_iter().flatten() {
        target.1.as_table().into_iter().for_each(|target| groups(target, &mut out));
    }
    manifest.get("workspace").and_then(Value::as_table).into_iter().for_each(|workspace| groups(workspace, &mut out));
    Ok(out)
}

fn groups(table: &Table, out: &mut Vec<Entry>) {
    for (group, dev) in GROUPS {
        let members = table.get(*group).and_then(Value::as_table).into_iter().flatten();
        out.extend(members.filter_map(|(name, spec)| entry(name, spec, *dev)));
    }
}

fn entry(name: &str, spec: &Value, dev: bool) -> Option<Entry> {
    let (real, declared, optional) = match spec {
        Value::String(version) => (name, Some(version.clone()), false),
        Value::Table(spec) if spec.contains_key("path") && !spec.contains_key("version") => return None,
        Value::Table(spec) => (
            spec.get("package").and_then(Value::as_str).unwrap_or(name),
            spec.get("version").and_then(Value::as_str).map(str::to_owned),
            spec.get("optional").and_then(Value::as_bool).unwrap_or(false),
        ),
        _ => return None,
    };
    Some(Entry { name: real.to_owned(), declared, direct: Some(true), dev: Some(dev), optional, ..Entry::default() })
}
