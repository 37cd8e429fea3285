//! `Diff` and `Comparison`: what changed.

use crate::errors::{self, guard};
use crate::findings::Findings;
use crate::memory;
use crate::task::Weighed;
use napi::Env;
use napi::bindgen_prelude::ObjectFinalize;
use napi_derive::napi;
use securescan_core::api;
use std::sync::Arc;

/// What changed between two sides.
#[napi(custom_finalize)]
pub struct Difference {
    inner: Arc<api::Difference>,
}

impl Difference {
    pub(crate) fn new(inner: api::Difference) -> Self {
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn shared(&self) -> Arc<api::Difference> {
        Arc::clone(&self.inner)
    }
}

impl Weighed for Difference {
    fn weigh(&self, env: &Env) {
        memory::tell(env, weight(&self.inner));
    }
}

/// Sides that were identified already are shared, so this counts rows only.
fn weight(difference: &api::Difference) -> i64 {
    memory::of_rows(difference.head.len() + difference.gone.len())
}

impl ObjectFinalize for Difference {
    fn finalize(self, env: Env) -> napi::Result<()> {
        memory::tell(&env, -weight(&self.inner));
        memory::free(self.inner);
        Ok(())
    }
}

#[napi]
impl Difference {
    /// Only in head, or now.
    #[napi]
    pub fn added(&self, env: Env) -> Findings {
        Findings::shared(&env, self.inner.new.clone())
    }

    /// Only in base: fixed, or disappeared.
    #[napi]
    pub fn gone(&self, env: Env) -> Findings {
        Findings::shared(&env, self.inner.gone.clone())
    }

    /// In both.
    #[napi]
    pub fn kept(&self, env: Env) -> Findings {
        Findings::shared(&env, self.inner.kept.clone())
    }

    /// Only in base, and nobody looked.
    #[napi]
    pub fn not_scanned(&self, env: Env) -> Findings {
        Findings::shared(&env, self.inner.not_scanned.clone())
    }

    /// Unchanged findings whose severity rose: JSON, pairs of fingerprint and the severity they had.
    #[napi]
    pub fn raised(&self) -> napi::Result<String> {
        guard(|| errors::json(&self.inner.raised))
    }
}
