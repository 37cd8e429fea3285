//! What in a sensitive-looking file decides: empty, encrypted, an example, or the real thing. Values are looked at and never kept.

use crate::scanners::builtin::dockerfile::{is_literal_secret, is_secret_name};
use serde_json::Value;

/// What to look for in a file of some kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    DockerAuth,
    Env,
    Htpasswd,
    KeyStore,
    Kubeconfig,
    Netrc,
    NotEmpty,
    Npmrc,
    PrivateKey,
    Putty,
    SecretPairs,
    SqlDump,
    TerraformState,
    UrlCredentials,
    WpConfig,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The real thing.
    Sensitive,
    /// There is something, but little harm in it: a passphrase protects it, or no name says secret.
    Mild,
    /// Empty, encrypted for the repository, or public.
    Fine,
}

/// At most this much of a text file is looked at, in bytes.
const MAX_LOOK: usize = 2 << 20;

impl Check {
    /// Judges a file's bytes.
    pub(super) fn judge(self, bytes: &[u8]) -> Verdict {
        let bytes = bytes.get(..bytes.len().min(MAX_LOOK)).unwrap_or(bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) || is_encrypted(bytes) {
            return Verdict::Fine;
        }
        let text = String::from_utf8_lossy(bytes);
        let found = match self {
            Self::NotEmpty => true,
            Self::KeyStore => return if is_git_lfs(bytes) { Verdict::Mild } else { Verdict::Sensitive },
            Self::PrivateKey => return private_key(&text),
            Self::Putty if text.contains("Encryption: none") => true,
            Self::Putty => return if text.contains("Private-Lines") { Verdict::Mild } else { Verdict::Fine },
            Self::Env => return env(&text),
            Self::SecretPairs => has_secret_pair(&text),
            Self::Npmrc => text.lines().any(npm_token),
            Self::Netrc => words_after(&text, "password").any(is_literal_secret),
            Self::UrlCredentials => text.lines().any(has_url_password),
            Self::DockerAuth => docker_auth(&text),
            Self::Kubeconfig => {
                ["client-key-data:", "token:", "password:"].iter().any(|k| values_after(&text, k).any(is_literal_secret))
            }
            Self::Htpasswd => {
                text.lines().any(|l| l.split_once(':').is_some_and(|(user, hash)| !user.is_empty() && hash.trim().len() > 8))
            }
            Self::WpConfig => wp_config(&text),
            Self::TerraformState => terraform_state(&text),
            Self::SqlDump => is_dump(bytes, &text),
        };
        if found { Verdict::Sensitive } else { Verdict::Fine }
    }
}

/// Encrypted in a way that is made for repositories: ansible-vault, git-crypt, age, sops, eyaml, OpenPGP.
fn is_encrypted(bytes: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"$ANSIBLE_VAULT;",
        b"\0GITCRYPT\0",
        b"age-encryption.org/",
        b"-----BEGIN AGE ENCRYPTED FILE-----",
        b"-----BEGIN PGP MESSAGE-----",
    ];
    const INSIDE: &[&[u8]] = &[b"ENC[AES256_GCM,", b"ENC[PKCS7,", b"kind: SealedSecret"];
    STARTS.iter().any(|s| bytes.starts_with(s)) || INSIDE.iter().any(|s| memchr::memmem::find(bytes, s).is_some())
}

fn is_git_lfs(bytes: &[u8]) -> bool {
    bytes.starts_with(b"version https://git-lfs.github.com/spec/")
}

fn private_key(text: &str) -> Verdict {
    let Some(header) = text.lines().find(|l| l.starts_with("-----BEGIN") && l.contains("PRIVATE KEY")) else {
        return if text.contains("<key>") { Verdict::Sensitive } else { Verdict::Fine };
    };
    let protected = header.contains("ENCRYPTED") || text.contains("Proc-Type: 4,ENCRYPTED");
    if protected { Verdict::Mild } else { Verdict::Sensitive }
}

fn env(text: &str) -> Verdict {
    let mut verdict = Verdict::Fine;
    for (name, value) in pairs(text) {
        let is_secret = is_secret_name(name) || has_url_password(value);
        if is_secret && is_literal_secret(value) {
            return Verdict::Sensitive;
        }
        if !value.is_empty() {
            verdict = Verdict::Mild;
        }
    }
    verdict
}

/// `name = value`, `name: value`, `export NAME="value"` lines; comments left out.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches("- ");
        if line.starts_with('#') || line.starts_with("//") || line.starts_with(';') || line.len() > 8192 {
            return None;
        }
        let at = line.find(['=', ':'])?;
        let name = line.get(..at)?.trim().trim_start_matches("export ").trim_matches(['"', '\'', ' ', '{']);
        let value = line.get(at + 1..)?.trim().trim_end_matches(',');
        let value = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']);
        Some((name, value))
    })
}

fn has_secret_pair(text: &str) -> bool {
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        return json_has_secret(&json);
    }
    pairs(text).any(|(name, value)| {
        is_secret_name(name) && value.len() >= 4 && !value.starts_with(['|', '>', '&', '*', '{', '[']) && is_literal_secret(value)
    })
}

/// Looks through a JSON value without recursion.
fn json_has_secret(json: &Value) -> bool {
    let mut open = vec![json];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(map) => {
                let secret = |(name, value): (&String, &Value)| {
                    let text = value.as_str().unwrap_or_default();
                    let is_secret = is_secret_name(name) || name == "private_key" || has_connection_password(text);
                    is_secret && text.len() >= 4 && is_literal_secret(text)
                };
                if map.iter().any(secret) {
                    return true;
                }
                open.extend(map.values());
            }
            _ => {}
        }
    }
    false
}

/// `Server=…;Password=…` and `scheme://user:password@host`.
fn has_connection_password(text: &str) -> bool {
    let part = |p: &str| {
        p.split_once('=').is_some_and(|(n, v)| {
            matches!(n.trim().to_ascii_lowercase().as_str(), "password" | "pwd" | "accountkey" | "sharedaccesskey")
                && is_literal_secret(v)
        })
    };
    has_url_password(text) || text.split(';').any(part)
}

fn has_url_password(text: &str) -> bool {
    text.match_indices("://").take(64).any(|(at, _)| {
        let authority = text.get(at + 3..).and_then(|r| r.split(['/', ' ', '"', '\'']).next()).unwrap_or_default();
        authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).is_some_and(|(_, p)| is_literal_secret(p))
    })
}

fn npm_token(line: &str) -> bool {
    let line = line.trim();
    let Some(at) = line.find(['=', ':']).filter(|_| !line.starts_with(['#', ';'])) else { return false };
    let keys = ["_authToken", "_auth", "_password", "npmAuthToken", "npmAuthIdent"];
    keys.iter().filter_map(|k| line.find(k).and_then(|i| line.get(i + k.len()..))).any(|rest| {
        let value = rest.trim_start().strip_prefix(['=', ':']).unwrap_or_default().trim().trim_matches(['"', '\'']);
        is_literal_secret(value)
    }) && at > 0
}

fn words_after<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = &'t str> {
    let words = || text.lines().filter(|l| !l.trim_start().starts_with('#')).flat_map(str::split_whitespace);
    words().zip(words().skip(1)).filter(move |(w, _)| *w == word).map(|(_, next)| next)
}

fn values_after<'t>(text: &'t str, key: &'t str) -> impl Iterator<Item = &'t str> {
    text.lines()
        .filter_map(move |l| l.trim().trim_start_matches("- ").strip_prefix(key))
        .map(|v| v.trim().trim_matches(['"', '\'']))
}

fn docker_auth(text: &str) -> bool {
    let Ok(json) = serde_json::from_str::<Value>(text) else { return false };
    let registries = json.get("auths").unwrap_or(&json);
    let set = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).is_some_and(is_literal_secret);
    registries
        .as_object()
        .is_some_and(|all| all.values().any(|e| ["auth", "identitytoken", "registrytoken", "password"].iter().any(|k| set(e, k))))
}

fn wp_config(text: &str) -> bool {
    text.lines().filter(|l| l.contains("DB_PASSWORD")).any(|line| {
        let parts: Vec<_> = line.split(['\'', '"']).collect();
        parts.get(3).is_some_and(|value| is_literal_secret(value) && *value != "password_here")
    })
}

fn terraform_state(text: &str) -> bool {
    // A state that was cut, being larger than what is looked at, is no JSON any more.
    let Ok(json) = serde_json::from_str::<Value>(text) else { return text.contains("\"resources\"") };
    ["resources", "modules", "outputs"].iter().any(|k| match json.get(k) {
        Some(Value::Array(list)) => !list.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        _ => false,
    })
}

/// A dump by its maker's first lines, and with rows in it: a schema alone holds no data.
fn is_dump(bytes: &[u8], text: &str) -> bool {
    if bytes.starts_with(b"PGDMP") {
        return true;
    }
    let head: String = text.lines().take(12).collect::<Vec<_>>().join("\n");
    let made_by =
        ["-- MySQL dump", "-- MariaDB dump", "-- PostgreSQL database dump", "-- phpMyAdmin SQL Dump", "-- Dump of", "-- SQLite"];
    made_by.iter().any(|m| head.contains(m)) && (text.contains("INSERT INTO") || text.contains("FROM stdin;"))
}
