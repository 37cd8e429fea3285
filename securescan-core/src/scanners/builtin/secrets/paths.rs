//! What a file's path says about the secrets in it. Components of the relative path are compared, never substrings of it:
//! `latest_conf.py` is no test.

/// How a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// Not text: only rules about paths apply.
    pub opaque: bool,
    /// Machine-made (lock files, minified bundles, source maps, vector graphics): only self-identifying tokens are looked for.
    pub tokens_only: bool,
    /// Tests, examples and documents: weak rules are silent, strong ones say `low`.
    pub demo: bool,
    /// `.env` and its like: every line is `KEY=value`.
    pub env: bool,
    /// Configuration, where values stand without quotes.
    pub config: bool,
}

const OPAQUE: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "bmp", "ico", "icns", "webp", "avif", "tif", "tiff", "psd", "heic", "woff", "woff2", "ttf",
    "otf", "eot", "mp3", "mp4", "m4a", "m4v", "mov", "avi", "mkv", "webm", "ogg", "oga", "wav", "flac", "zip", "gz", "tgz",
    "bz2", "xz", "zst", "7z", "rar", "tar", "jar", "war", "ear", "whl", "nupkg", "gem", "crate", "apk", "ipa", "exe", "dll",
    "so", "dylib", "a", "o", "obj", "lib", "pdb", "class", "pyc", "pyo", "wasm", "bin", "pdf", "doc", "docx", "xls", "xlsx",
    "ppt", "pptx", "odt", "parquet", "npy", "npz", "pt", "onnx", "h5", "mo", "snap.zst", "deb", "rpm", "dmg", "iso", "msi",
];

const LOCKS: &[&str] = &[
    "go.sum",
    "go.work.sum",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "poetry.lock",
    "pipfile.lock",
    "uv.lock",
    "pdm.lock",
    "deno.lock",
    "cargo.lock",
    "composer.lock",
    "gemfile.lock",
    "gradle.lockfile",
    "packages.lock.json",
    "podfile.lock",
    "mix.lock",
    "pubspec.lock",
    "flake.lock",
    "module.bazel.lock",
    "gradlew",
    "gradlew.bat",
    "mvnw",
    "mvnw.cmd",
    "verification-metadata.xml",
    "record",
];

const MACHINE_SUFFIXES: &[&str] = &[
    ".min.js",
    ".min.css",
    ".min.mjs",
    ".bundle.js",
    ".chunk.js",
    ".js.map",
    ".css.map",
    ".mjs.map",
    ".map",
    ".svg",
    ".snap",
    ".po",
    ".pot",
    ".csv",
    ".tsv",
    ".lock",
    ".sum",
    ".xlf",
    ".pb.go",
    "_pb2.py",
    ".css",
];

const DEMO_DIRS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "__tests__",
    "__test__",
    "spec",
    "specs",
    "fixture",
    "fixtures",
    "__fixtures__",
    "testdata",
    "test-data",
    "test_data",
    "testfixtures",
    "mock",
    "mocks",
    "__mocks__",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "doc",
    "docs",
    "documentation",
    "tutorial",
    "tutorials",
    "e2e",
    "integration",
    "playground",
    "__snapshots__",
    "cassettes",
    "benchmark",
    "benchmarks",
    "bench",
    "quickstart",
    "cookbook",
    "androidtest",
    "unittest",
    "unittests",
    "stubs",
    "stub",
];

const DOCUMENTS: &[&str] =
    &["md", "mdx", "markdown", "rst", "adoc", "asciidoc", "txt", "html", "htm", "pod", "rdoc", "textile", "ipynb"];

const CONFIGS: &[&str] = &[
    "env",
    "ini",
    "cfg",
    "conf",
    "cnf",
    "config",
    "properties",
    "toml",
    "yml",
    "yaml",
    "tfvars",
    "sh",
    "bash",
    "zsh",
    "fish",
    "ps1",
    "envrc",
    "npmrc",
    "pypirc",
    "netrc",
    "service",
    "desktop",
    "hcl",
    "secrets",
];

/// Judges a path relative to the scan root.
pub(super) fn kind(path: &str) -> Kind {
    let lower = path.to_ascii_lowercase();
    let mut folders: Vec<&str> = lower.split('/').collect();
    let name = folders.pop().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let env = is_env(name);
    Kind {
        opaque: OPAQUE.contains(&extension),
        tokens_only: LOCKS.contains(&name)
            || MACHINE_SUFFIXES.iter().any(|s| name.ends_with(s))
            || folders.iter().any(|f| f.ends_with(".dist-info")),
        demo: folders.iter().any(|f| DEMO_DIRS.contains(f))
            || is_test_file(stem, path)
            || DOCUMENTS.contains(&extension)
            || is_template(name)
            || is_document(name),
        env,
        config: env || extension.is_empty() || CONFIGS.contains(&extension) || name.starts_with("dockerfile") || name == ".netrc",
    }
}

/// `.env`, `.env.production`, `prod.env`; not the templates that are meant to be filled in.
fn is_env(name: &str) -> bool {
    let named = name == ".env"
        || name.starts_with(".env.")
        || name.ends_with(".env")
        || name == ".envrc"
        || name.starts_with(".env-")
        || name.starts_with(".env_");
    named && !is_template(name)
}

fn is_template(name: &str) -> bool {
    [".example", ".sample", ".template", ".dist", ".tpl", ".tmpl", ".j2", ".default", "-example", "_example", "-sample", ".erb"]
        .iter()
        .any(|end| name.ends_with(end))
        || name.split(['.', '-', '_']).any(|part| matches!(part, "example" | "examples" | "sample" | "samples" | "template"))
}

/// `test_x.py`, `x_test.go`, `x.test.ts`, `x.spec.js`, `XTest.java`, `conftest.py`.
fn is_test_file(stem: &str, path: &str) -> bool {
    let original = path.rsplit('/').next().unwrap_or_default();
    let original = original.rsplit_once('.').map_or(original, |(s, _)| s);
    stem == "conftest"
        || stem
            .split(['.', '-', '_'])
            .any(|part| matches!(part, "test" | "tests" | "spec" | "mock" | "mocks" | "fixture" | "fixtures" | "stories" | "e2e"))
        || ["Test", "Tests", "TestCase", "Spec", "IT"].iter().any(|end| original.ends_with(end))
}

fn is_document(name: &str) -> bool {
    ["readme", "changelog", "changes", "contributing", "history", "news", "license", "authors", "pkg-info", "metadata"]
        .contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demos() {
        for path in [
            "tests/a.py",
            "a/b_test.go",
            "src/x.test.ts",
            "README.md",
            "FooTest.java",
            "docs/x.py",
            ".env.example",
            "spec/a.rb",
            "config.sample.yml",
        ] {
            assert!(kind(path).demo, "{path}");
        }
        for path in ["latest_config.py", "contest/x.py", "src/attest.go", "mockups.py", "protest/a", "a.py", "Latest.java"] {
            assert!(!kind(path).demo, "{path}");
        }
    }

    #[test]
    fn env_files() {
        assert!(kind(".env").env && kind("a/.env.local").env && kind("prod.env").env);
        assert!(!kind(".env.example").env && !kind("environment.py").env && !kind(".env.sample").env);
    }

    #[test]
    fn machine_made() {
        assert!(kind("a/jquery.min.js").tokens_only && kind("package-lock.json").tokens_only && kind("x.png").opaque);
        assert!(!kind("a.js").tokens_only);
    }
}
