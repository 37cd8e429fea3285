//! What tools' words mean: severities, confidences, weaknesses, advisories, ecosystems. One table each, used by every format.
//!
//! A format whose words mean something else has a table of its own in its file.

use crate::model::{Confidence, Package, Severity};
use serde_json::Value;

/// Words for severity that mean the same in every tool that uses them.
const SEVERITIES: &[(&str, Severity)] = &[
    ("critical", Severity::Critical),
    ("blocker", Severity::Critical),
    ("fatal", Severity::Critical),
    ("severe", Severity::Critical),
    ("very_high", Severity::Critical),
    ("high", Severity::High),
    ("error", Severity::High),
    ("important", Severity::High),
    ("major", Severity::High),
    ("medium", Severity::Medium),
    ("moderate", Severity::Medium),
    ("warning", Severity::Medium),
    ("warn", Severity::Medium),
    ("low", Severity::Low),
    ("minor", Severity::Low),
    ("note", Severity::Low),
    ("trivial", Severity::Low),
    ("negligible", Severity::Info),
    ("info", Severity::Info),
    ("informational", Severity::Info),
    ("information", Severity::Info),
    ("none", Severity::Info),
    ("unknown", Severity::Info),
    ("unassigned", Severity::Info),
];

/// A severity by its common word, whatever its case.
pub(super) fn severity(word: &str) -> Option<Severity> {
    pick(word, SEVERITIES)
}

/// What a word means in a table, whatever its case and the spaces around it.
pub(super) fn pick<T: Copy>(word: &str, table: &[(&str, T)]) -> Option<T> {
    let word = word.trim();
    table.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, meaning)| *meaning)
}

/// A severity by CVSS score.
///
/// # Source
/// CVSS v3.1 specification, section 5, qualitative severity rating scale; v4.0 has the same.
pub(super) fn severity_of_score(score: f64) -> Option<Severity> {
    match score {
        s if !(0.0..=10.0).contains(&s) => None,
        s if s >= 9.0 => Some(Severity::Critical),
        s if s >= 7.0 => Some(Severity::High),
        s if s >= 4.0 => Some(Severity::Medium),
        s if s > 0.0 => Some(Severity::Low),
        _ => Some(Severity::Info),
    }
}

/// A confidence by its common word.
pub(super) fn confidence(word: &str) -> Option<Confidence> {
    const WORDS: &[(&str, Confidence)] = &[
        ("high", Confidence::High),
        ("certain", Confidence::High),
        ("confirmed", Confidence::High),
        ("very-high", Confidence::High),
        ("medium", Confidence::Medium),
        ("firm", Confidence::Medium),
        ("moderate", Confidence::Medium),
        ("low", Confidence::Low),
        ("weak", Confidence::Low),
        ("tentative", Confidence::Low),
        ("experimental", Confidence::Low),
    ];
    pick(word, WORDS)
}

/// The first weakness a text names, as `CWE-<n>`: `CWE-89: …`, `cwe-089`, `external/cwe/cwe-89`, `CWE89`, or a bare number.
pub(super) fn cwe(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        return cwe_number(text);
    }
    let lower = text.to_ascii_lowercase();
    lower.match_indices("cwe").find_map(|(at, _)| {
        let rest = lower.get(at + 3..)?.trim_start_matches(['-', '_', ':', ' ', '/', '#']);
        let digits: String = rest.chars().take_while(char::is_ascii_digit).take(7).collect();
        cwe_number(&digits)
    })
}

fn cwe_number(digits: &str) -> Option<String> {
    let number: u32 = digits.parse().ok()?;
    (1..=99_999).contains(&number).then(|| format!("CWE-{number}"))
}

/// Every weakness a value names: texts, numbers, lists and objects with `id` or `cweId`.
pub(super) fn cwes(value: &Value) -> Vec<String> {
    let found: Vec<String> = match value {
        Value::String(text) => text.split([',', ';', '\n']).filter_map(cwe).collect(),
        Value::Number(number) => number.as_u64().and_then(|n| cwe_number(&n.to_string())).into_iter().collect(),
        Value::Array(items) => items.iter().take(100).flat_map(cwes).collect(),
        Value::Object(map) => ["id", "cweId", "ID", "cwe_id"].iter().filter_map(|key| map.get(*key)).flat_map(cwes).collect(),
        Value::Null | Value::Bool(_) => Vec::new(),
    };
    let mut unique = Vec::new();
    for cwe in found {
        if !unique.contains(&cwe) {
            unique.push(cwe);
        }
    }
    unique
}

/// Beginnings of the ids of advisory databases.
const ADVISORIES: &[&str] = &[
    "CVE-",
    "GHSA-",
    "PYSEC-",
    "RUSTSEC-",
    "OSV-",
    "GO-",
    "SNYK-",
    "MAL-",
    "ALAS",
    "DSA-",
    "DLA-",
    "DTSA-",
    "USN-",
    "UBUNTU-CVE-",
    "DEBIAN-CVE-",
    "ALPINE-CVE-",
    "RHSA-",
    "RLSA-",
    "ALSA-",
    "ELSA-",
    "SUSE-SU-",
    "openSUSE-SU-",
    "TEMP-",
    "NSWG-",
    "PVE-",
    "SFTY-",
    "GMS-",
    "OSVDB-",
    "BIT-",
    "CGA-",
    "GSD-",
    "HSEC-",
    "RSEC-",
    "CNVD-",
    "JVNDB-",
    "EUVD-",
    "PRISMA-",
    "sonatype-",
    "NPM-",
    "TRA-",
];

/// Whether a text is the id of an advisory.
pub(super) fn is_advisory(id: &str) -> bool {
    let begins = |prefix: &str| id.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    id.len() <= 100 && !id.contains(char::is_whitespace) && ADVISORIES.iter().any(|p| begins(p) && id.len() > p.len())
}

/// The advisory a text is about: the only CVE it names, or the only one it says to see (`See CVE-2020-14343`).
pub(super) fn advisory_in(text: &str) -> Option<String> {
    let named = |rest: &str| {
        let id: String = rest.chars().take(24).take_while(|c| c.is_ascii_digit() || *c == '-').collect();
        let (year, number) = id.trim_end_matches('-').split_once('-')?;
        (year.len() == 4 && number.len() >= 4).then(|| format!("CVE-{year}-{number}"))
    };
    let found = |before: &str| {
        let ids = text.match_indices(before).take(1000).filter_map(|(at, _)| named(text.get(at + before.len()..)?));
        ids.collect::<std::collections::BTreeSet<_>>()
    };
    [found("CVE-"), found("See CVE-"), found("See: CVE-")].into_iter().find(|ids| ids.len() == 1)?.into_iter().next()
}

/// What tools call ecosystems, by the type of package URL it is.
///
/// # Source
/// package-url specification, `PURL-TYPES`; trivy's `Type`, grype's `artifact.type`, OSV's ecosystems, GitLab's package managers.
const ECOSYSTEMS: &[(&str, &str)] = &[
    ("npm", "npm"),
    ("node", "npm"),
    ("nodejs", "npm"),
    ("node-pkg", "npm"),
    ("yarn", "npm"),
    ("pnpm", "npm"),
    ("bun", "npm"),
    ("javascript", "npm"),
    ("js", "npm"),
    ("pypi", "pypi"),
    ("pip", "pypi"),
    ("pipenv", "pypi"),
    ("poetry", "pypi"),
    ("uv", "pypi"),
    ("pdm", "pypi"),
    ("python", "pypi"),
    ("python-pkg", "pypi"),
    ("conda-pkg", "conda"),
    ("conda", "conda"),
    ("conda-environment", "conda"),
    ("cargo", "cargo"),
    ("crates.io", "cargo"),
    ("rust", "cargo"),
    ("rust-crate", "cargo"),
    ("rustbinary", "cargo"),
    ("rust-binary", "cargo"),
    ("golang", "golang"),
    ("go", "golang"),
    ("gomod", "golang"),
    ("gomodules", "golang"),
    ("gobinary", "golang"),
    ("go-module", "golang"),
    ("maven", "maven"),
    ("gradle", "maven"),
    ("gradle-lockfile", "maven"),
    ("sbt", "maven"),
    ("jar", "maven"),
    ("pom", "maven"),
    ("java", "maven"),
    ("java-archive", "maven"),
    ("gem", "gem"),
    ("rubygems", "gem"),
    ("ruby", "gem"),
    ("bundler", "gem"),
    ("gemspec", "gem"),
    ("composer", "composer"),
    ("packagist", "composer"),
    ("php", "composer"),
    ("php-composer", "composer"),
    ("composer-vendor", "composer"),
    ("nuget", "nuget"),
    ("dotnet", "nuget"),
    ("dotnet-core", "nuget"),
    ("packages-props", "nuget"),
    ("packages-config", "nuget"),
    ("paket", "nuget"),
    ("pub", "pub"),
    ("dart-pub", "pub"),
    ("hex", "hex"),
    ("mix", "hex"),
    ("elixir", "hex"),
    ("swift", "swift"),
    ("swifturl", "swift"),
    ("cocoapods", "cocoapods"),
    ("pod", "cocoapods"),
    ("conan", "conan"),
    ("hackage", "hackage"),
    ("cran", "cran"),
    ("r-package", "cran"),
    ("julia", "julia"),
    ("github", "github"),
    ("github-action", "github"),
    ("github actions", "github"),
    ("githubactions", "github"),
    ("actions", "github"),
    ("deb", "deb"),
    ("debian", "deb"),
    ("ubuntu", "deb"),
    ("dpkg", "deb"),
    ("echo", "deb"),
    ("apk", "apk"),
    ("apkg", "apk"),
    ("alpine", "apk"),
    ("wolfi", "apk"),
    ("chainguard", "apk"),
    ("minimos", "apk"),
    ("rpm", "rpm"),
    ("redhat", "rpm"),
    ("red hat", "rpm"),
    ("rhel", "rpm"),
    ("centos", "rpm"),
    ("rocky", "rpm"),
    ("rocky linux", "rpm"),
    ("alma", "rpm"),
    ("almalinux", "rpm"),
    ("amazon", "rpm"),
    ("oracle", "rpm"),
    ("fedora", "rpm"),
    ("photon", "rpm"),
    ("cbl-mariner", "rpm"),
    ("azurelinux", "rpm"),
    ("suse", "rpm"),
    ("opensuse", "rpm"),
    ("suse linux enterprise server", "rpm"),
    ("arch", "alpm"),
    ("alpm", "alpm"),
    ("bitnami", "bitnami"),
    ("oci", "oci"),
    ("docker", "oci"),
];

/// The package URL type of what a tool calls an ecosystem; a release after `:` does not matter. An unknown word is kept, in
/// lower case.
pub(super) fn ecosystem(word: &str) -> String {
    let name = word.split(':').next().unwrap_or_default().trim();
    pick(name, ECOSYSTEMS).map_or_else(|| name.to_ascii_lowercase(), str::to_owned)
}

/// A package URL for what has none: `pkg:<type>/<name>@<version>`, namespaces as the name has them.
///
/// # Source
/// package-url specification, canonical form.
pub(crate) fn purl(ecosystem: &str, name: &str, version: Option<&str>) -> Option<String> {
    if ecosystem.is_empty() || name.is_empty() || !ecosystem.bytes().all(|b| b.is_ascii_alphanumeric() || b".+-".contains(&b)) {
        return None;
    }
    let name = crate::identity::purl_name(ecosystem, name).replace(if ecosystem == "maven" { ':' } else { '/' }, "/");
    let name = name.split('/').map(percent_encoded).collect::<Vec<_>>().join("/");
    let version = version.filter(|v| !v.is_empty()).map(|v| format!("@{}", percent_encoded(v))).unwrap_or_default();
    Some(format!("pkg:{ecosystem}/{name}{version}"))
}

fn percent_encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~+:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A package from its URL: type, name with namespace (`group:artifact` for Maven), version.
pub(super) fn package_of_purl(purl: &str) -> Option<Package> {
    let rest = purl.strip_prefix("pkg:")?.trim_start_matches('/');
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (ecosystem, rest) = rest.split_once('/')?;
    let (name, version) = match rest.rsplit_once('@') {
        Some((name, version)) if !name.is_empty() => (name, Some(version)),
        _ => (rest, None),
    };
    let name = super::locate::percent_decoded(name.trim_matches('/'));
    let ecosystem = ecosystem.to_ascii_lowercase();
    let name = if ecosystem == "maven" { name.replace('/', ":") } else { name };
    Some(Package {
        ecosystem,
        name,
        version: version.map(super::locate::percent_decoded).filter(|v| !v.is_empty()),
        fixed_version: None,
        purl: Some(purl.to_owned()),
    })
}

/// A package as a tool names it, with a package URL where none is given.
pub(super) fn package(ecosystem_word: &str, name: String, version: Option<String>, fixed: Option<String>) -> Package {
    let ecosystem = ecosystem(ecosystem_word);
    let purl = purl(&ecosystem, &name, version.as_deref());
    Package { ecosystem, name, version, fixed_version: fixed, purl }
}

/// The http(s) addresses among texts.
pub(super) fn urls(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let web = |text: &String| text.starts_with("https://") || text.starts_with("http://");
    texts.into_iter().map(|t| t.trim().to_owned()).filter(web).take(100).collect()
}

/// The http(s) addresses inside a text: bare, in Markdown or in brackets.
pub(super) fn links(text: &str) -> Vec<String> {
    let starts = text.match_indices("http").map(|(at, _)| text.get(at..).unwrap_or_default());
    let web = starts.filter(|rest| rest.starts_with("https://") || rest.starts_with("http://"));
    let end = |c: char| c.is_whitespace() || matches!(c, ')' | ']' | '>' | '<' | '"' | '\'' | '`' | '|');
    web.map(|rest| rest.split(end).next().unwrap_or_default().trim_end_matches(['.', ',', ';', ':', '*']))
        .filter(|url| url.len() > 8 && url.len() <= 2000)
        .take(100)
        .map(str::to_owned)
        .collect()
}

/// The advisory that an address is the page of: `https://github.com/advisories/GHSA-…`.
pub(super) fn advisory_of_url(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    is_advisory(last).then(|| last.to_owned())
}

/// The first sentence of a text, for a title.
pub(super) fn first_sentence(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default().trim();
    // An ellipsis ends nothing.
    match line.match_indices(". ").map(|(at, _)| at).find(|at| line.get(..*at).is_some_and(|before| !before.ends_with('.'))) {
        Some(end) => line.get(..end).unwrap_or(line).to_owned(),
        None => line.trim_end_matches('.').to_owned(),
    }
}

/// The text of a piece of HTML: tags out, line breaks where blocks end, the common entities decoded.
pub(super) fn plain_html(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return html.trim().to_owned();
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.push_str(rest.get(..open).unwrap_or_default());
        let tag = rest.get(open..).unwrap_or_default();
        let named = tag.as_bytes().get(1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'/' || *b == b'!');
        match tag.find('>').filter(|_| named) {
            Some(end) => {
                let name = tag.get(1..end).unwrap_or_default().trim_matches('/').trim().to_ascii_lowercase();
                if ["p", "br", "li", "div", "tr", "ul", "ol"].contains(&name.as_str()) && !out.ends_with('\n') && !out.is_empty()
                {
                    out.push('\n');
                }
                rest = tag.get(end + 1..).unwrap_or_default();
            }
            None => {
                out.push('<');
                rest = tag.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    for (entity, text) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")]
    {
        if out.contains(entity) {
            out = out.replace(entity, text);
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn weaknesses() {
        for (text, want) in [
            ("CWE-89: SQL Injection", Some("CWE-89")),
            ("external/cwe/cwe-079", Some("CWE-79")),
            ("79", Some("CWE-79")),
            ("-1", None),
            ("0", None),
            ("CWE-", None),
            ("NVD-CWE-noinfo", None),
            ("cwe999999999999", None),
        ] {
            assert_eq!(cwe(text).as_deref(), want, "{text}");
        }
        assert_eq!(cwes(&json!(["CWE-1", {"id": 2}, 3, "CWE-1"])), ["CWE-1", "CWE-2", "CWE-3"]);
    }

    #[test]
    fn packages() {
        assert_eq!(purl("npm", "@babel/core", Some("7.0.0")).as_deref(), Some("pkg:npm/%40babel/core@7.0.0"));
        assert_eq!(purl("maven", "org.a:b", None).as_deref(), Some("pkg:maven/org.a/b"));
        let package = package_of_purl("pkg:maven/org.a/b@1.0?type=jar").unwrap();
        assert_eq!((package.name.as_str(), package.version.as_deref()), ("org.a:b", Some("1.0")));
        assert_eq!(package_of_purl("pkg:npm/%40babel/core@7.0.0").unwrap().name, "@babel/core");
        assert_eq!((ecosystem("Debian:11"), ecosystem("PyPI"), ecosystem("odd")), ("deb".into(), "pypi".into(), "odd".into()));
        assert!(package_of_purl("npm/x").is_none());
    }

    #[test]
    fn severities_and_advisories() {
        assert_eq!((severity(" HIGH "), severity("odd")), (Some(Severity::High), None));
        assert_eq!(
            (severity_of_score(9.0), severity_of_score(0.1), severity_of_score(11.0)),
            (Some(Severity::Critical), Some(Severity::Low), None)
        );
        let text = "An incomplete fix for CVE-2020-1747. See CVE-2020-14343.";
        assert_eq!(advisory_in(text).as_deref(), Some("CVE-2020-14343"));
        assert_eq!(advisory_in("fixes it (CVE-2021-3281). CVE-x").as_deref(), Some("CVE-2021-3281"));
        assert_eq!(advisory_in("CVE-2021-3281 and CVE-2021-3282"), None);
        assert_eq!(links("- [a](https://a/b) <http://c.d.>, httpx"), ["https://a/b", "http://c.d"]);
        assert_eq!(advisory_of_url("https://github.com/advisories/GHSA-x?a=1").as_deref(), Some("GHSA-x"));
        assert!(is_advisory("GHSA-xxxx") && is_advisory("cve-2020-1") && !is_advisory("CVE-") && !is_advisory("B602"));
        assert_eq!(first_sentence("One thing. Another."), "One thing");
        assert_eq!(plain_html("<p>a &lt;b&gt;</p><p>c<br/>d</p> 1 < 2"), "a <b>\nc\nd\n 1 < 2");
        assert_eq!(first_sentence("Use 'cd ... || exit' here. Or not."), "Use 'cd ... || exit' here");
    }
}
