//! Dockle: `dockle -f json`. One finding for each check that has alerts; the checks are those of the CIS Docker benchmark and
//! Dockle's own.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;

pub(super) struct Dockle;

const META: ParserMeta = ParserMeta {
    id: "dockle",
    title: "Dockle JSON",
    versions_read: "0.x",
    upstream: "https://github.com/goodwithtech/dockle#get-or-save-the-results-as-json",
    scan_type: ScanType::Iac,
};

/// Dockle's levels. A check at level IGNORE is one that the user has switched off.
///
/// # Source
/// Dockle 0.4, `pkg/types`: levels.
const LEVELS: &[(&str, Severity)] = &[
    ("FATAL", Severity::High),
    ("WARN", Severity::Medium),
    ("INFO", Severity::Low),
    ("SKIP", Severity::Info),
    ("PASS", Severity::Info),
    ("IGNORE", Severity::Info),
];

impl Parser for Dockle {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object && shape.has_all(&["details", "summary.fatal", "summary.pass"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("details"), Want::Whole("image")];
        json::read(&mut input, &["details"], &wants, report, &mut |report, at, value| match (at.place, value) {
            ("details", value) => check(report, Fields::of(value)?),
            (_, Value::String(image)) if !image.is_empty() => {
                report.target(image);
                Ok(())
            }
            _ => Ok(()),
        })
    }
}

fn check(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let code = item.text("code");
    let title = item.text("title").or_else(|| code.clone()).ok_or_else(|| bad("`code` is missing"))?;
    let level = item.text("level").unwrap_or_default();
    let mut finding = report.finding(words::pick(&level, LEVELS).unwrap_or(Severity::Low), title);
    let alerts = item.texts("alerts");
    finding.description = alerts.join("\n");
    finding.ignored_in_source = matches!(level.as_str(), "IGNORE" | "PASS" | "SKIP");
    item.keep("alerts", alerts);
    item.keep("level", level);
    finding.references = code.iter().filter_map(|code| page(code)).collect();
    finding.rule_id = code;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// Where a check is described.
fn page(code: &str) -> Option<String> {
    let plain = code.starts_with("CIS-DI-") || code.starts_with("DKL-");
    let safe = code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (plain && safe)
        .then(|| format!("https://github.com/goodwithtech/dockle/blob/master/CHECKPOINT.md#{}", code.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScannerStatus, Severity};
    use serde_json::json;

    #[test]
    fn checks() {
        let report = json!({"image": "a:1", "summary": {"fatal": 1, "warn": 0, "info": 0, "skip": 0, "pass": 12}, "details": [
            {"code": "CIS-DI-0001", "title": "Create a user", "level": "FATAL", "alerts": ["Last user should not be root", "x"]},
            {"code": "DKL-DI-0006", "title": "Avoid latest", "level": "IGNORE", "alerts": null},
            {"title": 7}, {}, null
        ]});
        let result = parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        let [f, ignored, odd] = result.findings.as_slice() else { panic!("{:?}", result.findings) };
        assert_eq!((f.severity, f.rule_id.as_deref(), f.title.as_str()), (Severity::High, Some("CIS-DI-0001"), "Create a user"));
        assert_eq!((f.description.as_str(), f.references.len()), ("Last user should not be root\nx", 1));
        assert_eq!(f.metadata.tool["alerts"][0], "Last user should not be root");
        assert!(ignored.ignored_in_source && !f.ignored_in_source);
        assert_eq!((odd.severity, odd.title.as_str()), (Severity::Low, "7"));
        let run = &result.scanners[0];
        assert_eq!((run.status, run.skipped.len(), run.targets.len()), (ScannerStatus::Partial, 2, 1));
        let clean = r#"{"summary":{"fatal":0,"warn":0,"info":0,"skip":0,"pass":16},"details":null}"#;
        assert!(parse(clean.as_bytes(), None, &IngestOptions::default()).unwrap().findings.is_empty());
    }
}
