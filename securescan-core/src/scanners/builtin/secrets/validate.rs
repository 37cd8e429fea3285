//! What can be said of a secret without asking anybody: checksums, decodable parts, tell-tale defaults.

use super::value::is_placeholder;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What a check found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing for or against.
    Open,
    /// The checksum or structure holds.
    Good,
    /// The checksum is wrong: an older or made-up token.
    Bad,
    /// Real, but of little worth: a default or local account, an encrypted key.
    Minor,
    /// Not a secret at all.
    No,
}

/// An offline check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// The last six base-62 digits are the CRC-32 of what stands between prefix and them.
    Crc32Base62,
    /// GitLab's routable tokens.
    GitlabRoutable,
    /// Grafana service account tokens.
    Grafana,
    /// The first part decodes to a JSON object with `alg`.
    Jwt,
    /// Base-32 alphabet after the prefix.
    AwsKeyId,
    /// A service account's JSON: the fields that make it one stand nearby.
    GcpServiceAccount,
    /// A PEM block; checked where it is read.
    Pem,
    /// An age identity: bech32 with its checksum.
    Age,
    /// `user:password@host`: not a placeholder, not the usual local defaults.
    DbUri,
    /// HTTP basic authentication: base64 of `user:password`.
    BasicAuth,
}

const CHECKS: &[(&str, Check)] = &[
    ("age", Check::Age),
    ("aws-key-id", Check::AwsKeyId),
    ("basic-auth", Check::BasicAuth),
    ("crc32-base62", Check::Crc32Base62),
    ("db-uri", Check::DbUri),
    ("gcp-sa", Check::GcpServiceAccount),
    ("gitlab-routable", Check::GitlabRoutable),
    ("grafana", Check::Grafana),
    ("jwt", Check::Jwt),
    ("pem", Check::Pem),
];

impl Check {
    /// The check of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        CHECKS.iter().find(|(n, _)| *n == name).map(|(_, check)| *check)
    }

    /// Runs it on a secret and the whole match it stands in.
    pub(super) fn run(self, secret: &[u8], whole: &[u8]) -> Verdict {
        match self {
            Self::Crc32Base62 => crc32_base62(secret),
            Self::GitlabRoutable => gitlab_routable(secret),
            Self::Grafana => grafana(secret),
            Self::Jwt => jwt(secret),
            Self::AwsKeyId => aws_key_id(secret),
            Self::GcpServiceAccount => service_account(whole),
            Self::Pem => Verdict::Open,
            Self::Age => age(secret),
            Self::DbUri => db_uri(secret, whole),
            Self::BasicAuth => basic_auth(secret),
        }
    }
}

fn good(holds: bool) -> Verdict {
    if holds { Verdict::Good } else { Verdict::Bad }
}

/// CRC-32 as in IEEE 802.3, bit by bit: the inputs are tokens.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// A number in digits `0-9A-Za-z` (or `0-9a-z` for base 36).
fn in_base(digits: &[u8], base: u64) -> Option<u64> {
    digits.iter().try_fold(0u64, |sum, b| {
        let digit = match b {
            b'0'..=b'9' => b - b'0',
            b'A'..=b'Z' if base == 62 => b - b'A' + 10,
            b'a'..=b'z' if base == 62 => b - b'a' + 36,
            b'a'..=b'z' => b - b'a' + 10,
            _ => return None,
        };
        sum.checked_mul(base)?.checked_add(u64::from(digit))
    })
}

fn crc32_base62(secret: &[u8]) -> Verdict {
    let body = secret.rsplit(|b| *b == b'_').next().unwrap_or_default();
    let Some((payload, sum)) = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at)) else {
        return Verdict::Open;
    };
    good(in_base(sum, 62) == Some(u64::from(crc32(payload))))
}

fn gitlab_routable(secret: &[u8]) -> Verdict {
    let Some((payload, sum)) = secret.len().checked_sub(7).and_then(|at| secret.split_at_checked(at)) else {
        return Verdict::Open;
    };
    if !payload.contains(&b'.') {
        return Verdict::Open;
    }
    good(in_base(sum, 36) == Some(u64::from(crc32(payload))))
}

fn grafana(secret: &[u8]) -> Verdict {
    let Some((payload, sum)) = secret.len().checked_sub(9).and_then(|at| secret.split_at_checked(at)) else {
        return Verdict::Open;
    };
    let written: String = crc32(payload).to_le_bytes().iter().map(|b| format!("{b:02x}")).collect();
    good(sum.get(1..).is_some_and(|s| s.eq_ignore_ascii_case(written.as_bytes())))
}

/// Decodes base64 in either alphabet, padding or not.
pub(super) fn base64_any(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().rposition(|b| *b != b'=').map_or(0, |i| i + 1);
    let text = text.get(..end)?;
    if text.iter().any(|b| matches!(b, b'-' | b'_')) {
        URL_SAFE_NO_PAD.decode(text).ok()
    } else {
        STANDARD_NO_PAD.decode(text).ok()
    }
}

fn jwt(secret: &[u8]) -> Verdict {
    let header = secret.split(|b| *b == b'.').next().and_then(base64_any);
    let object = header.and_then(|h| serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&h).ok());
    match object {
        Some(object) if object.contains_key("alg") || object.contains_key("typ") => Verdict::Open,
        _ => Verdict::No,
    }
}

fn aws_key_id(secret: &[u8]) -> Verdict {
    let body = secret.get(4..).unwrap_or_default();
    if body.iter().all(|b| b.is_ascii_uppercase() || matches!(b, b'2'..=b'7')) { Verdict::Open } else { Verdict::Bad }
}

fn service_account(whole: &[u8]) -> Verdict {
    let holds = |what: &[u8]| memchr::memmem::find(whole, what).is_some();
    let body = memchr::memmem::find(whole, b"PRIVATE KEY-----").and_then(|at| whole.get(at + 16..)).unwrap_or_default();
    let long = body.iter().take_while(|b| **b != b'-').filter(|b| b.is_ascii_alphanumeric()).count() >= 200;
    if !long {
        return Verdict::No;
    }
    if holds(b"private_key") && holds(b"client_email") { Verdict::Good } else { Verdict::Open }
}

/// Bech32 over the upper-case form, constant 1.
fn age(secret: &[u8]) -> Verdict {
    const ALPHABET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let lower = secret.to_ascii_lowercase();
    let Some(split) = memchr::memrchr(b'1', &lower) else { return Verdict::Open };
    let (human, data) = (lower.get(..split).unwrap_or_default(), lower.get(split + 1..).unwrap_or_default());
    let mut values: Vec<u32> = human.iter().map(|b| u32::from(b >> 5)).collect();
    values.push(0);
    values.extend(human.iter().map(|b| u32::from(b & 31)));
    for byte in data {
        match ALPHABET.iter().position(|a| a == byte).and_then(|p| u32::try_from(p).ok()) {
            Some(value) => values.push(value),
            None => return Verdict::Bad,
        }
    }
    let mut sum = 1u32;
    for value in values {
        let top = sum >> 25;
        sum = ((sum & 0x01ff_ffff) << 5) ^ value;
        for (bit, mask) in [0x3b6a_57b2u32, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3].iter().enumerate() {
            if (top >> bit) & 1 == 1 {
                sum ^= mask;
            }
        }
    }
    good(sum == 1)
}

/// Passwords everybody uses in documentation and on their own machine.
const DEFAULTS: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "psw",
    "secret",
    "root",
    "admin",
    "postgres",
    "mysql",
    "mongo",
    "redis",
    "guest",
    "user",
    "username",
    "test",
    "testing",
    "dev",
    "docker",
    "foo",
    "bar",
    "baz",
    "example",
    "changeme",
    "xxx",
    "mypass",
    "mypassword",
    "p",
    "pw",
    "toor",
    "default",
    "rabbitmq",
    "token",
    "key",
    "minio",
    "sa",
    "qwerty",
    "123",
    "1234",
    "12345",
    "123456",
    "hunter2",
    "rootpassword",
    "pass123",
    "pass1234",
    "password1",
    "password123",
    "secretpassword",
    "db_password",
    "userpass",
    "userpassword",
    "dbpass",
    "dbpassword",
    "your_password",
    "[password]",
    "password_here",
    "...",
    "***",
    "s3cret",
    "s3cr3t",
    "pass123!",
    "mysecretpassword",
    "supersecret",
];

fn db_uri(secret: &[u8], whole: &[u8]) -> Verdict {
    let lower = secret.to_ascii_lowercase();
    let default = DEFAULTS.iter().any(|d| d.as_bytes() == lower) || lower.starts_with(b"tiger");
    if default
        || super::value::names_itself(secret)
        || is_placeholder(secret)
        || super::value::is_reference(secret)
        || is_user(secret, whole)
    {
        return Verdict::No;
    }
    let host = whole.rsplit(|b| *b == b'@').next().unwrap_or_default();
    let local =
        [&b"localhost"[..], b"127.0.0.1", b"0.0.0.0", b"[::1]", b"host.docker.internal"].iter().any(|l| host.starts_with(l));
    let example = memchr::memmem::find(host, b"example.").is_some();
    if local || example || is_service(secret, host) { Verdict::Minor } else { Verdict::Open }
}

/// A bare word as the password of a host without a domain, as in `db:airflow@postgres/airflow`: a compose file's default.
fn is_service(secret: &[u8], host: &[u8]) -> bool {
    let name = host.split(|b| matches!(b, b':' | b'/')).next().unwrap_or_default();
    secret.iter().all(u8::is_ascii_lowercase) && name.len() > 1 && !name.contains(&b'.')
}

/// The password is the user's name.
fn is_user(secret: &[u8], whole: &[u8]) -> bool {
    let user =
        memchr::memmem::find(whole, b"://").and_then(|at| whole.get(at + 3..)).and_then(|rest| rest.split(|b| *b == b':').next());
    user.is_some_and(|u| !u.is_empty() && u.eq_ignore_ascii_case(secret))
}

fn basic_auth(secret: &[u8]) -> Verdict {
    let Some(plain) = base64_any(secret) else { return Verdict::No };
    let Some(colon) = plain.iter().position(|b| *b == b':') else { return Verdict::No };
    let (user, password) = (plain.get(..colon).unwrap_or_default(), plain.get(colon + 1..).unwrap_or_default());
    let printable = plain.iter().all(|b| b.is_ascii_graphic() || *b == b' ');
    let lower = password.to_ascii_lowercase();
    let default = DEFAULTS.iter().any(|d| d.as_bytes() == lower) || user.eq_ignore_ascii_case(b"aladdin");
    if !printable || default || is_placeholder(&plain) { Verdict::No } else { Verdict::Open }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token whose last digits are the checksum of the rest.
    fn with_sum(prefix: &str, payload: &str, base62: bool) -> String {
        const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        assert!(base62);
        let mut rest = crc32(payload.as_bytes());
        let mut sum = Vec::new();
        for _ in 0..6 {
            sum.push(DIGITS[(rest % 62) as usize]);
            rest /= 62;
        }
        sum.reverse();
        format!("{prefix}{payload}{}", String::from_utf8(sum).unwrap())
    }

    #[test]
    fn checksums() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let token = with_sum("ghp_", "Zz0123abcdEFGHijklMNOPqrstUV45", true);
        assert_eq!(Check::Crc32Base62.run(token.as_bytes(), b""), Verdict::Good);
        assert_eq!(Check::Crc32Base62.run(token.replace("Zz", "zZ").as_bytes(), b""), Verdict::Bad);
        let grafana = format!("glsa_{}", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6");
        let sum: String = crc32(grafana.as_bytes()).to_le_bytes().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(Check::Grafana.run(format!("{grafana}_{sum}").as_bytes(), b""), Verdict::Good);
    }

    #[test]
    fn structures() {
        assert_eq!(Check::Jwt.run(b"eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.abcdefghij", b""), Verdict::Open);
        assert_eq!(Check::Jwt.run(b"eyJxjQHM6M6OaDG.wWAp46fgQZHK.MVoVi0ncWxYL", b""), Verdict::No);
        assert_eq!(Check::DbUri.run(b"postgres", b"postgres://postgres:postgres@db"), Verdict::No);
        assert_eq!(Check::DbUri.run(b"GKDYVDzM", b"postgres://user:GKDYVDzM@db"), Verdict::Open);
        assert_eq!(Check::DbUri.run(b"GKDYVDzM", b"postgres://user:GKDYVDzM@localhost:5432"), Verdict::Minor);
        assert_eq!(Check::DbUri.run(b"airflow", b"postgres://postgres:airflow@postgres/airflow"), Verdict::Minor);
        assert_eq!(Check::BasicAuth.run(b"dXNlcjprOHNEbCE5", b""), Verdict::Open);
        assert_eq!(Check::BasicAuth.run(b"dXNlcjpwYXNz", b""), Verdict::No);
    }
}
