//! The binary `securescan`. A stand-in with the one command that conformance needs: `securescan call <op>`.

use std::io::{Read, Write};

fn main() -> std::process::ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [command, op] = args.as_slice() else { return std::process::ExitCode::from(2) };
    if command != "call" {
        return std::process::ExitCode::from(2);
    }
    let mut request = Vec::new();
    let read = std::io::stdin().read_to_end(&mut request);
    let outcome = read.map_err(|e| securescan_core::Error::io("stdin", &e)).and_then(|_| {
        let text = std::str::from_utf8(&request).map_err(|_| securescan_core::Error::invalid("the request is not UTF-8"))?;
        securescan_core::api::call_json(op, text)
    });
    let (text, exit) = match outcome {
        Ok(text) => (text, 0),
        Err(error) => (format!("{{\"error\":{}}}", securescan_core::api::error_json(&error)), error.kind().row().exit),
    };
    let _ = writeln!(std::io::stdout(), "{text}");
    u8::try_from(exit).unwrap_or(70).into()
}
