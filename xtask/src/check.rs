//! Everything CI runs, in order. One step is one line of [`STEPS`] and one function under `steps/`.

use crate::conformance::Surfaces;
use crate::report::{Line, Outcome, summary};
use crate::shell::Failure;
use crate::{codegen, counts, steps, tidy};
use std::process::ExitCode;
use std::time::Instant;

/// What a step gives: everything its programs said, or a reason to skip.
#[derive(Debug)]
pub(crate) enum Done {
    /// It ran; the tests in its output are counted.
    Ran(String),
    /// It could not run here, and that is no failure.
    Skipped(String),
}

pub(crate) type StepResult = Result<Done, Failure>;

type Step = (&'static str, fn(&Surfaces) -> StepResult);

const STEPS: &[Step] = &[
    ("fmt", |_| steps::rust::fmt()),
    ("tidy", |_| Ok(Done::Ran(tidy::run()?))),
    ("codegen", |_| Ok(Done::Ran(codegen::check()?))),
    ("clippy", |_| steps::rust::clippy()),
    ("test", |_| steps::rust::test()),
    ("tools", |_| steps::tools::check()),
    ("doctest", |_| steps::rust::doctest()),
    ("bare-core", |_| steps::rust::bare_core()),
    ("docs", |_| steps::rust::docs()),
    ("deny", |_| steps::rust::deny()),
    ("rust-conformance", |_| steps::rust::conformance()),
    ("schemas", |_| steps::schemas::check()),
    ("sbom", |_| steps::sbom::check()),
    ("html", |_| steps::html::check()),
    ("deploy", |_| steps::deploy::check()),
    ("api", |_| steps::api::check()),
    ("c", |_| steps::c::check()),
    ("node", |_| steps::node::check()),
    ("python", |_| steps::python::check()),
    ("sdist", |_| steps::wheel::sdist()),
    ("uniffi", |_| steps::uniffi::check()),
    ("conformance", |surfaces| Ok(Done::Ran(surfaces.compare()?))),
];

/// Runs the named steps, or all of them; a failure does not stop the others.
pub(crate) fn run(only: &[&str]) -> ExitCode {
    if let Some(unknown) = only.iter().find(|name| !STEPS.iter().any(|(step, _)| step == *name)) {
        let known: Vec<_> = STEPS.iter().map(|(name, _)| *name).collect();
        eprintln!("error: no step `{unknown}`; choose from: {}", known.join(", "));
        return ExitCode::from(2);
    }
    let mut lines = Vec::new();
    let mut surfaces = Surfaces::default();
    for (name, step) in STEPS.iter().filter(|(name, _)| only.is_empty() || only.contains(name)) {
        println!("\n== {name}");
        let started = Instant::now();
        let (outcome, output) = match step(&surfaces) {
            Ok(Done::Ran(output)) => (Outcome::Passed, output),
            Ok(Done::Skipped(why)) => (Outcome::Skipped(why), String::new()),
            Err(failure) => (Outcome::Failed(failure.why), failure.output),
        };
        surfaces.read(&output);
        let skipped = counts::reasons(&output);
        let line = Line { name, outcome, counts: counts::read(&output), skipped, time: started.elapsed() };
        println!("-- {name}: {:?}, {:.1} s", line.outcome, line.time.as_secs_f64());
        lines.push(line);
    }
    println!("{}", summary(&lines));
    if lines.iter().any(|line| matches!(line.outcome, Outcome::Failed(_))) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
