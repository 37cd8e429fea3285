//! Mix: `mix.lock`, a map in Elixir's own syntax, one package a line.

use super::graph::{Names, connect};
use super::{Entry, hashes, line_number};

/// Reads the packages from Hex and from git: `"name": {:hex, :name, "1.0.0", "<inner sum>", [:mix], […], "hexpm", "<sum>"},`.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut out: Vec<Entry> = Vec::new();
    let mut wanted: Vec<Vec<&str>> = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let Some((name, rest)) = line.trim().strip_prefix('"').and_then(|l| l.split_once("\": {")) else { continue };
        let mut parts = rest.splitn(3, ',').map(str::trim);
        let (kind, real, rest) =
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let hex = kind == ":hex";
        let texts: Vec<&str> = rest.split('"').skip(1).step_by(2).collect();
        let sum = texts.last().and_then(|sum| hashes::plain("sha256", sum)).filter(|_| hex);
        out.push(Entry {
            name: Some(real.trim_matches([':', '"'])).filter(|n| hex && !n.is_empty()).unwrap_or(name).to_owned(),
            version: texts.first().filter(|_| hex).map(|v| (*v).to_owned()).unwrap_or_default(),
            declared: (!hex).then(|| format!("{real} {}", texts.first().unwrap_or(&"")).replace('"', "").trim().to_owned()),
            line: line_number(i),
            hashes: sum.into_iter().collect(),
            ..Entry::default()
        });
        // `{:name, "~> 1.0", [hex: :name, …]}`
        let asked = rest.split("{:").skip(1).filter_map(|part| part.split(',').next());
        wanted.push(asked.collect());
    }
    if out.is_empty() && !text.trim().is_empty() && !text.contains("%{") {
        return Err("not readable: no map of packages".to_owned());
    }
    let names = Names::new(&out, str::to_owned);
    let needs = wanted.iter().map(|wanted| wanted.iter().flat_map(|name| names.find(&out, name, None)).collect()).collect();
    connect(&mut out, needs);
    Ok(out)
}
