//! Which names say that they hold a secret, and which values are one rather than a stand-in.

/// Whether a variable's name says that it holds a secret. Words are what stands between `_`, `-`, `.` and changes from small to
/// capital letters: `DB_PASSWORD`, `apiKey` are, `MONKEY`, `KEYBOARD`, `AUTHOR` are not.
pub(in crate::scanners::builtin) fn is_secret_name(name: &str) -> bool {
    const SECRET: &[&str] = &[
        "apikey",
        "credential",
        "credentials",
        "key",
        "passphrase",
        "passwd",
        "password",
        "psw",
        "pwd",
        "pword",
        "secret",
        "secrets",
        "token",
        "tokens",
        "authtoken",
        "accesskey",
        "secretkey",
        "privatekey",
        "pat",
    ];
    // What makes the word before or after it something harmless.
    const HARMLESS: &[&str] = &[
        "public",
        "pub",
        "pubkey",
        "id",
        "ids",
        "file",
        "files",
        "path",
        "dir",
        "name",
        "names",
        "url",
        "uri",
        "host",
        "port",
        "type",
        "length",
        "len",
        "size",
        "ttl",
        "expiry",
        "expires",
        "expiration",
        "timeout",
        "endpoint",
        "header",
        "fingerprint",
        "fpr",
        "server",
        "keyserver",
        "algorithm",
        "alg",
        "policy",
        "rotation",
        "enabled",
        "enable",
        "disable",
        "disabled",
        "version",
        "prefix",
        "issuer",
        "audience",
        "field",
        "count",
        "max",
        "min",
        "location",
        "store",
        "manager",
        "provider",
        "gpg",
        "signing",
        "foreign",
        "primary",
        "sort",
        "partition",
        "cache",
        "mount",
        "require",
        "required",
        "lifetime",
        "days",
        "hours",
        "minutes",
        "seconds",
    ];
    if name.len() > 128 {
        return false;
    }
    let words = name_words(name);
    let is = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    let strong =
        is(&["password", "passwd", "passphrase", "pword", "psw", "pwd", "secret", "secrets", "credential", "credentials"]);
    // `PWD` and `OLDPWD` are the working folder.
    if words.len() == 1 && (is(&["pwd"]) || is(&["key"]) || is(&["pat"])) {
        return false;
    }
    let last_is_harmless = words.last().is_some_and(|w| HARMLESS.contains(&w.as_str()));
    is(SECRET) && !last_is_harmless && (strong || !is(HARMLESS))
}

fn name_words(name: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut last_small = false;
    for c in name.chars() {
        let starts = last_small && c.is_ascii_uppercase();
        if matches!(c, '_' | '-' | '.') || starts {
            out.push(String::new());
        }
        last_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        if let (true, Some(word)) = (c.is_alphanumeric(), out.last_mut()) {
            word.push(c.to_ascii_lowercase());
        }
    }
    out.retain(|w| !w.is_empty());
    out
}

/// Whether a value is written out and is not plainly a stand-in.
pub(in crate::scanners::builtin) fn is_literal_secret(value: &str) -> bool {
    let value = value.trim();
    let lower = value.chars().take(64).collect::<String>().to_ascii_lowercase();
    let placeholder = [
        "changeme",
        "change_me",
        "change-me",
        "placeholder",
        "replace_me",
        "replaceme",
        "your_",
        "your-",
        "dummy",
        "notset",
        "undefined",
        "todo",
        "xxx",
        "***",
    ];
    let is_word = matches!(
        lower.as_str(),
        "" | "true" | "false" | "yes" | "no" | "none" | "null" | "nil" | "on" | "off" | "unset" | "default" | "example"
    );
    let file_ends = [".key", ".pem", ".crt", ".json", ".txt", ".yml", ".yaml", ".jks", ".p12", ".env"];
    let is_path = value.starts_with('/')
        || value.starts_with("./")
        || value.starts_with("file:")
        || file_ends.iter().any(|e| lower.ends_with(e));
    let is_template = value.starts_with('<') || value.starts_with("{{") || value.starts_with('%') || value.starts_with("@@");
    let runs = value.chars().next().is_some_and(|first| value.len() > 2 && value.chars().all(|c| c == first));
    !(is_word || is_path || is_template || runs || value.contains(['$', '`']) || placeholder.iter().any(|p| lower.starts_with(p)))
}
