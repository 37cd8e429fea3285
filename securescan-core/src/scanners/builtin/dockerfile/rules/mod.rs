//! The rules, in groups. A group is a file: its table of rules and one `check` that looks for them.

mod base_image;
mod packages;
mod privilege;
mod remote;
mod runtime;
mod secret_files;
mod secret_names;
mod secret_values;
mod verification;
mod versions;

use super::parse::{Dockerfile, Instruction, Keyword};
use super::report::{Rule, Sink};
use super::shell::{self, Command};
use super::stage::{Stage, Stages};

/// Everything a rule may look at.
#[derive(Debug)]
pub(super) struct Analysis<'f, 'a> {
    pub file: &'f Dockerfile<'a>,
    pub stages: Stages,
    /// The commands of `RUN`, `CMD` and `ENTRYPOINT`.
    pub scripts: Vec<Script<'f, 'a>>,
}

/// The commands one instruction runs.
#[derive(Debug)]
pub(super) struct Script<'f, 'a> {
    /// Its index in the file.
    pub index: usize,
    pub instruction: &'f Instruction<'a>,
    pub commands: Vec<Command>,
}

impl Script<'_, '_> {
    /// Whether it runs while building.
    pub(super) fn is_run(&self) -> bool {
        self.instruction.keyword == Keyword::Run
    }
}

impl<'f, 'a> Analysis<'f, 'a> {
    pub(super) fn of(file: &'f Dockerfile<'a>) -> Self {
        let scripted = |i: &Instruction<'_>| matches!(i.keyword, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint);
        let scripts = file.instructions.iter().enumerate().filter(|(_, i)| scripted(i));
        let scripts =
            scripts.map(|(index, instruction)| Script { index, instruction, commands: commands(instruction) }).collect();
        Self { file, stages: Stages::of(file), scripts }
    }

    /// Instructions of one kind, with their index.
    pub(super) fn all(&self, keyword: Keyword) -> impl Iterator<Item = (usize, &'f Instruction<'a>)> {
        self.file.instructions.iter().enumerate().filter(move |(_, i)| i.keyword == keyword)
    }

    /// Instructions of the final stage, `ONBUILD` ones left out.
    pub(super) fn of_stage(&self, stage: &Stage) -> impl DoubleEndedIterator<Item = (usize, &'f Instruction<'a>)> {
        let range = stage.instructions.clone();
        let all = self.file.instructions.get(range.clone()).unwrap_or_default();
        range.zip(all).filter(|(_, i)| !i.onbuild)
    }

    /// The place in `stages` of the stage an instruction belongs to.
    pub(super) fn stage_index(&self, instruction: usize) -> Option<usize> {
        let at = self.stages.list.partition_point(|s| s.instructions.end <= instruction);
        self.stages.list.get(at).filter(|s| s.instructions.contains(&instruction)).map(|_| at)
    }

    /// The stage an instruction belongs to.
    pub(super) fn stage_of(&self, instruction: usize) -> Option<&Stage> {
        self.stages.list.get(self.stage_index(instruction)?)
    }
}

/// The commands of an instruction: its words, or its script, and the here-documents that a shell reads.
fn commands(instruction: &Instruction<'_>) -> Vec<Command> {
    if let Some(list) = instruction.exec() {
        let text =
            super::text::Text::on_line(list.iter().map(|w| shell_quote(w)).collect::<Vec<_>>().join(" "), instruction.line);
        return shell::split(&text);
    }
    let mut out = Vec::new();
    let only_heredocs = instruction.words().iter().take(65).all(|w| super::parse::marker(&w.raw).is_some());
    if !only_heredocs {
        out = shell::split(&instruction.args_text());
    }
    let read_by_shell =
        only_heredocs || out.iter().any(|c| c.is_shell() && c.redirects.iter().any(|(op, _)| op.starts_with("<<")));
    for heredoc in instruction.heredocs.iter().filter(|_| read_by_shell) {
        let interpreter = heredoc.body.lines().next().and_then(|l| l.strip_prefix("#!"));
        if interpreter.is_none_or(|i| shell::SHELLS.iter().any(|s| i.trim_end().ends_with(s) || i.contains(&format!("/{s} ")))) {
            let offset = out.len();
            let inner = shell::split(&super::text::Text::block(heredoc.body, heredoc.line));
            out.extend(inner.into_iter().map(|c| Command { inside: c.inside.map(|i| i + offset), ..c }));
        }
    }
    out
}

fn shell_quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// One group: its rules and what looks for them.
struct Group {
    rules: &'static [&'static Rule],
    check: fn(&Analysis<'_, '_>, &mut Sink),
}

const GROUPS: &[Group] = &[
    Group { rules: base_image::RULES, check: base_image::check },
    Group { rules: packages::RULES, check: packages::check },
    Group { rules: privilege::RULES, check: privilege::check },
    Group { rules: remote::RULES, check: remote::check },
    Group { rules: runtime::RULES, check: runtime::check },
    Group { rules: secret_files::RULES, check: secret_files::check },
    Group { rules: secret_values::RULES, check: secret_values::check },
    Group { rules: verification::RULES, check: verification::check },
    Group { rules: versions::RULES, check: versions::check },
];

/// Every rule, group by group.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().flat_map(|g| g.rules.iter().copied())
}

pub(super) use secret_files::{DOCKERIGNORE_MISSING, copies_everything};
pub(in crate::scanners::builtin) use secret_names::{is_literal_secret, is_secret_name};

/// Runs every group.
pub(super) fn check(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    for group in GROUPS {
        (group.check)(analysis, sink);
    }
}
