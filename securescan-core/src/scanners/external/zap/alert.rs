//! ZAP's alerts as findings. Reads the shape of the API and that of its reports; a row that is neither is passed over.

use crate::ingest::zap;
use crate::model::{Endpoint, Finding, ScanType, Severity};
use crate::scanners::http::Url;
use crate::scanners::redact;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Longer titles and texts are cut, in characters.
const MAX_TITLE: usize = 300;
const MAX_TEXT: usize = 8000;
const MAX_PIECE: usize = 300;

/// The findings of one target: one for each rule and endpoint, the worst of its alerts.
#[derive(Debug)]
pub(super) struct Alerts {
    host: String,
    found: BTreeMap<(String, String, Endpoint), Finding>,
}

impl Alerts {
    /// Of a host; alerts about others are left out.
    pub(super) fn new(host: &str) -> Self {
        Self { host: host.to_owned(), found: BTreeMap::new() }
    }

    /// Takes one alert.
    pub(super) fn add(&mut self, row: &Value) {
        let Some(row) = row.as_object() else { return };
        let url = text(row, &["url", "uri"]).and_then(|u| Url::parse(&u).ok());
        if url.as_ref().is_none_or(|u| u.host() != self.host) {
            return;
        }
        // Somebody looked at it and said that it is none.
        if text(row, &["confidence"]).is_some_and(|c| c.eq_ignore_ascii_case("false positive") || c == "0") {
            return;
        }
        let finding = finding(row, url.as_ref());
        let reference = text(row, &["alertRef", "alertref"]).unwrap_or_default();
        let endpoint = finding.metadata.endpoint.as_deref().cloned().unwrap_or_default();
        let key = (finding.rule_id.clone().unwrap_or_default(), reference, endpoint);
        let rank = |f: &Finding| (f.severity, f.confidence);
        let worse = self.found.get(&key).is_none_or(|known| rank(&finding) > rank(known));
        if worse {
            self.found.insert(key, finding);
        }
    }

    /// What was found.
    pub(super) fn findings(self) -> Vec<Finding> {
        self.found.into_values().collect()
    }
}

/// The first of these keys that holds a text or number that is not empty.
fn text(row: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    keys.iter().filter_map(|key| row.get(*key)).find_map(|value| match value {
        Value::String(s) if !s.trim().is_empty() => Some(s.trim().to_owned()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    })
}

fn finding(row: &Map<String, Value>, url: Option<&Url>) -> Finding {
    let title = text(row, &["alert", "name"]).unwrap_or_else(|| "ZAP Alert".to_owned());
    let mut out = Finding::new("zap", ScanType::Dast, severity(row), one_line(&title, MAX_TITLE));
    out.confidence = text(row, &["confidence"]).as_deref().and_then(zap::confidence);
    out.description = cut(&redact(&text(row, &["description", "desc"]).unwrap_or_default()), MAX_TEXT);
    out.remediation = cut(&redact(&text(row, &["solution"]).unwrap_or_default()), MAX_TEXT);
    out.rule_id = Some(format!("zap-{}", number(row, &["pluginId", "pluginid"]).unwrap_or_else(|| "unknown".to_owned())));
    out.cwe = number(row, &["cweid"]).filter(|n| n != "0").map(|n| format!("CWE-{n}"));
    let references = text(row, &["reference"]).unwrap_or_default();
    for reference in references.split_whitespace().filter_map(|r| Url::parse(r).ok().map(|_| r.to_owned())).take(20) {
        if !out.references.contains(&reference) {
            out.references.push(redact(&reference));
        }
    }
    out.metadata.endpoint = url.map(|url| Box::new(endpoint(row, url)));
    if let Some(url) = url {
        out.metadata.extra.insert("target_url".to_owned(), redact(&url.shown()).into());
    }
    for (key, from) in [("alert_ref", "alertRef"), ("wascid", "wascid"), ("input_vector", "inputVector")] {
        if let Some(value) = text(row, &[from]) {
            out.metadata.tool.insert(key.to_owned(), one_line(&redact(&value), MAX_PIECE).into());
        }
    }
    for key in ["attack", "evidence"] {
        if let Some(value) = text(row, &[key]) {
            out.metadata.tool.insert(key.to_owned(), one_line(&masked(&value), MAX_PIECE).into());
        }
    }
    out
}

fn number(row: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    text(row, keys).and_then(|t| t.parse::<u32>().ok()).map(|n| n.to_string())
}

/// `riskcode` of reports (0 to 3) or the word that the API says, with or without more behind it.
fn severity(row: &Map<String, Value>) -> Severity {
    let word = text(row, &["riskcode", "risk"]).unwrap_or_default();
    zap::severity(word.split_ascii_whitespace().next().unwrap_or_default())
}

fn endpoint(row: &Map<String, Value>, url: &Url) -> Endpoint {
    let method = text(row, &["method"])
        .map(|m| m.to_ascii_uppercase())
        .filter(|m| m.len() <= 20 && m.bytes().all(|b| b.is_ascii_uppercase()));
    let parameter = text(row, &["param"]).map(|p| one_line(&masked(&p), 100));
    Endpoint {
        method,
        scheme: Some(url.scheme().to_owned()),
        host: Some(url.bare_host().to_owned()),
        port: Some(url.port()),
        protocol: None,
        path: Some(redact(url.path())),
        parameters: parameter.into_iter().collect(),
    }
}

/// A piece of a request or answer without what may be a session: known secrets, values of query parameters and cookies, long tokens.
fn masked(value: &str) -> String {
    let mut out = String::new();
    let text = redact(&cut(value, 4 * MAX_PIECE));
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+');
    let in_pairs = text.contains(['?', '&', ';']) || text.to_ascii_lowercase().contains("cookie");
    let (mut rest, mut before) = (text.as_str(), ' ');
    while !rest.is_empty() {
        let end = rest.find(|c| !is_token(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        let mixed = token.bytes().any(|b| b.is_ascii_digit()) && token.bytes().any(|b| b.is_ascii_alphabetic());
        let long = token.len() >= 32 || (token.len() >= 16 && mixed);
        let paired = in_pairs && before == '=' && token.len() >= 4;
        out.push_str(if long || paired { "***" } else { token });
        let mut others = after.chars();
        if let Some(c) = others.next() {
            out.push(c);
            before = c;
        }
        rest = others.as_str();
    }
    out
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn one_line(text: &str, most: usize) -> String {
    let mut out: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect();
    if text.chars().nth(most).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::{Alerts, masked};
    use crate::model::{Confidence, Severity};
    use serde_json::json;

    #[test]
    fn both_shapes() {
        let mut alerts = Alerts::new("h");
        alerts.add(&json!({
            "pluginId": "40012", "alertRef": "40012-1", "name": "XSS", "risk": "High", "confidence": "Medium", "cweid": "79",
            "wascid": "8", "method": "get", "param": "q", "url": "http://h:81/s?q=token123&x=1", "attack": "<script>alert(1);</script>",
            "evidence": "session=abcdef0123456789", "reference": "https://a.example/x\nhttps://b.example/  nonsense",
            "solution": "fix", "description": "bad", "messageId": "7", "other": null
        }));
        alerts.add(&json!({"pluginid": 10020, "alert": "Frame", "riskcode": "2", "cweid": "-1", "uri": "http://h/"}));
        alerts.add(&json!({"url": "http://h/"}));
        for passed_over in [
            json!({"url": "http://other/", "pluginId": "1"}),
            json!({"url": "http://h/", "pluginId": "2", "confidence": "False Positive"}),
            json!(null),
            json!([1]),
            json!({"pluginId": "3"}),
        ] {
            alerts.add(&passed_over);
        }
        let found = alerts.findings();
        let ids: Vec<_> = found.iter().map(|f| (f.rule_id.as_deref().unwrap(), f.severity)).collect();
        assert_eq!(ids, [("zap-10020", Severity::Medium), ("zap-40012", Severity::High), ("zap-unknown", Severity::Info)]);
        let xss = &found[1];
        assert_eq!((xss.cwe.as_deref(), xss.confidence), (Some("CWE-79"), Some(Confidence::Medium)));
        assert_eq!(xss.references, ["https://a.example/x", "https://b.example/"]);
        let endpoint = xss.metadata.endpoint.as_deref().unwrap();
        assert_eq!((endpoint.method.as_deref(), endpoint.port, endpoint.path.as_deref()), (Some("GET"), Some(81), Some("/s")));
        assert_eq!(endpoint.parameters, ["q"]);
        let json = serde_json::to_string(xss).unwrap();
        assert!(!json.contains("token123") && !json.contains("abcdef0123456789"), "{json}");
        assert!(json.contains("40012-1") && json.contains("<script>alert(1);</script>"));
        assert_eq!(found[0].cwe, None);
    }

    #[test]
    fn the_worst_of_one_endpoint_stays() {
        let mut alerts = Alerts::new("h");
        for (risk, confidence) in [("Low", "High"), ("High", "Low"), ("High", "High"), ("Medium", "High")] {
            alerts.add(&json!({"pluginId": "1", "risk": risk, "confidence": confidence, "url": "http://h/a?b=1", "param": "b"}));
        }
        let found = alerts.findings();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].confidence), (Severity::High, Some(Confidence::High)));
    }

    #[test]
    fn sessions_are_masked() {
        for (value, shown) in [
            ("Set-Cookie: sid=deadbeef; Path=/", "Set-Cookie: sid=***; Path=/"),
            ("/a?user=alice&n=1", "/a?user=***&n=1"),
            ("' OR 1=1 --", "' OR 1=1 --"),
            ("x=0123456789abcdef0", "x=***"),
            ("nginx/1.18.0", "nginx/1.18.0"),
        ] {
            assert_eq!(masked(value), shown);
        }
    }
}
