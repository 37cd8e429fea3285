//! The command line, in this process.

use crate::errors::guard;
use napi_derive::napi;
use std::ffi::OsString;

/// Runs the command line with arguments (without the program's name); gives the exit code. Reads and writes the standard
/// streams itself.
#[napi]
pub fn run_cli(args: Vec<String>) -> napi::Result<u8> {
    let program = std::iter::once(OsString::from("securescan"));
    guard(|| Ok(securescan_cli::run(program.chain(exact(args)))))
}

/// The arguments of this process itself where they are the same ones: JavaScript cannot hold a file name that is not UTF-8.
fn exact(args: Vec<String>) -> Vec<OsString> {
    let own: Vec<OsString> = std::env::args_os().collect();
    match own.len().checked_sub(args.len()).and_then(|start| own.get(start..)) {
        Some(tail) if tail.iter().zip(&args).all(|(own, arg)| own.to_string_lossy() == **arg) => tail.to_vec(),
        _ => args.into_iter().map(OsString::from).collect(),
    }
}
