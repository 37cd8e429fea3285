//! pip's `-r` and `-c`: the lists that a list of requirements includes, and the versions that others fix for it.

use super::Unread;
use super::select::{folder, join};
use crate::manifests::requirements::includes;
use crate::manifests::{Entry, kind};
use crate::path::{is_confined, normalize};
use std::collections::{BTreeMap, BTreeSet};

/// More lists are not followed from one.
const MAX_LISTS: usize = 1000;

/// What is there of a file: its text, or why not.
pub(super) type Texts<'t> = dyn FnMut(&str) -> Result<String, String> + 't;

/// What a list leads to.
#[derive(Debug, Default)]
pub(super) struct Included {
    /// Paths and texts of included lists.
    pub(super) lists: BTreeMap<String, String>,
    /// Versions that constraints fix, by normalised name.
    pub(super) fixed: BTreeMap<String, String>,
    /// What is included and cannot be read.
    pub(super) unread: Vec<Unread>,
}

/// Follows the inclusions of a list, inside the project only.
pub(super) fn follow(path: &str, text: &str, texts: &mut Texts<'_>) -> Included {
    let mut out = Included::default();
    let mut seen = BTreeSet::from([(path.to_owned(), false)]);
    let mut open = vec![(path.to_owned(), text.to_owned(), false)];
    while let Some((path, text, constrains)) = open.pop() {
        for (target, constraint) in includes(&text) {
            let unread = |why: String| Unread { path: path.clone(), why };
            if target.contains("://") {
                out.unread.push(unread("includes a list at an address, which is not fetched".to_owned()));
                continue;
            }
            let at = normalize(&join(folder(&path), &target), None);
            let constraint = constraint || constrains;
            if !seen.insert((at.clone(), constraint)) {
                continue;
            }
            let found = if !is_confined(&at) || target.starts_with('/') {
                Err("it is outside the project".to_owned())
            } else if seen.len() > MAX_LISTS {
                Err(format!("more than {MAX_LISTS} lists are included"))
            } else {
                texts(&at)
            };
            match found {
                Ok(text) => {
                    if constraint {
                        let pinned = entries(&text).into_iter().filter(|e| !e.version.is_empty());
                        for entry in pinned {
                            out.fixed.entry(normal(&entry.name)).or_insert(entry.version);
                        }
                    } else {
                        out.lists.insert(at.clone(), text.clone());
                    }
                    open.push((at, text, constraint));
                }
                Err(why) => out.unread.push(unread(format!("includes `{}`: {why}", short(&target)))),
            }
        }
    }
    out
}

/// Gives the versions that constraints fix to requirements that have none.
pub(super) fn fix(entries: &mut [Entry], fixed: &BTreeMap<String, String>) {
    for entry in entries.iter_mut().filter(|entry| entry.version.is_empty()) {
        if let Some(version) = fixed.get(&normal(&entry.name)) {
            entry.version.clone_from(version);
            entry.declared = None;
        }
    }
}

fn entries(text: &str) -> Vec<Entry> {
    kind("requirements.txt").and_then(|kind| (kind.parse)(text).ok()).unwrap_or_default()
}

fn normal(name: &str) -> String {
    crate::identity::purl_name("pypi", name)
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}
