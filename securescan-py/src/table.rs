//! The table a notebook shows.

use securescan_core::model::Findings;
use securescan_core::render::escape;
use securescan_core::{Result, api};

/// More rows are counted, not shown.
const MAX_ROWS: usize = 50;
/// Characters of a cell.
const MAX_CELL: usize = 120;

/// A small HTML table, everything escaped, without style or script of its own.
pub(crate) fn html(findings: &Findings) -> Result<String> {
    let summary = api::summary(findings);
    let mut out = format!(
        "<table><caption>{} findings ({} critical, {} high, {} medium, {} low, {} info; {} suppressed), risk score {}</caption>\
         <thead><tr><th>Severity</th><th>Scanner</th><th>Rule</th><th>Title</th><th>Where</th></tr></thead><tbody>",
        findings.len(),
        summary.critical,
        summary.high,
        summary.medium,
        summary.low,
        summary.info,
        summary.suppressed,
        summary.risk_score
    );
    for finding in findings.iter().take(MAX_ROWS) {
        let place = match (&finding.file_path, finding.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (file, _) => file.clone().unwrap_or_default(),
        };
        out.push_str("<tr>");
        for cell in
            [finding.severity.as_str(), &finding.scanner, finding.rule_id.as_deref().unwrap_or_default(), &finding.title, &place]
        {
            let short: String = cell.chars().take(MAX_CELL).collect();
            out.push_str(&format!("<td>{}</td>", escape::html(&short)));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
    if findings.len() > MAX_ROWS {
        out.push_str(&format!("<p>… and {} more</p>", findings.len() - MAX_ROWS));
    }
    Ok(out)
}
