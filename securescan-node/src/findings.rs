//! `Findings`: a handle to a list that stays in Rust; findings cross one at a time, as JSON.

use crate::bytes::Bytes;
use crate::errors::{self, guard};
use crate::memory::{self, Weight};
use crate::task::{Job, Weighed, promise};
use napi::Env;
use napi::bindgen_prelude::{AsyncTask, ObjectFinalize};
use napi_derive::napi;
use securescan_core::render::SuppressedCounts;
use securescan_core::{Error, Filter, Result, api, model};

/// An immutable list of findings with the coverage they rest on.
#[napi(custom_finalize)]
pub struct Findings {
    inner: model::Findings,
    weight: Weight,
}

/// One part of [`Findings::group_by`].
#[napi(object, object_from_js = false)]
pub struct Group {
    /// What they have in common; null: findings without it.
    pub key: Option<String>,
    /// They.
    pub findings: Findings,
}

impl Findings {
    /// Findings that nobody else holds yet; the promise they come by tells their weight.
    pub(crate) fn fresh(inner: model::Findings) -> Self {
        Self { weight: Weight::of_findings(inner.len()), inner }
    }

    /// Some of the findings of another handle.
    pub(crate) fn shared(env: &Env, inner: model::Findings) -> Self {
        let findings = Self { weight: Weight::of_rows(inner.len()), inner };
        findings.weigh(env);
        findings
    }

    pub(crate) fn told(self, env: &Env) -> Self {
        self.weigh(env);
        self
    }

    pub(crate) fn core(&self) -> model::Findings {
        self.inner.clone()
    }
}

impl Weighed for Findings {
    fn weigh(&self, env: &Env) {
        self.weight.tell(env);
    }
}

impl ObjectFinalize for Findings {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.weight.take_back(&env);
        memory::free(self.inner);
        Ok(())
    }
}

/// Text of bytes.
fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|e| Error::parse("the text is not UTF-8").at_byte(e.valid_up_to() as u64))
}

#[napi]
impl Findings {
    /// Reads an array of findings or a snapshot.
    #[napi]
    pub fn from_json(env: Env, document: &mut Bytes) -> napi::Result<Findings> {
        let bytes = document.take();
        let inner = guard(|| model::Findings::from_json(text(&bytes)?))?;
        Ok(Self::fresh(inner).told(&env))
    }

    /// Tells the garbage collector what these weigh; for those that came by a callback.
    #[napi(js_name = "weigh")]
    pub fn tell_weight(&self, env: Env) {
        self.weigh(&env);
    }

    /// How many.
    #[napi(getter)]
    pub fn length(&self) -> u32 {
        u32::try_from(self.inner.len()).unwrap_or(u32::MAX)
    }

    /// One of them, JSON; null beyond the end.
    #[napi]
    pub fn at(&self, index: u32) -> napi::Result<Option<String>> {
        guard(|| self.inner.get(index as usize).map(errors::json).transpose())
    }

    /// Those at the positions, in that order.
    #[napi]
    pub fn select(&self, env: Env, positions: &[u32]) -> Findings {
        Self::shared(&env, self.inner.select(positions.iter().map(|position| *position as usize)))
    }

    /// Those from `start` to before `end`.
    #[napi]
    pub fn slice(&self, env: Env, start: u32, end: u32) -> Findings {
        Self::shared(&env, self.inner.select(start as usize..end as usize))
    }

    /// Those that meet conditions, JSON.
    #[napi]
    pub fn filter(&self, env: Env, conditions: String) -> napi::Result<Findings> {
        let kept = guard(|| Ok(self.inner.filter(&errors::options::<Filter>(&conditions)?)))?;
        Ok(Self::shared(&env, kept))
    }

    /// All in another order.
    #[napi]
    pub fn sort(&self, env: Env, key: String, reverse: bool) -> napi::Result<Findings> {
        let sorted = guard(|| Ok(self.inner.sorted(key.parse()?, reverse)))?;
        Ok(Self::shared(&env, sorted))
    }

    /// Parts by a key.
    #[napi]
    pub fn group_by(&self, env: Env, key: String) -> napi::Result<Vec<Group>> {
        let groups = guard(|| Ok(self.inner.group_by(key.parse()?)))?;
        Ok(groups.into_iter().map(|(key, findings)| Group { key, findings: Self::shared(&env, findings) }).collect())
    }

    /// These, then those of another.
    #[napi]
    pub fn concat(&self, env: Env, other: &Findings) -> Findings {
        Self::fresh(self.inner.concat(&other.inner)).told(&env)
    }

    /// One finding for one thing, whoever reports it.
    #[napi(ts_return_type = "Promise<Findings>")]
    pub fn dedup(&self) -> AsyncTask<Job<Findings>> {
        let all = self.core();
        promise(move || Ok(Self::fresh(api::deduplicate(&all))))
    }

    /// As `dedup`, at once.
    #[napi]
    pub fn dedup_sync(&self, env: Env) -> napi::Result<Findings> {
        Ok(Self::fresh(guard(|| Ok(api::deduplicate(&self.inner)))?).told(&env))
    }

    /// The array, JSON.
    #[napi]
    pub fn to_json(&self) -> String {
        self.inner.to_json()
    }

    /// The snapshot, JSON.
    #[napi]
    pub fn to_snapshot(&self) -> String {
        self.inner.to_snapshot_json()
    }

    /// What was scanned.
    #[napi(getter)]
    pub fn target(&self) -> String {
        self.inner.target().to_owned()
    }

    /// The coverage, JSON.
    #[napi]
    pub fn scanners(&self) -> napi::Result<String> {
        guard(|| errors::json(&self.inner.scanners()))
    }

    /// How many are suppressed, by what, JSON.
    #[napi]
    pub fn suppressed(&self) -> napi::Result<String> {
        guard(|| errors::json(&SuppressedCounts::of(self.inner.iter())))
    }

    /// Whether target, coverage and findings are the same.
    #[napi]
    pub fn equals(&self, other: &Findings) -> bool {
        self.inner == other.inner
    }

    /// Counts and score, JSON.
    #[napi]
    pub fn summary(&self) -> napi::Result<String> {
        guard(|| errors::json(&api::summary(&self.inner)))
    }

    /// 0 to 100, one decimal.
    #[napi]
    pub fn risk_score(&self) -> f64 {
        api::risk_score(&self.inner)
    }

    /// Compliance controls, JSON.
    #[napi]
    pub fn coverage(&self) -> napi::Result<String> {
        guard(|| errors::json(&api::coverage(&self.inner)))
    }
}
