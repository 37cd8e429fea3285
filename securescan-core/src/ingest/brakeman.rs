//! Brakeman: `brakeman -f json`.

use super::fields::{Fields, text_of};
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, snippet, words};
use crate::Result;
use crate::model::{Confidence, ScanType, Secret, Severity};

pub(super) struct Brakeman;

const META: ParserMeta = ParserMeta {
    id: "brakeman",
    title: "Brakeman JSON",
    versions_read: "1.9 – 7.x",
    upstream: "https://brakemanscanner.org/docs/options/",
    scan_type: ScanType::Code,
};

/// Brakeman's types of warnings: severity where it is sure, and weakness for versions that name none. Every other is medium.
///
/// # Source
/// Brakeman 7, pages of the warning types; `cwe_id` of its checks.
const TYPES: &[(&str, Severity, &str)] = &[
    ("Authentication", Severity::High, "CWE-798"),
    ("Basic Auth", Severity::High, "CWE-798"),
    ("Command Injection", Severity::High, "CWE-77"),
    ("Cross-Site Request Forgery", Severity::Medium, "CWE-352"),
    ("Cross-Site Scripting", Severity::Medium, "CWE-79"),
    ("Cross Site Scripting", Severity::Medium, "CWE-79"),
    ("Dangerous Eval", Severity::High, "CWE-95"),
    ("Dangerous Send", Severity::High, "CWE-77"),
    ("Default Routes", Severity::Medium, "CWE-22"),
    ("Denial of Service", Severity::Medium, "CWE-1333"),
    ("Directory Traversal", Severity::High, "CWE-22"),
    ("Divide by Zero", Severity::Low, "CWE-369"),
    ("Dynamic Render Path", Severity::Medium, "CWE-22"),
    ("File Access", Severity::High, "CWE-22"),
    ("Format Validation", Severity::Low, "CWE-777"),
    ("HTTP Verb Confusion", Severity::Low, "CWE-352"),
    ("Information Disclosure", Severity::Low, "CWE-200"),
    ("Mass Assignment", Severity::Medium, "CWE-915"),
    ("Missing Encryption", Severity::Medium, "CWE-311"),
    ("Path Traversal", Severity::High, "CWE-22"),
    ("Redirect", Severity::Medium, "CWE-601"),
    ("Remote Code Execution", Severity::High, "CWE-502"),
    ("Remote Execution", Severity::High, "CWE-502"),
    ("Response Splitting", Severity::Medium, "CWE-113"),
    ("Reverse Tabnabbing", Severity::Low, "CWE-1022"),
    ("SQL Injection", Severity::High, "CWE-89"),
    ("SSL Verification Bypass", Severity::High, "CWE-295"),
    ("Session Manipulation", Severity::High, "CWE-20"),
    ("Session Setting", Severity::Medium, "CWE-1004"),
    ("Template Injection", Severity::High, "CWE-1336"),
    ("Unmaintained Dependency", Severity::Medium, "CWE-1104"),
    ("Unsafe Deserialization", Severity::High, "CWE-502"),
    ("Weak Cryptography", Severity::Medium, "CWE-327"),
    ("Weak Hash", Severity::Medium, "CWE-328"),
];

/// Checks whose code shows a password.
const SHOW_SECRETS: &[&str] = &["BasicAuth", "Secrets", "SessionSettings"];

impl Parser for Brakeman {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let own = shape.has_any(&["scan_info.brakeman_version", "scan_info.checks_performed", "scan_info.rails_version"]);
        shape.top == Top::Object
            && shape.has("warnings")
            && (own || shape.has_all(&["warnings.warning_type", "warnings.message"]))
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("warnings"), Want::Each("errors"), Want::Whole("scan_info.brakeman_version")];
        json::read(&mut input, &["warnings"], &wants, report, &mut |report, at, value| match at.place {
            "warnings" => warning(report, Fields::of(value)?),
            "errors" => {
                let mut item = Fields::or_empty(value);
                let place = item.text("location").unwrap_or_else(|| ".".to_owned());
                report.missed(place, words::first_sentence(&item.text("error").unwrap_or_else(|| "not scanned".to_owned())));
                Ok(())
            }
            _ => {
                report.version(text_of(value));
                Ok(())
            }
        })
    }
}

fn warning(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let kind = item.text("warning_type");
    let check = item.text("check_name");
    let message = item.text("message").unwrap_or_default();
    let file = locate::file(item.text("file").as_deref(), report)?;
    if kind.is_none() && message.is_empty() && file.is_none() {
        return Err(bad("neither `warning_type` nor `message` nor `file`"));
    }
    // As Brakeman's SARIF names its rules.
    let rule = item.offset("warning_code").map(|code| format!("BRAKE{code:04}")).or_else(|| check.clone());
    let known = kind.as_deref().and_then(|kind| TYPES.iter().find(|(name, ..)| *name == kind));
    let confidence = item.text("confidence").and_then(|word| words::confidence(&word));
    let severity = weighed(known.map_or(Severity::Medium, |(_, severity, _)| *severity), confidence);
    let title = match &kind {
        Some(kind) => format!("{kind}: {}", words::first_sentence(&message)),
        None => words::first_sentence(&message),
    };
    let mut finding = report.finding(severity, title);
    finding.confidence = confidence;
    finding.file_path = file;
    finding.line = item.position("line");
    let weaknesses = item.value("cwe_id").map(|v| words::cwes(&v)).unwrap_or_default();
    if weaknesses.len() > 1 {
        item.keep("cwes", weaknesses.clone());
    }
    finding.cwe = weaknesses.into_iter().next().or_else(|| known.map(|(.., cwe)| (*cwe).to_owned()));
    finding.references = words::urls(item.text("link"));
    finding.vulnerability_ids = advisories(&message);
    if check.as_deref().is_some_and(|check| SHOW_SECRETS.contains(&check)) {
        let code = item.text("code").unwrap_or_default();
        item.value("user_input");
        let value = snippet::last_literal(&code).map(str::to_owned);
        finding.secret = value.map(|value| Box::new(Secret { kind: "password".to_owned(), value }));
    }
    finding.rule_id = rule;
    finding.description = message;
    if let Some(check) = check {
        item.keep("check_name", check);
    }
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// One level down when Brakeman is not sure: it has no severity of its own.
fn weighed(severity: Severity, confidence: Option<Confidence>) -> Severity {
    match (severity, confidence) {
        (Severity::High, Some(Confidence::Low)) => Severity::Medium,
        (_, Some(Confidence::Low)) => Severity::Low,
        (severity, _) => severity,
    }
}

/// The advisories a message names: `… is vulnerable (CVE-2015-7580).`
fn advisories(message: &str) -> Vec<String> {
    message
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| word.starts_with("CVE-") && words::is_advisory(word))
        .take(50)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;
    use crate::model::ScannerStatus;

    fn read(warnings: &str, errors: &str) -> crate::model::ScanResult {
        let text = format!(
            r#"{{"scan_info":{{"app_path":"/x","rails_version":"5.0.0","brakeman_version":"4.9.0"}},"warnings":[{warnings}],
            "ignored_warnings":[{{"warning_type":"Redirect"}}],"errors":[{errors}],"obsolete":[]}}"#
        );
        parse(text.as_bytes(), None, &IngestOptions::default()).unwrap()
    }

    #[test]
    fn every_field_is_mapped() {
        let result = read(
            r#"{"warning_type":"SQL Injection","warning_code":0,"fingerprint":"fe00","check_name":"SQL","message":"Possible SQL injection","file":"lib/a_lib.rb",
                "line":3,"link":"https://brakemanscanner.org/docs/warning_types/sql_injection/","code":"joins(x)","location":null,"confidence":"Weak","cwe_id":[89,564]},
               {"warning_type":"Cross-Site Scripting","warning_code":103,"message":"gem 1.0.2 is vulnerable (CVE-2015-7580). Upgrade","file":"Gemfile.lock","line":133,"confidence":"High"},
               {"warning_type":"Basic Auth","warning_code":9,"check_name":"BasicAuth","message":"Basic authentication password stored in source code","file":"a.rb",
                "code":"http_basic_authenticate_with(:name => \"dhh\", :password => \"superdupersecret\")","confidence":"High"}"#,
            r#"{"error":"app/x.rb:1 :: parse error. More","location":"Could not parse app/x.rb"}"#,
        );
        let f = &result.findings[0];
        assert_eq!(
            (f.rule_id.as_deref(), f.severity, f.confidence),
            (Some("BRAKE0000"), Severity::Medium, Some(Confidence::Low))
        );
        assert_eq!(
            (f.title.as_str(), f.cwe.as_deref(), f.line),
            ("SQL Injection: Possible SQL injection", Some("CWE-89"), Some(3))
        );
        assert_eq!((f.file_path.as_deref(), f.references.len()), (Some("lib/a_lib.rb"), 1));
        assert_eq!(f.metadata.tool.get("check_name").and_then(|v| v.as_str()), Some("SQL"));
        let f = &result.findings[1];
        assert_eq!((f.vulnerability_ids.as_slice(), f.severity), (["CVE-2015-7580".to_owned()].as_slice(), Severity::Medium));
        let f = &result.findings[2];
        assert_eq!(f.secret.as_ref().unwrap().value, "superdupersecret");
        assert!(!serde_json::to_string(f).unwrap().contains("superduper"));
        let run = &result.scanners[0];
        assert_eq!((run.version.as_deref(), run.status, result.findings.len()), (Some("4.9.0"), ScannerStatus::Partial, 3));
    }

    #[test]
    fn odd_items_are_read() {
        let result = read(
            r#"{"warning_type":"New Kind","warning_code":"x","confidence":5},{},{"file":"../../etc/passwd","message":"m"}"#,
            "",
        );
        assert_eq!((result.findings.len(), result.findings[0].severity), (2, Severity::Medium));
        assert_eq!(read("", "").findings.len(), 0);
    }
}
