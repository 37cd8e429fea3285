//! What file names alone can do: deceive the reader, collide on other systems, pose as git's own folder.

use std::collections::{BTreeMap, BTreeSet};

/// Characters that are not seen or that turn the text around them.
pub(super) fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{00ad}')
        || (c.is_control() && c != '\t')
}

/// A path as a message may show it: such characters as `\u{202e}`.
pub(super) fn visible(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if is_deceptive(c) || c == '`' {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a part of the path is `.git` to some file system: other case, trailing dots or blanks, the short name, invisible characters.
pub(super) fn poses_as_git(path: &str) -> bool {
    path.split('/').any(|part| {
        let plain: String = part.chars().filter(|c| !is_deceptive(*c)).collect();
        let plain = plain.trim_end_matches([' ', '.']).to_ascii_lowercase();
        let plain = plain.split(':').next().unwrap_or_default();
        (plain == ".git" || plain == "git~1") && part != ".git"
    })
}

/// Groups of paths that differ in case alone, folders included; each group sorted, groups by their first path.
pub(super) fn case_collisions<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<Vec<&'p str>> {
    let mut spellings: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut folders: BTreeSet<&str> = BTreeSet::new();
    for path in paths {
        spellings.entry(path.to_lowercase()).or_default().insert(path);
        let mut rest = path;
        // A folder seen before has had its parents looked at too.
        while let Some((folder, _)) = rest.rsplit_once('/') {
            if !folders.insert(folder) {
                break;
            }
            spellings.entry(folder.to_lowercase()).or_default().insert(folder);
            rest = folder;
        }
    }
    let mut out: Vec<Vec<&str>> = Vec::new();
    let mut below: Option<String> = None;
    for (lower, group) in spellings {
        // What lies below two colliding folders collides with them; one finding is enough.
        if group.len() < 2 || below.as_ref().is_some_and(|b| lower.starts_with(b.as_str())) {
            continue;
        }
        below = Some(format!("{lower}/"));
        out.push(group.into_iter().collect());
    }
    out.sort();
    out
}
