//! Bundler: `Gemfile.lock`. Names and versions; licences are not in it.

use super::{Entry, line_number};

/// Reads the `specs:` of `GEM` and `GIT` sections; `PATH` sections are the project's own.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut out = Vec::new();
    let mut foreign = false;
    for (i, line) in text.lines().enumerate() {
        if !line.starts_with(' ') && !line.trim().is_empty() {
            foreign = matches!(line.trim(), "GEM" | "GIT");
            continue;
        }
        let Some(spec) = line.strip_prefix("    ").filter(|s| foreign && !s.starts_with(' ')) else { continue };
        let Some((name, rest)) = spec.split_once(" (") else { continue };
        let version = rest.trim_end().trim_end_matches(')');
        out.push(Entry { name: name.to_owned(), version: version.to_owned(), line: line_number(i), ..Entry::default() });
    }
    Ok(out)
}
