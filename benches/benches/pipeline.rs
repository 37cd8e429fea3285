//! Each step of the pipeline and the whole, at 1k, 10k, 100k and (with `SECURESCAN_BENCH_BIG` set) 1M findings. Read the time per element:
//! cost growth is linear when it stays the same.
#![allow(missing_docs, clippy::unwrap_used, reason = "criterion's macros; a bench may stop on a broken input")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use securescan_core::compliance::Frameworks;
use securescan_core::config::Config;
use securescan_core::model::ScanResult;
use securescan_core::pipeline::{self, PipelineOptions};
use securescan_core::render::{self, RenderInput};
use securescan_core::source::NoSources;
use securescan_core::{Finding, classify, dedup, identity, order};

fn processed(count: usize) -> Vec<Finding> {
    let config = Config::default();
    let options = PipelineOptions {
        config: &config,
        baseline: None,
        suppress: true,
        frameworks: Frameworks::builtin(),
        sources: &NoSources,
    };
    pipeline::run(securescan_benches::findings(count, 1), &options).findings
}

fn steps(criterion: &mut Criterion) {
    let big = std::env::var_os("SECURESCAN_BENCH_BIG").is_some();
    for count in [1_000, 10_000, 100_000].into_iter().chain(big.then_some(1_000_000)) {
        let mut group = criterion.benchmark_group("pipeline");
        group.throughput(Throughput::Elements(count as u64)).sample_size(10);
        let raw = securescan_benches::findings(count, 1);
        let done = processed(count);
        let config = Config::default();
        let options = PipelineOptions {
            config: &config,
            baseline: None,
            suppress: true,
            frameworks: Frameworks::builtin(),
            sources: &NoSources,
        };
        group.bench_function(BenchmarkId::new("identify", count), |b| {
            b.iter_batched_ref(|| raw.clone(), |f| identity::identify(f, &NoSources), BatchSize::LargeInput);
        });
        group.bench_function(BenchmarkId::new("dedup", count), |b| {
            b.iter_batched(|| done.clone(), dedup::deduplicate, BatchSize::LargeInput);
        });
        group.bench_function(BenchmarkId::new("sort", count), |b| {
            b.iter_batched_ref(|| raw.clone(), |f| order::sort(f), BatchSize::LargeInput);
        });
        group.bench_function(BenchmarkId::new("run", count), |b| {
            b.iter_batched(|| raw.clone(), |f| pipeline::run(f, &options), BatchSize::LargeInput);
        });
        group.bench_function(BenchmarkId::new("diff", count), |b| {
            let side = || ScanResult { findings: done.clone(), ..ScanResult::default() };
            b.iter_batched(|| (side(), side()), |(base, head)| classify::diff(base, head), BatchSize::LargeInput);
        });
        for format in ["json", "sarif", "text"] {
            let result = ScanResult { findings: done.clone(), ..ScanResult::default() };
            group.bench_function(BenchmarkId::new(format, count), |b| {
                b.iter(|| render::render(format, &RenderInput::new(&result), &mut std::io::sink()).unwrap());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
