//! What the host has: our comments and reviews among those of others, and what was uploaded.

use super::explain;
use super::session::Session;
use super::wanted::Wanted;
use super::wire::Answer;
use crate::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// More pages of a list are not read: a hundred entries each.
const MAX_PAGES: usize = 2_000;
/// Who writes with the token of a workflow.
const ACTIONS: &str = "github-actions[bot]";
/// Every marker of ours starts like this, in any case and spacing that [`crate::render::review_marker`] reads.
const MARK: &str = "securescan:";

/// A comment, of anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostComment {
    /// The host's number for it.
    pub id: u64,
    /// Login of who wrote it; empty for an account that is gone.
    pub author: String,
    /// May be empty.
    pub body: String,
}

/// A review, of anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostReview {
    /// Number, author and body.
    pub comment: HostComment,
    /// `COMMENTED`, `CHANGES_REQUESTED`, `APPROVED`, `DISMISSED`.
    pub state: String,
}

/// An upload that the host has taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Analysis {
    /// The commit.
    pub sha: String,
    /// The tool's name.
    pub tool: String,
    /// The category.
    pub category: String,
    /// Results.
    pub results: usize,
    /// Rules.
    pub rules: usize,
}

/// What the host has. Shapes: oldest first; entries without any marker of ours are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostState {
    /// The login that our own entries carry.
    pub author: String,
    /// In the conversation.
    pub comments: Vec<HostComment>,
    /// At lines.
    pub review_comments: Vec<HostComment>,
    /// Submitted ones.
    pub reviews: Vec<HostReview>,
    /// Uploads for the wanted ref.
    pub analyses: Vec<Analysis>,
}

#[derive(Deserialize)]
struct Entry {
    id: u64,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    state: Option<String>,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

#[derive(Deserialize)]
struct Uploaded {
    commit_sha: String,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    results_count: usize,
    #[serde(default)]
    rules_count: usize,
    #[serde(default)]
    error: Option<String>,
    tool: UploadedBy,
}

#[derive(Deserialize)]
struct UploadedBy {
    #[serde(default)]
    name: Option<String>,
}

impl Entry {
    fn comment(self) -> HostComment {
        HostComment { id: self.id, author: self.user.map(|u| u.login).unwrap_or_default(), body: self.body.unwrap_or_default() }
    }
}

/// Asks the host for what the wanted parts need to know.
///
/// # Errors
/// As [`super::publish`].
pub fn read(wanted: &Wanted, session: &Session<'_>) -> Result<HostState> {
    let mut state = HostState { author: author(wanted, session)?, ..HostState::default() };
    let base = format!("/repos/{}", wanted.repo);
    if let Some(pull) = wanted.pull {
        if wanted.comment.is_some() {
            let path = format!("{base}/issues/{pull}/comments?per_page=100");
            state.comments = entries(session, &path, "list the comments")?.map(Entry::comment).collect();
        }
        if wanted.review.is_some() {
            let path = format!("{base}/pulls/{pull}/comments?per_page=100");
            state.review_comments = entries(session, &path, "list the comments at lines")?.map(Entry::comment).collect();
            let path = format!("{base}/pulls/{pull}/reviews?per_page=100");
            let reviews = entries(session, &path, "list the reviews")?;
            state.reviews = reviews
                .map(|mut entry| HostReview { state: entry.state.take().unwrap_or_default(), comment: entry.comment() })
                .filter(|review| review.state != "PENDING")
                .collect();
        }
    }
    if let Some(sarif) = &wanted.sarif {
        let (at, tool) = (encoded(&sarif_ref(wanted)), encoded(&sarif.tool));
        let path = format!("{base}/code-scanning/analyses?ref={at}&tool_name={tool}&per_page=100");
        state.analyses = analyses(session, &path)?;
    }
    Ok(state)
}

/// The ref that an upload is for.
pub(super) fn sarif_ref(wanted: &Wanted) -> String {
    let pull = || wanted.pull.map(|pull| format!("refs/pull/{pull}/head"));
    wanted.git_ref.clone().or_else(pull).unwrap_or_default()
}

fn encoded(text: &str) -> String {
    crate::scanners::http::encode(text)
}

fn author(wanted: &Wanted, session: &Session<'_>) -> Result<String> {
    if let Some(login) = &wanted.author {
        return Ok(login.clone());
    }
    let what = "ask whose token this is";
    match session.get("/user", what)? {
        answer if answer.status == 200 => Ok(parsed::<User>(&answer, what)?.login),
        answer if matches!(answer.status, 403 | 404) => Ok(ACTIONS.to_owned()),
        answer => Err(explain::refusal(what, &answer)),
    }
}

/// All pages of a list; what holds no marker is dropped at once.
fn entries(session: &Session<'_>, path: &str, what: &str) -> Result<impl Iterator<Item = Entry>> {
    let (mut out, mut next) = (Vec::new(), path.to_owned());
    for _ in 0..MAX_PAGES {
        let answer = session.get(&next, what)?;
        if answer.status != 200 {
            return Err(explain::refusal(what, &answer));
        }
        let page: Vec<Entry> = parsed(&answer, what)?;
        out.extend(page.into_iter().filter(|entry| entry.body.as_deref().is_some_and(marked)));
        match answer.next_page() {
            Some(link) if link != next => next = link,
            _ => return Ok(out.into_iter()),
        }
    }
    Err(Error::new(ErrorKind::Limit, format!("GitHub: cannot {what}: more than {MAX_PAGES} pages")))
}

fn marked(body: &str) -> bool {
    let found = body.as_bytes().windows(MARK.len()).any(|window| window.eq_ignore_ascii_case(MARK.as_bytes()));
    found && body.contains("<!--")
}

fn analyses(session: &Session<'_>, path: &str) -> Result<Vec<Analysis>> {
    let what = "list the SARIF uploads";
    let answer = session.get(path, what)?;
    match answer.status {
        404 => return Ok(Vec::new()),
        200 => {}
        _ => return Err(explain::refusal(what, &answer)),
    }
    let page: Vec<Uploaded> = parsed(&answer, what)?;
    let good = page.into_iter().filter(|upload| upload.error.as_deref().unwrap_or_default().is_empty());
    let read = good.map(|upload| Analysis {
        sha: upload.commit_sha,
        tool: upload.tool.name.unwrap_or_default(),
        category: upload.category.unwrap_or_default(),
        results: upload.results_count,
        rules: upload.rules_count,
    });
    Ok(read.collect())
}

fn parsed<T: DeserializeOwned>(answer: &Answer, what: &str) -> Result<T> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        Error::new(ErrorKind::Io, format!("GitHub: cannot {what}: the answer is not what the API documents"))
            .hint("check --api-url; on a GitHub Enterprise server it ends in /api/v3")
    })
}
