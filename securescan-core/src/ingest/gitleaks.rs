//! Gitleaks: JSON and CSV of version 8, and the JSON of versions 1 to 7.

use super::fields::Fields;
use super::json::{self, Want};
use super::leak::{self, Leak, Validity};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top};
use crate::model::{Finding, ScanType};
use crate::{Error, Result};
use serde_json::{Map, Value};

pub(super) struct Gitleaks;

const META: ParserMeta = ParserMeta {
    id: "gitleaks",
    title: "Gitleaks JSON or CSV",
    versions_read: "8 (JSON, CSV), 1 – 7 (JSON)",
    upstream: "https://github.com/gitleaks/gitleaks",
    scan_type: ScanType::Code,
};

impl Parser for Gitleaks {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let current = shape.has("RuleID") && shape.has_any(&["StartLine", "Secret", "Match"]);
        let legacy = shape.has("offender") && shape.has_any(&["commit", "line", "rule"]);
        match shape.top {
            Top::Array => current || legacy,
            Top::Text => is_csv(shape.first_line()),
            Top::Object | Top::Xml => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        if is_csv(&input.first_line()?) {
            return csv(input, report);
        }
        json::read(&mut input, &[""], &[Want::Each("")], report, &mut |report, _, value| {
            let item = Fields::of(value)?;
            if item.has("offender") || item.has("lineNumber") { legacy(report, item) } else { current(report, item) }
        })
    }
}

fn is_csv(line: &str) -> bool {
    let has = |name: &str| line.split(',').any(|cell| cell.trim().trim_matches('"') == name);
    has("RuleID") && has("StartLine")
}

fn current(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.text("RuleID");
    let description = item.text("Description").unwrap_or_default();
    let file = item.text("File");
    let (value, quoted) = (item.text("Secret"), item.text("Match"));
    // The whole line, the text around the match or parts of it: some versions, and Betterleaks 1.
    for name in ["Line", "Fragment", "MatchContext", "CaptureGroups"] {
        item.value(name);
    }
    if let Some(required) = item.value("RequiredSets").or_else(|| item.value("RequiredFindings")) {
        item.keep("required", leak::scrubbed(required));
    }
    if rule.is_none() && description.is_empty() && file.is_none() {
        return Err(bad("`RuleID` and `File` are missing"));
    }
    let validity = match item.first_text(&["ValidationStatus", "validation_status"]).as_deref() {
        Some("valid") => Validity::Works,
        Some("invalid" | "revoked") => Validity::Dead,
        _ => Validity::Unknown,
    };
    let rule = rule.unwrap_or_else(|| "gitleaks".to_owned());
    let mut finding = Leak { rule, description, value: value.or(quoted), validity, file }.finding(report)?;
    place(&mut finding, &mut item);
    leak::in_history(&mut finding, item.text("Commit"));
    finding.references = super::words::urls(item.text("Link"));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// Gitleaks counts columns from the line break before a match: one too many on every line but the first, and the end is that
/// of the last character.
fn place(finding: &mut Finding, item: &mut Fields) {
    let column = item.position("StartColumn");
    let end = item.position("EndColumn");
    finding.line = item.position("StartLine");
    finding.end_line = item.position("EndLine");
    let after_first = |line: Option<u32>| line.is_some_and(|line| line > 1);
    finding.column = if after_first(finding.line) { column.map(|c| c.saturating_sub(1).max(1)) } else { column };
    finding.end_column = if after_first(finding.end_line) { end } else { end.map(|c| c.saturating_add(1)) };
}

fn legacy(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.first_text(&["rule", "info", "reason"]);
    let file = item.text("file");
    if rule.is_none() && file.is_none() {
        return Err(bad("`rule` and `file` are missing"));
    }
    let rule = rule.unwrap_or_else(|| "gitleaks".to_owned());
    let value = item.text("offender");
    let line = item.text("line");
    let mut finding = Leak { description: rule.clone(), rule, value, validity: Validity::Unknown, file }.finding(report)?;
    finding.line = item.position("lineNumber");
    finding.metadata.line_snippet = line.filter(|line| finding.secret.is_some() && !line.contains('\n'));
    leak::in_history(&mut finding, item.text("commit"));
    finding.references = super::words::urls(item.text("leakURL"));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

fn csv(mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
    let mut rows = ::csv::ReaderBuilder::new().flexible(true).from_reader(input.reader());
    let names = rows.headers().map_err(|e| Error::parse(format!("the heading is not CSV: {e}")).at(1, 1))?.clone();
    for row in rows.records() {
        let index = report.next_item();
        let row = match row {
            Ok(row) => row,
            Err(e) if e.is_io_error() => return Err(Error::parse(format!("row {} is not CSV: {e}", index + 1))),
            Err(e) => {
                report.quarantine(format!("row {}", index + 1), e.to_string())?;
                continue;
            }
        };
        let cells: Map<String, Value> = names.iter().zip(&row).map(|(name, cell)| (name.to_owned(), cell.into())).collect();
        match current(report, Fields::or_empty(cells.into())) {
            Ok(()) => {}
            Err(Stop::Item(why)) => report.quarantine(format!("row {}", index + 1), why)?,
            Err(Stop::Document(error)) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{Finding, ScanResult, Severity};
    use serde_json::{Value, json};

    const TOKEN: &str = "ghp_q8Zr1mXv7LwT3pKd9NsB5hGfYc2JuA0TsxpC";

    fn read(value: &Value) -> ScanResult {
        parse(value.to_string().as_bytes(), Some("gitleaks"), &IngestOptions::default()).unwrap()
    }

    fn one(item: Value) -> Finding {
        read(&json!([item])).findings.remove(0)
    }

    #[test]
    fn current_fields() {
        let f =
            one(json!({"RuleID": "github-pat", "Description": "Uncovered a GitHub Token, bad.", "StartLine": 4, "EndLine": 4,
            "StartColumn": 15, "EndColumn": 54, "Match": format!("x={TOKEN}"), "Secret": TOKEN, "File": "./app\\a.env",
            "Commit": "abc123", "Link": "https://h/x#L4", "Author": "A", "Message": format!("added {TOKEN}"), "Entropy": 5.0,
            "Tags": [], "Fingerprint": "abc123:app/a.env:github-pat:4"}));
        assert_eq!((f.rule_id.as_deref(), f.severity), (Some("github-pat"), Severity::Critical));
        assert_eq!(
            (f.title.as_str(), f.file_path.as_deref(), f.cwe.as_deref()),
            ("GitHub Token", Some("app/a.env"), Some("CWE-798"))
        );
        assert_eq!((f.line, f.column, f.end_line, f.end_column), (Some(4), Some(14), Some(4), Some(54)));
        assert_eq!(f.metadata.extra.get("in_history"), Some(&json!(true)));
        assert_eq!(f.metadata.extra.get("commit"), Some(&json!("abc123")));
        assert_eq!(f.references, ["https://h/x#L4"]);
        assert_eq!(f.secret.as_ref().unwrap().value, TOKEN);
        assert!(f.metadata.tool.contains_key("Fingerprint") && !serde_json::to_string(&f).unwrap().contains(TOKEN));
    }

    #[test]
    fn first_line_columns_are_right() {
        let f = one(json!({"RuleID": "r", "StartLine": 1, "EndLine": 1, "StartColumn": 1, "EndColumn": 27, "File": "k"}));
        assert_eq!((f.column, f.end_column), (Some(1), Some(28)));
        let f = one(json!({"RuleID": "r", "StartLine": 0, "EndLine": "x", "StartColumn": -4, "File": null, "Secret": "REDACTED",
            "Commit": ""}));
        assert_eq!((f.line, f.column, f.secret, f.metadata.extra.len()), (None, None, None, 0));
    }

    #[test]
    fn legacy_fields() {
        let f = one(
            json!({"line": format!(" key: \"{TOKEN}\","), "lineNumber": 13, "offender": TOKEN, "commit": "6d12", "repo": ".",
            "rule": "AWS Access Key", "file": "a/b.json", "author": "B", "tags": "key, AWS", "leakURL": ""}),
        );
        assert_eq!((f.rule_id.as_deref(), f.line, f.severity), (Some("AWS Access Key"), Some(13), Severity::Critical));
        assert!(f.metadata.line_snippet.is_some() && !serde_json::to_string(&f).unwrap().contains(TOKEN));
    }

    #[test]
    fn nothing_and_odd_items() {
        assert!(parse(b"null", Some("gitleaks"), &IngestOptions::default()).unwrap().findings.is_empty());
        let result = read(&json!([null, 1, {}, {"RuleID": "r"}, {"RuleID": "r", "File": "../../etc/x"}]));
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (2, 4));
        assert!(parse(b"[{}]", Some("gitleaks"), &IngestOptions::default()).is_err());
    }

    #[test]
    fn csv_rows() {
        let text = format!(
            "RuleID,Commit,File,SymlinkFile,Secret,Match,StartLine,EndLine,StartColumn,EndColumn,Author,Message,Date,Email,Fingerprint,Tags\n\
             github-pat,,a.env,,{TOKEN},\"x={TOKEN}\",2,2,4,43,A,\"two\nlines, {TOKEN}\",,,fp,\n"
        );
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((result.findings.len(), f.line, f.column, f.file_path.as_deref()), (1, Some(2), Some(3), Some("a.env")));
        assert!(!serde_json::to_string(&result.findings).unwrap().contains(TOKEN));
    }
}
