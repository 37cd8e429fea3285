//! `sbom` as a user runs it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
use common::Project;

fn project() -> Project {
    let p = Project::new();
    p.write("package.json", r#"{"name": "shop", "dependencies": {"a": "^1"}}"#);
    p.write(
        "package-lock.json",
        r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "^1"}}, "node_modules/a": {"version": "1.2.0"}}}"#,
    );
    p.write("node_modules/a/package.json", r#"{"name": "a", "version": "1.2.0", "license": "mit"}"#);
    p.write("api/requirements.txt", "flask==3.0.0\n");
    p
}

#[test]
fn both_formats_of_a_folder() {
    let p = project();
    let bill = p.run(&["sbom"]).exits(0).json();
    assert_eq!((bill["specVersion"].as_str(), bill["metadata"]["component"]["name"].as_str()), (Some("1.6"), Some("shop")));
    let refs: Vec<_> = bill["components"].as_array().unwrap().iter().map(|c| c["bom-ref"].as_str().unwrap()).collect();
    assert_eq!(refs, ["pkg:npm/a@1.2.0", "pkg:pypi/flask@3.0.0"]);
    // The installed copy states the licence.
    assert_eq!(bill["components"][0]["licenses"][0]["license"]["id"], "MIT");
    let bill = p.run(&["sbom", ".", "--format", "spdx", "--name", "other"]).exits(0).json();
    assert_eq!((bill["name"].as_str(), bill["packages"].as_array().unwrap().len()), (Some("other"), 3));
    assert_eq!(bill["creationInfo"]["created"], "1970-01-01T00:00:00Z");
    p.run(&["sbom", "--output-file", "out/bom.json"]).exits(0);
    assert_eq!(std::fs::read_to_string(p.path().join("out/bom.json")).unwrap(), p.run(&["sbom"]).exits(0).stdout);
    let one = p.run(&["sbom", "api/requirements.txt", "--created", "2026-01-02T03:04:05"]).exits(0).json();
    assert_eq!(one["metadata"]["timestamp"], "2026-01-02T03:04:05Z");
    assert_eq!(one["components"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_missing_is_said() {
    let p = project();
    p.write("broken/Cargo.lock", "[[package]\n");
    let run = p.run(&["sbom"]).exits(0);
    assert!(run.stderr.contains("not in the bill: broken/Cargo.lock: not readable"), "{}", run.stderr);
    assert!(run.json()["metadata"]["properties"][0]["value"].as_str().unwrap().starts_with("broken/Cargo.lock: "));
    p.run(&["sbom", "no-such-folder"]).exits(2);
    p.run(&["sbom", "--format", "xml"]).exits(2);
    p.run(&["sbom", "--created", "now"]).exits(2);
    p.write("empty/x.txt", "");
    let run = p.run(&["sbom", "empty"]).exits(0);
    assert!(run.stderr.contains("the bill is empty") && run.json()["components"].as_array().unwrap().is_empty());
}
