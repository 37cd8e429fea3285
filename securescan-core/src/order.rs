//! The canonical order of findings: severity, scanner, rule, file, line, title, then whatever else tells two apart.
//!
//! # Source
//! The documentation's architecture page; ties broken so that order never depends on scheduling (decision D1).

use crate::model::Finding;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Compares two findings. Strings compare by code point, absent ones as empty, absent lines as 0.
pub fn compare(a: &Finding, b: &Finding) -> Ordering {
    b.severity
        .cmp(&a.severity)
        .then_with(|| a.scanner.cmp(&b.scanner))
        .then_with(|| cmp(&a.rule_id, &b.rule_id))
        .then_with(|| cmp(&a.file_path, &b.file_path))
        .then_with(|| a.line.unwrap_or(0).cmp(&b.line.unwrap_or(0)))
        .then_with(|| a.title.cmp(&b.title))
        .then_with(|| a.end_line.unwrap_or(0).cmp(&b.end_line.unwrap_or(0)))
        .then_with(|| a.column.unwrap_or(0).cmp(&b.column.unwrap_or(0)))
        .then_with(|| a.end_column.unwrap_or(0).cmp(&b.end_column.unwrap_or(0)))
        .then_with(|| a.fingerprint.cmp(&b.fingerprint))
        .then_with(|| a.description.cmp(&b.description))
        .then_with(|| a.package.cmp(&b.package))
        .then_with(|| a.vulnerability_ids.cmp(&b.vulnerability_ids))
        .then_with(|| the_rest(a, b))
        .then_with(|| a.id.cmp(&b.id))
}

/// What no reader would order by. What later steps write (suppression, tags) is not looked at, so that sorting again changes nothing.
fn the_rest(a: &Finding, b: &Finding) -> Ordering {
    let (m, n) = (&a.metadata, &b.metadata);
    a.cwe
        .cmp(&b.cwe)
        .then_with(|| a.scan_type.cmp(&b.scan_type))
        .then_with(|| b.confidence.cmp(&a.confidence))
        .then_with(|| a.remediation.cmp(&b.remediation))
        .then_with(|| a.references.cmp(&b.references))
        .then_with(|| m.endpoint.cmp(&n.endpoint))
        .then_with(|| m.also_reported_by.cmp(&n.also_reported_by))
        .then_with(|| m.baseline_scope.cmp(&n.baseline_scope))
        .then_with(|| compare_maps(&m.extra, &n.extra))
        .then_with(|| compare_maps(&m.tool, &n.tool))
        .then_with(|| a.ignored_in_source.cmp(&b.ignored_in_source))
        .then_with(|| a.scan_id.cmp(&b.scan_id))
}

fn compare_maps(a: &Map<String, Value>, b: &Map<String, Value>) -> Ordering {
    a.iter().map(|(k, v)| (k, Json(v))).cmp(b.iter().map(|(k, v)| (k, Json(v))))
}

/// A JSON value in some fixed order. Depth is bounded by the parser that read it.
#[derive(PartialEq, Eq)]
struct Json<'a>(&'a Value);

impl PartialOrd for Json<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Json<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.0, other.0) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Number(a), Value::Number(b)) if a != b => a.to_string().cmp(&b.to_string()),
            (Value::String(a), Value::String(b)) => a.cmp(b),
            (Value::Array(a), Value::Array(b)) => a.iter().map(Json).cmp(b.iter().map(Json)),
            (Value::Object(a), Value::Object(b)) => compare_maps(a, b),
            (a, b) => kind(a).cmp(&kind(b)),
        }
    }
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

/// Sorts in place; stable.
pub fn sort(findings: &mut [Finding]) {
    sort_with(findings, |_| 0);
}

/// Sorts by a rank, lowest first, and within a rank in the canonical order; in place, stable.
///
/// Findings are large and their texts lie all over memory, so what is sorted is a list of small keys: texts that many findings share are
/// numbered in their own order first. Each finding is then moved once.
pub(crate) fn sort_with(findings: &mut [Finding], rank: impl Fn(&Finding) -> u32) {
    if findings.len() < 64 {
        findings.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| compare(a, b)));
        return;
    }
    let scanners = numbered(findings, |f| &f.scanner);
    let rules = numbered(findings, |f| f.rule_id.as_deref().unwrap_or_default());
    let files = numbered(findings, |f| f.file_path.as_deref().unwrap_or_default());
    let names = scanners.into_iter().zip(rules).zip(files);
    let mut keys: Vec<_> = findings
        .iter()
        .zip(names)
        .enumerate()
        .map(|(index, (f, ((scanner, rule), file)))| {
            (rank(f), u8::MAX - f.severity.rank(), scanner, rule, file, f.line.unwrap_or(0), index)
        })
        .collect();
    keys.sort_unstable_by(|a, b| {
        let texts = || match (findings.get(a.6), findings.get(b.6)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => Ordering::Equal,
        };
        (a.0, a.1, a.2, a.3, a.4, a.5).cmp(&(b.0, b.1, b.2, b.3, b.4, b.5)).then_with(texts).then(a.6.cmp(&b.6))
    });
    arrange(findings, keys.into_iter().map(|key| key.6).collect());
}

/// For each finding the place of one of its texts among all such texts, sorted.
fn numbered<'a>(findings: &'a [Finding], text: impl Fn(&'a Finding) -> &'a str) -> Vec<u32> {
    let mut known: FxHashMap<&str, u32> = FxHashMap::default();
    let mut texts: Vec<&str> = Vec::new();
    let mut last = ("", u32::MAX);
    let mut out: Vec<u32> = Vec::with_capacity(findings.len());
    for finding in findings {
        let text = text(finding);
        if text != last.0 || last.1 == u32::MAX {
            let next = u32::try_from(texts.len()).unwrap_or(u32::MAX);
            last = (text, *known.entry(text).or_insert(next));
            if last.1 == next {
                texts.push(text);
            }
        }
        out.push(last.1);
    }
    let mut sorted: Vec<(&str, usize)> = texts.into_iter().zip(0..).collect();
    sorted.sort_unstable();
    let mut places = vec![0u32; sorted.len()];
    for (place, (_, number)) in (0u32..).zip(sorted) {
        places.get_mut(number).into_iter().for_each(|slot| *slot = place);
    }
    for number in &mut out {
        *number = places.get(*number as usize).copied().unwrap_or(u32::MAX);
    }
    out
}

/// Puts at each place the item that `from` names for it, a permutation; each item is moved once or twice.
fn arrange<T>(items: &mut [T], mut from: Vec<usize>) {
    for start in 0..from.len() {
        let mut at = start;
        // Follows one cycle; a place that is done names itself.
        while let Some(next) = from.get_mut(at).map(|slot| std::mem::replace(slot, at))
            && next != start
            && next != at
            && next < items.len()
        {
            items.swap(at, next);
            at = next;
        }
    }
}

fn cmp(a: &Option<String>, b: &Option<String>) -> Ordering {
    a.as_deref().unwrap_or_default().cmp(b.as_deref().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ScanType, Severity};

    #[test]
    fn keys_sort_as_findings_compare() {
        let mut state = 7u64;
        let mut next = move |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        for count in [0, 1, 63, 64, 65, 700] {
            let mut findings: Vec<Finding> = (0..count)
                .map(|index| {
                    let severity = Severity::ALL[next(5) as usize];
                    let mut f =
                        Finding::new(["b", "a", "ab"][next(3) as usize], ScanType::Code, severity, format!("t{}", next(2)));
                    f.rule_id = [None, Some(""), Some("r"), Some("R")][next(4) as usize].map(str::to_owned);
                    f.file_path = [None, Some("x/y"), Some("x")][next(3) as usize].map(str::to_owned);
                    f.line = [None, Some(1), Some(20)][next(3) as usize];
                    f.scan_id = Some(index.to_string());
                    f
                })
                .collect();
            let rank = |f: &Finding| u32::from(f.line == Some(1));
            let (mut expected, mut ranked) = (findings.clone(), findings.clone());
            sort_with(&mut ranked, rank);
            expected.sort_by(compare);
            sort(&mut findings);
            assert_eq!(findings, expected);
            expected.sort_by_key(rank);
            assert_eq!(ranked, expected);
        }
    }
}
