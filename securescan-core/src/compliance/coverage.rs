//! Coverage: the controls of each framework, and which of them the findings touch.

use super::Frameworks;
use crate::model::Finding;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The coverage of all frameworks.
///
/// # Source
/// Product documentation, "Coverage summary"; spec 01, decision D8.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Coverage {
    /// By the framework's short name: `OWASP`, `CIS`, `PCI-DSS`, `SOC2`.
    pub frameworks: BTreeMap<String, FrameworkCoverage>,
}

/// The coverage of one framework. Control ids are without the framework's prefix.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FrameworkCoverage {
    /// Every control, in the framework's order.
    pub controls: Vec<String>,
    /// Those that at least one finding touches, in the same order.
    pub observed: Vec<String>,
    /// `observed` of `controls` in percent, one decimal; 0 when there are no controls. High is not good: it says how much
    /// of the framework the findings touch.
    pub coverage_pct: f64,
    /// The data file's name without `.json`.
    pub id: String,
    /// The framework's name.
    pub name: String,
    /// The framework's version.
    pub version: String,
    /// How many findings touch each observed control.
    pub findings: BTreeMap<String, usize>,
}

impl Frameworks {
    /// The coverage of findings by their `compliance_tags`; older spellings of tags count, unknown tags do not. All
    /// findings given count, suppressed ones too: whoever wants them left out leaves them out before.
    pub fn coverage<'f>(&self, findings: impl IntoIterator<Item = &'f Finding>) -> Coverage {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for finding in findings {
            let slots: BTreeSet<u32> = finding.compliance_tags.iter().filter_map(|tag| self.slot(tag)).collect();
            for slot in slots {
                *counts.entry(slot).or_default() += 1;
            }
        }
        let mut rows: Vec<FrameworkCoverage> = self.frameworks.iter().map(FrameworkCoverage::of).collect();
        for (slot, control) in self.controls.iter().enumerate() {
            let Some(row) = rows.get_mut(control.framework) else { continue };
            row.controls.push(control.id.clone());
            if let Some(count) = u32::try_from(slot).ok().and_then(|slot| counts.get(&slot)) {
                row.observed.push(control.id.clone());
                row.findings.insert(control.id.clone(), *count);
            }
        }
        for row in &mut rows {
            row.coverage_pct = percent(row.observed.len(), row.controls.len());
        }
        let keys = self.frameworks.iter().map(|framework| framework.key.clone());
        Coverage { frameworks: keys.zip(rows).collect() }
    }
}

impl FrameworkCoverage {
    fn of(info: &super::FrameworkInfo) -> Self {
        Self { id: info.id.clone(), name: info.name.clone(), version: info.version.clone(), ..Self::default() }
    }
}

/// To one decimal, ties to even on the exact binary value, as everywhere in the product.
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    format!("{:.1}", part as f64 / whole as f64 * 100.0).parse().unwrap_or(0.0)
}
