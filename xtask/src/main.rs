//! The repository's own tool: `cargo xtask <command>`.
//!
//! What belongs here: checking, generating and packing what the repository holds. What does not: anything a user runs.

mod abi;
mod bench;
mod check;
mod codegen;
mod conformance;
mod counts;
mod install;
mod report;
mod setup;
mod shell;
mod steps;
mod stubs;
mod surface;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <command>

  check [step…]      everything CI runs, in order, or the named steps alone
  test [step…]       the same
  bench-compare […]  whole-process figures beside the peers (docs/benchmarks.md)
  codegen            write the generated files (C header and abi.txt, stub of the Python package)
  conformance pack   write target/conformance, the cases for surfaces without a JSON reader
  install-c PREFIX   build the C library and install it with headers, pkg-config and CMake files
  setup              make target/venv with what the Python checks need
  tidy               the checks of the tree alone
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["check" | "test" | "ci", steps @ ..] => check::run(steps),
        ["bench-compare", rest @ ..] => bench::compare(rest),
        ["codegen"] => said(codegen::write()),
        ["conformance", "pack"] => said(conformance::pack()),
        ["install-c", prefix] => said(install::c(std::path::Path::new(prefix), true)),
        ["setup"] => said(setup::venv().map(|python| format!("ready: {}", python.display()))),
        ["tidy"] => said(tidy::run()),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn said(outcome: Result<String, String>) -> ExitCode {
    match outcome {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(text) => {
            eprintln!("error: {text}");
            ExitCode::FAILURE
        }
    }
}
