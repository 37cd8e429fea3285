//! The outline of a document, for telling report formats apart without parsing them.
//!
//! A tokenizer without recursion over the first mebibyte. It tolerates malformed documents: the parser that is chosen
//! words the error.

use std::collections::{BTreeMap, BTreeSet};

/// What a document is at its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Top {
    /// A JSON array.
    Array,
    /// A JSON object.
    Object,
    /// An XML document.
    Xml,
    /// Something else: lines of text.
    Text,
}

/// The outline of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape<'a> {
    /// What it is.
    pub top: Top,
    /// JSON: the places that have a value, as keys joined by `.` with lists left out, to a depth of four; of every item that
    /// lies in the first mebibyte. Escapes are not decoded. XML: the names of its elements, the outermost first.
    places: BTreeSet<String>,
    /// JSON: the first text at a place. XML: the attributes of the outermost element.
    texts: BTreeMap<String, &'a str>,
    /// JSON: the places that are null, or a list with a null in it.
    nulls: BTreeSet<String>,
    /// XML: the name of the outermost element.
    root: &'a str,
    /// The document's first line.
    line: &'a str,
    /// Whether a JSON array has no item, or none that is an object.
    bare: bool,
    /// Whether a JSON array has an item that is an array.
    rows: bool,
}

const MAX_PLACES: usize = 2000;
const MAX_DEPTH: usize = 5;

/// How much stands before the document itself: log lines before a line that begins a JSON or XML document. Looked for in
/// the first 64 KiB; zero when the text begins a document.
pub(super) fn banner(text: &str) -> usize {
    let begins = |line: &str| matches!(line.trim_start().as_bytes().first(), Some(b'{' | b'[' | b'<'));
    if begins(text.trim_start()) {
        return 0;
    }
    let mut at = 0;
    for line in text.get(..text.floor_char_boundary(64 << 10)).unwrap_or(text).split_inclusive('\n') {
        // A log line may begin with `[INFO]`; a document's first line has nothing but the bracket, or a key after it.
        let trimmed = line.trim();
        let opens = matches!(trimmed, "{" | "[" | "[{")
            || trimmed.starts_with("{\"")
            || trimmed.starts_with("[{")
            || trimmed.starts_with("<?xml");
        if at > 0 && opens {
            return at;
        }
        at += line.len();
    }
    0
}

impl<'a> Shape<'a> {
    /// Outlines a text.
    pub fn of(text: &'a str) -> Self {
        let start = text.trim_ascii_start();
        let line = start.lines().next().unwrap_or_default();
        let (places, texts, root) = (BTreeSet::new(), BTreeMap::new(), "");
        let mut shape = Self {
            top: Top::Text,
            places,
            texts,
            nulls: BTreeSet::new(),
            root,
            line: line.get(..line.floor_char_boundary(4096)).unwrap_or(line),
            bare: true,
            rows: false,
        };
        match start.as_bytes().first() {
            Some(b'{') => shape.top = Top::Object,
            Some(b'[') => shape.top = Top::Array,
            Some(b'<') => shape.top = Top::Xml,
            _ => return shape,
        }
        if shape.top == Top::Xml {
            shape.xml(start)
        } else {
            shape.json(start)
        }
        shape
    }

    /// Whether there is a value at a place, or an element of a name.
    pub fn has(&self, place: &str) -> bool {
        self.places.contains(place)
    }

    /// Whether there is a value at each of these places.
    pub fn has_all(&self, places: &[&str]) -> bool {
        places.iter().all(|place| self.has(place))
    }

    /// Whether there is a value at any of these places.
    pub fn has_any(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.has(place))
    }

    /// Whether some entry of the object at a place has a field of a name, for objects whose keys are data.
    pub fn has_under(&self, place: &str, field: &str) -> bool {
        let below = self.places.range(place.to_owned()..).take_while(|p| p.starts_with(place));
        let mut inside = below.filter_map(|p| p.get(place.len()..)?.strip_prefix('.')?.strip_suffix(field));
        inside.any(|between| between.len() > 1 && between.ends_with('.'))
    }

    /// The first text at a place, or an attribute of the outermost XML element.
    pub fn text(&self, place: &str) -> Option<&'a str> {
        self.texts.get(place).copied()
    }

    /// Whether a JSON object has one key, of this name, and null for it.
    pub fn is_only_null(&self, key: &str) -> bool {
        self.top == Top::Object && self.places.len() == 1 && self.nulls.contains(key)
    }

    /// The name of the outermost XML element, without prefix.
    pub fn root(&self) -> &'a str {
        self.root
    }

    /// The first line, at most 4096 bytes.
    pub fn first_line(&self) -> &'a str {
        self.line
    }

    /// Whether it is a JSON array without any object in it.
    pub fn is_bare_array(&self) -> bool {
        self.top == Top::Array && self.bare
    }

    /// Whether it is a JSON array of arrays with some text in them and no object.
    pub fn is_list_of_rows(&self) -> bool {
        self.is_bare_array() && self.rows && self.text("").is_some()
    }

    /// Whether it is a JSON object with this key alone, and no object in it.
    pub fn is_only(&self, key: &str) -> bool {
        self.top == Top::Object && self.places.len() == 1 && self.has(key)
    }

    /// Whether it is a JSON object without any key.
    pub fn is_bare_object(&self) -> bool {
        self.top == Top::Object && self.places.is_empty()
    }

    fn json(&mut self, text: &'a str) {
        let bytes = text.as_bytes();
        // One entry a bracket: whether it is an object, and how long the place was before it.
        let mut open: Vec<(bool, usize)> = Vec::new();
        let mut place = String::new();
        let (mut at, mut expect_key) = (0usize, false);
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'{' | b'[' => {
                    self.bare &= byte != b'{' || self.top == Top::Object;
                    self.rows |= byte == b'[' && open.len() == 1;
                    open.push((byte == b'{', place.len()));
                    expect_key = byte == b'{';
                    if open.len() > 10_000 {
                        return;
                    }
                }
                b'}' | b']' => {
                    let Some((_, length)) = open.pop() else { return };
                    place.truncate(length);
                    expect_key = false;
                    // Documents one after the other are outlined together.
                    if open.is_empty() && self.top == Top::Array {
                        return;
                    }
                }
                b',' => {
                    let object = open.last().is_some_and(|(object, _)| *object);
                    if let Some((true, length)) = open.last() {
                        place.truncate(*length);
                    }
                    expect_key = object;
                }
                b'"' => {
                    let Some(end) = string_end(bytes, at + 1) else { return };
                    let string = text.get(at + 1..end).unwrap_or_default();
                    let objects = open.iter().filter(|(object, _)| *object).count();
                    if expect_key {
                        expect_key = false;
                        if objects <= MAX_DEPTH {
                            let length = open.last().map_or(0, |(_, length)| *length);
                            place.truncate(length);
                            if !place.is_empty() {
                                place.push('.');
                            }
                            place.push_str(string.get(..string.floor_char_boundary(200)).unwrap_or_default());
                            if self.places.len() < MAX_PLACES {
                                self.places.insert(place.clone());
                            }
                        }
                    } else if objects <= MAX_DEPTH && string.len() <= 300 && self.texts.len() < MAX_PLACES {
                        self.texts.entry(place.clone()).or_insert(string);
                    }
                    at = end;
                }
                b'n' if bytes.get(at..at + 4) == Some(b"null") && self.nulls.len() < MAX_PLACES => {
                    self.nulls.insert(place.clone());
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn xml(&mut self, text: &'a str) {
        let mut rest = text;
        while let Some(open) = rest.find('<') {
            rest = rest.get(open + 1..).unwrap_or_default();
            if let Some(comment) = rest.strip_prefix("!--") {
                rest = comment.find("-->").map_or("", |end| comment.get(end..).unwrap_or_default());
                continue;
            }
            let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/').unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default();
            if name.is_empty() || name.starts_with(['?', '/']) {
                continue;
            }
            if name.starts_with('!') {
                // Keeps the page of an error apart from a report.
                if self.root.is_empty() && rest.get(..13).is_some_and(|d| d.eq_ignore_ascii_case("!DOCTYPE html")) {
                    self.root = "html";
                }
                continue;
            }
            let local = name.rsplit(':').next().unwrap_or(name);
            if self.root.is_empty() {
                self.root = local;
                self.attributes(rest.get(end..rest.find('>').unwrap_or(rest.len())).unwrap_or_default());
            }
            if self.places.len() < MAX_PLACES {
                self.places.insert(local.to_owned());
            }
        }
    }

    fn attributes(&mut self, mut text: &'a str) {
        while let Some((name, rest)) = text.split_once('=') {
            let rest = rest.trim_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return };
            let Some((value, after)) = rest.get(1..).and_then(|r| r.split_once(quote)) else { return };
            self.texts.insert(name.trim().to_owned(), value);
            text = after;
        }
    }
}

/// The index of the quote that closes the string whose content starts at `from`.
fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(found) == Some(&b'"') {
            return Some(found);
        }
        at = found + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines() {
        let shape = Shape::of(r#" {"a":{"x":[1,{"y":2}]},"b\"c":"}","d":1} trailing"#);
        assert_eq!(shape.top, Top::Object);
        assert_eq!(shape.places.iter().map(String::as_str).collect::<Vec<_>>(), ["a", "a.x", "a.x.y", "b\\\"c", "d"]);
        let shape = Shape::of(r#"[ {"k":"v"}, {"other":[{"z":2}], "k": "w"}]"#);
        assert!(shape.has_all(&["k", "other", "other.z"]) && shape.text("k") == Some("v") && !shape.is_bare_array());
        assert!(Shape::of("[1]").is_bare_array() && Shape::of("{}").is_bare_object());
        let lines = Shape::of("{\"type\":\"a\"}\n{\"data\":{\"x\":1}}");
        assert!(lines.has("data.x") && lines.text("type") == Some("a"));
        assert!(Shape::of("{\"results\": null}").is_only_null("results"));
        for other in ["{\"results\": []}", "{\"results\": null, \"x\": 1}", "[null]", "{\"x\": null}"] {
            assert!(!Shape::of(other).is_only_null("results"), "{other}");
        }
        assert_eq!(Shape::of("x").top, Top::Text);
        for broken in ["{", "{\"", "{\"a\\", "{\"a\\\"", "[{", "{{{{", "]", "<", "<a", "<!--", "<a b", "<a b='"] {
            let _ = Shape::of(broken);
        }
    }

    #[test]
    fn xml_outlines() {
        let shape = Shape::of(
            "<?xml version='1.0'?>\n<!-- <no/> -->\n<!DOCTYPE nmaprun>\n<p:nmaprun scanner=\"nmap\" v='1'><host/></p:nmaprun>",
        );
        assert_eq!((shape.top, shape.root(), shape.text("scanner")), (Top::Xml, "nmaprun", Some("nmap")));
        assert!(shape.has("host") && !shape.has("no"));
        assert_eq!(Shape::of("<!doctype HTML><p>").root(), "html");
    }

    #[test]
    fn banners() {
        assert_eq!(banner("{}"), 0);
        assert_eq!(banner("[INFO] hello\n[]"), 0, "it begins like a list");
        assert_eq!(banner("hello\n{\n}"), 6);
        assert_eq!(banner("hello\n[INFO] x\n[{\"a\":1}]"), 15);
        assert_eq!(banner("hello\nthere"), 0);
    }
}
