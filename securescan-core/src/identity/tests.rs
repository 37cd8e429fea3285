use super::*;
use crate::model::{Endpoint, Package, ScanType, Secret, Severity};
use crate::source::{MemorySources, NoSources};

fn context(path: &str, text: &str) -> String {
    normalized_line_context(text, Scheme::V2, Some(path))
}

/// The pairs of the specification, section 3.
#[test]
fn pairs() {
    let same = [
        ("a.py", "eval(payload)", "eval(\n    payload\n)"),
        ("a.py", "x = eval( payload )  # noqa", "x=eval(payload)"),
        ("a.py", "f(a, b)", "f(a, b,)"),
        ("a.py", "s = 'a'", "s = \"a\""),
        ("a.js", "el.innerHTML = x;", "el.innerHTML = x"),
        ("a.js", "get(a) // first", "get(a) /* second */"),
        ("a.sql", "SELECT 1 -- old", "SELECT 1"),
        ("a.go", "\tf(x)", "    f(x)"),
    ];
    for (path, a, b) in same {
        assert_eq!(context(path, a), context(path, b), "{path}: {a}");
    }
    let different = [
        ("a.py", "url = \"http://good\"", "url = \"http://evil\""),
        ("a.py", "c = \"#fff\"", "c = \"#000\""),
        ("a.py", "eval(payload)", "eval(data)"),
        ("a.py", "return x", "returnx"),
        ("a.py", "token = \"ABC\"", "token = \"abc\""),
        ("a.c", "i--; evil();", "i--;"),
        ("a.sh", "curl --flag x", "curl --flag y"),
        ("a.yaml", "image: a#b", "image: a"),
    ];
    for (path, a, b) in different {
        assert_ne!(context(path, a), context(path, b), "{path}: {a}");
    }
    assert_eq!(context("a.py", "eval(\n    payload\n)"), "eval(payload)");
    assert_eq!(context("a.py", "x = eval( payload )  # noqa"), "x=eval(payload)");
    assert_eq!(context("a.py", "return x"), "return x");
}

#[test]
fn languages() {
    let cases = [
        ("a.rs", "fn f<'a>(x: &'a str) { let c = '\"'; } // c", "fn f<'a>(x:&'a str){let c='\"';}"),
        ("a.rs", "let s = r#\"a // b\"#; /* a /* b */ c */ x()", "let s=r#\"a // b\"#;x()"),
        ("a.php", "#[Attr] f(); # c", "#[Attr]f()"),
        ("a.html", "<a href=\"x\"><!-- c --></a>", "<a href=\"x\"></a>"),
        ("a.tf", "a = \"x\" // c", "a=\"x\""),
        ("a.py", "x = rb'a' + f\"{y}\"", "x=rb\"a\"+f\"{y}\""),
        ("a.py", "'''doc # no comment", "'''doc # no comment"),
        ("a.lua", "x = 1 --[[ c ]] + 2", "x=1+2"),
        ("a.ini", "a = 1 ; c", "a=1"),
        ("a.txt", "don't # stop", "don't#stop"),
        ("a.js", "x = `a ${b} // c`", "x=`a ${b} // c`"),
        ("a.go", "x := 'a' // c", "x:='a'"),
    ];
    for (path, text, expected) in cases {
        assert_eq!(context(path, text), expected, "{path}: {text}");
    }
}

fn at(path: &str, line: u32) -> Finding {
    let mut finding = Finding::new("s", ScanType::Code, Severity::High, "t");
    finding.rule_id = Some("r".into());
    finding.file_path = Some(path.into());
    finding.line = Some(line);
    finding
}

fn sources(path: &str, text: &str) -> MemorySources {
    MemorySources([(path.to_owned(), text.as_bytes().to_vec().into())].into())
}

fn identified(text: &str, line: u32) -> String {
    let mut findings = [at("a.py", line)];
    identify(&mut findings, &sources("a.py", text));
    findings[0].fingerprint.clone()
}

#[test]
fn the_region_follows_open_brackets_to_the_end_of_their_line() {
    let one = identified("eval(payload).run()\nother()\n", 1);
    assert_eq!(one, identified("# new\n\neval(\n    payload,\n).run()\nelse_()\n", 3));
    assert_ne!(one, identified("eval(payload)\nother()\n", 1));
    let mut by_snippet = [at("a.py", 1)];
    by_snippet[0].metadata.line_snippet = Some("eval(payload).run()".into());
    identify(&mut by_snippet, &NoSources);
    assert_eq!(one, by_snippet[0].fingerprint, "source and snippet agree");
}

#[test]
fn a_secret_is_masked_and_still_tells_secrets_apart() {
    let with = |value: &str, text: &str| {
        let mut findings = [at("a.py", 1)];
        findings[0].secret = Some(Box::new(Secret { kind: "k".into(), value: value.into() }));
        identify(&mut findings, &sources("a.py", text));
        assert!(findings[0].secret.is_none() && findings[0].metadata.line_snippet.is_none());
        findings[0].fingerprint.clone()
    };
    assert_eq!(with("AAAA1111", "x = 'AAAA1111'"), with("AAAA1111", "x  =  'AAAA1111'  # note"));
    assert_ne!(with("AAAA1111", "x = 'AAAA1111'"), with("BBBB2222", "x = 'BBBB2222'"));
    let region = Region::of(&at("a.py", 1), &LineIndex::new(b"x = 'AAAA1111'")).unwrap();
    assert_eq!(region.masked("AAAA1111", "<k:0f3>").unwrap(), "x=\"<k:0f3>\"");
}

#[test]
fn packages_endpoints_and_titles() {
    let mut a = at("req.txt", 3);
    a.package = Some(Box::new(Package {
        ecosystem: "pypi".into(),
        name: "Foo_Bar".into(),
        version: Some("1".into()),
        ..Package::default()
    }));
    let mut b = a.clone();
    b.package = Some(Box::new(Package {
        ecosystem: "pypi".into(),
        name: "foo-bar".into(),
        version: Some("2".into()),
        ..Package::default()
    }));
    assert_eq!(fingerprint(&a, Scheme::V2), fingerprint(&b, Scheme::V2));
    let mut e = at("", 1);
    e.metadata.endpoint = Some(Box::new(Endpoint {
        method: Some("GET".into()),
        host: Some("h".into()),
        path: Some("/u/17/x".into()),
        parameters: vec!["b".into(), "a".into()],
        ..Endpoint::default()
    }));
    assert_eq!(context::of(&e, None), "GET h/u/{n}/x?a&b");
    let mut t = Finding::new("s", ScanType::Code, Severity::Low, "12 things in 3 files");
    assert_eq!(context::of(&t, None), "# things in # files");
    t.rule_id = Some("r".into());
    assert_eq!(context::of(&t, None), "");
}

#[test]
fn fields_do_not_run_into_each_other() {
    let finding = |scanner: &str, rule: &str| {
        let mut f = Finding::new(scanner, ScanType::Code, Severity::Low, "t");
        f.rule_id = Some(rule.into());
        fingerprint(&f, Scheme::V2)
    };
    assert_ne!(finding("s", "a|b"), finding("s|a", "b"));
    assert_ne!(finding("s", "a\\"), finding("s", "a\\\\"));
}

#[test]
fn occurrences_and_ids() {
    let mut findings = [at("a.py", 1), at("a.py", 2), at("b.py", 1)];
    identify(&mut findings, &sources("a.py", "x()\nx()\n"));
    number(&mut findings);
    assert_eq!(findings[0].fingerprint, findings[1].fingerprint);
    assert_eq!(findings.iter().map(|f| f.occurrence).collect::<Vec<_>>(), [1, 2, 1]);
    assert!(findings[0].id != findings[1].id && findings[0].id.len() == 14 && findings[0].id.starts_with("f-"));
}
