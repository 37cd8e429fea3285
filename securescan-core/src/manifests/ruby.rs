//! Bundler: `Gemfile.lock`. Names and versions; licences are not in it.

use super::graph::{Names, connect};
use super::{Entry, Role, hashes, line_number};
use std::collections::{HashMap, HashSet};

/// Reads the `specs:` of all sections, with those of `PATH` as the project's own, and what the project asks for.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut out: Vec<Entry> = Vec::new();
    let mut wanted: Vec<Vec<&str>> = Vec::new();
    let mut direct: HashSet<&str> = HashSet::new();
    let mut sums = HashMap::new();
    let mut section = "";
    for (i, raw) in text.lines().enumerate() {
        let line = raw.trim_end();
        let rest = line.trim_start_matches(' ');
        let name = rest.split([' ', '!']).next().unwrap_or_default();
        match (section, line.len() - rest.len()) {
            (_, 0) if !line.is_empty() => section = line,
            ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", 4) => {
                let Some(version) = version(rest) else { continue };
                let role = if section == "PATH" { Role::Local } else { Role::Foreign };
                out.push(Entry {
                    name: name.to_owned(),
                    version: version.to_owned(),
                    line: line_number(i),
                    role,
                    ..Entry::default()
                });
                wanted.push(Vec::new());
            }
            ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", 6) => wanted.last_mut().into_iter().for_each(|w| w.push(name)),
            ("DEPENDENCIES", 2) => drop(direct.insert(name)),
            ("CHECKSUMS", 2) => {
                if let (Some(version), Some(hash)) = (version(rest), rest.rsplit(' ').next().and_then(hashes::labelled)) {
                    sums.insert((name, version), hash);
                }
            }
            _ => {}
        }
    }
    if section.is_empty() && !text.trim().is_empty() {
        return Err("not readable: no section of a Gemfile.lock".to_owned());
    }
    let tells = !direct.is_empty();
    for entry in &mut out {
        entry.direct = tells.then(|| direct.contains(entry.name.as_str()));
        entry.hashes.extend(sums.get(&(entry.name.as_str(), entry.version.as_str())).cloned());
    }
    let names = Names::new(&out, str::to_owned);
    let needs = wanted.iter().map(|wanted| wanted.iter().flat_map(|name| names.find(&out, name, None)).collect()).collect();
    connect(&mut out, needs);
    Ok(out)
}

/// The version in `name (1.0)`.
fn version(spec: &str) -> Option<&str> {
    spec.split_once(" (")?.1.split(')').next()
}
