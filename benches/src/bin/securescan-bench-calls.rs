//! Times the typed calls that the language packages make, over two snapshots: `securescan-bench-calls BASE HEAD RUNS`. Prints a line
//! for each call, `NAME SECONDS`, the median of the runs; wall time. `benches/node.mjs` makes the same calls from Node and divides.

use securescan_core::api::{self, ProcessOptions, Style, Subject};
use securescan_core::ingest::{self, IngestOptions};
use securescan_core::{Findings, Result};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [base, head, runs] = args.as_slice() else {
        eprintln!("usage: securescan-bench-calls BASE HEAD RUNS");
        return ExitCode::from(2);
    };
    let (Ok(base), Ok(head), Ok(runs)) = (std::fs::read(base), std::fs::read(head), runs.parse::<usize>()) else {
        eprintln!("the snapshots cannot be read, or the runs are no number");
        return ExitCode::from(2);
    };
    let mut times: Vec<Vec<(&str, f64)>> = Vec::new();
    for _ in 0..runs {
        match once(&base, &head) {
            Ok(run) => times.push(run),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    let names: Vec<&str> = times.first().into_iter().flatten().map(|(name, _)| *name).collect();
    for (index, name) in names.iter().enumerate() {
        let mut seconds: Vec<f64> = times.iter().filter_map(|run| run.get(index)).map(|(_, s)| *s).collect();
        seconds.sort_by(f64::total_cmp);
        println!("{name} {:.6}", seconds.get(seconds.len() / 2).copied().unwrap_or_default());
    }
    ExitCode::SUCCESS
}

/// Each call once.
fn once(base: &[u8], head: &[u8]) -> Result<Vec<(&'static str, f64)>> {
    let mut times = Vec::new();
    let read = |bytes: &[u8]| ingest::parse(bytes, None, &IngestOptions::default()).map(Findings::from_result);
    let base = timed("parse", &mut times, || read(base))?;
    let head = read(head)?;
    let done = timed("process", &mut times, || Ok(api::process(&head, &ProcessOptions::default()).findings))?;
    let change = timed("diff", &mut times, || Ok(api::diff(&base, &head)))?;
    let sarif = timed("render", &mut times, || api::render(Subject::Findings(&done), "sarif", Style::default()))?;
    let summary = timed("summary", &mut times, || Ok(api::summary(&done)))?;
    let one = "[{\"scanner\":\"s\",\"scan_type\":\"code\",\"severity\":\"low\",\"title\":\"t\",\"file_path\":\"a.py\"}]";
    timed("small", &mut times, || {
        for _ in 0..1000 {
            black_box(api::process(&read(one.as_bytes())?, &ProcessOptions::default()));
        }
        Ok(())
    })?;
    black_box((change, sarif, summary));
    Ok(times)
}

fn timed<T>(name: &'static str, times: &mut Vec<(&'static str, f64)>, call: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let out = call()?;
    times.push((name, start.elapsed().as_secs_f64()));
    Ok(out)
}
