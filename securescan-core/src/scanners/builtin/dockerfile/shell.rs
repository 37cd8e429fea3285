//! A small shell reader: a script to commands, a command to words, each with its line. Knows no rule and runs nothing.
//!
//! It understands what decides where a command starts and ends: quotes, escapes, operators, redirections, comments, command and
//! process substitution, here-documents. It does not expand anything. Scripts inside (`$(…)`, `sh -c '…'`) are read
//! too, to a fixed depth, from a work list rather than by recursion. Linear in the script for each level of that depth.

use super::lexer::{Lexer, Substitution};
use super::text::Text;

/// Scripts inside scripts are read this many levels deep.
const MAX_DEPTH: u8 = 4;

/// One instruction is read to this many words, all its commands together.
const MAX_WORDS: usize = 50_000;

/// One word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// With quotes resolved; expansions stay as written.
    pub text: String,
    /// Where it starts.
    pub line: u32,
    /// Whether it holds `$…` or a backquote outside single quotes.
    pub expands: bool,
}

/// `NAME=value` in front of a command.
pub type Assignment = (String, Word);

/// One simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments, as written: wrappers such as `sudo` included.
    pub words: Vec<Word>,
    /// Assignments in front, those of `env` and `export` included.
    pub assignments: Vec<Assignment>,
    /// Redirections: the operator and its target.
    pub redirects: Vec<(String, String)>,
    /// Where it starts.
    pub line: u32,
    /// Whether it reads what the command before it writes.
    pub piped: bool,
    /// The command in whose substitution or `-c` string it stands, as an index into the same list.
    pub inside: Option<usize>,
    /// Index into `words` of the program that really runs, wrappers left out.
    pub(super) program: usize,
}

/// A program that runs another one.
struct Wrapper {
    name: &'static str,
    /// Operands that stand before the program it runs.
    operands: usize,
    /// Short options that take the next word.
    values: &'static str,
}

const fn wrapper(name: &'static str, operands: usize, values: &'static str) -> Wrapper {
    Wrapper { name, operands, values }
}

const WRAPPERS: &[Wrapper] = &[
    wrapper("builtin", 0, ""),
    wrapper("busybox", 0, ""),
    wrapper("chroot", 1, ""),
    wrapper("command", 0, ""),
    wrapper("doas", 0, "uC"),
    wrapper("dumb-init", 0, ""),
    wrapper("eatmydata", 0, ""),
    wrapper("env", 0, "uCS"),
    wrapper("exec", 0, "a"),
    wrapper("gosu", 1, ""),
    wrapper("ionice", 0, "cnp"),
    wrapper("nice", 0, "n"),
    wrapper("nohup", 0, ""),
    wrapper("setsid", 0, ""),
    wrapper("stdbuf", 0, "ioe"),
    wrapper("su-exec", 1, ""),
    wrapper("sudo", 0, "ughpCrtU"),
    wrapper("time", 0, "fo"),
    wrapper("timeout", 1, "ks"),
    wrapper("tini", 0, "pe"),
    wrapper("xargs", 0, "InPLdaEs"),
];

/// Shells that read a script from their standard input or from `-c`.
pub const SHELLS: &[&str] = &["sh", "bash", "ash", "dash", "zsh", "ksh", "fish"];

/// Words that may stand before a command without being one.
const LEADING: &[&str] = &["if", "then", "elif", "else", "do", "while", "until", "!", "{"];

impl Command {
    /// The program that runs, without its folder; empty when there is none.
    pub fn name(&self) -> &str {
        self.words.get(self.program).map_or("", |w| w.text.rsplit('/').next().unwrap_or_default())
    }

    /// What is passed to it.
    pub fn args(&self) -> &[Word] {
        self.words.get(self.program + 1..).unwrap_or_default()
    }

    /// The arguments' texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.args().iter().map(|w| w.text.as_str())
    }

    /// Arguments that are not options.
    pub fn operands(&self) -> impl Iterator<Item = &Word> {
        self.args().iter().filter(|w| !w.text.starts_with('-'))
    }

    /// Whether an argument is exactly one of these.
    pub fn has(&self, options: &[&str]) -> bool {
        self.texts().any(|t| options.contains(&t) || t.split_once('=').is_some_and(|(name, _)| options.contains(&name)))
    }

    /// Whether a short option stands alone or in a cluster: `-k` in `-fsSLk`.
    pub fn has_short(&self, option: char) -> bool {
        self.texts().any(|t| {
            t.strip_prefix('-')
                .is_some_and(|t| !t.starts_with('-') && t.bytes().all(|b| b.is_ascii_alphabetic()) && t.contains(option))
        })
    }

    /// Whether it runs through a wrapper of that name.
    pub fn through(&self, wrapper: &str) -> bool {
        self.words.iter().take(self.program).any(|w| w.text.rsplit('/').next() == Some(wrapper))
    }

    /// Whether it is a shell, which runs what it reads.
    pub fn is_shell(&self) -> bool {
        SHELLS.contains(&self.name())
    }

    /// A command from a list of words, as the exec form gives it.
    pub fn from_words(words: Vec<String>, line: u32) -> Self {
        let words = words.into_iter().map(|text| Word { text, line, expands: false }).collect();
        let mut command = Self { words, line, ..Self::default() };
        command.finish();
        command
    }

    /// Takes leading keywords and assignments off, and finds the program behind wrappers.
    fn finish(&mut self) {
        let lead = self.words.iter().take_while(|w| LEADING.contains(&w.text.as_str())).count();
        self.words.drain(..lead);
        let set = self.words.iter().take_while(|w| assignment(w).is_some()).count();
        self.assignments.extend(self.words.drain(..set).filter_map(|w| assignment(&w)));
        self.line = self.words.first().map_or(self.line, |w| w.line);
        let mut at = 0;
        while let Some(wrapper) = WRAPPERS.iter().find(|w| self.base(at) == Some(w.name)) {
            let Some(next) = self.after_wrapper(at, wrapper) else { break };
            at = next;
        }
        self.program = at;
        if matches!(self.name(), "export" | "declare" | "local" | "readonly") {
            let more: Vec<_> = self.args().iter().filter_map(assignment).collect();
            self.assignments.extend(more);
        }
    }

    fn base(&self, at: usize) -> Option<&str> {
        self.words.get(at).and_then(|w| w.text.rsplit('/').next())
    }

    /// Where the program starts that the wrapper at `at` runs.
    fn after_wrapper(&mut self, at: usize, wrapper: &Wrapper) -> Option<usize> {
        let mut operands = wrapper.operands;
        let mut next = at + 1;
        loop {
            let word = self.words.get(next)?;
            if let Some(set) = assignment(word) {
                self.assignments.push(set);
            } else if word.text.starts_with('-') {
                let option = word.text.get(1..).filter(|o| o.len() == 1);
                next += usize::from(option.is_some_and(|o| wrapper.values.contains(o)));
            } else if operands == 0 {
                return Some(next);
            } else {
                operands -= 1;
            }
            next += 1;
        }
    }

    /// The script a shell gets as an argument: `sh -c SCRIPT`, `su -c SCRIPT`, `eval SCRIPT`.
    fn inner_script(&self) -> Option<(String, u32)> {
        if self.name() == "eval" {
            let all: Vec<_> = self.texts().collect();
            return Some((all.join(" "), self.line));
        }
        if !(self.is_shell() || matches!(self.name(), "su" | "runuser")) {
            return None;
        }
        let is_c =
            |w: &Word| w.text == "--command" || (w.text.starts_with('-') && !w.text.starts_with("--") && w.text.ends_with('c'));
        let at = self.args().iter().position(is_c)?;
        self.args().get(at + 1).map(|w| (w.text.clone(), w.line))
    }

    /// The command `find` runs: what stands between `-exec` and `;` or `+`.
    fn inner_command(&self) -> Option<Self> {
        if self.name() != "find" {
            return None;
        }
        let at = self.args().iter().position(|w| matches!(w.text.as_str(), "-exec" | "-execdir" | "-ok"))?;
        let words: Vec<_> = self.args().iter().skip(at + 1).take_while(|w| w.text != ";" && w.text != "+").cloned().collect();
        let mut command = Self { line: words.first()?.line, words, ..Self::default() };
        command.finish();
        Some(command)
    }
}

/// Reads a word as `NAME=value`.
fn assignment(word: &Word) -> Option<Assignment> {
    let (name, value) = word.text.split_once('=')?;
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    named.then(|| (name.to_owned(), Word { text: value.to_owned(), line: word.line, expands: word.expands }))
}

/// A script still to be read.
struct Job<'t> {
    text: Text<'t>,
    inside: Option<usize>,
    depth: u8,
}

/// Reads a script to its commands, in order of appearance; those of inner scripts after those of the outer.
pub fn split(script: &Text<'_>) -> Vec<Command> {
    let mut out = Vec::new();
    let mut words = 0;
    let mut jobs = std::collections::VecDeque::from([Job { text: script.tail(0), inside: None, depth: 0 }]);
    while let Some(job) = jobs.pop_front() {
        if words > MAX_WORDS {
            break;
        }
        let first = out.len();
        let (commands, substitutions) = Lexer::new(&job.text, MAX_WORDS - words).run();
        words += 1;
        for mut command in commands {
            words += command.words.len() + 1;
            command.inside = job.inside;
            command.finish();
            out.push(command);
        }
        if job.depth >= MAX_DEPTH {
            continue;
        }
        let depth = job.depth + 1;
        for Substitution { command, text, line } in substitutions {
            jobs.push_back(Job { text: inner(text, line), inside: Some(first + command), depth });
        }
        let mut run: Vec<(usize, Command)> = Vec::new();
        for (index, command) in out.iter().enumerate().skip(first) {
            if let Some((text, line)) = command.inner_script() {
                jobs.push_back(Job { text: inner(text, line), inside: Some(index), depth });
            }
            run.extend(command.inner_command().map(|c| (index, c)));
        }
        out.extend(run.into_iter().map(|(index, c)| Command { inside: Some(index), ..c }));
    }
    out
}

/// An inner script has lost its place in the source: all of it counts as standing where it starts.
fn inner(text: String, line: u32) -> Text<'static> {
    Text::on_line(text, line)
}
