//! The document around the results: log, run, tool, invocation. Field order is output order.

use super::notifications::{Notification, notifications};
use super::results::Results;
use super::rules::Rules;
use super::select::Selection;
use crate::render::origin::Origin;
use crate::render::{Completeness, RenderInput, completeness, uri};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: [Invocation; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    version_control_provenance: Option<[Provenance; 1]>,
    original_uri_base_ids: BaseIds,
    column_kind: &'static str,
    results: Results<'a>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: &'a Rules<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<DiffProperties>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiffProperties {
    diff_mode: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    head_ref: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Provenance {
    repository_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_id: Option<String>,
    mapped_to: MappedTo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MappedTo {
    uri_base_id: &'static str,
}

#[derive(Serialize)]
struct BaseIds {
    #[serde(rename = "%SRCROOT%")]
    root: Described,
}

#[derive(Serialize)]
struct Described {
    description: super::results::Text<'static>,
}

impl<'a> Log<'a> {
    pub(super) fn new(input: &'a RenderInput<'a>, selection: &'a Selection<'a>, rules: &'a Rules<'a>) -> Self {
        let diff = input.diff.map(|diff| DiffProperties {
            diff_mode: true,
            base_ref: diff.base_ref.map(str::to_owned),
            head_ref: diff.head_ref.map(str::to_owned),
        });
        Self {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [Run {
                tool: Tool {
                    driver: Driver {
                        name: "SecureScan",
                        version: crate::VERSION,
                        semantic_version: crate::VERSION,
                        information_uri: env!("CARGO_PKG_REPOSITORY"),
                        rules,
                    },
                },
                invocations: [Invocation {
                    execution_successful: completeness(input.result) != Completeness::Incomplete,
                    tool_execution_notifications: notifications(input, selection),
                    properties: diff,
                }],
                version_control_provenance: provenance(input).map(|p| [p]),
                original_uri_base_ids: BaseIds {
                    root: Described { description: super::results::Text::new("The root of the scanned tree.") },
                },
                column_kind: "unicodeCodePoints",
                results: Results::new(input, selection, rules),
            }],
        }
    }
}

/// Where the tree came from, if the caller's `owner/name` and commit look like what they should be.
fn provenance(input: &RenderInput<'_>) -> Option<Provenance> {
    let origin = Origin::of(&input.options)?;
    Some(Provenance {
        repository_uri: origin.repository_url(),
        revision_id: origin.sha.map(str::to_owned),
        mapped_to: MappedTo { uri_base_id: uri::ROOT },
    })
}
