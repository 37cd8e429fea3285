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

/// Docstrings and strings whose name speaks of documentation, of more than one line, in order.
fn triple_quoted(text: &[u8]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut open: Option<(usize, u8, bool)> = None;
    let mut skip = 0;
    for at in memchr::memchr2_iter(b'"', b'\'', text) {
        let Some(quote) = text.get(at).copied() else { break };
        if at < skip || text.get(at..at + 3) != Some(&[quote; 3]) {
            continue;
        }
        match open {
            None => match opener(text, at) {
                Some(documents) => open = Some((at, quote, documents)),
                None => continue,
            },
            Some((start, kind, documents)) if kind == quote => {
                if documents && memchr::memchr(b'\n', text.get(start..at).unwrap_or_default()).is_some() {
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

/// Whether quotes at an offset open a string, and if so whether it documents: it stands alone, or is assigned to a name like
/// `EXAMPLES`. Quotes inside another string, as in `'"""'`, open nothing.
fn opener(text: &[u8], at: usize) -> Option<bool> {
    let low = at.saturating_sub(256);
    let before = text.get(low..at)?;
    let before = before.rsplit(|b| *b == b'\n').next()?.trim_ascii();
    let letters = before.iter().rev().take_while(|b| matches!(b, b'r' | b'R' | b'u' | b'U' | b'b' | b'B' | b'f' | b'F')).count();
    let bare = before.get(..before.len() - letters.min(2))?.trim_ascii_end();
    match bare.last() {
        None => Some(true),
        Some(b'=' | b'(' | b',' | b'+' | b':' | b'[' | b'{') => {
            let lower = bare.to_ascii_lowercase();
            Some(
                ["doc", "example", "usage", "help", "epilog"]
                    .iter()
                    .any(|w| memchr::memmem::find(&lower, w.as_bytes()).is_some()),
            )
        }
        Some(_) => before.ends_with(b"return").then_some(false),
    }
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
        let text = b"q = '\"\"\"'\na = 1\nCONFIG = \"\"\"\nb\n\"\"\"\nEXAMPLES = r\"\"\"\ne\n\"\"\"";
        let docs = Docs::new("a.py");
        let at = |what: &[u8]| docs.hold(text, memchr::memmem::find(text, what).unwrap());
        assert_eq!((at(b"a = "), at(b"b\n"), at(b"e\n")), (false, false, true));
        let docs = Docs::new("a.js");
        assert!(docs.hold(b"/**\n * a\n */", 7) && !docs.hold(b"// a", 3) && !docs.hold(b"a * b", 4));
    }
}
