//! The exception classes, made from the core's error table: one per kind, all under `SecureScanError`.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use securescan_core::error::{ERRORS, ErrorRow};
use securescan_core::{Error, api};
use std::ffi::CStr;

/// What the base class says of itself.
const DOC: &CStr = c"Anything this package refuses or fails at; `code` is a stable word.";
/// The attributes of an exception and their types in Python, for the type stub; each may be `None`.
const ATTRIBUTES: [(&str, &str); 7] =
    [("code", "str"), ("message", "str"), ("file", "str"), ("line", "int"), ("column", "int"), ("byte", "int"), ("hint", "str")];

struct Classes {
    /// In the order of the error table.
    kinds: Vec<(&'static ErrorRow, Py<PyType>)>,
    base: Py<PyType>,
}

static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();

fn classes(py: Python<'_>) -> PyResult<&Classes> {
    CLASSES.get_or_try_init(py, || {
        let exception = py.get_type::<PyException>();
        let base = PyErr::new_type(py, c"securescan.SecureScanError", Some(DOC), Some(&exception), None)?;
        for (name, _) in ATTRIBUTES {
            base.bind(py).setattr(name, py.None())?;
        }
        let kinds = ERRORS.iter().map(|row| Ok((row, class(py, row, &base)?))).collect::<PyResult<_>>()?;
        Ok(Classes { kinds, base })
    })
}

fn class(py: Python<'_>, row: &ErrorRow, base: &Py<PyType>) -> PyResult<Py<PyType>> {
    let name = std::ffi::CString::new(format!("securescan.{}", row.python))?;
    let class = PyErr::new_type(py, &name, None, Some(base.bind(py)), None)?;
    class.bind(py).setattr("code", row.code)?;
    Ok(class)
}

/// Puts every class into the module under its own name.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let classes = classes(py)?;
    module.add("SecureScanError", classes.base.bind(py))?;
    for (row, class) in &classes.kinds {
        module.add(row.python, class.bind(py))?;
    }
    Ok(())
}

/// The exception for an error: its text is the whole line, its attributes the parts.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error).unwrap_or_else(|failure| failure)
}

fn build(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let classes = classes(py)?;
    let class = classes.kinds.iter().find(|(row, _)| row.code == error.code()).map_or(&classes.base, |(_, class)| class);
    let value = class.bind(py).call1((api::error_text(error),))?;
    value.setattr("code", error.code())?;
    value.setattr("message", api::error_message(error))?;
    value.setattr("file", error.file())?;
    value.setattr("line", error.line())?;
    value.setattr("column", error.column())?;
    value.setattr("byte", error.byte())?;
    value.setattr("hint", error.remedy())?;
    Ok(PyErr::from_value(value))
}
