//! `snapshot`: all findings with the coverage they rest on, to be read back.

use super::{RenderInput, Renderer, write_json};
use crate::Result;
use crate::model::Snapshot;
use std::io::Write;

pub(super) struct SnapshotJson;

impl Renderer for SnapshotJson {
    fn id(&self) -> &'static str {
        "snapshot"
    }

    fn about(&self) -> &'static str {
        "all findings with the coverage they rest on, for diff and compare"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    /// Suppressed findings are always in it: whoever reads it back decides anew. For a diff: the head side.
    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        write_json(&Snapshot::new(input.result), out)
    }
}
