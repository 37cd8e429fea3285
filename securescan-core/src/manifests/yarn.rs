//! Yarn: `yarn.lock` of the classic and the modern (YAML) form. Names and versions; licences are not in it.

use super::graph::connect;
use super::{Entry, Hash, Role, hashes, line_number};
use std::collections::HashMap;

/// An entry with the specs it stands for and those it needs.
#[derive(Default)]
struct Block<'a> {
    entry: Entry,
    specs: Vec<&'a str>,
    wants: Vec<(&'a str, &'a str)>,
}

/// Reads `yarn.lock`, line by line: both forms have an unindented header and indented fields.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let (mut open, mut in_dependencies) = (false, false);
    for (i, raw) in text.lines().enumerate() {
        let line = raw.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !line.starts_with([' ', '\t']) {
            let block = header(line, line_number(i));
            open = block.is_some();
            in_dependencies = false;
            blocks.extend(block);
            continue;
        }
        let (true, Some(block), Some(field)) = (open, blocks.last_mut(), line.strip_prefix("  ")) else { continue };
        match field.strip_prefix("  ") {
            Some(inner) if in_dependencies => block.wants.extend(dependency(inner)),
            Some(_) => {}
            None => {
                in_dependencies = matches!(field, "dependencies:" | "optionalDependencies:");
                set_field(&mut block.entry, field);
            }
        }
    }
    if blocks.is_empty() && text.lines().any(|l| !l.trim().is_empty() && !l.starts_with('#') && !l.starts_with("__metadata:")) {
        let headers = text.lines().any(|l| !l.starts_with([' ', '\t', '#']) && l.ends_with(':'));
        if !headers {
            return Err("not readable: no entry of a yarn.lock".to_owned());
        }
    }
    Ok(connected(blocks))
}

fn connected(blocks: Vec<Block<'_>>) -> Vec<Entry> {
    let mut at: HashMap<(&str, &str), usize> = HashMap::new();
    for (i, block) in blocks.iter().enumerate() {
        for (name, range) in block.specs.iter().filter_map(|spec| split_spec(spec)) {
            at.insert((name, range), i);
            // The modern form names the protocol in headers and not always where they are used.
            range.strip_prefix("npm:").into_iter().for_each(|range| {
                at.entry((name, range)).or_insert(i);
            });
        }
    }
    let needs: Vec<Vec<usize>> =
        blocks.iter().map(|block| block.wants.iter().filter_map(|spec| at.get(spec).copied()).collect()).collect();
    let mut out: Vec<Entry> = blocks.into_iter().map(|block| block.entry).collect();
    for entry in out.iter_mut().filter(|entry| entry.role == Role::Foreign) {
        entry.installed = vec![format!("node_modules/{}", entry.name)];
    }
    connect(&mut out, needs);
    out
}

/// `a@^1, a@~1.2:` or `"a@npm:^1":`; an alias `b@npm:a@^1` gives the name of its target.
fn header(line: &str, number: Option<u32>) -> Option<Block<'_>> {
    let line = line.strip_suffix(':')?;
    let specs: Vec<&str> = line.split(',').map(|spec| spec.trim().trim_matches('"')).collect();
    let (name, range) = split_spec(specs.first()?)?;
    let target = range.strip_prefix("npm:").and_then(split_spec).map(|(target, _)| target);
    let entry = Entry { name: target.unwrap_or(name).to_owned(), line: number, ..Entry::default() };
    Some(Block { entry, specs, wants: Vec::new() })
}

fn set_field(entry: &mut Entry, field: &str) {
    if let Some(version) = value(field, "version") {
        entry.version = version.to_owned();
    } else if let Some(resolution) = value(field, "resolution") {
        if let Some((_, folder)) = resolution.rsplit_once("@workspace:") {
            entry.role = Role::Member;
            entry.installed = vec![folder.trim_start_matches('.').to_owned()];
        }
        if let Some((name, _)) = split_spec(resolution) {
            entry.name = name.to_owned();
        }
    } else if let Some(resolved) = value(field, "resolved") {
        entry.hashes.extend(fragment(resolved));
    } else if let Some(integrity) = value(field, "integrity") {
        entry.hashes = hashes::integrity(integrity);
    }
}

/// The SHA-1 behind the `#` of an address.
fn fragment(address: &str) -> Option<Hash> {
    let is_archive = !address.contains(".git#") && !address.starts_with("git");
    address.rsplit_once('#').filter(|_| is_archive).and_then(|(_, hex)| hashes::plain("sha1", hex))
}

/// `name "range"`, `"@scope/name" "range"`, `name: range` or `"@scope/name": "npm:range"`.
fn dependency(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => text.split_at(text.find([' ', ':'])?),
    };
    Some((name, rest.trim_start_matches(':').trim().trim_matches('"')))
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
