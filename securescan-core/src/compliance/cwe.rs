//! The number in a CWE, however it is written.

/// `CWE-89`, `cwe-89`, `CWE89`, `CWE:89`, `CWE-089`, `89`, `CWE-89: Improper …` and the address of its page all give 89.
pub(super) fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    let text = text.rsplit_once("/definitions/").map_or(text, |(_, page)| page.trim_end_matches(".html"));
    let rest = match text.get(..3) {
        Some(word) if word.eq_ignore_ascii_case("cwe") => text.get(3..).unwrap_or_default(),
        _ => text,
    };
    let rest = rest.trim_start_matches(|c: char| matches!(c, '-' | ':' | '_' | '#') || c.is_whitespace());
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, tail) = rest.split_at_checked(end)?;
    let separated = tail.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_');
    digits.parse().ok().filter(|number| separated && *number > 0)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn spellings() {
        let texts = [
            "CWE-89",
            "cwe-89",
            " CWE-89 ",
            "CWE:89",
            "CWE89",
            "CWE-089",
            "89",
            "CWE-89: Improper Neutralization",
            "CWE: 89",
            "https://cwe.mitre.org/data/definitions/89.html",
        ];
        for text in texts {
            assert_eq!(number(text), Some(89), "{text}");
        }
        for text in ["", "CWE-", "CWE-x", "89a", "CWE-0", "NVD-CWE-noinfo", "CWE-99999999999", "é", "improper 89"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
