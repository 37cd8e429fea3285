//! From what manifests write to an exact version, or to none.

/// Longer versions are no versions, in bytes.
const MAX_VERSION: usize = 256;
/// Longer ranges and addresses are cut, in characters.
const MAX_DECLARED: usize = 300;

/// A version of a lock file; none for an address, a path or a range in its place.
pub(super) fn exact(version: &str) -> Option<&str> {
    let odd = |c: char| ":<>=^*|,".contains(c) || c.is_whitespace() || c.is_control();
    Some(version.trim()).filter(|v| !v.is_empty() && v.len() <= MAX_VERSION && !v.contains(odd))
}

/// The version that a manifest names when it names one and nothing else: `1.2.3`, `^1.2.3`, `~1.2.3`, `=1.2.3`, and
/// `>=1.2.3` but in Python, where only `==` fixes a version. It is the one the project was declared with, not necessarily
/// the one that gets installed.
pub(super) fn declared<'a>(ecosystem: &str, range: &'a str) -> Option<&'a str> {
    let operators: &[&str] = if ecosystem == "pypi" { &["^", "~"] } else { &["^", "~>", "~", ">=", "="] };
    let range = range.trim();
    let rest = operators.iter().find_map(|operator| range.strip_prefix(operator)).unwrap_or(range).trim();
    let digits = rest.strip_prefix('v').unwrap_or(rest);
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_' | '!');
    let whole = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(known)
        && !digits.split('.').any(|part| part.eq_ignore_ascii_case("x"));
    // `1 - 2` has blanks, `1-2` is a version with a pre-release.
    exact(rest).filter(|_| whole)
}

/// A range or address fit for a bill: on one line, without the credentials and the query of an address.
pub(super) fn shown(declared: &str) -> String {
    let text: String = declared.chars().filter(|c| !c.is_control()).take(MAX_DECLARED).collect();
    let Some((scheme, rest)) = text.split_once("://") else { return text };
    let rest = rest.split('?').next().unwrap_or_default();
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (ecosystem, range, want) in [
            ("npm", "^1.2.3", Some("1.2.3")),
            ("npm", " >= 1.2 ", Some("1.2")),
            ("npm", "1.2 <2", None),
            ("npm", "18.x", None),
            ("npm", "*", None),
            ("npm", "latest", None),
            ("npm", "<2", None),
            ("npm", "git+https://x/y", None),
            ("cargo", "1.0", Some("1.0")),
            ("composer", "^1.0 || ^2.0", None),
            ("pypi", ">=2", None),
            ("pypi", "~=1.1", None),
            ("pypi", "^1.2", Some("1.2")),
        ] {
            assert_eq!(declared(ecosystem, range), want, "{ecosystem} {range}");
        }
        assert_eq!((exact("1!2.0+x"), exact("https://x"), exact("file:../x"), exact(">=1")), (Some("1!2.0+x"), None, None, None));
        assert_eq!(shown("git+https://me:pw@h/p?token=x"), "git+https://h/p");
        assert_eq!(shown(">=1,\n<2"), ">=1,<2");
    }
}
