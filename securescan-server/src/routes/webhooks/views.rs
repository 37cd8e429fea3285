//! What the routes of webhooks take and answer.

use crate::storage::{DeliveryRow, WebhookRow};
use crate::time;
use serde::Serialize;
use utoipa::ToSchema;

/// What a webhook may hear of.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of a word")]
pub(crate) enum WebhookEvent {
    #[schema(rename = "scan.complete")]
    ScanComplete,
    #[schema(rename = "scan.failed")]
    ScanFailed,
    #[schema(rename = "scanner.failed")]
    ScannerFailed,
    #[schema(rename = "webhook.test")]
    WebhookTest,
}

/// Where a delivery is in its life.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "the schema of a word")]
pub(crate) enum DeliveryStatus {
    Pending,
    Delivering,
    Succeeded,
    Failed,
}

/// A webhook without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Webhook {
    id: String,
    name: String,
    url: String,
    #[schema(value_type = Vec<WebhookEvent>)]
    event_filter: Vec<String>,
    enabled: bool,
    created_at: String,
    /// Since when nothing has arrived; null when the last thing did.
    #[schema(required)]
    failing_since: Option<String>,
    /// Why the service disabled it by itself.
    #[schema(required)]
    disabled_reason: Option<String>,
}

/// A webhook that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookCreated {
    #[serde(flatten)]
    pub(super) view: Webhook,
    /// Signs what is sent; shown this once.
    pub(super) secret: String,
}

/// A webhook with a new secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookRotated {
    #[serde(flatten)]
    pub(super) view: Webhook,
    /// Signs what is sent; shown this once.
    pub(super) secret: String,
    /// Until then the secret before signs, too.
    pub(super) previous_secret_until: String,
}

/// What a webhook is to be.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of the body; read field by field to say what is wrong with each")]
pub(crate) struct CreateWebhookBody {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// `http` or `https`. Addresses that are not public are refused when something is sent, unless the operator allows them.
    #[schema(max_length = 2048, pattern = r"^[hH][tT][tT][pP][sS]?://[^\s/?#]")]
    url: String,
    #[schema(min_items = 1)]
    event_filter: Vec<WebhookEvent>,
}

/// What of a webhook is to be another.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of the body; read field by field to say what is wrong with each")]
pub(crate) struct PatchWebhookBody {
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(max_length = 2048, pattern = r"^[hH][tT][tT][pP][sS]?://[^\s/?#]")]
    url: Option<String>,
    #[schema(min_items = 1)]
    event_filter: Option<Vec<WebhookEvent>>,
    enabled: Option<bool>,
}

/// Something sent, or to be sent, to a webhook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookDelivery {
    /// Also in the header `X-SecureScan-Delivery`; the same for each try.
    id: String,
    webhook_id: String,
    #[schema(value_type = WebhookEvent)]
    event: String,
    #[schema(value_type = DeliveryStatus)]
    status: String,
    /// How often it was tried.
    attempt: i64,
    next_attempt_at: String,
    created_at: String,
    updated_at: String,
    /// The status of the last answer; null when the last try got none.
    #[schema(required)]
    response_code: Option<i64>,
    /// The beginning of the last answer, or why there was none.
    #[schema(required)]
    response_body: Option<String>,
    /// Every try, first to last.
    attempts: Vec<DeliveryAttempt>,
}

/// One try of a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryAttempt {
    attempt: i64,
    at: String,
    #[schema(required)]
    response_code: Option<i64>,
    #[schema(required)]
    latency_ms: Option<i64>,
    /// Why there was no answer.
    #[schema(required)]
    error: Option<String>,
}

/// A delivery that was queued.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestWebhookResponse {
    pub(super) delivery_id: String,
    pub(super) webhook_id: String,
    #[schema(value_type = WebhookEvent)]
    pub(super) event: String,
}

impl From<WebhookRow> for Webhook {
    fn from(row: WebhookRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            url: row.url,
            event_filter: row.event_filter,
            enabled: row.enabled,
            created_at: time::wire(row.created_at),
            failing_since: row.failing_since.map(time::wire),
            disabled_reason: row.disabled_reason,
        }
    }
}

impl From<DeliveryRow> for WebhookDelivery {
    fn from(row: DeliveryRow) -> Self {
        let attempts = row.attempts.into_iter().map(|attempt| DeliveryAttempt {
            attempt: attempt.attempt,
            at: time::wire(attempt.at),
            response_code: attempt.response_code,
            latency_ms: attempt.latency_ms,
            error: attempt.error,
        });
        Self {
            id: row.id,
            webhook_id: row.webhook_id,
            event: row.event,
            status: row.status,
            attempt: row.attempt,
            next_attempt_at: time::wire(row.next_attempt_at),
            created_at: time::wire(row.created_at),
            updated_at: time::wire(row.updated_at),
            response_code: row.response_code,
            response_body: row.response_body,
            attempts: attempts.collect(),
        }
    }
}
