//! The JSON facade every surface binds to: canonical JSON text in, canonical JSON text out.
//!
//! A stand-in with two operations, so that the surfaces can be built and checked before the operations are.

use crate::{Error, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// One operation of the facade.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Its name on every surface.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    run: fn(&Value) -> Result<Value>,
}

/// Every operation, in alphabetical order.
pub const OPERATIONS: &[Operation] = &[
    Operation { name: "fingerprint", about: "The fingerprint of a finding.", run: fingerprint },
    Operation { name: "version", about: "The version of the engine.", run: |_| Ok(json!({"version": crate::VERSION})) },
];

/// Runs an operation. Shapes: the request is a JSON object, the response canonical JSON (sorted keys, no final newline).
///
/// # Errors
/// `invalid_argument` for an unknown operation or a malformed request; otherwise whatever the operation says.
pub fn call_json(op: &str, request: &str) -> Result<String> {
    let Some(operation) = OPERATIONS.iter().find(|o| o.name == op) else {
        let op: String = op.chars().take(60).collect();
        return Err(Error::invalid(format!("unknown operation `{op}`")));
    };
    let request: Value = serde_json::from_str(request)
        .map_err(|e| Error::invalid(format!("the request is not JSON: {e}")).at(e.line() as u64, e.column() as u64))?;
    if !request.is_object() {
        return Err(Error::invalid("the request is not a JSON object"));
    }
    Ok((operation.run)(&request)?.to_string())
}

/// An error as canonical JSON: `code`, `message` and, where known, `file`, `line`, `column`, `byte`, `hint`.
pub fn error_json(error: &Error) -> String {
    let mut out = json!({"code": error.code(), "message": error.message()});
    let optional = [
        ("file", error.file().map(Value::from)),
        ("line", error.line().map(Value::from)),
        ("column", error.column().map(Value::from)),
        ("byte", error.byte().map(Value::from)),
        ("hint", error.remedy().map(Value::from)),
    ];
    if let Some(map) = out.as_object_mut() {
        map.extend(optional.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?))));
    }
    out.to_string()
}

fn fingerprint(request: &Value) -> Result<Value> {
    match request.get("scheme").map(Value::as_str) {
        None | Some(Some("v1" | "v2")) => {}
        _ => return Err(Error::invalid("unknown scheme").hint("choose one of: v1, v2")),
    }
    let Some(finding) = request.get("finding").and_then(Value::as_object) else {
        return Err(Error::invalid("`finding` is missing or not an object"));
    };
    let field = |name: &str| match finding.get(name) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => Err(Error::invalid(format!("`finding.{name}` is not a text"))),
    };
    let recipe = format!("{}|{}|{}||{}", field("scanner")?, field("rule_id")?, field("file_path")?, field("cwe")?);
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(recipe.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(json!({"fingerprint": hex}))
}
