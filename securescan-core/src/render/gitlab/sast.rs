//! `gitlab-sast`: the security report of a `sast` job. A diff gives its new findings.
//!
//! One report has one type, and every vulnerability of this one is in a file. Findings that are about no file (a running web site, a
//! host) are left out, and `scan.messages` says how many: GitLab would take several of a rule for one. The times of the scan are
//! those of [`RenderOptions::time`](crate::render::RenderOptions::time).
//!
//! A vulnerability is tracked by the finding's own fingerprint, signature algorithm `hash`: it stays one when its lines move. GitLab's other
//! algorithms are not ours to claim: `scope_offset` needs the scopes of a parsed file, `location` says no more than the location.
//!
//! # Source
//! GitLab, security report schemas 15.2.1; gitlabhq, `lib/gitlab/ci/parsers/security/common.rb` (`create_signatures`).

use super::{or_else, path};
use crate::model::{Finding, ScannerRun, ScannerStatus, Severity};
use crate::render::counts::{counted, names, ranked};
use crate::render::coverage::{explanation, gaps, status_words};
use crate::render::limits::{GITLAB_ID, GITLAB_IDENTIFIERS, GITLAB_NAME, GITLAB_SOLUTION, GITLAB_TEXT, cut};
use crate::render::{Completeness, RenderInput, Renderer, completeness, escape, place, time, write_json};
use crate::{Result, VERSION};
use serde::Serialize;
use std::io::Write;

pub(in crate::render) struct Sast;

impl Renderer for Sast {
    fn id(&self) -> &'static str {
        "gitlab-sast"
    }

    fn about(&self) -> &'static str {
        "GitLab SAST report, for the security dashboard"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        let moment = time::moment(&input.options)?;
        let findings = ranked(input, input.subject());
        let vulnerabilities: Vec<Vulnerability> =
            findings.iter().zip(names(&findings)).filter_map(|(finding, name)| vulnerability(finding, name)).collect();
        let left_out = findings.len() - vulnerabilities.len();
        let incomplete = completeness(input.result) == Completeness::Incomplete;
        let report = Report {
            version: "15.2.1",
            schema: "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v15.2.1/dist/sast-report-format.json",
            scan: Scan {
                analyzer: Tool::ours(),
                scanner: Tool::ours(),
                r#type: "sast",
                start_time: moment,
                end_time: moment,
                status: if incomplete { "failure" } else { "success" },
                messages: messages(input, left_out),
            },
            vulnerabilities,
        };
        write_json(&report, out)
    }
}

#[derive(Serialize)]
struct Report<'a> {
    version: &'static str,
    schema: &'static str,
    scan: Scan<'a>,
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Serialize)]
struct Scan<'a> {
    analyzer: Tool,
    scanner: Tool,
    r#type: &'static str,
    start_time: &'a str,
    end_time: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Tool {
    id: &'static str,
    name: &'static str,
    url: &'static str,
    version: &'static str,
    vendor: Vendor,
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

impl Tool {
    fn ours() -> Self {
        let (name, url) = ("SecureScan", env!("CARGO_PKG_REPOSITORY"));
        Self { id: "securescan", name, url, version: VERSION, vendor: Vendor { name } }
    }
}

#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    solution: String,
    location: Location,
    identifiers: Vec<Identifier>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
    details: Details,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<Tracking>,
}

/// By what GitLab knows a vulnerability again.
#[derive(Serialize)]
struct Tracking {
    r#type: &'static str,
    items: [TrackedItem; 1],
}

#[derive(Serialize)]
struct TrackedItem {
    #[serde(flatten)]
    location: Location,
    signatures: [Signature; 1],
}

#[derive(Serialize)]
struct Signature {
    algorithm: &'static str,
    value: String,
}

#[derive(Clone, Serialize)]
struct Location {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u32>,
}

#[derive(Serialize)]
struct Identifier {
    r#type: String,
    name: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Link {
    url: String,
}

/// What the schema has no field for, shown below the description.
#[derive(Serialize)]
struct Details {
    scanner: Detail,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed_by: Option<Detail>,
}

#[derive(Serialize)]
struct Detail {
    r#type: &'static str,
    name: &'static str,
    value: String,
}

impl Detail {
    fn new(name: &'static str, value: &str) -> Self {
        Self { r#type: "text", name, value: cut(&escape::line(value), GITLAB_ID).into_owned() }
    }
}

fn vulnerability(finding: &Finding, id: String) -> Option<Vulnerability> {
    let file = path(finding)?;
    let lines = place::lines(finding);
    let location = Location { file, start_line: lines.map(|(first, _)| first), end_line: lines.and_then(|(_, last)| last) };
    let text = |text: &str, limit| cut(&escape::lines(text), limit).into_owned();
    Some(Vulnerability {
        tracking: tracking(finding, &id, &location),
        id,
        name: cut(&or_else(escape::line(&finding.title), "(untitled)"), GITLAB_NAME).into_owned(),
        description: text(&finding.description, GITLAB_TEXT),
        severity: severity(finding.severity),
        solution: text(&finding.remediation, GITLAB_SOLUTION),
        location,
        identifiers: identifiers(finding),
        links: links(finding),
        details: Details {
            scanner: Detail::new("Scanner", &finding.scanner),
            package: finding.package.as_ref().and(place::elsewhere(finding)).map(|place| Detail::new("Package", &place)),
            suppressed_by: finding.metadata.suppressed_by.map(|by| Detail::new("Suppressed by", by.as_str())),
        },
    })
}

/// None for a finding that was never identified: a number in a list is no identity.
fn tracking(finding: &Finding, id: &str, location: &Location) -> Option<Tracking> {
    let signatures = [Signature { algorithm: "hash", value: id.to_owned() }];
    (!finding.fingerprint.is_empty())
        .then(|| Tracking { r#type: "source", items: [TrackedItem { location: location.clone(), signatures }] })
}

/// The rule first: GitLab follows a vulnerability by its first identifier. Then weakness and advisories.
fn identifiers(finding: &Finding) -> Vec<Identifier> {
    let short = |text: &str| cut(&escape::line(text), GITLAB_ID).into_owned();
    let scanner = or_else(short(&finding.scanner), "securescan");
    let rule = finding.rule_id.as_deref().map(short).unwrap_or_default();
    let rule = if rule.is_empty() { or_else(short(&finding.title), "untitled") } else { rule };
    let kind: String =
        scanner.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).take(60).collect();
    let mut all = vec![Identifier { r#type: format!("{kind}_rule"), name: format!("{scanner}: {rule}"), value: rule, url: None }];
    if let Some(number) = finding.cwe.as_deref().and_then(|cwe| cwe.strip_prefix("CWE-")).filter(|n| is_number(n)) {
        all.push(Identifier {
            r#type: "cwe".into(),
            name: format!("CWE-{number}"),
            value: number.to_owned(),
            url: Some(format!("https://cwe.mitre.org/data/definitions/{number}.html")),
        });
    }
    all.extend(finding.vulnerability_ids.iter().filter_map(|id| advisory(id)));
    all.truncate(GITLAB_IDENTIFIERS.max);
    all
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit())
}

/// A vulnerability's id, typed by its prefix; what is none is left out.
fn advisory(id: &str) -> Option<Identifier> {
    let (prefix, _) = id.split_once('-')?;
    let plain = id.len() <= 100 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    let kind = prefix.to_ascii_lowercase();
    let url = match kind.as_str() {
        "cve" => Some(format!("https://www.cve.org/CVERecord?id={id}")),
        "ghsa" => Some(format!("https://github.com/advisories/{id}")),
        _ => None,
    };
    (plain && !kind.is_empty()).then(|| Identifier { r#type: kind, name: id.to_owned(), value: id.to_owned(), url })
}

/// Only addresses of the web: a link is clicked.
fn links(finding: &Finding) -> Vec<Link> {
    let web = |url: &&String| {
        let safe = url.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"`{}|\\^".contains(&b));
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        safe && url.len() <= GITLAB_ID.max && rest.is_some_and(|rest| !rest.is_empty())
    };
    finding.references.iter().filter(web).take(GITLAB_IDENTIFIERS.max).map(|url| Link { url: url.clone() }).collect()
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    }
}

fn messages(input: &RenderInput<'_>, left_out: usize) -> Vec<Message> {
    let mut all: Vec<Message> = gaps(input.result).map(scanner).collect();
    let lost = input.diff.map_or(0, |diff| diff.not_scanned.iter().filter(|f| !f.is_suppressed()).count());
    let mut say = |level, value| all.push(Message { level, value });
    if lost > 0 {
        say("warn", format!("{} of the base not scanned on the head side", counted(lost, "finding")));
    }
    if left_out > 0 {
        say("warn", format!("{} about no file left out: this report has only files", counted(left_out, "finding")));
    }
    if input.suppressed.total() > 0 {
        say("info", format!("suppressed: {}", input.suppressed.words()));
    }
    all
}

fn scanner(run: &ScannerRun) -> Message {
    let level = match run.status {
        ScannerStatus::Failed | ScannerStatus::TimedOut => "fatal",
        ScannerStatus::Partial => "warn",
        _ => "info",
    };
    let why = escape::line(&explanation(run));
    let colon = if why.is_empty() { "" } else { ": " };
    let value = format!("{} {}{colon}{why}", escape::line(&run.name), status_words(run.status));
    Message { level, value: cut(&value, GITLAB_ID).into_owned() }
}
