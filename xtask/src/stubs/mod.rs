//! The type stub of the Python extension module, from the Rust sources of its classes and functions.
//!
//! A type is what the Rust signature says. Where that says nothing (`PyAny`), it stands beside the function: as an annotation of
//! `#[pyo3(signature = (a: "int") -> "str")]`, or, where pyo3 takes no signature (getters, slots, overloads), in
//! `#[cfg_attr(false, stub("(self, a: int, /) -> str"))]`, which no compiler looks at. A type that nobody says is an error.

mod read;
mod signature;
mod types;
mod write;

#[cfg(test)]
mod tests;

use crate::shell::root;
use std::path::PathBuf;

/// A function or a method.
#[derive(Debug)]
struct Function {
    name: String,
    doc: String,
    decorators: Vec<&'static str>,
    /// `(…) -> …`; more than one are overloads.
    signatures: Vec<String>,
}

#[derive(Debug)]
struct Class {
    name: String,
    doc: String,
    members: Vec<Function>,
}

#[derive(Debug)]
enum Item {
    Constant {
        name: String,
        kind: String,
    },
    /// The exception classes: those of the core's table under one base with attributes.
    Exceptions {
        doc: String,
        attributes: Vec<(String, String)>,
    },
    Class(Class),
    Function(Function),
}

/// Where the stub lies.
pub(crate) fn path() -> PathBuf {
    root().join("securescan-py/python/securescan/_native.pyi")
}

/// The stub, as it should be.
///
/// # Errors
/// A source that cannot be read, or a type that neither Rust nor an annotation tells.
pub(crate) fn text() -> Result<String, String> {
    let folder = root().join("securescan-py/src");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<_> =
        entries.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.extension().is_some_and(|e| e == "rs")).collect();
    paths.sort();
    let mut sources = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let module = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        sources.push((module, text));
    }
    let shapes = root().join("securescan-py/python/securescan/_types.py");
    let shapes = std::fs::read_to_string(&shapes).map_err(|e| format!("{}: {e}", shapes.display()))?;
    Ok(write::module(&read::module(&sources)?, &shapes))
}
