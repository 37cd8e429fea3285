//! SPDX 2.3 JSON.

use super::super::{Bill, Component, HashAlgorithm, Scope};
use super::{Statement, digest, statement, uuid};
use serde_json::{Map, Value, json};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const PROJECT: &str = "SPDXRef-Project";
/// What stands where a time must and none was told.
const EPOCH: &str = "1970-01-01T00:00:00Z";

/// The document.
pub(super) fn document(bill: &Bill, name: &str, created: Option<String>, namespace: &str) -> Value {
    let project = json!({
        "SPDXID": PROJECT,
        "name": name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "APPLICATION",
    });
    let packages = std::iter::once(project).chain(bill.components.iter().map(|(purl, part)| package(purl, part)));
    let mut relationships = vec![related(DOCUMENT, "DESCRIBES", PROJECT)];
    relationships.extend(bill.direct.iter().map(|purl| related(PROJECT, "DEPENDS_ON", &id(purl))));
    for (purl, part) in &bill.components {
        let from = id(purl);
        relationships.extend(part.needs.iter().map(|need| related(&from, "DEPENDS_ON", &id(need))));
    }
    let mut creation = json!({
        "created": created.as_deref().unwrap_or(EPOCH),
        "creators": [format!("Tool: securescan-{}", crate::VERSION)],
    });
    if !bill.unread.is_empty() {
        let unread: Vec<String> = bill.unread.iter().map(|u| format!("{}: {}", u.path, u.why)).collect();
        let comment = format!("Not read: {}", unread.join("; "));
        creation.as_object_mut().into_iter().for_each(|c| drop(c.insert("comment".to_owned(), comment.as_str().into())));
    }
    let mut document = json!({
        "SPDXID": DOCUMENT,
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "name": name,
        "creationInfo": creation,
        "packages": packages.collect::<Vec<_>>(),
        "relationships": relationships,
    });
    let namespace = format!("{}/{}", namespace.trim_end_matches('/'), uuid(&document.to_string()));
    document.as_object_mut().into_iter().for_each(|d| drop(d.insert("documentNamespace".to_owned(), namespace.as_str().into())));
    document
}

/// An id of the characters SPDX allows.
fn id(purl: &str) -> String {
    format!("SPDXRef-Package-{}", digest(purl).get(..32).unwrap_or_default())
}

fn related(from: &str, how: &str, to: &str) -> Value {
    json!({ "spdxElementId": from, "relationshipType": how, "relatedSpdxElement": to })
}

fn package(purl: &str, part: &Component) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| drop(out.insert(key.to_owned(), value));
    put("SPDXID", id(purl).into());
    put("name", part.name.as_str().into());
    part.version.iter().for_each(|version| put("versionInfo", version.as_str().into()));
    put("downloadLocation", "NOASSERTION".into());
    put("filesAnalyzed", false.into());
    put("copyrightText", "NOASSERTION".into());
    put("primaryPackagePurpose", "LIBRARY".into());
    put("licenseConcluded", "NOASSERTION".into());
    let declared = match part.license.as_deref().map(statement) {
        Some(Statement::Id(text) | Statement::Expression(text)) => text,
        Some(Statement::Words(words)) => {
            put("licenseComments", format!("The package says: {words}").into());
            "NOASSERTION".to_owned()
        }
        None => "NOASSERTION".to_owned(),
    };
    put("licenseDeclared", declared.into());
    if !part.hashes.is_empty() {
        let sum =
            |(algorithm, hex): &(HashAlgorithm, String)| json!({ "algorithm": algorithm_name(*algorithm), "checksumValue": hex });
        put("checksums", part.hashes.iter().map(sum).collect());
    }
    let reference = json!({ "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl });
    put("externalRefs", json!([reference]));
    put("sourceInfo", source(part).into());
    match part.scope {
        Scope::Required => {}
        Scope::Optional => put("comment", "optional".into()),
        Scope::Excluded => put("comment", "needed for development only".into()),
    }
    Value::Object(out)
}

fn source(part: &Component) -> String {
    let manifests: Vec<&str> = part.manifests.iter().map(String::as_str).collect();
    let declared: Vec<&str> = part.declared.iter().map(String::as_str).collect();
    let asked = if declared.is_empty() { String::new() } else { format!("; declared as {}", declared.join(", ")) };
    format!("listed in {}{asked}", manifests.join(", "))
}

fn algorithm_name(algorithm: HashAlgorithm) -> &'static str {
    match algorithm {
        HashAlgorithm::Md5 => "MD5",
        HashAlgorithm::Sha1 => "SHA1",
        HashAlgorithm::Sha256 => "SHA256",
        HashAlgorithm::Sha384 => "SHA384",
        HashAlgorithm::Sha512 => "SHA512",
    }
}
