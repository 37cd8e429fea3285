//! Where a finding is, in words. Nothing here is escaped.

use super::limits::Limit;
use crate::model::Finding;
use std::borrow::Cow;

/// The file, if it has one.
pub(super) fn file(finding: &Finding) -> Option<&str> {
    finding.file_path.as_deref().filter(|path| !path.is_empty())
}

/// The lines, if they are known: first and last, the last only where it lies behind the first.
pub(super) fn lines(finding: &Finding) -> Option<(u32, Option<u32>)> {
    let first = finding.line.filter(|n| *n > 0)?;
    Some((first, finding.end_line.filter(|n| *n > first)))
}

/// `file`, `file:3` or `file:3-4`; without a file the package or the endpoint; `None` when nothing is known.
pub(super) fn words(finding: &Finding) -> Option<String> {
    let Some(file) = file(finding) else { return elsewhere(finding) };
    Some(match lines(finding) {
        None => file.to_owned(),
        Some((line, None)) => format!("{file}:{line}"),
        Some((line, Some(end))) => format!("{file}:{line}-{end}"),
    })
}

/// The [`words`] in at most so many characters: the end of a path says which file and line, so its start is left out.
pub(super) fn clipped(finding: &Finding, limit: Limit) -> Option<String> {
    words(finding).map(|words| end_of(&words, limit).into_owned())
}

/// The end of a text, at most `limit` characters, the first of which is then `…`.
pub(super) fn end_of(text: &str, limit: Limit) -> Cow<'_, str> {
    match text.chars().count().checked_sub(limit.max) {
        None | Some(0) => text.into(),
        Some(over) => format!("…{}", text.chars().skip(over + 1).collect::<String>()).into(),
    }
}

/// The package or the endpoint a finding is about.
pub(super) fn elsewhere(finding: &Finding) -> Option<String> {
    if let Some(package) = finding.package.as_deref() {
        let version = package.version.as_deref().map(|v| format!("@{v}")).unwrap_or_default();
        return Some(format!("{}/{}{version}", package.ecosystem, package.name));
    }
    let endpoint = finding.metadata.endpoint.as_deref()?;
    let host = endpoint.host.as_deref().unwrap_or_default();
    let port = endpoint.port.map(|port| format!(":{port}")).unwrap_or_default();
    let place = format!("{host}{port}{}", endpoint.path.as_deref().unwrap_or_default());
    (!place.is_empty()).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ScanType, Severity};

    #[test]
    fn a_long_path_keeps_its_end() {
        let mut f = Finding::new("s", ScanType::Code, Severity::High, "t");
        let limit = Limit { max: 8, what: "", source: "" };
        assert_eq!(clipped(&f, limit), None);
        (f.file_path, f.line) = (Some("a/é.py".into()), Some(3));
        assert_eq!(clipped(&f, limit).as_deref(), Some("a/é.py:3"));
        f.file_path = Some("aa/é.py".into());
        assert_eq!(clipped(&f, limit).as_deref(), Some("…/é.py:3"));
    }
}
