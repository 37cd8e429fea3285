//! Escaping for each medium. JSON is serde's business; what only one format needs stands in that format's file.

pub mod github;

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character would act on a terminal or mislead its reader instead of being shown: control characters,
/// bidirectional and invisible formatting, line and paragraph separators.
///
/// # Source
/// Unicode 16, general categories Cc, Cf, Zl, Zp; UAX #9; joiners (U+200C, U+200D) stay, as scripts and emoji need them.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text for a terminal: everything unsafe becomes visible (`\x1b`, `\u{202e}`); line breaks and tabs too.
pub fn terminal(text: &str) -> Cow<'_, str> {
    let Some(first) = text.char_indices().find(|(_, c)| is_unsafe(*c)).map(|(at, _)| at) else { return text.into() };
    let (clean, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(clean);
    for c in rest.chars() {
        escape_into(c, &mut out);
    }
    out.into()
}

fn escape_into(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if !is_unsafe(c) => out.push(c),
        c if u32::from(c) < 0x100 => drop(write!(out, "\\x{:02x}", u32::from(c))),
        c => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
    }
}

/// Prose for one line of a terminal: runs of white space become one space, the ends are trimmed, the rest as in
/// [`terminal`].
pub fn terminal_line(text: &str) -> Cow<'_, str> {
    let tidy = !text.starts_with(char::is_whitespace)
        && !text.ends_with(char::is_whitespace)
        && !text.contains("  ")
        && !text.contains(|c: char| is_unsafe(c) || (c.is_whitespace() && c != ' '));
    if tidy {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in word.chars() {
            escape_into(c, &mut out);
        }
    }
    out.into()
}

/// Prose for one line of a document: runs of white space become one space, the ends are trimmed, and everything that would
/// act or mislead becomes U+FFFD.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }));
    }
    out
}

/// Prose of several lines for a document: every line break becomes a line feed, tabs stay, the rest as in [`line()`].
pub fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push('\t'),
            c => out.push(if is_unsafe(c) { '\u{fffd}' } else { c }),
        }
    }
    out
}

/// Text inside Markdown: nothing in it is markup, an HTML tag or a link of its own.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | ' ' => out.push(c),
            c if c.is_whitespace() => out.push(' '),
            c if is_unsafe(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Text inside HTML, in an element or in a quoted attribute: nothing in it is markup, and everything unsafe becomes visible as
/// in [`terminal`], but line breaks stay.
pub fn html(text: &str) -> Cow<'_, str> {
    let acts = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\'') || (is_unsafe(c) && c != '\n');
    let Some(first) = text.find(acts) else { return text.into() };
    let (clean, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len() + 32);
    out.push_str(clean);
    let mut rest = rest.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push('\n'),
            '\t' => out.push(' '),
            '\r' if rest.peek() == Some(&'\n') => {}
            c => escape_into(c, &mut out),
        }
    }
    out.into()
}

/// A web address that may stand in a link: `http` or `https`, printable ASCII without quotes, brackets or user name, of a sane
/// length. Anything else is to be shown as text.
pub fn web_link(url: &str) -> Option<&str> {
    let url = url.trim();
    let (scheme, rest) = url.split_once("://")?;
    let web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '<' | '>' | '`' | '\\' | '^' | '{' | '|' | '}');
    (web && url.len() <= 2_000 && !host.is_empty() && !host.contains('@') && url.chars().all(plain)).then_some(url)
}

/// A URI reference from bytes: everything but unreserved characters and `/` is percent-encoded.
///
/// # Source
/// RFC 3986, section 2.3.
pub fn uri_path(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 8);
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(*byte)),
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_shows_what_would_act() {
        assert_eq!(terminal("plain é 漢 👩\u{200d}💻"), "plain é 漢 👩\u{200d}💻");
        assert_eq!(terminal("a\u{1b}[31m\0\u{9b}\n\u{202e}"), "a\\x1b[31m\\x00\\x9b\\n\\u{202e}");
        assert_eq!(terminal_line("  a\r\n\t b\u{2028}c \u{7f}"), "a b c \\x7f");
        assert!(matches!(terminal_line("a b"), Cow::Borrowed(_)));
    }

    #[test]
    fn documents_get_plain_prose() {
        assert_eq!(line(" a\r\n\tb\u{2028}c\u{1b}[m\u{202e} "), "a b c\u{fffd}[m\u{fffd}");
        assert_eq!(lines("a\r\nb\rc\td\0\u{85}"), "a\nb\nc\td\u{fffd}\n");
    }

    #[test]
    fn markdown_is_inert() {
        assert_eq!(markdown("<img> [x](y) `c` @me #1 *b*"), "&lt;img&gt; \\[x\\]\\(y\\) \\`c\\` &#64;me \\#1 \\*b\\*");
    }

    #[test]
    fn html_is_inert() {
        assert_eq!(html("a <b x='1' y=\"2\"> & c\r\nd\te"), "a &lt;b x=&#39;1&#39; y=&quot;2&quot;&gt; &amp; c\nd e");
        assert_eq!(html("\0\u{202e}\r漢"), "\\x00\\u{202e}\\r漢");
        assert!(matches!(html("a\nb é"), Cow::Borrowed(_)));
    }

    #[test]
    fn only_web_links() {
        for good in ["https://a.example/x?y=1#z", "HTTP://a", " https://a.example/(b) "] {
            assert_eq!(web_link(good), Some(good.trim()));
        }
        for bad in [
            "javascript:alert(1)",
            "javascript://x/%0aalert(1)",
            "https://",
            "https://good.example@evil.example/",
            "data:text/html,x",
            "https://a/\"onclick=x",
            "https://a/\u{202e}",
            "https://a b",
            "//a",
            "",
        ] {
            assert_eq!(web_link(bad), None, "{bad}");
        }
        assert_eq!(web_link(&format!("https://a/{}", "x".repeat(2_000))), None);
    }

    #[test]
    fn uris_are_ascii() {
        assert_eq!(uri_path("a b/é%.py".as_bytes()), "a%20b/%C3%A9%25.py");
        assert_eq!(uri_path(b"\xff:?#"), "%FF%3A%3F%23");
    }
}
