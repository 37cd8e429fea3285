//! One file, one command.

pub(crate) mod baseline;
pub(crate) mod call;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod pre_commit;
pub(crate) mod publish;
pub(crate) mod sbom;
pub(crate) mod scan;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod triage;
pub(crate) mod webhooks;

use securescan_core::{Error, Result};

/// Something of the user's that becomes one part of a path of the API: an id or a fingerprint.
///
/// # Errors
/// `invalid_argument` for anything else.
fn part(text: &str) -> Result<&str> {
    let fits = !text.is_empty() && text.len() <= 200 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    match fits && text.bytes().any(|b| b != b'.') {
        true => Ok(text),
        false => Err(Error::invalid(format!("`{text}` is no id")).hint("copy it whole from the list")),
    }
}
