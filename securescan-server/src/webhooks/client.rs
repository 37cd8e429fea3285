//! One request to one address that was judged: no redirect, no proxy, no second look at the name, no connection used twice, and an
//! end to everything after ten seconds.

use super::guard::{Guard, Target};
use axum::body::Body;
use futures_util::StreamExt;
use hyper::Request;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

/// For a whole request: name, connection, answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// For one address out of several.
const CONNECT: Duration = Duration::from_secs(4);

/// More of an answer is not read, in bytes.
const MAX_READ: usize = 64 << 10;

/// More of an answer is not kept, in characters.
const MAX_KEPT: usize = 2000;

/// What a receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<String>,
    pub(super) body: String,
}

/// Sends requests.
#[derive(Debug)]
pub(super) struct Client {
    guard: Guard,
    timeout: Duration,
    tls: OnceCell<Arc<ClientConfig>>,
}

impl Client {
    pub(super) fn new(guard: Guard) -> Self {
        Self { guard, timeout: TIMEOUT, tls: OnceCell::new() }
    }

    /// Posts a body.
    ///
    /// # Errors
    /// Why there is no answer, in one line.
    pub(super) async fn post(&self, url: &str, headers: &[(&'static str, String)], body: String) -> Result<Answer, String> {
        let end = Instant::now() + self.timeout;
        match timeout_at(end, self.ask(url, headers, body, end)).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no answer within {} seconds", self.timeout.as_secs_f64())),
        }
    }

    async fn ask(&self, url: &str, headers: &[(&'static str, String)], body: String, end: Instant) -> Result<Answer, String> {
        let target = Target::parse(url)?;
        let addresses = self.guard.addresses(&target.url).await?;
        let request = request(&target, headers, body)?;
        let stream = connect(&addresses).await?;
        if !target.is_https() {
            return exchange(stream, request, end).await;
        }
        let name = ServerName::try_from(target.url.bare_host().to_owned()).map_err(|_| "TLS: not a host name".to_owned())?;
        let tls = TlsConnector::from(Arc::clone(self.tls().await?));
        let secured = tls.connect(name, stream).await.map_err(|e| format!("TLS: {}", short(&e)))?;
        exchange(secured, request, end).await
    }

    async fn tls(&self) -> Result<&Arc<ClientConfig>, String> {
        self.tls
            .get_or_try_init(|| async {
                // Reads files.
                let roots = tokio::task::spawn_blocking(|| {
                    let mut store = RootCertStore::empty();
                    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                    store
                });
                secured_by(roots.await.map_err(|e| e.to_string())?)
            })
            .await
    }
}

/// TLS that trusts these roots and nobody else.
fn secured_by(roots: RootCertStore) -> Result<Arc<ClientConfig>, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|e| format!("TLS: {e}"))?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn request(target: &Target, headers: &[(&'static str, String)], body: String) -> Result<Request<Body>, String> {
    let (whole, origin) = (target.url.to_string(), target.url.origin());
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let mut built = Request::post(whole.strip_prefix(&origin).unwrap_or("/")).header("host", host);
    for (name, value) in headers {
        built = built.header(*name, value);
    }
    if let Some(authorization) = &target.authorization {
        built = built.header("authorization", authorization);
    }
    built.header("accept", "*/*").body(Body::from(body)).map_err(|_| "a request that cannot be written".into())
}

/// The first of the addresses that answers.
async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    let mut why = "no address".to_owned();
    for address in addresses {
        match timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => why = format!("no connection: {}", short(&error)),
            Err(_) => why = "no connection in time".into(),
        }
    }
    Err(why)
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
    end: Instant,
) -> Result<Answer, String> {
    let mut client = hyper::client::conn::http1::Builder::new();
    let handshake = client.max_buf_size(MAX_READ).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(|e| short(&e))?;
    // Ends with this function.
    let mut background = JoinSet::new();
    background.spawn(connection);
    let response = sender.send_request(request).await.map_err(|e| short(&e))?;
    let (parts, body) = response.into_parts();
    let retry_after = parts.headers.get("retry-after").and_then(|v| v.to_str().ok()).map(str::to_owned);
    // The status says whether it arrived; of a body that drips, what came in time is enough.
    let reserve = Duration::from_millis(200);
    let kept = read(Body::new(body), end.checked_sub(reserve).unwrap_or(end)).await;
    Ok(Answer { status: parts.status.as_u16(), retry_after, body: kept })
}

/// The beginning of a body, as text.
async fn read(body: Body, end: Instant) -> String {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Ok(Some(Ok(piece))) = timeout_at(end, stream.next()).await {
        let left = MAX_READ.saturating_sub(bytes.len());
        bytes.extend_from_slice(piece.get(..piece.len().min(left)).unwrap_or_default());
        if bytes.len() >= MAX_READ {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).chars().take(MAX_KEPT).collect()
}

/// An error and its causes in one line.
fn short(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = inner.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

#[cfg(test)]
mod tests;
