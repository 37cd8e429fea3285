//! Severity from CVSS: scores, and vectors where a report has only those. Base metrics alone: threat and environment are not the
//! report's to know.

use super::words;
use crate::model::Severity;

/// The base metrics that a vector must have, by version.
///
/// # Source
/// CVSS 2.0, section 2.4; 3.1, section 6; 4.0, section 7.
const BASE: &[(&str, &[&str])] = &[
    ("CVSS:4.0", &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"]),
    ("CVSS:3.1", &["AV", "AC", "PR", "UI", "S", "C", "I", "A"]),
    ("CVSS:3.0", &["AV", "AC", "PR", "UI", "S", "C", "I", "A"]),
    ("", &["AV", "AC", "Au", "C", "I", "A"]),
];

/// The base score of a vector: `CVSS:3.1/AV:N/…`, the same without its prefix, or version 2, also in parentheses.
pub(super) fn of_vector(vector: &str) -> Option<f64> {
    let text = vector.trim().trim_matches(['(', ')']).trim_end_matches('/');
    if text.len() > 500 {
        return None;
    }
    let (prefix, rest) = match text.split_once('/') {
        Some((version, rest)) if version.get(..5).is_some_and(|p| p.eq_ignore_ascii_case("CVSS:")) => (version, rest),
        _ if text.contains("/Au:") || text.contains("/AU:") => ("", text),
        _ if text.contains("/VC:") => ("CVSS:4.0", text),
        _ => ("CVSS:3.1", text),
    };
    let prefix = if prefix.eq_ignore_ascii_case("CVSS:2.0") { "" } else { prefix };
    let (prefix, names) = BASE.iter().find(|(version, _)| version.eq_ignore_ascii_case(prefix))?;
    let given: Vec<(&str, &str)> = rest.split('/').filter_map(|metric| metric.split_once(':')).collect();
    let mut parts: Vec<String> = Vec::with_capacity(names.len() + 1);
    parts.extend((!prefix.is_empty()).then(|| (*prefix).to_owned()));
    for name in *names {
        // Each exactly as often as the first of its name: the scorer takes no vector with gaps.
        let (_, value) = given.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        parts.push(format!("{name}:{}", value.trim().to_ascii_uppercase()));
    }
    parts.join("/").parse::<::cvss::Cvss>().ok().map(|cvss| cvss.score()).filter(|score| (0.0..=10.0).contains(score))
}

/// The severity of a vector, or of a score that stands where a vector is meant.
pub(super) fn severity(text: &str) -> Option<Severity> {
    let score = text.trim().parse::<f64>().ok().or_else(|| of_vector(text));
    score.and_then(words::severity_of_score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_every_version() {
        for (vector, want) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some(9.8)),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/E:P/RL:O", Some(7.5)),
            ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", Some(7.5)),
            ("(AV:N/AC:M/Au:N/C:C/I:C/A:C)", Some(9.3)),
            ("CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:N/A:N", Some(5.0)),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A", Some(9.3)),
            ("cvss:3.1/av:n/ac:l/pr:n/ui:n/s:u/c:n/i:n/a:h", Some(7.5)),
            ("CVSS:4.0/AV:N", None),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:X/VI:X/VA:X/SC:N/SI:N/SA:N", None),
            ("CVSS:9.9/AV:N/AC:L", None),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:", None),
            ("", None),
            ("/", None),
            ("é/CVSS:", None),
        ] {
            assert_eq!(of_vector(vector), want, "{vector}");
        }
        assert_eq!((severity("7.5"), severity("CVSS:"), severity("99")), (Some(Severity::High), None, None));
    }

    /// Every combination of values of two metrics at a time, right and wrong ones: a score or none, never a panic.
    #[test]
    fn hostile_vectors() {
        let values = ["N", "L", "H", "A", "P", "R", "X", "S", "M", "C", "U", "", ":", "é", "0"];
        for (version, names) in BASE {
            for first in 0..names.len() {
                for second in 0..names.len() {
                    for (a, b) in values.iter().flat_map(|a| values.iter().map(move |b| (a, b))) {
                        let metric = |(i, name): (usize, &&str)| match i {
                            i if i == first => format!("{name}:{a}"),
                            i if i == second => format!("{name}:{b}"),
                            _ => format!("{name}:N"),
                        };
                        let text: Vec<String> = names.iter().enumerate().map(metric).collect();
                        let text = format!("{version}/{}", text.join("/"));
                        assert!(of_vector(&text).is_none_or(|score| score <= 10.0), "{text}");
                    }
                }
            }
        }
    }
}
