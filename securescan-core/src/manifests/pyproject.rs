//! Python: what `pyproject.toml` and `Pipfile` ask for. What builds the project is not part of it.

use super::requirements::requirement;
use super::{Entry, tables};
use toml::{Table, Value};

/// Reads `[project]`, `[dependency-groups]` and poetry's own tables.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let manifest = tables::document(text)?;
    let mut out = Vec::new();
    let project = manifest.get("project");
    let own = tables::list(project.and_then(|p| p.get("dependencies")));
    out.extend(own.iter().filter_map(|r| listed(r, false, false)));
    let extras = tables::lists(project.and_then(|p| p.get("optional-dependencies")));
    out.extend(extras.filter_map(|r| listed(r, false, true)));
    out.extend(tables::lists(manifest.get("dependency-groups")).filter_map(|r| listed(r, true, false)));
    let tool = |name: &str, key: &str| manifest.get("tool")?.get(name)?.get(key);
    out.extend(tables::lists(tool("pdm", "dev-dependencies")).filter_map(|r| listed(r, true, false)));
    out.extend(tables::list(tool("uv", "dev-dependencies")).iter().filter_map(|r| listed(r, true, false)));
    named(tool("poetry", "dependencies"), false, &mut out);
    named(tool("poetry", "dev-dependencies"), true, &mut out);
    let groups = tool("poetry", "group").and_then(Value::as_table).into_iter().flatten();
    groups.for_each(|(_, group)| named(group.get("dependencies"), true, &mut out));
    Ok(out)
}

/// `Pipfile`: `[packages]` and `[dev-packages]`.
pub(super) fn pipfile(text: &str) -> Result<Vec<Entry>, String> {
    let manifest = tables::document(text)?;
    let mut out = Vec::new();
    named(manifest.get("packages"), false, &mut out);
    named(manifest.get("dev-packages"), true, &mut out);
    Ok(out)
}

fn listed(value: &Value, dev: bool, optional: bool) -> Option<Entry> {
    Some(Entry { dev: Some(dev), optional, ..requirement(value.as_str()?.trim())? })
}

/// Dependencies by name: a range, or a table with one. The language itself is no package.
fn named(table: Option<&Value>, dev: bool, out: &mut Vec<Entry>) {
    let members = table.and_then(Value::as_table).into_iter().flatten();
    for (name, spec) in members.filter(|(name, _)| *name != "python") {
        let range = match spec {
            Value::String(range) => range.as_str(),
            Value::Table(spec) if spec.contains_key("path") => continue,
            Value::Table(spec) => range_of(spec),
            _ => "",
        };
        let optional = spec.get("optional").and_then(Value::as_bool).unwrap_or(false);
        let exact = range.strip_prefix("==").unwrap_or_default().trim();
        let pinned = !exact.is_empty() && !exact.contains([',', '*', ' ']);
        out.push(Entry {
            name: name.clone(),
            version: if pinned { exact.to_owned() } else { String::new() },
            declared: Some(range.to_owned()).filter(|r| !pinned && !r.is_empty()),
            direct: Some(true),
            dev: Some(dev),
            optional,
            ..Entry::default()
        });
    }
}

fn range_of(spec: &Table) -> &str {
    let text = |key: &str| Some(tables::text(spec, key)).filter(|t| !t.is_empty());
    text("version").or_else(|| text("git")).or_else(|| text("url")).unwrap_or_default()
}
