//! The conformance suite over `securescan call <op>`: request on standard input, answer on standard output.
#![expect(clippy::unwrap_used, reason = "a helper of tests may fail the test it helps")]

use securescan_conformance::{Case, Suite, Tally, folder, judge};
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn call(op: &str, request: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_securescan"))
        .args(["call", op])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may refuse before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(request.as_bytes());
    child.wait_with_output().unwrap()
}

/// Success: exit 0 and the response alone. Failure: the exit code of the error's kind and `{"error":{…}}`.
fn run(case: &Case) -> Result<(), String> {
    let output = call(&case.op, &case.request);
    let text = String::from_utf8(output.stdout).map_err(|_| format!("{}: not UTF-8", case.id))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    if output.status.code() == Some(0) {
        return judge(case, Ok(text));
    }
    let document: Value = serde_json::from_str(text).map_err(|e| format!("{}: no error document: {e}: {text}", case.id))?;
    let error = document.get("error").ok_or_else(|| format!("{}: no `error` in {text}", case.id))?;
    let code = error.get("code").and_then(Value::as_str).unwrap_or_default();
    let row = securescan_core::error::ERRORS.iter().find(|row| row.code == code);
    if row.map(|row| row.exit) != output.status.code() {
        return Err(format!("{}: `{code}` must not exit with {}", case.id, output.status));
    }
    judge(case, Err(&error.to_string()))
}

#[test]
fn every_case_holds() {
    let suite = Suite::read(&folder()).unwrap();
    let tally = Tally::run(&suite, run);
    print!("{}", tally.report("cli"));
    assert!(tally.failures.is_empty(), "\n{}", tally.failures.join("\n"));
}
