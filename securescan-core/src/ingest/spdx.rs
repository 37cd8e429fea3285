//! SPDX documents, JSON. They list packages and files, which are no findings: reading one only says that it is one.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::Report;
use super::{Input, Parser, ParserMeta, Shape, Top};
use crate::Result;
use crate::model::ScanType;
use serde_json::Value;

pub(super) struct Spdx;

const META: ParserMeta = ParserMeta {
    id: "spdx",
    title: "SPDX JSON (packages are no findings)",
    versions_read: "2.x, 3.0 without its security profile",
    upstream: "https://spdx.github.io/spdx-spec/",
    scan_type: ScanType::Dependency,
};

impl Parser for Spdx {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let second = shape.has("spdxVersion") || shape.has_all(&["SPDXID", "documentNamespace"]);
        let third = shape.has("@graph") && shape.text("@context").is_some_and(|context| context.contains("spdx.org"));
        shape.top == Top::Object && (second || third)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Whole("spdxVersion"), Want::Whole("SPDXID"), Want::Whole("name"), Want::Each("@graph")];
        json::read(&mut input, &["spdxVersion", "SPDXID", "@graph"], &wants, report, &mut |report, at, value| {
            match (at.place, value) {
                ("name", Value::String(name)) if !name.is_empty() => report.target(name),
                ("@graph", element) => {
                    let mut element = Fields::or_empty(element);
                    if element.text("type").as_deref() == Some("security_Vulnerability") {
                        let name = element.first_text(&["name", "spdxId"]).unwrap_or_default();
                        report.missed(name, "vulnerabilities in SPDX documents are not read");
                    }
                }
                _ => {}
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::ScannerStatus;

    #[test]
    fn documents() {
        for (text, status) in [
            (r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"n","packages":[{"name":"a"}]}"#, ScannerStatus::Ok),
            (
                r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"software_Package"}]}"#,
                ScannerStatus::Ok,
            ),
            (
                r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"security_Vulnerability","name":"CVE-1"}]}"#,
                ScannerStatus::Partial,
            ),
        ] {
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
            assert_eq!((result.findings.len(), result.scanners[0].status), (0, status), "{text}");
        }
        assert!(parse(br#"{"spdxVersion":"SPDX-2.3","packages":["#, None, &IngestOptions::default()).is_err());
    }
}
