//! The mount without a version: it works, and every answer says where its successor is.
//!
//! # Source
//! The documentation's page on versioning. The date names a Wednesday that is a Thursday; clients compare the bytes.

use crate::state::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

const SUNSET: &str = "Wed, 31 Dec 2026 23:59:59 GMT";

pub(super) async fn layer(State(_): State<AppState>, request: Request, next: Next) -> Response {
    let successor = successor(request.uri().path());
    let mut response = next.run(request).await;
    if let Some(link) = successor {
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static("deprecation"), HeaderValue::from_static("true"));
        headers.insert(HeaderName::from_static("sunset"), HeaderValue::from_static(SUNSET));
        if let Ok(value) = HeaderValue::from_str(&format!("<{link}>; rel=\"successor-version\"")) {
            headers.append(header::LINK, value);
        }
    }
    response
}

/// The path of the same thing under the version.
fn successor(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/api/")?;
    if rest == "v1" || rest.starts_with("v1/") {
        return None;
    }
    // What would end the reference early is escaped; a path cannot hold control characters.
    Some(format!("/api/v1/{}", rest.replace('>', "%3E").replace('"', "%22")))
}

#[cfg(test)]
mod tests {
    use super::successor;

    #[test]
    fn only_the_old_mount_has_one() {
        for (path, expected) in [
            ("/api/scans/abc", Some("/api/v1/scans/abc")),
            ("/api/", Some("/api/v1/")),
            ("/api/v1x", Some("/api/v1/v1x")),
            ("/api/a>b", Some("/api/v1/a%3Eb")),
            ("/api", None),
            ("/api/v1", None),
            ("/api/v1/scans", None),
            ("/health", None),
        ] {
            assert_eq!(successor(path).as_deref(), expected, "{path}");
        }
    }
}
