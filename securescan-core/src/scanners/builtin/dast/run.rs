//! One run: asks, politely and a bounded number of times, and hands the answers to the checks.

use super::checks::{self, certificate, cookies, cors, errors, exposed, methods};
use super::hello;
use super::report::{Hit, Sink};
use super::rules::{self, Rule};
use crate::scanners::http::{BodyEnd, Client, Followed, HttpError, Kind, Options, Request, Response, Trust, Url};
use crate::scanners::{Cancel, Outcome, Skipped};

/// Requests of one run at most, redirects of the target included.
pub(super) const MAX_REQUESTS: usize = 45;

/// Redirects from the target at most.
const MAX_REDIRECTS: usize = 10;

/// After so many requests in a row without an answer the run leaves the server alone.
const MAX_FAILURES: usize = 3;

/// Looks at a target.
pub(super) fn run(target: &str, cancel: &Cancel) -> Outcome {
    let start = match Url::parse(target) {
        Ok(url) => url,
        Err(error) => return Outcome::failed(error.to_string()),
    };
    let client = Client::new(Options { trust: Trust::Observe, ..Options::default() }, cancel);
    let mut run = Run { client, cancel, sink: Sink::default(), skipped: Vec::new(), asked: 0, failures: 0, left_alone: false };
    let mut out = match run.look(&start) {
        Ok(()) => Outcome { reason: run.summary(), ..Outcome::default() },
        Err(error) => Outcome::failed(format!("`{}`: {error}", start.shown())),
    };
    out.findings = run.sink.finish();
    out.skipped = run.skipped;
    out
}

struct Run<'a> {
    client: Client,
    cancel: &'a Cancel,
    sink: Sink,
    skipped: Vec<Skipped>,
    asked: usize,
    failures: usize,
    left_alone: bool,
}

impl Run<'_> {
    /// # Errors
    /// The target gave no answer.
    fn look(&mut self, start: &Url) -> Result<(), HttpError> {
        let followed = match self.client.follow(&Request::get(start), MAX_REDIRECTS, &mut |from, to| same_host(from, to)) {
            Ok(followed) => followed,
            Err(error) => {
                // A server that TLS libraries refuse to talk to is the one to ask for outdated versions.
                if error.kind() == Kind::Tls && start.is_https() {
                    self.versions(start);
                }
                return Err(error);
            }
        };
        self.asked = followed.hops.len() + 1;
        self.target(&followed);
        let url = followed.last.url.clone();
        if url.is_https() {
            self.certificate(&url);
            self.versions(&url);
        }
        self.plain_http(start, &url, followed.refused.as_ref());
        self.origins(&url);
        self.files(&url);
        // Last: some servers do not answer methods they do not know, and the time limit ends the run.
        self.methods(&url);
        Ok(())
    }

    /// The answer to the target itself, and the redirects on the way.
    fn target(&mut self, followed: &Followed) {
        let Followed { hops, last, refused } = followed;
        for answer in hops.iter().chain(std::iter::once(last)) {
            cookies::check(answer, &mut self.sink);
        }
        let after = hops.iter().skip(1).chain(std::iter::once(last));
        for (from, to) in hops.iter().zip(after) {
            if from.url.is_https() && !to.url.is_https() {
                self.sink.add(Hit::page(&rules::REDIRECT_DOWNGRADE, &from.url));
            }
        }
        if let Some(other) = refused {
            let elsewhere = crate::scanners::redact(&other.origin());
            self.skip(&last.url, format!("redirects to another host, `{elsewhere}`: name it to have it looked at"));
            if last.url.is_https() && !other.is_https() {
                self.sink.add(Hit::page(&rules::REDIRECT_DOWNGRADE, &last.url));
            }
        } else if last.status >= 400 {
            self.skip(&last.url, format!("answered with status {}, so it may not be the page that was meant", last.status));
        }
        match &last.end {
            BodyEnd::Whole => {}
            BodyEnd::TooLarge => {
                self.skip(&last.url, format!("larger than {} bytes: only the beginning", Options::default().max_body))
            }
            BodyEnd::Broken(error) => self.skip(&last.url, format!("the page broke off: {error}")),
        }
        checks::page(last, refused.is_none(), &mut self.sink);
    }

    fn certificate(&mut self, url: &Url) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
        if let Some(peer) = self.client.peer(url) {
            certificate::check(url, &peer, i64::try_from(now).unwrap_or(i64::MAX), &mut self.sink);
        }
    }

    /// Outdated versions and broken suites: four handshakes that go no further than the first answer.
    fn versions(&mut self, url: &Url) {
        let mut accepted = Vec::new();
        for (version, name) in hello::LEGACY {
            match hello::accepts_version(&self.client, url, *version) {
                Ok(true) => accepted.push(*name),
                Ok(false) => {}
                Err(error) => return self.skip(url, format!("TLS versions: {error}")),
            }
        }
        if !accepted.is_empty() {
            self.sink.add(Hit::server(&rules::TLS_LEGACY, url).detail(format!("Accepted: {}", accepted.join(", "))));
        }
        match hello::broken_suite(&self.client, url) {
            Ok(Some(kind)) => {
                self.sink.add(Hit::server(&rules::TLS_WEAK_CIPHER, url).detail(format!("The suite is of the kind {kind}")))
            }
            Ok(None) => {}
            Err(error) => self.skip(url, format!("TLS ciphers: {error}")),
        }
    }

    /// Whether the host's plain HTTP leads to HTTPS, and whether there is HTTPS at all.
    fn plain_http(&mut self, start: &Url, last: &Url, refused: Option<&Url>) {
        if !last.is_https() {
            if refused.is_some_and(Url::is_https) {
                return self.sink.add(Hit::server(&rules::REDIRECT_OFF_HOST, last));
            }
            let secure = last.on(true, 443);
            let answers =
                last.port() == 80 && self.counted().is_some() && self.client.send(&Request::get(&secure.at("/"))).is_ok();
            let rule = if answers { &rules::HTTPS_NOT_ENFORCED } else { &rules::NO_HTTPS };
            return self.sink.add(Hit::server(rule, last));
        }
        // Where the scan came from plain HTTP the redirect was seen; on another port there is no telling where plain HTTP is.
        if !start.is_https() || last.port() != 443 || self.counted().is_none() {
            return;
        }
        let plain = last.on(false, 80);
        // No answer means that there is no plain HTTP, which is fine.
        let Ok(answer) = self.client.send(&Request::get(&plain)) else { return };
        if let Some(rule) = plain_rule(&plain, &answer) {
            self.sink.add(Hit::server(rule, &plain));
        }
    }

    fn origins(&mut self, url: &Url) {
        for origin in cors::origins(url) {
            let headers = [("Origin", origin.as_str())];
            let Some(answer) = self.ask(&Request { headers: &headers, ..Request::get(url) }) else { continue };
            // Who allows a stranger allows the rest.
            if cors::check(&origin, &answer, &mut self.sink) && origin != "null" {
                break;
            }
        }
    }

    fn methods(&mut self, url: &Url) {
        if let Some(answer) = self.ask(&Request { method: "OPTIONS", ..Request::get(url) }) {
            methods::options(&answer, &mut self.sink);
        }
        if let Some(answer) = self.ask(&Request { method: "TRACE", headers: &[methods::MARK], ..Request::get(url) }) {
            methods::trace(&answer, &mut self.sink);
        }
    }

    fn files(&mut self, url: &Url) {
        for probe in exposed::PROBES {
            let at = url.at(probe.path);
            if let Some(answer) = self.ask(&Request::get(&at)) {
                exposed::check(probe, &answer, &mut self.sink);
                errors::check(&answer, &mut self.sink);
            }
        }
        let at = url.at(exposed::SECURITY_TXT);
        if let Some(answer) = self.ask(&Request::get(&at)) {
            exposed::security_txt(&answer, &mut self.sink);
        }
    }

    /// One request, unless the scan was stopped or the server is to be left alone. No answer is noted and does not end the run.
    fn ask(&mut self, request: &Request<'_>) -> Option<Response> {
        self.counted()?;
        match self.client.send(request) {
            Ok(answer) if matches!(answer.status, 429 | 503) => {
                self.left_alone = true;
                self.skip(request.url, format!("answered with status {}: it was asked nothing further", answer.status));
                None
            }
            Ok(answer) => {
                self.failures = 0;
                Some(answer)
            }
            Err(error) => {
                // Servers and firewalls hang up on methods they do not know; only what was read tells.
                if request.method == "GET" && error.kind() != Kind::Cancelled {
                    self.failures += 1;
                    self.left_alone = self.failures >= MAX_FAILURES;
                    let tail = if self.left_alone { ": it was asked nothing further" } else { "" };
                    self.skip(request.url, format!("{error}{tail}"));
                }
                None
            }
        }
    }

    /// A place for one more request.
    fn counted(&mut self) -> Option<()> {
        if self.left_alone || self.asked >= MAX_REQUESTS || self.cancel.should_stop() {
            return None;
        }
        self.asked += 1;
        Some(())
    }

    fn skip(&mut self, url: &Url, why: String) {
        self.skipped.push(Skipped { path: crate::scanners::redact(&url.shown()), why });
    }

    /// Why the run is not complete.
    fn summary(&self) -> Option<String> {
        let first = self.skipped.first()?;
        let more = self.skipped.len() - 1;
        let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
        Some(format!("not all was looked at: {} ({}){tail}", first.path, first.why))
    }
}

/// What is wrong with an answer of plain HTTP beside HTTPS.
fn plain_rule(plain: &Url, answer: &Response) -> Option<&'static Rule> {
    match answer.location().and_then(|l| plain.join(l).ok()) {
        Some(to) if to.is_https() && to.host() == plain.host() => None,
        Some(to) if to.is_https() => Some(&rules::REDIRECT_OFF_HOST),
        // An error is no page that anybody stays on.
        _ => (answer.status < 400).then_some(&rules::HTTPS_NOT_ENFORCED),
    }
}

/// Whether a redirect stays on the host that was asked for; `www.` makes no other host.
fn same_host(from: &Url, to: &Url) -> bool {
    let bare = |url: &Url| url.host().strip_prefix("www.").unwrap_or(url.host()).to_owned();
    bare(from) == bare(to)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::{plain_rule, same_host};
    use crate::scanners::http::{BodyEnd, Response, Url};

    #[test]
    fn plain_http_beside_https() {
        let plain = Url::parse("http://h.example/a").unwrap();
        let rule = |status, location: &str| {
            let headers = vec![("location".to_owned(), location.to_owned())];
            let answer = Response { url: plain.clone(), status, headers, body: Vec::new(), end: BodyEnd::Whole };
            plain_rule(&plain, &answer).map(|r| r.id)
        };
        assert_eq!(rule(301, "https://h.example/a"), None);
        assert_eq!(rule(308, "https://www.h.example/a"), Some("https-redirect-off-host"));
        assert_eq!(rule(302, "/b"), Some("https-not-enforced"));
        assert_eq!(rule(200, ""), Some("https-not-enforced"));
        assert_eq!(rule(403, ""), None);
    }

    #[test]
    fn hosts() {
        let same = |a: &str, b: &str| same_host(&Url::parse(a).unwrap(), &Url::parse(b).unwrap());
        assert!(same("http://h.example/", "https://www.H.example:8443/x") && same("http://www.h.example/", "http://h.example/"));
        assert!(!same("http://h.example/", "http://sub.h.example/") && !same("http://h.example/", "http://h.example.org/"));
    }
}
