//! The one HTTP client of the engine. Everything that leaves over HTTP goes through [`Client`]: the built-in `builtin_dast`, the
//! driver of ZAP, and who embeds the engine and sends webhooks.
//!
//! What it holds to: a time limit for each request within that of the scan, a limit for the body and for the header (64 KiB, 128
//! fields), no redirect that the caller did not approve, no proxy, no cookies, no connection used twice, a fixed `User-Agent`.
//! TLS is verified unless the caller only wants to look ([`Trust::Observe`]). The [`AddressPolicy`] is asked for the address that
//! is connected to, not for the name.

mod address;
mod error;
mod tls;
mod transport;
mod url;
mod x509;

pub use address::AddressPolicy;
pub use error::{HttpError, Kind};
pub use tls::{ChainIs, Peer};
pub(super) use transport::Paced;
pub use url::{Url, encode, shown};
pub use x509::{Facts, Key};

use super::Cancel;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use transport::{Connections, Names, Reach};
use ureq::RequestExt;
use ureq::http;
use ureq::unversioned::transport::{NextTimeout, time};

/// What the client calls itself.
pub const USER_AGENT: &str = concat!("securescan/", env!("CARGO_PKG_VERSION"));

/// The largest header of an answer, in bytes; it may have 128 fields.
const MAX_HEADER: usize = 64 << 10;

/// The longest a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// Whether a server's certificate must be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trust {
    /// It must; else there is no answer.
    #[default]
    Verify,
    /// It is looked at ([`Client::peer`]) and never refused: for judging it. Nothing that comes back may be trusted, and no secret sent.
    Observe,
}

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which addresses it connects to; default any.
    pub addresses: AddressPolicy,
    /// Whether certificates must be good; default yes.
    pub trust: Trust,
    /// Roots beside those of this machine, DER; default none.
    pub roots: Vec<Vec<u8>>,
    /// For one request and its answer; default 15 s.
    pub timeout: Duration,
    /// More of a body is not read; default 2 MiB, after decompression.
    pub max_body: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            addresses: AddressPolicy::Any,
            trust: Trust::Verify,
            roots: Vec::new(),
            timeout: Duration::from_secs(15),
            max_body: 2 << 20,
        }
    }
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Upper case.
    pub method: &'a str,
    /// Where.
    pub url: &'a Url,
    /// Names and values beside those the client sets.
    pub headers: &'a [(&'a str, &'a str)],
    /// What is sent along.
    pub body: Option<&'a [u8]>,
}

impl<'a> Request<'a> {
    /// A plain `GET`.
    pub fn get(url: &'a Url) -> Self {
        Self { method: "GET", url, headers: &[], body: None }
    }
}

/// How a body ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyEnd {
    /// It is whole.
    Whole,
    /// There was more than [`Options::max_body`].
    TooLarge,
    /// It broke off, and why.
    Broken(HttpError),
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// Who answered.
    pub url: Url,
    /// `200`, …
    pub status: u16,
    /// Lower-case names and values, in the order they came.
    pub headers: Vec<(String, String)>,
    /// As far as it was read, decompressed.
    pub body: Vec<u8>,
    /// Whether that is all.
    pub end: BodyEnd,
}

impl Response {
    /// The first value of a header, trimmed; none when it is absent or empty.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().filter(|(n, _)| n == name).map(|(_, value)| value.trim()).find(|value| !value.is_empty())
    }

    /// Every value of a header.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.trim())
    }

    /// Where a redirect leads; none when it is not one.
    pub fn location(&self) -> Option<&str> {
        matches!(self.status, 301 | 302 | 303 | 307 | 308).then(|| self.header("location")).flatten()
    }
}

/// An answer and the redirects on the way to it.
#[derive(Debug, Clone)]
pub struct Followed {
    /// The redirects that were followed, first to last.
    pub hops: Vec<Response>,
    /// The last answer: itself a redirect when `refused` says so.
    pub last: Response,
    /// Where the last answer would have led, had the caller approved.
    pub refused: Option<Url>,
}

/// The client. Cheap to make; one for each purpose.
#[derive(Debug)]
pub struct Client {
    agent: ureq::Agent,
    reach: Arc<Reach>,
    options: Options,
}

impl Client {
    /// A client whose requests end when `cancel` says so.
    pub fn new(options: Options, cancel: &Cancel) -> Self {
        let reach = Arc::new(Reach {
            policy: options.addresses,
            cancel: cancel.clone(),
            tls: tls::Tls::new(options.trust, options.roots.clone()),
            seen: Mutex::new(BTreeMap::new()),
        });
        let config = ureq::config::Config::builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(MAX_HEADER)
            .max_idle_connections(0)
            .max_idle_connections_per_host(0)
            .allow_non_standard_methods(true)
            .user_agent(USER_AGENT)
            .build();
        let agent = ureq::Agent::with_parts(config, Connections(Arc::clone(&reach)), Names(Arc::clone(&reach)));
        Self { agent, reach, options }
    }

    /// One request, one answer; redirects are not followed. A body that breaks off is part of the answer.
    ///
    /// # Errors
    /// No answer, and why.
    pub fn send(&self, request: &Request<'_>) -> Result<Response, HttpError> {
        let limit = self.limit()?;
        let mut built = http::Request::builder().method(request.method).uri(request.url.to_string());
        for (name, value) in request.headers {
            built = built.header(*name, *value);
        }
        let asked = match request.body {
            None => self.run(built.body(()), limit),
            Some(body) => self.run(built.body(body), limit),
        };
        let answer = asked.map_err(|e| self.or_cancelled(e))?;
        let (parts, body) = answer.into_parts();
        let headers = parts.headers.iter();
        let headers = headers.map(|(n, v)| (n.as_str().to_owned(), String::from_utf8_lossy(v.as_bytes()).into_owned())).collect();
        let (body, end) = self.read(body);
        Ok(Response { url: request.url.clone(), status: parts.status.as_u16(), headers, body, end })
    }

    fn run(
        &self,
        request: http::Result<http::Request<impl ureq::AsSendBody>>,
        limit: Duration,
    ) -> Result<http::Response<ureq::Body>, HttpError> {
        let request = request.map_err(|_| HttpError::new(Kind::BadUrl, "a request that cannot be written"))?;
        let request =
            request.with_agent(&self.agent).configure().timeout_global(Some(limit)).timeout_connect(Some(limit.min(CONNECT)));
        request.run().map_err(HttpError::from_ureq)
    }

    fn read(&self, body: ureq::Body) -> (Vec<u8>, BodyEnd) {
        let mut reader = body.into_reader();
        let (mut out, mut chunk) = (Vec::new(), vec![0; 16 << 10]);
        loop {
            match reader.read(&mut chunk) {
                Ok(0) => return (out, BodyEnd::Whole),
                Ok(count) => {
                    let left = self.options.max_body.saturating_sub(out.len());
                    out.extend_from_slice(chunk.get(..count.min(left)).unwrap_or_default());
                    if count > left {
                        return (out, BodyEnd::TooLarge);
                    }
                }
                Err(error) => {
                    let error = match error.downcast::<ureq::Error>() {
                        Ok(inner) => HttpError::from_ureq(inner),
                        Err(io) => HttpError::from_io(&io),
                    };
                    return (out, BodyEnd::Broken(self.or_cancelled(error)));
                }
            }
        }
    }

    /// A request and the redirects it leads to, each approved by `approve(from, to)`; at most `limit`. Further headers go only to the
    /// server they were meant for. For requests without a body.
    ///
    /// # Errors
    /// As [`Client::send`], and more redirects than the limit.
    pub fn follow(
        &self,
        request: &Request<'_>,
        limit: usize,
        approve: &mut dyn FnMut(&Url, &Url) -> bool,
    ) -> Result<Followed, HttpError> {
        let (mut hops, mut url) = (Vec::new(), request.url.clone());
        loop {
            let headers = if url.origin() == request.url.origin() { request.headers } else { &[] };
            let last = self.send(&Request { method: request.method, url: &url, headers, body: None })?;
            let Some(next) = last.location().and_then(|l| url.join(l).ok()) else {
                return Ok(Followed { hops, last, refused: None });
            };
            if !approve(&url, &next) {
                return Ok(Followed { hops, last, refused: Some(next) });
            }
            if hops.len() >= limit {
                return Err(HttpError::new(Kind::Redirects, format!("more than {limit} redirects")));
            }
            hops.push(last);
            url = next;
        }
    }

    /// What a server showed when it was last asked over TLS.
    pub fn peer(&self, url: &Url) -> Option<Peer> {
        let seen = self.reach.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&format!("{}:{}", url.bare_host(), url.port())).cloned()
    }

    /// A bare connection to a server, past the same policy and limits, for what no HTTP library says.
    ///
    /// # Errors
    /// No connection, and why.
    pub(super) fn dial(&self, url: &Url) -> Result<Paced, HttpError> {
        let limit = self.limit()?.min(CONNECT);
        let until = Instant::now() + limit;
        let uri: http::Uri = url.to_string().parse().map_err(|_| HttpError::new(Kind::BadUrl, "not a URL that can be asked"))?;
        let timeout = NextTimeout { after: time::Duration::Exact(limit), ..NextTimeout::default() };
        let addresses = Names(Arc::clone(&self.reach)).of(&uri, self.agent.config(), timeout)?;
        self.reach.dial(&addresses, until)
    }

    /// The time for the next request.
    fn limit(&self) -> Result<Duration, HttpError> {
        let cancel = &self.reach.cancel;
        if cancel.should_stop() {
            return Err(HttpError::cancelled());
        }
        let limit = cancel.remaining().map_or(self.options.timeout, |left| left.min(self.options.timeout));
        Ok(limit.max(Duration::from_millis(1)))
    }

    /// What went wrong after the scan was stopped went wrong because of that.
    fn or_cancelled(&self, error: HttpError) -> HttpError {
        if self.reach.cancel.should_stop() { HttpError::cancelled() } else { error }
    }
}
