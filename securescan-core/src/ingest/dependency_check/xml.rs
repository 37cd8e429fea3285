//! The XML report's dependencies in the form the JSON report has them. Names of elements have been the same since schema 1.0;
//! what has changed is where identifiers and scores stand.

use super::super::Input;
use super::super::fields::Fields;
use super::super::report::{Report, Stop};
use super::super::xml::{self, Element};
use crate::Result;
use serde_json::{Map, Value, json};

pub(super) fn read(input: &mut Input<'_>, report: &mut Report<'_>, suppressed: &mut usize) -> Result<()> {
    let items = ["scanInfo", "dependency"];
    xml::read(input, &["analysis"], &[], &items, report, &mut |report, _, element| -> Result<(), Stop> {
        if element.name == "dependency" {
            return super::dependency(report, suppressed, Fields::of(dependency(&element))?);
        }
        report.version(element.text_of("engineVersion").map(str::to_owned));
        for exception in element.child("analysisExceptions").into_iter().flat_map(|list| list.all("exception")) {
            super::exception(report, Fields::or_empty(texts(exception)));
        }
        Ok(())
    })
}

/// The children that are only text.
fn texts(element: &Element) -> Value {
    let leaves = element.children.iter().filter(|child| child.children.is_empty());
    Value::Object(leaves.map(|child| (child.name.clone(), child.text.trim().into())).collect())
}

fn dependency(element: &Element) -> Value {
    let mut out = Map::new();
    for name in ["fileName", "filePath", "sha1", "sha256"] {
        out.extend(element.text_of(name).map(|text| (name.to_owned(), text.into())));
    }
    let identifiers = element.child("identifiers").into_iter().flat_map(|list| &list.children);
    let identifiers = identifiers.filter(|child| matches!(child.name.as_str(), "package" | "identifier"));
    out.insert("packages".into(), identifiers.map(identifier).collect());
    let listed = element.child("vulnerabilities");
    let found = listed.into_iter().flat_map(|list| list.all("vulnerability"));
    out.insert("vulnerabilities".into(), found.map(vulnerability).collect());
    let hidden = listed.into_iter().flat_map(|list| list.all("suppressedVulnerability"));
    out.insert("suppressedVulnerabilities".into(), hidden.map(|_| Value::Bool(true)).collect());
    Value::Object(out)
}

fn identifier(element: &Element) -> Value {
    json!({
        "id": element.text_of("id").or_else(|| element.text_of("name")),
        "type": element.attribute("type"),
        "confidence": element.attribute("confidence"),
    })
}

fn vulnerability(element: &Element) -> Value {
    let Value::Object(mut out) = texts(element) else { return Value::Null };
    out.extend(element.attribute("source").map(|source| ("source".to_owned(), source.into())));
    for (xml, json) in [("cvssV2", "cvssv2"), ("cvssV3", "cvssv3"), ("cvssV4", "cvssv4")] {
        out.extend(element.child(xml).map(|scores| (json.to_owned(), texts(scores))));
    }
    let weaknesses = element.child("cwes").into_iter().flat_map(|list| list.all("cwe"));
    out.insert("cwes".into(), weaknesses.map(|cwe| cwe.text.trim().into()).collect::<Vec<Value>>().into());
    let references = element.child("references").into_iter().flat_map(|list| list.all("reference"));
    out.insert("references".into(), references.map(texts).collect());
    let software = element.child("vulnerableSoftware").into_iter().flat_map(|list| list.all("software"));
    out.insert("vulnerableSoftware".into(), software.map(matched).collect());
    Value::Object(out)
}

fn matched(software: &Element) -> Value {
    let mut out: Map<String, Value> =
        software.attributes.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect();
    out.insert("id".into(), software.text.trim().into());
    Value::Object(out)
}
