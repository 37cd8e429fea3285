//! Settings from the environment: one table of variables, read once at the start.
//!
//! `docs/server.md` lists the same table; a test compares them.

use crate::logging::{Format, Level};
use crate::webhooks::Allow;
use securescan_core::{Error, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One variable of the environment.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What counts when it is not set, in words.
    pub default: &'static str,
    /// What it does and how it is read, one line.
    pub about: &'static str,
}

macro_rules! variables {
    ($($name:literal, $default:literal, $about:literal;)+) => {
        /// Every variable the service reads, by name.
        pub const VARIABLES: &[Variable] = &[$(Variable { name: $name, default: $default, about: $about }),+];
    };
}

variables! {
    "CI", "unset", "`true` or `1`: no language model is asked";
    "GROQ_API_KEY", "unset", "an older name of `SECURESCAN_AI_KEY`, which wins";
    "HOME", "", "where `~` is, for the database and the user's `.env`";
    "SECURESCAN_AI_KEY", "unset", "the key of the language model that scans with `ai` ask; without it and `SECURESCAN_AI_URL` none is asked";
    "SECURESCAN_AI_MODEL", "`llama-3.3-70b-versatile`", "which model";
    "SECURESCAN_AI_URL", "`https://api.groq.com/openai/v1`", "where it is: anything that speaks OpenAI's chat completions";
    "SECURESCAN_ALLOW_INSTALL", "`0`", "`1`, `true`, `yes` or `on`: callers with a key may install scanners";
    "SECURESCAN_API_KEY", "unset", "a key with every scope; surrounding space is cut, blank counts as unset";
    "SECURESCAN_AUTH_REQUIRED", "`0`", "`1`, `true`, `yes` or `on`: refuse to start, and to answer, without credentials";
    "SECURESCAN_BROWSE_ROOTS", "`SECURESCAN_SCAN_ROOTS`, else the home folder; nothing in development mode", "folders, parted as in `PATH`, whose subfolders are listed to choose a target from";
    "SECURESCAN_CORS_ORIGINS", "`http://localhost:3000,http://127.0.0.1:3000,http://localhost:3003,http://127.0.0.1:3003`", "comma list of origins whose pages may call the API";
    "SECURESCAN_DAST_TIMEOUT", "each scanner's own", "seconds for a scanner that looks at a URL";
    "SECURESCAN_DATABASE_PATH", "unset", "the older name of `SECURESCAN_DB_PATH`, which wins";
    "SECURESCAN_DB_PATH", "`~/.securescan/scans.db`", "the database file";
    "SECURESCAN_EVENT_TOKEN_SECRET", "random at each start", "signs event tokens; must be set when `SECURESCAN_AUTH_REQUIRED` is";
    "SECURESCAN_GROQ_API_KEY", "unset", "an older name of `SECURESCAN_AI_KEY`, which wins";
    "SECURESCAN_INSTALL_TIMEOUT", "`110`", "seconds that installing a scanner may take; a request is answered within 120";
    "SECURESCAN_IN_CONTAINER", "unset", "`1`, `true`, `yes` or `on`: logs are JSON unless `SECURESCAN_LOG_FORMAT` says otherwise";
    "SECURESCAN_LOG_FORMAT", "`text`, or `json` in a container", "`json`; anything else is text";
    "SECURESCAN_LOG_LEVEL", "`INFO`", "`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`, in any case";
    "SECURESCAN_MAX_QUEUE", "`100`", "scans that may wait; more are refused with 429";
    "SECURESCAN_MAX_SCANS", "`2`", "scans that run at once";
    "SECURESCAN_MAX_STREAMS", "`1000`", "streams of events at once; more are refused with 429";
    "SECURESCAN_MAX_STREAMS_PER_CALLER", "`20`", "streams of events at once of one caller";
    "SECURESCAN_METRICS", "`0`", "`1`, `true`, `yes` or `on`: `/metrics` answers, to callers who may read";
    "SECURESCAN_PYTHON", "`python3`", "the Python that scanners are installed with";
    "SECURESCAN_RATE_LIMIT_BURST", "`10`", "scans at once after a pause, when more than `SECURESCAN_RATE_LIMIT_PER_MIN`";
    "SECURESCAN_RATE_LIMIT_ENABLED", "`true`", "`0`, `false`, `no`, `off` or blank: no limit";
    "SECURESCAN_RATE_LIMIT_PER_MIN", "`60`", "scans that one caller may start in a minute";
    "SECURESCAN_SCAN_ROOTS", "unset", "folders, parted as in `PATH`, below which targets must lie";
    "SECURESCAN_SCAN_TIMEOUT", "each scanner's own", "seconds for each scanner";
    "SECURESCAN_SSE_KEEPALIVE", "`15`", "seconds after which a silent stream of events says that it is alive";
    "SECURESCAN_TOOLS_DIR", "`tools` beside the database", "where scanners are installed; its `bin` belongs on the `PATH` of the service";
    "SECURESCAN_WEBHOOK_ALLOW", "unset", "comma list of hosts, addresses and networks that webhooks may lead to although they are not public";
    "SECURESCAN_WEBHOOK_HTTPS_ONLY", "`0`", "`1`, `true`, `yes` or `on`: webhooks without TLS are refused";
    "SECURESCAN_ZAP_ADDRESS", "`http://127.0.0.1:8090`", "where ZAP listens";
    "SECURESCAN_ZAP_API_KEY", "unset", "what ZAP wants to see in `X-ZAP-API-Key`";
    "XDG_CONFIG_HOME", "`~/.config`", "the folder that holds `securescan/.env`";
}

/// The settings of a service.
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The key with every scope.
    pub api_key: Option<String>,
    /// Whether there must be credentials.
    pub auth_required: bool,
    /// Signs event tokens; empty: choose one at the start.
    pub event_token_secret: Vec<u8>,
    /// Scans that one caller may start in a minute; none: no limit.
    pub rate_per_minute: Option<u32>,
    /// See [`VARIABLES`].
    pub rate_burst: u32,
    /// The least level that is logged.
    pub log_level: Level,
    /// How log lines look.
    pub log_format: Format,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// The database file.
    pub db_path: PathBuf,
    /// Where ZAP listens.
    pub zap_address: Option<String>,
    /// What ZAP wants to see.
    pub zap_api_key: Option<String>,
    /// For each scanner.
    pub scan_timeout: Option<Duration>,
    /// For scanners that look at a URL.
    pub dast_timeout: Option<Duration>,
    /// Below which targets must lie; empty: anywhere.
    pub scan_roots: Vec<PathBuf>,
    /// Whose subfolders are listed; empty: see [`VARIABLES`].
    pub browse_roots: Vec<PathBuf>,
    /// The home folder, where there is one.
    pub home: Option<PathBuf>,
    /// Whether scanners may be installed.
    pub allow_install: bool,
    /// How long that may take.
    pub install_timeout: Duration,
    /// Where they go.
    pub tools_dir: PathBuf,
    /// What they are installed with.
    pub python: String,
    /// Whether `/metrics` answers.
    pub metrics: bool,
    /// Scans that run at once.
    pub max_scans: usize,
    /// Scans that may wait.
    pub max_queue: usize,
    /// Streams of events at once.
    pub max_streams: usize,
    /// Streams of events at once of one caller.
    pub max_streams_each: usize,
    /// How often a stream of events says that it is alive, and asks whether its reader may still listen.
    pub sse_keepalive: Duration,
    /// What webhooks may lead to although it is not public.
    pub(crate) webhook_allow: Allow,
    /// Whether webhooks without TLS are refused.
    pub webhook_https_only: bool,
    /// Whether anybody may come without a key, by whatever name they call this machine; from the command line.
    pub allow_unauthenticated: bool,
    /// The language model that may be asked; else why none is.
    pub ai: std::result::Result<Ai, &'static str>,
    /// What was odd about the variables, for the log.
    pub warnings: Vec<String>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Three of the fields are secrets.
        f.debug_struct("Settings").field("db_path", &self.db_path).finish_non_exhaustive()
    }
}

impl Settings {
    /// Reads the environment of this process and the user's `.env`: the settings, that file, and the variables taken from it.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn of_process() -> Result<(Self, PathBuf, Vec<String>)> {
        let process = |name: &str| std::env::var(name).ok();
        let (file, taken) = user_env(&process);
        let lookup = |name: &str| process(name).or_else(|| taken.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.clone()));
        Ok((Self::read(&lookup)?, file, taken.into_iter().map(|(name, _)| name).collect()))
    }

    /// Reads the variables of [`VARIABLES`] through `get`.
    ///
    /// # Errors
    /// `invalid_argument` for a value that is none.
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let mut warnings = Vec::new();
        let text = |name: &str| get(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let mut positive = |name: &str, default: u32| {
            let Some(value) = text(name) else { return default };
            match value.parse::<i64>() {
                Ok(n) => u32::try_from(n).ok().filter(|n| *n > 0).unwrap_or(default),
                Err(_) => {
                    warnings.push(format!("{name} is not an integer; using {default}"));
                    default
                }
            }
        };
        let per_minute = positive("SECURESCAN_RATE_LIMIT_PER_MIN", 60);
        let rate_burst = positive("SECURESCAN_RATE_LIMIT_BURST", 10);
        let max_scans = positive("SECURESCAN_MAX_SCANS", 2).min(64) as usize;
        let max_queue = positive("SECURESCAN_MAX_QUEUE", 100).min(100_000) as usize;
        let max_streams = positive("SECURESCAN_MAX_STREAMS", 1000) as usize;
        let max_streams_each = positive("SECURESCAN_MAX_STREAMS_PER_CALLER", 20) as usize;
        let sse_keepalive = Duration::from_secs(u64::from(positive("SECURESCAN_SSE_KEEPALIVE", 15)));
        let limited = get("SECURESCAN_RATE_LIMIT_ENABLED").is_none_or(|v| !is_off(&v));
        let in_container = get("SECURESCAN_IN_CONTAINER").is_some_and(|v| is_on(&v));
        let log_format = match text("SECURESCAN_LOG_FORMAT") {
            Some(format) if format.eq_ignore_ascii_case("json") => Format::Json,
            None if in_container => Format::Json,
            _ => Format::Text,
        };
        let db_path = text("SECURESCAN_DB_PATH").or_else(|| text("SECURESCAN_DATABASE_PATH"));
        let home = text("HOME").unwrap_or_else(|| ".".into());
        let db_path = db_path.map_or_else(|| Path::new(&home).join(".securescan/scans.db"), |path| expand(&path, &home));
        let paths = |name: &str| -> Vec<PathBuf> {
            get(name).map(|list| std::env::split_paths(&list).filter(|p| p.is_absolute()).collect()).unwrap_or_default()
        };
        let beside = || db_path.parent().unwrap_or(Path::new(".")).join("tools");
        Ok(Self {
            browse_roots: paths("SECURESCAN_BROWSE_ROOTS"),
            home: text("HOME").map(PathBuf::from).filter(|home| home.is_absolute()),
            allow_install: get("SECURESCAN_ALLOW_INSTALL").is_some_and(|v| is_on(&v)),
            install_timeout: seconds("SECURESCAN_INSTALL_TIMEOUT", text("SECURESCAN_INSTALL_TIMEOUT"))?
                .unwrap_or(Duration::from_secs(110)),
            tools_dir: text("SECURESCAN_TOOLS_DIR").map_or_else(beside, |path| expand(&path, &home)),
            python: text("SECURESCAN_PYTHON").unwrap_or_else(|| "python3".into()),
            metrics: get("SECURESCAN_METRICS").is_some_and(|v| is_on(&v)),
            api_key: text("SECURESCAN_API_KEY"),
            auth_required: get("SECURESCAN_AUTH_REQUIRED").is_some_and(|v| is_on(&v)),
            event_token_secret: text("SECURESCAN_EVENT_TOKEN_SECRET").unwrap_or_default().into_bytes(),
            rate_per_minute: limited.then_some(per_minute),
            rate_burst,
            log_level: level(text("SECURESCAN_LOG_LEVEL").as_deref())?,
            log_format,
            cors_origins: origins(get("SECURESCAN_CORS_ORIGINS").as_deref()),
            db_path,
            zap_address: text("SECURESCAN_ZAP_ADDRESS"),
            zap_api_key: text("SECURESCAN_ZAP_API_KEY"),
            scan_timeout: seconds("SECURESCAN_SCAN_TIMEOUT", text("SECURESCAN_SCAN_TIMEOUT"))?,
            dast_timeout: seconds("SECURESCAN_DAST_TIMEOUT", text("SECURESCAN_DAST_TIMEOUT"))?,
            scan_roots: paths("SECURESCAN_SCAN_ROOTS"),
            max_scans,
            max_queue,
            max_streams,
            max_streams_each,
            sse_keepalive,
            webhook_allow: Allow::parse(&text("SECURESCAN_WEBHOOK_ALLOW").unwrap_or_default())?,
            webhook_https_only: get("SECURESCAN_WEBHOOK_HTTPS_ONLY").is_some_and(|v| is_on(&v)),
            allow_unauthenticated: false,
            ai: ai(get),
            warnings,
        })
    }
}

/// The variables of a user's `.env` file that the process does not have already, with the file they stand in.
#[must_use]
pub fn user_env(get: &dyn Fn(&str) -> Option<String>) -> (PathBuf, Vec<(String, String)>) {
    let own = get("XDG_CONFIG_HOME").filter(|v| !v.is_empty()).map(|folder| Path::new(&folder).join("securescan/.env"));
    let home = get("HOME").map(|home| Path::new(&home).join(".config/securescan/.env"));
    let file = own.into_iter().chain(home).find(|file| file.is_file()).unwrap_or_default();
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let mut taken = securescan_core::config::parse_env(&text);
    taken.retain(|(name, _)| get(name).is_none());
    (file, taken)
}

/// A language model.
#[derive(Clone)]
pub struct Ai {
    /// Where it is, up to `/chat/completions`.
    pub url: String,
    /// Its name.
    pub model: String,
    /// What it wants to see.
    pub key: Option<String>,
}

impl std::fmt::Debug for Ai {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ai").field("model", &self.model).finish_non_exhaustive()
    }
}

fn ai(get: &dyn Fn(&str) -> Option<String>) -> std::result::Result<Ai, &'static str> {
    let text = |name: &str| get(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
    if text("CI").is_some_and(|v| v == "1" || v.eq_ignore_ascii_case("true")) {
        return Err("AI enrichment is off where CI is set");
    }
    let key = ["SECURESCAN_AI_KEY", "SECURESCAN_GROQ_API_KEY", "GROQ_API_KEY"].into_iter().find_map(text);
    let url = text("SECURESCAN_AI_URL");
    if key.is_none() && url.is_none() {
        return Err("AI enrichment is not set up: SECURESCAN_AI_KEY and SECURESCAN_AI_URL are not set");
    }
    Ok(Ai {
        url: url.unwrap_or_else(|| "https://api.groq.com/openai/v1".into()),
        model: text("SECURESCAN_AI_MODEL").unwrap_or_else(|| "llama-3.3-70b-versatile".into()),
        key,
    })
}

fn is_on(value: &str) -> bool {
    matches!(value.trim().to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on")
}

fn is_off(value: &str) -> bool {
    matches!(value.trim().to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "off")
}

fn level(word: Option<&str>) -> Result<Level> {
    let Some(word) = word else { return Ok(Level::Info) };
    Level::parse(&word.to_ascii_uppercase()).ok_or_else(|| {
        let shown: String = word.chars().take(40).collect();
        Error::invalid(format!("SECURESCAN_LOG_LEVEL: unknown level `{shown}`"))
            .hint("choose one of: DEBUG, INFO, WARNING, ERROR, CRITICAL")
    })
}

fn seconds(name: &str, value: Option<String>) -> Result<Option<Duration>> {
    let Some(value) = value else { return Ok(None) };
    match value.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Some(Duration::from_secs(u64::from(seconds)))),
        _ => {
            let shown: String = value.chars().take(40).collect();
            Err(Error::invalid(format!("{name}: `{shown}` is not a number of seconds")))
        }
    }
}

fn origins(list: Option<&str>) -> Vec<String> {
    let list = list.unwrap_or("http://localhost:3000,http://127.0.0.1:3000,http://localhost:3003,http://127.0.0.1:3003");
    list.split(',').map(|origin| origin.trim().trim_end_matches('/').to_owned()).filter(|o| !o.is_empty() && o != "*").collect()
}

fn expand(path: &str, home: &str) -> PathBuf {
    match path.strip_prefix("~/") {
        Some(rest) => Path::new(home).join(rest),
        None => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings> {
        Settings::read(&|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(VARIABLES.is_sorted_by_key(|v| v.name) && VARIABLES.len() > 10);
    }

    #[test]
    fn defaults() {
        let s = read(&[("HOME", "/home/me")]).unwrap();
        assert_eq!(s.db_path, Path::new("/home/me/.securescan/scans.db"));
        assert_eq!((s.rate_per_minute, s.rate_burst, s.max_scans, s.max_queue), (Some(60), 10, 2, 100));
        assert!(!s.auth_required && s.api_key.is_none() && s.event_token_secret.is_empty() && s.warnings.is_empty());
        assert_eq!((s.log_level, s.log_format, s.cors_origins.len()), (Level::Info, Format::Text, 4));
    }

    #[test]
    fn words_numbers_and_paths() {
        for (on, expected) in
            [("1", true), (" Yes ", true), ("on", true), ("TRUE", true), ("0", false), ("y", false), ("", false)]
        {
            assert_eq!(read(&[("SECURESCAN_AUTH_REQUIRED", on)]).unwrap().auth_required, expected, "{on}");
        }
        for (value, expected) in [("", None), ("off", None), ("NO", None), ("anything", Some(60))] {
            assert_eq!(read(&[("SECURESCAN_RATE_LIMIT_ENABLED", value)]).unwrap().rate_per_minute, expected, "{value}");
        }
        for (value, expected, warned) in [("5", 5, 0), ("0", 60, 0), ("-3", 60, 0), ("", 60, 0), ("many", 60, 1)] {
            let s = read(&[("SECURESCAN_RATE_LIMIT_PER_MIN", value)]).unwrap();
            assert_eq!((s.rate_per_minute, s.warnings.len()), (Some(expected), warned), "{value}");
        }
        let s = read(&[("SECURESCAN_API_KEY", "  "), ("SECURESCAN_CORS_ORIGINS", "https://a, https://b/ ,*,")]).unwrap();
        assert_eq!((s.api_key, s.cors_origins), (None, vec!["https://a".to_owned(), "https://b".to_owned()]));
        let s = read(&[("SECURESCAN_DATABASE_PATH", "/old"), ("HOME", "/h"), ("SECURESCAN_DB_PATH", "~/new.db")]).unwrap();
        assert_eq!(s.db_path, Path::new("/h/new.db"));
        let s = read(&[("SECURESCAN_IN_CONTAINER", "1"), ("SECURESCAN_LOG_LEVEL", "debug")]).unwrap();
        assert_eq!((s.log_format, s.log_level), (Format::Json, Level::Debug));
        assert_eq!(
            read(&[("SECURESCAN_IN_CONTAINER", "1"), ("SECURESCAN_LOG_FORMAT", "text")]).unwrap().log_format,
            Format::Text
        );
    }

    #[test]
    fn wrong_values_are_refused() {
        assert!(read(&[("SECURESCAN_WEBHOOK_ALLOW", "10.0.0.0/33")]).unwrap_err().message().contains("`10.0.0.0/33`"));
        assert!(read(&[("SECURESCAN_LOG_LEVEL", "loud")]).unwrap_err().message().contains("`loud`"));
        assert!(read(&[("SECURESCAN_SCAN_TIMEOUT", "soon")]).is_err() && read(&[("SECURESCAN_DAST_TIMEOUT", "0")]).is_err());
    }

    #[test]
    fn a_users_file_never_overrides() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("securescan")).unwrap();
        let file = folder.path().join("securescan/.env");
        std::fs::write(&file, "A = \"1\"\nB=2\n# C=3\n").unwrap();
        let home = folder.path().to_str().unwrap().to_owned();
        let get = move |name: &str| match name {
            "XDG_CONFIG_HOME" => Some(home.clone()),
            "B" => Some("mine".to_owned()),
            _ => None,
        };
        assert_eq!(user_env(&get), (file, vec![("A".to_owned(), "\"1\"".to_owned())]));
        assert_eq!(user_env(&|_| None).1, []);
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = format!("{:?}", read(&[("SECURESCAN_API_KEY", "hunter22hunter22")]).unwrap());
        assert!(!shown.contains("hunter22"), "{shown}");
    }
}
