//! Where a finding is: the paths that a tool writes, as paths relative to the scan root.

use crate::model::Finding;
use crate::path::{from_os, is_confined, normalize, to_os};
use serde_json::Value;
use std::path::Path;

/// What the paths in a tool's report are relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paths {
    /// The target; absolute ones lie below it. A leading `/` may also stand for the target.
    FromRoot,
    /// They say nothing of use: the findings are in the one file the run looked at.
    Subject,
    /// There are none: the target is no folder.
    None,
}

/// Knows the folders of one run.
pub(super) struct Places<'a> {
    root: &'a Path,
    /// The root and our own folders as texts, longest first: none of them may reach an output.
    folders: Vec<String>,
    /// The target, when it is one file.
    single: Option<&'a str>,
}

impl<'a> Places<'a> {
    pub(super) fn new(root: &'a Path, scratch: &Path, single: Option<&'a str>) -> Self {
        let mut folders: Vec<String> = [Some(root.to_path_buf()), Some(scratch.to_path_buf()), scratch.canonicalize().ok()]
            .into_iter()
            .flatten()
            .filter(|folder| folder.parent().is_some())
            .map(|folder| from_os(&folder))
            .collect();
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.len()));
        folders.dedup();
        Self { root, folders, single }
    }

    /// Puts a finding in its place. A path outside the root is kept only as what the tool said.
    pub(super) fn put(&self, finding: &mut Finding, paths: Paths, subject: Option<&str>) {
        match paths {
            Paths::Subject => finding.file_path = subject.map(str::to_owned).or(finding.file_path.take()),
            Paths::None => {}
            Paths::FromRoot => {
                if let Some(path) = finding.file_path.take() {
                    match self.relative(&path) {
                        Some(path) => finding.file_path = Some(path),
                        None => drop(finding.metadata.tool.insert("path".to_owned(), Value::String(path))),
                    }
                }
            }
        }
        for text in [&mut finding.title, &mut finding.description, &mut finding.remediation] {
            self.scrub(text);
        }
        for map in [&mut finding.metadata.tool, &mut finding.metadata.extra] {
            map.values_mut().for_each(|value| self.scrub_value(value));
        }
    }

    /// A path as the tool wrote it, relative to the root; `None` outside of it.
    fn relative(&self, path: &str) -> Option<String> {
        let root = from_os(self.root);
        let path = normalize(path, Some(&root));
        let path = match path.strip_prefix('/') {
            Some(below) if is_confined(below) && self.root.join(to_os(below)).exists() => below.to_owned(),
            _ => path,
        };
        match self.single {
            Some(single) if path.is_empty() || name(single) == name(&path) => Some(single.to_owned()),
            _ => is_confined(&path).then_some(path),
        }
    }

    /// Takes the folders of this machine out of a text.
    pub(super) fn scrub(&self, text: &mut String) {
        for folder in &self.folders {
            if memchr::memmem::find(text.as_bytes(), folder.as_bytes()).is_some() {
                *text = text.replace(&format!("{folder}/"), "").replace(folder.as_str(), ".");
            }
        }
    }

    /// JSON that was parsed is no deeper than its parser allows.
    fn scrub_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.scrub(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.scrub_value(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.scrub_value(item)),
            _ => {}
        }
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::model::{ScanType, Severity};

    #[test]
    fn paths_are_relative_to_the_root_or_none() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("100%/a b");
        std::fs::create_dir_all(root.join("infra")).unwrap();
        std::fs::write(root.join("infra/main.tf"), "").unwrap();
        let places = Places::new(&root, Path::new("/scratch"), None);
        let full = |path: &str| format!("{}/{path}", root.display());
        assert_eq!(places.relative(&full("app/x.py")).as_deref(), Some("app/x.py"));
        assert_eq!(places.relative("app/./x.py").as_deref(), Some("app/x.py"));
        assert_eq!(places.relative("/infra/main.tf").as_deref(), Some("infra/main.tf"));
        assert_eq!(places.relative("/etc/passwd"), None);
        assert_eq!(places.relative(&full("../other")), None);
        assert_eq!(places.relative("../x"), None);
        let one = Places::new(&root, Path::new("/scratch"), Some("infra/main.tf"));
        assert_eq!(one.relative("main.tf").as_deref(), Some("infra/main.tf"));
        assert_eq!(one.relative("/main.tf").as_deref(), Some("infra/main.tf"));
    }

    #[test]
    fn no_folder_of_this_machine_is_told() {
        let places = Places::new(Path::new("/srv/x"), Path::new("/scratch"), None);
        let mut finding = Finding::new("t", ScanType::Code, Severity::Low, "in /srv/x/a.py");
        finding.file_path = Some("/elsewhere/a.py".to_owned());
        finding.metadata.tool.insert("deep".to_owned(), serde_json::json!([{"at": "/scratch/home/y"}, "/srv/x"]));
        places.put(&mut finding, Paths::FromRoot, None);
        assert_eq!((finding.title.as_str(), finding.file_path), ("in a.py", None));
        assert_eq!(
            serde_json::Value::Object(finding.metadata.tool),
            serde_json::json!({"deep": [{"at": "home/y"}, "."], "path": "/elsewhere/a.py"})
        );
    }
}
