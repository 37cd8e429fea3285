//! What is known of single tools: the scanner that a driver's name means, and the kind of its findings.

use crate::model::ScanType;

/// A tool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// The scanner's name on findings.
    pub(super) id: &'static str,
    /// The kind of scan; none when its findings are of several kinds.
    pub(super) scan_type: Option<ScanType>,
    /// Whether the snippet of a result is the secret itself.
    pub(super) secrets: bool,
}

const fn code(id: &'static str) -> Known {
    Known { id, scan_type: Some(ScanType::Code), secrets: false }
}
const fn secrets(id: &'static str) -> Known {
    Known { id, scan_type: Some(ScanType::Code), secrets: true }
}
const fn packages(id: &'static str) -> Known {
    Known { id, scan_type: Some(ScanType::Dependency), secrets: false }
}
const fn iac(id: &'static str) -> Known {
    Known { id, scan_type: Some(ScanType::Iac), secrets: false }
}
const fn dast(id: &'static str) -> Known {
    Known { id, scan_type: Some(ScanType::Dast), secrets: false }
}
const fn mixed(id: &'static str) -> Known {
    Known { id, scan_type: None, secrets: false }
}

/// Names of drivers in lower case, sorted.
///
/// # Source
/// The `tool.driver.name` that each tool writes; our names are those of the registry of report formats.
const TOOLS: &[(&str, Known)] = &[
    ("bandit", code("bandit")),
    ("betterleaks", secrets("betterleaks")),
    ("brakeman", code("brakeman")),
    ("bundler-audit", packages("bundler-audit")),
    ("cargo-audit", packages("cargo-audit")),
    ("checkov", iac("checkov")),
    ("codeql", code("codeql")),
    ("codeql command-line toolchain", code("codeql")),
    ("cppcheck", code("cppcheck")),
    ("credo", code("credo")),
    ("dependency-check", packages("dependency-check")),
    ("detect-secrets", secrets("detect-secrets")),
    ("detekt", code("detekt")),
    ("devskim", code("devskim")),
    ("docker scout", packages("docker-scout")),
    ("dockle", iac("dockle")),
    ("eslint", code("eslint")),
    ("flawfinder", code("flawfinder")),
    ("ggshield", secrets("ggshield")),
    ("gitleaks", secrets("gitleaks")),
    ("golang security checks by gosec", code("gosec")),
    ("gosec", code("gosec")),
    ("govulncheck", packages("govulncheck")),
    ("grype", packages("grype")),
    ("hadolint", iac("hadolint")),
    ("kics", iac("kics")),
    ("kingfisher", secrets("kingfisher")),
    ("kubescape", iac("kubescape")),
    ("mobsfscan", code("mobsfscan")),
    ("njsscan", code("njsscan")),
    ("nosey parker", secrets("noseyparker")),
    ("noseyparker", secrets("noseyparker")),
    ("npm audit", packages("npm-audit")),
    ("npm-audit", packages("npm-audit")),
    ("nuclei", dast("nuclei")),
    ("opengrep", code("opengrep")),
    ("opengrep oss", code("opengrep")),
    ("osv-scanner", packages("osv-scanner")),
    ("owasp dependency-check", packages("dependency-check")),
    ("owasp zap", dast("zap")),
    ("pip-audit", packages("pip-audit")),
    ("pmd", code("pmd")),
    ("poutine", iac("poutine")),
    ("ruff", code("ruff")),
    ("securescan", mixed("securescan")),
    ("semgrep", code("semgrep")),
    ("semgrep oss", code("semgrep")),
    ("semgrep pro", code("semgrep")),
    ("shellcheck", code("shellcheck")),
    ("snyk code", code("snyk")),
    ("snyk container", packages("snyk")),
    ("snyk iac", iac("snyk")),
    ("snyk open source", packages("snyk")),
    ("snykcode", code("snyk")),
    ("spotbugs", code("spotbugs")),
    ("terrascan", iac("terrascan")),
    ("tfsec", iac("tfsec")),
    ("trivy", mixed("trivy")),
    ("trufflehog", secrets("trufflehog")),
    ("xeol", packages("xeol")),
    ("zap", dast("zap")),
    ("zizmor", iac("zizmor")),
];

/// The tool that a driver's name means.
pub(super) fn known(name: &str) -> Option<Known> {
    let name = name.trim().to_ascii_lowercase();
    TOOLS.binary_search_by_key(&name.as_str(), |(known, _)| known).ok().and_then(|at| TOOLS.get(at)).map(|(_, known)| *known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted() {
        assert!(TOOLS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(known(" Semgrep OSS ").map(|k| k.id), Some("semgrep"));
        assert!(known("SomethingElse").is_none());
    }
}
