//! `securescan call`: one operation of the engine over JSON, as every other surface offers it.

use crate::args::CallArgs;
use crate::exit::Exit;
use crate::output;
use securescan_core::{Result, api};
use std::io::Write;

/// A request larger than this is refused, in bytes.
const MAX_REQUEST_BYTES: u64 = 1 << 30;

/// Prints the answer, or `{"error":{…}}` with the exit code of the error's kind.
pub(crate) fn run(args: &CallArgs) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    let Some(operation) = args.operation.as_deref().filter(|_| !args.list) else {
        for operation in api::OPERATIONS {
            let _ = writeln!(out, "{:<24} {}", operation.name, operation.about);
        }
        return Ok(Exit::Ok);
    };
    match output::read_stdin(MAX_REQUEST_BYTES).and_then(|request| api::call_json(operation, &request)) {
        Ok(answer) => {
            let _ = writeln!(out, "{answer}");
            Ok(Exit::Ok)
        }
        Err(error) => {
            let _ = writeln!(out, "{{\"error\":{}}}", api::error_json(&error));
            Ok(Exit::from(&error))
        }
    }
}
