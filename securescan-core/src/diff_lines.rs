//! Which lines of the head side a unified diff shows: where a comment on a change may stand.
//!
//! What belongs here: reading the text of `git diff`. What does not: making it, and choosing where a finding is shown.
//!
//! # Source
//! Spec 03, section 4. A hunk's own counts say how far it goes, so a removed `-- comment` or an added `++ b/x` is never taken for
//! the header of a file.

use std::collections::BTreeMap;

/// Consecutive head lines that stand below one another in the diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    first: u32,
    count: u32,
    position: u32,
    hunk: u32,
}

impl Run {
    fn end(self) -> u32 {
        self.first.saturating_add(self.count)
    }
}

/// The lines of one file that the diff shows. Units: lines are 1-based.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileLines {
    /// Ascending, as git writes hunks; one that goes back is left out.
    runs: Vec<Run>,
}

impl FileLines {
    fn run(&self, line: u32) -> Option<Run> {
        let after = self.runs.partition_point(|run| run.first <= line);
        self.runs.get(after.checked_sub(1)?).copied().filter(|run| line < run.end())
    }

    /// Whether the diff shows this line of the head side, added or as context.
    pub fn has(&self, line: u32) -> bool {
        self.run(line).is_some()
    }

    /// The offset of a line within the file's part of the diff, as older review APIs want it: the line below the first hunk
    /// header is 1, later headers count.
    pub fn position(&self, line: u32) -> Option<u32> {
        self.run(line).map(|run| run.position + (line - run.first))
    }

    /// The part of a range that starts at `first` and lies within the same hunk: its last line; `first` itself when the range is
    /// one line or goes backwards. None when `first` is not shown.
    pub fn last_of(&self, first: u32, last: u32) -> Option<u32> {
        let start = self.run(first)?;
        let after = self.runs.partition_point(|run| run.first <= last.max(first));
        let reach = self.runs.get(..after)?.iter().rev().find(|run| run.hunk <= start.hunk)?;
        Some(last.min(reach.end().saturating_sub(1)).max(first))
    }

    /// Every line with its position, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.runs.iter().flat_map(|run| (0..run.count).map(|at| (run.first + at, run.position + at)))
    }

    fn push(&mut self, line: u32, position: u32, hunk: u32) {
        match self.runs.last_mut() {
            Some(run) if line == run.end() && hunk == run.hunk && position == run.position + run.count => run.count += 1,
            Some(run) if line < run.end() => {}
            _ => self.runs.push(Run { first: line, count: 1, position, hunk }),
        }
    }
}

/// The lines a diff shows, by the path of the head side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiffLines {
    files: BTreeMap<String, FileLines>,
}

impl DiffLines {
    /// Reads what `git diff` wrote. Never fails: what is no diff shows no line. A file whose hunk header cannot be read shows
    /// the lines of its other hunks only. Linear in the text.
    pub fn read(diff: &[u8]) -> Self {
        let mut reader = Reader::default();
        for line in diff.split(|b| *b == b'\n') {
            reader.line(line);
        }
        reader.keep();
        Self { files: reader.files }
    }

    /// The lines of a file, by its path from the top of the repository, `/`-separated.
    pub fn file(&self, path: &str) -> Option<&FileLines> {
        self.files.get(path)
    }

    /// Every file that has a head side and lines to show, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &FileLines)> {
        self.files.iter().map(|(path, lines)| (path.as_str(), lines))
    }

    /// Whether nothing is shown.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// What is left of a hunk.
#[derive(Debug, Clone, Copy)]
enum Body {
    /// So many lines of each side, by the hunk's header.
    Counted { base: u32, head: u32 },
    /// A header that cannot be read: its lines count for positions, and none can be named.
    Unknown,
}

#[derive(Debug, Default)]
struct Reader {
    files: BTreeMap<String, FileLines>,
    path: Option<String>,
    lines: FileLines,
    /// Position of the next line of the diff, from the first hunk header on.
    position: u32,
    line: u32,
    hunk: u32,
    body: Option<Body>,
}

impl Reader {
    fn line(&mut self, text: &[u8]) {
        if self.body.is_some() && self.in_body(text) {
            return;
        }
        self.body = None;
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if text.starts_with(b"diff --git ") {
            self.keep();
        } else if let Some(name) = text.strip_prefix(b"+++ ") {
            self.keep();
            self.path = head_path(name);
        } else if text.starts_with(b"@@ ") {
            self.open(text);
        } else if text.starts_with(b"Binary files ") || text.starts_with(b"GIT binary patch") {
            self.path = None;
        }
    }

    /// Takes a line of the hunk; false when it is none, which ends the hunk.
    fn in_body(&mut self, text: &[u8]) -> bool {
        let kind = match text.first() {
            None | Some(b'\r') => b' ',
            Some(kind) => *kind,
        };
        let fits = match &mut self.body {
            Some(Body::Counted { base: 0, head: 0 }) | None => kind == b'\\',
            Some(Body::Counted { base, head }) => match kind {
                b' ' if *base > 0 && *head > 0 => {
                    *base -= 1;
                    *head -= 1;
                    true
                }
                b'+' if *head > 0 => {
                    *head -= 1;
                    true
                }
                b'-' if *base > 0 => {
                    *base -= 1;
                    true
                }
                _ => kind == b'\\',
            },
            Some(Body::Unknown) => matches!(kind, b' ' | b'+' | b'-' | b'\\'),
        };
        if !fits || kind == b'\\' {
            return fits;
        }
        if kind != b'-' && matches!(self.body, Some(Body::Counted { .. })) {
            if self.path.is_some() && self.line > 0 {
                self.lines.push(self.line, self.position, self.hunk);
            }
            self.line = self.line.saturating_add(1);
        }
        self.position = self.position.saturating_add(1);
        true
    }

    fn open(&mut self, header: &[u8]) {
        self.hunk = self.hunk.saturating_add(1);
        self.position = self.position.saturating_add(1);
        self.body = Some(Body::Unknown);
        if let Some((base, (start, head))) = std::str::from_utf8(header.get(3..).unwrap_or_default()).ok().and_then(counts) {
            self.line = start;
            self.body = Some(Body::Counted { base, head });
        }
    }

    /// Ends a file. One that comes twice is read from its last part.
    fn keep(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        if let Some(path) = self.path.take().filter(|_| !lines.runs.is_empty()) {
            self.files.insert(path, lines);
        }
        (self.position, self.line, self.hunk, self.body) = (0, 0, 0, None);
    }
}

/// `-a,b +c,d @@ …`: `b`, `c` and `d`; a count that is left out is 1.
fn counts(header: &str) -> Option<(u32, (u32, u32))> {
    let mut words = header.split(' ');
    let base = words.next()?.strip_prefix('-')?;
    let head = words.next()?.strip_prefix('+')?;
    if words.next()? != "@@" {
        return None;
    }
    let pair = |text: &str| -> Option<(u32, u32)> {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let head = pair(head)?;
    head.0.checked_add(head.1)?;
    Some((pair(base)?.1, head))
}

/// The path of a `+++` line as findings write it; none for a file that is gone.
fn head_path(name: &[u8]) -> Option<String> {
    let name = name.strip_suffix(b"\t").unwrap_or(name);
    let name = match name.strip_prefix(b"\"") {
        Some(quoted) => unquoted(quoted),
        None => name.to_vec(),
    };
    if name == b"/dev/null" {
        return None;
    }
    let path = name.strip_prefix(b"b/").unwrap_or(&name);
    Some(String::from_utf8(path.to_vec()).unwrap_or_else(|_| written(path)))
}

/// A path outside UTF-8 as findings write it: see [`crate::path::from_os`].
fn written(bytes: &[u8]) -> String {
    #[cfg(unix)]
    return crate::path::from_os(std::path::Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes)));
    #[cfg(not(unix))]
    return String::from_utf8_lossy(bytes).into_owned();
}

/// Undoes git's C quoting, from behind the opening quote to the closing one.
fn unquoted(quoted: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(quoted.len());
    let mut bytes = quoted.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => match bytes.next() {
                Some(digit @ b'0'..=b'7') => {
                    let mut value = u32::from(digit - b'0');
                    for _ in 0..2 {
                        let Some(next) = bytes.next_if(|b| matches!(b, b'0'..=b'7')) else { break };
                        value = value * 8 + u32::from(next - b'0');
                    }
                    out.push(u8::try_from(value & 0xff).unwrap_or(b'?'));
                }
                Some(letter) => out.push(escaped(letter)),
                None => break,
            },
            byte => out.push(byte),
        }
    }
    out
}

/// What a letter behind a backslash stands for.
fn escaped(letter: u8) -> u8 {
    match letter {
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use std::path::{Path, PathBuf};

    fn map(diff: &str, path: &str) -> Vec<(u32, u32)> {
        DiffLines::read(diff.as_bytes()).file(path).map(|f| f.iter().collect()).unwrap_or_default()
    }

    #[test]
    fn what_the_reference_reads() {
        let shared = std::env::var_os("SECURESCAN_SHARED")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
        let Ok(text) = std::fs::read_to_string(shared.join("vectors/diff_positions.json")) else {
            println!("skipped: the reference vectors are not here");
            return;
        };
        let set: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cases = set["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 15);
        for case in cases {
            let read = DiffLines::read(case["input"]["diff"].as_str().unwrap().as_bytes());
            let mut expected = case["expected"]["files"].clone();
            if case["id"] == "d6cc78a770a7" {
                // On purpose: the first header is garbage, so nobody knows which lines its hunk shows.
                expected["src/app.py"].as_object_mut().unwrap().retain(|line, _| line.len() == 2);
            }
            let files = read.files().map(|(path, lines)| {
                let lines = lines.iter().map(|(line, position)| (line.to_string(), position.into()));
                (path.to_owned(), serde_json::Value::Object(lines.collect()))
            });
            assert_eq!(serde_json::Value::Object(files.collect()), expected, "{}", case["id"]);
        }
    }

    #[test]
    fn lines_that_look_like_headers_are_lines() {
        let diff =
            "--- a/s.sql\n+++ b/s.sql\n@@ -1,3 +1,3 @@\n CREATE\n--- old comment\n+++ b/evil.py\n )\n@@ -9 +9 @@\n-a\n+b\n";
        assert_eq!(map(diff, "s.sql"), [(1, 1), (2, 3), (3, 4), (9, 7)]);
        assert_eq!(map(diff, "evil.py"), []);
    }

    #[test]
    fn names() {
        assert_eq!(map("+++ b/with space.py\t\n@@ -0,0 +1 @@\n+x\n", "with space.py"), [(1, 1)]);
        assert_eq!(map("+++ \"b/a\\tb\\\"\\303\\251\\\\\"\n@@ -0,0 +1 @@\n+x\n", "a\tb\"é\\"), [(1, 1)]);
        #[cfg(unix)]
        assert_eq!(map("+++ \"b/caf\\351\"\n@@ -0,0 +1 @@\n+x\n", "caf%E9"), [(1, 1)]);
    }

    #[test]
    fn ranges_stay_within_a_hunk() {
        let diff = "+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n@@ -9,2 +9,2 @@\n e\n f\n";
        let read = DiffLines::read(diff.as_bytes());
        let file = read.file("x").unwrap();
        assert_eq!(
            (file.last_of(1, 3), file.last_of(2, 10), file.last_of(9, 99), file.last_of(4, 5)),
            (Some(3), Some(3), Some(10), None)
        );
        assert_eq!((file.last_of(3, 1), file.last_of(1, u32::MAX), file.has(8), file.has(9)), (Some(3), Some(3), false, true));
    }

    #[test]
    fn hostile_text_is_read_once_and_never_fails() {
        for diff in [
            "@@ -1 +1 @@",
            "+++ ",
            "+++ \"",
            "+++ \"b/x\\",
            "+++ b/x\n@@ -1,99999999999 +1 @@\n+x",
            "+++ b/x\n@@ -0,0 +4294967295,9 @@\n+x\n+y\n+z",
            "+++ b/x\n@@ -5 +5 @@\n+a\n@@ -1 +1 @@\n+b",
        ] {
            let read = DiffLines::read(diff.as_bytes());
            assert!(read.files().all(|(_, lines)| lines.iter().count() <= 3), "{diff}");
        }
        let long = format!("+++ b/x\n@@ -1,200000 +1,200000 @@\n{}", "-a\n+b\n".repeat(200_000));
        assert_eq!(map(&long, "x").len(), 200_000);
    }
}
