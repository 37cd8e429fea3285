//! Source text as reports quote it.

/// The lines `first..=last` of a quote whose lines begin with their number: `12 text`, `12\ttext` or `12: text`. A line
/// without a number belongs to the one before it. Nothing when none of them is quoted.
pub(super) fn numbered(quote: &str, first: u32, last: u32) -> Option<String> {
    let mut inside = false;
    let mut found: Vec<&str> = Vec::new();
    for line in quote.lines() {
        let text = match split_number(line) {
            Some((number, text)) => {
                inside = (first..=last.max(first)).contains(&number);
                text
            }
            None => line,
        };
        if inside {
            found.push(text);
        }
    }
    (!found.is_empty()).then(|| found.join("\n"))
}

fn split_number(line: &str) -> Option<(u32, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let number = line.get(..digits)?.parse().ok()?;
    let rest = line.get(digits..)?;
    let rest = rest.strip_prefix(": ").or_else(|| rest.strip_prefix([' ', '\t', ':']));
    Some((number, rest.unwrap_or_default()))
}

/// The 1-based column of a byte offset in a line, in characters; beyond the line it goes on counting.
pub(super) fn column(line: &str, offset: usize) -> u32 {
    let within = line.get(..line.floor_char_boundary(offset)).unwrap_or_default();
    let beyond = offset.saturating_sub(line.len());
    u32::try_from(within.chars().count() + beyond + 1).unwrap_or(u32::MAX)
}

/// The last quoted literal of a text that is not empty: what a line assigns or compares with. Escapes are left as they are.
pub(super) fn last_literal(text: &str) -> Option<&str> {
    let (mut found, mut rest) = (None, text);
    while let Some(open) = rest.find(['"', '\'', '`']) {
        let quote = rest.as_bytes().get(open).copied().unwrap_or_default();
        let body = rest.get(open + 1..).unwrap_or_default();
        let Some(end) = closing(body.as_bytes(), quote) else { break };
        found = body.get(..end).filter(|literal| !literal.is_empty()).or(found);
        rest = body.get(end + 1..).unwrap_or_default();
    }
    found
}

fn closing(body: &[u8], quote: u8) -> Option<usize> {
    let mut escaped = false;
    body.iter().position(|byte| {
        let closes = *byte == quote && !escaped;
        escaped = *byte == b'\\' && !escaped && quote != b'`';
        closes
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes() {
        let quote = "9 a\n10 b = '''\nx\n11 y'''\n12\n";
        assert_eq!(numbered(quote, 10, 11).as_deref(), Some("b = '''\nx\ny'''"));
        assert_eq!(numbered("7: \tx := 1\n", 7, 7).as_deref(), Some("\tx := 1"));
        assert_eq!((numbered(quote, 12, 12).as_deref(), numbered(quote, 3, 4)), (Some(""), None));
        assert_eq!(numbered("99999999999 x", 1, 1), None);
    }

    #[test]
    fn columns_and_literals() {
        assert_eq!((column("äb = 1", 2), column("ab", 0), column("ab", 9), column("ä", 1)), (2, 1, 10, 1));
        assert_eq!(last_literal(r#"password = "se\"cret" # it"#), Some(r#"se\"cret"#));
        assert_eq!(last_literal("x['password'] = ''"), Some("password"));
        assert_eq!((last_literal("a 'b"), last_literal(""), last_literal("`x\\`")), (None, None, Some("x\\")));
    }
}
