//! `Diff` and `Comparison`: what changed.

use crate::errors::{self, guard};
use crate::findings::Findings;
use crate::memory::{self, Weight};
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
    weight: Weight,
}

impl Difference {
    pub(crate) fn new(inner: api::Difference) -> Self {
        // Sides that were identified already are shared, so rows are what counts.
        let weight = Weight::of_rows(inner.head.len() + inner.gone.len());
        Self { inner: Arc::new(inner), weight }
    }

    pub(crate) fn shared(&self) -> Arc<api::Difference> {
        Arc::clone(&self.inner)
    }
}

impl Weighed for Difference {
    fn weigh(&self, env: &Env) {
        self.weight.tell(env);
    }
}

impl ObjectFinalize for Difference {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.weight.take_back(&env);
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
