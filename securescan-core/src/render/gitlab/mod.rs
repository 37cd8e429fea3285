//! `gitlab-sast` and `gitlab-codequality`: the two reports GitLab reads from a job.

mod codequality;
mod sast;

pub(super) use codequality::CodeQuality;
pub(super) use sast::Sast;

use super::limits::{GITLAB_ID, cut};
use super::{escape, place};
use crate::model::Finding;

/// The path of a file inside the repository, as GitLab wants it: relative, without `./` in front.
fn path(finding: &Finding) -> Option<String> {
    let clean = escape::line(place::file(finding)?);
    let mut path = clean.as_str();
    while let Some(rest) = path.strip_prefix("./").or_else(|| path.strip_prefix('/')) {
        path = rest;
    }
    (!path.is_empty()).then(|| cut(path, GITLAB_ID).into_owned())
}

/// A text that must not be empty.
fn or_else(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}
