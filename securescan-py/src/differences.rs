//! The two differences: `Diff` between two collections, `Comparison` with a baseline. They differ in words alone, and are written out both, so
//! that the type stub can be read from here.

use crate::findings::Findings;
use pyo3::prelude::*;
use securescan_core::api::Difference;

/// What changed between two sides, as multisets of fingerprints: `new`, `fixed`, `unchanged`, `not_scanned`.
#[pyclass(frozen, module = "securescan", name = "Diff")]
pub(crate) struct Diff(pub(crate) Difference);

#[pymethods]
impl Diff {
    /// Only on the newer side, or suppressed before and not any more.
    #[getter(new)]
    fn fresh(&self) -> Findings {
        Findings(self.0.new.clone())
    }
    /// Only on the older side, where the scanner completed on the newer one.
    #[getter]
    fn fixed(&self) -> Findings {
        Findings(self.0.gone.clone())
    }
    /// On both sides; as the newer one has them.
    #[getter]
    fn unchanged(&self) -> Findings {
        Findings(self.0.kept.clone())
    }
    /// Only on the older side, and the scanner did not look: nothing is known.
    #[getter]
    fn not_scanned(&self) -> Findings {
        Findings(self.0.not_scanned.clone())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.0 == other.get().0)
    }

    fn __hash__(&self) -> usize {
        self.0.new.len()
    }

    fn __repr__(&self) -> String {
        shown(&self.0, ["Diff", "fixed", "unchanged"])
    }
}

/// What changed since a baseline: `new`, `disappeared`, `still_present`, `not_scanned`.
#[pyclass(frozen, module = "securescan", name = "Comparison")]
pub(crate) struct Comparison(pub(crate) Difference);

#[pymethods]
impl Comparison {
    /// Only on the newer side, or suppressed before and not any more.
    #[getter(new)]
    fn fresh(&self) -> Findings {
        Findings(self.0.new.clone())
    }
    /// Only on the older side, where the scanner completed on the newer one.
    #[getter]
    fn disappeared(&self) -> Findings {
        Findings(self.0.gone.clone())
    }
    /// On both sides; as the newer one has them.
    #[getter]
    fn still_present(&self) -> Findings {
        Findings(self.0.kept.clone())
    }
    /// Only on the older side, and the scanner did not look: nothing is known.
    #[getter]
    fn not_scanned(&self) -> Findings {
        Findings(self.0.not_scanned.clone())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.0 == other.get().0)
    }

    fn __hash__(&self) -> usize {
        self.0.new.len()
    }

    fn __repr__(&self) -> String {
        shown(&self.0, ["Comparison", "disappeared", "still_present"])
    }
}

fn shown(d: &Difference, [class, gone, kept]: [&str; 3]) -> String {
    let [new, were, are, unknown] = [&d.new, &d.gone, &d.kept, &d.not_scanned].map(|part| part.len());
    format!("<{class} {new} new, {were} {gone}, {are} {kept}, {unknown} not scanned>")
}
