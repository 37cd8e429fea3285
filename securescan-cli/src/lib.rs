//! The command line of securescan: argument parsing and terminal manners, nothing else.
//!
//! A library, so that the Python and Node packages run the very same in their process; the binary is a line around [`run`].

mod args;
mod cmd;
mod exit;
mod look;
mod output;
mod progress;
mod service;
mod signals;

use args::{Cli, Command};
use clap::Parser;
use exit::Exit;
use output::Voice;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Runs the command line, the name of the program first. Reads and writes the standard streams; gives the exit code and
/// does not exit, except that a second signal ends the process at once.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(arguments(args)) {
        Ok(cli) => cli,
        // Help and version come this way too, with code 0.
        Err(error) => {
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    let voice = Voice::new(&cli.manners);
    let done = match &cli.command {
        Command::Scan(args) => cmd::scan::run(args, voice),
        Command::Import(args) => cmd::import::run(args, voice),
        Command::Diff(args) => cmd::diff::run(args, voice),
        Command::Compare(args) => cmd::compare::run(args, voice),
        Command::Baseline(args) => cmd::baseline::run(args, voice),
        Command::Init(args) => cmd::init::run(args, voice),
        Command::PreCommit(args) => cmd::pre_commit::run(args, voice),
        Command::Sbom(args) => cmd::sbom::run(args, voice),
        Command::Config(args::ConfigCommand::Validate { path }) => cmd::config::validate(path.as_deref(), voice),
        Command::Publish(args::PublishCommand::Github(args)) => cmd::publish::github(args, voice),
        Command::List { what } => cmd::list::run(*what),
        Command::Explain(args) => cmd::explain::run(args, voice),
        Command::Status => cmd::status::run(),
        Command::Call(args) => cmd::call::run(args),
        Command::Completions { shell } => cmd::completions::run(*shell),
        Command::Serve(args) => cmd::serve::run(args, voice),
        Command::History(args) => cmd::history::run(args, voice),
        Command::Triage(command) => cmd::triage::run(command, voice),
        Command::Keys(command) => cmd::keys::run(command, voice),
        Command::Webhooks(command) => cmd::webhooks::run(command, voice),
    };
    done.unwrap_or_else(|error| {
        voice.error(&error);
        Exit::from(&error)
    })
    .code()
}

/// The arguments; under the name of the hook, those of the command that it is.
fn arguments(given: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut all: Vec<OsString> = given.into_iter().collect();
    let name = all.first().and_then(|program| Path::new(program).file_stem().map(OsStr::to_owned));
    if name.is_some_and(|name| name == "pre-commit-securescan") {
        all.insert(1, "pre-commit".into());
    }
    all
}
