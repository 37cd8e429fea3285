//! What is to be published, checked before the host is asked for anything.

use crate::render::github_review::{COMPARE_MARKER, DIFF_MARKER, ReviewEvent};
use crate::render::limits::{GITHUB_BODY, REVIEW_INLINE, SARIF_GZIP_BYTES};
use crate::render::review_marker;
use crate::{Error, ErrorKind, Result};
use base64::Engine;
use flate2::{Compression, write::GzEncoder};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::io::Write;

/// What a pull request or commit should show.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// `owner/name`.
    pub repo: String,
    /// The pull request's number; needed for a comment and a review.
    pub pull: Option<u64>,
    /// The commit that was scanned, 40 hexadecimal digits: the head of the pull request, not a merge commit.
    pub sha: String,
    /// The full ref that SARIF belongs to (`refs/heads/main`); default the head of the pull request.
    pub git_ref: Option<String>,
    /// The login that the token's comments carry; default: asked for, and `github-actions[bot]` where an app's token may not ask.
    pub author: Option<String>,
    /// The body of the summary comment, its marker first.
    pub comment: Option<String>,
    /// The review.
    pub review: Option<Review>,
    /// The SARIF file.
    pub sarif: Option<Sarif>,
}

/// A rendered review; see [`crate::render::github_review`].
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Review {
    /// Its marker first.
    pub body: String,
    /// At lines.
    pub comments: Vec<ReviewComment>,
    /// What it does.
    pub event: ReviewEvent,
}

/// One comment at a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewComment {
    /// Ends in the marker of its finding.
    pub body: String,
    /// The last line it is about.
    pub line: u32,
    /// From the top of the repository.
    pub path: String,
    /// `RIGHT`.
    pub side: String,
    /// The first line, when it is about more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_line: Option<u32>,
    /// `RIGHT`, with `start_line`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_side: Option<String>,
}

/// A SARIF file ready to be sent.
#[derive(Debug, Clone, Default)]
pub struct Sarif {
    /// Compressed with gzip, then base64.
    pub packed: String,
    /// The tool's name.
    pub tool: String,
    /// The category its runs name; may be empty.
    pub category: String,
    /// Results of all runs.
    pub results: usize,
    /// Rules of all runs.
    pub rules: usize,
}

#[derive(Deserialize)]
struct Log {
    runs: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    #[serde(default)]
    results: Vec<IgnoredAny>,
    #[serde(default)]
    automation_details: Option<Automation>,
}

#[derive(Deserialize)]
struct Tool {
    driver: Driver,
}

#[derive(Deserialize)]
struct Driver {
    name: String,
    #[serde(default)]
    rules: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Automation {
    #[serde(default)]
    id: String,
}

impl Sarif {
    /// Packs a file.
    ///
    /// # Errors
    /// `parse` for what is no SARIF; `limit` for what GitHub would refuse for its size.
    pub fn pack(bytes: &[u8]) -> Result<Self> {
        let log: Log = serde_json::from_slice(bytes).map_err(|e| Error::parse(format!("not a SARIF file: {e}")))?;
        let Some(first) = log.runs.first() else { return Err(Error::parse("a SARIF file without a run")) };
        let mut zip = GzEncoder::new(Vec::new(), Compression::default());
        let packed = zip.write_all(bytes).and_then(|()| zip.finish()).map_err(|e| Error::io("SARIF", &e))?;
        if packed.len() > SARIF_GZIP_BYTES.max {
            let text = format!("the SARIF file has {} bytes compressed, and GitHub takes {}", packed.len(), SARIF_GZIP_BYTES.max);
            return Err(Error::new(ErrorKind::Limit, text).hint("write it with `--output sarif`, which keeps within the limit"));
        }
        let category = first.automation_details.as_ref().map(|a| a.id.rsplit_once('/').map_or("", |(name, _)| name).to_owned());
        Ok(Self {
            packed: base64::engine::general_purpose::STANDARD.encode(packed),
            tool: first.tool.driver.name.clone(),
            category: category.unwrap_or_default(),
            results: log.runs.iter().map(|run| run.results.len()).sum(),
            rules: log.runs.iter().map(|run| run.tool.driver.rules.len()).sum(),
        })
    }
}

impl Review {
    /// Reads what the renderer `github-review` wrote.
    ///
    /// # Errors
    /// `parse` for anything else.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes)
            .map_err(|e| Error::parse(format!("not a review: {e}")).hint("write it with `--output github-review`"))
    }

    /// The marker its body starts with.
    pub(super) fn marker(&self) -> Option<&'static str> {
        [DIFF_MARKER, COMPARE_MARKER].into_iter().find(|marker| self.body.starts_with(marker))
    }
}

/// The marker that the body of a summary comment starts with.
pub(super) fn comment_marker(body: &str) -> Option<&'static str> {
    ["<!-- securescan:diff -->", "<!-- securescan:compare -->"].into_iter().find(|marker| body.starts_with(marker))
}

impl Wanted {
    /// Whether all of it can be published.
    ///
    /// # Errors
    /// `invalid_argument` for names that are none and files of another kind; `limit` for bodies GitHub would refuse.
    pub fn check(&self) -> Result<()> {
        let part = |text: &str| {
            !matches!(text, "" | "." | "..")
                && text.len() <= 100
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        if !self.repo.split_once('/').is_some_and(|(owner, name)| part(owner) && part(name)) {
            return Err(Error::invalid(format!("`{}` is not a repository", clipped(&self.repo))).hint("write it as owner/name"));
        }
        if self.sha.len() != 40 || !self.sha.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Error::invalid(format!("`{}` is not a commit", clipped(&self.sha)))
                .hint("give its 40 digits: `git rev-parse HEAD`"));
        }
        if self.pull.is_none() && (self.comment.is_some() || self.review.is_some()) {
            return Err(Error::invalid("a comment and a review need a pull request").hint("name it with --pr"));
        }
        if self.pull.is_none() && self.sarif.is_some() && !self.git_ref.as_deref().is_some_and(|r| r.starts_with("refs/")) {
            return Err(Error::invalid("a SARIF upload needs a ref")
                .hint("name it with --ref, as in refs/heads/main, or a pull request with --pr"));
        }
        if let Some(body) = &self.comment {
            fits(body, "the summary comment")?;
            if comment_marker(body).is_none() {
                return Err(Error::invalid("the summary comment does not start with its marker")
                    .hint("write it with `--output github-pr-comment`"));
            }
        }
        self.review.as_ref().map_or(Ok(()), check_review)
    }
}

fn check_review(review: &Review) -> Result<()> {
    fits(&review.body, "the review")?;
    let marked = review.marker().is_some() && review.comments.iter().all(|c| review_marker::extract(&c.body).is_some());
    if !marked {
        return Err(Error::invalid("the review or a comment of it has no marker").hint("write it with `--output github-review`"));
    }
    if review.comments.len() > REVIEW_INLINE.max {
        let text = format!("the review has {} comments, and {} are the most", review.comments.len(), REVIEW_INLINE.max);
        return Err(Error::new(ErrorKind::Limit, text).hint("write it with `--output github-review`"));
    }
    review.comments.iter().try_for_each(|comment| fits(&comment.body, "a comment of the review"))
}

fn fits(body: &str, what: &str) -> Result<()> {
    let length: usize = body.chars().map(char::len_utf16).sum();
    if length <= GITHUB_BODY.max {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Limit, format!("{what} has {length} characters, and GitHub takes {}", GITHUB_BODY.max)))
}

fn clipped(text: &str) -> String {
    text.chars().take(100).collect()
}
