//! The API beside that of SecureScan for Python: its paths, methods, parameters and bodies are all there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::Service;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn names(operation: &Value) -> BTreeSet<(String, String, bool)> {
    let text = |p: &Value, key: &str| p[key].as_str().unwrap_or_default().to_owned();
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.map(|p| (text(p, "in"), text(p, "name"), p["required"].as_bool().unwrap_or(false))).collect()
}

fn schema(value: &Value) -> Option<&str> {
    let schema = &value["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str().or_else(|| schema["items"]["$ref"].as_str())?;
    name.rsplit('/').next()
}

/// Whether a schema has a field, itself or in what it is made of.
fn has(schemas: &Value, schema: &Value, field: &str) -> bool {
    let named = schema["$ref"].as_str().map_or(schema, |name| &schemas[name.rsplit('/').next().unwrap()]);
    let parts = named["allOf"].as_array().into_iter().flatten();
    named["properties"][field].is_object() || parts.into_iter().any(|part| has(schemas, part, field))
}

#[test]
fn everything_the_old_service_had_is_there() {
    let shared = std::env::var_os("SECURESCAN_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let Ok(text) = std::fs::read_to_string(shared.join("spec/openapi-reference.json")) else {
        println!("skipped: the description of the old service is not here");
        return;
    };
    let reference: Value = serde_json::from_str(&text).unwrap();
    let own = Service::start(&[]).get("/openapi.json").json();
    let mut compared = 0;
    for (path, item) in reference["paths"].as_object().unwrap() {
        for (method, old) in item.as_object().unwrap() {
            let new = &own["paths"][path][method];
            assert!(new.is_object(), "{method} {path} is missing");
            let missing: Vec<_> = names(old).difference(&names(new)).cloned().collect();
            assert!(missing.is_empty(), "{method} {path}: {missing:?}");
            assert_eq!(schema(&old["requestBody"]), schema(&new["requestBody"]), "{method} {path}");
            for (status, answer) in old["responses"].as_object().unwrap() {
                let answered = &new["responses"][status];
                assert!(answered.is_object() || status == "422", "{method} {path} {status}");
                if let Some(name) = schema(answer).filter(|_| status.starts_with('2')) {
                    assert_eq!(schema(answered), Some(name), "{method} {path} {status}");
                    let (old, new) = (&reference["components"]["schemas"][name], &own["components"]["schemas"]);
                    for field in old["properties"].as_object().unwrap().keys() {
                        assert!(has(new, &new[name], field), "{name}.{field}");
                    }
                }
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 87);
}
