//! The rules, one function each.

use super::File;
use crate::shell::root;
use std::path::Path;

/// Above this a source file must be split. Tests, tables and generated files may be longer.
const MAX_LINES: usize = 800;

/// Endings of files people write by hand as source.
const SOURCE: &[&str] = &["rs", "py", "pyi", "js", "mjs", "ts", "c", "h", "sh"];

fn is_source(path: &str) -> bool {
    Path::new(path).extension().and_then(|e| e.to_str()).is_some_and(|e| SOURCE.contains(&e))
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.contains("/test/") || path.ends_with("/tests.rs")
}

/// Recorded inputs are whatever they were recorded as.
fn is_recorded(path: &str) -> bool {
    ["/fixtures/", "/snapshots/", "/vectors/", "/testdata/"].iter().any(|folder| path.contains(folder))
}

fn at(file: &File<'_>, line: usize, what: &str) -> String {
    format!("{}:{}: {what}", file.path, line + 1)
}

fn lines(file: &File<'_>, holds: impl Fn(&str) -> bool, what: &str) -> Vec<String> {
    file.text.lines().enumerate().filter(|(_, line)| holds(line)).map(|(n, _)| at(file, n, what)).collect()
}

pub(super) fn size(file: &File<'_>) -> Vec<String> {
    let count = file.text.lines().count();
    let exempt = is_test(file.path) || file.path.ends_with("table.rs") || file.path.ends_with("tables.rs");
    if !is_source(file.path) || exempt || count <= MAX_LINES {
        return Vec::new();
    }
    vec![format!("{}: {count} lines, split it above {MAX_LINES}", file.path)]
}

/// Work left for later belongs into an issue. The words are put together here so that this file holds none of them.
pub(super) fn leftovers(file: &File<'_>) -> Vec<String> {
    if !is_source(file.path) || is_recorded(file.path) || is_test(file.path) {
        return Vec::new();
    }
    let marks = [concat!("TO", "DO:"), concat!("FIX", "ME"), concat!("XX", "X:"), concat!("// TO", "DO"), concat!("# TO", "DO")];
    let calls = [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("dbg", "!(")];
    lines(file, |line| marks.iter().chain(&calls).any(|mark| line.contains(mark)), "unfinished work")
}

/// Absolute paths of the machine this was written on mean nothing elsewhere.
pub(super) fn machine_paths(file: &File<'_>) -> Vec<String> {
    if is_recorded(file.path) {
        return Vec::new();
    }
    let checkout = root().display().to_string();
    let known = [concat!("/wo", "rk/"), concat!("/ro", "ot/."), concat!("/opt/whe", "els")];
    let holds = |line: &str| known.iter().any(|path| path_in(line, path)) || checkout.len() > 8 && line.contains(&checkout);
    lines(file, holds, "a path of one machine")
}

/// Whether the path starts in the line, rather than going on from something: the tail of a longer one is relative.
fn path_in(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '}' | ')' | '/' | '*' | '~' | '$'))
    })
}

/// Relative links in Markdown must lead to something in the repository.
pub(super) fn links(file: &File<'_>) -> Vec<String> {
    if !file.path.ends_with(".md") || is_recorded(file.path) {
        return Vec::new();
    }
    let folder = Path::new(file.path).parent().unwrap_or_else(|| Path::new(""));
    let mut wrong = Vec::new();
    let mut fenced = false;
    for (n, line) in file.text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced {
            continue;
        }
        for link in line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains(':') || path.starts_with('/') {
                continue;
            }
            if !exists(file, &folder.join(path)) {
                wrong.push(at(file, n, &format!("`{link}` leads nowhere")));
            }
        }
    }
    wrong
}

fn exists(file: &File<'_>, path: &Path) -> bool {
    let mut clean = Vec::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(clean.pop()),
            std::path::Component::Normal(name) => clean.push(name.to_string_lossy()),
            _ => {}
        }
    }
    let clean = clean.join("/");
    file.all.iter().any(|other| other.strip_prefix(&clean).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// The ways into a guard; the last is a function whose own body is one.
const GUARDS: &[&str] = &["guard(", "guard_or(", "guarded(", "handle::free::<"];

/// Every function C can call runs inside a guard, so that no panic crosses the border.
pub(super) fn guarded(file: &File<'_>) -> Vec<String> {
    if !file.path.starts_with("securescan-ffi/src/") {
        return Vec::new();
    }
    let starts: Vec<usize> =
        file.text.lines().enumerate().filter(|(_, line)| line.contains("extern \"C\" fn ")).map(|(n, _)| n).collect();
    let body = |start: usize| file.text.lines().skip(start).skip_while(|l| !l.ends_with('{')).take_while(|l| *l != "}");
    let unguarded = starts.into_iter().filter(|start| !body(*start).any(|l| GUARDS.iter().any(|guard| l.contains(guard))));
    unguarded.map(|n| at(file, n, "a function for C without a guard")).collect()
}

pub(super) fn whitespace(file: &File<'_>) -> Vec<String> {
    if !is_source(file.path) || is_recorded(file.path) || is_test(file.path) {
        return Vec::new();
    }
    let mut wrong = lines(file, |line| line.ends_with([' ', '\t']), "white space at the end of a line");
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        wrong.push(format!("{}: no newline at the end", file.path));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&File<'_>) -> Vec<String>, path: &str, text: &str) -> usize {
        let all = ["docs/a.md".to_owned(), "docs/b.md".to_owned(), "src/lib.rs".to_owned()];
        rule(&File { path, text, all: &all }).len()
    }

    #[test]
    fn long_files_and_leftovers() {
        assert_eq!(check(size, "a/b.rs", &"x\n".repeat(801)), 1);
        assert_eq!(check(size, "a/b.rs", &"x\n".repeat(800)), 0);
        assert_eq!(check(size, "a/tests/b.rs", &"x\n".repeat(801)), 0);
        assert_eq!(check(leftovers, "a.rs", concat!("fn a() { to", "do!() }\n// TO", "DO later\nfine\n")), 2);
    }

    #[test]
    fn paths_of_one_machine() {
        assert_eq!(check(machine_paths, "a.rs", concat!("\"/wo", "rk/x\"\n")), 1);
        assert_eq!(check(machine_paths, "a.rs", concat!("\"home/wo", "rk/x\" ${root}/wo", "rk/\n")), 0);
    }

    #[test]
    fn links_lead_somewhere() {
        let text =
            "[b](b.md) [b](b.md#part) [up](../src/lib.rs) [dir](../src) [web](https://x.y) [top](#top)\n```\n[no](no.md)\n```\n";
        assert_eq!(check(links, "docs/a.md", text), 0);
        assert_eq!(check(links, "docs/a.md", "[no](no.md) [no](../../x)\n"), 2);
    }

    #[test]
    fn functions_for_c_are_guarded() {
        let good = "pub unsafe extern \"C\" fn a(\n    x: u8,\n) -> u8 {\n    guard_or(0, || 1)\n}\n";
        let bad = "pub extern \"C\" fn b() -> u8 {\n    1\n}\n";
        assert_eq!(check(guarded, "securescan-ffi/src/a.rs", good), 0);
        assert_eq!(check(guarded, "securescan-ffi/src/a.rs", &format!("{bad}{good}")), 1);
    }
}
