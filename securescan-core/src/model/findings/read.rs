//! Reading the documents findings come in: a bare array, a snapshot, any object with `findings`.

use super::{Findings, SNAPSHOT_SCHEMA};
use crate::model::{Finding, ScanResult, ScannerRun};
use crate::{Error, ErrorKind, Result};
use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::cell::Cell;

impl Findings {
    /// Reads a bare array of findings, a snapshot, or any object with a `findings` array. A leading byte order mark is
    /// skipped; unknown keys are ignored.
    ///
    /// # Errors
    /// `parse` with line and column, and the index of the item, when the text is not that (with the byte offset when it
    /// ends too early); `unsupported` for a snapshot of a newer schema.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_json_limited(text, usize::MAX)
    }

    /// [`Findings::from_json`] that reads at most so many findings.
    ///
    /// # Errors
    /// Also `limit`, when there are more.
    pub fn from_json_limited(text: &str, max_findings: usize) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let progress = Progress { index: Cell::new(None), over: Cell::new(false), max: max_findings };
        let mut json = serde_json::Deserializer::from_str(text);
        let read = DocumentSeed(&progress).deserialize(&mut json).and_then(|document| json.end().map(|()| document));
        let document = read.map_err(|e| progress.error(&e, text))?;
        if let Some(schema) = document.schema.as_deref()
            && schema != SNAPSHOT_SCHEMA
        {
            let schema: String = schema.chars().take(60).collect();
            return Err(Error::new(ErrorKind::Unsupported, format!("snapshot schema `{schema}` is not known"))
                .hint(format!("this version reads `{SNAPSHOT_SCHEMA}`")));
        }
        Ok(Self::from_result(ScanResult {
            target: document.target.unwrap_or_default(),
            scanners: document.scanners,
            findings: document.findings,
        }))
    }
}

/// Where the reader is, so that an error can name the item.
struct Progress {
    index: Cell<Option<usize>>,
    over: Cell<bool>,
    max: usize,
}

impl Progress {
    fn error(&self, error: &serde_json::Error, text: &str) -> Error {
        let index = self.index.get();
        if self.over.get() {
            return Error::new(ErrorKind::Limit, format!("more than {} findings", self.max));
        }
        if error.is_eof() {
            let inside = index.map(|index| format!(" inside finding {index}")).unwrap_or_default();
            let what = if text.trim_ascii().is_empty() { "the document is empty" } else { "the document ends too early" };
            return Error::parse(format!("{what}{inside}")).at_byte(text.len() as u64);
        }
        let (line, column) = (error.line(), error.column());
        let message = error.to_string();
        let message = message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message);
        let message = match index {
            Some(index) => format!("finding {index}: {message}"),
            None => format!("not a list of findings or a snapshot: {message}"),
        };
        Error::parse(message).at(line as u64, column as u64)
    }
}

#[derive(Default)]
struct Document {
    schema: Option<String>,
    target: Option<String>,
    scanners: Vec<ScannerRun>,
    findings: Vec<Finding>,
}

/// Reads the whole document: an array, or an object with `findings`.
struct DocumentSeed<'p>(&'p Progress);

impl<'de> DeserializeSeed<'de> for DocumentSeed<'_> {
    type Value = Document;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Document, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DocumentSeed<'_> {
    type Value = Document;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of findings or an object with `findings`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Document, A::Error> {
        Ok(Document { findings: FindingsSeed(self.0).visit_seq(seq)?, ..Document::default() })
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
        use serde::de::Error as _;
        let mut document = Document::default();
        let mut findings = None;
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Schema => document.schema = map.next_value()?,
                Key::Target => document.target = map.next_value()?,
                Key::Scanners => document.scanners = map.next_value::<Option<_>>()?.unwrap_or_default(),
                Key::Findings if findings.is_some() => return Err(A::Error::duplicate_field("findings")),
                Key::Findings => findings = Some(map.next_value_seed(FindingsSeed(self.0))?),
                Key::Other => drop(map.next_value::<serde::de::IgnoredAny>()?),
            }
        }
        document.findings = findings.ok_or_else(|| A::Error::missing_field("findings"))?;
        Ok(document)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Key {
    Schema,
    Target,
    Scanners,
    Findings,
    #[serde(other)]
    Other,
}

/// Reads the array of findings, counting.
struct FindingsSeed<'p>(&'p Progress);

impl<'de> DeserializeSeed<'de> for FindingsSeed<'_> {
    type Value = Vec<Finding>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Vec<Finding>, D::Error> {
        d.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for FindingsSeed<'_> {
    type Value = Vec<Finding>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Finding>, A::Error> {
        use serde::de::Error as _;
        let mut findings = Vec::new();
        let progress = self.0;
        progress.index.set(Some(0));
        while let Some(finding) = seq.next_element()? {
            if findings.len() >= progress.max {
                progress.over.set(true);
                return Err(A::Error::custom("too many findings"));
            }
            findings.push(finding);
            progress.index.set(Some(findings.len()));
        }
        progress.index.set(None);
        Ok(findings)
    }
}
