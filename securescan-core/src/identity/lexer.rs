//! Splits source text into comments, strings, words and marks, by language, and writes it in one normal form.
//!
//! One linear pass, no state from outside the region: a line inside a block comment that starts above it is taken as code.
//!
//! # Source
//! Identity specification, section 2: the steps and the table of languages.

/// Languages that share comments and strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    C,
    /// Rust: `'` is a lifetime unless it closes; block comments nest.
    Rust,
    Go,
    /// Swift, Kotlin, Scala: block comments nest.
    Nesting,
    Js,
    Php,
    Ruby,
    Shell,
    /// Terraform: shell-like with C comments.
    Hcl,
    Ini,
    Sql,
    Lua,
    Haskell,
    Ada,
    Markup,
    Css,
    Scss,
    Other,
}

use Language as L;

impl Language {
    /// By the file's name and extension, in any case.
    pub(super) fn of(path: Option<&str>) -> Self {
        let Some(name) = path.and_then(|p| p.rsplit(['/', '\\']).next()).map(str::to_ascii_lowercase) else { return L::Other };
        if name.starts_with("dockerfile") || name.starts_with("containerfile") || name == "makefile" || name.starts_with(".env") {
            return L::Shell;
        }
        if name == "gemfile" || name == "rakefile" {
            return L::Ruby;
        }
        match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "py" | "pyi" | "pyw" => L::Python,
            "rs" => L::Rust,
            "go" => L::Go,
            "kt" | "kts" | "scala" | "swift" => L::Nesting,
            "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" | "java" | "dart" | "cs" | "groovy" | "m" | "mm" => L::C,
            "js" | "mjs" | "cjs" | "jsx" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" => L::Js,
            "php" | "phtml" => L::Php,
            "rb" => L::Ruby,
            "tf" | "tfvars" | "hcl" => L::Hcl,
            "ini" => L::Ini,
            "sh" | "bash" | "zsh" | "ksh" | "env" | "properties" | "cfg" | "conf" | "toml" | "yml" | "yaml" | "dockerfile"
            | "makefile" | "r" | "pl" | "pm" => L::Shell,
            "sql" => L::Sql,
            "lua" => L::Lua,
            "hs" | "elm" => L::Haskell,
            "adb" | "ads" => L::Ada,
            "html" | "htm" | "xml" | "svg" | "xaml" => L::Markup,
            "css" => L::Css,
            "scss" | "less" => L::Scss,
            _ => L::Other,
        }
    }

    fn line_comments(self) -> &'static [&'static str] {
        match self {
            L::Python | L::Ruby | L::Shell => &["#"],
            L::C | L::Rust | L::Go | L::Nesting | L::Js | L::Scss => &["//"],
            L::Php => &["//", "#"],
            L::Hcl => &["#", "//"],
            L::Ini => &["#", ";"],
            L::Sql | L::Lua | L::Haskell | L::Ada => &["--"],
            L::Markup | L::Css | L::Other => &[],
        }
    }

    fn block_comment(self) -> Option<(&'static str, &'static str, bool)> {
        match self {
            L::C | L::Go | L::Js | L::Php | L::Hcl | L::Sql | L::Css | L::Scss => Some(("/*", "*/", false)),
            L::Rust | L::Nesting => Some(("/*", "*/", true)),
            L::Lua => Some(("--[[", "]]", false)),
            L::Haskell => Some(("{-", "-}", true)),
            L::Markup => Some(("<!--", "-->", false)),
            L::Python | L::Ruby | L::Shell | L::Ini | L::Ada | L::Other => None,
        }
    }

    fn quotes(self) -> &'static [u8] {
        match self {
            L::Js | L::Ruby => b"'\"`",
            L::Go => b"'\"`",
            L::Python
            | L::C
            | L::Nesting
            | L::Php
            | L::Shell
            | L::Hcl
            | L::Ini
            | L::Sql
            | L::Lua
            | L::Markup
            | L::Css
            | L::Scss => b"'\"",
            L::Rust | L::Haskell | L::Ada | L::Other => b"\"",
        }
    }

    /// Whether a plain quoted string may go on over a line end.
    fn strings_span_lines(self, quote: u8) -> bool {
        quote == b'`' || matches!(self, L::Rust | L::Php | L::Ruby | L::Shell | L::Hcl | L::Sql | L::Markup)
    }

    fn has_triple_quotes(self, quote: u8) -> bool {
        match self {
            L::Python => true,
            L::C | L::Nesting => quote == b'"',
            _ => false,
        }
    }

    /// A backslash does not escape in SQL, markup and Ada; in Go's raw strings neither.
    fn escapes(self, quote: u8) -> bool {
        let raw = self == L::Go && quote == b'`';
        !(raw || matches!(self, L::Sql | L::Markup | L::Ada))
    }

    /// `'…'` and `"…"` mean the same.
    fn quotes_are_equal(self) -> bool {
        matches!(self, L::Python | L::Js)
    }

    fn semicolon_ends_statement(self) -> bool {
        matches!(
            self,
            L::C | L::Rust | L::Go | L::Nesting | L::Js | L::Php | L::Sql | L::Css | L::Scss | L::Ruby | L::Lua | L::Ada
        )
    }
}

/// Writes the normal form of `text`, of which the first `named` bytes are the finding's own lines: the rest is used as far as
/// brackets opened in them stay open.
pub(super) fn normalize(language: Language, text: &str, named: usize) -> String {
    let mut lexer = Lexer { language, text, at: 0, named, depth: 0 };
    let mut out = Normal { language, text: String::with_capacity(named), last_wordy: false, pending_comma: false };
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
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.rest();
            let first = rest.chars().next()?;
            if self.at >= self.named && self.depth == 0 {
                // Past the named lines with nothing open: the rest of the line that closed the last bracket still counts.
                if self.text.get(..self.at).is_some_and(|done| done.len() == self.named || done.ends_with('\n')) || first == '\n'
                {
                    return None;
                }
            }
            if first.is_whitespace() {
                self.at += first.len_utf8();
                continue;
            }
            if let Some(length) = self.comment(rest) {
                self.at += length.max(1);
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

    /// Where the text that may be looked at ends: an open string or comment runs no further than the named lines, unless a
    /// bracket is open.
    fn bound(&self) -> usize {
        if self.depth > 0 || self.at >= self.named { self.text.len() } else { self.named }
    }

    fn comment(&self, rest: &str) -> Option<usize> {
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

    fn block_end(&self, rest: &str, open: &str, close: &str, nests: bool) -> usize {
        let limit = self.bound().saturating_sub(self.at);
        let body = rest.get(..limit).unwrap_or(rest);
        let mut at = open.len();
        let mut depth = 1usize;
        while depth > 0 {
            let Some(tail) = body.get(at..) else { return body.len() };
            let end = tail.find(close);
            let start = if nests { tail.find(open) } else { None };
            match (start, end) {
                (Some(s), Some(e)) if s < e => {
                    depth += 1;
                    at += s + open.len();
                }
                (_, Some(e)) => {
                    depth -= 1;
                    at += e + close.len();
                }
                (_, None) => return body.len(),
            }
        }
        at
    }

    /// The length of the string token at the start of `rest`, prefix and quotes included.
    fn string(&self, rest: &str) -> Option<usize> {
        let bytes = rest.as_bytes();
        let prefix = self.prefix(bytes);
        let quote = *bytes.get(prefix)?;
        if self.language == L::Rust {
            if let Some(length) = self.rust_raw(rest) {
                return Some(length);
            }
            if quote == b'\'' {
                return rust_char(bytes);
            }
        }
        if !self.language.quotes().contains(&quote) {
            return None;
        }
        let limit = self.bound().saturating_sub(self.at);
        let body = bytes.get(..limit).unwrap_or(bytes);
        let triple = [quote; 3];
        if self.language.has_triple_quotes(quote) && body.get(prefix..).is_some_and(|b| b.starts_with(&triple)) {
            return Some(self.closed(body, prefix + 3, &triple, true));
        }
        Some(self.closed(body, prefix + 1, &[quote], self.language.strings_span_lines(quote)))
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

    fn rust_raw(&self, rest: &str) -> Option<usize> {
        let tail = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
        let hashes = tail.bytes().take_while(|b| *b == b'#').count();
        let body = tail.get(hashes..)?.strip_prefix('"')?;
        let opened = rest.len() - body.len();
        let close = format!("\"{}", "#".repeat(hashes.min(255)));
        let limit = self.bound().saturating_sub(self.at);
        let end = body.find(&close).map_or(rest.len(), |i| opened + i + close.len());
        Some(end.min(limit.max(opened)))
    }

    /// From just after the opening quote to just after the closing one, or to where the string has to end.
    fn closed(&self, body: &[u8], from: usize, close: &[u8], spans_lines: bool) -> usize {
        let quote = close.first().copied().unwrap_or(b'"');
        let escapes = self.language.escapes(quote);
        let mut at = from;
        while let Some(byte) = body.get(at) {
            match byte {
                b'\\' if escapes => at += 2,
                b'\n' if !spans_lines => return at,
                _ if body.get(at..).is_some_and(|b| b.starts_with(close)) => return at + close.len(),
                _ => at += 1,
            }
        }
        body.len()
    }
}

/// `'a'`, `'\n'`, `'\u{1F600}'` are characters; `'a` alone is a lifetime.
fn rust_char(bytes: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut chars = text.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        let end = text.get(2..)?.char_indices().skip(1).take(12).find(|(_, c)| *c == '\'')?.0;
        return Some(2 + end + 1);
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
    pending_comma: bool,
}

impl Normal {
    fn push(&mut self, token: Token<'_>) {
        let closes = matches!(token, Token::Mark(')' | ']' | '}'));
        if std::mem::take(&mut self.pending_comma) && !closes {
            self.text.push(',');
        }
        match token {
            Token::Mark(',') => {
                self.pending_comma = true;
                self.last_wordy = false;
            }
            Token::Mark(mark) => {
                self.text.push(mark);
                self.last_wordy = false;
            }
            Token::Word(word) => self.wordy(word),
            Token::String(string) => match self.requoted(string) {
                Some(string) => self.wordy(&string),
                None => self.wordy(string),
            },
        }
    }

    fn wordy(&mut self, word: &str) {
        if self.last_wordy {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.last_wordy = true;
    }

    /// `'…'` with neither quote nor backslash in it, as `"…"`.
    fn requoted(&self, string: &str) -> Option<String> {
        if !self.language.quotes_are_equal() {
            return None;
        }
        let (prefix, body) = string.split_once('\'')?;
        let body = body.strip_suffix('\'')?;
        (!prefix.contains('"') && !body.contains(['\'', '"', '\\'])).then(|| format!("{prefix}\"{body}\""))
    }

    fn finish(mut self) -> String {
        if self.pending_comma {
            self.text.push(',');
        }
        if self.language.semicolon_ends_statement() {
            let kept = self.text.trim_end_matches(';').len();
            self.text.truncate(kept);
        }
        self.text
    }
}
