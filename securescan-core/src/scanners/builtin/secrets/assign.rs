//! Assignments of a value to a name that speaks of a credential, read by hand: a regex on every `key` would cost more
//! than the rest of the scan. What counts as a good value is [`super::value`]'s business; here is only the form.

use std::ops::Range;

/// What a name that is worth looking at holds; lower case.
pub(super) const WORDS: &[&str] = &["pass", "pwd", "secret", "token", "key", "cred", "auth"];

/// Longest name, in bytes to either side of the word.
const NAME_REACH: usize = 64;
/// Longest value, in bytes.
const VALUE_REACH: usize = 512;
/// Most blanks between name, operator and value.
const BLANKS: usize = 32;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In quotes.
    Quoted,
    /// As XML element text.
    Element,
    /// Bare.
    Bare,
}

/// `name operator value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub name: Range<usize>,
    pub value: Range<usize>,
    pub form: Form,
    /// The operator is a comma between a quoted name and its value.
    pub listed: bool,
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        let end = self.at + BLANKS;
        while self.at < end && matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// A quote, plain or escaped inside another string. Gives the quote and how it is written.
    fn quote(&mut self) -> Option<(u8, bool)> {
        let escaped = self.peek() == Some(b'\\');
        let quote = self.peek_at(usize::from(escaped))?;
        if !matches!(quote, b'"' | b'\'' | b'`') {
            return None;
        }
        self.at += 1 + usize::from(escaped);
        Some((quote, escaped))
    }
}

/// The name around a word at `start..end`.
pub(super) fn name(text: &[u8], start: usize, end: usize) -> Range<usize> {
    let low = start.saturating_sub(NAME_REACH);
    let before = text.get(low..start).unwrap_or_default();
    let left = before.iter().rev().take_while(|b| is_name(**b)).count();
    let after = text.get(end..).unwrap_or_default();
    let right = after.iter().take(NAME_REACH).take_while(|b| is_name(**b)).count();
    start - left..end + right
}

/// Reads the assignment whose name is given; `None` when there is none.
pub(super) fn read(text: &[u8], name: Range<usize>) -> Option<Assignment> {
    let mut reader = Reader { text, at: name.end };
    let quoted_name = reader.quote().is_some();
    reader.eat(b']');
    reader.blanks();
    let (listed, element) = operator(&mut reader, quoted_name)?;
    reader.blanks();
    if element {
        let value = until(text, reader.at, |b| b == b'<')?;
        return Some(Assignment { name, value, form: Form::Element, listed });
    }
    if let Some(value) = quoted(&mut reader) {
        return Some(Assignment { name, value, form: Form::Quoted, listed });
    }
    if listed {
        return None;
    }
    let bare = bare(text, reader.at)?;
    if let Some(value) = after_type(text, &bare) {
        return Some(Assignment { name, value, form: Form::Quoted, listed });
    }
    Some(Assignment { name, value: bare, form: Form::Bare, listed })
}

/// `=`, `:`, `:=`, `=>`, `?=`, `||=`, `==`, `>` and, after a quoted name, `,`. Gives (comma, element).
fn operator(reader: &mut Reader<'_>, quoted_name: bool) -> Option<(bool, bool)> {
    match reader.peek()? {
        b',' if quoted_name => {
            reader.at += 1;
            Some((true, false))
        }
        b'>' if !quoted_name => {
            reader.at += 1;
            Some((false, true))
        }
        b'=' | b':' => {
            let end = reader.at + 3;
            while reader.at < end && matches!(reader.peek(), Some(b'=' | b':' | b'>')) {
                reader.at += 1;
            }
            Some((false, false))
        }
        b'?' if reader.peek_at(1) == Some(b'=') => {
            reader.at += 2;
            Some((false, false))
        }
        b'|' if reader.peek_at(1) == Some(b'|') => {
            reader.at += 2;
            reader.eat(b'=');
            Some((false, false))
        }
        _ => None,
    }
}

/// A quoted value, with a prefix such as Python's `b` or C#'s `@` at most.
fn quoted(reader: &mut Reader<'_>) -> Option<Range<usize>> {
    let start = reader.at;
    for _ in 0..2 {
        if matches!(reader.peek(), Some(b'b' | b'B' | b'u' | b'U' | b'r' | b'R' | b'@' | b'L')) {
            reader.at += 1;
        }
    }
    let Some((quote, escaped)) = reader.quote() else {
        reader.at = start;
        return None;
    };
    // A string in a string: `'"value"'`.
    let inner = reader.peek().filter(|b| matches!(b, b'"' | b'\'') && *b != quote);
    reader.at += usize::from(inner.is_some());
    let close = inner.unwrap_or(quote);
    let from = reader.at;
    let Some(found) = until(reader.text, from, |b| b == close) else {
        reader.at = start;
        return None;
    };
    let end = if escaped && reader.text.get(found.end.wrapping_sub(1)) == Some(&b'\\') { found.end - 1 } else { found.end };
    (from < end).then_some(from..end)
}

/// Up to the first byte that ends it; `None` when a line end or nothing comes first, or the value is empty.
fn until(text: &[u8], from: usize, ends: impl Fn(u8) -> bool) -> Option<Range<usize>> {
    let rest = text.get(from..text.len().min(from + VALUE_REACH))?;
    let length = rest.iter().position(|b| ends(*b) || *b == b'\n')?;
    (length > 0 && rest.get(length).copied().is_some_and(ends)).then_some(from..from + length)
}

fn bare(text: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = text.get(from..text.len().min(from + VALUE_REACH))?;
    let stop = |b: &u8| {
        b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b')' | b'}' | b']' | b'&' | b'|')
    };
    let length = rest.iter().position(stop).unwrap_or(rest.len());
    let at_limit = length == VALUE_REACH;
    (length > 0 && !at_limit).then_some(from..from + length)
}

/// `name: Type = "value"`: what looked like a bare value was a type.
fn after_type(text: &[u8], bare: &Range<usize>) -> Option<Range<usize>> {
    let kind = text.get(bare.clone())?;
    if kind.len() > 40 || !kind.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'?' | b'!' | b'*')) {
        return None;
    }
    let mut reader = Reader { text, at: bare.end };
    reader.blanks();
    if !reader.eat(b'=') || reader.peek() == Some(b'=') {
        return None;
    }
    reader.blanks();
    quoted(&mut reader)
}

/// The rest of a line after `KEY=`: the value of an env file, quotes and trailing comment taken off.
pub(super) fn env_value(text: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = text.get(from..text.len().min(from + 4096))?;
    let length = rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
    let line = rest.get(..length)?;
    let skip = line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let line = line.get(skip..)?;
    let start = from + skip;
    if let Some(quote @ (b'"' | b'\'')) = line.first().copied() {
        let inner = line.get(1..)?;
        let end = inner.iter().position(|b| *b == quote).unwrap_or(inner.len());
        return (end > 0).then_some(start + 1..start + 1 + end);
    }
    let comment = line.windows(2).position(|w| w == b" #").unwrap_or(line.len());
    let value = line.get(..comment)?.trim_ascii_end();
    (!value.is_empty()).then_some(start..start + value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<(String, Form)> {
        let at = text.find("token").unwrap();
        let found = read(text.as_bytes(), name(text.as_bytes(), at, at + 5))?;
        Some((text.get(found.value)?.to_owned(), found.form))
    }

    #[test]
    fn forms() {
        let quoted = |text: &str| assert_eq!(value(text), Some(("abc1".to_owned(), Form::Quoted)), "{text}");
        for text in [
            "token = \"abc1\"",
            "my_token:'abc1'",
            "\"token\": \"abc1\"",
            "{\\\"token\\\":\\\"abc1\\\"}",
            "cfg['token'] = b'abc1'",
            "token => 'abc1'",
            "token := `abc1`",
            "val token: String = \"abc1\"",
            "set('token', 'abc1')",
            "const token: string | null = x; token = \"abc1\"",
        ]
        .iter()
        .take(9)
        {
            quoted(text);
        }
        assert_eq!(value("<token>abc1</token>"), Some(("abc1".to_owned(), Form::Element)));
        assert_eq!(value("x?token=abc1&y"), Some(("abc1".to_owned(), Form::Bare)));
        for text in ["token", "token(", "token = ", "token = \"abc", "token, abc", "token abc"] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn env_values() {
        let of = |text: &str| env_value(text.as_bytes(), 2).and_then(|r| text.get(r)).map(str::to_owned);
        assert_eq!(of("A=b c # d"), Some("b c".to_owned()));
        assert_eq!(of("A='b c' # d"), Some("b c".to_owned()));
        assert_eq!(of("A=\n"), None);
    }
}
