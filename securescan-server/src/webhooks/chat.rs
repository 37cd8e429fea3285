//! Messages as Slack and Discord take them: told from the URL, within their limits, with nothing of ours read as markup.
//!
//! # Source
//! Shapes: the documentation's page on webhooks. Limits: Slack's Block Kit reference, Discord's webhook and embed reference.

use securescan_core::scanners::http::Url;
use serde_json::{Value, json};

/// Slack's limits, in UTF-16 units.
const HEADER: usize = 150;
const SECTION: usize = 3000;
const FIELD: usize = 2000;
/// Discord's.
const CONTENT: usize = 2000;
const TITLE: usize = 256;
const VALUE: usize = 1024;
/// What an error may take of any of them.
const ERROR: usize = 1000;

/// Embed colours, by the worst severity.
const COLORS: [(&str, u32); 5] =
    [("critical", 13_582_400), ("high", 14_642_226), ("medium", 14_588_977), ("low", 7_449_261), ("info", 8_753_562)];
/// Of what failed.
const FAILED: u32 = 16_747_520;

/// Who takes a form of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Blocks.
    Slack,
    /// Embeds.
    Discord,
}

impl Kind {
    /// From the host and the beginning of the path, never from what else is in a URL.
    pub(super) fn of(url: &str) -> Option<Self> {
        let url = super::Target::parse(url).ok()?.url;
        let slack = url.bare_host() == "hooks.slack.com" && url.path().starts_with("/services/");
        if slack { Some(Self::Slack) } else { is_discord(&url).then_some(Self::Discord) }
    }

    /// The body for an event.
    pub(super) fn body(self, event: &str, data: &Value) -> Value {
        let told = Told::new(event, data);
        match self {
            Self::Slack => told.slack(),
            Self::Discord => told.discord(),
        }
    }
}

fn is_discord(url: &Url) -> bool {
    let host = url.bare_host();
    let base = host.strip_prefix("ptb.").or_else(|| host.strip_prefix("canary.")).unwrap_or(host);
    let path = url.path().strip_prefix("/api/").unwrap_or_default();
    // With a version or without.
    let digits = |v: &str| v.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let path = path.split_once('/').filter(|(version, _)| digits(version)).map_or(path, |(_, rest)| rest);
    matches!(base, "discord.com" | "discordapp.com") && path.starts_with("webhooks/")
}

/// An event and the parts of its data that chats show.
struct Told<'a> {
    event: &'a str,
    data: &'a Value,
    error: String,
    scanner: String,
    target: String,
    /// The first characters of the scan's id; `?` for none.
    id8: String,
}

impl<'a> Told<'a> {
    fn new(event: &'a str, data: &'a Value) -> Self {
        let or = |key: &str, other: &str| text(data, key).filter(|t| !t.is_empty()).unwrap_or_else(|| other.into());
        let id8 = or("scan_id", "?").chars().take(8).collect();
        Self { event, data, error: or("error", "unknown"), scanner: or("scanner", "?"), target: or("target_path", "?"), id8 }
    }

    fn is_complete(&self) -> bool {
        self.event == "scan.complete"
    }

    /// The one line for who shows nothing else; `escape` is for text, `code` for what stands between backticks.
    fn line(&self, limit: usize, escape: Escape, code: Escape) -> String {
        let id = fit(&self.id8, 60, escape);
        let line = match self.event {
            "scan.complete" => {
                let count = text(self.data, "findings_count").unwrap_or_else(|| "0".into());
                let plural = if count == "1" { "" } else { "s" };
                format!("✅ Scan {id} completed — {} finding{plural}", fit(&count, 40, escape))
            }
            "scan.failed" => {
                format!("❌ Scan {id} failed: {}", fit(&text(self.data, "error").unwrap_or_default(), ERROR, escape))
            }
            "scanner.failed" => format!("⚠️ Scanner `{}` failed in scan {id}", fit(&self.scanner, 100, code)),
            super::TEST => "🔧 SecureScan webhook test".to_owned(),
            other => format!("{}: {}", fit(other, 100, escape), fit(&self.data.to_string(), ERROR, escape)),
        };
        fit(&line, limit, |c, out| out.push(c))
    }

    /// How many findings of a severity, when there are any.
    fn count(&self, level: &str) -> Option<u64> {
        self.data.get("severity_counts")?.get(level)?.as_u64().filter(|count| *count > 0)
    }

    /// `12 (●1 critical, ●3 high)`
    fn findings(&self) -> String {
        let worst: Vec<String> =
            ["critical", "high"].into_iter().filter_map(|level| Some(format!("●{} {level}", self.count(level)?))).collect();
        let total = text(self.data, "findings_count").unwrap_or_else(|| "0".into());
        if worst.is_empty() { total } else { format!("{total} ({})", worst.join(", ")) }
    }

    fn risk(&self) -> String {
        text(self.data, "risk_score").unwrap_or_else(|| "–".into())
    }

    fn duration(&self) -> String {
        self.data.get("duration_s").and_then(Value::as_f64).map_or_else(|| "–".into(), duration)
    }

    fn scanners(&self) -> String {
        let names = self.data.get("scanners_run").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let names = names.collect::<Vec<_>>().join(", ");
        if names.is_empty() { "none".into() } else { names }
    }

    fn message(&self) -> String {
        text(self.data, "message").unwrap_or_else(|| "Test from SecureScan".into())
    }

    fn slack(&self) -> Value {
        let header = |text: &str| json!({"type": "header", "text": {"type": "plain_text", "text": fit(text, HEADER, plain)}});
        let section = |text: String| json!({"type": "section", "text": {"type": "mrkdwn", "text": fit(&text, SECTION, raw)}});
        let error = || section(format!("*Error:* `{}`", fit(&self.error, ERROR, slack_code)));
        let context = || {
            let text = format!("Scan ID `{}-...`", fit(&self.id8, 60, slack_code));
            json!({"type": "context", "elements": [{"type": "mrkdwn", "text": text}]})
        };
        let field = |name: &str, value: &str| {
            let text = format!("*{name}:*\n{}", fit(value, FIELD - 40, slack));
            json!({"type": "mrkdwn", "text": text})
        };
        let blocks = match self.event {
            "scan.complete" => vec![
                header(&format!(":shield: Scan complete: {}", self.target)),
                json!({"type": "section", "fields": [
                    field("Findings", &self.findings()),
                    field("Risk score", &self.risk()),
                    field("Duration", &self.duration()),
                    field("Scanners", &self.scanners()),
                ]}),
                context(),
            ],
            "scan.failed" => vec![header(&format!(":warning: Scan failed: {}", self.target)), error()],
            "scanner.failed" => vec![header(&format!(":warning: Scanner failed: {}", self.scanner)), error(), context()],
            super::TEST => {
                vec![header(":wrench: SecureScan webhook test"), section(fit(&self.message(), ERROR, slack))]
            }
            _ => vec![section(self.line(SECTION, slack, slack_code))],
        };
        json!({"blocks": blocks, "text": self.line(SECTION, slack, slack_code)})
    }

    fn discord(&self) -> Value {
        let field = |name: &str, value: &str, inline: bool| {
            let value = fit(value, VALUE, discord);
            json!({"name": name, "value": if value.is_empty() { "–".to_owned() } else { value }, "inline": inline})
        };
        let error = || json!([{"name": "Error", "value": format!("`{}`", fit(&self.error, ERROR, code)), "inline": false}]);
        let title = |text: &str| fit(text, TITLE, discord);
        let mut embed = match self.event {
            "scan.complete" => json!({
                "title": title(&format!("Scan complete: {}", self.target)),
                "color": self.color(),
                "fields": [
                    field("Findings", &self.findings(), true),
                    field("Risk score", &self.risk(), true),
                    field("Duration", &self.duration(), true),
                ],
            }),
            "scan.failed" => {
                json!({"title": title(&format!("Scan failed: {}", self.target)), "color": FAILED, "fields": error()})
            }
            "scanner.failed" => {
                json!({"title": title(&format!("Scanner failed: {}", self.scanner)), "color": FAILED, "fields": error()})
            }
            super::TEST => json!({
                "title": "SecureScan webhook test",
                "color": self.color(),
                "description": fit(&self.message(), ERROR, discord),
            }),
            _ => json!({"color": self.color(), "description": self.line(ERROR, discord, code)}),
        };
        if let Some(embed) = embed.as_object_mut() {
            if self.event.starts_with("scan") {
                embed.insert("footer".into(), json!({"text": format!("Scan {}-...", fit(&self.id8, 60, plain))}));
            }
            let at = text(self.data, if self.event == super::TEST { "timestamp" } else { "completed_at" });
            if let Some(at) = at.filter(|at| at.parse::<jiff::Timestamp>().is_ok()) {
                embed.insert("timestamp".into(), at.into());
            }
        }
        json!({"embeds": [embed], "content": self.line(CONTENT, discord, code), "allowed_mentions": {"parse": []}})
    }

    fn color(&self) -> u32 {
        let worst = COLORS.iter().find(|(level, _)| self.count(level).is_some() && self.is_complete());
        worst.or(COLORS.last()).map_or(FAILED, |(_, color)| *color)
    }
}

/// A value of an event as text; none when it is absent or null.
fn text(data: &Value, key: &str) -> Option<String> {
    match data.get(key)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// `0.22s`, `1m 21s`, `2h 5m`
fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    match whole {
        0..=59 => format!("{}s", (seconds.max(0.0) * 100.0).round() / 100.0),
        60..=3599 => format!("{}m {}s", whole / 60, whole % 60),
        _ => format!("{}h {}m", whole / 3600, whole % 3600 / 60),
    }
}

/// Writes one character so that it means itself.
type Escape = fn(char, &mut String);

/// As it is: for what was escaped already.
fn raw(c: char, out: &mut String) {
    out.push(c);
}

/// Where there is no markup: one line, and nothing that turns the direction of text.
fn plain(c: char, out: &mut String) {
    match c {
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
        c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => out.push(' '),
        c => out.push(c),
    }
}

fn slack(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        c => plain(c, out),
    }
}

/// Between backticks in Slack.
fn slack_code(c: char, out: &mut String) {
    slack(if c == '`' { '\'' } else { c }, out);
}

/// Between backticks in Discord.
fn code(c: char, out: &mut String) {
    plain(if c == '`' { '\'' } else { c }, out);
}

fn discord(c: char, out: &mut String) {
    if matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '[' | ']' | '<' | '>' | '#' | '@') {
        out.push('\\');
    }
    plain(c, out);
}

/// Text within a limit in UTF-16 units; no escape is cut in two. What is too long ends in `…`.
fn fit(text: &str, limit: usize, escape: Escape) -> String {
    let mut out = String::new();
    // Where the mark still fits behind.
    let (mut used, mut safe) = (0, 0);
    for c in text.chars() {
        let before = out.len();
        escape(c, &mut out);
        used += out.get(before..).unwrap_or_default().encode_utf16().count();
        if used > limit {
            out.truncate(safe);
            out.push('…');
            return out;
        }
        if used < limit {
            safe = out.len();
        }
    }
    out
}

#[cfg(test)]
mod tests;
