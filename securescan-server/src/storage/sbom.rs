//! Bills of materials: the documents as they were made, and their components in rows. They outlive the scan they belong to.

use super::{StorageResult, Store, Write};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

/// Rows in one statement.
const ROWS: usize = 500;

/// What is told of a bill without its components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SbomRow {
    /// The place among all, for cursors.
    pub(crate) place: i64,
    pub(crate) id: String,
    pub(crate) scan_id: Option<String>,
    pub(crate) target_path: String,
    /// `cyclonedx` or `spdx`.
    pub(crate) format: String,
    pub(crate) created_at: i64,
    pub(crate) component_count: i64,
}

/// The two documents of a bill; none of what was taken over from the service for Python.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Documents {
    /// In the bill's own format.
    pub(crate) own: Option<String>,
    /// In the other one.
    pub(crate) other: Option<String>,
}

/// A package of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ComponentRow {
    pub(crate) id: String,
    pub(crate) sbom_id: String,
    pub(crate) name: String,
    /// `unknown` when no manifest fixes one.
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) purl: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) supplier: Option<String>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT rowid, id, scan_id, target_path, format, created_at, component_count FROM sbom_documents ", $rest)
    };
}

fn row(row: &SqliteRow) -> StorageResult<SbomRow> {
    Ok(SbomRow {
        place: row.try_get("rowid")?,
        id: row.try_get("id")?,
        scan_id: row.try_get("scan_id")?,
        target_path: row.try_get("target_path")?,
        format: row.try_get("format")?,
        created_at: row.try_get("created_at")?,
        component_count: row.try_get("component_count")?,
    })
}

fn component(row: &SqliteRow) -> StorageResult<ComponentRow> {
    Ok(ComponentRow {
        id: row.try_get("id")?,
        sbom_id: row.try_get("sbom_id")?,
        name: row.try_get("name")?,
        version: row.try_get("version")?,
        kind: row.try_get("type")?,
        purl: row.try_get("purl")?,
        license: row.try_get("license")?,
        supplier: row.try_get("supplier")?,
    })
}

/// Keeps a bill. False when one of that id is there already.
pub(super) async fn insert(
    write: &mut Write,
    bill: &SbomRow,
    documents: &Documents,
    parts: &[ComponentRow],
) -> StorageResult<bool> {
    let done = sqlx::query(
        "INSERT INTO sbom_documents (id, scan_id, target_path, format, created_at, component_count, document, other_document)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&bill.id)
    .bind(&bill.scan_id)
    .bind(&bill.target_path)
    .bind(&bill.format)
    .bind(bill.created_at)
    .bind(bill.component_count)
    .bind(&documents.own)
    .bind(&documents.other)
    .execute(&mut **write)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    insert_components(write, &bill.id, parts).await?;
    Ok(true)
}

/// Adds components of a bill, and counts them; says how many there were.
pub(super) async fn insert_components(write: &mut Write, id: &str, parts: &[ComponentRow]) -> StorageResult<u64> {
    let (mut ord, mut added) = (0_i64, 0);
    for chunk in parts.chunks(ROWS) {
        let mut rows = QueryBuilder::<Sqlite>::new(
            "INSERT OR IGNORE INTO sbom_components (id, sbom_id, ord, name, version, type, purl, license, supplier) ",
        );
        rows.push_values((ord..).zip(chunk), |mut row, (ord, part)| {
            row.push_bind(&part.id).push_bind(&part.sbom_id).push_bind(ord).push_bind(&part.name).push_bind(&part.version);
            row.push_bind(&part.kind).push_bind(&part.purl).push_bind(&part.license).push_bind(&part.supplier);
        });
        added += rows.build().execute(&mut **write).await?.rows_affected();
        ord += i64::try_from(chunk.len()).unwrap_or(0);
    }
    if added > 0 {
        sqlx::query(
            "UPDATE sbom_documents SET component_count = (SELECT count(*) FROM sbom_components WHERE sbom_id = ?1) WHERE id = ?1",
        )
        .bind(id)
        .execute(&mut **write)
        .await?;
    }
    Ok(added)
}

impl Store {
    /// Keeps a bill with its documents and components.
    pub(crate) async fn add_sbom(&self, bill: &SbomRow, documents: &Documents, parts: &[ComponentRow]) -> StorageResult<()> {
        let mut write = self.begin().await?;
        insert(&mut write, bill, documents, parts).await?;
        Ok(write.commit().await?)
    }

    /// Bills, newest first: those after the one at this place, at most so many (-1: all).
    pub(crate) async fn sboms(&self, after: Option<i64>, limit: i64) -> StorageResult<Vec<SbomRow>> {
        let rows = match after {
            None => {
                sqlx::query(select!("ORDER BY created_at DESC, id DESC LIMIT ?")).bind(limit).fetch_all(&self.readers).await?
            }
            Some(place) => {
                let sql = select!(
                    "WHERE (created_at, id) < (SELECT created_at, id FROM sbom_documents WHERE rowid = ?)
                     ORDER BY created_at DESC, id DESC LIMIT ?"
                );
                sqlx::query(sql).bind(place).bind(limit).fetch_all(&self.readers).await?
            }
        };
        rows.iter().map(row).collect()
    }

    /// How many bills there are.
    pub(crate) async fn count_sboms(&self) -> StorageResult<i64> {
        Ok(sqlx::query_scalar("SELECT count(*) FROM sbom_documents").fetch_one(&self.readers).await?)
    }

    /// A bill by id.
    pub(crate) async fn sbom(&self, id: &str) -> StorageResult<Option<SbomRow>> {
        let found = sqlx::query(select!("WHERE id = ?")).bind(id).fetch_optional(&self.readers).await?;
        found.as_ref().map(row).transpose()
    }

    /// The bills of a scan, newest first.
    pub(crate) async fn sboms_of_scan(&self, scan_id: &str) -> StorageResult<Vec<SbomRow>> {
        let sql = select!("WHERE scan_id = ? ORDER BY created_at DESC, id DESC");
        sqlx::query(sql).bind(scan_id).fetch_all(&self.readers).await?.iter().map(row).collect()
    }

    /// The documents of a bill.
    pub(crate) async fn sbom_documents(&self, id: &str) -> StorageResult<Documents> {
        let sql = "SELECT document, other_document FROM sbom_documents WHERE id = ?";
        let found = sqlx::query(sql).bind(id).fetch_optional(&self.readers).await?;
        let Some(found) = found else { return Ok(Documents::default()) };
        Ok(Documents { own: found.try_get(0)?, other: found.try_get(1)? })
    }

    /// The components of a bill, in its order.
    pub(crate) async fn sbom_components(&self, id: &str) -> StorageResult<Vec<ComponentRow>> {
        let sql = "SELECT id, sbom_id, name, version, type, purl, license, supplier FROM sbom_components WHERE sbom_id = ?
                   ORDER BY ord";
        sqlx::query(sql).bind(id).fetch_all(&self.readers).await?.iter().map(component).collect()
    }

    /// The components of all bills of a scan, bill after bill in one reading.
    pub(crate) async fn sbom_components_of_scan(&self, scan_id: &str) -> StorageResult<Vec<ComponentRow>> {
        let sql = "SELECT c.id, c.sbom_id, c.name, c.version, c.type, c.purl, c.license, c.supplier
                   FROM sbom_documents d JOIN sbom_components c ON c.sbom_id = d.id WHERE d.scan_id = ?
                   ORDER BY c.sbom_id, c.ord";
        sqlx::query(sql).bind(scan_id).fetch_all(&self.readers).await?.iter().map(component).collect()
    }
}
