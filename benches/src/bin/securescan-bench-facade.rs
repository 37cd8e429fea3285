//! The typed facade from beginning to end, as every language package calls it: `securescan-bench-facade BASE HEAD`. Prints `NAME SECONDS` a
//! line, CPU time, the median of five runs: parse, process, diff, render. The floor of `bench-compare --only bindings`.

use securescan_core::api::{self, ProcessOptions, Style, Subject};
use securescan_core::ingest::{self, IngestOptions};
use securescan_core::model::Findings;
use std::process::ExitCode;

const RUNS: usize = 5;

fn cpu_seconds() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let [_, base, head] = args.as_slice() else {
        eprintln!("usage: securescan-bench-facade BASE HEAD");
        return ExitCode::from(2);
    };
    match (std::fs::read(base), std::fs::read(head)) {
        (Ok(base), Ok(head)) => timed(&base, &head),
        _ => ExitCode::from(1),
    }
}

fn timed(base: &[u8], head: &[u8]) -> ExitCode {
    let mut all: Vec<[f64; 4]> = Vec::new();
    let parse = |bytes: &[u8]| ingest::parse(bytes, None, &IngestOptions::default()).map(Findings::from_result);
    for _ in 0..RUNS {
        let (Ok(before), start) = (parse(base), cpu_seconds()) else { return ExitCode::from(1) };
        let Ok(now) = parse(head) else { return ExitCode::from(1) };
        let parsed = cpu_seconds();
        let now = api::process(&now, &ProcessOptions::default()).findings;
        let processed = cpu_seconds();
        let before = api::process(&before, &ProcessOptions::default()).findings;
        let again = cpu_seconds();
        let difference = api::diff(&before, &now);
        let compared = cpu_seconds();
        let Ok(text) = api::render(Subject::Findings(&now), "sarif", Style::default()) else { return ExitCode::from(1) };
        let rendered = cpu_seconds();
        std::hint::black_box((difference, text));
        all.push([parsed - start, processed - parsed, compared - again, rendered - compared]);
    }
    for (index, name) in ["parse", "process", "diff", "render"].iter().enumerate() {
        let mut seconds: Vec<f64> = all.iter().filter_map(|run| run.get(index).copied()).collect();
        seconds.sort_by(f64::total_cmp);
        println!("{name} {:.6}", seconds.get(RUNS / 2).copied().unwrap_or_default());
    }
    ExitCode::SUCCESS
}
