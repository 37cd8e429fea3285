//! Which comments a file can hold, by its name. What stands inside a comment is not decided here.

/// One way to start a comment, and how it ends when not at the end of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opener {
    /// The characters that start it.
    pub(super) open: &'static str,
    /// The characters that end it; `None` for a comment that runs to the end of the line.
    pub(super) close: Option<&'static str>,
}

const fn line(open: &'static str) -> Opener {
    Opener { open, close: None }
}

const fn block(open: &'static str, close: &'static str) -> Opener {
    Opener { open, close: Some(close) }
}

const HASH: &[Opener] = &[line("#")];
const HASH_OR_SLASH: &[Opener] = &[line("#"), line("//"), block("/*", "*/")];
const SLASH: &[Opener] = &[line("//"), block("/*", "*/")];
const DASH: &[Opener] = &[line("--")];
const DASH_OR_BLOCK: &[Opener] = &[line("--"), block("/*", "*/")];
const DASH_OR_BRACE: &[Opener] = &[line("--"), block("{-", "-}")];
const ANY: &[Opener] = &[block("<!--", "-->"), line("#"), line("//"), line("--"), block("/*", "*/")];

/// Files whose name alone says that they take `#`, whatever their extension.
const HASH_NAMES: &[&str] = &["dockerfile", "containerfile", "makefile", "gnumakefile", "rakefile", "gemfile"];

/// How comments start in a file of this name; every style when the name says nothing.
///
/// # Source
/// Spec 02, section 1.2; block comments, `#` in PHP and `//` in HCL are ours.
pub(super) fn openers(path: &str) -> &'static [Opener] {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase();
    let stem = name.split('.').next().unwrap_or_default();
    if HASH_NAMES.contains(&name.as_str()) || HASH_NAMES.contains(&stem) {
        return HASH;
    }
    let Some((_, extension)) = name.rsplit_once('.') else { return ANY };
    match extension {
        "py" | "rb" | "sh" | "bash" | "zsh" | "yml" | "yaml" | "toml" | "ini" | "cfg" | "conf" | "dockerfile" | "pl" | "pm"
        | "r" => HASH,
        "tf" | "tfvars" | "php" => HASH_OR_SLASH,
        "js" | "mjs" | "cjs" | "ts" | "jsx" | "tsx" | "go" | "java" | "kt" | "kts" | "rs" | "c" | "cc" | "cpp" | "cxx" | "h"
        | "hpp" | "hh" | "swift" | "scala" | "groovy" | "dart" | "cs" => SLASH,
        "sql" => DASH_OR_BLOCK,
        "hs" | "elm" => DASH_OR_BRACE,
        "lua" | "ada" => DASH,
        _ => ANY,
    }
}

/// How a comment to the end of the line starts in a file of this name; none where the name does not say that there is one.
pub(crate) fn line_comment(path: &str) -> Option<&'static str> {
    let openers = openers(path);
    if std::ptr::eq(openers, ANY) {
        return None;
    }
    openers.iter().find(|opener| opener.close.is_none()).map(|opener| opener.open)
}

/// The first comment of a line: where it starts and how.
pub(super) fn first<'o>(line: &str, openers: &'o [Opener]) -> Option<(usize, &'o Opener)> {
    openers.iter().filter_map(|o| line.find(o.open).map(|at| (at, o))).min_by_key(|(at, _)| *at)
}

/// Whether a comment that starts at `at` is alone on its line: nothing but white space around it, or the braces that
/// wrap a comment in JSX and templates.
pub(super) fn is_alone(line: &str, at: usize, opener: &Opener) -> bool {
    let before = line.get(..at).unwrap_or_default().trim();
    if !matches!(before, "" | "{") {
        return false;
    }
    let Some(close) = opener.close else { return true };
    let inside = line.get(at + opener.open.len()..).unwrap_or_default();
    match inside.split_once(close) {
        Some((_, after)) => matches!(after.trim(), "" | "}"),
        None => true,
    }
}
