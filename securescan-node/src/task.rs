//! Heavy calls: a piece of work for libuv's thread pool and the promise of its value.

use crate::errors;
use napi::bindgen_prelude::{AsyncTask, Buffer, ToNapiValue, TypeName};
use napi::{Env, Task};

type Work<T> = Box<dyn FnOnce() -> securescan_core::Result<T> + Send>;

/// One call. What it holds is used up, and freed, where it runs.
pub struct Job<T>(Option<Work<T>>);

/// Values that weigh something once JavaScript holds them.
pub trait Weighed {
    /// Tells the garbage collector.
    fn weigh(&self, _env: &Env) {}
}

impl Weighed for String {}
impl Weighed for Buffer {}

/// The promise of what `work` gives.
pub(crate) fn promise<T>(work: impl FnOnce() -> securescan_core::Result<T> + Send + 'static) -> AsyncTask<Job<T>>
where
    T: Send + 'static + ToNapiValue + TypeName + Weighed,
{
    AsyncTask::new(Job(Some(Box::new(work))))
}

impl<T: Send + 'static + ToNapiValue + TypeName + Weighed> Task for Job<T> {
    type Output = T;
    type JsValue = T;

    fn compute(&mut self) -> napi::Result<T> {
        let Some(work) = self.0.take() else { return Err(napi::Error::from_reason("the work was done already")) };
        errors::guard(work)
    }

    fn resolve(&mut self, env: Env, output: T) -> napi::Result<T> {
        output.weigh(&env);
        Ok(output)
    }
}
