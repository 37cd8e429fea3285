//! Splits source text into comments, strings, words and marks, by language, and writes it in one normal form.
//!
//! One linear pass, no state from outside the region: a line inside a block comment that starts above it is taken as code.
//!
//! # Source
//! Identity specification, section 2: the steps and the table of languages.

use super::language::Language::{self, self as L};

/// Writes the normal form of `text`, of which the first `named` bytes are the finding's own lines: the rest is used as far as
/// brackets opened in them stay open.
pub(super) fn normalize(language: Language, text: &str, named: usize) -> String {
    let mut lexer = Lexer { language, text, at: 0, named, depth: 0, line_end: 0 };
    let mut out = Normal { language, text: String::with_capacity(named), last_wordy: false, commas: 0, semicolons: 0 };
    while let Some(token) = lexer.next() {
        out.push(token);
    }
    out.finish()
}

enum Token<'a> {
    Word(&'a str),
    String(&'a str),
    Mark(char),
}

struct Lexer<'a> {
    language: Language,
    text: &'a str,
    at: usize,
    named: usize,
    depth: usize,
    /// The end of the line last asked about.
    line_end: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.rest();
            let first = rest.chars().next()?;
            // The end of a line that is not followed by another: all named lines are read and no bracket is open.
            if first == '\n' && self.at >= self.named && self.depth == 0 {
                return None;
            }
            if first.is_whitespace() {
                self.at += first.len_utf8();
                continue;
            }
            if let Some(length) = self.comment(rest) {
                self.at += length.max(1);
                continue;
            }
            // A backslash that continues a line is where somebody wrapped it: the next line belongs to this one.
            if let Some(after) = rest.strip_prefix('\\').map(|after| after.trim_start_matches([' ', '\t', '\r']))
                && after.starts_with('\n')
            {
                self.at += rest.len() - after.len() + 1;
                continue;
            }
            if let Some(length) = self.string(rest) {
                return Some(Token::String(self.take(length)));
            }
            let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            if word > 0 {
                return Some(Token::Word(self.take(word)));
            }
            self.at += first.len_utf8();
            match first {
                '(' | '[' | '{' => self.depth += 1,
                ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            return Some(Token::Mark(first));
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let taken = self.rest().get(..length).unwrap_or_default();
        self.at += taken.len().max(1);
        taken
    }

    /// How much of `rest` a string or block comment that starts there may take: to the end of the named lines, of the line that
    /// closed the last bracket, or, with a bracket open, of the text.
    fn limit(&mut self, rest: &str) -> usize {
        if self.depth > 0 {
            rest.len()
        } else if self.at < self.named {
            self.named - self.at
        } else {
            if self.line_end <= self.at {
                self.line_end = self.at + rest.find('\n').unwrap_or(rest.len());
            }
            self.line_end - self.at
        }
    }

    fn comment(&mut self, rest: &str) -> Option<usize> {
        let language = self.language;
        if let Some((open, close, nests)) = language.block_comment()
            && rest.starts_with(open)
        {
            return Some(self.block_end(rest, open, close, nests));
        }
        let mark = language.line_comments().iter().find(|m| rest.starts_with(**m))?;
        if *mark == "#" {
            let after_space = self.text.get(..self.at).and_then(|t| t.chars().next_back()).is_none_or(char::is_whitespace);
            let bound_to_space = matches!(language, L::Shell | L::Hcl | L::Ini);
            if (bound_to_space && !after_space) || (language == L::Php && rest.starts_with("#[")) {
                return None;
            }
        }
        if *mark == ";" && !self.text.get(..self.at).is_none_or(|t| t.chars().next_back().is_none_or(char::is_whitespace)) {
            return None;
        }
        Some(rest.find('\n').unwrap_or(rest.len()))
    }

    fn block_end(&mut self, rest: &str, open: &str, close: &str, nests: bool) -> usize {
        let body = rest.get(..self.limit(rest)).unwrap_or(rest).as_bytes();
        let (mut at, mut depth) = (open.len(), 1usize);
        while let Some(tail) = body.get(at..).filter(|tail| !tail.is_empty()) {
            if tail.starts_with(close.as_bytes()) {
                at += close.len();
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            } else if nests && tail.starts_with(open.as_bytes()) {
                at += open.len();
                depth += 1;
            } else {
                at += 1;
            }
        }
        body.len()
    }

    /// The length of the string token at the start of `rest`, prefix and quotes included.
    fn string(&mut self, rest: &str) -> Option<usize> {
        let bytes = rest.as_bytes();
        let prefix = self.prefix(bytes);
        let quote = *bytes.get(prefix)?;
        if self.language == L::Rust {
            if let Some(length) = self.rust_raw(rest) {
                return Some(length);
            }
            if quote == b'\'' {
                return rust_char(rest);
            }
        }
        if !self.language.quotes().contains(&quote) {
            return None;
        }
        let body = bytes.get(..self.limit(rest)).unwrap_or(bytes);
        let triple = [quote; 3];
        if self.language.has_triple_quotes(quote) && body.get(prefix..).is_some_and(|b| b.starts_with(&triple)) {
            return Some(self.closed(body, prefix + 3, &triple));
        }
        Some(self.closed(body, prefix + 1, &[quote]))
    }

    /// Python's `rb`, `f`, … before a quote; `r` of Rust is handled apart.
    fn prefix(&self, bytes: &[u8]) -> usize {
        if self.language != L::Python || self.after_word() {
            return 0;
        }
        let letters = bytes.iter().take(3).take_while(|b| matches!(b.to_ascii_lowercase(), b'r' | b'b' | b'f' | b'u')).count();
        if letters <= 2 && bytes.get(letters).is_some_and(|b| matches!(b, b'\'' | b'"')) { letters } else { 0 }
    }

    fn after_word(&self) -> bool {
        self.text.get(..self.at).and_then(|t| t.chars().next_back()).is_some_and(is_word)
    }

    fn rust_raw(&mut self, rest: &str) -> Option<usize> {
        let tail = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
        let hashes = tail.bytes().take_while(|b| *b == b'#').count();
        let body = tail.get(hashes..)?.strip_prefix('"')?;
        let opened = rest.len() - body.len();
        let close = format!("\"{}", "#".repeat(hashes));
        let limit = self.limit(rest);
        let end = body.find(&close).map_or(limit, |i| opened + i + close.len());
        Some(end.min(limit).max(opened.min(limit)))
    }

    /// From just after the opening quote to just after the closing one; an open string runs to the end of what it may take.
    fn closed(&self, body: &[u8], from: usize, close: &[u8]) -> usize {
        let escapes = self.language.escapes(close.first().copied().unwrap_or_default());
        let mut at = from;
        while let Some(tail) = body.get(at..).filter(|tail| !tail.is_empty()) {
            if escapes && tail.starts_with(b"\\") {
                at += 2;
            } else if tail.starts_with(close) {
                return at + close.len();
            } else {
                at += 1;
            }
        }
        body.len()
    }
}

/// `'a'`, `'\n'`, `'\u{1F600}'` are characters; `'a` alone is a lifetime.
fn rust_char(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        let (end, _) = chars.skip(1).take(12).find(|(_, c)| *c == '\'')?;
        return Some(end + 1);
    }
    let (at, second) = chars.next()?;
    (second == '\'').then_some(at + 1)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || (!c.is_ascii() && !c.is_whitespace())
}

/// Writes tokens so that what does not matter leaves no trace.
struct Normal {
    language: Language,
    text: String,
    last_wordy: bool,
    /// Commas read and not written yet: a closing bracket drops them.
    commas: usize,
    /// Semicolons at the end of `text`.
    semicolons: usize,
}

impl Normal {
    fn push(&mut self, token: Token<'_>) {
        if let Token::Mark(',') = token {
            self.commas += 1;
            return;
        }
        let commas = std::mem::take(&mut self.commas);
        if !matches!(token, Token::Mark(')' | ']' | '}')) {
            self.write_commas(commas);
        }
        match token {
            Token::Mark(mark) => self.mark(mark),
            Token::Word(word) => self.wordy(word),
            Token::String(string) => match self.requoted(string) {
                Some(string) => self.wordy(&string),
                None => self.wordy(string),
            },
        }
    }

    fn write_commas(&mut self, count: usize) {
        (0..count).for_each(|_| self.mark(','));
    }

    /// Marks that were apart and would start a comment together (`1 - -1` in SQL) stay apart.
    fn mark(&mut self, mark: char) {
        self.text.push(mark);
        let ends_in = |opener: &&str| opener.len() > 1 && self.text.ends_with(*opener);
        let block = self.language.block_comment().map(|(open, ..)| open);
        if self.language.line_comments().iter().any(&ends_in) || block.as_ref().is_some_and(ends_in) {
            self.text.pop();
            self.text.push(' ');
            self.text.push(mark);
        }
        self.last_wordy = false;
        self.semicolons = if mark == ';' { self.semicolons + 1 } else { 0 };
    }

    fn wordy(&mut self, word: &str) {
        if self.last_wordy {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.last_wordy = true;
        self.semicolons = 0;
    }

    /// `'…'` with neither quote nor backslash in it, as `"…"`.
    fn requoted(&self, string: &str) -> Option<String> {
        if !self.language.quotes_are_equal() {
            return None;
        }
        let (prefix, body) = string.split_once('\'')?;
        let body = body.strip_suffix('\'')?;
        let plain = !prefix.contains(['"', '`']) && !body.contains(['\'', '"', '\\']);
        plain.then(|| format!("{prefix}\"{body}\""))
    }

    fn finish(mut self) -> String {
        let commas = std::mem::take(&mut self.commas);
        self.write_commas(commas);
        if self.language.semicolon_ends_statement() {
            self.text.truncate(self.text.len() - self.semicolons);
        }
        self.text
    }
}
