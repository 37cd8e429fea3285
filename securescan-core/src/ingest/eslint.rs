//! ESLint: `eslint -f json` and `-f json-with-metadata`.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, snippet, words};
use crate::Result;
use crate::model::{Finding, ScanType, Secret, Severity};
use serde_json::Value;

pub(super) struct EsLint;

const META: ParserMeta = ParserMeta {
    id: "eslint",
    title: "ESLint JSON",
    versions_read: "2 – 10 (`json`, `json-with-metadata`)",
    upstream: "https://eslint.org/docs/latest/use/formatters/",
    scan_type: ScanType::Code,
};

/// Rules about security: severity where they are errors (one level less as warnings), and weakness. A name that ends in `/`
/// is every rule of a plugin that is not named itself.
///
/// # Source
/// ESLint 10 core rules; eslint-plugin-security 4, eslint-plugin-no-unsanitized 4, eslint-plugin-no-secrets 2,
/// @microsoft/eslint-plugin-sdl 1, eslint-plugin-xss 0.1, eslint-plugin-react 7, eslint-plugin-scanjs-rules, eslint-plugin-sonarjs 3.
const SECURITY: &[(&str, Severity, &str)] = &[
    ("@microsoft/sdl/", Severity::Medium, ""),
    ("@microsoft/sdl/no-inner-html", Severity::Medium, "CWE-79"),
    ("@microsoft/sdl/no-insecure-random", Severity::Medium, "CWE-338"),
    ("@microsoft/sdl/no-insecure-url", Severity::Medium, "CWE-319"),
    ("@typescript-eslint/no-implied-eval", Severity::High, "CWE-95"),
    ("no-eval", Severity::High, "CWE-95"),
    ("no-implied-eval", Severity::High, "CWE-95"),
    ("no-new-func", Severity::High, "CWE-95"),
    ("no-script-url", Severity::Medium, "CWE-79"),
    ("no-secrets/", Severity::High, "CWE-798"),
    ("no-unsanitized/", Severity::High, "CWE-79"),
    ("pii/", Severity::Medium, "CWE-359"),
    ("react/jsx-no-script-url", Severity::Medium, "CWE-79"),
    ("react/jsx-no-target-blank", Severity::Medium, "CWE-1022"),
    ("react/no-danger", Severity::Medium, "CWE-79"),
    ("scanjs-rules/", Severity::Medium, ""),
    ("security-node/", Severity::Medium, ""),
    ("security/", Severity::Medium, ""),
    ("security/detect-bidi-characters", Severity::Medium, "CWE-1007"),
    ("security/detect-buffer-noassert", Severity::Medium, "CWE-125"),
    ("security/detect-child-process", Severity::High, "CWE-78"),
    ("security/detect-disable-mustache-escape", Severity::High, "CWE-79"),
    ("security/detect-eval-with-expression", Severity::High, "CWE-95"),
    ("security/detect-new-buffer", Severity::Medium, "CWE-908"),
    ("security/detect-no-csrf-before-method-override", Severity::Medium, "CWE-352"),
    ("security/detect-non-literal-fs-filename", Severity::Medium, "CWE-22"),
    ("security/detect-non-literal-regexp", Severity::Medium, "CWE-1333"),
    ("security/detect-non-literal-require", Severity::Medium, "CWE-829"),
    ("security/detect-object-injection", Severity::Medium, "CWE-915"),
    ("security/detect-possible-timing-attacks", Severity::Medium, "CWE-208"),
    ("security/detect-pseudoRandomBytes", Severity::Medium, "CWE-338"),
    ("security/detect-unsafe-regex", Severity::Medium, "CWE-1333"),
    ("sonarjs/code-eval", Severity::High, "CWE-95"),
    ("sonarjs/no-hardcoded-credentials", Severity::High, "CWE-798"),
    ("sonarjs/no-hardcoded-passwords", Severity::High, "CWE-798"),
    ("sonarjs/no-hardcoded-secrets", Severity::High, "CWE-798"),
    ("sonarjs/os-command", Severity::High, "CWE-78"),
    ("sonarjs/sql-queries", Severity::High, "CWE-89"),
    ("xss/", Severity::High, "CWE-79"),
];

/// What a finding of a rule weighs. `level` is ESLint's 1 (warning) or 2 (error).
fn weight(rule: Option<&str>, level: u32, fatal: bool) -> (Severity, Option<&'static str>) {
    if fatal {
        return (Severity::Medium, None);
    }
    let plugin = rule.and_then(|rule| rule.rfind('/').and_then(|end| rule.get(..=end)));
    let known = |name: &str| SECURITY.iter().find(|(rule, ..)| *rule == name);
    match rule.and_then(known).or_else(|| plugin.and_then(known)) {
        Some((_, severity, cwe)) => {
            let severity = match severity {
                Severity::High if level < 2 => Severity::Medium,
                _ if level < 2 => Severity::Low,
                severity => *severity,
            };
            (severity, Some(*cwe).filter(|cwe| !cwe.is_empty()))
        }
        None => (Severity::Low, None),
    }
}

impl Parser for EsLint {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Array => shape.has_all(&["filePath", "messages"]),
            Top::Object => {
                shape.has_all(&["results.filePath", "results.messages"]) || shape.has_all(&["results", "metadata.rulesMeta"])
            }
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each(""), Want::Each("results")];
        json::read(&mut input, &["", "results"], &wants, report, &mut |report, _, value| file(report, Fields::of(value)?))
    }
}

fn file(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let path = locate::file(item.text("filePath").filter(|path| path != "<text>").as_deref(), report)?;
    let source = item.text("source").unwrap_or_default();
    let lines: Vec<&str> = source.lines().collect();
    if path.is_none() && !item.has("messages") {
        return Err(bad("neither `filePath` nor `messages`"));
    }
    for found in item.list("messages") {
        report.next_item();
        message(report, Fields::or_empty(found), path.as_deref(), &lines)?;
    }
    Ok(())
}

fn message(report: &mut Report<'_>, mut item: Fields, path: Option<&str>, lines: &[&str]) -> Result<(), Stop> {
    let rule = item.text("ruleId");
    let message = item.text("message").unwrap_or_default();
    let level = match item.text("severity").as_deref() {
        Some("2" | "error") => 2,
        _ => 1,
    };
    let fatal = item.flag("fatal").unwrap_or(false);
    let (severity, cwe) = weight(rule.as_deref(), level, fatal);
    if fatal || (rule.is_none() && message.starts_with("File ignored")) {
        report.missed(path.unwrap_or("."), message.as_str());
    }
    let mut finding = report.finding(severity, words::first_sentence(&message));
    finding.file_path = path.map(str::to_owned);
    finding.line = item.position("line");
    finding.column = item.position("column");
    finding.end_line = item.position("endLine");
    finding.end_column = item.position("endColumn");
    finding.cwe = cwe.map(str::to_owned);
    finding.references = rule.as_deref().and_then(page).into_iter().collect();
    if let Some(first) = finding.line.and_then(|line| usize::try_from(line).ok()) {
        let last = finding.end_line.and_then(|line| usize::try_from(line).ok()).unwrap_or(first).max(first);
        let quoted = lines.get(first - 1..last.min(lines.len())).filter(|quoted| !quoted.is_empty() && quoted.len() <= 50);
        finding.metadata.line_snippet = quoted.map(|quoted| quoted.join("\n"));
    }
    item.value("fix");
    item.value("suggestions");
    item.keep("severity", Value::from(level));
    finding.rule_id = rule;
    finding.description = message;
    hide(&mut finding);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// Rules about secrets: those of no-secrets quote it, `Found a string with entropy 4.3 : "…"`; of others the line shows it.
fn hide(finding: &mut Finding) {
    let rule = finding.rule_id.as_deref().unwrap_or_default();
    let value = if rule.starts_with("no-secrets/") {
        finding.description.split_once(" : \"").map(|(_, quoted)| quoted.trim_end_matches(['"', '.']))
    } else if rule.starts_with("sonarjs/no-hardcoded-") {
        finding.metadata.line_snippet.as_deref().and_then(snippet::last_literal)
    } else {
        None
    };
    if let Some(value) = value.filter(|value| !value.is_empty()).map(str::to_owned) {
        finding.secret = Some(Box::new(Secret { kind: "secret".to_owned(), value }));
    }
}

/// The page of a rule whose address follows from its name.
fn page(rule: &str) -> Option<String> {
    let plain = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match rule.split_once('/') {
        None if plain(rule) => Some(format!("https://eslint.org/docs/latest/rules/{rule}")),
        Some(("security", name)) if plain(name) => Some(format!(
            "https://github.com/eslint-community/eslint-plugin-security/blob/main/docs/rules/{}.md",
            name.trim_start_matches("detect-")
        )),
        Some(("@typescript-eslint", name)) if plain(name) => Some(format!("https://typescript-eslint.io/rules/{name}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;
    use crate::model::ScannerStatus;

    const FILE: &str = r#"{"filePath":"/src/web/server.js","messages":[
        {"ruleId":"security/detect-child-process","severity":1,"message":"Found child_process.exec()","line":2,"column":3,"endLine":2,"endColumn":9,"fix":{"range":[0,1],"text":""}},
        {"ruleId":"no-eval","severity":2,"message":"eval can be harmful.","line":1,"column":1,"messageId":"unexpected"},
        {"ruleId":"semi","severity":2,"message":"Missing semicolon."},
        {"ruleId":null,"fatal":true,"severity":2,"message":"Parsing error: Unexpected token"},
        {"ruleId":null,"message":null,"line":null,"column":null,"severity":null},
        {"ruleId":"other","line":900,"endLine":2}],
        "suppressedMessages":[{"ruleId":"no-eval"}],"errorCount":1,"source":"eval(x);\n  exec(y);\n"}"#;

    #[test]
    fn every_field_is_mapped() {
        let options = IngestOptions { root: Some("/src".to_owned()), ..IngestOptions::default() };
        for text in [format!("[{FILE}]"), format!(r#"{{"results":[{FILE}],"metadata":{{"cwd":"/src","rulesMeta":{{}}}}}}"#)] {
            let result = parse(text.as_bytes(), None, &options).unwrap();
            assert_eq!(result.findings.len(), 6);
            let f = &result.findings[0];
            assert_eq!((f.file_path.as_deref(), f.severity), (Some("web/server.js"), Severity::Medium));
            assert_eq!((f.line, f.column, f.end_line, f.end_column), (Some(2), Some(3), Some(2), Some(9)));
            assert_eq!((f.cwe.as_deref(), f.metadata.line_snippet.as_deref()), (Some("CWE-78"), Some("  exec(y);")));
            assert!(!f.metadata.tool.contains_key("fix") && f.references[0].ends_with("/child-process.md"));
            let severities: Vec<_> = result.findings.iter().map(|f| f.severity).collect();
            use Severity::{High, Low, Medium};
            assert_eq!(severities, [Medium, High, Low, Medium, Low, Low]);
            assert_eq!((result.findings[5].line, result.findings[5].end_line), (Some(900), None));
            assert_eq!(result.scanners[0].status, ScannerStatus::Partial);
        }
    }

    #[test]
    fn odd_files() {
        let empty = parse(br#"{"results":[],"metadata":{"cwd":"/","rulesMeta":{}}}"#, None, &IngestOptions::default()).unwrap();
        assert_eq!((empty.findings.len(), empty.scanners[0].name.as_str()), (0, "eslint"));
        let text = br#"[{"filePath":"a.js","messages":null},{"filePath":"b.js","messages":[7,{"ruleId":"x","line":1.5}],"source":7},{}]"#;
        let odd = parse(text, None, &IngestOptions::default()).unwrap();
        assert_eq!((odd.findings.len(), odd.findings[0].title.as_str()), (2, "untitled"));
    }

    #[test]
    fn secrets_are_hidden() {
        let text = br#"[{"filePath":"a.js","messages":[{"ruleId":"no-secrets/no-secrets","severity":2,"message":"Found a string with entropy 4.3 : \"hunter2hunter2hunter2\"","line":1}]}]"#;
        let result = parse(text, None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.severity, f.secret.as_ref().unwrap().value.as_str()), (Severity::High, "hunter2hunter2hunter2"));
        assert!(!f.title.contains("hunter2h") && !f.description.contains("hunter2h"), "{f:?}");
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(SECURITY.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(weight(Some("no-unsanitized/method"), 2, false), (Severity::High, Some("CWE-79")));
        assert_eq!(weight(Some("@microsoft/sdl/no-x"), 1, false), (Severity::Low, None));
    }
}
