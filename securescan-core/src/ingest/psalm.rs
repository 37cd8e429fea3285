//! Psalm: `psalm --output-format=json`.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Psalm;

const META: ParserMeta = ParserMeta {
    id: "psalm",
    title: "Psalm JSON",
    versions_read: "3.x – 6.x",
    upstream: "https://psalm.dev/docs/running_psalm/command_line_usage/",
    scan_type: ScanType::Code,
};

/// Taints: issues of Psalm's security analysis. Every other issue is a mistake in types.
///
/// # Source
/// Psalm 6, issues of taint analysis.
const TAINTS: &[(&str, Severity, &str)] = &[
    ("TaintedCallable", Severity::High, "CWE-94"),
    ("TaintedCookie", Severity::Medium, "CWE-565"),
    ("TaintedCustom", Severity::Medium, ""),
    ("TaintedEval", Severity::High, "CWE-95"),
    ("TaintedExtract", Severity::High, "CWE-621"),
    ("TaintedFile", Severity::High, "CWE-22"),
    ("TaintedHeader", Severity::Medium, "CWE-113"),
    ("TaintedHtml", Severity::High, "CWE-79"),
    ("TaintedInclude", Severity::High, "CWE-98"),
    ("TaintedInput", Severity::High, "CWE-20"),
    ("TaintedLdap", Severity::High, "CWE-90"),
    ("TaintedLlmPrompt", Severity::Medium, "CWE-1427"),
    ("TaintedSSRF", Severity::High, "CWE-918"),
    ("TaintedShell", Severity::High, "CWE-78"),
    ("TaintedSleep", Severity::Medium, "CWE-400"),
    ("TaintedSql", Severity::High, "CWE-89"),
    ("TaintedSystemSecret", Severity::High, "CWE-200"),
    ("TaintedTextWithQuotes", Severity::Medium, "CWE-79"),
    ("TaintedUnserialize", Severity::High, "CWE-502"),
    ("TaintedUserSecret", Severity::High, "CWE-200"),
    ("TaintedXpath", Severity::High, "CWE-643"),
];

impl Parser for Psalm {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let issues = |place: &str| {
            let has = |name: &str| shape.has(&format!("{place}{name}"));
            has("type") && has("line_from") && has("message") && (has("file_name") || has("file_path"))
        };
        match shape.top {
            Top::Array => issues(""),
            Top::Object => issues("issues."),
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each(""), Want::Each("issues")];
        json::read(&mut input, &["", "issues"], &wants, report, &mut |report, _, value| issue(report, Fields::of(value)?))
    }
}

fn issue(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.text("type");
    let message = item.text("message").unwrap_or_default();
    let path = item.first_text(&["file_name", "file_path"]);
    let file = locate::file(path.as_deref(), report)?;
    if rule.is_none() && message.is_empty() && file.is_none() {
        return Err(bad("neither `type` nor `message` nor `file_name`"));
    }
    let known = rule.as_deref().and_then(|rule| TAINTS.iter().find(|(name, ..)| *name == rule));
    let word = item.text("severity").unwrap_or_default();
    let by_word = if word == "info" { Severity::Info } else { Severity::Low };
    let mut finding = report.finding(known.map_or(by_word, |(_, severity, _)| *severity), words::first_sentence(&message));
    finding.file_path = file;
    finding.line = item.position("line_from");
    finding.column = item.position("column_from");
    finding.end_line = item.position("line_to");
    finding.end_column = item.position("column_to");
    finding.cwe = known.map(|(.., cwe)| (*cwe).to_owned()).filter(|cwe| !cwe.is_empty());
    finding.references = words::urls(item.text("link"));
    finding.metadata.line_snippet = item.text("snippet");
    for taken in ["selected_text", "from", "to", "snippet_from", "snippet_to"] {
        item.value(taken);
    }
    item.keep("severity", word);
    finding.rule_id = rule;
    finding.description = message;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"[{"severity":"error","line_from":3,"line_to":3,"type":"TaintedSql","message":"Detected tainted SQL","file_name":"src/a.php","file_path":"/app/src/a.php",
            "snippet":"$db->query($x);","selected_text":"$x","from":1,"to":2,"snippet_from":0,"snippet_to":9,"column_from":12,"column_to":14,"shortcode":244,"link":"https://psalm.dev/244","taint_trace":null},
            {"severity":"info","type":"MixedAssignment"},{}]"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.rule_id.as_deref(), f.severity, f.cwe.as_deref()), (Some("TaintedSql"), Severity::High, Some("CWE-89")));
        assert_eq!((f.file_path.as_deref(), f.line, f.column, f.end_column), (Some("src/a.php"), Some(3), Some(12), Some(14)));
        assert_eq!((f.metadata.line_snippet.as_deref(), f.references.len()), (Some("$db->query($x);"), 1));
        assert_eq!((result.findings.len(), result.findings[1].severity), (2, Severity::Info));
        let wrapped = format!("{{\"issues\":{text}}}");
        assert_eq!(parse(wrapped.as_bytes(), None, &IngestOptions::default()).unwrap().findings.len(), 2);
    }
}
