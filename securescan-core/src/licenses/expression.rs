//! From what a package says about its licence to one class: SPDX expressions first, then free text.

use super::classes::{Class, of_id, with_exception};
use super::names;
use spdx::expression::{ExprNode, Operator};
use spdx::{AdditionItem, Expression, LicenseItem, ParseMode};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Longer licence statements are not read: they are licence texts, not names. In bytes.
const MAX_STATEMENT: usize = 400;

/// What a licence statement means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The class.
    pub class: Class,
    /// The statement as an SPDX expression, when it could be read as one.
    pub spdx: Option<String>,
}

const MODE: ParseMode = ParseMode {
    allow_slash_as_or_operator: true,
    allow_imprecise_license_names: false,
    allow_postfix_plus_on_gpl: true,
    allow_deprecated: true,
    allow_unknown: true,
};

/// Ids and exceptions by their lower-cased name: people write `mit` and `apache-2.0`.
static IDS: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let licenses = spdx::identifiers::LICENSES.iter().map(|l| l.name);
    let exceptions = spdx::identifiers::EXCEPTIONS.iter().map(|e| e.name);
    licenses.chain(exceptions).map(|name| (name.to_ascii_lowercase(), name)).collect()
});

/// Judges a licence statement.
pub(crate) fn judge(statement: &str) -> Verdict {
    let statement = statement.trim();
    let unknown = Verdict { class: Class::Unknown, spdx: None };
    if statement.is_empty() || statement.len() > MAX_STATEMENT {
        return unknown;
    }
    if names::is_unlicensed(statement) {
        return Verdict { class: Class::Unlicensed, spdx: None };
    }
    let named = names::lookup(statement).and_then(expression).or_else(|| expression(statement));
    named.or_else(|| names::alternatives(statement).as_deref().and_then(expression)).unwrap_or(unknown)
}

/// Reads an SPDX expression; `None` when it is none or names nothing that is known.
fn expression(text: &str) -> Option<Verdict> {
    let text = canonical(text);
    let parsed = Expression::parse_mode(&text, MODE).ok()?;
    if !parsed.requirements().any(|r| is_known(&r.req.license)) {
        return None;
    }
    let mut stack: Vec<Class> = Vec::new();
    for node in parsed.iter() {
        let class = match node {
            ExprNode::Req(req) => leaf(&req.req.license, req.req.addition.as_ref()),
            ExprNode::Op(op) => {
                let (right, left) = (stack.pop()?, stack.pop()?);
                if *op == Operator::And { left.and(right) } else { left.or(right) }
            }
        };
        stack.push(class);
    }
    let class = stack.pop()?;
    Some(Verdict { class, spdx: Some(text) })
}

fn is_known(license: &LicenseItem) -> bool {
    match license {
        LicenseItem::Spdx { .. } => true,
        LicenseItem::Other(other) => other.lic_ref == "Commons-Clause",
    }
}

fn leaf(license: &LicenseItem, addition: Option<&AdditionItem>) -> Class {
    let class = match license {
        LicenseItem::Spdx { id, .. } => of_id(*id),
        LicenseItem::Other(other) if other.lic_ref.eq_ignore_ascii_case("Commons-Clause") => Class::Forbidden,
        LicenseItem::Other(other) if names::is_unlicensed(&other.lic_ref) => Class::Unlicensed,
        LicenseItem::Other(_) => Class::Unknown,
    };
    match addition {
        Some(AdditionItem::Spdx(id)) => with_exception(class, id.name),
        Some(AdditionItem::Other(other)) if other.add_ref.eq_ignore_ascii_case("Commons-Clause") => Class::Forbidden,
        _ => class,
    }
}

/// The expression with ids in the list's case and operators in capitals, one space between words.
fn canonical(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_whitespace() || matches!(c, '(' | ')' | '/') {
            push_word(&mut out, &word);
            word.clear();
            match c {
                '(' => push_word(&mut out, "("),
                ')' => out.push(')'),
                '/' => push_word(&mut out, "OR"),
                _ => {}
            }
        } else {
            word.push(c);
        }
    }
    out
}

fn push_word(out: &mut String, word: &str) {
    if word.is_empty() {
        return;
    }
    if !out.is_empty() && !out.ends_with('(') {
        out.push(' ');
    }
    let lower = word.to_ascii_lowercase();
    let base = lower.trim_end_matches('+');
    match lower.as_str() {
        "and" | "or" | "with" => out.push_str(&lower.to_ascii_uppercase()),
        _ => match IDS.get(base) {
            // The list has `GPL-2.0` and `GPL-2.0+` as deprecated ids; today's names say the same more clearly.
            Some(id) => out.push_str(&modern(id, base.len() < lower.len())),
            None => out.push_str(&names::lookup(word).map_or_else(|| word.to_owned(), names::as_operand)),
        },
    }
}

/// Today's id for a deprecated GNU one; `+` is kept for the others.
fn modern(id: &str, plus: bool) -> String {
    let gnu = ["GPL-", "LGPL-", "AGPL-", "GFDL-"].iter().any(|p| id.starts_with(p));
    let bare = gnu && id.ends_with(|c: char| c.is_ascii_digit());
    match (bare, plus) {
        (true, true) => format!("{id}-or-later"),
        (true, false) => format!("{id}-only"),
        (false, true) if gnu => id.to_owned(),
        (false, true) => format!("{id}+"),
        (false, false) => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements() {
        use Class::{Forbidden, Permissive, Reciprocal, Restricted, Unknown, Unlicensed};
        let cases: &[(&str, Class, Option<&str>)] = &[
            ("MIT", Permissive, Some("MIT")),
            ("mit", Permissive, Some("MIT")),
            ("(MIT OR GPL-3.0)", Permissive, Some("(MIT OR GPL-3.0-only)")),
            ("MIT AND GPL-2.0+", Restricted, Some("MIT AND GPL-2.0-or-later")),
            ("MIT/Apache-2.0", Permissive, Some("MIT OR Apache-2.0")),
            ("GPL-2.0", Restricted, Some("GPL-2.0-only")),
            ("GPL-2.0-only WITH Classpath-exception-2.0", Reciprocal, Some("GPL-2.0-only WITH Classpath-exception-2.0")),
            ("GPL-2.0-with-classpath-exception", Reciprocal, Some("GPL-2.0-with-classpath-exception")),
            ("GPL-3.0-or-later WITH GCC-exception-3.1", Reciprocal, Some("GPL-3.0-or-later WITH GCC-exception-3.1")),
            ("Apache-2.0 WITH LLVM-exception", Permissive, Some("Apache-2.0 WITH LLVM-exception")),
            ("LGPL-2.1-or-later", Reciprocal, Some("LGPL-2.1-or-later")),
            ("LGPL-3.0-only WITH LGPL-3.0-linking-exception", Permissive, Some("LGPL-3.0-only WITH LGPL-3.0-linking-exception")),
            ("AGPL-3.0-only", Forbidden, Some("AGPL-3.0-only")),
            ("SSPL-1.0", Forbidden, Some("SSPL-1.0")),
            ("BUSL-1.1", Forbidden, Some("BUSL-1.1")),
            ("CC-BY-NC-SA-4.0", Forbidden, Some("CC-BY-NC-SA-4.0")),
            ("CC-BY-SA-4.0", Restricted, Some("CC-BY-SA-4.0")),
            ("CC-BY-4.0", Permissive, Some("CC-BY-4.0")),
            ("MPL-2.0", Reciprocal, Some("MPL-2.0")),
            ("EUPL-1.2", Reciprocal, Some("EUPL-1.2")),
            ("MIT AND (LGPL-2.1+ OR BSD-3-Clause)", Permissive, Some("MIT AND (LGPL-2.1-or-later OR BSD-3-Clause)")),
            ("GPL-3.0-only OR LicenseRef-Commercial", Restricted, Some("GPL-3.0-only OR LicenseRef-Commercial")),
            ("MIT AND LicenseRef-x", Unknown, Some("MIT AND LicenseRef-x")),
            ("Apache-2.0 AND LicenseRef-Commons-Clause", Forbidden, Some("Apache-2.0 AND LicenseRef-Commons-Clause")),
            ("UNLICENSED", Unlicensed, None),
            ("SEE LICENSE IN LICENSE.md", Unknown, None),
            ("Apache 2.0", Permissive, Some("Apache-2.0")),
            ("GNU General Public License v3 (GPLv3)", Restricted, Some("GPL-3.0-only")),
            ("License :: OSI Approved :: BSD License", Permissive, Some("BSD-3-Clause")),
            ("GPLv2 or later", Restricted, Some("GPL-2.0-or-later")),
            ("MIT, BSD", Permissive, Some("MIT OR BSD-3-Clause")),
            ("MIT or BSD-2-Clause", Permissive, Some("MIT OR BSD-2-Clause")),
            ("MIT and GPLv3", Restricted, Some("MIT AND GPL-3.0-only")),
            ("Custom: see website", Unknown, None),
            ("", Unknown, None),
            ("((((", Unknown, None),
            ("+ + AND WITH", Unknown, None),
        ];
        for (text, class, spdx) in cases {
            assert_eq!(judge(text), Verdict { class: *class, spdx: spdx.map(str::to_owned) }, "{text}");
        }
    }

    #[test]
    fn every_id_of_the_list_has_a_class_and_strange_text_does_no_harm() {
        for license in spdx::identifiers::LICENSES {
            let Verdict { class, spdx } = judge(license.name);
            let id = spdx.and_then(|s| spdx::license_id(&s)).unwrap_or_else(|| panic!("{} is not read as an id", license.name));
            assert_eq!(class, of_id(id), "{}", license.name);
            assert!(id.name.starts_with(license.name.trim_end_matches('+')), "{} became {}", license.name, id.name);
        }
        for text in ["(".repeat(400), "MIT OR ".repeat(57), "é".repeat(100), "MIT WITH MIT".into(), "A OR B".into(), ")".into()]
        {
            assert!(matches!(judge(&text).class, Class::Unknown), "{text}");
        }
    }
}
