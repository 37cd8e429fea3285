//! Findings as Arrow record batches, column by column.
//!
//! Columns are those of the JSON: text, `uint32` for places, lists of text for the three lists, the package taken apart
//! (`package_ecosystem`, …), `suppressed_by` beside, and `metadata` as JSON text.
//!
//! # Source
//! The Arrow C stream interface and PyCapsule interface (Apache Arrow, format documentation).

use arrow_array::builder::{ListBuilder, StringBuilder, UInt32Builder};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use securescan_core::model::{Finding, Findings};
use std::sync::Arc;

/// Findings of one batch.
const BATCH: usize = 8192;

type Text = fn(&Finding) -> Option<&str>;
type Number = fn(&Finding) -> Option<u32>;
type Texts = fn(&Finding) -> &[String];

enum Column {
    Text(Text),
    Number(Number),
    Texts(Texts),
    Metadata,
}

/// Name, whether it may be null, and where it comes from.
const COLUMNS: &[(&str, bool, Column)] = &[
    ("id", false, Column::Text(|f| Some(&f.id))),
    ("scan_id", true, Column::Text(|f| f.scan_id.as_deref())),
    ("scanner", false, Column::Text(|f| Some(&f.scanner))),
    ("scan_type", false, Column::Text(|f| Some(f.scan_type.as_str()))),
    ("severity", false, Column::Text(|f| Some(f.severity.as_str()))),
    ("confidence", true, Column::Text(|f| f.confidence.map(|c| c.as_str()))),
    ("title", false, Column::Text(|f| Some(&f.title))),
    ("description", false, Column::Text(|f| Some(&f.description))),
    ("remediation", false, Column::Text(|f| Some(&f.remediation))),
    ("file_path", true, Column::Text(|f| f.file_path.as_deref())),
    ("line", true, Column::Number(|f| f.line)),
    ("column", true, Column::Number(|f| f.column)),
    ("end_line", true, Column::Number(|f| f.end_line)),
    ("end_column", true, Column::Number(|f| f.end_column)),
    ("rule_id", true, Column::Text(|f| f.rule_id.as_deref())),
    ("cwe", true, Column::Text(|f| f.cwe.as_deref())),
    ("vulnerability_ids", false, Column::Texts(|f| &f.vulnerability_ids)),
    ("package_ecosystem", true, Column::Text(|f| f.package.as_ref().map(|p| p.ecosystem.as_str()))),
    ("package_name", true, Column::Text(|f| f.package.as_ref().map(|p| p.name.as_str()))),
    ("package_version", true, Column::Text(|f| f.package.as_ref().and_then(|p| p.version.as_deref()))),
    ("package_fixed_version", true, Column::Text(|f| f.package.as_ref().and_then(|p| p.fixed_version.as_deref()))),
    ("package_purl", true, Column::Text(|f| f.package.as_ref().and_then(|p| p.purl.as_deref()))),
    ("references", false, Column::Texts(|f| &f.references)),
    ("fingerprint", false, Column::Text(|f| Some(&f.fingerprint))),
    ("compliance_tags", false, Column::Texts(|f| &f.compliance_tags)),
    ("suppressed_by", true, Column::Text(|f| f.metadata.suppressed_by.map(|s| s.as_str()))),
    ("metadata", false, Column::Metadata),
];

fn schema() -> SchemaRef {
    let field = |(name, nullable, column): &(&str, bool, Column)| {
        let kind = match column {
            Column::Text(_) | Column::Metadata => DataType::Utf8,
            Column::Number(_) => DataType::UInt32,
            Column::Texts(_) => DataType::new_list(DataType::Utf8, true),
        };
        Field::new(*name, kind, *nullable)
    };
    Arc::new(Schema::new(COLUMNS.iter().map(field).collect::<Vec<_>>()))
}

impl Column {
    fn array<'a>(&self, rows: impl Iterator<Item = &'a Finding>) -> ArrayRef {
        match self {
            Self::Text(of) => {
                let mut out = StringBuilder::new();
                rows.for_each(|finding| out.append_option(of(finding)));
                Arc::new(out.finish())
            }
            Self::Number(of) => {
                let mut out = UInt32Builder::new();
                rows.for_each(|finding| out.append_option(of(finding)));
                Arc::new(out.finish())
            }
            Self::Texts(of) => {
                let mut out = ListBuilder::new(StringBuilder::new());
                for finding in rows {
                    of(finding).iter().for_each(|text| out.values().append_value(text));
                    out.append(true);
                }
                Arc::new(out.finish())
            }
            Self::Metadata => {
                let mut out = StringBuilder::new();
                rows.for_each(|finding| out.append_value(serde_json::to_string(&finding.metadata).unwrap_or_default()));
                Arc::new(out.finish())
            }
        }
    }
}

struct Batches {
    all: Findings,
    schema: SchemaRef,
    next: usize,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let left = self.all.len().saturating_sub(self.next);
        if left == 0 {
            return None;
        }
        let (from, count) = (self.next, left.min(BATCH));
        self.next += count;
        let rows = || (from..from + count).filter_map(|at| self.all.get(at));
        let columns = COLUMNS.iter().map(|(_, _, column)| column.array(rows())).collect();
        Some(RecordBatch::try_new(Arc::clone(&self.schema), columns))
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// The capsule of the PyCapsule interface; it releases the stream unless a reader has taken it.
pub(crate) fn stream(py: Python<'_>, all: Findings) -> PyResult<Bound<'_, PyCapsule>> {
    let stream = FFI_ArrowArrayStream::new(Box::new(Batches { all, schema: schema(), next: 0 }));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}

/// The schema alone, for readers that ask for it first.
pub(crate) fn schema_capsule(py: Python<'_>) -> PyResult<Bound<'_, PyCapsule>> {
    let schema = arrow_schema::ffi::FFI_ArrowSchema::try_from(schema().as_ref())
        .map_err(|e| crate::convert::invalid(py, &e.to_string()))?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}
