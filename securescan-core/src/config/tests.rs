use super::*;
use crate::ErrorKind;

fn error(text: &str) -> String {
    let error = Config::parse(text, "c.yml").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    text
}

#[test]
fn errors_say_where_what_and_what_to_do() {
    assert_eq!(error("ingored_rules: [A]\n"), "c.yml:1:1: unknown key `ingored_rules`; did you mean `ignored_rules`?");
    assert!(error("a: 1\nb: 2\n").starts_with("c.yml:1:1: unknown key `a`; known keys: version, scan_types"));
    assert_eq!(error("version: 2\n"), "c.yml:1:10: `version`: version 2 is not known; write `version: 1`, or leave it out");
    assert_eq!(
        error("ignored_rules:\n  - A\n  - 123\n"),
        "c.yml:3:5: `ignored_rules[1]`: expected a rule id, and YAML reads `123` as a number; put it in quotes"
    );
    assert_eq!(
        error("scan_types: code\n"),
        "c.yml:1:13: `scan_types`: expected a list, found a text; write `scan_types: [first, second]`, or remove the key"
    );
    assert!(error("scan_types: [Code]\n").ends_with("`Code` is not a scan type; did you mean `code`?"));
    assert!(error("semgrep_rules: [--debug]\n").contains("is not a path"));
    assert!(error("ai: !!python/object:os.system x\n").contains("unsupported tag"));
    assert!(error("ai: true\n---\nai: true\n").contains("more than one document"));
}

#[test]
fn the_first_problem_in_the_file_is_the_error() {
    assert!(error("ai: 7\nextra: 1\n").starts_with("c.yml:1:5: `ai`"));
}

#[test]
fn hostile_yaml_is_one_short_error() {
    for text in
        ["[".repeat(50_000), "- ".repeat(50_000), "{a: ".repeat(50_000), "? ".repeat(50_000), format!("{}1", "a: ".repeat(9))]
    {
        assert!(error(&text).contains("malformed YAML"), "{}", text.get(..10).unwrap());
    }
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for i in 1..12 {
        let item = format!("*a{}", i - 1);
        bomb.push_str(&format!("a{i}: &a{i} [{}]\n", vec![item; 9].join(",")));
    }
    assert!(error(&bomb).contains("nested too deeply or too large"));
    assert!(error(&"#".repeat(2 << 20)).contains("is the limit"));
    assert!(error("ignored_rules: [\"\\e[31m\", 1]\n").contains("ignored_rules[1]"));
    assert!(error(&format!("{}: 1\n", "k".repeat(900))).len() < 600);
    assert!(error("\"a\\nb\": 1\n").contains("`a\\nb`"));
}

#[test]
fn yaml_1_1_words() {
    let ai = |word: &str| Config::parse(&format!("ai: {word}\n"), "c.yml").ok().map(|c| c.ai);
    for word in ["true", "True", "yes", "YES", "on", "'on'", "1", "1.0", "y", "!!bool yes"] {
        assert_eq!(ai(word), Some(Some(true)), "{word}");
    }
    for word in ["false", "no", "off", "'off'", "0", "n"] {
        assert_eq!(ai(word), Some(Some(false)), "{word}");
    }
    assert_eq!((ai("~"), ai(""), ai("null")), (Some(None), Some(None), Some(None)));
    assert_eq!((ai("2"), ai("maybe"), ai("[]"), ai("''")), (None, None, None, None));
    let rules = |list: &str| Config::parse(&format!("ignored_rules: [{list}]\n"), "c.yml").ok().map(|c| c.ignored_rules);
    for word in ["on", "1", "017", "1_000", "12:30:45", ".inf", "2024-01-01", "0x1f", "1.5", "~", "true", "-3"] {
        assert_eq!(rules(word), None, "{word}");
        assert_eq!(rules(&format!("'{word}'")), Some(vec![word.to_owned()]));
    }
    for word in ["0o17", "1e3", "B105", "y", "1.2.3", "10-a", "a#b", "-a", "2024-13", "CVE-2024-1"] {
        assert_eq!(rules(word), Some(vec![word.to_owned()]), "{word}");
    }
}

#[test]
fn describes_what_is_set() {
    let text = "\u{feff}version: 1\nscan_types: [code, dependency]\nignored_rules: [a, b, c]\nseverity_overrides: {x: low, y: high}\nsemgrep_rules: [.securescan/rules/secrets.yml]\n";
    let config = Config::parse(text, "c.yml").unwrap();
    let lines = [
        "  version: 1",
        "  scan_types: code, dependency",
        "  ignored_rules: 3",
        "  severity_overrides: 2",
        "  semgrep_rules: .securescan/rules/secrets.yml",
    ];
    assert_eq!(config.describe(), lines);
    assert_eq!(Config::default().describe(), [""; 0]);
    assert_eq!(config.semgrep_configs(Path::new("/p")), ["/p/.securescan/rules/secrets.yml"]);
}

#[test]
fn lint_collects_everything_in_order() {
    let text = "ignored_rules: [A, 'b c']\nseverity_overrides: {A: low}\nsemgrep_rules: [gone.yml, p/ci, 'https://x/y']\n";
    let issues = Config::lint(text, "c.yml", &|_| false);
    let told: Vec<_> = issues.iter().map(|i| (i.severity.as_str(), i.location.as_deref(), i.line)).collect();
    let expected = [
        ("error", Some("semgrep_rules[0]"), Some(3)),
        ("warning", Some("ignored_rules[1]"), Some(1)),
        ("warning", Some("severity_overrides.A"), Some(2)),
    ];
    assert_eq!(told, expected);
    assert_eq!(Config::lint("x: 1\ny: 2\nai: 3\n", "c.yml", &|_| true).len(), 3);
}

#[test]
fn files_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(dir.path()).unwrap();
    std::fs::create_dir_all(root.join("repo/.git")).unwrap();
    std::fs::create_dir_all(root.join("repo/sub")).unwrap();
    std::fs::write(root.join("secret"), "password").unwrap();
    assert_eq!(Config::discover(&root.join("repo/sub")).unwrap(), None);
    std::fs::write(root.join("repo/securescan.yml"), "ai: true\n").unwrap();
    let (path, config) = Config::discover(&root.join("repo/sub")).unwrap().unwrap();
    assert_eq!((path, config.ai), (root.join("repo/securescan.yml"), Some(true)));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret", root.join("repo/.securescan.yml")).unwrap();
        let error = Config::discover(&root.join("repo")).unwrap_err().to_string();
        assert!(error.contains("outside its repository") && !error.contains("password"), "{error}");
        std::fs::remove_file(root.join("repo/.securescan.yml")).unwrap();
        std::os::unix::fs::symlink("../securescan.yml", root.join("repo/sub/.securescan.yml")).unwrap();
        assert!(Config::discover(&root.join("repo/sub")).unwrap().is_some());
    }
    std::fs::write(root.join("repo/.securescan.yml"), vec![b'#'; 2 << 20]).unwrap();
    assert!(Config::discover(&root.join("repo")).unwrap_err().to_string().contains("larger than 1 MiB"));
    std::fs::write(root.join("repo/.securescan.yml"), b"a: \xff").unwrap();
    assert!(Config::load(&root.join("repo/.securescan.yml")).unwrap_err().to_string().contains("not UTF-8"));
    assert_eq!(Config::load(&root.join("none")).unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(Config::load(&root).unwrap_err().kind(), ErrorKind::Config);
}
