//! The Dockerfile reader: parser directives, comments, continuations, here-documents, instructions. Knows no rule.
//!
//! Linear in the text and without recursion. Nothing is an error: what is not an instruction is left out, as a scanner must
//! look at the rest of a file that would not build.
//!
//! # Source
//! Dockerfile reference (docs.docker.com/reference/dockerfile), as of frontend 1.14.

pub use super::instruction::{Flag, Heredoc, Instruction, Keyword, Pair, Word};
pub use super::text::Text;

/// More instructions than this are not read; [`Dockerfile::truncated`] says so.
pub const MAX_INSTRUCTIONS: usize = 20_000;

/// More comments than this are not kept.
const MAX_COMMENTS: usize = 20_000;

/// A comment line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment<'a> {
    /// Where it stands.
    pub line: u32,
    /// Without the `#`, trimmed.
    pub text: &'a str,
}

/// A parsed file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile<'a> {
    /// Parser directives (`syntax`, `escape`, `check`), lower-cased, with their value and line.
    pub directives: Vec<(String, &'a str, u32)>,
    /// Comment lines, also those between continuation lines.
    pub comments: Vec<Comment<'a>>,
    /// Instructions in order.
    pub instructions: Vec<Instruction<'a>>,
    /// Whether the file holds more instructions than were read.
    pub truncated: bool,
}

/// Reads a Dockerfile.
pub fn parse(text: &str) -> Dockerfile<'_> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { text, at: 0, line: 0, escape: '\\', out: Dockerfile::default() };
    reader.directives();
    while let Some(line) = reader.next_line() {
        let content = line.trim_start();
        if content.is_empty() || reader.comment(content) {
            continue;
        }
        if reader.out.instructions.len() >= MAX_INSTRUCTIONS {
            reader.out.truncated = true;
            break;
        }
        reader.instruction(content);
    }
    reader.out
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// The line last given, 1-based.
    line: u32,
    escape: char,
    out: Dockerfile<'a>,
}

impl<'a> Reader<'a> {
    /// The next line without its end.
    fn next_line(&mut self) -> Option<&'a str> {
        let rest = self.text.get(self.at..).filter(|r| !r.is_empty())?;
        let len = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        self.at += (len + 1).min(rest.len());
        self.line = self.line.saturating_add(1);
        let line = rest.get(..len)?;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }

    /// Parser directives stand before everything else; the first line that is none ends them.
    fn directives(&mut self) {
        loop {
            let (at, number) = (self.at, self.line);
            let found = self.next_line().and_then(|line| {
                let (name, value) = line.trim_start().strip_prefix('#')?.split_once('=')?;
                let name = name.trim().to_ascii_lowercase();
                matches!(name.as_str(), "syntax" | "escape" | "check").then_some((name, value.trim()))
            });
            let Some((name, value)) = found else {
                (self.at, self.line) = (at, number);
                return;
            };
            if name == "escape" && value == "`" {
                self.escape = '`';
            }
            self.out.directives.push((name, value, self.line));
        }
    }

    fn comment(&mut self, content: &'a str) -> bool {
        let Some(text) = content.strip_prefix('#') else { return false };
        if self.out.comments.len() < MAX_COMMENTS {
            self.out.comments.push(Comment { line: self.line, text: text.trim() });
        }
        true
    }

    /// Reads the logical line that starts here, its here-documents and the instruction it makes.
    fn instruction(&mut self, first: &'a str) {
        let start = self.line;
        let (part, mut goes_on) = continued(first, self.escape);
        let mut joined = Text::on_line(part, start);
        while goes_on {
            let Some(line) = self.next_line() else { break };
            let content = line.trim_start();
            if content.is_empty() || self.comment(content) {
                continue;
            }
            let (part, more) = continued(line, self.escape);
            joined.push(part, self.line);
            goes_on = more;
        }
        let Some(mut instruction) = Instruction::parse(joined, start, self.line) else { return };
        if instruction.keyword.takes_heredocs() {
            for (name, quoted, strip_tabs) in heredoc_markers(&instruction) {
                let heredoc = self.heredoc(name, quoted, strip_tabs);
                instruction.heredocs.extend(heredoc);
            }
            instruction.end_line = self.line.max(start);
        }
        self.out.instructions.push(instruction);
    }

    /// The lines up to the delimiter; a here-document that never ends takes the rest of the file.
    fn heredoc(&mut self, name: String, quoted: bool, strip_tabs: bool) -> Option<Heredoc<'a>> {
        let (start, line) = (self.at, self.line.saturating_add(1));
        loop {
            let before = self.at;
            let Some(content) = self.next_line() else {
                return Some(Heredoc { name: "", quoted, body: self.text.get(start..)?, line });
            };
            let content = if strip_tabs { content.trim_start_matches('\t') } else { content };
            if content == name {
                return Some(Heredoc { name: content, quoted, body: self.text.get(start..before)?, line });
            }
        }
    }
}

/// The line without a trailing escape character, and whether there was one.
fn continued(line: &str, escape: char) -> (&str, bool) {
    match line.trim_end_matches([' ', '\t']).strip_suffix(escape) {
        Some(rest) if !rest.ends_with(escape) => (rest, true),
        _ => (line, false),
    }
}

/// The here-documents an instruction announces: words of the form `<<NAME`, `<<-NAME`, `<<"NAME"`, with a file number in front or not.
fn heredoc_markers(instruction: &Instruction<'_>) -> Vec<(String, bool, bool)> {
    let args = instruction.args();
    if !args.contains("<<") || args.starts_with('[') {
        return Vec::new();
    }
    instruction.words().iter().filter_map(|word| marker(&word.raw)).take(64).collect()
}

/// Reads a here-document marker: name, whether quoted, whether leading tabs are stripped.
pub(super) fn marker(word: &str) -> Option<(String, bool, bool)> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (rest, strip_tabs) = rest.strip_prefix('-').map_or((rest, false), |r| (r, true));
    let quoted = rest.contains(['"', '\'', '\\']);
    let name = super::instruction::unquote(rest);
    (!name.is_empty() && !rest.contains('<')).then_some((name, quoted, strip_tabs))
}
