//! `securescan init`.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
use common::Project;

fn read(p: &Project, file: &str) -> String {
    std::fs::read_to_string(p.path().join(file)).unwrap()
}

#[test]
fn writes_what_the_project_needs_and_what_it_reads() {
    let p = Project::new();
    p.write("package.json", "{}").write("Dockerfile", "FROM scratch\n").write("k8s/a/deployment.yaml", "kind: Deployment\n");
    let run = p.run(&["init", "--threshold", "Medium "]).exits(0);
    assert!(run.stdout.starts_with("✓ SecureScan initialized for "), "{}", run.stdout);
    assert!(run.stderr.contains("Detected: JavaScript/TypeScript, Container, Infrastructure as code"), "{}", run.stderr);
    for file in [".securescan.yml", ".github/workflows/securescan.yml", ".securescan/baseline.json"] {
        assert!(run.stdout.contains(&format!("  wrote {file}\n")) && p.path().join(file).is_file(), "{file}");
    }
    let config = read(&p, ".securescan.yml");
    assert!(config.contains("scan_types: [code, dependency, iac, baseline]\n") && config.contains("fail_on_severity: medium\n"));
    let workflow = read(&p, ".github/workflows/securescan.yml");
    assert!(workflow.contains("scan-types: code,dependency,iac,baseline\n"));
    assert!(workflow.contains("fail-on-severity: medium\n") && workflow.contains("baseline: .securescan/baseline.json\n"));
    assert!(!workflow.contains("@SCAN") && !workflow.contains("@THRES") && !workflow.contains("@BASE"));
    let valid = p.run(&["config", "validate"]).exits(0);
    let said = valid.stdout + &valid.stderr;
    assert!(said.contains("0 errors, 0 warnings, 0 info issues"), "{said}");
    p.run(&["scan", "--offline", "--scanner", "dockerfile", "--baseline", ".securescan/baseline.json"]).exits(0);
}

#[test]
fn nothing_is_overwritten_unless_forced() {
    let p = Project::new();
    p.write("securescan.yml", "fail_on_severity: low\n").write(".securescan/baseline.json", "mine");
    let run = p.run(&["init"]).exits(1);
    assert!(run.stderr.contains("refusing to overwrite existing files (pass --force):"), "{}", run.stderr);
    assert!(run.stderr.contains("  - .securescan/baseline.json") && run.stderr.contains("  - securescan.yml"), "{}", run.stderr);
    assert!(!p.path().join(".securescan.yml").exists() && read(&p, ".securescan/baseline.json") == "mine");
    p.run(&["init", "--force", "--no-workflow"]).exits(0);
    assert!(read(&p, ".securescan/baseline.json").contains("\"securescan init\"") && !p.path().join(".github").exists());
}

#[test]
fn shows_without_writing_and_refuses_what_is_wrong() {
    let p = Project::new();
    let run = p.run(&["init", "--dry-run", "--no-baseline", "--scan-types", "iac, code,iac"]).exits(0);
    assert!(run.stdout.contains("scan_types: [iac, code]\n") && !run.stdout.contains("baseline: "), "{}", run.stdout);
    assert!(std::fs::read_dir(p.path()).unwrap().all(|e| !e.unwrap().file_name().to_string_lossy().contains("securescan")));
    for bad in [
        &["init", "nowhere"][..],
        &["init", "--threshold", "info"],
        &["init", "--scan-types", ","],
        &["init", "--scan-types", "x"],
    ] {
        assert!(p.run(bad).exits(2).stderr.contains("error: "), "{bad:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_name_writes_no_keys() {
    let p = Project::new();
    std::fs::create_dir(p.path().join("x\nignored_rules: [B1]\n#")).unwrap();
    p.run(&["init", "x\nignored_rules: [B1]\n#", "--no-workflow"]).exits(0);
    let text = read(&p, "x\nignored_rules: [B1]\n#/.securescan.yml");
    assert!(text.starts_with("# SecureScan configuration of x ignored_rules: [B1] #. Check"), "{text}");
    assert_eq!(text.matches("\nignored_rules:").count(), 1);
}
