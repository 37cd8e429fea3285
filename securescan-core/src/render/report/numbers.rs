//! Counts by severity, of all findings and of each scanner or place.

use crate::model::Severity;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Worst first: the order of every chart and table.
pub(in crate::render) const SEVERITIES: [Severity; 5] =
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

/// How many findings of each severity, worst first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::render) struct Counts([usize; 5]);

impl Counts {
    pub(in crate::render) fn add(&mut self, severity: Severity) {
        let slots = self.0.iter_mut().zip(SEVERITIES);
        slots.filter(|(_, s)| *s == severity).for_each(|(slot, _)| *slot += 1);
    }

    pub(in crate::render) fn total(&self) -> usize {
        self.0.iter().sum()
    }

    pub(in crate::render) fn of(&self, severity: Severity) -> usize {
        self.each().find(|(s, _)| *s == severity).map_or(0, |(_, n)| n)
    }

    /// Severity and count, worst first.
    pub(in crate::render) fn each(&self) -> impl Iterator<Item = (Severity, usize)> + use<> {
        SEVERITIES.into_iter().zip(self.0)
    }

    /// `3 critical, 1 low`; empty without findings.
    pub(in crate::render) fn words(&self) -> String {
        let parts: Vec<String> = self.each().filter(|(_, n)| *n > 0).map(|(s, n)| format!("{n} {s}")).collect();
        parts.join(", ")
    }
}

/// A bar of a chart.
pub(in crate::render) struct Row<'a> {
    /// Not escaped.
    pub(in crate::render) name: Cow<'a, str>,
    pub(in crate::render) counts: Counts,
}

/// Gathers by name: most findings first, then the more severe ones, then by name.
pub(super) fn rows<'a>(items: impl Iterator<Item = (Cow<'a, str>, Severity)>) -> Vec<Row<'a>> {
    let mut known: FxHashMap<Cow<'a, str>, Counts> = FxHashMap::default();
    for (name, severity) in items {
        known.entry(name).or_default().add(severity);
    }
    let mut rows: Vec<Row<'a>> = known.into_iter().map(|(name, counts)| Row { name, counts }).collect();
    rows.sort_by(|a, b| {
        let rank = |row: &Row<'_>| (row.counts.total(), row.counts.0);
        rank(b).cmp(&rank(a)).then_with(|| a.name.cmp(&b.name))
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_rank() {
        let of = |name: &'static str, severity| (Cow::Borrowed(name), severity);
        let rows = rows(
            [
                of("b", Severity::Low),
                of("a", Severity::Low),
                of("c", Severity::High),
                of("d", Severity::Info),
                of("d", Severity::Info),
            ]
            .into_iter(),
        );
        assert_eq!(rows.iter().map(|r| r.name.as_ref()).collect::<Vec<_>>(), ["d", "c", "a", "b"]);
        assert_eq!((rows[0].counts.words(), rows[0].counts.of(Severity::Info)), ("2 info".into(), 2));
    }
}
