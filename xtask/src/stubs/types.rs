//! Rust types as Python's, the way pyo3 converts them.

use std::collections::BTreeMap;
use syn::{GenericArgument, PathArguments, ReturnType, Type};

/// What a type stands for depends on the class around it, and on the direction: a function takes more than it gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    /// Names of the Python classes by those of the Rust types.
    pub(super) classes: &'a BTreeMap<String, String>,
    /// The Python name of `Self`.
    pub(super) class: Option<&'a str>,
    pub(super) argument: bool,
}

/// The last word of a path, and what stands in its angle brackets.
pub(super) fn parts(kind: &Type) -> Option<(String, Vec<&Type>)> {
    match kind {
        Type::Reference(inner) => parts(&inner.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let inner = match &last.arguments {
                PathArguments::AngleBracketed(given) => given
                    .args
                    .iter()
                    .filter_map(|argument| if let GenericArgument::Type(kind) = argument { Some(kind) } else { None })
                    .collect(),
                _ => Vec::new(),
            };
            Some((last.ident.to_string(), inner))
        }
        _ => None,
    }
}

/// What a function gives.
pub(super) fn returned(output: &ReturnType, context: Context<'_>) -> Option<String> {
    match output {
        ReturnType::Default => Some("None".to_owned()),
        ReturnType::Type(_, kind) => python(kind, context),
    }
}

/// The Python type; nothing where Rust's does not tell.
pub(super) fn python(kind: &Type, context: Context<'_>) -> Option<String> {
    if let Type::Tuple(tuple) = kind {
        if tuple.elems.is_empty() {
            return Some("None".to_owned());
        }
        let items: Option<Vec<_>> = tuple.elems.iter().map(|item| python(item, context)).collect();
        return Some(format!("tuple[{}]", items?.join(", ")));
    }
    let (name, inner) = parts(kind)?;
    let at = |index: usize| inner.get(index).and_then(|kind| python(kind, context));
    Some(match name.as_str() {
        "str" | "String" | "OsString" => "str".to_owned(),
        "bool" => "bool".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => "int".to_owned(),
        "f32" | "f64" => "float".to_owned(),
        "PathBuf" | "Path" => if context.argument { "str | os.PathLike[str]" } else { "pathlib.Path" }.to_owned(),
        "PyDict" => "dict[Any, Any]".to_owned(),
        "PyCapsule" => "object".to_owned(),
        "PyResult" | "Bound" | "Py" | "PyRef" | "PyRefMut" => at(0)?,
        "Option" => format!("{} | None", at(0)?),
        "Vec" if context.argument => format!("Sequence[{}]", at(0)?),
        "Vec" => format!("list[{}]", at(0)?),
        "BTreeMap" | "HashMap" => format!("dict[{}, {}]", at(0)?, at(1)?),
        "Self" => context.class?.to_owned(),
        other => context.classes.get(other)?.clone(),
    })
}
