//! Trivy: `trivy image|fs|repo|config|sbom|vm|k8s --format json`, and the list that versions before 0.20 wrote.

mod items;
#[cfg(test)]
mod tests;

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, words};
use crate::Result;
use crate::model::ScanType;
use serde_json::Value;
use std::collections::HashMap;

pub(super) struct Trivy;

const META: ParserMeta = ParserMeta {
    id: "trivy",
    title: "Trivy JSON",
    versions_read: "schema 2 (0.20 and later), Kubernetes reports, the list of versions before 0.20",
    upstream: "https://trivy.dev/latest/docs/configuration/reporting/",
    scan_type: ScanType::Dependency,
};

impl Parser for Trivy {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let legacy = shape.has("Target") && shape.has_any(&["Vulnerabilities", "Misconfigurations", "Secrets", "Type", "Class"]);
        let report = shape.has("ArtifactName") && shape.has_any(&["SchemaVersion", "ArtifactType", "Results"]);
        let cluster = shape.has("ClusterName") && !shape.has("vulnerabilities");
        match shape.top {
            Top::Array => legacy || shape.has_all(&["ArtifactName", "SchemaVersion"]),
            Top::Object => report || cluster || shape.has_all(&["Results.Target", "SchemaVersion"]),
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [
            Want::Each(""),
            Want::Each("Results"),
            Want::Each("Resources"),
            Want::Each("Findings"),
            Want::Each("Vulnerabilities"),
            Want::Each("Misconfigurations"),
            Want::Whole("SchemaVersion"),
            Want::Whole("ArtifactName"),
            Want::Whole("ClusterName"),
            Want::Whole("Trivy.Version"),
        ];
        let proof = ["", "Results", "SchemaVersion", "ArtifactName", "ClusterName"];
        json::read(&mut input, &proof, &wants, report, &mut |report, at, value| match at.place {
            "ArtifactName" | "ClusterName" => {
                value.as_str().filter(|name| !name.is_empty()).into_iter().for_each(|name| report.target(name.to_owned()));
                Ok(())
            }
            "Trivy.Version" => {
                report.version(value.as_str().map(str::to_owned));
                Ok(())
            }
            "SchemaVersion" => Ok(()),
            "Resources" | "Findings" | "Vulnerabilities" | "Misconfigurations" => resource(report, Fields::of(value)?),
            _ => result(report, Fields::of(value)?, None),
        })
    }
}

/// An object of a cluster, with the results for its images and its manifest.
fn resource(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let parts = [item.text("Namespace"), item.text("Kind"), item.text("Name")];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join("/");
    if let Some(why) = item.text("Error") {
        report.missed(name.clone(), why);
    }
    report.each("Results", item.list("Results"), &mut |report, value| result(report, Fields::of(value)?, Some(&name)))
}

/// What a result says about all its items.
struct Place<'r> {
    target: String,
    class: String,
    kind: String,
    /// The object of a cluster that it belongs to.
    resource: Option<&'r str>,
    /// Where packages stand in a lock file, by their ids and by name and version.
    lines: HashMap<String, (u32, Option<u32>)>,
}

/// A target, with the lists of what was found there.
fn result(report: &mut Report<'_>, mut item: Fields, resource: Option<&str>) -> Result<(), Stop> {
    // Whole reports joined to a list.
    if item.has("Results") {
        report.version(item.text("Trivy.Version"));
        return report.each("Results", item.list("Results"), &mut |report, value| result(report, Fields::of(value)?, None));
    }
    const LISTS: [&str; 4] = ["Vulnerabilities", "Misconfigurations", "Secrets", "Licenses"];
    if !item.has("Target") && !item.has("Class") && !LISTS.iter().any(|list| item.has(list)) {
        let known = ["SchemaVersion", "ArtifactName"].iter().any(|key| item.has(key));
        return if known { Ok(()) } else { Err(bad("`Target` is missing")) };
    }
    let place = Place {
        target: item.text("Target").unwrap_or_default(),
        class: item.text("Class").unwrap_or_default(),
        kind: item.text("Type").unwrap_or_default(),
        resource,
        lines: lines(item.list("Packages")),
    };
    let [vulnerabilities, misconfigurations, secrets, licenses] = LISTS.map(|list| item.list(list));
    report.each("Vulnerabilities", vulnerabilities, &mut |r, value| items::vulnerability(r, &place, Fields::of(value)?))?;
    report
        .each("Misconfigurations", misconfigurations, &mut |r, value| items::misconfiguration(r, &place, Fields::of(value)?))?;
    report.each("Secrets", secrets, &mut |r, value| items::secret(r, &place, Fields::of(value)?))?;
    report.each("Licenses", licenses, &mut |r, value| items::license(r, &place, Fields::of(value)?))
}

fn lines(packages: Vec<Value>) -> HashMap<String, (u32, Option<u32>)> {
    let mut lines = HashMap::new();
    for package in packages {
        let mut package = Fields::or_empty(package);
        let mut locations = package.list("Locations").into_iter().map(Fields::or_empty);
        let Some(mut first) = locations.next() else { continue };
        let Some(start) = first.position("StartLine") else { continue };
        let at = (start, first.position("EndLine"));
        let name = package.text("Name").unwrap_or_default();
        let version = package.text("Version").unwrap_or_default();
        for key in [package.text("Identifier.UID"), package.text("ID"), Some(format!("{name}@{version}"))].into_iter().flatten() {
            lines.entry(key).or_insert(at);
        }
    }
    lines
}

/// What stands as target for packages of one language that were found anywhere.
///
/// # Source
/// Names of targets in Trivy 0.76, `pkg/scan/langpkg` and `pkg/scan/local`.
const LABELS: &[&str] = &["Node.js", "Python", "Java", "Ruby", "Conda", "Kubernetes", "OS Packages", "Loose File License(s)"];

impl Place<'_> {
    /// The operating system that the target names: `alpine` of `alpine:3.10 (alpine 3.10.2)`.
    fn system(&self) -> Option<&str> {
        let inside = self.target.strip_suffix(')')?.rsplit_once(" (")?.1;
        inside.split(' ').next().filter(|word| !word.is_empty())
    }

    /// The target, when it is a path.
    fn path(&self) -> Option<&str> {
        let packages_of_a_system = self.class == "os-pkgs"
            || self.system().is_some_and(|name| matches!(words::ecosystem(name).as_str(), "apk" | "deb" | "rpm" | "alpm"));
        let label = packages_of_a_system || LABELS.contains(&self.target.as_str()) || self.target.is_empty();
        (!label).then_some(self.target.as_str())
    }

    /// What was scanned, for what is not about packages: an object of a cluster has no file but a name.
    fn file(&self) -> Option<&str> {
        self.resource.filter(|name| self.class == "config" && !name.is_empty()).or_else(|| self.path())
    }

    /// What the tool calls the kind of packages.
    fn ecosystem(&self) -> &str {
        if self.kind.is_empty() { self.system().unwrap_or_default() } else { &self.kind }
    }

    /// Keeps what has no field of its own.
    fn keep(&self, item: &mut Fields) {
        for (name, value) in [("Target", self.target.as_str()), ("Class", &self.class), ("ResultType", &self.kind)] {
            item.keep(name, value);
        }
        self.resource.into_iter().for_each(|name| item.keep("Resource", name));
    }
}
