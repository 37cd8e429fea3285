use super::*;
use serde_json::json;

fn event(name: &'static str, n: usize) -> ScanEvent {
    ScanEvent::new(name, json!({ "n": n }))
}

/// What a follower hears until the end, by number and name.
async fn all(follower: &mut Follower) -> Vec<(u64, &'static str)> {
    let mut out = Vec::new();
    while let Heard::Events(events) = follower.next().await {
        out.extend(events.iter().map(|e| (e.number, e.event.name)));
    }
    out
}

#[tokio::test]
async fn early_and_late_followers_hear_the_same() {
    let bus = Bus::default();
    let mut early = bus.follow("a", 0);
    assert!(!early.knows_any());
    for name in ["scan.start", "scanner.start", "scanner.complete", "scan.complete"] {
        bus.event("a", &event(name, 0));
    }
    bus.event("b", &event("scan.start", 0));
    let mut late = bus.follow("a", 0);
    let heard = all(&mut early).await;
    assert_eq!(heard, [(1, "scan.start"), (2, "scanner.start"), (3, "scanner.complete"), (4, "scan.complete")]);
    assert_eq!(all(&mut late).await, heard);
    assert!(late.has_seen_all() && bus.follow("a", 4).has_seen_all());
    assert_eq!(all(&mut bus.follow("a", 2)).await, heard[2..]);
    assert_eq!(all(&mut bus.follow("a", 99)).await, heard, "a number of another life");
}

#[tokio::test]
async fn a_slow_follower_loses_the_oldest_and_never_the_end() {
    let bus = Bus::default();
    let mut slow = bus.follow("a", 0);
    bus.event("a", &event("scan.start", 0));
    for n in 0..1000 {
        bus.event("a", &event("scanner.start", n));
    }
    bus.event("a", &event("scan.failed", 0));
    bus.event("a", &event("scanner.complete", 0));
    let heard = all(&mut slow).await;
    assert_eq!(heard.len(), REPLAY);
    assert_eq!((heard[0].0, heard[REPLAY - 1]), (1002 - REPLAY as u64 + 1, (1002, "scan.failed")));
}

#[tokio::test]
async fn nothing_is_kept_for_ever() {
    let bus = Bus::default();
    drop(bus.follow("nobody", 0));
    bus.event("late", &event("scanner.complete", 0));
    let waiting = bus.follow("waiting", 0);
    bus.event("done", &event("scan.start", 0));
    bus.event("done", &event("scan.complete", 0));
    let ids = |bus: &Bus| {
        let mut ids: Vec<_> = bus.0.channels().keys().cloned().collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&bus), ["done", "waiting"]);
    let mut reading = bus.follow("done", 0);
    bus.0.channels()["done"].kept().ended = Instant::now().checked_sub(KEPT);
    drop(waiting);
    drop(bus.follow("other", 0));
    assert_eq!(ids(&bus), ["other"]);
    assert_eq!(all(&mut reading).await.len(), 2);
}

#[tokio::test]
async fn closing_ends_who_waits_but_what_came_before_is_heard() {
    let bus = Bus::default();
    let mut follower = bus.follow("a", 0);
    let waiting = tokio::spawn(async move {
        let first = matches!(follower.next().await, Heard::Events(events) if events.len() == 1);
        first && matches!(follower.next().await, Heard::Closing)
    });
    tokio::task::yield_now().await;
    bus.event("a", &event("scan.start", 0));
    bus.close();
    assert!(waiting.await.unwrap());
    assert!(matches!(bus.follow("new", 0).next().await, Heard::Closing));
}
