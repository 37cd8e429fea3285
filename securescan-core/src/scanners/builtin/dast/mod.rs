//! The built-in scanner `builtin_dast`: looks at a running web site from outside.
//!
//! One `GET` of the target, redirects on the same host followed, then a fixed list of harmless requests to the same server, one after
//! another: at most 45 requests and four TLS handshakes in a run. Nothing is sent that could change something. `checks` look at
//! answers and ask for nothing, `run` asks, `rules` is the one table of what can be found, `report` makes findings. Certificates are
//! looked at, never trusted: a bad one is a finding. A target that gives no answer is a failed run, never a finding and never clean.

mod checks;
mod hello;
mod html;
mod report;
mod rules;
mod run;

pub use rules::Rule;

use crate::model::ScanType;
use crate::scanners::{LooksAt, Outcome, ScanContext, Scanner, ScannerMeta};
use std::time::Duration;

const NAME: &str = "builtin_dast";

/// The scanner.
#[derive(Debug)]
pub(crate) struct Dast;

const META: ScannerMeta = ScannerMeta {
    name: NAME,
    scan_type: ScanType::Dast,
    about: "headers, cookies, TLS, cross-origin access and exposed files of a web site; at most 45 requests",
    install_hint: None,
    looks_at: LooksAt::Url,
    per_file: false,
    walks: false,
};

impl Scanner for Dast {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    fn default_timeout(&self) -> Option<Duration> {
        Some(Duration::from_secs(120))
    }

    fn scan(&self, context: &ScanContext<'_>) -> Outcome {
        let Some(target) = context.request.target_url.as_deref() else { return Outcome::skipped("no target_url") };
        Outcome { targets: vec![crate::scanners::http::shown(target)], ..run::run(target, context.cancel) }
    }
}

/// Every rule, sorted by id.
pub fn rules() -> Vec<&'static Rule> {
    let mut all = rules::RULES.to_vec();
    all.sort_by_key(|r| r.id);
    all
}
