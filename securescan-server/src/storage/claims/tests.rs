#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use super::*;
use crate::ids;
use crate::storage::{Deed, NewWebhook, Redelivered, WebhookChange};

const DAY: i64 = 24 * 3600 * SECOND;

async fn store() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("scans.db")).await.unwrap();
    for id in ["w", "x"] {
        let webhook = NewWebhook { id, name: "ops", url: "https://h/", secret: "s1", event_filter: &["scan.complete"] };
        store.add_webhook(&webhook, &deed(1)).await.unwrap();
    }
    (store, folder)
}

fn deed(at: i64) -> Deed {
    Deed { at, principal: "dev".into(), action: "test", subject: "w".into(), request_id: None }
}

async fn queue(store: &Store, webhook: &str, id: &str, at: i64) {
    assert!(store.queue_delivery(id, webhook, "scan.complete", "{}", &deed(at)).await.unwrap());
}

async fn heads(store: &Store, now: i64) -> Vec<(i64, String, i64)> {
    store.delivery_heads(now).await.unwrap().into_iter().map(|head| (head.seq, head.webhook_id, head.due)).collect()
}

fn tried(at: i64, code: Option<u16>, next: Next) -> Tried {
    let error = code.is_none().then(|| "broken".to_owned());
    Tried { at, code, body: "answer".into(), error, latency_ms: 3, next }
}

async fn enable(store: &Store, enabled: bool) {
    let change = WebhookChange { enabled: Some(enabled), ..WebhookChange::default() };
    store.change_webhook("w", &change, &deed(2)).await.unwrap().unwrap();
}

#[tokio::test]
async fn only_the_oldest_unfinished_of_each_webhook() {
    let (store, _folder) = store().await;
    for (n, webhook) in ["w", "w", "x", "x"].into_iter().enumerate() {
        queue(&store, webhook, &format!("d{n}"), 10 + i64::try_from(n).unwrap()).await;
    }
    assert_eq!(heads(&store, 20).await, [(1, "w".into(), 10), (3, "x".into(), 12)]);
    assert!(store.claim_delivery(2, "me", 20, 30).await.unwrap().is_none(), "not its turn");
    assert!(store.claim_delivery(1, "me", 9, 30).await.unwrap().is_none(), "not due");
    let claimed = store.claim_delivery(1, "me", 20, 30).await.unwrap().unwrap();
    assert_eq!((claimed.id.as_str(), claimed.secret.as_str(), claimed.attempt), ("d0", "s1", 0));
    assert!(store.claim_delivery(1, "you", 20, 30).await.unwrap().is_none(), "taken");
    assert_eq!(heads(&store, 20).await, [(3, "x".into(), 12)], "nothing of `w` while one is under way");
    // It failed: the next waits behind it until it is due again.
    assert!(store.delivery_tried(&claimed, "me", &tried(21, Some(500), Next::Retry(40))).await.unwrap());
    assert_eq!(heads(&store, 21).await, [(3, "x".into(), 12), (1, "w".into(), 40)]);
    assert!(store.claim_delivery(2, "me", 50, 60).await.unwrap().is_none());
    let again = store.claim_delivery(1, "me", 40, 60).await.unwrap().unwrap();
    assert_eq!(again.attempt, 1);
    assert!(store.delivery_tried(&again, "me", &tried(41, None, Next::Failed)).await.unwrap());
    assert_eq!(heads(&store, 41).await, [(2, "w".into(), 11), (3, "x".into(), 12)]);
    let rows = store.deliveries("w").await.unwrap();
    assert_eq!(rows.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["d1", "d0"]);
    let failed = &rows[1];
    // The status of an earlier answer does not stay.
    assert_eq!((failed.status.as_str(), failed.attempt, failed.response_code), ("failed", 2, None));
    let tries: Vec<_> = failed.attempts.iter().map(|a| (a.attempt, a.at, a.response_code, a.error.as_deref())).collect();
    assert_eq!(tries, [(1, 21, Some(500), None), (2, 41, None, Some("broken"))]);
}

#[tokio::test]
async fn leases_end_and_their_owners_lose_them() {
    let (store, _folder) = store().await;
    queue(&store, "w", "d", 1).await;
    let mine = store.claim_delivery(1, "me", 10, 20).await.unwrap().unwrap();
    assert_eq!(store.recover_deliveries(15, false).await.unwrap(), 0);
    assert!(heads(&store, 19).await.is_empty());
    assert_eq!(heads(&store, 20).await.len(), 1);
    let yours = store.claim_delivery(1, "you", 20, 30).await.unwrap().unwrap();
    assert!(!store.delivery_tried(&mine, "me", &tried(21, Some(200), Next::Succeeded)).await.unwrap(), "too late");
    assert_eq!(store.deliveries("w").await.unwrap()[0].status, "delivering");
    store.release_deliveries("you", 25).await.unwrap();
    assert_eq!(store.recover_deliveries(25, false).await.unwrap(), 1);
    assert!(!store.delivery_tried(&yours, "you", &tried(26, Some(200), Next::Succeeded)).await.unwrap());
    let row = &store.deliveries("w").await.unwrap()[0];
    assert_eq!((row.status.as_str(), row.next_attempt_at, row.attempt), ("pending", 25, 0));
    store.claim_delivery(1, "me", 30, 1000).await.unwrap().unwrap();
    assert_eq!(store.recover_deliveries(31, true).await.unwrap(), 1, "whatever the lease says");
    store.claim_delivery(1, "me", 32, 1000).await.unwrap().unwrap();
    store.delivery_faulted(1, "you", 33).await.unwrap();
    store.delivery_faulted(1, "me", 33).await.unwrap();
    let row = &store.deliveries("w").await.unwrap()[0];
    assert_eq!((row.status.as_str(), row.response_body.as_deref()), ("failed", Some("dispatcher internal error")));
}

#[tokio::test]
async fn disabled_webhooks_hold_until_it_is_too_late() {
    let (store, _folder) = store().await;
    queue(&store, "w", "held", 100).await;
    store.queue_delivery("test", "w", "webhook.test", "{}", &deed(100)).await.unwrap();
    enable(&store, false).await;
    assert!(store.claim_delivery(1, "me", 200, 300).await.unwrap().is_none());
    assert_eq!(
        store.delivery_heads(200).await.unwrap()[0],
        Head { seq: 1, webhook_id: "w".into(), due: 100 + MAX_AGE, enabled: false }
    );
    assert_eq!(store.expire_held(200).await.unwrap(), 1, "the test");
    enable(&store, true).await;
    let claimed = store.claim_delivery(1, "me", 300, 400).await.unwrap().unwrap();
    store.delivery_tried(&claimed, "me", &tried(301, None, Next::Retry(400))).await.unwrap();
    enable(&store, false).await;
    assert_eq!(store.expire_held(99 + MAX_AGE).await.unwrap(), 0);
    assert_eq!(store.expire_held(100 + MAX_AGE).await.unwrap(), 1);
    for row in store.deliveries("w").await.unwrap() {
        let tries = if row.id == "test" { 0 } else { 1 };
        assert_eq!((row.status.as_str(), row.response_body.as_deref(), row.attempt), ("failed", Some(HELD), tries));
    }
}

#[tokio::test]
async fn webhooks_that_are_gone_or_silent_for_days_are_disabled_with_a_note() {
    let (store, _folder) = store().await;
    queue(&store, "w", "a", 1).await;
    let claimed = store.claim_delivery(1, "me", 1, 9).await.unwrap().unwrap();
    store.delivery_tried(&claimed, "me", &tried(2, Some(410), Next::Gone)).await.unwrap();
    let row = store.webhook("w").await.unwrap().unwrap();
    assert!(!row.enabled && row.disabled_reason.as_deref().unwrap().contains("410"));
    let notes = store.notifications(false, None, 10).await.unwrap();
    assert_eq!(
        notes.iter().map(|n| (n.kind.as_str(), n.title.as_str())).collect::<Vec<_>>(),
        [("webhook.disabled", "Webhook disabled: ops")]
    );
    enable(&store, true).await;
    let row = store.webhook("w").await.unwrap().unwrap();
    assert!(row.enabled && row.disabled_reason.is_none() && row.failing_since.is_none());

    let mut at = DAY;
    for (days, next, disabled) in [
        (0, Next::Failed, false),
        (4, Next::Failed, false),
        (1, Next::Succeeded, false),
        (1, Next::Failed, false),
        (5, Next::Retry(0), false),
        (1, Next::Failed, true),
    ] {
        at += days * DAY;
        let head = heads(&store, at).await.into_iter().find(|(_, id, _)| id == "w");
        let seq = match head {
            Some((seq, ..)) => seq,
            None => {
                queue(&store, "w", &ids::uuid(), at).await;
                heads(&store, at).await.into_iter().find(|(_, id, _)| id == "w").unwrap().0
            }
        };
        let claimed = store.claim_delivery(seq, "me", at, at + 9).await.unwrap().unwrap();
        store.delivery_tried(&claimed, "me", &tried(at, Some(500), next)).await.unwrap();
        assert_eq!(!store.webhook("w").await.unwrap().unwrap().enabled, disabled, "day {}", at / DAY);
    }
    assert_eq!(store.notifications(true, None, 10).await.unwrap().len(), 2);
    let deeds: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE action = 'webhook.disable' AND principal = 'system'")
            .fetch_one(&store.readers)
            .await
            .unwrap();
    assert_eq!(deeds, 2);
}

#[tokio::test]
async fn rotation_redelivery_removal_and_age() {
    let (store, _folder) = store().await;
    queue(&store, "w", "d", 1).await;
    assert!(store.rotate_webhook("w", "s2", 50, &deed(3)).await.unwrap());
    assert!(!store.rotate_webhook("no", "s2", 50, &deed(3)).await.unwrap());
    let claimed = store.claim_delivery(1, "me", 49, 60).await.unwrap().unwrap();
    assert_eq!((claimed.secret.as_str(), claimed.previous_secret.as_deref()), ("s2", Some("s1")));
    assert_eq!(store.redeliver("w", "d", &deed(49)).await.unwrap(), Redelivered::Pending);
    store.delivery_tried(&claimed, "me", &tried(50, Some(200), Next::Succeeded)).await.unwrap();
    let Redelivered::Done(id, event) = store.redeliver("w", "d", &deed(51)).await.unwrap() else { panic!("it is not queued") };
    assert_eq!(event, "scan.complete");
    for (webhook, delivery) in [("x", "d"), ("w", "no"), ("no", "d")] {
        assert_eq!(store.redeliver(webhook, delivery, &deed(51)).await.unwrap(), Redelivered::Unknown);
    }
    let claimed = store.claim_delivery(2, "me", 51, 60).await.unwrap().unwrap();
    assert_eq!((claimed.id.as_str(), claimed.previous_secret.as_deref()), (id.as_str(), None));
    assert!(!store.queue_delivery("e", "no", "webhook.test", "{}", &deed(1)).await.unwrap());

    assert_eq!(store.prune_deliveries(50 + 30 * DAY).await.unwrap(), 0);
    assert_eq!(store.prune_deliveries(51 + 30 * DAY).await.unwrap(), 1, "not what is under way");
    assert_eq!(store.deliveries("w").await.unwrap().len(), 1);
    assert!(store.delete_webhook("w", &deed(60)).await.unwrap() && !store.delete_webhook("w", &deed(60)).await.unwrap());
    assert!(store.deliveries("w").await.unwrap().is_empty());
    assert!(!store.delivery_tried(&claimed, "me", &tried(61, Some(200), Next::Succeeded)).await.unwrap());
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM webhook_attempts").fetch_one(&store.readers).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn the_last_hundred_are_shown() {
    let (store, _folder) = store().await;
    for n in 0..103 {
        queue(&store, "w", &format!("d{n}"), n).await;
    }
    let rows = store.deliveries("w").await.unwrap();
    assert_eq!((rows.len(), rows[0].id.as_str(), rows[99].id.as_str()), (100, "d102", "d3"));
}
