//! `json`: the bare array of findings; for a diff, an object of the lists.

use super::{DiffKind, RenderInput, Renderer, write_json};
use crate::Result;
use crate::model::Finding;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::io::Write;

pub(super) struct Json;

impl Renderer for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "findings as a JSON array, for tools and snapshots"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        match input.diff {
            Some(_) => write_json(&Diff(input), out),
            None => write_json(&Shown(input, &input.result.findings), out),
        }
    }
}

/// A list without what is not to be shown.
struct Shown<'a>(&'a RenderInput<'a>, &'a [Finding]);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.0.shown(self.1))
    }
}

/// The object of a diff. The count of unchanged findings is never filtered: there is no list to filter it by.
struct Diff<'a>(&'a RenderInput<'a>);

impl Serialize for Diff<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let input = self.0;
        let view = input.diff.copied().unwrap_or_default();
        let gone = match view.kind {
            DiffKind::Diff => "fixed",
            DiffKind::Compare => "disappeared",
        };
        let mut object = s.serialize_struct("Diff", 4)?;
        object.serialize_field("new", &Shown(input, view.new))?;
        object.serialize_field(gone, &Shown(input, view.fixed))?;
        object.serialize_field("unchanged_count", &view.unchanged_count)?;
        object.serialize_field("not_scanned", &Shown(input, view.not_scanned))?;
        object.end()
    }
}
