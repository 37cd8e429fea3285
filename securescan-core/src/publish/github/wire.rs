//! The way to the host: one request, one answer. The token stands in one header and nowhere else.

use crate::scanners::Cancel;
use crate::scanners::http::{BodyEnd, Client, Kind, Options, Request, Url};
use crate::{Error, Result};
use std::fmt;
use std::time::Duration;

/// The largest answer: a page of a hundred comments at their longest.
const MAX_ANSWER: usize = 64 << 20;
/// For one request and its answer.
const TIMEOUT: Duration = Duration::from_secs(60);

/// An answer of the host.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// `200`, …
    pub status: u16,
    /// Lower-case names and values.
    pub headers: Vec<(String, String)>,
    /// JSON, mostly.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Where the next page of a list is.
    pub(super) fn next_page(&self) -> Option<String> {
        let links = self.headers.iter().filter(|(n, _)| n == "link").flat_map(|(_, value)| value.split(','));
        let next = links
            .filter_map(|link| link.split_once(';'))
            .find(|(_, about)| about.split(';').any(|word| matches!(word.trim(), "rel=\"next\"" | "rel=next")))?;
        next.0.trim().strip_prefix('<')?.strip_suffix('>').map(str::to_owned)
    }
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub enum Lost {
    /// The request never reached the host.
    Unsent(String),
    /// It may have: the connection broke off.
    Broken(String),
    /// It must not be sent at all.
    Refused(Error),
    /// Somebody asked to stop.
    Stopped,
}

/// Sends requests. `target` is a path below the API's root, or the whole address that a list gave for its next page.
pub trait Wire {
    /// One request, one answer.
    ///
    /// # Errors
    /// No answer, and why.
    fn send(&self, method: &'static str, target: &str, body: Option<&[u8]>) -> Result<Answer, Lost>;
}

/// The API over HTTP.
pub struct Host {
    root: Url,
    token: String,
    client: Client,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("root", &self.root.shown()).finish_non_exhaustive()
    }
}

impl Host {
    /// An API by its root (`https://api.github.com`, `https://HOST/api/v3`) and a token for it.
    ///
    /// # Errors
    /// `invalid_argument` for an address or token that is none, and for an address that would show the token to everybody on the way.
    pub fn new(api: &str, token: &str, cancel: &Cancel) -> Result<Self> {
        let bad = |why: String| Error::invalid(format!("the API's address cannot be used: {why}")).hint("check --api-url");
        let root = Url::parse(api).map_err(|e| bad(e.to_string()))?;
        let here = root.host() == "localhost" || root.host() == "[::1]" || root.host().starts_with("127.");
        if !root.is_https() && !here {
            return Err(bad("over http:// the token could be read on the way".to_owned()));
        }
        if token.is_empty() || token.len() > 4096 || !token.bytes().all(|b| b.is_ascii_graphic()) {
            let why = if token.is_empty() { "there is no token" } else { "the token holds what no token has" };
            return Err(Error::invalid(why).hint("set GITHUB_TOKEN"));
        }
        let options = Options { timeout: TIMEOUT, max_body: MAX_ANSWER, ..Options::default() };
        Ok(Self { root, token: token.to_owned(), client: Client::new(options, cancel) })
    }

    /// The address of a target. One that leads to another server would get the token, too.
    fn url(&self, target: &str) -> Result<Url, Lost> {
        if target.starts_with('/') {
            return Ok(self.root.at(&format!("{}{target}", self.root.path().trim_end_matches('/'))));
        }
        let elsewhere = || Lost::Refused(Error::invalid("the API leads to another server, which will not get the token"));
        Url::parse(target).ok().filter(|url| url.origin() == self.root.origin()).ok_or_else(elsewhere)
    }
}

impl Wire for Host {
    fn send(&self, method: &'static str, target: &str, body: Option<&[u8]>) -> Result<Answer, Lost> {
        let url = self.url(target)?;
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("authorization", bearer.as_str()),
            ("accept", "application/vnd.github+json"),
            ("x-github-api-version", super::API_VERSION),
            ("content-type", "application/json"),
        ];
        let headers = headers.get(..if body.is_some() { 4 } else { 3 }).unwrap_or_default();
        let answer = self.client.send(&Request { method, url: &url, headers, body }).map_err(|e| match e.kind() {
            Kind::Cancelled => Lost::Stopped,
            Kind::BadUrl | Kind::Forbidden => Lost::Refused(Error::invalid(format!("GitHub cannot be asked: {e}"))),
            Kind::NotFound | Kind::Tls => Lost::Unsent(e.to_string()),
            Kind::Connect if e.to_string().contains("refused") => Lost::Unsent(e.to_string()),
            _ => Lost::Broken(e.to_string()),
        })?;
        match answer.end {
            BodyEnd::Whole => {}
            BodyEnd::TooLarge => return Err(Lost::Refused(Error::invalid("an answer of the API is too large"))),
            BodyEnd::Broken(why) => return Err(Lost::Broken(why.to_string())),
        }
        Ok(Answer { status: answer.status, headers: answer.headers, body: without(answer.body, self.token.as_bytes()) })
    }
}

/// A host that repeats the token does not get it into our messages.
fn without(body: Vec<u8>, token: &[u8]) -> Vec<u8> {
    if memchr::memmem::find(&body, token).is_none() {
        return body;
    }
    let (mut out, mut rest) = (Vec::with_capacity(body.len()), body.as_slice());
    while let Some(at) = memchr::memmem::find(rest, token) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        out.extend_from_slice(b"***");
        rest = rest.get(at + token.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}
