//! ZAP's HTTP API: one call, and waiting for a number.

use super::ADDRESS;
use crate::scanners::http::{BodyEnd, Client, Kind, Options, Request, Url, encode};
use crate::scanners::{Cancel, ScanRequest, redact};
use serde_json::Value;
use std::fmt;
use std::time::{Duration, Instant};

/// For one call. ZAP answers late while it attacks.
const CALL: Duration = Duration::from_secs(30);

/// Calls in a row without an answer in time before ZAP counts as gone.
const PATIENCE: usize = 3;

/// How often a status is asked for: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LAST_PAUSE: Duration = Duration::from_secs(2);

/// Why a call gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The scan was stopped or its time is over.
    Stopped,
    /// No answer in time.
    Late,
    /// No answer, and why.
    Http(String),
    /// ZAP said no: its code and message.
    Refused(String),
    /// Not an answer of ZAP.
    Answer(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("stopped"),
            Self::Late => f.write_str("no answer in time"),
            Self::Http(why) => f.write_str(why),
            Self::Refused(why) => write!(f, "ZAP answered {why}"),
            Self::Answer(why) => write!(f, "unexpected answer: {why}"),
        }
    }
}

/// One ZAP.
#[derive(Debug)]
pub(super) struct Api {
    client: Client,
    base: Url,
    key: String,
    cancel: Cancel,
}

impl Api {
    /// The ZAP of a request.
    ///
    /// # Errors
    /// An address that is none.
    pub(super) fn new(request: &ScanRequest, cancel: &Cancel) -> Result<Self, Failure> {
        let base = Url::parse(request.zap_address.as_deref().unwrap_or(ADDRESS)).map_err(|e| Failure::Http(e.to_string()))?;
        let client = Client::new(Options { timeout: CALL, max_body: 64 << 20, ..Options::default() }, cancel);
        Ok(Self { client, base, key: request.zap_api_key.clone().unwrap_or_default(), cancel: cancel.clone() })
    }

    /// One call.
    ///
    /// # Errors
    /// No answer, an error of ZAP, or something else than JSON.
    pub(super) fn call(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value, Failure> {
        let query: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let url = self.base.at(&if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) });
        let headers = [("X-ZAP-API-Key", self.key.as_str())];
        let answer = self.client.send(&Request { headers: &headers, ..Request::get(&url) }).map_err(|e| match e.kind() {
            Kind::Cancelled => Failure::Stopped,
            Kind::Timeout => Failure::Late,
            // It hangs up on who shows a wrong key or comes from an address that is not allowed.
            Kind::Protocol => Failure::Http(format!("{e}; is the API key right?")),
            _ => Failure::Http(e.to_string()),
        })?;
        match answer.end {
            BodyEnd::Whole => {}
            BodyEnd::TooLarge => return Err(Failure::Answer("too large".to_owned())),
            BodyEnd::Broken(error) if error.kind() == Kind::Cancelled => return Err(Failure::Stopped),
            BodyEnd::Broken(error) if error.kind() == Kind::Timeout => return Err(Failure::Late),
            BodyEnd::Broken(error) => return Err(Failure::Http(error.to_string())),
        }
        let value = serde_json::from_slice::<Value>(&answer.body)
            .map_err(|_| Failure::Answer(format!("not JSON (status {}): is this ZAP's own address and port?", answer.status)))?;
        if let Some(code) = value.get("code").and_then(Value::as_str) {
            let message = value.get("message").and_then(Value::as_str).unwrap_or_default();
            return Err(Failure::Refused(clipped(format!("{code}: {message}"))));
        }
        if answer.status != 200 {
            return Err(Failure::Answer(format!("status {}", answer.status)));
        }
        Ok(value)
    }

    /// Its version.
    ///
    /// # Errors
    /// As [`Api::call`].
    pub(super) fn version(&self) -> Result<String, Failure> {
        let answer = self.call("/JSON/core/view/version/", &[])?;
        let version = answer.get("version").and_then(Value::as_str).map(clipped);
        version.ok_or_else(|| Failure::Answer("no version: is this ZAP's own address and port?".to_owned()))
    }

    /// Starts something and gives its id.
    ///
    /// # Errors
    /// As [`Api::call`]; what comes instead of an id.
    pub(super) fn started(&self, path: &str, parameters: &[(&str, &str)]) -> Result<String, Failure> {
        let answer = self.call(path, parameters)?;
        let id = answer.get("scan").map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default();
        match id.parse::<u32>() {
            Ok(id) => Ok(id.to_string()),
            Err(_) => Err(Failure::Refused(clipped(if id.is_empty() { "without an id" } else { &id }))),
        }
    }

    /// Asks for a number until it is the one. Bounded by the scan's own end.
    ///
    /// # Errors
    /// As [`Api::call`], but some calls may be late.
    pub(super) fn wait(&self, path: &str, parameters: &[(&str, &str)], key: &str, done: fn(u32) -> bool) -> Result<(), Failure> {
        let (mut pause, mut late) = (FIRST_PAUSE, 0);
        loop {
            match self.call(path, parameters) {
                Err(Failure::Late) if late + 1 < PATIENCE => late += 1,
                Err(failure) => return Err(failure),
                Ok(answer) => {
                    late = 0;
                    let value =
                        answer.get(key).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default();
                    let number = value.parse().map_err(|_| Failure::Refused(clipped(format!("`{value}` for its {key}"))))?;
                    if done(number) {
                        return Ok(());
                    }
                }
            }
            self.sleep(pause)?;
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    fn sleep(&self, pause: Duration) -> Result<(), Failure> {
        let until = Instant::now() + pause;
        loop {
            if self.cancel.should_stop() {
                return Err(Failure::Stopped);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(Duration::from_millis(100)));
        }
    }
}

fn clipped(text: impl AsRef<str>) -> String {
    redact(text.as_ref()).chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}
