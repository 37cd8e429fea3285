//! One instruction: its flags, its words, its `NAME=value` pairs, its exec form. What they mean is for the rules.

use super::text::Text;

/// The instructions of the Dockerfile reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the instruction of that name")]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
}

impl Keyword {
    /// The instruction of a word, in any case.
    pub fn parse(word: &str) -> Option<Self> {
        const WORDS: &[(&str, Keyword)] = &[
            ("ADD", Keyword::Add),
            ("ARG", Keyword::Arg),
            ("CMD", Keyword::Cmd),
            ("COPY", Keyword::Copy),
            ("ENTRYPOINT", Keyword::Entrypoint),
            ("ENV", Keyword::Env),
            ("EXPOSE", Keyword::Expose),
            ("FROM", Keyword::From),
            ("HEALTHCHECK", Keyword::Healthcheck),
            ("LABEL", Keyword::Label),
            ("MAINTAINER", Keyword::Maintainer),
            ("ONBUILD", Keyword::Onbuild),
            ("RUN", Keyword::Run),
            ("SHELL", Keyword::Shell),
            ("STOPSIGNAL", Keyword::Stopsignal),
            ("USER", Keyword::User),
            ("VOLUME", Keyword::Volume),
            ("WORKDIR", Keyword::Workdir),
        ];
        WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, keyword)| *keyword)
    }

    /// Whether `--flags` may follow.
    fn takes_flags(self) -> bool {
        matches!(self, Self::Add | Self::Copy | Self::From | Self::Healthcheck | Self::Run)
    }

    /// Whether here-documents may follow.
    pub(super) fn takes_heredocs(self) -> bool {
        matches!(self, Self::Add | Self::Copy | Self::Run)
    }
}

/// `--name` or `--name=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Without the dashes, lower-cased.
    pub name: String,
    /// What follows the `=`, quotes removed; empty without one.
    pub value: String,
    /// Where it stands.
    pub line: u32,
}

/// A here-document of `RUN`, `COPY` or `ADD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc<'a> {
    /// The delimiter.
    pub name: &'a str,
    /// Whether the delimiter was quoted, so that nothing is expanded in the body.
    pub quoted: bool,
    /// The lines between, with their line ends.
    pub body: &'a str,
    /// The first line of the body.
    pub line: u32,
}

/// One word of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// With quotes and escapes resolved.
    pub text: String,
    /// As it stands in the source.
    pub raw: String,
    /// Where it stands.
    pub line: u32,
}

/// `NAME=value` of `ENV`, `ARG` or `LABEL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// The value with quotes resolved; none for an `ARG` without a default.
    pub value: Option<String>,
    /// Where it stands.
    pub line: u32,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction<'a> {
    /// Which.
    pub keyword: Keyword,
    /// First line, 1-based.
    pub line: u32,
    /// Last line, inclusive; here-documents included.
    pub end_line: u32,
    /// Flags in front of the arguments.
    pub flags: Vec<Flag>,
    /// Whether it stood behind `ONBUILD`.
    pub onbuild: bool,
    /// Its here-documents.
    pub heredocs: Vec<Heredoc<'a>>,
    text: Text<'a>,
    args_at: usize,
}

impl<'a> Instruction<'a> {
    /// Reads one logical line; `None` when it does not start with an instruction.
    pub(super) fn parse(text: Text<'a>, line: u32, end_line: u32) -> Option<Self> {
        let (mut keyword, mut at) = leading_keyword(text.as_str(), 0)?;
        let mut onbuild = false;
        if keyword == Keyword::Onbuild {
            (keyword, at) = leading_keyword(text.as_str(), at)?;
            onbuild = true;
        }
        let mut flags = Vec::new();
        if keyword.takes_flags() {
            while let Some((flag, next)) = leading_flag(&text, at) {
                flags.push(flag);
                at = next;
            }
        }
        at = skip_blanks(text.as_str(), at);
        Some(Self { keyword, line, end_line, flags, onbuild, heredocs: Vec::new(), text, args_at: at })
    }

    /// What follows the flags, continuations joined.
    pub fn args(&self) -> &str {
        self.text.as_str().get(self.args_at..).unwrap_or_default().trim_end()
    }

    /// The same, with lines.
    pub fn args_text(&self) -> Text<'_> {
        self.text.tail(self.args_at)
    }

    /// The value of a flag.
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|f| f.name == name).map(|f| f.value.as_str())
    }

    /// The values of a flag that may be repeated.
    pub fn flag_values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.flags.iter().filter(move |f| f.name == name).map(|f| f.value.as_str())
    }

    /// The exec (JSON) form, if it is that.
    pub fn exec(&self) -> Option<Vec<String>> {
        let args = self.args();
        if !args.starts_with('[') {
            return None;
        }
        serde_json::from_str(args).ok()
    }

    /// The arguments as words, here-document markers included; for `COPY`, `ADD`, `EXPOSE`, `FROM`, `VOLUME`.
    pub fn words(&self) -> Vec<Word> {
        if let Some(list) = self.exec() {
            return list.into_iter().map(|text| Word { raw: text.clone(), text, line: self.line }).collect();
        }
        words(&self.text, self.args_at)
    }

    /// The pairs of `ENV`, `ARG` and `LABEL`, also in the old form `ENV NAME value`.
    pub fn pairs(&self) -> Vec<Pair> {
        let words = self.words();
        let Some(first) = words.first() else { return Vec::new() };
        if self.keyword == Keyword::Env && !first.raw.contains('=') {
            let value = self.args().get(first.raw.len()..).unwrap_or_default().trim();
            return vec![Pair { name: first.text.clone(), value: Some(unquote(value)), line: first.line }];
        }
        let pair = |word: Word| match word.text.split_once('=') {
            Some((name, value)) => Pair { name: name.to_owned(), value: Some(value.to_owned()), line: word.line },
            None => Pair { name: word.text, value: None, line: word.line },
        };
        words.into_iter().map(pair).filter(|p| !p.name.is_empty()).collect()
    }
}

/// The longest list of words one instruction is read to; more is not a Dockerfile anybody wrote.
const MAX_WORDS: usize = 50_000;

fn skip_blanks(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + (rest.len() - rest.trim_start().len())
}

fn leading_keyword(text: &str, from: usize) -> Option<(Keyword, usize)> {
    let start = skip_blanks(text, from);
    let rest = text.get(start..)?;
    let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
    Some((Keyword::parse(rest.get(..len)?)?, start + len))
}

fn leading_flag(text: &Text<'_>, from: usize) -> Option<(Flag, usize)> {
    let start = skip_blanks(text.as_str(), from);
    let rest = text.as_str().get(start..)?;
    if !rest.starts_with("--") || !rest.get(2..)?.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let len = word_len(rest);
    let body = rest.get(2..len)?;
    let (name, value) = body.split_once('=').unwrap_or((body, ""));
    Some((Flag { name: name.to_ascii_lowercase(), value: unquote(value), line: text.line_at(start) }, start + len))
}

fn words(text: &Text<'_>, from: usize) -> Vec<Word> {
    let mut out = Vec::new();
    let mut at = skip_blanks(text.as_str(), from);
    while out.len() < MAX_WORDS {
        let rest = text.as_str().get(at..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
        let len = word_len(rest);
        let raw = rest.get(..len).unwrap_or_default();
        out.push(Word { text: unquote(raw), raw: raw.to_owned(), line: text.line_at(at) });
        at = skip_blanks(text.as_str(), at + len);
    }
    out
}

/// The length of the word a text starts with: to the first white space outside quotes.
fn word_len(text: &str) -> usize {
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None, c) if c.is_whitespace() => return at,
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None | Some('"'), '\\') => drop(chars.next()),
            _ => {}
        }
    }
    text.len()
}

/// Removes quotes and resolves backslash escapes, the way the Dockerfile reader does.
pub(super) fn unquote(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut quote = None;
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None | Some('"'), '\\') => out.extend(chars.next()),
            (_, c) => out.push(c),
        }
    }
    out
}
