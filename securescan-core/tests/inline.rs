//! Inline directives against the reference vectors.
//!
//! Every query is compared. A difference is explained by the class of its line, which names the decision of the spec;
//! an unexplained difference fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test stops at what it does not expect")]

mod policy_support;

use policy_support::{cases, vectors};
use securescan_core::suppress::{Mark, marks};
use serde_json::Value;
use std::collections::BTreeMap;

fn bytes(input: &Value) -> Vec<u8> {
    use base64::Engine;
    match input["text"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64::engine::general_purpose::STANDARD.decode(input["base64"].as_str().unwrap()).unwrap(),
    }
}

fn silenced(marks: &[Mark], line: u32, rule: &str) -> bool {
    marks.iter().any(|mark| mark.silences(line, rule))
}

/// The reference's mark that silences a query.
fn their_mark<'a>(expected: &'a Value, line: u32, rule: &str) -> Option<&'a Value> {
    expected["marks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|mark| mark["target_line"] == line && mark["rule_ids"].as_array().unwrap().iter().any(|id| id == "*" || id == rule))
}

/// Why we silence what the reference does not.
fn why_more(ours: &[Mark], line: u32, rule: &str, text: &str, file: &str) -> Option<&'static str> {
    let mark = ours.iter().find(|mark| mark.silences(line, rule)).unwrap();
    let source = text.split('\n').nth(mark.line as usize - 1).unwrap_or_default();
    if line == mark.line + 1 && mark.first_line == mark.line {
        return Some("a comment alone on its line covers the next (D1)");
    }
    if text.contains(['\u{2028}', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2029}']) {
        return Some("lines end at line feeds only (weak point 5)");
    }
    if source.contains("/*") || source.contains("<!--") || source.contains("{-") {
        return Some("block comments (weak point 2)");
    }
    let glued = ["#securescan", "//securescan", "--securescan"];
    if glued.iter().any(|g| source.to_lowercase().contains(g)) {
        return Some("no space after the comment sign (weak point 2)");
    }
    if file.ends_with(".php") && source.contains('#') {
        return Some("`#` is a comment in PHP");
    }
    // What the reference's grammar takes for ids to the end of the line is read alike by both, so it explains nothing.
    let tail = source.to_lowercase().rsplit("ignore").next().unwrap_or_default().trim().to_owned();
    let plain = tail.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '*' | ',' | ' '));
    let has_comment = tail.split_once(' ').is_some_and(|(first, _)| !first.ends_with(','));
    (!plain || has_comment).then_some("ids end at the first word no comma announces; what follows is free (D2)")
}

/// Why the reference silences what we do not.
fn why_less(theirs: &Value, text: &str) -> Option<&'static str> {
    if text.contains(['\u{2028}', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2029}', '\r']) {
        return Some("lines end at line feeds only (weak point 5)");
    }
    let line = theirs["line"].as_u64().unwrap() as usize;
    let source = text.split('\n').nth(line - 1)?.to_lowercase();
    let ids: Vec<&str> = theirs["rule_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    if ids.iter().any(|id| id.contains(char::is_whitespace)) {
        return Some("ids end at the first word no comma announces; what follows is free (D2)");
    }
    let directive = theirs["directive"].as_str().unwrap();
    (!directive.is_ascii() || !source.contains("securescan")).then_some("letter case is ASCII's")
}

#[test]
fn query_vectors() {
    let Some(document) = vectors("inline_suppression") else { return };
    let (mut same, mut classes, mut unexplained) = (0, BTreeMap::<&str, usize>::new(), Vec::new());
    for case in cases(&document) {
        let (input, expected) = (&case["input"], &case["expected"]);
        let raw = bytes(input);
        let text = String::from_utf8_lossy(&raw);
        let file = input["file_name"].as_str().unwrap();
        let ours = marks(file, &raw);
        let queries = input["queries"].as_array().unwrap().iter().zip(expected["suppressed"].as_array().unwrap());
        for (query, theirs) in queries {
            let (line, rule) = (query[0].as_u64().unwrap() as u32, query[1].as_str().unwrap());
            let class = match (silenced(&ours, line, rule), theirs.as_bool().unwrap()) {
                (a, b) if a == b => {
                    same += 1;
                    continue;
                }
                (true, _) => why_more(&ours, line, rule, &text, file),
                (false, _) => their_mark(expected, line, rule).and_then(|mark| why_less(mark, &text)),
            };
            match class {
                Some(class) => *classes.entry(class).or_default() += 1,
                None => unexplained.push(format!("{} {line} {rule:?} {text:?}", input["file_name"])),
            }
        }
    }
    println!("{same} queries equal; different by class: {classes:#?}");
    assert_eq!(unexplained, [""; 0]);
    assert_eq!((same, classes.values().sum::<usize>()), (2157, 156));
    assert_eq!(classes.len(), 7);
}
