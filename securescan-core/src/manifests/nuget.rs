//! NuGet: `packages.lock.json`, by target framework.

use super::graph::connect;
use super::json_lines::{Step, visit};
use super::{Entry, Role, hashes, json_error, text_of};
use serde_json::Value;
use std::collections::HashMap;

/// Reads the packages of all target frameworks; projects are members.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let lock: Value = serde_json::from_str(text).map_err(|e| json_error(&e))?;
    let mut lines: HashMap<(&str, &str), u32> = HashMap::new();
    visit(text, |path, line| {
        if let [Step::Key("dependencies"), Step::Key(framework), Step::Key(name)] = path {
            lines.insert((framework, name), line);
        }
    });
    let mut out: Vec<Entry> = Vec::new();
    let mut needs: Vec<Vec<usize>> = Vec::new();
    for (framework, packages) in lock.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
        let Some(packages) = packages.as_object() else { continue };
        let first = out.len();
        let at: HashMap<String, usize> =
            packages.keys().enumerate().map(|(i, name)| (name.to_ascii_lowercase(), first + i)).collect();
        for (name, package) in packages {
            let kind = text_of(package.get("type"));
            out.push(Entry {
                name: name.clone(),
                version: text_of(package.get("resolved")).to_owned(),
                line: lines.get(&(framework.as_str(), name.as_str())).copied(),
                direct: Some(kind.eq_ignore_ascii_case("direct")),
                role: if kind.eq_ignore_ascii_case("project") { Role::Member } else { Role::Foreign },
                hashes: hashes::encoded("sha512", text_of(package.get("contentHash"))).into_iter().collect(),
                ..Entry::default()
            });
            let asked = package.get("dependencies").and_then(Value::as_object).into_iter().flatten();
            needs.push(asked.filter_map(|(name, _)| at.get(&name.to_ascii_lowercase()).copied()).collect());
        }
    }
    connect(&mut out, needs);
    Ok(out)
}
