//! Compliance: which controls of which framework a finding touches, and how many of each framework's controls a scan saw.
//!
//! A coverage indicator, not a certification. The frameworks themselves are data, one JSON file each in `frameworks/`;
//! what a file may hold is described in [`FrameworkFile`].

mod coverage;
mod cwe;
mod file;
mod words;

pub use coverage::{Coverage, FrameworkCoverage};
pub use file::{ControlFile, FrameworkFile};

use crate::model::Finding;
use crate::{Error, ErrorKind, Result};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::LazyLock;
use words::Words;

/// A set of frameworks, ready to tag findings.
#[derive(Debug)]
pub struct Frameworks {
    frameworks: Vec<FrameworkInfo>,
    controls: Vec<Control>,
    by_tag: HashMap<String, u32>,
    by_cwe: HashMap<u32, Vec<u32>>,
    by_rule: HashMap<(String, String), Vec<u32>>,
    rules: Words,
    keywords: Words,
}

/// One framework in the list of what is mapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrameworkInfo {
    /// The data file's name without `.json`.
    pub id: String,
    /// The name people know it by.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The short name: the key in coverage, the start of its tags.
    pub key: String,
    /// How many controls it has here.
    pub total_controls: usize,
}

/// One control. INVARIANT: identified by framework and id; its tag is unique over all frameworks.
#[derive(Debug)]
struct Control {
    framework: usize,
    id: String,
    tag: String,
    name: String,
}

/// What a tag stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ControlInfo<'a> {
    /// The tag as findings carry it.
    pub tag: &'a str,
    /// The framework's name.
    pub framework: &'a str,
    /// The control's id within the framework.
    pub id: &'a str,
    /// The control's name.
    pub name: &'a str,
}

static BUILTIN: LazyLock<Frameworks> = LazyLock::new(|| {
    // The files are part of the program and a test reads each of them; an empty set is the answer to the impossible.
    let files = file::builtin().unwrap_or_default();
    Frameworks::new(files).unwrap_or_else(|_| Frameworks::empty())
});

impl Frameworks {
    /// The frameworks this program carries: CIS Controls 8, OWASP Top 10 2021, PCI DSS, SOC 2.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The built-in frameworks and those of a folder: each `*.json` is one framework, its id the file's name. A file
    /// with the id of a built-in framework replaces it.
    ///
    /// # Errors
    /// `config` naming the file and the place in it; `io` when the folder cannot be read.
    pub fn with_dir(dir: &Path) -> Result<Self> {
        let mut files = file::builtin()?;
        for mut custom in file::read_dir(dir)? {
            match files.iter_mut().find(|known| known.0 == custom.0) {
                Some(known) => {
                    custom.1.inherit(&known.1);
                    *known = custom;
                }
                None => files.push(custom),
            }
        }
        files.sort_by(|a, b| a.0.cmp(&b.0));
        Self::new(files)
    }

    fn empty() -> Self {
        Self {
            frameworks: Vec::new(),
            controls: Vec::new(),
            by_tag: HashMap::new(),
            by_cwe: HashMap::new(),
            by_rule: HashMap::new(),
            rules: Words::new(Vec::new(), false).unwrap_or_default(),
            keywords: Words::default(),
        }
    }

    fn new(files: Vec<(String, FrameworkFile)>) -> Result<Self> {
        let mut out = Self::empty();
        let (mut rules, mut keywords) = (Vec::new(), Vec::new());
        for (id, file) in files {
            let (key, prefix) = (file.key(&id), file.prefix(&id));
            let framework = out.frameworks.len();
            let wrong = |message: String| Error::new(ErrorKind::Config, message).in_file(format!("{id}.json"));
            if out.frameworks.iter().any(|known| known.key == key) {
                return Err(wrong(format!("another framework has the key `{key}` too")).hint("set another `key`"));
            }
            out.frameworks.push(FrameworkInfo {
                id: id.clone(),
                name: file.framework,
                version: file.version,
                key,
                total_controls: file.controls.len(),
            });
            for (control_id, control) in file.controls {
                let slot = u32::try_from(out.controls.len()).unwrap_or(u32::MAX);
                let tag = if control_id.starts_with(&prefix) { control_id.clone() } else { format!("{prefix}{control_id}") };
                if out.by_tag.contains_key(&tag) {
                    return Err(
                        wrong(format!("the tag `{tag}` of control `{control_id}` is in use")).hint("set another `prefix`")
                    );
                }
                out.by_tag.insert(tag.clone(), slot);
                for text in &control.cwes {
                    let number = cwe::number(text)
                        .ok_or_else(|| wrong(format!("`{text}` of control `{control_id}` is no CWE")).hint("write `CWE-89`"))?;
                    out.by_cwe.entry(number).or_default().push(slot);
                }
                for (scanner, ids) in control.rule_ids {
                    for rule in ids {
                        out.by_rule.entry((scanner.clone(), rule)).or_default().push(slot);
                    }
                }
                rules.extend(control.rules.into_iter().map(|word| (word, slot)));
                keywords.extend(control.keywords.into_iter().map(|word| (word, slot)));
                out.controls.push(Control { framework, id: control_id, tag, name: control.name });
            }
        }
        out.rules = Words::new(rules, false)?;
        out.keywords = Words::new(keywords, true)?;
        Ok(out)
    }

    /// The tags of a finding: by its CWE and its rule; only when neither is mapped anywhere, by words of its title and
    /// description. Shapes: sorted, unique.
    ///
    /// # Source
    /// Product documentation, "How tags are computed"; spec 01, section 9 with decision D9 and weak point 11.
    pub fn tag(&self, finding: &Finding) -> Vec<String> {
        let mut slots = BTreeSet::new();
        if let Some(number) = finding.cwe.as_deref().and_then(cwe::number) {
            slots.extend(self.by_cwe.get(&number).into_iter().flatten());
        }
        if let Some(rule) = finding.rule_id.as_deref().filter(|rule| !rule.is_empty()) {
            if !self.by_rule.is_empty() {
                slots.extend(self.by_rule.get(&(finding.scanner.clone(), rule.to_owned())).into_iter().flatten());
            }
            self.rules.find(rule, &mut slots);
        }
        if slots.is_empty() {
            self.keywords.find(&finding.title, &mut slots);
            self.keywords.find(&finding.description, &mut slots);
        }
        let mut tags: Vec<String> =
            slots.into_iter().filter_map(|slot| self.controls.get(slot as usize)).map(|c| c.tag.clone()).collect();
        tags.sort();
        tags
    }

    /// Tags every finding; what was in `compliance_tags` is replaced.
    pub fn tag_all(&self, findings: &mut [Finding]) {
        for finding in findings {
            finding.compliance_tags = self.tag(finding);
        }
    }

    /// The frameworks, sorted by id.
    pub fn list(&self) -> &[FrameworkInfo] {
        &self.frameworks
    }

    /// What a tag stands for; older spellings are understood too.
    pub fn control(&self, tag: &str) -> Option<ControlInfo<'_>> {
        let slot = self.slot(tag)?;
        let control = self.controls.get(slot as usize)?;
        let framework = self.frameworks.get(control.framework)?;
        Some(ControlInfo { tag: &control.tag, framework: &framework.name, id: &control.id, name: &control.name })
    }

    fn slot(&self, tag: &str) -> Option<u32> {
        self.by_tag.get(tag).or_else(|| self.by_tag.get(canonical_id(tag)?)).copied()
    }
}

/// The tag a control is written as today, from that tag or from the id SecureScan for Python 0.11 used: `A03` and
/// `OWASP-A03` give `OWASP-A03`, `CIS-03` gives `CIS-3`, `PCI-6` gives `PCI-DSS-6.5.1`, `SOC2-CC6` gives `SOC2-CC6.1`.
/// Case counts. `None` for what is no control of the built-in frameworks, PCI-5, PCI-9, PCI-11 and PCI-12 included: no
/// finding of a scanner can touch those.
pub fn canonical_id(id: &str) -> Option<&'static str> {
    static ALIASES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
        let mut out = HashMap::new();
        for (id, file) in file::builtin().unwrap_or_default() {
            let prefix = file.prefix(&id);
            for (control_id, control) in file.controls {
                let tag = format!("{prefix}{control_id}");
                out.extend(control.aliases.into_iter().map(|alias| (alias, tag.clone())));
                out.insert(tag.clone(), tag);
            }
        }
        out
    });
    ALIASES.get(id).map(String::as_str)
}

/// The tags of a finding by the built-in frameworks; see [`Frameworks::tag`].
pub fn tag(finding: &Finding) -> Vec<String> {
    Frameworks::builtin().tag(finding)
}

/// The coverage of findings by the built-in frameworks; see [`Frameworks::coverage`].
pub fn coverage(findings: &[Finding]) -> Coverage {
    Frameworks::builtin().coverage(findings)
}

#[cfg(test)]
mod tests;
