//! JSON in arguments and answers.

use securescan_core::{Error, ErrorKind, Result, api};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The value of an optional JSON argument called `name`; its default when there is none.
pub(crate) fn from_json<T: DeserializeOwned + Default>(text: Option<&str>, name: &str) -> Result<T> {
    text.map_or_else(|| Ok(T::default()), |text| serde_json::from_str(text).map_err(|e| not_json(name, &e)))
}

/// Any JSON value.
pub(crate) fn value(text: &str, name: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|e| not_json(name, &e))
}

/// The answer of an operation of the facade.
pub(crate) fn ask(op: &str, request: &Value) -> Result<Value> {
    let answer = api::call_json(op, &request.to_string())?;
    serde_json::from_str(&answer).map_err(|e| Error::new(ErrorKind::Internal, format!("the answer of `{op}`: {e}")))
}

/// A text of an answer.
pub(crate) fn field(answer: &Value, name: &str) -> Result<String> {
    let text = answer.get(name).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| Error::new(ErrorKind::Internal, format!("the answer has no `{name}`")))
}

/// Compact JSON.
pub(crate) fn to_json(value: &(impl Serialize + ?Sized)) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::new(ErrorKind::Internal, format!("an answer could not be written: {e}")))
}

fn not_json(name: &str, error: &serde_json::Error) -> Error {
    Error::invalid(format!("`{name}` is not what it should be: {error}")).at(error.line() as u64, error.column() as u64)
}
