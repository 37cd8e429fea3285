//! The extension module `securescan._native`: conversions between Python and [`securescan_core::api`], nothing else.
//!
//! The pure-Python face lives in `python/securescan/`; a decision about findings belongs to neither. Its type stub `_native.pyi` is written from
//! these sources by `cargo xtask codegen`: a type that the Rust signature does not tell is annotated beside the function, in pyo3's `signature`
//! or, where that cannot stand, in `cfg_attr(false, stub(…))`.

mod arrow;
mod convert;
mod differences;
mod documents;
mod errors;
mod finding;
mod findings;
mod operations;
mod scan;
mod table;

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
    module.add::<_, &str>("__version__", securescan_core::VERSION)?;
    module.add::<_, bool>("_DEBUG_BUILD", cfg!(debug_assertions))?;
    errors::register(module)?;
    module.add_class::<findings::Findings>()?;
    module.add_class::<findings::FindingsIterator>()?;
    module.add_class::<finding::Finding>()?;
    module.add_class::<documents::Baseline>()?;
    module.add_class::<documents::Config>()?;
    module.add_class::<differences::Diff>()?;
    module.add_class::<differences::Comparison>()?;
    module.add_class::<scan::Cancel>()?;
    module.add_function(wrap_pyfunction!(operations::parse, module)?)?;
    module.add_function(wrap_pyfunction!(operations::process, module)?)?;
    module.add_function(wrap_pyfunction!(operations::diff, module)?)?;
    module.add_function(wrap_pyfunction!(operations::compare, module)?)?;
    module.add_function(wrap_pyfunction!(operations::render, module)?)?;
    module.add_function(wrap_pyfunction!(operations::summary, module)?)?;
    module.add_function(wrap_pyfunction!(operations::risk_score, module)?)?;
    module.add_function(wrap_pyfunction!(operations::coverage, module)?)?;
    module.add_function(wrap_pyfunction!(operations::verify_webhook, module)?)?;
    module.add_function(wrap_pyfunction!(operations::status, module)?)?;
    module.add_function(wrap_pyfunction!(operations::run_cli, module)?)?;
    module.add_function(wrap_pyfunction!(scan::scan, module)?)?;
    module.add_function(wrap_pyfunction!(scan::stop_all, module)?)?;
    module.add_function(wrap_pyfunction!(scan::after_fork, module)?)?;
    module.add_function(wrap_pyfunction!(call, module)?)
}
