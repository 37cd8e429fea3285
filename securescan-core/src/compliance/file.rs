//! The data file of one framework, built in or the user's.

use crate::{Error, ErrorKind, Result};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

/// A larger framework file is refused, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// More framework files than this in one folder are refused.
const MAX_FILES: usize = 64;

const BUILTIN: &[(&str, &str)] = &[
    ("cis-controls-v8", include_str!("frameworks/cis-controls-v8.json")),
    ("owasp-top10-2021", include_str!("frameworks/owasp-top10-2021.json")),
    ("pci-dss-v4", include_str!("frameworks/pci-dss-v4.json")),
    ("soc2", include_str!("frameworks/soc2.json")),
];

/// One framework as its file holds it. The files of SecureScan for Python 0.11 are valid.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FrameworkFile {
    /// The name people know it by.
    pub framework: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// The short name for coverage; the file's name when absent.
    #[serde(default)]
    pub key: Option<String>,
    /// What tags start with; the key and `-` when absent. A control id that already starts with it is not given it twice.
    #[serde(default)]
    pub prefix: Option<String>,
    /// The controls, in the framework's own order.
    #[serde(deserialize_with = "in_order")]
    pub controls: Vec<(String, ControlFile)>,
}

/// One control as a framework file holds it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ControlFile {
    /// Its name.
    pub name: String,
    /// Other ids it is known by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Weaknesses that touch it.
    #[serde(default)]
    pub cwes: Vec<String>,
    /// Whole words of rule ids that touch it, whoever the scanner.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Scanner to exact rule ids.
    #[serde(default)]
    pub rule_ids: BTreeMap<String, Vec<String>>,
    /// Whole words or phrases of titles and descriptions, for findings nothing else maps.
    #[serde(default)]
    pub keywords: Vec<String>,
}

impl FrameworkFile {
    /// The short name.
    pub(super) fn key(&self, id: &str) -> String {
        self.key.clone().unwrap_or_else(|| id.to_owned())
    }

    /// What tags start with.
    pub(super) fn prefix(&self, id: &str) -> String {
        self.prefix.clone().unwrap_or_else(|| format!("{}-", self.key(id)))
    }

    /// A file that replaces a built-in one keeps its short name and prefix unless it says otherwise.
    pub(super) fn inherit(&mut self, from: &Self) {
        if self.key.is_none() {
            self.key.clone_from(&from.key);
        }
        if self.prefix.is_none() {
            self.prefix.clone_from(&from.prefix);
        }
    }
}

/// The files this program carries, by id.
pub(super) fn builtin() -> Result<Vec<(String, FrameworkFile)>> {
    BUILTIN.iter().map(|(id, text)| Ok(((*id).to_owned(), parse(text, id)?))).collect()
}

/// Every `*.json` of a folder, in name order.
pub(super) fn read_dir(dir: &Path) -> Result<Vec<(String, FrameworkFile)>> {
    let io = |e: &std::io::Error| Error::io(dir.display().to_string(), e);
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(dir).map_err(|e| io(&e))? {
        let path = entry.map_err(|e| io(&e))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            names.insert(path);
        }
    }
    if names.len() > MAX_FILES {
        return Err(Error::new(ErrorKind::Config, format!("there are more than {MAX_FILES} framework files"))
            .in_file(dir.display().to_string())
            .hint("name a folder that holds framework files only"));
    }
    names.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<(String, FrameworkFile)> {
    use std::io::Read;
    let file = path.display().to_string();
    let wrong = |message: &str| Error::new(ErrorKind::Config, message).in_file(file.as_str());
    let meta = std::fs::metadata(path).map_err(|e| Error::io(file.as_str(), &e))?;
    if !meta.is_file() || meta.len() > MAX_BYTES {
        return Err(wrong("a framework file is a regular file of at most 1 MiB"));
    }
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).and_then(|f| f.take(MAX_BYTES).read_to_end(&mut bytes));
    opened.map_err(|e| Error::io(file.as_str(), &e))?;
    let text =
        std::str::from_utf8(&bytes).map_err(|e| wrong("the framework file is not UTF-8").at_byte(e.valid_up_to() as u64))?;
    let id = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((id, parse(text, &file)?))
}

fn parse(text: &str, file: &str) -> Result<FrameworkFile> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|e| {
        let full = e.to_string();
        let message = full.rsplit_once(" at line ").map_or(full.as_str(), |(message, _)| message);
        Error::new(ErrorKind::Config, format!("the framework file is not valid: {message}"))
            .in_file(file)
            .at(e.line() as u64, e.column() as u64)
            .hint("it needs `framework` and `controls`: {\"ID\": {\"name\": …, \"cwes\": […]}}")
    })
}

/// A JSON object as a list of pairs; a key that comes twice is an error.
fn in_order<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<(String, ControlFile)>, D::Error> {
    struct Pairs;
    impl<'de> Visitor<'de> for Pairs {
        type Value = Vec<(String, ControlFile)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of controls")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let (mut out, mut seen) = (Vec::new(), BTreeSet::new());
            while let Some((id, control)) = map.next_entry::<String, ControlFile>()? {
                if id.is_empty() || !seen.insert(id.clone()) {
                    return Err(serde::de::Error::custom(format!("control id `{id}` is empty or comes twice")));
                }
                out.push((id, control));
            }
            Ok(out)
        }
    }
    d.deserialize_map(Pairs)
}
