//! The binary `securescan`: argument parsing and terminal manners, nothing else.

mod args;
mod cmd;
mod exit;
mod look;
mod output;
mod progress;
mod signals;

use args::{Cli, Command};
use clap::Parser;
use exit::Exit;
use output::Voice;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let voice = Voice::new(&cli.manners);
    let done = match &cli.command {
        Command::Scan(args) => cmd::scan::run(args, voice),
        Command::Import(args) => cmd::import::run(args, voice),
        Command::Diff(args) => cmd::diff::run(args, voice),
        Command::Compare(args) => cmd::compare::run(args, voice),
        Command::Baseline(args) => cmd::baseline::run(args, voice),
        Command::Sbom(args) => cmd::sbom::run(args, voice),
        Command::Config(args::ConfigCommand::Validate { path }) => cmd::config::validate(path.as_deref(), voice),
        Command::Publish(args::PublishCommand::Github(args)) => cmd::publish::github(args, voice),
        Command::List { what } => cmd::list::run(*what),
        Command::Explain(args) => cmd::explain::run(args, voice),
        Command::Status => cmd::status::run(),
        Command::Call(args) => cmd::call::run(args),
        Command::Completions { shell } => cmd::completions::run(*shell),
        Command::Serve(args) => cmd::serve::run(args, voice),
    };
    done.unwrap_or_else(|error| {
        voice.error(&error);
        Exit::from(&error)
    })
    .into()
}
