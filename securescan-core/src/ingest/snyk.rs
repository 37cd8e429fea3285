//! Snyk: `snyk test --json`, `snyk container test --json` and `snyk iac test --json`, of one project or of several. One finding for
//! each path that a vulnerability comes in by. Snyk Code writes SARIF.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, score, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;

pub(super) struct Snyk;

const META: ParserMeta = ParserMeta {
    id: "snyk",
    title: "Snyk JSON (open source, container, IaC)",
    versions_read: "CLI 1.x",
    upstream: "https://docs.snyk.io/snyk-cli/commands/test",
    scan_type: ScanType::Dependency,
};

impl Parser for Snyk {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let found = shape.has_any(&["vulnerabilities.isUpgradable", "vulnerabilities.upgradePath", "infrastructureAsCodeIssues"])
            || shape.has_all(&["vulnerabilities.from", "vulnerabilities.semver"]);
        let empty = shape.has("ok") && shape.has_any(&["vulnerabilities", "dependencyCount", "licensesPolicy"]);
        let failed = shape.has_all(&["ok", "error", "path"]);
        matches!(shape.top, Top::Object | Top::Array) && (found || empty || failed)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [
            Want::Each("vulnerabilities"),
            Want::Each("applications.vulnerabilities"),
            Want::Each("infrastructureAsCodeIssues"),
            Want::Whole("applications.targetFile"),
            Want::Whole("applications.displayTargetFile"),
            Want::End("applications"),
            Want::Whole("ok"),
            Want::Whole("error"),
            Want::Whole("message"),
            Want::Whole("path"),
            Want::Whole("packageManager"),
            Want::Whole("projectName"),
            Want::Whole("targetFile"),
            Want::Whole("displayTargetFile"),
            Want::End(""),
        ];
        let proof = ["vulnerabilities", "infrastructureAsCodeIssues", "ok", "error"];
        let mut projects = Projects::default();
        json::read(&mut input, &proof, &wants, report, &mut |report, at, value| match at.place {
            "vulnerabilities" | "applications.vulnerabilities" => vulnerability(report, Fields::of(value)?),
            "infrastructureAsCodeIssues" => misconfiguration(report, Fields::of(value)?),
            "applications" => projects.end(report, "applications."),
            "" => projects.end(report, ""),
            place => {
                projects.fields.keep(place, value);
                Ok(())
            }
        })?;
        projects.conclude(report);
        Ok(())
    }
}

/// What the projects say of themselves, mostly after their issues.
#[derive(Default)]
struct Projects {
    fields: Fields,
    /// How many findings belong to projects that are complete.
    done: usize,
    read: usize,
    failures: Vec<(String, String)>,
}

impl Projects {
    /// Completes the findings of a project, or of an application inside an image.
    fn end(&mut self, report: &mut Report<'_>, prefix: &str) -> Result<(), Stop> {
        let mut take = |names: &[&str]| {
            let found = names.iter().map(|name| self.fields.named(&format!("{prefix}{name}")).and_then(super::fields::text_of));
            found.fold(None, Option::or)
        };
        // Both are taken: what is left would be the next project's.
        let file = take(&["displayTargetFile", "targetFile"]);
        let (name, path, manager) = (take(&["projectName"]), take(&["path"]), take(&["packageManager"]));
        let (error, message, ok) = (take(&["error"]), take(&["message"]), take(&["ok"]));
        let target = super::report::clip(name.or(path).unwrap_or_default(), 300);
        let file = locate::file(file.as_deref(), report).unwrap_or_default().filter(|path| !locate::climbs(path));
        let open = report.open_findings();
        let found = open.len() > self.done;
        for finding in open.iter_mut().skip(self.done) {
            finding.file_path.clone_from(&file);
            if !target.is_empty() {
                finding.metadata.tool.insert("project".to_owned(), target.as_str().into());
            }
            let unknown = finding.package.as_deref_mut().filter(|package| package.ecosystem.is_empty());
            if let (Some(package), Some(manager)) = (unknown, &manager) {
                let named = words::package(
                    manager,
                    std::mem::take(&mut package.name),
                    package.version.take(),
                    package.fixed_version.take(),
                );
                *package = named;
            }
        }
        self.done = open.len();
        if prefix.is_empty() {
            let failed = error.or_else(|| message.filter(|_| !found && ok.as_deref() == Some("false")));
            match failed {
                Some(why) => self.failures.push((target, why)),
                None => {
                    self.read += 1;
                    (!target.is_empty()).then(|| report.target(target));
                }
            }
        }
        Ok(())
    }

    /// A run that failed everywhere has failed; one that failed somewhere has missed something.
    fn conclude(self, report: &mut Report<'_>) {
        match self.failures.first() {
            Some((_, why)) if self.read == 0 && self.failures.len() == 1 => report.failed(why.clone()),
            Some((_, why)) if self.read == 0 => {
                report.failed(format!("{} projects could not be tested: {why}", self.failures.len()))
            }
            _ => self.failures.into_iter().for_each(|(path, why)| report.missed(path, why)),
        }
    }
}

/// Snyk's words: critical, high, medium, low. Old versions call critical `high`, and say so beside it.
fn severity(item: &mut Fields) -> Severity {
    let word = item.first_text(&["severityWithCritical", "severity"]).and_then(|word| words::severity(&word));
    let score = item.peek("cvssScore").and_then(Value::as_f64).and_then(words::severity_of_score);
    let vector = || item.peek("CVSSv3").and_then(Value::as_str).and_then(score::severity);
    word.or(score).or_else(vector).unwrap_or(Severity::Medium)
}

fn vulnerability(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let id = item.text("id");
    let name = item.first_text(&["packageName", "moduleName", "name"]).unwrap_or_default();
    let nameless = (!name.is_empty()).then(|| "Vulnerability".to_owned());
    let title = item.text("title").or_else(|| id.clone()).or(nameless).ok_or_else(|| bad("`id` is missing"))?;
    let license = item.peek("type").and_then(Value::as_str) == Some("license");
    let mut finding = report.finding(severity(&mut item), dependency::title(&title, &name));
    let version = item.text("version");
    let nearest = item.text("nearestFixedInVersion");
    let fixes = item.texts("fixedIn");
    let fixed = nearest.or_else(|| dependency::lowest_fix(fixes.iter().map(String::as_str), version.as_deref()));
    finding.remediation = remediation(&item, &name, fixed.as_deref());
    if !name.is_empty() {
        let ecosystem = item.first_text(&["packageManager", "language"]).unwrap_or_default();
        finding.package = Some(Box::new(words::package(&ecosystem, name, version, fixed)));
    }
    let names = [
        item.texts("identifiers.CVE"),
        item.texts("identifiers.GHSA"),
        item.texts("identifiers.RHSA"),
        item.texts("alternativeIds"),
    ];
    finding.vulnerability_ids = match license {
        true => Vec::new(),
        false => dependency::advisories(names.into_iter().flatten().chain(id.clone())),
    };
    let weaknesses = item.value("identifiers.CWE").map(|v| words::cwes(&v)).unwrap_or_default();
    dependency::weaknesses(&mut finding, &mut item, weaknesses);
    let urls = item.list("references").into_iter().filter_map(|reference| match reference {
        Value::String(url) => Some(url),
        other => Fields::or_empty(other).text("url"),
    });
    finding.references = words::urls(urls);
    finding.description = item.text("description").unwrap_or_default();
    finding.ignored_in_source = item.flag("isIgnored").unwrap_or(false);
    if fixes.len() > 1 {
        item.keep("fixedIn", fixes);
    }
    // Of the database, not of the finding.
    ["functions", "functions_new", "credit", "cvssDetails", "cvssSources"].iter().for_each(|name| drop(item.value(name)));
    finding.rule_id = id;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The package to update, and the direct dependency to update for it, where that is another.
fn remediation(item: &Fields, name: &str, fixed: Option<&str>) -> String {
    let path = item.peek("upgradePath").and_then(Value::as_array);
    let direct = path.and_then(|path| path.iter().find_map(Value::as_str)).and_then(|step| step.rsplit_once('@'));
    match (direct, fixed) {
        (Some((direct, version)), None) => dependency::remedy(direct, Some(version)),
        (Some((direct, version)), Some(fixed)) if direct != name && !direct.is_empty() => {
            format!("Update {name} to {fixed}: {direct} {version} brings it")
        }
        (_, fixed) => dependency::remedy(name, fixed),
    }
}

fn misconfiguration(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.first_text(&["id", "publicId"]);
    let title = item.text("title").or_else(|| rule.clone()).ok_or_else(|| bad("`id` is missing"))?;
    let mut finding = report.finding(severity(&mut item), title);
    finding.scan_type = ScanType::Iac;
    finding.line = item.position("lineNumber");
    let texts = [item.first_text(&["issue", "iacDescription.issue"]), item.first_text(&["impact", "iacDescription.impact"])];
    finding.description = texts.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    let advice = item.first_text(&["resolve", "iacDescription.resolve"]);
    finding.remediation = advice.or_else(|| item.text("remediation.terraform")).unwrap_or_default();
    finding.references = words::urls(item.texts("references").into_iter().chain(item.text("documentation")));
    finding.ignored_in_source = item.flag("isIgnored").unwrap_or(false);
    finding.rule_id = rule;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScanResult, ScanType, ScannerStatus, Severity};
    use serde_json::{Value, json};

    fn read(report: &Value) -> ScanResult {
        parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap()
    }

    #[test]
    fn vulnerabilities() {
        let result = read(&json!({"ok": false, "vulnerabilities": [
            {"id": "SNYK-JS-A-1", "title": "XSS", "severity": "high", "severityWithCritical": "critical", "packageName": "a", "version": "1.0", "packageManager": "npm",
             "identifiers": {"CVE": ["CVE-1"], "CWE": ["CWE-79", "CWE-80"], "GHSA": ["GHSA-1"]}, "fixedIn": ["1.0.5", "0.9.9"], "from": ["app@1", "b@2", "a@1.0"],
             "upgradePath": [false, "b@3.0", "a@1.0.5"], "isUpgradable": true, "references": [{"title": "t", "url": "https://r"}], "description": "D", "cvssScore": 9.1},
            {"id": "snyk:lic:npm:c:GPL-3.0", "type": "license", "title": "GPL-3.0 license", "severity": "medium", "name": "c", "from": [], "license": "GPL-3.0"},
            {"id": "SNYK-2", "upgradePath": [false, "@s/d@3.0"], "CVSSv3": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
            {}, null
        ], "packageManager": "yarn", "displayTargetFile": "web/yarn.lock", "projectName": "web", "path": "/src"}));
        let [f, license, bare] = result.findings.as_slice() else { panic!("{:?}", result.findings) };
        assert_eq!((f.title.as_str(), f.severity, f.rule_id.as_deref()), ("XSS in a", Severity::Critical, Some("SNYK-JS-A-1")));
        assert_eq!((f.file_path.as_deref(), f.cwe.as_deref()), (Some("web/yarn.lock"), Some("CWE-79")));
        assert_eq!(f.vulnerability_ids, ["CVE-1", "GHSA-1", "SNYK-JS-A-1"]);
        assert_eq!((f.remediation.as_str(), f.description.as_str()), ("Update a to 1.0.5: b 3.0 brings it", "D"));
        assert_eq!(f.package.as_deref().unwrap().purl.as_deref(), Some("pkg:npm/a@1.0"));
        assert_eq!((f.metadata.tool["from"][1].as_str(), f.metadata.tool["project"].as_str()), (Some("b@2"), Some("web")));
        assert_eq!((license.title.as_str(), license.vulnerability_ids.len()), ("GPL-3.0 license in c", 0));
        assert_eq!(license.package.as_deref().unwrap().ecosystem, "npm");
        assert_eq!((bare.severity, bare.remediation.as_str()), (Severity::Critical, "Update @s/d to 3.0"));
        assert_eq!((result.scanners[0].status, result.scanners[0].skipped.len()), (ScannerStatus::Partial, 2));
    }

    #[test]
    fn projects_and_applications() {
        let issue = json!({"id": "SNYK-1", "title": "T", "packageName": "p", "isUpgradable": false});
        let result = read(&json!([
            {"vulnerabilities": [issue], "targetFile": "a/pom.xml", "displayTargetFile": "a.xml", "packageManager": "maven", "ok": false},
            {"ok": false, "error": "no lock file", "path": "b"},
            {"ok": true, "vulnerabilities": [], "dependencyCount": 3},
            {"vulnerabilities": [issue], "applications": [{"vulnerabilities": [issue, issue], "targetFile": "/app/package.json"}], "path": "img:1", "packageManager": "deb"}
        ]));
        let files: Vec<_> = result.findings.iter().map(|f| f.file_path.as_deref()).collect();
        assert_eq!(files[..2], [Some("a.xml"), Some("/app/package.json")]);
        assert_eq!((files.len(), result.scanners[0].status), (4, ScannerStatus::Partial));
        assert!(result.findings[0].metadata.tool.get("project").is_none());
    }

    #[test]
    fn failures_are_not_clean() {
        for report in [
            json!({"ok": false, "error": "Authentication failed", "path": "/src"}),
            json!([{"ok": false, "error": "a", "path": "x"}, {"ok": false, "error": "b", "path": "y"}]),
        ] {
            assert_eq!(read(&report).scanners[0].status, ScannerStatus::Failed, "{report}");
        }
        let clean =
            read(&json!({"ok": true, "dependencyCount": 0, "vulnerabilities": [], "summary": "No known vulnerabilities"}));
        assert_eq!((clean.findings.len(), clean.scanners[0].status), (0, ScannerStatus::Ok));
    }

    #[test]
    fn infrastructure() {
        let result = read(&json!([{"infrastructureAsCodeIssues": [
            {"id": "SNYK-CC-TF-1", "title": "T", "severity": "low", "lineNumber": 4, "issue": "I", "impact": "M", "resolve": "R", "isIgnored": true, "documentation": "https://d", "references": ["https://r"], "path": ["resource", "x"]},
            {"publicId": "SNYK-CC-2", "lineNumber": -1, "iacDescription": {"issue": "I"}}
        ], "targetFile": "main.tf", "vulnerabilities": [], "ok": true}]));
        let [f, other] = result.findings.as_slice() else { panic!("{:?}", result.findings) };
        assert_eq!((f.scan_type, f.file_path.as_deref(), f.line), (ScanType::Iac, Some("main.tf"), Some(4)));
        assert_eq!((f.description.as_str(), f.remediation.as_str(), f.references.len()), ("I\n\nM", "R", 2));
        assert!(f.ignored_in_source && !other.ignored_in_source);
        assert_eq!((other.line, other.title.as_str()), (None, "SNYK-CC-2"));
    }
}
