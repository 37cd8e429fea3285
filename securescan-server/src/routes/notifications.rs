//! Notifications: listed, counted, marked as read.

use super::page::{self, CURSOR};
use super::params::Id;
use super::table::{Answer, READ, Route, Shape, WRITE};
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use crate::storage::NotificationRow;
use crate::time;
use crate::validate::query::{Kind, Param, Query};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::IntoResponse;
use axum::routing::{get, patch};
use serde::Serialize;
use utoipa::ToSchema;

/// How many when nobody says.
const DEFAULT: i64 = 50;

/// How many at most; who asks for more gets these.
const MOST: i64 = 200;

const LIST: &[Param] = &[
    Param::optional("unread_only", Kind::Bool, "only those nobody has read; default false"),
    Param::optional("limit", Kind::Int(1, i64::MAX), "how many at most; default 50, never more than 200"),
    CURSOR,
];

pub(super) const ROUTES: &[Route] = &[
    Route {
        tag: "notifications",
        summary: "Notifications, newest first",
        query: LIST,
        answers: &[Answer::new(200, "The notifications", Shape::List("Notification"))],
        ..Route::new("GET", "/notifications", READ, "list_notifications", || get(list))
    },
    Route {
        tag: "notifications",
        summary: "How many nobody has read",
        answers: &[Answer::new(200, "The count", Shape::One("UnreadCount"))],
        ..Route::new("GET", "/notifications/unread-count", READ, "unread_count", || get(unread))
    },
    Route {
        tag: "notifications",
        summary: "Mark all as read",
        answers: &[Answer::new(200, "How many were not", Shape::One("MarkedRead"))],
        ..Route::new("PATCH", "/notifications/read-all", WRITE, "mark_all_read", || patch(read_all))
    },
    Route {
        tag: "notifications",
        summary: "Mark one as read",
        answers: &[
            Answer::new(200, "The notification, read now or since before", Shape::One("Notification")),
            Answer::error(404, "No such notification"),
        ],
        ..Route::new("PATCH", "/notifications/{notification_id}/read", WRITE, "mark_read", || patch(read_one))
    },
];

/// Something people should know.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Notification {
    id: String,
    /// The event: `scan.complete`, `scan.failed`, `scanner.failed`, `webhook.disabled`.
    #[serde(rename = "type")]
    kind: String,
    title: String,
    #[schema(required)]
    body: Option<String>,
    /// Where the dashboard shows more.
    #[schema(required)]
    link: Option<String>,
    #[schema(value_type = super::schema::SeverityWord)]
    severity: String,
    #[schema(required)]
    scan_id: Option<String>,
    created_at: String,
    #[schema(required)]
    read_at: Option<String>,
}

/// How many notifications nobody has read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnreadCount {
    count: i64,
}

/// How many notifications were marked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MarkedRead {
    marked_read: u64,
}

impl From<NotificationRow> for Notification {
    fn from(row: NotificationRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            title: row.title,
            body: row.body,
            link: row.link,
            severity: row.severity,
            scan_id: row.scan_id,
            created_at: time::wire(row.created_at),
            read_at: row.read_at.map(time::wire),
        }
    }
}

async fn list(State(state): State<AppState>, uri: Uri) -> ApiResult<impl IntoResponse> {
    let query = Query::read(&uri, LIST)?;
    let limit = query.int("limit").unwrap_or(DEFAULT).min(MOST);
    let unread = query.bool("unread_only").unwrap_or(false);
    let total = if unread { state.store.count_unread().await? } else { state.store.count_notifications().await? };
    // One more tells whether there is another page.
    let mut rows = state.store.notifications(unread, query.place("cursor"), limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(0);
    let more = rows.len() > shown;
    rows.truncate(shown);
    let next = rows.last().map(|row| row.place).filter(|_| more);
    let body: Vec<Notification> = rows.into_iter().map(Notification::from).collect();
    Ok((page::headers(&uri, total, next), Json(body)))
}

async fn unread(State(state): State<AppState>) -> ApiResult<Json<UnreadCount>> {
    Ok(Json(UnreadCount { count: state.store.count_unread().await? }))
}

async fn read_all(State(state): State<AppState>) -> ApiResult<Json<MarkedRead>> {
    Ok(Json(MarkedRead { marked_read: state.store.read_notifications(time::now()).await? }))
}

async fn read_one(State(state): State<AppState>, Id(id): Id) -> ApiResult<Json<Notification>> {
    let row = state.store.read_notification(&id, time::now()).await?;
    row.map(|row| Json(row.into())).ok_or_else(|| ApiError::not_found("Notification not found"))
}
