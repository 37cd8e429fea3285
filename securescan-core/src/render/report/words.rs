//! The sentences and short texts of a report. Nothing here is escaped: the medium does that.

use super::Report;
use crate::model::{Endpoint, Finding, Package, ScannerStatus, Severity, SuppressedBy};
use crate::render::coverage::{explanation, gaps, status_words};
use crate::render::limits::REPORT_LIST;
use crate::render::{Completeness, DiffKind, DiffView, RenderInput, SuppressedCounts, completeness};
use std::borrow::Cow;

/// `1 finding`, `2 findings`, `20,000 findings`.
pub(in crate::render) fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// Digits in threes: `20,000`.
pub(in crate::render) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The severity with a capital, for headings.
pub(in crate::render) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    }
}

/// The band of a risk score, with its word.
///
/// # Source
/// Specification of reports and dashboard, section 2: 70, 50, 25 and 1.
pub(in crate::render) fn band(score: f64) -> (Severity, &'static str) {
    match score {
        s if s >= 70.0 => (Severity::Critical, "critical"),
        s if s >= 50.0 => (Severity::High, "high"),
        s if s >= 25.0 => (Severity::Medium, "medium"),
        s if s >= 1.0 => (Severity::Low, "low"),
        _ => (Severity::Info, "none"),
    }
}

/// What findings are gathered under: the file, else the package or the endpoint; empty without any.
pub(in crate::render) fn group(finding: &Finding) -> Cow<'_, str> {
    if let Some(path) = finding.file_path.as_deref().filter(|path| !path.is_empty()) {
        return path.into();
    }
    if let Some(package) = finding.package.as_deref() {
        return format!("{}/{}", package.ecosystem, package.name).into();
    }
    finding.metadata.endpoint.as_deref().map(endpoint).unwrap_or_default().into()
}

/// `https://host:port/path`, as far as known.
fn endpoint(endpoint: &Endpoint) -> String {
    let scheme = endpoint.scheme.as_deref().map(|scheme| format!("{scheme}://")).unwrap_or_default();
    let host = endpoint.host.as_deref().unwrap_or_default();
    let port = endpoint.port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}{host}{port}{}", endpoint.path.as_deref().unwrap_or_default())
}

/// Where in the group: `line 5`, `lines 5 to 9`, `GET, parameter q`; empty when unknown.
pub(in crate::render) fn spot(finding: &Finding) -> String {
    let end = finding.end_line.filter(|end| Some(*end) > finding.line);
    match (finding.line.filter(|line| *line > 0), end) {
        (Some(line), Some(end)) if finding.file_path.is_some() => format!("lines {line} to {end}"),
        (Some(line), None) if finding.file_path.is_some() => format!("line {line}"),
        _ => finding.metadata.endpoint.as_deref().map(request).unwrap_or_default(),
    }
}

fn request(endpoint: &Endpoint) -> String {
    let mut parts: Vec<String> = endpoint.method.iter().chain(&endpoint.protocol).cloned().collect();
    if !endpoint.parameters.is_empty() {
        let plural = if endpoint.parameters.len() == 1 { "" } else { "s" };
        parts.push(format!("parameter{plural} {}", endpoint.parameters.join(", ")));
    }
    parts.join(", ")
}

/// `path:line:column`, or the package or endpoint.
pub(in crate::render) fn place(finding: &Finding) -> String {
    let mut out = group(finding).into_owned();
    if finding.file_path.is_some() && !out.is_empty() {
        for number in [finding.line, finding.line.and(finding.column)].into_iter().flatten().filter(|n| *n > 0) {
            out.push_str(&format!(":{number}"));
        }
    }
    out
}

/// The title, or a word that there is none.
pub(in crate::render) fn title(finding: &Finding) -> &str {
    if finding.title.trim().is_empty() { "(untitled)" } else { &finding.title }
}

/// `pypi requests 2.31.0`.
pub(in crate::render) fn package(package: &Package) -> String {
    let version = package.version.as_deref().unwrap_or_default();
    [package.ecosystem.as_str(), &package.name, version].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The first 12 digits, and which repeat it is, if it is one.
pub(in crate::render) fn fingerprint(finding: &Finding) -> String {
    let short: String = finding.fingerprint.chars().take(12).collect();
    if finding.occurrence > 1 { format!("{short}:{}", finding.occurrence) } else { short }
}

/// `bandit (B307)`.
pub(in crate::render) fn reporters(finding: &Finding) -> String {
    let named =
        finding.metadata.also_reported_by.iter().take(REPORT_LIST.max).map(|reporter| match reporter.rule_id.as_deref() {
            Some(rule) => format!("{} ({rule})", reporter.scanner),
            None => reporter.scanner.clone(),
        });
    named.collect::<Vec<_>>().join(", ")
}

/// What the absence of findings means, if that needs saying: a heading, and the scanners concerned with their reasons.
pub(in crate::render) fn warning(input: &RenderInput<'_>) -> Option<(&'static str, Vec<String>)> {
    match completeness(input.result) {
        Completeness::Complete => None,
        Completeness::Unknown => {
            Some(("It is not known what was scanned.", vec!["The findings came without a list of the scanners that ran.".into()]))
        }
        Completeness::Incomplete => {
            let only_skipped = input.result.is_complete();
            let gap = gaps(input.result).filter(|run| only_skipped || run.status != ScannerStatus::Skipped);
            let said = gap.map(|run| {
                let why = explanation(run);
                let colon = if why.is_empty() { "" } else { ": " };
                format!("{} {}{colon}{why}", run.name, status_words(run.status))
            });
            Some(("This scan is incomplete: findings may be missing.", said.collect()))
        }
    }
}

/// How many findings are suppressed and by what; nothing when none is.
pub(in crate::render) fn suppressed(counts: SuppressedCounts, shown: bool) -> Option<String> {
    let kinds = [
        (counts.inline, "by comments in the source"),
        (counts.config, "by the configuration"),
        (counts.baseline, "by the baseline"),
    ];
    let parts: Vec<String> = kinds.iter().filter(|(n, _)| *n > 0).map(|(n, by)| format!("{} {by}", grouped(*n))).collect();
    let total = counts.total();
    let verb = if total == 1 { "is" } else { "are" };
    let listed = if shown { "They are listed with a mark and count in no number." } else { "They are not listed." };
    (total > 0).then(|| format!("{} {verb} suppressed: {}. {listed}", counted(total, "finding"), parts.join(", ")))
}

/// What to say when there is nothing to list.
pub(in crate::render) fn nothing(clean: bool) -> &'static str {
    if clean {
        "Nothing was found, and every scanner finished."
    } else {
        "Nothing was found, but not everything was looked at: this is not a clean result."
    }
}

/// The mark of a suppressed finding.
pub(in crate::render) fn suppressed_by(by: SuppressedBy) -> &'static str {
    match by {
        SuppressedBy::Inline => "suppressed by a comment",
        SuppressedBy::Config => "suppressed by configuration",
        SuppressedBy::Baseline => "suppressed by the baseline",
    }
}

/// The heading of findings that are gone, and what that means.
pub(in crate::render) fn gone(kind: DiffKind) -> (&'static str, &'static str) {
    match kind {
        DiffKind::Diff => ("Fixed", "Found at the base, and not any more by a scanner that looked."),
        DiffKind::Compare => ("Disappeared", "In the baseline, and not found any more by a scanner that looked."),
    }
}

/// The heading of findings that nobody looked for again, and what that means.
pub(in crate::render) const UNKNOWN: (&str, &str) =
    ("Not scanned", "Found before, but the scanner did not finish this time: nobody knows.");

/// The first few items.
#[cfg(feature = "pdf")]
pub(in crate::render) fn list(items: &[String]) -> String {
    let mut out = items.iter().take(REPORT_LIST.max).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = items.len().saturating_sub(REPORT_LIST.max);
    if more > 0 {
        out.push_str(&format!(" and {} more", grouped(more)));
    }
    out
}

/// The facts at the top, with their names; absent ones are left out.
pub(in crate::render) fn facts(input: &RenderInput<'_>, report: &Report<'_>) -> Vec<(&'static str, String)> {
    let options = &input.options;
    let noun = if input.diff.is_some() { "new finding" } else { "finding" };
    let side = |pick: fn(&DiffView<'_>) -> Option<String>| input.diff.and_then(pick);
    let all = [
        ("Target", Some(input.result.target.clone())),
        ("Repository", options.repo.clone()),
        ("Revision", options.sha.as_deref().map(|sha| sha.chars().take(12).collect())),
        ("Base", side(|diff| diff.base_ref.map(str::to_owned))),
        ("Head", side(|diff| diff.head_ref.map(str::to_owned))),
        ("Result", Some(counted(report.counts.total(), noun))),
        ("Gate", gate(input).map(|(_, verdict)| verdict)),
        ("Generated", options.generated_at.clone()),
    ];
    let known = all.into_iter().filter_map(|(name, value)| value.filter(|v| !v.trim().is_empty()).map(|v| (name, v)));
    known.collect()
}

/// The result in two or three sentences.
pub(in crate::render) fn sentence(input: &RenderInput<'_>, report: &Report<'_>) -> String {
    let total = report.counts.total();
    let urgent = report.counts.of(Severity::Critical) + report.counts.of(Severity::High);
    let clean = completeness(input.result) == Completeness::Complete;
    let mut out = match (total, input.diff.is_some()) {
        (0, false) if clean => "No findings.".to_owned(),
        (0, true) if clean => "No new findings.".to_owned(),
        (0, _) => "No findings, but not everything was looked at.".to_owned(),
        (_, is_diff) => {
            let noun = if is_diff { "new finding" } else { "finding" };
            let of_them = if urgent == 0 { "none".to_owned() } else { grouped(urgent) };
            format!("{}, {of_them} critical or high.", counted(total, noun))
        }
    };
    if let Some(diff) = input.diff {
        let (gone, stay) = match diff.kind {
            DiffKind::Diff => ("fixed", "unchanged"),
            DiffKind::Compare => ("disappeared", "still present"),
        };
        let count = |list: &[Finding]| grouped(input.shown(list).count());
        out.push_str(&format!(" {} {gone}, {} {stay}", count(diff.fixed), grouped(diff.unchanged_count)));
        if !diff.not_scanned.is_empty() {
            out.push_str(&format!(", {} not scanned again", count(diff.not_scanned)));
        }
        out.push('.');
    }
    let scanners = input.result.scanners.len();
    let done = input.result.scanners.iter().filter(|run| run.status.is_complete()).count();
    if scanners > 0 {
        out.push_str(&format!(" {} of {} finished.", grouped(done), counted(scanners, "scanner")));
    }
    out
}

/// Whether the gate passed.
pub(in crate::render) fn gate(input: &RenderInput<'_>) -> Option<(bool, String)> {
    let (threshold, count) = input.gated()?;
    let passed = count == 0;
    let verdict = if passed { "passed: none".to_owned() } else { format!("failed: {}", counted(count, "finding")) };
    Some((passed, format!("{verdict} at {threshold} or above")))
}

/// `1m 22s`, `0.4s`.
pub(in crate::render) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return String::new();
    }
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    format!("{} min {:02} s", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!((counted(1, "finding"), counted(20_000, "finding")), ("1 finding".into(), "20,000 findings".into()));
        assert_eq!((grouped(0), grouped(999), grouped(1_234_567)), ("0".into(), "999".into(), "1,234,567".into()));
        assert_eq!((duration(0.44), duration(82.0), duration(f64::NAN)), ("0.4 s".into(), "1 min 22 s".into(), String::new()));
        assert_eq!([70.0, 69.9, 25.0, 1.0, 0.0].map(|s| band(s).1), ["critical", "high", "medium", "low", "none"]);
    }

    #[test]
    fn suppression_is_said() {
        let counts = SuppressedCounts { inline: 1, config: 0, baseline: 2 };
        let said = suppressed(counts, false).unwrap();
        assert_eq!(said, "3 findings are suppressed: 1 by comments in the source, 2 by the baseline. They are not listed.");
        assert_eq!(suppressed(SuppressedCounts::default(), true), None);
    }
}
