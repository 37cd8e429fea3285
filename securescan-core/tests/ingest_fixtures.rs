//! Every report of the shared corpus is read with the count its index gives, or differs for a reason that
//! `docs/report-formats.md` states; from memory and as a stream alike; and is told apart from every other format.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod common;

use common::{code_rows, shared};
use securescan_core::ingest::{self, IngestOptions};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Folders of the corpus whose name is not the format's.
const FORMATS: &[(&str, &str)] = &[
    ("trivy-gitlab", "gitlab"),
    ("yarn-audit", "yarn-audit"),
    ("pnpm-audit", "npm-audit"),
    ("gitlab-codequality", "gitlab-codequality"),
];

fn corpus() -> Option<PathBuf> {
    Some(shared("fixtures/INDEX.md")?.parent()?.to_path_buf())
}

/// What differs on purpose: findings, or an error code.
fn deviations() -> BTreeMap<String, String> {
    let text = include_str!("../../docs/report-formats.md");
    code_rows(text).into_iter().map(|(name, cells)| (name, cells[1].clone())).collect()
}

#[test]
fn every_report_has_its_count() {
    let Some(corpus) = corpus() else { return };
    let known: Vec<&str> = ingest::formats().map(|meta| meta.id).collect();
    let deviations = deviations();
    let index = std::fs::read_to_string(corpus.join("INDEX.md")).unwrap();
    let only = std::env::var("SECURESCAN_TEST_FORMAT").ok();
    let (mut wrong, mut read, mut unread) = (Vec::new(), 0, Vec::new());
    for (file, cells) in code_rows(&index) {
        let Some(folder) = file.split('/').next().filter(|_| file.contains('/')) else { continue };
        let format = FORMATS.iter().find(|(f, _)| *f == folder).map_or(folder, |(_, format)| format);
        let Ok(count) = cells[1].parse::<usize>() else { continue };
        if only.as_deref().is_some_and(|only| only != format) {
            continue;
        }
        if !known.contains(&format) {
            unread.push(file);
            continue;
        }
        read += 1;
        let bytes = std::fs::read(corpus.join(&file)).unwrap();
        let options = IngestOptions::default();
        let got = ingest::parse(&bytes, None, &options);
        let streamed = ingest::parse_reader(&bytes[..], None, &options);
        let want = deviations.get(&file).cloned().unwrap_or_else(|| count.to_string());
        match (&got, &streamed) {
            (Ok(got), Ok(streamed)) if got != streamed => wrong.push(format!("{file}: the stream gives something else")),
            (Ok(got), Ok(_)) if got.findings.len().to_string() != want => {
                let reasons: Vec<_> = got.scanners.iter().filter_map(|s| s.reason.clone()).collect();
                wrong.push(format!("{file}: {} instead of {want} {reasons:?}", got.findings.len()));
            }
            (Err(e), _) | (_, Err(e)) if e.code() != want => wrong.push(format!("{file}: {e} instead of {want}")),
            _ => {}
        }
        if let Ok(named) = ingest::parse(&bytes, Some(format), &options)
            && got.as_ref().is_ok_and(|got| got.findings != named.findings)
        {
            wrong.push(format!("{file}: read as {format} it gives something else"));
        }
    }
    println!("{read} reports read, {} of formats that are not read: {unread:?}", unread.len());
    assert!(wrong.is_empty(), "{} of {read}:\n{}", wrong.len(), wrong.join("\n"));
}
