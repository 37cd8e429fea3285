//! What the run has to say about itself: scanners that did not look at everything, findings left out.

use super::select::Selection;
use crate::model::{ScannerRun, ScannerStatus};
use crate::render::limits::{SARIF_GZIP_BYTES, SARIF_RESULTS, SARIF_RESULTS_SHOWN, SARIF_TEXT, cut};
use crate::render::{RenderInput, coverage};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Notification {
    descriptor: Descriptor,
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
struct Descriptor {
    id: String,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

impl Notification {
    fn new(id: impl Into<String>, level: &'static str, text: impl Into<String>) -> Self {
        Self { descriptor: Descriptor { id: id.into() }, level, message: Message { text: text.into() } }
    }
}

/// All notifications: scanners in registry order, then what was left out or is not known.
pub(super) fn notifications(input: &RenderInput<'_>, selection: &Selection<'_>) -> Vec<Notification> {
    let mut all: Vec<Notification> = coverage::gaps(input.result).map(scanner).collect();
    let not_scanned = input.diff.map_or(0, |diff| input.shown(diff.not_scanned).count());
    if not_scanned > 0 {
        let text = format!(
            "{not_scanned} findings of the base are neither fixed nor unchanged: their scanner did not finish on the head side."
        );
        all.push(Notification::new("diff/not-scanned", "warning", text));
    }
    if selection.over_count > 0 {
        let text = format!(
            "{} of {} findings were left out, the least severe ones: GitHub accepts {} results.",
            selection.over_count,
            selection.findings.len() + selection.over_size + selection.over_count,
            SARIF_RESULTS.max
        );
        all.push(Notification::new("limit/results", "warning", text));
    }
    if selection.over_size > 0 {
        let text = format!(
            "{} findings were left out, the least severe ones: GitHub accepts {} bytes after compression.",
            selection.over_size, SARIF_GZIP_BYTES.max
        );
        all.push(Notification::new("limit/size", "warning", text));
    }
    if selection.findings.len() > SARIF_RESULTS_SHOWN.max {
        let text = format!("{} results: GitHub shows the {} most severe.", selection.findings.len(), SARIF_RESULTS_SHOWN.max);
        all.push(Notification::new("limit/results-shown", "note", text));
    }
    all
}

fn scanner(run: &ScannerRun) -> Notification {
    let level = match run.status {
        ScannerStatus::Failed | ScannerStatus::TimedOut => "error",
        ScannerStatus::Partial => "warning",
        _ => "note",
    };
    let why = coverage::explanation(run);
    let colon = if why.is_empty() { "" } else { ": " };
    let text = format!("{} {}{colon}{why}", run.name, coverage::status_words(run.status));
    Notification::new(format!("scanner/{}", run.status.as_str()), level, cut(&text, SARIF_TEXT))
}
