//! govulncheck: `govulncheck -format json`, a stream of messages, and the documents of versions before 1.0. One finding for each
//! advisory, with the finding that reaches deepest into the program: a called symbol, an imported package, a required module.

use super::fields::Fields;
use super::json;
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, words};
use crate::model::{ScanType, Severity};
use crate::{Error, Result};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) struct Govulncheck;

const META: ParserMeta = ParserMeta {
    id: "govulncheck",
    title: "govulncheck JSON",
    versions_read: "0.x and 1.x",
    upstream: "https://pkg.go.dev/golang.org/x/vuln/internal/govulncheck",
    scan_type: ScanType::Dependency,
};

/// How deep a vulnerability reaches, which is all that govulncheck says of how bad it is: whether the symbol is called, its package
/// imported, or only its module required. A scan that did not look for calls cannot tell, and gives no low.
///
/// # Source
/// govulncheck 1.1, levels of a scan: symbol, package, module.
const REACHES: &[(Reach, Severity)] = &[
    (Reach::Called, Severity::High),
    (Reach::Imported, Severity::Medium),
    (Reach::Unknown, Severity::Medium),
    (Reach::Required, Severity::Low),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Required,
    Unknown,
    Imported,
    Called,
}

impl Parser for Govulncheck {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let stream = shape.has("finding.osv")
            || shape.has("config.protocol_version")
            || shape.text("config.scanner_name") == Some("govulncheck")
            || shape.has_all(&["config.go_version", "progress.message"])
            || shape.has_any(&["vulnerability.osv.id", "preamble.query_kind"]);
        let document = shape.has("Vulns") && (shape.has("Vulns.OSV") || !shape.has("results"));
        matches!(shape.top, Top::Object | Top::Array) && (stream || document)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let mut scan = Scan::default();
        json::read_many(&mut input, report, &mut |report, _, value| scan.message(report, Fields::of(value)?))?;
        if !scan.known {
            return Err(Error::parse("there is no message of govulncheck in it"));
        }
        scan.finish(report)
    }
}

#[derive(Default)]
struct Scan {
    /// Whether any message was one of govulncheck's.
    known: bool,
    /// Whether the scan looked for imports or modules only.
    coarse: bool,
    advisories: BTreeMap<String, Fields>,
    found: BTreeMap<String, Found>,
}

/// The deepest finding of an advisory.
#[derive(Debug, Default)]
struct Found {
    reach: Option<Reach>,
    module: String,
    version: Option<String>,
    fixed: Option<String>,
    symbol: Option<String>,
    trace: Vec<Value>,
    /// How many findings there were.
    count: usize,
}

impl Scan {
    fn message(&mut self, report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
        const KNOWN: [&str; 8] = ["config", "progress", "osv", "finding", "SBOM", "Vulns", "vulnerability", "preamble"];
        if !KNOWN.iter().any(|key| item.peek(key).is_some()) {
            return Err(bad("it is no message of govulncheck"));
        }
        self.known = true;
        let mut config = item.object("config");
        report.version(config.first_text(&["scanner_version", "version"]));
        self.coarse |= config.text("scan_level").is_some_and(|level| level != "symbol");
        self.coarse |= config.flag("imports_only") == Some(true);
        if let Some(osv) = item.value("osv") {
            self.advisory(Fields::of(osv)?)?;
        }
        if let Some(finding) = item.value("finding") {
            self.finding(Fields::of(finding)?)?;
        }
        let older = item.list("Vulns").into_iter().chain(item.list("vulnerability")).collect();
        report.each("Vulns", older, &mut |_, value| self.older(Fields::of(value)?))
    }

    /// Keeps an advisory without its lists of affected symbols, which can be long.
    fn advisory(&mut self, mut item: Fields) -> Result<String, Stop> {
        let id = item.need("id")?;
        item.value("affected");
        self.advisories.entry(id.clone()).or_insert(item);
        Ok(id)
    }

    fn finding(&mut self, mut item: Fields) -> Result<(), Stop> {
        let id = item.need("osv")?;
        let mut trace = item.list("trace");
        if trace.is_empty() {
            // Before 1.0 frames stood the other way round.
            trace = item.list("frames");
            trace.reverse();
        }
        let mut top = Fields::or_empty(trace.first().cloned().unwrap_or_default());
        let symbol = top.text("function").map(|function| match top.text("receiver") {
            Some(receiver) => format!("{}.{function}", receiver.trim_start_matches('*')),
            None => function,
        });
        let reach = match (&symbol, top.has("package")) {
            (Some(_), _) => Reach::Called,
            (None, true) => Reach::Imported,
            (None, false) => Reach::Required,
        };
        let (module, version) = (top.text("module").unwrap_or_default(), top.text("version"));
        let found = Found { reach: Some(reach), module, version, fixed: item.text("fixed_version"), symbol, trace, count: 1 };
        self.add(id, found);
        Ok(())
    }

    fn add(&mut self, id: String, found: Found) {
        let known = self.found.entry(id).or_default();
        let count = known.count + found.count;
        if found.reach > known.reach {
            *known = found;
        }
        known.count = count;
    }

    /// An entry of the versions before 1.0: with modules, or with one package and its place in a graph of calls.
    fn older(&mut self, mut item: Fields) -> Result<(), Stop> {
        let osv = item.value("OSV").or_else(|| item.value("osv")).ok_or_else(|| bad("`OSV` is missing"))?;
        let id = self.advisory(Fields::of(osv)?)?;
        let mut module = match item.list("Modules").into_iter().chain(item.list("modules")).next() {
            Some(module) => Fields::or_empty(module),
            None => item.object("no modules"),
        };
        let packages: Vec<Fields> =
            module.list("Packages").into_iter().chain(module.list("packages")).map(Fields::or_empty).collect();
        let called = packages.iter().any(|p| {
            ["CallStacks", "callstacks", "call_stacks"]
                .iter()
                .any(|key| p.peek(key).and_then(Value::as_array).is_some_and(|s| !s.is_empty()))
        }) || item.number("CallSink").is_some_and(|sink| sink > 0.0);
        let imported = !packages.is_empty() || item.number("ImportSink").is_some_and(|sink| sink > 0.0);
        let reach = match (called, imported) {
            (true, _) => Reach::Called,
            (false, true) => Reach::Imported,
            (false, false) => Reach::Required,
        };
        let found = Found {
            reach: Some(reach),
            module: module.first_text(&["Path", "path"]).or_else(|| item.first_text(&["ModPath", "PkgPath"])).unwrap_or_default(),
            version: module.first_text(&["FoundVersion", "found_version"]),
            fixed: module.first_text(&["FixedVersion", "fixed_version"]),
            symbol: item.text("Symbol"),
            trace: Vec::new(),
            count: 1,
        };
        self.add(id, found);
        Ok(())
    }

    fn finish(mut self, report: &mut Report<'_>) -> Result<()> {
        for (id, found) in std::mem::take(&mut self.found) {
            let advisory = self.advisories.remove(&id).unwrap_or_default();
            match self.write(report, id, found, advisory) {
                Err(Stop::Document(error)) => return Err(error),
                Err(Stop::Item(why)) => report.quarantine("finding".to_owned(), why)?,
                Ok(()) => {}
            }
        }
        Ok(())
    }

    fn write(&self, report: &mut Report<'_>, id: String, found: Found, mut item: Fields) -> Result<(), Stop> {
        let reach = match found.reach.unwrap_or(Reach::Required) {
            Reach::Required | Reach::Imported if self.coarse => Reach::Unknown,
            reach => reach,
        };
        let severity = REACHES.iter().find(|(known, _)| *known == reach).map_or(Severity::Medium, |(_, severity)| *severity);
        let mut finding = report.finding(severity, dependency::title(&id, &found.module));
        let plain = |version: Option<String>| version.map(|v| v.trim_start_matches('v').to_owned());
        let (version, fixed) = (plain(found.version), plain(found.fixed));
        finding.remediation = dependency::remedy(&found.module, fixed.as_deref());
        if !found.module.is_empty() {
            finding.package = Some(Box::new(words::package("Go", found.module, version, fixed)));
        }
        finding.vulnerability_ids = dependency::advisories(item.texts("aliases").into_iter().chain([id.clone()]));
        let urls = item.list("references").into_iter().filter_map(|r| Fields::or_empty(r).text("url"));
        let page = item.peek("database_specific.url").and_then(Value::as_str).map(str::to_owned);
        finding.references = words::urls(urls.chain(page));
        finding.description = item.text("details").or_else(|| item.text("summary")).unwrap_or_default();
        // The last frame is the program's own: where it begins to call what is vulnerable.
        let mut own =
            found.trace.iter().rev().find_map(|frame| frame.get("position")).cloned().map(Fields::or_empty).unwrap_or_default();
        if found.reach == Some(Reach::Called) {
            finding.file_path = locate::file(own.text("filename").as_deref(), report)?;
            finding.line = own.position("line").filter(|_| finding.file_path.is_some());
            finding.column = own.position("column").filter(|_| finding.line.is_some());
        }
        item.keep("reach", format!("{reach:?}").to_lowercase());
        item.keep("findings", found.count);
        found.symbol.into_iter().for_each(|symbol| item.keep("symbol", symbol));
        item.keep("trace", found.trace.into_iter().take(50).collect::<Vec<_>>());
        finding.rule_id = Some(id);
        finding.metadata.tool = item.rest();
        report.push(finding)
    }
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScanResult, ScannerStatus, Severity};

    fn read(text: &str) -> ScanResult {
        parse(text.as_bytes(), None, &IngestOptions::default()).unwrap()
    }

    const CONFIG: &str = r#"{"config":{"protocol_version":"v1.0.0","scanner_name":"govulncheck","scanner_version":"v1.1.3","scan_level":"symbol"}}"#;

    #[test]
    fn streams() {
        let text = format!(
            r#"{CONFIG}
{{"progress": {{
    "message": "Scanning"}}}}
{{"osv":{{"id":"GO-1","aliases":["CVE-1","GHSA-1"],"summary":"S","details":"D","affected":[{{}}],"references":[{{"url":"https://r"}}],"database_specific":{{"url":"https://pkg.go.dev/vuln/GO-1"}}}}}}{{"osv":{{"id":"GO-9"}}}}
{{"finding":{{"osv":"GO-1","fixed_version":"v0.3.8","trace":[{{"module":"golang.org/x/text","version":"v0.3.5"}}]}}}}
{{"finding":{{"osv":"GO-1","fixed_version":"v0.3.8","trace":[{{"module":"golang.org/x/text","version":"v0.3.5","package":"golang.org/x/text/language","function":"Parse","receiver":"*Tag","position":{{"filename":"language.go","line":1}}}},{{"module":"m","package":"m","function":"main","position":{{"filename":"main.go","line":9,"column":14}}}}]}}}}
{{"finding":{{"osv":"GO-2","trace":[{{"module":"stdlib","version":"v1.20.1","package":"net/http"}}]}}}}
{{"finding":{{"osv":"GO-3","trace":[{{"module":"x"}}]}}}}
{{"finding":{{}}}}"#
        );
        let result = read(&text);
        let [f, imported, required] = result.findings.as_slice() else { panic!("{:?}", result.findings) };
        assert_eq!((f.title.as_str(), f.severity, f.description.as_str()), ("GO-1 in golang.org/x/text", Severity::High, "D"));
        assert_eq!((f.file_path.as_deref(), f.line, f.column), (Some("main.go"), Some(9), Some(14)));
        assert_eq!(
            (f.vulnerability_ids.len(), f.references.len(), f.remediation.as_str()),
            (3, 2, "Update golang.org/x/text to 0.3.8")
        );
        let package = f.package.as_deref().unwrap();
        assert_eq!(package.purl.as_deref(), Some("pkg:golang/golang.org/x/text@0.3.5"));
        assert_eq!((f.metadata.tool["symbol"].as_str(), f.metadata.tool["findings"].as_u64()), (Some("Tag.Parse"), Some(2)));
        assert_eq!((imported.severity, imported.file_path.as_deref()), (Severity::Medium, None));
        assert_eq!((required.severity, required.rule_id.as_deref()), (Severity::Low, Some("GO-3")));
        let run = &result.scanners[0];
        assert_eq!((run.version.as_deref(), run.status, run.skipped.len()), (Some("v1.1.3"), ScannerStatus::Partial, 1));
    }

    #[test]
    fn clean_lists_and_coarse_scans() {
        assert_eq!(read(CONFIG).findings.len(), 0);
        assert_eq!(read(&format!("[{CONFIG}]")).scanners[0].name, "govulncheck");
        let coarse = CONFIG.replace("\"symbol\"", "\"module\"") + r#"{"finding":{"osv":"GO-1","trace":[{"module":"a"}]}}"#;
        assert_eq!(read(&coarse).findings[0].severity, Severity::Medium);
        let cut = format!("{CONFIG}\n{{\"finding\":{{\"osv\":");
        assert_eq!(read(&cut).scanners[0].status, ScannerStatus::Partial);
        assert!(parse(br#"{"a":1}"#, Some("govulncheck"), &IngestOptions::default()).is_err());
    }

    #[test]
    fn documents_before_1() {
        for text in [
            r#"{"Vulns":[{"OSV":{"id":"GO-1","aliases":["CVE-1"]},"Modules":[{"Path":"golang.org/x/text","FoundVersion":"v0.3.5","FixedVersion":"v0.3.8","Packages":[{"Path":"p","CallStacks":[{"Symbol":"Parse"}]}]}]}]}"#,
            r#"{"Calls":{},"Imports":{},"Requires":{},"Vulns":[{"OSV":{"id":"GO-1","aliases":["CVE-1"]},"Symbol":"Parse","PkgPath":"p","ModPath":"golang.org/x/text","CallSink":3,"ImportSink":4},{"OSV":{"id":"GO-1"},"Symbol":"Other","CallSink":0}]}"#,
            r#"{"preamble":{"query_kind":"Binary"}}{"vulnerability":{"osv":{"id":"GO-1","aliases":["CVE-1"]},"modules":[{"path":"golang.org/x/text","packages":[{"path":"p","callstacks":[{}]}]}]}}"#,
        ] {
            let result = read(text);
            let [f] = result.findings.as_slice() else { panic!("{:?}", result.findings) };
            assert_eq!(
                (f.severity, f.package.as_deref().unwrap().name.as_str()),
                (Severity::High, "golang.org/x/text"),
                "{text}"
            );
            assert_eq!(f.vulnerability_ids, ["CVE-1", "GO-1"]);
        }
        assert_eq!(read(r#"{"Vulns":null}"#).findings.len(), 0);
    }
}
