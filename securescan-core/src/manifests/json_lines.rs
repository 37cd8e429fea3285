//! The lines at which the members of chosen JSON objects and arrays stand, found in one pass over the text.

/// A step on the way from the top of a document to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// A member, by its key as written (escapes kept).
    Key(&'a str),
    /// An element of an array.
    Item,
}

/// Deeper documents give no lines. The JSON parser stops earlier.
const MAX_DEPTH: usize = 200;

/// An open bracket.
struct Open {
    is_array: bool,
    /// Steps that lead to it: what its members add is cut back to this length.
    base: usize,
}

/// Calls `at` with the path and the 1-based line of every member's key and every array element, in document order.
/// The text should be valid JSON; on other text the result is meaningless but the pass ends.
pub(crate) fn visit<'a>(text: &'a str, mut at: impl FnMut(&[Step<'a>], u32)) {
    let bytes = text.as_bytes();
    let mut path: Vec<Step<'a>> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut key: Option<(&'a str, u32)> = None;
    let mut line = 1u32;
    let mut i = 0;
    while let Some(&b) = bytes.get(i) {
        let in_array = open.last().is_some_and(|o| o.is_array);
        match b {
            b'\n' => line = line.saturating_add(1),
            b'"' => {
                let end = string_end(bytes, i + 1);
                if in_array {
                    path.push(Step::Item);
                    at(&path, line);
                    path.pop();
                } else {
                    key = Some((text.get(i + 1..end).unwrap_or_default(), line));
                }
                // Strings of valid JSON hold no line break; on other text the count must still be right.
                line = line.saturating_add(line_breaks(bytes.get(i..end)));
                i = end;
            }
            b':' if !in_array => {
                if let Some((raw, key_line)) = key.take() {
                    path.push(Step::Key(raw));
                    at(&path, key_line);
                }
            }
            b'{' | b'[' => {
                if in_array {
                    path.push(Step::Item);
                    at(&path, line);
                }
                open.push(Open { is_array: b == b'[', base: path.len() });
                if open.len() > MAX_DEPTH || path.len() > MAX_DEPTH {
                    return;
                }
            }
            b',' => path.truncate(open.last().map_or(0, |o| o.base)),
            b'}' | b']' => {
                open.pop();
                // Back in an object, the step of the member that holds the closed bracket stays until its comma.
                let keep = open.last().map_or(0, |o| if o.is_array { o.base } else { o.base + 1 });
                path.truncate(keep);
            }
            _ => {}
        }
        i += 1;
    }
}

fn line_breaks(bytes: Option<&[u8]>) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', bytes.unwrap_or_default()).count()).unwrap_or(0)
}

/// The index of the closing quote of a string that starts at `from`, or the end of the text.
fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut i = from;
    while let Some(rest) = bytes.get(i..) {
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(at) if rest.get(at) == Some(&b'"') => return i + at,
            Some(at) => i += at + 2,
            None => break,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<(String, u32)> {
        let mut out = Vec::new();
        visit(text, |path, line| {
            let text: Vec<_> = path.iter().map(|s| if let Step::Key(k) = s { *k } else { "[]" }).collect();
            out.push((text.join("."), line));
        });
        out
    }

    #[test]
    fn members_and_elements() {
        let text = "{\n \"a\": {},\n \"b\": {\"c\": [], \"d\": [{\"e\": 1},\n \"x\", 3, []]},\n \"f\\\"\": \"{}[]\"\n}";
        let expect = [
            ("a", 2),
            ("b", 3),
            ("b.c", 3),
            ("b.d", 3),
            ("b.d.[]", 3),
            ("b.d.[].e", 3),
            ("b.d.[]", 4),
            ("b.d.[]", 4),
            ("f\\\"", 5),
        ];
        assert_eq!(paths(text), expect.map(|(p, l)| (p.to_owned(), l)));
    }

    #[test]
    fn broken_text_ends() {
        for text in ["", "{", "}}}]]]", "\"", "\"\\", "[[[[", "{\"a\":", ",,,:::", "{\"a\" \"b\"}"] {
            paths(text);
        }
        paths(&"[".repeat(10_000));
    }
}
