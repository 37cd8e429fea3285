//! The packed form, for surfaces without a JSON reader: one small file per part of a case.
//!
//! `<id>.op` and `<id>.request` are what to ask. `<id>.ok` is the response, byte for byte; or `<id>.err` holds lines
//! `status=<number>` and `<field>=<text>`. `index` lists `run <id>` and `skip <id> <reason>`.

use crate::{Expected, Suite};
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// Writes the suite under a folder, which is emptied first. `status` gives the C status of an error code.
///
/// # Errors
/// What could not be written, or an error code without a status.
pub fn pack(suite: &Suite, into: &Path, status: impl Fn(&str) -> Option<i32>) -> Result<(), String> {
    match std::fs::remove_dir_all(into) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(format!("{}: {e}", into.display())),
        _ => {}
    }
    let write = |name: &str, text: &str| {
        let path = into.join(name);
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, text));
        written.map_err(|e| format!("{}: {e}", path.display()))
    };
    let mut index = String::new();
    for case in &suite.cases {
        if let Some(reason) = suite.skipped(case) {
            let _ = writeln!(index, "skip {} {reason}", case.id);
            continue;
        }
        let _ = writeln!(index, "run {}", case.id);
        write(&format!("{}.op", case.id), &case.op)?;
        write(&format!("{}.request", case.id), &case.request)?;
        match &case.expect {
            Expected::Ok(value) => write(&format!("{}.ok", case.id), &value.to_string())?,
            Expected::Err(fields) => {
                let code = fields.get("code").and_then(Value::as_str).unwrap_or_default();
                let status = status(code).ok_or_else(|| format!("{}: `{code}` is not an error code", case.id))?;
                let mut lines = format!("status={status}\n");
                for (name, value) in fields {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    let _ = writeln!(lines, "{name}={text}");
                }
                write(&format!("{}.err", case.id), &lines)?;
            }
        }
    }
    write("index", &index)
}
