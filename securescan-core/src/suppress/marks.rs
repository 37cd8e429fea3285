//! The parser of inline directives: `securescan: ignore RULE, RULE`. Hand-written, one pass, linear in the text.
//!
//! It reads lines, not syntax: a directive counts where a comment of the file's language starts before it on its line.

use super::comment::{self, Opener};
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// The word every directive starts with.
const WORD: &str = "securescan";

/// What a directive says about lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Directive {
    /// `ignore`: this line; the next one too when the comment is alone on its line.
    Ignore,
    /// `ignore-this-line`: this line only.
    ThisLine,
    /// `ignore-next-line`: the next line only, even when it is blank.
    NextLine,
}

impl Directive {
    /// The word in the source, lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::ThisLine => "ignore-this-line",
            Self::NextLine => "ignore-next-line",
        }
    }
}

/// One directive found in a source file.
///
/// Units: lines are 1-based and inclusive; they end at `\n` or `\r\n` only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where the directive stands.
    pub line: u32,
    /// The first line it silences.
    pub first_line: u32,
    /// The last line it silences.
    pub last_line: u32,
    /// Which directive.
    pub directive: Directive,
    /// Rule ids as written, in order; `*` stands for every rule.
    pub rule_ids: Vec<String>,
}

impl Mark {
    /// Whether it silences this rule on this line: rule ids compare exactly, case included.
    pub fn silences(&self, line: u32, rule_id: &str) -> bool {
        (self.first_line..=self.last_line).contains(&line)
            && !rule_id.is_empty()
            && self.rule_ids.iter().any(|id| id == "*" || id == rule_id)
    }
}

/// A line that looks like a directive and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// No known directive after `securescan:`, but a word close to one.
    UnknownDirective,
    /// The directive is right, and no rule id follows.
    NoRuleId,
    /// No comment of the file's language starts before it.
    NotInComment,
}

/// Everything found in a file.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) marks: Vec<Mark>,
    pub(super) mistakes: Vec<(u32, Mistake)>,
}

/// Every directive of a file, in order. Shapes: a text that is not UTF-8 is read with replacement characters.
///
/// # Source
/// Spec 02, section 1, with decisions D1 and D2 and weak points 1, 2 and 5.
pub fn marks(path: &str, text: &[u8]) -> Vec<Mark> {
    find(path, text).marks
}

#[allow(clippy::unwrap_used, reason = "one fixed ASCII pattern always builds; covered by every test of this module")]
static FINDER: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build([WORD]).unwrap());

/// Goes from one line that holds the word to the next; other lines cost one search.
pub(super) fn find(path: &str, text: &[u8]) -> Found {
    let mut found = Found::default();
    let openers = comment::openers(path);
    let (mut at, mut number) = (0usize, 1u32);
    while let Some(hit) = text.get(at..).and_then(|rest| FINDER.find(rest)) {
        let hit = at + hit.start();
        let skipped = text.get(at..hit).unwrap_or_default();
        number = number.saturating_add(u32::try_from(memchr::memchr_iter(b'\n', skipped).count()).unwrap_or(u32::MAX));
        let start = memchr::memrchr(b'\n', skipped).map_or(at, |i| at + i + 1);
        let end = memchr::memchr(b'\n', text.get(hit..).unwrap_or_default()).map_or(text.len(), |i| hit + i);
        let line = String::from_utf8_lossy(text.get(start..end).unwrap_or_default());
        read_line(&line, number, openers, &mut found);
        at = end;
    }
    found
}

fn read_line(line: &str, number: u32, openers: &[Opener], found: &mut Found) {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let comment = comment::first(line, openers);
    let alone = comment.is_some_and(|(at, opener)| comment::is_alone(line, at, opener));
    // INVARIANT: `done` only grows, and what lies before it is never read again, so a line costs its length once.
    let mut done = 0;
    for hit in FINDER.find_iter(line) {
        if hit.start() < done {
            continue;
        }
        let before = line.get(..hit.start()).unwrap_or_default();
        let Some(rest) = line.get(hit.end()..).filter(|_| may_follow(before)).and_then(after_colon) else { continue };
        let result = match comment {
            Some((at, _)) if at < hit.start() => read_directive(rest),
            _ => read_directive(rest).and(Err(Some(Mistake::NotInComment))),
        };
        match result {
            Ok((directive, rule_ids, left)) => {
                done = line.len() - left.len();
                let (first_line, last_line) = match directive {
                    Directive::Ignore if alone => (number, number.saturating_add(1)),
                    Directive::Ignore | Directive::ThisLine => (number, number),
                    Directive::NextLine => (number.saturating_add(1), number.saturating_add(1)),
                };
                found.marks.push(Mark { line: number, first_line, last_line, directive, rule_ids });
            }
            Err(Some(mistake)) => found.mistakes.push((number, mistake)),
            Err(None) => {}
        }
    }
}

/// The word stands at the start of the line, after white space, or right behind the characters that open a comment.
fn may_follow(before: &str) -> bool {
    before.chars().next_back().is_none_or(char::is_whitespace)
        || ["#", "//", "--", "/*", "{-"].iter().any(|opener| before.ends_with(opener))
}

fn after_colon(rest: &str) -> Option<&str> {
    rest.trim_start().strip_prefix(':').map(str::trim_start)
}

type Read<'l> = Result<(Directive, Vec<String>, &'l str), Option<Mistake>>;

/// Reads a directive and its rule ids; what is left of the line comes back too.
fn read_directive(text: &str) -> Read<'_> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let directive = [Directive::NextLine, Directive::ThisLine, Directive::Ignore]
        .into_iter()
        .find(|directive| word.eq_ignore_ascii_case(directive.as_str()));
    let Some(directive) = directive else { return Err(looks_meant(word).then_some(Mistake::UnknownDirective)) };
    if !rest.starts_with(char::is_whitespace) {
        return Err(Some(Mistake::NoRuleId));
    }
    match rule_ids(rest) {
        (ids, left) if !ids.is_empty() => Ok((directive, ids, left)),
        _ => Err(Some(Mistake::NoRuleId)),
    }
}

/// A comma list from the start of the text on; the first word that no comma announces ends it (decision D2).
fn rule_ids(text: &str) -> (Vec<String>, &str) {
    let mut ids = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let end = rest.find(|c: char| !is_id_char(c)).unwrap_or(rest.len());
        let (token, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if is_next_directive(token, tail) || token.starts_with("--") || token.starts_with("//") {
            break;
        }
        // A quote right behind an id: this is text in a string literal, not a comment of the author's.
        if tail.starts_with(['"', '\'', '`']) {
            return (Vec::new(), tail);
        }
        let closed = ["*/", "-->", "-}"].iter().find_map(|close| token.strip_suffix(close));
        let id = closed.unwrap_or(token).trim_end_matches(':');
        if !id.is_empty() {
            ids.push(id.to_owned());
        }
        rest = tail;
        let Some(next) = tail.trim_start().strip_prefix(',').filter(|_| closed.is_none()) else { break };
        rest = next.trim_start();
    }
    (ids, rest)
}

fn is_id_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '*' | ':' | '@' | '+' | '$' | '~' | '%' | '=')
}

/// `A, securescan: ignore B`: the second directive is not an id of the first.
fn is_next_directive(token: &str, tail: &str) -> bool {
    token.get(..WORD.len()).is_some_and(|word| word.eq_ignore_ascii_case(WORD))
        && match token.get(WORD.len()..) {
            Some("") => tail.trim_start().starts_with(':'),
            Some(more) => more.starts_with(':'),
            None => false,
        }
}

/// Whether a word after `securescan:` was probably meant to silence something.
fn looks_meant(word: &str) -> bool {
    let word = word.to_ascii_lowercase().replace('_', "-");
    let first = word.split('-').next().unwrap_or_default();
    matches!(first, "disable" | "suppress" | "skip" | "allow" | "nosec" | "noqa" | "silence" | "off")
        || crate::config::nearest(first, &["ignore", "ignored", "ignores"]).is_some()
        || word.starts_with("ignore")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(path: &str, line: &str) -> Vec<String> {
        marks(path, line.as_bytes()).into_iter().flat_map(|m| m.rule_ids).collect()
    }

    fn lines(path: &str, line: &str) -> Vec<(u32, u32)> {
        marks(path, line.as_bytes()).into_iter().map(|m| (m.first_line, m.last_line)).collect()
    }

    #[test]
    fn documented_forms() {
        assert_eq!(ids("a.py", "x = eval(p)  # securescan: ignore python.eval"), ["python.eval"]);
        assert_eq!(ids("a.js", "// securescan: ignore-next-line a.b, c.d"), ["a.b", "c.d"]);
        assert_eq!(ids("a.sql", "-- securescan: ignore * (wildcard - silences EVERY rule on this line)"), ["*"]);
        assert_eq!(ids("a.py", "#securescan:ignore R"), ["R"]);
        assert_eq!(ids("a.css", "/* securescan: ignore R */"), ["R"]);
        assert_eq!(ids("a.js", "/*securescan: ignore R*/"), ["R"]);
        assert_eq!(ids("a.html", "<!-- securescan: ignore R -->"), ["R"]);
        assert_eq!(ids("a.hs", "{- securescan: ignore R -}"), ["R"]);
    }

    #[test]
    fn the_rest_of_the_line_is_a_free_comment() {
        for tail in ["", " because reasons", " (why)", " -- why", " # why", "; why", " // why", " 'why'", ": why"] {
            assert_eq!(ids("a.py", &format!("# securescan: ignore RULE-A{tail}")), ["RULE-A"], "{tail}");
        }
        assert_eq!(ids("a.py", "# securescan: ignore A, B because, C"), ["A", "B"]);
        assert_eq!(ids("a.py", "# securescan: ignore A,,B, # why"), ["A", "B"]);
        assert_eq!(ids("a.py", "# securescan: ignore pkg:rule"), ["pkg:rule"]);
        assert_eq!(ids("a.py", "# securescan: ignore A, securescan: ignore B"), ["A", "B"]);
    }

    #[test]
    fn what_is_no_directive() {
        for line in [
            "# securescan: ignore",
            "# securescan: ignore ",
            "# mysecurescan: ignore R",
            "# securescan ignore R",
            "// securescan: ignore R",
            "securescan: ignore R",
            "s = \"# securescan: ignore R\"",
            "securescan: ignore R  # a comment after it",
        ] {
            assert_eq!(ids("a.py", line), [""; 0], "{line}");
        }
    }

    #[test]
    fn a_comment_alone_on_its_line_covers_the_next() {
        assert_eq!(lines("a.py", "    # securescan: ignore R"), [(1, 2)]);
        assert_eq!(lines("a.py", "x()  # securescan: ignore R"), [(1, 1)]);
        assert_eq!(lines("a.py", "# securescan: ignore-this-line R"), [(1, 1)]);
        assert_eq!(lines("a.py", "x()  # securescan: ignore-next-line R"), [(2, 2)]);
        assert_eq!(lines("a.jsx", "  {/* securescan: ignore R */}"), [(1, 2)]);
        assert_eq!(lines("a.js", "/* securescan: ignore R */ eval(x)"), [(1, 1)]);
        assert_eq!(lines("a.html", "<!-- securescan: ignore R --><b>"), [(1, 1)]);
    }

    #[test]
    fn lines_end_at_line_feeds_only() {
        let text = "a\x0bb\u{2028}c\r\nd # securescan: ignore R\r\n\u{85}\n# securescan: ignore S\n";
        let found = marks("a.py", text.as_bytes());
        assert_eq!(found.iter().map(|m| m.line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn a_hostile_line_is_read_once() {
        // The regular expression of the Python version needs cubic time here: 20 s at n = 800.
        let gap = " ".repeat(200_000);
        assert_eq!(ids("a.py", &format!("# securescan: ignore{gap}x{gap}!")), ["x"]);
        let many = "# securescan: ignore ".to_owned() + &"securescan ".repeat(200_000);
        assert_eq!(ids("a.py", &many).len(), 1);
        let list = "# securescan: ignore ".to_owned() + &"a,".repeat(500_000);
        assert_eq!(ids("a.py", &list).len(), 500_000);
        let colons = "# securescan:".repeat(200_000);
        assert_eq!(ids("a.py", &colons).len(), 0);
        let commas = "# ".to_owned() + &"securescan: ignore ,".repeat(100_000);
        assert_eq!(ids("a.py", &commas).len(), 0);
    }
}
