//! Drivers of other people's tools: how to find one, what to call it with, which exit codes mean success, and which
//! [`ingest`](crate::ingest) format reads its report. One tool is one file and one line in the registry.
//!
//! ZAP is a daemon rather than a program that is run, and shares nothing of this but the place.
//!
//! What belongs here: building arguments and judging how a run ended. What does not: starting processes (`process.rs`) and
//! reading reports (`ingest/`). A tool that fails is a failed scanner with the tool's own words, never a finding, and never
//! silently clean.
//!
//! The scanned folder is hostile. No tool runs in it or takes configuration from it: each gets an empty working folder and an
//! empty home, and its configuration is ours. Where a tool can only be told by the scanned folder itself what to leave out,
//! the coverage says so.

pub(crate) mod bandit;
pub(crate) mod checkov;
mod environment;
mod find;
pub(crate) mod gitleaks;
pub(crate) mod nmap;
pub(crate) mod npm_audit;
mod place;
mod report;
pub(crate) mod safety;
pub(crate) mod semgrep;
mod setup;
pub(crate) mod trivy;
pub(super) mod zap;

use super::process::{self, Output, Run};
use super::{Outcome, Probe, ScanContext, ScanRequest, Scanner, ScannerMeta};
use crate::ErrorKind;
use crate::ingest::{self, IngestOptions};
use crate::model::ScanResult;
use place::Paths;
use report::Report;
use setup::Setup;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Wall-clock limit of a tool that looks at the whole target.
const WHOLE: Duration = Duration::from_secs(300);

/// Wall-clock limit of a tool that looks at one file of many.
const ONE_FILE: Duration = Duration::from_secs(120);

/// Everything that makes a tool a scanner.
pub(crate) struct Tool {
    /// The scanner's name, by which a request names the tool's path.
    name: &'static str,
    /// What the scanner is.
    meta: &'static ScannerMeta,
    /// The program's file name.
    program: &'static str,
    /// Whether its report tells its version, so that a scan need not ask for it.
    tells_version: bool,
    /// Limit of the whole run when the request sets none.
    timeout: Option<Duration>,
    /// Exit codes after which there is a report.
    success: &'static [i32],
    /// The [`ingest`](crate::ingest) format of its report.
    format: &'static str,
    /// The part of its standard output that is the report.
    body: fn(&[u8]) -> Result<&[u8], String>,
    /// What the paths in its report are relative to.
    paths: Paths,
    /// Why it cannot do what is asked although it is installed.
    lacks: fn(&ScanRequest) -> Option<String>,
    /// What to run.
    plan: fn(&Setup<'_>) -> Result<Plan, No>,
    /// What else its findings depend on, beside the program, its version and the files; `None`: on more than can be said.
    rests_on: fn(&ScanRequest) -> Option<String>,
}

/// What to run, in order.
#[derive(Default)]
struct Plan {
    steps: Vec<Step>,
    /// What people should know of the run although it may go well.
    notes: Vec<String>,
}

/// One run of a tool.
#[derive(Default)]
struct Step {
    args: Vec<OsString>,
    env: Vec<(&'static str, OsString)>,
    /// Working folder; `None`: an empty one.
    cwd: Option<PathBuf>,
    /// The one file it looks at, relative to the root; `None`: the target as a whole, or a part of it without a name.
    subject: Option<String>,
    /// Limit of this run alone.
    timeout: Option<Duration>,
    /// Why it cannot be made after all, which is then what it gives.
    impossible: Option<String>,
}

/// Why nothing is run.
#[derive(Debug)]
enum No {
    /// There is nothing in the target for this tool.
    Nothing(String),
    /// What is asked for cannot be done.
    Failed(String),
}

impl No {
    fn why(self) -> String {
        let (Self::Nothing(why) | Self::Failed(why)) = self;
        why
    }
}

impl Tool {
    /// What every tool starts from.
    const fn new(meta: &'static ScannerMeta, plan: fn(&Setup<'_>) -> Result<Plan, No>) -> Self {
        Self {
            name: meta.name,
            meta,
            program: meta.name,
            tells_version: false,
            timeout: Some(WHOLE),
            success: &[0],
            format: meta.name,
            body: |stdout| Ok(stdout),
            paths: Paths::FromRoot,
            lacks: |_| None,
            plan,
            rests_on: |_| None,
        }
    }

    /// Whether this tool can do what is asked, and where it is.
    fn locate(&self, request: &ScanRequest) -> Result<PathBuf, String> {
        let path = find::find(self, request)?;
        (self.lacks)(request).map_or(Ok(path), Err)
    }

    /// What tells one installation from another: where it is, its version, and the size of its program. A version alone does not name the
    /// plugins beside it.
    fn installation(&self, request: &ScanRequest) -> Option<String> {
        let path = self.locate(request).ok()?;
        let version = find::version(self, &path, environment::of(request, &path)).ok()??;
        let size = std::fs::metadata(&path).ok()?.len();
        Some(format!("{} {version} {size}", path.display()))
    }

    /// Runs all that was planned and puts the reports together.
    fn run(&self, context: &ScanContext<'_>) -> Outcome {
        let program = match self.locate(context.request) {
            Ok(program) => program,
            Err(why) => return Outcome::skipped(why),
        };
        let setup = match Setup::new(self, context, &program) {
            Ok(setup) => setup,
            Err(why) => return Outcome::failed(why),
        };
        let plan = match (self.plan)(&setup) {
            Ok(plan) => plan,
            Err(No::Nothing(why)) => return Outcome::not_applicable(why),
            Err(No::Failed(why)) => return Outcome::failed(why),
        };
        let single = plan.steps.len() == 1;
        let mut report = Report::new(self, &setup, plan.notes);
        for step in plan.steps {
            if context.cancel.should_stop() {
                report.stopped();
                break;
            }
            let subject = step.subject.clone();
            match self.step(&setup, step) {
                Ok(result) => report.add(result, subject),
                Err(why) => report.fail(why, subject),
            }
        }
        report.finish(single)
    }

    /// Runs one step and reads its report.
    fn step(&self, setup: &Setup<'_>, step: Step) -> Result<ScanResult, String> {
        if let Some(why) = step.impossible {
            return Err(why);
        }
        let limit = step.timeout;
        let cancel = setup.context.cancel.with_timeout(limit);
        let spec = Run {
            program: setup.program,
            args: step.args,
            cwd: step.cwd.unwrap_or_else(|| setup.empty()),
            stdin: Vec::new(),
            env: setup.env.iter().cloned().chain(step.env).collect(),
            home: Some(setup.home()),
            max_stdout: process::MAX_STDOUT,
            grace: process::GRACE,
            watched: true,
            cancel,
        };
        let output = process::run(spec).map_err(|error| match (error.kind(), limit) {
            (ErrorKind::Cancelled, Some(limit)) if !setup.context.cancel.should_stop() => {
                format!("stopped after the time limit of {} s", limit.as_secs_f64())
            }
            _ => error.message().to_owned(),
        })?;
        self.read(&output)
    }

    /// Judges how a run ended and reads what it reported.
    fn read(&self, output: &Output) -> Result<ScanResult, String> {
        if !output.code.is_some_and(|code| self.success.contains(&code)) {
            return Err(self.failure(output));
        }
        if output.stdout.trim_ascii().is_empty() {
            let said = output.said().map(|said| format!("; it said: {said}")).unwrap_or_default();
            return Err(format!("`{}` wrote nothing{said}", self.program));
        }
        let body = (self.body)(&output.stdout)?;
        ingest::parse(body, Some(self.format), &IngestOptions::default())
            .map_err(|error| format!("the report of `{}` could not be read: {error}", self.program))
    }

    fn failure(&self, output: &Output) -> String {
        let how = match output.code {
            Some(code) => format!("ended with exit code {code}"),
            None => "was killed by a signal".to_owned(),
        };
        let said = output.said().or_else(|| report::error_in(&output.stdout));
        format!("`{}` {how}: {}", self.program, said.as_deref().unwrap_or("no message"))
    }
}

impl Scanner for Tool {
    fn meta(&self) -> &'static ScannerMeta {
        self.meta
    }

    fn absent(&self, request: &ScanRequest) -> Option<Probe> {
        self.locate(request).err().map(Probe::missing)
    }

    fn probe(&self, request: &ScanRequest) -> Probe {
        let path = match self.locate(request) {
            Ok(path) => path,
            Err(why) => return Probe::missing(why),
        };
        let scans = !request.target.as_os_str().is_empty() || request.target_host.is_some();
        if scans && self.tells_version {
            return Probe::ready(None);
        }
        match find::version(self, &path, environment::of(request, &path)) {
            Ok(version) => Probe::ready(version),
            Err(why) => Probe::unusable(why),
        }
    }

    fn default_timeout(&self) -> Option<Duration> {
        self.timeout
    }

    fn depends_on(&self, request: &ScanRequest) -> Option<String> {
        let rest = (self.rests_on)(request)?;
        Some(format!("{} {rest}", self.installation(request)?))
    }

    fn scan(&self, context: &ScanContext<'_>) -> Outcome {
        self.run(context)
    }
}

/// `--name=value` as one argument: a value can never be taken for an option.
fn option(name: &str, value: impl AsRef<Path>) -> OsString {
    let mut out = OsString::from(name);
    out.push("=");
    out.push(value.as_ref());
    out
}

/// Arguments from words.
fn args(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}
