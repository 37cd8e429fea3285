//! Text inside GitHub's Markdown (comments, summaries): shown as it is, whatever it says.
//!
//! Two readers are kept from acting on it: the Markdown parser, by escapes; and what runs over its output (mentions, issue and
//! commit links, addresses, emoji), which undoes escapes and is stopped only by a character in between.
//!
//! # Source
//! GitHub Flavored Markdown spec 0.29; github/cmark-gfm issue 181 (neither `\@` nor `&#64;` stops a mention, `&#8203;` does).

use std::str::Chars;

/// A character of no width between two that would act together.
const BREAK: &str = "&#8203;";
/// GitHub links runs of hexadecimal digits from 7 on, if they name a commit.
const COMMIT: usize = 7;

/// Prose inside a line: a table cell, a list item behind its first word. Line breaks become spaces.
pub fn inline(text: &str) -> String {
    let clean = super::line(text);
    let mut out = String::with_capacity(clean.len() + clean.len() / 8 + 16);
    let mut chars = clean.chars();
    let (mut before, mut hex_run) = (' ', 0);
    while let Some(c) = chars.next() {
        hex_run = if c.is_ascii_hexdigit() { hex_run + 1 } else { 0 };
        if hex_run == COMMIT {
            out.push_str(BREAK);
            hex_run = 1;
        }
        if c == '.' && matches!(before, 'w' | 'W') {
            out.push_str(BREAK);
        }
        push(c, &mut out);
        if acts_with_next(before, c, chars.clone()) {
            out.push_str(BREAK);
        }
        before = c;
    }
    out
}

/// A paragraph of its own: as [`inline`], and nothing at its start makes it a list, a heading, a rule or a table.
pub fn paragraph(text: &str) -> String {
    let mut out = inline(text);
    let digits = out.bytes().take_while(u8::is_ascii_digit).count();
    if out.starts_with(['-', '+', '=', ':']) {
        out.insert(0, '\\');
    } else if digits > 0 && out.get(digits..).is_some_and(|rest| rest.starts_with(['.', ')'])) {
        out.insert(digits, '\\');
    }
    out
}

/// Whether a character and what follows would make a mention, an issue or an address (`@me`, `#1`, `GH-1`, `https://`, `:emoji:`).
fn acts_with_next(before: char, c: char, mut rest: Chars<'_>) -> bool {
    let next = rest.clone().next().unwrap_or(' ');
    match c {
        '@' | '#' => next != ' ',
        // A character in between is also a place to break the line: not in every `name:tag`.
        ':' => next == '/' || rest.find(|c| !is_emoji_name(*c)) == Some(':'),
        '-' => matches!(before, 'h' | 'H') && next.is_ascii_digit(),
        _ => false,
    }
}

fn is_emoji_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '+' | '-')
}

fn push(c: char, out: &mut String) {
    match c {
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '&' => out.push_str("&amp;"),
        // A pipe ends a table cell even behind a backslash, when there are two of them.
        '|' => out.push_str("&#124;"),
        '\\' => out.push_str("&#92;"),
        '`' => out.push_str("&#96;"),
        '#' => out.push_str("&#35;"),
        '$' => out.push_str("&#36;"),
        '*' | '_' | '~' | '[' | ']' => {
            out.push('\\');
            out.push(c);
        }
        c => out.push(c),
    }
}

/// A name or path as code; empty for an empty one. What a code span in a table cannot hold, and what could pass for a marker, stands in `<code>`.
pub fn code(text: &str) -> String {
    let clean = super::line(text);
    if clean.is_empty() {
        return clean;
    }
    if clean.contains(['`', '|', '<']) { format!("<code>{}</code>", inline(&clean)) } else { format!("`{clean}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_does_nothing() {
        assert_eq!(inline("Use of eval() in a_b\n\n# x"), "Use of eval() in a\\_b &#35; x");
        assert_eq!(inline("@team #1 gh-2 :x: :+1:"), "@&#8203;team &#35;&#8203;1 gh-&#8203;2 :&#8203;x: :&#8203;+1:");
        assert_eq!(inline("python:latest a::b: c"), "python:latest a:&#8203;:&#8203;b: c");
        assert_eq!(inline("https://a.b www.c.d"), "https:&#8203;//a.b www&#8203;.c.d");
        assert_eq!(inline("0123456789abcdef"), "012345&#8203;6789ab&#8203;cdef");
        assert_eq!(inline("<b>|\\|`x`[y](z)"), "&lt;b&gt;&#124;&#92;&#124;&#96;x&#96;\\[y\\](z)");
        assert_eq!(inline("<!-- securescan:diff -->"), "&lt;!-- securescan:diff --&gt;");
        assert_eq!(inline("\u{202e}gnp\u{1b}[m"), "\u{fffd}gnp\u{fffd}\\[m");
    }

    #[test]
    fn paragraphs_stay_paragraphs() {
        let cases = [
            ("- x", "\\- x"),
            ("1. x", "1\\. x"),
            ("12)", "12\\)"),
            ("===", "\\==="),
            (":-- x", "\\:-- x"),
            ("v1.2 ok", "v1.2 ok"),
            ("mode 644. Then", "mode 644. Then"),
            ("> # x", "&gt; &#35; x"),
        ];
        for (text, want) in cases {
            assert_eq!(paragraph(text), want);
        }
    }

    #[test]
    fn code_holds_anything() {
        assert_eq!(code("src/a_b.py:3"), "`src/a_b.py:3`");
        assert_eq!(code("a`|b"), "<code>a&#96;&#124;b</code>");
        assert_eq!(code(" \n"), "");
    }
}
