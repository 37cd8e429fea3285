//! Allow-lists in the form other tools' rule files have: paths, shapes and words that together or each alone excuse a match.

use regex::bytes::RegexSet;

/// What the shapes of an allow-list look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Target {
    /// The secret.
    #[default]
    Secret,
    /// The whole match.
    Match,
    /// The line it stands on.
    Line,
}

/// One allow-list.
#[derive(Debug, Clone, Default)]
pub struct Allowlist {
    /// All criteria must hold instead of any.
    pub all: bool,
    /// What `regexes` look at.
    pub target: Target,
    /// Shapes.
    pub regexes: Option<RegexSet>,
    /// Shapes of the path.
    pub paths: Option<RegexSet>,
    /// Lower-case words inside the secret.
    pub stopwords: Vec<String>,
    /// Ids of the rules it is for; empty: all.
    pub rules: Vec<String>,
}

/// A match as an allow-list sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub rule: &'a str,
    pub path: &'a str,
    pub secret: &'a [u8],
    pub whole: &'a [u8],
    pub line: &'a [u8],
}

impl Allowlist {
    /// Whether it excuses the match.
    pub(super) fn excuses(&self, seen: Seen<'_>) -> bool {
        if !self.rules.is_empty() && !self.rules.iter().any(|r| r == seen.rule) {
            return false;
        }
        let text = match self.target {
            Target::Secret => seen.secret,
            Target::Match => seen.whole,
            Target::Line => seen.line,
        };
        let regexes = self.regexes.as_ref().map(|set| set.is_match(text));
        let paths = self.paths.as_ref().map(|set| set.is_match(seen.path.as_bytes()));
        let words = (!self.stopwords.is_empty()).then(|| {
            let lower = seen.secret.to_ascii_lowercase();
            self.stopwords.iter().any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
        });
        let mut answers = [regexes, paths, words].into_iter().flatten().peekable();
        if answers.peek().is_none() {
            return false;
        }
        if self.all { answers.all(|a| a) } else { answers.any(|a| a) }
    }
}
