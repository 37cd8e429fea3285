//! Reading reports: bytes of some tool in, findings out.
//!
//! One file is one report format, with one line in [`PARSERS`]. What belongs here: decoding, detection, limits and the
//! registry. What does not: running tools, reading files, and any step after reading. A report that cannot be read
//! whole is an error, never an empty list: "no findings" comes only from an explicit empty list.

mod securescan;
mod shape;

pub use shape::{Shape, Top};

use crate::model::ScanResult;
use crate::{Error, ErrorKind, Result};

/// What a report format is, as the registry, docs and error messages state it.
#[derive(Debug)]
pub struct ParserMeta {
    /// Name on every surface, kebab-case: the tool's own name.
    pub id: &'static str,
    /// What it reads, in a few words.
    pub title: &'static str,
    /// Versions of the format that are read.
    pub versions_read: &'static str,
    /// Where the format is described.
    pub upstream: &'static str,
}

/// A report format.
pub trait Parser: Sync {
    /// Who it is.
    fn meta(&self) -> &'static ParserMeta;

    /// Whether a document of this shape is this format. Must be false for every other format in the registry.
    fn detect(&self, shape: &Shape<'_>) -> bool;

    /// Reads the report. `text` has no byte order mark and respects [`IngestOptions::max_bytes`].
    ///
    /// # Errors
    /// `parse` with the place; `limit`; `unsupported` for a version that is not read.
    fn parse(&self, text: &str, options: &IngestOptions) -> Result<ScanResult>;
}

/// Every report format, in alphabetical order.
pub const PARSERS: &[&dyn Parser] = &[&securescan::SecureScan];

/// Limits of reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestOptions {
    /// Longer documents are refused, in bytes; default 1 GiB.
    pub max_bytes: usize,
    /// Documents with more findings are refused; default 5 million.
    pub max_findings: usize,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self { max_bytes: 1 << 30, max_findings: 5_000_000 }
    }
}

/// Reads a report in a named format, or in whichever the content shows.
///
/// # Errors
/// `limit` when the document is too long or holds too many findings; `invalid_argument` for a format that is not in
/// [`PARSERS`]; `unsupported` when no format is recognised or the version is not read; `parse` with the byte, or line
/// and column and the index of the item, when the document is malformed.
pub fn parse(bytes: &[u8], format: Option<&str>, options: &IngestOptions) -> Result<ScanResult> {
    if bytes.len() > options.max_bytes {
        return Err(Error::new(
            ErrorKind::Limit,
            format!("the report is {} bytes, more than {}", bytes.len(), options.max_bytes),
        ));
    }
    let named = format.map(find).transpose()?;
    let text = decode(bytes)?;
    let parser = match named {
        Some(parser) => parser,
        None => detect(text)?,
    };
    parser.parse(text, options)
}

/// UTF-8 with or without a byte order mark.
fn decode(bytes: &[u8]) -> Result<&str> {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes {
        return Err(Error::parse("the report is UTF-16, not UTF-8").at_byte(0).hint("write it as UTF-8"));
    }
    let text = simdutf8::compat::from_utf8(bytes)
        .map_err(|e| Error::parse("the report is not valid UTF-8").at_byte(e.valid_up_to() as u64))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn known() -> String {
    PARSERS.iter().map(|p| p.meta().id).collect::<Vec<_>>().join(", ")
}

fn find(id: &str) -> Result<&'static dyn Parser> {
    PARSERS.iter().copied().find(|p| p.meta().id == id).ok_or_else(|| {
        let id: String = id.chars().take(60).collect();
        Error::invalid(format!("unknown report format `{id}`")).hint(format!("choose one of: {}", known()))
    })
}

fn detect(text: &str) -> Result<&'static dyn Parser> {
    if text.trim_ascii().is_empty() {
        return Err(Error::parse("the report is empty").at_byte(0));
    }
    let shape = Shape::of(text);
    PARSERS.iter().copied().find(|p| p.detect(&shape)).ok_or_else(|| {
        let hint = format!("formats read: {}; if it is one of them, name it", known());
        match shape.top {
            Top::Other => Error::parse("the report is neither a JSON array nor a JSON object").at_byte(0).hint(hint),
            _ => Error::new(ErrorKind::Unsupported, "the report's format is not recognised").hint(hint),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<ScanResult> {
        parse(bytes, None, &IngestOptions::default())
    }

    #[test]
    fn registry_is_sorted_and_unique() {
        let ids: Vec<_> = PARSERS.iter().map(|p| p.meta().id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    }

    #[test]
    fn only_an_explicit_empty_list_is_empty() {
        for text in ["[]", " [ ] ", r#"{"findings":[]}"#, r#"{"x":{"deep":[1]},"findings":[]}"#, "\u{feff}[]"] {
            assert!(read(text.as_bytes()).unwrap().findings.is_empty(), "{text}");
        }
        for text in
            ["", " ", "1", "null", "\"x\"", "{}", r#"{"findings":null}"#, r#"{"findings":"abc"}"#, "[null]", "[[]]", "[1]"]
        {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn errors_name_the_place() {
        let good = r#"{"scanner":"s","scan_type":"code","severity":"high","title":"t"}"#;
        let bad_item = format!("[{good},\n {{\"scanner\":\"s\"}}]");
        let error = read(bad_item.as_bytes()).unwrap_err();
        assert_eq!((error.code(), error.line()), ("parse", Some(2)));
        assert!(error.message().starts_with("finding 1: missing field"), "{error}");

        let error = read(b"[\xff]").unwrap_err();
        assert_eq!((error.code(), error.byte()), ("parse", Some(1)));
        let cut = format!("[{good},{{\"scanner\":");
        let error = read(cut.as_bytes()).unwrap_err();
        assert_eq!(error.byte(), Some(cut.len() as u64));
        assert_eq!(error.message(), "the document ends too early inside finding 1");
        assert!(read(b"\xff\xfe[\0").unwrap_err().message().contains("UTF-16"));
    }

    #[test]
    fn limits() {
        let two = r#"[{"scanner":"s","scan_type":"code","severity":"high","title":"t"},{"scanner":"s","scan_type":"code","severity":"high","title":"t"}]"#;
        let options = IngestOptions { max_findings: 1, ..IngestOptions::default() };
        assert_eq!(parse(two.as_bytes(), None, &options).unwrap_err().code(), "limit");
        let options = IngestOptions { max_findings: 2, max_bytes: two.len() };
        assert_eq!(parse(two.as_bytes(), None, &options).unwrap().findings.len(), 2);
        let options = IngestOptions { max_bytes: two.len() - 1, ..options };
        assert_eq!(parse(two.as_bytes(), None, &options).unwrap_err().code(), "limit");
    }

    #[test]
    fn formats_are_named_or_recognised() {
        assert_eq!(parse(b"[]", Some("nope"), &IngestOptions::default()).unwrap_err().code(), "invalid_argument");
        assert_eq!(read(br#"{"results":[],"errors":[]}"#).unwrap_err().code(), "unsupported");
        assert_eq!(read(br#"{"schema":"securescan/snapshot@9","findings":[]}"#).unwrap_err().code(), "unsupported");
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let deep = format!(r#"[{{"scanner":"s","severity":"low","metadata":{}"#, "[".repeat(200_000));
        assert_eq!(read(deep.as_bytes()).unwrap_err().code(), "parse");
        let deep = format!(r#"{{"findings":{}"#, "[".repeat(200_000));
        assert_eq!(read(deep.as_bytes()).unwrap_err().code(), "parse");
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(read(deep.as_bytes()).is_err());
    }
}
