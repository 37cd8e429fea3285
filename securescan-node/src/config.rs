//! `Config`: what a project decided.

use crate::errors::{self, guard};
use napi_derive::napi;
use securescan_core::config;
use std::path::Path;

/// A configuration.
#[napi]
pub struct Config {
    inner: config::Config,
}

impl Config {
    pub(crate) fn core(&self) -> config::Config {
        self.inner.clone()
    }
}

/// A configuration and the file it was found in.
#[napi(object, object_from_js = false)]
pub struct Discovered {
    /// The file.
    pub file: String,
    /// What it says.
    pub config: Config,
}

#[napi]
impl Config {
    /// Reads a configuration's text; `file` names it in errors.
    #[napi(factory)]
    pub fn parse(text: String, file: String) -> napi::Result<Self> {
        guard(|| Ok(Self { inner: config::Config::parse(&text, &file)? }))
    }

    /// Reads a configuration file.
    #[napi(factory)]
    pub fn load(path: String) -> napi::Result<Self> {
        guard(|| Ok(Self { inner: config::Config::load(Path::new(&path))? }))
    }

    /// The configuration that applies to a folder: there or above, up to the repository.
    #[napi]
    pub fn discover(start: String) -> napi::Result<Option<Discovered>> {
        let found = guard(|| config::Config::discover(Path::new(&start)))?;
        Ok(found.map(|(file, inner)| Discovered { file: file.display().to_string(), config: Self { inner } }))
    }

    /// Its values, JSON.
    #[napi]
    pub fn to_text(&self) -> napi::Result<String> {
        guard(|| errors::json(&self.inner))
    }
}

/// Every problem of a configuration text, JSON. Rule packs are taken to exist.
#[napi]
pub fn lint(text: String, file: String) -> napi::Result<String> {
    guard(|| errors::json(&config::Config::lint(&text, &file, &|_| true)))
}
