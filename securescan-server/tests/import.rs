//! Databases of SecureScan for Python: section 13 of the server specification.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::Service;
use securescan_server::{ImportCount, ImportCounts, Store, import_python};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The tables as the service for Python made them.
const SCHEMA: &str = "
CREATE TABLE scans (id TEXT PRIMARY KEY, target_path TEXT NOT NULL, scan_types TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'pending',
  started_at TEXT, completed_at TEXT, findings_count INTEGER DEFAULT 0, risk_score REAL, summary TEXT, error TEXT, target_url TEXT,
  target_host TEXT, scanners_run TEXT DEFAULT '[]', scanners_skipped TEXT DEFAULT '[]');
CREATE TABLE findings (id TEXT PRIMARY KEY, scan_id TEXT NOT NULL REFERENCES scans(id), scanner TEXT NOT NULL, scan_type TEXT NOT NULL,
  severity TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL, file_path TEXT, line_start INTEGER, line_end INTEGER, rule_id TEXT,
  cwe TEXT, remediation TEXT, metadata TEXT DEFAULT '{}', fingerprint TEXT DEFAULT '', compliance_tags TEXT DEFAULT '[]');
CREATE TABLE finding_states (fingerprint TEXT PRIMARY KEY, status TEXT NOT NULL, note TEXT, updated_at TEXT NOT NULL, updated_by TEXT);
CREATE TABLE finding_comments (id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, text TEXT NOT NULL, author TEXT, created_at TEXT NOT NULL);
CREATE TABLE sbom_documents (id TEXT PRIMARY KEY, scan_id TEXT, target_path TEXT NOT NULL, format TEXT NOT NULL DEFAULT 'cyclonedx',
  created_at TEXT NOT NULL);
CREATE TABLE sbom_components (id TEXT PRIMARY KEY, sbom_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
  type TEXT NOT NULL DEFAULT 'library', purl TEXT, license TEXT, supplier TEXT);
CREATE TABLE api_keys (id TEXT PRIMARY KEY, name TEXT NOT NULL, key_hash TEXT NOT NULL, prefix TEXT NOT NULL, scopes TEXT NOT NULL,
  created_at TEXT NOT NULL, last_used_at TEXT, revoked_at TEXT);
CREATE TABLE notifications (id TEXT PRIMARY KEY, type TEXT NOT NULL, title TEXT NOT NULL, body TEXT, link TEXT,
  severity TEXT NOT NULL DEFAULT 'info', created_at TEXT NOT NULL, read_at TEXT);
CREATE TABLE webhooks (id TEXT PRIMARY KEY, name TEXT NOT NULL, url TEXT NOT NULL, secret TEXT NOT NULL, event_filter TEXT NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1, created_at TEXT NOT NULL);
CREATE TABLE webhook_deliveries (id TEXT PRIMARY KEY, webhook_id TEXT NOT NULL, event TEXT NOT NULL, payload TEXT NOT NULL,
  status TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, next_attempt_at TEXT NOT NULL, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL, response_code INTEGER, response_body TEXT);
CREATE INDEX idx_findings_scan_id ON findings(scan_id);
";

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Makes a database of the schema and what `sql` puts into it. In WAL mode, as it was.
fn python(file: &Path, sql: &str) {
    run(async {
        let mut db = open(file).await;
        sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&mut db).await.unwrap();
        sqlx::raw_sql(SCHEMA).execute(&mut db).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    });
}

async fn open(file: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(file).create_if_missing(true).foreign_keys(false).connect().await.unwrap()
}

fn count(file: &Path, table: &str) -> i64 {
    run(async {
        let sql = format!("SELECT count(*) FROM {table}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&mut open(file).await).await.unwrap().get(0)
    })
}

/// The v1 fingerprint over an absolute path, without a line: what that service really wrote.
fn old(scanner: &str, rule: &str, path: &str, cwe: &str) -> String {
    let mut finding =
        securescan_core::Finding::new(scanner, securescan_core::ScanType::Code, securescan_core::Severity::High, "t");
    finding.rule_id = Some(rule.into());
    finding.file_path = Some(path.into());
    finding.cwe = Some(cwe.into()).filter(|cwe: &String| !cwe.is_empty());
    securescan_core::identity::legacy_empty_fingerprint(&finding)
}

/// A database with one of everything; the findings are those of a folder that is really there.
fn whole(file: &Path, target: &Path) -> String {
    let path = target.display();
    let print = old("dockerfile", "dockerfile/DL007", &format!("{path}/Dockerfile"), "");
    let hash = "000102030405060708090a0b0c0d0e0f$5428a0a3fbec601cd121b5579d38310bf1e3721fc007c3b4d377a03f3611d541";
    let skipped = r#"[{"name":"bandit","reason":"not installed","install_hint":"pip install bandit"}]"#;
    python(
        file,
        &format!(
            "INSERT INTO scans VALUES ('s1', '{path}', '[\"code\",\"iac\"]', 'completed', '2026-01-01T10:00:00.5', '2026-01-01T10:00:01',
               3, 74.3, 'all fine', NULL, 'http://me:pw@host/x', NULL, '[\"dockerfile\",\"secrets\"]', '{skipped}');
             INSERT INTO scans (id, target_path, scan_types, status) VALUES ('s2', '{path}', '[\"code\"]', 'running');
             INSERT INTO findings VALUES ('f1', 's1', 'dockerfile', 'iac', 'critical', 'Secret', 'd', '{path}/Dockerfile', 2, NULL, 'dockerfile/DL007',
               NULL, 'fix', '{{}}', '{print}', '[\"A03\"]');
             INSERT INTO findings VALUES ('f2', 's1', 'semgrep', 'code', 'high', 'eval', 'd', '{path}/svc/app.py', 3, 3, 'eval', 'CWE-95',
               NULL, '{{\"line_snippet\":\"eval(x)\",\"confidence\":\"HIGH\"}}', 'v1print', '[]');
             INSERT INTO findings VALUES ('f3', 's1', 'nmap', 'network', 'low', 'Open port 22', 'd', NULL, NULL, NULL, NULL, NULL, NULL,
               '{{\"suppressed_by\":\"config\"}}', 'v1port', '[]');
             INSERT INTO finding_states VALUES ('{print}', 'false_positive', 'in a test', '2026-01-02T00:00:00.123456', 'ann');
             INSERT INTO finding_states VALUES ('v1print', 'fixed', NULL, '2026-01-02T00:00:00', NULL);
             INSERT INTO finding_comments VALUES ('c1', '{print}', 'sure?', 'bob', '2026-01-03T00:00:00');
             INSERT INTO api_keys VALUES ('5a7c8f9eab', 'admin', '{hash}', 'ssk_5a7c8f9eab_a', '[\"read\",\"write\",\"admin\"]',
               '2026-01-01T00:00:00', NULL, NULL);
             INSERT INTO notifications VALUES ('n1', 'scan.complete', 't', 'b', '/scan/s1', 'high', '2026-01-01T00:00:00', NULL);
             INSERT INTO webhooks VALUES ('w1', 'hook', 'https://example.com/x', 'whsec', '[\"scan.complete\"]', 1, '2026-01-01T00:00:00');
             INSERT INTO webhook_deliveries VALUES ('d1', 'w1', 'scan.complete', '{{}}', 'pending', 0, 'x', 'x', 'x', NULL, NULL);
             INSERT INTO sbom_documents VALUES ('b1', 's1', '{path}', 'cyclonedx', '2026-01-01T00:00:00');
             INSERT INTO sbom_components VALUES ('p1', 'b1', '@scope/pkg', '2.0.0', 'library', 'pkg:npm/%40scope/pkg@2.0.0', 'MIT', NULL);
             INSERT INTO sbom_components VALUES ('p2', 'b1', 'odd', 'unknown', 'library', NULL, NULL, NULL);"
        ),
    );
    print
}

const KEY: &str = "ssk_5a7c8f9eab_abcdefghijABCDEFGHIJ0123456789xy";

fn get(service: &Service, path: &str) -> Value {
    let answer = service.with_key("GET", path, Some(KEY), None);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// A service that is started on the old file: it has everything, and the old file is beside it.
#[test]
fn an_old_database_opens_unchanged() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let target = common::target(folder.path());
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let file = folder.path().join("data/scans.db");
    let print = whole(&file, &target);
    let before = std::fs::read(&file).unwrap();
    let service = Service::start_in(Arc::clone(&folder), &[], &Default::default()).unwrap();
    let log = service.log.text();
    assert!(log.contains("database of SecureScan for Python taken over") && log.contains("scans.db.python-backup"), "{log}");
    let backup = folder.path().join("data/scans.db.python-backup");
    assert_eq!((count(&backup, "findings"), std::fs::read(&backup).unwrap().len()), (3, before.len()));
    #[cfg(unix)]
    for kept in [&backup, &file] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(kept).unwrap().permissions().mode() & 0o777, 0o600);
    }

    // The keys of before open it.
    assert_eq!(service.get("/api/v1/scans").status, 401);
    let scans = get(&service, "/api/v1/scans");
    assert_eq!(scans[0]["id"], "s1");
    let scan = get(&service, "/api/v1/scans/s1");
    assert_eq!((&scan["status"], &scan["findings_count"], &scan["risk_score"]), (&json!("completed"), &json!(3), &json!(74.3)));
    assert_eq!((&scan["target_url"], &scan["summary"]), (&json!("http://***@host/x"), &json!("all fine")));
    assert_eq!(scan["scanners_skipped"][0]["install_hint"], "pip install bandit");
    assert_eq!(get(&service, "/api/v1/scans/s2")["error"], "interrupted by restart");

    let findings = get(&service, "/api/v1/scans/s1/findings");
    assert_eq!(findings.as_array().unwrap().len(), 3);
    let (docker, eval, port) = (&findings[0], &findings[1], &findings[2]);
    assert_eq!((&docker["file_path"], &docker["fingerprint"]), (&json!("Dockerfile"), &json!(print)));
    assert_eq!(
        (&docker["state"]["status"], &docker["state"]["updated_at"]),
        (&json!("false_positive"), &json!("2026-01-02T00:00:00.123456"))
    );
    assert_eq!((&docker["compliance_tags"], &docker["scan_id"]), (&json!(["OWASP-A03"]), &json!("s1")));
    // What was kept of it is enough for a fingerprint of today; the verdict is still found.
    assert_eq!((&eval["fingerprint"] == "v1print", &eval["state"]["fingerprint"]), (false, &json!("v1print")));
    assert_eq!((eval["fingerprint"].as_str().unwrap().len(), eval["line"].as_i64()), (64, Some(3)));
    assert!(!eval.to_string().contains("eval(x)"));
    assert_eq!((&port["metadata"]["suppressed_by"], &port["file_path"]), (&json!("config"), &json!(null)));
    let said = get(&service, &format!("/api/v1/findings/{print}/comments"));
    assert_eq!((&said[0]["text"], &said[0]["principal"]), (&json!("sure?"), &json!(null)));

    let bill = get(&service, "/api/v1/sbom/b1");
    assert_eq!((&bill["components"][0]["name"], bill["components"].as_array().unwrap().len()), (&json!("@scope/pkg"), 2));
    let export = get(&service, "/api/v1/sbom/b1/export");
    assert_eq!((&export["bomFormat"], export["components"].as_array().unwrap().len()), (&json!("CycloneDX"), 2));
    assert_eq!(get(&service, "/api/v1/sbom/b1/export?format=spdx")["spdxVersion"], "SPDX-2.3");
    assert_eq!(count(&file, "webhooks"), 1);
    assert_eq!(count(&file, "notifications WHERE id = 'n1'"), 1);
    // Nothing was told to anybody.
    assert_eq!(count(&file, "webhook_deliveries"), 0);

    // A scan of today finds the same thing in the same place: verdict and comments are with it.
    let body = json!({"target_path": target, "scan_types": ["iac"]});
    let begun = service.with_key("POST", "/api/v1/scans", Some(KEY), Some(&body)).json();
    let id = begun["id"].as_str().unwrap();
    let scan = loop {
        let scan = get(&service, &format!("/api/v1/scans/{id}"));
        if scan["completed_at"].is_string() {
            break scan;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert_eq!(scan["status"], "completed");
    let findings = get(&service, &format!("/api/v1/scans/{id}/findings"));
    let again: Vec<&Value> = findings.as_array().unwrap().iter().filter(|f| f["rule_id"] == "dockerfile/DL007").collect();
    if let Some(again) = again.first() {
        assert_eq!(again["state"]["status"], "false_positive", "{again}");
        let now = again["fingerprint"].as_str().unwrap();
        assert_eq!(get(&service, &format!("/api/v1/findings/{now}/comments"))[0]["text"], "sure?");
    } else {
        panic!("no DL007 in {findings}");
    }

    // Started again, it is an ordinary database.
    let folder = service.stop();
    let service = Service::start_in(folder, &[], &Default::default()).unwrap();
    assert!(!service.log.text().contains("taken over"));
    assert_eq!(get(&service, "/api/v1/scans").as_array().unwrap().len(), 3);
}

fn import(file: &Path, into: &Path) -> securescan_server::StorageResult<ImportCounts> {
    run(async {
        let store = Store::open(into).await?;
        let counts = import_python(file, &store).await;
        store.close().await;
        counts
    })
}

fn paths() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (file, into) = (folder.path().join("a 'b'?#.db"), folder.path().join("new/scans.db"));
    (folder, file, into)
}

#[test]
fn a_second_time_adds_nothing() {
    let (folder, file, into) = paths();
    whole(&file, folder.path());
    let before = std::fs::read(&file).unwrap();
    let first = import(&file, &into).unwrap();
    let added = |n| ImportCount { added: n, ..ImportCount::default() };
    assert_eq!((first.scans, first.findings, first.verdicts, first.comments), (added(2), added(3), added(2), added(1)));
    assert_eq!((first.keys, first.webhooks, first.notifications), (added(1), added(1), added(1)));
    assert_eq!((first.sboms, first.components), (added(1), added(2)));
    let second = import(&file, &into).unwrap();
    assert_eq!((second.added(), second.skipped()), (0, 0));
    assert!(second.each().iter().zip(first.each()).all(|(again, once)| again.1.known == once.1.added), "{second:?}");
    assert_eq!((count(&into, "findings"), count(&into, "audit_log")), (3, 1));
    assert_eq!(std::fs::read(&file).unwrap(), before);
    let mut beside: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    beside.sort();
    assert_eq!(beside, [file.file_name().unwrap(), "new".as_ref()]);
}

/// The old service was killed: what it wrote last is in its log, which is part of what is taken over.
#[test]
fn a_log_that_was_left_behind_counts() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let (live, file) = (folder.path().join("live.db"), data.join("scans.db"));
    run(async {
        let mut db = open(&live).await;
        sqlx::raw_sql("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0").execute(&mut db).await.unwrap();
        sqlx::raw_sql(SCHEMA).execute(&mut db).await.unwrap();
        sqlx::raw_sql("INSERT INTO scans (id, target_path, scan_types, status) VALUES ('s', '/srv', '[]', 'failed')")
            .execute(&mut db)
            .await
            .unwrap();
        std::fs::copy(&live, &file).unwrap();
        std::fs::copy(folder.path().join("live.db-wal"), data.join("scans.db-wal")).unwrap();
        db.close().await.unwrap();
    });
    // What an attempt that was interrupted may have left, and an older copy.
    std::fs::write(data.join("scans.db.migrating"), "half").unwrap();
    std::fs::write(data.join("scans.db.migrating-wal"), "half").unwrap();
    std::fs::write(data.join("scans.db.python-backup"), "precious").unwrap();
    let service = Service::start_in(Arc::clone(&folder), &[], &Default::default()).unwrap();
    assert_eq!(service.get("/api/v1/scans").json()[0]["id"], "s");
    assert_eq!(std::fs::read(data.join("scans.db.python-backup")).unwrap(), b"precious");
    assert_eq!(count(&data.join("scans.db.python-backup-2"), "scans"), 1);
    service.stop();
    let mut left: Vec<_> = std::fs::read_dir(&data).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    left.retain(|name| name.starts_with("scans.db.") || name.contains("-wal") || name.contains("-shm"));
    left.sort();
    assert_eq!(left, ["scans.db.python-backup", "scans.db.python-backup-2"]);
}

/// Rows of which every one has something wrong with it, and one that has not.
#[test]
fn hostile_rows_are_counted() {
    let (_folder, file, into) = paths();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let scan = |id: &str, rest: &str| {
        format!("INSERT INTO scans (id, target_path, scan_types, status, started_at) VALUES ({id}, {rest});")
    };
    let finding = |id: usize, scan: &str, kind: &str, severity: &str, title: &str, metadata: &str, tags: &str| {
        format!(
            "INSERT INTO findings (id, scan_id, scanner, scan_type, severity, title, description, line_start, metadata, compliance_tags)
             VALUES ('f{id}', {scan}, 'x', {kind}, {severity}, {title}, 'd', 1, {metadata}, {tags});"
        )
    };
    let sql = [
        scan("'good'", "'/srv', '[\"code\",\"odd\"]', 'completed', 'no time'"),
        scan("NULL", "'/srv', '[]', 'completed', NULL"),
        scan("''", "'/srv', '[]', 'completed', NULL"),
        scan("'s1'", "'/srv', 'no json', 'completed', NULL"),
        scan("'s2'", "'/srv', '[]', 'dancing', NULL"),
        scan("'s3'", "x'00ff', '[]', 'completed', NULL"),
        scan("'s4'", "printf('%.*c', 2000000, 'x'), '[]', 'completed', NULL"),
        scan("'s5'", &format!("'/srv', '{deep}', 'completed', NULL")),
        scan("'s6'", "CAST(x'ff2f73' AS TEXT), '[]', 'completed', NULL"),
        finding(0, "'good'", "'code'", "'high'", "'fine'", "'{}'", "'[]'"),
        finding(1, "'nobody'", "'code'", "'high'", "'t'", "'{}'", "'[]'"),
        finding(2, "'good'", "'cooking'", "'high'", "'t'", "'{}'", "'[]'"),
        finding(3, "'good'", "'code'", "'awful'", "'t'", "'{}'", "'[]'"),
        finding(4, "'good'", "'code'", "'high'", "'t'", "'[1]'", "'[]'"),
        finding(5, "'good'", "'code'", "'high'", "'t'", "'{'", "'[]'"),
        finding(6, "'good'", "'code'", "'high'", "'t'", "'{}'", "'[5]'"),
        finding(7, "'good'", "'code'", "'high'", "printf('%.*c', 2000000, 'x')", "'{}'", "'[]'"),
        finding(8, "'good'", "'code'", "'high'", "x'41'", "'{}'", "'[]'"),
        finding(9, "'good'", "'code'", "'high'", "'t'", &format!("'{{\"a\":{deep}}}'"), "'[]'"),
        "INSERT INTO findings (id, scan_id, scanner, scan_type, severity, title, description, line_start)
         VALUES ('line', 'good', 'x', 'code', 'low', 't', 'd', 'many');"
            .into(),
        "INSERT INTO finding_states VALUES ('ok', 'fixed', NULL, '2026-01-01T00:00:00', NULL), ('a', 'odd', NULL, '2026-01-01', NULL),
           ('b', 'fixed', NULL, 'never', NULL), ('', 'fixed', NULL, '2026-01-01T00:00:00', NULL),
           ('c', 'fixed', x'00', '2026-01-01T00:00:00', NULL);"
            .into(),
        "INSERT INTO finding_comments VALUES ('ok', 'a', 't', NULL, '2026-01-01T00:00:00'), ('c1', 'a', '', NULL, '2026-01-01T00:00:00'),
           ('c2', 'a', printf('%.*c', 3000000, 'x'), NULL, '2026-01-01T00:00:00'), ('c3', 'a', 't', NULL, '');"
            .into(),
        "INSERT INTO api_keys VALUES ('ok', 'n', 'h', 'p', '[\"read\"]', '2026-01-01T00:00:00', NULL, 'sometime'),
           ('k1', 'n', 'h', 'p', '[\"root\"]', '2026-01-01T00:00:00', NULL, NULL), ('k2', 'n', 'h', 'p', '{}', '2026-01-01T00:00:00', NULL, NULL);"
            .into(),
        "INSERT INTO webhooks VALUES ('w1', 'n', 'file:///etc/passwd', 's', '[]', 1, '2026-01-01T00:00:00'),
           ('w2', 'n', 'http://a', 's', '[', 1, '2026-01-01T00:00:00'), ('w3', 'n', 'http://a', 's', '[]', 'yes', '2026-01-01T00:00:00');"
            .into(),
        "INSERT INTO notifications VALUES ('n1', 't', 't', NULL, NULL, 'info', 'x', NULL);".into(),
        "INSERT INTO sbom_documents VALUES ('b1', NULL, '/srv', 'xml', '2026-01-01T00:00:00');
         INSERT INTO sbom_components VALUES ('p1', 'b1', 'n', 'v', 'library', NULL, NULL, NULL);"
            .into(),
    ]
    .concat();
    python(&file, &sql);
    let counts = import(&file, &into).unwrap();
    let of = |added, skipped| ImportCount { added, known: 0, skipped };
    assert_eq!((counts.scans, counts.findings), (of(1, 8), of(1, 10)));
    assert_eq!((counts.verdicts, counts.comments, counts.keys), (of(1, 4), of(1, 3), of(1, 2)));
    assert_eq!(
        (counts.webhooks, counts.notifications, counts.sboms, counts.components),
        (of(0, 3), of(0, 1), of(0, 1), of(0, 1))
    );
    // A key that was revoked at a time that cannot be read stays revoked.
    assert_eq!(count(&into, "api_keys WHERE revoked_at IS NOT NULL"), 1);
}

#[test]
fn what_is_no_such_database() {
    let (folder, file, into) = paths();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "no database at all, but long enough to be read as one ".repeat(200)).unwrap();
    let other = folder.path().join("other.db");
    run(async {
        let sql = "CREATE TABLE t (x); CREATE VIEW scans AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i AS id FROM n;
                   CREATE VIEW findings AS SELECT 1 AS id;";
        sqlx::raw_sql(sql).execute(&mut open(&other).await).await.unwrap();
    });
    whole(&file, folder.path());
    let cut = folder.path().join("cut.db");
    std::fs::write(&cut, &std::fs::read(&file).unwrap()[..5000]).unwrap();
    for wrong in [&text, &other, &cut, &folder.path().join("nowhere.db"), &folder.path().to_owned()] {
        let error = import(wrong, &into).unwrap_err().to_string();
        assert!(error.contains(wrong.to_str().unwrap()), "{error}");
        assert_eq!(count(&into, "audit_log"), 0);
    }
    // Damaged within: nothing is taken over, and the file stays where it is.
    let mut bytes = std::fs::read(&file).unwrap();
    let from = bytes.len() / 4096 / 2 * 4096;
    bytes[from..].fill(0x5a);
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let damaged = data.join("scans.db");
    std::fs::write(&damaged, &bytes).unwrap();
    let folder = Arc::new(folder);
    let start = Service::start_in(Arc::clone(&folder), &[], &Default::default());
    let Err(error) = start else { panic!("it started") };
    assert_eq!(error.exit, 3, "{error:?}");
    assert_eq!(std::fs::read(&damaged).unwrap().len(), bytes.len());
    assert!(!data.join("scans.db.python-backup").exists());
}

/// Somebody still has the old database open: nothing is done to it.
#[test]
fn a_database_in_use_is_left_alone() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let file = folder.path().join("data/scans.db");
    whole(&file, folder.path());
    run(async {
        let mut other = open(&file).await;
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
        let start = Service::start_in(Arc::clone(&folder), &[], &Default::default());
        let Err(error) = start else { panic!("it started") };
        assert!(error.exit == 3 && error.error.to_string().contains("in use"), "{error:?}");
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
        other.close().await.unwrap();
    });
    assert!(!folder.path().join("data/scans.db.python-backup").exists());
    let service = Service::start_in(folder, &[], &Default::default()).unwrap();
    assert_eq!(get(&service, "/api/v1/scans").as_array().unwrap().len(), 2);
}

/// As many verdicts as no statement takes parameters.
#[test]
fn forty_thousand_fingerprints() {
    let (_folder, file, into) = paths();
    python(
        &file,
        "INSERT INTO scans (id, target_path, scan_types, status) VALUES ('s', '/srv', '[\"code\"]', 'completed');
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
         INSERT INTO findings (id, scan_id, scanner, scan_type, severity, title, description, rule_id, file_path, fingerprint)
         SELECT 'f' || i, 's', 'x', 'code', 'high', 't', 'd', 'r', '/srv/' || i, printf('%064x', i) FROM n;
         INSERT INTO finding_states SELECT fingerprint, 'fixed', NULL, '2026-01-01T00:00:00', NULL FROM findings;",
    );
    let counts = import(&file, &into).unwrap();
    assert_eq!((counts.findings.added, counts.verdicts.added), (40_000, 40_000));
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let pairs = [("SECURESCAN_DB_PATH", into.to_str().unwrap())];
    let service = Service::start_in(folder, &pairs, &Default::default()).unwrap();
    let findings = service.get("/api/v1/scans/s/findings").json();
    let findings = findings.as_array().unwrap();
    assert_eq!(findings.len(), 40_000);
    assert!(findings.iter().all(|f| f["state"]["status"] == "fixed" && f["fingerprint"] == f["state"]["fingerprint"]));
}

/// A database with bytes of it changed at many places: it is read, or refused, and nothing breaks.
#[test]
fn damaged_databases() {
    let (folder, file, into) = paths();
    whole(&file, folder.path());
    let sound = std::fs::read(&file).unwrap();
    let damaged = folder.path().join("damaged.db");
    let (mut state, mut refused) = (0x2545_f491_u32, 0);
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % below
    };
    run(async {
        let store = Store::open(&into).await.unwrap();
        for _ in 0..300 {
            let mut bytes = sound.clone();
            for _ in 0..=next(40) {
                let at = next(bytes.len());
                bytes[at] = u8::try_from(next(256)).unwrap();
            }
            std::fs::write(&damaged, &bytes).unwrap();
            refused += usize::from(import_python(&damaged, &store).await.is_err());
        }
        // What was refused has left nothing locked.
        let counts = import_python(&file, &store).await.unwrap();
        assert_eq!((counts.skipped(), counts.scans.added + counts.scans.known), (0, 2));
        store.close().await;
    });
    assert!((1..300).contains(&refused), "{refused}");
}
