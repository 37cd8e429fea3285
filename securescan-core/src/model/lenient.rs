//! Tolerant readers for fields that older snapshots write differently (numbers as strings, null for empty).

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Null reads as the type's default.
pub(super) fn null_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(d: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(d)?.unwrap_or_default())
}

/// A string; null reads as empty.
pub(super) fn text<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    null_default(d)
}

/// A 1-based position: `12`, `12.0` and `"12"` read as 12; null, 0 and negative numbers as none.
pub(super) fn position<'de, D: Deserializer<'de>>(d: D) -> Result<Option<u32>, D::Error> {
    struct V;
    impl serde::de::Visitor<'_> for V {
        type Value = Option<u32>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a line or column number")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<Self::Value, E> {
            Ok(u32::try_from(v).ok().filter(|n| *n > 0))
        }
        fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<Self::Value, E> {
            Ok(u32::try_from(v).ok().filter(|n| *n > 0))
        }
        fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<Self::Value, E> {
            if v.fract() != 0.0 {
                return Err(E::custom(format!("`{v}` is not a whole number")));
            }
            Ok(if (1.0..=f64::from(u32::MAX)).contains(&v) { Some(v as u32) } else { None })
        }
        fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Self::Value, E> {
            v.trim().parse::<i64>().map_err(|_| E::custom("not a number")).and_then(|n| self.visit_i64(n))
        }
    }
    d.deserialize_any(V)
}

/// A text from any scalar; `None` for null.
pub(super) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(s) => Some(s.clone()),
        other => Some(other.to_string()),
    }
}
