//! The components of a bill, by the name that vulnerabilities refer to them with.

use super::super::fields::Fields;
use super::super::report::clip;
use super::super::{dependency, words, xml};
use super::elements;
use crate::model::Package;
use serde_json::Value;
use std::collections::HashMap;

/// What a finding needs of a component.
#[derive(Debug)]
pub(super) struct Component {
    pub(super) package: Package,
    /// The file that it was found in, as the tool writes it.
    pub(super) file: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Components(HashMap<String, Component>);

/// Properties that say which file a component was found in.
///
/// # Source
/// Trivy, Syft and cdxgen: their property names.
const FILE_PROPERTIES: &[&str] = &["aquasecurity:trivy:FilePath", "syft:location:0:path", "SrcFile"];

impl Components {
    pub(super) fn get(&self, reference: &str) -> Option<&Component> {
        self.0.get(reference)
    }

    /// Adds a component with those inside it; depth is bounded by the JSON reader's own limit.
    pub(super) fn add(&mut self, value: Value) {
        let mut item = Fields::or_empty(value);
        item.list("components").into_iter().chain(item.list("services")).for_each(|inner| self.add(inner));
        self.one(item);
    }

    /// Adds a component without those inside it; gives the name it goes by.
    pub(super) fn add_element(&mut self, element: &xml::Element) -> Option<String> {
        let mut item = Fields::or_empty(elements::shallow(element, &["components", "vulnerabilities", "services"]));
        // In documents before 1.1 nothing refers to a component; the extension is inside it.
        if !item.has("bom-ref") {
            let name = item.peek("purl").and_then(Value::as_str).map(str::to_owned);
            item.keep("bom-ref", name.unwrap_or_else(|| format!("component {}", self.0.len())));
        }
        self.one(item)
    }

    fn one(&mut self, mut item: Fields) -> Option<String> {
        let (reference, purl) = (item.text("bom-ref"), item.text("purl"));
        // They go into each finding about the component.
        let mut short = |name: &str| item.text(name).map(|text| clip(text, 1000));
        let (group, name, version) = (short("group"), short("name").unwrap_or_default(), short("version"));
        let purl = purl.filter(|purl| purl.len() <= 2000);
        let package = match purl.as_deref().and_then(words::package_of_purl) {
            // Distributions stand before the name in a package URL, and are no part of it.
            Some(named) if matches!(named.ecosystem.as_str(), "deb" | "apk" | "rpm" | "alpm") && !name.is_empty() => {
                dependency::package(&named.ecosystem, name, version.or(named.version), None, purl)
            }
            Some(named) => Package { version: version.or(named.version), ..named },
            None => {
                let full = group.map_or_else(|| name.clone(), |group| format!("{group}/{name}"));
                Package { name: full, version, ..Package::default() }
            }
        };
        let keys: Vec<String> = [reference, package.purl.clone()].into_iter().flatten().collect();
        let mut file = item.list("evidence.occurrences").into_iter().find_map(|place| Fields::or_empty(place).text("location"));
        for property in item.list("properties") {
            let mut property = Fields::or_empty(property);
            let known = property.text("name").is_some_and(|name| FILE_PROPERTIES.contains(&name.as_str()));
            file = file.or_else(|| property.first_text(&["value", "text"]).filter(|_| known));
        }
        for key in &keys {
            let component = Component { package: package.clone(), file: file.clone() };
            self.0.entry(key.clone()).or_insert(component);
        }
        keys.into_iter().next()
    }
}
