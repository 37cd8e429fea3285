//! A finding's metadata: our reserved keys, typed, and everything else, open.

use super::{Severity, lenient};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// Why a finding is suppressed. Precedence: inline, then config, then baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SuppressedBy {
    /// A comment in the source.
    Inline,
    /// `ignored_rules` of the configuration.
    Config,
    /// An entry of the baseline.
    Baseline,
}

impl SuppressedBy {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Config => "config",
            Self::Baseline => "baseline",
        }
    }
}

/// Another scanner that reported the same thing and was merged into this finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reporter {
    /// Its name.
    pub scanner: String,
    /// Its rule.
    #[serde(default)]
    pub rule_id: Option<String>,
    /// The fingerprint its finding had on its own.
    #[serde(default, deserialize_with = "lenient::text")]
    pub fingerprint: String,
    /// Why it counts as the same thing: `class command-injection`, `CWE-89`, `rule DL3008`, `advisory CVE-2021-23337`, `secret`. Absent
    /// in documents written before reasons were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Where a dynamic or network finding was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    /// HTTP method, upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// URL scheme or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Host name or address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// `tcp`, `udp`, …; set for network findings only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// URL path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Names of query or form parameters concerned; never their values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
}

/// A finding's metadata. Shapes: serialised as one JSON object, `suppressed_by` and `original_severity` always present,
/// the other reserved keys when set, then all open keys sorted. `line_snippet` is read but never written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// The matched source text, used to identify and then dropped. Never serialised: it may hold a secret.
    pub line_snippet: Option<String>,
    /// Why it is suppressed; ours alone, never believed from a third party's report.
    pub suppressed_by: Option<SuppressedBy>,
    /// The severity before an override.
    pub original_severity: Option<Severity>,
    /// Who else reported it, sorted.
    pub also_reported_by: Vec<Reporter>,
    /// `host` or `target` for findings of the baseline scanner.
    pub baseline_scope: Option<String>,
    /// Where a dynamic or network finding was seen.
    pub endpoint: Option<Box<Endpoint>>,
    /// What the tool itself said beyond the model; third-party data lives here and nowhere else.
    pub tool: Map<String, Value>,
    /// Other open keys.
    pub extra: Map<String, Value>,
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("suppressed_by", &self.suppressed_by)?;
        map.serialize_entry("original_severity", &self.original_severity)?;
        if !self.also_reported_by.is_empty() {
            map.serialize_entry("also_reported_by", &self.also_reported_by)?;
        }
        if let Some(scope) = &self.baseline_scope {
            map.serialize_entry("baseline_scope", scope)?;
        }
        if let Some(endpoint) = &self.endpoint {
            map.serialize_entry("endpoint", endpoint)?;
        }
        for (key, value) in &self.extra {
            map.serialize_entry(key, value)?;
        }
        if !self.tool.is_empty() {
            map.serialize_entry("tool", &self.tool)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let raw = Option::<Map<String, Value>>::deserialize(d)?.unwrap_or_default();
        Ok(Self::from_map(raw))
    }
}

impl Metadata {
    /// Reads a metadata object. A reserved key of the wrong shape is dropped rather than refused, so that no snapshot
    /// is lost for an odd value; `also_reported_by` also reads the single scanner name that SecureScan for Python wrote.
    pub fn from_map(raw: Map<String, Value>) -> Self {
        let mut out = Self::default();
        for (key, value) in raw {
            match key.as_str() {
                "line_snippet" => out.line_snippet = crate::identity::v1::snippet_text(&value),
                "suppressed_by" => out.suppressed_by = serde_json::from_value(value).ok(),
                "original_severity" => out.original_severity = serde_json::from_value(value).ok(),
                "also_reported_by" => out.also_reported_by = Reporter::list(value),
                "baseline_scope" => out.baseline_scope = lenient::scalar_text(&value),
                "endpoint" => out.endpoint = serde_json::from_value(value).ok().map(Box::new),
                "tool" => match value {
                    Value::Object(map) => out.tool = map,
                    other => drop(out.extra.insert("tool_value".into(), other)),
                },
                _ => drop(out.extra.insert(key, value)),
            }
        }
        out
    }
}

impl Reporter {
    /// Reads `also_reported_by`: a list of reporters or names, or one name; what is none of them is left out.
    pub(crate) fn list(value: Value) -> Vec<Self> {
        match value {
            Value::String(scanner) => vec![Self { scanner, ..Self::default() }],
            Value::Array(items) => items
                .into_iter()
                .filter_map(|item| match item {
                    Value::String(scanner) => Some(Self { scanner, ..Self::default() }),
                    other => serde_json::from_value(other).ok(),
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}
