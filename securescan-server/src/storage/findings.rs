//! Findings of a scan: written whole, read in pages keyed on the place in the canonical order.

use super::{StorageResult, Store, Write};
use crate::ai::Advice;
use securescan_core::Finding;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

/// Rows in one statement: SQLite takes 32,766 parameters.
const ROWS: usize = 500;

/// Which findings are wanted; everything set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// The word of a severity.
    pub(crate) severity: Option<String>,
    /// The word of a type of scan.
    pub(crate) scan_type: Option<String>,
    /// A scanner's name.
    pub(crate) scanner: Option<String>,
    /// A file, or a folder when it ends in `/`.
    pub(crate) path: Option<String>,
    /// A compliance tag.
    pub(crate) compliance: Option<String>,
    /// Only what is suppressed, or only what is not.
    pub(crate) suppressed: Option<bool>,
    /// A piece of title, rule, path or CWE, in any case.
    pub(crate) text: Option<String>,
}

impl Filter {
    /// Whether it lets everything through.
    pub(crate) fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

/// A finding with the verdict on it.
#[derive(Debug, Clone)]
pub(crate) struct FindingRow {
    /// Its place in the canonical order.
    pub(crate) ord: i64,
    /// The engine's JSON.
    pub(crate) body: String,
    pub(crate) line: Option<i64>,
    pub(crate) end_line: Option<i64>,
    /// Under its own fingerprint, else under the one of before.
    pub(crate) state: Option<StateRow>,
    /// What a model said about it: who, and what.
    pub(crate) advice: Option<(String, String)>,
}

/// A verdict.
#[derive(Debug, Clone)]
pub(crate) struct StateRow {
    pub(crate) fingerprint: String,
    pub(crate) status: String,
    pub(crate) note: Option<String>,
    pub(crate) updated_at: i64,
    pub(crate) updated_by: Option<String>,
    /// Who really asked.
    pub(crate) principal: Option<String>,
    /// When a scan found again what is `fixed`.
    pub(crate) regressed_at: Option<i64>,
}

impl StateRow {
    /// Reads the seven columns from `at` on; none when the first is null.
    pub(super) fn read(row: &SqliteRow, at: usize) -> StorageResult<Option<Self>> {
        let fingerprint: Option<String> = row.try_get(at)?;
        let Some(fingerprint) = fingerprint else { return Ok(None) };
        Ok(Some(Self {
            fingerprint,
            status: row.try_get(at + 1)?,
            note: row.try_get(at + 2)?,
            updated_at: row.try_get(at + 3)?,
            updated_by: row.try_get(at + 4)?,
            principal: row.try_get(at + 5)?,
            regressed_at: row.try_get(at + 6)?,
        }))
    }
}

/// Writes the findings of a scan, in the order they have.
pub(super) async fn insert(write: &mut Write, scan: i64, findings: &[Finding]) -> StorageResult<()> {
    let mut ord = 0_i64;
    for chunk in findings.chunks(ROWS) {
        let numbered = || (ord..).zip(chunk);
        let mut rows = QueryBuilder::<Sqlite>::new(
            "INSERT INTO findings (scan, ord, severity, scanner, scan_type, suppressed, fingerprint, legacy_fingerprint, rule_id,
             file_path, line, end_line, words) ",
        );
        rows.push_values(numbered(), |mut row, (ord, f)| {
            row.push_bind(scan).push_bind(ord).push_bind(f.severity.as_str()).push_bind(&f.scanner);
            row.push_bind(f.scan_type.as_str()).push_bind(f.is_suppressed()).push_bind(&f.fingerprint);
            row.push_bind(&f.legacy_fingerprint).push_bind(&f.rule_id).push_bind(&f.file_path);
            row.push_bind(f.line).push_bind(f.end_line).push_bind(words(f));
        });
        rows.build().execute(&mut **write).await?;
        let mut bodies = QueryBuilder::<Sqlite>::new("INSERT INTO finding_bodies (scan, ord, body) ");
        bodies.push_values(numbered(), |mut row, (ord, f)| {
            row.push_bind(scan).push_bind(ord).push_bind(super::to_json(f));
        });
        bodies.build().execute(&mut **write).await?;
        let tags: Vec<_> = numbered().flat_map(|(ord, f)| f.compliance_tags.iter().map(move |tag| (ord, tag))).collect();
        for some in tags.chunks(ROWS) {
            let mut rows = QueryBuilder::<Sqlite>::new("INSERT OR IGNORE INTO finding_tags (scan, tag, ord) ");
            rows.push_values(some, |mut row, (ord, tag)| {
                row.push_bind(scan).push_bind(*tag).push_bind(*ord);
            });
            rows.build().execute(&mut **write).await?;
        }
        ord += i64::try_from(chunk.len()).unwrap_or(0);
    }
    Ok(())
}

/// Writes what a model said about findings of a scan.
pub(super) async fn insert_advice(write: &mut Write, scan: i64, advice: &Advice) -> StorageResult<()> {
    for some in advice.remediations.chunks(ROWS) {
        let mut rows = QueryBuilder::<Sqlite>::new("INSERT INTO finding_advice (scan, ord, model, text) ");
        rows.push_values(some, |mut row, (ord, text)| {
            row.push_bind(scan).push_bind(i64::try_from(*ord).unwrap_or(i64::MAX)).push_bind(&advice.model).push_bind(text);
        });
        rows.build().execute(&mut **write).await?;
    }
    Ok(())
}

/// What a search for text looks in.
fn words(f: &Finding) -> String {
    let parts = [Some(f.title.as_str()), f.rule_id.as_deref(), f.file_path.as_deref(), f.cwe.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n").to_lowercase()
}

impl Store {
    /// Findings of a scan after a place in the order, at most so many.
    pub(crate) async fn findings(
        &self,
        scan: i64,
        filter: &Filter,
        after: Option<i64>,
        limit: i64,
    ) -> StorageResult<Vec<FindingRow>> {
        // The page is chosen over the narrow rows alone; only what is on it is joined.
        let mut query = QueryBuilder::<Sqlite>::new("WITH page AS (SELECT f.* FROM findings f WHERE f.scan = ");
        query.push_bind(scan).push(" AND f.ord > ").push_bind(after.unwrap_or(-1));
        narrow(&mut query, filter);
        query.push(" ORDER BY f.ord LIMIT ").push_bind(limit);
        query.push(
            ") SELECT p.ord, b.body, p.line, p.end_line, s.fingerprint, s.status, s.note, s.updated_at, s.updated_by, s.principal,
             s.regressed_at, a.model, a.text
             FROM page p JOIN finding_bodies b ON b.scan = p.scan AND b.ord = p.ord
             LEFT JOIN finding_advice a ON a.scan = p.scan AND a.ord = p.ord
             LEFT JOIN finding_states s ON s.fingerprint = coalesce(
               (SELECT fingerprint FROM finding_states WHERE fingerprint = p.fingerprint),
               (SELECT fingerprint FROM finding_states WHERE fingerprint = p.legacy_fingerprint))
             ORDER BY p.ord",
        );
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter()
            .map(|row| {
                let state = StateRow::read(row, 4)?;
                let (ord, body) = (row.try_get(0)?, row.try_get(1)?);
                let advice = row.try_get::<Option<String>, _>(11)?.zip(row.try_get(12)?);
                Ok(FindingRow { ord, body, line: row.try_get(2)?, end_line: row.try_get(3)?, state, advice })
            })
            .collect()
    }

    /// How many findings of a scan a filter lets through.
    pub(crate) async fn count_findings(&self, scan: i64, filter: &Filter) -> StorageResult<i64> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT count(*) FROM findings f WHERE f.scan = ");
        query.push_bind(scan);
        narrow(&mut query, filter);
        Ok(query.build().fetch_one(&self.readers).await?.try_get(0)?)
    }

    /// All findings of a scan as the engine knows them, in canonical order.
    pub(crate) async fn whole_findings(&self, scan: i64) -> StorageResult<Vec<Finding>> {
        let rows = sqlx::query(
            "SELECT b.body, f.legacy_fingerprint FROM findings f JOIN finding_bodies b ON b.scan = f.scan AND b.ord = f.ord
             WHERE f.scan = ? ORDER BY f.ord",
        )
        .bind(scan)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let body: &str = row.try_get(0)?;
                let mut finding: Finding = serde_json::from_str(body)
                    .map_err(|e| super::StorageError::new(format!("a stored finding cannot be read: {e}")))?;
                finding.legacy_fingerprint = row.try_get(1)?;
                Ok(finding)
            })
            .collect()
    }
}

/// Adds the conditions of a filter on the table `f`.
fn narrow(query: &mut QueryBuilder<Sqlite>, filter: &Filter) {
    let equal = [
        (" AND f.severity = ", &filter.severity),
        (" AND f.scan_type = ", &filter.scan_type),
        (" AND f.scanner = ", &filter.scanner),
    ];
    for (sql, value) in equal {
        if let Some(value) = value {
            query.push(sql).push_bind(value);
        }
    }
    match &filter.path {
        Some(folder) if folder.ends_with('/') => {
            // Everything that begins with the folder sorts between it and the same with the character after `/`.
            let end = format!("{}0", folder.trim_end_matches('/'));
            query.push(" AND f.file_path >= ").push_bind(folder).push(" AND f.file_path < ").push_bind(end);
        }
        Some(file) => drop(query.push(" AND f.file_path = ").push_bind(file)),
        None => {}
    }
    if let Some(suppressed) = filter.suppressed {
        query.push(" AND f.suppressed = ").push_bind(suppressed);
    }
    if let Some(tag) = &filter.compliance {
        query.push(" AND EXISTS (SELECT 1 FROM finding_tags t WHERE t.scan = f.scan AND t.tag = ");
        query.push_bind(tag).push(" AND t.ord = f.ord)");
    }
    if let Some(text) = &filter.text {
        query.push(" AND instr(f.words, ").push_bind(text.to_lowercase()).push(") > 0");
    }
}
