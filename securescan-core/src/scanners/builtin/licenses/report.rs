//! From a package and its judged licence to a finding.

use crate::licenses::{Class, Verdict, is_copyleft};
use crate::manifests::Entry;
use crate::model::{Confidence, Finding, Package, ScanType};
use serde_json::Value;

/// Longest name, version or licence text in a finding, in characters.
const MAX_TEXT: usize = 200;

/// What is known about one package.
pub(super) struct Known<'a> {
    /// The purl type.
    pub ecosystem: &'static str,
    /// The manifest it stands in.
    pub file_path: &'a str,
    /// Its entry.
    pub entry: &'a Entry,
    /// Its version: the manifest's or the installed copy's.
    pub version: &'a str,
    /// The licence statement; none when an installed copy states none.
    pub license: Option<&'a str>,
    /// Where the statement stands.
    pub source: &'static str,
}

/// The finding for a package; none for a permissive licence.
pub(super) fn finding(known: &Known<'_>, verdict: &Verdict) -> Option<Finding> {
    let severity = verdict.class.severity()?;
    let entry = known.entry;
    let name = clean(&entry.name);
    let version = clean(known.version);
    let label = if version.is_empty() { name.clone() } else { format!("{name}@{version}") };
    let license = known.license.map(clean);
    let shown = verdict.spdx.as_deref().or(license.as_deref()).unwrap_or("none stated").to_owned();
    let copyleft = verdict.spdx.as_deref().is_none_or(is_copyleft);
    let mut out =
        Finding::new("licenses", ScanType::Dependency, severity, title(verdict.class, copyleft, &label, license.as_deref()));
    out.confidence = Some(if verdict.spdx.is_some() { Confidence::High } else { Confidence::Medium });
    out.description = description(verdict.class, copyleft, &label, &shown, known);
    out.remediation = verdict.class.advice().to_owned();
    out.file_path = Some(known.file_path.to_owned());
    out.line = entry.line;
    out.rule_id = Some(format!("licenses/{}", verdict.class.as_str()));
    out.package = Some(Box::new(Package {
        ecosystem: known.ecosystem.to_owned(),
        purl: Some(purl(known.ecosystem, &name, &version)),
        name,
        version: (!version.is_empty()).then_some(version),
        fixed_version: None,
    }));
    let extra = &mut out.metadata.extra;
    extra.insert("license".into(), license.map_or(Value::Null, Value::String));
    extra.insert("spdx".into(), verdict.spdx.as_deref().map(clean).map_or(Value::Null, Value::String));
    extra.insert("class".into(), verdict.class.as_str().into());
    extra.insert("source".into(), known.source.into());
    extra.insert("aliases".into(), aliases(verdict.class, known.ecosystem).into());
    for (key, value) in [("direct", entry.direct), ("dev", entry.dev)] {
        if let Some(value) = value {
            extra.insert(key.into(), value.into());
        }
    }
    Some(out)
}

/// The rule ids SecureScan for Python used for the same thing.
fn aliases(class: Class, ecosystem: &str) -> Vec<&'static str> {
    match class {
        Class::Unknown => vec!["licenses/unknown"],
        Class::Unlicensed => vec!["licenses/unknown"],
        _ if ecosystem == "npm" => vec!["licenses/copyleft-npm", "licenses/copyleft"],
        _ => vec!["licenses/copyleft"],
    }
}

fn title(class: Class, copyleft: bool, label: &str, license: Option<&str>) -> String {
    let license = license.unwrap_or_default();
    match class {
        Class::Unknown if license.is_empty() => format!("Unknown license: {label}"),
        Class::Unknown => format!("Unknown license: {label} ({license})"),
        Class::Unlicensed => format!("Unlicensed package: {label} ({license})"),
        _ if copyleft => format!("Copyleft license: {label} ({license})"),
        _ => format!("Restrictive license: {label} ({license})"),
    }
}

fn description(class: Class, copyleft: bool, label: &str, shown: &str, known: &Known<'_>) -> String {
    let asks = class.asks(copyleft, known.license.is_some());
    let dev = if known.entry.dev == Some(true) { " It is needed for development only." } else { "" };
    format!("The licence of {label} ({shown}) {asks}.{dev}")
}

/// One line without control characters, cut to a sensible length.
fn clean(text: &str) -> String {
    text.chars().take(MAX_TEXT).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The package URL. Everything but letters, digits and `.-_~` is percent-encoded; `/` separates the namespace.
///
/// # Source
/// purl specification 1.0, "Rules for each purl component", and the rules of the types used here.
fn purl(ecosystem: &str, name: &str, version: &str) -> String {
    let name = match ecosystem {
        "pypi" => name.to_lowercase().replace('_', "-"),
        "composer" | "golang" => name.to_lowercase(),
        _ => name.to_owned(),
    };
    let mut out = format!("pkg:{ecosystem}/");
    encode(&mut out, &name, true);
    if !version.is_empty() {
        out.push('@');
        encode(&mut out, version, false);
    }
    out
}

fn encode(out: &mut String, text: &str, keep_slash: bool) {
    use std::fmt::Write;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) || keep_slash && byte == b'/' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purls() {
        assert_eq!(purl("npm", "@scope/name", "1.0"), "pkg:npm/%40scope/name@1.0");
        assert_eq!(purl("pypi", "Foo_Bar", "1.0+local"), "pkg:pypi/foo-bar@1.0%2Blocal");
        assert_eq!(purl("golang", "github.com/A/b", "v1.2.3"), "pkg:golang/github.com/a/b@v1.2.3");
        assert_eq!(purl("npm", "a b?#", ""), "pkg:npm/a%20b%3F%23");
    }
}
