//! What the name of a variable, key or element says about its value.

/// What kind of credential a name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Promise {
    /// A password: short and human.
    Password,
    /// A key, token or secret: long and random.
    Key,
    /// Just `token`: often no more than an id.
    BareToken,
    /// Just `key`: only a very random value counts.
    BareKey,
}

/// Words that may stand after the credential word without changing what it is.
const TAILS: &[&str] = &[
    "value",
    "val",
    "string",
    "str",
    "raw",
    "plain",
    "prod",
    "production",
    "dev",
    "development",
    "staging",
    "stage",
    "live",
    "base64",
    "b64",
    "hex",
    "env",
    "primary",
    "secondary",
    "old",
    "new",
    "current",
    "master",
    "main",
    "global",
    "local",
    "sandbox",
    "default",
    "v1",
    "v2",
    "v3",
    "qa",
    "uat",
    "hash64",
];

/// Words that say the value is public, derived, a reference or no credential at all.
const HARMLESS: &[&str] = &[
    "public",
    "pub",
    "publishable",
    "hash",
    "hashed",
    "digest",
    "checksum",
    "chksum",
    "sha",
    "sha1",
    "sha256",
    "sha512",
    "md5",
    "fingerprint",
    "integrity",
    "csrf",
    "xsrf",
    "anti",
    "antiforgery",
    "page",
    "next",
    "cursor",
    "continuation",
    "sort",
    "primarykey",
    "foreign",
    "partition",
    "cache",
    "hot",
    "natural",
    "schema",
    "translation",
    "i18n",
    "locale",
    "storage",
    "placeholder",
    "regex",
    "pattern",
    "example",
    "sample",
    "dummy",
    "fake",
    "mock",
    "test",
    "tests",
    "testing",
    "site",
    "sitekey",
    "recaptcha",
    "captcha",
    "ssh",
    "host",
    "routing",
    "map",
    "dict",
    "object",
    "index",
    "column",
    "lookup",
    "registry",
    "idempotency",
    "etag",
    "resource",
    "i",
    "row",
    "react",
    "request",
    "change",
    "vapid",
    "idempotent",
    "invalid",
    "bad",
    "wrong",
    "expected",
    "valid",
    "verify",
    "verification",
    "encrypted",
    "masked",
    "redacted",
    "issuer",
    "keyboard",
    "license",
    "measurement",
    "event",
    "bucket",
    "sequence",
    "lock",
    "metadata",
    "trace",
    "telemetry",
    "instrumentation",
    "kms",
    "name",
    "label",
    "message",
    "msg",
    "error",
    "title",
    "text",
    "unused",
];

const PASSWORDS: &[&str] = &["password", "passwd", "passwort", "pwd", "passphrase", "passcode", "pass", "passw"];
const SECRETS: &[&str] = &[
    "secret",
    "secrets",
    "token",
    "tokens",
    "credential",
    "credentials",
    "creds",
    "cred",
    "auth",
    "apikey",
    "authtoken",
    "accesstoken",
    "authkey",
];
/// What makes a `key` a credential.
const KEY_KINDS: &[&str] = &[
    "api",
    "secret",
    "access",
    "auth",
    "private",
    "encryption",
    "crypto",
    "cipher",
    "signing",
    "sign",
    "master",
    "account",
    "service",
    "client",
    "app",
    "application",
    "consumer",
    "admin",
    "deploy",
    "webhook",
    "subscription",
    "hmac",
    "aes",
    "jwt",
    "session",
    "shared",
    "functions",
    "aws",
    "azure",
    "gcp",
    "server",
    "bearer",
    "refresh",
    "bot",
    "personal",
    "oauth",
    "user",
    "rest",
    "developer",
    "dev",
];

/// At most so many words are looked at.
const MAX_WORDS: usize = 16;

/// The words of a name, lower-cased: split at punctuation and case changes, digits at a word's end taken off.
fn words(name: &[u8]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for part in name.split(|b| !b.is_ascii_alphanumeric()).filter(|p| !p.is_empty()) {
        let mut start = 0;
        for at in 1..=part.len() {
            let before = part.get(at - 1).copied().unwrap_or_default();
            let cut = match part.get(at) {
                None => true,
                Some(now) if now.is_ascii_uppercase() => {
                    before.is_ascii_lowercase()
                        || before.is_ascii_digit()
                        || (before.is_ascii_uppercase() && part.get(at + 1).is_some_and(u8::is_ascii_lowercase))
                }
                Some(_) => false,
            };
            if cut {
                out.push(String::from_utf8_lossy(part.get(start..at).unwrap_or_default()).to_ascii_lowercase());
                start = at;
            }
        }
    }
    let skip = out.len().saturating_sub(MAX_WORDS);
    out.drain(..skip);
    out
}

fn bare(word: &str) -> &str {
    let cut = word.trim_end_matches(|c: char| c.is_ascii_digit());
    if cut.is_empty() { word } else { cut }
}

/// What the name promises; `None` when it is not the name of a credential.
pub(super) fn promise(name: &[u8]) -> Option<Promise> {
    let mut words = words(name);
    while words.len() > 1 && words.last().is_some_and(|w| TAILS.contains(&w.as_str()) || w.bytes().all(|b| b.is_ascii_digit())) {
        words.pop();
    }
    let last = bare(words.last()?).to_owned();
    let before = words.get(..words.len() - 1).unwrap_or_default();
    if before.iter().any(|w| HARMLESS.contains(&bare(w)) || HARMLESS.contains(&w.as_str())) {
        return None;
    }
    let previous = before.last().map(|w| bare(w));
    if PASSWORDS.contains(&last.as_str()) || ["password", "passwd", "passphrase"].iter().any(|p| last.ends_with(p)) {
        return Some(Promise::Password);
    }
    if matches!(last.as_str(), "token" | "tokens" | "auth") && !previous.is_some_and(|p| KEY_KINDS.contains(&p)) {
        return Some(Promise::BareToken);
    }
    if SECRETS.contains(&last.as_str()) || ["secret", "apikey", "token"].iter().any(|p| last.ends_with(p)) {
        return Some(Promise::Key);
    }
    if last == "key" {
        let known = previous.is_some_and(|p| KEY_KINDS.contains(&p));
        return Some(if known { Promise::Key } else { Promise::BareKey });
    }
    let compound = last.strip_suffix("key").filter(|kind| KEY_KINDS.contains(kind));
    compound.map(|_| Promise::Key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises() {
        for (name, expected) in [
            ("password", Some(Promise::Password)),
            ("DB_PASSWORD_PROD", Some(Promise::Password)),
            ("userPwd", Some(Promise::Password)),
            ("dbpassword", Some(Promise::Password)),
            ("password_field", None),
            ("passwordHash", None),
            ("api_key", Some(Promise::Key)),
            ("apiKey2", Some(Promise::Key)),
            ("X-Api-Key", Some(Promise::Key)),
            ("clientSecret", Some(Promise::Key)),
            ("mySecretString", Some(Promise::Key)),
            ("token", Some(Promise::BareToken)),
            ("auth_token", Some(Promise::Key)),
            ("ClientRequestToken", None),
            ("key", Some(Promise::BareKey)),
            ("primaryKey", Some(Promise::BareKey)),
            ("public_key", None),
            ("key_id", None),
            ("token_url", None),
            ("author", None),
            ("monkey", None),
            ("csrf-token", None),
            ("credentialsId", None),
            ("keyboard", None),
            ("secretkey", Some(Promise::Key)),
        ] {
            assert_eq!(promise(name.as_bytes()), expected, "{name}");
        }
    }
}
