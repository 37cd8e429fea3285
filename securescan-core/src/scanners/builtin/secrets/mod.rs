//! The built-in scanner `secrets`: keys, tokens and passwords in files and, on request, in the whole git history.
//!
//! How a file is looked at:
//! - Text in any encoding; UTF-16 with a byte order mark is transcoded. A NUL in the first 8 KiB means binary: not looked at.
//!   Neither are files whose extension says picture, font, sound, archive or program (`paths`).
//! - Lock files, minified bundles, source maps and the like: only tokens that say what they are (rules of high confidence
//!   without context words).
//! - Tests, examples, documents: generic rules are silent; others report `low` with `likely_false_positive`, unless a
//!   checksum proves the token.
//! - Documentation inside code (docstrings, `/** */`, `///`): as in documents.
//! - Values that are placeholders, variables or code are no finding; the rest of the line is never judged.
//! - Ignore comments of other tools silence generic rules only; on other findings they are noted as `foreign_ignore`.
//! - At most 5000 findings of one file.
//! - Base64 and percent escapes are decoded one level deep.
//!
//! Order of work: `text` → `detect` (prefilter, windows, `assign`, `pem`, `decode`) → `judge` → `report`.

mod allow;
mod assign;
mod custom;
mod decode;
mod detect;
mod docs;
mod frame;
mod goregex;
mod history;
mod judge;
mod names;
mod paths;
mod pem;
pub(in crate::scanners) mod report;
mod rule;
mod rules;
mod stopwords;
mod text;
mod validate;
mod value;

pub use allow::{Allowlist, Target};
pub use custom::{Custom, check, load_custom, parse_rules};
pub use rule::{Detector, RuleSet, RuleSpec};
pub use rules::builtin;

use crate::ErrorKind;
use crate::model::{Finding, ScanType, ScannerStatus};
use crate::scanners::walk::FileEntry;
use crate::scanners::{LooksAt, Outcome, ScanContext, Scanner, ScannerMeta, Skipped};
use rayon::prelude::*;

/// Of one file no more findings are reported: what follows is noise, and the file is listed as not fully looked at.
const MAX_FINDINGS: usize = 5000;

/// The scanner.
#[derive(Debug)]
pub(crate) struct Secrets;

const META: ScannerMeta = ScannerMeta {
    name: "secrets",
    scan_type: ScanType::Code,
    about: "keys, tokens and passwords in files and git history",
    install_hint: None,
    looks_at: LooksAt::Path,
    per_file: true,
    walks: true,
};

impl Scanner for Secrets {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    fn scan(&self, context: &ScanContext<'_>) -> Outcome {
        let custom;
        let rules = if context.request.secret_rules.is_empty() {
            builtin()
        } else {
            match load_custom(&context.request.secret_rules) {
                Ok(extra) => custom = extra.into_set(),
                Err(error) => return Outcome::failed(error.to_string()),
            }
            &custom
        };
        let mut outcome = files(context, rules);
        if let (true, Some(repo)) = (context.request.history, context.repo) {
            match history::scan(context, repo, rules, &outcome.findings) {
                Ok(found) => {
                    outcome.findings.extend(found.findings);
                    outcome.skipped.extend(found.skipped);
                }
                Err(error) if error.kind() == ErrorKind::Cancelled => {}
                Err(error) => {
                    outcome.status = Some(ScannerStatus::Partial);
                    outcome.reason = Some(format!("git history: {error}"));
                }
            }
        }
        outcome
    }
}

/// Looks at the listed files side by side, each read by one thread.
fn files(context: &ScanContext<'_>, rules: &RuleSet) -> Outcome {
    let look = |file: &FileEntry| {
        if context.cancel.should_stop() || paths::kind(&file.path).opaque {
            return Ok(scan_path(&file.path, rules));
        }
        context.read(file).map(|bytes| scan_bytes(&file.path, &bytes, rules))
    };
    let results: Vec<Result<Vec<Finding>, Skipped>> = context.files.par_iter().map(look).collect();
    let mut outcome = Outcome::default();
    for result in results {
        match result {
            Ok(findings) => {
                if findings.len() >= MAX_FINDINGS {
                    let path = findings.first().and_then(|f| f.file_path.clone()).unwrap_or_default();
                    outcome.skipped.push(Skipped { path, why: format!("more than {MAX_FINDINGS} findings") });
                }
                outcome.findings.extend(findings);
            }
            Err(skipped) => outcome.skipped.push(skipped),
        }
    }
    outcome
}

/// Looks at one file. Pure: the same path, bytes and rules give the same findings, in the order they stand.
///
/// Shapes: `path` is relative to the scan root and `/`-separated; findings carry the raw value in [`Finding::secret`] only.
pub fn scan_bytes(path: &str, bytes: &[u8], rules: &RuleSet) -> Vec<Finding> {
    let mut out = scan_path(path, rules);
    let kind = paths::kind(path);
    if kind.opaque {
        return out;
    }
    let Some(text) = text::decode(bytes) else { return out };
    let docs = docs::Docs::new(path);
    let scene = judge::Scene { path, kind, text: &text, rules, docs: &docs, decoded: false };
    let mut hits = judge::resolve(rules, detect::hits(&scene));
    hits.truncate(MAX_FINDINGS);
    out.extend(report::findings(path, &text, rules, hits));
    out
}

/// A text for people with every secret in it masked: for messages that quote what somebody handed in.
pub fn redact(text: &str) -> String {
    masks(text).into_iter().fold(text.to_owned(), |out, (secret, shown)| out.replace(&secret, &shown))
}

/// The secrets in a text, each with what may be shown of it.
pub(crate) fn masks(text: &str) -> Vec<(String, String)> {
    scan_bytes("message", text.as_bytes(), builtin())
        .into_iter()
        .filter_map(|finding| {
            let shown = finding.metadata.extra.get("redacted_match").and_then(|v| v.as_str())?.to_owned();
            Some((finding.secret?.value, shown))
        })
        .collect()
}

/// What the path alone says.
fn scan_path(path: &str, rules: &RuleSet) -> Vec<Finding> {
    detect::path_hits(rules, path).map(|rule| report::path_finding(path, rule, paths::kind(path).demo)).collect()
}
