use super::*;
use crate::auth::Scope;
use securescan_core::{Finding, ScanType, Severity};
use sqlx::Row;

async fn store() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("scans.db")).await.unwrap();
    (store, folder)
}

fn scan(id: &str) -> NewScan {
    NewScan {
        id: id.into(),
        target_path: "/srv/demo".into(),
        scan_types: vec![ScanType::Code],
        target_url: None,
        target_host: None,
        created_at: 1,
        created_by: "dev".into(),
        ai: false,
    }
}

fn finding(n: usize) -> Finding {
    let mut finding = Finding::new("secrets", ScanType::Code, Severity::High, format!("title {n}"));
    finding.fingerprint = format!("{n:064x}");
    finding.legacy_fingerprint = Some(format!("old{n}"));
    finding.file_path = Some(format!("src/{n}.py"));
    finding.compliance_tags = vec!["OWASP-A03".into()];
    finding
}

fn end(findings: Vec<Finding>) -> Finished {
    Finished {
        status: ScanStatus::Completed,
        completed_at: 9,
        error: None,
        findings,
        coverage: Vec::new(),
        suppressed: 0,
        severities: [0; 5],
        advice: None,
        risk_score: Some(1.0),
        scanners_run: Vec::new(),
        scanners_skipped: Vec::new(),
        scanners_failed: Vec::new(),
        outgoing: vec![Outgoing { event: "scan.complete", payload: "{}".into() }],
        notes: vec![Note { kind: "scan.complete", title: "t".into(), body: None, severity: "high", scanner: String::new() }],
    }
}

fn deed(subject: &str) -> Deed {
    Deed { at: 5, principal: "dev".into(), action: "test", subject: subject.into(), request_id: None }
}

async fn count(store: &Store, sql: &'static str) -> i64 {
    sqlx::query(sql).fetch_one(&store.readers).await.unwrap().get(0)
}

async fn write(store: &Store, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&store.writer).await.unwrap();
}

#[tokio::test]
async fn the_end_of_a_scan_is_one_transaction() {
    let (store, _folder) = store().await;
    write(
        &store,
        "INSERT INTO webhooks (id, name, url, secret, event_filter, enabled, created_at) VALUES
         ('a', 'a', 'u', 's', '[\"scan.complete\"]', 1, 1), ('b', 'b', 'u', 's', '[\"scan.failed\"]', 1, 1),
         ('c', 'c', 'u', 's', '[\"scan.complete\"]', 0, 1)",
    )
    .await;
    store.add_scan(&scan("one")).await.unwrap();
    assert!(!store.finish_scan("one", &end(vec![])).await.unwrap(), "it is not running");
    assert!(store.start_scan("one", 2).await.unwrap() && !store.start_scan("one", 2).await.unwrap());
    let findings: Vec<Finding> = (0..1203).map(finding).collect();
    assert!(store.finish_scan("one", &end(findings.clone())).await.unwrap());
    assert!(!store.finish_scan("one", &end(vec![])).await.unwrap() && !store.cancel_scan("one", 3).await.unwrap());
    assert_eq!(count(&store, "SELECT count(*) FROM webhook_deliveries WHERE webhook_id = 'a' AND status = 'pending'").await, 1);
    assert_eq!(count(&store, "SELECT count(*) FROM webhook_deliveries").await, 1);
    assert_eq!(count(&store, "SELECT count(*) FROM notifications WHERE link = '/scan/one'").await, 1);
    let row = store.scan("one").await.unwrap().unwrap();
    assert_eq!(row.findings_count, 1203);
    assert!(store.whole_findings(row.seq).await.unwrap() == findings);

    assert!(store.delete_scan("one", &deed("one")).await.unwrap() && !store.delete_scan("one", &deed("one")).await.unwrap());
    for left in ["SELECT count(*) FROM findings", "SELECT count(*) FROM finding_bodies", "SELECT count(*) FROM finding_tags"] {
        assert_eq!(sqlx::query(left).fetch_one(&store.readers).await.unwrap().get::<i64, _>(0), 0, "{left}");
    }
    assert_eq!(count(&store, "SELECT count(*) FROM audit_log WHERE subject = 'one'").await, 1);
    let changed = sqlx::query("UPDATE audit_log SET principal = 'x'").execute(&store.writer).await;
    let removed = sqlx::query("DELETE FROM audit_log").execute(&store.writer).await;
    assert!(changed.is_err() && removed.is_err());
}

#[tokio::test]
async fn passwords_in_urls_are_not_kept() {
    let (store, _folder) = store().await;
    for (id, given, kept) in [
        ("a", "http://me:pass@word@host:1/a@b?c", "http://***@host:1/a@b?c"),
        ("b", "https://host/x@y", "https://host/x@y"),
        ("c", "no url", "no url"),
    ] {
        store.add_scan(&NewScan { target_url: Some(given.into()), ..scan(id) }).await.unwrap();
        assert_eq!(store.scan(id).await.unwrap().unwrap().target_url.as_deref(), Some(kept));
    }
}

#[tokio::test]
async fn cancelling_wins_over_finishing_or_loses_whole() {
    let (store, _folder) = store().await;
    store.add_scan(&scan("one")).await.unwrap();
    store.start_scan("one", 2).await.unwrap();
    assert!(store.cancel_scan("one", 3).await.unwrap());
    assert!(!store.finish_scan("one", &end(vec![finding(1)])).await.unwrap());
    assert_eq!(count(&store, "SELECT count(*) FROM findings").await, 0);
    assert_eq!(count(&store, "SELECT count(*) FROM notifications").await, 0);
}

#[tokio::test]
async fn verdicts_are_found_by_the_fingerprint_of_now_then_by_the_one_of_before() {
    let (store, _folder) = store().await;
    store.add_scan(&scan("one")).await.unwrap();
    store.start_scan("one", 2).await.unwrap();
    store.finish_scan("one", &end((0..3).map(finding).collect())).await.unwrap();
    let now = finding(0).fingerprint;
    for (fingerprint, status) in [(now.as_str(), "fixed"), ("old0", "triaged"), ("old1", "wont_fix")] {
        sqlx::query("INSERT INTO finding_states (fingerprint, status, updated_at) VALUES (?, ?, 1)")
            .bind(fingerprint)
            .bind(status)
            .execute(&store.writer)
            .await
            .unwrap();
    }
    let seq = store.scan("one").await.unwrap().unwrap().seq;
    let rows = store.findings(seq, &Filter::default(), None, 10).await.unwrap();
    let states: Vec<_> = rows.iter().map(|row| row.state.as_ref().map(|s| s.status.as_str())).collect();
    assert_eq!(states, [Some("fixed"), Some("wont_fix"), None]);
    assert!(store.delete_scan("one", &deed("one")).await.unwrap());
    assert_eq!(count(&store, "SELECT count(*) FROM finding_states").await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_revocations_at_once_leave_an_administrator() {
    let (store, _folder) = store().await;
    for round in 0..20 {
        let ids = [format!("a{round}"), format!("b{round}")];
        write(&store, "UPDATE api_keys SET revoked_at = 1").await;
        for id in &ids {
            let key = NewKey { id, name: "k", key_hash: "h", prefix: "p", scopes: &[Scope::Admin] };
            store.add_key(&key, &deed(id)).await.unwrap();
        }
        let (deed_a, deed_b) = (deed(&ids[0]), deed(&ids[1]));
        let (a, b) = tokio::join!(store.revoke_key(&ids[0], true, &deed_a), store.revoke_key(&ids[1], true, &deed_b));
        let mut outcomes = [a.unwrap(), b.unwrap()];
        outcomes.sort_by_key(|o| *o == Revoked::Last);
        assert_eq!(outcomes, [Revoked::Done, Revoked::Last]);
        assert!(store.has_active_admin().await.unwrap());
    }
    let twice = NewKey { id: "a0", name: "k", key_hash: "h", prefix: "p", scopes: &[] };
    assert!(store.add_key(&twice, &deed("a0")).await.unwrap_err().is_conflict());
}

/// Every filter uses an index of its own column instead of looking at every row.
#[tokio::test]
async fn filters_have_their_indices() {
    let (store, _folder) = store().await;
    for (condition, index) in [
        ("severity = 'high'", "findings_by_severity"),
        ("scanner = 'x'", "findings_by_scanner"),
        ("scan_type = 'x'", "findings_by_type"),
        ("file_path = 'x'", "findings_by_path"),
        ("suppressed = 1", "findings_by_suppression"),
        ("1", "PRIMARY KEY"),
    ] {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT ord FROM findings WHERE scan = 1 AND ord > 5 AND {condition} ORDER BY ord LIMIT 9"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&store.readers).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        assert!(plan.len() == 1 && plan[0].contains(index) && plan[0].contains("ord>?"), "{condition}: {plan:?}");
    }
}

#[tokio::test]
async fn old_notifications_go_when_they_were_read() {
    let (store, _folder) = store().await;
    let day = 24 * 3600 * crate::time::SECOND;
    for (id, read) in [("a", Some(day)), ("b", Some(50 * day)), ("c", None)] {
        sqlx::query("INSERT INTO notifications (id, type, title, created_at, read_at) VALUES (?, 't', 't', 0, ?)")
            .bind(id)
            .bind(read)
            .execute(&store.writer)
            .await
            .unwrap();
    }
    assert_eq!(store.prune_notifications(60 * day).await.unwrap(), 1);
}

/// `fixed` on what a scan found all the same: under the fingerprint of now, or of before where no newer verdict counts.
#[tokio::test]
async fn what_was_fixed_and_came_back_is_marked_in_the_scans_own_transaction() {
    let (store, _folder) = store().await;
    let all: Vec<String> = (0..6).map(|n| finding(n).fingerprint).collect();
    for (fingerprint, status, at) in [
        (all[0].as_str(), "fixed", 1),
        ("old1", "fixed", 1),
        // A newer verdict counts: the old one is nobody's.
        ("old2", "fixed", 1),
        (all[2].as_str(), "accepted_risk", 1),
        // Given while the scan ran: it saw what was there before.
        (all[3].as_str(), "fixed", 3),
        (all[4].as_str(), "triaged", 1),
        ("nobody", "fixed", 1),
    ] {
        let state = NewState { fingerprint, status, note: None, updated_by: None, principal: "p", at };
        store.set_state(&state).await.unwrap();
    }
    store.add_scan(&scan("one")).await.unwrap();
    store.start_scan("one", 2).await.unwrap();
    // Not recorded: not marked.
    store.add_scan(&scan("two")).await.unwrap();
    assert!(!store.finish_scan("two", &end((0..6).map(finding).collect())).await.unwrap());
    assert_eq!(count(&store, "SELECT count(*) FROM finding_states WHERE regressed_at IS NOT NULL").await, 0);
    assert!(store.finish_scan("one", &end((0..6).map(finding).collect())).await.unwrap());
    let rows = sqlx::query("SELECT fingerprint FROM finding_states WHERE regressed_at = 9 ORDER BY fingerprint");
    let marked: Vec<String> = rows.fetch_all(&store.readers).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(marked, [all[0].as_str(), "old1"]);
}

#[tokio::test]
async fn comments_are_found_under_every_name_of_a_finding() {
    let (store, _folder) = store().await;
    store.add_scan(&scan("one")).await.unwrap();
    store.start_scan("one", 2).await.unwrap();
    store.finish_scan("one", &end((0..2).map(finding).collect())).await.unwrap();
    let now = finding(0).fingerprint;
    for (id, fingerprint, at) in [("b", "old0", 2), ("a", now.as_str(), 2), ("c", now.as_str(), 1), ("d", "old1", 1)] {
        let comment = CommentRow {
            id: id.into(),
            fingerprint: fingerprint.into(),
            text: "t".into(),
            author: None,
            principal: None,
            created_at: at,
        };
        store.add_comment(&comment).await.unwrap();
    }
    let ids = async |fingerprint: &str| -> Vec<String> {
        store.comments(fingerprint, 0, -1).await.unwrap().into_iter().map(|c| c.id).collect()
    };
    assert_eq!((ids(&now).await, ids("old0").await), (vec!["c".into(), "a".into(), "b".into()], vec!["b".to_owned()]));
    assert!(!store.delete_comment(&now, "d", &deed("d")).await.unwrap());
    assert!(store.delete_comment(&now, "b", &deed("b")).await.unwrap());
    assert_eq!(store.count_comments(&now).await.unwrap(), 2);
}

/// The last completed scan of a day is the one that stands for it.
#[tokio::test]
async fn days_by_their_last_scan() {
    let (store, _folder) = store().await;
    let day = 24 * 3600 * crate::time::SECOND;
    for (id, at, complete) in
        [("a", day, true), ("b", 2 * day - 1, true), ("c", day + 5, true), ("d", 3 * day, true), ("e", 3 * day + 1, false)]
    {
        store.add_scan(&scan(id)).await.unwrap();
        store.start_scan(id, 2).await.unwrap();
        let status = if complete { ScanStatus::Completed } else { ScanStatus::Failed };
        let severities = [1, 2, 3, 4, 5];
        let end = Finished { status, completed_at: at, severities, risk_score: complete.then_some(50.0), ..end(vec![]) };
        assert!(store.finish_scan(id, &end).await.unwrap());
    }
    let days = store.days(0).await.unwrap();
    assert_eq!(days.iter().map(|d| (d.scan_id.as_str(), d.at)).collect::<Vec<_>>(), [("b", 2 * day - 1), ("d", 3 * day)]);
    assert_eq!(days[0].severities, [1, 2, 3, 4, 5]);
    assert_eq!(store.days(2 * day).await.unwrap().len(), 1);
    let sums = store.stats().await.unwrap();
    assert_eq!((sums.scans, sums.scored, sums.average, sums.severities[4]), (5, 4, Some(50.0), 25));
    assert_eq!(sums.last_completed_at, Some(3 * day));
    let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", stats::DAYS))).bind(day).bind(0);
    let plan: Vec<String> = plan.fetch_all(&store.readers).await.unwrap().iter().map(|row| row.get("detail")).collect();
    assert!(plan.iter().any(|step| step.contains("scans_by_completion (completed_at>?)")), "{plan:?}");
}
