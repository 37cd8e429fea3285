//! The body of the review: counts, what was not looked at, and what no comment could show. Cut at whole rows, least severe first.

use super::comment::title;
use super::words::{length, short};
use crate::model::{Finding, Severity};
use crate::render::coverage::{explanation, gaps, status_words};
use crate::render::escape::github::{code, inline, paragraph};
use crate::render::limits::{GITHUB_BODY, REVIEW_INLINE, REVIEW_TITLE, cut};
use crate::render::{Completeness, DiffKind, RenderInput, completeness, place};

/// Characters kept back for the lines that say what was left out.
const RESERVE: usize = 600;
/// Scanners named as incomplete.
const MAX_GAPS: usize = 20;
/// Characters of a description.
const DESCRIPTION: usize = 200;

const INCOMPLETE: &str = "**The scan is incomplete:**";
const NOT_SCANNED: &str = "Not scanned again";
/// Ends what is cut.
const MORE: &str = "more (see SARIF)";

/// Whether the finding of a comment may stand although this review has no comment for it: its body tells of a finding with that title
/// by that scanner, or was cut, or a scanner did not finish. The body has no room for marks: its layout is given.
pub(super) fn may_tell(body: &str, comment: &str) -> bool {
    let fixed = [DiffKind::Diff, DiffKind::Compare].map(|kind| format!("\n### {} (", labels(kind).fixed));
    let told = fixed.iter().filter_map(|heading| body.find(heading.as_str())).min().and_then(|at| body.get(..at)).unwrap_or(body);
    let unsure = [format!("\n{INCOMPLETE}"), format!("\n| {NOT_SCANNED} |")].iter().any(|line| body.contains(line));
    let head = comment.lines().next().unwrap_or_default();
    let Some((scanner, title)) = head.strip_prefix("**").and_then(|rest| rest.split_once(": ")?.1.split_once("** — ")) else {
        return true;
    };
    unsure || told.contains(MORE) || told.contains(&format!("\n- **{title}** ({scanner})"))
}

/// What the body tells.
pub(super) struct Told<'a> {
    pub(super) new: usize,
    pub(super) inline: usize,
    /// Findings that a line of the change could show, had there been room.
    pub(super) over: usize,
    /// Most severe first.
    pub(super) fallback: Vec<&'a Finding>,
    pub(super) fixed: Vec<&'a Finding>,
    pub(super) commit: Option<&'a str>,
    pub(super) links: bool,
}

struct Labels {
    marker: &'static str,
    heading: &'static str,
    new: &'static str,
    fixed: &'static str,
}

fn labels(kind: DiffKind) -> Labels {
    match kind {
        DiffKind::Diff => {
            Labels { marker: super::DIFF_MARKER, heading: "SecureScan review", new: "New findings", fixed: "Fixed findings" }
        }
        DiffKind::Compare => Labels {
            marker: super::COMPARE_MARKER,
            heading: "SecureScan baseline-drift review",
            new: "New since baseline",
            fixed: "Disappeared since baseline",
        },
    }
}

pub(super) fn body(input: &RenderInput<'_>, told: &Told<'_>) -> String {
    let labels = labels(input.diff.map_or(DiffKind::Diff, |diff| diff.kind));
    let mut page = Page::new(head(input, told, &labels));
    fallback(&mut page, told);
    fixed(&mut page, told, labels.fixed);
    if told.new == 0 {
        page.text.push_str(&format!("\n{}\n", super::QUIET_MARKER));
    }
    page.text
}

fn head(input: &RenderInput<'_>, told: &Told<'_>, labels: &Labels) -> String {
    let mut rows = vec![(labels.new, told.new), (labels.fixed, told.fixed.len())];
    rows.extend([("Inline comments", told.inline), ("Body fallback", told.fallback.len())]);
    let unknown = input.diff.map_or(0, |diff| diff.not_scanned.len());
    rows.extend(Some((NOT_SCANNED, unknown)).filter(|row| row.1 > 0));
    let mut out = format!("{}\n## {}\n\n| Change | Count |\n|---|---:|\n", labels.marker, labels.heading);
    out.extend(rows.iter().map(|(what, count)| format!("| {what} | {count} |\n")));
    if input.suppressed.total() > 0 {
        let counts = input.suppressed;
        let (inline, config, baseline) = (counts.inline, counts.config, counts.baseline);
        out.push_str(&format!("\nSuppressed: {} (inline={inline}, config={config}, baseline={baseline})\n", counts.total()));
    }
    if completeness(input.result) == Completeness::Incomplete {
        out.push_str(&format!("\n{INCOMPLETE} there may be more than this.\n\n"));
        for run in gaps(input.result).take(MAX_GAPS) {
            let why = inline(&cut(&explanation(run), REVIEW_TITLE));
            let gap = if why.is_empty() { "" } else { ": " };
            let name = inline(&cut(&run.name, REVIEW_TITLE));
            out.push_str(&format!("- {name} {}{gap}{why}\n", status_words(run.status)));
        }
    }
    if told.over > 0 {
        let most = REVIEW_INLINE.max;
        out.push_str(&format!(
            "\nAt most {most} comments stand at lines, the most severe ones; {} further findings are listed here.\n",
            told.over
        ));
    }
    out
}

fn fallback(page: &mut Page, told: &Told<'_>) {
    if told.fallback.is_empty() || !page.add(&format!("\n### Findings without inline anchor ({})\n", told.fallback.len())) {
        return;
    }
    let mut left = told.fallback.len();
    for severity in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info] {
        let group: Vec<_> = told.fallback.iter().filter(|f| f.severity == severity).collect();
        let mut heading = Some(format!("\n#### {} ({})\n\n", capital(severity.as_str()), group.len()));
        for finding in group {
            let row = heading.take().unwrap_or_default() + &row(finding, told.links) + "\n" + &described(finding);
            if !page.add(&row) {
                page.more(left);
                return;
            }
            left -= 1;
        }
    }
}

fn fixed(page: &mut Page, told: &Told<'_>, label: &str) {
    if told.fixed.is_empty() || !page.add(&format!("\n### {label} ({})\n\n", told.fixed.len())) {
        return;
    }
    let commit = told.commit.and_then(|sha| sha.get(..7)).map(|sha| format!(" -- Fixed in `{sha}`")).unwrap_or_default();
    for (done, finding) in told.fixed.iter().enumerate() {
        if !page.add(&format!("{}{commit}\n", row(finding, told.links))) {
            page.more(told.fixed.len() - done);
            return;
        }
    }
}

fn row(finding: &Finding, links: bool) -> String {
    let scanner = inline(&cut(&finding.scanner, REVIEW_TITLE));
    let place = place::file(finding).and_then(|_| place::clipped(finding, REVIEW_TITLE));
    let place = place.map(|place| format!(" {}", code(&place))).unwrap_or_default();
    format!("- **{}** ({scanner}){place}", title(finding, links))
}

fn described(finding: &Finding) -> String {
    match paragraph(&short(&finding.description, DESCRIPTION)) {
        text if text.is_empty() => text,
        text => format!("  {text}\n"),
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A text that grows to the host's limit and no further.
struct Page {
    text: String,
    left: usize,
}

impl Page {
    fn new(text: String) -> Self {
        let left = GITHUB_BODY.max.saturating_sub(length(&text) + RESERVE);
        Self { text, left }
    }

    /// Adds a piece whole; false, and never again anything, when there is no room.
    fn add(&mut self, piece: &str) -> bool {
        let Some(left) = self.left.checked_sub(length(piece)) else {
            self.left = 0;
            return false;
        };
        self.left = left;
        self.text.push_str(piece);
        true
    }

    /// Says what was left out; from the reserve.
    fn more(&mut self, count: usize) {
        self.text.push_str(&format!("\n… and {count} {MORE}\n"));
    }
}
