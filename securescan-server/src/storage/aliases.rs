//! What the service for Python called findings: its fingerprints were made over absolute paths, mostly without the line. Where a new
//! finding is one that it knew, the verdict and the comments of then stay with it.

use super::{StorageResult, Write, to_json};
use securescan_core::Finding;
use securescan_core::identity::legacy_empty_fingerprint;
use sqlx::Row;
use std::collections::HashMap;

/// Findings whose names are looked for in one statement.
const ROWS: usize = 5000;

/// Keeps names of a target; one that is known already stays as it is.
pub(super) async fn add(write: &mut Write, target: &str, aliases: &HashMap<String, String>) -> StorageResult<()> {
    sqlx::query(
        "INSERT OR IGNORE INTO fingerprint_aliases (target_path, alias, fingerprint) SELECT ?1, key, value FROM json_each(?2)",
    )
    .bind(key(target))
    .bind(to_json(aliases))
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Gives the findings of a scan, which are stored already, the fingerprint that was theirs before, where one is known.
pub(super) async fn apply(write: &mut Write, scan: i64, target: &str, findings: &[Finding]) -> StorageResult<()> {
    let target = key(target);
    let any: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM fingerprint_aliases WHERE target_path = ?)")
        .bind(target)
        .fetch_one(&mut **write)
        .await?;
    if !any {
        return Ok(());
    }
    let mut ord = 0_i64;
    for chunk in findings.chunks(ROWS) {
        let names: Vec<[Option<String>; 3]> = chunk.iter().map(names).collect();
        let asked: Vec<&String> = names.iter().flatten().flatten().collect();
        let rows = sqlx::query(
            "SELECT alias, fingerprint FROM fingerprint_aliases WHERE target_path = ? AND alias IN (SELECT value FROM json_each(?))",
        )
        .bind(target)
        .bind(to_json(&asked))
        .fetch_all(&mut **write)
        .await?;
        let known: HashMap<String, String> =
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<StorageResult<_>>()?;
        for (ord, names) in (ord..).zip(&names) {
            let Some(before) = names.iter().flatten().find_map(|name| known.get(name)) else { continue };
            sqlx::query("UPDATE findings SET legacy_fingerprint = ? WHERE scan = ? AND ord = ?")
                .bind(before)
                .bind(scan)
                .bind(ord)
                .execute(&mut **write)
                .await?;
        }
        ord += i64::try_from(chunk.len()).unwrap_or(0);
    }
    Ok(())
}

/// A folder by its name alone.
fn key(target: &str) -> &str {
    match target.trim_end_matches('/') {
        "" => target,
        target => target,
    }
}

/// What a finding may have been called: with its line, without, and without the weakness, which fewer scanners told then.
fn names(finding: &Finding) -> [Option<String>; 3] {
    let mut bare = Finding::new(&finding.scanner, finding.scan_type, finding.severity, "");
    bare.rule_id.clone_from(&finding.rule_id);
    bare.file_path.clone_from(&finding.file_path);
    let without = finding.cwe.is_some().then(|| legacy_empty_fingerprint(&bare));
    [finding.legacy_fingerprint.clone(), Some(legacy_empty_fingerprint(finding)), without]
}
