//! .NET: `dotnet list package --vulnerable --format json`. One finding for each advisory of a package in a framework of a project.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, each_part};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Dotnet;

const META: ParserMeta = ParserMeta {
    id: "dotnet",
    title: "`dotnet list package --vulnerable` JSON",
    versions_read: "SDK 7.0.200 and later (version 1)",
    upstream: "https://learn.microsoft.com/dotnet/core/tools/dotnet-package-list",
    scan_type: ScanType::Dependency,
};

impl Parser for Dotnet {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object && shape.has_all(&["version", "parameters", "projects"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("projects"), Want::Each("problems"), Want::Whole("parameters")];
        json::read(&mut input, &["projects"], &wants, report, &mut |report, at, value| match at.place {
            "parameters" => {
                // The same document lists packages that are outdated, deprecated or just there.
                if value.as_str().is_some_and(|asked| !asked.contains("--vulnerable")) {
                    report.missed(".", "the report was not made with `--vulnerable`");
                }
                Ok(())
            }
            "problems" => {
                let mut problem = Fields::or_empty(value);
                let path = problem.text("project").unwrap_or_else(|| ".".to_owned());
                report.missed(path, problem.text("text").unwrap_or_else(|| "a problem".to_owned()));
                Ok(())
            }
            _ => project(report, Fields::of(value)?),
        })
    }
}

fn project(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let path = locate::file(item.text("path").as_deref(), report)?;
    path.iter().for_each(|path| report.target(path.clone()));
    for mut framework in item.list("frameworks").into_iter().map(Fields::or_empty) {
        let name = framework.text("framework").unwrap_or_default();
        let of = |list: Vec<serde_json::Value>, direct: bool| list.into_iter().map(move |value| (value, direct));
        let packages = of(framework.list("topLevelPackages"), true).chain(of(framework.list("transitivePackages"), false));
        each_part(report, "packages", packages.collect::<Vec<_>>(), |report, (value, direct)| {
            package(report, Fields::of(value)?, path.as_deref(), &name, direct)
        })?;
    }
    Ok(())
}

fn package(report: &mut Report<'_>, mut item: Fields, path: Option<&str>, framework: &str, direct: bool) -> Result<(), Stop> {
    let found = item.list("vulnerabilities");
    let name = item.text("id").unwrap_or_default();
    let version = item.first_text(&["resolvedVersion", "requestedVersion"]);
    each_part(report, "vulnerabilities", found, |report, value| {
        let mut about = Fields::of(value)?;
        let url = about.first_text(&["advisoryurl", "advisoryUrl"]).unwrap_or_default();
        let id = words::advisory_of_url(&url);
        let severity = about.text("severity").and_then(|word| words::severity(&word)).unwrap_or(Severity::Medium);
        let mut finding = report.finding(severity, dependency::title(id.as_deref().unwrap_or("Vulnerability"), &name));
        finding.references = words::urls([url]);
        finding.vulnerability_ids = id.iter().cloned().collect();
        finding.rule_id = id.or_else(|| Some(format!("dotnet/{name}")));
        finding.file_path = path.map(str::to_owned);
        finding.package = Some(Box::new(words::package("nuget", name.clone(), version.clone(), None)));
        about.keep("framework", framework);
        about.keep("direct", direct);
        finding.metadata.tool = about.rest();
        report.push(finding)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"{"version":1,"parameters":"--vulnerable --include-transitive","problems":[{"text":"no assets file","level":"error","project":"b.csproj"}],
            "projects":[{"path":"src/a.csproj","frameworks":[{"framework":"net8.0","topLevelPackages":[{"id":"Newtonsoft.Json","requestedVersion":"12.0.1",
            "resolvedVersion":"12.0.1","vulnerabilities":[{"severity":"High","advisoryurl":"https://github.com/advisories/GHSA-5crp-9r3c-p9vr"}]}],
            "transitivePackages":[{"id":"X","resolvedVersion":"1","vulnerabilities":[{"severity":"Low"}]},{"id":"Y"}]}]},{"path":"c.csproj"}]}"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.title.as_str(), f.severity), ("GHSA-5crp-9r3c-p9vr in Newtonsoft.Json", Severity::High));
        assert_eq!(
            (f.package.as_deref().unwrap().purl.as_deref(), f.file_path.as_deref()),
            (Some("pkg:nuget/Newtonsoft.Json@12.0.1"), Some("src/a.csproj"))
        );
        assert_eq!((result.findings.len(), result.findings[1].rule_id.as_deref()), (2, Some("dotnet/X")));
        assert_eq!(result.scanners[0].skipped[0].path, "b.csproj");
        let none = br#"{"version":1,"parameters":"--vulnerable","sources":[],"projects":[{"path":"a.csproj"}]}"#;
        let none = parse(none, None, &IngestOptions::default()).unwrap();
        assert_eq!((none.findings.len(), none.scanners[0].status.as_str()), (0, "ok"));
    }
}
