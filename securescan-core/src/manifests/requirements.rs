//! pip: `requirements*.txt`, a line a requirement, with options between them.

use super::{Entry, hashes, line_number};

/// A logical line, its continuations joined, with the 1-based line it begins at.
fn logical_lines(text: &str) -> Vec<(String, Option<u32>)> {
    let mut out: Vec<(String, Option<u32>)> = Vec::new();
    let mut continued = false;
    for (i, raw) in text.lines().enumerate() {
        let comment = raw.trim_start().starts_with('#');
        let line = if comment { "" } else { raw.split(" #").next().unwrap_or_default().split("\t#").next().unwrap_or_default() };
        let line = line.trim();
        let goes_on = line.ends_with('\\');
        let part = line.trim_end_matches('\\').trim_end();
        match out.last_mut() {
            Some((whole, _)) if continued => {
                whole.push(' ');
                whole.push_str(part);
            }
            _ => out.push((part.to_owned(), line_number(i))),
        }
        continued = goes_on;
    }
    out
}

/// Reads the requirements. Options, paths and addresses without a name are left out.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let lines = logical_lines(text);
    Ok(lines.iter().filter_map(|(line, number)| Some(Entry { line: *number, ..requirement(line)? })).collect())
}

/// One requirement (PEP 508), with the options that pip allows behind it.
///
/// # Source
/// packaging.python.org, dependency specifiers; pip's documentation, requirements file format.
pub(super) fn requirement(line: &str) -> Option<Entry> {
    let (line, options) = line.split_once(" --").map_or((line, ""), |(line, rest)| (line, rest));
    let name = name_of(line)?;
    let rest = line.get(name.len()..)?.trim_start();
    let rest = if rest.starts_with('[') { rest.split_once(']')?.1.trim_start() } else { rest };
    let starts = rest.is_empty() || rest.starts_with(['=', '<', '>', '!', '~', ';', '@', '(']);
    // Without a specifier, the name of a file beside the list looks like the name of a package.
    let file = [".whl", ".zip", ".gz", ".bz2", ".txt", ".tgz"].iter().any(|end| name.ends_with(end));
    if !starts || rest.is_empty() && file {
        return None;
    }
    let mut entry = Entry { name: name.to_owned(), direct: Some(true), ..Entry::default() };
    entry.hashes = options.split("--").filter_map(|o| o.trim().strip_prefix("hash=")).filter_map(hashes::labelled).collect();
    if let Some(address) = rest.strip_prefix('@') {
        entry.declared = Some(address.split(" ;").next().unwrap_or_default().trim().to_owned());
        return Some(entry);
    }
    let specifier = rest.split(';').next().unwrap_or_default().trim().trim_start_matches('(').trim_end_matches(')').trim();
    match pinned(specifier) {
        Some(version) => entry.version = version.to_owned(),
        None if !specifier.is_empty() => entry.declared = Some(specifier.to_owned()),
        None => {}
    }
    Some(entry)
}

/// The version of `==1.0` or `===1.0`, when that is all and it is no prefix.
fn pinned(specifier: &str) -> Option<&str> {
    let version = specifier.strip_prefix("==")?;
    let version = version.strip_prefix('=').unwrap_or(version).trim();
    (!version.is_empty() && !version.contains([',', '*', ' ', '<', '>', '='])).then_some(version)
}

/// The name a requirement begins with.
pub(super) fn name_of(requirement: &str) -> Option<&str> {
    let end =
        requirement.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))).unwrap_or(requirement.len());
    let name = requirement.get(..end)?.trim_end_matches(['.', '_', '-']);
    name.starts_with(|c: char| c.is_ascii_alphanumeric()).then_some(name)
}

/// A name in the form in which equal names are equal (PEP 503).
pub(super) fn normal(name: &str) -> String {
    crate::identity::purl_name("pypi", name)
}

/// The files that a list includes, as written, and whether each only constrains versions.
pub(crate) fn includes(text: &str) -> Vec<(String, bool)> {
    let option = |line: &str| {
        let (word, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
        match (word, rest.trim()) {
            ("-r" | "--requirement", file) if !file.is_empty() => Some((file.to_owned(), false)),
            ("-c" | "--constraint", file) if !file.is_empty() => Some((file.to_owned(), true)),
            _ => {
                let glued = |short: &str| line.strip_prefix(short).filter(|rest| !rest.is_empty() && !line.starts_with("--"));
                let requirement = glued("-r").map(|file| (file.trim().to_owned(), false));
                requirement.or_else(|| glued("-c").map(|file| (file.trim().to_owned(), true)))
            }
        }
    };
    logical_lines(text).iter().filter_map(|(line, _)| option(line)).collect()
}
