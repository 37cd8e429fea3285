#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use super::super::guard::{Allow, Resolver};
use super::*;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Answers each connection with the same bytes; gives its port and what it was sent.
async fn server(answer: &'static [u8], drip: Option<Duration>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let heard = Arc::clone(&heard);
            tokio::spawn(async move {
                let request = head(&mut stream).await;
                heard.lock().unwrap().push(request);
                match drip {
                    None => drop(stream.write_all(answer).await),
                    Some(pause) => {
                        for byte in answer {
                            if stream.write_all(&[*byte]).await.is_err() {
                                return;
                            }
                            tokio::time::sleep(pause).await;
                        }
                    }
                }
            });
        }
    });
    (port, seen)
}

async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut chunk).await.unwrap_or(0);
        bytes.extend_from_slice(chunk.get(..count).unwrap());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if count == 0 || text.ends_with("BODY") {
            return text;
        }
    }
}

fn client(allow: &str) -> Client {
    Client::new(Guard::new(Allow::parse(allow).unwrap(), false))
}

async fn post(client: &Client, url: &str) -> Result<Answer, String> {
    client.post(url, &[("content-type", "application/json".into()), ("x-test", "1".into())], "BODY".into()).await
}

#[tokio::test]
async fn one_request_as_it_is_written() {
    let (port, seen) = server(b"HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno", None).await;
    let answer = post(&client("127.0.0.1"), &format!("http://u:p@127.0.0.1:{port}/a b?c=\u{e9}#f")).await.unwrap();
    assert_eq!(answer, Answer { status: 503, retry_after: Some("7".into()), body: "no".into() });
    let request = seen.lock().unwrap().join("");
    assert!(request.starts_with("POST /a%20b?c=%C3%A9 HTTP/1.1\r\n"), "{request}");
    for line in [
        &format!("host: 127.0.0.1:{port}"),
        "content-type: application/json",
        "x-test: 1",
        "content-length: 4",
        "authorization: Basic dTpw",
    ] {
        assert_eq!(request.matches(&format!("\r\n{line}\r\n")).count(), 1, "{line} {request}");
    }
}

#[tokio::test]
async fn only_what_was_judged_is_connected_to_and_names_are_asked_once() {
    let (port, seen) = server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", None).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let resolver: Resolver = Arc::new(move |_| {
        // First what is allowed, then what is not.
        let n = count.fetch_add(1, Ordering::SeqCst);
        let address: IpAddr = if n == 0 { "127.0.0.1" } else { "127.0.0.2" }.parse().unwrap();
        Box::pin(async move { Ok(vec![address]) })
    });
    let client = Client::new(Guard::with_resolver(Allow::parse("127.0.0.1").unwrap(), false, resolver));
    let url = format!("http://rebind.example:{port}/");
    assert_eq!(post(&client, &url).await.unwrap().status, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(seen.lock().unwrap().join("").contains(&format!("host: rebind.example:{port}")));
    assert!(post(&client, &url).await.unwrap_err().starts_with("refused"), "asked afresh for the second try");
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn redirects_are_answers() {
    let (inner, reached) = server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", None).await;
    let answer = format!("HTTP/1.1 307 T\r\nLocation: http://127.0.0.1:{inner}/\r\nContent-Length: 0\r\n\r\n");
    let (port, _) = server(Box::leak(answer.into_bytes().into_boxed_slice()), None).await;
    assert_eq!(post(&client("127.0.0.1"), &format!("http://127.0.0.1:{port}/")).await.unwrap().status, 307);
    assert!(reached.lock().unwrap().is_empty());
}

#[tokio::test]
async fn large_endless_and_dripping_answers() {
    let mut large = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n".to_vec();
    large.extend("é".repeat(5_000_000).into_bytes());
    let (port, _) = server(Box::leak(large.into_boxed_slice()), None).await;
    let mut client = client("127.0.0.1");
    let answer = post(&client, &format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert_eq!((answer.status, answer.body), (200, "é".repeat(2000)));

    client.timeout = Duration::from_secs(4);
    // The head in one piece of time, the body never: the status counts.
    let (port, _) = server(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nbegun", Some(Duration::from_millis(5))).await;
    let mut hanging = client;
    assert_eq!(post(&hanging, &format!("http://127.0.0.1:{port}/")).await.map(|a| a.status), Ok(200));
    // A head that drips is given up.
    hanging.timeout = Duration::from_millis(300);
    let (port, _) = server(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nbegun", Some(Duration::from_millis(200))).await;
    assert!(post(&hanging, &format!("http://127.0.0.1:{port}/")).await.unwrap_err().contains("no answer within"));
    let endless: &'static [u8] = Box::leak([b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'a'; 1 << 20]].concat().into_boxed_slice());
    let (port, _) = server(endless, None).await;
    hanging.timeout = Duration::from_secs(10);
    assert!(post(&hanging, &format!("http://127.0.0.1:{port}/")).await.is_err());
}

#[tokio::test]
async fn what_is_no_answer() {
    let client = client("127.0.0.1");
    for answer in [&b""[..], b"nonsense\r\n\r\n", b"HTTP/1.1 99999 x\r\n\r\n"] {
        let (port, _) = server(answer, None).await;
        let why = post(&client, &format!("http://127.0.0.1:{port}/")).await.unwrap_err();
        assert!(!why.is_empty() && !why.contains('\n'), "{why}");
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(post(&client, &format!("http://127.0.0.1:{free}/")).await.unwrap_err().starts_with("no connection"));
}

#[tokio::test]
async fn tls_is_verified() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            head(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 204 OK\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let mut trusting = client("127.0.0.1,localhost,::1");
    trusting.tls = OnceCell::new_with(Some(secured_by(roots).unwrap()));
    assert_eq!(post(&trusting, &format!("https://localhost:{port}/")).await.map(|a| a.status), Ok(204));
    let other_name = post(&trusting, &format!("https://127.0.0.1:{port}/")).await.unwrap_err();
    let untrusted = post(&client("127.0.0.1,localhost"), &format!("https://localhost:{port}/")).await.unwrap_err();
    assert!(other_name.starts_with("TLS") && untrusted.starts_with("TLS"), "{other_name} {untrusted}");
}
