//! Reading bodies and queries, and saying what is wrong with them: the items of a 422.
//!
//! # Source
//! Texts and shapes: the server specification, section 5.

use crate::error::{ApiError, ApiResult};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A larger body is refused with 413. In bytes.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// A body that takes longer to arrive is given up.
const BODY_TIME: Duration = Duration::from_secs(30);

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Issue {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Vec<Value>,
    msg: String,
    input: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Value>,
}

impl Issue {
    pub(crate) fn new(kind: &'static str, loc: &[Value], msg: impl Into<String>, input: Value) -> Self {
        Self { kind, loc: loc.to_vec(), msg: msg.into(), input, ctx: None }
    }

    pub(crate) fn with(mut self, ctx: Value) -> Self {
        self.ctx = Some(ctx);
        self
    }
}

/// A JSON object of a request, with what was found wrong so far.
#[derive(Debug)]
pub(crate) struct Body {
    fields: Map<String, Value>,
    issues: Vec<Issue>,
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> ApiResult<Self> {
        let is_json = is_json(request.headers().get(header::CONTENT_TYPE).map(|v| v.as_bytes()));
        let reading = axum::body::to_bytes(request.into_body(), MAX_BODY);
        let late = || ApiError::detail(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time");
        let bytes = tokio::time::timeout(BODY_TIME, reading).await.map_err(|_| late())?;
        let bytes = bytes.map_err(|error| unread(&error))?;
        Self::parse(&bytes, is_json)
    }
}

/// Why a body could not be read.
fn unread(error: &axum::Error) -> ApiError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(inner) = cause {
        if inner.to_string().contains("length limit exceeded") {
            return ApiError::detail(StatusCode::PAYLOAD_TOO_LARGE, format!("The body is larger than {MAX_BODY} bytes"));
        }
        cause = inner.source();
    }
    ApiError::bad("There was an error parsing the body")
}

fn is_json(content_type: Option<&[u8]>) -> bool {
    let value = content_type.and_then(|v| std::str::from_utf8(v).ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

impl Body {
    fn parse(bytes: &[u8], is_json: bool) -> ApiResult<Self> {
        let one = |issue| Err(ApiError::Invalid(vec![issue]));
        let Ok(text) = std::str::from_utf8(bytes) else { return Err(ApiError::bad("There was an error parsing the body")) };
        let here = [json!("body")];
        if text.is_empty() {
            return one(Issue::new("missing", &here, "Field required", Value::Null));
        }
        let value = match (is_json, serde_json::from_str::<Value>(text)) {
            (false, _) => Value::from(cut(text)),
            (true, Ok(value)) => value,
            (true, Err(error)) => {
                let at = json!(offset(text, error.line(), error.column()));
                let said = error.to_string();
                let why = said.split(" at line ").next().unwrap_or_default();
                let issue = Issue::new("json_invalid", &[json!("body"), at], "JSON decode error", json!({}));
                return one(issue.with(json!({"error": why})));
            }
        };
        match value {
            Value::Object(fields) => Ok(Self { fields, issues: Vec::new() }),
            other => {
                let msg = "Input should be a valid dictionary or object to extract fields from";
                one(Issue::new("model_attributes_type", &here, msg, other))
            }
        }
    }

    fn wrong(&mut self, kind: &'static str, loc: &[Value], msg: impl Into<String>, input: Value) {
        self.issues.push(Issue::new(kind, loc, msg, input));
    }

    /// Adds something a handler found.
    pub(crate) fn issue(&mut self, issue: Issue) {
        self.issues.push(issue);
    }

    /// A string that must be there; empty when it is wrong, which [`Body::check`] then tells.
    pub(crate) fn string(&mut self, name: &str, min: usize, max: usize) -> String {
        match self.fields.remove(name) {
            None => {
                let input = Value::Object(self.fields.clone());
                self.wrong("missing", &[json!("body"), json!(name)], "Field required", input);
                String::new()
            }
            Some(value) => self.text(name, value, min, max).unwrap_or_default(),
        }
    }

    /// As [`Body::string`], and not blank.
    pub(crate) fn words_of(&mut self, name: &str, max: usize) -> String {
        let text = self.string(name, 1, max);
        if !text.is_empty() && text.trim().is_empty() {
            let loc = [json!("body"), json!(name)];
            let issue = Issue::new("string_too_short", &loc, "String should have at least 1 character", cut(&text).into());
            self.issue(issue.with(json!({"min_length": 1})));
        }
        text
    }

    /// A string that may be absent or null.
    pub(crate) fn optional(&mut self, name: &str, max: usize) -> Option<String> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => None,
            Some(value) => self.text(name, value, 0, max),
        }
    }

    /// A boolean that may be absent or null.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(value)) => Some(value),
            Some(other) => {
                self.wrong("bool_type", &[json!("body"), json!(name)], "Input should be a valid boolean", short(other));
                None
            }
        }
    }

    fn text(&mut self, name: &str, value: Value, min: usize, max: usize) -> Option<String> {
        let loc = [json!("body"), json!(name)];
        let Value::String(text) = value else {
            self.wrong("string_type", &loc, "Input should be a valid string", value);
            return None;
        };
        let length = text.chars().count();
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        if length < min {
            let msg = format!("String should have at least {min} character{}", plural(min));
            self.issue(Issue::new("string_too_short", &loc, msg, text.into()).with(json!({"min_length": min})));
            return None;
        }
        if length > max {
            let msg = format!("String should have at most {max} character{}", plural(max));
            self.issue(Issue::new("string_too_long", &loc, msg, cut(&text).into()).with(json!({"max_length": max})));
            return None;
        }
        Some(text)
    }

    /// Counts what is null as absent.
    pub(crate) fn drop_nulls(&mut self) {
        self.fields.retain(|_, value| !value.is_null());
    }

    /// Whether a field is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// A word out of `known` that must be there; none when it is wrong, which [`Body::check`] then tells.
    pub(crate) fn word(&mut self, name: &str, known: &[&'static str]) -> Option<&'static str> {
        let Some(value) = self.fields.remove(name) else {
            let input = Value::Object(self.fields.clone());
            self.wrong("missing", &[json!("body"), json!(name)], "Field required", input);
            return None;
        };
        let found = value.as_str().and_then(|word| known.iter().find(|known| **known == word).copied());
        if found.is_none() {
            let expected = one_of(known.iter().copied());
            let issue = Issue::new("enum", &[json!("body"), json!(name)], format!("Input should be {expected}"), short(value));
            self.issue(issue.with(json!({"expected": expected})));
        }
        found
    }

    /// A list of words out of `known`, at least `min`; none when the field is absent. Repeated words count once.
    pub(crate) fn words<T: Copy + PartialEq>(&mut self, name: &str, known: &[(&str, T)], min: usize) -> Option<Vec<T>> {
        let value = self.fields.remove(name)?;
        let loc = [json!("body"), json!(name)];
        let Value::Array(items) = value else {
            self.wrong("list_type", &loc, "Input should be a valid list", value);
            return Some(Vec::new());
        };
        if items.len() < min {
            let plural = if min == 1 { "" } else { "s" };
            let msg = format!("List should have at least {min} item{plural} after validation, not {}", items.len());
            let ctx = json!({"field_type": "List", "min_length": min, "actual_length": items.len()});
            self.issue(Issue::new("too_short", &loc, msg, Value::Array(items)).with(ctx));
            return Some(Vec::new());
        }
        let mut out = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            match item.as_str().and_then(|word| known.iter().find(|(name, _)| *name == word)) {
                Some((_, value)) if out.contains(value) => {}
                Some((_, value)) => out.push(*value),
                None if self.issues.len() < 100 => {
                    let expected = one_of(known.iter().map(|(name, _)| *name));
                    let loc = [json!("body"), json!(name), json!(index)];
                    let issue = Issue::new("enum", &loc, format!("Input should be {expected}"), short(item));
                    self.issue(issue.with(json!({"expected": expected})));
                }
                None => {}
            }
        }
        Some(out)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// 422 with everything that was wrong.
    pub(crate) fn check(self) -> ApiResult<()> {
        if self.issues.is_empty() { Ok(()) } else { Err(ApiError::Invalid(self.issues)) }
    }
}

/// `'a', 'b' or 'c'`
fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.map(|name| format!("'{name}'")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// The position of a line and column, in bytes from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    before.saturating_add(column)
}

/// An answer repeats what was wrong, but not all of it.
fn cut(text: &str) -> String {
    const SHOWN: usize = 200;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn short(value: Value) -> Value {
    match value {
        Value::String(text) => cut(&text).into(),
        Value::Array(_) | Value::Object(_) => cut(&value.to_string()).into(),
        other => other,
    }
}

pub(crate) mod query;

#[cfg(test)]
mod tests;
