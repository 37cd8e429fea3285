//! Scanning, on a thread of its own: a scan may last minutes, and libuv's pool has four threads.

use crate::baseline::Baseline;
use crate::config::Config;
use crate::errors::{caught, guard, json};
use crate::findings::Findings;
use crate::memory;
use crate::threads::{self, Ended};
use napi::bindgen_prelude::{FnArgs, ObjectFinalize, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode::NonBlocking};
use napi::{Env, Status};
use napi_derive::napi;
use securescan_core::api::{self, ConfigSource, ScanOptions};
use securescan_core::scanners::{Cancel, Event, EventSink};
use std::sync::Arc;

/// What the callback is told: `event` with its JSON, `error` with its JSON, or `done` with the result.
type Message = FnArgs<(String, Option<String>, Option<Scanned>)>;
type Callback = ThreadsafeFunction<Message, Unknown<'static>, Message, Status, false>;

/// What a scan gave.
#[napi(custom_finalize)]
pub struct Scanned {
    inner: api::Scanned,
}

impl ObjectFinalize for Scanned {
    fn finalize(self, _env: Env) -> napi::Result<()> {
        memory::free(self.inner);
        Ok(())
    }
}

#[napi]
impl Scanned {
    /// The findings with their coverage.
    #[napi]
    pub fn findings(&self, env: Env) -> Findings {
        Findings::fresh(self.inner.processed.findings.clone()).told(&env)
    }

    /// Everything beside them, JSON.
    #[napi]
    pub fn about(&self) -> napi::Result<String> {
        guard(|| json(&self.inner.about()))
    }

    /// The answer of the operation `scan`, JSON.
    #[napi]
    pub fn to_json(&self) -> String {
        self.inner.to_json().to_string()
    }
}

/// A scan that runs. Letting go of it cancels it, and waits for the end of what it started.
#[napi]
pub struct Running {
    cancel: Cancel,
    ended: Ended,
}

#[napi]
impl Running {
    /// Asks it to stop; the callback is still told how it ended.
    #[napi]
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.ended.wait();
    }
}

struct Sink(Arc<Callback>);

impl EventSink for Sink {
    fn event(&self, event: &Event) {
        say(&self.0, "event", Some(event.to_json().to_string()), None);
    }
}

/// Nobody listens any more when the environment is ending: nothing to do about it.
fn say(callback: &Callback, kind: &str, text: Option<String>, result: Option<Scanned>) {
    let _ = callback.call((kind.to_owned(), text, result).into(), NonBlocking);
}

/// Starts a scan: options as JSON, what is known of configuration and baseline as handles.
#[napi(
    ts_args_type = "options: string, config: Config | null | undefined, baseline: Baseline | null | undefined, callback: (kind: 'event' | 'error' | 'done', text?: string | null, result?: Scanned | null) => void"
)]
pub fn scan(options: String, config: Option<&Config>, baseline: Option<&Baseline>, callback: Callback) -> napi::Result<Running> {
    let cancel = Cancel::new();
    let (config, baseline, stop) = (config.map(Config::core), baseline.map(Baseline::shared), cancel.clone());
    let run = move || {
        let callback = Arc::new(callback);
        let scanned = caught(|| {
            let mut options = ScanOptions::from_json(&options)?;
            options.request.cancel = stop;
            if let Some(config) = config {
                options.config = ConfigSource::Given(Box::new(config));
            }
            options.baseline = options.baseline.or(baseline.map(Arc::unwrap_or_clone));
            api::scan(&options, &Sink(Arc::clone(&callback)))
        });
        match scanned {
            Ok(inner) => say(&callback, "done", None, Some(Scanned { inner })),
            Err(error) => say(&callback, "error", Some(api::error_json(&error)), None),
        }
    };
    let ended = guard(|| threads::start("securescan-scan", run))?;
    Ok(Running { cancel, ended })
}
