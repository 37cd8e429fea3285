//! Times the steps of the pipeline in memory, each over the same findings: `securescan-bench-steps COUNT [DUMP]`. Prints one line for each
//! step, `NAME SECONDS`, the median of five runs. `DUMP` gets the findings as they go in, as a JSON array, for other implementations.

use securescan_core::compliance::Frameworks;
use securescan_core::config::Config;
use securescan_core::pipeline::{self, PipelineOptions};
use securescan_core::source::NoSources;
use securescan_core::suppress::{self, Policy};
use securescan_core::{Finding, dedup, identity, order, severity};
use std::hint::black_box;
use std::process::ExitCode;

const RUNS: usize = 5;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let Some(count) = args.get(1).and_then(|n| n.parse::<usize>().ok()) else {
        eprintln!("usage: securescan-bench-steps COUNT [DUMP]");
        return ExitCode::from(2);
    };
    let raw = securescan_benches::findings(count, 1);
    if let Some(path) = args.get(2)
        && let Err(error) = std::fs::write(path, dump(&raw))
    {
        eprintln!("{path}: {error}");
        return ExitCode::from(1);
    }
    let runs: Vec<Vec<(&str, f64)>> = (0..RUNS).map(|_| once(raw.clone())).collect();
    let names: Vec<&str> = runs.first().into_iter().flatten().map(|(name, _)| *name).collect();
    for (index, name) in names.iter().enumerate() {
        let mut seconds: Vec<f64> = runs.iter().filter_map(|run| run.get(index)).map(|(_, s)| *s).collect();
        seconds.sort_by(f64::total_cmp);
        println!("{name} {:.6}", seconds.get(RUNS / 2).copied().unwrap_or_default());
    }
    ExitCode::SUCCESS
}

/// The CPU time of this process so far.
fn cpu_seconds() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

/// All steps one after the other, as `pipeline::run` calls them, then `pipeline::run` itself.
fn once(mut findings: Vec<Finding>) -> Vec<(&'static str, f64)> {
    let config = Config::default();
    let frameworks = Frameworks::builtin();
    let whole = findings.clone();
    let mut out = Vec::new();
    let mut step = |name, work: &mut dyn FnMut()| {
        let start = cpu_seconds();
        work();
        out.push((name, cpu_seconds() - start));
    };
    step("identify", &mut || identity::identify(&mut findings, &NoSources));
    step("dedup", &mut || findings = dedup::deduplicate(std::mem::take(&mut findings)));
    step("override", &mut || _ = severity::apply_overrides(&mut findings, &config.severity_overrides));
    step("sort", &mut || order::sort(&mut findings));
    let policy = Policy { ignored_rules: &config.ignored_rules, baseline: None, inline: true };
    step("suppress", &mut || drop(suppress::apply(&mut findings, &policy, &NoSources)));
    step("tag", &mut || frameworks.tag_all(&mut findings));
    step("number", &mut || identity::number(&mut findings));
    let options = PipelineOptions { config: &config, baseline: None, suppress: true, frameworks, sources: &NoSources };
    let mut whole = Some(whole);
    let mut done = None;
    step("all", &mut || done = whole.take().map(|findings| pipeline::run(findings, &options)));
    black_box((findings, done));
    out
}

/// The findings as they go in. The snippet, which no other output carries, is what Python identifies by too.
fn dump(findings: &[Finding]) -> String {
    let items: Vec<serde_json::Value> = findings
        .iter()
        .map(|finding| {
            let mut value = serde_json::to_value(finding).unwrap_or_default();
            if let (Some(metadata), Some(snippet)) =
                (value.get_mut("metadata").and_then(|m| m.as_object_mut()), &finding.metadata.line_snippet)
            {
                metadata.insert("line_snippet".into(), snippet.as_str().into());
            }
            value
        })
        .collect();
    serde_json::Value::Array(items).to_string()
}
