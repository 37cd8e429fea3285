//! CycloneDX 1.6 JSON.

use super::super::{Bill, Component, HashAlgorithm, Scope};
use super::{Statement, statement, uuid};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The name of the project among the references; no package URL.
const PROJECT: &str = "securescan:project";

/// The document.
pub(super) fn document(bill: &Bill, name: &str, created: Option<String>) -> Value {
    let mut metadata = json!({
        "component": { "type": "application", "bom-ref": PROJECT, "name": name },
        "tools": { "components": [{ "type": "application", "name": "securescan", "version": crate::VERSION }] },
    });
    if let Some(fields) = metadata.as_object_mut() {
        created.into_iter().for_each(|created| drop(fields.insert("timestamp".to_owned(), created.into())));
        let unread: Vec<Value> =
            bill.unread.iter().map(|u| property("securescan:unread", &format!("{}: {}", u.path, u.why))).collect();
        if !unread.is_empty() {
            fields.insert("properties".to_owned(), unread.into());
        }
    }
    let components: Vec<Value> = bill.components.iter().map(|(purl, part)| component(purl, part)).collect();
    let needs = bill.components.iter().map(|(purl, part)| dependency(purl, &part.needs));
    let dependencies: Vec<Value> = std::iter::once(dependency(PROJECT, &bill.direct)).chain(needs).collect();
    let mut document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": metadata,
        "components": components,
        "dependencies": dependencies,
    });
    let serial = format!("urn:uuid:{}", uuid(&document.to_string()));
    document.as_object_mut().into_iter().for_each(|d| drop(d.insert("serialNumber".to_owned(), serial.clone().into())));
    document
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

fn dependency(of: &str, needs: &BTreeSet<String>) -> Value {
    if needs.is_empty() { json!({ "ref": of }) } else { json!({ "ref": of, "dependsOn": needs }) }
}

fn component(purl: &str, part: &Component) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| drop(out.insert(key.to_owned(), value));
    put("type", "library".into());
    put("bom-ref", purl.into());
    put("purl", purl.into());
    match part.name.split_once(':').filter(|_| part.ecosystem == "maven") {
        Some((group, name)) => {
            put("group", group.into());
            put("name", name.into());
        }
        None => put("name", part.name.as_str().into()),
    }
    part.version.iter().for_each(|version| put("version", version.as_str().into()));
    let scope = match part.scope {
        Scope::Required => "required",
        Scope::Optional => "optional",
        Scope::Excluded => "excluded",
    };
    put("scope", scope.into());
    if let Some(license) = &part.license {
        put("licenses", licenses(license));
    }
    if !part.hashes.is_empty() {
        let hashes = part.hashes.iter().map(|(algorithm, hex)| json!({ "alg": algorithm_name(*algorithm), "content": hex }));
        put("hashes", hashes.collect());
    }
    let declared = part.declared.iter().map(|range| property("securescan:declared", range));
    let manifests = part.manifests.iter().map(|path| property("securescan:manifest", path));
    put("properties", declared.chain(manifests).collect());
    Value::Object(out)
}

fn licenses(license: &str) -> Value {
    match statement(license) {
        Statement::Id(id) => json!([{ "license": { "id": id } }]),
        Statement::Expression(expression) => json!([{ "expression": expression }]),
        Statement::Words(words) => json!([{ "license": { "name": words } }]),
    }
}

fn algorithm_name(algorithm: HashAlgorithm) -> &'static str {
    match algorithm {
        HashAlgorithm::Md5 => "MD5",
        HashAlgorithm::Sha1 => "SHA-1",
        HashAlgorithm::Sha256 => "SHA-256",
        HashAlgorithm::Sha384 => "SHA-384",
        HashAlgorithm::Sha512 => "SHA-512",
    }
}
