//! The same inputs give the same bytes: twice, at any thread count, from another folder, under another locale and time zone.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
use common::{Project, aws_key, github_token, run_in};

fn project() -> Project {
    let p = Project::new();
    for i in 0..40 {
        p.write(&format!("src/m{}/f{i}.py", i % 7), format!("# {i}\nA = \"{}\"\nB = \"{}\"\n", github_token(), aws_key()));
    }
    p.write("Dockerfile", "FROM a\nADD https://example.org/x /x\n");
    p.write(
        "web/package-lock.json",
        r#"{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","license":"GPL-3.0"}}}"#,
    );
    p
}

#[test]
fn same_bytes_everywhere() {
    let p = project();
    let elsewhere = Project::new();
    for format in ["json", "snapshot", "sarif", "text"] {
        let scan = |cwd: &std::path::Path, extra: &[&str], env: &[(&str, &str)], target: &str| {
            let args = [&["scan", target, "--output", format], extra].concat();
            run_in(cwd, &args, env).exits(0).stdout
        };
        let first = scan(p.path(), &[], &[], ".");
        assert!(first.len() > 200);
        assert_eq!(first, scan(p.path(), &[], &[], "."), "{format}: twice");
        assert_eq!(first, scan(p.path(), &["--jobs", "1"], &[], "."), "{format}: one thread");
        assert_eq!(first, scan(p.path(), &["--jobs", "2"], &[], "."), "{format}: two threads");
        let env = [("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Tokyo"), ("LANG", "de_DE.UTF-8")];
        assert_eq!(first, scan(p.path(), &[], &env, "."), "{format}: locale and time zone");
        let full = p.path().display().to_string();
        let other = scan(elsewhere.path(), &[], &[], &full);
        assert!(!other.contains(&full) || format == "snapshot" || format == "text", "{format}: an absolute path in the output");
        if format == "json" || format == "sarif" {
            assert_eq!(first, other, "{format}: from another folder");
        }
    }
}
