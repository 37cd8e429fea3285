//! The outline of a JSON document, for telling report formats apart without parsing them.
//!
//! A tokenizer without recursion over the first mebibyte. It tolerates malformed documents: the parser that is chosen
//! words the error.

/// What a document is at its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Top {
    /// A JSON array.
    Array,
    /// A JSON object.
    Object,
    /// Something else.
    Other,
}

/// The outline of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape<'a> {
    /// What it is.
    pub top: Top,
    /// For an object its keys, for an array those of its first item if that is an object; in order, escapes not
    /// decoded, at most 64.
    pub keys: Vec<&'a str>,
}

const MAX_KEYS: usize = 64;
const MAX_BYTES: usize = 1 << 20;

impl<'a> Shape<'a> {
    /// Outlines a text.
    pub fn of(text: &'a str) -> Self {
        let start = text.trim_ascii_start();
        match start.as_bytes().first() {
            Some(b'{') => Self { top: Top::Object, keys: keys(start) },
            Some(b'[') => Self { top: Top::Array, keys: keys(start.get(1..).unwrap_or_default().trim_ascii_start()) },
            _ => Self { top: Top::Other, keys: Vec::new() },
        }
    }

    /// Whether it has a key.
    pub fn has(&self, key: &str) -> bool {
        self.keys.contains(&key)
    }
}

/// The keys of the object a text starts with, none when it starts with something else.
fn keys(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes().get(..MAX_BYTES).unwrap_or(text.as_bytes());
    let mut keys = Vec::new();
    if bytes.first() != Some(&b'{') {
        return keys;
    }
    let (mut depth, mut at, mut expect_key) = (0usize, 0usize, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                expect_key = depth == 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            b',' => expect_key = depth == 1,
            b'"' => {
                let Some(end) = string_end(bytes, at + 1) else { break };
                if expect_key {
                    keys.extend(text.get(at + 1..end));
                    expect_key = false;
                    if keys.len() == MAX_KEYS {
                        break;
                    }
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    keys
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
        assert_eq!((shape.top, shape.keys), (Top::Object, vec!["a", "b\\\"c", "d"]));
        assert_eq!(Shape::of(r#"[ {"k":1}, {"other":2}]"#).keys, ["k"]);
        assert_eq!(Shape::of("[1]"), Shape { top: Top::Array, keys: vec![] });
        assert_eq!(Shape::of("x").top, Top::Other);
        for broken in ["{", "{\"", "{\"a\\", "{\"a\\\"", "[{", "{{{{", "]"] {
            let _ = Shape::of(broken);
        }
    }
}
