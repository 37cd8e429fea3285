//! The bus of events: what is told of a scan reaches everybody who follows it, late or early, and waits for nobody.
//!
//! A scan's last events are kept once, numbered, and every follower reads them at its own pace: a slow one costs no memory and holds
//! nobody up. What is too old for the buffer is lost to who has not read it, except the terminal event, which is always the last and so
//! never too old. Lives in this process alone and ends with it.
//!
//! # Source
//! Properties: the specification of events, section 2.

use crate::runner::{Listener, ScanEvent};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Events kept of one scan.
pub(crate) const REPLAY: usize = 200;

/// How long they are kept after a terminal one.
const KEPT: Duration = Duration::from_secs(30);

/// An event with its number: 1 for a scan's first.
#[derive(Debug, Clone)]
pub(crate) struct Numbered {
    pub(crate) number: u64,
    pub(crate) event: Arc<ScanEvent>,
}

/// The scans that are told of. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bus(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    channels: Mutex<HashMap<String, Arc<Channel>>>,
    closing: watch::Sender<bool>,
}

/// One scan's events.
#[derive(Debug, Default)]
struct Channel {
    kept: Mutex<Kept>,
    /// The number of the newest event.
    newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    events: VecDeque<Numbered>,
    newest: u64,
    /// When the terminal event came.
    ended: Option<Instant>,
}

/// Somebody who follows a scan.
#[derive(Debug)]
pub(crate) struct Follower {
    channel: Arc<Channel>,
    newest: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    seen: u64,
}

/// What a follower hears next.
#[derive(Debug)]
pub(crate) enum Heard {
    /// The events since it last heard, oldest first.
    Events(Vec<Numbered>),
    /// Nothing more will come of this scan.
    End,
    /// The service goes away.
    Closing,
}

impl Bus {
    /// Follows a scan: everything that is kept and newer than `seen`, then what comes. A number from another life of the service, newer
    /// than anything here, counts as none.
    pub(crate) fn follow(&self, scan_id: &str, seen: u64) -> Follower {
        let mut channels = self.0.channels();
        sweep(&mut channels);
        let channel = Arc::clone(channels.entry(scan_id.to_owned()).or_default());
        let newest = channel.newest.subscribe();
        let seen = Some(seen).filter(|seen| *seen <= channel.kept().newest).unwrap_or(0);
        Follower { channel, newest, closing: self.0.closing.subscribe(), seen }
    }

    /// Ends every follower's stream, now and from now on.
    pub(crate) fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// Keeps an event and wakes whoever follows. Nothing comes after a terminal one.
    fn publish(&self, scan_id: &str, event: &ScanEvent) {
        let channel = {
            let mut channels = self.0.channels();
            sweep(&mut channels);
            match channels.get(scan_id) {
                Some(channel) => Arc::clone(channel),
                // A scanner that ends long after its scan must not open a stream that nothing would close.
                None if event.name == "scan.start" || event.is_terminal() => {
                    Arc::clone(channels.entry(scan_id.to_owned()).or_default())
                }
                None => return,
            }
        };
        let number = {
            let mut kept = channel.kept();
            if kept.ended.is_some() {
                return;
            }
            kept.newest += 1;
            kept.ended = event.is_terminal().then(Instant::now);
            if kept.events.len() >= REPLAY {
                kept.events.pop_front();
            }
            let number = kept.newest;
            kept.events.push_back(Numbered { number, event: Arc::new(event.clone()) });
            number
        };
        channel.newest.send_replace(number);
    }
}

impl Listener for Bus {
    fn event(&self, scan_id: &str, event: &ScanEvent) {
        self.publish(scan_id, event);
    }
}

impl Shared {
    fn channels(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Channel>>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Channel {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what ended long ago, whether somebody still reads it or not (who does has a hold of it), and what never began and nobody waits
/// for.
fn sweep(channels: &mut HashMap<String, Arc<Channel>>) {
    channels.retain(|_, channel| {
        let kept = channel.kept();
        match kept.ended {
            Some(ended) => ended.elapsed() < KEPT,
            None => kept.newest > 0 || Arc::strong_count(channel) > 1,
        }
    });
}

impl Follower {
    /// Whether anything of this scan is known here.
    pub(crate) fn knows_any(&self) -> bool {
        self.channel.kept().newest > 0
    }

    /// Whether the terminal event is among what was seen already.
    pub(crate) fn has_seen_all(&self) -> bool {
        let kept = self.channel.kept();
        kept.ended.is_some() && kept.newest == self.seen
    }

    /// The next events, as soon as there are any. Safe to give up waiting for.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            self.newest.borrow_and_update();
            {
                let kept = self.channel.kept();
                let new: Vec<_> = kept.events.iter().filter(|e| e.number > self.seen).cloned().collect();
                if let Some(last) = new.last() {
                    self.seen = last.number;
                    return Heard::Events(new);
                }
                if kept.ended.is_some() {
                    return Heard::End;
                }
            }
            if *self.closing.borrow() {
                return Heard::Closing;
            }
            tokio::select! {
                changed = self.newest.changed() => if changed.is_err() { return Heard::End },
                _ = self.closing.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
