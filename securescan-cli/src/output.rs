//! Where results and messages go: results to standard output or a file, everything else to standard error.

use crate::args::{ColorWhen, HostArgs, Manners, ShowArgs};
use securescan_core::render::{self, RenderInput, RenderOptions, ReviewEvent};
use securescan_core::{Error, ErrorKind, Result, Severity, scanners};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Speaks on standard error, unless told to be quiet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Voice {
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    pub(crate) color: ColorWhen,
}

impl Voice {
    pub(crate) fn new(manners: &Manners) -> Self {
        Self { quiet: manners.quiet, verbose: manners.verbose, color: manners.color }
    }

    /// A line about what is going on.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr(), "{}", shown(text));
        }
    }

    /// A line about something odd that does not stop the work.
    pub(crate) fn warn(self, text: &str) {
        self.note(&format!("warning: {text}"));
    }

    /// A line about what stopped the work; said even when quiet.
    pub(crate) fn error(self, error: &Error) {
        let text = error.to_string().replace(['\n', '\r'], " ");
        let _ = writeln!(io::stderr(), "securescan: error: {}", shown(&text));
    }

    /// Whether text on standard output is coloured.
    pub(crate) fn colors_stdout(self, to_file: bool) -> bool {
        match self.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => {
                !to_file
                    && io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                    && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
            }
        }
    }
}

/// A message fit for a terminal and a log: control bytes escaped, and secrets masked, since messages quote what was handed in.
fn shown(text: &str) -> String {
    render::escape::terminal(&scanners::redact(text)).into_owned()
}

/// One rendering of a run: in which format, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) format: String,
    file: Option<PathBuf>,
}

/// The renderings that were asked for; without any, `text` on a terminal and `fallback` in a pipe or file.
///
/// # Errors
/// `invalid_argument` for an unknown format, for two renderings to one place, and for bytes that are no text to a terminal.
pub(crate) fn targets(show: &ShowArgs, fallback: &str) -> Result<Vec<Target>> {
    let terminal = io::stdout().is_terminal();
    if show.output.is_empty() {
        let format = if show.output_file.is_none() && terminal { "text" } else { fallback };
        return Ok(vec![Target { format: format.to_owned(), file: show.output_file.clone() }]);
    }
    let mut targets = Vec::new();
    for word in &show.output {
        let (name, file) = word.split_once('=').map_or((word.as_str(), None), |(name, file)| (name, Some(PathBuf::from(file))));
        let format = render::find(name)?.id().to_owned();
        if file.as_ref().is_some_and(|file| file.as_os_str().is_empty()) {
            return Err(Error::invalid(format!("`{word}` names no file")).hint("write it like sarif=out.sarif"));
        }
        targets.push(Target { format, file });
    }
    if let Some(file) = &show.output_file {
        match targets.iter_mut().find(|target| target.file.is_none()) {
            Some(target) => target.file = Some(file.clone()),
            None => return Err(Error::invalid("--output-file, but every output has its own file")),
        }
    }
    for (index, target) in targets.iter().enumerate() {
        if targets.iter().take(index).any(|other| other.file == target.file) {
            return Err(Error::invalid("two outputs go to one place")
                .hint("give each its file: --output json=a.json --output sarif=b.sarif"));
        }
        if target.file.is_none() && terminal && render::is_binary(render::find(&target.format)?) {
            return Err(Error::invalid("a PDF is not for a terminal").hint("write it to a file: --output report-pdf=report.pdf"));
        }
    }
    Ok(targets)
}

/// Whether suppressed findings are shown: as asked for, else only in text on a terminal.
fn shows_suppressed(show: &ShowArgs, target: &Target) -> bool {
    if show.show_suppressed || show.hide_suppressed {
        return show.show_suppressed;
    }
    target.format == "text" && target.file.is_none() && io::stdout().is_terminal()
}

/// What every renderer is told, whatever the command.
pub(crate) fn options(gate: Option<Severity>, voice: Voice) -> RenderOptions {
    let time = std::env::var("SECURESCAN_FAKE_NOW").ok().filter(|time| !time.is_empty());
    let generated_at = time.clone();
    RenderOptions { fail_on_severity: gate, verbose: voice.verbose, time, generated_at, ..RenderOptions::default() }
}

/// What is known of the code host.
pub(crate) fn hosted(options: RenderOptions, host: &HostArgs, head: Option<&str>) -> RenderOptions {
    let review_event = match host.review_event.as_str() {
        "REQUEST_CHANGES" => ReviewEvent::RequestChanges,
        "APPROVE" => ReviewEvent::Approve,
        _ => ReviewEvent::Comment,
    };
    let sha = host.sha.clone().or_else(|| head.map(str::to_owned));
    RenderOptions { repo: host.repo.clone(), sha, review_event, no_suggestions: host.no_suggestions, ..options }
}

/// Renders to every place that was asked for.
pub(crate) fn write_all(show: &ShowArgs, targets: &[Target], input: &RenderInput<'_>, voice: Voice) -> Result<()> {
    for target in targets {
        let options = RenderOptions {
            show_suppressed: shows_suppressed(show, target),
            color: voice.colors_stdout(target.file.is_some()),
            ..input.options.clone()
        };
        write(target, &RenderInput { options, ..input.clone() })?;
    }
    Ok(())
}

/// The gate's severity: flag, then configuration; `none` turns it off.
pub(crate) fn gate(flag: Option<&str>, config: Option<Severity>) -> Result<Option<Severity>> {
    match flag.map(str::to_ascii_lowercase).as_deref() {
        None => Ok(config),
        Some("none" | "") => Ok(None),
        Some(word) => word.parse().map(Some).map_err(|_: Error| {
            Error::invalid(format!("invalid --fail-on-severity `{word}`"))
                .hint("choose one of: critical, high, medium, low, info, none")
        }),
    }
}

/// Renders to where the user wants it. A reader that went away (`| head`) is not an error.
fn write(target: &Target, input: &RenderInput<'_>) -> Result<()> {
    let format = target.format.as_str();
    if let Some(path) = &target.file {
        return write_file(path, |out| render::render(format, input, out));
    }
    let mut out = BufWriter::with_capacity(1 << 16, Pipe { inner: io::stdout().lock(), closed: false });
    render::render(format, input, &mut out)?;
    out.flush().map_err(|e| Error::io("standard output", &e))
}

/// Writes a file whole or not at all: an unfinished result is never left under the name.
pub(crate) fn write_file(path: &Path, body: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let shown = path.display().to_string();
    let failed = |e: io::Error| Error::io(shown.clone(), &e).hint("check that the folder can be written");
    if path.is_dir() {
        return Err(Error::invalid(format!("`{shown}` is a folder")).hint("name a file"));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    // Special files (/dev/stdout, a FIFO) cannot be replaced, so they are written in place.
    if path.exists() && !path.is_file() {
        let mut out = BufWriter::new(File::options().write(true).open(path).map_err(failed)?);
        body(&mut out)?;
        return out.flush().map_err(failed);
    }
    let mut temporary = tempfile::Builder::new().prefix(".securescan-").tempfile_in(folder).map_err(failed)?;
    {
        let mut out = BufWriter::with_capacity(1 << 16, temporary.as_file_mut());
        body(&mut out)?;
        out.flush().map_err(failed)?;
    }
    temporary.as_file().sync_all().map_err(failed)?;
    permissions(path, temporary.as_file()).map_err(failed)?;
    temporary.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

/// A temporary file is private; what replaces a file keeps that file's mode, what is new gets the usual one.
fn permissions(path: &Path, file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_or(0o644, |m| m.permissions().mode() & 0o7777);
        file.set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    let _ = (path, file);
    Ok(())
}

/// Standard output that swallows what nobody reads any more.
struct Pipe<W> {
    inner: W,
    closed: bool,
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        match self.inner.write(bytes) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(bytes.len())
            }
            other => other,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        match self.inner.flush() {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

/// Reads standard input whole, up to a limit.
pub(crate) fn read_stdin(max: u64) -> Result<String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    io::stdin().lock().take(max + 1).read_to_end(&mut bytes).map_err(|e| Error::io("standard input", &e))?;
    if bytes.len() as u64 > max {
        return Err(Error::new(ErrorKind::Limit, format!("standard input is larger than {max} bytes")));
    }
    String::from_utf8(bytes).map_err(|e| Error::parse("standard input is not UTF-8").at_byte(e.utf8_error().valid_up_to() as u64))
}
