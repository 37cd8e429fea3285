//! What an entry of the table of routes says.

use crate::auth::Scope;
use crate::state::AppState;
use crate::validate::query::Param;
use axum::routing::MethodRouter;

use super::MOUNTS;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody, never asked; and not under the mounts of the API.
    Public,
    /// Whoever has one of these scopes.
    Scopes(&'static [Scope]),
    /// Whoever has a key, whatever its scopes.
    AnyKey,
    /// As [`Access::Scopes`], and whoever has an event token.
    EventToken(&'static [Scope]),
}

/// `read`
pub(crate) const READ: Access = Access::Scopes(&[Scope::Read]);
/// `write`
pub(crate) const WRITE: Access = Access::Scopes(&[Scope::Write]);
/// `admin`
pub(crate) const ADMIN: Access = Access::Scopes(&[Scope::Admin]);

/// What a body is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Nothing.
    Empty,
    /// One object of a schema of [`crate::openapi`].
    One(&'static str),
    /// A list of them.
    List(&'static str),
    /// Some JSON object.
    Json,
    /// Something of these media types.
    Media(&'static [&'static str]),
}

/// One answer of a route.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) about: &'static str,
    pub(crate) shape: Shape,
}

impl Answer {
    pub(crate) const fn new(status: u16, about: &'static str, shape: Shape) -> Self {
        Self { status, about, shape }
    }

    /// `{"detail": "…"}`
    pub(crate) const fn error(status: u16, about: &'static str) -> Self {
        Self::new(status, about, Shape::One("Detail"))
    }
}

/// One route. What every route of the API may answer (401, 403, 422, 429, 500, 503) is not listed.
#[derive(Debug)]
pub(crate) struct Route {
    /// Upper case.
    pub(crate) method: &'static str,
    /// Below the mounts, or whole for a public one.
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) handler: fn() -> MethodRouter<AppState>,
    /// The operation's name, unique.
    pub(crate) id: &'static str,
    pub(crate) tag: &'static str,
    /// One line.
    pub(crate) summary: &'static str,
    pub(crate) query: &'static [Param],
    /// The schema of the JSON body.
    pub(crate) body: Option<&'static str>,
    pub(crate) answers: &'static [Answer],
    /// Whether the rate limit counts it.
    pub(crate) limited: bool,
    /// Whether it is beside the mounts although it is not public.
    pub(crate) at_root: bool,
}

impl Route {
    /// A route with nothing optional, to be completed by `..`.
    pub(crate) const fn new(
        method: &'static str,
        path: &'static str,
        access: Access,
        id: &'static str,
        handler: fn() -> MethodRouter<AppState>,
    ) -> Self {
        let (tag, summary) = ("", "");
        Self {
            method,
            path,
            access,
            handler,
            id,
            tag,
            summary,
            query: &[],
            body: None,
            answers: &[],
            limited: false,
            at_root: false,
        }
    }

    /// The paths it is at.
    pub(crate) fn paths(&self) -> impl Iterator<Item = String> + use<> {
        let (path, root) = (self.path, self.at_root || self.access == Access::Public);
        let mounts: &[&str] = if root { &[""] } else { &MOUNTS };
        mounts.iter().map(move |mount| format!("{mount}{path}"))
    }
}
