//! Progress on a terminal: what runs, for how long, what it found. Silent in pipes and when quiet.

use crate::output::Voice;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use securescan_core::ScannerStatus;
use securescan_core::scanners::{Event, EventSink};
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::Duration;

/// Shows events on standard error.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    running: Mutex<Vec<&'static str>>,
}

impl Progress {
    /// Progress for a person, or for nobody.
    pub(crate) fn new(voice: Voice) -> Self {
        let bar = (!voice.quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            let style = ProgressStyle::with_template("  {spinner} {msg} ({elapsed})")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            bar.set_style(style);
            bar
        });
        Self { bar, running: Mutex::new(Vec::new()) }
    }

    /// A line that stays, above the spinner.
    fn say(bar: &ProgressBar, line: &str) {
        bar.suspend(|| {
            let _ = writeln!(std::io::stderr(), "{line}");
        });
    }

    fn show_running(bar: &ProgressBar, running: &[&str]) {
        bar.set_message(running.join(", "));
    }
}

impl EventSink for Progress {
    fn event(&self, event: &Event) {
        let Some(bar) = &self.bar else { return };
        let mut running = self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match event {
            Event::ScanStart { files, .. } => {
                Self::say(bar, &format!("  {files} files"));
                bar.enable_steady_tick(Duration::from_millis(120));
            }
            Event::ScannerStart { scanner } => {
                running.push(scanner);
                Self::show_running(bar, &running);
            }
            Event::ScannerEnd { scanner, status, duration, findings, .. } => {
                running.retain(|name| name != scanner);
                Self::show_running(bar, &running);
                let plural = if *findings == 1 { "" } else { "s" };
                let state = if *status == ScannerStatus::Ok { String::new() } else { format!(", {}", status.as_str()) };
                Self::say(bar, &format!("  {scanner}: {findings} finding{plural} ({:.2}s{state})", duration.as_secs_f64()));
            }
            Event::ScannerSkipped { scanner, status: ScannerStatus::Skipped, reason, .. } => {
                Self::say(bar, &format!("  {scanner}: skipped, {reason}"));
            }
            Event::ScannerSkipped { scanner, .. } => {
                running.retain(|name| name != scanner);
                Self::show_running(bar, &running);
            }
            Event::ScannerWaiting { .. } | Event::ScanFailed { .. } => {}
            Event::ScanEnd { .. } => bar.finish_and_clear(),
        }
    }
}
