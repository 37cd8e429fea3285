//! `gitlab-codequality`: issues for the widget of a merge request.
//!
//! The format is a bare array of issues, each in a file: a finding that is about no file names a place that says so, and a scanner that
//! did not finish is an issue of its own (`securescan/incomplete/<scanner>`). GitLab drops all but one issue of a fingerprint, so
//! repeats are numbered. A diff gives its new findings.
//!
//! # Source
//! GitLab, "Code Quality report format".

use super::{or_else, path};
use crate::Result;
use crate::model::{Finding, ScannerRun, Severity};
use crate::render::counts::{names, ranked};
use crate::render::coverage::{explanation, status_words, unfinished};
use crate::render::limits::{GITLAB_ID, GITLAB_TEXT, cut};
use crate::render::{RenderInput, Renderer, escape, place, uri, write_json};
use serde::Serialize;
use std::io::Write;

pub(in crate::render) struct CodeQuality;

impl Renderer for CodeQuality {
    fn id(&self) -> &'static str {
        "gitlab-codequality"
    }

    fn about(&self) -> &'static str {
        "GitLab Code Quality, for the widget of a merge request"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        let findings = ranked(input, input.subject());
        let mut issues: Vec<Issue> = unfinished(input.result).map(incomplete).collect();
        issues.extend(findings.iter().zip(names(&findings)).map(|(finding, name)| issue(finding, name)));
        write_json(&issues, out)
    }
}

#[derive(Serialize)]
struct Issue {
    r#type: &'static str,
    check_name: String,
    description: String,
    categories: [&'static str; 1],
    severity: &'static str,
    fingerprint: String,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<u32>,
}

fn issue(finding: &Finding, name: String) -> Issue {
    let file = path(finding);
    let (begin, end) = place::lines(finding).filter(|_| file.is_some()).unwrap_or((1, None));
    let mut description = or_else(escape::line(&finding.title), "(untitled)");
    if file.is_none()
        && let Some(place) = place::elsewhere(finding)
    {
        description.push_str(&format!(" ({})", escape::line(&place)));
    }
    if let Some(by) = finding.metadata.suppressed_by {
        description.insert_str(0, &format!("[SUPPRESSED:{}] ", by.as_str()));
    }
    let scanner = or_else(escape::line(&finding.scanner), "securescan");
    let rule = finding.rule_id.as_deref().map(escape::line).unwrap_or_default();
    Issue {
        r#type: "issue",
        check_name: cut(&or_else(rule, &scanner), GITLAB_ID).into_owned(),
        description: cut(&description, GITLAB_TEXT).into_owned(),
        categories: ["Security"],
        severity: severity(finding.severity),
        fingerprint: name,
        location: Location { path: file.unwrap_or_else(|| uri::NO_FILE.to_owned()), lines: Lines { begin, end } },
    }
}

/// A scanner that did not look at everything: it stays in the widget until it does.
fn incomplete(run: &ScannerRun) -> Issue {
    let name = cut(&escape::line(&run.name), GITLAB_ID).into_owned();
    let why = escape::line(&explanation(run));
    let colon = if why.is_empty() { "" } else { ": " };
    let description = format!("Incomplete scan: {name} {}{colon}{why}. Findings may be missing.", status_words(run.status));
    let check = format!("securescan/incomplete/{name}");
    Issue {
        r#type: "issue",
        fingerprint: check.clone(),
        check_name: check,
        description: cut(&description, GITLAB_TEXT).into_owned(),
        categories: ["Security"],
        severity: "major",
        location: Location { path: uri::NO_FILE.to_owned(), lines: Lines { begin: 1, end: None } },
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}
