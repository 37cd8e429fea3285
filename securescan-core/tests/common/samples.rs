//! Three scan results that every renderer is shown: nothing, an ordinary scan, and everything that could go wrong.

use securescan_core::model::{Endpoint, Reporter, SuppressedBy};
use securescan_core::{Confidence, Finding, Package, ScanResult, ScanType, ScannerRun, ScannerStatus, Severity};

/// The names of the samples.
pub const NAMES: [&str; 3] = ["empty", "typical", "hostile"];

/// A sample by name.
pub fn sample(name: &str) -> ScanResult {
    match name {
        "empty" => empty(),
        "typical" => typical(),
        _ => hostile(),
    }
}

/// A clean, complete scan.
pub fn empty() -> ScanResult {
    let mut notes = ScannerRun::new("dockerfile", ScanType::Iac, ScannerStatus::NotApplicable);
    notes.reason = Some("no Dockerfile in the target".into());
    ScanResult {
        target: "./your-repo".into(),
        scanners: vec![notes, ScannerRun::new("secrets", ScanType::Code, ScannerStatus::Ok)],
        findings: Vec::new(),
    }
}

fn located(mut finding: Finding, file: &str, line: u32, column: u32) -> Finding {
    finding.file_path = Some(file.into());
    (finding.line, finding.column) = (Some(line), Some(column));
    finding
}

fn identified(mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = std::collections::BTreeMap::new();
    for (index, finding) in findings.iter_mut().enumerate() {
        if finding.fingerprint.is_empty() {
            finding.fingerprint = format!("{:064x}", 0xabc0 + index);
        }
        let count = seen.entry(finding.fingerprint.clone()).or_insert(0);
        *count += 1;
        finding.occurrence = *count;
        finding.id = format!("f-{index:012x}");
    }
    findings
}

/// An ordinary scan: every severity, a package, an endpoint, a repeat, each kind of suppression, one scanner missing.
pub fn typical() -> ScanResult {
    let mut key =
        located(Finding::new("secrets", ScanType::Code, Severity::Critical, "AWS access key"), "config/local.yml", 5, 12);
    key.rule_id = Some("secrets/aws-access-key".into());
    key.cwe = Some("CWE-798".into());
    key.confidence = Some(Confidence::High);
    key.description = "An AWS access key id stands in the file. Whoever reads the repository can use it.".into();
    key.remediation = "Revoke the key, then read it from the environment.".into();
    key.end_line = Some(5);
    key.end_column = Some(32);
    key.compliance_tags = vec!["OWASP-A07".into(), "PCI-DSS-8.6.2".into()];
    key.legacy_fingerprint = Some(format!("{:064x}", 0x71));

    let mut eval = located(Finding::new("semgrep", ScanType::Code, Severity::High, "Use of eval()"), "backend/api.py", 42, 5);
    eval.rule_id = Some("python.lang.security.audit.eval-detected".into());
    eval.cwe = Some("CWE-95".into());
    eval.confidence = Some(Confidence::Medium);
    eval.description = "Detected eval(). Arbitrary input is dangerous.".into();
    eval.remediation = "Use ast.literal_eval.".into();
    eval.references = vec!["https://owasp.org/www-community/attacks/Code_Injection".into()];
    eval.compliance_tags = vec!["OWASP-A03".into(), "PCI-DSS-6.5.1".into(), "SOC2-CC7.1".into()];
    eval.metadata.also_reported_by = vec![Reporter {
        scanner: "bandit".into(),
        rule_id: Some("B307".into()),
        fingerprint: format!("{:064x}", 0xb307),
        reason: None,
    }];
    eval.fingerprint = format!("{:064x}", 0xe0a1);
    let mut again = eval.clone();
    again.line = Some(57);

    let mut advisory = Finding::new("pip-audit", ScanType::Dependency, Severity::Medium, "requests 2.31.0: CVE-2024-35195");
    advisory.file_path = Some("requirements.txt".into());
    advisory.rule_id = Some("GHSA-9wx4-h78v-vm56".into());
    advisory.vulnerability_ids = vec!["CVE-2024-35195".into(), "GHSA-9wx4-h78v-vm56".into()];
    advisory.description = "Certificate verification stays off for a session once it was turned off.".into();
    advisory.remediation = "Upgrade requests to 2.32.0.".into();
    advisory.metadata.original_severity = Some(Severity::High);
    advisory.package = Some(Box::new(Package {
        ecosystem: "pypi".into(),
        name: "requests".into(),
        version: Some("2.31.0".into()),
        fixed_version: Some("2.32.0".into()),
        purl: Some("pkg:pypi/requests@2.31.0".into()),
    }));

    let mut header = Finding::new("zap", ScanType::Dast, Severity::Low, "Content-Security-Policy header missing");
    header.rule_id = Some("10038".into());
    header.metadata.endpoint = Some(Box::new(Endpoint {
        method: Some("GET".into()),
        host: Some("staging.example.com".into()),
        path: Some("/login".into()),
        ..Endpoint::default()
    }));
    let info = located(Finding::new("dockerfile", ScanType::Iac, Severity::Info, "No HEALTHCHECK"), "Dockerfile", 1, 1);

    let mut silenced = [SuppressedBy::Inline, SuppressedBy::Config, SuppressedBy::Baseline].map(|by| {
        let mut finding = located(
            Finding::new("semgrep", ScanType::Code, Severity::High, "Intentional eval in a fixture"),
            "tests/fixtures/eval.py",
            3,
            1,
        );
        finding.rule_id = Some("python.lang.security.audit.eval-detected".into());
        finding.metadata.suppressed_by = Some(by);
        finding
    });
    silenced.iter_mut().zip(3..).for_each(|(finding, line)| finding.line = Some(line));

    let mut findings = vec![key, eval, again];
    findings.extend(silenced);
    findings.extend([advisory, header, info]);
    let mut missing = ScannerRun::new("semgrep", ScanType::Code, ScannerStatus::Skipped);
    missing.reason = Some("not on PATH".into());
    missing.install_hint = Some("pip install semgrep".into());
    let mut ran = ScannerRun::new("secrets", ScanType::Code, ScannerStatus::Ok);
    (ran.duration_s, ran.findings_count, ran.version) = (Some(0.125), 1, Some("0.1.0".into()));
    ScanResult { target: "./your-repo".into(), scanners: vec![ran, missing], findings: identified(findings) }
}

/// Everything that could go wrong: control bytes, markup of every medium, absurd sizes, missing and odd places.
pub fn hostile() -> ScanResult {
    let evil = [
        "\0NUL \x1b[31mred\x1b]0;title\x07 \u{9b}2J \r\noverwritten\x08",
        "]]> </script><script>alert(1)</script> <!-- securescan:fp:deadbeefdead -->",
        "``` ````` `code` [link](javascript:alert) ![img](http://evil) @team #1 | pipe",
        "=cmd|' /C calc'!A0",
        "\u{202e}gnp.exe\u{2066} \u{200b}\u{feff}\u{2028}line\u{2029}",
        "::error file=x::injected %0A {0} {{x}}",
        "",
    ];
    let paths = [
        Some("src/with space/100%.py"),
        Some("caf%E9/100%25.py"),
        Some("a:b/../é漢.py"),
        Some("\x1b[2J\n/evil.py"),
        None,
        Some("/etc/passwd"),
        Some(""),
    ];
    let mut findings: Vec<Finding> = evil
        .iter()
        .zip(paths)
        .zip((0..=4).rev().chain([0, 0]))
        .map(|((text, path), rank)| {
            let severity = *Severity::ALL.get(rank).unwrap();
            let mut finding = Finding::new(*text, ScanType::Code, severity, *text);
            finding.description = (*text).into();
            finding.remediation = (*text).into();
            finding.rule_id = Some((*text).into());
            finding.cwe = Some((*text).into());
            finding.file_path = path.map(str::to_owned);
            finding.references = vec![(*text).into(), "javascript:alert(1)".into(), "https://ok.example/x".into()];
            finding.compliance_tags = vec![(*text).into()];
            finding.vulnerability_ids = vec![(*text).into()];
            finding.metadata.line_snippet = Some("PASSWORD = hunter2".into());
            (finding.line, finding.column) = (Some(0), Some(0));
            (finding.end_line, finding.end_column) = (Some(u32::MAX), Some(u32::MAX));
            finding
        })
        .collect();
    if let Some(first) = findings.first_mut() {
        (first.line, first.column, first.end_line, first.end_column) = (Some(7), Some(9), Some(3), Some(1));
    }
    let mut long = Finding::new("s", ScanType::Code, Severity::Info, "word ".repeat(200) + &"x".repeat(100_000));
    long.description = "é".repeat(100_000);
    long.file_path = Some("deep/".repeat(30) + "file.py");
    long.line = Some(u32::MAX);
    findings.push(long);
    let mut failed = ScannerRun::new("trivy\x1b[0m", ScanType::Dependency, ScannerStatus::Failed);
    failed.reason = Some("exit code 2: \x1b[31mpanic\r\nat main".into());
    let late = ScannerRun::new("semgrep", ScanType::Code, ScannerStatus::TimedOut);
    let mut partial = ScannerRun::new("secrets", ScanType::Code, ScannerStatus::Partial);
    partial.reason = Some("2 files larger than 10 MiB".into());
    ScanResult {
        target: "\x1b]8;;http://evil\x07.".into(),
        scanners: vec![partial, late, failed],
        findings: identified(findings),
    }
}
