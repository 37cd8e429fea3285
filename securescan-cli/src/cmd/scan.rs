//! `securescan scan`

use crate::args::{JudgeArgs, ScanArgs};
use crate::exit::Exit;
use crate::look::{self, Look};
use crate::output::{self, Voice};
use securescan_core::baseline::Baseline;
use securescan_core::pipeline::Processed;
use securescan_core::render::RenderInput;
use securescan_core::score;
use securescan_core::{Error, ErrorKind, Result, ScanResult, Severity};

pub(crate) fn run(args: &ScanArgs, voice: Voice) -> Result<Exit> {
    if args.ai {
        return Err(Error::new(ErrorKind::Unsupported, "`--ai` is not supported by `scan`")
            .hint("leave it out: findings never depend on AI"));
    }
    let targets = output::targets(&args.show, "json")?;
    let look = Look::prepare(&args.look, voice, &[])?;
    let gate = output::gate(args.show.fail_on_severity.as_deref(), look.config.fail_on_severity)?;
    let baseline = baseline(&args.judge, voice)?;
    let mut look = look;
    look.request.staged = args.staged;
    if args.staged {
        look.request.hook = securescan_core::scanners::git::HookEnv::of_process();
    }
    look.request.history = args.history;
    let (mut raw, interrupt) = look.scan(voice)?;
    let (result, processed) = look.process(&mut raw, baseline.as_ref(), !args.judge.no_suppress);
    tell(&processed, voice);
    let options = output::options(gate, voice);
    let risk_score = Some(score::risk_score(&result.findings));
    output::write_all(&args.show, &targets, &RenderInput { options, risk_score, ..RenderInput::new(&result) }, voice)?;
    if let Some(exit) = interrupt.exit() {
        return Ok(exit);
    }
    let exit = judge(&result, gate, &args.judge, voice);
    Ok(if exit == Exit::Ok { required(&result, &args.look.how.require, voice) } else { exit })
}

/// The baseline to suppress by, if any.
pub(crate) fn baseline(args: &JudgeArgs, voice: Voice) -> Result<Option<Baseline>> {
    match &args.baseline {
        Some(path) if !args.no_suppress => look::load_baseline(path, args.strict_baseline, voice),
        _ => Ok(None),
    }
}

/// Exit 3 when a scanner that had to complete did not.
pub(crate) fn required(result: &ScanResult, names: &[String], voice: Voice) -> Exit {
    let mut exit = Exit::Ok;
    for name in names {
        let line = result.scanners.iter().find(|s| s.name == *name);
        if line.is_some_and(|s| s.status.is_complete()) {
            continue;
        }
        let (status, why) = line.map_or(("not asked for", ""), |s| (s.status.as_str(), s.reason.as_deref().unwrap_or("")));
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        voice.warn(&format!("required scanner {name} did not complete ({status}{why})"));
        exit = Exit::Incomplete;
    }
    exit
}

/// What the pipeline did that a person should know.
pub(crate) fn tell(processed: &Processed, voice: Voice) {
    let s = &processed.suppressed;
    let total = s.inline + s.config + s.baseline;
    if total > 0 {
        voice.note(&format!("Suppressed {total} finding(s) (inline={}, config={}, baseline={})", s.inline, s.config, s.baseline));
    }
    if processed.overridden > 0 {
        voice.note(&format!("Applied {} severity override(s) from config", processed.overridden));
    }
    // A comment that does nothing is a mistake where it stands; a rule or entry that met nothing may belong to another kind of scan.
    for notice in s.audit.iter().filter(|n| n.line.is_some() || voice.verbose) {
        voice.warn(&notice.to_string());
    }
}

/// The gates, on what is not suppressed. A failed gate wins over an incomplete scan.
pub(crate) fn judge(result: &ScanResult, gate: Option<Severity>, args: &JudgeArgs, voice: Voice) -> Exit {
    if let Some(severity) = gate {
        let count = score::count_at_or_above(&result.findings, severity);
        if count > 0 {
            voice.note(&format!("Failing: found {count} finding(s) at or above threshold '{severity}'"));
            return Exit::Gate;
        }
    }
    let left = result.findings.iter().filter(|f| !f.is_suppressed()).count() as u64;
    if let Some(max) = args.fail_on_count
        && left > max
    {
        voice.note(&format!("Failing: {left} findings exceed threshold of {max}"));
        return Exit::Gate;
    }
    incomplete(result, (gate.is_some() || args.fail_on_count.is_some()) && !args.allow_incomplete, voice)
}

/// Exit 3 when a gate was asked for and a scanner that started did not finish, or none could run.
pub(crate) fn incomplete(result: &ScanResult, gated: bool, voice: Voice) -> Exit {
    use securescan_core::ScannerStatus::{Failed, Skipped, TimedOut};
    let nothing_ran =
        !result.scanners.is_empty() && result.scanners.iter().all(|s| matches!(s.status, Skipped | Failed | TimedOut));
    if !(result.has_failed() || nothing_ran) {
        return Exit::Ok;
    }
    for line in result.scanners.iter().filter(|s| matches!(s.status, Failed | TimedOut)) {
        let why = line.reason.as_deref().unwrap_or("no reason given");
        voice.warn(&format!("incomplete: {} {}: {why}", line.name, line.status.as_str()));
    }
    if gated { Exit::Incomplete } else { Exit::Ok }
}
