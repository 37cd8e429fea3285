//! pip-licenses: `pip-licenses --format=json` and `json-license-finder`. Every package is a finding: most of them only state
//! their licence.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop};
use super::{Input, Parser, ParserMeta, Shape, Top, words};
use crate::Result;
use crate::licenses::{Class, Verdict, is_copyleft, judge};
use crate::model::{Confidence, ScanType, Severity};

pub(super) struct PipLicenses;

const META: ParserMeta = ParserMeta {
    id: "pip-licenses",
    title: "pip-licenses JSON",
    versions_read: "2 – 5 (`json` with any columns, `json-license-finder`)",
    upstream: "https://github.com/raimon49/pip-licenses",
    scan_type: ScanType::Dependency,
};

/// The columns a licence may stand in, the best first.
const COLUMNS: &[&str] = &["License", "licenses", "license", "License-Expression", "License-Classifier", "License-Metadata"];

impl Parser for PipLicenses {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let table = shape.has_all(&["Name", "Version"]) && shape.has_any(COLUMNS);
        match shape.top {
            Top::Array => table || shape.has_all(&["name", "version", "licenses"]),
            Top::Object => shape.has_all(&["dependencies.name", "dependencies.licenses"]) && !shape.has("bomFormat"),
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each(""), Want::Each("dependencies")];
        json::read(&mut input, &["", "dependencies"], &wants, report, &mut |report, _, value| package(report, Fields::of(value)?))
    }
}

fn package(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let name = match item.text("Name") {
        Some(name) => name,
        None => item.need("name")?,
    };
    let version = item.first_text(&["Version", "version"]).filter(|version| stated(version));
    let license = license(&mut item);
    let verdict = license.as_deref().map_or(Verdict { class: Class::Unknown, spdx: None }, verdict);
    let label = version.as_ref().map_or_else(|| name.clone(), |version| format!("{name}@{version}"));
    // Whole texts, and where they lie on the machine that ran it.
    for column in ["LicenseText", "LicenseFile", "NoticeText", "NoticeFile", "OtherFiles", "OtherTexts"] {
        item.value(column);
    }
    let copyleft = verdict.spdx.as_deref().is_none_or(is_copyleft);
    let (rule, severity, title) = kind(&verdict, copyleft);
    let short = license.as_deref().and_then(|text| text.lines().next()).map(|line| super::report::clip(line.to_owned(), 120));
    let shown = short.as_deref().unwrap_or("none stated");
    let mut finding = report.finding(
        severity,
        match &short {
            Some(short) => format!("{title}: {label} ({short})"),
            None => format!("{title}: {label}"),
        },
    );
    finding.rule_id = Some(format!("licenses/{rule}"));
    finding.confidence = Some(if verdict.spdx.is_some() { Confidence::High } else { Confidence::Medium });
    let shown = verdict.spdx.as_deref().unwrap_or(shown);
    finding.description = format!("The licence of {label} ({shown}) {}.", verdict.class.asks(copyleft, short.is_some()));
    finding.remediation = verdict.class.advice().to_owned();
    finding.references = words::urls(item.first_text(&["URL", "url"]));
    finding.package = Some(Box::new(words::package("pypi", name, version, None)));
    for (key, value) in [("license", short.clone()), ("spdx", verdict.spdx), ("class", Some(verdict.class.as_str().to_owned()))] {
        if let Some(value) = value {
            item.keep(key, value);
        }
    }
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The statement in the best column that has one; several in a column are one list.
fn license(item: &mut Fields) -> Option<String> {
    let columns = COLUMNS.iter().map(|column| item.texts(column).into_iter().filter(|text| stated(text)).collect::<Vec<_>>());
    columns.collect::<Vec<_>>().into_iter().find(|texts| !texts.is_empty()).map(|texts| texts.join("; ").trim().to_owned())
}

/// pip-licenses writes `UNKNOWN` for whatever a package does not say.
fn stated(text: &str) -> bool {
    !text.trim().is_empty() && !text.trim().eq_ignore_ascii_case("unknown")
}

/// A package may carry the whole text for its licence: then the first line is its name.
fn verdict(statement: &str) -> Verdict {
    let whole = judge(statement);
    match statement.lines().next() {
        Some(first) if whole.class == Class::Unknown && first.len() < statement.len() => judge(first),
        _ => whole,
    }
}

/// Rule, severity and the title's first words.
///
/// # Source
/// The rules `licenses/copyleft` (medium) and `licenses/unknown` (low) of SecureScan for Python; the other rules are those of
/// the built-in scanner.
fn kind(verdict: &Verdict, copyleft: bool) -> (&'static str, Severity, &'static str) {
    let gnu = verdict.spdx.as_deref().is_some_and(|spdx| spdx.contains("LGPL-"));
    match verdict.class {
        Class::Restricted | Class::Forbidden if copyleft => ("copyleft", Severity::Medium, "Copyleft license"),
        Class::Reciprocal if gnu => ("copyleft", Severity::Medium, "Copyleft license"),
        Class::Reciprocal => ("reciprocal", Severity::Low, "Copyleft license"),
        Class::Restricted | Class::Forbidden => ("restricted", Severity::Medium, "Restrictive license"),
        Class::Unlicensed => ("unlicensed", Severity::Medium, "Unlicensed package"),
        Class::Unknown => ("unknown", Severity::Low, "Unknown license"),
        Class::Permissive => ("known", Severity::Info, "License"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::ingest::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn licences() {
        let cases = [
            (r#""License": "MIT License""#, "known", Severity::Info, "License: x@1.0 (MIT License)"),
            (
                r#""License": "Apache Software License; MIT License""#,
                "known",
                Severity::Info,
                "License: x@1.0 (Apache Software License; MIT License)",
            ),
            (
                r#""License": "GNU General Public License v3 (GPLv3)""#,
                "copyleft",
                Severity::Medium,
                "Copyleft license: x@1.0 (GNU General Public License v3 (GPLv3))",
            ),
            (r#""License": "LGPL-2.1""#, "copyleft", Severity::Medium, "Copyleft license: x@1.0 (LGPL-2.1)"),
            (r#""License": "AGPL-3.0-or-later""#, "copyleft", Severity::Medium, "Copyleft license: x@1.0 (AGPL-3.0-or-later)"),
            (
                r#""License": "Mozilla Public License 2.0 (MPL 2.0)""#,
                "reciprocal",
                Severity::Low,
                "Copyleft license: x@1.0 (Mozilla Public License 2.0 (MPL 2.0))",
            ),
            (r#""License": "BUSL-1.1""#, "restricted", Severity::Medium, "Restrictive license: x@1.0 (BUSL-1.1)"),
            (r#""License": "UNKNOWN""#, "unknown", Severity::Low, "Unknown license: x@1.0"),
            (r#""License": null"#, "unknown", Severity::Low, "Unknown license: x@1.0"),
            (r#""License": "Some words""#, "unknown", Severity::Low, "Unknown license: x@1.0 (Some words)"),
            (
                r#""License-Metadata": "UNKNOWN", "License-Classifier": "MIT License""#,
                "known",
                Severity::Info,
                "License: x@1.0 (MIT License)",
            ),
            (r#""License": "MIT License\n\nCopyright (c) X""#, "known", Severity::Info, "License: x@1.0 (MIT License)"),
        ];
        for (column, rule, severity, title) in cases {
            let text =
                format!(r#"[{{"Name": "x", "Version": "1.0", {column}, "LicenseText": "long", "LicenseFile": "/home/u/x"}}]"#);
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
            let finding = &result.findings[0];
            assert_eq!(finding.rule_id.as_deref(), Some(format!("licenses/{rule}").as_str()), "{column}");
            assert_eq!((finding.severity, finding.title.as_str()), (severity, title));
            assert!(!serde_json::to_string(finding).unwrap().contains("/home/u"));
            assert_eq!(finding.package.as_ref().unwrap().purl.as_deref(), Some("pkg:pypi/x@1.0"));
        }
    }

    #[test]
    fn the_other_form_and_odd_rows() {
        let rows = r#"[{"name": "x", "version": "1", "licenses": ["MIT License", "BSD License"]}, {"name": null, "version": "2", "licenses": []}, 3]"#;
        for text in [rows.to_owned(), format!("{{\"dependencies\": {rows}}}")] {
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
            assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (1, 2));
            assert_eq!(result.findings[0].metadata.tool["spdx"], "MIT OR BSD-3-Clause");
            assert!(result.findings[0].description.ends_with("asks for its notices to be kept."));
        }
    }
}
