//! What the generated bindings offer, as a list a reader can review: the declarations of each language, without UniFFI's machinery.

use crate::shell::{root, target};
use std::path::{Path, PathBuf};

/// A generated file, and how its declarations are told from the rest.
struct Language {
    name: &'static str,
    file: &'static str,
    declarations: fn(&str) -> Vec<String>,
}

const LANGUAGES: &[Language] = &[
    Language { name: "python", file: "python/securescan_uniffi.py", declarations: python },
    Language { name: "ruby", file: "ruby/securescan_uniffi.rb", declarations: ruby },
    Language { name: "kotlin", file: "kotlin/securescan/securescan_uniffi.kt", declarations: kotlin },
    Language { name: "swift", file: "swift/Securescan.swift", declarations: swift },
];

fn committed() -> PathBuf {
    root().join("securescan-uniffi/surface.txt")
}

/// Compares what was generated below `folder` with the committed list.
pub(crate) fn check(folder: &Path) -> Result<String, String> {
    let mut text = String::from(
        "# What the generated bindings offer. Compared by `cargo xtask check uniffi`, which says how to renew it.\n",
    );
    let mut said = Vec::new();
    for language in LANGUAGES {
        let file = folder.join(language.file);
        let source = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let lines = (language.declarations)(&source);
        said.push(format!("{} in {}", lines.len(), language.name));
        text.push_str(&format!("\n[{}]\n{}\n", language.name, lines.join("\n")));
    }
    if std::fs::read_to_string(committed()).is_ok_and(|had| had == text) {
        return Ok(format!("the bindings offer what they did: {} declarations", said.join(", ")));
    }
    let now = target().join("uniffi/surface.txt");
    std::fs::write(&now, text).map_err(|e| format!("{}: {e}", now.display()))?;
    Err("the bindings offer something else than securescan-uniffi/surface.txt says; if that is meant, copy target/uniffi/surface.txt there"
        .to_owned())
}

/// One blank between words.
fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Public classes with their public methods, and functions. What UniFFI needs itself has an underscore, or a class that has one.
fn python(source: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_public = false;
    for line in source.lines() {
        if let Some(class) = line.strip_prefix("class ") {
            let name = class.split(['(', ':']).next().unwrap_or_default();
            is_public = !["_", "Protocol", "Impl"].iter().any(|part| name.starts_with(part) || name.ends_with(part));
        }
        let inner = line.strip_prefix("    ").filter(|_| is_public).unwrap_or(line);
        let named = |word: &str| inner.strip_prefix(word).is_some_and(|rest| !rest.starts_with('_'));
        if is_public && named("class ") || named("def ") {
            let wordy = [("typing.Union[object, ", "["), ("typing.", "")];
            lines.push(wordy.iter().fold(line.trim_end().to_owned(), |line, (long, short)| line.replace(long, short)));
        }
        // A function ends whatever class stood before it.
        is_public &= !line.starts_with("def ");
    }
    lines
}

/// Functions of the module, and methods of the classes that are not UniFFI's.
fn ruby(source: &str) -> Vec<String> {
    let own = ["RustBuffer", "Uniffi", "UniFFI", "Rust", "Foreign", "VTable", "Callback", "InternalError"];
    let internal = ["uniffi_", "rust_call", "consume_buffer", "def to_s", "class <<"];
    let declares = ["class ", "module ", "def ", "attr_reader "];
    let mut lines = Vec::new();
    let mut is_public = true;
    for line in source.lines().map(str::trim_end) {
        let words = line.trim_start();
        let name = words.strip_prefix("class ").or_else(|| words.strip_prefix("module ")).filter(|name| !name.starts_with('<'));
        if let Some(name) = name {
            is_public = !own.iter().any(|prefix| name.starts_with(prefix));
        }
        let is_ours = is_public || line.starts_with("def self.");
        if is_ours && declares.iter().any(|word| words.starts_with(word)) && !internal.iter().any(|i| words.contains(i)) {
            lines.push(squeezed(words));
        }
    }
    lines
}

/// The generator quotes the names that come from Rust. Interfaces have the methods once, classes again.
fn kotlin(source: &str) -> Vec<String> {
    let types = ["public interface ", "open class ", "data class ", "sealed class ", "    class "];
    let own = ["ffi", "foreign", "rustbuffer", "internalexception", "disposable", "byvalue", "byreference"];
    let declares = |line: &&str| {
        let is_type = types.iter().filter_map(|word| line.strip_prefix(word)).any(|rest| {
            let name = rest.split([' ', '(', ':', '<']).next().unwrap_or_default().to_lowercase();
            !own.iter().any(|part| name.contains(part))
        });
        let is_function = line.contains("fun `") && !line.contains("uniffi") && !line.contains("override fun");
        is_type || is_function || line.trim_start().starts_with("val `")
    };
    let short = |line: &str| {
        let line = line.trim_start().trim_start_matches("*/").replace("kotlin.", "").replace('`', "");
        squeezed(line.trim_end_matches([' ', '{', '(', ',']))
    };
    source.lines().filter(declares).map(short).collect()
}

/// What is public at the first column, and the parts of records and errors.
fn swift(source: &str) -> Vec<String> {
    let words = [
        "open func ",
        "open class ",
        "public func ",
        "public static func ",
        "public convenience init",
        "public protocol ",
        "public struct ",
        "    public let ",
        "    case ",
    ];
    let own = ["FfiConverter", "uniffi", "NoHandle"];
    let head = |line: &str| squeezed(line.split('{').next().unwrap_or(line).trim_end_matches('('));
    let declares = |line: &&str| {
        words.iter().any(|word| line.starts_with(word))
            && !own.iter().any(|part| head(line).contains(part))
            // Swift's own cases have small letters.
            && line.strip_prefix("    case ").is_none_or(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    source.lines().filter(declares).map(head).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machinery_is_left_out() {
        let source = "class _UniffiX:\n    def lift(v):\ndef _uniffi_y():\nclass A(AProtocol):\n    def __init__(self):\n    def b(self, ) -> str:\ndef c() -> int:\n    def d():\n";
        assert_eq!(python(source), ["class A(AProtocol):", "    def b(self, ) -> str:", "def c() -> int:"]);
        let source =
            "class RustBuffer < FFI::Struct\n  def a\nend\ndef self.b(c)\n  class D\n  def self.uniffi_lift(x)\n  def e()\n";
        assert_eq!(ruby(source), ["def self.b(c)", "class D", "def e()"]);
        let source = "open class RustBuffer : X\nopen class A: B\n    override fun lift(x)\n    override fun `f`(x)\n */ fun `f`(`x`: kotlin.Int): A {\n    class UniffiByValue(\n";
        assert_eq!(kotlin(source), ["open class A: B", "fun f(x: Int): A"]);
        let source = "open class A: B {\n    public func x() {\npublic func FfiConverterTypeA_lift() {\nopen func b()throws  -> Int  {uniffi\n    case x\n    case Parse(\n";
        assert_eq!(swift(source), ["open class A: B", "open func b()throws -> Int", "case Parse"]);
    }
}
