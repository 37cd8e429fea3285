//! JSON documents, streamed: the items of the lists that a format names are handed over one at a time, so that memory
//! holds one item and the findings, never the document.
//!
//! # Shapes
//! A place is written as the keys that lead to it, joined by `.`; lists on the way are transparent: `runs.results` is every
//! item of `results` of every run. The empty place is the document itself.

use super::report::{Report, Stop};
use super::{Input, lines};
use crate::{Error, Result};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, de};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::io::BufRead;

/// What a format wants of a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Want {
    /// Each item of the list at this place. `null` is an empty list; anything else than a list is an error.
    Each(&'static str),
    /// Each entry of the object at this place, with its key; an empty list is an empty object (as PHP writes it).
    Entries(&'static str),
    /// The value at this place, whole: small things only.
    Whole(&'static str),
    /// Nothing but a word that an object on the way is complete: [`At::end`] is set and the value is null.
    End(&'static str),
}

impl Want {
    fn place(self) -> &'static str {
        match self {
            Self::Each(place) | Self::Entries(place) | Self::Whole(place) | Self::End(place) => place,
        }
    }
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    /// The place, as the format named it.
    pub(super) place: &'static str,
    /// The key, of an entry.
    pub(super) key: &'a str,
    /// The number of the item in its list, from 0.
    pub(super) index: usize,
    /// Whether this only says that the object at the place is complete.
    pub(super) end: bool,
}

impl At<'_> {
    /// As coverage names a quarantined item: `results[3]`.
    fn name(&self) -> String {
        match (self.place, self.key) {
            ("", "") => format!("[{}]", self.index),
            (place, "") => format!("{place}[{}]", self.index),
            (place, key) => format!("{place}.{}", key.chars().take(80).collect::<String>()),
        }
    }
}

/// Called with each value that was wanted.
pub(super) type Visit<'v> = dyn FnMut(&mut Report<'_>, At<'_>, Value) -> Result<(), Stop> + 'v;

/// Most values inside one item; a larger item is quarantined. A JSON byte can cost 16 bytes of memory, so this bounds it.
const MAX_NODES: usize = 2_000_000;

/// Reads a document. One of the places in `proof` must be there (`null` counts), or it is not a document of this format.
///
/// # Errors
/// `parse` with byte, line and column for malformed JSON; whatever `visit` ends the document with.
pub(super) fn read(
    input: &mut Input<'_>,
    proof: &[&str],
    wants: &[Want],
    report: &mut Report<'_>,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let mut walk = Walk { proof, wants, report, visit, met: false, stopped: None };
    if let Some(text) = input.as_text() {
        let mut json = serde_json::Deserializer::from_str(text);
        let done = Level { walk: &mut walk, place: "" }.deserialize(&mut json).and_then(|()| json.end());
        return walk.conclude(done, || text.len() as u64, |line, column| byte_of(text, line, column));
    }
    let counted = Cell::new(0u64);
    let mut json = serde_json::Deserializer::from_reader(Counting::new(input, &counted));
    let done = Level { walk: &mut walk, place: "" }.deserialize(&mut json).and_then(|()| json.end());
    walk.conclude(done, || counted.get(), |_, _| counted.get().saturating_sub(1))
}

/// As [`read`], for tools that print text after the document too. What follows may not look like another document.
///
/// # Errors
/// As [`read`].
pub(super) fn read_before_text(
    input: &mut Input<'_>,
    proof: &[&str],
    wants: &[Want],
    report: &mut Report<'_>,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let mut walk = Walk { proof, wants, report, visit, met: false, stopped: None };
    let counted = Cell::new(0u64);
    let mut json = serde_json::Deserializer::from_reader(Counting::exact(input, &counted));
    let done = Level { walk: &mut walk, place: "" }.deserialize(&mut json);
    drop(json);
    let read = counted.get();
    walk.conclude(done, || read, |_, _| read.saturating_sub(1))?;
    if input.as_text().is_some() {
        input.skip(usize::try_from(read).unwrap_or(usize::MAX));
    }
    for line in input.reader().split(b'\n') {
        let line = line.map_err(|e| super::input::read_error(&e))?;
        if matches!(line.trim_ascii_start().first(), Some(b'{' | b'[')) {
            return Err(Error::parse("something like another document follows the report").at_byte(read));
        }
    }
    Ok(())
}

/// Reads a document with types of the format's own, for formats whose size needs it.
///
/// # Errors
/// As [`read`], of the JSON alone.
pub(super) fn read_typed<S: for<'de> DeserializeSeed<'de, Value = ()>>(input: &mut Input<'_>, seed: S) -> Result<()> {
    if let Some(text) = input.as_text() {
        let mut json = serde_json::Deserializer::from_str(text);
        let done = seed.deserialize(&mut json).and_then(|()| json.end());
        return done.map_err(|error| placed(error, || text.len() as u64, |line, column| byte_of(text, line, column)));
    }
    let counted = Cell::new(0u64);
    let mut json = serde_json::Deserializer::from_reader(Counting::new(input, &counted));
    let done = seed.deserialize(&mut json).and_then(|()| json.end());
    done.map_err(|error| placed(error, || counted.get(), |_, _| counted.get().saturating_sub(1)))
}

/// A value of at most so many values inside; nothing when it has more.
///
/// # Errors
/// Those of the JSON.
pub(super) fn bounded<'de, D: Deserializer<'de>>(max: usize, d: D) -> Result<Option<Value>, D::Error> {
    let budget = Budget(Cell::new(max.saturating_add(1)));
    let value = Node(&budget).deserialize(d)?;
    Ok(Some(value).filter(|_| !budget.spent()))
}

/// An error of the JSON with its place. `bytes` is how much was read, `byte_at` the byte of a line and a column.
fn placed(error: serde_json::Error, bytes: impl Fn() -> u64, byte_at: impl Fn(usize, usize) -> u64) -> Error {
    if error.is_io() {
        return super::input::read_error(&std::io::Error::from(error));
    }
    if error.is_eof() {
        return Error::parse("the report is cut short").at_byte(bytes());
    }
    let (line, column) = (error.line(), error.column());
    Error::parse(plain(&error)).at(line as u64, column as u64).at_byte(byte_at(line, column))
}

/// Reads a sequence of documents: one a line, or one after the other, or one list of them. Each is an item of the empty
/// place; what is not JSON is quarantined with its line, and the rest goes on.
///
/// # Errors
/// As [`read`], for a list.
pub(super) fn read_many(input: &mut Input<'_>, report: &mut Report<'_>, visit: &mut Visit<'_>) -> Result<()> {
    let mut reader = input.reader();
    if lines::starts_with_list(&mut reader).map_err(|e| super::input::read_error(&e))? {
        drop(reader);
        return read(input, &[""], &[Want::Each("")], report, visit);
    }
    lines::each(reader, &mut |number, text| {
        let value = match text {
            Ok(text) => value_of(text),
            Err(why) => Err(why.to_owned()),
        };
        let index = report.next_item();
        let done = value.map_err(Stop::Item).and_then(|v| visit(report, At { place: "", key: "", index, end: false }, v));
        match done {
            Ok(()) => Ok(()),
            Err(Stop::Item(why)) => report.quarantine(format!("line {number}"), why),
            Err(Stop::Document(error)) => Err(error),
        }
    })
}

/// One bounded value out of a text.
fn value_of(text: &[u8]) -> Result<Value, String> {
    let budget = Budget::default();
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = Node(&budget).deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    match value {
        Err(error) => Err(format!("not JSON: {}", plain(&error))),
        Ok(_) if budget.spent() => Err(TOO_LARGE.to_owned()),
        Ok(value) => Ok(value),
    }
}

const TOO_LARGE: &str = "more than 2000000 values in one item";

/// A message without its place.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text.get(..end).unwrap_or_default().to_owned()
}

/// The byte that a line and a column (1-based, in bytes) name.
fn byte_of(text: &str, line: usize, column: usize) -> u64 {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(nth) => memchr::memchr_iter(b'\n', text.as_bytes()).nth(nth).map_or(0, |i| i + 1),
    };
    (start + column.saturating_sub(1)).min(text.len()) as u64
}

/// One walk over one document.
struct Walk<'w, 'r> {
    proof: &'w [&'w str],
    wants: &'w [Want],
    report: &'w mut Report<'r>,
    visit: &'w mut Visit<'w>,
    /// Whether any of the proof was met.
    met: bool,
    /// What ended the document, when it was not the JSON.
    stopped: Option<Error>,
}

impl<'w, 'r> Walk<'w, 'r> {
    /// What is wanted of a key below a place: its own place, the want for just that, and whether there is more below.
    fn child(&self, parent: &str, key: &str) -> Option<(&'static str, Option<Want>, bool)> {
        let (mut found, mut exact, mut deeper) = (None, None, false);
        for want in self.wants {
            let full = want.place();
            let rest = if parent.is_empty() { Some(full) } else { full.strip_prefix(parent).and_then(|r| r.strip_prefix('.')) };
            let Some(rest) = rest.and_then(|r| r.strip_prefix(key)) else { continue };
            if rest.is_empty() {
                (found, exact) = (Some(full), Some(*want));
            } else if rest.starts_with('.') {
                found = full.get(..full.len() - rest.len());
                deeper = true;
            }
        }
        found.map(|place| (place, exact, deeper))
    }

    fn meet(&mut self, want: Want) {
        self.met |= self.proof.contains(&want.place());
    }

    /// Hands a value over; the error only says that the walk is over.
    fn give<E: de::Error>(&mut self, at: At<'_>, value: Value, whole: bool) -> Result<(), E> {
        if at.end || !matches!(self.wants.iter().find(|w| w.place() == at.place), Some(Want::Whole(_))) {
            self.report.next_item();
        }
        let done = if whole { (self.visit)(self.report, at, value) } else { Err(Stop::Item(TOO_LARGE.to_owned())) };
        let done = match done {
            Err(Stop::Item(why)) => self.report.quarantine(at.name(), why),
            Err(Stop::Document(error)) => Err(error),
            Ok(()) => Ok(()),
        };
        done.map_err(|error| {
            self.stopped = Some(error);
            E::custom("stopped")
        })
    }

    /// What the walk came to. `bytes` is how much was read, `byte_at` the byte of a line and a column.
    fn conclude(
        self,
        done: serde_json::Result<()>,
        bytes: impl Fn() -> u64,
        byte_at: impl Fn(usize, usize) -> u64,
    ) -> Result<()> {
        if let Some(error) = self.stopped {
            return Err(error);
        }
        let Err(error) = done else {
            return if self.met { Ok(()) } else { Err(missing(self.report, self.proof)) };
        };
        Err(placed(error, bytes, byte_at))
    }
}

fn missing(report: &Report<'_>, proof: &[&str]) -> Error {
    let names: Vec<_> = proof.iter().map(|p| if p.is_empty() { "a list".to_owned() } else { format!("`{p}`") }).collect();
    Error::parse(format!("{} is missing: this is not a report of {}", names.join(" or "), report.format()))
}

/// An object or list on the way to something wanted.
struct Level<'a, 'w, 'r> {
    walk: &'a mut Walk<'w, 'r>,
    place: &'static str,
}

impl<'de> DeserializeSeed<'de> for Level<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        if self.place.is_empty()
            && let Some(want) = self.walk.wants.iter().copied().find(|w| matches!(w, Want::Each("")))
        {
            return Items { walk: self.walk, want }.visit_seq(seq);
        }
        let mut seq = seq;
        while seq.next_element_seed(Level { walk: &mut *self.walk, place: self.place })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            let walk = &mut *self.walk;
            match walk.child(self.place, &key) {
                None => drop(map.next_value::<IgnoredAny>()?),
                Some((_, Some(want @ (Want::Each(_) | Want::Entries(_))), _)) => map.next_value_seed(Items { walk, want })?,
                Some((place, Some(want @ Want::Whole(_)), _)) => {
                    walk.meet(want);
                    let budget = Budget::default();
                    let value = map.next_value_seed(Node(&budget))?;
                    walk.give(At { place, key: "", index: 0, end: false }, value, !budget.spent())?;
                }
                Some((place, exact, _)) => {
                    exact.into_iter().for_each(|want| walk.meet(want));
                    map.next_value_seed(Level { walk, place })?;
                }
            }
        }
        let ends = self.walk.wants.iter().any(|w| matches!(w, Want::End(place) if *place == self.place));
        if ends { self.walk.give(At { place: self.place, key: "", index: 0, end: true }, Value::Null, true) } else { Ok(()) }
    }

    // A document that is null is the empty list some tools write for none. Anything else holds nothing that is wanted.
    fn visit_unit<E>(self) -> Result<(), E> {
        let list = self.walk.wants.iter().copied().find(|w| matches!(w, Want::Each("")));
        list.filter(|_| self.place.is_empty()).into_iter().for_each(|want| self.walk.meet(want));
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

/// The items of a list, or the entries of an object.
struct Items<'a, 'w, 'r> {
    walk: &'a mut Walk<'w, 'r>,
    want: Want,
}

impl Items<'_, '_, '_> {
    fn wrong<E: de::Error>(self) -> E {
        let what = if matches!(self.want, Want::Entries(_)) { "an object" } else { "a list" };
        let place = self.want.place();
        let place = if place.is_empty() { "the document".to_owned() } else { format!("`{place}`") };
        E::custom(format!("{place} is not {what}"))
    }
}

impl<'de> DeserializeSeed<'de> for Items<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.walk.meet(self.want);
        let (place, mut index) = (self.want.place(), 0);
        let entries = matches!(self.want, Want::Entries(_));
        loop {
            let budget = Budget::default();
            let Some(value) = seq.next_element_seed(Node(&budget))? else { return Ok(()) };
            if entries {
                return Err(self.wrong());
            }
            self.walk.give(At { place, key: "", index, end: false }, value, !budget.spent())?;
            index += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.walk.meet(self.want);
        let place = self.want.place();
        let budget = Budget::default();
        if let Want::Each(_) = self.want {
            // Converters from XML write a list of one as its item.
            let value = Tree(&budget).visit_map(map)?;
            return self.walk.give(At { place, key: "", index: 0, end: false }, value, !budget.spent());
        }
        let mut index = 0;
        while let Some(key) = map.next_key::<String>()? {
            let budget = Budget::default();
            let value = map.next_value_seed(Node(&budget))?;
            self.walk.give(At { place, key: &key, index, end: false }, value, !budget.spent())?;
            index += 1;
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.walk.meet(self.want);
        Ok(())
    }
    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        Err(self.wrong())
    }
    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        Err(self.wrong())
    }
    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Err(self.wrong())
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Err(self.wrong())
    }
    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        Err(self.wrong())
    }
}

/// How many values an item may still have.
struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(MAX_NODES))
    }
}

impl Budget {
    fn spent(&self) -> bool {
        self.0.get() == 0
    }

    /// Takes one; false when there is none left.
    fn take(&self) -> bool {
        self.0.set(self.0.get().saturating_sub(1));
        !self.spent()
    }
}

/// A value as long as the budget lasts; what lies beyond is read over.
struct Node<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        if self.0.take() { d.deserialize_any(Tree(self.0)) } else { d.deserialize_ignored_any(IgnoredAny).map(|_| Value::Null) }
    }
}

struct Tree<'b>(&'b Budget);

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Node(self.0))? {
            if !self.0.spent() {
                items.push(item);
            }
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Node(self.0))?;
            if !self.0.spent() {
                fields.insert(key, value);
            }
        }
        Ok(Value::Object(fields))
    }
}

/// A reader that counts what is taken from it. The JSON reader takes byte by byte, so what is at hand must cost next to nothing.
struct Counting<'c, R> {
    inner: R,
    count: &'c Cell<u64>,
    /// Read ahead; without room in it nothing is.
    buffer: Box<[u8]>,
    /// Where the buffer goes on, and where it ends.
    at: usize,
    end: usize,
}

impl<'c, 'i> Counting<'c, Box<dyn std::io::BufRead + 'i>> {
    /// Reads ahead: nobody else reads on where this one stops.
    fn new(input: &'i mut Input<'_>, count: &'c Cell<u64>) -> Self {
        Self { buffer: vec![0; 1 << 16].into(), ..Self::exact(input, count) }
    }

    /// Takes no more than it is asked for.
    fn exact(input: &'i mut Input<'_>, count: &'c Cell<u64>) -> Self {
        Self { inner: input.reader(), count, buffer: Box::default(), at: 0, end: 0 }
    }
}

impl<R: std::io::Read> Counting<'_, R> {
    #[cold]
    fn refill(&mut self) -> std::io::Result<()> {
        self.at = 0;
        self.end = 0;
        self.end = self.inner.read(&mut self.buffer)?;
        Ok(())
    }
}

impl<R: std::io::Read> std::io::Read for Counting<'_, R> {
    #[inline]
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.buffer.is_empty() {
            let read = self.inner.read(out)?;
            self.count.set(self.count.get() + read as u64);
            return Ok(read);
        }
        if self.at == self.end {
            self.refill()?;
        }
        let ready = self.buffer.get(self.at..self.end).unwrap_or_default();
        let read = match (&mut *out, ready) {
            ([one], [first, ..]) => {
                *one = *first;
                1
            }
            _ => std::io::Read::read(&mut { ready }, out)?,
        };
        self.at += read;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}
