//! The package that a result is about: a package URL, or the few fixed forms in which tools write packages into texts.
//!
//! # Source
//! The SARIF writers of trivy (`Package: …` lines of the message), grype (the same in the rule's help), osv-scanner
//! (`Package 'name@version' is vulnerable to …`) and snyk (a logical location `name@version`).

use super::facts::{self, Facts};
use crate::ingest::fields::Fields;
use crate::ingest::words;
use crate::model::{Finding, Package};
use serde_json::Value;

/// Lock files and manifests, by the type of package URL they hold.
const MANIFESTS: &[(&str, &str)] = &[
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
    ("package.json", "npm"),
    ("yarn.lock", "npm"),
    ("pnpm-lock.yaml", "npm"),
    ("bun.lock", "npm"),
    ("cargo.lock", "cargo"),
    ("cargo.toml", "cargo"),
    ("go.mod", "golang"),
    ("go.sum", "golang"),
    ("requirements.txt", "pypi"),
    ("pipfile.lock", "pypi"),
    ("poetry.lock", "pypi"),
    ("pdm.lock", "pypi"),
    ("uv.lock", "pypi"),
    ("pyproject.toml", "pypi"),
    ("gemfile.lock", "gem"),
    ("composer.lock", "composer"),
    ("pom.xml", "maven"),
    ("build.gradle", "maven"),
    ("build.gradle.kts", "maven"),
    ("gradle.lockfile", "maven"),
    ("packages.lock.json", "nuget"),
    ("packages.config", "nuget"),
    ("mix.lock", "hex"),
    ("pubspec.lock", "pub"),
    ("conan.lock", "conan"),
];

/// Fills in the package, the advisory and the fixed version, where the result tells them.
pub(super) fn fill(finding: &mut Finding, facts: &Facts, bag: &Fields, scanner: &str) {
    if scanner == "grype" {
        advisory_alone(finding);
    }
    if finding.package.is_none() {
        finding.package = told(finding, facts, bag, scanner).map(Box::new);
    }
    let Some(package) = finding.package.as_deref() else {
        if scanner == "trivy" {
            describe(finding, facts);
        }
        return;
    };
    if let (true, Some(fixed)) = (finding.remediation.is_empty(), &package.fixed_version) {
        finding.remediation = format!("Update {} to {fixed}", package.name);
    }
    if scanner == "trivy" {
        describe(finding, facts);
    }
}

fn told(finding: &Finding, facts: &Facts, bag: &Fields, scanner: &str) -> Option<Package> {
    let text = &finding.description;
    let help = facts.help.as_deref().unwrap_or_default();
    let fixed = line(text, "Fixed Version").or_else(|| line(help, "Fixed Version")).or_else(|| line(help, "Fix Version"));
    let fixed = fixed.and_then(|versions| versions.split([',', ' ']).find(|v| !v.is_empty()).map(str::to_owned));
    if let Some(mut package) = facts::purl(bag).or_else(|| facts.purl.clone()).and_then(|purl| words::package_of_purl(&purl)) {
        package.fixed_version = fixed;
        return Some(package);
    }
    let ecosystem = ecosystem(finding.file_path.as_deref());
    match scanner {
        "trivy" => {
            let name = line(text, "Package").filter(|_| line(text, "Installed Version").is_some())?;
            Some(words::package(ecosystem, name.to_owned(), line(text, "Installed Version").map(str::to_owned), fixed))
        }
        "grype" => {
            let name = line(help, "Package")?;
            let kind = line(help, "Type").unwrap_or(ecosystem);
            Some(words::package(kind, name.to_owned(), line(help, "Version").map(str::to_owned), fixed))
        }
        "osv-scanner" => {
            let named = text.strip_prefix("Package '")?.split('\'').next()?;
            Some(of_pair(ecosystem, named, fixed))
        }
        "snyk" if facts.advisories.iter().chain(&finding.vulnerability_ids).any(|id| id.starts_with("SNYK-")) => {
            let place = bag.peek_named("package").and_then(Value::as_str)?;
            Some(of_pair(ecosystem, place, fixed))
        }
        _ => None,
    }
}

/// `name@version`.
fn of_pair(ecosystem: &str, pair: &str, fixed: Option<String>) -> Package {
    let (name, version) = match pair.rsplit_once('@') {
        Some((name, version)) if !name.is_empty() && !version.is_empty() => (name, Some(version.to_owned())),
        _ => (pair, None),
    };
    words::package(ecosystem, name.to_owned(), version, fixed)
}

fn ecosystem(path: Option<&str>) -> &'static str {
    let name = path.and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    words::pick(name, MANIFESTS).unwrap_or_default()
}

/// What stands behind `<name>: ` on a line of its own.
fn line<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines()
        .take(50)
        .find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':').map(str::trim))
        .filter(|v| !v.is_empty())
}

/// Grype's rules are `<advisory>-<package>`: the advisory is what its other reports name.
fn advisory_alone(finding: &mut Finding) {
    let Some(id) = finding.rule_id.as_deref() else { return };
    let parts = match id.split('-').next() {
        Some("GHSA") => 4,
        Some("CVE" | "GO" | "RUSTSEC" | "PYSEC") => 3,
        _ => return,
    };
    let end = id.match_indices('-').nth(parts - 1).map_or(id.len(), |(at, _)| at);
    let advisory = id.get(..end).unwrap_or(id).to_owned();
    let whole = id.to_owned();
    finding.vulnerability_ids.retain(|other| *other != whole);
    finding.vulnerability_ids.push(advisory.clone());
    finding.rule_id = Some(advisory);
}

/// Trivy's message is a list of fields: its `Message` says what is wrong, else its rule does.
fn describe(finding: &mut Finding, facts: &Facts) {
    let fields = finding.description.starts_with("Package: ") || finding.description.starts_with("Artifact: ");
    if !fields {
        return;
    }
    let message =
        line(&finding.description, "Message").or_else(|| line(&finding.description, "Match").map(|_| finding.title.as_str()));
    if let Some(text) = message.map(str::to_owned).or_else(|| facts.description.clone()) {
        finding.description = text;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ScanType, Severity};

    #[test]
    fn forms() {
        let mut finding = Finding::new("grype", ScanType::Dependency, Severity::High, "t");
        for (rule, want) in [
            ("CVE-2021-1234-openssl", "CVE-2021-1234"),
            ("GHSA-aaaa-bbbb-cccc-some-package", "GHSA-aaaa-bbbb-cccc"),
            ("CVE-2021-1234", "CVE-2021-1234"),
            ("ELSA-2021-1-x", "ELSA-2021-1-x"),
        ] {
            finding.rule_id = Some(rule.to_owned());
            advisory_alone(&mut finding);
            assert_eq!(finding.rule_id.as_deref(), Some(want));
        }
        assert_eq!(line("a\n Package:  x y \nPackages: z", "Package"), Some("x y"));
        let package = of_pair("npm", "@a/b@1.0", None);
        assert_eq!((package.name.as_str(), package.version.as_deref()), ("@a/b", Some("1.0")));
    }
}
