//! What identity promises, on generated code: layout leaves no trace, content always does.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

use proptest::prelude::*;
use proptest::sample::{Index, select};
use securescan_core::identity::{self, Scheme};
use securescan_core::source::{DirSources, MemorySources, Sources};
use securescan_core::{Finding, ScanType, Severity};

/// A language by its extension, and how it writes a comment that ends with its line.
const LANGUAGES: &[(&str, &str)] = &[
    ("py", "# "),
    ("rb", "# "),
    ("sh", "# "),
    ("yaml", "# "),
    ("tf", "# "),
    ("php", "// "),
    ("c", "// "),
    ("java", "// "),
    ("kt", "// "),
    ("rs", "// "),
    ("go", "// "),
    ("js", "// "),
    ("ts", "// "),
    ("sql", "-- "),
    ("lua", "-- "),
    ("hs", "-- "),
    ("adb", "-- "),
    ("scss", "// "),
    ("ini", "; "),
];

/// `name = callee(…)`, as tokens; strings are double-quoted.
fn statement() -> impl Strategy<Value = Vec<String>> {
    let word = "[a-z_][a-zA-Z0-9_]{0,6}|é[a-z]{0,3}|[0-9]{1,4}";
    let string = r#""[a-zA-Z0-9 #/é'(\[{*;,:-]{0,10}""#;
    let leaf = prop_oneof![3 => word.prop_map(|w| vec![w]), 1 => string.prop_map(|s| vec![s])];
    let argument = leaf.prop_recursive(3, 16, 4, move |inner| {
        (word, select(vec![("(", ")"), ("[", "]")]), prop::collection::vec(inner, 1..4)).prop_map(
            |(word, (open, close), parts)| {
                let mut out = vec![word, open.to_owned()];
                for (index, part) in parts.into_iter().enumerate() {
                    if index > 0 {
                        out.push(",".to_owned());
                    }
                    out.extend(part);
                }
                out.push(close.to_owned());
                out
            },
        )
    });
    (word, argument).prop_map(|(name, mut tokens)| {
        tokens.splice(0..0, [name, "=".to_owned()]);
        if tokens.len() == 3 {
            tokens.extend(["(".to_owned(), ")".to_owned()]);
        }
        tokens
    })
}

fn wordy(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '"')
}

/// Writes tokens with white space, line ends, comments and trailing commas that mean nothing, as the dice say.
fn laid_out(tokens: &[String], comment: &str, dice: &[u8], end: &str) -> String {
    let (mut out, mut depth) = (String::new(), 0usize);
    let mut throws = dice.iter().cycle().copied();
    for (index, token) in tokens.iter().enumerate() {
        let closes = matches!(token.as_str(), ")" | "]");
        let throw = throws.next().unwrap_or(0);
        if closes && throw & 8 != 0 && !matches!(tokens[index - 1].as_str(), "(" | "[" | ",") {
            out.push(',');
        }
        let needs_space = index > 0 && wordy(token) && wordy(&tokens[index - 1]);
        match throw % 7 {
            1 => out.push_str("  "),
            2 => out.push('\t'),
            3 if depth > 0 => out.push_str(&format!("{end}\t ")),
            4 if depth > 0 => out.push_str(&format!(" {comment}note ( [ \" ' {throw}{end}{end}    ")),
            5 if depth > 0 => out.push_str(&format!(" {end}")),
            _ if needs_space => out.push(' '),
            _ => {}
        }
        out.push_str(token);
        depth += usize::from(matches!(token.as_str(), "(" | "["));
        depth -= usize::from(closes);
    }
    if throws.next().unwrap_or(0) & 1 != 0 {
        out.push_str(&format!("  {comment}noqa ( \""));
    }
    out
}

fn finding(path: &str, line: u32) -> Finding {
    let mut finding = Finding::new("s", ScanType::Code, Severity::High, "t");
    (finding.rule_id, finding.file_path, finding.line) = (Some("r".into()), Some(path.into()), Some(line));
    finding
}

fn identified_in(sources: &dyn Sources, path: &str, line: u32) -> String {
    let mut finding = finding(path, line);
    identity::identify(std::slice::from_mut(&mut finding), sources);
    finding.fingerprint
}

fn identified(path: &str, text: &str, line: u32) -> String {
    identified_in(&MemorySources([(path.to_owned(), text.as_bytes().to_vec().into())].into()), path, line)
}

/// Few enough lines and bytes for the limits of a region.
fn within_limits(text: &str) -> bool {
    text.split('\n').count() <= 20 && text.len() <= 4096
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn layout_leaves_no_trace(
        tokens in statement(), (extension, comment) in select(LANGUAGES),
        dice in prop::collection::vec(any::<u8>(), 1..40), above in prop::collection::vec("[a-z(\"'#/-]{0,8}", 0..4),
        below in "[a-z)\"'(]{0,9}", indent in "[ \t]{0,6}", crlf in any::<bool>(),
    ) {
        let path = format!("src/a.{extension}");
        let plain = laid_out(&tokens, comment, &[0], "\n");
        let end = if crlf { "\r\n" } else { "\n" };
        let fancy = laid_out(&tokens, comment, &dice, end);
        prop_assume!(within_limits(&fancy));
        let mut file: String = above.iter().map(|line| format!("{line}{end}")).collect();
        file.push_str(&format!("{indent}{fancy}{end}{below}{end}"));
        let line = u32::try_from(above.len()).unwrap() + 1;
        prop_assert_eq!(identified(&path, &plain, 1), identified(&path, &file, line), "{}", file);
    }

    #[test]
    fn content_leaves_a_trace(
        tokens in statement(), (extension, comment) in select(LANGUAGES),
        dice in prop::collection::vec(any::<u8>(), 1..40), which in any::<Index>(), what in 0..4usize,
    ) {
        let path = format!("src/a.{extension}");
        let changeable: Vec<usize> = (0..tokens.len()).filter(|i| wordy(&tokens[*i])).collect();
        let at = changeable[which.index(changeable.len())];
        let mut changed = tokens.clone();
        changed[at] = match (what, changed[at].strip_suffix('"')) {
            (0, _) => "other_name_9".to_owned(),
            (1, Some(open)) => format!("{open} \""),
            (2, Some(open)) => format!("{open}#\""),
            (_, Some(open)) => format!("{open}X\""),
            (1, None) => format!("{}_", changed[at]),
            (2, None) => format!("{}.{}", changed[at], changed[at]),
            (_, None) => format!("{}X", changed[at]),
        };
        let (before, after) = (laid_out(&tokens, comment, &[0], "\n"), laid_out(&changed, comment, &dice, "\n"));
        prop_assume!(within_limits(&after));
        prop_assert_ne!(identified(&path, &before, 1), identified(&path, &after, 1), "{} {}", before, after);
        // Another file and another rule are other findings.
        prop_assert_ne!(identified(&path, &before, 1), identified(&format!("b/{path}"), &before, 1));
    }

    #[test]
    fn source_and_snippet_agree(
        tokens in statement(), (extension, comment) in select(LANGUAGES), dice in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let path = format!("src/a.{extension}");
        let text = laid_out(&tokens, comment, &dice, "\n");
        prop_assume!(within_limits(&text));
        let mut by_snippet = finding(&path, 1);
        by_snippet.metadata.line_snippet = Some(text.clone());
        prop_assert_eq!(identity::fingerprint(&by_snippet, Scheme::V2), identified(&path, &text, 1));
    }

    /// Any soup of what lexers care about. Rust gets whole characters only: what a lone single quote means there hangs on the white
    /// space around it.
    #[test]
    fn normalising_twice_is_normalising_once(
        parts in prop::collection::vec(select(FRAGMENTS), 0..24),
        extension in select(vec![
            "py", "c", "java", "kt", "rs", "go", "js", "php", "rb", "sh", "tf", "ini", "sql", "lua", "hs", "adb", "html", "css",
            "scss", "txt",
        ]),
    ) {
        let quoted = |part: &&'static str| if extension == "rs" && part.contains('\'') { "'c'" } else { *part };
        let text: String = parts.iter().map(quoted).collect();
        let path = format!("a.{extension}");
        for scheme in [Scheme::V1, Scheme::V2] {
            let once = identity::normalized_line_context(&text, scheme, Some(&path));
            let twice = identity::normalized_line_context(&once, scheme, Some(&path));
            if scheme == Scheme::V2 {
                prop_assert_eq!(&once, &twice, "{:?}", text);
            }
            prop_assert!(once.len() <= 4 * text.len() + 64);
        }
    }

    /// Any bytes at all: an identity, and nothing of what lies below the region.
    #[test]
    fn any_bytes_have_an_identity(bytes in prop::collection::vec(any::<u8>(), 0..400), line in 0u32..6, end in 0u32..40) {
        for extension in ["py", "rs", "js", "html", "x"] {
            let path = format!("a.{extension}");
            let sources = MemorySources([(path.clone(), bytes.clone().into())].into());
            let mut finding = finding(&path, line);
            finding.end_line = Some(end);
            identity::identify(std::slice::from_mut(&mut finding), &sources);
            prop_assert_eq!(finding.fingerprint.len(), 64);
        }
    }
}

const FRAGMENTS: &[&str] = &[
    "a", "b1", "r", "b", "f", " ", " ", "\t", "\n", "\n", "(", ")", "[", "]", "{", "}", ",", ",", ";", "+", "-", "-", "/", "*",
    "#", "\"", "'", "`", "<", "!", ":", "é", "\\", "\"s t\"", "'u v'", "\"\"\"", "'''", "/*", "*/", "//", "--", "<!--", "-->",
    "$x", "\r\n", "\u{feff}", "{-", "-}", "]]", "--[[", "#[", "r#\"", "\"#", "0.5",
];

#[test]
fn another_checkout_folder_is_the_same_identity() {
    let prints: Vec<String> = ["a", "b/deeper"]
        .iter()
        .map(|name| {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().join(name);
            std::fs::create_dir_all(root.join("src")).unwrap();
            std::fs::write(root.join("src/x.py"), "import os\nos.system(command)\n").unwrap();
            identified_in(&DirSources::new(&root), "src/x.py", 2)
        })
        .collect();
    assert_eq!(prints[0], prints[1]);
    let same = |path: &str| identity::fingerprint(&finding(path, 1), Scheme::V2);
    for path in ["./src/x.py", "src//x.py", "src/y/../x.py", "src\\x.py"] {
        assert_eq!(same(path), same("src/x.py"), "{path}");
    }
    assert_ne!(same("src/X.py"), same("src/x.py"));
}
