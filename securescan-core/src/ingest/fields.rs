//! The fields of one item of a report, taken one by one: what is left over in the end is what the format's reader does not
//! know, and survives under `metadata.tool`.
//!
//! Reading is lenient where tools are: numbers as strings, a single value where a list is meant, null and empty for absent.

use super::report::{Stop, bad};
use serde_json::{Map, Value};

/// The fields of an object. A path names a field of a field: `extra.message`.
#[derive(Debug, Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// The fields of a value.
    ///
    /// # Errors
    /// Quarantines what is not an object.
    pub(super) fn of(value: Value) -> Result<Self, Stop> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            other => Err(bad(format!("{} is not an object", kind(&other)))),
        }
    }

    /// The fields of a value, none when it is not an object.
    pub(super) fn or_empty(value: Value) -> Self {
        Self::of(value).unwrap_or_default()
    }

    /// Looks at a value without taking it.
    pub(super) fn peek(&self, path: &str) -> Option<&Value> {
        let mut parts = path.split('.');
        let first = self.0.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    }

    /// Looks at a field by its very name, dots and all.
    pub(super) fn peek_named(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Whether there is something other than null.
    pub(super) fn has(&self, path: &str) -> bool {
        self.peek(path).is_some_and(|v| !v.is_null())
    }

    /// Takes a value; null is nothing.
    pub(super) fn value(&mut self, path: &str) -> Option<Value> {
        let (parents, last) = path.rsplit_once('.').map_or((None, path), |(parents, last)| (Some(parents), last));
        let mut map = &mut self.0;
        for part in parents.into_iter().flat_map(|p| p.split('.')) {
            map = map.get_mut(part)?.as_object_mut()?;
        }
        map.remove(last).filter(|v| !v.is_null())
    }

    /// Takes a field by its very name, dots and all.
    pub(super) fn named(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|v| !v.is_null())
    }

    /// Takes a text; numbers and booleans are written out, blank is nothing.
    pub(super) fn text(&mut self, path: &str) -> Option<String> {
        self.value(path).and_then(text_of)
    }

    /// The first of several names that holds a text; all are taken.
    pub(super) fn first_text(&mut self, paths: &[&str]) -> Option<String> {
        paths.iter().map(|path| self.text(path)).fold(None, Option::or)
    }

    /// Takes a text that an item cannot be without.
    ///
    /// # Errors
    /// Quarantines the item.
    pub(super) fn need(&mut self, path: &str) -> Result<String, Stop> {
        self.text(path).ok_or_else(|| bad(format!("`{path}` is missing")))
    }

    /// Takes a position: a whole number from 1, also written as text. Anything else is nothing.
    pub(super) fn position(&mut self, path: &str) -> Option<u32> {
        self.number(path).filter(|n| *n >= 1.0 && *n <= f64::from(u32::MAX) && n.fract() == 0.0).map(|n| n as u32)
    }

    /// Takes a whole number from 0, also written as text. Anything else is nothing.
    pub(super) fn offset(&mut self, path: &str) -> Option<usize> {
        self.number(path).filter(|n| *n >= 0.0 && *n < f64::from(u32::MAX) && n.fract() == 0.0).map(|n| n as usize)
    }

    /// Takes a number, also written as text.
    pub(super) fn number(&mut self, path: &str) -> Option<f64> {
        match self.value(path)? {
            Value::Number(n) => n.as_f64(),
            Value::String(s) => s.trim().parse().ok(),
            _ => None,
        }
        .filter(|n: &f64| n.is_finite())
    }

    /// Takes a truth value, also written as text or as 0 and 1.
    pub(super) fn flag(&mut self, path: &str) -> Option<bool> {
        match self.value(path)? {
            Value::Bool(b) => Some(b),
            Value::Number(n) => Some(n.as_f64()? != 0.0),
            Value::String(s) => match s.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Some(true),
                "false" | "no" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// Takes a list; a single value is a list of one.
    pub(super) fn list(&mut self, path: &str) -> Vec<Value> {
        match self.value(path) {
            None => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(single) => vec![single],
        }
    }

    /// Takes the texts of a list, or of a single value.
    pub(super) fn texts(&mut self, path: &str) -> Vec<String> {
        self.list(path).into_iter().filter_map(text_of).collect()
    }

    /// Takes an object; empty when there is none.
    pub(super) fn object(&mut self, path: &str) -> Self {
        self.value(path).map(Self::or_empty).unwrap_or_default()
    }

    /// Puts a value where it will survive under `metadata.tool`.
    pub(super) fn keep(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// What nobody took, without what is empty.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.0.into_iter().filter_map(|(key, value)| Some((key, pruned(value)?))).collect()
    }

    /// Its entries, in order of their keys.
    pub(super) fn entries(self) -> impl Iterator<Item = (String, Value)> {
        self.0.into_iter()
    }
}

/// A text, a number or a boolean as text; blank is nothing.
pub(super) fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(s) => (!s.trim().is_empty()).then_some(s),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A value without empty parts; depth is bounded by the JSON reader's own limit.
fn pruned(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(s) => (!s.is_empty()).then_some(Value::String(s)),
        Value::Array(items) => (!items.is_empty()).then_some(Value::Array(items)),
        Value::Object(map) => {
            let map: Map<_, _> = map.into_iter().filter_map(|(key, value)| Some((key, pruned(value)?))).collect();
            (!map.is_empty()).then_some(Value::Object(map))
        }
        other => Some(other),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn taking_leaves_the_rest() {
        let mut fields =
            Fields::of(json!({"a": {"b": " 7 ", "c": null, "d": {}}, "n": 3.0, "z": "0", "l": "one", "f": 1})).unwrap();
        assert_eq!((fields.position("a.b"), fields.position("n"), fields.position("z")), (Some(7), Some(3), None));
        assert_eq!((fields.texts("l"), fields.flag("f"), fields.text("no.such")), (vec!["one".to_owned()], Some(true), None));
        assert!(fields.rest().is_empty());
        assert!(Fields::of(json!([])).is_err());
    }
}
