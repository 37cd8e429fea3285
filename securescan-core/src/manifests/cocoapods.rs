//! CocoaPods: `Podfile.lock`, machine-written YAML, read by lines.

use super::graph::{Names, connect};
use super::{Entry, line_number};
use std::collections::HashSet;

/// Reads `PODS:`; subspecs (`Name/Sub`) count as their pod.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut out: Vec<Entry> = Vec::new();
    let mut wanted: Vec<Vec<&str>> = Vec::new();
    let mut direct: HashSet<&str> = HashSet::new();
    let mut section = "";
    for (i, raw) in text.lines().enumerate() {
        let line = raw.trim_end();
        let rest = line.trim_start_matches(' ');
        let Some(item) = rest.strip_prefix("- ") else {
            if !line.is_empty() && rest.len() == line.len() {
                section = line.trim_end_matches(':');
            }
            continue;
        };
        let item = item.trim_end_matches(':').trim_matches('"');
        let name = item.split([' ', '/']).next().unwrap_or_default();
        match (section, line.len() - rest.len()) {
            ("PODS", 2) => {
                let version = item.split_once(" (").and_then(|(_, v)| v.split(')').next()).unwrap_or_default();
                out.push(Entry { name: name.to_owned(), version: version.to_owned(), line: line_number(i), ..Entry::default() });
                wanted.push(Vec::new());
            }
            ("PODS", 4) => wanted.last_mut().into_iter().for_each(|w| w.push(name)),
            ("DEPENDENCIES", 2) => drop(direct.insert(name)),
            _ => {}
        }
    }
    if section.is_empty() && !text.trim().is_empty() {
        return Err("not readable: no section of a Podfile.lock".to_owned());
    }
    out.iter_mut().for_each(|entry| entry.direct = Some(direct.contains(entry.name.as_str())));
    let names = Names::new(&out, str::to_owned);
    let needs = wanted.iter().map(|wanted| wanted.iter().flat_map(|name| names.find(&out, name, None)).collect()).collect();
    connect(&mut out, needs);
    Ok(out)
}
