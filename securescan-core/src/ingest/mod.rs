//! Reading reports: bytes of some tool in, findings out.
//!
//! One file is one report format, with one line in `PARSERS`. What belongs here: decoding, detection, limits, the registry,
//! and what readers share:
//! - `input`, `json`, `lines`, `xml`: documents, streamed item by item;
//! - `fields`: the fields of an item, taken one by one;
//! - `words`, `locate`, `leak`: what tools' words, paths and secrets mean; `snippet`: the source they quote; `versions`: which
//!   fixed version is the next one;
//! - `report`, `mask`: the result being built, within the limits and without secrets.
//!
//! What does not: running tools, reading files, and any step after reading. A report that cannot be read whole is an error,
//! never an empty list: "no findings" comes only from an explicit empty list. An item that cannot be read is quarantined: it
//! is listed in the coverage, which is then `partial`, and costs no other item.

mod dependency;
mod fields;
mod input;
mod json;
mod leak;
mod lines;
mod locate;
mod mask;
mod report;
mod score;
mod shape;
mod snippet;
mod versions;
mod words;
mod xml;

mod anchore;
mod asff;
mod bandit;
mod betterleaks;
mod brakeman;
mod bundler_audit;
mod burp;
mod cargo_audit;
mod cfn_lint;
mod cfn_nag;
mod checkov;
mod checkstyle;
mod clair;
mod composer_audit;
mod cppcheck;
mod cyclonedx;
mod dependabot;
mod dependency_check;
mod dependency_track;
mod detect_secrets;
mod dockle;
mod dotnet;
mod eslint;
mod flawfinder;
mod ggshield;
mod github;
mod gitlab;
mod gitlab_codequality;
mod gitleaks;
mod golangci_lint;
mod gosec;
mod govulncheck;
mod grype;
mod hadolint;
mod horusec;
mod jfrog_xray;
mod junit;
mod kics;
mod kingfisher;
mod kube_bench;
mod kubescape;
mod nessus;
mod nikto;
mod njsscan;
mod nmap;
mod noseyparker;
mod npm_audit;
mod nuclei;
mod ossindex;
mod osv_scanner;
mod phpstan;
mod pip_audit;
mod pip_licenses;
mod pmd;
mod prowler;
mod psalm;
mod pylint;
mod retire_js;
mod rubocop;
mod ruff;
mod safety;
mod sarif;
mod securescan;
mod semgrep;
mod shellcheck;
mod snyk;
mod sonarqube;
mod spdx;
mod spotbugs;
mod sslyze;
mod terrascan;
mod testssl;
mod tflint;
mod tfsec;
mod trivy;
mod trivy_operator;
mod trufflehog;
mod trufflehog3;
mod whispers;
mod wpscan;
mod yarn_audit;
pub(crate) mod zap;
mod zizmor;

pub use input::Input;
pub(crate) use words::purl;

use input::read_error;
use report::Report;
pub use shape::{Shape, Top};

use crate::model::{ScanResult, ScanType};
use crate::{Error, ErrorKind, Result};

/// What a report format is, as the registry, docs and error messages state it.
#[derive(Debug)]
pub struct ParserMeta {
    /// Name on every surface, kebab-case: the tool's own name. Findings carry it as their scanner, unless the report itself
    /// names the tool.
    pub id: &'static str,
    /// What it reads, in a few words.
    pub title: &'static str,
    /// Versions of the format that are read.
    pub versions_read: &'static str,
    /// Where the format is described.
    pub upstream: &'static str,
    /// The kind of scan its findings come from, where the report does not tell.
    pub scan_type: ScanType,
}

/// A report format.
trait Parser: Sync {
    /// Who it is.
    fn meta(&self) -> &'static ParserMeta;

    /// Whether a document of this shape is this format. Must be false for every other format in the registry.
    fn detect(&self, shape: &Shape<'_>) -> bool;

    /// Another format that versions of this tool wrote: named as this tool, such a document is read as that format.
    fn also_writes(&self) -> Option<&'static str> {
        None
    }

    /// Whether a document of this shape can be read when this format is named: also what another format claims first.
    fn reads(&self, shape: &Shape<'_>) -> bool {
        self.detect(shape)
    }

    /// Reads the report.
    ///
    /// # Errors
    /// `parse` with the place; `limit`; `unsupported` for a version that is not read.
    fn parse(&self, input: Input<'_>, report: &mut Report<'_>) -> Result<()>;
}

/// Every report format, in alphabetical order.
const PARSERS: &[&dyn Parser] = &[
    &anchore::Anchore,
    &asff::Asff,
    &ossindex::AuditJs,
    &bandit::Bandit,
    &betterleaks::Betterleaks,
    &brakeman::Brakeman,
    &bundler_audit::BundlerAudit,
    &burp::Burp,
    &cargo_audit::CargoAudit,
    &cfn_lint::CfnLint,
    &cfn_nag::CfnNag,
    &checkov::Checkov,
    &checkstyle::Checkstyle,
    &clair::Clair,
    &composer_audit::ComposerAudit,
    &cppcheck::Cppcheck,
    &cyclonedx::CycloneDx,
    &dependabot::Dependabot,
    &dependency_check::DependencyCheck,
    &dependency_track::DependencyTrack,
    &detect_secrets::DetectSecrets,
    &dockle::Dockle,
    &dotnet::Dotnet,
    &eslint::EsLint,
    &flawfinder::Flawfinder,
    &ggshield::Ggshield,
    &github::GitHub,
    &gitlab::GitLab,
    &gitlab_codequality::GitlabCodequality,
    &gitleaks::Gitleaks,
    &golangci_lint::GolangciLint,
    &gosec::Gosec,
    &govulncheck::Govulncheck,
    &grype::Grype,
    &hadolint::Hadolint,
    &horusec::Horusec,
    &jfrog_xray::JfrogXray,
    &junit::Junit,
    &kics::Kics,
    &kingfisher::Kingfisher,
    &kube_bench::KubeBench,
    &kubescape::Kubescape,
    &njsscan::MobsfScan,
    &ossindex::Nancy,
    &nessus::Nessus,
    &nikto::Nikto,
    &njsscan::NjsScan,
    &nmap::Nmap,
    &noseyparker::NoseyParker,
    &npm_audit::NpmAudit,
    &nuclei::Nuclei,
    &osv_scanner::OsvScanner,
    &phpstan::Phpstan,
    &pip_audit::PipAudit,
    &pip_licenses::PipLicenses,
    &pmd::Pmd,
    &prowler::Prowler,
    &psalm::Psalm,
    &pylint::Pylint,
    &retire_js::RetireJs,
    &rubocop::Rubocop,
    &ruff::Ruff,
    &safety::Safety,
    &sarif::Sarif,
    &securescan::SecureScan,
    &semgrep::Semgrep,
    &shellcheck::ShellCheck,
    &snyk::Snyk,
    &sonarqube::Sonarqube,
    &spdx::Spdx,
    &spotbugs::Spotbugs,
    &sslyze::Sslyze,
    &terrascan::Terrascan,
    &testssl::Testssl,
    &tflint::Tflint,
    &tfsec::Tfsec,
    &trivy::Trivy,
    &trivy_operator::TrivyOperator,
    &trufflehog::TruffleHog,
    &trufflehog3::TruffleHog3,
    &whispers::Whispers,
    &wpscan::WpScan,
    &yarn_audit::YarnAudit,
    &zap::Zap,
    &zizmor::Zizmor,
];

/// What every report format is, in alphabetical order.
pub fn formats() -> impl Iterator<Item = &'static ParserMeta> {
    PARSERS.iter().map(|parser| parser.meta())
}

/// Limits of reading, and where the paths in a report start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestOptions {
    /// Longer documents are refused, in bytes; default 4 GiB.
    pub max_bytes: u64,
    /// Documents with more findings are refused; default 5 million.
    pub max_findings: usize,
    /// The folder that was scanned, as the report writes it (`/src`, `C:\\agent\\work`): absolute paths below it become relative.
    /// Default none: absolute paths stay.
    pub root: Option<String>,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self { max_bytes: 4 << 30, max_findings: 5_000_000, root: None }
    }
}

/// Reads a report in a named format, or in whichever the content shows.
///
/// # Errors
/// `limit` when the document is too long or holds too many findings; `invalid_argument` for a format that is not in
/// [`formats`], or a document that is another one's; `unsupported` when no format is recognised or the version is not read;
/// `parse` with the byte, or line and column and the index of the item, when the document is malformed.
pub fn parse(bytes: &[u8], format: Option<&str>, options: &IngestOptions) -> Result<ScanResult> {
    if bytes.len() as u64 > options.max_bytes {
        return Err(Error::new(
            ErrorKind::Limit,
            format!("the report is {} bytes, more than {}", bytes.len(), options.max_bytes),
        ));
    }
    if let Some(text) = input::from_utf16(bytes) {
        return parse(text?.as_bytes(), format, &IngestOptions { max_bytes: u64::MAX, ..options.clone() });
    }
    let named = format.map(find).transpose()?;
    let input = Input::text(bytes)?;
    let head = input.head();
    read(input, head, named, options)
}

/// As [`parse`], of a stream: memory holds the findings and one item, not the document (a few small formats are read whole).
///
/// # Errors
/// As [`parse`], and `io`.
pub fn parse_reader(source: impl std::io::Read, format: Option<&str>, options: &IngestOptions) -> Result<ScanResult> {
    let named = format.map(find).transpose()?;
    let mut source = std::io::BufReader::new(source);
    let start = std::io::BufRead::fill_buf(&mut source).map_err(|e| read_error(&e))?;
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        let mut bytes = Vec::new();
        let bounded = std::io::Read::take(source, options.max_bytes.saturating_add(1));
        std::io::Read::read_to_end(&mut { bounded }, &mut bytes).map_err(|e| read_error(&e))?;
        return parse(&bytes, format, options);
    }
    let (input, head) = Input::stream(source, options.max_bytes)?;
    read(input, &head, named, options)
}

fn read(mut input: Input<'_>, head: &str, named: Option<&'static dyn Parser>, options: &IngestOptions) -> Result<ScanResult> {
    if head.trim_ascii().is_empty() {
        return Err(Error::parse("the report is empty").at_byte(0));
    }
    let banner = shape::banner(head);
    let shape = Shape::of(head.get(banner..).unwrap_or_default());
    if shape.root() == "html" {
        return Err(Error::parse("this is an HTML page, not a report").at_byte(0).hint("look at what the tool printed"));
    }
    let found = PARSERS.iter().copied().find(|p| p.detect(&shape));
    let as_other = |named: &dyn Parser, found: &dyn Parser| named.also_writes() == Some(found.meta().id);
    let parser = match (named, found) {
        (Some(named), Some(found)) if as_other(named, found) => found,
        // An empty list tells nothing of whose it is.
        (Some(named), Some(found))
            if named.meta().id != found.meta().id
                && !shape.is_bare_array()
                && !shape.is_only("findings")
                && !named.reads(&shape) =>
        {
            let (named, found) = (named.meta().id, found.meta().id);
            return Err(Error::invalid(format!("this is a report of {found}, not of {named}")).hint("leave the format out"));
        }
        (Some(named), _) => named,
        (None, Some(found)) => found,
        (None, None) => return Err(unknown(&shape)),
    };
    input.skip(banner);
    input.top = shape.top;
    let mut report = Report::new(named.unwrap_or(parser).meta(), options);
    parser.parse(input, &mut report)?;
    report.finish()
}

/// Reads a report that is JSON already: what [`parse`] would give for its text.
///
/// # Errors
/// As [`parse`].
pub fn from_value(value: &serde_json::Value) -> Result<ScanResult> {
    parse(value.to_string().as_bytes(), None, &IngestOptions::default())
}

fn known() -> String {
    formats().map(|meta| meta.id).collect::<Vec<_>>().join(", ")
}

fn find(id: &str) -> Result<&'static dyn Parser> {
    PARSERS.iter().copied().find(|p| p.meta().id == id).ok_or_else(|| {
        let id: String = id.chars().take(60).collect();
        Error::invalid(format!("unknown report format `{id}`")).hint(format!("choose one of: {}", known()))
    })
}

fn unknown(shape: &Shape<'_>) -> Error {
    let hint = format!("formats read: {}; if it is one of them, name it", known());
    match shape.top {
        Top::Text => Error::parse("the report is neither JSON nor XML, nor any text format that is read").at_byte(0).hint(hint),
        _ => Error::new(ErrorKind::Unsupported, "the report's format is not recognised").hint(hint),
    }
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
        assert!(read(b"\xff\xfe[").unwrap_err().message().contains("UTF-16"));
    }

    #[test]
    fn utf_16_is_read() {
        for bytes in [&b"\xff\xfe[\0]\0"[..], b"\xfe\xff\0[\0]"] {
            assert!(read(bytes).unwrap().findings.is_empty());
            assert!(parse_reader(bytes, None, &IngestOptions::default()).unwrap().findings.is_empty());
        }
        assert!(read(b"\xff\xfe\0\xd8").is_err() && read(b"\xff\xfe").is_err());
        let options = IngestOptions { max_bytes: 5, ..IngestOptions::default() };
        assert_eq!(parse_reader(&b"\xff\xfe[\0]\0"[..], None, &options).unwrap_err().code(), "limit");
    }

    #[test]
    fn limits() {
        let two = r#"[{"scanner":"s","scan_type":"code","severity":"high","title":"t"},{"scanner":"s","scan_type":"code","severity":"high","title":"t"}]"#;
        let options = IngestOptions { max_findings: 1, ..IngestOptions::default() };
        assert_eq!(parse(two.as_bytes(), None, &options).unwrap_err().code(), "limit");
        let options = IngestOptions { max_findings: 2, max_bytes: two.len() as u64, root: None };
        assert_eq!(parse(two.as_bytes(), None, &options).unwrap().findings.len(), 2);
        let options = IngestOptions { max_bytes: two.len() as u64 - 1, ..options };
        assert_eq!(parse(two.as_bytes(), None, &options).unwrap_err().code(), "limit");
    }

    #[test]
    fn formats_are_named_or_recognised() {
        assert_eq!(parse(b"[]", Some("nope"), &IngestOptions::default()).unwrap_err().code(), "invalid_argument");
        assert_eq!(read(br#"{"nothing":[],"known":[]}"#).unwrap_err().code(), "unsupported");
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
