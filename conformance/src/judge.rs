//! Whether an answer is the expected one, and how many were.

use crate::{Case, Expected, Suite};
use serde_json::Value;

/// Compares an answer with its case: `Ok` is the response text, `Err` the error as JSON text.
///
/// # Errors
/// Says what differs, in a few lines.
pub fn judge(case: &Case, answer: Result<&str, &str>) -> Result<(), String> {
    match (&case.expect, answer) {
        (Expected::Ok(expected), Ok(text)) if same_bytes(expected, text) => Ok(()),
        (Expected::Ok(expected), Ok(text)) => Err(format!("{}: {}\n  expected {expected}\n  answered {text}", case.id, case.why)),
        (Expected::Ok(expected), Err(error)) => {
            Err(format!("{}: {}\n  expected {expected}\n  failed   {error}", case.id, case.why))
        }
        (Expected::Err(fields), Ok(text)) => Err(format!("{}: {}\n  expected {fields:?}\n  answered {text}", case.id, case.why)),
        (Expected::Err(fields), Err(error)) => {
            let actual: Value = serde_json::from_str(error).map_err(|e| format!("{}: the error is not JSON: {e}", case.id))?;
            match fields.iter().find(|(name, value)| actual.get(name.as_str()) != Some(value)) {
                None => Ok(()),
                Some((name, value)) => Err(format!("{}: {}\n  expected {name} = {value}\n  failed   {error}", case.id, case.why)),
            }
        }
    }
}

/// A surface's count over the suite.
#[derive(Debug, Default)]
pub struct Tally {
    /// Cases run.
    pub ran: usize,
    /// Cases skipped, each with its reason.
    pub skipped: Vec<String>,
    /// What differed.
    pub failures: Vec<String>,
}

impl Tally {
    /// Runs the suite on a surface.
    pub fn run(suite: &Suite, mut surface: impl FnMut(&Case) -> Result<(), String>) -> Self {
        let mut tally = Self::default();
        for case in &suite.cases {
            match suite.skipped(case) {
                Some(reason) => tally.skipped.push(format!("skipped: {}: {reason}", case.id)),
                None => {
                    tally.ran += 1;
                    tally.failures.extend(surface(case).err());
                }
            }
        }
        tally
    }

    /// The lines a runner prints: the skipped, then the count every surface states alike.
    pub fn report(&self, surface: &str) -> String {
        let skipped: String = self.skipped.iter().map(|line| format!("{line}\n")).collect();
        format!("{skipped}conformance {surface}: ran {} skipped {}\n", self.ran, self.skipped.len())
    }
}

/// Compares canonical text, not values: `1.0` is not `1`, and a space too many is a difference.
fn same_bytes(expected: &Value, text: &str) -> bool {
    let canonical: String = expected.to_string();
    canonical == text
}
