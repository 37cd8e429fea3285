//! A result as a finding.

use super::facts::{self, Facts, level, score};
use super::item::Item;
use super::place::{Target, source_lines};
use super::related::Related;
use super::run::Scope;
use super::wire::{Location, Message, Region};
use super::{own, package};
use crate::ingest::fields::Fields;
use crate::ingest::report::{Report, Stop, clip};
use crate::ingest::{locate, words};
use crate::model::{Finding, ScanType, Secret, Severity};
use serde_json::{Map, Value};

impl Scope {
    /// The finding that a result is.
    ///
    /// # Errors
    /// Quarantines a result whose path climbs out of the root.
    pub(super) fn finding(&mut self, mut item: Item, report: &Report<'_>) -> Result<Finding, Stop> {
        let rule = self.rules.of(&item);
        let facts = self.facts(rule);
        let mut bag = Fields::or_empty(Value::Object(std::mem::take(&mut item.properties)));
        let mut kept = Fields::or_empty(Value::Object(std::mem::take(&mut item.rest)));
        // Below zero it says nothing.
        if kept.peek_named("rank").is_some_and(|rank| rank.as_f64().is_none_or(|rank| rank < 0.0)) {
            kept.named("rank");
        }
        let rule_id = item.rule_id.take().or_else(|| item.rule.as_mut().and_then(|r| r.id.take()));
        let rule_id = rule_id.or_else(|| self.rules.get(rule?)?.id.clone());
        let message = self.message(&item.message, rule);
        let severity = self.severity(&item, &facts, &mut bag, rule);
        let title = facts.title.clone().unwrap_or_else(|| words::first_sentence(&message));
        let mut finding = report.finding(severity, title);
        self.locate(&mut finding, &mut item, &mut kept, report)?;
        related(&item.related, self, report, &mut kept);
        let tags = facts::tags(&mut bag);
        finding.confidence = confidence(&mut bag).or(facts.confidence);
        weaknesses(&mut finding, &item, self, &facts, &tags, &mut bag, &mut kept);
        finding.references.clone_from(&facts.references);
        finding.remediation = bag.text("remediation").or_else(|| facts.remediation.clone()).unwrap_or_default();
        let ids = tags.iter().map(String::as_str).chain(rule_id.as_deref()).filter(|id| words::is_advisory(id));
        finding.vulnerability_ids = ids.map(str::to_owned).chain(facts.advisories.iter().cloned()).collect();
        finding.rule_id = rule_id.map(|id| clip(id, 500));
        finding.description = message;
        suppressions(&mut finding, &mut item, &mut kept);
        let texts: Vec<String> = item.fixes.iter().filter_map(|fix| fix.description.text.clone()).take(5).collect();
        if !texts.is_empty() {
            kept.keep("fixes", texts);
        }
        package::fill(&mut finding, &facts, &bag, &self.scanner);
        self.kind(&mut finding, &facts);
        self.conceal(&mut finding, item.place.as_deref(), &facts);
        if self.scanner == "securescan" {
            finding.compliance_tags = tags;
            own::restore(&mut finding, &mut bag, &mut kept, item.place.as_deref(), self.rules.get(rule.unwrap_or(usize::MAX)));
        } else if !tags.is_empty() {
            bag.keep("tags", tags);
        }
        finding.metadata.tool = tool(kept, bag, &facts, self.scanner == "securescan");
        Ok(finding)
    }

    /// The words of a result: its own, or a message of its rule with its arguments.
    fn message(&self, message: &Message, rule: Option<usize>) -> String {
        let named = message.id.as_deref().and_then(|id| {
            let own = rule.and_then(|rule| self.rules.get(rule)).and_then(|rule| rule.strings.get(id));
            own.or_else(|| self.strings.get(id))
        });
        let template = [Some(message), named].into_iter().flatten().find_map(|m| m.text.as_deref().or(m.markdown.as_deref()));
        let Some(template) = template else {
            return message.arguments.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
        };
        let text = if message.arguments.is_empty() { template.to_owned() } else { filled(template, &message.arguments) };
        without_links(text)
    }

    fn severity(&self, item: &Item, facts: &Facts, bag: &mut Fields, rule: Option<usize>) -> Severity {
        let own = score(bag);
        bag.named("security-severity");
        let problem = bag.named("problem.severity").and_then(|v| v.as_str().and_then(level));
        let informational = item.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("informational"));
        if informational {
            return Severity::Info;
        }
        let said = item.level.as_deref().and_then(level);
        let levels = said.or(problem).or_else(|| self.overridden(rule)).or(facts.level);
        // A score of 0 says nothing about something that was reported.
        own.or(facts.scored).filter(|s| *s > Severity::Info).or(levels).unwrap_or(Severity::Medium)
    }

    /// File, region and what else says where.
    fn locate(&self, finding: &mut Finding, item: &mut Item, kept: &mut Fields, report: &Report<'_>) -> Result<(), Stop> {
        let nowhere = Location::default();
        let place = item.place.as_deref().unwrap_or(&nowhere);
        let artifact = match item.target.as_deref() {
            Some(target) if !place.is_somewhere() => target,
            _ => &place.physical.artifact,
        };
        match self.places.resolve(artifact, report)? {
            Target::Nowhere => {}
            Target::File(path) => finding.file_path = Some(path),
            Target::Url(url) => {
                let method = item.web.as_ref().and_then(|web| web.method.as_deref());
                finding.metadata.endpoint = locate::endpoint(&url, method).map(Box::new);
                finding.scan_type = ScanType::Dast;
            }
            Target::Purl(purl) => finding.package = words::package_of_purl(&purl).map(Box::new),
        }
        let region = &place.physical.region;
        if finding.metadata.endpoint.is_none() {
            self.region(finding, region);
            finding.metadata.line_snippet = source_lines(region, place.physical.context.as_deref());
        }
        let names = place.logical.iter().filter_map(|l| l.full.as_ref().or(l.name.as_ref())).chain(&place.full);
        let names: Vec<String> = names.take(10).map(|name| clip(name.clone(), 500)).collect();
        if !names.is_empty() {
            kept.keep("logical_locations", names);
        }
        if let Some(place) = item.place.as_deref_mut()
            && !place.properties.is_empty()
        {
            kept.keep("location_properties", std::mem::take(&mut place.properties));
        }
        let place = item.place.as_deref().unwrap_or(&nowhere);
        if let Some(said) = place.message.text.as_ref().filter(|text| item.message.text.as_ref() != Some(text)) {
            kept.keep("location_message", clip(said.clone(), 500));
        }
        Ok(())
    }

    fn region(&self, finding: &mut Finding, region: &Region) {
        let positive = |n: Option<u32>| n.filter(|n| *n > 0);
        finding.line = positive(region.start_line);
        if finding.line.is_none() {
            return;
        }
        finding.end_line = positive(region.end_line);
        (finding.column, finding.end_column) = match self.scanner.as_str() {
            // Counts from 0, its last column included.
            "kingfisher" => (region.start_column.map(|n| n.saturating_add(1)), region.end_column.map(|n| n.saturating_add(2))),
            // Counted from the line break: one too high behind the first line, where that makes the end an exclusive one.
            "gitleaks" if finding.line > Some(1) => {
                (positive(region.start_column.map(|n| n.saturating_sub(1))), region.end_column)
            }
            _ => (positive(region.start_column), positive(region.end_column)),
        };
        // Nothing lies between a column and itself.
        let one_line = finding.end_line.is_none_or(|end| Some(end) == finding.line);
        finding.end_column = finding.end_column.filter(|end| !one_line || finding.column.is_none_or(|start| *end > start));
    }

    /// The kind of scan: by what the result is about, the tool, its rule.
    fn kind(&self, finding: &mut Finding, facts: &Facts) {
        if finding.scan_type == ScanType::Dast {
            return;
        }
        let advisory = finding.rule_id.as_deref().is_some_and(words::is_advisory) || finding.package.is_some();
        let told = self.scan_type.or(facts.scan_type);
        finding.scan_type = told.or(advisory.then_some(ScanType::Dependency)).unwrap_or(ScanType::Code);
        // Trivy writes line 1, column 1 where it knows of no line.
        let origin = (finding.line, finding.column, finding.end_column) == (Some(1), Some(1), None);
        if self.scanner == "trivy" && finding.scan_type == ScanType::Dependency && origin {
            (finding.line, finding.column, finding.end_line) = (None, None, None);
        }
    }

    /// A secret goes where it is not shown; what the tool has made unreadable is none.
    fn conceal(&self, finding: &mut Finding, place: Option<&Location>, facts: &Facts) {
        if self.scanner == "bandit" && matches!(finding.rule_id.as_deref(), Some("B105" | "B106" | "B107")) {
            return password(finding);
        }
        if !(self.tool.is_some_and(|tool| tool.secrets) || facts.secrets) {
            return;
        }
        finding.metadata.line_snippet = None;
        let kind = finding.rule_id.clone().unwrap_or_default();
        let value = place.and_then(|place| place.physical.region.snippet.text.clone());
        let value = value.filter(|value| !value.contains("***") && !value.trim().is_empty());
        finding.secret = value.map(|value| Box::new(Secret { kind, value }));
    }
}

/// Takes the password out of Bandit's message, `Possible hardcoded password: '…'`.
fn password(finding: &mut Finding) {
    let Some((before, quoted)) = finding.description.split_once(": ") else { return };
    let value = quoted.trim().trim_end_matches('.');
    let bare = value.strip_prefix(['\'', '"']).and_then(|v| v.strip_suffix(['\'', '"'])).unwrap_or(value).to_owned();
    if bare.is_empty() {
        return;
    }
    if finding.title.contains(&bare) {
        finding.title = before.to_owned();
    }
    finding.description = format!("{before}: '{}'", Secret::masked(&bare));
    finding.secret = Some(Box::new(Secret { kind: "password".to_owned(), value: bare }));
}

/// A template with its `{0}`, `{1}`, … replaced; `{{` and `}}` are braces.
///
/// # Source
/// SARIF 2.1.0, 3.11.5.
fn filled(template: &str, arguments: &[Option<String>]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        out.push_str(before);
        let doubled = brace.starts_with("{{") || brace.starts_with("}}");
        let number =
            brace.get(1..).and_then(|r| r.split_once('}')).and_then(|(n, after)| Some((n.parse::<usize>().ok()?, after)));
        rest = match number.filter(|_| brace.starts_with('{') && !doubled) {
            Some((number, after)) => {
                out.push_str(arguments.get(number).and_then(Option::as_deref).unwrap_or_default());
                after
            }
            None => {
                out.extend(brace.chars().next());
                brace.get(if doubled { 2 } else { 1 }..).unwrap_or_default()
            }
        };
        // An argument may repeat in the template as often as the template is long.
        if out.len() > 64 << 10 {
            break;
        }
    }
    out.push_str(rest);
    out
}

/// `[words](1)` links to a related location; the words stay.
///
/// # Source
/// SARIF 2.1.0, 3.11.6.
fn without_links(text: String) -> String {
    if !text.contains("](") {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("](") {
        let target = after.split_once(')').filter(|(target, _)| !target.is_empty() && target.bytes().all(|b| b.is_ascii_digit()));
        match (target, before.rfind('[')) {
            (Some((_, behind)), Some(open)) => {
                out.push_str(before.get(..open).unwrap_or_default());
                out.push_str(before.get(open + 1..).unwrap_or_default());
                rest = behind;
            }
            _ => {
                out.push_str(before);
                out.push_str("](");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Keeps the other places a result mentions.
fn related(related: &Related, scope: &Scope, report: &Report<'_>, kept: &mut Fields) {
    let spot = |spot: &super::related::Spot| {
        let file = match scope.places.resolve(&spot.artifact, report).ok()? {
            Target::File(path) | Target::Purl(path) => path,
            Target::Url(url) => url.split(['?', '#']).next().unwrap_or_default().to_owned(),
            Target::Nowhere => return None,
        };
        let mut entry = Map::new();
        entry.insert("file".to_owned(), file.into());
        entry.extend(spot.line.map(|line| ("line".to_owned(), line.into())));
        entry.extend(spot.message.clone().map(|message| ("message".to_owned(), without_links(message).into())));
        Some(Value::Object(entry))
    };
    let spots: Vec<Value> = related.spots.iter().filter_map(spot).collect();
    if !spots.is_empty() {
        kept.keep("related_locations", spots);
    }
    if related.more > 0 {
        kept.keep("related_locations_left_out", related.more);
    }
}

/// How sure the tool is, by the names that tools give it.
fn confidence(bag: &mut Fields) -> Option<crate::model::Confidence> {
    let names = ["confidence", "issue_confidence", "zizmor/confidence", "DevSkimConfidence", "precision"];
    let words = names.iter().filter_map(|name| bag.peek_named(name).and_then(Value::as_str));
    words.filter_map(words::confidence).next()
}

/// The weaknesses that a result, its taxa, its tags or its rule name.
fn weaknesses(
    finding: &mut Finding,
    item: &Item,
    scope: &Scope,
    facts: &Facts,
    tags: &[String],
    bag: &mut Fields,
    kept: &mut Fields,
) {
    let mut all: Vec<String> = item.taxa.iter().take(50).filter_map(|taxon| scope.weakness(taxon)).collect();
    all.extend(["cwe", "cwes", "CWE"].iter().filter_map(|name| bag.named(name)).flat_map(|value| words::cwes(&value)));
    all.extend(tags.iter().filter(|tag| facts::names_cwe(tag)).filter_map(|tag| words::cwe(tag)));
    all.extend(facts.cwes.iter().cloned());
    let mut unique: Vec<String> = Vec::new();
    for cwe in all {
        if !unique.contains(&cwe) && unique.len() < 50 {
            unique.push(cwe);
        }
    }
    if unique.len() > 1 {
        kept.keep("cwes", unique.clone());
    }
    finding.cwe = unique.into_iter().next();
}

/// Whether somebody has decided that this result need not be looked at: a suppression counts unless its status says that
/// it does not, or not yet.
fn suppressions(finding: &mut Finding, item: &mut Item, kept: &mut Fields) {
    let pending = |status: &str| ["rejected", "underReview"].iter().any(|no| no.eq_ignore_ascii_case(status.trim()));
    let all = std::mem::take(&mut item.suppressions);
    finding.ignored_in_source = all.iter().any(|s| !s.status.as_deref().is_some_and(pending));
    let listed: Vec<Value> = all
        .into_iter()
        .take(20)
        .map(|s| {
            let said = [("kind", s.kind), ("status", s.status), ("justification", s.justification.map(|j| clip(j, 500)))];
            said.into_iter().filter_map(|(name, said)| Some((name.to_owned(), Value::from(said?)))).collect::<Map<_, _>>().into()
        })
        .collect();
    if !listed.is_empty() {
        kept.keep("suppressions", listed);
    }
}

/// What the tool says beyond the model, side by side: what the result says, its properties, and those of the rule unless that
/// is made of findings.
fn tool(kept: Fields, bag: Fields, facts: &Facts, own: bool) -> Map<String, Value> {
    let mut tool = kept.rest();
    for (name, value) in bag.rest() {
        tool.entry(name).or_insert(value);
    }
    for (name, value) in facts.rest.iter().filter(|_| !own) {
        if !tool.contains_key(name) {
            tool.insert(name.clone(), value.clone());
        }
    }
    tool
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        let arguments = ["a".to_owned(), "b{0}".to_owned()].map(Some);
        assert_eq!(filled("{1} is {0}, {{x}} {9}{ {}", &arguments), "b{0} is a, {x} { {}");
        assert_eq!(without_links("a [b](1), [c](http://d) [e](f".into()), "a b, [c](http://d) [e](f");
    }
}
