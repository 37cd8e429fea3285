//! AWS Security Finding Format: what Security Hub exchanges (`Findings`), and bare lists of it.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;

pub(super) struct Asff;

const META: ParserMeta = ParserMeta {
    id: "asff",
    title: "AWS Security Finding Format",
    versions_read: "2018-10-08",
    upstream: "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html",
    scan_type: ScanType::Iac,
};

/// `Severity.Label`.
///
/// # Source
/// ASFF, `Severity`: INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL; `Normalized` 0, 1–39, 40–69, 70–89, 90–100.
const SEVERITIES: &[(&str, Severity)] = &[
    ("CRITICAL", Severity::Critical),
    ("HIGH", Severity::High),
    ("MEDIUM", Severity::Medium),
    ("LOW", Severity::Low),
    ("INFORMATIONAL", Severity::Info),
];

impl Parser for Asff {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let of = |place: &str| {
            let field = |name: &str| shape.has(&format!("{place}{name}"));
            field("ProductArn") && (field("AwsAccountId") || field("GeneratorId") || field("SchemaVersion"))
        };
        match shape.top {
            Top::Array => of(""),
            // Nothing but the one key tells an empty report.
            Top::Object => of("Findings.") || of("findings.") || shape.is_only("Findings"),
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each(""), Want::Each("Findings"), Want::Each("findings")];
        let proof = ["", "Findings", "findings"];
        json::read(&mut input, &proof, &wants, report, &mut |report, _, value| finding(report, Fields::of(value)?))
    }
}

fn finding(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let title = item.text("Title");
    let rule = item.first_text(&["Compliance.SecurityControlId", "GeneratorId"]);
    let title = title.or_else(|| rule.clone()).ok_or_else(|| bad("`Title` and `GeneratorId` are missing"))?;
    let mut finding = report.finding(severity(&mut item), title);
    if let Some(product) = item.first_text(&["ProductName", "ProductFields.Product Name"]) {
        item.keep("product", product);
    }
    let types = item.texts("Types");
    finding.scan_type = scan_type(&types, &item);
    finding.description = item.text("Description").unwrap_or_default();
    let advice = item.text("Remediation.Recommendation.Text").filter(|text| text != "None Provided");
    finding.remediation = advice.unwrap_or_default();
    finding.references = words::urls([item.text("Remediation.Recommendation.Url"), item.text("SourceUrl")].into_iter().flatten());
    vulnerability(&mut finding, &mut item);
    place(report, &mut finding, &item)?;
    // Of a scanner of packages, the generator is the scanner itself; of GuardDuty, one of its detectors.
    let rule = match finding.scan_type {
        ScanType::Dependency => {
            let first = finding.vulnerability_ids.first();
            let named = rule.filter(|rule| first.is_none_or(|id| rule.contains(id.as_str())));
            named.or_else(|| first.cloned())
        }
        _ if rule.as_deref().is_some_and(|rule| rule.contains(":detector/")) => {
            types.first().and_then(|kind| kind.rsplit('/').next()).map(str::to_owned).or(rule)
        }
        _ => rule,
    };
    finding.rule_id = rule;
    finding.ignored_in_source = item.peek("Workflow.Status").is_some_and(|status| status == "SUPPRESSED");
    item.keep("Types", types);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The label, else the normalised number, else the product's own.
fn severity(item: &mut Fields) -> Severity {
    let mut severity = item.object("Severity");
    let finding = item.text("FindingProviderFields.Severity.Label");
    let label = severity.text("Label").or(finding).and_then(|word| words::pick(&word, SEVERITIES));
    let normalized = severity.number("Normalized").map(|score| match score {
        s if s >= 90.0 => Severity::Critical,
        s if s >= 70.0 => Severity::High,
        s if s >= 40.0 => Severity::Medium,
        s if s >= 1.0 => Severity::Low,
        _ => Severity::Info,
    });
    let original = severity.text("Original").and_then(|word| words::severity(&word));
    let product = severity.number("Product").and_then(words::severity_of_score);
    label.or(normalized).or(original).or(product).unwrap_or(Severity::Medium)
}

/// What kind of scan it was, by the namespaces of the types.
fn scan_type(types: &[String], item: &Fields) -> ScanType {
    let says = |what: &str| types.iter().any(|kind| kind.to_ascii_lowercase().contains(what));
    if item.has("Vulnerabilities") || says("vulnerabilities/cve") {
        ScanType::Dependency
    } else if says("sensitive data") {
        ScanType::Code
    } else {
        META.scan_type
    }
}

/// The first vulnerability: its id, package, score and references.
fn vulnerability(finding: &mut crate::model::Finding, item: &mut Fields) {
    let listed = item.list("Vulnerabilities");
    for (index, value) in listed.iter().cloned().enumerate().take(100) {
        let mut vulnerability = Fields::or_empty(value);
        finding.vulnerability_ids.extend(vulnerability.text("Id").filter(|id| words::is_advisory(id)));
        finding.references.extend(words::urls(vulnerability.texts("ReferenceUrls")));
        let Some(software) = vulnerability.list("VulnerablePackages").into_iter().next().filter(|_| index == 0) else { continue };
        let mut software = Fields::or_empty(software);
        let Some(name) = software.text("Name") else { continue };
        let kind = software.text("PackageManager").unwrap_or_default().to_lowercase();
        // Which system's packages it means is not said.
        let kind = if kind == "os" { String::new() } else { kind };
        let (version, fixed) = (software.text("Version"), software.text("FixedInVersion"));
        if let (Some(fixed), true) = (&fixed, finding.remediation.is_empty()) {
            finding.remediation = format!("Update {name} to {fixed}");
        }
        finding.package = Some(Box::new(words::package(&kind, name, version, fixed)));
    }
    if finding.vulnerability_ids.is_empty() && finding.scan_type == ScanType::Dependency {
        finding.vulnerability_ids.extend(words::advisory_in(&finding.title));
    }
    item.keep("Vulnerabilities", listed);
}

/// The file a resource is, where it is one; other resources stay under the tool's own fields.
fn place(report: &Report<'_>, finding: &mut crate::model::Finding, item: &Fields) -> Result<(), Stop> {
    let first = item.peek("Resources").and_then(|resources| resources.get(0));
    let path = first.and_then(|resource| {
        let other = resource.get("Details").and_then(|details| details.get("Other"));
        let named =
            other.and_then(|other| other.get("Filename").or_else(|| other.get("filePath")).or_else(|| other.get("FilePath")));
        named.and_then(Value::as_str)
    });
    finding.file_path = locate::file(path, report)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScanResult, ScanType, Severity};

    fn read(text: &str) -> crate::Result<ScanResult> {
        parse(text.as_bytes(), None, &IngestOptions::default())
    }

    #[test]
    fn rules_of_scanners_and_detectors() {
        let text = r#"{"Findings":[{"ProductArn":"a","GeneratorId":"Trivy","Types":["Software and Configuration Checks/Vulnerabilities/CVE"],
            "Title":"Trivy found a vulnerability to CVE-2021-36159 in container x","Remediation":{"Recommendation":{"Text":"None Provided"}}},
            {"ProductArn":"a","GeneratorId":"arn:aws:guardduty:us-east-1:1:detector/1","Types":["TTPs/Discovery/Recon:EC2-Portscan"],"Title":"T"}]}"#;
        let result = super::super::parse(text.as_bytes(), None, &super::super::IngestOptions::default()).unwrap();
        let rules: Vec<_> = result.findings.iter().filter_map(|f| f.rule_id.as_deref()).collect();
        assert_eq!(rules, ["CVE-2021-36159", "Recon:EC2-Portscan"]);
        assert_eq!(result.findings[0].remediation, "");
    }

    #[test]
    fn an_account_is_not_needed() {
        let text = r#"{"findings":[{"SchemaVersion":"2018-10-08","ProductArn":"arn:x","GeneratorId":"g","Title":"T","Severity":{"Label":"HIGH"}}]}"#;
        let result = super::super::parse(text.as_bytes(), None, &super::super::IngestOptions::default()).unwrap();
        assert_eq!((result.findings.len(), result.scanners[0].name.as_str()), (1, "asff"));
    }

    #[test]
    fn findings() {
        let item = r#"{"SchemaVersion": "2018-10-08", "Id": "x", "ProductArn": "arn:aws:securityhub:r::product/a/a", "GeneratorId": "Trivy/CVE-2020-1",
            "AwsAccountId": "123456789012", "Types": ["Software and Configuration Checks/Vulnerabilities/CVE"], "Severity": {"Label": "HIGH"},
            "Title": "t", "Description": "d", "Remediation": {"Recommendation": {"Text": "Update it", "Url": "https://r"}},
            "Resources": [{"Type": "Other", "Id": "a", "Details": {"Other": {"Filename": "src/deploy.sh"}}}],
            "Vulnerabilities": [{"Id": "CVE-2020-1", "ReferenceUrls": ["https://v"], "VulnerablePackages": [{"Name": "musl", "Version": "1",
            "PackageManager": "OS", "FixedInVersion": "2"}]}], "Workflow": {"Status": "SUPPRESSED"}}"#;
        for text in [format!("[{item}]"), format!("{{\"Findings\": [{item}]}}"), format!("{{\"findings\": [{item}]}}")] {
            let result = read(&text).unwrap();
            let [finding] = &result.findings[..] else { panic!("{result:?}") };
            assert_eq!(result.scanners[0].name, "asff", "{text}");
            assert_eq!((finding.rule_id.as_deref(), finding.severity), (Some("Trivy/CVE-2020-1"), Severity::High));
            assert_eq!((finding.scan_type, finding.file_path.as_deref()), (ScanType::Dependency, Some("src/deploy.sh")));
            assert_eq!(
                (finding.remediation.as_str(), finding.vulnerability_ids.as_slice()),
                ("Update it", &["CVE-2020-1".to_owned()][..])
            );
            assert_eq!(finding.references, ["https://r", "https://v"]);
            assert_eq!(finding.package.as_ref().unwrap().fixed_version.as_deref(), Some("2"));
            assert!(finding.ignored_in_source);
        }
    }

    #[test]
    fn severities_and_odd_items() {
        let with = |severity: &str| {
            let text =
                format!(r#"{{"Findings": [{{"AwsAccountId": "1", "ProductArn": "p", "Title": "t", "Severity": {severity}}}]}}"#);
            read(&text).unwrap().findings[0].severity
        };
        assert_eq!((with(r#"{"Normalized": 90}"#), with(r#"{"Normalized": "39"}"#)), (Severity::Critical, Severity::Low));
        assert_eq!((with("null"), with(r#"{"Original": "High"}"#)), (Severity::Medium, Severity::High));
        assert!(read(r#"{"Findings": []}"#).unwrap().findings.is_empty());
        let odd =
            read(r#"[{"AwsAccountId": "1", "ProductArn": "p", "GeneratorId": "g", "Resources": 3}, {"Id": 1}, null]"#).unwrap();
        assert_eq!((odd.findings.len(), odd.scanners[0].skipped.len()), (1, 2));
    }
}
