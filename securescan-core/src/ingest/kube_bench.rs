//! kube-bench: the CIS benchmark of Kubernetes nodes. A failed test is a finding; one that people have to look at is none.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad, each_part};
use super::{Input, Parser, ParserMeta, Shape, Top, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct KubeBench;

const META: ParserMeta = ParserMeta {
    id: "kube-bench",
    title: "kube-bench JSON",
    versions_read: "0.2 – 0.10 (`Controls`, or a list); failed tests",
    upstream: "https://github.com/aquasecurity/kube-bench",
    scan_type: ScanType::Iac,
};

impl Parser for KubeBench {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let of = |place: &str| shape.has(&format!("{place}node_type")) && shape.has(&format!("{place}tests"));
        match shape.top {
            Top::Array => of(""),
            Top::Object => of("Controls.") || of("") || shape.has_all(&["Controls", "Totals.total_fail"]),
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let mut unsure = 0usize;
        if input.top == Top::Object {
            let wants = [Want::Each("Controls"), Want::Each("tests")];
            json::read(&mut input, &["Controls", "tests"], &wants, report, &mut |report, at, value| match at.place {
                "tests" => group(report, Fields::of(value)?, &mut unsure),
                _ => control(report, Fields::of(value)?, &mut unsure),
            })?;
        } else {
            json::read(&mut input, &[""], &[Want::Each("")], report, &mut |report, _, value| {
                control(report, Fields::of(value)?, &mut unsure)
            })?;
        }
        if unsure > 0 {
            report.note(format!("{unsure} tests have to be done by hand"));
        }
        Ok(())
    }
}

fn control(report: &mut Report<'_>, mut item: Fields, unsure: &mut usize) -> Result<(), Stop> {
    if let Some(version) = item.text("detected_version") {
        report.target(format!("Kubernetes {version}"));
    }
    each_part(report, "tests", item.list("tests"), |report, part| group(report, Fields::of(part)?, unsure))
}

fn group(report: &mut Report<'_>, mut item: Fields, unsure: &mut usize) -> Result<(), Stop> {
    let about = item.text("desc").unwrap_or_default();
    each_part(report, "results", item.list("results"), |report, part| test(report, Fields::of(part)?, &about, unsure))
}

fn test(report: &mut Report<'_>, mut item: Fields, about: &str, unsure: &mut usize) -> Result<(), Stop> {
    let (rule, title) = (item.text("test_number"), item.text("test_desc"));
    let title = title.or_else(|| rule.clone()).ok_or_else(|| bad("neither `test_number` nor `test_desc`"))?;
    match item.text("status").unwrap_or_default().to_ascii_uppercase().as_str() {
        "FAIL" => {}
        "WARN" => {
            *unsure += 1;
            return Ok(());
        }
        _ => return Ok(()),
    }
    let mut finding = report.finding(Severity::Medium, title.trim_end_matches('.'));
    finding.rule_id = rule;
    finding.remediation = item.text("remediation").unwrap_or_default();
    let expected = item.text("expected_result").filter(|text| !text.is_empty());
    let actual = item.text("actual_value").filter(|text| !text.is_empty());
    let said = [
        (!about.is_empty()).then(|| about.to_owned()),
        expected.map(|e| format!("Expected: {e}")),
        actual.map(|a| format!("Found: {a}")),
    ];
    finding.description = said.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    finding.references = words::links(&finding.remediation);
    item.value("test_info");
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn both_forms() {
        let list = r#"[{"id":"4","version":"1.5","text":"Worker","node_type":"node","tests":[{"section":"4.1","desc":"Files","results":[
            {"test_number":"4.1.1","test_desc":"Ensure the permissions.","audit":"stat","remediation":"chmod 644","test_info":["chmod 644"],
             "status":"FAIL","actual_value":"777","expected_result":"644","scored":true},
            {"test_number":"4.1.2","test_desc":"b","status":"PASS"},{"test_number":"4.1.3","test_desc":"c","status":"WARN"},{"status":"FAIL"}]}]}]"#;
        let wrapped = format!(r#"{{"Controls":{list},"Totals":{{"total_fail":1}}}}"#);
        let single = list.trim_start_matches('[').trim_end_matches(']').to_owned();
        for text in [list.to_owned(), wrapped, single] {
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
            let [f] = result.findings.as_slice() else { panic!("{result:?}") };
            assert_eq!((f.scanner.as_str(), f.rule_id.as_deref(), f.severity), ("kube-bench", Some("4.1.1"), Severity::Medium));
            assert_eq!((f.title.as_str(), f.remediation.as_str()), ("Ensure the permissions", "chmod 644"));
            assert_eq!(f.description, "Files\n\nExpected: 644\n\nFound: 777");
            assert_eq!(result.scanners[0].skipped.len(), 1);
        }
        assert!(
            parse(br#"{"Controls":[],"Totals":{"total_fail":0}}"#, None, &IngestOptions::default()).unwrap().findings.is_empty()
        );
    }
}
