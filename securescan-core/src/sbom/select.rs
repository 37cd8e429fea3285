//! Which manifests count: none of vendored trees, and no manifest that a lock file covers.

use crate::manifests::{self, Kind};
use std::collections::BTreeSet;

/// Folders that hold other people's code: what their manifests ask for is in the project's own lock file, or is not its own.
const SKIPPED_DIRS: &[&str] = &[
    "node_modules",
    "bower_components",
    "jspm_packages",
    "vendor",
    "site-packages",
    "dist-packages",
    ".venv",
    "venv",
    "virtualenv",
    "__pycache__",
    ".tox",
    ".nox",
    ".git",
    ".hg",
    ".svn",
    ".jj",
    "Pods",
];

/// A manifest to look at.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) path: String,
    pub(super) kind: &'static Kind,
}

/// The manifests among paths: those first that no other can replace, so that a manifest comes after its lock files.
pub(super) fn candidates(paths: &BTreeSet<String>) -> Vec<Candidate> {
    let own = |path: &&String| !path.split('/').any(|part| SKIPPED_DIRS.contains(&part));
    let candidate = |path: &String| Some(Candidate { kind: manifests::kind(name(path))?, path: path.clone() });
    let mut out: Vec<Candidate> = paths.iter().filter(own).filter_map(candidate).collect();
    out.sort_by(|a, b| (a.kind.yields_to.len(), &a.path).cmp(&(b.kind.yields_to.len(), &b.path)));
    out
}

/// The last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path; empty for the project's own.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A name in a folder.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The folders above a folder, the nearest first, with what leads from each to it.
pub(super) fn above(folder: &str) -> impl Iterator<Item = (&str, &str)> {
    let ends = folder.rmatch_indices('/').map(move |(end, _)| (folder.get(..end), folder.get(end + 1..)));
    let root = (!folder.is_empty()).then_some((Some(""), Some(folder)));
    ends.chain(root).filter_map(|(above, rest)| Some((above?, rest?)))
}

/// Whether a folder fits a pattern of npm's `workspaces`: its parts, `*` for any one and `**` for any number.
pub(super) fn fits(pattern: &str, folder: &str) -> bool {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    let mut parts = folder.split('/');
    for wanted in pattern.split('/') {
        if wanted == "**" {
            return true;
        }
        let Some(part) = parts.next() else { return false };
        let fits = match wanted.split_once('*') {
            Some((start, end)) => part.len() >= start.len() + end.len() && part.starts_with(start) && part.ends_with(end),
            None => part == wanted,
        };
        if !fits {
            return false;
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_patterns() {
        assert_eq!(above("a/b").collect::<Vec<_>>(), [("a", "b"), ("", "a/b")]);
        assert_eq!(above("").count(), 0);
        assert!(fits("packages/*", "packages/a") && fits("./a/", "a") && fits("a/**", "a/b/c") && fits("x-*", "x-y"));
        assert!(!fits("packages/*", "packages/a/b") && !fits("packages/*", "packages") && !fits("a", "b"));
    }
}
