//! Elements as the values that the JSON form of the format has for them, so that both are read the same way.

use super::super::xml::Element;
use serde_json::{Map, Value};

/// Elements that are lists of what is in them.
const LISTS: &[&str] = &[
    "references",
    "ratings",
    "cwes",
    "advisories",
    "affects",
    "versions",
    "responses",
    "recommendations",
    "properties",
    "occurrences",
    "components",
    "services",
];

/// An element as a value: its text, a list, or an object of its attributes and what is in it.
pub(super) fn value(element: &Element) -> Value {
    shallow(element, &[])
}

/// The same, leaving out children of some names.
pub(super) fn shallow(element: &Element, without: &[&str]) -> Value {
    if LISTS.contains(&element.name.as_str()) {
        return element.children.iter().map(value).collect();
    }
    let text = element.text.trim();
    if element.children.is_empty() && element.attributes.is_empty() {
        return Value::from(text);
    }
    let mut map = Map::new();
    for (name, value) in element.attributes.iter().filter(|(name, _)| !name.starts_with("xmlns")) {
        map.insert(name.clone(), value.as_str().into());
    }
    if !text.is_empty() {
        map.insert("text".to_owned(), text.into());
    }
    for child in element.children.iter().filter(|child| !without.contains(&child.name.as_str())) {
        map.entry(child.name.clone()).or_insert_with(|| value(child));
    }
    Value::Object(map)
}
