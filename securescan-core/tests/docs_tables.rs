//! The reference tables of `docs/` are written from the registries. `UPDATE_DOCS=1 cargo test -p securescan-core --test docs_tables`
//! writes them; without it a table that is out of date fails.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use securescan_core::api::OPERATIONS;
use securescan_core::error::ERRORS;
use securescan_core::ingest;
use securescan_core::render::{RENDERERS, limits::LIMITS};
use securescan_core::scanners::{SCANNERS, builtin};
use std::fmt::Write;
use std::path::Path;

fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "docs/{name} is out of date: UPDATE_DOCS=1 cargo test -p securescan-core --test docs_tables");
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

const HEAD: &str = "<!-- Written by the test `docs_tables` from the registries; do not edit. -->\n\n";

#[test]
fn reference() {
    let mut out = format!("{HEAD}# Reference\n\n## Scanners\n\n| name | type | looks for |\n|---|---|---|\n");
    for meta in SCANNERS.iter().map(|s| s.meta()) {
        writeln!(out, "| `{}` | `{}` | {} |", meta.name, meta.scan_type, cell(meta.about)).unwrap();
    }
    out.push_str("\n## Output formats\n\n| name | media type | for |\n|---|---|---|\n");
    for renderer in RENDERERS {
        writeln!(out, "| `{}` | `{}` | {} |", renderer.id(), renderer.media_type(), cell(renderer.about())).unwrap();
    }
    out.push_str("\n## Limits of the hosts that read our output\n\n| what | limit | source |\n|---|---:|---|\n");
    for limit in LIMITS {
        writeln!(out, "| {} | {} | {} |", cell(limit.what), limit.max, cell(limit.source)).unwrap();
    }
    out.push_str("\n## Report formats read\n\n| name | reads | versions |\n|---|---|---|\n");
    for meta in ingest::formats() {
        writeln!(out, "| `{}` | {} | {} |", meta.id, cell(meta.title), cell(meta.versions_read)).unwrap();
    }
    out.push_str("\n## Operations of the facade\n\n| name | what it does |\n|---|---|\n");
    for operation in OPERATIONS {
        writeln!(out, "| `{}` | {} |", operation.name, cell(operation.about)).unwrap();
    }
    out.push_str("\n## Options of `scan`\n\nThe object that the operation `scan` takes, and `securescan_scan` in C. Python and Node take the same as keywords.\n\n| key | meaning |\n|---|---|\n");
    for (key, about) in securescan_core::api::OPTION_KEYS {
        writeln!(out, "| `{key}` | {} |", cell(about.trim())).unwrap();
    }
    out.push_str("\n## Errors\n\n| code | C status | Python | HTTP | exit |\n|---|---:|---|---:|---:|\n");
    for row in ERRORS {
        writeln!(out, "| `{}` | {} | `{}` | {} | {} |", row.code, row.c_status, row.python, row.http, row.exit).unwrap();
    }
    check("reference.md", &out);
}

#[test]
fn rules() {
    let mut rules: Vec<_> = builtin::secrets::builtin().rules().collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    let mut out = format!("{HEAD}# Rules of the built-in scanners\n\n## secrets ({} rules)\n\n", rules.len());
    out.push_str("A finding's rule id is `secrets/` and the id.\n\n| id | finds | severity | confidence |\n|---|---|---|---|\n");
    for rule in rules {
        writeln!(out, "| `{}` | {} | {} | {} |", rule.id, cell(&rule.title), rule.severity, rule.confidence).unwrap();
    }
    let rules = builtin::dockerfile::rules();
    write!(out, "\n## dockerfile ({} rules)\n\nA finding's rule id is `dockerfile/` and the id.\n\n", rules.len()).unwrap();
    out.push_str("| id | finds | severity | CWE | known elsewhere as |\n|---|---|---|---|---|\n");
    for rule in rules {
        let (cwe, aliases) = (rule.cwe.unwrap_or("-"), rule.aliases.join(", "));
        writeln!(out, "| `{}` | {} | {} | {cwe} | {aliases} |", rule.id, cell(rule.title), rule.severity).unwrap();
    }
    let rules = builtin::dast::rules();
    write!(out, "\n## builtin_dast ({} rules)\n\nA finding's rule id is the id.\n\n", rules.len()).unwrap();
    out.push_str("| id | finds | severity | CWE |\n|---|---|---|---|\n");
    for rule in rules {
        let title = rule.title.replace("{}", "…");
        writeln!(out, "| `{}` | {} | {} | CWE-{} |", rule.id, cell(&title), rule.severity, rule.cwe).unwrap();
    }
    check("rules.md", &out);
}
