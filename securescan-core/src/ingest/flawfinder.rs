//! Flawfinder: `flawfinder --csv`.

use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::model::{ScanType, Severity};
use crate::{Error, Result};
use csv::StringRecord;
use serde_json::{Map, Value};

pub(super) struct Flawfinder;

const META: ParserMeta = ParserMeta {
    id: "flawfinder",
    title: "Flawfinder CSV",
    versions_read: "2.x",
    upstream: "https://dwheeler.com/flawfinder/",
    scan_type: ScanType::Code,
};

/// Columns with a field of their own; every other one is kept under its name.
const MAPPED: &[&str] =
    &["File", "Line", "Column", "Level", "Name", "Warning", "Suggestion", "CWEs", "Context", "ToolVersion", "RuleId", "HelpUri"];

impl Parser for Flawfinder {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let columns: Vec<&str> = shape.first_line().split(',').map(|c| c.trim().trim_matches('"')).collect();
        shape.top == Top::Text && ["File", "Line", "Level", "Category", "Warning"].iter().all(|name| columns.contains(name))
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let mut rows = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::Headers).from_reader(input.reader());
        let header = rows.headers().map_err(|e| wrong(&e))?.clone();
        if !["File", "Line", "Warning"].iter().all(|name| header.iter().any(|column| column == *name)) {
            return Err(Error::parse("the columns `File`, `Line` and `Warning` are missing: this is not a report of flawfinder")
                .at_byte(0));
        }
        let mut record = StringRecord::new();
        while rows.read_record(&mut record).map_err(|e| wrong(&e))? {
            report.next_item();
            match hit(report, &header, &record) {
                Err(Stop::Item(why)) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    report.quarantine(format!("line {line}"), why)?;
                }
                Err(Stop::Document(error)) => return Err(error),
                Ok(()) => {}
            }
        }
        Ok(())
    }
}

fn wrong(error: &csv::Error) -> Error {
    match error.kind() {
        csv::ErrorKind::Io(e) => super::read_error(e),
        _ => Error::parse(format!("malformed CSV: {error}")).at_byte(error.position().map_or(0, csv::Position::byte)),
    }
}

fn hit(report: &mut Report<'_>, header: &StringRecord, record: &StringRecord) -> Result<(), Stop> {
    let of = |name: &str| {
        let at = header.iter().position(|column| column == name)?;
        record.get(at).filter(|text| !text.trim().is_empty())
    };
    let (name, warning) = (of("Name").unwrap_or_default(), of("Warning").unwrap_or_default());
    let file = locate::file(of("File"), report)?;
    if warning.is_empty() && (file.is_none() || record.len() < 3) {
        return Err(bad("neither `Warning` nor a place"));
    }
    let text = words::first_sentence(without_cwe(warning));
    let title = if name.is_empty() { text } else { format!("{name}: {text}") };
    let mut finding = report.finding(severity(of("Level").or(of("DefaultLevel"))), title);
    finding.file_path = file;
    finding.line = of("Line").and_then(|n| n.trim().parse().ok()).filter(|n| *n > 0);
    finding.column = of("Column").and_then(|n| n.trim().parse().ok()).filter(|n| *n > 0);
    let named = match (of("Category"), name) {
        (Some(category), name) if !name.is_empty() => Some(format!("{category}/{name}")),
        (category, _) => category.map(str::to_owned),
    };
    finding.rule_id = of("RuleId").map(str::to_owned).or(named);
    let weaknesses = of("CWEs").map(|all| words::cwes(&Value::from(all.replace(['/', '!'], ",")))).unwrap_or_default();
    finding.references = words::urls(of("HelpUri").map(str::to_owned));
    finding.remediation = of("Suggestion").unwrap_or_default().to_owned();
    finding.metadata.line_snippet = of("Context").map(str::to_owned);
    report.version(of("ToolVersion").map(str::to_owned));
    let mut tool = Map::new();
    for (column, text) in header.iter().zip(record.iter()).filter(|(_, text)| !text.is_empty()).take(100) {
        if !MAPPED.contains(&column) {
            tool.insert(column.to_owned(), text.into());
        }
    }
    if !name.is_empty() {
        tool.insert("Name".to_owned(), name.into());
    }
    if weaknesses.len() > 1 {
        tool.insert("cwes".to_owned(), weaknesses.clone().into());
    }
    finding.cwe = weaknesses.into_iter().next();
    finding.description = warning.to_owned();
    finding.metadata.tool = tool;
    report.push(finding)
}

/// Flawfinder's level of risk, 0 to 5.
///
/// # Source
/// Flawfinder 2.0.19: its own SARIF has 4 and 5 as errors, 3 as a warning, the rest as notes.
fn severity(level: Option<&str>) -> Severity {
    match level.and_then(|level| level.trim().parse::<u8>().ok()) {
        Some(4..) => Severity::High,
        Some(3) => Severity::Medium,
        Some(0) => Severity::Info,
        Some(1 | 2) | None => Severity::Low,
    }
}

/// A warning ends in its weaknesses: `… (CWE-119!/CWE-120).`
fn without_cwe(warning: &str) -> &str {
    warning.rfind(" (CWE-").and_then(|at| warning.get(..at)).unwrap_or(warning)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;

    const HEADER: &str = "File,Line,Column,DefaultLevel,Level,Category,Name,Warning,Suggestion,Note,CWEs,Context,Fingerprint,ToolVersion,RuleId,HelpUri\n";

    #[test]
    fn every_column_is_mapped() {
        let rows = "./native/parse.c,6,5,2,2,buffer,char,\"Statically-sized arrays, etc. (CWE-119!/CWE-120).\",\"Check \"\"bounds\"\".\",,CWE-119!/CWE-120,\"    char buf[16];\",f8bd,2.0.19,FF1013,https://cwe.mitre.org/data/definitions/119.html\r\n,,,,,\nonly.c\n";
        let result = parse(format!("{HEADER}{rows}").as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.file_path.as_deref(), f.line, f.column), (Some("native/parse.c"), Some(6), Some(5)));
        assert_eq!((f.rule_id.as_deref(), f.severity, f.cwe.as_deref()), (Some("FF1013"), Severity::Low, Some("CWE-119")));
        assert_eq!((f.title.as_str(), f.remediation.as_str()), ("char: Statically-sized arrays, etc", "Check \"bounds\"."));
        assert_eq!((f.metadata.line_snippet.as_deref(), f.references.len()), (Some("    char buf[16];"), 1));
        assert_eq!(f.metadata.tool.get("Category").and_then(|v| v.as_str()), Some("buffer"));
        assert_eq!((result.findings.len(), result.scanners[0].version.as_deref()), (1, Some("2.0.19")));
        assert_eq!(result.scanners[0].skipped.len(), 2);
    }

    #[test]
    fn older_columns_and_nothing_found() {
        let old = "File,Line,Column,Level,Category,Name,Warning,Suggestion,Note,CWEs,Context,Fingerprint\na.c,1,1,5,buffer,gets,Danger (CWE-120).,,,CWE-120,gets(x);,1\n";
        let f = parse(old.as_bytes(), None, &IngestOptions::default()).unwrap().findings.remove(0);
        assert_eq!((f.rule_id.as_deref(), f.severity, f.title.as_str()), (Some("buffer/gets"), Severity::High, "gets: Danger"));
        let none = parse(HEADER.as_bytes(), None, &IngestOptions::default()).unwrap();
        assert_eq!((none.findings.len(), none.scanners[0].name.as_str()), (0, "flawfinder"));
        assert!(parse(b"a,b\n1,2\n", Some("flawfinder"), &IngestOptions::default()).is_err());
    }
}
