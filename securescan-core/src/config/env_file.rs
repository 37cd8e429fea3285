//! The user's env file: `KEY=value` lines. Which file it is and what wins over what is the caller's business.

/// The pairs of an env file, in file order; a key that comes twice comes twice here. Values are literal: quotes, `$` and
/// `#` in them stay. White space around the key and around the value is dropped; blank lines, lines that start with `#`
/// and lines without a usable key are skipped. Keys are letters, digits and `_`, and start with no digit.
///
/// # Source
/// Spec 02, section 7, with decision D8.
pub fn parse_env(text: &str) -> Vec<(String, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split('\n').filter_map(pair).collect()
}

fn pair(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    let is_key = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    // A NUL cannot be in an environment.
    (is_key && !value.contains('\0')).then(|| (key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::parse_env;

    #[test]
    fn values_are_literal() {
        let text = "# a comment\n\nA=1\r\n B = \"two words\" \nC=x # y\nD=${A}\n#E=5\nno pair\n1F=6\nG H=7\nI=\nJ=a=b\nK=\0\n";
        let pairs = parse_env(text);
        let told: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let expected = [("A", "1"), ("B", "\"two words\""), ("C", "x # y"), ("D", "${A}"), ("I", ""), ("J", "a=b")];
        assert_eq!(told, expected);
    }
}
