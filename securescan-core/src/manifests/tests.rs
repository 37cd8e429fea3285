//! Each kind by a small text of its own, and all kinds by hostile ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

use super::*;

/// `name@version` of each entry, with `>` and the names of what it needs; members in brackets.
fn read(name: &str, text: &str) -> Vec<String> {
    let entries = (kind(name).unwrap().parse)(text).unwrap();
    let shown = |entry: &Entry| {
        let version = entry.declared.as_ref().map_or_else(|| entry.version.clone(), |d| format!("{}?{d}", entry.version));
        let needs: Vec<&str> = entry.needs.iter().map(|i| entries[*i].name.as_str()).collect();
        let needs = if needs.is_empty() { String::new() } else { format!(">{}", needs.join(",")) };
        let mark = match (entry.dev, entry.optional) {
            (_, true) => "?",
            (Some(true), false) => "!",
            _ => "",
        };
        let sums = "#".repeat(entry.hashes.len());
        match entry.role {
            Role::Member => format!("[{}]{needs}", entry.name),
            _ => format!("{}@{version}{needs}{mark}{sums}", entry.name),
        }
    };
    entries.iter().map(shown).collect()
}

const SHA1: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

#[test]
fn npm() {
    let text = r#"{"lockfileVersion": 3, "packages": {
        "": {"name": "app", "dependencies": {"a": "1", "w": "*"}, "devDependencies": {"c": "1"}},
        "w": {"name": "w", "dependencies": {"b": "1"}},
        "node_modules/w": {"link": true, "resolved": "w"},
        "node_modules/a": {"version": "1.0.0", "dependencies": {"b": "2", "missing": "1"}, "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
        "node_modules/a/node_modules/b": {"version": "2.0.0"},
        "node_modules/b": {"version": "1.0.0", "optional": true},
        "node_modules/c": {"name": "@s/c", "version": "3.0.0", "dev": true}}}"#;
    let want = ["[app]>w,a,@s/c", "[w]>b", "a@1.0.0>b#", "b@2.0.0", "b@1.0.0?", "@s/c@3.0.0!"];
    assert_eq!(read("package-lock.json", text), want);
    let old = r#"{"dependencies": {"a": {"version": "1", "requires": {"b": "1"}, "dependencies": {"b": {"version": "2"}}},
        "b": {"version": "1", "requires": {"a": "1"}}, "c": {"version": "npm:d@3"}}}"#;
    assert_eq!(read("npm-shrinkwrap.json", old), ["a@1>b", "b@2", "b@1>a", "d@3"]);
    let manifest = r#"{"dependencies": {"a": "^1.0", "l": "file:../l", "n": 3}, "peerDependencies": {"p": "*"},
        "devDependencies": {"c": "npm:d@~3"}, "optionalDependencies": {"o": "1"}}"#;
    assert_eq!(read("package.json", manifest), ["a@?^1.0", "p@?*", "d@?~3!", "o@?1?"]);
}

#[test]
fn yarn_both_forms() {
    let classic = format!(
        "# yarn lockfile v1\n\n\"@s/a@^1\", \"@s/a@~1.0\":\n  version \"1.0.1\"\n  resolved \"https://r/a.tgz#{SHA1}\"\n  dependencies:\n    b \"^2\"\n\nb@^2:\n  version \"2.0.0\"\nc@npm:d@1:\n  version \"1.0.0\"\n"
    );
    assert_eq!(read("yarn.lock", &classic), ["@s/a@1.0.1>b#", "b@2.0.0", "d@1.0.0"]);
    let modern = "__metadata:\n  version: 6\n\n\"a@npm:^1, a@npm:~1\":\n  version: 1.0.1\n  resolution: \"a@npm:1.0.1\"\n  dependencies:\n    b: ^2\n    \"@s/c\": \"npm:^3\"\n  checksum: 10/00\n\n\"b@npm:^2\":\n  version: 2.0.0\n  resolution: \"b@npm:2.0.0\"\n\n\"@s/c@npm:^3\":\n  version: 3.0.0\n  resolution: \"@s/c@npm:3.0.0\"\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n  dependencies:\n    a: ^1\n  languageName: unknown\n";
    assert_eq!(read("yarn.lock", modern), ["a@1.0.1>b,@s/c", "b@2.0.0", "@s/c@3.0.0", "[app]>a"]);
}

#[test]
fn pnpm_all_forms() {
    let v5 = "lockfileVersion: 5.4\nspecifiers:\n  a: ^1\ndependencies:\n  a: 1.0.0_b@2.0.0\ndevDependencies:\n  c: 3.0.0\npackages:\n  /a/1.0.0_b@2.0.0:\n    resolution: {integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=}\n    dependencies:\n      '@s/b': 2.0.0\n    dev: false\n  /@s/b/2.0.0:\n    dev: false\n  /c/3.0.0:\n    dev: true\n";
    assert_eq!(read("pnpm-lock.yaml", v5), ["a@1.0.0>@s/b#", "@s/b@2.0.0", "c@3.0.0!", "[]>a,c"]);
    let v6 = "lockfileVersion: '6.0'\ndependencies:\n  a:\n    specifier: ^1\n    version: 1.0.0(b@2.0.0)\npackages:\n  /a@1.0.0(b@2.0.0):\n    dependencies:\n      x: /@s/b@2.0.0\n  /@s/b@2.0.0:\n    optional: true\n";
    assert_eq!(read("pnpm-lock.yaml", v6), ["a@1.0.0>@s/b", "@s/b@2.0.0?", "[]>a"]);
    let v9 = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1\n        version: 1.0.0(b@2.0.0)\n  packages/w:\n    devDependencies:\n      c:\n        specifier: ^3\n        version: 3.0.0\n      l:\n        specifier: workspace:*\n        version: link:../l\npackages:\n  a@1.0.0:\n    resolution: {integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=}\n    peerDependencies:\n      b: '*'\n  '@s/b@2.0.0':\n    resolution: {integrity: x}\n  c@3.0.0:\n    resolution: {integrity: x}\nsnapshots:\n  a@1.0.0(b@2.0.0):\n    dependencies:\n      b: '@s/b@2.0.0'\n  '@s/b@2.0.0': {}\n  c@3.0.0: {}\n";
    assert_eq!(read("pnpm-lock.yaml", v9), ["a@1.0.0>@s/b#", "@s/b@2.0.0", "c@3.0.0!", "[]>a", "[]>c"]);
}

#[test]
fn bun() {
    let text = r#"{ "lockfileVersion": 1, // a comment
        "workspaces": {"": {"name": "app", "dependencies": {"a": "^1", }, },},
        "packages": { "a": ["a@1.0.0", "", {"dependencies": {"b": "1"}}, "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="],
          "@s/b": ["@s/b@2.0.0", "https://x//y,}", {}, ""], "b": ["b@1.0.0", "", {}, ""], "w": ["w@workspace:w"], } , }"#;
    assert_eq!(read("bun.lock", text), ["[app]>a", "@s/b@2.0.0", "a@1.0.0>b#", "b@1.0.0"]);
}

#[test]
fn python_locks() {
    let poetry = "[[package]]\nname = \"a\"\nversion = \"1.0\"\noptional = false\ngroups = [\"main\"]\nfiles = [{file = \"x\", hash = \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}]\n\n[package.dependencies]\nB_c = \">=1\"\n\n[[package]]\nname = \"b-c\"\nversion = \"2.0\"\ngroups = [\"dev\"]\n";
    assert_eq!(read("poetry.lock", poetry), ["a@1.0>b-c#", "b-c@2.0!"]);
    let uv = "[[package]]\nname = \"app\"\nversion = \"0\"\nsource = { editable = \".\" }\ndependencies = [{ name = \"a\" }]\n[package.dev-dependencies]\ndev = [{ name = \"c\" }]\n\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { registry = \"r\" }\ndependencies = [{ name = \"b\", version = \"2\" }]\n\n[[package]]\nname = \"b\"\nversion = \"1\"\n\n[[package]]\nname = \"b\"\nversion = \"2\"\n\n[[package]]\nname = \"c\"\nversion = \"3\"\n";
    assert_eq!(read("uv.lock", uv), ["[app]>a,c", "a@1>b", "b@1", "b@2", "c@3!"]);
    let pdm = "[[package]]\nname = \"a\"\nversion = \"1\"\ngroups = [\"default\"]\ndependencies = [\"b>=1; python_version < '3'\"]\n[[package]]\nname = \"b\"\nversion = \"2\"\n";
    assert_eq!(read("pdm.lock", pdm), ["a@1>b", "b@2"]);
    let pipfile = r#"{"default": {"a": {"version": "==1.0", "hashes": ["sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"]}, "v": {"git": "x"}}, "develop": {"b": {"version": "==2"}}}"#;
    assert_eq!(read("Pipfile.lock", pipfile), ["a@1.0#", "v@", "b@2!"]);
    let pylock = "lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\nversion = \"1\"\n[[packages.wheels]]\nname = \"w\"\n[packages.wheels.hashes]\nsha1 = \"da39a3ee5e6b4b0d3255bfef95601890afd80709\"\n[[packages]]\nname = \"b\"\n";
    assert_eq!(read("pylock.toml", pylock), ["a@1#", "b@"]);
}

#[test]
fn python_manifests() {
    let requirements = "# c\n-i https://x\na==1.0 ; python_version > '3' # c\nuvicorn[standard] == 0.30.0\nb>=2,<3\nc==1.*\nd @ https://x/d.zip ; os_name == 'nt'\ne (==2)\n-r o.txt\n-co.txt\n--requirement=p.txt\n-e ./x\ngit+https://g/x#egg=x\nf==1 \\\n  --hash=sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709 \\\n  --hash=sha256:bad\n./p.whl\nw-1.0.whl\nsome prose here\n";
    let want = ["a@1.0", "uvicorn@0.30.0", "b@?>=2,<3", "c@?==1.*", "d@?https://x/d.zip", "e@2", "f@1#"];
    assert_eq!(read("requirements-dev.txt", requirements), want);
    let names = requirements::includes(requirements);
    assert_eq!(names, [("o.txt".into(), false), ("o.txt".into(), true), ("p.txt".into(), false)]);
    let project = "[project]\ndependencies = [\"a==1\", \"b[x]>=2\"]\n[project.optional-dependencies]\ne = [\"o\"]\n[dependency-groups]\ndev = [\"d==1\", {include-group = \"x\"}]\n[tool.poetry.dependencies]\npython = \"^3\"\np = \"^1.2\"\nq = {version = \"==1\", optional = true}\n[tool.poetry.group.t.dependencies]\nt = \"*\"\n";
    assert_eq!(read("pyproject.toml", project), ["a@1", "b@?>=2", "o@?", "d@1!", "p@?^1.2", "q@1?", "t@?*!"]);
    assert_eq!(read("Pipfile", "[packages]\na = \"*\"\n[dev-packages]\nb = \"==1\"\n"), ["a@?*", "b@1!"]);
}

#[test]
fn compiled_languages() {
    let lock = "version = 3\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"r\"\nchecksum = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\nsource = \"r\"\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"a 2.0.0\",\n]\n";
    assert_eq!(read("Cargo.lock", lock), ["a@1.0.0#", "a@2.0.0", "app@0.1.0>a"]);
    let toml = "[dependencies]\na = \"1.0\"\nb = { version = \"2\", optional = true }\nc = { path = \"../c\" }\nd = { git = \"x\" }\n[dev-dependencies]\ne = { package = \"f\", version = \"3\" }\n[target.'cfg(unix)'.dependencies]\ng = \"1\"\n";
    assert_eq!(read("Cargo.toml", toml), ["a@?1.0", "b@?2?", "d@", "f@?3!", "g@?1"]);
    let module = "module m\ngo 1.20\nrequire a.com/x v1.0.0\nrequire (\n\tb.com/y v2.0.0 // indirect\n\tc.com/z v1.0.0\n)\nreplace b.com/y => d.com/w v3.0.0\nreplace (\n\tc.com/z v1.0.0 => ../z\n)\nexclude a.com/x v0.9.0\n";
    assert_eq!(read("go.mod", module), ["a.com/x@v1.0.0", "d.com/w@v3.0.0", "c.com/z@v1.0.0"]);
    let sum = "a.com/x v1.0.0 h1:x=\na.com/x v1.0.0/go.mod h1:y=\na.com/x v1.1.0/go.mod h1:y=\nb.com/y v2.0.0 h1:x=\n";
    assert_eq!(read("go.sum", sum), ["a.com/x@v1.1.0", "b.com/y@v2.0.0"]);
    let pom = "<project xmlns=\"x\"><parent><groupId>g.p</groupId><version>9</version></parent><properties><v>1.${w}</v><w>2</w><loop>${loop}</loop></properties>\n<dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>m</artifactId><version>3</version></dependency></dependencies></dependencyManagement>\n<dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version></dependency><dependency><groupId>g</groupId><artifactId>m</artifactId><scope>test</scope></dependency><dependency><groupId>${project.groupId}</groupId><artifactId>b</artifactId><version>[1,2)</version><optional>true</optional></dependency><dependency><groupId>g</groupId><artifactId>u</artifactId><version>${loop}</version></dependency></dependencies></project>";
    assert_eq!(read("pom.xml", pom), ["g:a@1.2", "g:m@3!", "g.p:b@?[1,2)?", "g:u@?${loop}"]);
    let gradle = "# c\ng:a:1.0=compileClasspath,testCompileClasspath\ng:b:2=testRuntimeClasspath\nempty=annotationProcessor\n";
    assert_eq!(read("gradle.lockfile", gradle), ["g:a@1.0", "g:b@2!"]);
    let nuget = r#"{"version": 1, "dependencies": {"net6.0": {"A": {"type": "Direct", "resolved": "1.0", "dependencies": {"b": "1"}}, "B": {"type": "Transitive", "resolved": "2.0"}, "p": {"type": "Project", "dependencies": {"A": "1"}}}}}"#;
    assert_eq!(read("packages.lock.json", nuget), ["A@1.0>B", "B@2.0", "[p]>A"]);
}

#[test]
fn scripting_languages() {
    let gems = "PATH\n  remote: .\n  specs:\n    own (0.1)\n      a\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.0)\n      b (~> 2.0)\n    b (2.0-x86_64-linux)\n\nDEPENDENCIES\n  a (~> 1)\n  own!\n\nCHECKSUMS\n  a (1.0) sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709\n";
    assert_eq!(read("Gemfile.lock", gems), ["own@0.1>a", "a@1.0>b#", "b@2.0-x86_64-linux"]);
    let composer = r#"{"packages": [{"name": "v/a", "version": "v1", "require": {"php": "8", "V/b": "1"}}], "packages-dev": [{"name": "v/b", "version": "2"}]}"#;
    assert_eq!(read("composer.lock", composer), ["v/a@v1>v/b", "v/b@2!"]);
    assert_eq!(
        read("composer.json", r#"{"require": {"php": "8", "v/a": "^1"}, "require-dev": {"v/b": "2"}}"#),
        ["v/a@?^1", "v/b@?2!"]
    );
    let mix = "%{\n  \"a\": {:hex, :a, \"1.0.0\", \"00\", [:mix], [{:b, \"~> 1\", [hex: :b]}], \"hexpm\", \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"},\n  \"b\": {:hex, :b, \"2.0.0\", \"00\", [:mix], [], \"hexpm\"},\n  \"g\": {:git, \"https://g/x.git\", \"abc\", []},\n}\n";
    assert_eq!(read("mix.lock", mix), ["a@1.0.0>b#", "b@2.0.0", "g@?https://g/x.git abc"]);
    let pubspec = "packages:\n  a:\n    dependency: \"direct main\"\n    description:\n      name: a\n      sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n      url: \"https://pub.dev\"\n    source: hosted\n    version: \"1.0.0\"\n  t:\n    dependency: \"direct dev\"\n    source: hosted\n    version: \"2.0.0\"\nsdks:\n  dart: \">=3\"\n";
    assert_eq!(read("pubspec.lock", pubspec), ["a@1.0.0#", "t@2.0.0!"]);
    let pods = "PODS:\n  - A (1.0):\n    - B/Sub (= 2.0)\n  - B/Sub (2.0)\n\nDEPENDENCIES:\n  - A (~> 1)\n\nCOCOAPODS: 1.11\n";
    assert_eq!(read("Podfile.lock", pods), ["A@1.0>B", "B@2.0"]);
}

#[test]
fn hostile_text_is_an_error_of_one_line_or_read() {
    let deep =
        ["[", "{\"a\":", "{\"packages\":[", "<project>", "a = [", "{\"dependencies\":{\"a\":"].map(|part| part.repeat(20_000));
    let small = ["", "{", "[]", "null", "\u{0}", "packages:\n  :\n    :\n      :\n", "@:\n  @:\n", "[[package]]\nname = \n"];
    for name in names() {
        let parse = kind(name).unwrap().parse;
        for text in small.iter().copied().chain(deep.iter().map(String::as_str)) {
            if let Err(why) = parse(text) {
                assert!(why.starts_with("not readable: ") && !why.contains('\n'), "{name}: {why}");
            }
        }
    }
}

proptest::proptest! {
    /// No text makes a reader panic; lines exist and needs point into the list.
    #[test]
    fn any_text_is_read(parts in proptest::collection::vec(proptest::sample::select(vec![
        "packages", ":", "{", "}", "[", "]", "\"packages\"", "\"dependencies\"", "\"name\"", "\"a\"", ",", "\n", "  ", "    ", "@", "/a@1",
        "name = \"x\"", "[[package]]", "dependencies = [\"x\"]", "require (", "a v1", "==", "\\", "\"", "GEM\n", "    x (1)", "PODS:\n", "  - x (1)",
        "lockfileVersion: 5\n", "<project>", "</", ">", "=> ", "é", "#", "-r x", "importers:\n", "  a@1:\n", "a:b:1=c"]), 0..24)) {
        let text = parts.concat();
        let lines = text.split('\n').count();
        for name in names() {
            let entries = (kind(name).unwrap().parse)(&text).unwrap_or_default();
            for entry in &entries {
                proptest::prop_assert!(entry.line.is_none_or(|l| l >= 1 && l as usize <= lines), "{} {:?}", name, entry);
                proptest::prop_assert!(entry.needs.iter().all(|i| *i < entries.len()), "{} {:?}", name, entry);
            }
        }
    }
}
