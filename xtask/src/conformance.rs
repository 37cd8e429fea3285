//! The conformance suite as the repository sees it: packed for C, and counted over all surfaces.

use crate::shell::target;
use securescan_conformance::Suite;
use std::collections::BTreeMap;

/// Every surface that must run the suite.
const SURFACES: &[&str] = &["rust", "cli", "c", "node", "python", "uniffi-python"];

/// Surfaces whose language need not be here; where they ran, they must agree.
const OPTIONAL: &[&str] = &["uniffi-ruby"];

/// Writes the packed cases.
pub(crate) fn pack() -> Result<String, String> {
    let suite = Suite::read(&securescan_conformance::folder())?;
    let into = target().join("conformance");
    let status = |code: &str| securescan_core::error::ERRORS.iter().find(|row| row.code == code).map(|row| row.c_status);
    securescan_conformance::pack(&suite, &into, status)?;
    Ok(format!(
        "packed {} cases, {} of them pending",
        suite.cases.len(),
        suite.cases.iter().filter(|c| suite.skipped(c).is_some()).count()
    ))
}

/// What each surface said about its run: `conformance <surface>: ran N skipped M`.
#[derive(Debug, Default)]
pub(crate) struct Surfaces {
    said: BTreeMap<String, Vec<(usize, usize)>>,
}

impl Surfaces {
    /// Takes the counts out of a step's output.
    pub(crate) fn read(&mut self, output: &str) {
        for line in output.lines() {
            if let Some((surface, counts)) = statement(line) {
                self.said.entry(surface.to_owned()).or_default().push(counts);
            }
        }
    }

    /// All surfaces must have run, each as many cases as the suite has, and as many as the others.
    pub(crate) fn compare(&self) -> Result<String, String> {
        let suite = Suite::read(&securescan_conformance::folder())?;
        let skipped = suite.cases.iter().filter(|case| suite.skipped(case).is_some()).count();
        self.compare_with((suite.cases.len() - skipped, skipped))
    }

    fn compare_with(&self, expected: (usize, usize)) -> Result<String, String> {
        let mut wrong = Vec::new();
        for surface in SURFACES.iter().chain(OPTIONAL) {
            match self.said.get(*surface) {
                None if OPTIONAL.contains(surface) => {}
                None => wrong.push(format!("`{surface}` did not run")),
                Some(runs) => wrong.extend(
                    runs.iter()
                        .filter(|run| **run != expected)
                        .map(|(ran, skipped)| format!("`{surface}` ran {ran} and skipped {skipped}")),
                ),
            }
        }
        let (ran, skipped) = expected;
        if wrong.is_empty() {
            let absent = OPTIONAL.iter().filter(|surface| !self.said.contains_key(**surface)).count();
            let all = SURFACES.len() + OPTIONAL.len() - absent;
            let text = format!("{all} surfaces ran {ran} cases and skipped {skipped} alike");
            println!("{text}");
            return Ok(text);
        }
        Err(format!("{}; the suite has {ran} cases to run and {skipped} to skip", wrong.join(", ")))
    }
}

fn statement(line: &str) -> Option<(&str, (usize, usize))> {
    let (_, rest) = line.split_once("conformance ")?;
    let (surface, rest) = rest.split_once(": ran ")?;
    let (ran, skipped) = rest.split_once(" skipped ")?;
    Some((surface, (ran.trim().parse().ok()?, skipped.trim().parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surfaces_must_agree() {
        let mut surfaces = Surfaces::default();
        surfaces
            .read("x\nconformance rust: ran 3 skipped 1\n# conformance node: ran 3 skipped 1\nconformance c: ran 3 skipped 1");
        surfaces.read("conformance cli: ran 3 skipped 1\n");
        assert_eq!(
            surfaces.compare_with((3, 1)).unwrap_err().split(';').next(),
            Some("`python` did not run, `uniffi-python` did not run")
        );
        surfaces.read("conformance python: ran 2 skipped 1\n");
        surfaces.read("conformance uniffi-python: ran 3 skipped 1\n");
        assert!(surfaces.compare_with((3, 1)).unwrap_err().starts_with("`python` ran 2 and skipped 1;"));
        surfaces.said.remove("python");
        surfaces.read("conformance python: ran 3 skipped 1\n");
        assert!(surfaces.compare_with((3, 1)).unwrap().starts_with("6 surfaces"));
        surfaces.read("conformance uniffi-ruby: ran 3 skipped 0\n");
        assert!(surfaces.compare_with((3, 1)).unwrap_err().starts_with("`uniffi-ruby` ran 3 and skipped 0"));
    }
}
