//! Prowler: its own JSON (version 2 as lines, versions 3 and 4 as a list) and OCSF, which it writes since version 3.8.

use super::fields::Fields;
use super::json;
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, words};
use crate::Result;
use crate::model::{Finding, ScanType, Severity};

pub(super) struct Prowler;

const META: ParserMeta = ParserMeta {
    id: "prowler",
    title: "Prowler JSON and OCSF",
    versions_read: "2 – 5; failed checks",
    upstream: "https://docs.prowler.com/user-guide/cli/tutorials/reporting",
    scan_type: ScanType::Iac,
};

impl Parser for Prowler {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let ocsf = shape.has_all(&["finding_info", "status_code", "metadata.event_code"]);
        let own = shape.has_all(&["CheckID", "StatusExtended"]);
        let second = shape.has_all(&["Account Number", "Control", "Control ID"]);
        matches!(shape.top, Top::Array | Top::Object) && (ocsf || own || second)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read_many(&mut input, report, &mut |report, _, value| {
            let mut item = Fields::of(value)?;
            let status = item.first_text(&["status_code", "Status"]).unwrap_or_else(|| "FAIL".to_owned());
            let finding = if item.has("finding_info") || item.has("status_detail") {
                ocsf(report, &mut item)?
            } else if item.has("Control") {
                second(report, &mut item)?
            } else {
                own(report, &mut item)?
            };
            match status.to_ascii_uppercase().as_str() {
                "FAIL" | "WARNING" => {}
                // What a person has to look at is neither wrong nor right.
                _ => return Ok(()),
            }
            push(report, finding, item)
        })
    }
}

fn push(report: &mut Report<'_>, mut finding: Finding, item: Fields) -> Result<(), Stop> {
    finding.metadata.tool = item.rest();
    report.push(finding)
}

fn begin(report: &Report<'_>, severity: Option<String>, rule: Option<String>, title: Option<String>) -> Result<Finding, Stop> {
    let severity = severity.and_then(|word| words::severity(&word)).unwrap_or(Severity::Medium);
    let title = title.or_else(|| rule.clone()).ok_or_else(|| bad("neither check nor title"))?;
    let mut finding = report.finding(severity, title.trim_end_matches('.'));
    finding.rule_id = rule;
    Ok(finding)
}

fn ocsf(report: &mut Report<'_>, item: &mut Fields) -> Result<Finding, Stop> {
    let severity = item.text("severity");
    let mut finding = begin(report, severity, item.text("metadata.event_code"), item.text("finding_info.title"))?;
    report.version(item.text("metadata.product.version").filter(|version| !version.starts_with('<')));
    let about = [item.text("status_detail"), item.text("finding_info.desc"), item.text("risk_details")];
    finding.description = joined(about);
    finding.remediation = item.text("remediation.desc").unwrap_or_default();
    finding.references = words::urls(item.texts("remediation.references").into_iter().chain(item.text("unmapped.related_url")));
    for name in ["message", "remediation", "time", "time_dt", "event_time"] {
        item.value(name);
    }
    Ok(finding)
}

fn own(report: &Report<'_>, item: &mut Fields) -> Result<Finding, Stop> {
    let severity = item.text("Severity");
    let mut finding = begin(report, severity, item.text("CheckID"), item.text("CheckTitle"))?;
    finding.description = joined([item.text("StatusExtended"), item.text("Description"), item.text("Risk")]);
    finding.remediation = item.text("Remediation.Recommendation.Text").unwrap_or_default();
    finding.references =
        words::urls([item.text("Remediation.Recommendation.Url"), item.text("RelatedUrl")].into_iter().flatten());
    item.value("AssessmentStartTime");
    Ok(finding)
}

/// Version 2: `[check114] Ensure hardware MFA is enabled for the root account`.
fn second(report: &Report<'_>, item: &mut Fields) -> Result<Finding, Stop> {
    let control = item.text("Control").unwrap_or_default();
    let (rule, title) = match control.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((rule, title)) => (Some(rule.to_owned()), title.trim().to_owned()),
        None => (item.text("Control ID"), control.clone()),
    };
    let mut finding = begin(report, item.text("Severity"), rule, Some(title).filter(|title| !title.is_empty()))?;
    finding.description = joined([item.text("Message"), item.text("Risk"), None]);
    finding.remediation = item.text("Remediation").unwrap_or_default();
    finding.references = words::urls(item.text("Doc link"));
    item.value("Timestamp");
    Ok(finding)
}

/// What is said, without what was said before.
fn joined(parts: [Option<String>; 3]) -> String {
    let mut said: Vec<String> = Vec::new();
    for part in parts.into_iter().flatten() {
        if !said.contains(&part) {
            said.push(part);
        }
    }
    said.join("\n\n")
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScanResult, Severity};

    fn read(text: &str) -> ScanResult {
        parse(text.as_bytes(), None, &IngestOptions::default()).unwrap()
    }

    #[test]
    fn ocsf() {
        let result = read(
            r#"[{"message":"m","metadata":{"event_code":"iam_x","product":{"name":"Prowler","version":"5.4.0"},"version":"1.4.0"},
            "severity":"High","status":"New","status_code":"FAIL","status_detail":"Role r is bad.","finding_info":{"desc":"Ensure it","title":"Ensure it.","uid":"u"},
            "resources":[{"uid":"arn:aws:iam::1:role/r","region":"eu"}],"unmapped":{"related_url":"https://a"},
            "remediation":{"desc":"Do it","references":["https://b","aws iam x"]},"risk_details":"Risky."},
            {"metadata":{"event_code":"iam_y"},"status_code":"PASS","finding_info":{"title":"t"}},
            {"metadata":{"event_code":"iam_z"},"status_code":"MANUAL","finding_info":{"title":"t"}},{"status_code":"FAIL"}]"#,
        );
        let [f] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!((f.rule_id.as_deref(), f.title.as_str(), f.severity), (Some("iam_x"), "Ensure it", Severity::High));
        assert_eq!(f.description, "Role r is bad.\n\nEnsure it\n\nRisky.");
        assert_eq!((f.remediation.as_str(), f.references.len()), ("Do it", 2));
        assert_eq!(f.metadata.tool["resources"][0]["uid"], "arn:aws:iam::1:role/r");
        assert_eq!((result.scanners[0].version.as_deref(), result.scanners[0].skipped.len()), (Some("5.4.0"), 1));
    }

    #[test]
    fn native() {
        let result = read(
            r#"[{"CheckID":"acm","CheckTitle":"Check it","Status":"FAIL","StatusExtended":"It expires","Severity":"high","Description":"D",
            "Risk":"R","RelatedUrl":"https://a","Remediation":{"Recommendation":{"Text":"T","Url":"https://a"}},"ResourceArn":"arn"},
            {"CheckID":"b","Status":"PASS","StatusExtended":"fine"}]"#,
        );
        let [f] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!((f.scanner.as_str(), f.rule_id.as_deref(), f.remediation.as_str()), ("prowler", Some("acm"), "T"));
        let line = |status: &str| {
            format!(
                r#"{{"Account Number":"1","Control":"[check114] Ensure MFA","Control ID":"1.14","Message":"no","Severity":"Critical","Status":"{status}"}}"#
            )
        };
        let result = read(&format!("{}\n{}\n", line("Pass"), line("FAIL")));
        let [f] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!((f.rule_id.as_deref(), f.title.as_str(), f.severity), (Some("check114"), "Ensure MFA", Severity::Critical));
    }
}
