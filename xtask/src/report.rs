//! What a check did, told at the end.

use crate::counts::Counts;
use std::time::Duration;

/// How a step ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// One line of the summary.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) counts: Counts,
    /// What it could not do here, and why.
    pub(crate) skipped: Vec<String>,
    pub(crate) time: Duration,
}

impl Line {
    /// What this step adds to the closing line: its tests where it has some, itself where it has none. A step that
    /// failed without a failed test (it did not even build) counts as one failure.
    fn weight(&self) -> Counts {
        let mut counts = self.counts;
        match self.outcome {
            Outcome::Passed if counts.total() == 0 => counts.passed = 1,
            Outcome::Failed(_) if counts.failed == 0 => counts.failed = 1,
            Outcome::Skipped(_) => counts.skipped += 1,
            _ => {}
        }
        counts
    }
}

/// The table, the reasons, and the closing line alone on its line.
pub(crate) fn summary(lines: &[Line]) -> String {
    let mut table = format!("\n{:<16} {:<8} {:>7} {:>7} {:>8} {:>9}\n", "step", "outcome", "passed", "failed", "skipped", "time");
    let mut reasons = String::new();
    let mut sum = Counts::default();
    for line in lines {
        let (word, reason) = match &line.outcome {
            Outcome::Passed => ("ok", None),
            Outcome::Failed(why) => ("FAILED", Some(("failed", why))),
            Outcome::Skipped(why) => ("skipped", Some(("skipped", why))),
        };
        let counts = line.weight();
        let time = format!("{:.1} s", line.time.as_secs_f64());
        let (passed, failed, skipped) = (counts.passed, counts.failed, counts.skipped);
        table.push_str(&format!("{:<16} {word:<8} {passed:>7} {failed:>7} {skipped:>8} {time:>9}\n", line.name));
        if let Some((word, why)) = reason {
            reasons.push_str(&format!("{word}: {}: {why}\n", line.name));
        }
        line.skipped.iter().for_each(|why| reasons.push_str(&format!("skipped: {}: {why}\n", line.name)));
        sum.add(counts);
    }
    format!("{table}\n{reasons}{} passed, {} failed, {} skipped", sum.passed, sum.failed, sum.skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(outcome: Outcome, counts: Counts) -> Line {
        Line { name: "step", outcome, counts, skipped: vec!["a part".to_owned()], time: Duration::ZERO }
    }

    #[test]
    fn the_closing_line_counts_tests_and_steps_without_tests() {
        let text = summary(&[
            line(Outcome::Passed, Counts { passed: 5, failed: 0, skipped: 1 }),
            line(Outcome::Passed, Counts::default()),
            line(Outcome::Failed("it did not build".into()), Counts::default()),
            line(Outcome::Failed("a test".into()), Counts { passed: 1, failed: 2, skipped: 0 }),
            line(Outcome::Skipped("no such tool".into()), Counts::default()),
        ]);
        assert_eq!(text.lines().last(), Some("7 passed, 3 failed, 2 skipped"));
        assert!(text.contains("skipped: step: no such tool\n") && text.contains("skipped: step: a part\n"));
    }
}
