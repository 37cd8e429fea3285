//! `report-html` through a parser of the HTML standard: what the command line writes of the sample project.

use crate::check::{Done, StepResult};
use crate::setup::venv;
use crate::shell::{cargo, command, run, target};

pub(crate) fn check() -> StepResult {
    let python = venv()?;
    let written = target().join("weak-shop.html");
    let mut scan = cargo();
    scan.args([
        "run",
        "--quiet",
        "--",
        "scan",
        "--offline",
        "examples/weak-shop",
        "--show-suppressed",
        "--output",
        "report-html",
        "--output-file",
    ]);
    run(scan.arg(&written))?;
    let mut validate = command(&python);
    validate.arg("securescan-core/tests/report_html.py").arg(&written);
    validate.args(
        ["empty", "hostile", "typical"].map(|name| format!("securescan-core/tests/snapshots/render__report-html-{name}.snap")),
    );
    Ok(Done::Ran(run(&mut validate)?))
}
