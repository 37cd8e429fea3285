//! YAML text to a small tree with positions. What the keys mean is decided in `schema`.
//!
//! Scalars are read as YAML 1.1 does, because that is what existing files were written against: `on` and `yes` are
//! booleans, `017`, `1_000` and `12:30` numbers, `2024-01-01` a date. Duplicate keys and unknown tags are errors.

use super::MAX_BYTES;
use crate::{Error, ErrorKind, Result};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;

/// Nested deeper than this no configuration is.
const MAX_DEPTH: usize = 16;
/// More than this aliases may not unfold to, in parser events.
const MAX_UNFOLDED: usize = 10_000;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) line: u64,
    pub(super) column: u64,
}

/// What a YAML node can be, as far as a configuration cares.
#[derive(Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// A number or date: its text, and its value if it is a plain number.
    Number(String, Option<f64>),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Value {
    /// What it is, with an article.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Number(_, Some(_)) => "a number",
            Self::Number(_, None) => "a date or number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// A scalar as it was written, for messages; empty for lists and mappings.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(text, _) | Self::Text(text) => text.clone(),
            Self::List(_) | Self::Map(_) => String::new(),
        }
    }
}

/// User text for a one-line message: control characters escaped, at most 100 characters.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(100) {
        match c {
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

/// Reads one YAML document; an empty one is [`Value::Null`].
///
/// # Errors
/// `config` with line and column: too large, not YAML, several documents, duplicate keys, unknown tags, nested too
/// deeply, aliases that unfold to too much.
pub(super) fn parse(text: &str, file: &str) -> Result<Node> {
    let wrong = |message: String| Error::new(ErrorKind::Config, message).in_file(file);
    if text.len() as u64 > MAX_BYTES {
        return Err(wrong(format!("the configuration has {} bytes, and {MAX_BYTES} is the limit", text.len()))
            .hint("name the right file, or shorten it"));
    }
    let options = serde_saphyr::options! {
        with_snippet: false,
        reject_unsupported_tags: true,
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::AsString,
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH, max_documents: 1, },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_UNFOLDED, },
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(node) => Ok(Reader { text }.node(node)),
        Err(error) => {
            let (message, hint) = explain(&error.to_string());
            let place = error.location().unwrap_or(serde_saphyr::Location::UNKNOWN);
            Err(wrong(message).at(place.line().max(1), place.column().max(1)).hint(hint))
        }
    }
}

/// The parser's message in our words; its own are kept where they say something a user can act on.
fn explain(message: &str) -> (String, &'static str) {
    let message = message.split(" at line ").next().unwrap_or(message);
    if let Some(rest) = message.strip_prefix("duplicate mapping key: ") {
        let key = rest.rsplit_once(", set ").map_or(rest, |(key, _)| key);
        return (format!("malformed YAML: the key `{}` appears twice", shown(key)), "keep one of them");
    }
    if message.starts_with("budget breached: Documents") {
        return ("malformed YAML: there is more than one document".to_owned(), "keep one, and remove the `---` between them");
    }
    if ["budget breached", "recursion limit", "alias replay limit"].iter().any(|limit| message.starts_with(limit)) {
        return ("malformed YAML: nested too deeply or too large".to_owned(), "a configuration is a flat list of keys");
    }
    (format!("malformed YAML: {}", shown(message)), "correct it there")
}

/// A node as the parser sees it.
enum Raw {
    Null,
    Bool(bool),
    Number,
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }
    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }
    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }
    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = seq.next_element()? {
            out.push(item);
        }
        Ok(Raw::List(out))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut out = Vec::new();
        while let Some(pair) = map.next_entry()? {
            out.push(pair);
        }
        Ok(Raw::Map(out))
    }
}

/// Turns parser nodes into ours, looking at the source where YAML 1.1 and 1.2 read a plain word differently.
struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    // Recursion is bounded by MAX_DEPTH, which the parser has already enforced.
    fn node(&self, node: Spanned<Raw>) -> Node {
        let (line, column) = (node.defined.line(), node.defined.column());
        let source = self.source(&node.defined);
        let value = match node.value {
            Raw::Null => Value::Null,
            Raw::Bool(value) => match source.to_ascii_lowercase().as_str() {
                // YAML 1.1 on paper has these; no reader of existing files took them for booleans.
                "y" | "n" => Value::Text(source.to_owned()),
                _ => Value::Bool(value),
            },
            Raw::Number => number(source).unwrap_or_else(|| Value::Text(source.to_owned())),
            Raw::Text(text) if text == source => number(&text).unwrap_or(Value::Text(text)),
            Raw::Text(text) => Value::Text(text),
            Raw::List(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
            Raw::Map(pairs) => Value::Map(pairs.into_iter().map(|(k, v)| (self.node(k), self.node(v))).collect()),
        };
        Node { value, line, column }
    }

    /// A scalar as it stands in the file, quotes included.
    fn source(&self, place: &serde_saphyr::Location) -> &str {
        let span = place.span();
        let (Some(start), Some(len)) = (span.byte_offset(), span.byte_len()) else { return "" };
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(len).unwrap_or(usize::MAX));
        self.text.get(start..end).unwrap_or_default()
    }
}

/// A plain word that YAML 1.1 takes for a number or a date.
fn number(word: &str) -> Option<Value> {
    let digits = word.trim_start_matches(['+', '-']);
    let starts = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !starts || word.len() - digits.len() > 1 {
        return None;
    }
    let only = |text: &str, allowed: fn(char) -> bool| !text.is_empty() && text.chars().all(|c| allowed(c) || c == '_');
    let special = matches!(digits.to_ascii_lowercase().as_str(), ".inf" | ".nan");
    let radix = digits.strip_prefix("0x").is_some_and(|rest| only(rest, |c| c.is_ascii_hexdigit()))
        || digits.strip_prefix("0b").is_some_and(|rest| only(rest, |c| matches!(c, '0' | '1')));
    let base_60 = digits.contains(':') && digits.split(':').all(|part| only(part, |c| c.is_ascii_digit()));
    if special || radix || base_60 || is_date(digits) {
        return Some(Value::Number(word.to_owned(), None));
    }
    let plain = only(digits, |c| c.is_ascii_digit());
    let fraction = digits.contains('.') && only(digits, |c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    let value = word.replace('_', "").parse::<f64>().ok()?;
    (plain || fraction).then(|| Value::Number(word.to_owned(), Some(value)))
}

/// `2024-01-01`, with or without a time behind it.
fn is_date(word: &str) -> bool {
    let date = word.split(['T', 't', ' ']).next().unwrap_or(word);
    let parts: Vec<&str> = date.split('-').collect();
    let digits = |part: &&str| part.chars().all(|c| c.is_ascii_digit());
    parts.len() == 3
        && parts.iter().all(digits)
        && parts.first().is_some_and(|year| year.len() == 4)
        && parts.iter().skip(1).all(|part| matches!(part.len(), 1 | 2))
}
