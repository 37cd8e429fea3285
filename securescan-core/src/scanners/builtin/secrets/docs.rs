//! Documentation inside code: Python's triple-quoted strings and documentation comments. What stands there is nearly always
//! an example, so weak rules are silent in it and others say so.

use super::text::line_around;
use std::cell::OnceCell;
use std::ops::Range;

/// The documentation of one text, found when first asked for.
#[derive(Debug, Default)]
pub(super) struct Docs {
    python: bool,
    strings: OnceCell<Vec<Range<usize>>>,
}

impl Docs {
    pub(super) fn new(path: &str) -> Self {
        Self { python: path.ends_with(".py") || path.ends_with(".pyi"), strings: OnceCell::new() }
    }

    /// Whether an offset lies in documentation.
    pub(super) fn hold(&self, text: &[u8], offset: usize) -> bool {
        if self.python {
            let strings = self.strings.get_or_init(|| triple_quoted(text));
            let before = strings.partition_point(|range| range.start <= offset);
            return before.checked_sub(1).and_then(|i| strings.get(i)).is_some_and(|range| offset < range.end);
        }
        let line = line_around(text, offset).trim_ascii_start();
        [&b"* "[..], b"/// ", b"//! ", b"/** "].iter().any(|mark| line.starts_with(mark))
    }
}

/// Triple-quoted strings of more than one line, in order. Comments and other strings are not told apart: good enough for a hint.
fn triple_quoted(text: &[u8]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut open: Option<(usize, u8)> = None;
    let mut skip = 0;
    for at in memchr::memchr2_iter(b'"', b'\'', text) {
        let Some(quote) = text.get(at).copied() else { break };
        if at < skip || text.get(at..at + 3) != Some(&[quote; 3]) {
            continue;
        }
        match open {
            None => open = Some((at, quote)),
            Some((start, kind)) if kind == quote => {
                if memchr::memchr(b'\n', text.get(start..at).unwrap_or_default()).is_some() {
                    out.push(start..at + 3);
                }
                open = None;
            }
            Some(_) => continue,
        }
        skip = at + 3;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_and_comments() {
        let text = b"a\n\"\"\"\nb\n\"\"\"\nc = \"\"\"x\"\"\"\n'''\nd'''";
        let docs = Docs::new("a.py");
        let at = |c: u8| docs.hold(text, text.iter().position(|b| *b == c).unwrap());
        assert_eq!((at(b'a'), at(b'b'), at(b'c'), at(b'x'), at(b'd')), (false, true, false, false, true));
        let docs = Docs::new("a.js");
        assert!(docs.hold(b"/**\n * a\n */", 7) && !docs.hold(b"// a", 3) && !docs.hold(b"a * b", 4));
    }
}
