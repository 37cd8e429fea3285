//! `securescan explain`: what is known of a rule or a finding.

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::output::Voice;
use securescan_core::compliance::Frameworks;
use securescan_core::config::Config;
use securescan_core::pipeline::{self, PipelineOptions};
use securescan_core::render::escape::terminal;
use securescan_core::scanners::{self, Rule};
use securescan_core::source::DirSources;
use securescan_core::{Error, ErrorKind, Finding, Result, dedup, identity};
use std::io::Write;

/// Fingerprints and ids are named by at least so many digits.
const MIN_DIGITS: usize = 8;

/// More matches than this are counted.
const MAX_SHOWN: usize = 20;

pub(crate) fn run(args: &ExplainArgs, voice: Voice) -> Result<Exit> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let rules = rules_named(&args.what);
    rules.iter().for_each(|rule| show_rule(&mut out, rule));
    let classes = dedup::classes_of_rule(&args.what);
    classes.iter().for_each(|class| show_class(&mut out, class));
    let known = !rules.is_empty() || !classes.is_empty();
    if args.files.is_empty() {
        return match known {
            true => Ok(Exit::Ok),
            false if is_id(&args.what) => {
                Err(Error::invalid(format!("where is finding `{}`?", args.what)).hint("name a snapshot or report with --in FILE"))
            }
            false => Err(Error::invalid(format!("no rule `{}` is known here", clipped(&args.what)))
                .hint("`securescan list rules` lists them; --in FILE looks for findings of a rule in a report")),
        };
    }
    let found = findings(args, voice)?;
    if found.is_empty() && !known {
        let what = clipped(&args.what);
        return Err(Error::new(ErrorKind::InvalidArgument, format!("neither a finding nor a rule `{what}` is in these files")));
    }
    let sources = DirSources::new(&args.root);
    for finding in found.iter().take(MAX_SHOWN) {
        show_finding(&mut out, finding, &sources);
    }
    if found.len() > MAX_SHOWN {
        let _ = writeln!(out, "… and {} more", found.len() - MAX_SHOWN);
    }
    Ok(Exit::Ok)
}

fn clipped(text: &str) -> String {
    text.chars().take(80).collect()
}

fn is_id(what: &str) -> bool {
    let digits = what.strip_prefix("f-").unwrap_or(what);
    digits.len() >= MIN_DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// By id, by the part after the scanner's name, or by what other tools call it.
fn rules_named(what: &str) -> Vec<Rule> {
    let same = |id: &str| id.eq_ignore_ascii_case(what);
    let mut found: Vec<Rule> = scanners::rules()
        .into_iter()
        .filter(|rule| {
            let short = rule.id.split_once('/').map_or(rule.id.as_str(), |(_, short)| short);
            same(&rule.id) || same(short) || rule.aliases.iter().any(|alias| same(alias))
        })
        .collect();
    found.truncate(MAX_SHOWN);
    found
}

/// The findings of a rule, an id or a fingerprint in the files that were named.
fn findings(args: &ExplainArgs, voice: Voice) -> Result<Vec<Finding>> {
    let options = super::import::options(&args.root, None);
    let result = super::import::read_all(&args.files, None, &options, voice)?;
    let config = Config::discover(&args.root)?.map(|(_, config)| config).unwrap_or_default();
    let sources = DirSources::new(&args.root);
    let options =
        PipelineOptions { config: &config, baseline: None, suppress: true, frameworks: Frameworks::builtin(), sources: &sources };
    // A file that was processed already says itself what a baseline suppressed.
    let marked: std::collections::BTreeMap<String, _> =
        result.findings.iter().map(|f| (f.id.clone(), f.metadata.suppressed_by)).filter(|(id, _)| !id.is_empty()).collect();
    let mut found = pipeline::run(result.findings, &options).findings;
    for finding in &mut found {
        let before = marked.get(&finding.id).copied().flatten();
        finding.metadata.suppressed_by = finding.metadata.suppressed_by.or(before);
    }
    let what = args.what.to_ascii_lowercase();
    let named = |f: &Finding| {
        let by_id = is_id(&what)
            && (f.id.starts_with(&what) || f.fingerprints().any(|print| print.starts_with(what.trim_start_matches("f-"))));
        let by_rule = |rule: Option<&str>| rule.is_some_and(|rule| rule.eq_ignore_ascii_case(&what));
        by_id || by_rule(f.rule_id.as_deref()) || f.metadata.also_reported_by.iter().any(|r| by_rule(r.rule_id.as_deref()))
    };
    found.retain(|finding| named(finding));
    Ok(found)
}

fn row(out: &mut impl Write, name: &str, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(out, "  {name:<12} {}", terminal(&scanners::redact(text)));
    }
}

fn show_rule(out: &mut impl Write, rule: &Rule) {
    let _ = writeln!(out, "rule {}", rule.id);
    row(out, "finds", &rule.title);
    row(out, "severity", rule.severity.as_str());
    row(out, "scanner", rule.scanner);
    row(out, "weakness", rule.cwe.as_deref().unwrap_or_default());
    row(out, "why", &rule.why);
    row(out, "fix", &rule.fix);
    row(out, "elsewhere", &rule.aliases.join(", "));
    row(out, "compliance", &tags(rule).join(", "));
    row(out, "reading", &rule.references.join(" "));
    let _ = writeln!(out);
}

/// The compliance tags that a finding of a rule would carry.
fn tags(rule: &Rule) -> Vec<String> {
    let scan_type = scanners::named(rule.scanner).map_or(securescan_core::ScanType::Code, |meta| meta.scan_type);
    let mut finding = Finding::new(rule.scanner, scan_type, rule.severity, rule.title.clone());
    finding.rule_id = Some(rule.id.clone());
    finding.cwe.clone_from(&rule.cwe);
    Frameworks::builtin().tag(&finding)
}

fn show_class(out: &mut impl Write, class: &dedup::RuleClass) {
    let _ = writeln!(out, "class {}", class.name);
    row(out, "weaknesses", &class.cwes.join(", "));
    row(out, "rules", &class.rules.join(", "));
    let _ = writeln!(out);
}

fn show_finding(out: &mut impl Write, finding: &Finding, sources: &DirSources) {
    let _ = writeln!(out, "finding {}", finding.id);
    row(out, "title", &finding.title);
    row(out, "severity", finding.severity.as_str());
    if let Some(original) = finding.metadata.original_severity {
        row(out, "", &format!("{} before the configuration changed it", original.as_str()));
    }
    let place = match (&finding.file_path, finding.line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (Some(path), None) => path.clone(),
        _ => String::new(),
    };
    row(out, "place", &place);
    row(out, "class", &dedup::classes_of(finding).join(", "));
    row(out, "compliance", &finding.compliance_tags.join(", "));
    row(out, "advisories", &finding.vulnerability_ids.join(", "));
    let _ = writeln!(out, "  identity (v2), what it is made of:");
    row(out, "  scanner", &finding.scanner);
    row(out, "  rule", finding.rule_id.as_deref().unwrap_or_default());
    row(out, "  path", finding.file_path.as_deref().unwrap_or_default());
    if dedup::is_secret(finding) {
        row(out, "  context", "the line, with the secret replaced by its kind and the first 12 bits of its hash");
    } else {
        let inputs = identity::inputs(finding, sources);
        row(out, "  context", &inputs.context);
        if inputs.fingerprint != finding.fingerprint {
            row(
                out,
                "",
                "  (from the finding as it is written here; its fingerprint was made with the source or snippet at hand)",
            );
        }
    }
    row(out, "  cwe", finding.cwe.as_deref().unwrap_or_default());
    row(out, "fingerprint", &finding.fingerprint);
    for reporter in &finding.metadata.also_reported_by {
        let rule = reporter.rule_id.as_deref().unwrap_or("no rule id");
        let reason = reporter.reason.as_deref().map(|reason| format!(", because of {reason}")).unwrap_or_default();
        row(out, "also by", &format!("{} ({rule}){reason}", reporter.scanner));
    }
    row(out, "suppressed", suppressed(finding));
    row(out, "fix", &finding.remediation);
    row(out, "reading", &finding.references.join(" "));
    let _ = writeln!(out);
}

fn suppressed(finding: &Finding) -> &'static str {
    use securescan_core::model::SuppressedBy::{Baseline, Config, Inline};
    match finding.metadata.suppressed_by {
        None => "no",
        Some(Inline) => "inline: by a comment in the source, or by the tool that reported it",
        Some(Config) => "config: the rule is in `ignored_rules` of the configuration",
        Some(Baseline) => "baseline: it was there when the baseline was recorded",
    }
}
