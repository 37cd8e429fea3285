//! The places a result mentions beside its own: further locations, related ones, and the steps of code flows.

use super::lenient::{Any, Keys, Lenient};
use super::wire::{Artifact, Location};
use rustc_hash::{FxHashSet, FxHasher};
use serde::de::{IgnoredAny, MapAccess, SeqAccess};
use std::hash::{Hash, Hasher};

/// Most places that are kept of one result.
const MAX_PLACES: usize = 100;

/// A place beside a result's own.
#[derive(Debug)]
pub(super) struct Spot {
    pub(super) artifact: Artifact,
    pub(super) line: Option<u32>,
    pub(super) message: Option<String>,
}

/// Places in their order, each once.
#[derive(Debug, Default)]
pub(super) struct Related {
    pub(super) spots: Vec<Spot>,
    /// How many more there were.
    pub(super) more: usize,
    seen: FxHashSet<u64>,
}

impl Related {
    /// Adds a place, unless it is there already or says nothing.
    pub(super) fn push(&mut self, mut place: Location) {
        place.settle();
        if !place.is_somewhere() {
            return;
        }
        let line = place.physical.region.start_line.filter(|line| *line > 0);
        let message = place.message.text.or(place.message.markdown).map(|m| crate::ingest::report::clip(m, 500));
        self.add(Spot { artifact: place.physical.artifact, line, message });
    }

    fn add(&mut self, spot: Spot) {
        let mut hash = FxHasher::default();
        (&spot.artifact.uri, &spot.artifact.base, spot.artifact.index, spot.line, &spot.message).hash(&mut hash);
        if self.seen.contains(&hash.finish()) {
            return;
        }
        if self.spots.len() >= MAX_PLACES {
            self.more += 1;
            return;
        }
        self.seen.insert(hash.finish());
        self.spots.push(spot);
    }

    /// Adds all places of another.
    pub(super) fn absorb(&mut self, other: Self) {
        if self.spots.is_empty() {
            let more = self.more;
            *self = other;
            self.more += more;
            return;
        }
        other.spots.into_iter().for_each(|spot| self.add(spot));
        self.more += other.more;
    }

    /// Drops what only adding needs.
    pub(super) fn forget_seen(&mut self) {
        self.seen = FxHashSet::default();
    }
}

impl Lenient for Related {
    fn list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut out = Self::default();
        while let Some(place) = seq.next_element_seed(Any::<Location>::new())? {
            out.push(place);
        }
        Ok(out)
    }
}

/// Code flows at any depth: flows hold thread flows, thread flows hold steps, a step holds a location (in 1.0.0 it is one).
/// Depth is bounded by the JSON reader's own limit.
#[derive(Debug, Default)]
pub(super) struct Flows(pub(super) Related);

enum Key {
    Deeper,
    Location,
    Physical,
    Message,
    Other,
}

impl Lenient for Flows {
    fn list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut out = Related::default();
        while let Some(flow) = seq.next_element_seed(Any::<Self>::new())? {
            out.absorb(flow.0);
        }
        Ok(Self(out))
    }

    fn object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let (mut out, mut own) = (Related::default(), Location::default());
        let key_of = |key: &str| match key {
            "threadFlows" | "locations" => Key::Deeper,
            "location" => Key::Location,
            "physicalLocation" => Key::Physical,
            "message" => Key::Message,
            _ => Key::Other,
        };
        while let Some(key) = map.next_key_seed(Keys(key_of))? {
            match key {
                Key::Deeper => out.absorb(map.next_value_seed(Any::<Self>::new())?.0),
                Key::Location => out.push(map.next_value_seed(Any::<Location>::new())?),
                Key::Physical => own.physical = map.next_value_seed(Any::new())?,
                Key::Message => own.message = map.next_value_seed(Any::new())?,
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        out.push(own);
        Ok(Self(out))
    }
}
