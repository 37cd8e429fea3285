//! git, by its own program: run so that nothing configured inside a hostile repository is executed.

use super::Cancel;
use super::process::{self, Run};
use crate::path::from_os;
use crate::{Error, ErrorKind, Result};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

/// Options put before every command: no hooks, no file-system monitor, no pager, plain paths.
const SAFE: &[&str] = &[
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=false",
    "-c",
    "protocol.allow=never",
    "-c",
    "core.attributesFile=/dev/null",
    "--no-pager",
    "--no-optional-locks",
    "--literal-pathspecs",
];

/// What git tells a hook of the repository it runs for. `git commit -a` and `git commit FILE` record an index of their own, and only
/// the hook is told where it lies. Default: nothing, git looks for itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HookEnv {
    /// `GIT_DIR`, absolute.
    pub git_dir: Option<PathBuf>,
    /// `GIT_WORK_TREE`, absolute.
    pub work_tree: Option<PathBuf>,
    /// `GIT_INDEX_FILE`, absolute.
    pub index_file: Option<PathBuf>,
}

impl HookEnv {
    /// What this process was told.
    pub fn of_process() -> Self {
        let path = |name| std::env::var_os(name).filter(|v| !v.is_empty()).and_then(|v| std::path::absolute(v).ok());
        Self { git_dir: path("GIT_DIR"), work_tree: path("GIT_WORK_TREE"), index_file: path("GIT_INDEX_FILE") }
    }

    fn variables(&self) -> Vec<(&'static str, OsString)> {
        [("GIT_DIR", &self.git_dir), ("GIT_WORK_TREE", &self.work_tree), ("GIT_INDEX_FILE", &self.index_file)]
            .into_iter()
            .filter_map(|(name, path)| Some((name, path.clone()?.into_os_string())))
            .collect()
    }
}

/// A working tree of a git repository.
#[derive(Debug, Clone)]
pub struct Repo {
    /// The top folder of the working tree, canonical.
    pub top: PathBuf,
    /// The scanned folder relative to `top`, `/`-separated; empty when they are the same.
    pub prefix: String,
    /// What git is told besides.
    env: Vec<(&'static str, OsString)>,
}

impl Repo {
    /// The repository around a folder; `None` without git or outside a working tree.
    pub fn discover(folder: &Path) -> Option<Self> {
        Self::discover_for(folder, &HookEnv::default())
    }

    /// As [`Repo::discover`], of the repository that a hook runs for.
    pub fn discover_for(folder: &Path, hook: &HookEnv) -> Option<Self> {
        let folder = std::fs::canonicalize(folder).ok()?;
        if hook.git_dir.is_none() && !folder.ancestors().any(|a| a.join(".git").exists()) {
            return None;
        }
        let out = git(&folder, &["rev-parse", "--show-toplevel"], &hook.variables(), Vec::new(), &Cancel::new()).ok()?;
        let top = std::fs::canonicalize(String::from_utf8(out).ok()?.trim_end_matches('\n')).ok()?;
        let prefix = from_os(folder.strip_prefix(&top).ok()?);
        // With a git folder alone, git takes the folder it runs in for the top.
        let work_tree = hook.git_dir.as_ref().map(|_| top.clone()).or_else(|| hook.work_tree.clone());
        let env = HookEnv { work_tree, ..hook.clone() }.variables();
        Some(Self { top, prefix, env })
    }

    /// The repository that holds a folder, a bare one too.
    ///
    /// # Errors
    /// `invalid_argument` when there is none, or no git.
    pub fn open(folder: &Path) -> Result<Self> {
        let shown = folder.display().to_string();
        let full = std::fs::canonicalize(folder).map_err(|e| Error::io(shown.clone(), &e))?;
        if let Some(repo) = Self::discover(&full) {
            return Ok(repo);
        }
        match git(&full, &["rev-parse", "--is-bare-repository"], &[], Vec::new(), &Cancel::new()) {
            Ok(said) if said.trim_ascii() == b"true" => Ok(Self { top: full, prefix: String::new(), env: Vec::new() }),
            Err(error) if error.message().contains("could not be started") => {
                Err(Error::invalid("git is not installed here").hint("install git, or compare two snapshots"))
            }
            _ => Err(Error::invalid(format!("`{shown}` is not inside a git repository"))
                .hint("name a folder of a repository, or compare two snapshots")),
        }
    }

    /// The commit that a name means.
    ///
    /// # Errors
    /// `invalid_argument` when there is none here, with the fetch that would bring it.
    pub fn commit(&self, name: &str, cancel: &Cancel) -> Result<String> {
        let shown: String = name.chars().take(100).collect();
        if name.is_empty() || name.contains('\0') || name.contains('\n') {
            return Err(Error::invalid(format!("`{shown}` is not the name of a revision")));
        }
        let spec = format!("{name}^{{commit}}");
        match self.git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &spec], Vec::new(), cancel) {
            Ok(id) => Ok(String::from_utf8_lossy(&id).trim().to_owned()),
            Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
            Err(_) => Err(Error::invalid(format!("no revision `{shown}` in this clone")).hint(fetch_of(name))),
        }
    }

    /// The commit where two part.
    ///
    /// # Errors
    /// `invalid_argument` when they have none in common here, with what would help.
    pub fn merge_base(&self, base: &str, head: &str, cancel: &Cancel) -> Result<String> {
        match self.git(&["merge-base", "--end-of-options", base, head], Vec::new(), cancel) {
            Ok(id) if !id.is_empty() => Ok(String::from_utf8_lossy(&id).lines().next().unwrap_or_default().trim().to_owned()),
            Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
            _ => {
                let short = |id: &str| id.get(..12).unwrap_or(id).to_owned();
                let error = Error::invalid(format!("{} and {} have no commit in common here", short(base), short(head)));
                let shallow = self.git(&["rev-parse", "--is-shallow-repository"], Vec::new(), cancel);
                Err(match shallow.is_ok_and(|said| said.trim_ascii() == b"true") {
                    true => error.hint("the clone is shallow: `git fetch --unshallow` brings the rest, or compare the two as they are with --base-exact"),
                    false => error.hint("compare the two as they are with --base-exact"),
                })
            }
        }
    }

    /// The content of a file in a commit, by its path from the top; none when there is no such regular file.
    pub fn file(&self, commit: &str, path: &str, cancel: &Cancel) -> Option<Vec<u8>> {
        let spec = format!("{commit}:{path}");
        self.git(&["cat-file", "blob", &spec], Vec::new(), cancel).ok()
    }

    /// The unified diff from one commit to another, of the whole repository, for [`crate::diff_lines::DiffLines`]. Whatever the user's
    /// or the repository's configuration says about prefixes, colours, programs and algorithms does not count.
    ///
    /// # Errors
    /// As [`Repo::git`].
    pub fn diff(&self, base: &str, head: &str, cancel: &Cancel) -> Result<Vec<u8>> {
        let fixed = [
            "diff",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--no-relative",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            "--unified=3",
            "--inter-hunk-context=0",
            "--diff-algorithm=myers",
            "--find-renames",
            "--submodule=short",
            "--end-of-options",
        ];
        self.git(&[&fixed[..], &[base, head]].concat(), Vec::new(), cancel)
    }

    /// The content of a file in the index, by its path from the top; none when there is no such regular file, or it is not merged.
    pub fn file_in_index(&self, path: &str, cancel: &Cancel) -> Option<Vec<u8>> {
        self.git(&["cat-file", "blob", &format!(":0:{path}")], Vec::new(), cancel).ok()
    }

    /// Runs git in the top folder and gives its output.
    ///
    /// # Errors
    /// `scanner` with git's own words when it fails.
    pub fn git(&self, args: &[&str], stdin: Vec<u8>, cancel: &Cancel) -> Result<Vec<u8>> {
        git(&self.top, args, &self.env, stdin, cancel)
    }

    /// Runs git in the scanned folder and gives its output.
    ///
    /// # Errors
    /// As [`Repo::git`].
    pub fn git_below(&self, args: &[&str], cancel: &Cancel) -> Result<Vec<u8>> {
        git(&self.top.join(crate::path::to_os(&self.prefix)), args, &self.env, Vec::new(), cancel)
    }

    /// Starts git in the top folder and gives its output while it runs.
    ///
    /// # Errors
    /// `scanner` when it cannot be started.
    pub(crate) fn stream(&self, args: &[&str], stdin: Vec<u8>, cancel: &Cancel) -> Result<process::Stream> {
        process::stream(spec(&self.top, args, &self.env, stdin, u64::MAX, cancel))
    }

    /// Reads blobs by their ids, one after the other, with bounded memory; an id that is no blob is passed over.
    ///
    /// # Errors
    /// As [`Repo::git`]; `cancelled` when stopped; whatever `each` gives.
    pub(crate) fn blobs(&self, ids: &[&str], cancel: &Cancel, mut each: impl FnMut(&str, Vec<u8>) -> Result<()>) -> Result<()> {
        let mut input = ids.join("\n").into_bytes();
        input.push(b'\n');
        let mut output = std::io::BufReader::new(self.stream(&["cat-file", "--batch"], input, cancel)?);
        let mut header = String::new();
        loop {
            header.clear();
            if output.read_line(&mut header).map_err(|e| broken(&e, cancel))? == 0 {
                return output.into_inner().finish();
            }
            let mut fields = header.split_whitespace();
            let (Some(id), Some(kind), Some(size)) = (fields.next(), fields.next(), fields.next()) else { continue };
            let Ok(size) = size.parse::<u64>() else { continue };
            let mut content = Vec::new();
            (&mut output).take(size + 1).read_to_end(&mut content).map_err(|e| broken(&e, cancel))?;
            content.pop();
            if content.len() as u64 != size {
                return Err(Error::new(ErrorKind::Scanner, "git cat-file: output ended early"));
            }
            if kind == "blob" {
                each(id, content)?;
            }
        }
    }

    /// Tracked paths below the scanned folder, relative to it.
    ///
    /// # Errors
    /// As [`Repo::git`].
    pub fn tracked(&self, cancel: &Cancel) -> Result<BTreeSet<String>> {
        Ok(paths(&self.git_below(&["ls-files", "-z"], cancel)?).collect())
    }
}

/// The command that brings a revision into a clone that does not have it.
fn fetch_of(name: &str) -> String {
    let is_id = name.len() >= 7 && name.bytes().all(|b| b.is_ascii_hexdigit());
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b)) && !part.starts_with('-')
    };
    match name.split_once('/') {
        _ if is_id => format!("`git fetch origin {name}` brings it"),
        Some((remote, branch)) if plain(remote) && plain(branch) => {
            format!("`git fetch {remote} {branch}:refs/remotes/{remote}/{branch}` brings it")
        }
        _ if plain(name) => format!("`git fetch origin {name}:{name}` brings it"),
        _ => "`git branch --all` and `git tag` list what there is".to_owned(),
    }
}

fn paths(nul_separated: &[u8]) -> impl Iterator<Item = String> + '_ {
    nul_separated.split(|b| *b == 0).filter(|p| !p.is_empty()).map(path)
}

/// A path as git writes it (bytes) as findings write it.
pub(super) fn path(bytes: &[u8]) -> String {
    #[cfg(unix)]
    return from_os(Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes)));
    #[cfg(not(unix))]
    return String::from_utf8_lossy(bytes).into_owned();
}

/// What went wrong while git's output was read.
pub(crate) fn broken(error: &std::io::Error, cancel: &Cancel) -> Error {
    if cancel.should_stop() {
        return Error::new(ErrorKind::Cancelled, "git was stopped");
    }
    Error::new(ErrorKind::Scanner, format!("git: {error}"))
}

type Env = [(&'static str, OsString)];

fn spec(cwd: &Path, args: &[&str], extra: &Env, stdin: Vec<u8>, max_stdout: u64, cancel: &Cancel) -> Run<'static> {
    let all: Vec<OsString> = SAFE.iter().chain(args).map(OsString::from).collect();
    let env = [("GIT_TERMINAL_PROMPT", "0"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_OPTIONAL_LOCKS", "0"), ("LC_ALL", "C")];
    Run {
        program: Path::new("git"),
        args: all,
        cwd: cwd.to_path_buf(),
        stdin,
        env: env.map(|(name, value)| (name, value.into())).into_iter().chain(extra.iter().cloned()).collect(),
        home: None,
        max_stdout,
        grace: process::GRACE,
        watched: false,
        cancel: cancel.clone(),
    }
}

fn git(cwd: &Path, args: &[&str], env: &Env, stdin: Vec<u8>, cancel: &Cancel) -> Result<Vec<u8>> {
    let out = process::run(spec(cwd, args, env, stdin, 1 << 30, cancel))?;
    if out.code == Some(0) {
        return Ok(out.stdout);
    }
    let said = out.stderr.lines().last().unwrap_or("no message").to_owned();
    Err(Error::new(ErrorKind::Scanner, format!("git {}: {said}", args.first().copied().unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff_lines::DiffLines;

    #[test]
    fn a_diff_does_not_depend_on_configuration() {
        let dir = tempfile::tempdir().unwrap();
        let run = |args: &[&str]| std::process::Command::new("git").args(args).current_dir(dir.path()).output();
        if run(&["init", "-q"]).is_err() {
            println!("skipped: git is not here");
            return;
        }
        let settings =
            [("user.name", "t"), ("user.email", "t@example.org"), ("commit.gpgsign", "false"), ("diff.noprefix", "true")];
        for (name, value) in
            settings.into_iter().chain([("diff.mnemonicPrefix", "true"), ("color.ui", "always"), ("diff.external", "false")])
        {
            run(&["config", name, value]).unwrap();
        }
        for (text, message) in [("a\nb\n", "one"), ("a\n-- x\nb\n", "two")] {
            std::fs::write(dir.path().join("with space \u{e9}.sql"), text).unwrap();
            run(&["add", "-A"]).unwrap();
            run(&["commit", "-q", "-m", message]).unwrap();
        }
        let (repo, cancel) = (Repo::open(dir.path()).unwrap(), Cancel::new());
        let (base, head) = (repo.commit("HEAD~1", &cancel).unwrap(), repo.commit("HEAD", &cancel).unwrap());
        let lines = DiffLines::read(&repo.diff(&base, &head, &cancel).unwrap());
        let file = lines.file("with space \u{e9}.sql").unwrap();
        assert_eq!(file.iter().collect::<Vec<_>>(), [(1, 1), (2, 2), (3, 3)]);
    }
}
