//! The checks of the tree: sizes, leftovers, paths of one machine, links that lead nowhere, unguarded C functions.
//!
//! A rule is one function below: it sees one file and says what is wrong with it.

mod rules;

use crate::shell::{command, root};

/// A file of the repository, as the rules see it.
struct File<'a> {
    path: &'a str,
    text: &'a str,
    /// Every path of the repository.
    all: &'a [String],
}

type Rule = fn(&File<'_>) -> Vec<String>;

const RULES: &[Rule] = &[rules::size, rules::leftovers, rules::machine_paths, rules::links, rules::guarded, rules::whitespace];

/// Runs every rule over every file git knows or would add.
pub(crate) fn run() -> Result<String, String> {
    let all = files()?;
    let mut wrong = Vec::new();
    for path in &all {
        // What is not text has no lines to judge; a file deleted but not yet committed has nothing.
        let Ok(text) = std::fs::read_to_string(root().join(path)) else { continue };
        let file = File { path, text: &text, all: &all };
        wrong.extend(RULES.iter().flat_map(|rule| rule(&file)));
    }
    if wrong.is_empty() { Ok(format!("{} files are tidy", all.len())) } else { Err(format!("the tree\n{}", wrong.join("\n"))) }
}

fn files() -> Result<Vec<String>, String> {
    let listed = command("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output();
    let listed = listed.map_err(|e| format!("git: {e}"))?;
    if !listed.status.success() {
        return Err(format!("git: {}", String::from_utf8_lossy(&listed.stderr).trim()));
    }
    let mut files: Vec<String> =
        String::from_utf8_lossy(&listed.stdout).split('\0').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}
