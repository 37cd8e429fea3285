//! Folders to choose a target from. Only below the folders that were allowed, decided on what a path really is, behind every link.

use super::scans::is_forbidden;
use super::table::{Answer, READ, Route, Shape};
use crate::auth::{Principal, Source};
use crate::error::{ApiError, ApiResult};
use crate::settings::Settings;
use crate::state::AppState;
use crate::validate::query::{Kind, Param, Query};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use axum::{Extension, Json};
use serde::Serialize;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use utoipa::ToSchema;

/// Entries that are answered at most.
const SHOWN: usize = 100;
/// Entries of a folder that are looked at.
const READ_AT_MOST: usize = 20_000;

/// Folders that hold nobody's own code.
const HIDDEN: &[&str] = &["node_modules", "venv", "__pycache__", ".next", "dist", "build"];
/// Files that tell what a folder is.
const TELLING: &[&str] = &["package.json", "pyproject.toml", "Cargo.toml", "go.mod", "Makefile", "Dockerfile"];

const QUERY: &[Param] =
    &[Param::optional("path", Kind::Text, "the folder; the first one that may be browsed when absent or empty")];
const ANSWERS: &[Answer] = &[
    Answer::new(200, "Folders, then files that tell what it is; the first hundred", Shape::One("Listing")),
    Answer::error(400, "No such folder"),
    Answer::error(403, "Not below the folders that may be browsed, or not readable, or browsing is off"),
];

pub(super) const ROUTES: &[Route] = &[
    Route {
        tag: "dashboard",
        summary: "The folders below one, to choose a target",
        query: QUERY,
        answers: ANSWERS,
        ..Route::new("GET", "/dashboard/browse", READ, "browse_dashboard", || get(browse))
    },
    Route {
        tag: "browse",
        summary: "The same, where the service for Python had it",
        query: QUERY,
        answers: ANSWERS,
        ..Route::new("GET", "/browse", READ, "browse_directory", || get(browse))
    },
];

/// What is in a folder.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listing {
    current: String,
    /// Null where it may not be browsed.
    #[schema(required)]
    parent: Option<String>,
    entries: Vec<Entry>,
    /// Whether there is more than is shown.
    truncated: bool,
    /// The folders that may be browsed.
    roots: Vec<String>,
}

/// A folder or a file.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = BrowseEntry)]
pub(crate) struct Entry {
    name: String,
    path: String,
    is_dir: bool,
}

async fn browse(State(state): State<AppState>, Extension(who): Extension<Principal>, uri: Uri) -> ApiResult<Json<Listing>> {
    let path = Query::read(&uri, QUERY)?.text("path").unwrap_or_default().to_owned();
    let given = roots(&state.settings, who.source != Source::Dev);
    let work = tokio::task::spawn_blocking(move || listing(&path, &given));
    work.await.map_err(|e| ApiError::Fault(e.to_string()))?.map(Json)
}

/// The folders that may be browsed. Without a list of them, nobody who is not known gets to see any.
fn roots(settings: &Settings, is_known: bool) -> Vec<PathBuf> {
    match (&settings.browse_roots, is_known) {
        (roots, _) if !roots.is_empty() => roots.clone(),
        (_, false) => Vec::new(),
        _ if !settings.scan_roots.is_empty() => settings.scan_roots.clone(),
        _ => settings.home.iter().cloned().collect(),
    }
}

fn forbidden(text: &str) -> ApiError {
    ApiError::detail(StatusCode::FORBIDDEN, text)
}

fn listing(path: &str, given: &[PathBuf]) -> ApiResult<Listing> {
    let roots: Vec<PathBuf> = given.iter().filter_map(|root| root.canonicalize().ok()).filter(|root| root.is_dir()).collect();
    let Some(first) = roots.first() else {
        return Err(forbidden("Browsing is off; set SECURESCAN_BROWSE_ROOTS"));
    };
    let outside = || forbidden("Path is outside the folders that may be browsed");
    let invalid = || ApiError::bad("Invalid or non-existent path");
    let asked = if path.is_empty() { first.clone() } else { lexical(path).ok_or_else(invalid)? };
    // What is outside by its name alone is not looked at: whether it exists is not told either.
    if !given.iter().chain(&roots).any(|root| asked.starts_with(root)) {
        return Err(outside());
    }
    let real = asked.canonicalize().map_err(|e| match e.kind() {
        ErrorKind::PermissionDenied => forbidden("Permission denied"),
        _ => invalid(),
    })?;
    let allowed = |real: &Path| roots.iter().any(|root| real.starts_with(root)) && !is_forbidden(real);
    if !allowed(&real) {
        return Err(outside());
    }
    if !real.is_dir() {
        return Err(ApiError::bad("Path is not a directory"));
    }
    let (mut entries, mut truncated) = entries(&real, &allowed)?;
    // Folders first, each kind by its name in lower case.
    entries.sort_by_cached_key(|entry| (!entry.is_dir, entry.name.to_lowercase(), entry.name.clone()));
    truncated |= entries.len() > SHOWN;
    entries.truncate(SHOWN);
    let shown = |path: &Path| path.to_str().map(str::to_owned);
    Ok(Listing {
        parent: real.parent().filter(|parent| allowed(parent)).and_then(shown),
        current: shown(&real).ok_or_else(invalid)?,
        entries,
        truncated,
        roots: roots.iter().filter_map(|root| shown(root)).collect(),
    })
}

/// An absolute path without `.` and `..`.
fn lexical(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    if !path.is_absolute() || path.as_os_str().as_encoded_bytes().contains(&0) {
        return None;
    }
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    Some(out)
}

fn entries(folder: &Path, allowed: &dyn Fn(&Path) -> bool) -> ApiResult<(Vec<Entry>, bool)> {
    let listed = std::fs::read_dir(folder).map_err(|e| match e.kind() {
        ErrorKind::PermissionDenied => forbidden("Permission denied"),
        _ => ApiError::bad("Invalid or non-existent path"),
    })?;
    let (mut out, mut truncated) = (Vec::new(), false);
    for (index, entry) in listed.flatten().enumerate() {
        if index >= READ_AT_MOST {
            truncated = true;
            break;
        }
        // A name that is no text could not be asked for.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        let is_dir = match kind.is_symlink() {
            // A link counts as what it leads to, when that may be browsed.
            true => match path.canonicalize().ok().filter(|real| allowed(real)) {
                Some(real) => real.is_dir(),
                None => continue,
            },
            false => kind.is_dir(),
        };
        let wanted = match is_dir {
            true => name == ".git" || (!name.starts_with('.') && !HIDDEN.contains(&name.as_str())),
            false => TELLING.contains(&name.as_str()),
        };
        if let Some(path) = path.to_str().filter(|_| wanted) {
            out.push(Entry { name, path: path.to_owned(), is_dir });
        }
    }
    Ok((out, truncated))
}
