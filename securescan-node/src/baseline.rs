//! `Baseline`: what is known already.

use crate::bytes::Bytes;
use crate::errors::{self, guard};
use crate::findings::Findings;
use napi_derive::napi;
use securescan_core::{api, baseline};
use std::path::Path;
use std::sync::Arc;

/// A baseline file.
#[napi]
pub struct Baseline {
    inner: Arc<baseline::Baseline>,
}

impl Baseline {
    pub(crate) fn shared(&self) -> Arc<baseline::Baseline> {
        Arc::clone(&self.inner)
    }
}

#[napi]
impl Baseline {
    /// Reads a baseline's text; `file` names it in errors.
    #[napi(factory)]
    pub fn parse(text: &mut Bytes, file: String) -> napi::Result<Self> {
        let text = text.take();
        guard(|| Ok(Self { inner: Arc::new(baseline::Baseline::parse(&text, &file)?) }))
    }

    /// Reads a baseline file.
    #[napi(factory)]
    pub fn read(path: String) -> napi::Result<Self> {
        guard(|| Ok(Self { inner: Arc::new(baseline::Baseline::read(Path::new(&path))?) }))
    }

    /// A baseline of all the findings.
    #[napi(factory)]
    pub fn of(findings: &Findings, target_path: String, scan_types: String) -> napi::Result<Self> {
        guard(|| {
            let types: Vec<_> = errors::options(&scan_types)?;
            Ok(Self { inner: Arc::new(api::baseline(&findings.core(), &target_path, &types)) })
        })
    }

    /// Its text, as it is written to a file.
    #[napi]
    pub fn to_text(&self) -> String {
        String::from_utf8(self.inner.to_bytes()).unwrap_or_default()
    }

    /// How many entries.
    #[napi(getter)]
    pub fn length(&self) -> u32 {
        u32::try_from(self.inner.len()).unwrap_or(u32::MAX)
    }

    /// What was scanned.
    #[napi(getter)]
    pub fn target_path(&self) -> String {
        self.inner.target_path().to_owned()
    }

    /// The kinds of scan, JSON.
    #[napi]
    pub fn scan_types(&self) -> napi::Result<String> {
        guard(|| errors::json(&self.inner.scan_types()))
    }
}
