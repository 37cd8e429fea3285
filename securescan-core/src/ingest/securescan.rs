//! Our own documents: snapshots, bare arrays of findings, and what SecureScan for Python wrote.

use super::{Input, Parser, ParserMeta, Report, Shape, Top};
use crate::Result;
use crate::model::{Findings, ScanType};

pub(super) struct SecureScan;

const META: ParserMeta = ParserMeta {
    id: "securescan",
    title: "SecureScan snapshot or JSON",
    versions_read: "snapshot@1, and the JSON of SecureScan for Python 0.2 – 0.11",
    upstream: "https://github.com/securescan/securescan",
    scan_type: ScanType::Code,
};

/// What is in the `findings` of other formats: the Security Finding Format of AWS, Semgrep's web API.
const FOREIGN: &[&str] = &["findings.AwsAccountId", "findings.ProductArn", "findings.rule_message", "meta.application"];

impl Parser for SecureScan {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    /// An object with `findings` whose items are ours, or an array of findings (or an empty one, or one that holds no object:
    /// then this parser words the error).
    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Object => shape.has("findings") && (shape.text("schema").is_some() || !shape.has_any(FOREIGN)),
            Top::Array => (shape.is_bare_array() && !shape.is_list_of_rows()) || shape.has_all(&["scanner", "severity"]),
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let text = input.into_text()?;
        report.replace(Findings::from_json_limited(&text, report.options().max_findings)?.into_result());
        Ok(())
    }
}
