//! The events of a scan as they happen: server-sent events.
//!
//! # Source
//! Frames, headers and ends: the specification of events, section 3; the format: the HTML standard, section 9.2.

use super::params::Id;
use super::table::{Access, Answer, Route, Shape};
use crate::auth::{self, Principal, Scope};
use crate::bus::{Follower, Heard, Numbered};
use crate::error::{ApiError, ApiResult};
use crate::middleware::{Caller, Place};
use crate::state::AppState;
use crate::storage::ScanStatus;
use crate::validate::query::{Kind, Param};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::{StreamExt, stream};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

const QUERY: &[Param] = &[Param::optional("event_token", Kind::Text, "a token of `POST …/event-token`, in place of a header")];

pub(super) const ROUTES: &[Route] = &[Route {
    tag: "scans",
    summary: "The scan's events as they happen; ends with the scan. `Last-Event-ID` resumes",
    query: QUERY,
    answers: &[
        Answer::new(200, "The stream", Shape::Media(&["text/event-stream"])),
        Answer::new(204, "`Last-Event-ID` was the last one: nothing will follow", Shape::Empty),
        Answer::error(404, "No such scan"),
    ],
    ..Route::new("GET", "/scans/{scan_id}/events", Access::EventToken(&[Scope::Read]), "stream_events", || get(follow))
}];

/// The first words: a comment that makes proxies pass the headers on, and how soon to come back after a broken connection.
const HELLO: &str = ": keepalive\n\nretry: 3000\n\n";
const KEEPALIVE: &str = ": keepalive\n\n";

async fn follow(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(Caller(caller)): Extension<Caller>,
    headers: HeaderMap,
    Id(id): Id,
) -> ApiResult<Response> {
    let missing = || ApiError::not_found("Scan not found");
    let id = state.store.scan(&id).await?.ok_or_else(missing)?.id;
    let place = state.streams.take(&caller).ok_or(ApiError::TooMany { retry_after: 5, limit_per_min: None })?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.trim().parse().ok());
    let follower = state.bus.follow(&id, last.unwrap_or(0));
    if follower.has_seen_all() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    // Read after the stream was joined, so that no end falls between the two.
    let status = state.store.scan(&id).await?.ok_or_else(missing)?.status;
    let forgotten = if follower.knows_any() { None } else { ended(status) };
    let body = match forgotten {
        Some(frame) => Body::from(format!("{HELLO}{frame}")),
        None => live(Stream::new(state, follower, who, place)),
    };
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONNECTION, "keep-alive"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, body).into_response())
}

/// The one frame about a scan whose events are gone.
fn ended(status: ScanStatus) -> Option<String> {
    let name = match status {
        ScanStatus::Completed => "scan.complete",
        ScanStatus::Failed => "scan.failed",
        ScanStatus::Cancelled => "scan.cancelled",
        ScanStatus::Pending | ScanStatus::Running => return None,
    };
    Some(format!("event: {name}\ndata: {{\"status\":\"{}\"}}\n\n", status.as_str()))
}

/// Where a stream is.
struct Stream {
    state: AppState,
    follower: Follower,
    who: Principal,
    /// Given back when the stream ends or its client leaves.
    _place: Place,
    said_hello: bool,
    done: bool,
    /// When something has to be said, and asked whether its reader may still listen.
    due: Instant,
}

impl Stream {
    fn new(state: AppState, follower: Follower, who: Principal, place: Place) -> Self {
        Self { state, follower, who, _place: place, said_hello: false, done: false, due: Instant::now() }
    }

    fn keepalive(&self) -> Duration {
        self.state.settings.sse_keepalive
    }

    /// The next words, none after the last.
    async fn next(&mut self) -> Option<String> {
        if self.done {
            return None;
        }
        if !std::mem::replace(&mut self.said_hello, true) {
            self.due = Instant::now() + self.keepalive();
            return Some(HELLO.into());
        }
        let heard = match Instant::now() < self.due {
            true => timeout_at(self.due, self.follower.next()).await.ok(),
            // Also a scan that is never quiet comes by here.
            false => None,
        };
        Some(match heard {
            Some(Heard::Events(events)) => {
                self.done = events.last().is_some_and(|last| last.event.is_terminal());
                events.iter().map(frame).collect()
            }
            Some(Heard::Closing) => {
                self.done = true;
                ": closing\n\n".into()
            }
            Some(Heard::End) => return None,
            None => {
                self.due = Instant::now() + self.keepalive();
                match auth::may_still(&self.state, &self.who, Scope::Read).await {
                    true => KEEPALIVE.into(),
                    false => {
                        self.done = true;
                        ": auth.revoked\n\n".into()
                    }
                }
            }
        })
    }
}

fn live(stream: Stream) -> Body {
    let pieces =
        stream::unfold(stream, |mut stream| async { stream.next().await.map(|text| (Ok::<_, Infallible>(text), stream)) });
    Body::from_stream(pieces.fuse())
}

/// An event on the wire. JSON has no raw line break, so its data is one line.
fn frame(event: &Numbered) -> String {
    let mut out = String::with_capacity(128);
    let _ = write!(out, "id: {}\nevent: {}\ndata: {}\n\n", event.number, event.event.name, event.event.data);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::ScanEvent;
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn frames_are_as_documented() {
        let event = ScanEvent::new("scanner.failed", json!({"name": "é\u{2028}", "error": "a\nb\r\n\nevent: x"}));
        let event = Numbered { number: 7, event: Arc::new(event) };
        assert_eq!(
            frame(&event),
            "id: 7\nevent: scanner.failed\ndata: {\"error\":\"a\\nb\\r\\n\\nevent: x\",\"name\":\"é\u{2028}\"}\n\n"
        );
        assert_eq!(ended(ScanStatus::Failed).unwrap(), "event: scan.failed\ndata: {\"status\":\"failed\"}\n\n");
        assert_eq!(ended(ScanStatus::Running), None);
    }
}
