//! Licence names as people write them, mapped to SPDX expressions.
//!
//! A name is normalised before it is looked up (see [`normal`]), so one row stands for many spellings. A name that does
//! not say the version stands for the version in common use; it never stands for a milder licence.

use std::collections::HashMap;
use std::sync::LazyLock;

/// `(expression, names)`. Names are written readably and normalised when the table is built.
const NAMES: &[(&str, &[&str])] = &[
    (
        "MIT",
        &[
            "MIT License",
            "The MIT License (MIT)",
            "Expat",
            "MIT/X11",
            "X11 MIT",
            "MIT License (Expat)",
            "MITL",
            "MIT-style",
            "MIT-like",
        ],
    ),
    ("MIT-0", &["MIT No Attribution License (MIT-0)", "MIT No Attribution"]),
    (
        "Apache-2.0",
        &[
            "Apache",
            "Apache License",
            "Apache 2",
            "Apache2",
            "Apache 2.0",
            "Apache2.0",
            "Apache-2",
            "Apache Software License",
            "Apache Software License 2.0",
            "Apache License, Version 2.0",
            "The Apache Software License, Version 2.0",
            "ASL 2.0",
            "ASL-2.0",
            "AL 2.0",
            "Apache License Version 2.0, January 2004",
            "Apache Software License (Apache-2.0)",
        ],
    ),
    ("Apache-1.1", &["Apache 1.1", "Apache Software License 1.1"]),
    (
        "BSD-3-Clause",
        &[
            "BSD",
            "BSD License",
            "New BSD",
            "New BSD License",
            "Modified BSD",
            "Revised BSD",
            "3-Clause BSD",
            "BSD 3-Clause",
            "BSD-3",
            "BSD3",
            "BSD 3",
            "BSD-derived",
            "BSD-style",
            "BSD-like",
            "3-Clause BSD License (BSD-3-Clause)",
            "BSD 3-Clause New or Revised License",
        ],
    ),
    (
        "BSD-2-Clause",
        &[
            "Simplified BSD",
            "FreeBSD License",
            "2-Clause BSD",
            "BSD 2-Clause",
            "BSD-2",
            "BSD2",
            "BSD 2",
            "BSD 2-Clause Simplified License",
        ],
    ),
    ("BSD-4-Clause", &["BSD 4-Clause", "Original BSD", "BSD-4"]),
    ("0BSD", &["Zero-Clause BSD (0BSD)", "Zero-Clause BSD", "BSD Zero Clause", "BSD 0-Clause"]),
    ("ISC", &["ISC License", "ISC License (ISCL)", "ISCL"]),
    ("Zlib", &["zlib/libpng", "zlib license", "zlib/libpng License", "zlib-license"]),
    ("Unlicense", &["The Unlicense", "The Unlicense (Unlicense)", "Unlicense"]),
    (
        "CC0-1.0",
        &["CC0", "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0 1.0 Universal", "CC-0", "Creative Commons Zero"],
    ),
    ("LicenseRef-Public-Domain OR CC0-1.0", &["Public Domain", "PublicDomain", "PD"]),
    ("PSF-2.0", &["PSF", "PSFL", "Python Software Foundation License", "PSF License", "Python License", "PSF-2.0"]),
    ("Python-2.0", &["Python 2.0"]),
    (
        "BSL-1.0",
        &["Boost", "Boost Software License 1.0 (BSL-1.0)", "Boost Software License", "BSL", "Boost Software License 1.0"],
    ),
    ("WTFPL", &["WTFPL License", "WTFPL 2", "WTFPL-2.0", "Do What The F*ck You Want To Public License"]),
    ("Artistic-2.0", &["Artistic License 2.0", "Artistic 2"]),
    ("Artistic-1.0", &["Artistic License", "Artistic"]),
    ("Artistic-1.0-Perl OR GPL-1.0-or-later", &["Perl", "Perl 5", "Same as Perl"]),
    ("AFL-3.0", &["Academic Free License (AFL)", "AFL", "AFLv3", "Academic Free License 3.0"]),
    ("AFL-2.1", &["AFLv2.1", "AFL 2.1"]),
    ("ZPL-2.1", &["Zope Public License", "ZPL", "ZPL 2.1"]),
    ("NCSA", &["University of Illinois/NCSA Open Source License", "NCSA License"]),
    ("PostgreSQL", &["PostgreSQL License"]),
    ("HPND", &["Historical Permission Notice and Disclaimer (HPND)"]),
    ("OFL-1.1", &["OFL", "SIL OFL 1.1", "SIL Open Font License 1.1 (OFL-1.1)", "SIL OPEN FONT LICENSE Version 1.1"]),
    ("UPL-1.0", &["Universal Permissive License (UPL)", "UPL"]),
    ("BlueOak-1.0.0", &["Blue Oak Model License", "Blue Oak Model License (BlueOak-1.0.0)"]),
    ("MulanPSL-2.0", &["Mulan Permissive Software License v2 (MulanPSL-2.0)"]),
    ("Ruby", &["Ruby License", "Ruby's"]),
    ("CC-BY-3.0", &["CC BY 3.0", "Creative Commons Attribution 3.0"]),
    ("CC-BY-4.0", &["CC BY 4.0", "CC-BY", "Creative Commons Attribution 4.0", "Creative Commons Attribution 4.0 International"]),
    ("CC-BY-SA-4.0", &["CC BY-SA 4.0", "CC-BY-SA", "Creative Commons Attribution-ShareAlike 4.0 International"]),
    (
        "CC-BY-NC-4.0",
        &[
            "CC BY-NC 4.0",
            "CC-BY-NC",
            "Creative Commons Attribution-NonCommercial 4.0 International",
            "Free for non-commercial use",
            "Free For Educational Use",
            "Free For Home Use",
        ],
    ),
    ("CC-BY-NC-SA-4.0", &["CC BY-NC-SA 4.0", "CC-BY-NC-SA"]),
    ("CC-BY-NC-ND-4.0", &["CC BY-NC-ND 4.0", "CC-BY-NC-ND"]),
    (
        "MPL-2.0",
        &[
            "MPL",
            "MPL 2",
            "MPLv2",
            "MPL2",
            "Mozilla Public License",
            "Mozilla Public License 2.0 (MPL 2.0)",
            "Mozilla Public License 2.0",
        ],
    ),
    ("MPL-1.1", &["MPLv1.1", "Mozilla Public License 1.1 (MPL 1.1)", "Mozilla Public License 1.1"]),
    ("MPL-1.0", &["Mozilla Public License 1.0 (MPL)", "Mozilla Public License 1.0"]),
    (
        "EPL-2.0",
        &["Eclipse Public License 2.0 (EPL-2.0)", "Eclipse Public License 2.0", "EPLv2", "Eclipse Public License", "EPL"],
    ),
    ("EPL-1.0", &["Eclipse Public License 1.0 (EPL-1.0)", "Eclipse Public License 1.0", "EPLv1"]),
    (
        "CDDL-1.0",
        &[
            "CDDL",
            "CDDLv1.0",
            "Common Development and Distribution License 1.0 (CDDL-1.0)",
            "Common Development and Distribution License",
        ],
    ),
    ("CPL-1.0", &["Common Public License", "CPL"]),
    ("EUPL-1.2", &["EUPL", "European Union Public Licence 1.2 (EUPL 1.2)", "European Union Public License 1.2"]),
    ("EUPL-1.1", &["European Union Public Licence 1.1 (EUPL 1.1)"]),
    ("EUPL-1.0", &["European Union Public Licence 1.0 (EUPL 1.0)"]),
    ("CECILL-2.1", &["CeCILL", "CeCILL 2.1", "CEA CNRS Inria Logiciel Libre License, version 2.1 (CeCILL-2.1)"]),
    ("CECILL-B", &["CeCILL-B Free Software License Agreement (CECILL-B)"]),
    ("CECILL-C", &["CeCILL-C Free Software License Agreement (CECILL-C)"]),
    ("QPL-1.0", &["Qt Public License (QPL)", "QPL"]),
    (
        "GPL-1.0-or-later",
        &[
            "GPL",
            "GNU GPL",
            "GNU General Public License",
            "GNU General Public License (GPL)",
            "GNU Public License",
            "GNU",
            "General Public License",
        ],
    ),
    (
        "GPL-2.0-only",
        &[
            "GPLv2",
            "GPL 2",
            "GPL2",
            "GPL-2",
            "GNU GPLv2",
            "GNU GPL v2",
            "GNU General Public License v2 (GPLv2)",
            "GNU General Public License v2",
            "GNU General Public License v2.0",
            "GNU GPL 2",
        ],
    ),
    (
        "GPL-2.0-or-later",
        &[
            "GPLv2+",
            "GPL-2+",
            "GPL2+",
            "GPLv2 or later",
            "GNU GPLv2+",
            "GNU General Public License v2 or later (GPLv2+)",
            "GNU General Public License v2 or later",
            "GPL (>= 2)",
        ],
    ),
    (
        "GPL-3.0-only",
        &[
            "GPLv3",
            "GPL 3",
            "GPL3",
            "GPL-3",
            "GNU GPLv3",
            "GNU GPL v3",
            "GNU GPL v3.0",
            "GNU General Public License v3 (GPLv3)",
            "GNU General Public License v3",
            "GNU General Public License v3.0",
            "GNU GPL 3",
        ],
    ),
    (
        "GPL-3.0-or-later",
        &[
            "GPLv3+",
            "GPL-3+",
            "GPL3+",
            "GPLv3 or later",
            "GNU GPLv3+",
            "GNU General Public License v3 or later (GPLv3+)",
            "GNU General Public License v3 or later",
            "GPL (>= 3)",
        ],
    ),
    (
        "LGPL-2.0-or-later",
        &[
            "LGPL",
            "GNU LGPL",
            "GNU Library or Lesser General Public License (LGPL)",
            "GNU Lesser General Public License",
            "Lesser General Public License",
            "GNU Lesser General Public License v2 or later (LGPLv2+)",
            "LGPLv2+",
        ],
    ),
    ("LGPL-2.0-only", &["LGPLv2", "LGPL 2", "GNU Lesser General Public License v2 (LGPLv2)"]),
    ("LGPL-2.1-only", &["LGPLv2.1", "LGPL 2.1", "LGPL2.1", "GNU LGPL 2.1", "GNU Lesser General Public License v2.1"]),
    (
        "LGPL-2.1-or-later",
        &["LGPLv2.1+", "LGPL 2.1+", "LGPL 2.1 or later", "GNU Lesser General Public License v2.1 or later (LGPLv2.1+)"],
    ),
    (
        "LGPL-3.0-only",
        &[
            "LGPLv3",
            "LGPL 3",
            "LGPL3",
            "GNU LGPLv3",
            "GNU LGPL v3",
            "GNU Lesser General Public License v3 (LGPLv3)",
            "GNU Lesser General Public License v3",
        ],
    ),
    ("LGPL-3.0-or-later", &["LGPLv3+", "LGPL 3+", "GNU Lesser General Public License v3 or later (LGPLv3+)", "LGPLv3 or later"]),
    (
        "AGPL-3.0-only",
        &[
            "AGPL",
            "AGPLv3",
            "AGPL 3",
            "AGPL3",
            "GNU AGPL",
            "GNU AGPLv3",
            "GNU AGPL v3",
            "GNU Affero General Public License v3",
            "GNU Affero General Public License",
            "Affero GPL",
            "GNU Affero General Public License v3 (AGPLv3)",
        ],
    ),
    ("AGPL-3.0-or-later", &["AGPLv3+", "GNU Affero General Public License v3 or later (AGPLv3+)", "AGPLv3 or later"]),
    ("SSPL-1.0", &["SSPL", "Server Side Public License", "Server Side Public License v1"]),
    ("BUSL-1.1", &["Business Source License 1.1", "Business Source License", "BUSL", "BSL 1.1"]),
    ("Elastic-2.0", &["Elastic License", "Elastic License 2.0", "ELv2"]),
    ("LicenseRef-Commons-Clause", &["Commons Clause", "Commons-Clause"]),
];

/// Statements that grant nothing.
const UNLICENSED: &[&str] = &[
    "UNLICENSED",
    "Proprietary",
    "Proprietary License",
    "Other/Proprietary License",
    "All Rights Reserved",
    "Commercial",
    "Commercial License",
    "Private",
    "Closed Source",
    "No License",
    "None of your business",
    "LicenseRef-Proprietary",
    "LicenseRef-Commercial",
];

static TABLE: LazyLock<HashMap<String, &'static str>> =
    LazyLock::new(|| NAMES.iter().flat_map(|(spdx, names)| names.iter().map(move |n| (normal(n), *spdx))).collect());

static NONE: LazyLock<Vec<String>> = LazyLock::new(|| UNLICENSED.iter().map(|n| normal(n)).collect());

/// Whether a statement says that nobody may use the package.
pub(crate) fn is_unlicensed(statement: &str) -> bool {
    let name = normal(statement);
    // `Unlicense` is a licence; `UNLICENSED` is the lack of one.
    NONE.contains(&name)
}

/// The SPDX expression a free-text name stands for.
pub(crate) fn lookup(statement: &str) -> Option<&'static str> {
    TABLE.get(&normal(statement)).copied()
}

/// A list of names (`MIT, Apache 2.0`, `BSD or GPLv2`, `MIT and GPLv3`) as one expression; `None` when a part is not known.
/// A bare list is a choice: that is how the ecosystems with list-valued fields define them.
pub(crate) fn alternatives(statement: &str) -> Option<String> {
    let lower = statement.to_ascii_lowercase();
    let (operator, separators): (&str, &[&str]) = if lower.contains(" and ") || lower.contains(" & ") {
        (" AND ", &[" and ", " & "])
    } else {
        (" OR ", &[" or ", ",", ";", "/", "|"])
    };
    let mut parts = vec![statement.trim_matches(['(', ')'])];
    for separator in separators {
        parts = parts.into_iter().flat_map(|p| split(p, separator)).collect();
    }
    if parts.len() < 2 {
        return None;
    }
    let known: Option<Vec<String>> = parts.iter().map(|p| p.trim()).filter(|p| !p.is_empty()).map(one).collect();
    let known = known?;
    (!known.is_empty()).then(|| known.join(operator))
}

fn one(part: &str) -> Option<String> {
    let found = lookup(part).or_else(|| spdx::license_id(part).map(|id| id.name))?;
    Some(as_operand(found))
}

/// An expression as part of a larger one.
pub(crate) fn as_operand(expression: &str) -> String {
    if expression.contains(" OR ") { format!("({expression})") } else { expression.to_owned() }
}

/// Splits at each occurrence of an ASCII separator, whatever its case.
fn split<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let lower = text.to_ascii_lowercase();
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, _) in lower.match_indices(separator) {
        parts.extend(text.get(from..at));
        from = at + separator.len();
    }
    parts.extend(text.get(from..));
    parts
}

/// Lower case; the trove prefix, punctuation and words that every name has are dropped; `v3`, `version 3` and `3.0` become `3`.
fn normal(name: &str) -> String {
    let name = name.trim();
    let name = name.rsplit(" :: ").next().unwrap_or(name);
    let lower = name.to_ascii_lowercase();
    let mut out = String::with_capacity(lower.len());
    for word in lower.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '+' | '>' | '='))) {
        let word = word.trim_matches('.');
        let digits = word.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(word);
        let digits = digits.strip_suffix(".0").unwrap_or(digits);
        if digits.is_empty() || matches!(digits, "the" | "license" | "licence" | "licensed" | "version" | "under") {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(digits);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for (spdx, names) in NAMES {
            assert!(spdx::Expression::parse(spdx).is_ok(), "{spdx}");
            for name in *names {
                if let Some(other) = seen.insert(normal(name), spdx) {
                    assert_eq!(other, *spdx, "{name} stands for two licences");
                }
            }
        }
    }

    #[test]
    fn spellings() {
        for (name, spdx) in [
            ("the apache license, version 2.0", "Apache-2.0"),
            ("APACHE-2.0", "Apache-2.0"),
            ("GPL v3", "GPL-3.0-only"),
            ("License :: OSI Approved :: GNU Affero General Public License v3 or later (AGPLv3+)", "AGPL-3.0-or-later"),
        ] {
            assert_eq!(lookup(name), Some(spdx), "{name}");
        }
        assert!(
            is_unlicensed("License :: Other/Proprietary License") && is_unlicensed("unlicensed") && !is_unlicensed("Unlicense")
        );
        assert_eq!(alternatives("MIT or Apache 2 or Bogus"), None);
    }
}
