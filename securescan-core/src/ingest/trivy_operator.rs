//! Trivy Operator: the reports that it keeps as objects of a cluster, one, a list of them, or `kubectl get -o json`. Reports of
//! compliance and bills of materials hold no findings of their own.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, score, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;

pub(super) struct TrivyOperator;

const META: ParserMeta = ParserMeta {
    id: "trivy-operator",
    title: "Trivy Operator reports (JSON)",
    versions_read: "aquasecurity.github.io/v1alpha1",
    upstream: "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/",
    scan_type: ScanType::Dependency,
};

/// The resources of the operator, as a dump of a cluster lists them: the objects of each under its full name.
///
/// # Source
/// Trivy Operator, custom resource definitions.
const KINDS: &[&str] = &[
    "vulnerabilityreports.aquasecurity.github.io",
    "configauditreports.aquasecurity.github.io",
    "exposedsecretreports.aquasecurity.github.io",
    "rbacassessmentreports.aquasecurity.github.io",
    "infraassessmentreports.aquasecurity.github.io",
    "clustercompliancereports.aquasecurity.github.io",
    "clusterconfigauditreports.aquasecurity.github.io",
    "clusterinfraassessmentreports.aquasecurity.github.io",
    "clusterrbacassessmentreports.aquasecurity.github.io",
    "clustervulnerabilityreports.aquasecurity.github.io",
];

impl Parser for TrivyOperator {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        if shape.top == Top::Object && KINDS.iter().any(|kind| shape.has(kind)) {
            return true;
        }
        let ours = |place: &str| shape.text(place).is_some_and(|version| version.starts_with("aquasecurity.github.io/"));
        matches!(shape.top, Top::Object | Top::Array) && (ours("apiVersion") || ours("items.apiVersion"))
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let own = [
            Want::Each("items"),
            Want::Whole("apiVersion"),
            Want::Whole("metadata"),
            Want::Whole("report"),
            Want::Each(""),
            Want::End(""),
        ];
        let wants: Vec<Want> = own.into_iter().chain(KINDS.iter().copied().map(Want::Each)).collect();
        let proof: Vec<&str> = ["apiVersion", "items", ""].into_iter().chain(KINDS.iter().copied()).collect();
        // Without a list around it, an object comes field by field.
        let mut single = Fields::default();
        json::read(&mut input, &proof, &wants, report, &mut |report, at, value| match (at.place, at.end) {
            ("items", _) | ("", false) => object(report, Fields::of(value)?),
            (kind, _) if KINDS.contains(&kind) => object(report, Fields::of(value)?),
            ("", true) => match single.has("report") {
                true => object(report, std::mem::take(&mut single)),
                false => Ok(()),
            },
            (place, _) => {
                single.keep(place, value);
                Ok(())
            }
        })
    }
}

/// What an object of the cluster says about what it was made for.
struct Place {
    resource: String,
    image: String,
    system: String,
}

fn object(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let mut labels = item.object("metadata.labels");
    let mut label = |name: &str| labels.named(&format!("trivy-operator.resource.{name}")).and_then(super::fields::text_of);
    let parts = [label("namespace"), label("kind"), label("name")];
    let mut body = item.object("report");
    let image = [body.text("artifact.repository"), body.text("artifact.tag")].into_iter().flatten().collect::<Vec<_>>().join(":");
    let place = Place {
        resource: parts.into_iter().flatten().collect::<Vec<_>>().join("/"),
        image,
        system: body.text("os.family").unwrap_or_default(),
    };
    report.version(body.text("scanner.version"));
    let [vulnerabilities, checks, secrets] = ["vulnerabilities", "checks", "secrets"].map(|name| body.list(name));
    report.each("vulnerabilities", vulnerabilities, &mut |r, value| vulnerability(r, &place, Fields::of(value)?))?;
    report.each("checks", checks, &mut |r, value| check(r, &place, Fields::of(value)?))?;
    report.each("secrets", secrets, &mut |r, value| secret(r, &place, Fields::of(value)?))
}

impl Place {
    fn keep(&self, item: &mut Fields) {
        item.keep("resource", self.resource.as_str());
        item.keep("image", self.image.as_str());
    }
}

/// The words are trivy's.
fn severity(item: &mut Fields) -> Severity {
    let word = item.text("severity").and_then(|word| words::severity(&word));
    let score = || item.peek("score").and_then(Value::as_f64).and_then(|score| score::severity(&score.to_string()));
    word.or_else(score).unwrap_or(Severity::Info)
}

fn vulnerability(report: &mut Report<'_>, place: &Place, mut item: Fields) -> Result<(), Stop> {
    let id = item.need("vulnerabilityID")?;
    let name = item.text("resource").unwrap_or_default();
    let mut finding = report.finding(severity(&mut item), dependency::title(&id, &name));
    finding.file_path = locate::file(item.text("packagePath").as_deref(), report)?;
    let version = item.text("installedVersion");
    let fixed = dependency::lowest_fix(item.text("fixedVersion").as_deref(), version.as_deref());
    finding.remediation = dependency::remedy(&name, fixed.as_deref());
    if !name.is_empty() {
        let kind = item.text("packageType").unwrap_or_else(|| place.system.clone());
        finding.package = Some(Box::new(dependency::package(&kind, name, version, fixed, item.text("packagePURL"))));
    }
    finding.vulnerability_ids = dependency::advisories([id.clone()]);
    finding.references = words::urls(item.texts("links").into_iter().chain(item.text("primaryLink")));
    finding.description = item.first_text(&["description", "title"]).unwrap_or_default();
    place.keep(&mut item);
    finding.rule_id = Some(id);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// A check of a resource's configuration. Those that passed are no findings.
fn check(report: &mut Report<'_>, place: &Place, mut item: Fields) -> Result<(), Stop> {
    if item.flag("success") == Some(true) {
        return Ok(());
    }
    let rule = item.first_text(&["checkID", "id"]);
    let title = item.text("title").or_else(|| rule.clone()).ok_or_else(|| bad("`checkID` is missing"))?;
    let mut finding = report.finding(severity(&mut item), title);
    finding.scan_type = ScanType::Iac;
    finding.file_path = locate::file(Some(&place.resource), report)?;
    let texts = item.texts("messages").into_iter().chain(item.text("description"));
    finding.description = texts.collect::<Vec<_>>().join("\n\n");
    finding.remediation = item.text("remediation").unwrap_or_default();
    place.keep(&mut item);
    finding.rule_id = rule;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// A secret in an image, which trivy has starred out.
fn secret(report: &mut Report<'_>, place: &Place, mut item: Fields) -> Result<(), Stop> {
    let rule = item.text("ruleID");
    let title = item.text("title").or_else(|| rule.clone()).ok_or_else(|| bad("`ruleID` is missing"))?;
    let mut finding = report.finding(severity(&mut item), title);
    finding.scan_type = ScanType::Code;
    finding.cwe = Some("CWE-798".to_owned());
    finding.file_path = locate::file(item.text("target").as_deref(), report)?;
    item.value("match");
    place.keep(&mut item);
    finding.rule_id = rule;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScanType, ScannerStatus, Severity};
    use serde_json::json;

    #[test]
    fn a_dump_of_a_cluster() {
        let text = r#"{"clustersbomreports.aquasecurity.github.io":[],"configauditreports.aquasecurity.github.io":[{"apiVersion":"aquasecurity.github.io/v1alpha1",
            "kind":"ConfigAuditReport","metadata":{"name":"n","namespace":"d"},"report":{"checks":[{"checkID":"KSV001","title":"t","severity":"LOW","success":false}]}}]}"#;
        let result = super::super::parse(text.as_bytes(), None, &super::super::IngestOptions::default()).unwrap();
        assert_eq!((result.findings.len(), result.scanners[0].name.as_str()), (1, "trivy-operator"));
    }

    #[test]
    fn reports() {
        let metadata = json!({"labels": {"trivy-operator.resource.kind": "ReplicaSet", "trivy-operator.resource.name": "web", "trivy-operator.resource.namespace": "n"}});
        let version = "aquasecurity.github.io/v1alpha1";
        let vulnerability = json!({"apiVersion": version, "kind": "VulnerabilityReport", "metadata": metadata, "report": {
            "artifact": {"repository": "r", "tag": "1"}, "os": {"family": "alpine"}, "scanner": {"version": "0.40.0"},
            "vulnerabilities": [{"vulnerabilityID": "CVE-1", "resource": "musl", "installedVersion": "1.0", "fixedVersion": "1.2, 1.1", "severity": "CRITICAL", "links": ["https://l"], "primaryLink": "https://p", "title": "T"}, {}, null]}});
        let audit = json!({"apiVersion": version, "kind": "ConfigAuditReport", "metadata": metadata, "report": {
            "checks": [{"checkID": "KSV014", "title": "Root", "severity": "LOW", "success": false, "messages": ["m"], "description": "d", "remediation": "r"}, {"checkID": "KSV1", "success": true}]}});
        let secrets = json!({"apiVersion": version, "kind": "ExposedSecretReport", "metadata": metadata, "report": {
            "secrets": [{"ruleID": "aws", "title": "AWS", "severity": "CRITICAL", "target": "/app/.env", "match": "KEY=****"}]}});
        let read = |report: &serde_json::Value| parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        assert_eq!(read(&vulnerability).findings.len(), 1);
        for list in [
            json!([vulnerability, audit, secrets]),
            json!({"apiVersion": "v1", "kind": "List", "items": [vulnerability, audit, secrets]}),
        ] {
            let result = read(&list);
            let [f, check, secret] = result.findings.as_slice() else { panic!("{:?}", result.findings) };
            assert_eq!(
                (f.title.as_str(), f.severity, f.remediation.as_str()),
                ("CVE-1 in musl", Severity::Critical, "Update musl to 1.1")
            );
            assert_eq!((f.package.as_deref().unwrap().ecosystem.as_str(), f.references.len()), ("apk", 2));
            assert_eq!((check.scan_type, check.file_path.as_deref()), (ScanType::Iac, Some("n/ReplicaSet/web")));
            assert_eq!((secret.file_path.as_deref(), secret.metadata.tool.get("match")), (Some("/app/.env"), None));
            assert_eq!((result.scanners[0].status, result.scanners[0].skipped.len()), (ScannerStatus::Partial, 2));
        }
        let empty =
            json!({"apiVersion": version, "kind": "VulnerabilityReport", "metadata": {}, "report": {"vulnerabilities": []}});
        assert_eq!(read(&empty).findings.len(), 0);
    }
}
