//! The sources: what `#[pymodule]` puts into the module, and what stands behind it.

use super::signature::{Given, Part, arguments, doc, stub};
use super::types::{Context, parts, python, returned};
use super::{Class, Function, Item};
use std::collections::BTreeMap;
use syn::{Attribute, Expr, FnArg, ImplItem, ImplItemFn, Lit, Pat, Signature, Stmt, Type};

/// Slots: called by position alone, with one argument at most here.
const SLOTS: &[&str] = &["__add__", "__contains__", "__delitem__", "__eq__", "__getitem__", "__setitem__"];
/// Of every object anyway; a stub that repeats them says nothing.
const EVERYWHERE: &[&str] = &["__repr__", "__str__"];

/// All sources by the names of their Rust modules.
struct Sources {
    files: Vec<(String, syn::File)>,
    classes: BTreeMap<String, String>,
}

fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident(name))
}

/// Reads sources, given as pairs of module and text, into the items of the Python module, in the order they are added.
pub(super) fn module(texts: &[(String, String)]) -> Result<Vec<Item>, String> {
    let mut sources = Sources { files: Vec::new(), classes: BTreeMap::new() };
    for (name, text) in texts {
        let file = syn::parse_file(text).map_err(|e| format!("{name}.rs: {e}"))?;
        for item in &file.items {
            let syn::Item::Struct(item) = item else { continue };
            let given: Option<Given> = arguments(&item.attrs, "pyclass").map_err(|e| format!("{name}.rs: {e}"))?;
            if let Some(given) = given {
                sources.classes.insert(item.ident.to_string(), given.name.unwrap_or_else(|| item.ident.to_string()));
            }
        }
        sources.files.push((name.clone(), file));
    }
    let all = sources.files.iter().flat_map(|(_, file)| &file.items);
    let mut modules = all.filter_map(|item| match item {
        syn::Item::Fn(item) if has(&item.attrs, "pymodule") => Some(item),
        _ => None,
    });
    let module = modules.next().ok_or("no `#[pymodule]` in the sources")?;
    module.block.stmts.iter().filter_map(|statement| sources.added(statement).transpose()).collect()
}

impl Sources {
    /// What a statement of the module function adds.
    fn added(&self, statement: &Stmt) -> Result<Option<Item>, String> {
        let Stmt::Expr(expression, _) = statement else { return Ok(None) };
        let inner = if let Expr::Try(tried) = expression { &tried.expr } else { expression };
        if let Expr::Call(_) = inner {
            return self.exceptions().map(Some);
        }
        let Expr::MethodCall(call) = inner else { return Ok(None) };
        let generics = || {
            call.turbofish.iter().flat_map(|given| &given.args).filter_map(|argument| match argument {
                syn::GenericArgument::Type(kind) => Some(kind),
                _ => None,
            })
        };
        match (call.method.to_string().as_str(), call.args.first()) {
            ("add", Some(Expr::Lit(name))) => {
                let Lit::Str(name) = &name.lit else { return Ok(None) };
                let context = Context { classes: &self.classes, class: None, argument: false };
                let kind = generics().nth(1).and_then(|kind| python(kind, context));
                let kind = kind.ok_or_else(|| format!("`{}`: say its type: `add::<_, &str>(…)`", name.value()))?;
                Ok(Some(Item::Constant { name: name.value(), kind }))
            }
            ("add_class", _) => match generics().next() {
                Some(Type::Path(path)) => self.class(&path.path).map(|class| Some(Item::Class(class))),
                _ => Err("`add_class` without a type".to_owned()),
            },
            ("add_function", Some(Expr::Try(wrapped))) => match wrapped.expr.as_ref() {
                Expr::Macro(wrapped) => {
                    let path = wrapped.mac.parse_body_with(|input: syn::parse::ParseStream<'_>| {
                        let path = input.parse::<syn::Path>()?;
                        input.parse::<proc_macro2::TokenStream>().map(|_| path)
                    });
                    self.function(&path.map_err(|e| e.to_string())?).map(|function| Some(Item::Function(function)))
                }
                _ => Err("`add_function` without `wrap_pyfunction!`".to_owned()),
            },
            _ => Ok(None),
        }
    }

    /// The items of the module a path leads to, and the name there.
    fn find(&self, path: &syn::Path) -> (&[syn::Item], String) {
        let mut names = path.segments.iter().map(|segment| segment.ident.to_string()).rev();
        let name = names.next().unwrap_or_default();
        let module = names.next().unwrap_or_else(|| "lib".to_owned());
        (self.files.iter().find(|(name, _)| *name == module).map_or(&[], |(_, file)| file.items.as_slice()), name)
    }

    fn class(&self, path: &syn::Path) -> Result<Class, String> {
        let (items, rust) = self.find(path);
        let found = items.iter().find_map(|item| match item {
            syn::Item::Struct(item) if item.ident == rust => Some(item),
            _ => None,
        });
        let (found, name) = found.zip(self.classes.get(&rust)).ok_or_else(|| format!("no class `{rust}`"))?;
        let mut members = Vec::new();
        for item in items {
            let syn::Item::Impl(block) = item else { continue };
            if !has(&block.attrs, "pymethods") || parts(&block.self_ty).is_none_or(|(of, _)| of != rust) {
                continue;
            }
            for member in &block.items {
                let ImplItem::Fn(method) = member else { continue };
                members.extend(self.method(name, method).map_err(|e| format!("`{name}.{}`: {e}", method.sig.ident))?);
            }
        }
        Ok(Class { name: name.clone(), doc: doc(&found.attrs), members })
    }

    fn method(&self, class: &str, method: &ImplItemFn) -> Result<Vec<Function>, String> {
        let attributes = &method.attrs;
        let rust = method.sig.ident.to_string();
        if EVERYWHERE.contains(&rust.as_str()) {
            return Ok(Vec::new());
        }
        let (mut first, mut decorators, mut name) = ("self", Vec::new(), rust.clone());
        if has(attributes, "new") {
            (first, name) = ("cls", "__new__".to_owned());
        } else if has(attributes, "classmethod") {
            (first, decorators) = ("cls", vec!["classmethod"]);
        } else if has(attributes, "staticmethod") {
            (first, decorators) = ("", vec!["staticmethod"]);
        } else if let Some(getter) = attributes.iter().find(|attribute| attribute.path().is_ident("getter")) {
            decorators = vec!["property"];
            name = match &getter.meta {
                syn::Meta::Path(_) => rust.strip_prefix("get_").unwrap_or(&rust).to_owned(),
                _ => getter.parse_args::<syn::Ident>().map_err(|e| e.to_string())?.to_string(),
            };
        }
        let (given, signatures) = self.signatures(attributes, &method.sig, Some((class, first)))?;
        let name = given.unwrap_or(name);
        let function = |name: &str| Function {
            name: name.to_owned(),
            doc: doc(attributes),
            decorators: decorators.clone(),
            signatures: signatures.clone(),
        };
        // The other half of a slot comes with it.
        Ok(match name.as_str() {
            "__eq__" => vec![function("__eq__"), function("__ne__")],
            "__add__" => vec![function("__add__"), function("__radd__")],
            _ => vec![function(&name)],
        })
    }

    fn function(&self, path: &syn::Path) -> Result<Function, String> {
        let (items, rust) = self.find(path);
        let found = items.iter().find_map(|item| match item {
            syn::Item::Fn(item) if item.sig.ident == rust => Some(item),
            _ => None,
        });
        let found = found.ok_or_else(|| format!("no function `{rust}`"))?;
        let (name, signatures) = self.signatures(&found.attrs, &found.sig, None).map_err(|e| format!("`{rust}`: {e}"))?;
        Ok(Function { name: name.unwrap_or(rust), doc: doc(&found.attrs), decorators: Vec::new(), signatures })
    }

    /// The name an attribute gives, and the signatures: those annotated, or the one of the Rust function with its annotations.
    fn signatures(
        &self,
        of: &[Attribute],
        rust: &Signature,
        class: Option<(&str, &str)>,
    ) -> Result<(Option<String>, Vec<String>), String> {
        let given: Given = arguments(of, "pyo3").map_err(|e| e.to_string())?.unwrap_or_default();
        let told = stub(of).map_err(|e| e.to_string())?;
        if told.iter().any(|text| text.starts_with('(')) {
            return Ok((given.name, told));
        }
        let slot = rust.ident.to_string();
        let context = Context { classes: &self.classes, class: class.map(|(name, _)| name), argument: true };
        let mut kinds = BTreeMap::new();
        let mut order = Vec::new();
        for (at, input) in rust.inputs.iter().enumerate() {
            let FnArg::Typed(input) = input else { continue };
            let Pat::Ident(name) = input.pat.as_ref() else { continue };
            let (kind, inner) = parts(&input.ty).unwrap_or_default();
            let receiver = at == 0 && inner.first().and_then(|k| parts(k)).is_some_and(|(k, _)| k == "Self" || k == "PyType");
            if kind != "Python" && !(class.is_some() && receiver) {
                let kind = if slot == "__eq__" { Some("object".to_owned()) } else { python(&input.ty, context) };
                kinds.insert(name.ident.to_string(), kind);
                order.push(name.ident.to_string());
            }
        }
        let plain = |name| Part::Parameter { stars: "", name, kind: None, default: None };
        let mut all: Vec<_> = given.parts.unwrap_or_else(|| order.into_iter().map(plain).collect());
        if SLOTS.contains(&slot.as_str()) {
            all.push(Part::Separator('/'));
        }
        let mut words: Vec<String> =
            class.map(|(_, first)| first.to_owned()).filter(|first| !first.is_empty()).into_iter().collect();
        for part in all {
            words.push(written(part, &kinds)?);
        }
        let mut returns = given.returns.or_else(|| told.first().map(|text| text.trim_start_matches("->").trim().to_owned()));
        if returns.is_none() {
            returns = returned(&rust.output, Context { argument: false, ..context });
        }
        let mut returns = returns.ok_or("what it gives is told neither by its type nor by an annotation")?;
        if slot == "__next__" {
            // The end is an exception.
            returns = returns.trim_end_matches(" | None").to_owned();
        }
        Ok((given.name, vec![format!("({}) -> {returns}", words.join(", "))]))
    }

    /// The base class: its text and its attributes, from the constants beside the code that makes it.
    fn exceptions(&self) -> Result<Item, String> {
        let constants: Vec<_> =
            self.files.iter().filter(|(name, _)| name == "errors").flat_map(|(_, file)| &file.items).collect();
        let value = |name: &str| {
            constants.iter().find_map(|item| match item {
                syn::Item::Const(item) if item.ident == name => Some(item.expr.as_ref()),
                _ => None,
            })
        };
        let Some(Expr::Lit(syn::ExprLit { lit: Lit::CStr(doc), .. })) = value("DOC") else {
            return Err("errors.rs: no `DOC` of the base class".to_owned());
        };
        let text = |expression: Option<&Expr>| match expression {
            Some(Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. })) => Some(text.value()),
            _ => None,
        };
        let rows = match value("ATTRIBUTES") {
            Some(Expr::Array(rows)) => rows.elems.iter().map(|row| match row {
                Expr::Tuple(row) => text(row.elems.first()).zip(text(row.elems.get(1))),
                _ => None,
            }),
            _ => return Err("errors.rs: no `ATTRIBUTES` of the base class".to_owned()),
        };
        let attributes = rows.collect::<Option<_>>().ok_or("errors.rs: a row of `ATTRIBUTES` is no pair of texts")?;
        Ok(Item::Exceptions { doc: doc.value().to_string_lossy().into_owned(), attributes })
    }
}

/// A part of a signature as Python writes it.
fn written(part: Part, kinds: &BTreeMap<String, Option<String>>) -> Result<String, String> {
    let (stars, name, kind, default) = match part {
        Part::Separator(sign) => return Ok(sign.to_string()),
        Part::Parameter { stars, name, kind, default } => (stars, name, kind, default),
    };
    let kind = kind.or_else(|| kinds.get(&name).cloned().flatten());
    let kind = kind.ok_or_else(|| format!("the type of `{name}` is told neither by Rust nor by an annotation"))?;
    let Some(default) = default else { return Ok(format!("{stars}{name}: {kind}")) };
    let default = match *default {
        Expr::Path(path) if path.path.is_ident("None") => "None".to_owned(),
        Expr::Lit(literal) => match literal.lit {
            Lit::Bool(value) => if value.value { "True" } else { "False" }.to_owned(),
            Lit::Int(value) => value.base10_digits().to_owned(),
            Lit::Str(value) => format!("{:?}", value.value()),
            _ => "...".to_owned(),
        },
        _ => "...".to_owned(),
    };
    Ok(format!("{stars}{name}: {kind} = {default}"))
}
