//! From text to hits: one pass of the prefilter over the text, then each rule only near its own keywords.
//!
//! Cost is linear whatever the text: windows of one rule never overlap, so a rule sees each byte at most once, and a
//! match that has to be retried is retried a fixed number of times.

use super::assign::{self, Assignment, Form};
use super::docs::Docs;
use super::judge::{self, Hit, Scene};
use super::names::{self, Promise};
use super::rule::{Detector, Lead, Rule, RuleSet};
use super::validate::Verdict;
use super::value;
use super::{decode, frame, pem};
use std::ops::Range;

/// How far before its keyword a match may start, in bytes.
const BACK: usize = 256;
/// How far after its keyword a match may end before it is followed further, in bytes.
const AHEAD: usize = 1024;
/// How far a match is followed at most, in bytes.
const FOLLOW: usize = 64 << 10;
/// How often a match with a wrong boundary is tried again one byte on, in one window.
const RETRIES: usize = 16;

/// Part of a text that one rule looks at.
#[derive(Debug)]
struct Window {
    rule: u32,
    range: Range<usize>,
}

/// Windows in the order they open; those of one rule are merged when they touch.
struct Windows {
    all: Vec<Window>,
    /// The last window of each rule; made when the first one opens, for most short texts open none.
    last: Vec<u32>,
    rules: usize,
}

impl Windows {
    fn new(rules: usize) -> Self {
        Self { all: Vec::new(), last: Vec::new(), rules }
    }

    fn add(&mut self, rule: u32, range: Range<usize>) {
        if self.last.is_empty() {
            self.last = vec![u32::MAX; self.rules];
        }
        let Some(last) = self.last.get_mut(rule as usize) else { return };
        if let Some(open) = self.all.get_mut(*last as usize)
            && range.start <= open.range.end
        {
            open.range.end = open.range.end.max(range.end);
            return;
        }
        *last = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(Window { rule, range });
    }
}

/// Everything found in a text, encoded parts included, in no order and with overlaps.
pub(super) fn hits(scene: &Scene<'_>) -> Vec<Hit> {
    let mut out = plain_hits(scene);
    if scene.decoded {
        return out;
    }
    let mut inner = |found: decode::Decoded| {
        let none = Docs::default();
        let inside = Scene { text: &found.plain, decoded: true, docs: &none, ..*scene };
        let documented = scene.docs.hold(scene.text, found.range.start);
        for hit in plain_hits(&inside) {
            let shown = inside.text.get(hit.secret.clone()).unwrap_or_default().to_vec();
            let doubtful = hit.doubtful || (documented && hit.verdict != Verdict::Good);
            out.push(Hit { secret: found.range.clone(), decoded: Some((found.how, shown)), doubtful, ..hit });
        }
    };
    decode::base64_runs(scene.text, &mut inner);
    decode::percent_runs(scene.text, &mut inner);
    out
}

fn plain_hits(scene: &Scene<'_>) -> Vec<Hit> {
    let (text, rules) = (scene.text, scene.rules);
    let mut windows = Windows::new(rules.len());
    let mut out = Vec::new();
    let mut names = Names { done: 0 };
    let weak = !scene.kind.tokens_only && !scene.kind.demo && !scene.decoded;
    let mut pem_done = 0;
    if let Some(prefilter) = rules.prefilter() {
        for found in prefilter.find_overlapping_iter(text) {
            for lead in rules.leads(found.pattern().as_usize()) {
                match lead {
                    Lead::Rule(index) if rules.get(*index).is_some_and(Rule::is_framed) => {
                        if let Some(rule) = rules.get(*index).filter(|r| scene.wants(r)) {
                            out.extend(frame::read(scene, *index, rule, found.range()));
                        }
                    }
                    Lead::Rule(rule) => {
                        let reach = rules.get(*rule).and_then(|r| r.spec.window);
                        let start = found.start().saturating_sub(reach.unwrap_or(BACK));
                        windows.add(*rule, start..text.len().min(found.end() + reach.unwrap_or(AHEAD)));
                    }
                    Lead::Word if weak => out.extend(names.hit(scene, found.start(), found.end())),
                    Lead::Pem if found.start() >= pem_done => {
                        if let Some(hit) = private_key(scene, found.start()) {
                            pem_done = hit.secret.end;
                            out.push(hit);
                        }
                    }
                    Lead::Word | Lead::Pem => {}
                }
            }
        }
    }
    for rule in rules.always() {
        windows.add(*rule, 0..text.len());
    }
    for window in windows.all {
        let Some(rule) = rules.get(window.rule) else { continue };
        if scene.wants(rule) {
            run(scene, rule, window, &mut out);
        }
    }
    out
}

/// Runs one rule's regex over one window.
fn run(scene: &Scene<'_>, rule: &Rule, window: Window, out: &mut Vec<Hit>) {
    let Some(regex) = rule.regex() else { return };
    let text = scene.text;
    let limit = text.len().min(window.range.end + FOLLOW);
    let (mut at, mut end, mut retries) = (window.range.start, window.range.end, RETRIES);
    while let Some(hay) = text.get(..end) {
        let Some(found) = regex.find_at(hay, at) else { return };
        if found.end() == end && end < limit {
            end = limit.min(end + 4 * (end - found.start()).max(AHEAD));
            continue;
        }
        let whole = found.range();
        let secret = if regex.captures_len() == 1 { whole.clone() } else { secret_of(rule, hay, whole.start) };
        let bounded = !rule.spec.boundary || judge::is_bounded(text, &secret);
        if bounded {
            out.extend(judge::judge(scene, window.rule, rule, secret, whole.clone()));
        }
        at = if bounded || retries == 0 {
            whole.end.max(at + 1)
        } else {
            retries -= 1;
            whole.start + 1
        };
    }
}

/// The secret inside a match that starts at `start`.
fn secret_of(rule: &Rule, hay: &[u8], start: usize) -> Range<usize> {
    let Some(captures) = rule.regex().and_then(|r| r.captures_at(hay, start)) else { return start..start };
    let whole = captures.get(0).map_or(start..start, |m| m.range());
    let group = match rule.spec.group {
        Some(group) => captures.get(group),
        None => captures.name("secret").or_else(|| captures.iter().skip(1).flatten().find(|m| !m.is_empty())),
    };
    group.map_or(whole, |m| m.range())
}

fn private_key(scene: &Scene<'_>, word: usize) -> Option<Hit> {
    let index = scene.rules.detector(Detector::Pem)?;
    let rule = scene.rules.get(index)?;
    let block = pem::read(scene.text, word)?;
    let bytes = scene.text.get(block.range.clone())?;
    if pem::is_filler(bytes) || (pem::is_cut(bytes) && scene.docs.hold(scene.text, block.range.start)) {
        return None;
    }
    let hit = judge::judge(scene, index, rule, block.range.clone(), block.range)?;
    Some(if block.encrypted { Hit { verdict: Verdict::Minor, ..hit } } else { hit })
}

/// Reads assignments, each name once.
struct Names {
    done: usize,
}

impl Names {
    fn hit(&mut self, scene: &Scene<'_>, start: usize, end: usize) -> Option<Hit> {
        if start < self.done {
            return None;
        }
        let name = assign::name(scene.text, start, end);
        self.done = name.end;
        let spoken = scene.text.get(name.clone())?;
        let promise = names::promise(spoken)?;
        if scene.kind.env
            && let Some(hit) = env_line(scene, &name, promise)
        {
            return Some(hit);
        }
        let found = assign::read(scene.text, name)?;
        assigned(scene, found, promise)
    }
}

fn assigned(scene: &Scene<'_>, found: Assignment, promise: Promise) -> Option<Hit> {
    let detector = if promise == Promise::Password { Detector::Password } else { Detector::Key };
    let index = scene.rules.detector(detector)?;
    let value = scene.text.get(found.value.clone())?;
    let strict = found.form == Form::Bare && !scene.kind.config;
    if found.listed && promise == Promise::Password {
        return None;
    }
    if !value::keeps(promise, value, strict) {
        return None;
    }
    judge::judge(scene, index, scene.rules.get(index)?, found.value.clone(), found.name.start..found.value.end)
}

/// `KEY=value` to the end of the line, in files that hold nothing else.
fn env_line(scene: &Scene<'_>, name: &Range<usize>, promise: Promise) -> Option<Hit> {
    let index = scene.rules.detector(Detector::Env)?;
    if promise == Promise::BareKey || scene.text.get(name.end) != Some(&b'=') {
        return None;
    }
    let range = assign::env_value(scene.text, name.end + 1)?;
    let value = scene.text.get(range.clone())?;
    if value.len() < 6 || !value::is_env_secret(value) {
        return None;
    }
    judge::judge(scene, index, scene.rules.get(index)?, range.clone(), name.start..range.end)
}

/// What [`RuleSet::path_only`] rules say about a path: their indices.
pub(super) fn path_hits<'a>(rules: &'a RuleSet, path: &'a str) -> impl Iterator<Item = &'a Rule> + 'a {
    rules.path_only().iter().filter_map(|i| rules.get(*i)).filter(move |r| r.wants_path(path))
}
