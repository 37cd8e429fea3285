//! XML as text: elements indented, everything inside escaped. Knows nothing of findings.

use crate::render::escape;
use std::fmt::Write;

/// The document while it grows.
pub(super) struct Document {
    text: String,
    depth: usize,
    open: bool,
}

/// The element around everything.
const ROOT: &str = "testsuites";

impl Document {
    pub(super) fn new() -> Self {
        let mut document = Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), depth: 0, open: false };
        document.start(ROOT, &[]);
        document
    }

    /// Opens an element.
    pub(super) fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.close_tag();
        self.tag(name, attributes);
        self.open = true;
        self.depth += 1;
    }

    /// Closes the element opened last, by its name.
    pub(super) fn end(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        if std::mem::take(&mut self.open) {
            self.text.push_str("/>\n");
        } else {
            self.indent();
            let _ = writeln!(self.text, "</{name}>");
        }
    }

    /// An element that holds text alone, as it is.
    pub(super) fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.close_tag();
        self.tag(name, attributes);
        if text.is_empty() {
            self.text.push_str("/>\n");
        } else {
            let _ = writeln!(self.text, ">{}</{name}>", escaped(&escape::lines(text)));
        }
    }

    /// The finished document.
    pub(super) fn finish(mut self) -> String {
        self.end(ROOT);
        self.text
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        let _ = write!(self.text, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.text, " {key}=\"{}\"", escaped(&escape::line(value)));
        }
    }

    fn close_tag(&mut self) {
        if std::mem::take(&mut self.open) {
            self.text.push_str(">\n");
        }
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n("  ", self.depth));
    }
}

/// Text for content and attributes. Characters that XML 1.0 has not become U+FFFD (control characters already are).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_nest_and_text_is_text() {
        let mut document = Document::new();
        document.start("a", &[("x", "1\n\"<2>\"")]);
        document.leaf("b", &[], "]]> \0\u{ffff}\u{1b} <c/>");
        document.end("a");
        document.start("empty", &[]);
        document.end("empty");
        let want = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <a x=\"1 &quot;&lt;2&gt;&quot;\">\n    \
                    <b>]]&gt; \u{fffd}\u{fffd}\u{fffd} &lt;c/&gt;</b>\n  </a>\n  <empty/>\n</testsuites>\n";
        assert_eq!(document.finish(), want);
    }
}
