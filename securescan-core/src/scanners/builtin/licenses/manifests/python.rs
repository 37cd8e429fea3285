//! Python: TOML lock files, `Pipfile.lock` and `requirements*.txt`. Licences are in the metadata of installed copies.

use super::{Entry, json_error, line_number};
use crate::scanners::builtin::licenses::json_lines::{Step, visit};
use serde_json::Value;

/// `poetry.lock`, `uv.lock`, `pdm.lock`, `pylock.toml`: the `[[package]]` or `[[packages]]` tables, by lines.
pub(super) fn toml_lock(text: &str) -> Result<Vec<Entry>, String> {
    let mut out: Vec<Entry> = Vec::new();
    let mut open: Option<(Entry, bool)> = None;
    for (i, line) in text.lines().enumerate() {
        if line.starts_with("[[package]]") || line.starts_with("[[packages]]") {
            out.extend(open.take().filter(|(_, own)| !*own).map(|(e, _)| e));
            open = Some((Entry { line: line_number(i), ..Entry::default() }, false));
            continue;
        }
        if line.starts_with('[') {
            // A sub-table's keys are not the package's.
            out.extend(open.take().filter(|(_, own)| !*own).map(|(e, _)| e));
            continue;
        }
        let (Some((entry, own)), Some((key, value))) = (open.as_mut(), line.split_once(" = ")) else { continue };
        match key {
            "name" => {
                entry.name = quoted(value);
                entry.line = line_number(i);
            }
            "version" => entry.version = quoted(value),
            "category" => entry.dev = Some(quoted(value) == "dev"),
            // uv names the project and its members like this.
            "source" => *own = ["editable", "virtual", "directory"].iter().any(|k| value.starts_with(&format!("{{ {k} = "))),
            _ => {}
        }
    }
    out.extend(open.filter(|(_, own)| !*own).map(|(e, _)| e));
    out.retain(|e| !e.name.is_empty());
    Ok(out)
}

fn quoted(value: &str) -> String {
    let value = value.trim();
    let mark = if value.starts_with('\'') { '\'' } else { '"' };
    value.split(mark).nth(1).unwrap_or_default().to_owned()
}

/// `Pipfile.lock`: the members of `default` and `develop`.
pub(super) fn pipfile(text: &str) -> Result<Vec<Entry>, String> {
    let lock: Value = serde_json::from_str(text).map_err(|e| json_error(&e))?;
    let mut out = Vec::new();
    visit(text, |path, line| {
        let [Step::Key(group @ ("default" | "develop")), Step::Key(name)] = path else { return };
        let version = lock.get(group).and_then(|g| g.get(name)).and_then(|p| p.get("version")).and_then(Value::as_str);
        out.push(Entry {
            name: (*name).to_owned(),
            version: version.unwrap_or_default().trim_start_matches('=').to_owned(),
            line: Some(line),
            dev: Some(*group == "develop"),
            ..Entry::default()
        });
    });
    Ok(out)
}

/// `requirements*.txt`: one requirement a line; options, URLs and paths are left out.
pub(super) fn requirements(text: &str) -> Result<Vec<Entry>, String> {
    let mut out = Vec::new();
    let mut continued = false;
    for (i, raw) in text.lines().enumerate() {
        let line = raw.split(" #").next().unwrap_or_default().trim();
        let is_rest = std::mem::replace(&mut continued, line.ends_with('\\'));
        if is_rest || !line.starts_with(|c: char| c.is_ascii_alphanumeric()) || line.contains("://") && !line.contains('@') {
            continue;
        }
        let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))).unwrap_or(line.len());
        let (name, rest) = (line.get(..end).unwrap_or_default(), line.get(end..).unwrap_or_default());
        if !rest.trim_start().starts_with(['=', '<', '>', '!', '~', ';', '@', '[', '(', '\\']) && !rest.trim().is_empty() {
            continue;
        }
        let rest = rest.split([';', '\\']).next().unwrap_or_default();
        let rest = rest.rsplit(']').next().unwrap_or_default().trim();
        let version = rest.strip_prefix("==").map(|v| v.trim_start_matches('=').trim()).unwrap_or_default();
        let version = version.split_whitespace().next().filter(|v| !v.contains([',', '*'])).unwrap_or_default();
        out.push(Entry {
            name: name.to_owned(),
            version: version.to_owned(),
            line: line_number(i),
            direct: Some(true),
            ..Entry::default()
        });
    }
    Ok(out)
}
