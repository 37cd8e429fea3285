//! CycloneDX: vulnerabilities of a bill of materials, JSON and XML. Components are no findings: a bill that lists no vulnerabilities
//! has none.

mod components;
mod elements;
#[cfg(test)]
mod tests;

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, score, words, xml};
use crate::Result;
use crate::model::{Finding, Package, ScanType, Severity};
use components::{Component, Components};
use serde_json::Value;

pub(super) struct CycloneDx;

const META: ParserMeta = ParserMeta {
    id: "cyclonedx",
    title: "CycloneDX vulnerabilities (JSON, XML)",
    versions_read: "JSON 1.2 to 1.7, XML 1.0 to 1.7 with the vulnerability extension of 1.0 to 1.3",
    upstream: "https://cyclonedx.org/specification/overview/",
    scan_type: ScanType::Dependency,
};

/// States of an analysis that say: nothing to do.
///
/// # Source
/// CycloneDX 1.7, `vulnerability.analysis.state`.
const DONE: &[&str] = &["resolved", "resolved_with_pedigree", "not_affected", "false_positive"];

impl Parser for CycloneDx {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Object => {
                shape.text("bomFormat").is_some_and(|name| name.eq_ignore_ascii_case("cyclonedx"))
                    || shape.text("$schema").is_some_and(|schema| schema.contains("cyclonedx.org"))
            }
            Top::Xml => shape.root() == "bom",
            Top::Array | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let mut bill = Bill::default();
        if input.begins_xml()? {
            let items = ["component", "service", "vulnerability", "tool"];
            xml::read(&mut input, &["bom"], &[], &items, report, &mut |report, around, element| {
                bill.element(report, around, &element)
            })?;
        } else {
            let wants = [
                Want::Each("metadata.tools"),
                Want::Whole("metadata.component"),
                Want::Each("components"),
                Want::Each("services"),
                Want::Each("vulnerabilities"),
                Want::Whole("bomFormat"),
                Want::Whole("specVersion"),
            ];
            let proof = ["bomFormat", "specVersion", "components", "vulnerabilities"];
            json::read(&mut input, &proof, &wants, report, &mut |report, at, value| match at.place {
                "metadata.tools" => {
                    bill.tool(Fields::or_empty(value));
                    Ok(())
                }
                "metadata.component" | "components" | "services" => {
                    bill.components.add(value);
                    Ok(())
                }
                "vulnerabilities" => bill.vulnerability(report, Fields::of(value)?, None),
                _ => Ok(()),
            })?;
        }
        bill.finish(report);
        Ok(())
    }
}

/// What a bill says besides its vulnerabilities. Components may come after them, so packages are filled in at the end.
#[derive(Default)]
struct Bill {
    components: Components,
    tools: Vec<(String, Option<String>)>,
    /// The component that each finding is about.
    subjects: Vec<Option<String>>,
}

impl Bill {
    /// A tool that made the bill: by itself, or as a component.
    fn tool(&mut self, mut item: Fields) {
        let inner = [item.list("components"), item.list("services")];
        inner.into_iter().flatten().for_each(|tool| self.tool(Fields::or_empty(tool)));
        if let Some(name) = item.text("name") {
            self.tools.push((name, item.text("version")));
        }
    }

    fn element(&mut self, report: &mut Report<'_>, around: &[xml::Element], element: &xml::Element) -> Result<(), Stop> {
        let is_tool = around.iter().any(|outer| outer.name == "tools");
        match element.name.as_str() {
            "vulnerability" => self.vulnerability(report, Fields::of(elements::value(element))?, None),
            _ if is_tool => {
                self.tool(Fields::or_empty(elements::value(element)));
                Ok(())
            }
            "tool" => Ok(()),
            _ => self.component(report, element),
        }
    }

    /// A component, with the vulnerabilities that the extension puts inside it.
    fn component(&mut self, report: &mut Report<'_>, element: &xml::Element) -> Result<(), Stop> {
        let place = self.components.add_element(element);
        for inner in element.all("components").flat_map(|list| &list.children) {
            self.component(report, inner)?;
        }
        let found: Vec<Value> =
            element.all("vulnerabilities").flat_map(|list| list.all("vulnerability")).map(elements::value).collect();
        report.each("vulnerability", found, &mut |report, value| self.vulnerability(report, Fields::of(value)?, place.as_deref()))
    }

    fn vulnerability(&mut self, report: &mut Report<'_>, mut item: Fields, inside: Option<&str>) -> Result<(), Stop> {
        let names: Vec<String> = item.list("references").into_iter().filter_map(|r| Fields::or_empty(r).text("id")).collect();
        let own = item.text("id");
        // An opaque id of a database says less than the advisory it refers to.
        let advisory =
            own.as_ref().filter(|id| words::is_advisory(id)).or_else(|| names.iter().find(|id| words::is_advisory(id)));
        let id = advisory.or(own.as_ref()).or(names.first()).cloned().or_else(|| item.text("bom-ref"));
        let texts = [item.text("description"), item.text("detail")];
        let id =
            id.ok_or(()).or_else(|()| texts[0].as_deref().map(words::first_sentence).ok_or_else(|| bad("`id` is missing")))?;
        let mut finding = report.finding(severity(&mut item), &*id);
        finding.vulnerability_ids = dependency::advisories(names.iter().cloned().chain(own.clone()).chain([id.clone()]));
        let weaknesses = item.value("cwes").map(|v| words::cwes(&v)).unwrap_or_default();
        dependency::weaknesses(&mut finding, &mut item, weaknesses);
        let links = item.list("advisories").into_iter().filter_map(|advisory| match advisory {
            Value::String(url) => Some(url),
            other => Fields::or_empty(other).text("url"),
        });
        let source = item.peek("source.url").and_then(Value::as_str).map(str::to_owned);
        finding.references = words::urls(links.chain(source));
        finding.description = described(texts);
        let advice =
            [item.text("recommendation"), item.text("workaround")].into_iter().flatten().chain(item.texts("recommendations"));
        finding.remediation = advice.collect::<Vec<_>>().join("\n\n");
        let state = item.peek("analysis.state").and_then(Value::as_str).unwrap_or_default();
        finding.ignored_in_source = DONE.iter().any(|done| done.eq_ignore_ascii_case(state));
        let subject =
            item.peek("affects").and_then(first_affected).or_else(|| inside.map(str::to_owned)).or_else(|| item.text("ref"));
        let (version, fixed) = versions(&item);
        if version.is_some() || fixed.is_some() {
            finding.package = Some(Box::new(Package { version, fixed_version: fixed, ..Package::default() }));
        }
        if own.as_ref().is_some_and(|own| *own != id) {
            item.keep("id", own.unwrap_or_default());
        }
        finding.rule_id = Some(id);
        finding.metadata.tool = item.rest();
        report.push(finding)?;
        self.subjects.push(subject);
        Ok(())
    }

    /// Fills in what stands elsewhere in the bill: packages, and who made it.
    fn finish(self, report: &mut Report<'_>) {
        // What only writes the format down has found nothing.
        let mut finders = self.tools.iter().filter(|(name, _)| !name.to_ascii_lowercase().contains("cyclonedx"));
        let tool = match (finders.next(), finders.next()) {
            (Some((name, version)), None) => slug(name).map(|name| (name, version.clone())),
            _ => None,
        };
        if let Some((name, version)) = &tool {
            report.tool(name, META.scan_type);
            report.version(version.clone());
        }
        // A path that leaves the root is the component's, and no reason to lose the finding.
        let paths: Vec<Option<String>> = self
            .subjects
            .iter()
            .map(|subject| self.components.get(subject.as_deref()?)?.file.clone())
            .map(|path| super::locate::file(path.as_deref(), report).ok().flatten().filter(|path| !super::locate::climbs(path)))
            .collect();
        for ((finding, subject), path) in report.open_findings().iter_mut().zip(&self.subjects).zip(paths) {
            tool.iter().for_each(|(name, _)| finding.scanner.clone_from(name));
            let component = subject.as_deref().and_then(|subject| self.components.get(subject));
            finding.file_path = path;
            about(finding, component, subject.as_deref());
        }
    }
}

/// Sets the package of a finding.
fn about(finding: &mut Finding, component: Option<&Component>, subject: Option<&str>) {
    let known = finding.package.take().unwrap_or_default();
    let named = component.map(|component| component.package.clone()).or_else(|| words::package_of_purl(subject?));
    let Some(mut package) = named.filter(|package| !package.name.is_empty()) else { return };
    package.version = package.version.or(known.version);
    package.fixed_version = known.fixed_version;
    finding.title = dependency::title(finding.rule_id.as_deref().unwrap_or_default(), &package.name);
    if finding.remediation.is_empty() {
        finding.remediation = dependency::remedy(&package.name, package.fixed_version.as_deref());
    }
    finding.package = Some(Box::new(package));
}

/// The longer of the two texts, which often repeat one another.
fn described([description, detail]: [Option<String>; 2]) -> String {
    match (description, detail) {
        (Some(short), Some(long)) if long.contains(short.trim_end_matches(['.', '…', ' '])) => long,
        (Some(short), Some(long)) => format!("{short}\n\n{long}"),
        (short, long) => short.or(long).unwrap_or_default(),
    }
}

/// The first component affected. A reference into another document ends in the name that it has there.
fn first_affected(affects: &Value) -> Option<String> {
    let first = affects.as_array().and_then(|list| list.first()).unwrap_or(affects);
    let reference = first.get("ref")?.as_str()?.trim();
    let local = match reference.split_once('#') {
        Some((link, local)) if link.starts_with("urn:cdx:") => local,
        _ => reference,
    };
    Some(local.to_owned()).filter(|local| !local.is_empty())
}

/// The version affected, and the lowest that is not, of the first component.
fn versions(item: &Fields) -> (Option<String>, Option<String>) {
    let first = item.peek("affects").and_then(Value::as_array).and_then(|list| list.first());
    let entries = first.and_then(|entry| entry.get("versions")).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of = |wanted: &str| {
        let status = |entry: &&Value| entry.get("status").and_then(Value::as_str).unwrap_or("affected") == wanted;
        entries.iter().filter(status).filter_map(|entry| entry.get("version")?.as_str()).collect::<Vec<_>>()
    };
    let installed = of("affected").first().map(|version| (*version).to_owned());
    let fixed = dependency::lowest_fix(of("unaffected"), installed.as_deref());
    (installed, fixed)
}

/// The rating of the source that the entry itself names, else the first that has a word, else the highest score.
///
/// # Source
/// CycloneDX 1.7, `severity`: critical, high, medium, low, info, none, unknown.
fn severity(item: &mut Fields) -> Severity {
    let source = item.peek("source.name").and_then(Value::as_str).map(str::to_owned);
    let ratings = item.peek("ratings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let word = |rating: &Value| {
        let word = rating.get("severity")?.as_str()?;
        words::severity(word).filter(|_| !word.eq_ignore_ascii_case("unknown"))
    };
    let named =
        |rating: &&Value| source.is_some() && rating.get("source").and_then(|s| s.get("name")?.as_str()) == source.as_deref();
    let by_word = ratings.iter().filter(named).find_map(word).or_else(|| ratings.iter().find_map(word));
    let score = |rating: &Value| {
        let given = rating.get("score").map(|score| score.get("base").unwrap_or(score));
        let given = given.and_then(|s| s.as_f64().or_else(|| s.as_str()?.trim().parse().ok())).and_then(words::severity_of_score);
        given.or_else(|| score::severity(rating.get("vector")?.as_str()?))
    };
    let by_score = || ratings.iter().filter_map(score).max();
    let unrated = if ratings.is_empty() { Severity::Medium } else { Severity::Info };
    by_word.or_else(by_score).unwrap_or(unrated)
}

/// A tool's name as a scanner's.
fn slug(name: &str) -> Option<String> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c.to_ascii_lowercase() } else { '-' };
    let slug: String = name.trim().chars().take(60).map(plain).collect();
    Some(slug.trim_matches('-').to_owned()).filter(|slug| !slug.is_empty())
}
