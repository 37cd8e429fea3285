//! The objects of SARIF as far as they are read, by their names in 1.0.0, 2.0.0 (csd) and 2.1.0 alike.

use super::lenient::{Any, Keys, Lenient, shape, skip_list, skip_object};
use serde::de::{MapAccess, SeqAccess};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

shape! {
    /// A message or multi-format text.
    Message(text) {
        text: Option<String> = "text",
        markdown: Option<String> = "markdown" | "richText",
        id: Option<String> = "id" | "messageId" | "formatId",
        arguments: Vec<Option<String>> = "arguments",
    }
}

impl Message {
    /// Whether it says anything.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_none() && self.markdown.is_none() && self.id.is_none()
    }
}

shape! {
    /// Where a file is: a URI, what it is relative to, or the file's number in the run.
    Artifact(uri) {
        uri: Option<String> = "uri",
        base: Option<String> = "uriBaseId",
        index: Option<u32> = "index" | "fileIndex",
    }
}

shape! {
    Region {
        start_line: Option<u32> = "startLine",
        start_column: Option<u32> = "startColumn",
        end_line: Option<u32> = "endLine",
        end_column: Option<u32> = "endColumn",
        snippet: Message = "snippet",
    }
}

shape! {
    Physical {
        artifact: Artifact = "artifactLocation" | "fileLocation",
        uri: Option<String> = "uri",
        base: Option<String> = "uriBaseId",
        region: Region = "region",
        context: Option<Box<Region>> = "contextRegion",
    }
}

shape! {
    Logical(name) {
        name: Option<String> = "name",
        full: Option<String> = "fullyQualifiedName" | "fullyQualifiedLogicalName",
        kind: Option<String> = "kind",
    }
}

shape! {
    Location {
        physical: Physical = "physicalLocation" | "resultFile",
        target: Option<Box<Physical>> = "analysisTarget",
        logical: Vec<Logical> = "logicalLocations" | "logicalLocation",
        full: Option<String> = "fullyQualifiedLogicalName",
        message: Message = "message",
        properties: Map<String, Value> = "properties",
    }
}

impl Location {
    /// The versions agree on one form: file and region where they are in 2.1.0.
    pub(super) fn settle(&mut self) {
        if !self.physical.is_somewhere()
            && let Some(target) = self.target.take()
        {
            self.physical = *target;
        }
        self.physical.settle();
    }

    /// Whether it names a file, or an address that stands for one.
    pub(super) fn is_somewhere(&self) -> bool {
        self.physical.is_somewhere()
    }
}

impl Physical {
    fn is_somewhere(&self) -> bool {
        self.uri.is_some() || self.artifact.uri.is_some() || self.artifact.index.is_some()
    }

    /// 1.0.0 has the URI in place of an object around it.
    pub(super) fn settle(&mut self) {
        if let Some(uri) = self.uri.take().filter(|_| self.artifact.uri.is_none()) {
            self.artifact = Artifact { uri: Some(uri), base: self.base.take(), index: None };
        }
    }
}

shape! {
    ComponentRef(name) {
        name: Option<String> = "name",
        index: Option<u32> = "index",
        guid: Option<String> = "guid",
    }
}

shape! {
    /// A reference to a rule or a taxon.
    Reference(id) {
        id: Option<String> = "id" | "ruleId",
        index: Option<u32> = "index",
        guid: Option<String> = "guid",
        component: ComponentRef = "toolComponent",
    }
}

shape! {
    Suppression(kind) {
        kind: Option<String> = "kind",
        status: Option<String> = "status" | "state",
        justification: Option<String> = "justification",
    }
}

shape! { Fix { description: Message = "description" } }
shape! { WebRequest { method: Option<String> = "method", target: Option<String> = "target" } }
shape! { Relationship { target: Reference = "target" } }

shape! {
    Configuration {
        level: Option<String> = "level" | "defaultLevel",
    }
}

shape! {
    Rule {
        id: Option<String> = "id",
        guid: Option<String> = "guid",
        name: Message = "name",
        short: Message = "shortDescription",
        full: Message = "fullDescription",
        help: Message = "help",
        help_uri: Option<String> = "helpUri",
        configuration: Configuration = "defaultConfiguration" | "configuration",
        default_level: Option<String> = "defaultLevel",
        strings: BTreeMap<String, Message> = "messageStrings" | "messageFormats" | "messageTemplates",
        relationships: Vec<Relationship> = "relationships",
        deprecated: Vec<Option<String>> = "deprecatedIds",
        properties: Map<String, Value> = "properties",
    }
}

/// The rules of a component, in their order, with the key each has where they are an object (1.0.0, 2.0.0).
#[derive(Debug, Default)]
pub(super) struct Rules(pub(super) Vec<(Option<String>, Rule)>);

/// Most rules that are read; more are not needed by anybody, and each is held until its run ends.
const MAX_RULES: usize = 200_000;

impl Lenient for Rules {
    fn list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut rules = Vec::new();
        while rules.len() < MAX_RULES {
            let Some(rule) = seq.next_element_seed(Any::<Rule>::new())? else { return Ok(Self(rules)) };
            rules.push((None, rule));
        }
        skip_list(seq)?;
        Ok(Self(rules))
    }

    fn object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut rules = Vec::new();
        while rules.len() < MAX_RULES {
            let Some(key) = map.next_key_seed(Keys(str::to_owned))? else { return Ok(Self(rules)) };
            let mut rule = map.next_value_seed(Any::<Rule>::new())?;
            rule.id = rule.id.or_else(|| Some(key.clone()));
            rules.push((Some(key), rule));
        }
        skip_object(map)?;
        Ok(Self(rules))
    }
}

/// The ids of a taxonomy, in their order.
#[derive(Debug, Default)]
pub(super) struct Taxa(pub(super) Vec<Option<String>>);

impl Lenient for Taxa {
    fn list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut ids = Vec::new();
        while ids.len() < 10_000 {
            let Some(taxon) = seq.next_element_seed(Any::<Reference>::new())? else { return Ok(Self(ids)) };
            ids.push(taxon.id);
        }
        skip_list(seq)?;
        Ok(Self(ids))
    }
}

shape! {
    /// The driver, an extension, or a taxonomy.
    Component(name) {
        name: Option<String> = "name",
        guid: Option<String> = "guid",
        version: Option<String> = "version",
        semantic: Option<String> = "semanticVersion",
        rules: Rules = "rules" | "rulesMetadata" | "ruleDescriptors",
        taxa: Taxa = "taxa",
        strings: BTreeMap<String, Message> = "globalMessageStrings",
    }
}

/// Extensions or taxonomies, with a limit on all their rules together.
#[derive(Debug, Default)]
pub(super) struct Components(pub(super) Vec<Component>);

impl Lenient for Components {
    fn list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let (mut all, mut rules): (Vec<Component>, usize) = (Vec::new(), 0);
        while all.len() < 2000 {
            let Some(mut component) = seq.next_element_seed(Any::<Component>::new())? else { return Ok(Self(all)) };
            rules += component.rules.0.len() + component.taxa.0.len();
            if rules > 2 * MAX_RULES {
                component.rules.0.clear();
                component.taxa.0.clear();
            }
            all.push(component);
        }
        skip_list(seq)?;
        Ok(Self(all))
    }
}

shape! {
    /// The tool: its driver and extensions; in 1.0.0 and 2.0.0 its name alone.
    Tool(name) {
        driver: Option<Box<Component>> = "driver",
        extensions: Components = "extensions",
        name: Option<String> = "name",
        version: Option<String> = "version",
        semantic: Option<String> = "semanticVersion",
    }
}

shape! { Resources { rules: Rules = "rules" } }
shape! { BaseId(uri) { uri: Option<String> = "uri", base: Option<String> = "uriBaseId" } }
shape! { ArtifactEntry { location: Artifact = "location" | "fileLocation" } }

/// The files of a run, in their order.
#[derive(Debug, Default)]
pub(super) struct Artifacts(pub(super) Vec<Artifact>);

impl Lenient for Artifacts {
    fn list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut all = Vec::new();
        while all.len() < 2_000_000 {
            let Some(entry) = seq.next_element_seed(Any::<ArtifactEntry>::new())? else { return Ok(Self(all)) };
            all.push(entry.location);
        }
        skip_list(seq)?;
        Ok(Self(all))
    }
}

shape! { Exception { message: Message = "message" } }

shape! {
    Notice {
        level: Option<String> = "level",
        message: Message = "message",
        descriptor: Reference = "descriptor",
        locations: Vec<Location> = "locations",
        exception: Exception = "exception",
    }
}

/// What a tool said about its own run: its errors, a bounded number of them.
#[derive(Debug, Default)]
pub(super) struct Notices {
    pub(super) errors: Vec<Notice>,
    /// How many more errors there were.
    pub(super) more: usize,
}

impl Lenient for Notices {
    fn list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut out = Self::default();
        while let Some(notice) = seq.next_element_seed(Any::<Notice>::new())? {
            if notice.level.as_deref().is_none_or(|level| !level.eq_ignore_ascii_case("error")) {
                continue;
            }
            if out.errors.len() < 1000 { out.errors.push(notice) } else { out.more += 1 }
        }
        Ok(out)
    }
}

shape! {
    Override {
        descriptor: Reference = "descriptor",
        configuration: Configuration = "configuration",
    }
}

shape! {
    Invocation {
        successful: Option<bool> = "executionSuccessful",
        failure: Option<String> = "processStartFailureMessage",
        execution: Notices = "toolExecutionNotifications" | "toolNotifications",
        configuration: Notices = "toolConfigurationNotifications" | "configurationNotifications",
        overrides: Vec<Override> = "ruleConfigurationOverrides",
    }
}

/// How many entries a list has, and no more.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Count(pub(super) usize);

impl Lenient for Count {
    fn list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut count = 0;
        while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Self(count))
    }
    fn object<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        skip_object(map)?;
        Ok(Self(1))
    }
}

shape! { External { results: Count = "results" } }
