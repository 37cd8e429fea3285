//! Identity: fingerprints that survive what does not matter (indentation, comments, moved lines, another folder) and change with
//! what does (a renamed variable, another file, another secret).
//!
//! The recipe is one: `hex(sha256(scanner | rule_id | path | context | cwe))`. The schemes differ in *path* and *context*.
//!
//! # Source
//! `v1`: SecureScan 0.11 for Python. `v2`: the identity specification, scheme v2.

mod context;
mod language;
mod lexer;
mod occurrence;
mod region;
pub mod v1;
mod v2;

pub(crate) use context::purl_name;
pub use occurrence::number;

use crate::model::Finding;
use crate::source::{LineIndex, Sources};
use crate::{Error, Result};
use region::Region;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::str::FromStr;

/// How a fingerprint is made. Both stay for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scheme {
    /// Byte-compatible with SecureScan 0.11 for Python.
    V1,
    /// The default.
    #[default]
    V2,
}

impl Scheme {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

impl FromStr for Scheme {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "v1" => Ok(Self::V1),
            "v2" => Ok(Self::V2),
            _ => Err(Error::invalid(format!("unknown scheme `{}`", word.chars().take(60).collect::<String>()))
                .hint("choose one of: v1, v2")),
        }
    }
}

/// The fingerprint of a finding from its own fields, its snippet included; no source is read. 64 lower-case hex digits.
pub fn fingerprint(finding: &Finding, scheme: Scheme) -> String {
    match scheme {
        Scheme::V1 => v1::fingerprint(finding, &v1::context(finding.metadata.line_snippet.as_deref().unwrap_or_default())),
        Scheme::V2 => v2::fingerprint(finding, &context::of(finding, None)),
    }
}

/// What a fingerprint is made of, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The reporting scanner.
    pub scanner: String,
    /// The rule; empty without one.
    pub rule_id: String,
    /// The normalised path; empty without one.
    pub file_path: String,
    /// What tells findings of one rule in one file apart.
    pub context: String,
    /// The weakness; empty without one.
    pub cwe: String,
    /// What these give.
    pub fingerprint: String,
}

/// What the v2 fingerprint of a finding is made of, its source line read when it can be. A secret must still be in the
/// finding: without its value a line that holds one would be shown.
pub fn inputs(finding: &Finding, sources: &dyn Sources) -> Inputs {
    let path = finding.file_path.as_deref().filter(|_| finding.line.is_some() && context::wants_source(finding));
    let text = path.and_then(|path| sources.read(path));
    let region = text.as_deref().and_then(|text| Region::of(finding, &LineIndex::new(text)));
    let context = context::of(finding, region.as_ref());
    Inputs {
        scanner: finding.scanner.clone(),
        rule_id: finding.rule_id.clone().unwrap_or_default(),
        file_path: finding.file_path.as_deref().map(|p| crate::path::normalize(p, None)).unwrap_or_default(),
        cwe: finding.cwe.clone().unwrap_or_default(),
        fingerprint: v2::fingerprint(finding, &context),
        context,
    }
}

/// A snippet as identity sees it. `path` chooses the language for v2; without one, only `"…"` is a string and nothing a comment.
pub fn normalized_line_context(snippet: &str, scheme: Scheme, path: Option<&str>) -> String {
    match scheme {
        Scheme::V1 => v1::context(snippet),
        Scheme::V2 => region::normalize_text(snippet, path),
    }
}

/// The v1 fingerprint with an empty context: what the Python scanners really wrote.
pub fn legacy_empty_fingerprint(finding: &Finding) -> String {
    v1::fingerprint(finding, "")
}

/// Gives every finding without a fingerprint its v2 fingerprint and, where the source or a snippet is at hand, its v1 one.
/// Each source file is read once. The raw secret and the snippet are taken out of every finding, identified or not.
pub fn identify(findings: &mut [Finding], sources: &dyn Sources) {
    let mut by_file: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    let mut alone = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        match finding.file_path.as_deref() {
            _ if !finding.fingerprint.is_empty() => alone.push(index),
            Some(path) if finding.line.is_some() && context::wants_source(finding) => {
                by_file.entry(path).or_default().push(index)
            }
            _ => alone.push(index),
        }
    }
    // Order of files is of no consequence: each finding gets what its own fields and its own file say.
    let mut done: Vec<(usize, Identity)> = Vec::with_capacity(findings.len());
    for (path, mut indexes) in by_file {
        let Some(text) = sources.read(path) else {
            alone.extend(indexes);
            continue;
        };
        let lines = LineIndex::new(&text);
        let place = |index: usize| findings.get(index).map(|f| (f.line, f.end_line, f.secret.is_some()));
        indexes.sort_by_key(|index| place(*index));
        // Many findings on one line share the reading of it.
        let mut last: Option<(usize, Option<Region>)> = None;
        for index in indexes {
            let Some(finding) = findings.get(index) else { continue };
            if last.as_ref().is_none_or(|(other, _)| place(*other) != place(index)) {
                last = Some((index, Region::of(finding, &lines)));
            }
            done.push((index, Identity::of(finding, last.as_ref().and_then(|(_, region)| region.as_ref()))));
        }
    }
    alone.sort_unstable();
    for index in alone {
        if let Some(finding) = findings.get(index).filter(|f| f.fingerprint.is_empty()) {
            done.push((index, Identity::of(finding, None)));
        }
    }
    for (index, identity) in done {
        if let Some(finding) = findings.get_mut(index) {
            finding.fingerprint = identity.fingerprint;
            finding.legacy_fingerprint = identity.legacy;
        }
    }
    for finding in findings {
        finding.secret = None;
        finding.metadata.line_snippet = None;
    }
}

struct Identity {
    fingerprint: String,
    legacy: Option<String>,
}

impl Identity {
    fn of(finding: &Finding, region: Option<&Region>) -> Self {
        let fingerprint = v2::fingerprint(finding, &context::of(finding, region));
        let context = match region {
            // v1 would hash the line as it is, and the hash of a line with a short secret can be guessed.
            _ if finding.secret.is_some() => None,
            Some(region) => Some(region.v1_context()),
            None => context::snippet(finding).map(v1::context).map(Cow::Owned),
        };
        Self { fingerprint, legacy: context.map(|context| v1::fingerprint(finding, &context)) }
    }
}

/// `sha256` as 64 lower-case hex digits.
fn hex_digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes as lower-case hex digits.
fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 * bytes.len());
    push_hex(&mut out, bytes);
    out
}

/// Writes bytes as lower-case hex digits.
fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for four in bytes.chunks(4) {
        let mut digits = [b'0'; 8];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(four) {
            let [high, low] = [byte >> 4, byte & 15].map(|nibble| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0'));
            pair.copy_from_slice(&[high, low]);
        }
        out.push_str(digits.get(..2 * four.len()).and_then(|digits| str::from_utf8(digits).ok()).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
