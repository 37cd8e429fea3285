//! Values between Python and JSON.

use crate::errors;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyList, PyString};
use securescan_core::Error;
use serde::Serialize;
use serde_json::Value;

/// A JSON value as Python has it: dict, list, str, int, float, bool, None. Depth is bounded by what the core reads.
pub(crate) fn to_py<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => PyBool::new(py, *value).to_owned().into_any(),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(n), _) => n.into_pyobject(py)?.into_any(),
            (_, Some(n)) => n.into_pyobject(py)?.into_any(),
            _ => number.as_f64().unwrap_or(f64::NAN).into_pyobject(py)?.into_any(),
        },
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(to_py(py, item)?)?;
            }
            list.into_any()
        }
        Value::Object(map) => {
            let dict = PyDict::new(py);
            for (key, item) in map {
                dict.set_item(key, to_py(py, item)?)?;
            }
            dict.into_any()
        }
    })
}

/// Anything that has a JSON form.
pub(crate) fn json<'py>(py: Python<'py>, value: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    let value = serde_json::to_value(value).map_err(|e| errors::raise(py, &Error::invalid(e.to_string())))?;
    to_py(py, &value)
}

/// The bytes of `str`, `bytes` or anything with the buffer protocol; owned, so that nobody changes them while they are read.
pub(crate) fn bytes(value: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<u8>> {
    if let Ok(text) = value.cast::<PyString>() {
        let text = text.to_str().map_err(|_| invalid(value.py(), &format!("{what} holds a lone surrogate")))?;
        return Ok(text.as_bytes().to_vec());
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    let is_buffer = ["bytearray", "memoryview"].iter().any(|name| value.get_type().name().is_ok_and(|n| n == *name));
    if is_buffer {
        return Ok(value.py().get_type::<PyBytes>().call1((value,))?.cast::<PyBytes>()?.as_bytes().to_vec());
    }
    Err(invalid(value.py(), &format!("{what} is `{}`, not str or bytes", value.get_type().name()?)))
}

/// `InvalidArgument` with a message.
pub(crate) fn invalid(py: Python<'_>, message: &str) -> PyErr {
    errors::raise(py, &Error::invalid(message))
}
