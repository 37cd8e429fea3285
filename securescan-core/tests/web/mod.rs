//! Small servers on the loopback interface, for tests of what speaks HTTP.
#![allow(dead_code, unreachable_pub, missing_debug_implementations, clippy::unwrap_used, reason = "each test binary uses a part")]

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use securescan_core::scanners::{Cancel, NoEvents, ScanRequest, scan};
use securescan_core::{Finding, ScannerRun};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A request as a test looks at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// With the query.
    pub path: String,
    pub head: String,
}

impl Asked {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|l| l.split_once(':'))
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.trim())
    }
}

/// Both directions of a connection.
pub trait Duplex: Read + Write {}
impl<T: Read + Write> Duplex for T {}

type Handler = dyn Fn(&Asked, &mut dyn Duplex) + Send + Sync;

/// A server that lives as long as this does.
pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    scheme: &'static str,
}

impl Server {
    /// Answers requests over plain HTTP.
    pub fn http(handler: impl Fn(&Asked, &mut dyn Duplex) + Send + Sync + 'static) -> Self {
        Self::start("http", None, Arc::new(handler))
    }

    /// Answers requests over TLS.
    pub fn https(
        (chain, key): (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>),
        handler: impl Fn(&Asked, &mut dyn Duplex) + Send + Sync + 'static,
    ) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = builder.with_no_client_auth().with_single_cert(chain, key).unwrap();
        Self::start("https", Some(Arc::new(config)), Arc::new(handler))
    }

    /// Hands over each connection as it is.
    pub fn raw(scheme: &'static str, talk: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Self {
        let talk = Arc::new(talk);
        Self::listen(scheme, move |mut stream, _| talk(&mut stream))
    }

    fn start(scheme: &'static str, tls: Option<Arc<rustls::ServerConfig>>, handler: Arc<Handler>) -> Self {
        Self::listen(scheme, move |stream, asked| match &tls {
            None => serve(stream, handler.as_ref(), asked),
            Some(config) => {
                let connection = rustls::ServerConnection::new(Arc::clone(config)).unwrap();
                serve(rustls::StreamOwned::new(connection, stream), handler.as_ref(), asked);
            }
        })
    }

    fn listen(scheme: &'static str, talk: impl Fn(TcpStream, &Mutex<Vec<Asked>>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, over) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::new(AtomicBool::new(false)));
        let (log, end, talk) = (Arc::clone(&asked), Arc::clone(&over), Arc::new(talk));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    break;
                }
                let (talk, log) = (Arc::clone(&talk), Arc::clone(&log));
                std::thread::spawn(move || talk(stream.unwrap(), &log));
            }
        });
        Self { address, asked, over, thread: Some(thread), scheme }
    }

    /// Its address with a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads the head of one request and answers it.
fn serve(mut stream: impl Duplex, handler: &Handler, log: &Mutex<Vec<Asked>>) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let asked = Asked { method, path, head };
    log.lock().unwrap().push(asked.clone());
    handler(&asked, &mut stream);
    let _ = stream.flush();
}

/// Writes a whole answer.
pub fn answer(to: &mut dyn Duplex, status: u16, headers: &[(&str, &str)], body: &[u8]) {
    let mut out = format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    let _ = to.write_all(out.as_bytes()).and_then(|()| to.write_all(b"\r\n")).and_then(|()| to.write_all(body));
}

/// Scans a URL with one scanner; the line of the coverage and the findings.
pub fn scan_url(scanner: &str, url: &str, change: impl FnOnce(&mut ScanRequest)) -> (ScannerRun, Vec<Finding>) {
    let mut request = ScanRequest::new("");
    request.target_url = Some(url.to_owned());
    request.scanners = vec![scanner.to_owned()];
    request.cancel = Cancel::new();
    change(&mut request);
    let raw = scan(&request, &NoEvents).unwrap();
    let line = raw.coverage.into_iter().next().unwrap();
    (line, raw.findings)
}

/// The rules of findings, in order, each once.
pub fn rules(findings: &[Finding]) -> Vec<String> {
    let all: std::collections::BTreeSet<_> = findings.iter().filter_map(|f| f.rule_id.clone()).collect();
    all.into_iter().collect()
}

/// A certificate authority of a test.
pub struct Authority {
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    /// Its certificate, DER.
    pub root: Vec<u8>,
}

/// A server's chain and key.
pub type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// What a certificate says unless it is changed: for `127.0.0.1`, valid for two years around now.
pub fn certificate() -> rcgen::CertificateParams {
    let mut params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.not_before = days_from_now(-365);
    params.not_after = days_from_now(365);
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// A day as certificates state it.
pub fn days_from_now<T: From<std::time::SystemTime>>(days: i64) -> T {
    let span = std::time::Duration::from_secs(days.unsigned_abs() * 86_400);
    let now = std::time::SystemTime::now();
    T::from(if days < 0 { now - span } else { now + span })
}

/// Signed by itself.
pub fn self_signed(params: &rcgen::CertificateParams) -> Identity {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
}

impl Authority {
    pub fn new() -> Self {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, "an authority of a test");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().to_vec();
        Self { issuer: rcgen::Issuer::new(params, key), root }
    }

    /// A server's certificate.
    pub fn sign(&self, params: &rcgen::CertificateParams) -> Identity {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
    }
}
