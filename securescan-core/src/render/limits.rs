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
