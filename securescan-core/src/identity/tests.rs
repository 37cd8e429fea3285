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

#[test]
fn the_region_ends_where_its_last_line_ends() {
    let same = |a: (&str, u32), b: (&str, u32)| assert_eq!(identified(a.0, a.1), identified(b.0, b.1), "{a:?} {b:?}");
    // The rest of the closing line belongs to it, the next line never does.
    same(("eval(\n payload\n).run()\nnext()\n", 1), ("eval(payload).run()", 1));
    same(("eval(\n payload\n).run(a,\n b)\nnext()\n", 1), ("eval(payload).run(a, b)", 1));
    // What is still open on the closing line ends with it.
    same(("eval(\n payload\n) + 'open\nnext()\n", 1), ("eval(payload) + 'open", 1));
    same(("x = 'open\nnext()'\n", 1), ("x = 'open\nother()'\n", 1));
    same(("x = '''open\nnext()'\n", 1), ("x = '''open\nother()'\n", 1));
    same(("a)\nb()\n", 1), ("a)\nc()\n", 1));
    // A comment ends with its line, and brackets in it are none.
    same(("x = 1 # (\ny()\n", 1), ("x = 1\nz()\n", 1));
    let c = |text: &str| {
        let mut findings = [at("a.c", 1)];
        identify(&mut findings, &sources("a.c", text));
        findings[0].fingerprint.clone()
    };
    assert_eq!(c("f(\n x) /* from here\n to here */ g();\n"), c("f(x)"));
    assert_eq!(c("f(x); /* from here\n to here */ g();\n"), c("f(x)"));
}

#[test]
fn all_named_lines_count_up_to_twenty() {
    let range = |text: &str, end: u32| {
        let mut findings = [at("a.py", 1)];
        findings[0].end_line = Some(end);
        identify(&mut findings, &sources("a.py", text));
        findings[0].fingerprint.clone()
    };
    assert_ne!(range("a()\nb()\nc()\n", 2), range("a()\nb()\nc()\n", 1));
    assert_eq!(range("a()\nb()\nc()\n", 2), range("a()\n\n  b()  # note\nd()\n", 3));
    assert_eq!(range("a()\nb()\nc()\n", 0), range("a()\nx()\n", 1), "an end before the start is none");
    let lines = |n: usize, tail: &str| format!("{}{tail}\n", "x()\n".repeat(n));
    assert_ne!(range(&lines(19, "y()"), 20), range(&lines(19, "z()"), 20), "the twentieth line counts");
    assert_eq!(range(&lines(20, "y()"), 21), range(&lines(20, "z()"), 21), "the one after it does not");
    let open = |n: usize, tail: &str| range(&format!("f(\n{}{tail})\n", "x,\n".repeat(n)), 1);
    assert_ne!(open(18, "y"), open(18, "z"));
    assert_eq!(open(19, "y"), open(19, "z"));
    let long = |n: usize, tail: &str| range(&format!("{}{tail}\n", "x".repeat(n)), 1);
    assert_ne!(long(4095, "y"), long(4095, "z"), "4 KiB count");
    assert_eq!(long(4096, "y"), long(4096, "z"));
    let cut = |text: &str| context("a.py", text);
    assert_eq!(cut(&"x\n".repeat(30)).len(), 39, "a snippet has the same limits");
    assert_eq!(cut(&format!("{}😀", "x".repeat(4093))), "x".repeat(4093));
    assert_eq!(long(4093, "😀"), long(4093, "😁"), "a character is whole or not there");
}

#[test]
fn files_have_languages() {
    let comment = |path: &str, text: &str| context(path, text) == "x";
    for path in
        ["Dockerfile", "app/Dockerfile.go", "Dockerfile-prod", "Makefile", ".env", ".env.local", "prod.env", "A.YML", "a.R"]
    {
        assert!(comment(path, "x # c") && !comment(path, "x# c"), "{path}");
    }
    for path in ["a.py", "Gemfile", "Rakefile", "a.rb", "a.php"] {
        assert!(comment(path, "x# c"), "{path}");
    }
    for path in ["dockerfile_parser.ts", "DockerfileTool.java", "a.kt", "a.vue", "a.scss", "a.hcl", "a.php"] {
        assert!(comment(path, "x // c") && comment(path, "x /* c */"), "{path}");
    }
    for path in ["a.sql", "a.lua", "a.hs", "a.elm", "a.adb"] {
        assert!(comment(path, "x -- c"), "{path}");
    }
    assert!(comment("a.elm", "x {- {- c -} -}") && comment("a.swift", "x /* /* */ */") && !comment("a.c", "x /* /* */ */"));
    assert!(
        comment("a.ini", "x ; c")
            && !comment("a.ini", "x;c")
            && comment("a.svg", "x <!-- c -->")
            && comment("a.css", "x /* c */")
    );
    assert!(!comment("a.css", "x // c") && !comment("a.md", "x # c") && !comment("README", "x // c"));
}

#[test]
fn strings_are_kept() {
    let cases = [
        ("a.java", "x = \"\"\"a // \"b\" c\"\"\"; // d", "x=\"\"\"a // \"b\" c\"\"\""),
        ("a.js", "x = 'it\\'s' + 'a' + '\"'", "x='it\\'s'+\"a\"+'\"'"),
        ("a.js", "x = `a 'b", "x=`a 'b"),
        ("a.rb", "x = 'a'", "x='a'"),
        ("a.sql", "x = 'a\\' -- c", "x='a\\'"),
        ("a.go", "x := `a\\` // c", "x:=`a\\`"),
        ("a.py", "x = ''", "x=\"\""),
        ("a.py", "x = F'a' RB'b' x'c'", "x=F\"a\" RB\"b\" x \"c\""),
        ("a.rs", "br##\"a\"# // b\"## 'x' '\\u{41}' 'static", "br##\"a\"# // b\"## 'x' '\\u{41}''static"),
        ("a.c", "c = '\"'; // d", "c='\"'"),
        ("a.py", "x = 'a' # c 'd'", "x=\"a\""),
    ];
    for (path, text, expected) in cases {
        assert_eq!(context(path, text), expected, "{path}: {text}");
    }
}

#[test]
fn what_is_dropped_leaves_nothing_that_means_something_else() {
    // Commas before a bracket, semicolons at the end: all of them, so that a second pass finds nothing to do.
    assert_eq!(context("a.py", "f(a,,)"), "f(a)");
    assert_eq!(context("a.js", "f(a,b,) ; ;"), "f(a,b)");
    assert_eq!(context("a.js", "x = \"open;"), "x=\"open;");
    assert_eq!(context("a.py", "x = 1;"), "x=1;");
    // Marks that were apart do not become a comment.
    assert_eq!(context("a.sql", "x = 1 - -y"), "x=1- -y");
    assert_eq!(context("a.c", "x = a / *p"), "x=a/ *p");
    assert_eq!(context("a.html", "< !--"), "<!- -");
}

#[test]
fn a_secret_in_a_comment_or_beyond_the_limits_still_counts() {
    let with = |value: &str, text: &str| {
        let mut findings = [at("a.py", 1)];
        findings[0].secret = Some(Box::new(Secret { kind: "k".into(), value: value.into() }));
        identify(&mut findings, &sources("a.py", text));
        findings[0].fingerprint.clone()
    };
    assert_ne!(with("AAAA1111", "f() # AAAA1111"), with("BBBB2222", "f() # BBBB2222"));
    let far = |value: &str| with(value, &format!("{} {value}", "x".repeat(5000)));
    assert_ne!(far("AAAA1111"), far("BBBB2222"));
}

#[test]
fn placeholders_are_no_snippets() {
    for text in ["requires login", " requires login\n", "", "  "] {
        let mut finding = at("a.py", 1);
        finding.metadata.line_snippet = Some(text.into());
        assert_eq!(context::of(&finding, None), "", "{text:?}");
        identify(std::slice::from_mut(&mut finding), &NoSources);
        assert_eq!(finding.legacy_fingerprint, None);
    }
}
