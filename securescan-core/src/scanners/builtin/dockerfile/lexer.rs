//! Where shell words and commands begin and end. Part of [`super::shell`].

use super::shell::{Command, Word};
use super::text::Text;

/// A script inside a word: `$(…)`, backquotes, `<(…)`.
#[derive(Debug)]
pub(super) struct Substitution {
    /// Index of the command it belongs to.
    pub command: usize,
    /// The script.
    pub text: String,
    /// Where it starts.
    pub line: u32,
}

/// Reads one script.
pub(super) struct Lexer<'t> {
    source: &'t Text<'t>,
    text: &'t str,
    at: usize,
    budget: usize,
    word: Option<Word>,
    /// The redirection operator whose target comes next.
    redirect: Option<String>,
    current: Command,
    /// Here-document delimiters whose bodies start after this line.
    heredocs: Vec<String>,
    commands: Vec<Command>,
    substitutions: Vec<Substitution>,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(source: &'t Text<'t>, budget: usize) -> Self {
        Self {
            source,
            text: source.as_str(),
            at: 0,
            budget,
            word: None,
            redirect: None,
            current: Command::default(),
            heredocs: Vec::new(),
            commands: Vec::new(),
            substitutions: Vec::new(),
        }
    }

    /// The commands, and the scripts inside their words.
    pub(super) fn run(mut self) -> (Vec<Command>, Vec<Substitution>) {
        while self.budget > 0
            && let Some(byte) = self.peek(0)
        {
            self.step(byte);
        }
        self.end_command(false);
        (self.commands, self.substitutions)
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn step(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\r' => {
                self.at += 1;
                self.end_word();
            }
            b'\n' => self.newline(),
            b'#' if self.word.is_none() => self.at = self.find_from(self.at, b'\n'),
            b'\\' => self.escape(),
            b'\'' => self.single_quoted(),
            b'"' => self.double_quoted(),
            b'`' => self.backquote(),
            b'$' => self.dollar(),
            b'<' | b'>' => self.angle(byte),
            b'&' if self.peek(1) == Some(b'>') => {
                self.at += 1;
                self.angle(b'>');
            }
            b';' | b'&' | b'|' | b'(' | b')' => self.operator(byte),
            _ => self.plain(),
        }
    }

    /// The word being read, begun when there is none.
    fn word(&mut self) -> &mut Word {
        let line = self.source.line_at(self.at);
        self.word.get_or_insert_with(|| Word { text: String::new(), line, expands: false })
    }

    fn push(&mut self, from: usize, to: usize) {
        let text = self.text;
        self.word().text.push_str(text.get(from..to).unwrap_or_default());
    }

    fn find_from(&self, from: usize, byte: u8) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        memchr::memchr(byte, rest).map_or(self.text.len(), |i| from + i)
    }

    fn plain(&mut self) {
        const SPECIAL: &[u8] = b" \t\r\n\\'\"`$<>;&|()";
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let len = rest.iter().position(|b| SPECIAL.contains(b)).unwrap_or(rest.len()).max(1);
        self.push(self.at, self.at + len);
        self.at += len;
    }

    fn escape(&mut self) {
        let next = self.text.get(self.at + 1..).and_then(|r| r.chars().next());
        let len = next.map_or(0, char::len_utf8);
        if next == Some('\n') {
            self.at += 2;
            return;
        }
        self.push(self.at + 1, self.at + 1 + len);
        self.at += 1 + len;
    }

    fn single_quoted(&mut self) {
        let end = self.find_from(self.at + 1, b'\'');
        self.push(self.at + 1, end);
        self.at = (end + 1).min(self.text.len());
    }

    fn double_quoted(&mut self) {
        self.word();
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => break,
                b'\\' if matches!(self.peek(1), Some(b'"' | b'\\' | b'$' | b'`')) => {
                    self.push(self.at + 1, self.at + 2);
                    self.at += 2;
                }
                b'\\' if self.peek(1) == Some(b'\n') => self.at += 2,
                b'$' => self.dollar(),
                b'`' => self.backquote(),
                _ => {
                    let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
                    let len = rest.iter().position(|b| matches!(b, b'"' | b'\\' | b'$' | b'`')).unwrap_or(rest.len()).max(1);
                    self.push(self.at, self.at + len);
                    self.at += len;
                }
            }
        }
        self.at = (self.at + 1).min(self.text.len());
    }

    fn backquote(&mut self) {
        let end = self.find_from(self.at + 1, b'`');
        self.substitute(self.at + 1, end, end + 1);
    }

    fn dollar(&mut self) {
        match self.peek(1) {
            Some(b'(') => {
                let end = closing(self.text, self.at + 2);
                self.substitute(self.at + 2, end, end + 1);
            }
            Some(b'{') => {
                let end = (self.find_from(self.at + 2, b'}') + 1).min(self.text.len());
                self.push(self.at, end);
                self.word().expands = true;
                self.at = end;
            }
            _ => {
                self.push(self.at, self.at + 1);
                self.word().expands = true;
                self.at += 1;
            }
        }
    }

    /// A script from `from` to `to`: stands in the word as written, and is read on its own later.
    fn substitute(&mut self, from: usize, to: usize, after: usize) {
        let after = after.min(self.text.len());
        let text = self.text.get(from..to).unwrap_or_default().to_owned();
        let line = self.source.line_at(from);
        self.substitutions.push(Substitution { command: self.commands.len(), text, line });
        self.budget = self.budget.saturating_sub(1);
        self.push(self.at, after);
        self.word().expands = true;
        self.at = after;
    }

    fn angle(&mut self, byte: u8) {
        if self.peek(1) == Some(b'(') {
            let end = closing(self.text, self.at + 2);
            self.substitute(self.at + 2, end, end + 1);
            return;
        }
        let is_fd = self.word.as_ref().is_some_and(|w| w.text.bytes().all(|b| b.is_ascii_digit()));
        if is_fd {
            self.word = None;
        }
        self.end_word();
        let rest = self.text.as_bytes().get(self.at + 1..).unwrap_or_default();
        let more = rest.iter().take(2).take_while(|b| matches!(b, b'<' | b'>' | b'&' | b'|' | b'-')).count();
        let operator = self.text.get(self.at..self.at + 1 + more).unwrap_or_default();
        // `>&1` and `<&-` have their target in the same word; `<-` is no operator.
        let operator = if byte == b'<' && operator == "<-" { "<" } else { operator };
        self.at += operator.len().max(1);
        self.redirect = Some(operator.to_owned());
    }

    fn operator(&mut self, byte: u8) {
        let doubled = self.peek(1) == Some(byte) && matches!(byte, b';' | b'&' | b'|');
        let with_errors = byte == b'|' && self.peek(1) == Some(b'&');
        self.at += if doubled || with_errors { 2 } else { 1 };
        self.end_command(byte == b'|' && !doubled);
    }

    fn newline(&mut self) {
        self.at += 1;
        self.end_word();
        for name in std::mem::take(&mut self.heredocs) {
            self.skip_heredoc(&name);
        }
        // A line that ends in `|` goes on: the pipe is remembered on the empty command that follows it.
        if !self.current.words.is_empty() {
            self.end_command(false);
        }
    }

    /// Skips the body of a here-document inside a script: data, not commands.
    fn skip_heredoc(&mut self, name: &str) {
        while self.at < self.text.len() {
            let end = self.find_from(self.at, b'\n');
            let line = self.text.get(self.at..end).unwrap_or_default();
            self.at = (end + 1).min(self.text.len());
            if line.trim_start_matches('\t') == name {
                return;
            }
        }
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        self.budget = self.budget.saturating_sub(1);
        if let Some(operator) = self.redirect.take() {
            if matches!(operator.as_str(), "<<" | "<<-") {
                self.heredocs.push(word.text.clone());
            }
            self.current.redirects.push((operator, word.text));
            return;
        }
        if self.current.words.is_empty() {
            self.current.line = word.line;
        }
        self.current.words.push(word);
    }

    fn end_command(&mut self, pipes_on: bool) {
        self.end_word();
        self.redirect = None;
        let next = Command { piped: pipes_on, ..Command::default() };
        let done = std::mem::replace(&mut self.current, next);
        if !(done.words.is_empty() && done.redirects.is_empty()) {
            self.budget = self.budget.saturating_sub(1);
            self.commands.push(done);
        } else if done.piped && !pipes_on {
            // `a | ( b )`: what is inside the parentheses reads the pipe.
            self.current.piped = true;
        }
    }
}

/// The offset of the `)` that closes what was opened before `from`; the end of the text when there is none.
fn closing(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut open = vec![b')'];
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match (open.last(), byte) {
            (Some(b'\''), b'\'') | (Some(b'"'), b'"') => drop(open.pop()),
            (Some(b'\''), _) => {}
            (_, b'\\') => at += 1,
            (Some(b')'), b'\'' | b'"') => open.push(byte),
            (_, b'(') if open.last() == Some(&b')') || bytes.get(at.wrapping_sub(1)) == Some(&b'$') => open.push(b')'),
            (Some(b')'), b')') => {
                open.pop();
                if open.is_empty() {
                    return at;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}
