//! The driver of ZAP, which runs on its own and is told what to do over its HTTP API.
//!
//! Spider, wait for the queue of passive checks, active scan, read the alerts page by page. [`api`] speaks to ZAP, [`alert`] makes
//! findings. Whatever ends the run early also tells ZAP to stop; the alerts it has until then are kept.
//!
//! # Source
//! Scanner specification, section 6.8; ZAP's API documentation for views, actions and error codes.

mod alert;
mod api;

use crate::model::{Finding, ScanType};
use crate::scanners::http::{Url, shown};
use crate::scanners::{Cancel, LooksAt, Outcome, Probe, ScanContext, ScanRequest, Scanner, ScannerMeta};
use alert::Alerts;
use api::{Api, Failure};
use std::time::Duration;

/// The scanner.
#[derive(Debug)]
pub(in crate::scanners) struct Zap;

const META: ScannerMeta = ScannerMeta {
    name: "zap",
    scan_type: ScanType::Dast,
    about: "a web site, crawled and attacked by ZAP",
    install_hint: Some(
        "start `zap.sh -daemon -host 127.0.0.1 -port 8090 -config api.key=<key>`, then set \
         SECURESCAN_ZAP_ADDRESS=http://127.0.0.1:8090 and SECURESCAN_ZAP_API_KEY=<key>",
    ),
    looks_at: LooksAt::Url,
    per_file: false,
    walks: false,
};

/// Where ZAP listens unless the request says otherwise.
const ADDRESS: &str = "http://127.0.0.1:8090";

/// For the question whether ZAP is there, and for telling it to stop.
const SHORT: Duration = Duration::from_secs(5);

impl Scanner for Zap {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    fn probe(&self, request: &ScanRequest) -> Probe {
        let address = shown(request.zap_address.as_deref().unwrap_or(ADDRESS));
        let version = Api::new(request, &Cancel::new().with_timeout(Some(SHORT))).and_then(|api| api.version());
        match version {
            Ok(version) => Probe::ready(Some(version)),
            Err(failure) => Probe::missing(format!("no ZAP at {}: {failure}", address.trim_end_matches('/'))),
        }
    }

    fn default_timeout(&self) -> Option<Duration> {
        Some(Duration::from_secs(1800))
    }

    fn scan(&self, context: &ScanContext<'_>) -> Outcome {
        let Some(target) = context.request.target_url.as_deref() else { return Outcome::skipped("no target_url") };
        Outcome { targets: vec![shown(target)], ..run(target, context) }
    }
}

fn run(target: &str, context: &ScanContext<'_>) -> Outcome {
    let url = match Url::parse(target) {
        Ok(url) => url,
        Err(error) => return Outcome::failed(error.to_string()),
    };
    let api = match Api::new(context.request, context.cancel) {
        Ok(api) => api,
        Err(failure) => return Outcome::failed(failure.to_string()),
    };
    let mut running = Running::default();
    let steps = attack(&api, &url, &mut running);
    let mut out = match &steps {
        Ok(()) => Outcome::default(),
        Err(failure) => Outcome::failed(failure.to_string()),
    };
    let read = if steps.is_ok() {
        read_alerts(&api, &url)
    } else {
        // The scan's own time may be over: stopping ZAP and reading what it has get a little of their own.
        let brief = Cancel::new().with_timeout(Some(SHORT));
        match Api::new(context.request, &brief) {
            Ok(api) => {
                running.stop(&api);
                read_alerts(&api, &url)
            }
            Err(failure) => (Vec::new(), Some(failure)),
        }
    };
    let (findings, failure) = read;
    out.findings = findings;
    if let (Ok(()), Some(failure)) = (steps, failure) {
        out = Outcome { findings: out.findings, ..Outcome::failed(format!("its alerts cannot be read: {failure}")) };
    }
    out
}

/// What ZAP is doing for us.
#[derive(Debug, Default)]
struct Running {
    spider: Option<String>,
    active: Option<String>,
}

impl Running {
    /// Tells ZAP to stop. That it may fail is of no matter: there is nobody left to tell.
    fn stop(&self, api: &Api) {
        for (component, id) in [("spider", &self.spider), ("ascan", &self.active)] {
            if let Some(id) = id {
                let _ = api.call(&format!("/JSON/{component}/action/stop/"), &[("scanId", id)]);
            }
        }
    }
}

fn attack(api: &Api, url: &Url, running: &mut Running) -> Result<(), Failure> {
    let target = url.to_string();
    let id = api.started("/JSON/spider/action/scan/", &[("url", &target)])?;
    running.spider = Some(id.clone());
    api.wait("/JSON/spider/view/status/", &[("scanId", &id)], "status", |n| n >= 100)?;
    running.spider = None;
    api.wait("/JSON/pscan/view/recordsToScan/", &[], "recordsToScan", |n| n == 0)?;
    let id = api.started("/JSON/ascan/action/scan/", &[("url", &target)])?;
    running.active = Some(id.clone());
    api.wait("/JSON/ascan/view/status/", &[("scanId", &id)], "status", |n| n >= 100)?;
    running.active = None;
    api.wait("/JSON/pscan/view/recordsToScan/", &[], "recordsToScan", |n| n == 0)
}

/// Alerts of one page; and pages at most.
const PAGE: usize = 500;
const MAX_PAGES: usize = 200;

/// The alerts below a URL, as far as they can be read.
fn read_alerts(api: &Api, url: &Url) -> (Vec<Finding>, Option<Failure>) {
    // A prefix that also holds for the site's root with and without its slash; other hosts are left out below.
    let shown = url.shown();
    let base = shown.strip_suffix('/').filter(|_| url.path() == "/").unwrap_or(&shown);
    let mut alerts = Alerts::new(url.host());
    for page in 0..MAX_PAGES {
        let (start, count) = ((page * PAGE).to_string(), PAGE.to_string());
        match api.call("/JSON/alert/view/alerts/", &[("baseurl", base), ("start", &start), ("count", &count)]) {
            Err(failure) => return (alerts.findings(), Some(failure)),
            Ok(answer) => {
                let Some(rows) = answer.get("alerts").and_then(|a| a.as_array()) else {
                    return (alerts.findings(), Some(Failure::Answer("not a list of alerts".to_owned())));
                };
                rows.iter().for_each(|row| alerts.add(row));
                if rows.len() < PAGE {
                    return (alerts.findings(), None);
                }
            }
        }
    }
    (alerts.findings(), Some(Failure::Answer(format!("more than {} alerts", MAX_PAGES * PAGE))))
}
