//! `csv`: one row for each finding, for spreadsheets.
//!
//! RFC 4180 with LF between rows (what SecureScan wrote from the start; every reader takes it). The header is the first
//! row and does not change: columns are only ever added behind the last. Titles and longer texts are always quoted, other cells
//! when they hold a separator. A cell that a spreadsheet would run as a formula gets a `'` in front. A diff has all its lists, told
//! apart by the column `change`.
//!
//! CSV knows no comments, so an incomplete scan is said in rows of its own at the end, one for each scanner that did not finish: severity
//! `incomplete`, rule `securescan/incomplete/<scanner>`. Counts by severity keep them apart, and nobody overlooks them.
//!
//! # Source
//! RFC 4180; OWASP, "CSV Injection".

use super::coverage::{explanation, status_words, unfinished};
use super::limits::{CSV_CELL, CSV_TEXT, cut};
use super::{DiffKind, RenderInput, Renderer, buffered, escape, write_error};
use crate::Result;
use crate::model::{Finding, ScannerRun};
use std::borrow::Cow;
use std::io::{self, Write};

pub(super) struct Csv;

impl Renderer for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> &'static str {
        "one row per finding, for spreadsheets"
    }

    fn media_type(&self) -> &'static str {
        "text/csv; charset=utf-8"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        let mut out = buffered(out);
        write(input, &mut out).and_then(|()| out.flush()).map_err(|e| write_error(&e))
    }
}

/// A row before it is text.
enum Row<'a> {
    /// A finding, and in which list of a diff it stands.
    Finding(&'a Finding, &'static str),
    /// A scanner that did not look at everything.
    Incomplete(&'a ScannerRun),
}

/// One column.
struct Column {
    name: &'static str,
    /// Quoted even where it need not be.
    quoted: bool,
    shown: fn(&RenderInput<'_>) -> bool,
    cell: for<'a> fn(&Row<'a>) -> Cow<'a, str>,
}

const fn column(name: &'static str, cell: for<'a> fn(&Row<'a>) -> Cow<'a, str>) -> Column {
    Column { name, quoted: false, shown: |_| true, cell }
}

/// Every column, in order.
const COLUMNS: &[Column] = &[
    column("severity", |row| match row {
        Row::Finding(finding, _) => finding.severity.as_str().into(),
        Row::Incomplete(_) => "incomplete".into(),
    }),
    column("scanner", |row| match row {
        Row::Finding(finding, _) => cut(&finding.scanner, CSV_CELL),
        Row::Incomplete(run) => cut(&run.name, CSV_CELL),
    }),
    Column { quoted: true, ..column("title", title) },
    column("file", |row| cut(optional(row, |finding| finding.file_path.as_deref()), CSV_CELL)),
    column("line", |row| match row {
        Row::Finding(Finding { line: Some(line @ 1..), .. }, _) => line.to_string().into(),
        _ => "".into(),
    }),
    column("rule_id", |row| match row {
        Row::Finding(..) => cut(optional(row, |finding| finding.rule_id.as_deref()), CSV_CELL),
        Row::Incomplete(run) => format!("securescan/incomplete/{}", cut(&run.name, CSV_TEXT)).into(),
    }),
    column("cwe", |row| cut(optional(row, |finding| finding.cwe.as_deref()), CSV_CELL)),
    Column {
        quoted: true,
        ..column("description", |row| match row {
            Row::Finding(finding, _) => cut(&finding.description, CSV_TEXT),
            Row::Incomplete(run) => cut(&explanation(run), CSV_TEXT).into_owned().into(),
        })
    },
    Column { quoted: true, ..column("remediation", |row| cut(optional(row, |finding| Some(&finding.remediation)), CSV_TEXT)) },
    Column {
        shown: |input| input.options.show_suppressed,
        ..column("suppressed", |row| optional(row, |finding| finding.metadata.suppressed_by.map(|by| by.as_str())).into())
    },
    Column {
        shown: |input| input.diff.is_some(),
        ..column("change", |row| match row {
            Row::Finding(_, change) => (*change).into(),
            Row::Incomplete(_) => "".into(),
        })
    },
];

fn title<'a>(row: &Row<'a>) -> Cow<'a, str> {
    match row {
        Row::Finding(finding, _) => cut(&finding.title, CSV_CELL),
        Row::Incomplete(run) => {
            format!("Incomplete scan: {} {}; findings may be missing", cut(&run.name, CSV_TEXT), status_words(run.status)).into()
        }
    }
}

fn optional<'a>(row: &Row<'a>, get: fn(&'a Finding) -> Option<&'a str>) -> &'a str {
    match row {
        Row::Finding(finding, _) => get(finding).unwrap_or_default(),
        Row::Incomplete(_) => "",
    }
}

fn write(input: &RenderInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let columns: Vec<&Column> = COLUMNS.iter().filter(|column| (column.shown)(input)).collect();
    let header: Vec<&str> = columns.iter().map(|column| column.name).collect();
    writeln!(out, "{}", header.join(","))?;
    let lists = match input.diff {
        None => vec![(input.result.findings.as_slice(), "")],
        Some(diff) => {
            let gone = match diff.kind {
                DiffKind::Diff => "fixed",
                DiffKind::Compare => "disappeared",
            };
            vec![(diff.new, "new"), (diff.fixed, gone), (diff.not_scanned, "not_scanned")]
        }
    };
    let findings = lists.into_iter().flat_map(|(list, change)| input.shown(list).map(move |f| Row::Finding(f, change)));
    for row in findings.chain(unfinished(input.result).map(Row::Incomplete)) {
        for (index, column) in columns.iter().enumerate() {
            out.write_all(if index > 0 { b"," } else { b"" })?;
            write_cell(&(column.cell)(&row), column.quoted, out)?;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn write_cell(text: &str, quoted: bool, out: &mut dyn Write) -> io::Result<()> {
    let text = inert(text);
    // Spreadsheets of some countries separate by semicolons or tabs.
    if quoted || text.contains([',', ';', '"', '\n', '\t']) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}

/// A text that no spreadsheet runs as a formula.
fn inert(text: &str) -> String {
    let text = escape::lines(text);
    let formula = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    if text.starts_with(['\t', '\n']) || text.trim_start().starts_with(formula) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"] {
            assert!(inert(evil).starts_with('\''), "{evil:?}");
        }
        assert_eq!(inert("a=1"), "a=1");
    }

    #[test]
    fn quotes_as_needed() {
        let cell = |text, quoted| {
            let mut out = Vec::new();
            write_cell(text, quoted, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            (cell("a", false), cell("", true), cell("a,\"b\"", false)),
            ("a".into(), "\"\"".into(), "\"a,\"\"b\"\"\"".into())
        );
    }
}
