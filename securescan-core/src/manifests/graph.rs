//! From names to places in a list of entries, and what only development reaches.

use super::Entry;
use std::cell::Cell;
use std::collections::HashMap;

/// So many entries of one name are looked at, so that equal names cannot multiply.
const MAX_SAME_NAME: usize = 16;
/// More dependencies of one manifest are not kept.
pub(super) const MAX_EDGES: usize = 2_000_000;

/// Entries by name.
pub(super) struct Names {
    by_name: HashMap<String, Vec<usize>>,
    /// How many answers are left: equal names on both sides must not multiply into more than fits in memory.
    left: Cell<usize>,
}

impl Names {
    /// Of a list, by a form of the name in which equal names are equal.
    pub(super) fn new(entries: &[Entry], form: impl Fn(&str) -> String) -> Self {
        let mut out: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, entry) in entries.iter().enumerate() {
            let same = out.entry(form(&entry.name)).or_default();
            if same.len() < MAX_SAME_NAME {
                same.push(i);
            }
        }
        Self { by_name: out, left: Cell::new(MAX_EDGES) }
    }

    /// The entries of a name, of one version where the version is known and there.
    pub(super) fn find(&self, entries: &[Entry], name: &str, version: Option<&str>) -> Vec<usize> {
        let same = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        let is = |i: &&usize| entries.get(**i).is_some_and(|e| version.is_some_and(|v| e.version == v));
        let exact: Vec<usize> = same.iter().filter(is).copied().collect();
        let found = if exact.is_empty() { same.to_vec() } else { exact };
        match self.left.get().checked_sub(found.len()) {
            Some(left) => {
                self.left.set(left);
                found
            }
            None => Vec::new(),
        }
    }
}

/// Writes the dependencies into the entries, sorted and without copies, as far as there may be.
pub(super) fn connect(entries: &mut [Entry], needs: Vec<Vec<usize>>) {
    let mut left = MAX_EDGES;
    for (entry, mut needs) in entries.iter_mut().zip(needs) {
        needs.sort_unstable();
        needs.dedup();
        needs.truncate(left);
        left -= needs.len();
        entry.needs = needs;
    }
}

/// Marks what is reached from `development` and not from `production`; the rest is for production.
pub(crate) fn mark_development(entries: &mut [Entry], production: &[usize], development: &[usize]) {
    let used = reached(entries, production);
    let developed = reached(entries, development);
    for ((entry, used), developed) in entries.iter_mut().zip(used).zip(developed) {
        if used || developed {
            entry.dev = Some(!used);
        }
    }
}

fn reached(entries: &[Entry], from: &[usize]) -> Vec<bool> {
    let mut seen = vec![false; entries.len()];
    let mut open = from.to_vec();
    while let Some(i) = open.pop() {
        if let (Some(mark), Some(entry)) = (seen.get_mut(i), entries.get(i))
            && !std::mem::replace(mark, true)
        {
            open.extend(&entry.needs);
        }
    }
    seen
}
