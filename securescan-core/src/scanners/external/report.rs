//! The reports of a tool's runs, put together as one outcome.

use super::place::Places;
use super::setup::Setup;
use super::{Outcome, Tool};
use crate::model::{Finding, ScanResult, ScannerStatus};
use crate::scanners::{Skipped, redact};
use serde_json::Value;

/// What the runs gave so far.
pub(super) struct Report<'a> {
    tool: &'a Tool,
    places: Places<'a>,
    outcome: Outcome,
    notes: Vec<String>,
    /// Why parts are missing.
    reasons: Vec<String>,
    /// Why runs gave nothing, with the file each looked at.
    failures: Vec<(Option<String>, String)>,
    good: usize,
    stopped: bool,
}

impl<'a> Report<'a> {
    pub(super) fn new(tool: &'a Tool, setup: &'a Setup<'_>, notes: Vec<String>) -> Self {
        let context = setup.context;
        let single = context.files.first().filter(|_| context.single_file).map(|file| file.path.as_str());
        Self {
            tool,
            places: Places::new(context.root, setup.scratch(), single),
            outcome: Outcome::default(),
            notes,
            reasons: Vec::new(),
            failures: Vec::new(),
            good: 0,
            stopped: false,
        }
    }

    /// A run that ended well, as far as the tool says.
    pub(super) fn add(&mut self, result: ScanResult, subject: Option<String>) {
        for run in result.scanners.iter() {
            self.outcome.version = self.outcome.version.take().or_else(|| run.version.clone());
            if run.status == ScannerStatus::Partial {
                self.reasons.extend(run.reason.clone());
            }
            if run.status == ScannerStatus::Failed {
                let why = run.reason.clone().unwrap_or_else(|| format!("`{}` says that it failed", self.tool.program));
                self.fail(why, subject.clone());
            }
            let skipped = run.skipped.iter().map(|s| Skipped { path: s.path.clone(), why: s.why.clone() });
            self.outcome.skipped.extend(skipped);
        }
        for finding in result.findings {
            let finding = self.finding(finding, subject.as_deref());
            self.outcome.findings.push(finding);
        }
        self.outcome.targets.extend(subject);
        self.good += 1;
    }

    fn finding(&self, mut finding: Finding, subject: Option<&str>) -> Finding {
        finding.scanner = self.tool.meta.name.to_owned();
        finding.scan_type = self.tool.meta.scan_type;
        self.places.put(&mut finding, self.tool.paths, subject);
        finding
    }

    /// A run that gave no report, and why.
    pub(super) fn fail(&mut self, mut why: String, subject: Option<String>) {
        self.places.scrub(&mut why);
        self.failures.push((subject, why));
    }

    /// There were more runs to make.
    pub(super) fn stopped(&mut self) {
        self.stopped = true;
    }

    /// All runs as one: failed when none of them gave anything, partial when some did not.
    pub(super) fn finish(mut self, single: bool) -> Outcome {
        let first = self.failures.first().map(|(_, why)| why.clone());
        let failed = self.good == 0 || single && !self.failures.is_empty();
        for (subject, why) in self.failures {
            match subject {
                Some(path) if !failed || !single => self.outcome.skipped.push(Skipped { path, why }),
                _ => self.reasons.push(why),
            }
        }
        for skipped in &mut self.outcome.skipped {
            self.places.scrub(&mut skipped.path);
            self.places.scrub(&mut skipped.why);
        }
        self.reasons.iter_mut().for_each(|reason| self.places.scrub(reason));
        self.reasons.sort();
        self.reasons.dedup();
        self.outcome.status = match () {
            () if failed => Some(ScannerStatus::Failed),
            () if self.stopped || !self.reasons.is_empty() || !self.outcome.skipped.is_empty() => Some(ScannerStatus::Partial),
            () => None,
        };
        self.outcome.reason = match first.filter(|_| failed) {
            Some(why) => Some(why),
            None if failed => Some(format!("`{}` was stopped", self.tool.program)),
            None => {
                self.reasons.extend(self.notes.into_iter().filter(|_| self.outcome.skipped.is_empty()));
                Some(self.reasons.join("; ")).filter(|text| !text.is_empty())
            }
        };
        self.outcome
    }
}

/// What a tool's output says of an error when its error output says nothing: the message of a JSON object.
pub(super) fn error_in(stdout: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(stdout).ok()?;
    let texts = ["/message", "/error/summary", "/error/message", "/error/detail", "/error", "/errors/0/message"];
    let text = texts.iter().find_map(|at| value.pointer(at)?.as_str().filter(|text| !text.trim().is_empty()))?;
    let line = redact(text.trim()).lines().next().unwrap_or_default().to_owned();
    Some(line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect())
}
