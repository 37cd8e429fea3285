use super::*;
use crate::logging::{Format, Level, Log};
use crate::routes::router;
use crate::settings::Settings;
use crate::storage::Store;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn state(folder: &std::path::Path, lines: &Lines) -> AppState {
    let store = Store::open(&folder.join("scans.db")).await.unwrap();
    let log = Log::to(Box::new(lines.clone()), Level::Info, Format::Json);
    AppState::new(Settings::read(&|_| None).unwrap(), store, log)
}

async fn ask(routes: Router, path: &str) -> (StatusCode, axum::http::HeaderMap, Value) {
    let request = Request::get(path)
        .header("host", "localhost")
        .header("origin", "http://localhost:3000")
        .header("x-request-id", "r1")
        .body(Body::empty())
        .unwrap();
    let response = TowerToHyperService::new(routes).call(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 10_000).await.unwrap();
    (parts.status, parts.headers, serde_json::from_slice(&bytes).unwrap())
}

async fn panics() -> &'static str {
    panic!("the inner detail")
}

/// A fault says the request's id and nothing of itself; the log says the rest. All headers are there.
#[tokio::test]
async fn faults_and_panics() {
    let folder = tempfile::tempdir().unwrap();
    let lines = Lines::default();
    let state = state(folder.path(), &lines).await;
    let routes = Router::new()
        .route("/api/fault", get(async || ApiError::Fault("the inner detail ssk_5a7c8f9eab_secret".into())))
        .route("/api/panic", get(panics));
    for path in ["/api/fault", "/api/panic"] {
        let (status, headers, body) = ask(around(routes.clone(), &state), path).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(body, json!({"detail": "Internal server error", "request_id": "r1"}), "{path}");
        assert_eq!(headers["x-request-id"], "r1");
        assert_eq!(
            (&headers["x-content-type-options"], &headers["deprecation"]),
            (&"nosniff".parse().unwrap(), &"true".parse().unwrap())
        );
        assert_eq!(headers["access-control-allow-origin"], "http://localhost:3000");
    }
    state.close().await;
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let told: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let faults: Vec<_> = told.iter().filter(|line| line["level"] == "ERROR" && line["status"] == 500).collect();
    assert!(
        faults.len() == 2 && faults.iter().all(|line| line["exc_info"].as_str().unwrap().contains("the inner detail")),
        "{log}"
    );
    assert!(!log.contains("_secret"));
}

#[tokio::test]
async fn a_database_that_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let lines = Lines::default();
    let state = state(folder.path(), &lines).await;
    state.store.close().await;
    let (status, headers, body) = ask(router(&state), "/api/scans").await;
    assert_eq!(
        (status, body),
        (StatusCode::INTERNAL_SERVER_ERROR, json!({"detail": "Internal server error", "request_id": "r1"}))
    );
    assert_eq!(headers["deprecation"], "true");
    assert_eq!(headers["access-control-allow-origin"], "http://localhost:3000");
    let (status, _, body) = ask(router(&state), "/ready").await;
    let checks = json!({"database": "fail", "scanner_registry": "ok"});
    assert_eq!((status, body), (StatusCode::SERVICE_UNAVAILABLE, json!({"detail": {"status": "not_ready", "checks": checks}})));
    let (status, _, body) = ask(router(&state), "/health").await;
    assert_eq!((status, body), (StatusCode::OK, json!({"status": "ok"})));
}
