//! The bill of small projects.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

use super::*;

fn bill(files: &[(&str, &str)]) -> Bill {
    collect_files(&files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect())
}

fn urls(bill: &Bill) -> Vec<&str> {
    bill.components.keys().map(|url| url.trim_start_matches("pkg:")).collect()
}

const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "1", "w": "1"}}, "w": {"name": "@x/w", "dependencies": {"b": "1"}},
    "node_modules/w": {"link": true, "resolved": "w"}, "node_modules/a": {"version": "1.0.0", "license": "mit", "dependencies": {"c": "1"}},
    "node_modules/b": {"version": "1.0.0", "dev": true}, "node_modules/c": {"version": "1.0.0"}}}"#;

#[test]
fn a_lock_file_wins_over_the_manifests_it_covers() {
    let asks = r#"{"name": "app", "dependencies": {"a": "^1", "z": "^9"}}"#;
    let member = r#"{"name": "@x/w", "dependencies": {"q": "^1"}}"#;
    let files = [("package.json", asks), ("package-lock.json", LOCK), ("w/package.json", member), ("other/package.json", member)];
    let found = bill(&files);
    // `other` has the name of a member; a project of its own is listed.
    assert_eq!(urls(&found), ["npm/a@1.0.0", "npm/b@1.0.0", "npm/c@1.0.0"]);
    assert_eq!(found.direct.iter().map(String::as_str).collect::<Vec<_>>(), ["pkg:npm/a@1.0.0", "pkg:npm/b@1.0.0"]);
    assert_eq!(found.name.as_deref(), Some("app"));
    assert_eq!(found.components["pkg:npm/a@1.0.0"].needs, BTreeSet::from(["pkg:npm/c@1.0.0".to_owned()]));
    let own = bill(&[("package-lock.json", LOCK), ("own/package.json", r#"{"name": "own", "dependencies": {"q": "^1.2"}}"#)]);
    assert!(urls(&own).contains(&"npm/q@1.2"));
    let alone = bill(&[("package.json", asks), ("node_modules/a/package.json", asks), ("vendor/x/go.mod", "require a v1\n")]);
    assert_eq!(urls(&alone), ["npm/a@1", "npm/z@9"]);
    // A lock file that cannot be read covers nothing.
    let broken = bill(&[("package.json", asks), ("package-lock.json", "{")]);
    assert_eq!((urls(&broken), broken.unread.len()), (vec!["npm/a@1", "npm/z@9"], 1));
    assert_eq!(broken.unread[0].path, "package-lock.json");
}

#[test]
fn workspaces_without_members_in_the_lock() {
    let root = r#"{"workspaces": {"packages": ["packages/*"]}}"#;
    let lock = "a@^1:\n  version \"1.0.0\"\n";
    let asks = r#"{"dependencies": {"a": "^1"}}"#;
    let files = [("package.json", root), ("yarn.lock", lock), ("packages/w/package.json", asks), ("site/package.json", asks)];
    assert_eq!(urls(&bill(&files)), ["npm/a@1", "npm/a@1.0.0"]);
}

#[test]
fn what_the_project_asks_for_comes_from_the_manifest_beside() {
    let lock =
        "a@^1:\n  version \"1.0.0\"\n  dependencies:\n    b \"^1\"\nb@^1:\n  version \"1.0.0\"\nc@^1:\n  version \"1.0.0\"\n";
    let asks = r#"{"dependencies": {"a": "^1", "b": "^1"}, "devDependencies": {"c": "^1"}}"#;
    let found = bill(&[("yarn.lock", lock), ("package.json", asks)]);
    assert_eq!(found.direct.len(), 3);
    assert_eq!(found.components["pkg:npm/c@1.0.0"].scope, Scope::Excluded);
    assert_eq!(found.components["pkg:npm/b@1.0.0"].scope, Scope::Required);
}

#[test]
fn lists_include_lists_inside_the_project_only() {
    let files = [
        (
            "requirements.txt",
            "-r deps/base.in\n-c limits.txt\n-r ../outside.txt\n-r /etc/passwd\n-r gone.txt\n-r https://x/r.txt\nflask\n",
        ),
        ("deps/base.in", "-r ../requirements.txt\nDjango[x]\nodd>=1\n"),
        ("limits.txt", "django==5.0\nFlask==3.0\nunused==1\n"),
    ];
    let found = bill(&files);
    assert_eq!(urls(&found), ["pypi/django@5.0", "pypi/flask@3.0", "pypi/odd"]);
    let why: Vec<&str> = found.unread.iter().map(|u| u.why.as_str()).collect();
    assert_eq!(why.len(), 4, "{why:?}");
    assert!(found.unread.iter().all(|u| u.path == "requirements.txt"));
    assert_eq!(found.components["pkg:pypi/odd"].declared, BTreeSet::from([">=1".to_owned()]));
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("a==1\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(urls(&collect_files(&BTreeMap::from([("requirements.txt".to_owned(), wide)]))), ["pypi/a@1"]);
}

#[test]
fn versions_give_way_within_a_folder() {
    let files = [("requirements.txt", "a>=1\nb\n"), ("poetry.lock", "[[package]]\nname = \"A\"\nversion = \"1.5\"\n")];
    assert_eq!(urls(&bill(&files)), ["pypi/a@1.5", "pypi/b"]);
    let apart = [("x/requirements.txt", "a>=1\n"), ("poetry.lock", "[[package]]\nname = \"A\"\nversion = \"1.5\"\n")];
    assert_eq!(urls(&bill(&apart)), ["pypi/a", "pypi/a@1.5"]);
}

#[test]
fn package_urls() {
    let files = [
        ("go.mod", "require github.com/BurntSushi/toml v1.0.0+incompatible\n"),
        (
            "package.json",
            r#"{"dependencies": {"@s/p": "2.0.0", "range": "1.2 <2", "git": "git+https://u:p@h/x?k=1", "any": "*"}}"#,
        ),
        ("composer.lock", r#"{"packages": [{"name": "Mono/Log", "version": "3.5.0", "license": ["MIT", "GPL-2.0"]}]}"#),
        (
            "pom.xml",
            "<project><dependencies><dependency><groupId>g.h</groupId><artifactId>a</artifactId><version>1</version></dependency></dependencies></project>",
        ),
    ];
    let found = bill(&files);
    let want = [
        "composer/mono/log@3.5.0",
        "golang/github.com/burntsushi/toml@v1.0.0%2Bincompatible",
        "maven/g.h/a@1",
        "npm/%40s/p@2.0.0",
        "npm/any",
        "npm/git",
        "npm/range",
    ];
    assert_eq!(urls(&found), want);
    assert_eq!(found.components["pkg:npm/git"].declared, BTreeSet::from(["git+https://h/x".to_owned()]));
}

#[test]
fn documents_repeat_to_the_byte_and_say_what_is_missing() {
    let files = [("package-lock.json", LOCK), ("bad/Cargo.lock", "[[package]"), ("requirements.txt", "x>=1\n")];
    let found = bill(&files);
    for format in [Format::CycloneDx, Format::Spdx] {
        let text = render(&found, format, &SbomOptions::default()).unwrap();
        let mut reversed = files;
        reversed.reverse();
        assert_eq!(render(&bill(&reversed), format, &SbomOptions::default()).unwrap(), text);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(text.contains("bad/Cargo.lock: not readable") && text.ends_with("}\n"));
        assert!(!text.contains("timestamp"));
        match format {
            Format::CycloneDx => {
                assert_eq!(value["components"][0]["licenses"][0]["license"]["id"], "MIT");
                assert_eq!(value["components"][1]["scope"], "excluded");
                let refs: BTreeSet<_> =
                    value["dependencies"].as_array().unwrap().iter().map(|d| d["ref"].as_str().unwrap()).collect();
                assert_eq!(refs.len(), found.components.len() + 1);
                for dependency in value["dependencies"].as_array().unwrap() {
                    for need in dependency["dependsOn"].as_array().into_iter().flatten() {
                        assert!(refs.contains(need.as_str().unwrap()));
                    }
                }
            }
            Format::Spdx => {
                let ids: BTreeSet<_> =
                    value["packages"].as_array().unwrap().iter().map(|p| p["SPDXID"].as_str().unwrap()).collect();
                assert_eq!(ids.len(), found.components.len() + 1);
                for relationship in value["relationships"].as_array().unwrap() {
                    assert!(ids.contains(relationship["relatedSpdxElement"].as_str().unwrap()));
                }
            }
        }
        let other =
            SbomOptions { name: Some("other".to_owned()), created: Some("2026-01-02T03:04:05".to_owned()), namespace: None };
        let other = render(&found, format, &other).unwrap();
        assert!(other.contains("2026-01-02T03:04:05Z") && other.contains("\"other\"") && other != text);
    }
}
