//! `securescan completions`

use crate::args::Cli;
use crate::exit::Exit;
use clap::CommandFactory;
use securescan_core::Result;

pub(crate) fn run(shell: clap_complete::Shell) -> Result<Exit> {
    clap_complete::generate(shell, &mut Cli::command(), "securescan", &mut std::io::stdout());
    Ok(Exit::Ok)
}
