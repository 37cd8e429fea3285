//! A case, and the folder of them.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// What a case expects of the answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Expected {
    /// This response, byte for byte in canonical form.
    Ok(Value),
    /// An error with at least these fields; never its wording.
    Err(BTreeMap<String, Value>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    id: String,
    op: String,
    since: u32,
    why: String,
    request: Option<Value>,
    request_text: Option<String>,
    expect: Expected,
}

/// One case. The request is text, because it may be wrong on purpose.
#[derive(Debug, Clone)]
pub struct Case {
    /// `<operation>/NNN-slug`, equal to its path.
    pub id: String,
    /// The operation asked for.
    pub op: String,
    /// The version of the suite that brought it.
    pub since: u32,
    /// What would be wrong if this failed.
    pub why: String,
    /// The request, canonical JSON unless the case gives its text.
    pub request: String,
    /// What the answer must be.
    pub expect: Expected,
}

/// Every case, in order of id, and what is not there yet.
#[derive(Debug)]
pub struct Suite {
    /// Every case.
    pub cases: Vec<Case>,
    /// Operation or id of a case to reason, from `pending.json`: skipped by every surface alike.
    pub pending: BTreeMap<String, String>,
}

impl Suite {
    /// Reads a folder of cases.
    ///
    /// # Errors
    /// One line per file that is not a case.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let mut cases = Vec::new();
        let mut wrong = Vec::new();
        for operation in names(folder)? {
            let under = folder.join(&operation);
            if operation == "src" || !under.is_dir() {
                continue;
            }
            for file in names(&under)?.iter().filter_map(|name| name.strip_suffix(".json")) {
                match read_case(&under.join(format!("{file}.json")), &format!("{operation}/{file}")) {
                    Ok(case) => cases.push(case),
                    Err(why) => wrong.push(format!("conformance/{operation}/{file}.json: {why}")),
                }
            }
        }
        let pending = text(&folder.join("pending.json"))?;
        let pending = serde_json::from_str(&pending).map_err(|e| format!("conformance/pending.json: {e}"))?;
        if wrong.is_empty() { Ok(Self { cases, pending }) } else { Err(wrong.join("\n")) }
    }

    /// Why a case is skipped, if it is.
    pub fn skipped(&self, case: &Case) -> Option<&str> {
        self.pending.get(&case.id).or_else(|| self.pending.get(&case.op)).map(String::as_str)
    }
}

/// Stands in a case for the folder of the cases, for operations that look at files: `$CONFORMANCE/trees/shop`.
const FOLDER: &str = "$CONFORMANCE";

fn read_case(path: &Path, id: &str) -> Result<Case, String> {
    let folder = path.ancestors().nth(2).unwrap_or(path);
    let folder = std::fs::canonicalize(folder).map_err(|e| e.to_string())?;
    let escaped = Value::from(folder.to_string_lossy().into_owned()).to_string();
    let text = text(path)?.replace(FOLDER, escaped.trim_matches('"'));
    let wire: Wire = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    if wire.id != id {
        return Err(format!("its id is `{}`", wire.id));
    }
    let request = match (wire.request, wire.request_text) {
        (Some(value), None) => value.to_string(),
        (None, Some(text)) => text,
        _ => return Err("it must have either `request` or `request_text`".to_owned()),
    };
    if let Expected::Err(fields) = &wire.expect
        && !fields.contains_key("code")
    {
        return Err("an expected error needs a `code`".to_owned());
    }
    Ok(Case { id: wire.id, op: wire.op, since: wire.since, why: wire.why, request, expect: wire.expect })
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn names(folder: &Path) -> Result<Vec<String>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut names: Vec<_> = entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}
