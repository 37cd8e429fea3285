//! One question, one answer: chat completions.
//!
//! # Source
//! OpenAI's API reference, `POST /chat/completions`; Groq, Ollama, vLLM and llama.cpp speak the same.

use crate::settings::Ai;
use securescan_core::scanners::http::{BodyEnd, Client, Options, Request, Url};
use securescan_core::scanners::{Cancel, redact};
use serde_json::{Value, json};
use std::time::Duration;

/// For one answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest answer that is read, in bytes, and that is kept, in characters.
const MAX_BODY: usize = 256 << 10;
const MAX_TEXT: usize = 2000;

/// A model to talk to.
pub(super) struct Chat<'a> {
    ai: &'a Ai,
    client: Client,
}

impl<'a> Chat<'a> {
    pub(super) fn new(ai: &'a Ai, cancel: &Cancel) -> Self {
        Self { ai, client: Client::new(Options { timeout: TIMEOUT, max_body: MAX_BODY, ..Options::default() }, cancel) }
    }

    /// Asks. Redirects are not followed, so that the key goes nowhere else.
    pub(super) fn ask(&self, system: &str, user: &str) -> Result<String, String> {
        let url = format!("{}/chat/completions", self.ai.url.trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|e| e.to_string())?;
        let body = json!({
            "model": self.ai.model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            "temperature": 0,
            "seed": 0,
            "max_tokens": 300,
        })
        .to_string();
        let bearer = self.ai.key.as_ref().map(|key| format!("Bearer {key}"));
        let mut headers = vec![("content-type", "application/json"), ("accept", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let request = Request { method: "POST", url: &url, headers: &headers, body: Some(body.as_bytes()) };
        let answer = self.client.send(&request).map_err(|e| e.to_string())?;
        if answer.status != 200 || answer.end != BodyEnd::Whole {
            return Err(format!("it answered {}", answer.status));
        }
        let answer: Value = serde_json::from_slice(&answer.body).map_err(|_| "its answer is no JSON".to_owned())?;
        let text = answer.pointer("/choices/0/message/content").and_then(Value::as_str).map(clean).unwrap_or_default();
        if text.is_empty() { Err("its answer has no text".into()) } else { Ok(text) }
    }
}

/// A stranger's text as it is kept: short, without control characters, without secrets.
fn clean(text: &str) -> String {
    let plain: String = text.trim().chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    redact(&plain).chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_is_cut_and_masked() {
        let key = ["AKIA", "Z3X7QWERTYUIOPAS"].concat();
        let text = clean(&format!("  a\u{1b}[31m\r\nb\0 {key} {}", "é".repeat(5000)));
        assert!(text.starts_with("a[31m\nb ") && !text.contains(&key), "{text}");
        assert!(text.chars().count() <= MAX_TEXT);
    }
}
