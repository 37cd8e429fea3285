//! What an answer that is none means, in words a person can act on.

use super::wire::Answer;
use crate::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::Value;

/// Characters of the host's own words.
const SAID: usize = 300;

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<Value>,
}

/// The host's own words, one line.
pub(super) fn said(answer: &Answer) -> String {
    let Ok(refusal) = serde_json::from_slice::<Refusal>(&answer.body) else { return "no reason given".to_owned() };
    let detail = |error: &Value| match error {
        Value::String(text) => text.clone(),
        other => ["message", "field", "code"].iter().filter_map(|key| other.get(key)?.as_str()).collect::<Vec<_>>().join(" "),
    };
    let details: Vec<String> = refusal.errors.iter().take(5).map(detail).filter(|text| !text.is_empty()).collect();
    let gap = if details.is_empty() { "" } else { ": " };
    let text = format!("{}{gap}{}", refusal.message, details.join("; "));
    let text: String = text.chars().take(SAID).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.trim().is_empty() { "no reason given".to_owned() } else { text.trim().to_owned() }
}

/// Whether a review was refused because of where a comment stands, not as a whole.
pub(super) fn is_about_a_line(answer: &Answer) -> bool {
    let said = said(answer).to_lowercase();
    ["line", "path", "position", "diff", "thread", "hunk"].iter().any(|word| said.contains(word))
}

/// The error of a refusal.
pub(super) fn refusal(what: &str, answer: &Answer) -> Error {
    let said = said(answer);
    let error = |why: &str| Error::new(ErrorKind::Io, format!("GitHub: cannot {what}: {why} ({}): {said}", answer.status));
    match answer.status {
        401 => error("the token was refused").hint("check GITHUB_TOKEN: it is wrong or has expired"),
        403 => error("the token may not do this").hint(match answer.header("x-accepted-github-permissions") {
            Some(needed) => format!("it needs the permission `{}`", plain(needed)),
            None => "give the job `pull-requests: write`, and `security-events: write` for SARIF; pull requests from forks have neither".to_owned(),
        }),
        404 => error("not found").hint("check --repo and --pr; a token that may not see a repository is told the same"),
        301 | 302 | 307 | 308 => error("the repository has moved").hint("use its new name with --repo"),
        410 | 423 | 451 => error("it is locked or gone"),
        413 => error("too large"),
        422 => error("not accepted").hint("check that --sha is a commit of the pull request"),
        _ => error("an answer nobody expects"),
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(100).collect()
}
