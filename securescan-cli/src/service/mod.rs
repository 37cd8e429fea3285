//! Speaking with the service: over HTTP, or with its database file directly. Both are the same API, so that a command is written once.

mod table;

pub(crate) use table::Table;

use crate::args::ServiceArgs;
use crate::output::Voice;
use securescan_core::scanners::Cancel;
use securescan_core::scanners::http::{BodyEnd, Client, Options, Request, Url};
use securescan_core::{Error, ErrorKind, Result};
use serde_json::Value;
use std::io::Write;
use std::time::Duration;

/// Where a service of this machine is looked for when none is named.
const HERE: &str = "http://127.0.0.1:8000";

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 30;

/// What is spoken to.
pub(crate) enum Service {
    Remote {
        base: String,
        key: Option<String>,
        client: Client,
    },
    #[cfg(feature = "serve")]
    Local(Box<securescan_server::Local>),
    /// There is no database file yet, and nothing is to be written.
    #[cfg(feature = "serve")]
    Nothing,
}

/// An answer that is not an error.
pub(crate) struct Answer {
    pub(crate) body: Value,
    /// The path of the next page.
    pub(crate) next: Option<String>,
}

impl Service {
    /// The service that is meant: the named one, the named file, one that runs on this machine, the usual file. A file is made only if
    /// something will be written.
    ///
    /// # Errors
    /// When a URL or a setting is wrong, or the file cannot be opened.
    pub(crate) fn open(args: &ServiceArgs, writes: bool, voice: Voice) -> Result<Self> {
        let key = args.api_key.clone().filter(|key| !key.trim().is_empty());
        if let Some(url) = args.server.as_ref().filter(|_| args.database.is_none()) {
            return Self::remote(url, key);
        }
        if args.database.is_none() && runs_here() {
            if voice.verbose {
                voice.note(&format!("service: {HERE}"));
            }
            return Self::remote(HERE, key);
        }
        local(args, writes, voice)
    }

    /// Whether there is no service and no database, and so nothing on record.
    pub(crate) fn is_empty(&self) -> bool {
        #[cfg(feature = "serve")]
        if matches!(self, Self::Nothing) {
            return true;
        }
        false
    }

    fn remote(url: &str, key: Option<String>) -> Result<Self> {
        let parsed =
            Url::parse(url).map_err(|e| Error::invalid(format!("--server: {e}")).hint("write it like https://host:8000"))?;
        let base = parsed.to_string().trim_end_matches('/').to_owned();
        Ok(Self::Remote { base, key, client: client(Duration::from_secs(60)) })
    }

    /// What there is at a path.
    ///
    /// # Errors
    /// As [`Service::send`].
    pub(crate) fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", path, None)
    }

    /// One request to the API; an empty answer is `null`.
    ///
    /// # Errors
    /// `io` when there is no answer; the service's own words when it refuses.
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
        let body = body.map(Value::to_string);
        let (status, bytes, link) = match self {
            #[cfg(feature = "serve")]
            Self::Nothing => (404, b"{\"detail\":\"there is no database yet\"}".to_vec(), None),
            #[cfg(feature = "serve")]
            Self::Local(local) => {
                let answer = local.ask(method, path, body.as_deref().map(str::as_bytes))?;
                (answer.status, answer.body, answer.link)
            }
            Self::Remote { base, key, client } => ask(client, base, key.as_deref(), method, path, body.as_deref())?,
        };
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).map_err(|_| {
                Error::new(ErrorKind::Io, format!("the answer to `{path}` (status {status}) is no JSON: is this the service?"))
            })?,
        };
        if !(200..300).contains(&status) {
            return Err(refusal(status, &body, matches!(self, Self::Remote { key: None, .. })));
        }
        Ok(Answer { body, next: link.as_deref().and_then(next) })
    }
}

fn client(timeout: Duration) -> Client {
    Client::new(Options { timeout, max_body: MAX_ANSWER, ..Options::default() }, &Cancel::new())
}

/// Whether the service answers on this machine. Asked without a key, because somebody else might listen there.
fn runs_here() -> bool {
    let Ok(url) = Url::parse(HERE) else { return false };
    let answer = client(Duration::from_millis(500)).send(&Request::get(&url));
    let says = answer.ok().and_then(|answer| serde_json::from_slice::<Value>(&answer.body).ok());
    says.is_some_and(|says| says.get("name").is_some_and(|name| name == "SecureScan API"))
}

type Raw = (u16, Vec<u8>, Option<String>);

fn ask(client: &Client, base: &str, key: Option<&str>, method: &str, path: &str, body: Option<&str>) -> Result<Raw> {
    let failed = |why: String| Error::new(ErrorKind::Io, format!("no answer from `{base}`: {why}"));
    let url = Url::parse(&format!("{base}{path}")).map_err(|e| failed(e.to_string()))?;
    let mut headers = vec![("accept", "application/json")];
    headers.extend(key.map(|key| ("x-api-key", key)));
    if body.is_some() {
        headers.push(("content-type", "application/json"));
    }
    let request = Request { method, url: &url, headers: &headers, body: body.map(str::as_bytes) };
    let answer = client
        .send(&request)
        .map_err(|e| failed(e.to_string()).hint("start it with `securescan serve`, or name it with --server"))?;
    match &answer.end {
        BodyEnd::Whole => {}
        BodyEnd::TooLarge => return Err(failed("the answer is larger than 1 GiB".into())),
        BodyEnd::Broken(error) => return Err(failed(error.to_string())),
    }
    let link = answer.header("link").map(str::to_owned);
    Ok((answer.status, answer.body, link))
}

/// The service's own words. Wrong requests are the caller's; all else is the service's.
fn refusal(status: u16, body: &Value, without_key: bool) -> Error {
    let said = match body.get("detail") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| {
                let place =
                    item.get("loc").and_then(Value::as_array).into_iter().flatten().skip(1).map(plain).collect::<Vec<_>>();
                format!("{}: {}", place.join("."), item.get("msg").map(plain).unwrap_or_default())
            })
            .collect::<Vec<_>>()
            .join("; "),
        _ => "no reason given".to_owned(),
    };
    let kind = if (400..500).contains(&status) { ErrorKind::InvalidArgument } else { ErrorKind::Io };
    let error = Error::new(kind, format!("the service refuses ({status}): {said}"));
    match status {
        401 if without_key => error.hint("set SECURESCAN_API_KEY, or pass --api-key"),
        403 => error.hint("use a key that has this scope"),
        429 => error.hint("try again later"),
        _ => error,
    }
}

/// A value as a person writes it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The target of `rel="next"`. Only its path and query count, so that no answer leads a key elsewhere.
fn next(link: &str) -> Option<String> {
    let (target, _) = link
        .split(',')
        .find_map(|part| part.trim().strip_prefix('<')?.split_once('>').filter(|(_, rel)| rel.contains("rel=\"next\"")))?;
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.get(rest.find('/')?..)?,
        None => target,
    };
    path.starts_with('/').then(|| path.to_owned())
}

/// Prints an answer as it is.
pub(crate) fn print_json(value: &Value) {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let _ = writeln!(std::io::stdout(), "{text}");
}

#[cfg(feature = "serve")]
fn local(args: &ServiceArgs, writes: bool, voice: Voice) -> Result<Service> {
    let file = securescan_server::Local::file(args.database.as_deref())?;
    if voice.verbose {
        voice.note(&format!("database: {}", file.display()));
    }
    if !writes && !file.exists() {
        if args.database.is_some() {
            return Err(Error::new(ErrorKind::Io, format!("there is no database `{}`", file.display())));
        }
        return Ok(Service::Nothing);
    }
    Ok(Service::Local(Box::new(securescan_server::Local::open(&file)?)))
}

/// Takes over a database of SecureScan for Python and tells what became of it.
///
/// # Errors
/// When either file cannot be opened or is another kind of file.
#[cfg(feature = "serve")]
pub(crate) fn take_over(file: &std::path::Path, args: &ServiceArgs, voice: Voice) -> Result<()> {
    let own = securescan_server::Local::file(args.database.as_deref())?;
    let counts = securescan_server::Local::open(&own)?.import_python(file)?;
    for (kind, count) in counts.each() {
        let known = if count.known > 0 { format!(", {} there already", count.known) } else { String::new() };
        let skipped = if count.skipped > 0 { format!(", {} unusable and left out", count.skipped) } else { String::new() };
        voice.note(&format!("{kind}: {} taken over{known}{skipped}", count.added));
    }
    Ok(())
}

#[cfg(not(feature = "serve"))]
pub(crate) fn take_over(_file: &std::path::Path, args: &ServiceArgs, voice: Voice) -> Result<()> {
    local(args, true, voice).map(drop)
}

#[cfg(not(feature = "serve"))]
fn local(_args: &ServiceArgs, _writes: bool, _voice: Voice) -> Result<Service> {
    Err(Error::new(ErrorKind::Unsupported, "this package can speak with a service and not with its database")
        .hint("name a service with --server, or install the program `securescan` itself"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn next_pages_stay_with_the_service() {
        for (link, path) in [
            ("</api/v1/scans?limit=2&cursor=9>; rel=\"next\"", Some("/api/v1/scans?limit=2&cursor=9")),
            ("<https://elsewhere.example/api/v1/scans?cursor=9>; rel=\"next\"", Some("/api/v1/scans?cursor=9")),
            ("</a>; rel=\"successor-version\", </b>; rel=\"next\"", Some("/b")),
            ("</a>; rel=\"prev\"", None),
            ("<evil>; rel=\"next\"", None),
            ("", None),
        ] {
            assert_eq!(next(link).as_deref(), path, "{link}");
        }
    }

    #[test]
    fn refusals_say_what_the_service_says() {
        let text = |status, body| refusal(status, &body, true).to_string();
        assert!(text(401, json!({"detail": "X-API-Key header required"})).contains("SECURESCAN_API_KEY"));
        let list = json!({"detail": [{"loc": ["body", "scopes", 0], "msg": "Input should be x"}, {"loc": ["body"], "msg": "m"}]});
        assert!(text(422, list).contains("scopes.0: Input should be x; : m"));
        assert!(text(500, json!([])).contains("no reason given"));
    }
}
