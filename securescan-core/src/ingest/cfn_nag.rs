//! cfn_nag: its JSON, one finding per resource that violates a rule.

use super::fields::{Fields, text_of};
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct CfnNag;

const META: ParserMeta = ParserMeta {
    id: "cfn-nag",
    title: "cfn_nag JSON",
    versions_read: "0.3 – 0.8",
    upstream: "https://github.com/stelligent/cfn_nag",
    scan_type: ScanType::Iac,
};

impl Parser for CfnNag {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Array && shape.has_all(&["filename", "file_results", "file_results.violations"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read(&mut input, &[""], &[Want::Each("")], report, &mut |report, _, value| {
            let mut item = Fields::of(value)?;
            let file = locate::file(item.text("filename").as_deref(), report)?;
            for violation in item.list("file_results.violations") {
                match Fields::of(violation).and_then(|violation| rule(report, file.as_deref(), violation)) {
                    Err(Stop::Item(why)) => {
                        report.next_item();
                        report.quarantine(file.clone().unwrap_or_default(), why)?;
                    }
                    done => done?,
                }
            }
            Ok(())
        })
    }
}

/// FAIL fails a build and WARN does not; FATAL is a template that could not be read.
fn rule(report: &mut Report<'_>, file: Option<&str>, mut item: Fields) -> Result<(), Stop> {
    let kind = item.text("type").unwrap_or_default();
    let (id, message) = (item.text("id"), item.text("message").unwrap_or_default());
    if id.as_deref() == Some("FATAL") {
        report.missed(file.unwrap_or("."), message);
        return Ok(());
    }
    let Some(id) = id else { return Err(bad("`id` is missing")) };
    let severity = if kind == "FAIL" { Severity::High } else { Severity::Medium };
    let (resources, lines) = (item.texts("logical_resource_ids"), item.list("line_numbers"));
    let kinds = item.list("element_types");
    let rest = item.rest();
    for index in 0..resources.len().max(1) {
        let mut finding = report.finding(severity, message.clone());
        finding.rule_id = Some(id.clone());
        finding.description.clone_from(&message);
        finding.file_path = file.map(str::to_owned);
        finding.line = lines.get(index).and_then(|n| u32::try_from(n.as_i64()?).ok()).filter(|line| *line > 0);
        finding.metadata.tool = rest.clone();
        if let Some(resource) = resources.get(index) {
            finding.metadata.tool.insert("resource".to_owned(), resource.clone().into());
        }
        if let Some(kind) = kinds.get(index).cloned().and_then(text_of) {
            finding.metadata.tool.insert("element_type".to_owned(), kind.into());
        }
        report.push(finding)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::Severity;
    use serde_json::json;

    #[test]
    fn fields() {
        let doc = json!([{"filename": "a.json", "file_results": {"failure_count": 1, "violations": [
            {"id": "F1000", "name": "x", "type": "FAIL", "message": "Missing egress rule", "logical_resource_ids": ["sg", "sg2"],
             "line_numbers": [4, -1], "element_types": ["resource"]}, {"id": "W1", "type": "WARN", "message": "m"},
            {"id": "FATAL", "type": "FAIL", "message": "not YAML"}, {}]}}, {"filename": "b", "file_results": {"violations": []}}]);
        let result = parse(doc.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.rule_id.as_deref(), f.title.as_str(), f.severity), (Some("F1000"), "Missing egress rule", Severity::High));
        assert_eq!((f.line, f.metadata.tool.get("resource")), (Some(4), Some(&json!("sg"))));
        assert_eq!((result.findings[1].line, result.findings[2].severity), (None, Severity::Medium));
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (3, 2));
    }
}
