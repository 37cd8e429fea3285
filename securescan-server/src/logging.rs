//! Log lines on standard error, as text or JSON. Every line goes through here, and here keys are cut out of it.

use crate::time;
use serde_json::{Map, Value};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For developers.
    Debug,
    /// What happens.
    Info,
    /// What should not, and is lived with.
    Warning,
    /// What failed.
    Error,
    /// Why the service does not run.
    Critical,
}

impl Level {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Debug, "DEBUG"),
        (Self::Info, "INFO"),
        (Self::Warning, "WARNING"),
        (Self::Error, "ERROR"),
        (Self::Critical, "CRITICAL"),
    ];

    /// From its upper-case name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(level, _)| *level)
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(level, _)| *level == self).map_or("INFO", |(_, name)| name)
    }
}

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

/// Where lines go.
type Out = Arc<Mutex<Box<dyn Write + Send>>>;

/// The log. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    level: Level,
    format: Format,
    out: Out,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("level", &self.level).field("format", &self.format).finish_non_exhaustive()
    }
}

/// Named values of a line.
pub(crate) type Fields<'a> = &'a [(&'static str, Value)];

impl Log {
    /// A log that writes to `out`.
    pub fn to(out: Box<dyn Write + Send>, level: Level, format: Format) -> Self {
        Self { level, format, out: Arc::new(Mutex::new(out)) }
    }

    /// The log of a process: standard error.
    #[must_use]
    pub fn stderr(level: Level, format: Format) -> Self {
        Self::to(Box::new(std::io::stderr()), level, format)
    }

    /// Writes a line.
    pub(crate) fn write(&self, level: Level, logger: &str, message: &str, fields: Fields<'_>) {
        if level < self.level {
            return;
        }
        let line = match self.format {
            Format::Text => text(time::now(), level, logger, message, fields),
            Format::Json => json(time::now(), level, logger, message, fields),
        };
        let line = without_keys(&line);
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written must not end the service.
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }

    pub(crate) fn info(&self, logger: &str, message: &str, fields: Fields<'_>) {
        self.write(Level::Info, logger, message, fields);
    }

    pub(crate) fn warning(&self, logger: &str, message: &str, fields: Fields<'_>) {
        self.write(Level::Warning, logger, message, fields);
    }

    pub(crate) fn error(&self, logger: &str, message: &str, fields: Fields<'_>) {
        self.write(Level::Error, logger, message, fields);
    }

    pub(crate) fn critical(&self, logger: &str, message: &str, fields: Fields<'_>) {
        self.write(Level::Critical, logger, message, fields);
    }
}

/// `2026-11-23 16:20:13,649 [INFO] securescan.request: request method=GET …`
fn text(at: i64, level: Level, logger: &str, message: &str, fields: Fields<'_>) -> String {
    let day = time::to_second(at).replace('T', " ");
    let millis = at.rem_euclid(time::SECOND) / 1000;
    let mut line = format!("{day},{millis:03} [{}] {logger}: {}", level.name(), plain(message));
    for (name, value) in fields {
        let value = match value {
            Value::String(text) => plain(text),
            other => other.to_string(),
        };
        line.push_str(&format!(" {name}={value}"));
    }
    line.push('\n');
    line
}

/// A line is one line, whatever a path or a message has in it.
fn plain(text: &str) -> String {
    let show = |c: char| if c.is_control() { c.escape_default().collect::<String>() } else { c.to_string() };
    text.chars().map(show).collect()
}

/// One object with sorted keys.
fn json(at: i64, level: Level, logger: &str, message: &str, fields: Fields<'_>) -> String {
    let mut line = Map::new();
    line.insert("timestamp".into(), format!("{}+00:00", time::zulu(at).trim_end_matches('Z')).into());
    line.insert("level".into(), level.name().into());
    line.insert("logger".into(), logger.into());
    line.insert("message".into(), message.into());
    for (name, value) in fields {
        line.insert((*name).into(), value.clone());
    }
    format!("{}\n", Value::Object(line))
}

/// Whatever looks like one of our keys loses its secret.
fn without_keys(line: &str) -> String {
    let mut rest = line;
    let mut out = String::with_capacity(line.len());
    while let Some((before, after)) = rest.split_once("ssk_") {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let end = after.find(|c| !word(c)).unwrap_or(after.len());
        let (key, tail) = after.split_at_checked(end).unwrap_or((after, ""));
        out.push_str(before);
        out.push_str("ssk_");
        match key.split_once('_') {
            Some((id, _)) => out.push_str(&format!("{id}_********")),
            None => out.push_str(key),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shapes() {
        let fields = [("method", json!("GET")), ("status", json!(200)), ("path", json!("/a\nb"))];
        let at = 1_763_914_813_649_492;
        assert_eq!(
            text(at, Level::Info, "securescan.request", "request", &fields),
            "2025-11-23 16:20:13,649 [INFO] securescan.request: request method=GET status=200 path=/a\\nb\n"
        );
        assert_eq!(
            json(at, Level::Error, "l", "m", &fields),
            "{\"level\":\"ERROR\",\"logger\":\"l\",\"message\":\"m\",\"method\":\"GET\",\"path\":\"/a\\nb\",\"status\":200,\
             \"timestamp\":\"2025-11-23T16:20:13.649492+00:00\"}\n"
        );
    }

    #[test]
    fn keys_lose_their_secret() {
        let line = "a ssk_5a7c8f9eab_abc-DEF_x, ssk_5a7c8f9eab ssk_";
        assert_eq!(without_keys(line), "a ssk_5a7c8f9eab_********, ssk_5a7c8f9eab ssk_");
    }
}
