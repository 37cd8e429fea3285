//! Writing a bill. What the formats share: names, times, ids and licences.

mod cyclonedx;
mod spdx;

use super::Bill;
use crate::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// A format of bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CycloneDX 1.6 JSON.
    CycloneDx,
    /// SPDX 2.3 JSON.
    Spdx,
}

impl std::str::FromStr for Format {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "cyclonedx" => Ok(Self::CycloneDx),
            "spdx" => Ok(Self::Spdx),
            _ => Err(Error::invalid("format must be 'cyclonedx' or 'spdx'")),
        }
    }
}

/// What a document says beside the bill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SbomOptions {
    /// The name of what the bill is of; default: what its manifests call it, else `project`.
    pub name: Option<String>,
    /// When the document was made, as `YYYY-MM-DDThh:mm:ssZ`. Default: CycloneDX does not say it; SPDX, which must, says
    /// `1970-01-01T00:00:00Z`, so that the same files give the same bytes.
    pub created: Option<String>,
    /// What SPDX document namespaces begin with; default `https://github.com/securescan/securescan/sbom`.
    pub namespace: Option<String>,
}

const NAMESPACE: &str = "https://github.com/securescan/securescan/sbom";

/// Writes a bill: indented JSON with sorted keys and a line break at the end.
///
/// # Errors
/// `invalid_argument` when the time of [`SbomOptions::created`] is none.
pub fn render(bill: &Bill, format: Format, options: &SbomOptions) -> Result<String> {
    let created = options.created.as_deref().map(time).transpose()?;
    let name = options.name.as_deref().or(bill.name.as_deref()).filter(|n| !n.trim().is_empty()).unwrap_or("project");
    let document = match format {
        Format::CycloneDx => cyclonedx::document(bill, name, created),
        Format::Spdx => spdx::document(bill, name, created, options.namespace.as_deref().unwrap_or(NAMESPACE)),
    };
    let text = serde_json::to_string_pretty(&document);
    text.map(|text| text + "\n").map_err(|e| Error::new(ErrorKind::Render, format!("the bill could not be written: {e}")))
}

/// A time in UTC to the second; a missing `Z` and fractions are forgiven.
fn time(text: &str) -> Result<String> {
    let shape = "dddd-dd-ddTdd:dd:dd";
    let bytes = text.trim().as_bytes();
    let fits = |(have, want): (&u8, u8)| if want == b'd' { have.is_ascii_digit() } else { *have == want };
    let (head, rest) = (text.trim().get(..shape.len()), text.trim().get(shape.len()..).unwrap_or_default());
    let rest = rest.strip_suffix("+00:00").or_else(|| rest.strip_suffix('Z')).unwrap_or(rest);
    let fraction = rest.strip_prefix('.').map_or(rest.is_empty(), |f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()));
    match head.filter(|_| fraction && bytes.iter().zip(shape.bytes()).all(fits)) {
        Some(head) => Ok(format!("{head}Z")),
        None => Err(Error::invalid("the time of a bill is none").hint("write it like 2026-01-31T12:00:00Z, in UTC")),
    }
}

fn digest(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// A UUID made from a text: version 8 of RFC 9562, with the first bits of its SHA-256.
fn uuid(text: &str) -> String {
    let hex = digest(text);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// What a licence statement is to the formats.
enum Statement {
    /// One SPDX id.
    Id(String),
    /// An SPDX expression.
    Expression(String),
    /// Anything else.
    Words(String),
}

/// Longer statements are cut, in characters.
const MAX_STATEMENT: usize = 300;

/// Names that our list of licences has and that of CycloneDX 1.6 has not: newer ids, and forms that are no ids.
///
/// # Source
/// `spdx.schema.json` of CycloneDX/specification at e02a34ae42a4, against the `spdx` crate 0.13.
const NO_IDS: &[&str] = &[
    "BSD-2-Clause-pos-unchanged",
    "BSD-3-Clause-OpenWebUI",
    "BSD-Source-Code-no-disclaimer",
    "BSD-Source-alt-GPL",
    "BSD-ask-to-endorse",
    "Brian-Gladman-3-Clause-no-conversion",
    "Bugroff",
    "CC-BY-NC-3.0-IGO",
    "FDK-MPEG-H",
    "GFDL-1.1-invariants",
    "GFDL-1.1-no-invariants",
    "GFDL-1.2-invariants",
    "GFDL-1.2-no-invariants",
    "GFDL-1.3-invariants",
    "GFDL-1.3-no-invariants",
    "Hippocratic-3.0-core",
    "Informatica",
    "MVT-1.1",
    "NOASSERTION",
    "atc-game",
];

fn statement(license: &str) -> Statement {
    let words = || Statement::Words(license.chars().filter(|c| !c.is_control()).take(MAX_STATEMENT).collect());
    match crate::licenses::judge(license).spdx {
        // A reference would have to be explained in the document.
        Some(spdx) if spdx.contains("LicenseRef-") || spdx.contains("DocumentRef-") => words(),
        Some(spdx) if NO_IDS.contains(&spdx.as_str()) => words(),
        Some(spdx) if spdx.contains([' ', '+', '(']) => Statement::Expression(spdx),
        Some(spdx) => Statement::Id(spdx),
        None => words(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_ids() {
        for (text, want) in [
            ("2026-01-02T03:04:05", Some("2026-01-02T03:04:05Z")),
            ("2026-01-02T03:04:05.678901Z", Some("2026-01-02T03:04:05Z")),
            ("2026-01-02T03:04:05+00:00", Some("2026-01-02T03:04:05Z")),
            ("2026-01-02T03:04:05+01:00", None),
            ("2026-01-02", None),
            ("2026-01-02T03:04:é5", None),
            ("", None),
        ] {
            assert_eq!(time(text).ok().as_deref(), want, "{text}");
        }
        assert_eq!(uuid("").len(), 36);
        assert_eq!(uuid(""), "e3b0c442-98fc-8c14-8afb-f4c8996fb924");
        assert!("xml".parse::<Format>().is_err());
    }
}
