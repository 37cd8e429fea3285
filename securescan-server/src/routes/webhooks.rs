//! Webhooks: made, changed, removed, tried, and what was sent to them. A secret is in the answer that makes it and nowhere else.

mod views;

pub(crate) use views::{
    CreateWebhookBody, DeliveryAttempt, DeliveryStatus, PatchWebhookBody, TestWebhookResponse, Webhook, WebhookCreated,
    WebhookDelivery, WebhookEvent, WebhookRotated,
};

use super::params::Id;
use super::table::{ADMIN, Answer, Route, Shape};
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::ids;
use crate::middleware::RequestId;
use crate::state::AppState;
use crate::storage::{Deed, NewWebhook, Redelivered, WebhookChange};
use crate::time::{self, SECOND};
use crate::validate::{Body, Issue};
use crate::webhooks::{EVENTS, TEST, Target};
use axum::extract::{RawPathParams, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{delete, get, patch, post};
use axum::{Extension, Json};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

/// For so long after a rotation the secret before it signs, too.
const OVERLAP: i64 = 24 * 3600 * SECOND;

/// The longest URL, in characters.
const MAX_URL: usize = 2048;

const NO_WEBHOOK: Answer = Answer::error(404, "No such webhook");

pub(super) const ROUTES: &[Route] = &[
    Route {
        tag: "webhooks",
        summary: "Make a webhook",
        body: Some("CreateWebhookBody"),
        answers: &[Answer::new(201, "The webhook, with its secret, shown this once", Shape::One("WebhookCreated"))],
        ..Route::new("POST", "/webhooks", ADMIN, "create_webhook", || post(create))
    },
    Route {
        tag: "webhooks",
        summary: "All webhooks, newest first",
        answers: &[Answer::new(200, "The webhooks", Shape::List("Webhook"))],
        ..Route::new("GET", "/webhooks", ADMIN, "list_webhooks", || get(list))
    },
    Route {
        tag: "webhooks",
        summary: "One webhook",
        answers: &[Answer::new(200, "The webhook", Shape::One("Webhook")), NO_WEBHOOK],
        ..Route::new("GET", "/webhooks/{webhook_id}", ADMIN, "get_webhook", || get(read))
    },
    Route {
        tag: "webhooks",
        summary: "Change a webhook; what is absent or null stays as it is",
        body: Some("PatchWebhookBody"),
        answers: &[Answer::new(200, "The webhook as it is now", Shape::One("Webhook")), NO_WEBHOOK],
        ..Route::new("PATCH", "/webhooks/{webhook_id}", ADMIN, "update_webhook", || patch(change))
    },
    Route {
        tag: "webhooks",
        summary: "Remove a webhook and its deliveries",
        answers: &[Answer::new(204, "Removed", Shape::Empty), NO_WEBHOOK],
        ..Route::new("DELETE", "/webhooks/{webhook_id}", ADMIN, "delete_webhook", || delete(remove))
    },
    Route {
        tag: "webhooks",
        summary: "The last hundred deliveries of a webhook, newest first",
        answers: &[Answer::new(200, "The deliveries", Shape::List("WebhookDelivery")), NO_WEBHOOK],
        ..Route::new("GET", "/webhooks/{webhook_id}/deliveries", ADMIN, "list_deliveries", || get(deliveries))
    },
    Route {
        tag: "webhooks",
        summary: "Send a test to a webhook, whatever it wants to hear",
        answers: &[Answer::new(202, "Queued", Shape::One("TestWebhookResponse")), NO_WEBHOOK],
        ..Route::new("POST", "/webhooks/{webhook_id}/test", ADMIN, "test_webhook", || post(test))
    },
    Route {
        tag: "webhooks",
        summary: "Give a webhook a new secret; the one before signs beside it for a day",
        answers: &[Answer::new(200, "The webhook, with its secret, shown this once", Shape::One("WebhookRotated")), NO_WEBHOOK],
        ..Route::new("POST", "/webhooks/{webhook_id}/rotate", ADMIN, "rotate_webhook", || post(rotate))
    },
    Route {
        tag: "webhooks",
        summary: "Send what a delivery that ended said once more, as a new delivery",
        answers: &[
            Answer::new(202, "Queued", Shape::One("TestWebhookResponse")),
            Answer::error(404, "No such webhook or delivery"),
            Answer::error(409, "It is still under way"),
        ],
        ..Route::new("POST", "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver", ADMIN, "redeliver", || post(redeliver))
    },
];

fn missing() -> ApiError {
    ApiError::not_found("Webhook not found")
}

fn deed(who: &Principal, action: &'static str, subject: &str, request: RequestId) -> Deed {
    Deed { at: time::now(), principal: who.id.clone(), action, subject: subject.into(), request_id: Some(request.0) }
}

fn fresh_secret() -> String {
    URL_SAFE_NO_PAD.encode(ids::random::<32>())
}

/// A name that is more than space.
fn name_of(body: &mut Body) -> String {
    let name = body.string("name", 1, 200);
    if !name.is_empty() && name.trim().is_empty() {
        let msg = "String should have at least 1 character";
        let issue = Issue::new("string_too_short", &[json!("body"), json!("name")], msg, name.as_str().into());
        body.issue(issue.with(json!({"min_length": 1})));
    }
    name
}

/// A URL that can be asked, as given.
fn url_of(body: &mut Body, https_only: bool) -> String {
    let url = body.string("url", 1, MAX_URL);
    if url.is_empty() {
        return url;
    }
    if let Err(msg) = right_url(&url, https_only) {
        let issue = Issue::new("value_error", &[json!("body"), json!("url")], msg, url.as_str().into());
        body.issue(issue.with(json!({"error": {}})));
    }
    url
}

fn right_url(url: &str, https_only: bool) -> Result<(), String> {
    let lower = url.trim().to_ascii_lowercase();
    if !lower.starts_with("http://") && !lower.starts_with("https://") {
        return Err("URL must be http(s)".into());
    }
    if url.contains(|c: char| c.is_whitespace() || c == '\0') {
        return Err("Value error, url must not contain whitespace or null bytes".into());
    }
    let target = Target::parse(url).map_err(|why| format!("Value error, {why}"))?;
    if https_only && !target.is_https() {
        return Err("URL must be https".into());
    }
    Ok(())
}

/// The words of the filter: known ones, each once.
fn filter_of(body: &mut Body) -> Option<Vec<&'static str>> {
    body.words("event_filter", EVENTS, 1)
}

async fn create(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(request): Extension<RequestId>,
    mut body: Body,
) -> ApiResult<impl IntoResponse> {
    let name = name_of(&mut body);
    let url = url_of(&mut body, state.settings.webhook_https_only);
    if !body.has("event_filter") {
        body.issue(Issue::new("missing", &[json!("body"), json!("event_filter")], "Field required", json!({})));
    }
    let filter = filter_of(&mut body).unwrap_or_default();
    body.check()?;
    let (id, secret) = (ids::uuid(), fresh_secret());
    let webhook = NewWebhook { id: &id, name: &name, url: &url, secret: &secret, event_filter: &filter };
    state.store.add_webhook(&webhook, &deed(&who, "webhook.create", &id, request)).await?;
    let row = state.store.webhook(&id).await?.ok_or_else(missing)?;
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, headers, Json(WebhookCreated { view: row.into(), secret })))
}

async fn list(State(state): State<AppState>) -> ApiResult<Json<Vec<Webhook>>> {
    Ok(Json(state.store.webhooks().await?.into_iter().map(Webhook::from).collect()))
}

async fn read(State(state): State<AppState>, Id(id): Id) -> ApiResult<Json<Webhook>> {
    Ok(Json(state.store.webhook(&id).await?.ok_or_else(missing)?.into()))
}

async fn change(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(request): Extension<RequestId>,
    Id(id): Id,
    mut body: Body,
) -> ApiResult<Json<Webhook>> {
    body.drop_nulls();
    let change = WebhookChange {
        name: body.has("name").then(|| name_of(&mut body)),
        url: body.has("url").then(|| url_of(&mut body, state.settings.webhook_https_only)),
        event_filter: filter_of(&mut body),
        enabled: body.flag("enabled"),
    };
    body.check()?;
    if change.is_empty() {
        return read(State(state), Id(id)).await;
    }
    let changed = state.store.change_webhook(&id, &change, &deed(&who, "webhook.update", &id, request)).await?;
    // What was held, or went to another URL, may be due.
    state.webhooks.wake();
    Ok(Json(changed.ok_or_else(missing)?.into()))
}

async fn remove(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(request): Extension<RequestId>,
    Id(id): Id,
) -> ApiResult<StatusCode> {
    let done = state.store.delete_webhook(&id, &deed(&who, "webhook.delete", &id, request)).await?;
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(missing()) }
}

async fn deliveries(State(state): State<AppState>, Id(id): Id) -> ApiResult<Json<Vec<WebhookDelivery>>> {
    state.store.webhook(&id).await?.ok_or_else(missing)?;
    Ok(Json(state.store.deliveries(&id).await?.into_iter().map(WebhookDelivery::from).collect()))
}

async fn test(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(request): Extension<RequestId>,
    Id(id): Id,
) -> ApiResult<(StatusCode, Json<TestWebhookResponse>)> {
    let deed = deed(&who, "webhook.test", &id, request);
    let payload = json!({"message": "Test from SecureScan", "timestamp": time::zulu(deed.at)}).to_string();
    let delivery_id = ids::uuid();
    if !state.store.queue_delivery(&delivery_id, &id, TEST, &payload, &deed).await? {
        return Err(missing());
    }
    state.webhooks.wake();
    Ok((StatusCode::ACCEPTED, Json(TestWebhookResponse { delivery_id, webhook_id: id, event: TEST.into() })))
}

async fn rotate(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(request): Extension<RequestId>,
    Id(id): Id,
) -> ApiResult<impl IntoResponse> {
    let (secret, deed) = (fresh_secret(), deed(&who, "webhook.rotate", &id, request));
    let until = deed.at.saturating_add(OVERLAP);
    if !state.store.rotate_webhook(&id, &secret, until, &deed).await? {
        return Err(missing());
    }
    let view = state.store.webhook(&id).await?.ok_or_else(missing)?.into();
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((headers, Json(WebhookRotated { view, secret, previous_secret_until: time::wire(until) })))
}

async fn redeliver(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(request): Extension<RequestId>,
    params: RawPathParams,
) -> ApiResult<(StatusCode, Json<TestWebhookResponse>)> {
    let part = |name: &str| params.iter().find(|(n, _)| *n == name).map(|(_, value)| value.to_owned()).unwrap_or_default();
    let (webhook_id, delivery_id) = (part("webhook_id"), part("delivery_id"));
    state.store.webhook(&webhook_id).await?.ok_or_else(missing)?;
    let deed = deed(&who, "webhook.redeliver", &delivery_id, request);
    match state.store.redeliver(&webhook_id, &delivery_id, &deed).await? {
        Redelivered::Done(delivery_id, event) => {
            state.webhooks.wake();
            Ok((StatusCode::ACCEPTED, Json(TestWebhookResponse { delivery_id, webhook_id, event })))
        }
        Redelivered::Unknown => Err(ApiError::not_found("Delivery not found")),
        Redelivered::Pending => Err(ApiError::conflict("Delivery is still under way")),
    }
}
