//! The lines a finding is about: from its first to its last line, and on until the brackets opened there close.
//!
//! # Source
//! Identity specification, section 2.

use super::language::Language;
use super::{lexer, v1};
use crate::model::Finding;
use crate::source::LineIndex;
use std::borrow::Cow;
use std::cell::OnceCell;

/// A context never takes in more than this many lines …
const MAX_LINES: u32 = 20;
/// … or bytes.
const MAX_BYTES: usize = 4096;
/// A secret is masked in at most this much text before the limits above cut it.
const MAX_SECRET_BYTES: usize = 64 << 10;

/// A finding's place in its file.
pub(super) struct Region {
    language: Language,
    /// At most [`MAX_LINES`] lines, LF only.
    text: String,
    /// Bytes of `text` that the finding names; the rest is there for brackets that stay open.
    named: usize,
    /// All named lines, for masking secrets that span many of them.
    whole: Option<String>,
    normalized: OnceCell<String>,
    v1_context: OnceCell<String>,
}

impl Region {
    /// The region of a finding; `None` when its line is not in the file.
    pub(super) fn of(finding: &Finding, lines: &LineIndex<'_>) -> Option<Self> {
        let first = finding.line?;
        let last = finding.end_line.filter(|end| *end >= first).unwrap_or(first);
        lines.line(first)?;
        let language = Language::of(finding.file_path.as_deref());
        let (text, named) = collect(lines, first, last);
        let whole = (finding.secret.is_some() && last > first).then(|| collect_all(lines, first, last));
        Some(Self { language, text, named, whole, normalized: OnceCell::new(), v1_context: OnceCell::new() })
    }

    /// The lines the finding names, as v1 sees them.
    pub(super) fn v1_context(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.v1_context.get_or_init(|| v1::context(self.text.get(..self.named).unwrap_or_default())))
    }

    /// The normalised context.
    pub(super) fn normalized(&self) -> String {
        self.normalized.get_or_init(|| lexer::normalize(self.language, &self.text, self.named)).clone()
    }

    /// The normalised context with a secret replaced; `None` when the secret does not stand in it.
    pub(super) fn masked(&self, secret: &str, mark: &str) -> Option<String> {
        if secret.is_empty() {
            return None;
        }
        let secret = secret.replace("\r\n", "\n");
        let (head, tail) = match &self.whole {
            Some(whole) => (whole.as_str(), ""),
            None => self.text.split_at_checked(self.named)?,
        };
        if !head.contains(&secret) {
            return None;
        }
        let mut masked = head.replace(&secret, mark);
        let named = masked.len();
        masked.push_str(&tail.replace(&secret, mark));
        let masked = cut(&masked);
        Some(lexer::normalize(self.language, masked, named.min(masked.len())))
    }
}

/// Normalises a snippet: all of it is named.
pub(super) fn normalize_text(text: &str, path: Option<&str>) -> String {
    let unix = match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(text),
    };
    let end = unix.match_indices('\n').nth(MAX_LINES as usize - 1).map_or(unix.len(), |(end, _)| end);
    let text = cut(unix.get(..end).unwrap_or_default());
    lexer::normalize(Language::of(path), text, text.len())
}

/// Cuts at [`MAX_BYTES`], on a character boundary.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Up to [`MAX_LINES`] lines from `first`, and how many bytes of them reach to the end of `last`.
fn collect(lines: &LineIndex<'_>, first: u32, last: u32) -> (String, usize) {
    let mut text = String::new();
    let mut named = 0;
    for number in first..first.saturating_add(MAX_LINES) {
        let Some(line) = lines.line(number) else { break };
        if number > first {
            text.push('\n');
        }
        text.push_str(&String::from_utf8_lossy(line.get(..MAX_BYTES + 4).unwrap_or(line)).replace('\r', "\n"));
        if number <= last {
            named = text.len();
        }
        if text.len() >= MAX_BYTES {
            break;
        }
    }
    let kept = cut(&text).len();
    text.truncate(kept);
    (text, named.min(kept))
}

fn collect_all(lines: &LineIndex<'_>, first: u32, last: u32) -> String {
    let mut text = String::new();
    for number in first..=last {
        let Some(line) = lines.line(number) else { break };
        if number > first {
            text.push('\n');
        }
        text.push_str(&String::from_utf8_lossy(line));
        if text.len() > MAX_SECRET_BYTES {
            break;
        }
    }
    text
}
