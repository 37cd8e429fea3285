//! Go: `go.mod` and `go.sum`. Licences are in the licence files of vendored copies.

use super::{Entry, line_number};
use std::collections::{BTreeMap, HashMap};

/// A directive of `go.mod`: its word, the words after it, the comment and the line.
struct Directive<'a> {
    word: &'a str,
    rest: Vec<&'a str>,
    comment: &'a str,
    line: Option<u32>,
}

/// The directives, those in brackets one by one.
fn directives(text: &str) -> Vec<Directive<'_>> {
    let mut out = Vec::new();
    let mut block: Option<&str> = None;
    for (i, raw) in text.lines().enumerate() {
        let (code, comment) = raw.split_once("//").unwrap_or((raw, ""));
        let mut words = code.split_whitespace().map(|w| w.trim_matches(['"', '`']));
        if block.is_some() && code.trim() == ")" {
            block = None;
            continue;
        }
        let word = match block {
            Some(word) => word,
            None => match words.next() {
                Some(word) => word,
                None => continue,
            },
        };
        if let Some(word) = word.strip_suffix('(').filter(|w| !w.is_empty()) {
            block = Some(word);
            continue;
        }
        let rest: Vec<&str> = words.collect();
        if block.is_none() && rest == ["("] {
            block = Some(word);
        } else if !rest.is_empty() {
            out.push(Directive { word, rest, comment: comment.trim(), line: line_number(i) });
        }
    }
    out
}

/// Reads the `require` directives, after `replace` by another module. A module that is replaced by a folder keeps its name.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let directives = directives(text);
    let mut replaced: HashMap<(&str, Option<&str>), (&str, &str)> = HashMap::new();
    for directive in directives.iter().filter(|d| d.word == "replace") {
        let Some(arrow) = directive.rest.iter().position(|w| *w == "=>") else { continue };
        let (old, new) = directive.rest.split_at(arrow);
        if let (Some(name), [_, to, version, ..]) = (old.first(), new) {
            replaced.insert((name, old.get(1).copied()), (to, version));
        }
    }
    let mut out = Vec::new();
    for directive in directives.iter().filter(|d| d.word == "require") {
        let [name, version, ..] = directive.rest.as_slice() else { continue };
        let new = replaced.get(&(*name, Some(*version))).or_else(|| replaced.get(&(*name, None)));
        let (to, at) = new.copied().unwrap_or((*name, *version));
        out.push(Entry {
            name: to.to_owned(),
            version: at.to_owned(),
            line: directive.line,
            direct: Some(!directive.comment.split(';').any(|part| part.trim() == "indirect")),
            installed: vec![format!("vendor/{name}")],
            ..Entry::default()
        });
    }
    Ok(out)
}

/// Reads `go.sum`: each module with the last version listed, which is more than what is built.
pub(super) fn sums(text: &str) -> Result<Vec<Entry>, String> {
    let mut last: BTreeMap<&str, (&str, Option<u32>)> = BTreeMap::new();
    for (i, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(version), Some(sum)) = (words.next(), words.next(), words.next()) else { continue };
        if sum.starts_with("h1:") {
            last.insert(name, (version.strip_suffix("/go.mod").unwrap_or(version), line_number(i)));
        }
    }
    if last.is_empty() && !text.trim().is_empty() {
        return Err("not readable: no line is a module, a version and its sum".to_owned());
    }
    let entry = |(name, (version, line)): (&str, (&str, Option<u32>))| Entry {
        name: name.to_owned(),
        version: version.to_owned(),
        line,
        ..Entry::default()
    };
    Ok(last.into_iter().map(entry).collect())
}
