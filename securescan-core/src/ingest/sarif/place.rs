//! URIs, base URIs and regions as the paths, endpoints and lines of findings.

use super::wire::{Artifact, BaseId, Region};
use crate::ingest::locate;
use crate::ingest::report::{Report, Stop};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a location names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Nothing.
    Nowhere,
    /// A file.
    File(String),
    /// An address on the web.
    Url(String),
    /// A package.
    Purl(String),
}

/// What a base URI comes to.
#[derive(Debug, Default)]
struct Base {
    /// The `file:` URI or absolute path it starts from.
    absolute: Option<String>,
    /// The relative part behind that, with `/` at its end.
    prefix: String,
}

/// The files and bases of a run.
#[derive(Debug, Default)]
pub(super) struct Places {
    artifacts: Vec<Artifact>,
    bases: BTreeMap<String, Base>,
    /// Whether the tool writes paths relative to the folder it runs in.
    working_folder: bool,
}

/// What tools write when there is no file.
const NO_FILE: &[&str] = &["no-file-associated", "no file associated with this alert", "unknown", "n/a"];

impl Places {
    pub(super) fn new(artifacts: Vec<Artifact>, bases: &BTreeMap<String, BaseId>) -> Self {
        Self { artifacts, bases: bases.keys().map(|name| (name.clone(), base(name, bases))).collect(), working_folder: false }
    }

    /// The same, of this scanner.
    pub(super) fn of(mut self, scanner: &str) -> Self {
        self.working_folder = scanner == "kics";
        self
    }

    /// What a location names.
    ///
    /// # Errors
    /// Quarantines a path that climbs out of the root.
    pub(super) fn resolve(&self, artifact: &Artifact, report: &Report<'_>) -> Result<Target, Stop> {
        let known = || artifact.index.and_then(|index| self.artifacts.get(index as usize));
        let found = if artifact.uri.is_some() { Some(artifact) } else { known() };
        let Some((uri, base)) = found.and_then(|a| Some((a.uri.as_deref()?.trim(), a.base.as_deref()))) else {
            return Ok(Target::Nowhere);
        };
        if NO_FILE.iter().any(|name| name.eq_ignore_ascii_case(uri)) {
            return Ok(Target::Nowhere);
        }
        if scheme(uri, "http:") || scheme(uri, "https:") {
            return Ok(Target::Url(uri.to_owned()));
        }
        if scheme(uri, "pkg:") {
            return Ok(Target::Purl(uri.to_owned()));
        }
        let path = if scheme(uri, "file:") || is_absolute(uri) {
            locate::file(Some(&spelled(uri)), report)?
        } else {
            self.relative(uri, base, report)?
        };
        Ok(path.map_or(Target::Nowhere, Target::File))
    }

    /// A relative URI stays relative, unless its base is a folder below the root that the caller named.
    fn relative(&self, uri: &str, base: Option<&str>, report: &Report<'_>) -> Result<Option<String>, Stop> {
        let uri = uri.strip_prefix("%SRCROOT%/").unwrap_or(uri);
        let Some(base) = base.and_then(|name| self.bases.get(name)) else {
            if self.working_folder {
                return locate::file_from_working_folder(Some(&locate::percent_decoded(uri)), report);
            }
            return locate::file(Some(&locate::percent_decoded(uri)), report);
        };
        let behind = format!("{}{uri}", base.prefix);
        if let (Some(absolute), Some(_)) = (&base.absolute, &report.options().root) {
            let joined = format!("{}/{behind}", absolute.trim_end_matches('/'));
            if let Ok(Some(path)) = locate::file(Some(&spelled(&joined)), report)
                && !is_absolute(&path)
            {
                return Ok(Some(path));
            }
        }
        locate::file(Some(&locate::percent_decoded(&behind)), report)
    }
}

/// Escapes are decoded by who reads `file:` URIs; a path must be decoded here.
fn spelled(uri: &str) -> Cow<'_, str> {
    if scheme(uri, "file:") { uri.into() } else { locate::percent_decoded(uri).into() }
}

fn scheme(uri: &str, scheme: &str) -> bool {
    uri.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// Whether a path starts at a root or a drive.
fn is_absolute(path: &str) -> bool {
    matches!(path.as_bytes(), [b'/' | b'\\', ..] | [b'A'..=b'Z' | b'a'..=b'z', b':', b'/' | b'\\', ..])
}

/// Follows a base to where it starts; a base that is no path and no `file:` URI says nothing about paths.
fn base(name: &str, bases: &BTreeMap<String, BaseId>) -> Base {
    let (mut out, mut next) = (Base::default(), Some(name));
    // A chain longer than this is a ring.
    for _ in 0..16 {
        let Some(entry) = next.and_then(|name| bases.get(name)) else { return out };
        let uri = entry.uri.as_deref().unwrap_or_default().trim();
        if scheme(uri, "file:") || is_absolute(uri) {
            out.absolute = Some(uri.to_owned());
            return out;
        }
        if uri.contains(':') || uri.len() + out.prefix.len() > 4096 {
            return out;
        }
        let part = uri.trim_matches('/');
        if !part.is_empty() {
            out.prefix = format!("{part}/{}", out.prefix);
        }
        next = entry.base.as_deref();
    }
    Base::default()
}

/// The whole source lines of a region, where the report has them: out of the lines around it, or its own snippet if that is
/// no mere part of a line.
pub(super) fn source_lines(region: &Region, context: Option<&Region>) -> Option<String> {
    let first = region.start_line.filter(|line| *line > 0)?;
    let count = region.end_line.filter(|end| *end >= first).map_or(1, |end| end - first + 1) as usize;
    let snippet = region.snippet.text.as_deref();
    let inside = context.and_then(|context| {
        let before = first.checked_sub(context.start_line.filter(|line| *line > 0)?)? as usize;
        let lines: Vec<&str> = context.snippet.text.as_deref()?.lines().skip(before).take(count).collect();
        let told = snippet.and_then(|s| s.lines().next()).unwrap_or_default().trim();
        (lines.len() == count && lines.first()?.contains(told)).then(|| lines.join("\n"))
    });
    inside.or_else(|| {
        snippet.filter(|text| is_whole(text, region, count)).map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
    })
}

/// Whether a snippet is whole lines. A part of a line begins where the region does, at something that is no space.
fn is_whole(text: &str, region: &Region, lines: usize) -> bool {
    let column = region.start_column.filter(|column| *column > 0);
    let last = region.end_column.filter(|column| *column > 0);
    if text.trim_end().lines().count() > lines {
        return false;
    }
    match column {
        _ if text.ends_with('\n') => true,
        None => last.is_none() || text.starts_with([' ', '\t']),
        Some(1) => last.is_none(),
        Some(column) => {
            let width = text.chars().count();
            let part = last.map(|last| last.saturating_sub(column) as usize) == Some(width);
            let reaches = lines == 1 && last.is_some_and(|last| width + 1 >= last as usize);
            !part && (text.starts_with([' ', '\t']) || reaches)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(start: (u32, u32), end: (u32, u32), text: &str) -> Region {
        let set = |n: u32| (n > 0).then_some(n);
        let mut region = Region {
            start_line: set(start.0),
            start_column: set(start.1),
            end_line: set(end.0),
            end_column: set(end.1),
            ..Region::default()
        };
        region.snippet.text = Some(text.to_owned()).filter(|t| !t.is_empty());
        region
    }

    #[test]
    fn whole_lines_only() {
        for (what, region, want) in [
            ("a line with its end", region((4, 1), (4, 14), "import pickle\n"), Some("import pickle")),
            ("a token", region((5, 19), (5, 22), "md5"), None),
            ("an indented line", region((6, 5), (0, 18), "    char buf[16];"), Some("    char buf[16];")),
            ("from the first column", region((1, 1), (0, 10), "x = eval(y)"), None),
            ("a block without its indent", region((7, 9), (9, 57), "uses: x\n  with:\n    y"), None),
            (
                "a line before the token",
                region((15, 26), (15, 46), "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE"),
                Some("export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE"),
            ),
            ("no columns", region((2, 0), (2, 0), "x"), Some("x")),
            ("no line", region((0, 0), (0, 0), "x\n"), None),
        ] {
            assert_eq!(source_lines(&region, None).as_deref(), want, "{what}");
        }
        let around = region((3, 0), (5, 0), "import os\nimport pickle\nimport sqlite3\n");
        assert_eq!(source_lines(&region((4, 8), (4, 14), "pickle"), Some(&around)).as_deref(), Some("import pickle"));
        assert_eq!(source_lines(&region((9, 8), (9, 14), "pickle"), Some(&around)), None);
    }

    #[test]
    fn bases_are_followed() {
        let entry = |uri: &str, base: Option<&str>| BaseId { uri: Some(uri.to_owned()), base: base.map(str::to_owned) };
        let bases: BTreeMap<String, BaseId> = [
            ("ROOT".to_owned(), entry("file:///build/", None)),
            ("SRC".to_owned(), entry(" src/", Some("ROOT"))),
            ("A".to_owned(), entry("a/", Some("B"))),
            ("B".to_owned(), entry("b/", Some("A"))),
            ("ODD".to_owned(), entry("::::::/", None)),
        ]
        .into();
        let src = base("SRC", &bases);
        assert_eq!((src.absolute.as_deref(), src.prefix.as_str()), (Some("file:///build/"), "src/"));
        assert_eq!(base("A", &bases).prefix, "");
        assert_eq!(base("ODD", &bases).prefix, "");
    }
}
