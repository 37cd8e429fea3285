//! Every manifest of the shared corpus gives the packages that its index lists, or differs for a reason that `docs/sbom.md`
//! states; a folder gives the bytes that its files in memory give; hostile files end nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod common;

use common::{code_rows, shared};
use securescan_core::sbom::{self, Bill, Format, SbomOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn corpus() -> Option<PathBuf> {
    Some(shared("fixtures/manifests/INDEX.md")?.parent()?.to_path_buf())
}

/// What differs on purpose, by file.
fn deviations() -> BTreeMap<String, String> {
    code_rows(include_str!("../../docs/sbom.md"))
        .into_iter()
        .filter(|(name, _)| name.contains('/'))
        .map(|(n, c)| (n, c[1].clone()))
        .collect()
}

fn listed(bill: &Bill) -> BTreeSet<String> {
    let version = |c: &sbom::Component| {
        let version = c.version.clone().unwrap_or_default();
        if c.ecosystem == "golang" { version.trim_start_matches('v').to_owned() } else { version }
    };
    bill.components.values().map(|c| format!("{}@{}", c.name, version(c)).trim_end_matches('@').to_owned()).collect()
}

#[test]
fn every_manifest_has_its_packages() {
    let Some(corpus) = corpus() else { return };
    let index = std::fs::read_to_string(corpus.join("INDEX.md")).unwrap();
    let deviations = deviations();
    let (mut wrong, mut read, mut edges) = (Vec::new(), 0, 0);
    for (file, cells) in code_rows(&index) {
        let Some(count) = cells.get(2).and_then(|c| c.parse::<usize>().ok()).filter(|_| file.contains('/')) else { continue };
        read += 1;
        // With all that lies in its folder, as a user has it.
        let bill = sbom::collect(corpus.join(&file).parent().unwrap()).unwrap();
        let want = deviations.get(&file).cloned().unwrap_or_else(|| count.to_string());
        if bill.components.len().to_string() != want || !bill.unread.is_empty() && !deviations.contains_key(&file) {
            wrong.push(format!("{file}: {} instead of {want} {:?}\n  {:?}", bill.components.len(), bill.unread, listed(&bill)));
        }
        edges += bill.components.values().map(|c| c.needs.len()).sum::<usize>();
        assert_eq!(listed(&bill).len(), bill.components.len(), "{file}");
    }
    println!("{read} manifests read, {edges} dependencies");
    assert!(wrong.is_empty(), "{} of {read}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(read > 40 && edges > 500);
}

#[test]
fn names_and_versions_are_those_of_the_index() {
    let Some(corpus) = corpus() else { return };
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(corpus.join("expected.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for value in expected.as_array().unwrap() {
        let file = value["file"].as_str().unwrap().trim_start_matches("manifests/");
        compared += 1;
        let name = file.rsplit('/').next().unwrap().to_owned();
        let bytes = std::fs::read(corpus.join(file)).unwrap();
        let got = listed(&sbom::collect_files(&BTreeMap::from([(name, bytes)])));
        let want: BTreeSet<String> = value["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c.as_str().unwrap().trim_end_matches('@').to_owned())
            .collect();
        if got != want {
            let (more, less): (Vec<_>, Vec<_>) = (got.difference(&want).collect(), want.difference(&got).collect());
            wrong.push(format!("{file}: more {more:?}, less {less:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 40);
}

#[test]
fn a_folder_gives_the_bytes_of_its_files_wherever_it_lies() {
    let files = [
        ("app/package.json", r#"{"name": "app", "dependencies": {"a": "^1.0.0"}}"#),
        ("api/requirements.txt", "-r ../common/list.in\nb==2\n"),
        ("common/list.in", "c==3\n"),
        ("Cargo.lock", "[[package]]\nname = \"d\"\nversion = \"4.0.0\"\nsource = \"r\"\n"),
        ("broken/composer.lock", "{"),
        ("node_modules/x/package.json", r#"{"dependencies": {"never": "1"}}"#),
    ];
    let memory = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let memory = sbom::collect_files(&memory);
    assert_eq!((memory.components.len(), memory.unread.len()), (4, 1));
    for prefix in ["one", "another-place"] {
        let root = tempfile::Builder::new().prefix(prefix).tempdir().unwrap();
        for (path, text) in files {
            let full = root.path().join(path);
            std::fs::create_dir_all(full.parent().unwrap()).unwrap();
            std::fs::write(full, text).unwrap();
        }
        let found = sbom::collect(root.path()).unwrap();
        for format in [Format::CycloneDx, Format::Spdx] {
            let text = |bill| sbom::render(bill, format, &SbomOptions::default()).unwrap();
            assert_eq!(text(&found), text(&memory));
        }
    }
    assert_eq!(sbom::collect(Path::new("no-such-folder")).unwrap_err().code(), "io");
}

#[test]
fn hostile_files_end_nothing() {
    let deep = "{\"packages\":".repeat(50_000);
    let many: String = (0..200_000).map(|i| format!("p{i}==1\n")).collect();
    let files = BTreeMap::from([
        ("package-lock.json".to_owned(), deep.into_bytes()),
        ("requirements.txt".to_owned(), many.into_bytes()),
        ("a/go.mod".to_owned(), b"\xff\xfe\x00".to_vec()),
        ("b/Cargo.lock".to_owned(), b"\xc3\x28".to_vec()),
        ("c/pom.xml".to_owned(), b"<!DOCTYPE x [<!ENTITY a 'b'>]><project>&a;".to_vec()),
    ]);
    let bill = sbom::collect_files(&files);
    let paths: Vec<&str> = bill.unread.iter().map(|u| u.path.as_str()).collect();
    assert_eq!(paths, ["b/Cargo.lock", "c/pom.xml", "package-lock.json", "requirements.txt"], "{:?}", bill.unread);
    assert!(bill.components.is_empty());
}
