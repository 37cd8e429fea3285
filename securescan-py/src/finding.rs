//! `Finding`: one of a collection, converted field by field when it is looked at.

use crate::convert;
use crate::findings::Findings;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use securescan_core::model;
use std::hash::{DefaultHasher, Hasher};

/// One finding. Immutable; its fields are attributes and, with `finding["rule_id"]`, items.
#[pyclass(frozen, module = "securescan", name = "Finding")]
pub(crate) struct Finding {
    all: model::Findings,
    at: usize,
}

impl Finding {
    /// The finding at a position, sharing the collection.
    pub(crate) fn at(all: &model::Findings, at: usize) -> Option<Self> {
        all.get(at).map(|_| Self { all: all.clone(), at })
    }

    /// The finding itself. The position was checked when this was made, and a collection never changes.
    fn get(&self) -> PyResult<&model::Finding> {
        self.all.get(self.at).ok_or_else(|| pyo3::exceptions::PyIndexError::new_err("the finding is gone"))
    }
}

macro_rules! fields {
    ($($name:ident),+ $(,)?) => {
        /// Every field, in the order of the JSON.
        const FIELDS: &[&str] = &[$(stringify!($name)),+];
    };
}

fields!(
    id,
    scan_id,
    scanner,
    scan_type,
    severity,
    confidence,
    title,
    description,
    remediation,
    file_path,
    line,
    column,
    end_line,
    end_column,
    rule_id,
    cwe,
    vulnerability_ids,
    package,
    references,
    fingerprint,
    compliance_tags,
    metadata,
);

#[pymethods]
impl Finding {
    /// `f-` and 12 hexadecimal digits; the same finding has the same id in every run.
    #[getter]
    fn id(&self) -> PyResult<&str> {
        Ok(&self.get()?.id)
    }
    /// Set by the server; never part of identity.
    #[getter]
    fn scan_id(&self) -> PyResult<Option<&str>> {
        Ok(self.get()?.scan_id.as_deref())
    }
    /// Who reports it.
    #[getter]
    fn scanner(&self) -> PyResult<&str> {
        Ok(&self.get()?.scanner)
    }
    /// `code`, `dependency`, `iac`, `baseline`, `dast` or `network`.
    #[getter]
    fn scan_type(&self) -> PyResult<&str> {
        Ok(self.get()?.scan_type.as_str())
    }
    /// `critical`, `high`, `medium`, `low` or `info`.
    #[getter]
    fn severity(&self) -> PyResult<&str> {
        Ok(self.get()?.severity.as_str())
    }
    /// `high`, `medium`, `low`, or None where the scanner does not say.
    #[getter]
    fn confidence(&self) -> PyResult<Option<&str>> {
        Ok(self.get()?.confidence.map(|c| c.as_str()))
    }
    /// One line.
    #[getter]
    fn title(&self) -> PyResult<&str> {
        Ok(&self.get()?.title)
    }
    /// What is wrong and why it matters.
    #[getter]
    fn description(&self) -> PyResult<&str> {
        Ok(&self.get()?.description)
    }
    /// What to do.
    #[getter]
    fn remediation(&self) -> PyResult<&str> {
        Ok(&self.get()?.remediation)
    }
    /// Relative to the scan root, with forward slashes.
    #[getter]
    fn file_path(&self) -> PyResult<Option<&str>> {
        Ok(self.get()?.file_path.as_deref())
    }
    /// First line, 1-based.
    #[getter]
    fn line(&self) -> PyResult<Option<u32>> {
        Ok(self.get()?.line)
    }
    /// First column, 1-based.
    #[getter]
    fn column(&self) -> PyResult<Option<u32>> {
        Ok(self.get()?.column)
    }
    /// Last line, 1-based, inclusive.
    #[getter]
    fn end_line(&self) -> PyResult<Option<u32>> {
        Ok(self.get()?.end_line)
    }
    /// Column after the last character, 1-based.
    #[getter]
    fn end_column(&self) -> PyResult<Option<u32>> {
        Ok(self.get()?.end_column)
    }
    /// The scanner's rule.
    #[getter]
    fn rule_id(&self) -> PyResult<Option<&str>> {
        Ok(self.get()?.rule_id.as_deref())
    }
    /// `CWE-95` form.
    #[getter]
    fn cwe(&self) -> PyResult<Option<&str>> {
        Ok(self.get()?.cwe.as_deref())
    }
    /// CVE, GHSA, PYSEC, … ids, sorted.
    #[getter]
    fn vulnerability_ids(&self) -> PyResult<Vec<String>> {
        Ok(self.get()?.vulnerability_ids.clone())
    }
    /// The package as a dict, for dependency findings.
    #[getter]
    #[cfg_attr(false, stub("-> dict[str, Any] | None"))]
    fn package<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::json(py, &self.get()?.package)
    }
    /// URLs.
    #[getter]
    fn references(&self) -> PyResult<Vec<String>> {
        Ok(self.get()?.references.clone())
    }
    /// 64 hexadecimal digits; empty until identified.
    #[getter]
    fn fingerprint(&self) -> PyResult<&str> {
        Ok(&self.get()?.fingerprint)
    }
    /// Sorted, unique.
    #[getter]
    fn compliance_tags(&self) -> PyResult<Vec<String>> {
        Ok(self.get()?.compliance_tags.clone())
    }
    /// A fresh dict.
    #[getter]
    #[cfg_attr(false, stub("-> dict[str, Any]"))]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::json(py, &self.get()?.metadata)
    }
    /// Whether a comment, the configuration or a baseline silences it.
    #[getter]
    fn suppressed(&self) -> PyResult<bool> {
        Ok(self.get()?.is_suppressed())
    }

    /// A dict of every field, in the shape of the JSON.
    #[pyo3(signature = () -> "dict[str, Any]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::json(py, self.get()?)
    }

    /// The names of the fields, so that `dict(finding)` works.
    #[staticmethod]
    fn keys() -> Vec<&'static str> {
        FIELDS.to_vec()
    }

    #[cfg_attr(false, stub("-> Any"))]
    fn __getitem__<'py>(this: &Bound<'py, Self>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        if FIELDS.contains(&name) { this.as_any().getattr(name) } else { Err(PyKeyError::new_err(name.to_owned())) }
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        match other.cast::<Self>() {
            Ok(other) => Ok(self.get()?.is_same(other.get().get()?)),
            Err(_) => Ok(false),
        }
    }

    fn __hash__(&self) -> PyResult<u64> {
        let finding = self.get()?;
        let mut hasher = DefaultHasher::new();
        for text in [&finding.fingerprint, &finding.scanner, &finding.title] {
            hasher.write(text.as_bytes());
        }
        Ok(hasher.finish())
    }

    fn __repr__(&self) -> PyResult<String> {
        let f = self.get()?;
        let place = match (&f.file_path, f.line) {
            (Some(file), Some(line)) => format!(" at {file}:{line}"),
            (Some(file), None) => format!(" at {file}"),
            _ => String::new(),
        };
        let title: String = f.title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect();
        let place: String = place.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        Ok(format!("<Finding {} {} {title:?}{place}>", f.severity, f.scanner))
    }

    #[cfg_attr(false, stub("-> tuple[Any, tuple[str]]"))]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let text = self.all.select([self.at]).to_snapshot_json();
        Ok((py.get_type::<Self>().getattr("_from_json")?, (text,)))
    }

    #[staticmethod]
    fn _from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        let all = model::Findings::from_json(text).map_err(|e| crate::errors::raise(py, &e))?;
        Self::at(&all, 0).ok_or_else(|| convert::invalid(py, "no finding"))
    }

    /// This finding alone, as a collection.
    fn _alone(&self) -> Findings {
        Findings(self.all.select([self.at]))
    }

    fn __copy__(&self) -> Self {
        Self { all: self.all.clone(), at: self.at }
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyDict>) -> Self {
        self.__copy__()
    }
}
