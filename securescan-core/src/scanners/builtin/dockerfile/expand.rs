//! Variables of a Dockerfile: `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:+d}`, `${X+d}`.

use std::collections::BTreeMap;

/// Values longer than this count as unknown: `ENV A=$A$A` doubles with every line.
const MAX_VALUE: usize = 512;

/// Scopes more levels up than this are not asked.
const MAX_SCOPES: usize = 32;

/// Variables by name; `None` is a variable whose value is only known when building.
pub(super) type Scope = BTreeMap<String, Option<String>>;

/// The variables visible at one place: the innermost scope first.
pub(super) struct Scopes<'s>(pub Vec<&'s Scope>);

impl Scopes<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().take(MAX_SCOPES).find_map(|s| s.get(name)).and_then(|v| v.as_deref())
    }

    /// The text with every variable replaced; `None` when one is unknown or the result is too long.
    pub(super) fn expand(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['$', '\\']) {
            out.push_str(rest.get(..at)?);
            let after = rest.get(at + 1..)?;
            if rest.get(at..)?.starts_with('\\') {
                let len = after.chars().next().map_or(0, char::len_utf8);
                out.push_str(after.get(..len)?);
                rest = after.get(len..)?;
                continue;
            }
            rest = self.variable(after, &mut out)?;
            if out.len() > MAX_VALUE {
                return None;
            }
        }
        out.push_str(rest);
        (out.len() <= MAX_VALUE).then_some(out)
    }

    /// Expands what follows a `$` and gives the rest of the text.
    fn variable<'t>(&self, after: &'t str, out: &mut String) -> Option<&'t str> {
        let Some(body) = after.strip_prefix('{') else {
            let len = after.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
            if len == 0 {
                out.push('$');
                return Some(after);
            }
            out.push_str(self.get(after.get(..len)?)?);
            return after.get(len..);
        };
        let end = body.find('}')?;
        let inner = body.get(..end)?;
        let name_len = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let (name, modifier) = (inner.get(..name_len)?, inner.get(name_len..)?);
        let value = self.get(name);
        // One level: a default that is itself a variable stays unknown unless it is a plain `$X`.
        let default = |d: &str| if d.contains('{') { None } else { self.plain(d) };
        match modifier {
            "" => out.push_str(value?),
            m if m.starts_with(":-") => {
                out.push_str(&value.filter(|v| !v.is_empty()).map_or_else(|| default(m.get(2..)?), |v| Some(v.to_owned()))?)
            }
            m if m.starts_with('-') => out.push_str(&value.map_or_else(|| default(m.get(1..)?), |v| Some(v.to_owned()))?),
            m if m.starts_with(":+") => {
                if value.is_some_and(|v| !v.is_empty()) {
                    out.push_str(&default(m.get(2..)?)?);
                }
            }
            m if m.starts_with('+') => {
                if value.is_some() {
                    out.push_str(&default(m.get(1..)?)?);
                }
            }
            _ => return None,
        }
        body.get(end + 1..)
    }

    /// A default: literal text or one `$NAME`.
    fn plain(&self, text: &str) -> Option<String> {
        match text.strip_prefix('$') {
            Some(name) => self.get(name).map(str::to_owned),
            None => Some(text.to_owned()),
        }
    }
}
