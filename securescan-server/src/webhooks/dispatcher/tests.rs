#![allow(clippy::unwrap_used, reason = "tests")]
use super::super::guard::Allow;
use super::*;
use crate::logging::{Format, Level};
use crate::storage::{Deed, NewWebhook};
use std::sync::Mutex as StdMutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Hears deliveries: gives its URL and the ids it was sent, in order. The first `hang` are never answered.
async fn receiver(hang: usize) -> (String, Arc<StdMutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let heard = Arc::new(StdMutex::new(Vec::new()));
    let out = Arc::clone(&heard);
    tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut text, mut chunk) = (String::new(), [0; 4096]);
            while !text.ends_with("Z\"}") {
                let count = stream.read(&mut chunk).await.unwrap();
                assert!(count > 0, "{text}");
                text.push_str(std::str::from_utf8(chunk.get(..count).unwrap()).unwrap());
            }
            let id = text.split("x-securescan-delivery: ").nth(1).and_then(|t| t.split("\r\n").next()).unwrap().to_owned();
            let number = {
                let mut out = out.lock().unwrap();
                out.push(id);
                out.len()
            };
            if number <= hang {
                kept.push(stream);
            } else {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
            }
        }
    });
    (url, heard)
}

async fn store() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Store::open(&folder.path().join("scans.db")).await.unwrap(), folder)
}

fn deed(at: i64) -> Deed {
    Deed { at, principal: "dev".into(), action: "test", subject: "w".into(), request_id: None }
}

async fn webhook(store: &Store, id: &str, url: &str) {
    let webhook = NewWebhook { id, name: id, url, secret: "s", event_filter: &["webhook.test"] };
    store.add_webhook(&webhook, &deed(1)).await.unwrap();
}

async fn queue(store: &Store, webhook: &str, ids: &[&str]) {
    for id in ids {
        assert!(store.queue_delivery(id, webhook, "webhook.test", "{}", &deed(time::now())).await.unwrap());
    }
}

fn dispatcher(store: &Store) -> (Dispatcher, Log) {
    let log = Log::to(Box::new(std::io::sink()), Level::Debug, Format::Text);
    let client = Client::new(Guard::new(Allow::parse("127.0.0.1").unwrap(), false));
    (Dispatcher::with_client(client, store.clone(), log.clone()), log)
}

async fn until(mut ready: impl AsyncFnMut() -> bool) {
    for _ in 0..3000 {
        if ready().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(ready().await, "it did not come about");
}

async fn statuses(store: &Store, webhook: &str) -> Vec<(String, String)> {
    let mut rows = store.deliveries(webhook).await.unwrap();
    rows.reverse();
    rows.into_iter().map(|row| (row.id, row.status)).collect()
}

#[tokio::test]
async fn a_queue_is_drained_in_order_and_without_waiting() {
    let (store, _folder) = store().await;
    let (url, heard) = receiver(0).await;
    webhook(&store, "w", &url).await;
    let ids: Vec<String> = (0..60).map(|n| format!("d{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    queue(&store, "w", &ids).await;
    let (dispatcher, _) = dispatcher(&store);
    until(async || heard.lock().unwrap().len() == 60).await;
    dispatcher.stop().await;
    assert_eq!(*heard.lock().unwrap(), ids);
    assert!(statuses(&store, "w").await.iter().all(|(_, status)| status == "succeeded"));
}

#[tokio::test]
async fn silent_webhooks_starve_nobody() {
    let (store, _folder) = store().await;
    let (silent, asked) = receiver(1000).await;
    let (well, heard) = receiver(0).await;
    for n in 0..10 {
        let id = format!("silent{n}");
        webhook(&store, &id, &silent).await;
        let ids: Vec<String> = (0..25).map(|d| format!("{id}-{d}")).collect();
        queue(&store, &id, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    webhook(&store, "well", &well).await;
    queue(&store, "well", &["a", "b", "c"]).await;
    let (dispatcher, _) = dispatcher(&store);
    until(async || heard.lock().unwrap().len() == 3 && asked.lock().unwrap().len() >= 10).await;
    assert_eq!(*heard.lock().unwrap(), ["a", "b", "c"]);
    // One at a time each.
    let mut first = asked.lock().unwrap().clone();
    first.sort();
    assert_eq!(first, (0..10).map(|n| format!("silent{n}-0")).collect::<Vec<_>>());
    drop(dispatcher);
}

#[tokio::test]
async fn what_was_interrupted_is_sent_again_under_its_id() {
    let (store, _folder) = store().await;
    let (url, heard) = receiver(1).await;
    webhook(&store, "w", &url).await;
    queue(&store, "w", &["one", "two"]).await;
    let (first, _) = dispatcher(&store);
    until(async || heard.lock().unwrap().len() == 1).await;
    first.stop().await;
    assert_eq!(statuses(&store, "w").await, [("one".into(), "delivering".into()), ("two".into(), "pending".to_owned())]);
    let (second, _) = dispatcher(&store);
    until(async || heard.lock().unwrap().len() == 3).await;
    second.stop().await;
    assert_eq!(*heard.lock().unwrap(), ["one", "one", "two"]);
    assert!(statuses(&store, "w").await.iter().all(|(_, status)| status == "succeeded"));
}

#[tokio::test]
async fn the_end_waits_for_what_is_under_way_and_due() {
    let (store, _folder) = store().await;
    let (url, heard) = receiver(0).await;
    webhook(&store, "w", &url).await;
    let (dispatcher, _) = dispatcher(&store);
    queue(&store, "w", &["a", "b", "c", "d"]).await;
    // Not woken: the end itself looks.
    dispatcher.stop().await;
    assert_eq!(heard.lock().unwrap().len(), 4);
    dispatcher.stop().await;
}

#[tokio::test]
async fn a_second_process_waits_until_the_first_has_ended() {
    let (store, folder) = store().await;
    let (url, heard) = receiver(0).await;
    webhook(&store, "w", &url).await;
    let held = lock(folder.path().join("scans.db")).unwrap();
    let (second, _) = dispatcher(&store);
    queue(&store, "w", &["a"]).await;
    second.wake();
    second.stop().await;
    assert!(heard.lock().unwrap().is_empty(), "it must not send while another may");
    let (third, _) = dispatcher(&store);
    drop(held);
    until(async || heard.lock().unwrap().len() == 1).await;
    third.stop().await;
}

#[test]
fn turns() {
    let head = |seq: i64, id: &str, due: i64, enabled: bool| Head { seq, webhook_id: id.into(), due, enabled };
    let heads =
        vec![head(1, "a", 1, true), head(2, "b", 5, true), head(3, "c", 9, true), head(4, "d", 2, false), head(5, "e", 3, true)];
    let served = HashMap::from([("a".to_owned(), 7), ("b".to_owned(), 3)]);
    let order: Vec<String> = in_turn(heads, &served, 5).into_iter().map(|head| head.webhook_id).collect();
    assert_eq!(order, ["e", "b", "a"]);
}

#[test]
fn dice_are_between_zero_and_one() {
    assert!((0..100).map(|_| dice()).all(|d| (0.0..=1.0).contains(&d)));
}
