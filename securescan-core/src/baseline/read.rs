//! Reads a baseline file: ours, SecureScan for Python's, a snapshot, or a bare array. Writing is in the parent module.
//!
//! Tolerant inside an entry, strict about the file: a baseline that cannot be what was meant must not pass for an empty
//! one.

use super::{Baseline, Entry, VERSION};
use crate::model::SNAPSHOT_SCHEMA;
use crate::{Error, ErrorKind, Result};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

const REFRESH: &str = "update securescan, or write the baseline anew with `securescan baseline`";

impl Baseline {
    /// Reads a baseline. Accepts an object with a `findings` array (other keys ignored) or the bare array. Entries that
    /// are no objects or have no fingerprint are skipped; a byte-order mark is skipped.
    ///
    /// # Errors
    /// `baseline`, with line and column where known: not UTF-8, not JSON, no list of findings in it, or written by a
    /// newer version.
    pub fn parse(bytes: &[u8], file: &str) -> Result<Self> {
        let wrong = |message: &str| Error::new(ErrorKind::Baseline, message).in_file(file);
        let unreadable = |e: serde_json::Error| {
            let full = e.to_string();
            let message = full.rsplit_once(" at line ").map_or(full.as_str(), |(message, _)| message);
            wrong(&format!("the baseline is not readable: {message}")).at(e.line() as u64, e.column() as u64).hint(REFRESH)
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = simdutf8::compat::from_utf8(bytes)
            .map_err(|e| wrong("the baseline is not UTF-8").at_byte(e.valid_up_to() as u64).hint(REFRESH))?;
        let start = text.trim_start().chars().next();
        let document = match start {
            Some('[') => Document { findings: Some(serde_json::from_str(text).map_err(unreadable)?), ..Document::default() },
            Some('{') => serde_json::from_str(text).map_err(unreadable)?,
            _ => serde_json::from_str::<Value>(text).map(|_| Document::default()).map_err(unreadable)?,
        };
        document.check().map_err(|message| wrong(&message).hint(REFRESH))?;
        let no_list =
            || wrong("this is not a baseline: it has no `findings` list").hint("name the file that `securescan baseline` wrote");
        let list = document.findings.filter(|raw| raw.get().starts_with('[')).ok_or_else(no_list)?;
        let items: Vec<Item> =
            serde_json::from_str(list.get()).map_err(|e| wrong(&format!("the baseline is not readable: {e}")).hint(REFRESH))?;
        Ok(Self {
            entries: items.into_iter().filter_map(|item| item.0).collect(),
            generated_by: document.generated_by.and_then(text_of).unwrap_or_else(|| "securescan".to_owned()),
            scan_types: scan_types(document.scan_types),
            target_path: document.target_path.and_then(text_of).unwrap_or_default(),
        })
    }
}

/// The top level; what is not needed is not looked at.
#[derive(Default, Deserialize)]
struct Document<'a> {
    #[serde(borrow, default)]
    findings: Option<&'a RawValue>,
    #[serde(default)]
    version: Option<Value>,
    #[serde(default)]
    schema: Option<Value>,
    #[serde(default)]
    generated_by: Option<Value>,
    #[serde(default)]
    scan_types: Option<Value>,
    #[serde(default)]
    target_path: Option<Value>,
}

impl Document<'_> {
    /// Refuses what a newer program wrote: it may mean something else by the same keys.
    fn check(&self) -> Result<(), String> {
        if let Some(version) = self.version.as_ref().and_then(Value::as_f64).filter(|version| *version > VERSION as f64) {
            return Err(format!("the baseline has version {version}, and this program reads up to version {VERSION}"));
        }
        if let Some(schema) = self.schema.as_ref().and_then(Value::as_str).filter(|schema| *schema != SNAPSHOT_SCHEMA) {
            let schema: String = schema.chars().take(60).collect();
            return Err(format!("the schema `{schema}` is not known to this program"));
        }
        Ok(())
    }
}

/// One element of the list: an entry, or nothing that can be matched.
struct Item(Option<Entry>);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(entry(Value::deserialize(d)?)))
    }
}

fn entry(value: Value) -> Option<Entry> {
    let Value::Object(mut object) = value else { return None };
    let mut text = |key: &str| object.remove(key).and_then(text_of);
    let fingerprint = text("fingerprint").filter(|fingerprint| !fingerprint.is_empty())?;
    let (cwe, file_path, rule_id, scanner, title) =
        (text("cwe"), text("file_path"), text("rule_id"), text("scanner"), text("title"));
    let scan_type = text("scan_type").and_then(|word| word.parse().ok());
    let severity = text("severity").and_then(|word| word.parse().ok());
    let line = object.get("line_start").or_else(|| object.get("line")).and_then(Value::as_f64);
    let line_start = line.filter(|n| (0.0..=f64::from(u32::MAX)).contains(n)).map(|n| n as u32);
    Some(Entry { cwe, file_path, fingerprint, line_start, rule_id, scan_type, scanner, severity, title })
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn scan_types(value: Option<Value>) -> Vec<crate::ScanType> {
    let Some(Value::Array(items)) = value else { return Vec::new() };
    items.iter().filter_map(|item| item.as_str()?.parse().ok()).collect()
}
