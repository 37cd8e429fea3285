//! Which language a file is in, by its name, and what comments, strings and statements look like there.
//!
//! # Source
//! Identity specification, section 2: the table of languages.

/// Languages that share comments and strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    C,
    /// C with `"""`.
    Java,
    /// Rust: `'` is a lifetime unless it closes; block comments nest.
    Rust,
    Go,
    /// Swift, Kotlin, Scala: block comments nest, `"""`.
    Nesting,
    Js,
    Php,
    Ruby,
    Shell,
    /// Terraform: shell-like with C comments.
    Hcl,
    Ini,
    Sql,
    Lua,
    Haskell,
    Ada,
    Markup,
    Css,
    Scss,
    Other,
}

use Language as L;

impl Language {
    /// By the file's name and extension, in any case.
    pub(super) fn of(path: Option<&str>) -> Self {
        let Some(name) = path.and_then(|p| p.rsplit(['/', '\\']).next()).map(str::to_ascii_lowercase) else { return L::Other };
        let stem = name.split('.').next().unwrap_or_default();
        match name.as_str() {
            "makefile" => return L::Shell,
            "gemfile" | "rakefile" => return L::Ruby,
            _ if name.starts_with(".env") || matches!(stem, "dockerfile" | "containerfile") => return L::Shell,
            _ => {}
        }
        // `Dockerfile-prod` is one, `dockerfile_parser.py` is not.
        match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "py" | "pyi" | "pyw" => L::Python,
            "rs" => L::Rust,
            "go" => L::Go,
            "kt" | "kts" | "scala" | "swift" => L::Nesting,
            "java" => L::Java,
            "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" | "dart" | "cs" | "groovy" | "m" | "mm" => L::C,
            "js" | "mjs" | "cjs" | "jsx" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" => L::Js,
            "php" | "phtml" => L::Php,
            "rb" => L::Ruby,
            "tf" | "tfvars" | "hcl" => L::Hcl,
            "ini" => L::Ini,
            "sh" | "bash" | "zsh" | "ksh" | "env" | "properties" | "cfg" | "conf" | "toml" | "yml" | "yaml" | "dockerfile"
            | "makefile" | "r" | "pl" | "pm" => L::Shell,
            "sql" => L::Sql,
            "lua" => L::Lua,
            "hs" | "elm" => L::Haskell,
            "adb" | "ads" => L::Ada,
            "html" | "htm" | "xml" | "svg" | "xaml" => L::Markup,
            "css" => L::Css,
            "scss" | "less" => L::Scss,
            _ if stem.starts_with("dockerfile") || stem.starts_with("containerfile") => L::Shell,
            _ => L::Other,
        }
    }

    pub(super) fn line_comments(self) -> &'static [&'static str] {
        match self {
            L::Python | L::Ruby | L::Shell => &["#"],
            L::C | L::Java | L::Rust | L::Go | L::Nesting | L::Js | L::Scss => &["//"],
            L::Php => &["//", "#"],
            L::Hcl => &["#", "//"],
            L::Ini => &["#", ";"],
            L::Sql | L::Lua | L::Haskell | L::Ada => &["--"],
            L::Markup | L::Css | L::Other => &[],
        }
    }

    pub(super) fn block_comment(self) -> Option<(&'static str, &'static str, bool)> {
        match self {
            L::C | L::Java | L::Go | L::Js | L::Php | L::Hcl | L::Sql | L::Css | L::Scss => Some(("/*", "*/", false)),
            L::Rust | L::Nesting => Some(("/*", "*/", true)),
            L::Lua => Some(("--[[", "]]", false)),
            L::Haskell => Some(("{-", "-}", true)),
            L::Markup => Some(("<!--", "-->", false)),
            L::Python | L::Ruby | L::Shell | L::Ini | L::Ada | L::Other => None,
        }
    }

    pub(super) fn quotes(self) -> &'static [u8] {
        match self {
            L::Js | L::Ruby | L::Go => b"'\"`",
            L::Rust | L::Haskell | L::Ada | L::Other => b"\"",
            _ => b"'\"",
        }
    }

    pub(super) fn has_triple_quotes(self, quote: u8) -> bool {
        self == L::Python || (matches!(self, L::Java | L::Nesting) && quote == b'"')
    }

    /// A backslash does not escape in SQL, markup and Ada; in Go's raw strings neither.
    pub(super) fn escapes(self, quote: u8) -> bool {
        let raw = self == L::Go && quote == b'`';
        !(raw || matches!(self, L::Sql | L::Markup | L::Ada))
    }

    /// `'…'` and `"…"` mean the same.
    pub(super) fn quotes_are_equal(self) -> bool {
        matches!(self, L::Python | L::Js)
    }

    pub(super) fn semicolon_ends_statement(self) -> bool {
        matches!(
            self,
            L::C | L::Java
                | L::Rust
                | L::Go
                | L::Nesting
                | L::Js
                | L::Php
                | L::Sql
                | L::Css
                | L::Scss
                | L::Ruby
                | L::Lua
                | L::Ada
        )
    }
}
