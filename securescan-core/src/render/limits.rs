//! The one table of what hosts accept. Renderers rank, cut to fit, and say what they left out.

/// A limit of a host, or one of ours where the host states none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The largest value accepted.
    pub max: usize,
    /// What is limited, with its unit.
    pub what: &'static str,
    /// Where it is stated.
    pub source: &'static str,
}

const GITHUB_SARIF: &str =
    "https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit";
const GITHUB_SIZE: &str = "https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/file-too-large";
const GITHUB_FIELDS: &str = "github/docs, sarif-support-for-code-scanning.md at f0b7088b (other versions allow a little more)";
const GITHUB_SUMMARY: &str =
    "https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-job-summary";
const GITHUB_ANNOTATIONS: &str = "actions/toolkit at 45730396, docs/problem-matchers.md";
const GITHUB_RUNNER: &str = "actions/runner, ExecutionContext.cs (`_maxIssueMessageLength`)";
const GITHUB_CHECKS: &str = "https://docs.github.com/en/rest/checks/runs";
const GITLAB: &str = "https://gitlab.com/gitlab-org/security-products/security-report-schemas (15.x)";
const OURS: &str = "no host states one; keeps one hostile text from filling the output";

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident = $max:literal, $what:literal, $source:expr;)+) => {
        $($(#[$doc])* pub const $name: Limit = Limit { max: $max, what: $what, source: $source };)+
        /// Every limit.
        pub const LIMITS: &[Limit] = &[$($name),+];
    };
}

limits! {
    /// Runs in a SARIF file; we write one.
    SARIF_RUNS = 20, "GitHub: runs per SARIF file", GITHUB_SARIF;
    /// Results GitHub accepts; with more it refuses the file.
    SARIF_RESULTS = 25_000, "GitHub: results per run", GITHUB_SARIF;
    /// Results GitHub keeps, most severe first.
    SARIF_RESULTS_SHOWN = 5_000, "GitHub: results shown per run", GITHUB_SARIF;
    /// Rules GitHub accepts; results are cut first, and each has one rule.
    SARIF_RULES = 25_000, "GitHub: rules per run", GITHUB_SARIF;
    /// Tags of a rule GitHub accepts.
    SARIF_RULE_TAGS = 20, "GitHub: tags per rule", GITHUB_SARIF;
    /// Tags of a rule GitHub shows.
    SARIF_RULE_TAGS_SHOWN = 10, "GitHub: tags shown per rule", GITHUB_SARIF;
    /// Locations of a result GitHub accepts; we write one.
    SARIF_LOCATIONS = 1_000, "GitHub: locations per result", GITHUB_SARIF;
    /// The compressed file.
    SARIF_GZIP_BYTES = 10_000_000, "GitHub: bytes of the gzip-compressed SARIF file", GITHUB_SIZE;
    /// A rule's name.
    SARIF_RULE_NAME = 100, "characters of a rule's name in SARIF", OURS;
    /// A rule's short and full description.
    SARIF_RULE_TEXT = 1_000, "GitHub: characters of a rule's descriptions", GITHUB_FIELDS;
    /// A result's message, a rule's help, a remediation.
    SARIF_TEXT = 4_096, "characters of any other text in SARIF", OURS;
    /// An identifier: rule ids, tags, paths.
    SARIF_ID = 1_024, "characters of an identifier or path in SARIF", OURS;
    /// A title, remediation or reason in `text`.
    TEXT_LINE = 500, "characters of a title, remediation or reason in text", OURS;
    /// A compliance tag or vulnerability id.
    SARIF_TAG = 100, "characters of a tag or vulnerability id of a result in SARIF", OURS;
    /// The body of a comment or review; counted in UTF-16 units, the most that "characters" can mean.
    GITHUB_BODY = 65_536, "GitHub: characters of the body of a comment or review", "the API's answer `body is too long (maximum is 65536 characters)`";
    /// Comments sent with one review: with more the host gives up after storing some.
    REVIEW_BATCH = 30, "GitHub: comments created with one review", "reviewdog/reviewdog issue 355 (502 with more, 30 of them created)";
    /// Comments at lines for one change.
    REVIEW_INLINE = 150, "comments at lines of one change", "rtCamp/action-phpcs-code-review issue 39 (pages with over 200 comments do not open)";
    /// A remediation in a review comment.
    REVIEW_TEXT = 4_096, "characters of a remediation in a review comment", OURS;
    /// A title, path or reason in a review.
    REVIEW_TITLE = 300, "characters of a title, path or reason in a review", OURS;
    /// Compliance tags of a result.
    SARIF_RESULT_TAGS = 50, "compliance tags per result in SARIF", OURS;
    /// A step summary; a longer one is not shown at all.
    STEP_SUMMARY_BYTES = 1_048_576, "GitHub: bytes of a step summary", GITHUB_SUMMARY;
    /// Annotations GitHub makes of the errors, the warnings and the notices of a step; the rest is only logged.
    ANNOTATIONS = 10, "GitHub: annotations of each kind per step", GITHUB_ANNOTATIONS;
    /// The message of an annotation.
    ANNOTATION_TEXT = 4_096, "GitHub: characters of an annotation's message", GITHUB_RUNNER;
    /// The title of an annotation.
    ANNOTATION_TITLE = 255, "GitHub: characters of an annotation's title", GITHUB_CHECKS;
    /// A title, scanner, rule, tag or place in Markdown.
    MARKDOWN_TEXT = 300, "characters of a cell in Markdown", OURS;
    /// A path with its lines in Markdown: a longer one would push the rest of a table out of sight. Its end is kept.
    MARKDOWN_PLACE = 80, "characters of a place in Markdown, its end kept", OURS;
    /// Compliance tags of a finding in Markdown.
    MARKDOWN_TAGS = 8, "compliance tags per finding in Markdown", OURS;
    /// A compliance tag.
    MARKDOWN_TAG = 60, "characters of a compliance tag in Markdown", OURS;
    /// Scanners named in one sentence. With the next two: whatever they say, a comment has room left for findings.
    MARKDOWN_SCANNERS = 20, "scanners named in a sentence in Markdown", OURS;
    /// The name of a scanner.
    MARKDOWN_NAME = 60, "characters of a scanner's name in Markdown", OURS;
    /// Why a scanner did not finish.
    MARKDOWN_REASON = 100, "characters of a scanner's reason in Markdown", OURS;
    /// Scanners in the table of a step summary.
    MARKDOWN_SCANNER_ROWS = 100, "scanners in a table in Markdown", OURS;
    /// A description or remediation.
    CSV_TEXT = 200, "characters of a description or remediation in CSV", "SecureScan 0.11 for Python";
    /// Any other cell.
    CSV_CELL = 1_000, "characters of any other cell in CSV", OURS;
    /// A title as the name of a test.
    JUNIT_NAME = 200, "characters of a test's name in JUnit", "SecureScan 0.11 for Python";
    /// Any other text.
    JUNIT_TEXT = 4_096, "characters of any other text in JUnit", OURS;
    /// A vulnerability's name.
    GITLAB_NAME = 255, "GitLab: characters of a vulnerability's name", GITLAB;
    /// A vulnerability's solution.
    GITLAB_SOLUTION = 7_000, "GitLab: characters of a vulnerability's solution", GITLAB;
    /// A description; GitLab takes 1,048,576.
    GITLAB_TEXT = 10_000, "characters of a description for GitLab", OURS;
    /// An identifier, path or message.
    GITLAB_ID = 1_024, "characters of an identifier, path or message for GitLab", OURS;
    /// Identifiers and links of a vulnerability.
    GITLAB_IDENTIFIERS = 20, "identifiers and links per vulnerability for GitLab", OURS;
    /// A title, identifier, path or reason in `report-html` and `report-pdf`.
    REPORT_LINE = 500, "characters of a title, identifier, path or reason in report-html and report-pdf", OURS;
    /// A name beside the bar of a chart in `report-html` and `report-pdf`.
    REPORT_CHART_NAME = 80, "characters of a name in a chart in report-html and report-pdf, its end kept", OURS;
    /// A description or remediation in `report-html` and `report-pdf`.
    REPORT_TEXT = 4_000, "characters of a description or remediation in report-html and report-pdf", OURS;
    /// Findings told in full in `report-pdf`, most severe first; a page holds about four.
    REPORT_PDF_FINDINGS = 1_000, "findings told in full in report-pdf", OURS;
    /// Rows of any other table of `report-pdf`.
    REPORT_PDF_ROWS = 500, "rows of a table in report-pdf", OURS;
    /// References, ids, tags or reporters of a finding in `report-html` and `report-pdf`.
    REPORT_LIST = 20, "references, ids, tags or reporters of a finding in report-html and report-pdf", OURS;
}

/// Cuts a text to at most `limit` characters, the last of which is then `…`.
pub fn cut(text: &str, limit: Limit) -> std::borrow::Cow<'_, str> {
    if text.len() <= limit.max {
        return text.into();
    }
    let Some((end, _)) = text.char_indices().nth(limit.max) else { return text.into() };
    let kept = text.get(..end).unwrap_or_default();
    let last = kept.char_indices().next_back().map_or(0, |(at, _)| at);
    format!("{}…", kept.get(..last).unwrap_or_default().trim_end()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_a_source() {
        assert!(LIMITS.iter().all(|l| l.max > 0 && !l.what.is_empty() && !l.source.is_empty()));
    }

    #[test]
    fn cuts_at_characters() {
        let three = Limit { max: 3, what: "x", source: "x" };
        assert_eq!((cut("éèà", three), cut("éèàü", three), cut("a  bc", three)), ("éèà".into(), "éè…".into(), "a…".into()));
    }
}
