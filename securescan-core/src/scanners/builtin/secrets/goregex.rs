//! Regexes as Go writes them, for rule files of other tools.
//!
//! Most of it reads the same. What differs: in a class, `[`, `&&`, `--` and `~~` are plain characters in Go and operators
//! here; `\<` and `\>` are plain; `\Q…\E` quotes. `\z` and `(?P<name>…)` are known on both sides.

/// Rewrites a Go pattern so that it means the same here.
pub(super) fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    let mut class_start = false;
    while let Some(first) = rest.chars().next() {
        let tail = rest.get(first.len_utf8()..).unwrap_or_default();
        if first == '\\' {
            rest = escape(tail, &mut out);
            class_start = false;
            continue;
        }
        let second = tail.chars().next();
        match (in_class, first) {
            (false, '[') => {
                in_class = true;
                class_start = true;
                out.push('[');
                rest = tail;
                if let Some(inner) = tail.strip_prefix('^') {
                    out.push('^');
                    rest = inner;
                }
                continue;
            }
            (true, ']') if class_start => out.push_str("\\]"),
            (true, ']') => {
                in_class = false;
                out.push(']');
            }
            (true, '[') if second == Some(':') => {
                let end = tail.find(":]").map_or(tail.len(), |i| i + 2);
                out.push('[');
                out.push_str(tail.get(..end).unwrap_or_default());
                rest = tail.get(end..).unwrap_or_default();
                class_start = false;
                continue;
            }
            (true, '[') => out.push_str("\\["),
            (true, '&' | '~') if second == Some(first) => {
                out.push('\\');
                out.push(first);
            }
            (true, '-') if second == Some('-') => out.push_str("\\-"),
            _ => out.push(first),
        }
        class_start = false;
        rest = tail;
    }
    out
}

/// Copies one escape; gives what follows it.
fn escape<'a>(tail: &'a str, out: &mut String) -> &'a str {
    let Some(escaped) = tail.chars().next() else {
        out.push('\\');
        return tail;
    };
    let after = tail.get(escaped.len_utf8()..).unwrap_or_default();
    match escaped {
        'Q' => {
            let end = after.find("\\E").unwrap_or(after.len());
            out.push_str(&regex::escape(after.get(..end).unwrap_or_default()));
            after.get(end..).unwrap_or_default().trim_start_matches("\\E")
        }
        '<' | '>' => {
            out.push(escaped);
            after
        }
        _ => {
            out.push('\\');
            out.push(escaped);
            after
        }
    }
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn differences() {
        for (go, ours) in [
            (r"a[[]b", r"a[\[]b"),
            (r"[a&&b]", r"[a\&&b]"),
            (r"[[:alpha:]_]", r"[[:alpha:]_]"),
            (r"[]a]", r"[\]a]"),
            (r"[^]a]", r"[^\]a]"),
            (r"\Qa.b\E+", r"a\.b+"),
            (r"\<x\>", r"<x>"),
            (r"(?P<n>x)\z", r"(?P<n>x)\z"),
            (r"[\w.-]{2,3}", r"[\w.-]{2,3}"),
        ] {
            assert_eq!(translate(go), ours);
            assert!(regex::bytes::Regex::new(&translate(go)).is_ok(), "{go}");
        }
    }
}
