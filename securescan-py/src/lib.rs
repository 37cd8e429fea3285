//! The extension module `securescan._native`: conversions between Python and [`securescan_core::api`], nothing else.
//!
//! The pure-Python face lives in `python/securescan/`; a decision about findings belongs to neither.

mod errors;

use pyo3::prelude::*;
use securescan_core::api;

/// Runs an operation by name over JSON text; the interpreter is released meanwhile.
#[pyfunction]
#[pyo3(name = "_call", signature = (op, request_json, /))]
fn call(py: Python<'_>, op: &str, request_json: &str) -> PyResult<String> {
    py.detach(|| api::call_json(op, request_json)).map_err(|error| errors::raise(py, &error))
}

/// The native half of the package `securescan`.
#[pymodule(gil_used = false)]
#[pyo3(name = "_native")]
fn native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", securescan_core::VERSION)?;
    module.add("_DEBUG_BUILD", cfg!(debug_assertions))?;
    errors::register(module)?;
    module.add_function(wrap_pyfunction!(call, module)?)
}
