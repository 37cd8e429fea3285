//! Input, copied out of JavaScript's memory before another thread looks at it: what happens to a buffer during a call
//! (written to, detached, transferred) changes nothing.

use crate::errors;
use napi_derive::napi;
use securescan_core::{Error, ErrorKind};

/// Bytes on their way in, filled piece by piece.
#[napi]
pub struct Bytes {
    data: Vec<u8>,
}

#[napi]
impl Bytes {
    /// Room for so many bytes.
    #[napi(constructor)]
    pub fn new(capacity: f64) -> napi::Result<Self> {
        let mut data = Vec::new();
        let wanted = if capacity.is_finite() && capacity > 0.0 { capacity as usize } else { 0 };
        errors::guard(|| {
            data.try_reserve_exact(wanted)
                .map_err(|_| Error::new(ErrorKind::Limit, format!("no room for an input of {wanted} bytes")))
        })?;
        Ok(Self { data })
    }

    /// Copies a piece.
    #[napi]
    pub fn push(&mut self, piece: &[u8]) {
        self.data.extend_from_slice(piece);
    }

    /// Copies a piece of text, as UTF-8.
    #[napi]
    pub fn push_text(&mut self, piece: String) {
        if self.data.is_empty() && self.data.capacity() <= piece.len() {
            self.data = piece.into_bytes();
        } else {
            self.data.extend_from_slice(piece.as_bytes());
        }
    }

    /// What was collected; nothing is left.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.data)
    }
}

/// Texts by path: the sources of `process`, the manifests of `sbom`.
#[napi]
#[derive(Default)]
pub struct Files {
    data: std::collections::BTreeMap<String, Vec<u8>>,
}

#[napi]
impl Files {
    /// None yet.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    #[napi]
    pub fn put(&mut self, path: String, content: &mut Bytes) {
        self.data.insert(path, content.take());
    }

    /// What was collected; nothing is left.
    pub(crate) fn take(&mut self) -> std::collections::BTreeMap<String, Vec<u8>> {
        std::mem::take(&mut self.data)
    }
}
