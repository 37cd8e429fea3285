//! `securescan init`: the files a project needs, written once.

mod detect;

use crate::args::InitArgs;
use crate::exit::Exit;
use crate::output::{self, Voice};
use securescan_core::baseline::{self, Baseline};
use securescan_core::config::{Config, FILE_NAMES};
use securescan_core::{Error, Result, ScanType, Severity};
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

const CONFIG: &str = ".securescan.yml";
const WORKFLOW: &str = ".github/workflows/securescan.yml";
const WORKFLOW_TEXT: &str = include_str!("workflow.yml");
/// Characters of a project's name.
const MAX_NAME: usize = 100;

/// What is asked of a person, with what was found as the default.
struct Answers {
    name: String,
    types: Vec<ScanType>,
    threshold: Severity,
    workflow: bool,
}

pub(crate) fn run(args: &InitArgs, voice: Voice) -> Result<Exit> {
    let root = &args.dir;
    if !root.is_dir() {
        return Err(Error::invalid(format!("`{}` is not a folder", root.display())).hint("name the folder of the project"));
    }
    let kinds = detect::kinds(root);
    let asked = !args.no_prompt && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let mut answers = Answers {
        name: project_name(root),
        types: match &args.scan_types {
            Some(list) => scan_types(list)?,
            None => detect::types(&kinds),
        },
        threshold: threshold(&args.threshold)?,
        workflow: !args.no_workflow,
    };
    let labels: Vec<_> = kinds.iter().map(|kind| kind.label).collect();
    if !labels.is_empty() {
        voice.note(&format!("Detected: {}", labels.join(", ")));
    }
    if asked {
        ask(&mut answers, args)?;
    }
    let files = files(&answers, args)?;
    let there: Vec<_> = existing(root, &files);
    if !args.force && !there.is_empty() {
        let list: Vec<_> = there.iter().map(|file| format!("\n  - {file}")).collect();
        voice.error(&Error::invalid(format!("refusing to overwrite existing files (pass --force):{}", list.concat())));
        return Ok(Exit::Error(1));
    }
    let mut out = std::io::stdout().lock();
    if args.dry_run {
        for (file, text) in &files {
            let _ = writeln!(out, "# {file}\n{}", String::from_utf8_lossy(text));
        }
        return Ok(Exit::Ok);
    }
    for (file, text) in &files {
        output::write_file(&root.join(file), |to| to.write_all(text).map_err(|e| Error::io(*file, &e)))?;
    }
    let _ = writeln!(out, "✓ SecureScan initialized for {}", answers.name);
    for (file, _) in &files {
        let _ = writeln!(out, "  wrote {file}");
    }
    let _ = writeln!(
        out,
        "Next: `securescan scan` shows what there is; `securescan baseline` records it, so that only new findings count."
    );
    Ok(Exit::Ok)
}

/// The folder's own name, one line of what can be read.
fn project_name(root: &Path) -> String {
    let full = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
    clean(&full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default())
}

/// A name goes into a comment of a YAML file: a line end in it would write keys.
fn clean(name: &str) -> String {
    let name: String =
        name.chars().map(|c| if c.is_control() || ('\u{2028}'..='\u{2029}').contains(&c) { ' ' } else { c }).collect();
    let name: String = name.trim().chars().take(MAX_NAME).collect();
    if name.is_empty() { "this project".to_owned() } else { name }
}

fn scan_types(list: &str) -> Result<Vec<ScanType>> {
    let words: Vec<_> = list.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    let mut types: Vec<ScanType> = Vec::new();
    for word in &words {
        let scan_type = word.to_ascii_lowercase().parse()?;
        if !types.contains(&scan_type) {
            types.push(scan_type);
        }
    }
    if types.is_empty() {
        return Err(Error::invalid("no scan types were given").hint("for example `--scan-types code,dependency`"));
    }
    Ok(types)
}

fn threshold(word: &str) -> Result<Severity> {
    let severity = word.trim().to_ascii_lowercase().parse()?;
    if severity == Severity::Info {
        return Err(
            Error::invalid("a threshold of `info` would fail on everything").hint("choose one of: low, medium, high, critical")
        );
    }
    Ok(severity)
}

fn ask(answers: &mut Answers, args: &InitArgs) -> Result<()> {
    let name = question(&format!("Project name [{}]: ", answers.name))?;
    if !name.is_empty() {
        answers.name = clean(&name);
    }
    if args.scan_types.is_none() {
        let list = question(&format!("Scan types, a comma list [{}]: ", words(&answers.types)))?;
        if !list.is_empty() {
            answers.types = scan_types(&list)?;
        }
    }
    let word = question(&format!("Fail from which severity upwards? [{}]: ", answers.threshold))?;
    if !word.is_empty() {
        answers.threshold = threshold(&word)?;
    }
    if answers.workflow {
        let word = question("Write a GitHub workflow? [Y/n]: ")?;
        answers.workflow = !word.to_ascii_lowercase().starts_with('n');
    }
    Ok(())
}

fn question(text: &str) -> Result<String> {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "{text}").and_then(|()| err.flush());
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|e| Error::io("standard input", &e))?;
    Ok(line.trim().to_owned())
}

fn words(types: &[ScanType]) -> String {
    types.iter().map(|t| t.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is written, in this order: path and content.
fn files(answers: &Answers, args: &InitArgs) -> Result<Vec<(&'static str, Vec<u8>)>> {
    let Answers { name, types, threshold, .. } = answers;
    let types = words(types);
    let config = format!(
        "# SecureScan configuration of {name}. Check it with `securescan config validate`.\n\
         version: 1\n\
         # What to scan for: code, dependency, iac, baseline.\n\
         scan_types: [{types}]\n\
         # A scan fails from this severity upwards.\n\
         fail_on_severity: {threshold}\n\
         # Findings of these rules are suppressed, by exact id.\n\
         ignored_rules: []\n\
         # Another severity for a rule:\n\
         # severity_overrides:\n\
         #   B101: low\n\
         # Semgrep rules in the place of its automatic choice: registry names, or paths relative to this file.\n\
         # semgrep_rules:\n\
         #   - p/ci\n"
    );
    // What is written must be what is read.
    Config::parse(&config, CONFIG)?;
    let mut out = vec![(CONFIG, config.into_bytes())];
    if answers.workflow {
        let baseline = if args.no_baseline { String::new() } else { format!("          baseline: {}\n", baseline::DEFAULT_PATH) };
        let text = WORKFLOW_TEXT
            .replace("@SCAN_TYPES@", &types.replace(", ", ","))
            .replace("@THRESHOLD@", threshold.as_str())
            .replace("@BASELINE@\n", &baseline);
        out.push((WORKFLOW, text.into_bytes()));
    }
    if !args.no_baseline {
        out.push((baseline::DEFAULT_PATH, Baseline::initial().to_bytes()));
    }
    Ok(out)
}

/// Which of the files are there already; a configuration under another of its names counts.
fn existing(root: &Path, files: &[(&'static str, Vec<u8>)]) -> Vec<String> {
    let names = files.iter().map(|(file, _)| *file).chain(FILE_NAMES.iter().copied());
    let mut there: Vec<String> =
        names.filter(|file| std::fs::symlink_metadata(PathBuf::from(root).join(file)).is_ok()).map(str::to_owned).collect();
    there.sort();
    there.dedup();
    there
}
