//! What the readers of dependency reports share: how a vulnerable package is worded, and which of several fixes is meant.
//!
//! What the words of tools mean is in `words`; nothing here knows a format.

use super::fields::Fields;
use super::versions::compare;
use super::words;
use crate::model::Package;
use std::cmp::Ordering;

/// The title of an advisory that concerns a package.
pub(super) fn title(id: &str, package: &str) -> String {
    if package.is_empty() { id.to_owned() } else { format!("{id} in {package}") }
}

/// What to do about a package; nothing when no fix is known.
pub(super) fn remedy(package: &str, fixed: Option<&str>) -> String {
    fixed.map(|fixed| format!("Update {package} to {fixed}")).unwrap_or_default()
}

/// Beginnings of the ids of errata: updates that fix several vulnerabilities at once.
const ERRATA: &[&str] = &[
    "RHSA-",
    "RHBA-",
    "RHEA-",
    "ELSA-",
    "ALSA-",
    "RLSA-",
    "ALAS",
    "DSA-",
    "DLA-",
    "DTSA-",
    "USN-",
    "SUSE-",
    "openSUSE-",
    "FEDORA-",
    "CESA-",
    "PHSA-",
    "MGASA-",
];

/// The ids of advisories among texts, sorted, unique. An erratum is no alias of one vulnerability, and two that share it are not the
/// same: errata count only where nothing else is named.
pub(super) fn advisories(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> =
        texts.into_iter().map(|t| t.trim().to_owned()).filter(|t| words::is_advisory(t)).take(500).collect();
    let erratum = |id: &String| ERRATA.iter().any(|prefix| id.starts_with(prefix));
    if !ids.iter().all(erratum) {
        ids.retain(|id| !erratum(id));
    }
    ids.sort();
    ids.dedup();
    ids
}

/// A package with the package URL that the report gives; its type then says the ecosystem.
pub(super) fn package(kind: &str, name: String, version: Option<String>, fixed: Option<String>, purl: Option<String>) -> Package {
    let mut package = words::package(kind, name, version, fixed);
    if let Some(purl) = purl.filter(|purl| purl.starts_with("pkg:")) {
        if let Some(named) = words::package_of_purl(&purl) {
            // Without its group a Maven artifact is no name.
            if named.ecosystem == "maven" && !package.name.contains(':') && named.name.ends_with(&format!(":{}", package.name)) {
                package.name = named.name;
            }
            package.ecosystem = named.ecosystem;
        }
        package.purl = Some(purl);
    }
    package
}

/// Sets the weakness of a finding; several are kept together under the tool's own fields.
pub(super) fn weaknesses(finding: &mut crate::model::Finding, item: &mut Fields, found: Vec<String>) {
    if found.len() > 1 {
        item.keep("cwes", found.clone());
    }
    finding.cwe = found.into_iter().next();
}

/// The fix that is nearest: the lowest version that is not below the installed one; the lowest of all when none is.
///
/// Each text may hold several versions (`1.2.3, 2.0.1`), with the operators of a range before them; upper bounds are no fixes.
pub(super) fn lowest_fix<'a>(fixed: impl IntoIterator<Item = &'a str>, installed: Option<&str>) -> Option<String> {
    let mut versions: Vec<(bool, &str)> = fixed
        .into_iter()
        .flat_map(|text| text.split([',', ';', '|']))
        .map(str::trim)
        .filter(|text| !text.is_empty() && !text.starts_with('<') && !text.starts_with('!'))
        .map(|text| (text.starts_with(['~', '^']), text.trim_start_matches(['>', '=', '~', '^', ' '])))
        .filter(|(_, text)| text.chars().any(|c| c.is_ascii_digit()) && !text.contains(char::is_whitespace))
        .take(200)
        .collect();
    // `~> 5.2.4, >= 5.2.4.3`: the first only says which line of releases is meant.
    if versions.iter().any(|(line, _)| !line) {
        versions.retain(|(line, _)| !line);
    }
    versions.sort_by(|a, b| compare(a.1, b.1));
    let above = |version: &&str| installed.is_none_or(|installed| compare(version, installed) != Ordering::Less);
    let nearest = versions.iter().map(|(_, version)| *version).find(above);
    nearest.or_else(|| versions.first().map(|(_, version)| *version)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered() {
        let ascending = [
            "1.0.dev1",
            "1.0a1",
            "1.0-beta",
            "1.0rc1",
            "1.0",
            "1.0.1",
            "1.0.1-r2",
            "1.0.10",
            "v1.2",
            "2.0.0-alpha.1",
            "2",
            "99999999999999999999999.1",
            "1:0.5",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        for (a, b) in [("1", "1.0.0"), ("1.0", "v1.0+build"), ("1.0.RELEASE", "1.0"), ("", "0")] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }

    #[test]
    fn errata_are_no_aliases() {
        let ids = |texts: &[&str]| advisories(texts.iter().map(|t| (*t).to_owned()));
        assert_eq!(ids(&["DSA-4808-1", "CVE-2020-1", "RHSA-2023:7836", "odd", "CVE-2020-1"]), ["CVE-2020-1"]);
        assert_eq!(ids(&["RHSA-2023:7836"]), ["RHSA-2023:7836"]);
    }

    #[test]
    fn the_nearest_fix() {
        let fix = |text: &str, installed: &str| lowest_fix([text], Some(installed));
        assert_eq!(fix("2.0.1, 1.2.3, 3.0", "1.3").as_deref(), Some("2.0.1"));
        assert_eq!(fix("1.2.3, 1.1", "9").as_deref(), Some("1.1"));
        assert_eq!(fix("~> 5.2.4, >= 5.2.4.3, >= 6.0.3.1", "5.2.3").as_deref(), Some("5.2.4.3"));
        assert_eq!(fix("1.1.22-r3", "1.1.22-r2").as_deref(), Some("1.1.22-r3"));
        assert_eq!((fix("<2.0", "1"), fix("not fixed", "1"), fix(" , ", "")), (None, None, None));
        assert_eq!(lowest_fix(["4", "3"], None).as_deref(), Some("3"));
    }
}
