//! TOML lock files: the tables of a list, with the lines they stand at.

use super::line_number;
use toml::{Table, Value};

/// A TOML document.
pub(super) fn document(text: &str) -> Result<Table, String> {
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        format!("not readable: not valid TOML at line {line}")
    })
}

/// The tables of `[[key]]` with the line of each one's name, or of its header.
pub(super) fn listed<'a>(table: &'a Table, key: &str, text: &str) -> Vec<(&'a Table, Option<u32>)> {
    let tables: Vec<&Table> =
        table.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table).collect();
    let lines = lines(text, &format!("[[{key}]]"));
    // A header inside a text would shift all lines: no line is better than a wrong one.
    let lines = if lines.len() == tables.len() { lines } else { vec![None; tables.len()] };
    tables.into_iter().zip(lines).collect()
}

fn lines(text: &str, header: &str) -> Vec<Option<u32>> {
    let mut out = Vec::new();
    let mut inside = false;
    for (i, line) in text.lines().enumerate() {
        if line.trim_start().starts_with('[') {
            inside = line.trim_start().starts_with(header);
            if inside {
                out.push(line_number(i));
            }
        } else if inside && line.split('=').next().is_some_and(|key| key.trim() == "name") {
            if let Some(last) = out.last_mut() {
                *last = line_number(i);
            }
            inside = false;
        }
    }
    out
}

/// A text of a table; empty without one.
pub(super) fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The members of a list; none for anything else.
pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The members of the lists in a table of lists.
pub(super) fn lists(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_table).into_iter().flatten().flat_map(|(_, members)| list(Some(members)))
}
