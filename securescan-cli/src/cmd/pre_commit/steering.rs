//! The configuration and the baseline that a commit is judged by.

use crate::args::{ConfigArgs, PreCommitArgs};
use crate::look;
use crate::output::Voice;
use securescan_core::baseline::{self, Baseline};
use securescan_core::config::{Config, FILE_NAMES};
use securescan_core::scanners::Cancel;
use securescan_core::scanners::git::Repo;
use securescan_core::{Error, ErrorKind, Result};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The files that steer the run: as the index has them, since the commit will, else as they lie there.
pub(super) struct Steering<'a> {
    repo: &'a Repo,
    staged: BTreeSet<String>,
}

impl<'a> Steering<'a> {
    pub(super) fn of(repo: &'a Repo) -> Result<Self> {
        let mut args = vec!["ls-files", "-z", "--", baseline::DEFAULT_PATH];
        args.extend(FILE_NAMES);
        let out = repo.git(&args, Vec::new(), &Cancel::new())?;
        let staged = out.split(|b| *b == 0).filter(|p| !p.is_empty()).map(|p| String::from_utf8_lossy(p).into_owned()).collect();
        Ok(Self { repo, staged })
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.staged.contains(path).then(|| self.repo.file_in_index(path, &Cancel::new())).flatten()
    }

    pub(super) fn config(&self, args: &ConfigArgs, voice: Voice) -> Result<Option<(PathBuf, Config)>> {
        let (quiet, top) = (Voice { quiet: !voice.verbose, ..voice }, self.repo.top.as_path());
        if !args.no_config && args.file.is_none() {
            for name in FILE_NAMES {
                let Some(bytes) = self.read(name) else { continue };
                let shown = format!("{name} of the index");
                let text = String::from_utf8(bytes)
                    .map_err(|_| Error::new(ErrorKind::Config, "not UTF-8 text").in_file(shown.as_str()))?;
                quiet.note(&format!("loaded config from {shown}"));
                return Ok(Some((top.join(name), Config::parse(&text, &shown)?)));
            }
        }
        look::load_config(args, top, quiet)
    }

    pub(super) fn baseline(&self, args: &PreCommitArgs, voice: Voice) -> Result<Option<Baseline>> {
        if args.no_baseline {
            return Ok(None);
        }
        if let Some(file) = &args.baseline {
            return look::load_baseline(file, false, voice);
        }
        let quiet = Voice { quiet: !voice.verbose, ..voice };
        if let Some(bytes) = self.read(baseline::DEFAULT_PATH) {
            let shown = format!("{} of the index", baseline::DEFAULT_PATH);
            let read = Baseline::parse(&bytes, &shown)?;
            quiet.note(&format!("loaded {} baseline entries from {shown}", read.len()));
            return Ok(Some(read));
        }
        let file = self.repo.top.join(baseline::DEFAULT_PATH);
        if file.is_file() { look::load_baseline(&file, true, quiet) } else { Ok(None) }
    }
}
