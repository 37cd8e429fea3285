//! `Baseline` and `Config`.

use crate::convert::{self, bytes};
use crate::errors::raise;
use crate::findings::Findings;
use pyo3::prelude::*;
use pyo3::types::PyType;
use securescan_core::api;
use securescan_core::{ScanType, baseline, config};
use std::path::PathBuf;

/// The findings a project has decided to live with.
#[pyclass(frozen, module = "securescan", name = "Baseline")]
pub(crate) struct Baseline(pub(crate) baseline::Baseline);

/// Words of scan types, from what Python hands in.
pub(crate) fn scan_types(py: Python<'_>, words: Option<Vec<String>>) -> PyResult<Vec<ScanType>> {
    words.unwrap_or_default().iter().map(|word| word.parse().map_err(|e| raise(py, &e))).collect()
}

#[pymethods]
impl Baseline {
    /// A baseline of these findings, suppressed ones included.
    #[classmethod]
    #[pyo3(signature = (findings, *, target_path = ".", scan_types = None))]
    fn from_findings(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        findings: &Bound<'_, Findings>,
        target_path: &str,
        scan_types: Option<Vec<String>>,
    ) -> PyResult<Self> {
        let types = self::scan_types(py, scan_types)?;
        let findings = &findings.get().0;
        Ok(Self(py.detach(|| api::baseline(findings, target_path, &types))))
    }

    /// Reads the text of a baseline file, of this version or of the Python one, or a snapshot.
    #[classmethod]
    #[pyo3(signature = (data: "str | Bytes", /))]
    fn loads(_class: &Bound<'_, PyType>, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let data = bytes(data, "data")?;
        py.detach(|| baseline::Baseline::parse(&data, "baseline")).map(Self).map_err(|e| raise(py, &e))
    }

    /// Reads a baseline file.
    #[classmethod]
    #[pyo3(signature = (path, /))]
    fn load(_class: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        py.detach(|| baseline::Baseline::read(&path)).map(Self).map_err(|e| raise(py, &e))
    }

    /// The text of the file, the same for the same findings.
    fn dumps(&self) -> String {
        String::from_utf8_lossy(&self.0.to_bytes()).into_owned()
    }

    /// Writes the file, whole or not at all.
    #[pyo3(signature = (path, /))]
    fn dump(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.0.write(&path)).map(|_| ()).map_err(|e| raise(py, &e))
    }

    /// One dict for each finding it stands for.
    #[getter]
    #[cfg_attr(false, stub("-> list[dict[str, Any]]"))]
    fn entries<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::json(py, &self.0.entries())
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.0 == other.get().0)
    }

    fn __hash__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        format!("<Baseline {} entries>", self.0.len())
    }

    #[cfg_attr(false, stub("-> tuple[Any, tuple[str]]"))]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((py.get_type::<Self>().getattr("loads")?, (self.dumps(),)))
    }
}

/// A configuration.
#[pyclass(frozen, module = "securescan", name = "Config")]
pub(crate) struct Config(pub(crate) config::Config);

#[pymethods]
impl Config {
    /// Reads the text of a configuration file.
    #[classmethod]
    #[pyo3(signature = (text: "str | Bytes", /, *, file = ".securescan.yml"))]
    fn parse(_class: &Bound<'_, PyType>, py: Python<'_>, text: &Bound<'_, PyAny>, file: &str) -> PyResult<Self> {
        let text = text_of(text)?;
        py.detach(|| config::Config::parse(&text, file)).map(Self).map_err(|e| raise(py, &e))
    }

    /// Reads a configuration file; of a folder, the one that applies to it, the default when there is none.
    #[classmethod]
    #[pyo3(signature = (path = None, /))]
    fn load(_class: &Bound<'_, PyType>, py: Python<'_>, path: Option<PathBuf>) -> PyResult<Self> {
        let path = path.unwrap_or_else(|| PathBuf::from("."));
        let read = || {
            if path.is_dir() {
                return Ok(config::Config::discover(&path)?.map(|(_, config)| config).unwrap_or_default());
            }
            config::Config::load(&path)
        };
        py.detach(read).map(Self).map_err(|e| raise(py, &e))
    }

    /// Every problem of a text: dicts with `severity`, `message`, `location`, `line`, `column`.
    #[staticmethod]
    #[pyo3(signature = (text: "str | Bytes", /, *, file = ".securescan.yml") -> "list[dict[str, Any]]")]
    fn lint<'py>(py: Python<'py>, text: &Bound<'py, PyAny>, file: &str) -> PyResult<Bound<'py, PyAny>> {
        let text = text_of(text)?;
        convert::json(py, &py.detach(|| config::Config::lint(&text, file, &|_| true)))
    }

    /// A dict of every key.
    #[pyo3(signature = () -> "dict[str, Any]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::json(py, &self.0)
    }

    /// The gate, if one is set.
    #[getter]
    fn fail_on_severity(&self) -> Option<&'static str> {
        self.0.fail_on_severity.map(|severity| severity.as_str())
    }

    /// What to scan for; empty leaves the choice to the engine.
    #[getter]
    fn scan_types(&self) -> Vec<&'static str> {
        self.0.scan_types.iter().map(|t| t.as_str()).collect()
    }

    /// Rules whose findings are suppressed.
    #[getter]
    fn ignored_rules(&self) -> Vec<String> {
        self.0.ignored_rules.clone()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.0 == other.get().0)
    }

    fn __hash__(&self) -> usize {
        self.0.ignored_rules.len()
    }

    fn __repr__(&self) -> String {
        format!("<Config {}>", self.0.describe().iter().map(|line| line.trim()).collect::<Vec<_>>().join(", "))
    }
}

fn text_of(value: &Bound<'_, PyAny>) -> PyResult<String> {
    String::from_utf8(bytes(value, "text")?).map_err(|_| convert::invalid(value.py(), "text is not UTF-8"))
}
