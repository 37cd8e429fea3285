//! One result as it stands in the file, held until its run ends: its rule may come after it.

use super::lenient::{Any, Kept, Keys, Lenient};
use super::related::{Flows, Related};
use super::wire::{Artifact, Fix, Location, Message, Reference, Suppression, WebRequest};
use serde::de::{IgnoredAny, MapAccess, SeqAccess};
use serde_json::{Map, Value};

/// A result.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// Its number in the run.
    pub(super) index: usize,
    /// Whether it was an object at all.
    pub(super) is_object: bool,
    pub(super) rule_id: Option<String>,
    pub(super) rule_index: Option<u32>,
    pub(super) rule: Option<Box<Reference>>,
    pub(super) kind: Option<String>,
    pub(super) level: Option<String>,
    pub(super) message: Message,
    pub(super) place: Option<Box<Location>>,
    pub(super) related: Related,
    pub(super) target: Option<Box<Artifact>>,
    pub(super) suppressions: Vec<Suppression>,
    pub(super) taxa: Vec<Reference>,
    pub(super) web: Option<Box<WebRequest>>,
    pub(super) fixes: Vec<Fix>,
    pub(super) properties: Map<String, Value>,
    /// What else it says.
    pub(super) rest: Map<String, Value>,
}

impl Item {
    /// Whether there is a rule, a message or a place: less is no result.
    pub(super) fn says_something(&self) -> bool {
        self.rule_id.is_some()
            || self.rule_index.is_some()
            || self.rule.is_some()
            || !self.message.is_empty()
            || self.place.as_ref().is_some_and(|place| place.is_somewhere())
    }

    /// Whether the tool says that this is no problem: what it checked and found in order, or had no reason to check.
    pub(super) fn is_no_problem(&self) -> bool {
        let is = |word: &Option<String>, what: &str| word.as_deref().is_some_and(|w| w.trim().eq_ignore_ascii_case(what));
        ["pass", "notApplicable"].iter().any(|what| is(&self.kind, what) || is(&self.level, what))
    }
}

/// The first place of a result, and the others.
#[derive(Debug, Default)]
struct Places {
    first: Option<Box<Location>>,
    more: Related,
}

impl Lenient for Places {
    fn list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut out = Self::default();
        while let Some(mut place) = seq.next_element_seed(Any::<Location>::new())? {
            place.settle();
            match &mut out.first {
                None => out.first = Some(Box::new(place)),
                Some(first) if !first.is_somewhere() && place.is_somewhere() => **first = place,
                Some(_) => out.more.push(place),
            }
        }
        Ok(out)
    }

    fn object<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let mut place = Location::object(map)?;
        place.settle();
        Ok(Self { first: Some(Box::new(place)), more: Related::default() })
    }
}

enum Key {
    RuleId,
    RuleIndex,
    Rule,
    Kind,
    Level,
    Message,
    Formatted,
    MessageId,
    Locations,
    Related,
    Flows,
    Target,
    Suppressions,
    Taxa,
    Web,
    Fixes,
    Properties,
    Skip,
    Other(String),
}

/// Most fields that are kept although nobody knows them.
const MAX_REST: usize = 50;

fn key_of(key: &str) -> Key {
    match key {
        "ruleId" => Key::RuleId,
        "ruleIndex" => Key::RuleIndex,
        "rule" => Key::Rule,
        "kind" => Key::Kind,
        "level" => Key::Level,
        "message" => Key::Message,
        "formattedRuleMessage" => Key::Formatted,
        "ruleMessageId" => Key::MessageId,
        "locations" => Key::Locations,
        "relatedLocations" => Key::Related,
        "codeFlows" => Key::Flows,
        "analysisTarget" => Key::Target,
        "suppressions" | "suppressionStates" => Key::Suppressions,
        "taxa" => Key::Taxa,
        "webRequest" => Key::Web,
        "fixes" => Key::Fixes,
        "properties" => Key::Properties,
        // Long, and nothing a finding could say: the last two may hold what must not be shown.
        "attachments" | "stacks" | "graphs" | "graphTraversals" | "webResponse" | "snippet" => Key::Skip,
        other => Key::Other(other.to_owned()),
    }
}

impl Lenient for Item {
    fn object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut out = Self { is_object: true, ..Self::default() };
        let mut formatted = Message::default();
        // Further places first, then related ones, then steps, whatever the order of the keys.
        let (mut further, mut related, mut steps) = (Related::default(), Related::default(), Related::default());
        while let Some(key) = map.next_key_seed(Keys(key_of))? {
            match key {
                Key::RuleId => out.rule_id = map.next_value_seed(Any::new())?,
                Key::RuleIndex => out.rule_index = map.next_value_seed(Any::new())?,
                Key::Rule => out.rule = map.next_value_seed(Any::new())?,
                Key::Kind => out.kind = map.next_value_seed(Any::new())?,
                Key::Level => out.level = map.next_value_seed(Any::new())?,
                Key::Message => out.message = map.next_value_seed(Any::new())?,
                Key::Formatted => formatted = map.next_value_seed(Any::new())?,
                Key::MessageId => formatted.id = map.next_value_seed(Any::new())?,
                Key::Locations => {
                    let places: Places = map.next_value_seed(Any::new())?;
                    out.place = places.first.or(out.place);
                    further.absorb(places.more);
                }
                Key::Related => related.absorb(map.next_value_seed(Any::<Related>::new())?),
                Key::Flows => steps.absorb(map.next_value_seed(Any::<Flows>::new())?.0),
                Key::Target => out.target = map.next_value_seed(Any::new())?,
                Key::Suppressions => out.suppressions = map.next_value_seed(Any::new())?,
                Key::Taxa => out.taxa = map.next_value_seed(Any::new())?,
                Key::Web => out.web = map.next_value_seed(Any::new())?,
                Key::Fixes => out.fixes = map.next_value_seed(Any::new())?,
                Key::Properties => out.properties = map.next_value_seed(Any::new())?,
                Key::Skip => drop(map.next_value::<IgnoredAny>()?),
                Key::Other(name) => {
                    if let Some(value) = map.next_value_seed(Kept)?.filter(|_| out.rest.len() < MAX_REST) {
                        out.rest.insert(name, value);
                    }
                }
            }
        }
        [further, related, steps].into_iter().for_each(|places| out.related.absorb(places));
        out.related.forget_seen();
        if out.message.is_empty() {
            out.message = formatted;
        } else if out.message.text.is_none() && out.message.id.is_none() {
            out.message.id = formatted.id;
        }
        Ok(out)
    }
}
