//! Text of others inside GitHub's Markdown: shown, never acted on.
//!
//! Escapes keep the Markdown parser quiet. What GitHub runs over the parser's output (mentions, links to issues and addresses)
//! does not see them: there a character of no width stands in between.

use std::fmt::Write;

/// A character of no width, as an entity.
const GAP: &str = "&#8203;";

/// One line of prose that does nothing: white space runs become one space, control and invisible characters become `\u{fffd}`.
pub(super) fn prose(text: &str) -> String {
    let text = one_line(text);
    let mut out = String::with_capacity(text.len() + text.len() / 8 + 8);
    out.push_str(opening(&text));
    let mut chars = text.chars().peekable();
    let (mut before, mut hex) = (' ', 0);
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        hex = if c.is_ascii_hexdigit() { hex + 1 } else { 0 };
        // From seven digits on GitHub looks for a commit of that name.
        if hex == 7 {
            out.push_str(GAP);
            hex = 1;
        }
        match c {
            '.' if matches!(before, 'w' | 'W') => drop(write!(out, "{GAP}.")),
            '.' | ')' if before.is_ascii_digit() && next == ' ' => drop(write!(out, "\\{c}")),
            '<' | '>' | '&' | '|' | '\\' | '`' | '$' => drop(write!(out, "&#{};", u32::from(c))),
            '@' | '#' => drop(write!(out, "&#{};{GAP}", u32::from(c))),
            ':' if next != ' ' => drop(write!(out, ":{GAP}")),
            '-' if matches!(before, 'h' | 'H') && next.is_ascii_digit() => drop(write!(out, "-{GAP}")),
            '*' | '_' | '~' | '[' | ']' => drop(write!(out, "\\{c}")),
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// What keeps the first character from starting a list, a heading or a rule.
fn opening(text: &str) -> &'static str {
    if text.starts_with(['-', '+', '=']) { "\\" } else { "" }
}

/// White space runs as one space, ends trimmed, what acts on its reader replaced.
pub(super) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().map(|c| if acts(c) { '\u{fffd}' } else { c }));
    }
    out
}

/// Whether a character acts on a terminal or misleads a reader; tabs and line breaks too.
pub(super) fn acts(c: char) -> bool {
    c.is_control() || super::super::escape::terminal(c.encode_utf8(&mut [0; 4])).starts_with("\\u{")
}

/// A name or path as code.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A block of code in a language, whatever it holds.
pub(super) fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    format!("{fence}{language}\n{text}\n{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// The first sentence if it fits the limit, else as much of the whole as fits, in characters.
///
/// # Source
/// Spec 03, section 5, with weak point 19: a point before a lower-case word (`e.g. this`) ends no sentence.
pub(super) fn short(text: &str, limit: usize) -> String {
    let text = one_line(text);
    let bytes = text.as_bytes();
    let ends = text.match_indices(['.', '!', '?']).map(|(at, _)| at + 1);
    let first = ends.into_iter().find(|end| {
        bytes.get(*end) == Some(&b' ')
            && !text.get(end + 1..).and_then(|rest| rest.chars().next()).is_some_and(char::is_lowercase)
    });
    let sentence = first.and_then(|end| text.get(..end)).filter(|s| s.chars().count() <= limit);
    match sentence {
        Some(sentence) => sentence.to_owned(),
        None => super::super::limits::cut(&text, super::super::limits::Limit { max: limit, what: "", source: "" }).into_owned(),
    }
}

/// Characters as the strictest reader counts them: those outside the basic plane twice.
pub(super) fn length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_does_nothing() {
        assert_eq!(prose("a\r\n @team #1 GH-2"), "a &#64;&#8203;team &#35;&#8203;1 GH-&#8203;2");
        assert_eq!(prose("http://x www.y <img>"), "http:&#8203;//x www&#8203;.y &#60;img&#62;");
        assert_eq!(
            (prose("- x"), prose("1. x"), prose("==="), prose("v1.2 ok")),
            ("\\- x".into(), "1\\. x".into(), "\\===".into(), "v1.2 ok".into())
        );
        assert_eq!(
            prose("<!-- securescan:fp:deadbeefdead -->"),
            "&#60;!-- securescan:&#8203;fp:&#8203;deadbe&#8203;efdead --&#62;"
        );
        assert_eq!(prose("\u{202e}x\u{1b}[m"), "\u{fffd}x\u{fffd}\\[m");
    }

    #[test]
    fn code_and_blocks_hold_anything() {
        assert_eq!((code("a b"), code("a``b"), code("`")), ("`a b`".into(), "```a``b```".into(), "`` ` ``".into()));
        assert_eq!(block("x", "a\n````\nb"), "`````x\na\n````\nb\n`````");
    }

    #[test]
    fn short_texts() {
        assert_eq!(
            (short("Hello! World", 120), short("Use e.g. foo. Then bar.", 120)),
            ("Hello!".into(), "Use e.g. foo.".into())
        );
        assert_eq!(
            (short("Version 1.2 is bad", 120), short("abcdef", 3), short("  ", 3)),
            ("Version 1.2 is bad".into(), "ab…".into(), String::new())
        );
        assert_eq!(length("a𐍈"), 3);
    }
}
