//! Parts of a path.

use crate::error::{ApiError, ApiResult};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

/// The one parameter of a path.
#[derive(Debug)]
pub(super) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        // What cannot be decoded names nothing that is there.
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found("Not Found"))?;
        params.iter().next().map(|(_, value)| Self(value.to_owned())).ok_or_else(|| ApiError::not_found("Not Found"))
    }
}

/// The two parameters of a path, in order.
#[derive(Debug)]
pub(super) struct Pair(pub(super) String, pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Pair {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found("Not Found"))?;
        let mut values = params.iter().map(|(_, value)| value.to_owned());
        match (values.next(), values.next()) {
            (Some(first), Some(second)) => Ok(Self(first, second)),
            _ => Err(ApiError::not_found("Not Found")),
        }
    }
}
