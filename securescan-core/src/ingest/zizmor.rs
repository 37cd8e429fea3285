//! zizmor: `zizmor --format json` (`json-v1`).

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{Finding, ScanType, Secret, Severity};
use serde_json::{Value, json};

pub(super) struct Zizmor;

const META: ParserMeta = ParserMeta {
    id: "zizmor",
    title: "zizmor JSON",
    versions_read: "0.x and 1.x (`json`, `json-v1`)",
    upstream: "https://docs.zizmor.sh/usage/#output-formats",
    scan_type: ScanType::Iac,
};

/// zizmor's words for severity.
///
/// # Source
/// zizmor 1.32, `finding::Severity`.
const SEVERITIES: &[(&str, Severity)] = &[
    ("High", Severity::High),
    ("Medium", Severity::Medium),
    ("Low", Severity::Low),
    ("Informational", Severity::Info),
    ("Unknown", Severity::Info),
];

impl Parser for Zizmor {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let item = |prefix: &str| shape.has(&format!("{prefix}ident")) && shape.has(&format!("{prefix}determinations"));
        match shape.top {
            Top::Array => item(""),
            Top::Object => item("findings."),
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each(""), Want::Each("findings")];
        json::read(&mut input, &["", "findings"], &wants, report, &mut |report, _, value| audit(report, Fields::of(value)?))
    }
}

fn audit(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.text("ident");
    let what = item.text("desc").unwrap_or_default();
    let locations: Vec<Place> = item.list("locations").into_iter().map(Place::of).collect();
    if rule.is_none() && what.is_empty() && locations.is_empty() {
        return Err(bad("neither `ident` nor `desc` nor `locations`"));
    }
    let severity = item.text("determinations.severity").and_then(|word| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Low);
    let mut finding = report.finding(severity, capitalized(&what));
    finding.confidence = item.text("determinations.confidence").and_then(|word| words::confidence(&word));
    finding.references = words::urls(item.text("url"));
    finding.ignored_in_source = item.flag("ignored").unwrap_or(false);
    finding.remediation = item
        .list("fixes")
        .into_iter()
        .filter_map(|fix| Fields::or_empty(fix).text("title"))
        .map(|title| format!("{}.", capitalized(&title)))
        .collect::<Vec<_>>()
        .join(" ");
    let primary = locations.iter().position(|place| place.primary).unwrap_or(0);
    let mut related = Vec::new();
    finding.description = capitalized(&what);
    for (at, place) in locations.into_iter().enumerate() {
        if at != primary {
            related.extend((!place.hidden).then(|| json!({"line": place.line, "annotation": place.annotation})));
            continue;
        }
        if let Some(annotation) = place.annotation.as_ref().filter(|text| !text.is_empty()) {
            finding.description = format!("{}: {annotation}", capitalized(&what));
        }
        finding.file_path = locate::file(place.path.as_deref(), report)?;
        (finding.line, finding.column) = (place.line, place.column);
        (finding.end_line, finding.end_column) = (place.end_line, place.end_column);
        finding.metadata.line_snippet = place.feature;
    }
    if rule.as_deref() == Some("hardcoded-container-credentials") {
        hide(&mut finding);
    }
    item.keep("related", related);
    finding.rule_id = rule;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The password of a container registry, in YAML.
fn hide(finding: &mut Finding) {
    let snippet = finding.metadata.line_snippet.as_deref().unwrap_or_default();
    let value =
        snippet.lines().find_map(|line| line.trim().strip_prefix("password:")).map(|v| v.trim().trim_matches(['"', '\'']));
    if let Some(value) = value.filter(|value| !value.is_empty()).map(str::to_owned) {
        finding.secret = Some(Box::new(Secret { kind: "password".to_owned(), value }));
    }
}

fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// One of the places of a finding. Rows and columns count from 0 in the report.
#[derive(Debug, Default)]
struct Place {
    primary: bool,
    hidden: bool,
    annotation: Option<String>,
    path: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    feature: Option<String>,
}

impl Place {
    fn of(value: Value) -> Self {
        let mut item = Fields::or_empty(value);
        let mut one = |path: &str| item.offset(path).and_then(|n| u32::try_from(n + 1).ok());
        let (line, column) = (one("concrete.location.start_point.row"), one("concrete.location.start_point.column"));
        let (end_row, end_column) = (one("concrete.location.end_point.row"), one("concrete.location.end_point.column"));
        // An end before the first character is the end of the line before it.
        let at_start = end_column == Some(1) && end_row > line;
        let kind = item.text("symbolic.kind").unwrap_or_default();
        let path = item.first_text(&[
            "symbolic.key.Local.verbatim_path",
            "symbolic.key.Local.given_path",
            "symbolic.key.Remote.path",
            "symbolic.name",
        ]);
        Self {
            primary: kind.eq_ignore_ascii_case("primary") || item.flag("symbolic.primary").unwrap_or(false),
            hidden: kind.eq_ignore_ascii_case("hidden"),
            annotation: item.text("symbolic.annotation"),
            path,
            line,
            column,
            end_line: if at_start { end_row.map(|row| row - 1) } else { end_row },
            end_column: end_column.filter(|_| !at_start),
            feature: item.text("concrete.feature").map(|text| text.trim_end_matches('\n').to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;
    use crate::model::Confidence;

    fn read(text: &str) -> Vec<Finding> {
        parse(text.as_bytes(), None, &IngestOptions::default()).unwrap().findings
    }

    #[test]
    fn every_field_is_mapped() {
        let found = read(
            r#"[{"ident":"hardcoded-container-credentials","desc":"hardcoded credential in GitHub Actions container configurations","url":"https://docs.zizmor.sh/audits/#x",
            "determinations":{"confidence":"High","severity":"High","persona":"Regular"},"ignored":true,"fixes":[{"title":"use a secret","key":{}}],
            "locations":[
             {"symbolic":{"key":{"Local":{"verbatim_path":"./.github/workflows/ci.yml"}},"annotation":"this job","kind":"Related"},
              "concrete":{"location":{"start_point":{"row":3,"column":2},"end_point":{"row":9,"column":0}},"feature":"x","comments":[]}},
             {"symbolic":{"key":{"Local":{"verbatim_path":"./.github/workflows/ci.yml"}},"annotation":"container registry password is hard-coded","kind":"Primary"},
              "concrete":{"location":{"start_point":{"row":19,"column":6},"end_point":{"row":22,"column":0}},"feature":"credentials:\n  password: hackme-please\n","comments":[]}}]}]"#,
        );
        let f = &found[0];
        assert_eq!((f.severity, f.confidence, f.scan_type), (Severity::High, Some(Confidence::High), ScanType::Iac));
        assert_eq!(f.title, "Hardcoded credential in GitHub Actions container configurations");
        assert!(f.description.ends_with(": container registry password is hard-coded"));
        assert_eq!((f.file_path.as_deref(), f.line, f.column), (Some(".github/workflows/ci.yml"), Some(20), Some(7)));
        assert_eq!((f.end_line, f.end_column, f.ignored_in_source), (Some(22), None, true));
        assert_eq!((f.remediation.as_str(), f.secret.as_ref().unwrap().value.as_str()), ("Use a secret.", "hackme-please"));
        assert!(!serde_json::to_string(&f.metadata.tool).unwrap().contains("hackme"));
    }

    #[test]
    fn older_and_odd_reports() {
        let found = read(
            r#"[{"ident":"a","desc":"d","determinations":{"confidence":"Unknown","severity":"Unknown"},
                "locations":[{"symbolic":{"name":"ci.yml","annotation":"x","route":{}},"concrete":{"location":{"start_point":{"row":0,"column":0},"end_point":{"row":0,"column":5}}}}]},
               {"ident":"b","determinations":null,"locations":[7]},{"determinations":{}}]"#,
        );
        assert_eq!((found[0].file_path.as_deref(), found[0].line, found[0].end_column), (Some("ci.yml"), Some(1), Some(6)));
        assert_eq!((found.len(), found[0].severity, found[1].severity), (2, Severity::Info, Severity::Low));
    }
}
