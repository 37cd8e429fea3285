//! What the image is built from: moving tags, images without updates, somebody else's build frontend.

use super::super::parse::Keyword;
use super::super::report::{Hit, Rule, Sink, quoted};
use super::super::stage::Image;
use super::Analysis;
use crate::model::{Confidence, Severity};

const LATEST: Rule = Rule {
    id: "DL001",
    severity: Severity::Medium,
    cwe: Some("CWE-829"),
    title: "Using ':latest' tag in FROM",
    why: "The tag moves: the next build may take in another system, with other holes, without any change in this file.",
    fix: "Name a release, better still with its digest: `FROM python:3.13-slim@sha256:…`.",
    aliases: &["CKV_DOCKER_7", "DL3007", "DS-0001"],
    references: &["https://docs.docker.com/build/building/best-practices/#pin-base-image-versions"],
};

const UNTAGGED: Rule = Rule {
    id: "untagged-image",
    severity: Severity::Medium,
    cwe: Some("CWE-829"),
    title: "Base image without a tag",
    why: "Without a tag Docker takes `latest`, which moves: the next build may take in another system without any change in this file.",
    fix: "Name a release, better still with its digest: `FROM python:3.13-slim@sha256:…`.",
    aliases: &["CKV_DOCKER_7", "DL3006", "DS-0001"],
    references: &["https://docs.docker.com/build/building/best-practices/#pin-base-image-versions"],
};

const END_OF_LIFE: Rule = Rule {
    id: "eol-base-image",
    severity: Severity::Medium,
    cwe: Some("CWE-1104"),
    title: "Base image is past its end of life",
    why: "No security updates are made for this release any more: holes found in it stay open.",
    fix: "Move to a release that still gets updates.",
    aliases: &[],
    references: &[],
};

const FRONTEND: Rule = Rule {
    id: "third-party-frontend",
    severity: Severity::Medium,
    cwe: Some("CWE-829"),
    title: "Build frontend from a third party",
    why: "`# syntax=` names an image that is downloaded and decides what the build does; this one is not Docker's own and not pinned.",
    fix: "Use `docker/dockerfile:1`, or pin the frontend by digest.",
    aliases: &[],
    references: &["https://docs.docker.com/build/buildkit/frontend/"],
};

pub(super) const RULES: &[&Rule] = &[&LATEST, &UNTAGGED, &END_OF_LIFE, &FRONTEND];

pub(super) fn check(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    for stage in &analysis.stages.list {
        let Some(from) = stage.from.and_then(|i| analysis.file.instructions.get(i)) else { continue };
        if let Some(image) = &stage.image {
            // A default that a build argument can replace is not what every build uses.
            let sure = if from.args().contains('$') { Confidence::Medium } else { Confidence::High };
            moving(image, from.line, from.end_line, sure, sink);
            end_of_life(image, from.line, from.end_line, sure, sink);
        }
    }
    for (index, copy) in analysis.all(Keyword::Copy) {
        let from = analysis.stages.resolved(index).filter(|_| copy.flag("from").is_some());
        if let Some(from) = from.filter(|f| !f.is_empty()) {
            moving(&Image::parse(from), copy.line, copy.end_line, Confidence::Medium, sink);
        }
    }
    for (name, value, line) in &analysis.file.directives {
        let image = Image::parse(value);
        let own = image.repository.trim_start_matches("docker.io/").starts_with("docker/dockerfile");
        if name == "syntax" && !own && image.digest.is_none() && !value.is_empty() {
            sink.add(Hit::new(&FRONTEND, *line, format!("The frontend is {}", quoted(value))).sure(Confidence::Medium));
        }
    }
}

fn moving(image: &Image, line: u32, end_line: u32, sure: Confidence, sink: &mut Sink) {
    if image.digest.is_some() || image.is_scratch() {
        return;
    }
    match image.tag.as_deref().map(str::to_ascii_lowercase) {
        None => {
            let detail = format!("{} has no tag", quoted(&image.repository));
            sink.add(Hit::new(&UNTAGGED, line, detail).to(end_line).sure(sure));
        }
        Some(tag) if tag == "latest" || tag.starts_with("latest-") => {
            let detail = format!("{} is a moving tag", quoted(&format!("{}:{tag}", image.repository)));
            sink.add(Hit::new(&LATEST, line, detail).to(end_line).sure(sure));
        }
        Some(_) => {}
    }
}

fn end_of_life(image: &Image, line: u32, end_line: u32, sure: Confidence, sink: &mut Sink) {
    let repository = image.repository.to_ascii_lowercase();
    let name =
        ["docker.io/library/", "docker.io/", "library/"].iter().find_map(|p| repository.strip_prefix(p)).unwrap_or(&repository);
    let Some(tag) = image.tag.as_deref().filter(|t| t.len() <= 128) else { return };
    let known = RELEASES.iter().find(|r| r.image == name);
    let mut parts = tag.split('-');
    let release = parts.next().unwrap_or(tag);
    // `python:3.11-buster` and `node:20-alpine3.12` name the system below.
    let on_dead_system =
        known.is_some() && parts.any(|p| DEBIAN_NAMES.contains(&p) || is_dead(ALPINE, p.strip_prefix("alpine").unwrap_or("")));
    if on_dead_system || known.is_some_and(|row| row.names.contains(&release) || is_dead(row.oldest, release)) {
        let detail = format!("{} gets no updates", quoted(&format!("{name}:{tag}")));
        sink.add(Hit::new(&END_OF_LIFE, line, detail).to(end_line).sure(sure));
    }
}

/// Whether a release is a number below the oldest that is alive.
fn is_dead(oldest: Option<(u32, u32)>, release: &str) -> bool {
    oldest.is_some_and(|oldest| number(release).is_some_and(|n| n < oldest))
}

/// `3.9.1` as (3, 9); a lone `7` as (7, highest): the newest of that major.
fn number(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = match parts.next() {
        Some(part) => part.parse().ok()?,
        None => u32::MAX,
    };
    Some((major, minor))
}

/// Which releases of an official image are out of support.
struct Releases {
    image: &'static str,
    /// Code names and odd releases that are dead.
    names: &'static [&'static str],
    /// The oldest release that is alive; numbers below it are dead.
    oldest: Option<(u32, u32)>,
}

const fn releases(image: &'static str, names: &'static [&'static str], oldest: Option<(u32, u32)>) -> Releases {
    Releases { image, names, oldest }
}

const DEBIAN_NAMES: &[&str] = &["wheezy", "jessie", "stretch", "buster"];

const ALPINE: Option<(u32, u32)> = Some((3, 19));

/// What was out of support on 2025-10-01: a fixed date, as a scan knows no clock. Support that has to be paid for does not
/// count.
///
/// # Source
/// The release schedules the projects publish.
const RELEASES: &[Releases] = &[
    releases("alpine", &[], ALPINE),
    releases("amazonlinux", &["1", "2018.03"], None),
    releases("centos", &["centos5", "centos6", "centos7", "centos8"], Some((9, 0))),
    releases("debian", DEBIAN_NAMES, Some((11, 0))),
    releases("fedora", &[], Some((41, 0))),
    releases("golang", &[], Some((1, 24))),
    releases("mongo", &[], Some((7, 0))),
    releases("mysql", &["8.1", "8.2", "8.3"], Some((8, 0))),
    releases(
        "node",
        &["argon", "boron", "carbon", "dubnium", "erbium", "fermium", "gallium", "hydrogen", "19", "21", "23"],
        Some((20, 0)),
    ),
    releases("php", &[], Some((8, 1))),
    releases("postgres", &[], Some((13, 0))),
    releases("python", &[], Some((3, 9))),
    releases("ruby", &[], Some((3, 2))),
    releases("ubuntu", &["trusty", "xenial", "bionic", "focal", "22.10", "23.04", "23.10", "24.10"], Some((22, 4))),
];
