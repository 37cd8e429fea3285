//! Our own documents: snapshots, bare arrays of findings, and what SecureScan for Python wrote.

use super::{IngestOptions, Parser, ParserMeta, Shape, Top};
use crate::Result;
use crate::model::{Findings, ScanResult};

pub(super) struct SecureScan;

const META: ParserMeta = ParserMeta {
    id: "securescan",
    title: "SecureScan snapshot or JSON",
    versions_read: "snapshot@1, and the JSON of SecureScan for Python 0.2 – 0.11",
    upstream: "https://github.com/securescan/securescan",
};

impl Parser for SecureScan {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    /// An object with `findings`, or an array whose first item is a finding (or that is empty, or holds no object: then
    /// this parser words the error).
    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Object => shape.has("findings"),
            Top::Array => shape.keys.is_empty() || (shape.has("scanner") && shape.has("severity")),
            Top::Other => false,
        }
    }

    fn parse(&self, text: &str, options: &IngestOptions) -> Result<ScanResult> {
        Findings::from_json_limited(text, options.max_findings).map(Findings::into_result)
    }
}
