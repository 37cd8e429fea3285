//! The routes, asked without a socket; and the service, asked over one.
#![expect(clippy::unwrap_used, reason = "a helper of tests may fail the test it helps")]

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use securescan_core::ErrorKind;
use securescan_server::{AppState, router, serve_until};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use tokio::sync::oneshot;
use tower::ServiceExt;

async fn ask(method: &str, path: &str) -> Response<Body> {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    router(AppState::default()).oneshot(request).await.unwrap()
}

async fn body(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 64 * 1024).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn health_answers() {
    let response = ask("GET", "/health").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(body(response).await, r#"{"status":"ok"}"#);
}

#[tokio::test]
async fn head_is_served_where_get_is() {
    let response = ask("HEAD", "/health").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(body(response).await, "");
}

#[tokio::test]
async fn unknown_routes_and_methods_are_json() {
    let unknown = ask("GET", "/nothing").await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    assert_eq!(body(unknown).await, r#"{"detail":"Not Found"}"#);
    let wrong = ask("POST", "/health").await;
    assert_eq!(wrong.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(wrong.headers()[header::ALLOW], "GET, HEAD");
    assert_eq!(body(wrong).await, r#"{"detail":"Method Not Allowed"}"#);
}

fn get(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serves_on_a_free_port_until_stopped() {
    let (ready, address) = oneshot::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        let stop = async {
            let _ = stopped.await;
        };
        serve_until(
            "127.0.0.1",
            0,
            |address| {
                let _ = ready.send(address);
            },
            stop,
        )
        .await
    });
    let address = address.await.unwrap();
    assert!(address.ip().is_loopback() && address.port() != 0);
    let answer = tokio::task::spawn_blocking(move || get(address)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    // A connection that says nothing does not hold the shutdown up for ever.
    let idle = TcpStream::connect(address).unwrap();
    stop.send(()).unwrap();
    drop(idle);
    serving.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test]
async fn a_taken_port_is_an_io_error_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = serve_until("127.0.0.1", port, |_| {}, std::future::pending()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().starts_with(&format!("127.0.0.1:{port}: ")), "{error}");
}
