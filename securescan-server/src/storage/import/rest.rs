//! What people decided and set up: verdicts, comments, keys, webhooks, notifications and bills of materials. All their times are UTC.

use super::source::{Cell, Column, Kind, Source};
use super::{ImportCount, ImportCounts, stamp};
use crate::auth::Scope;
use crate::storage::sbom::{self, ComponentRow, Documents, SbomRow};
use crate::storage::{StorageResult, Write, to_json};
use futures_util::TryStreamExt;
use jiff::tz::TimeZone;
use std::collections::HashMap;

use Kind::{Int, Text};

const STATES: &[Column] = &[
    ("fingerprint", Text, true),
    ("status", Text, true),
    ("note", Text, false),
    ("updated_at", Text, true),
    ("updated_by", Text, false),
];

const COMMENTS: &[Column] =
    &[("id", Text, true), ("fingerprint", Text, true), ("text", Text, true), ("author", Text, false), ("created_at", Text, true)];

const KEYS: &[Column] = &[
    ("id", Text, true),
    ("name", Text, true),
    ("key_hash", Text, true),
    ("prefix", Text, true),
    ("scopes", Text, true),
    ("created_at", Text, true),
    ("last_used_at", Text, false),
    ("revoked_at", Text, false),
];

const WEBHOOKS: &[Column] = &[
    ("id", Text, true),
    ("name", Text, true),
    ("url", Text, true),
    ("secret", Text, true),
    ("event_filter", Text, true),
    ("enabled", Int, true),
    ("created_at", Text, true),
];

const NOTIFICATIONS: &[Column] = &[
    ("id", Text, true),
    ("type", Text, true),
    ("title", Text, true),
    ("body", Text, false),
    ("link", Text, false),
    ("severity", Text, true),
    ("created_at", Text, true),
    ("read_at", Text, false),
];

const SBOMS: &[Column] = &[
    ("id", Text, true),
    ("scan_id", Text, false),
    ("target_path", Text, true),
    ("format", Text, true),
    ("created_at", Text, true),
];

const COMPONENTS: &[Column] = &[
    ("id", Text, true),
    ("sbom_id", Text, true),
    ("name", Text, true),
    ("version", Text, true),
    ("type", Text, true),
    ("purl", Text, false),
    ("license", Text, false),
    ("supplier", Text, false),
];

const STATUSES: &[&str] = &["new", "triaged", "false_positive", "accepted_risk", "fixed", "wont_fix"];

/// Takes all of it over.
pub(super) async fn take(source: &mut Source, write: &mut Write, counts: &mut ImportCounts) -> StorageResult<()> {
    let sql = "INSERT INTO finding_states (fingerprint, status, note, updated_at, updated_by) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT DO NOTHING";
    rows(source, write, ("finding_states", STATES), sql, state, &mut counts.verdicts).await?;
    let sql = "INSERT INTO finding_comments (id, fingerprint, text, author, created_at) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT DO NOTHING";
    rows(source, write, ("finding_comments", COMMENTS), sql, comment, &mut counts.comments).await?;
    let sql = "INSERT INTO api_keys (id, name, key_hash, prefix, scopes, created_at, last_used_at, revoked_at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    rows(source, write, ("api_keys", KEYS), sql, key, &mut counts.keys).await?;
    let sql = "INSERT INTO webhooks (id, name, url, secret, event_filter, enabled, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT DO NOTHING";
    rows(source, write, ("webhooks", WEBHOOKS), sql, webhook, &mut counts.webhooks).await?;
    let sql = "INSERT INTO notifications (id, type, title, body, link, severity, created_at, read_at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    rows(source, write, ("notifications", NOTIFICATIONS), sql, notification, &mut counts.notifications).await?;
    sboms(source, write, counts).await
}

/// Takes the rows of one table over, each as `read` makes it.
async fn rows(
    source: &mut Source,
    write: &mut Write,
    (table, columns): (&'static str, &'static [Column]),
    sql: &'static str,
    read: fn(Vec<Cell>) -> Option<Vec<Cell>>,
    count: &mut ImportCount,
) -> StorageResult<()> {
    let mut rows = source.rows(table, columns, "");
    while let Some(row) = rows.try_next().await? {
        let Some(cells) = row.and_then(read) else {
            count.skipped += 1;
            continue;
        };
        let mut query = sqlx::query(sql);
        for cell in cells {
            query = match cell {
                Cell::Null => query.bind(None::<String>),
                Cell::Text(text) => query.bind(text),
                Cell::Int(n) => query.bind(n),
                Cell::Real(x) => query.bind(x),
            };
        }
        count.took(query.execute(&mut **write).await?.rows_affected() > 0);
    }
    Ok(())
}

/// A moment that must be one.
fn at(cell: Cell) -> Option<Cell> {
    stamp(&cell.text()?, &TimeZone::UTC).map(Cell::Int)
}

/// A moment that may be absent; one that is none counts as absent.
fn maybe(cell: Cell) -> Cell {
    at(cell).unwrap_or(Cell::Null)
}

fn is_blank(cell: &Cell) -> bool {
    matches!(cell, Cell::Text(text) if text.is_empty())
}

fn state(cells: Vec<Cell>) -> Option<Vec<Cell>> {
    let [fingerprint, status, note, updated_at, updated_by] = <[Cell; 5]>::try_from(cells).ok()?;
    let known = matches!(&status, Cell::Text(word) if STATUSES.contains(&word.as_str()));
    (known && !is_blank(&fingerprint)).then_some(())?;
    Some(vec![fingerprint, status, note, at(updated_at)?, updated_by])
}

fn comment(cells: Vec<Cell>) -> Option<Vec<Cell>> {
    let [id, fingerprint, text, author, created_at] = <[Cell; 5]>::try_from(cells).ok()?;
    (!is_blank(&id) && !is_blank(&fingerprint) && !is_blank(&text)).then_some(())?;
    Some(vec![id, fingerprint, text, author, at(created_at)?])
}

fn key(cells: Vec<Cell>) -> Option<Vec<Cell>> {
    let [id, name, hash, prefix, scopes, created_at, used, revoked] = <[Cell; 8]>::try_from(cells).ok()?;
    let scopes: Vec<Scope> = serde_json::from_str(&scopes.text()?).ok()?;
    // A key whose revocation cannot be read is not one that may be used again.
    let revoked = match revoked {
        Cell::Null => Cell::Null,
        other => at(other).unwrap_or(Cell::Int(0)),
    };
    (!is_blank(&id)).then_some(())?;
    Some(vec![id, name, hash, prefix, Cell::Text(to_json(&scopes)), at(created_at)?, maybe(used), revoked])
}

fn webhook(cells: Vec<Cell>) -> Option<Vec<Cell>> {
    let [id, name, url, secret, filter, enabled, created_at] = <[Cell; 7]>::try_from(cells).ok()?;
    let filter: Vec<String> = serde_json::from_str(&filter.text()?).ok()?;
    let address = url.clone().text()?;
    (!is_blank(&id) && (address.starts_with("http://") || address.starts_with("https://"))).then_some(())?;
    let enabled = Cell::Int(i64::from(enabled.int()? != 0));
    Some(vec![id, name, url, secret, Cell::Text(to_json(&filter)), enabled, at(created_at)?])
}

fn notification(cells: Vec<Cell>) -> Option<Vec<Cell>> {
    let [id, kind, title, body, link, severity, created_at, read_at] = <[Cell; 8]>::try_from(cells).ok()?;
    (!is_blank(&id)).then_some(())?;
    Some(vec![id, kind, title, body, link, severity, at(created_at)?, maybe(read_at)])
}

async fn sboms(source: &mut Source, write: &mut Write, counts: &mut ImportCounts) -> StorageResult<()> {
    // Whether each is new; of two rows with one id the first counts.
    let mut bills: HashMap<String, bool> = HashMap::new();
    let mut rows = source.rows("sbom_documents", SBOMS, "created_at");
    while let Some(row) = rows.try_next().await? {
        let Some(bill) = row.and_then(bill) else {
            counts.sboms.skipped += 1;
            continue;
        };
        // In the order they were made, their components when those come.
        let added = sbom::insert(write, &bill, &Documents::default(), &[]).await?;
        counts.sboms.took(added);
        bills.entry(bill.id).or_insert(added);
    }
    drop(rows);
    let mut group: (String, Vec<ComponentRow>) = Default::default();
    let mut rows = source.rows("sbom_components", COMPONENTS, "sbom_id");
    while let Some(row) = rows.try_next().await? {
        let part = row.and_then(component);
        // Of a bill that was here before they are here, too, and of one that was left out they are left out.
        let Some((part, is_new)) = part.and_then(|part| bills.get(&part.sbom_id).map(|is_new| (part, *is_new))) else {
            counts.components.skipped += 1;
            continue;
        };
        if !is_new {
            counts.components.known += 1;
            continue;
        }
        if group.0 != part.sbom_id {
            let (id, parts) = std::mem::replace(&mut group, (part.sbom_id.clone(), Vec::new()));
            counts.components.added += sbom::insert_components(write, &id, &parts).await?;
        }
        group.1.push(part);
    }
    counts.components.added += sbom::insert_components(write, &group.0, &group.1).await?;
    Ok(())
}

fn bill(cells: Vec<Cell>) -> Option<SbomRow> {
    let [id, scan_id, target_path, format, created_at] = <[Cell; 5]>::try_from(cells).ok()?;
    let format = format.text().filter(|word| matches!(word.as_str(), "cyclonedx" | "spdx"))?;
    Some(SbomRow {
        place: 0,
        id: id.text().filter(|id| !id.is_empty())?,
        scan_id: scan_id.text(),
        target_path: target_path.text()?,
        format,
        created_at: at(created_at)?.int()?,
        component_count: 0,
    })
}

fn component(cells: Vec<Cell>) -> Option<ComponentRow> {
    let [id, sbom_id, name, version, kind, purl, license, supplier] = <[Cell; 8]>::try_from(cells).ok()?;
    Some(ComponentRow {
        id: id.text().filter(|id| !id.is_empty())?,
        sbom_id: sbom_id.text()?,
        name: name.text()?,
        version: version.text()?,
        kind: kind.text()?,
        purl: purl.text(),
        license: license.text(),
        supplier: supplier.text(),
    })
}
