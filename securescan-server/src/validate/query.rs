//! Query parameters: what a route takes is a list, from which they are read, checked and documented.

use super::{Issue, cut};
use crate::error::{ApiError, ApiResult};
use axum::http::Uri;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a parameter may be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// What the `Link` header of a page names: `c` and a number.
    Cursor,
    /// A whole number between two.
    Int(i64, i64),
    /// `true false 1 0 yes no on off t f y n`, in any case.
    Bool,
    /// One of these words, for the pattern `^(a|b)$`.
    Words(&'static [&'static str]),
}

/// One parameter of a query.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) about: &'static str,
}

impl Param {
    pub(crate) const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, required: false, about }
    }

    pub(crate) const fn required(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, required: true, about }
    }
}

/// A query that was read and found right.
#[derive(Debug, Default)]
pub(crate) struct Query(BTreeMap<&'static str, String>);

impl Query {
    /// Reads what `params` name; other parameters are ignored. Of a repeated one the last counts.
    ///
    /// # Errors
    /// 422 with everything that is wrong.
    pub(crate) fn read(uri: &Uri, params: &'static [Param]) -> ApiResult<Self> {
        let given = pairs(uri.query().unwrap_or_default());
        let mut out = BTreeMap::new();
        let mut issues = Vec::new();
        for param in params {
            match given.iter().rev().find(|(name, _)| name == param.name) {
                None if param.required => {
                    issues.push(Issue::new("missing", &[json!("query"), json!(param.name)], "Field required", Value::Null));
                }
                None => {}
                Some((_, value)) => match wrong(param, value) {
                    Some(issue) => issues.push(issue),
                    None => drop(out.insert(param.name, value.clone())),
                },
            }
        }
        if issues.is_empty() { Ok(Self(out)) } else { Err(ApiError::Invalid(issues)) }
    }

    /// The text of a parameter, as given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter of kind [`Kind::Int`].
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// The place that a parameter of kind [`Kind::Cursor`] names.
    pub(crate) fn place(&self, name: &str) -> Option<i64> {
        place(self.text(name)?)
    }

    /// A parameter of kind [`Kind::Bool`].
    pub(crate) fn bool(&self, name: &str) -> Option<bool> {
        truth(self.text(name)?)
    }
}

/// What a cursor looks like.
pub(crate) const CURSOR: &str = "^c[0-9]{1,18}$";

fn place(cursor: &str) -> Option<i64> {
    let digits = cursor.strip_prefix('c').filter(|digits| digits.len() <= 18 && digits.bytes().all(|b| b.is_ascii_digit()))?;
    digits.parse().ok()
}

fn truth(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "t" | "y" => Some(true),
        "false" | "0" | "no" | "off" | "f" | "n" => Some(false),
        _ => None,
    }
}

fn wrong(param: &Param, value: &str) -> Option<Issue> {
    let loc = [json!("query"), json!(param.name)];
    let issue = |kind, msg: String| Issue::new(kind, &loc, msg, cut(value).into());
    match param.kind {
        Kind::Text => None,
        Kind::Cursor => place(value).is_none().then(|| {
            issue("string_pattern_mismatch", format!("String should match pattern '{CURSOR}'")).with(json!({"pattern": CURSOR}))
        }),
        Kind::Bool => truth(value)
            .is_none()
            .then(|| issue("bool_parsing", "Input should be a valid boolean, unable to interpret input".into())),
        Kind::Words(words) => (!words.contains(&value)).then(|| {
            let pattern = format!("^({})$", words.join("|"));
            issue("string_pattern_mismatch", format!("String should match pattern '{pattern}'")).with(json!({"pattern": pattern}))
        }),
        Kind::Int(least, most) => {
            let number = value.trim();
            let digits = number.strip_prefix(['-', '+']).unwrap_or(number);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                let msg = "Input should be a valid integer, unable to parse string as an integer";
                return Some(issue("int_parsing", msg.into()));
            }
            // What has too many digits for a number is as far out as can be, on its side.
            let number = number.parse::<i64>().unwrap_or(if number.starts_with('-') { i64::MIN } else { i64::MAX });
            if number < least {
                let msg = format!("Input should be greater than or equal to {least}");
                return Some(issue("greater_than_equal", msg).with(json!({"ge": least})));
            }
            (number > most).then(|| {
                issue("less_than_equal", format!("Input should be less than or equal to {most}")).with(json!({"le": most}))
            })
        }
    }
}

/// The pairs of a query string, decoded. Bytes that are no UTF-8 become replacement characters.
fn pairs(query: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(name), decode(value))
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let digits = || {
            let mut ahead = bytes.clone();
            let high = char::from(ahead.next()?).to_digit(16)?;
            let low = char::from(ahead.next()?).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        };
        match byte {
            b'+' => out.push(b' '),
            b'%' => match digits() {
                Some(decoded) => {
                    out.push(decoded);
                    bytes.nth(1);
                }
                None => out.push(byte),
            },
            other => out.push(other),
        }
    }
    String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// One parameter of a query that was not read by a list.
pub(crate) fn one(uri: &Uri, name: &str) -> Option<String> {
    pairs(uri.query().unwrap_or_default()).into_iter().rev().find(|(n, _)| n == name).map(|(_, value)| value)
}
