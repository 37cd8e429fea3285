//! How many tests ran, read from what the test programs say at their end.

/// Tests counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    pub(crate) fn total(self) -> u64 {
        self.passed + self.failed + self.skipped
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// How a step says, on a line of its own, what it could not do here.
const SKIPPED: &str = "skipped: ";

/// What was skipped and why, as said in the output.
pub(crate) fn reasons(output: &str) -> Vec<String> {
    output.lines().filter_map(|line| line.strip_prefix(SKIPPED)).map(str::to_owned).collect()
}

/// Adds up every closing line of cargo test, nextest, pytest, node:test and our C programs.
pub(crate) fn read(output: &str) -> Counts {
    let mut sum = Counts::default();
    for line in output.lines().map(plain) {
        let line = line.trim().trim_matches('=').trim();
        let closing = line.starts_with("test result:")
            || line.starts_with("Summary [")
            || line.contains(" passed") && !line.contains("tests run") && (line.contains(" in ") || line.contains(" failed"))
            || line.contains(" failed in ");
        if line.starts_with(SKIPPED) {
            sum.skipped += 1;
        } else if closing {
            sum.add(words(line));
        } else if let Some((word, number)) = line.strip_prefix("# ").and_then(|rest| rest.split_once(' '))
            && let Ok(number) = number.parse::<u64>()
        {
            sum.add(by_word(word, number));
        }
    }
    sum
}

/// `12 passed`, `1 failed`, `2 skipped` and their like anywhere in a line.
fn words(line: &str) -> Counts {
    let mut counts = Counts::default();
    let mut number = None;
    for word in line.split([' ', ',', ';', ':', '(', ')']).filter(|word| !word.is_empty()) {
        match (word.parse::<u64>(), number.take()) {
            (Ok(n), _) => number = Some(n),
            (Err(_), Some(n)) => counts.add(by_word(word, n)),
            (Err(_), None) => {}
        }
    }
    counts
}

fn by_word(word: &str, n: u64) -> Counts {
    match word {
        "passed" | "pass" => Counts { passed: n, ..Counts::default() },
        "failed" | "fail" | "error" | "errors" | "cancelled" => Counts { failed: n, ..Counts::default() },
        "skipped" | "ignored" | "todo" => Counts { skipped: n, ..Counts::default() },
        _ => Counts::default(),
    }
}

/// A line without its colours.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(|c| c.is_ascii_alphabetic());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn each_runner_is_understood() {
        for (line, expected) in [
            ("test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s", counts(5, 0, 1)),
            ("     Summary [   0.123s] 12 tests run: 11 passed, 1 failed, 2 skipped", counts(11, 1, 2)),
            ("============ 40 passed, 2 skipped in 0.50s ============", counts(40, 0, 2)),
            ("1 failed, 3 passed in 0.10s", counts(3, 1, 0)),
            ("2 failed in 0.10s", counts(0, 2, 0)),
            ("# pass 7", counts(7, 0, 0)),
            ("# fail 1", counts(0, 1, 0)),
            ("# tests 8", counts(0, 0, 0)),
            ("19 passed, 0 failed", counts(19, 0, 0)),
            ("\u{1b}[32;1m     Summary\u{1b}[0m [   0.1s] 2 tests run: 2 passed, 0 skipped", counts(2, 0, 0)),
            ("skipped: nmap: not installed", counts(0, 0, 1)),
            ("all checks passed in the end", counts(0, 0, 0)),
            ("conformance c: ran 19 skipped 102", counts(0, 0, 0)),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }
}
