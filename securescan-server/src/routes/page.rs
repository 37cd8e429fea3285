//! Pages keyed on a place in an order, and answers that need not be sent twice.

use crate::ids::hex;
use crate::validate::query::{Kind, Param};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// The parameters of a page; with neither, everything is answered.
pub(super) const LIMIT: Param = Param::optional("limit", Kind::Int(1, 10_000), "how many at most; all when absent");
/// See [`LIMIT`].
pub(super) const CURSOR: Param =
    Param::optional("cursor", Kind::Cursor, "where to go on: from the `Link` header of the page before");

/// The headers of a page: how many there are in all, and where the next one is.
pub(super) fn headers(uri: &Uri, total: i64, next: Option<i64>) -> HeaderMap {
    let mut out = HeaderMap::new();
    out.insert(HeaderName::from_static("x-total-count"), HeaderValue::from(total));
    if let Some(next) = next {
        let kept = uri.query().unwrap_or_default().split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor="));
        let query: Vec<String> = kept.map(str::to_owned).chain([format!("cursor=c{next}")]).collect();
        let link = format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"));
        if let Ok(value) = HeaderValue::from_str(&link) {
            out.insert(header::LINK, value);
        }
    }
    out
}

/// Answers with a tag over the bytes; with nothing when the client has them already.
pub(super) fn tagged(asked: &HeaderMap, content_type: &'static str, bytes: Vec<u8>) -> Response {
    let digest = hex(&Sha256::digest(&bytes));
    let tag = format!("\"{}\"", digest.get(..32).unwrap_or_default());
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    // Compression makes a tag weak on its way; the comparison is the weak one.
    let known = known.map(|t| t.trim().trim_start_matches("W/")).any(|t| t == tag || t == "*");
    let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, content_type)], Body::from(bytes)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links() {
        let uri: Uri = "/api/v1/scans?limit=2&cursor=c9&a=b".parse().unwrap();
        let headers = headers(&uri, 7, Some(4));
        assert_eq!(headers["link"], "</api/v1/scans?limit=2&a=b&cursor=c4>; rel=\"next\"");
        assert_eq!(headers["x-total-count"], "7");
    }
}
