//! What stands before each route of the API: who is asking, how often, and whether they may.

use super::rate::Verdict;
use crate::auth::{self, Principal, Source};
use crate::error::{ApiError, ApiResult};
use crate::routes::{Access, Route};
use crate::state::AppState;
use crate::time;
use crate::validate::query;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::net::{IpAddr, SocketAddr};

/// Who is counted, for what a caller may have only so many of: the key, or the address where there is none.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) String);

/// Marks a request of [`crate::Local`]: nothing that comes over a connection can.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Insider;

/// A route with the state its guard needs.
#[derive(Clone)]
pub(crate) struct Guarded {
    pub(crate) state: AppState,
    pub(crate) route: &'static Route,
}

pub(crate) async fn guard(State(it): State<Guarded>, mut request: Request, next: Next) -> Response {
    let client = client(&request);
    let who = match request.extensions().get::<Insider>() {
        Some(Insider) => Ok(Principal::local()),
        None => identify(&it, request.uri(), request.headers()).await,
    };
    let principal = match who {
        Ok(principal) => principal,
        Err(error) => return refuse(&it.state, error, &client, &request),
    };
    if principal.source == Source::Dev
        && !it.state.settings.allow_unauthenticated
        && let Err(error) = from_here(request.headers(), &it.state.settings.cors_origins)
    {
        return error.into_response();
    }
    let verdict = it.route.limited.then(|| take(&it.state, &principal, &client)).flatten();
    if let Some(verdict) = verdict.filter(|v| !v.allowed) {
        it.state.log.info(
            "securescan.ratelimit",
            "rate_limit_block",
            &[
                ("path", json!(request.uri().path())),
                ("method", json!(request.method().as_str())),
                ("client", json!(caller(&principal, &client))),
            ],
        );
        let too_many = ApiError::TooMany { retry_after: verdict.retry_after, limit_per_min: Some(verdict.limit) };
        return told(too_many.into_response(), verdict);
    }
    let response = match permitted(it.route.access, &principal) {
        Ok(()) => {
            request.extensions_mut().insert(Caller(caller(&principal, &client)));
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    match verdict {
        Some(verdict) => told(response, verdict),
        None => response,
    }
}

/// An event token counts on the stream of events alone, and there it wins over a header.
async fn identify(it: &Guarded, uri: &Uri, headers: &HeaderMap) -> ApiResult<Principal> {
    let token = query::one(uri, "event_token").filter(|token| !token.trim().is_empty());
    match (token, it.route.access) {
        (Some(token), Access::EventToken(_)) => {
            let scan_id = uri.path().rsplit('/').nth(1).unwrap_or_default();
            auth::by_token(&it.state, scan_id, token.trim()).await
        }
        (Some(_), _) => Err(ApiError::refused_token("Invalid event token route")),
        (None, _) => auth::authenticate(&it.state, headers).await,
    }
}

/// Without keys, nothing but the address of the service keeps strangers out, and a page in somebody's browser has that address, too: by
/// a form it sends here, or by a name of its own that it lets point here. Neither gets in.
fn from_here(headers: &HeaderMap, known: &[String]) -> ApiResult<()> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let refused = |what: &str| Err(ApiError::detail(StatusCode::FORBIDDEN, format!("{what} not allowed without credentials")));
    let host = text(header::HOST).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_local = name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok();
    if !is_local {
        return refused("Host");
    }
    match text(header::ORIGIN) {
        Some(origin) if origin != format!("http://{host}") && !known.iter().any(|k| k == origin) => refused("Origin"),
        _ => Ok(()),
    }
}

fn permitted(access: Access, principal: &Principal) -> ApiResult<()> {
    match access {
        Access::Public | Access::AnyKey => Ok(()),
        Access::Scopes(scopes) | Access::EventToken(scopes) if principal.may(scopes) => Ok(()),
        Access::Scopes(scopes) | Access::EventToken(scopes) => {
            let words: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
            Err(ApiError::detail(StatusCode::FORBIDDEN, format!("Requires scope: {}", words.join(" or "))))
        }
    }
}

/// A refusal costs its client a token of another bucket, so that keys cannot be tried at will. Good keys are never held up by it.
fn refuse(state: &AppState, error: ApiError, client: &str, request: &Request) -> Response {
    if auth::credential(request.headers()).is_some() && matches!(error, ApiError::Unauthorized(_)) {
        let verdict = state.failures.take(client, seconds());
        if !verdict.allowed {
            return ApiError::TooMany { retry_after: verdict.retry_after, limit_per_min: None }.into_response();
        }
    }
    error.into_response()
}

fn take(state: &AppState, principal: &Principal, client: &str) -> Option<Verdict> {
    Some(state.buckets.as_ref()?.take(&caller(principal, client), seconds()))
}

/// Who is counted: the key, or the address where there is none.
fn caller(principal: &Principal, client: &str) -> String {
    match principal.source {
        Source::Env => "env".into(),
        Source::Local => "local".into(),
        Source::Db => format!("key:{}", principal.id),
        Source::Dev => format!("ip:{client}"),
    }
}

fn client(request: &Request) -> String {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or_else(|| "unknown".into(), |ConnectInfo(address)| address.ip().to_string())
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit")]
fn seconds() -> f64 {
    time::now() as f64 / time::SECOND as f64
}

fn told(mut response: Response, verdict: Verdict) -> Response {
    let headers = response.headers_mut();
    headers.insert("x-ratelimit-limit", HeaderValue::from(verdict.limit));
    headers.insert("x-ratelimit-remaining", HeaderValue::from(verdict.remaining));
    headers.insert("x-ratelimit-reset", HeaderValue::from(verdict.reset));
    response
}
