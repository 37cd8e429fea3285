//! The built-in scanner `licenses`: packages under licences that need a decision.
//!
//! It reads what lock files say and what installed copies state, and executes nothing. A package whose licence is not
//! known here is no finding: the coverage says how many there are. The project's own licence is not its concern.
//!
//! pip-licenses and license-checker are not asked, installed or not: the first describes the environment it runs in, and of
//! another one only by executing that one's Python; the second is run from what is scanned. Their reports can be imported.

mod installed;
mod report;
mod texts;

use crate::licenses::{Verdict, judge};
use crate::manifests::{self, Entry, Installed, Kind, MAX_PACKAGES, Role};
use crate::model::{Finding, ScanType, ScannerStatus};
use crate::scanners::walk::{FileEntry, VENDORED_DIRS};
use crate::scanners::{LooksAt, Outcome, Rule, ScanContext, Scanner, ScannerMeta, Skipped};
use installed::Lookup;
pub(crate) use installed::Lookup as InstalledCopies;
use std::collections::{BTreeSet, HashMap};

/// The scanner.
#[derive(Debug)]
pub(crate) struct Licenses;

const META: ScannerMeta = ScannerMeta {
    name: "licenses",
    scan_type: ScanType::Dependency,
    about: "packages under licences that need a decision",
    install_hint: None,
    looks_at: LooksAt::Path,
    per_file: false,
    walks: true,
};

/// Lock files that make the `package.json` beside them superfluous.
const NPM_LOCKS: &[&str] = &["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml"];

/// Every rule, for the common list.
pub(in crate::scanners) fn rules() -> Vec<Rule> {
    use crate::licenses::Class;
    let classes = [Class::Forbidden, Class::Reciprocal, Class::Restricted, Class::Unknown, Class::Unlicensed];
    let rule = |class: Class| {
        Some(Rule {
            scanner: META.name,
            id: format!("licenses/{}", class.as_str()),
            title: format!("Package under a licence that is {}", class.as_str()),
            severity: class.severity()?,
            cwe: None,
            why: String::new(),
            fix: class.advice().to_owned(),
            aliases: Vec::new(),
            references: Vec::new(),
        })
    };
    classes.into_iter().filter_map(rule).collect()
}

impl Scanner for Licenses {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    fn scan(&self, context: &ScanContext<'_>) -> Outcome {
        let mut run = Run::new(context);
        for (file, kind) in manifests_of(context) {
            if context.cancel.should_stop() {
                break;
            }
            run.manifest(file, kind);
        }
        run.outcome()
    }
}

/// The manifests to read: none inside vendored trees, and no `package.json` beside or below a lock file, which covers it.
fn manifests_of<'a>(context: &ScanContext<'a>) -> Vec<(&'a FileEntry, &'static Kind)> {
    let locked: BTreeSet<&str> =
        context.files.iter().filter(|f| NPM_LOCKS.contains(&f.name())).map(|f| folder(&f.path)).collect();
    let own = |file: &&FileEntry| !file.path.split('/').any(|part| VENDORED_DIRS.contains(&part));
    let wanted = |file: &&FileEntry| file.name() != "package.json" || !folders_above(&file.path).any(|f| locked.contains(f));
    context.files.iter().filter(own).filter(wanted).filter_map(|file| Some((file, kind(file.name())?))).collect()
}

/// The kind of a manifest whose packages state their licence where it can be read.
fn kind(name: &str) -> Option<&'static Kind> {
    // Lists of other names are often test data or inputs of a tool; the bill of materials reads them.
    let listed = !name.ends_with(".txt") || name.starts_with("requirements");
    manifests::kind(name).filter(|kind| listed && kind.installed != Installed::Nowhere)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folder of a file and those above it, the root last.
fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder(path)), |f| (!f.is_empty()).then(|| folder(f)))
}

/// One run over all manifests.
struct Run<'a, 'c> {
    context: &'a ScanContext<'c>,
    lookup: Lookup<'a>,
    verdicts: HashMap<String, Verdict>,
    findings: Vec<Finding>,
    skipped: Vec<Skipped>,
    manifests: usize,
    packages: usize,
    unknown: usize,
}

impl<'a, 'c> Run<'a, 'c> {
    fn new(context: &'a ScanContext<'c>) -> Self {
        Self {
            context,
            lookup: Lookup::new(context.root),
            verdicts: HashMap::new(),
            findings: Vec::new(),
            skipped: Vec::new(),
            manifests: 0,
            packages: 0,
            unknown: 0,
        }
    }

    fn manifest(&mut self, file: &FileEntry, kind: &'static Kind) {
        match self.entries(file, kind) {
            Ok(entries) => {
                self.manifests += 1;
                let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
                for entry in &entries {
                    if self.context.cancel.should_stop() {
                        return;
                    }
                    if seen.insert((&entry.name, &entry.version)) {
                        self.package(file, kind, entry);
                    }
                }
            }
            Err(skipped) => self.skipped.push(skipped),
        }
    }

    fn entries(&self, file: &FileEntry, kind: &Kind) -> Result<Vec<Entry>, Skipped> {
        let skipped = |why: String| Skipped { path: file.path.clone(), why };
        let bytes = self.context.read(file)?;
        let text =
            std::str::from_utf8(&bytes).map_err(|e| skipped(format!("not readable: not UTF-8 at byte {}", e.valid_up_to())))?;
        let mut entries = (kind.parse)(text.strip_prefix('\u{feff}').unwrap_or(text)).map_err(skipped)?;
        entries.retain(|entry| entry.role == Role::Foreign);
        if entries.len() > MAX_PACKAGES {
            return Err(skipped(format!("more than {MAX_PACKAGES} packages")));
        }
        if file.name() == "package.json" {
            self.add_installed(folder(&file.path), &mut entries);
        }
        Ok(entries)
    }

    /// Without a lock file, what is installed beside the manifest is what it pulls in.
    fn add_installed(&self, folder: &str, entries: &mut Vec<Entry>) {
        let listed: BTreeSet<String> = entries.iter().flat_map(|e| e.installed.iter().cloned()).collect();
        for at in self.lookup.node_modules(folder) {
            if !listed.contains(&at) {
                let name = at.trim_start_matches("node_modules/").to_owned();
                entries.push(Entry { name, direct: Some(false), installed: vec![at], ..Entry::default() });
            }
        }
    }

    fn package(&mut self, file: &FileEntry, kind: &'static Kind, entry: &Entry) {
        self.packages += 1;
        let copy = match &entry.license {
            Some(_) => None,
            None => self.lookup.find(kind.installed, folder(&file.path), entry),
        };
        let (license, source) = match (&entry.license, &copy) {
            (Some(license), _) => (Some(license.as_str()), "lock file"),
            (None, Some(copy)) => (copy.license.as_deref(), copy.source),
            (None, None) => {
                self.unknown += 1;
                return;
            }
        };
        let version = if entry.version.is_empty() { copy.as_ref().map_or("", |c| &c.version) } else { &entry.version };
        let verdict = match self.verdicts.get(license.unwrap_or_default()) {
            Some(verdict) => verdict,
            None => self.verdicts.entry(license.unwrap_or_default().to_owned()).or_insert_with_key(|text| judge(text)),
        };
        let known = report::Known { ecosystem: kind.ecosystem, file_path: &file.path, entry, version, license, source };
        self.findings.extend(report::finding(&known, verdict));
    }

    fn outcome(self) -> Outcome {
        if self.manifests == 0 && self.skipped.is_empty() {
            return Outcome::not_applicable("no lock file or manifest of a known kind");
        }
        let Self { manifests, packages, unknown, skipped, findings, .. } = self;
        let reason = (unknown > 0).then(|| {
            format!(
                "{unknown} of {packages} packages in {manifests} manifests have no licence known here: \
                 their lock file states none and no installed copy was found"
            )
        });
        Outcome { status: skipped.is_empty().then_some(ScannerStatus::Ok), reason, findings, skipped, ..Outcome::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `"name@version line"` of each entry of a manifest.
    fn read(name: &str, text: &str) -> Vec<String> {
        let entries = (manifests::kind(name).unwrap().parse)(text).unwrap();
        entries
            .iter()
            .filter(|e| e.role == Role::Foreign)
            .map(|e| format!("{}@{} {}", e.name, e.version, e.line.unwrap_or(0)))
            .collect()
    }

    #[test]
    fn manifests_and_lines() {
        assert_eq!(
            read(
                "package-lock.json",
                "{\"dependencies\": {\n\"a\": {\"version\": \"1\", \"requires\": {\"x\": \"1\"},\n\"dependencies\": {\n\"b\": {\"version\": \"2\"}}},\n\"c\": {\"version\": \"npm:d@3\"}}}"
            ),
            ["a@1 2", "b@2 4", "d@3 5"]
        );
        assert_eq!(
            read(
                "package-lock.json",
                "{\"packages\": {\n\"\": {},\n\"node_modules/a\": {\"version\": \"1\"},\n\"packages/w\": {},\n\"node_modules/w\": {\"link\": true},\n\"node_modules/a/node_modules/@s/b\": {\"version\": \"2\"}}}"
            ),
            ["a@1 3", "@s/b@2 6"]
        );
        assert_eq!(
            read(
                "composer.lock",
                "{\"packages\": [\n{\"name\": \"v/a\", \"version\": \"1\"},\n{\n\"name\": \"v/b\"}],\n\"packages-dev\": [{\"name\": \"v/c\"}]}"
            ),
            ["v/a@1 2", "v/b@ 4", "v/c@ 5"]
        );
        assert_eq!(
            read(
                "requirements.txt",
                "# x\na==1.0 ; python_version>'3' # c\nb[x]>=2\n-r o.txt\n./p\nc==1.0 \\\n  --hash=sha256:0\n"
            ),
            ["a@1.0 2", "b@ 3", "c@1.0 6"]
        );
    }

    #[test]
    fn nested_names_do_not_multiply() {
        let long = "n".repeat(2000);
        let text = format!(
            "{{\"dependencies\": {{\"{long}\": {{\"dependencies\": {{\n\"a\": {{}}}}}},\n\"b\": {{\"version\": \"1\"}}}}}}"
        );
        let entries = manifests::kind("package-lock.json").map(|k| (k.parse)(&text).unwrap()).unwrap();
        assert_eq!(entries.iter().map(|e| e.installed.len()).collect::<Vec<_>>(), [0, 0, 1]);
        assert_eq!(entries[2].line, Some(3));
    }

    #[test]
    fn folders() {
        assert_eq!(folders_above("a/b/c").collect::<Vec<_>>(), ["a/b", "a", ""]);
        assert_eq!(folders_above("c").collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn hostile_text_gives_an_error_or_nothing() {
        let names = [
            "package-lock.json",
            "package.json",
            "composer.lock",
            "Pipfile.lock",
            "yarn.lock",
            "pnpm-lock.yaml",
            "Cargo.lock",
            "go.mod",
            "uv.lock",
        ];
        let deep = format!("{{\"packages\":{}", "[".repeat(5000));
        for name in names {
            let parse = manifests::kind(name).unwrap().parse;
            for text in [
                "",
                "{",
                "[]",
                "null",
                "{\"packages\": 3}",
                "\u{0}",
                "packages:\n  :\n  a:\n",
                "@:\n@@:\n",
                "[[package]]\nname = \n",
                "require (\n)",
                &deep,
            ] {
                let _ = parse(text).map_err(|why| assert!(why.starts_with("not readable: ") && !why.contains('\n'), "{why}"));
            }
        }
    }

    proptest::proptest! {
        /// No statement makes the judgement panic, and what is read as SPDX is read the same again.
        #[test]
        fn any_statement_is_judged(parts in proptest::collection::vec(proptest::sample::select(
            vec!["MIT", "gpl-3.0+", "GPLv3", "AND", " or ", "WITH", "(", ")", "/", ",", "LLVM-exception", "LicenseRef-x", "BSD", "é", " ", "+", "::"]), 0..14)) {
            let verdict = judge(&parts.join(" "));
            if let Some(spdx) = &verdict.spdx {
                proptest::prop_assert_eq!(judge(spdx), verdict.clone());
            }
        }

        /// No manifest makes a reader panic, and the lines of entries exist.
        #[test]
        fn any_manifest_is_read(parts in proptest::collection::vec(proptest::sample::select(vec![
            "packages", ":", "{", "}", "[", "]", "\"packages\"", "\"dependencies\"", "\"name\"", "\"a\"", ",", "\n", "  ", "    ", "@", "/a@1", "name = \"x\"",
            "[[package]]", "source", "require (", "a v1", "==", "\\", "\"", "GEM\n", "    x (1)"]), 0..24)) {
            let text = parts.concat();
            let lines = text.split('\n').count();
            for name in ["package-lock.json", "package.json", "composer.lock", "Pipfile.lock", "yarn.lock", "pnpm-lock.yaml", "Cargo.lock", "go.mod", "uv.lock", "Gemfile.lock", "requirements.txt"] {
                for entry in (manifests::kind(name).unwrap().parse)(&text).unwrap_or_default() {
                    proptest::prop_assert!(entry.line.is_none_or(|l| l >= 1 && l as usize <= lines), "{} {:?}", name, entry);
                }
            }
        }
    }
}
