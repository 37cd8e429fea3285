//! The built-in scanner `dockerfile`: insecure instructions in Dockerfiles.
//!
//! [`parse`] reads the file, `rules` look at it, `report` makes findings, `ignore` honours the ignore comments of
//! other tools. Compose files and Kubernetes manifests are not looked at. [`scan_text`] is all of it without a disk.

mod expand;
mod ignore;
mod instruction;
mod lexer;
pub mod parse;
mod report;
mod rules;
pub mod shell;
mod stage;
mod text;

pub use report::Rule;

pub(in crate::scanners::builtin) use rules::{is_literal_secret, is_secret_name};

use crate::model::{Finding, ScanType};
use crate::scanners::walk::FileEntry;
use crate::scanners::{LooksAt, Outcome, ScanContext, Scanner, ScannerMeta, Skipped};
use report::{Hit, Sink, quoted};
use std::collections::BTreeSet;

/// The scanner.
#[derive(Debug)]
pub(crate) struct Dockerfile;

const META: ScannerMeta = ScannerMeta {
    name: "dockerfile",
    scan_type: ScanType::Iac,
    about: "insecure instructions in Dockerfiles",
    install_hint: None,
    looks_at: LooksAt::Path,
    per_file: true,
    walks: true,
};

impl Scanner for Dockerfile {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    /// Whether a folder has one decides a rule.
    fn companions(&self) -> &'static [&'static str] {
        &[".dockerignore"]
    }

    fn scan(&self, context: &ScanContext<'_>) -> Outcome {
        let wanted = |f: &&FileEntry| context.single_file && looks_like_one(context, f) || is_dockerfile(f.name());
        let files: Vec<_> = context.files.iter().filter(wanted).collect();
        if files.is_empty() {
            return Outcome::not_applicable("no Dockerfile in the target");
        }
        let mut out = Outcome::default();
        let folders = ContextFolders::of(context);
        for file in files {
            if context.cancel.should_stop() {
                break;
            }
            match context.read(file) {
                Ok(bytes) => scan_file(&file.path, &String::from_utf8_lossy(&bytes), Some(&folders), &mut out),
                Err(skipped) => out.skipped.push(skipped),
            }
        }
        out
    }
}

/// Looks at the text of one Dockerfile. Pure; the findings are sorted by line and rule.
pub fn scan_text(path: &str, text: &str) -> Vec<Finding> {
    let mut out = Outcome::default();
    scan_file(path, text, None, &mut out);
    out.findings
}

/// Every rule, sorted by id.
pub fn rules() -> Vec<&'static Rule> {
    let mut all: Vec<_> = rules::rules().collect();
    all.sort_by_key(|r| r.id);
    all
}

fn scan_file(path: &str, text: &str, folders: Option<&ContextFolders>, out: &mut Outcome) {
    let file = parse::parse(text);
    let mut sink = Sink::default();
    rules::check(&rules::Analysis::of(&file), &mut sink);
    if let Some(hit) = folders.and_then(|f| f.without_dockerignore(path, &file)) {
        sink.add(hit);
    }
    out.findings.extend(sink.finish(path, &ignore::Ignores::of(&file)));
    if file.truncated {
        out.skipped.push(Skipped { path: path.to_owned(), why: format!("more than {} instructions", parse::MAX_INSTRUCTIONS) });
    }
}

/// Whether a file is a Dockerfile by its name: `Dockerfile`, `Containerfile`, `Dockerfile.dev`, `app.dockerfile`, in any case; not
/// its documentation or its ignore list.
pub fn is_dockerfile(name: &str) -> bool {
    const OTHER: &[&str] = &[
        "md",
        "txt",
        "rst",
        "html",
        "dockerignore",
        "containerignore",
        "py",
        "js",
        "ts",
        "go",
        "rs",
        "rb",
        "java",
        "sh",
        "json",
        "yml",
        "yaml",
        "toml",
        "xml",
        "png",
        "svg",
        "orig",
        "rej",
        "swp",
        "bak",
        "lock",
    ];
    let name = name.to_ascii_lowercase();
    let (stem, rest) = name.split_once(['.', '-', '_']).unwrap_or((&name, ""));
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
    match stem {
        "dockerfile" | "containerfile" => rest.is_empty() || !OTHER.contains(&extension),
        _ => matches!(extension, "dockerfile" | "containerfile"),
    }
}

/// A file the user pointed at is one when it is named like one, or when its first instruction is one only a Dockerfile starts with.
fn looks_like_one(context: &ScanContext<'_>, file: &FileEntry) -> bool {
    if is_dockerfile(file.name()) {
        return true;
    }
    let Ok(bytes) = context.read(file) else { return false };
    let text = String::from_utf8_lossy(&bytes);
    let first = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#')).unwrap_or_default();
    let mut words = first.split_whitespace();
    let keyword = words.next().unwrap_or_default();
    // `from x import y` and SQL's `FROM t` in lower or upper case are not.
    let image = words.next();
    let more = words.next();
    match keyword {
        "FROM" | "from" => image.is_some_and(|i| !i.ends_with([';', ','])) && more.is_none_or(|w| w.eq_ignore_ascii_case("as")),
        "ARG" => image.is_some() && text.lines().any(|l| l.starts_with("FROM ")),
        _ => false,
    }
}

/// What lies in the folders of the target, as far as `.dockerignore` is concerned.
struct ContextFolders {
    /// Folders with a `.dockerignore`; `<name>.dockerignore` files by their whole path.
    ignored: BTreeSet<String>,
    /// Folders with something that must not go into an image, and what.
    private: std::collections::BTreeMap<String, &'static str>,
    root: std::path::PathBuf,
}

impl ContextFolders {
    fn of(context: &ScanContext<'_>) -> Self {
        let mut out =
            Self { ignored: BTreeSet::new(), private: std::collections::BTreeMap::new(), root: context.root.to_path_buf() };
        for file in context.files {
            let folder = folder(&file.path);
            match file.name() {
                ".dockerignore" | ".containerignore" => drop(out.ignored.insert(folder.to_owned())),
                name if name.ends_with(".dockerignore") => drop(out.ignored.insert(file.path.clone())),
                ".env" => drop(out.private.insert(folder.to_owned(), ".env")),
                _ => {}
            }
        }
        out
    }

    /// The Dockerfile's own folder is taken for the build context, as it is unless somebody says otherwise.
    fn without_dockerignore(&self, path: &str, file: &parse::Dockerfile<'_>) -> Option<Hit> {
        let folder = folder(path);
        if self.ignored.contains(folder) || self.ignored.contains(&format!("{path}.dockerignore")) {
            return None;
        }
        let copy = rules::copies_everything(&file.instructions)?;
        // The walk lists neither `.git` nor what git ignores, but both lie in the build context.
        let on_disk =
            |name: &'static str| self.root.join(crate::path::to_os(folder)).join(name).symlink_metadata().is_ok().then_some(name);
        let private = on_disk(".git").or_else(|| self.private.get(folder).copied()).or_else(|| on_disk(".env"))?;
        let detail = format!("{} lies in the folder that is copied", quoted(private));
        Some(Hit::new(&rules::DOCKERIGNORE_MISSING, copy.line, detail).to(copy.end_line).sure(crate::model::Confidence::Medium))
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
