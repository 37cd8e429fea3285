//! bandit: patterns of bad Python.

use super::{No, Plan, Setup, Step, Tool, args, option};
use crate::model::ScanType;
use crate::scanners::walk::FileEntry;
use crate::scanners::{LooksAt, ScannerMeta};
use std::ffi::OsString;

/// The driver. It hands over the files of the walk by name, so that what is looked at is what every scanner looks at.
///
/// # Source
/// Scanner specification, section 6.2. Exit codes: 1 for findings without `--exit-zero`, 2 for wrong usage.
pub(crate) static BANDIT: Tool = Tool { success: &[0, 1], rests_on: |_| Some(String::new()), ..Tool::new(&META, plan) };

const META: ScannerMeta = ScannerMeta {
    name: "bandit",
    scan_type: ScanType::Code,
    about: "patterns of bad Python, by bandit",
    install_hint: Some("pip install bandit"),
    looks_at: LooksAt::Path,
    per_file: false,
    walks: true,
};

/// The most that is handed over at once, in bytes of paths: systems limit the length of a command.
const BATCH: usize = if cfg!(windows) { 16 << 10 } else { 256 << 10 };

fn plan(setup: &Setup<'_>) -> Result<Plan, No> {
    let files = setup.files("no Python file", |file| matches!(file.extension().as_str(), "py" | "pyw"))?;
    let mut base = vec![option("--ini", setup.own("bandit.ini", b"[bandit]\n")?)];
    base.extend(args(&["-f", "json", "-q", "--exit-zero", "-x", "", "--"]));
    let steps = batches(&files, setup.context.root.as_os_str().len() + 10).into_iter().map(|batch| {
        let paths = batch.iter().map(|file| OsString::from(setup.full(file)));
        Step { args: base.iter().cloned().chain(paths).collect(), ..Step::default() }
    });
    let notes = setup.note(&[".bandit"], "was not used").into_iter().collect();
    Ok(Plan { steps: steps.collect(), notes })
}

/// Files in groups whose paths together stay within [`BATCH`], with so much room in front of each.
fn batches<'a>(files: &[&'a FileEntry], room: usize) -> Vec<Vec<&'a FileEntry>> {
    let mut out: Vec<Vec<&FileEntry>> = Vec::new();
    let mut bytes = BATCH;
    for file in files {
        let length = file.path.len() + room;
        match out.last_mut().filter(|_| bytes + length <= BATCH) {
            Some(last) => last.push(file),
            None => {
                out.push(vec![file]);
                bytes = 0;
            }
        }
        bytes += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_file_in_order() {
        let all: Vec<FileEntry> = (0..5000).map(|n| FileEntry { path: format!("{n:040}.py"), size: 1 }).collect();
        let files: Vec<&FileEntry> = all.iter().collect();
        let groups = batches(&files, 200);
        assert!(groups.len() > 1 && groups.iter().all(|g| !g.is_empty() && g.len() * 243 <= BATCH));
        assert_eq!(groups.concat(), files);
    }
}
