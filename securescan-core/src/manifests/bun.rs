//! Bun: the text form of its lock file, `bun.lock`: JSON with commas at the end and comments.

use super::graph::{Names, connect};
use super::{Entry, Role, hashes, json_error, text_of};
use serde_json::Value;

const GROUPS: &[&str] = &["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// Reads `packages` and what the `workspaces` ask for.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let lock: Value = serde_json::from_str(&strict(text)).map_err(|e| json_error(&e))?;
    let mut out = Vec::new();
    let mut wanted: Vec<Vec<&str>> = Vec::new();
    for (folder, member) in lock.get("workspaces").and_then(Value::as_object).into_iter().flatten() {
        let name = text_of(member.get("name")).to_owned();
        out.push(Entry { name, role: Role::Member, installed: vec![folder.clone()], ..Entry::default() });
        wanted.push(asked(member));
    }
    for package in lock.get("packages").and_then(Value::as_object).into_iter().flat_map(|map| map.values()) {
        let Some(parts) = package.as_array() else { continue };
        let spec = text_of(parts.first());
        let Some((name, version)) = spec.rsplit_once('@').filter(|(name, _)| !name.is_empty()) else { continue };
        if version.starts_with("workspace:") || spec.contains("@workspace:") {
            continue;
        }
        // `["name@1.0.0", "registry", {…}, "sha512-…"]`: addresses have fewer parts.
        let info = parts.iter().find(|part| part.is_object()).unwrap_or(&Value::Null);
        out.push(Entry {
            name: name.to_owned(),
            version: version.to_owned(),
            hashes: hashes::integrity(text_of(parts.get(3))),
            installed: vec![format!("node_modules/{name}")],
            ..Entry::default()
        });
        wanted.push(asked(info));
    }
    let names = Names::new(&out, str::to_owned);
    let needs = wanted.iter().map(|wanted| wanted.iter().flat_map(|name| names.find(&out, name, None)).collect()).collect();
    connect(&mut out, needs);
    Ok(out)
}

fn asked(value: &Value) -> Vec<&str> {
    let groups = GROUPS.iter().filter_map(|group| value.get(group)?.as_object());
    groups.flat_map(|map| map.keys().map(String::as_str)).collect()
}

/// The text as strict JSON: without comments and without commas before a closing bracket. Lines stay where they are.
fn strict(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut comma = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                comma = None;
                out.push(c);
                while let Some(inner) = chars.next() {
                    out.push(inner);
                    match inner {
                        '\\' => out.extend(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '/' if chars.peek() == Some(&'/') => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
            }
            ',' => {
                comma = Some(out.len());
                out.push(c);
            }
            '}' | ']' => {
                // What stands between is white space only.
                if let Some(at) = comma.take() {
                    out.replace_range(at..=at, " ");
                }
                out.push(c);
            }
            c => {
                if !c.is_whitespace() {
                    comma = None;
                }
                out.push(c);
            }
        }
    }
    out
}
