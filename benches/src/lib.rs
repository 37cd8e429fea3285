//! Inputs for the benches: findings that look like those of real scanners, the same for the same arguments.

use securescan_core::{Finding, Package, ScanType, Severity};

const RULES: &[(&str, &str, ScanType, Severity, &str)] = &[
    ("semgrep", "python.lang.security.audit.eval-detected.eval-detected", ScanType::Code, Severity::High, "CWE-95"),
    ("semgrep", "javascript.browser.security.insecure-document-method", ScanType::Code, Severity::Medium, "CWE-79"),
    ("bandit", "B608", ScanType::Code, Severity::Medium, "CWE-89"),
    ("bandit", "B105", ScanType::Code, Severity::Low, "CWE-259"),
    ("secrets", "secrets/github-pat", ScanType::Code, Severity::Critical, "CWE-798"),
    ("dockerfile", "dockerfile/DL002", ScanType::Iac, Severity::High, "CWE-250"),
    ("checkov", "CKV_AWS_20", ScanType::Iac, Severity::Medium, "CWE-732"),
    ("trivy", "CVE-2024-35195", ScanType::Dependency, Severity::Medium, "CWE-670"),
];

const WORDS: &[&str] =
    &["user", "order", "invoice", "session", "token", "report", "worker", "queue", "cache", "gateway", "mailer", "billing"];

/// A small generator of numbers (SplitMix64): the benches need variety, not randomness.
#[derive(Debug, Clone)]
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).unwrap_or(0)
    }

    fn pick<T: Copy>(&mut self, from: &[T], fallback: T) -> T {
        from.get(self.below(from.len())).copied().unwrap_or(fallback)
    }
}

/// `count` findings over some `count / 20` files, each with a line of code as its snippet, as an adapter would hand them in.
pub fn findings(count: usize, seed: u64) -> Vec<Finding> {
    let mut numbers = Numbers(seed);
    (0..count).map(|index| one(index, count, &mut numbers)).collect()
}

fn one(index: usize, count: usize, numbers: &mut Numbers) -> Finding {
    let first = ("semgrep", "rule", ScanType::Code, Severity::Low, "CWE-20");
    let (scanner, rule, scan_type, severity, cwe) = numbers.pick(RULES, first);
    let (a, b, c) = (numbers.pick(WORDS, "a"), numbers.pick(WORDS, "b"), numbers.pick(WORDS, "c"));
    let file = numbers.below(count / 20 + 1);
    let mut finding = Finding::new(scanner, scan_type, severity, format!("{rule}: untrusted data in {a}_{b}"));
    finding.description =
        format!("The value of `{a}` reaches `{b}_{c}` through {} functions without validation.", 2 + numbers.below(7));
    finding.remediation = format!("Validate `{a}` against an allow-list.");
    finding.file_path = Some(format!("services/{a}/{b}/module_{file}.py"));
    finding.line = u32::try_from(1 + numbers.below(2_000)).ok();
    finding.column = u32::try_from(1 + numbers.below(80)).ok();
    finding.end_line = finding.line;
    finding.rule_id = Some(rule.to_owned());
    finding.cwe = Some(cwe.to_owned());
    finding.references = vec![format!("https://example.org/rules/{rule}")];
    if scan_type == ScanType::Dependency {
        finding.vulnerability_ids = vec![rule.to_owned()];
        finding.package = Some(Box::new(Package {
            ecosystem: "pypi".to_owned(),
            name: format!("{a}-{b}-{index}"),
            version: Some("1.2.3".to_owned()),
            fixed_version: Some("1.2.4".to_owned()),
            purl: Some(format!("pkg:pypi/{a}-{b}-{index}@1.2.3")),
        }));
    }
    finding.metadata.line_snippet = Some(format!("    result_{index} = {b}_{c}({a}, retries={})  # see {c}", numbers.below(9)));
    finding
}

/// A processed snapshot of `count` findings, of which the last `fresh` differ between seeds of `tail`.
pub fn snapshot(count: usize, fresh: usize, tail: u64) -> String {
    let mut raw = findings(count.saturating_sub(fresh), 1);
    raw.extend(findings(fresh, tail));
    let options = securescan_core::pipeline::PipelineOptions {
        config: &securescan_core::config::Config::default(),
        baseline: None,
        suppress: false,
        frameworks: securescan_core::compliance::Frameworks::builtin(),
        sources: &securescan_core::source::NoSources,
    };
    let done = securescan_core::pipeline::run(raw, &options);
    one_line_each(&done.findings)
}

/// A snapshot with one finding on a line: about 800 bytes each, as the budget of `diff` counts them.
fn one_line_each(findings: &[Finding]) -> String {
    let items: Vec<String> = findings.iter().map(|f| serde_json::to_string(f).unwrap_or_default()).collect();
    format!("{{\"schema\":\"securescan/snapshot@1\",\"target\":\"\",\"scanners\":[],\"findings\":[\n{}\n]}}\n", items.join(",\n"))
}
