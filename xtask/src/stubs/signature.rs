//! The annotations beside a function: pyo3's `signature`, and `stub` for what it does not take.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, LitStr, Token};

/// What stands between the commas of a signature.
pub(super) enum Part {
    /// `*` or `/`.
    Separator(char),
    Parameter {
        /// One, two or no stars.
        stars: &'static str,
        name: String,
        kind: Option<String>,
        default: Option<Box<Expr>>,
    },
}

/// `#[pyo3(name = …, signature = (…) -> …)]`, as far as it is of interest.
#[derive(Default)]
pub(super) struct Given {
    pub(super) name: Option<String>,
    pub(super) parts: Option<Vec<Part>>,
    pub(super) returns: Option<String>,
}

/// Words are quoted singly where the annotation is, doubly where it goes.
fn annotation(text: &LitStr) -> String {
    text.value().replace('\'', "\"")
}

impl Parse for Part {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.parse::<Option<Token![/]>>()?.is_some() {
            return Ok(Self::Separator('/'));
        }
        let mut stars = "";
        if input.parse::<Option<Token![*]>>()?.is_some() {
            if input.is_empty() || input.peek(Token![,]) {
                return Ok(Self::Separator('*'));
            }
            stars = if input.parse::<Option<Token![*]>>()?.is_some() { "**" } else { "*" };
        }
        let name = input.parse::<Ident>()?.to_string();
        let colon = input.parse::<Option<Token![:]>>()?;
        let kind = colon.map(|_| input.parse::<LitStr>().map(|text| annotation(&text))).transpose()?;
        let default = input.parse::<Option<Token![=]>>()?.map(|_| input.parse().map(Box::new)).transpose()?;
        Ok(Self::Parameter { stars, name, kind, default })
    }
}

impl Parse for Given {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut given = Self::default();
        while !input.is_empty() {
            let key = input.parse::<Ident>()?.to_string();
            if input.parse::<Option<Token![=]>>()?.is_some() {
                match key.as_str() {
                    "name" => given.name = Some(input.parse::<LitStr>()?.value()),
                    "signature" => {
                        let inner;
                        syn::parenthesized!(inner in input);
                        given.parts = Some(Punctuated::<Part, Token![,]>::parse_terminated(&inner)?.into_iter().collect());
                        if input.parse::<Option<Token![->]>>()?.is_some() {
                            given.returns = Some(annotation(&input.parse()?));
                        }
                    }
                    _ => drop(input.parse::<Expr>()?),
                }
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(given)
    }
}

/// The attribute of that name, as its arguments.
pub(super) fn arguments<T: Parse + Default>(attributes: &[Attribute], name: &str) -> syn::Result<Option<T>> {
    match attributes.iter().find(|attribute| attribute.path().is_ident(name)) {
        Some(attribute) if matches!(attribute.meta, syn::Meta::Path(_)) => Ok(Some(T::default())),
        Some(attribute) => attribute.parse_args().map(Some),
        None => Ok(None),
    }
}

/// The texts of `#[cfg_attr(false, stub("…"))]`.
pub(super) fn stub(attributes: &[Attribute]) -> syn::Result<Vec<String>> {
    struct Texts(Vec<String>);
    impl Parse for Texts {
        fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
            let (never, _, word) = (input.parse::<syn::LitBool>()?, input.parse::<Token![,]>()?, input.parse::<Ident>()?);
            if never.value || word != "stub" {
                return Err(input.error("expected `false, stub(…)`"));
            }
            let inner;
            syn::parenthesized!(inner in input);
            let texts = Punctuated::<LitStr, Token![,]>::parse_terminated(&inner)?;
            Ok(Self(texts.iter().map(annotation).collect()))
        }
    }
    let mut all = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg_attr")) {
        all.extend(attribute.parse_args::<Texts>()?.0);
    }
    Ok(all)
}

/// The first paragraph of a doc comment.
pub(super) fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(|attribute| {
        match &attribute.meta.require_name_value().ok()?.value {
            Expr::Lit(literal) => match &literal.lit {
                syn::Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        }
    });
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
