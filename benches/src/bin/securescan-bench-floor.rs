//! The floor of `diff`: reads both snapshots into borrowed structs and writes bytes that are already rendered. Nothing that has to
//! read all fields can be much faster. `securescan-bench-floor BASE HEAD RENDERED > OUT`

use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::Write;
use std::process::ExitCode;

#[derive(Deserialize)]
struct Snapshot<'a> {
    #[serde(borrow)]
    findings: Vec<Finding<'a>>,
}

type Text<'a> = Option<Cow<'a, str>>;

#[derive(Deserialize)]
struct Finding<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    scanner: Text<'a>,
    #[serde(borrow)]
    scan_type: Text<'a>,
    #[serde(borrow)]
    severity: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    description: Text<'a>,
    #[serde(borrow)]
    remediation: Text<'a>,
    #[serde(borrow)]
    file_path: Text<'a>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    #[serde(borrow)]
    rule_id: Text<'a>,
    #[serde(borrow)]
    cwe: Text<'a>,
    #[serde(borrow)]
    references: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    fingerprint: Text<'a>,
    #[serde(borrow)]
    compliance_tags: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
}

/// Touches every field, so that none is optimised away.
fn weight(finding: &Finding<'_>) -> usize {
    let texts = [
        &finding.id,
        &finding.scanner,
        &finding.scan_type,
        &finding.severity,
        &finding.title,
        &finding.description,
        &finding.remediation,
        &finding.file_path,
        &finding.rule_id,
        &finding.cwe,
        &finding.fingerprint,
    ];
    let numbers = [finding.line, finding.column, finding.end_line];
    texts.iter().filter_map(|t| t.as_ref().map(|t| t.len())).sum::<usize>()
        + numbers.iter().flatten().map(|n| *n as usize).sum::<usize>()
        + finding.references.len()
        + finding.compliance_tags.len()
        + finding.metadata.map_or(0, |m| m.get().len())
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let [_, base, head, rendered] = args.as_slice() else {
        eprintln!("usage: securescan-bench-floor BASE HEAD RENDERED");
        return ExitCode::from(2);
    };
    let mut total = 0usize;
    for path in [base, head] {
        let Ok(bytes) = std::fs::read(path) else { return ExitCode::from(1) };
        let Ok(text) = simdutf8::basic::from_utf8(&bytes) else { return ExitCode::from(1) };
        match serde_json::from_str::<Snapshot<'_>>(text) {
            Ok(snapshot) => total += snapshot.findings.iter().map(weight).sum::<usize>(),
            Err(error) => {
                eprintln!("{path}: {error}");
                return ExitCode::from(1);
            }
        }
    }
    let Ok(out) = std::fs::read(rendered) else { return ExitCode::from(1) };
    if total == 0 || std::io::stdout().lock().write_all(&out).is_err() {
        return ExitCode::from(1);
    }
    ExitCode::SUCCESS
}
