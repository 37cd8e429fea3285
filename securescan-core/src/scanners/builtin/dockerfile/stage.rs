//! Stages: what each `FROM` starts, which stage it builds on, and what variables stand for where it matters.

use super::expand::{Scope, Scopes};
use super::parse::{Dockerfile, Instruction, Keyword};
use std::collections::{BTreeMap, HashMap};

/// An image name, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Image {
    /// Everything before tag and digest.
    pub repository: String,
    /// Without the `:`.
    pub tag: Option<String>,
    /// Without the `@`.
    pub digest: Option<String>,
}

impl Image {
    /// Takes `registry:5000/name:tag@sha256:…` apart.
    pub(super) fn parse(text: &str) -> Self {
        let (name, digest) = text.split_once('@').map_or((text, None), |(n, d)| (n, Some(d.to_owned())));
        let last = name.rfind('/').map_or(0, |i| i + 1);
        let tag_at = name.get(last..).and_then(|n| n.find(':')).map(|i| last + i);
        let repository = tag_at.and_then(|i| name.get(..i)).unwrap_or(name).to_owned();
        let tag = tag_at.and_then(|i| name.get(i + 1..)).filter(|t| !t.is_empty()).map(str::to_owned);
        Self { repository, tag, digest: digest.filter(|d| !d.is_empty()) }
    }

    /// Whether it is the empty image.
    pub(super) fn is_scratch(&self) -> bool {
        self.repository.eq_ignore_ascii_case("scratch")
    }
}

/// One stage.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// Index of its `FROM`; none for what stands before the first `FROM` of a file that has none.
    pub from: Option<usize>,
    /// The indices of its instructions, `FROM` excluded.
    pub instructions: std::ops::Range<usize>,
    /// The earlier stage it builds on.
    pub parent: Option<usize>,
    /// The image it builds on; none when it is a stage or a variable without a value.
    pub image: Option<Image>,
    scope: Scope,
}

/// The stages of a file.
#[derive(Debug, Default)]
pub(super) struct Stages {
    /// In order; at least one when the file has instructions.
    pub list: Vec<Stage>,
    /// The expanded arguments of `USER`, `EXPOSE` and the expanded `--from=` of `COPY`, by instruction.
    resolved: BTreeMap<usize, String>,
    global: Scope,
}

impl Stages {
    pub(super) fn of(file: &Dockerfile<'_>) -> Self {
        let mut out = Self::default();
        let mut names: HashMap<String, usize> = HashMap::new();
        if !file.instructions.iter().any(|i| i.keyword == Keyword::From) && !file.instructions.is_empty() {
            out.list.push(Stage::default());
        }
        for (index, instruction) in file.instructions.iter().enumerate() {
            if instruction.keyword == Keyword::From {
                out.begin(index, instruction, &mut names);
                continue;
            }
            out.note(index, instruction, &names);
            if let Some(stage) = out.list.last_mut() {
                stage.instructions.end = index + 1;
            }
        }
        out
    }

    /// The stage that is built by default.
    pub(super) fn last(&self) -> Option<&Stage> {
        self.list.last()
    }

    /// The expanded text of an instruction, where it was asked for; `None` when a variable is unknown.
    pub(super) fn resolved(&self, index: usize) -> Option<&str> {
        self.resolved.get(&index).map(String::as_str)
    }

    /// The stage and those it builds on, itself first.
    pub(super) fn chain<'s>(&'s self, stage: &'s Stage) -> impl Iterator<Item = &'s Stage> {
        std::iter::successors(Some(stage), |s| s.parent.and_then(|p| self.list.get(p))).take(256)
    }

    /// Whether a variable of the stage, or of one it builds on, is set to something.
    pub(super) fn variable<'s>(&'s self, stage: &'s Stage, name: &str) -> Option<&'s str> {
        self.chain(stage).find_map(|s| s.scope.get(name)).and_then(|v| v.as_deref())
    }

    fn begin(&mut self, index: usize, from: &Instruction<'_>, names: &mut HashMap<String, usize>) {
        let words = from.words();
        let image = words.first().and_then(|w| Scopes(vec![&self.global]).expand(&w.text));
        let parent = image.as_deref().and_then(|name| names.get(&name.to_ascii_lowercase())).copied();
        let image = image.filter(|name| parent.is_none() && !name.is_empty()).map(|name| Image::parse(&name));
        if let (Some(as_word), Some(name)) = (words.get(1), words.get(2))
            && as_word.text.eq_ignore_ascii_case("as")
        {
            names.insert(name.text.to_ascii_lowercase(), self.list.len());
        }
        let instructions = index + 1..index + 1;
        self.list.push(Stage { from: Some(index), instructions, parent, image, scope: Scope::new() });
    }

    /// Notes variables and expands what rules ask for.
    fn note(&mut self, index: usize, instruction: &Instruction<'_>, names: &HashMap<String, usize>) {
        if instruction.onbuild {
            return;
        }
        match instruction.keyword {
            Keyword::Arg | Keyword::Env => self.declare(instruction),
            Keyword::User | Keyword::Expose => self.resolve(index, instruction.args()),
            Keyword::Copy => {
                let Some(from) = instruction.flag("from") else { return };
                let is_stage = names.contains_key(&from.to_ascii_lowercase()) || from.bytes().all(|b| b.is_ascii_digit());
                if !is_stage {
                    self.resolve(index, from);
                }
            }
            _ => {}
        }
    }

    fn declare(&mut self, instruction: &Instruction<'_>) {
        for pair in instruction.pairs() {
            let value = match (&pair.value, self.list.is_empty()) {
                (Some(value), _) => self.scopes().expand(value),
                // `ARG NAME` in a stage takes the value of the global one.
                (None, false) => self.global.get(&pair.name).cloned().flatten(),
                (None, true) => None,
            };
            let scope = self.list.last_mut().map_or(&mut self.global, |s| &mut s.scope);
            scope.insert(pair.name, value);
        }
    }

    fn resolve(&mut self, index: usize, text: &str) {
        if let Some(text) = self.scopes().expand(text) {
            self.resolved.insert(index, text);
        }
    }

    fn scopes(&self) -> Scopes<'_> {
        match self.list.last() {
            Some(stage) => Scopes(self.chain(stage).map(|s| &s.scope).collect()),
            None => Scopes(vec![&self.global]),
        }
    }
}
