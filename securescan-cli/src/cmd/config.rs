//! `securescan config validate`

use crate::exit::Exit;
use crate::look;
use crate::output::Voice;
use securescan_core::config::{Config, IssueSeverity};
use securescan_core::{Error, ErrorKind, Result};
use std::io::Write;
use std::path::{Path, PathBuf};

pub(crate) fn validate(path: Option<&Path>, voice: Voice) -> Result<Exit> {
    let path = match path {
        Some(path) => path.to_path_buf(),
        None => Config::find(&PathBuf::from(".")).ok_or_else(|| {
            Error::new(ErrorKind::Config, "no .securescan.yml in this directory tree").hint("name a file, or create one")
        })?,
    };
    let shown = path.display().to_string();
    if !path.exists() {
        return Err(Error::new(ErrorKind::Config, format!("config file not found: {shown}")));
    }
    let bytes = look::read_bytes(&path)?;
    let text = String::from_utf8_lossy(&bytes);
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let issues = Config::lint(&text, &shown, &|rule_pack| folder.join(rule_pack).exists());
    let count = |severity| issues.iter().filter(|i| i.severity == severity).count();
    let (errors, warnings, infos) = (count(IssueSeverity::Error), count(IssueSeverity::Warning), count(IssueSeverity::Info));
    for issue in &issues {
        voice.note(&issue.to_string());
    }
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let verdict = if errors == 0 { "valid" } else { "invalid" };
    let counts = [plural(errors, "error"), plural(warnings, "warning"), plural(infos, "info issue")].join(", ");
    voice.note(&format!("Config {verdict}: {counts}."));
    if errors > 0 {
        return Ok(Exit::Gate);
    }
    let config = Config::parse(&text, &shown)?;
    let mut out = std::io::stdout().lock();
    let name = path.file_name().map_or_else(|| shown.clone(), |n| n.to_string_lossy().into_owned());
    let _ = writeln!(out, "{name}: OK");
    for line in config.describe() {
        let _ = writeln!(out, "{line}");
    }
    Ok(Exit::Ok)
}
