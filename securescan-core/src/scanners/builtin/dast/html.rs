//! The tags of a page that the checks look at. One pass, no tree: enough to see what is loaded from where.

/// A tag with its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    /// Lower case.
    pub name: String,
    /// Lower-case names and values with the common entities resolved.
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// The first value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Whether a list-like attribute holds a word, in any case.
    pub(super) fn has_word(&self, name: &str, word: &str) -> bool {
        self.get(name).is_some_and(|value| value.split_ascii_whitespace().any(|w| w.eq_ignore_ascii_case(word)))
    }
}

/// Tags that are of interest; others are passed over.
const WANTED: &[&str] =
    &["script", "link", "iframe", "frame", "img", "audio", "video", "source", "object", "embed", "form", "input", "meta", "base"];

/// More tags or attributes of one tag are not read.
const MAX_TAGS: usize = 20_000;
const MAX_ATTRIBUTES: usize = 64;

/// The tags of a page, in order.
pub(super) fn tags(page: &str) -> Vec<Tag> {
    let (mut out, mut rest) = (Vec::new(), page);
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if let Some(comment) = rest.strip_prefix("!--") {
            let Some((_, after)) = comment.split_once("-->") else { break };
            rest = after;
            continue;
        }
        let end = rest.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let name = name.to_ascii_lowercase();
        let (attributes, after) = attributes(after);
        rest = after;
        if matches!(name.as_str(), "script" | "style" | "textarea" | "title" | "noscript" | "template") {
            rest = past_raw_text(rest, &name);
        }
        if WANTED.contains(&name.as_str()) {
            out.push(Tag { name, attributes });
            if out.len() >= MAX_TAGS {
                break;
            }
        }
    }
    out
}

/// What follows `</name`; for a script that never ends, nothing.
fn past_raw_text<'a>(text: &'a str, name: &str) -> &'a str {
    if matches!(name, "noscript" | "template") {
        return text;
    }
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|t| t.find("</")) {
        let start = at + found + 2;
        if text.get(start..start + name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name)) {
            return text.get(start..).unwrap_or_default();
        }
        at = start;
    }
    ""
}

/// The attributes up to `>`, and what follows it.
fn attributes(mut rest: &str) -> (Vec<(String, String)>, &str) {
    let mut out = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return (out, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (out, after);
        }
        let start = usize::from(rest.starts_with('='));
        let stop = |c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/');
        let end = rest.get(start..).and_then(|r| r.find(stop)).map_or(rest.len(), |at| at + start);
        let (name, after) = rest.split_at(end);
        rest = after.trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            (value, rest) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inner = after.get(1..).unwrap_or_default();
                    inner.split_once(quote).unwrap_or((inner, ""))
                }
                _ => after.split_at(after.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(after.len())),
            };
        }
        if out.len() < MAX_ATTRIBUTES {
            let value: String = value.chars().take(8192).collect();
            out.push((name.to_ascii_lowercase(), resolved(&value)));
        }
    }
}

fn resolved(value: &str) -> String {
    if !value.contains('&') {
        return value.to_owned();
    }
    let value = value.replace("&quot;", "\"").replace("&#34;", "\"").replace("&#39;", "'").replace("&apos;", "'");
    value.replace("&#x2F;", "/").replace("&#47;", "/").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::tags;

    #[test]
    fn sees_tags_and_only_tags() {
        let page = r#"<!doctype html><TITLE><script src=no></TITLE><!-- <script src=no> -->
            <script SRC = 'https://a/x.js' async integrity="sha384-x">if (a<b) document.write("<img src=no>")</script  >
            <img src=http://b/i.png/><a href=x><link rel="preload StyleSheet" href="//c/&amp;s">< script><input type=password"#;
        let found = tags(page);
        let names: Vec<_> = found.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["script", "img", "link", "input"]);
        assert_eq!((found[0].get("src"), found[0].get("integrity")), (Some("https://a/x.js"), Some("sha384-x")));
        assert_eq!(found[1].get("src"), Some("http://b/i.png/"));
        assert!(found[2].has_word("rel", "stylesheet") && found[2].get("href") == Some("//c/&s"));
        assert_eq!(found[3].get("type"), Some("password"));
    }

    #[test]
    fn ends_on_anything() {
        for page in [
            "<",
            "<a",
            "<script",
            "<script>",
            "<img =",
            "<img ==>",
            "<img a=\"",
            "<!--",
            "<img a='x' 'y",
            "<script></scrip",
            "<img \u{e9}=\u{e9}>",
        ] {
            assert!(tags(page).len() <= 1, "{page}");
        }
        let deep = "<img a=".repeat(20_000);
        assert!(tags(&deep).len() <= 20_000);
    }

    proptest::proptest! {
        #[test]
        fn never_fails(page in r#"(<|>|/|=|"|'|!--|-->|script|img|src| |é|a){0,200}"#) {
            proptest::prop_assert!(tags(&page).len() <= page.len());
        }
    }
}
