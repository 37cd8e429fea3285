//! The stub as text.

use super::{Class, Function, Item};
use securescan_core::error::ERRORS;
use std::collections::BTreeSet;

/// Lines are broken beyond this.
const WIDTH: usize = 120;

/// Where the names of annotations come from; others are the module's own, built in, or of `_types.py`.
const STANDARD: &[(&str, &[&str])] = &[
    ("collections.abc", &["Callable", "Iterable", "Iterator", "Mapping", "Sequence"]),
    ("typing", &["Any", "Final", "Literal", "SupportsIndex", "final", "overload"]),
];

/// The stub of a module; `shapes` is the text of `_types.py`.
pub(super) fn module(items: &[Item], shapes: &str) -> String {
    let mut names = BTreeSet::new();
    let mut body = String::new();
    for item in items {
        match item {
            Item::Constant { name, kind } => {
                names.insert(name.clone());
                body.push_str(&format!("{name}: Final[{kind}]\n"));
            }
            Item::Exceptions { doc, attributes } => exceptions(&mut body, &mut names, doc, attributes),
            Item::Class(item) => {
                names.insert(item.name.clone());
                class(&mut body, item);
            }
            Item::Function(item) => {
                names.insert(item.name.clone());
                body.push('\n');
                function(&mut body, item, "");
            }
        }
    }
    let all: String = names.iter().map(|name| format!("    \"{name}\",\n")).collect();
    let imports = imports(items, shapes);
    format!("# Written by `cargo xtask codegen` from securescan-py/src; do not edit.\n\n{imports}\n__all__ = [\n{all}]\n\n{body}")
}

fn exceptions(out: &mut String, names: &mut BTreeSet<String>, doc: &str, attributes: &[(String, String)]) {
    out.push_str("\nclass SecureScanError(Exception):\n");
    docstring(out, doc, "    ");
    for (name, kind) in attributes {
        out.push_str(&format!("    {name}: {kind} | None\n"));
    }
    names.insert("SecureScanError".to_owned());
    for row in ERRORS {
        names.insert(row.python.to_owned());
        out.push_str(&format!("\nclass {}(SecureScanError):\n    code: str\n", row.python));
    }
}

fn class(out: &mut String, class: &Class) {
    out.push_str(&format!("\n@final\nclass {}:\n", class.name));
    docstring(out, &class.doc, "    ");
    class.members.iter().for_each(|member| function(out, member, "    "));
    if class.doc.is_empty() && class.members.is_empty() {
        out.push_str("    ...\n");
    }
}

fn function(out: &mut String, function: &Function, indent: &str) {
    for (at, signature) in function.signatures.iter().enumerate() {
        if function.signatures.len() > 1 {
            out.push_str(&format!("{indent}@overload\n"));
        }
        function.decorators.iter().for_each(|name| out.push_str(&format!("{indent}@{name}\n")));
        let line = format!("{indent}def {}{signature}:", function.name);
        let documented = at == 0 && !function.doc.is_empty();
        let end = if documented { "\n" } else { " ...\n" };
        if line.chars().count() + end.len() > WIDTH + 1 {
            out.push_str(&broken(function, signature, indent));
        } else {
            out.push_str(&line);
        }
        out.push_str(end);
        if documented {
            docstring(out, &function.doc, &format!("{indent}    "));
        }
    }
}

/// One parameter a line.
fn broken(function: &Function, signature: &str, indent: &str) -> String {
    let (mut depth, mut quoted, mut out) = (0_u32, false, format!("{indent}def {}", function.name));
    let (parameters, returns) = signature.rsplit_once(" -> ").unwrap_or((signature, "None"));
    for sign in parameters.chars() {
        quoted ^= sign == '"';
        match sign {
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        match sign {
            '(' if depth == 1 && out.ends_with(&function.name) => out.push_str(&format!("(\n{indent}    ")),
            ',' if depth == 1 && !quoted => out.push_str(&format!(",\n{indent}    ")),
            ')' if depth == 0 && !quoted => out.push_str(&format!(",\n{indent})")),
            ' ' if out.ends_with("    ") => {}
            _ => out.push(sign),
        }
    }
    format!("{out} -> {returns}:")
}

fn docstring(out: &mut String, text: &str, indent: &str) {
    if text.is_empty() {
        return;
    }
    let mut text = text.replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
    if text.ends_with('"') {
        text.insert(text.len() - 1, '\\');
    }
    let mut lines = text.lines();
    out.push_str(&format!("{indent}\"\"\"{}", lines.next().unwrap_or_default()));
    let rest: String = lines.map(|line| format!("\n{indent}{line}")).collect();
    let end = if rest.is_empty() { String::new() } else { format!("{rest}\n{indent}") };
    out.push_str(&format!("{end}\"\"\"\n"));
}

/// Every annotation, one after the other, with the names this file writes itself.
fn annotations(items: &[Item]) -> String {
    let functions = items.iter().flat_map(|item| match item {
        Item::Class(class) => class.members.as_slice(),
        Item::Function(function) => std::slice::from_ref(function),
        _ => &[],
    });
    let mut all = String::new();
    for function in functions {
        function.signatures.iter().for_each(|text| all.push_str(text));
        all.push_str(if function.signatures.len() > 1 { " overload " } else { " " });
    }
    for item in items {
        match item {
            Item::Constant { kind, .. } => all.push_str(&format!("Final {kind} ")),
            Item::Class(_) => all.push_str("final "),
            _ => {}
        }
    }
    all
}

/// The imports of the names in annotations, quoted words aside.
fn imports(items: &[Item], shapes: &str) -> String {
    let code = annotations(items);
    let mut used = BTreeSet::new();
    for text in code.split('"').step_by(2) {
        used.extend(text.split(|c: char| !c.is_alphanumeric() && c != '_'));
    }
    let mut out: String =
        ["os", "pathlib"].iter().filter(|m| code.contains(&format!("{m}."))).map(|m| format!("import {m}\n")).collect();
    for (module, names) in STANDARD {
        let names: Vec<_> = names.iter().copied().filter(|name| used.contains(name)).collect();
        if !names.is_empty() {
            out.push_str(&format!("from {module} import {}\n", names.join(", ")));
        }
    }
    let word = |line: &str| line.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned();
    let own: BTreeSet<_> = shapes
        .lines()
        .filter_map(|line| line.strip_prefix("class ").map(word).or_else(|| line.contains(" = ").then(|| word(line))))
        .filter(|name| !name.is_empty() && used.contains(name.as_str()))
        .collect();
    if !own.is_empty() {
        out.push_str(&format!("\nfrom ._types import {}\n", own.into_iter().collect::<Vec<_>>().join(", ")));
    }
    out
}
