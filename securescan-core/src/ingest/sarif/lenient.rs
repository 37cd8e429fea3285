//! Typed reading that forgives: a field of an odd type is as if it were not there, and never costs the object it stands in.

use crate::ingest::json;
use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// A type that can be read from any JSON value; what it does not know how to read is its default.
pub(super) trait Lenient: Default {
    /// From a text.
    fn text(_: &str) -> Self {
        Self::default()
    }
    /// From a number.
    fn number(_: f64) -> Self {
        Self::default()
    }
    /// From a truth value.
    fn flag(_: bool) -> Self {
        Self::default()
    }
    /// From a list.
    fn list<'de, A: SeqAccess<'de>>(seq: A) -> Result<Self, A::Error> {
        skip_list(seq)?;
        Ok(Self::default())
    }
    /// From an object.
    fn object<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        skip_object(map)?;
        Ok(Self::default())
    }
}

/// Reads over what is left of a list.
pub(super) fn skip_list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Reads over what is left of an object.
pub(super) fn skip_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Reads a lenient type.
pub(super) struct Any<T>(PhantomData<T>);

impl<T> Any<T> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Lenient> DeserializeSeed<'de> for Any<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<T, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de, T: Lenient> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_bool<E>(self, v: bool) -> Result<T, E> {
        Ok(T::flag(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<T, E> {
        Ok(T::number(v as f64))
    }
    fn visit_u64<E>(self, v: u64) -> Result<T, E> {
        Ok(T::number(v as f64))
    }
    fn visit_f64<E>(self, v: f64) -> Result<T, E> {
        Ok(T::number(v))
    }
    fn visit_str<E>(self, v: &str) -> Result<T, E> {
        Ok(T::text(v))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::list(seq)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::object(map)
    }
}

/// The keys of an object, told apart without keeping them.
pub(super) struct Keys<F>(pub(super) F);

impl<'de, K, F: FnOnce(&str) -> K> DeserializeSeed<'de> for Keys<F> {
    type Value = K;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<K, D::Error> {
        d.deserialize_str(self)
    }
}

impl<K, F: FnOnce(&str) -> K> Visitor<'_> for Keys<F> {
    type Value = K;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, key: &str) -> Result<K, E> {
        Ok((self.0)(key))
    }
}

/// A text; a number or truth value as text, blank is nothing.
impl Lenient for Option<String> {
    fn text(v: &str) -> Self {
        (!v.trim().is_empty()).then(|| v.to_owned())
    }
    fn number(v: f64) -> Self {
        Some(v.to_string())
    }
    fn flag(v: bool) -> Self {
        Some(v.to_string())
    }
}

/// A whole number from 0 that fits; also written as text.
impl Lenient for Option<u32> {
    fn text(v: &str) -> Self {
        v.trim().parse().ok()
    }
    fn number(v: f64) -> Self {
        (v >= 0.0 && v <= f64::from(u32::MAX) && v.fract() == 0.0).then_some(v as u32)
    }
}

impl Lenient for Option<bool> {
    fn text(v: &str) -> Self {
        match v.trim() {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }
    fn flag(v: bool) -> Self {
        Some(v)
    }
}

/// Present or not: only an object is something.
impl<T: Lenient> Lenient for Option<Box<T>> {
    fn object<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::object(map).map(|value| Some(Box::new(value)))
    }
}

/// Most items of any list inside one result, run or rule; the lists that may be longer have types of their own.
const MAX_ITEMS: usize = 1000;

/// A list; a single value is a list of one.
impl<T: Lenient> Lenient for Vec<T> {
    fn text(v: &str) -> Self {
        vec![T::text(v)]
    }
    fn list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut items = Self::new();
        while items.len() < MAX_ITEMS {
            let Some(item) = seq.next_element_seed(Any::new())? else { return Ok(items) };
            items.push(item);
        }
        skip_list(seq)?;
        Ok(items)
    }
    fn object<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        Ok(vec![T::object(map)?])
    }
}

/// Named values; the last of equal names.
impl<T: Lenient> Lenient for BTreeMap<String, T> {
    fn object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut entries = Self::new();
        while entries.len() < MAX_ITEMS {
            let Some(key) = map.next_key_seed(Keys(str::to_owned))? else { return Ok(entries) };
            entries.insert(key, map.next_value_seed(Any::new())?);
        }
        skip_object(map)?;
        Ok(entries)
    }
}

/// Most values inside a kept value: more would not fit what a finding may carry.
const MAX_KEPT: usize = 4000;

/// A value kept as it is; nothing when it is too large to keep.
pub(super) struct Kept;

impl<'de> DeserializeSeed<'de> for Kept {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Option<Value>, D::Error> {
        json::bounded(MAX_KEPT, d)
    }
}

/// The fields of a property bag.
impl Lenient for Map<String, Value> {
    fn object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut fields = Self::new();
        while fields.len() < MAX_ITEMS {
            let Some(key) = map.next_key_seed(Keys(str::to_owned))? else { return Ok(fields) };
            if let Some(value) = map.next_value_seed(Kept)?.filter(|v| !v.is_null()) {
                fields.insert(key, value);
            }
        }
        skip_object(map)?;
        Ok(fields)
    }
}

/// A lenient object: fields by the names they have in the versions of the format. The field in parentheses is what a bare
/// text means.
macro_rules! shape {
    ($(#[$meta:meta])* $name:ident $(($bare:ident))? { $($field:ident : $ty:ty = $($key:literal)|+),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        pub(super) struct $name { $(pub(super) $field: $ty),+ }

        impl $crate::ingest::sarif::lenient::Lenient for $name {
            $(fn text(v: &str) -> Self {
                Self { $bare: $crate::ingest::sarif::lenient::Lenient::text(v), ..Self::default() }
            })?

            fn object<'de, A: serde::de::MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
                #[allow(non_camel_case_types, reason = "named as the fields are")]
                enum Key { $($field),+, _none }
                let key_of = |key: &str| match key { $($($key)|+ => Key::$field,)+ _ => Key::_none };
                let mut out = Self::default();
                while let Some(key) = map.next_key_seed($crate::ingest::sarif::lenient::Keys(key_of))? {
                    match key {
                        $(Key::$field => out.$field = map.next_value_seed($crate::ingest::sarif::lenient::Any::new())?,)+
                        Key::_none => drop(map.next_value::<serde::de::IgnoredAny>()?),
                    }
                }
                Ok(out)
            }
        }
    };
}
pub(super) use shape;
