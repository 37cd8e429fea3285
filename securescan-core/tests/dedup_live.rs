//! Reports of real tools about one sample project: who reports the same is one finding. Read here by the few SARIF fields that matter, so
//! that this test is about dedup alone.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

use securescan_core::dedup::deduplicate;
use securescan_core::{Finding, ScanType, Severity};
use serde_json::Value;
use std::path::{Path, PathBuf};

const TOOLS: &[&str] = &["bandit", "checkov", "gitleaks", "hadolint", "kingfisher", "ruff", "semgrep", "trivy", "zizmor"];

/// Who reports one thing, as `file:line owner+others`, the lines that at least two tools agree on.
const AGREED: &[&str] = &[
    "app/app.py:12 bandit+ruff secret",
    "app/app.py:20 semgrep+bandit+ruff class sql-injection",
    "app/app.py:27 semgrep+bandit+ruff class command-injection",
    "app/app.py:32 bandit+ruff class deserialization",
    "app/app.py:37 bandit+ruff class deserialization",
    "app/app.py:41 semgrep+bandit+ruff class weak-hash",
    "app/app.py:45 bandit+ruff class code-eval",
    "app/app.py:53 bandit+ruff class bind-all-interfaces",
    "app/app.py:53 bandit+ruff class debug-enabled",
    "app/dev.key:1 gitleaks+kingfisher+trivy secret",
    "app/settings.env:2 gitleaks+kingfisher+trivy secret",
    "app/settings.env:3 gitleaks+trivy secret",
    "app/settings.env:4 gitleaks+kingfisher+trivy secret",
    "app/settings.env:5 gitleaks+kingfisher+trivy secret",
    "infra/Dockerfile:1 hadolint+checkov+trivy class image-latest-tag",
    "infra/Dockerfile:1 trivy+checkov class container-root-user",
    "infra/Dockerfile:1 trivy+checkov class no-healthcheck",
    "infra/Dockerfile:2 hadolint+checkov+trivy class maintainer-deprecated",
    "infra/Dockerfile:3 hadolint+trivy class apt-no-recommends",
    "infra/Dockerfile:4 hadolint+trivy class cd-instead-of-workdir",
    "infra/Dockerfile:5 hadolint+checkov+trivy class add-instead-of-copy",
    "infra/Dockerfile:6 hadolint+trivy class secret-in-image",
    "infra/Dockerfile:7 trivy+checkov class exposed-ssh-port",
    "infra/main.tf:1 checkov+trivy class s3-no-customer-key",
    "infra/main.tf:1 checkov+trivy class s3-no-logging",
    "infra/main.tf:1 checkov+trivy class s3-no-public-access-block",
    "infra/main.tf:1 checkov+trivy class s3-no-versioning",
    "infra/main.tf:1 checkov+trivy class s3-public-acl",
    "infra/main.tf:6 checkov+trivy class security-group-ingress-open",
    "infra/main.tf:6 checkov+trivy class security-group-no-description",
];

fn folder() -> PathBuf {
    let shared = std::env::var_os("SECURESCAN_SHARED").map(PathBuf::from);
    shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared")).join("fixtures-live")
}

fn findings(tool: &str, document: &Value) -> Vec<Finding> {
    let run = &document["runs"][0];
    let tags = |rule: &Value| -> Vec<String> {
        let rules = run["tool"]["driver"]["rules"].as_array().cloned().unwrap_or_default();
        let found = rules.iter().find(|r| &r["id"] == rule).map(|r| r["properties"]["tags"].clone());
        found.and_then(|tags| serde_json::from_value(tags).ok()).unwrap_or_default()
    };
    let one = |result: &Value| {
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        let uri = uri.trim_start_matches("file://").trim_start_matches("/src/").trim_start_matches("./").to_owned();
        let mut f = Finding::new(tool, ScanType::Code, Severity::Medium, "t");
        if matches!(tool, "checkov" | "hadolint" | "trivy" | "zizmor") {
            f.scan_type = ScanType::Iac;
        }
        f.rule_id = result["ruleId"].as_str().map(str::to_owned);
        let number = |key: &str| place["region"][key].as_u64().and_then(|n| u32::try_from(n).ok());
        (f.line, f.end_line) = (number("startLine"), number("endLine"));
        // Kingfisher counts columns from 0, gitleaks one too many on all lines but the first; their readers know.
        if !matches!(tool, "kingfisher" | "gitleaks" | "checkov") {
            (f.column, f.end_column) = (number("startColumn"), number("endColumn"));
        }
        let cwe = tags(&result["ruleId"]).iter().find_map(|tag| {
            let (_, rest) = tag.to_ascii_lowercase().rsplit_once("cwe-").map(|(a, b)| (a.to_owned(), b.to_owned()))?;
            Some(format!("CWE-{}", rest.split(':').next()?))
        });
        f.cwe = cwe.or_else(|| (tool == "trivy" && uri.starts_with("app/")).then(|| "CWE-798".to_owned()));
        f.file_path = Some(uri);
        f.fingerprint = format!("{tool} {:?} {:?} {:?}", f.rule_id, f.file_path, f.line);
        f
    };
    run["results"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn what_real_tools_agree_on() {
    if !folder().exists() {
        println!("skipped: no shared reports beside the repository");
        return;
    }
    let mut all = Vec::new();
    for tool in TOOLS {
        let text = std::fs::read(folder().join(format!("{tool}.sarif"))).unwrap();
        all.extend(findings(tool, &serde_json::from_slice(&text).unwrap()));
    }
    let given = all.len();
    let out = deduplicate(all.clone());
    let merged = out.iter().filter(|f| !f.metadata.also_reported_by.is_empty());
    let mut agreed: Vec<String> = merged
        .map(|f| {
            let others: String = f.metadata.also_reported_by.iter().map(|r| format!("+{}", r.scanner)).collect();
            let reason = f.metadata.also_reported_by[0].reason.as_deref().unwrap_or("none");
            format!("{}:{} {}{others} {reason}", f.file_path.as_deref().unwrap(), f.line.unwrap(), f.scanner)
        })
        .collect();
    agreed.sort();
    assert_eq!(agreed, AGREED);
    println!("{given} reports, {} findings", out.len());
    assert_eq!(out.iter().map(|f| 1 + f.metadata.also_reported_by.len()).sum::<usize>(), given);
    all.reverse();
    assert_eq!(deduplicate(all), out);
}
