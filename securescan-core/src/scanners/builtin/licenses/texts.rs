//! Which licence a licence file holds, by the phrase its text opens with. Good for unchanged texts of common licences only.

/// Only the beginning is looked at, in bytes.
const MAX_TEXT: usize = 4096;

/// `(expression, phrase)` after [`words`]. The phrase that stands first in the text decides: a licence names itself
/// before it names others.
const PHRASES: &[(&str, &str)] = &[
    ("AGPL-3.0-only", "gnu affero general public license version 3"),
    ("LGPL-3.0-only", "gnu lesser general public license version 3"),
    ("LGPL-2.1-only", "gnu lesser general public license version 2.1"),
    ("GPL-3.0-only", "gnu general public license version 3"),
    ("GPL-2.0-only", "gnu general public license version 2"),
    ("Apache-2.0", "apache license version 2.0"),
    ("MPL-2.0", "mozilla public license version 2.0"),
    ("EPL-2.0", "eclipse public license v 2.0"),
    ("SSPL-1.0", "server side public license"),
    ("BUSL-1.1", "business source license 1.1"),
    ("Elastic-2.0", "elastic license 2.0"),
    ("MIT", "permission is hereby granted free of charge to any person obtaining a copy"),
    (
        "ISC",
        "permission to use copy modify and or distribute this software for any purpose with or without fee is hereby granted provided",
    ),
    (
        "0BSD",
        "permission to use copy modify and or distribute this software for any purpose with or without fee is hereby granted the software",
    ),
    ("Unlicense", "this is free and unencumbered software released into the public domain"),
    ("BSL-1.0", "boost software license version 1.0"),
    ("BSD-3-Clause", "redistribution and use in source and binary forms with or without modification are permitted"),
];

/// The licence of a licence file, as an SPDX expression.
pub(super) fn classify(text: &[u8]) -> Option<&'static str> {
    let text = words(text.get(..MAX_TEXT).unwrap_or(text));
    let (_, spdx) = PHRASES.iter().filter_map(|(spdx, phrase)| text.find(phrase).map(|at| (at, *spdx))).min()?;
    Some(if spdx == "BSD-3-Clause" && !text.contains("neither the name") { "BSD-2-Clause" } else { spdx })
}

/// Lower-cased words with single spaces; punctuation but inner dots dropped.
fn words(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '.')).map(|w| w.trim_matches('.')).filter(|w| !w.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openings() {
        for (text, spdx) in [
            (
                "MIT License\n\nCopyright (c) 2020 X\n\nPermission is hereby granted, free of charge, to any person\nobtaining a copy",
                Some("MIT"),
            ),
            (
                "   GNU LESSER GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007\n … GNU General Public License, version 3",
                Some("LGPL-3.0-only"),
            ),
            ("  Apache License\n  Version 2.0, January 2004", Some("Apache-2.0")),
            (
                "Redistribution and use in source and binary forms, with or without modification, are permitted",
                Some("BSD-2-Clause"),
            ),
            ("All rights reserved.", None),
        ] {
            assert_eq!(classify(text.as_bytes()), spdx, "{text}");
        }
    }
}
