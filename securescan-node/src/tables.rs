//! The tables of the engine that types and option checks are made from, so that they cannot drift.

use crate::errors::{guard, json};
use napi_derive::napi;
use securescan_core::render::{self, RENDERERS, RenderOptions};
use securescan_core::scanners::SCANNERS;
use securescan_core::{Filter, Result, api, error, ingest};
use serde_json::{Value, json};

/// Error codes, options, formats, scanners: JSON.
#[napi]
pub fn tables() -> napi::Result<String> {
    guard(|| {
        let (text, binary): (Vec<_>, Vec<_>) = RENDERERS.iter().partition(|renderer| !render::is_binary(**renderer));
        let ids = |list: Vec<&&dyn render::Renderer>| list.into_iter().map(|renderer| renderer.id()).collect::<Vec<_>>();
        json(&json!({
            "errors": error::ERRORS.iter().map(|row| row.code).collect::<Vec<_>>(),
            "operations": api::OPERATIONS.iter().map(|operation| operation.name).collect::<Vec<_>>(),
            "scan_options": api::OPTION_KEYS,
            "report_formats": ingest::formats().map(|meta| meta.id).collect::<Vec<_>>(),
            "text_formats": ids(text),
            "binary_formats": ids(binary),
            "scanners": SCANNERS.iter().map(|scanner| scanner.meta().name).collect::<Vec<_>>(),
            "render_options": keys(&RenderOptions::default())?,
            "conditions": keys(&Filter::default())?,
        }))
    })
}

/// The keys of an object.
fn keys(object: &impl serde::Serialize) -> Result<Vec<String>> {
    match serde_json::from_str(&json(object)?) {
        Ok(Value::Object(map)) => Ok(map.into_iter().map(|(key, _)| key).collect()),
        _ => Ok(Vec::new()),
    }
}
