//! Nosey Parker: the JSON and JSON lines of `noseyparker report`. A finding is one secret with every place it was seen at.

use super::fields::{Fields, text_of};
use super::json;
use super::leak::{self, Leak, Validity};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, mask};
use crate::Result;
use crate::model::{Confidence, Finding, ScanType, Severity};
use serde_json::{Map, Value};

pub(super) struct NoseyParker;

const META: ParserMeta = ParserMeta {
    id: "noseyparker",
    title: "Nosey Parker JSON or JSON lines",
    versions_read: "0.12 – 0.24",
    upstream: "https://github.com/praetorian-inc/noseyparker",
    scan_type: ScanType::Code,
};

/// How many further places are listed.
const MAX_PLACES: usize = 100;

impl Parser for NoseyParker {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        matches!(shape.top, Top::Object | Top::Array)
            && shape.has_all(&["rule_name", "matches"])
            && shape.has_any(&["match_content", "num_matches", "matches.provenance", "matches.snippet", "groups"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read_many(&mut input, report, &mut |report, _, value| finding(report, Fields::of(value)?))
    }
}

fn finding(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let (name, id) = (item.text("rule_name"), item.text("rule_text_id"));
    let mut matches = item.list("matches").into_iter().map(Fields::or_empty);
    let mut first = matches.next().unwrap_or_default();
    let Some(rule) = id.clone().or_else(|| name.clone()).or_else(|| first.text("rule_name")) else {
        return Err(bad("`rule_name` is missing"));
    };
    let mut secrets = secrets(&mut item);
    secrets.extend(self::secrets(&mut first));
    let place = Place::of(&mut first);
    let mut others: Vec<Value> = Vec::new();
    for mut other in matches {
        secrets.extend(self::secrets(&mut other).into_iter().take(10));
        if others.len() < MAX_PLACES {
            others.push(Place::of(&mut other).brief().into());
        }
    }
    secrets.truncate(1000);
    secrets.dedup();
    let description = name.unwrap_or_else(|| rule.clone());
    let value = secrets.first().cloned();
    let mut finding = Leak { rule, description, value, validity: Validity::Unknown, file: place.file.clone() }.finding(report)?;
    place.locate(&mut finding);
    if item.list("statuses").iter().any(|s| s == "reject") || item.peek("status").is_some_and(|s| s == "reject") {
        finding.confidence = Some(Confidence::Low);
        finding.severity = finding.severity.min(Severity::Low);
    }
    item.keep("other_matches", others);
    item.keep("blob_id", first.value("blob_id").unwrap_or_default());
    finding.metadata.tool = item.rest();
    mask::hide(&mut finding, secrets.iter().skip(1).map(String::as_str));
    report.push(finding)
}

/// The secrets of a finding or match, taken out: in clear up to 0.16, as base64 of the capture groups since.
fn secrets(item: &mut Fields) -> Vec<String> {
    item.value("snippet");
    let clear = item.text("match_content");
    let groups = item.texts("groups");
    clear.into_iter().chain(groups.into_iter().map(|group| leak::from_base64(&group).unwrap_or(group))).collect()
}

/// Where a match is.
#[derive(Default)]
struct Place {
    file: Option<String>,
    /// The commit it was first seen in, where it is in no file of the working tree.
    commit: Option<String>,
    lines: [Option<u32>; 4],
}

impl Place {
    /// A file comes before a commit: it is still there.
    fn of(item: &mut Fields) -> Self {
        let span = |item: &mut Fields, path: &str| item.position(&format!("location.source_span.{path}"));
        let lines = [
            span(item, "start.line"),
            span(item, "start.column"),
            span(item, "end.line"),
            // The last column is named itself.
            span(item, "end.column").map(|column| column.saturating_add(1)),
        ];
        let mut place = Self { lines, ..Self::default() };
        for mut seen in item.list("provenance").into_iter().map(Fields::or_empty) {
            match seen.text("kind").as_deref() {
                Some("git_repo") if place.file.is_none() => {
                    let mut commit =
                        if seen.has("first_commit") { seen.object("first_commit") } else { seen.object("commit_provenance") };
                    place.file = commit.text("blob_path");
                    place.commit = commit.text("commit_metadata.commit_id");
                }
                Some("file") if place.file.is_none() || place.commit.is_some() => {
                    (place.file, place.commit) = (seen.text("path"), None);
                }
                Some("extended") if place.file.is_none() => {
                    place.file = seen.first_text(&["payload.filename", "payload.path", "path"]);
                }
                _ => {}
            }
        }
        place
    }

    fn locate(self, finding: &mut Finding) {
        [finding.line, finding.column, finding.end_line, finding.end_column] = self.lines;
        leak::in_history(finding, self.commit);
    }

    /// As another place of a finding says it.
    fn brief(self) -> Map<String, Value> {
        let [line, column, ..] = self.lines;
        let path = self.file.map(|path| crate::path::normalize(&path, None).into());
        let parts = [("path", path), ("line", line.map(Value::from)), ("column", column.map(Value::from))];
        let commit = [("commit", self.commit.and_then(|c| text_of(c.into())).map(Value::from))];
        parts.into_iter().chain(commit).filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::Severity;
    use serde_json::json;

    const TOKEN: &str = "ghp_q8Zr1mXv7LwT3pKd9NsB5hGfYc2JuA0TsxpC";
    const BASE64: &str = "Z2hwX3E4WnIxbVh2N0x3VDNwS2Q5TnNCNWhHZlljMkp1QTBUc3hwQw==";

    #[test]
    fn old_and_new() {
        let place = json!({"source_span": {"start": {"line": 3, "column": 9}, "end": {"line": 3, "column": 28}}});
        let git = json!({"kind": "git_repo", "repo_path": ".", "first_commit": {"blob_path": "b.txt", "commit_metadata": {"commit_id": "abc"}}});
        let old = json!({"rule_name": "Generic Password", "match_content": "Password", "num_matches": 2, "matches": [
            {"provenance": [git, {"kind": "file", "path": "./a.txt"}], "location": place, "match_content": "Password",
             "snippet": {"before": "", "matching": "x: Password", "after": ""}},
            {"provenance": [git], "location": place}]});
        let new = json!({"type": "finding", "finding_id": "f1", "rule_name": "GitHub PAT", "rule_text_id": "np.github.1", "groups": [BASE64],
            "statuses": [], "comment": format!("mind {TOKEN}"), "matches": [{"provenance": [git], "groups": [BASE64], "location": place,
            "snippet": {"matching": TOKEN}}]});
        for text in [json!([old, new]).to_string(), format!("{old}\n{new}\n")] {
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
            let [old, new] = &result.findings[..] else { panic!("{result:?}") };
            assert_eq!((old.title.as_str(), old.severity), ("Generic Password", Severity::Medium));
            assert_eq!(
                (old.file_path.as_deref(), old.line, old.column, old.end_column),
                (Some("a.txt"), Some(3), Some(9), Some(29))
            );
            assert!(!old.metadata.extra.contains_key("in_history"));
            assert_eq!(old.metadata.tool["other_matches"], json!([{"path": "b.txt", "line": 3, "column": 9, "commit": "abc"}]));
            assert_eq!((new.rule_id.as_deref(), new.severity), (Some("np.github.1"), Severity::Critical));
            assert_eq!((new.file_path.as_deref(), new.metadata.extra.get("commit")), (Some("b.txt"), Some(&json!("abc"))));
            assert_eq!(new.secret.as_ref().unwrap().value, TOKEN);
            let out = serde_json::to_string(&result.findings).unwrap();
            assert!(!out.contains(TOKEN) && !out.contains(BASE64));
        }
    }

    #[test]
    fn odd_items() {
        let text =
            "{\"rule_name\":\"x\",\"matches\":null,\"num_matches\":0}\n{\"matches\":[]}\n{\"rule_name\":\"y\",\"matches\":[3]}";
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (2, 1));
    }
}
