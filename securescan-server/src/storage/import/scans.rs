//! Scans with their findings: each finding gets the fingerprint of today where it can be computed from what was kept, and its old one
//! beside it, under which its verdict is.

use super::source::{Cell, Column, Kind, Source};
use super::{ImportCounts, stamp};
use crate::storage::scans::without_password;
use crate::storage::{StorageResult, Write, aliases, findings, to_json};
use futures_util::TryStreamExt;
use jiff::tz::TimeZone;
use securescan_core::compliance::canonical_id;
use securescan_core::identity::{self, Scheme, fingerprint, legacy_empty_fingerprint};
use securescan_core::source::NoSources;
use securescan_core::{Finding, ScanType, ScannerRun, ScannerStatus, order, scanners, score};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

use Kind::{Int, Real, Text};

/// Findings of one scan; more are left out.
const MAX_FINDINGS: usize = 1_000_000;

const SCANS: &[Column] = &[
    ("id", Text, true),
    ("target_path", Text, true),
    ("scan_types", Text, true),
    ("status", Text, true),
    ("started_at", Text, false),
    ("completed_at", Text, false),
    ("risk_score", Real, false),
    ("summary", Text, false),
    ("error", Text, false),
    ("target_url", Text, false),
    ("target_host", Text, false),
    ("scanners_run", Text, false),
    ("scanners_skipped", Text, false),
];

const FINDINGS: &[Column] = &[
    ("scan_id", Text, true),
    ("scanner", Text, true),
    ("scan_type", Text, true),
    ("severity", Text, true),
    ("title", Text, true),
    ("description", Text, true),
    ("file_path", Text, false),
    ("line_start", Int, false),
    ("line_end", Int, false),
    ("rule_id", Text, false),
    ("cwe", Text, false),
    ("remediation", Text, false),
    ("metadata", Text, false),
    ("fingerprint", Text, false),
    ("compliance_tags", Text, false),
];

/// A scan of the old database.
struct Old {
    id: String,
    target: String,
    types: Vec<ScanType>,
    status: &'static str,
    created_at: i64,
    started_at: Option<i64>,
    completed_at: Option<i64>,
    risk_score: Option<f64>,
    summary: Option<String>,
    error: Option<String>,
    url: Option<String>,
    host: Option<String>,
    run: Vec<String>,
    skipped: Vec<(String, String, Option<String>)>,
}

/// Where the findings of a scan go.
enum Place {
    /// Taken over now.
    Now { seq: i64, target: String },
    /// It was here already, with its findings.
    Before,
}

/// What old fingerprints of a target are called today; none where two of them are called the same.
type Names = HashMap<String, HashMap<String, Option<String>>>;

/// Takes all of them over.
pub(super) async fn take(
    source: &mut Source,
    write: &mut Write,
    zone: &TimeZone,
    counts: &mut ImportCounts,
) -> StorageResult<()> {
    let mut scans = Vec::new();
    let mut rows = source.rows("scans", SCANS, "");
    while let Some(row) = rows.try_next().await? {
        match row.and_then(|cells| scan(cells, zone)) {
            Some(scan) => scans.push(scan),
            None => counts.scans.skipped += 1,
        }
    }
    drop(rows);
    // The order of creation is the order of their numbers here.
    scans.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let mut places = HashMap::new();
    for scan in scans {
        let seq = insert(write, &scan).await?;
        counts.scans.took(seq.is_some());
        let place = seq.map_or(Place::Before, |seq| Place::Now { seq, target: scan.target });
        // Two rows with one id: the first counts.
        places.entry(scan.id).or_insert(place);
    }
    take_findings(source, write, &places, counts).await
}

fn scan(cells: Vec<Cell>, zone: &TimeZone) -> Option<Old> {
    let [id, target, types, status, started, completed, risk, summary, error, url, host, run, skipped] =
        <[Cell; 13]>::try_from(cells).ok()?;
    let id = id.text().filter(|id| !id.is_empty() && id.len() <= 200)?;
    let words: Vec<String> = serde_json::from_str(&types.text()?).ok()?;
    let types: Vec<ScanType> = words.into_iter().filter_map(|word| serde_json::from_value(Value::from(word)).ok()).collect();
    let (status, error) = match status.text()?.as_str() {
        "completed" => ("completed", error.text()),
        "failed" => ("failed", error.text()),
        "cancelled" => ("cancelled", error.text()),
        // Nobody works on it any more.
        "pending" | "running" => ("failed", Some("interrupted by restart".to_owned())),
        _ => return None,
    };
    let started_at = started.text().and_then(|text| stamp(&text, zone));
    let completed_at = completed.text().and_then(|text| stamp(&text, zone));
    let list = |cell: Cell| -> Option<Vec<Value>> {
        cell.text().filter(|text| !text.is_empty()).map_or(Some(Vec::new()), |text| serde_json::from_str(&text).ok())
    };
    Some(Old {
        id,
        target: target.text().filter(|target| !target.is_empty())?,
        types,
        status,
        created_at: started_at.or(completed_at).unwrap_or(0),
        started_at,
        // What has ended has an end; what never began has it when it was asked for.
        completed_at: completed_at.or(started_at).or(Some(0)),
        risk_score: risk.real().filter(|score| (0.0..=100.0).contains(score)),
        summary: summary.text().map(|text| scanners::redact(&text)),
        error: error.map(|text| scanners::redact(&text)),
        url: url.text().as_deref().map(without_password),
        host: host.text(),
        run: list(run)?.into_iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        skipped: list(skipped)?.iter().filter_map(skip).collect(),
    })
}

fn skip(value: &Value) -> Option<(String, String, Option<String>)> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    Some((text("name")?, text("reason").unwrap_or_else(|| "skipped".into()), text("install_hint")))
}

/// Keeps a scan; its number, or none when it was there already.
async fn insert(write: &mut Write, scan: &Old) -> StorageResult<Option<i64>> {
    let done = sqlx::query(
        "INSERT INTO scans (id, target_path, target_url, target_host, scan_types, status, created_at, started_at, completed_at,
           risk_score, summary, error, scanners_run, scanners_skipped)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&scan.id)
    .bind(&scan.target)
    .bind(&scan.url)
    .bind(&scan.host)
    .bind(to_json(&scan.types))
    .bind(scan.status)
    .bind(scan.created_at)
    .bind(scan.started_at)
    .bind(scan.completed_at)
    .bind(scan.risk_score)
    .bind(&scan.summary)
    .bind(&scan.error)
    .bind(to_json(&scan.run))
    .bind(to_json(&scan.skipped))
    .execute(&mut **write)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    let seq = done.last_insert_rowid();
    for (ord, line) in (0_i64..).zip(coverage(scan)) {
        sqlx::query("INSERT INTO coverage (scan, ord, name, status, body) VALUES (?, ?, ?, ?, ?)")
            .bind(seq)
            .bind(ord)
            .bind(&line.name)
            .bind(line.status.as_str())
            .bind(to_json(&line))
            .execute(&mut **write)
            .await?;
    }
    Ok(Some(seq))
}

fn coverage(scan: &Old) -> Vec<ScannerRun> {
    let kind = |name: &str| scanners::named(name).map_or(ScanType::Code, |meta| meta.scan_type);
    let run = scan.run.iter().map(|name| ScannerRun::new(name, kind(name), ScannerStatus::Ok));
    let skipped = scan.skipped.iter().map(|(name, reason, hint)| ScannerRun {
        reason: Some(reason.clone()),
        install_hint: hint.clone(),
        ..ScannerRun::new(name, kind(name), ScannerStatus::Skipped)
    });
    run.chain(skipped).collect()
}

async fn take_findings(
    source: &mut Source,
    write: &mut Write,
    places: &HashMap<String, Place>,
    counts: &mut ImportCounts,
) -> StorageResult<()> {
    let mut names = Names::new();
    let mut group: (String, Vec<Finding>) = Default::default();
    // In the order of their scans, so that one scan's findings at a time are held.
    let mut rows = source.rows("findings", FINDINGS, "scan_id");
    while let Some(row) = rows.try_next().await? {
        let Some((scan_id, finding)) = row.and_then(finding) else {
            counts.findings.skipped += 1;
            continue;
        };
        match places.get(&scan_id) {
            None => {
                counts.findings.skipped += 1;
                continue;
            }
            Some(Place::Before) => {
                counts.findings.known += 1;
                continue;
            }
            Some(Place::Now { .. }) => {}
        }
        if group.0 != scan_id {
            let (scan_id, findings) = std::mem::replace(&mut group, (scan_id, Vec::new()));
            settle(write, places.get(&scan_id), findings, &mut names).await?;
        }
        if group.1.len() >= MAX_FINDINGS {
            counts.findings.skipped += 1;
            continue;
        }
        counts.findings.added += 1;
        group.1.push(finding);
    }
    drop(rows);
    settle(write, places.get(&group.0), group.1, &mut names).await?;
    for (target, names) in names {
        let sure = names.into_iter().filter_map(|(alias, before)| Some((alias, before?))).collect();
        aliases::add(write, &target, &sure).await?;
    }
    Ok(())
}

/// A finding as it was kept, with the id of its scan.
fn finding(cells: Vec<Cell>) -> Option<(String, Finding)> {
    let mut object = Map::new();
    for ((name, ..), cell) in FINDINGS.iter().zip(cells) {
        let value = match (*name, cell) {
            (_, Cell::Null) => continue,
            ("metadata" | "compliance_tags", Cell::Text(text)) if text.is_empty() => continue,
            ("metadata" | "compliance_tags", Cell::Text(text)) => serde_json::from_str(&text).ok()?,
            (_, Cell::Text(text)) => Value::from(text),
            (_, Cell::Int(n)) => Value::from(n),
            (_, Cell::Real(x)) => json!(x),
        };
        object.insert((*name).to_owned(), value);
    }
    let scan_id = object.get("scan_id")?.as_str()?.to_owned();
    if object.get("metadata").is_some_and(|metadata| !metadata.is_object()) {
        return None;
    }
    let finding: Finding = serde_json::from_value(Value::Object(object)).ok()?;
    Some((scan_id, finding))
}

/// Keeps the findings of a scan, and what is counted of them.
async fn settle(write: &mut Write, place: Option<&Place>, mut list: Vec<Finding>, names: &mut Names) -> StorageResult<()> {
    let Some(Place::Now { seq, target }) = place else { return Ok(()) };
    if list.is_empty() {
        return Ok(());
    }
    let names = names.entry(target.clone()).or_default();
    let before: Vec<String> = list.iter_mut().map(|finding| renamed(finding, target, names)).collect();
    identity::identify(&mut list, &NoSources);
    for (finding, before) in list.iter_mut().zip(before) {
        finding.legacy_fingerprint = Some(before);
        tidy(finding);
    }
    order::sort(&mut list);
    identity::number(&mut list);
    findings::insert(write, *seq, &list).await?;
    let summary = score::summary(&list, Vec::new());
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    sqlx::query(
        "UPDATE scans SET findings_count = ?, suppressed = ?, critical = ?, high = ?, medium = ?, low = ?, info = ?,
         risk_score = coalesce(risk_score, ?) WHERE seq = ?",
    )
    .bind(number(list.len() as u64))
    .bind(number(summary.suppressed))
    .bind(number(summary.critical))
    .bind(number(summary.high))
    .bind(number(summary.medium))
    .bind(number(summary.low))
    .bind(number(summary.info))
    .bind(summary.risk_score)
    .bind(seq)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Makes a finding's path relative to the target, gives the fingerprint it had, and notes what that is called today. The fingerprint of
/// today is left to be computed where what was kept is enough for it; else the old one stays.
fn renamed(finding: &mut Finding, target: &str, names: &mut HashMap<String, Option<String>>) -> String {
    let before = match std::mem::take(&mut finding.fingerprint) {
        kept if kept.is_empty() => legacy_empty_fingerprint(finding),
        kept => kept,
    };
    finding.file_path = finding.file_path.take().map(|path| relative(&path, target)).filter(|path| !path.is_empty());
    for alias in [legacy_empty_fingerprint(finding), fingerprint(finding, Scheme::V1)] {
        match names.entry(alias) {
            Entry::Vacant(free) => drop(free.insert(Some(before.clone()))),
            Entry::Occupied(mut taken) if taken.get().as_ref() != Some(&before) => drop(taken.insert(None)),
            Entry::Occupied(_) => {}
        }
    }
    // The line is not read: it may be another one by now. What identifies a secret is the secret, which was not kept.
    let is_secret = matches!(finding.scanner.as_str(), "secrets" | "gitleaks");
    let has_line = finding.metadata.line_snippet.as_deref().is_some_and(|line| !line.trim().is_empty());
    let is_enough = has_line || finding.rule_id.is_none() || finding.metadata.endpoint.is_some() || finding.package.is_some();
    if is_secret || !is_enough {
        finding.fingerprint.clone_from(&before);
    }
    before
}

fn relative(path: &str, target: &str) -> String {
    if path == target {
        // The target is a file.
        return Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    }
    securescan_core::path::normalize(path, Some(target))
}

/// What the engine would not have let in: secrets, and tags of other spellings.
fn tidy(finding: &mut Finding) {
    for text in [&mut finding.title, &mut finding.description, &mut finding.remediation] {
        *text = scanners::redact(text);
    }
    if !finding.metadata.extra.is_empty() {
        let text = scanners::redact(&to_json(&finding.metadata.extra));
        finding.metadata.extra = serde_json::from_str(&text).unwrap_or_default();
    }
    for tag in &mut finding.compliance_tags {
        if let Some(known) = canonical_id(tag) {
            *tag = known.to_owned();
        }
    }
    finding.compliance_tags.sort();
    finding.compliance_tags.dedup();
}
