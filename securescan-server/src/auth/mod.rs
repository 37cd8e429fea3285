//! Who is asking, and what they may do.
//!
//! `keys` is the form of API keys, `tokens` of event tokens; this file decides. What does not belong here: which route wants
//! which scope (the table of routes says so) and how the answer to a refusal looks beyond its text.

mod keys;
mod tokens;

pub(crate) use keys::fresh;
pub(crate) use tokens::{TTL, Token};

use crate::error::ApiError;
use crate::state::AppState;
use crate::time;
use axum::http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

/// What a key may be used for. Independent of each other: `write` does not include `read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ApiKeyScope)]
pub(crate) enum Scope {
    /// Look.
    Read,
    /// Start, cancel, judge, delete.
    Write,
    /// Keys and webhooks.
    Admin,
}

impl Scope {
    /// Every scope.
    pub(crate) const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// The word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

/// Where a principal comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The key of the environment.
    Env,
    /// A key of the database.
    Db,
    /// Nobody: there are no credentials yet.
    Dev,
    /// Whoever owns the database file: a program of this machine.
    Local,
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    /// The key's id; `env`; `dev`; `local`.
    pub(crate) id: String,
    pub(crate) source: Source,
    pub(crate) scopes: Vec<Scope>,
}

impl Principal {
    fn env() -> Self {
        Self { id: "env".into(), source: Source::Env, scopes: Scope::ALL.to_vec() }
    }

    /// Who may read the database file.
    pub(crate) fn local() -> Self {
        Self { id: "local".into(), source: Source::Local, scopes: Scope::ALL.to_vec() }
    }

    fn dev() -> Self {
        Self { id: "dev".into(), source: Source::Dev, scopes: Scope::ALL.to_vec() }
    }

    /// Whether one of the scopes is theirs.
    pub(crate) fn may(&self, accepted: &[Scope]) -> bool {
        accepted.iter().any(|scope| self.scopes.contains(scope))
    }
}

/// The key a request carries: `X-API-Key`, else `Authorization: Bearer`. Bytes, because a header may hold any.
pub(crate) fn credential(headers: &HeaderMap) -> Option<&[u8]> {
    let own = headers.get("x-api-key").map(|v| v.as_bytes().trim_ascii()).filter(|v| !v.is_empty());
    own.or_else(|| {
        let value = headers.get(header::AUTHORIZATION)?.as_bytes().trim_ascii();
        let (scheme, rest) = value.split_at_checked(value.iter().position(u8::is_ascii_whitespace)?)?;
        Some(rest.trim_ascii()).filter(|rest| scheme.eq_ignore_ascii_case(b"bearer") && !rest.is_empty())
    })
}

/// Decides who is asking.
///
/// # Source
/// The server specification's decision tree, section 7. A key that is given never falls through to development mode.
pub(crate) async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Principal, ApiError> {
    let settings = &state.settings;
    if let Some(given) = credential(headers) {
        if settings.api_key.as_ref().is_some_and(|key| bool::from(key.as_bytes().ct_eq(given))) {
            return Ok(Principal::env());
        }
        return by_key(state, given).await?.ok_or_else(|| ApiError::unauthorized("Invalid API key"));
    }
    if settings.api_key.is_some() || state.store.has_active_key().await? {
        return Err(ApiError::unauthorized("X-API-Key header required"));
    }
    if settings.auth_required {
        return Err(ApiError::detail(StatusCode::SERVICE_UNAVAILABLE, "Auth required but no credentials configured"));
    }
    Ok(Principal::dev())
}

/// The principal of a key of the database. The same work is done for an id that is unknown, so that time tells nothing.
async fn by_key(state: &AppState, given: &[u8]) -> Result<Option<Principal>, ApiError> {
    let Some((id, key)) = std::str::from_utf8(given).ok().and_then(keys::parse) else { return Ok(None) };
    let row = state.store.key(id).await?;
    let hash = row.as_ref().map_or(keys::DUMMY_HASH, |row| row.key_hash.as_str());
    let fits = keys::verify(key, hash);
    let Some(row) = row.filter(|row| fits && row.revoked_at.is_none()) else { return Ok(None) };
    state.touched.note(&state.store, &row.id, row.last_used_at, time::now()).await;
    Ok(Some(Principal { id: row.id, source: Source::Db, scopes: row.scopes }))
}

/// The principal an event token stands for, with what they may do now.
pub(crate) async fn by_token(state: &AppState, scan_id: &str, token: &str) -> Result<Principal, ApiError> {
    let refused = |text: &str| ApiError::refused_token(text);
    let secret = &state.settings.event_token_secret;
    let token =
        Token::read(token, secret, time::now() / time::SECOND).ok_or_else(|| refused("Invalid or expired event token"))?;
    if token.scan_id != scan_id {
        return Err(refused("Token does not match scan id"));
    }
    match token.key_id.as_str() {
        "env" if state.settings.api_key.is_none() => Err(refused("Env-var key no longer configured")),
        "env" => Ok(Principal::env()),
        "dev" if state.settings.api_key.is_some() || state.settings.auth_required || state.store.has_active_key().await? => {
            Err(refused("Dev-mode token no longer valid (auth has been enabled)"))
        }
        "dev" => Ok(Principal::dev()),
        id => {
            let row = state.store.key(id).await?.filter(|row| row.revoked_at.is_none());
            let row = row.ok_or_else(|| refused("Bound key is revoked or missing"))?;
            Ok(Principal { id: row.id, source: Source::Db, scopes: row.scopes })
        }
    }
}

/// Whether somebody who was let in may still do something: keys are revoked, and the first key ends development mode. What cannot be
/// asked counts as allowed until it can.
pub(crate) async fn may_still(state: &AppState, who: &Principal, scope: Scope) -> bool {
    match who.source {
        Source::Env | Source::Local => true,
        Source::Dev => !state.store.has_active_key().await.unwrap_or(false),
        Source::Db => match state.store.key(&who.id).await {
            Ok(row) => row.is_some_and(|row| row.revoked_at.is_none() && row.scopes.contains(&scope)),
            Err(_) => true,
        },
    }
}

#[cfg(test)]
mod tests;
