//! Who owns a finding that several scanners report: the table of authority by class of rule.

use super::classes;
use crate::model::{Finding, ScanType};
use serde::Deserialize;
use std::cmp::Ordering;

/// What a finding is about, as far as authority goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Class {
    Secret,
    Container,
    Workflow,
    Iac,
    Dependency,
    Code,
    Other,
}

/// Scanners whose findings are secrets whatever their CWE says.
const SECRET_SCANNERS: &[&str] =
    &["secrets", "gitleaks", "betterleaks", "kingfisher", "trufflehog", "detect-secrets", "ggshield", "noseyparker"];

/// CWEs that say "a credential stands here".
const SECRET_CWES: &[&str] = &["CWE-798", "CWE-259", "CWE-321", "CWE-522", "CWE-312", "CWE-526"];

/// Most authoritative first. A scanner that is not listed comes after all that are.
const AUTHORITY: &[(Class, &[&str])] = &[
    (
        Class::Secret,
        &[
            "secrets",
            "gitleaks",
            "betterleaks",
            "kingfisher",
            "trufflehog",
            "noseyparker",
            "ggshield",
            "detect-secrets",
            "trivy",
            "semgrep",
            "bandit",
        ],
    ),
    (Class::Container, &["dockerfile", "hadolint", "trivy", "checkov", "kics", "semgrep"]),
    (Class::Workflow, &["zizmor", "codeql", "poutine", "checkov", "semgrep"]),
    (Class::Iac, &["checkov", "trivy", "kics", "tfsec", "terrascan", "semgrep"]),
    (
        Class::Dependency,
        &[
            "trivy",
            "osv-scanner",
            "grype",
            "npm-audit",
            "pip-audit",
            "safety",
            "cargo-audit",
            "govulncheck",
            "snyk",
            "dependency-check",
        ],
    ),
    (Class::Code, &["semgrep", "codeql", "bandit", "gosec", "brakeman", "ruff", "eslint", "njsscan", "flawfinder", "cppcheck"]),
    (Class::Other, &[]),
];

/// Whether a finding is about a package: its place is a manifest, not a line.
pub(super) fn is_dependency(finding: &Finding) -> bool {
    finding.package.is_some() || finding.scan_type == ScanType::Dependency
}

/// The class of a finding: from its scanner, else from what the table of classes says of its rule, else from its own fields.
pub(super) fn class(finding: &Finding) -> Class {
    if is_dependency(finding) {
        return Class::Dependency;
    }
    if SECRET_SCANNERS.contains(&finding.scanner.as_str()) {
        return Class::Secret;
    }
    if let Some(row) = classes::of(finding).first().and_then(|id| classes::table().row(*id)) {
        return row.kind;
    }
    if finding.secret.is_some() || finding.cwe.as_deref().is_some_and(|cwe| SECRET_CWES.contains(&cwe)) {
        return Class::Secret;
    }
    match finding.scan_type {
        ScanType::Iac if is_container(finding) => Class::Container,
        ScanType::Iac => Class::Iac,
        ScanType::Code => Class::Code,
        _ => Class::Other,
    }
}

fn is_container(finding: &Finding) -> bool {
    let name = finding.file_path.as_deref().and_then(|p| p.rsplit('/').next()).unwrap_or_default().to_ascii_lowercase();
    name.contains("dockerfile") || name.contains("containerfile")
}

/// The place of a finding's scanner in the table of its class; lower speaks first.
pub(super) fn rank(finding: &Finding, class: Class) -> usize {
    let order = AUTHORITY.iter().find(|(c, _)| *c == class).map_or(&[][..], |(_, order)| *order);
    order.iter().position(|name| *name == finding.scanner).unwrap_or(order.len())
}

/// Who speaks first for a thing: authority, severity, confidence, then the canonical order.
pub(super) fn precedence(a: &Finding, b: &Finding) -> Ordering {
    let ranked = |f: &Finding| rank(f, class(f));
    ranked(a).cmp(&ranked(b)).then_with(|| precedence_of_equals(a, b))
}

/// The same between findings of one rank.
pub(super) fn precedence_of_equals(a: &Finding, b: &Finding) -> Ordering {
    b.severity.cmp(&a.severity).then_with(|| b.confidence.cmp(&a.confidence)).then_with(|| crate::order::compare(a, b))
}
