//! Numbers about the service for whoever watches it: what each route answered and how long that took. Counted only when it is asked for.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The upper bounds of the histogram, in seconds.
const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// A route: method and path, without the mount.
type RouteName = (&'static str, &'static str);

/// What the routes did.
#[derive(Debug, Default)]
pub(crate) struct Metrics(Mutex<BTreeMap<RouteName, Counts>>);

#[derive(Debug, Default)]
struct Counts {
    statuses: BTreeMap<u16, u64>,
    /// Answers within each bound and not within the one before.
    within: [u64; BOUNDS.len()],
    count: u64,
    sum: Duration,
}

/// An answer on its way. One that never comes, because its handler broke, counts as a fault.
pub(crate) struct Timed<'m> {
    metrics: &'m Metrics,
    route: RouteName,
    begun: Instant,
    done: bool,
}

impl Metrics {
    /// Begins to count an answer of a route.
    pub(crate) fn begin(&self, route: RouteName) -> Timed<'_> {
        Timed { metrics: self, route, begun: Instant::now(), done: false }
    }

    fn count(&self, route: RouteName, status: u16, took: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = all.entry(route).or_default();
        *counts.statuses.entry(status).or_default() += 1;
        let seconds = took.as_secs_f64();
        if let Some(bucket) = BOUNDS.iter().position(|bound| seconds <= *bound).and_then(|at| counts.within.get_mut(at)) {
            *bucket += 1;
        }
        counts.count += 1;
        counts.sum += took;
    }

    /// Writes them in the text format of Prometheus.
    pub(crate) fn write(&self, out: &mut String) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        head(out, "securescan_http_requests_total", "counter", "Answers by route and status.");
        for ((method, path), counts) in &*all {
            for (status, n) in &counts.statuses {
                let labels = format!("method=\"{method}\",route=\"{path}\",status=\"{status}\"");
                line(out, "securescan_http_requests_total", &labels, *n);
            }
        }
        let name = "securescan_http_request_duration_seconds";
        head(out, name, "histogram", "Time to the head of an answer, by route.");
        for ((method, path), counts) in &*all {
            let labels = format!("method=\"{method}\",route=\"{path}\"");
            let mut sum = 0;
            for (bound, n) in BOUNDS.iter().zip(counts.within) {
                sum += n;
                line(out, &format!("{name}_bucket"), &format!("{labels},le=\"{bound}\""), sum);
            }
            line(out, &format!("{name}_bucket"), &format!("{labels},le=\"+Inf\""), counts.count);
            line(out, &format!("{name}_sum"), &labels, counts.sum.as_secs_f64());
            line(out, &format!("{name}_count"), &labels, counts.count);
        }
    }
}

impl Timed<'_> {
    /// Ends it with the status that was answered.
    pub(crate) fn end(mut self, status: u16) {
        self.done = true;
        self.metrics.count(self.route, status, self.begun.elapsed());
    }
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        if !self.done && std::thread::panicking() {
            self.metrics.count(self.route, 500, self.begun.elapsed());
        }
    }
}

/// Begins a family of numbers.
pub(crate) fn head(out: &mut String, name: &str, kind: &str, about: &str) {
    let _ = writeln!(out, "# HELP {name} {about}\n# TYPE {name} {kind}");
}

/// One number. Labels are words of ours.
pub(crate) fn line(out: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = match labels {
        "" => writeln!(out, "{name} {value}"),
        labels => writeln!(out, "{name}{{{labels}}} {value}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_format() {
        let metrics = Metrics::default();
        metrics.count(("GET", "/scans"), 200, Duration::from_millis(7));
        metrics.count(("GET", "/scans"), 200, Duration::from_secs(60));
        let mut out = String::new();
        metrics.write(&mut out);
        for expected in [
            "# TYPE securescan_http_requests_total counter",
            "securescan_http_requests_total{method=\"GET\",route=\"/scans\",status=\"200\"} 2",
            "securescan_http_request_duration_seconds_bucket{method=\"GET\",route=\"/scans\",le=\"0.005\"} 0",
            "securescan_http_request_duration_seconds_bucket{method=\"GET\",route=\"/scans\",le=\"10\"} 1",
            "securescan_http_request_duration_seconds_bucket{method=\"GET\",route=\"/scans\",le=\"+Inf\"} 2",
            "securescan_http_request_duration_seconds_sum{method=\"GET\",route=\"/scans\"} 60.007",
        ] {
            assert!(out.lines().any(|line| line == expected), "{expected}\n{out}");
        }
    }
}
