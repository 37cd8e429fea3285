//! `Findings`: the native collection, and its iterator.

use crate::convert::{self, bytes, invalid};
use crate::errors::raise;
use crate::finding::Finding;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySlice, PyType};
use securescan_core::{Filter, api, model};
use std::hash::{DefaultHasher, Hasher};
use std::str::FromStr;

/// An immutable sequence of findings with the coverage they rest on. They stay native: an item is converted when it is looked at, and a
/// slice, a filter or an order shares them.
#[pyclass(frozen, module = "securescan", name = "Findings")]
pub(crate) struct Findings(pub(crate) model::Findings);

/// Walks over a collection from either end.
#[pyclass(module = "securescan", name = "_FindingsIterator")]
pub(crate) struct FindingsIterator {
    all: model::Findings,
    next: usize,
}

#[pymethods]
impl FindingsIterator {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&mut self) -> Option<Finding> {
        let item = Finding::at(&self.all, self.next)?;
        self.next += 1;
        Some(item)
    }

    fn __length_hint__(&self) -> usize {
        self.all.len().saturating_sub(self.next)
    }
}

#[pymethods]
impl Findings {
    /// An empty collection; use `parse`, `scan`, `from_json` or `from_dicts` for others.
    #[new]
    fn new() -> Self {
        Self(model::Findings::default())
    }

    /// Reads the JSON of `to_json` or `to_snapshot`: a bare array of findings, or an object that has one.
    ///
    /// >>> import securescan
    /// >>> len(securescan.Findings.from_json("[]"))
    /// 0
    #[classmethod]
    #[pyo3(signature = (data: "str | Bytes", /))]
    fn from_json(_class: &Bound<'_, PyType>, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let data = bytes(data, "data")?;
        py.detach(|| {
            let text = std::str::from_utf8(&data)
                .map_err(|e| securescan_core::Error::parse("not UTF-8 text").at_byte(e.valid_up_to() as u64))?;
            model::Findings::from_json(text)
        })
        .map(Self)
        .map_err(|error| raise(py, &error))
    }

    /// From dicts, dataclasses, pydantic models or any objects with the fields of a finding.
    ///
    /// >>> import securescan
    /// >>> found = securescan.Findings.from_dicts([{"scanner": "mine", "scan_type": "code", "severity": "low", "title": "A title"}])
    /// >>> found[0].title
    /// 'A title'
    #[classmethod]
    #[pyo3(signature = (items: "Iterable[object]", /))]
    fn from_dicts(_class: &Bound<'_, PyType>, py: Python<'_>, items: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = py.import("securescan._convert")?.call_method1("findings", (items,))?.extract::<String>()?;
        py.detach(|| model::Findings::from_json(&text)).map(Self).map_err(|error| raise(py, &error))
    }

    /// What was scanned, as the user named it; empty when unknown.
    #[getter]
    fn target(&self) -> &str {
        self.0.target()
    }

    /// The coverage: one dict for each scanner, in registry order; empty when unknown.
    #[getter]
    #[cfg_attr(false, stub("-> list[ScannerRun]"))]
    fn scanners<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::json(py, &self.0.scanners())
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __iter__(&self) -> FindingsIterator {
        FindingsIterator { all: self.0.clone(), next: 0 }
    }

    fn __reversed__(&self) -> FindingsIterator {
        FindingsIterator { all: self.0.select((0..self.0.len()).rev()), next: 0 }
    }

    #[cfg_attr(false, stub("(self, index: SupportsIndex, /) -> Finding", "(self, index: slice, /) -> Findings"))]
    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(slice) = index.cast::<PySlice>() {
            let range = slice.indices(isize::try_from(self.0.len()).unwrap_or(isize::MAX))?;
            let positions = (0..range.slicelength).map(|n| range.start + n as isize * range.step);
            let part = self.0.select(positions.filter_map(|n| usize::try_from(n).ok()));
            return Ok(Bound::new(py, Self(part))?.into_any());
        }
        let Ok(index) = index.extract::<isize>() else {
            return Err(PyTypeError::new_err("an index is an int or a slice"));
        };
        let at = if index < 0 { self.0.len().checked_add_signed(index) } else { usize::try_from(index).ok() };
        match at.and_then(|at| Finding::at(&self.0, at)) {
            Some(finding) => Ok(Bound::new(py, finding)?.into_any()),
            None => Err(PyIndexError::new_err("index out of range")),
        }
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.0 == other.get().0)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.iter().for_each(|finding| hasher.write(finding.fingerprint.as_bytes()));
        hasher.finish()
    }

    #[cfg_attr(false, stub("(self, other: Findings, /) -> Findings"))]
    fn __add__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        let Ok(other) = other.cast::<Self>() else {
            return Err(PyTypeError::new_err("only Findings can be added to Findings"));
        };
        let (a, b) = (&self.0, &other.get().0);
        Ok(Self(py.detach(|| a.concat(b))))
    }

    fn __repr__(&self) -> String {
        let summary = api::summary(&self.0);
        let counts = [
            (summary.critical, "critical"),
            (summary.high, "high"),
            (summary.medium, "medium"),
            (summary.low, "low"),
            (summary.info, "info"),
            (summary.suppressed, "suppressed"),
        ];
        let words: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        let words = if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) };
        format!("<Findings {}{words}>", self.0.len())
    }

    fn __copy__(&self) -> Self {
        Self(self.0.clone())
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyDict>) -> Self {
        Self(self.0.clone())
    }

    #[cfg_attr(false, stub("-> tuple[Any, tuple[str]]"))]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let text = py.detach(|| self.0.to_snapshot_json());
        Ok((py.get_type::<Self>().getattr("from_json")?, (text,)))
    }

    /// Those that meet every condition: `severity`, `min_severity`, `scanner`, `scan_type`, `rule_id`, `cwe`, `path`, `compliance_tag`,
    /// `suppressed`, `text`. A list is met by any of its items.
    ///
    /// >>> import securescan
    /// >>> securescan.Findings().filter(min_severity="high", path=["src", "lib"])
    /// <Findings 0>
    #[pyo3(signature = (**conditions))]
    #[cfg_attr(
        false,
        stub(
            "(self, *, severity: Words = ..., min_severity: str = ..., scanner: Words = ..., scan_type: Words = ..., rule_id: Words = ..., \
             cwe: Words = ..., path: Words = ..., compliance_tag: Words = ..., suppressed: bool = ..., text: str = ...) -> Findings"
        )
    )]
    fn filter(&self, py: Python<'_>, conditions: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let text = match conditions {
            Some(given) => py.import("securescan._convert")?.call_method1("dumps", (given,))?.extract::<String>()?,
            None => "{}".to_owned(),
        };
        let filter: Filter = serde_json::from_str(&text).map_err(|e| invalid(py, &format!("not a filter: {e}")))?;
        Ok(Self(py.detach(|| self.0.filter(&filter))))
    }

    /// All of them in another order: `canonical`, `severity`, `scanner`, `rule_id`, `file_path` or `title`.
    #[pyo3(signature = (
        by: "Literal['canonical', 'severity', 'scanner', 'rule_id', 'file_path', 'title']" = "canonical",
        *,
        reverse = false
    ))]
    fn sort(&self, py: Python<'_>, by: &str, reverse: bool) -> PyResult<Self> {
        let key = model::SortKey::from_str(by).map_err(|e| raise(py, &e))?;
        Ok(Self(py.detach(|| self.0.sorted(key, reverse))))
    }

    /// Parts by `severity`, `scanner`, `scan_type`, `rule_id`, `file_path`, `cwe` or `package`; severities from the worst, others by name,
    /// findings without one under `None`.
    #[pyo3(signature = (
        by: "Literal['severity', 'scanner', 'scan_type', 'rule_id', 'file_path', 'cwe', 'package']"
    ) -> "dict[str | None, Findings]")]
    fn group_by<'py>(&self, py: Python<'py>, by: &str) -> PyResult<Bound<'py, PyDict>> {
        let key = model::GroupKey::from_str(by).map_err(|e| raise(py, &e))?;
        let groups = py.detach(|| self.0.group_by(key));
        let out = PyDict::new(py);
        for (name, part) in groups {
            out.set_item(name, Bound::new(py, Self(part))?)?;
        }
        Ok(out)
    }

    /// One finding for one thing, whoever reports it; identified and in canonical order.
    fn dedup(&self, py: Python<'_>) -> Self {
        Self(py.detach(|| api::deduplicate(&self.0)))
    }

    /// The bare array, indented, with a final newline.
    fn to_json(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.to_json())
    }

    /// The snapshot: schema, target, coverage and findings. `diff` needs the coverage to tell fixed from not scanned.
    fn to_snapshot(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.to_snapshot_json())
    }

    /// A list of dicts, in the shape of the JSON.
    #[pyo3(signature = () -> "list[dict[str, Any]]")]
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for finding in self.0.iter() {
            list.append(convert::json(py, finding)?)?;
        }
        Ok(list)
    }

    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        py.detach(|| crate::table::html(&self.0)).map_err(|e| raise(py, &e))
    }

    /// The findings as an Arrow stream: pandas, Polars, DuckDB and PyArrow read it. See `arrow.rs` for the columns.
    #[pyo3(signature = (requested_schema: "object | None" = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, pyo3::types::PyCapsule>> {
        let _ = requested_schema;
        crate::arrow::stream(py, self.0.clone())
    }

    /// The schema of that stream.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyCapsule>> {
        crate::arrow::schema_capsule(py)
    }
}
