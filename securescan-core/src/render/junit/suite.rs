//! One scanner's suite: its tests and their numbers.

use super::xml::Document;
use crate::model::{Finding, ScannerRun, ScannerStatus};
use crate::render::counts::{counted, ranked};
use crate::render::coverage::{explanation, is_unfinished, status_words};
use crate::render::limits::{JUNIT_NAME, JUNIT_TEXT, cut};
use crate::render::{RenderInput, escape, place};
use std::collections::BTreeMap;

/// A scanner, how it ended, and what it found.
pub(super) struct Suite<'a> {
    name: &'a str,
    run: Option<&'a ScannerRun>,
    unfinished: bool,
    findings: Vec<&'a Finding>,
    /// Findings of the base that nobody looked for on the head side.
    lost: usize,
    /// Findings that were suppressed, shown or not.
    suppressed: usize,
    /// What a test without a finding says.
    clean: &'static str,
}

/// What there is to say of scanners, by name.
#[derive(Default)]
struct Found<'a> {
    findings: Vec<&'a Finding>,
    lost: usize,
    suppressed: usize,
}

/// The suites: scanners in registry order, then those that only findings name, sorted.
pub(super) fn suites<'a>(input: &RenderInput<'a>) -> Vec<Suite<'a>> {
    let mut found: BTreeMap<&str, Found<'_>> = BTreeMap::new();
    for finding in ranked(input, input.subject()) {
        found.entry(&finding.scanner).or_default().findings.push(finding);
    }
    for finding in input.subject().iter().filter(|finding| finding.is_suppressed()) {
        found.entry(&finding.scanner).or_default().suppressed += 1;
    }
    for finding in input.diff.iter().flat_map(|diff| diff.not_scanned).filter(|finding| !finding.is_suppressed()) {
        found.entry(&finding.scanner).or_default().lost += 1;
    }
    let is_unfinished = is_unfinished(input.result);
    let clean = if input.diff.is_some() { "no new findings" } else { "no findings" };
    let suite = |name, run: Option<&'a ScannerRun>, found: Found<'a>| Suite {
        name,
        run,
        unfinished: run.is_some_and(&is_unfinished),
        findings: found.findings,
        lost: found.lost,
        suppressed: found.suppressed,
        clean,
    };
    let runs = input.result.scanners.iter();
    let mut suites: Vec<Suite<'a>> =
        runs.map(|run| suite(&run.name, Some(run), found.remove(run.name.as_str()).unwrap_or_default())).collect();
    suites.extend(found.into_iter().map(|(name, found)| suite(name, None, found)));
    suites
}

/// An element with text: its name, attributes and text.
type Leaf<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

impl Suite<'_> {
    pub(super) fn write(&self, document: &mut Document, id: usize, moment: &str) {
        let name = escape::line(self.name);
        let name = if name.is_empty() { "unknown".to_owned() } else { cut(&name, JUNIT_NAME).into_owned() };
        let failures = self.findings.iter().filter(|finding| !finding.is_suppressed()).count();
        let errors = usize::from(self.unfinished) + usize::from(self.lost > 0);
        let skipped = usize::from(self.is_skipped());
        let passed = usize::from(self.is_clean());
        let tests = self.findings.len() + errors + skipped + passed;
        let numbers = [id, tests, failures, errors, skipped].map(|n| n.to_string());
        let [id, tests, failures, errors, skipped] = numbers.each_ref().map(String::as_str);
        let attributes = [
            ("name", name.as_str()),
            ("package", "securescan"),
            ("id", id),
            ("timestamp", moment),
            ("hostname", "localhost"),
            ("tests", tests),
            ("failures", failures),
            ("errors", errors),
            ("skipped", skipped),
            ("time", "0"),
        ];
        document.start("testsuite", &attributes);
        self.properties(document);
        self.tests(document, &format!("securescan.{name}"));
        document.leaf("system-out", &[], &self.output());
        document.leaf("system-err", &[], &if self.unfinished { self.ended() } else { String::new() });
        document.end("testsuite");
    }

    /// A scanner that could not run here: that is no failure, unless none could.
    fn is_skipped(&self) -> bool {
        let idle = |run: &ScannerRun| matches!(run.status, ScannerStatus::Skipped | ScannerStatus::NotApplicable);
        self.findings.is_empty() && !self.unfinished && self.run.is_some_and(idle)
    }

    fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.run.is_some_and(|run| run.status == ScannerStatus::Ok)
    }

    fn properties(&self, document: &mut Document) {
        document.start("properties", &[]);
        let mut property = |name: &str, value: &str| {
            document.start("property", &[("name", name), ("value", &cut(value, JUNIT_TEXT))]);
            document.end("property");
        };
        property("securescan.version", crate::VERSION);
        if self.suppressed > 0 {
            property("securescan.suppressed", &self.suppressed.to_string());
        }
        if let Some(run) = self.run {
            property("scanner.status", run.status.as_str());
            property("scanner.scan_type", run.scan_type.as_str());
            if let Some(version) = &run.version {
                property("scanner.version", version);
            }
        }
        document.end("properties");
    }

    fn tests(&self, document: &mut Document, class: &str) {
        let mut test = |name: &str, inside: Option<Leaf<'_>>| {
            document.start("testcase", &[("name", name), ("classname", class), ("time", "0")]);
            if let Some((element, attributes, text)) = inside {
                document.leaf(element, attributes, text);
            }
            document.end("testcase");
        };
        if self.unfinished {
            let ended = self.ended();
            test("incomplete scan", Some(("error", &[("message", &ended), ("type", "incomplete")], "Findings may be missing.")));
        }
        if self.lost > 0 {
            let text = format!("{} of the base not scanned on the head side", counted(self.lost, "finding"));
            test("not scanned", Some(("error", &[("message", &text), ("type", "not_scanned")], "")));
        }
        if self.is_skipped() {
            test("scan", Some(("skipped", &[("message", &self.ended())], "")));
        }
        if self.is_clean() {
            test(self.clean, None);
        }
        for finding in &self.findings {
            let title = title(finding);
            let attributes = [("message", title.as_str()), ("type", finding.severity.as_str())];
            let failure = ("failure", attributes.as_slice(), &*details(finding));
            test(&cut(&title, JUNIT_NAME), Some(failure).filter(|_| !finding.is_suppressed()));
        }
    }

    /// How the scanner ended, in words.
    fn ended(&self) -> String {
        let Some(run) = self.run else { return String::new() };
        let why = cut(&explanation(run), JUNIT_TEXT).into_owned();
        let colon = if why.is_empty() { "" } else { ": " };
        format!("{}{colon}{why}", status_words(run.status))
    }

    /// The suppressed findings, which are no failures.
    fn output(&self) -> String {
        let lines = self.findings.iter().filter_map(|finding| {
            let by = finding.metadata.suppressed_by?;
            let place = place::words(finding).unwrap_or_else(|| "-".to_owned());
            Some(format!("SUPPRESSED:{} {} {}", by.as_str(), title(finding), escape::line(&place)))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn title(finding: &Finding) -> String {
    let title = escape::line(&cut(&finding.title, JUNIT_TEXT));
    if title.is_empty() { "(untitled)".to_owned() } else { title }
}

/// The text of a failure: the description, then one line for each thing that is known.
fn details(finding: &Finding) -> String {
    let or_none =
        |text: Option<&str>| text.filter(|t| !t.is_empty()).map_or("N/A".to_owned(), |t| cut(t, JUNIT_TEXT).into_owned());
    let line = finding.line.filter(|n| *n > 0).map(|n| n.to_string());
    let mut lines = vec![
        cut(&finding.description, JUNIT_TEXT).into_owned(),
        format!("File: {}", escape::line(&or_none(finding.file_path.as_deref()))),
        format!("Line: {}", or_none(line.as_deref())),
        format!("Remediation: {}", or_none(Some(&finding.remediation))),
    ];
    let ids = finding.vulnerability_ids.join(" ");
    let tags = finding.compliance_tags.join(" ");
    let more = [
        ("Where", place::elsewhere(finding).unwrap_or_default()),
        ("Rule", finding.rule_id.clone().unwrap_or_default()),
        ("CWE", finding.cwe.clone().unwrap_or_default()),
        ("Ids", ids),
        ("Compliance", tags),
        ("Fingerprint", finding.fingerprint.clone()),
    ];
    let known = more.into_iter().filter(|(_, value)| !value.is_empty());
    lines.extend(known.map(|(name, value)| format!("{name}: {}", escape::line(&cut(&value, JUNIT_TEXT)))));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}
