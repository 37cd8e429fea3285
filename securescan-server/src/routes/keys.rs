//! API keys: made, listed, revoked. The key itself is in one answer and nowhere else.

use super::params::Id;
use super::table::{ADMIN, Access, Answer, Route, Shape};
use crate::auth::{self, Principal, Scope, Source};
use crate::error::{ApiError, ApiResult};
use crate::middleware::RequestId;
use crate::state::AppState;
use crate::storage::{Deed, KeyRow, NewKey, Revoked};
use crate::time;
use crate::validate::{Body, Issue};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub(super) const ROUTES: &[Route] = &[
    Route {
        tag: "auth",
        summary: "Make a key",
        body: Some("CreateKeyBody"),
        answers: &[Answer::new(201, "The key, shown this once", Shape::One("ApiKeyCreated"))],
        ..Route::new("POST", "/keys", ADMIN, "create_key", || post(create))
    },
    Route {
        tag: "auth",
        summary: "All keys, newest first, revoked ones included",
        answers: &[Answer::new(200, "The keys", Shape::List("ApiKeyView"))],
        ..Route::new("GET", "/keys", ADMIN, "get_keys", || get(list))
    },
    Route {
        tag: "auth",
        summary: "The key of this request",
        answers: &[
            Answer::new(200, "The key", Shape::One("ApiKeyView")),
            Answer::error(404, "Not asked with a key of the database"),
        ],
        ..Route::new("GET", "/keys/me", Access::AnyKey, "get_me", || get(me))
    },
    Route {
        tag: "auth",
        summary: "Revoke a key for good",
        answers: &[
            Answer::new(204, "Revoked, now or since before", Shape::Empty),
            Answer::error(404, "No such key"),
            Answer::error(409, "The last key that can administer, while one is needed"),
        ],
        ..Route::new("DELETE", "/keys/{key_id}", ADMIN, "delete_key", || delete(revoke))
    },
];

/// A key without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiKeyView {
    id: String,
    name: String,
    /// The first sixteen characters of the key.
    prefix: String,
    scopes: Vec<Scope>,
    created_at: String,
    #[schema(required)]
    last_used_at: Option<String>,
    #[schema(required)]
    revoked_at: Option<String>,
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiKeyCreated {
    #[serde(flatten)]
    view: ApiKeyView,
    /// The key; shown this once.
    key: String,
}

/// What a key is to be.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of the body; read field by field to say what is wrong with each")]
pub(crate) struct CreateKeyBody {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Read and write when absent.
    #[schema(required = false, min_items = 1, default = json!(["read", "write"]))]
    scopes: Vec<Scope>,
}

impl From<KeyRow> for ApiKeyView {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            prefix: row.prefix,
            scopes: row.scopes,
            created_at: time::wire(row.created_at),
            last_used_at: row.last_used_at.map(time::wire),
            revoked_at: row.revoked_at.map(time::wire),
        }
    }
}

const SCOPES: &[(&str, Scope)] = &[("read", Scope::Read), ("write", Scope::Write), ("admin", Scope::Admin)];

async fn create(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(request): Extension<RequestId>,
    mut body: Body,
) -> ApiResult<(StatusCode, Json<ApiKeyCreated>)> {
    let name = body.string("name", 1, 200);
    let scopes = body.words("scopes", SCOPES, 1).unwrap_or_else(|| vec![Scope::Read, Scope::Write]);
    if !name.is_empty() && name.trim().is_empty() {
        let issue = Issue::new(
            "string_too_short",
            &[json!("body"), json!("name")],
            "String should have at least 1 character",
            name.as_str().into(),
        );
        body.issue(issue.with(json!({"min_length": 1})));
    }
    body.check()?;
    let name = name.trim();
    for _ in 0..5 {
        let fresh = auth::fresh();
        let at = time::now();
        let key = NewKey { id: &fresh.id, name, key_hash: &fresh.hash, prefix: &fresh.prefix, scopes: &scopes };
        match state.store.add_key(&key, &deed(&who, "key.create", &fresh.id, request.clone(), at)).await {
            Ok(()) => {
                let view = ApiKeyView {
                    id: fresh.id,
                    name: name.into(),
                    prefix: fresh.prefix,
                    scopes,
                    created_at: time::wire(at),
                    last_used_at: None,
                    revoked_at: None,
                };
                return Ok((StatusCode::CREATED, Json(ApiKeyCreated { view, key: fresh.key })));
            }
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::detail(StatusCode::INTERNAL_SERVER_ERROR, "Could not generate unique key id; please retry"))
}

fn deed(who: &Principal, action: &'static str, subject: &str, request: RequestId, at: i64) -> Deed {
    Deed { at, principal: who.id.clone(), action, subject: subject.into(), request_id: Some(request.0) }
}

async fn list(State(state): State<AppState>) -> ApiResult<Json<Vec<ApiKeyView>>> {
    Ok(Json(state.store.keys().await?.into_iter().map(ApiKeyView::from).collect()))
}

async fn me(State(state): State<AppState>, Extension(who): Extension<Principal>) -> ApiResult<Json<ApiKeyView>> {
    let row = match who.source {
        Source::Db => state.store.key(&who.id).await?,
        Source::Env | Source::Dev | Source::Local => None,
    };
    row.map(|row| Json(row.into())).ok_or_else(|| ApiError::not_found("Not authenticated via DB key"))
}

async fn revoke(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(request): Extension<RequestId>,
    Id(id): Id,
) -> ApiResult<StatusCode> {
    let keep_admin = state.settings.auth_required && state.settings.api_key.is_none();
    match state.store.revoke_key(&id, keep_admin, &deed(&who, "key.revoke", &id, request, time::now())).await? {
        Revoked::Done => Ok(StatusCode::NO_CONTENT),
        Revoked::Unknown => Err(ApiError::not_found("Key not found")),
        Revoked::Last => Err(ApiError::conflict("Cannot revoke last admin key without an env-var fallback")),
    }
}
