//! What readers of secrets scanners share: how bad a kind of secret is, what it is called, whether the tool masked it, and
//! what to do. The same as the built-in `secrets` scanner says of the same kind.

use super::locate;
use super::report::{Report, Stop};
use crate::model::{Confidence, Finding, Secret, Severity};
use base64::Engine as _;
use serde_json::Value;

/// What to do about any secret.
pub(super) const REMEDIATION: &str = "Revoke or rotate it at its issuer first. Then take it out of the file and of the history, and load \
     it from the environment or a vault.";

/// What a tool knows of whether a secret still works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validity {
    /// Tried out: it works.
    Works,
    /// Tried out: it does not.
    Dead,
    /// Nobody tried, or it could not be told.
    Unknown,
}

/// A secret that a tool reports.
#[derive(Debug)]
pub(super) struct Leak {
    /// The tool's rule.
    pub(super) rule: String,
    /// What the tool says of it; the rule's name where it says nothing.
    pub(super) description: String,
    /// The secret as it stands in the source, where the tool shows it.
    pub(super) value: Option<String>,
    /// Whether it works.
    pub(super) validity: Validity,
    /// Path as the report writes it.
    pub(super) file: Option<String>,
}

impl Leak {
    /// The finding, with everything but its position.
    ///
    /// # Errors
    /// Quarantines a path that climbs out of the root.
    pub(super) fn finding(self, report: &Report<'_>) -> Result<Finding, Stop> {
        let title = title(&self.description, &self.rule);
        let mut finding = report.finding(severity(&self.rule, &title, self.validity), title);
        finding.file_path = locate::file(self.file.as_deref(), report)?;
        finding.cwe = Some(weakness(&self.rule).to_owned());
        finding.confidence = (self.validity == Validity::Works).then_some(Confidence::High);
        finding.remediation = REMEDIATION.to_owned();
        finding.description = if self.description.trim().is_empty() { finding.title.clone() } else { self.description };
        if let Some(value) = self.value.filter(|value| !is_masked(value)) {
            finding.metadata.extra.insert("redacted_match".to_owned(), Secret::masked(&value).into());
            finding.secret = Some(Box::new(Secret { kind: self.rule.clone(), value }));
        }
        finding.rule_id = Some(self.rule);
        Ok(finding)
    }
}

/// Marks a finding as seen in a commit: it need not be in the working tree any more.
pub(super) fn in_history(finding: &mut Finding, commit: Option<String>) {
    let Some(commit) = commit.filter(|c| c.bytes().any(|b| b != b'0' && b.is_ascii_hexdigit())) else { return };
    finding.metadata.extra.insert("in_history".to_owned(), true.into());
    finding.metadata.extra.insert("commit".to_owned(), commit.into());
}

/// Whether a value is what a tool wrote instead of the secret.
pub(super) fn is_masked(value: &str) -> bool {
    let value = value.trim();
    let stars = value.bytes().filter(|b| *b == b'*').count();
    value.is_empty() || stars >= 3 || value.ends_with("...") || value.to_ascii_lowercase().contains("redacted")
}

/// The text that base64 stands for, when it is text: some tools write secrets that way. Anything else is nothing.
pub(super) fn from_base64(text: &str) -> Option<String> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?;
    let plain = String::from_utf8(bytes).ok()?;
    (!plain.is_empty() && !plain.contains(|c: char| c.is_control() && !c.is_ascii_whitespace())).then_some(plain)
}

/// Names of fields in which tools write secrets, or the text around them.
const CLEAR: &[&str] = &[
    "secret",
    "match",
    "full",
    "value",
    "raw",
    "rawv2",
    "snippet",
    "matching",
    "before",
    "after",
    "match_content",
    "groups",
    "capturegroups",
    "line_content",
    "key",
];

/// Takes every field that may hold a secret out of a value; depth is bounded by the JSON reader's own limit.
pub(super) fn scrubbed(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let clear = |key: &str| CLEAR.iter().any(|name| name.eq_ignore_ascii_case(key));
            map.into_iter().filter(|(key, _)| !clear(key)).map(|(key, value)| (key, scrubbed(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(scrubbed).collect(),
        other => other,
    }
}

/// Parts of rule names that tell what a kind of secret is worth, the first that occurs counts: private keys open everything,
/// what names an account opens nothing, generic rules are often wrong, and keys to clouds, code and money are worth most.
///
/// # Source
/// The severities of the built-in secrets rules; names as of gitleaks 8, trufflehog 3, kingfisher 2, detect-secrets 1.5,
/// noseyparker 0.24 and ggshield.
const KINDS: &[(&str, Severity)] = &[
    ("private key", Severity::Critical),
    ("privatekey", Severity::Critical),
    ("pkcs", Severity::Critical),
    ("asymmetric", Severity::Critical),
    ("age secret key", Severity::Critical),
    ("client id", Severity::Low),
    ("public key", Severity::Low),
    ("publishable", Severity::Low),
    ("public ip", Severity::Low),
    ("ippublic", Severity::Low),
    ("app id", Severity::Low),
    ("account sid", Severity::Low),
    ("test key", Severity::Medium),
    ("generic", Severity::Medium),
    ("entropy", Severity::Medium),
    ("secret keyword", Severity::Medium),
    ("jwt", Severity::Medium),
    ("json web token", Severity::Medium),
    ("base64", Severity::Medium),
    ("hash", Severity::Medium),
    ("username password", Severity::Medium),
    ("aws", Severity::Critical),
    ("amazon", Severity::Critical),
    ("azure", Severity::Critical),
    ("gcp service account", Severity::Critical),
    ("google service account", Severity::Critical),
    ("google cloud", Severity::Critical),
    ("alibaba", Severity::Critical),
    ("digitalocean", Severity::Critical),
    ("cloudflare", Severity::Critical),
    ("databricks", Severity::Critical),
    ("terraform", Severity::Critical),
    ("vault", Severity::Critical),
    ("kubernetes", Severity::Critical),
    ("github", Severity::Critical),
    ("gitlab", Severity::Critical),
    ("bitbucket", Severity::Critical),
    ("atlassian", Severity::Critical),
    ("artifactory", Severity::Critical),
    ("circleci", Severity::Critical),
    ("buildkite", Severity::Critical),
    ("npm", Severity::Critical),
    ("pypi", Severity::Critical),
    ("rubygems", Severity::Critical),
    ("crates", Severity::Critical),
    ("clojars", Severity::Critical),
    ("nuget", Severity::Critical),
    ("docker", Severity::Critical),
    ("okta", Severity::Critical),
    ("1password", Severity::Critical),
    ("dynatrace", Severity::Critical),
    ("salesforce", Severity::Critical),
    ("stripe", Severity::Critical),
    ("square", Severity::Critical),
    ("shopify", Severity::Critical),
    ("paypal", Severity::Critical),
    ("braintree", Severity::Critical),
    ("adyen", Severity::Critical),
    ("coinbase", Severity::Critical),
    ("binance", Severity::Critical),
];

fn severity(rule: &str, title: &str, validity: Validity) -> Severity {
    let name = format!("{} {}", plain(rule), plain(title));
    let kind = KINDS.iter().find(|(part, _)| name.contains(part)).map_or(Severity::High, |(_, severity)| *severity);
    match validity {
        Validity::Works => Severity::Critical,
        Validity::Dead => kind.min(Severity::Low),
        Validity::Unknown => kind,
    }
}

fn weakness(rule: &str) -> &'static str {
    let name = plain(rule);
    let any = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    match () {
        () if any(&["private key", "privatekey", "pkcs", "asymmetric", "age secret key"]) => "CWE-321",
        () if any(&["jwt", "json web token"]) => "CWE-522",
        () if any(&["hash"]) => "CWE-916",
        () => "CWE-798",
    }
}

/// A name in lower case with single spaces between its parts.
fn plain(name: &str) -> String {
    let spaced: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words that rule descriptions begin with.
const OPENERS: &[&str] = &["detected", "identified", "found", "discovered", "uncovered", "detects", "finds", "possible"];

/// The name of the thing found: a short description as it is, a long one up to its first comma and without `Detected a`;
/// the rule's words when there is none.
fn title(description: &str, rule: &str) -> String {
    let line = description.trim().lines().next().unwrap_or_default();
    let clause = line.split([',', ';']).next().unwrap_or_default();
    let clause = clause.split(". ").next().unwrap_or_default().trim().trim_end_matches('.');
    let mut words: Vec<&str> = clause.split(' ').filter(|w| !w.is_empty()).collect();
    if words.len() > 1 && words.first().is_some_and(|w| OPENERS.iter().any(|o| o.eq_ignore_ascii_case(w))) {
        words.remove(0);
        if words.len() > 1 && words.first().is_some_and(|w| ["a", "an", "the"].iter().any(|a| a.eq_ignore_ascii_case(w))) {
            words.remove(0);
        }
    }
    let name = words.join(" ");
    if !name.is_empty() && name.chars().count() <= 80 {
        let mut chars = name.chars();
        let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        return first + chars.as_str();
    }
    if rule.contains(' ') { rule.to_owned() } else { rule.replace(['-', '_', '/'], " ").trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_kinds() {
        let long = "Uncovered a GitHub Personal Access Token, potentially leading to unauthorized repository access.";
        assert_eq!(title(long, "github-pat"), "GitHub Personal Access Token");
        assert_eq!(title("Generic API Key", "generic-api-key"), "Generic API Key");
        assert_eq!((title("", "test-rule"), title("", "AWS Access Key")), ("test rule".into(), "AWS Access Key".into()));
        assert_eq!(title(&"x".repeat(200), "a_b"), "a b");
        for (rule, want) in [
            ("github-pat", Severity::Critical),
            ("Asymmetric Private Key", Severity::Critical),
            ("generic-api-key", Severity::Medium),
            ("slack-webhook-url", Severity::High),
            ("twitter-client-id", Severity::Low),
        ] {
            assert_eq!(severity(rule, "", Validity::Unknown), want, "{rule}");
        }
        assert_eq!(severity("generic-api-key", "", Validity::Works), Severity::Critical);
        assert_eq!(severity("github-pat", "", Validity::Dead), Severity::Low);
        assert_eq!((weakness("private-key"), weakness("jwt"), weakness("x")), ("CWE-321", "CWE-522", "CWE-798"));
    }

    #[test]
    fn what_may_hold_a_secret_goes() {
        let value = serde_json::json!([{"rule_id": "r", "match": {"full": "x"}, "in": [{"Secret": "s", "line": 3}]}]);
        assert_eq!(scrubbed(value), serde_json::json!([{"rule_id": "r", "in": [{"line": 3}]}]));
        assert_eq!(from_base64("QUtJQQ==").as_deref(), Some("AKIA"));
        assert!(from_base64("AAAA").is_none() && from_base64("!").is_none() && from_base64("").is_none());
    }

    #[test]
    fn masks_are_no_secrets() {
        for masked in ["", " ", "REDACTED", "ghp_***", "[redacted]", "AKIA...", "&dtz***-**+**"] {
            assert!(is_masked(masked), "{masked}");
        }
        assert!(!is_masked("s3cr3t*pw") && !is_masked("a secret"));
    }
}
