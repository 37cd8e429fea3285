//! "Did you mean": the known word closest to a mistyped one.

/// The known word at most two slips away (one for words of two or three letters), or none. Slips are a letter too many, one missing,
/// one wrong, or two neighbours swapped. Cost is bounded: words above 64 characters have no neighbour.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let letters: Vec<char> = word.chars().take(65).collect();
    if letters.is_empty() || letters.len() > 64 {
        return None;
    }
    let allowed = match letters.len() {
        1 => 0,
        2 | 3 => 1,
        _ => 2,
    };
    known.iter().map(|k| (distance(&letters, k), *k)).filter(|(slips, _)| *slips <= allowed).min().map(|(_, k)| k)
}

fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
    for (i, ca) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let mut best = (at(&row, j) + usize::from(ca != cb)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(cb) && b.get(j - 1) == Some(ca) {
                best = best.min(at(&before, j - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    at(&row, b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips() {
        let known = ["ignored_rules", "scan_types", "ai"];
        assert_eq!(nearest("ingored_rules", &known), Some("ignored_rules"));
        assert_eq!(nearest("ignored_rule", &known), Some("ignored_rules"));
        assert_eq!(nearest("scantypes", &known), Some("scan_types"));
        assert_eq!(nearest("ia", &known), Some("ai"));
        assert_eq!(nearest("xx", &known), None);
        assert_eq!(nearest("baseline", &known), None);
        assert_eq!(nearest(&"x".repeat(100_000), &known), None);
    }
}
