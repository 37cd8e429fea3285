//! XML documents, streamed: the elements that a format names are handed over whole, one at a time.
//!
//! No document type definition is read and no entity but XML's own five is known: a document that brings its own is refused.
//! (Burp writes the grammar of its elements into each report: that is skipped.)

use super::report::{Report, Stop};
use super::{Input, read_error};
use crate::{Error, Result};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

/// An element with what is in it. Names are local: without prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// Its own text, that of its children not included.
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// An attribute that is not blank.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, v)| v.as_str()).filter(|v| !v.trim().is_empty())
    }

    /// The first child of a name; a path names a child of a child: `service/cpe`.
    pub(super) fn child(&self, path: &str) -> Option<&Element> {
        path.split('/').try_fold(self, |element, name| element.children.iter().find(|c| c.name == name))
    }

    /// The children of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> + 'a {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// The text of a child, trimmed, unless blank.
    pub(super) fn text_of(&self, path: &str) -> Option<&str> {
        self.child(path).map(|c| c.text.trim()).filter(|t| !t.is_empty())
    }
}

impl From<Element> for Value {
    /// An element as the JSON that says the same: attributes and children as fields, repeated children as a list, an element
    /// with nothing but text as that text.
    fn from(element: Element) -> Self {
        let text = element.text.trim().to_owned();
        if element.attributes.is_empty() && element.children.is_empty() {
            return text.into();
        }
        let mut fields = Map::new();
        for (name, value) in element.attributes {
            fields.insert(name, value.into());
        }
        // Depth is bounded by the reader.
        for mut child in element.children {
            let name = std::mem::take(&mut child.name);
            let value = Self::from(child);
            match fields.get_mut(&name) {
                None => drop(fields.insert(name, value)),
                Some(Self::Array(list)) => list.push(value),
                Some(first) => {
                    let list = vec![first.take(), value];
                    *first = list.into();
                }
            }
        }
        if !text.is_empty() {
            fields.insert("text".to_owned(), text.into());
        }
        Self::Object(fields)
    }
}

/// Most elements and attributes inside one item.
const MAX_NODES: usize = 1_000_000;

/// Deeper documents are refused.
const MAX_DEPTH: usize = 128;

/// Called with the elements around an item (their own children and text left out), and the item.
pub(super) type Visit<'v> = dyn FnMut(&mut Report<'_>, &[Element], Element) -> Result<(), Stop> + 'v;

/// Reads a document: every element whose name is in `items`, outermost first, is handed over; an item inside an item is part
/// of it. `root` lists the names the outermost element may have. An element named in `heads` is handed over too, as soon as it
/// opens, without what is in it.
///
/// # Errors
/// `parse` with the byte for malformed XML, for another root and for a document with entities of its own.
pub(super) fn read(
    input: &mut Input<'_>,
    root: &[&str],
    heads: &[&str],
    items: &[&str],
    report: &mut Report<'_>,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let mut reader = quick_xml::Reader::from_reader(input.reader());
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk { root, heads, items, report, visit, around: Vec::new(), inside: Vec::new(), nodes: 0, seen: false };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let at = reader.buffer_position();
        let event = reader.read_event_into(&mut buffer).map_err(|error| match error {
            quick_xml::Error::Io(e) => read_error(&e),
            other => Error::parse(format!("malformed XML: {other}")).at_byte(at),
        })?;
        match event {
            Event::Start(start) => walk.open(&start).map_err(|e| e.at_byte(at))?,
            Event::End(_) => walk.close()?,
            Event::Text(text) => walk.text(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(text) => walk.text(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::GeneralRef(name) => {
                let known = match name.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    Ok(None) => quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned),
                    Err(_) => None,
                };
                let known = known.ok_or_else(|| Error::parse(format!("unknown entity `&{};`", clipped(&name))).at_byte(at))?;
                walk.text(&known);
            }
            Event::DocType(doctype) if doctype.contains("<!ENTITY") => {
                return Err(Error::parse("the document defines entities of its own, which are not read").at_byte(at));
            }
            Event::Eof if !walk.seen => return Err(Error::parse("there is no XML element").at_byte(0)),
            Event::Eof if !(walk.around.is_empty() && walk.inside.is_empty()) => {
                return Err(Error::parse("the report is cut short").at_byte(at));
            }
            Event::Eof => return Ok(()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) | Event::Empty(_) => {}
        }
    }
}

fn clipped(text: &str) -> String {
    text.chars().take(60).collect()
}

struct Walk<'w, 'r> {
    root: &'w [&'w str],
    heads: &'w [&'w str],
    items: &'w [&'w str],
    report: &'w mut Report<'r>,
    visit: &'w mut Visit<'w>,
    /// Open elements outside any item.
    around: Vec<Element>,
    /// Open elements from the item down.
    inside: Vec<Element>,
    nodes: usize,
    seen: bool,
}

impl Walk<'_, '_> {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<()> {
        let mut element = Element { name: start.local_name().into_inner().to_owned(), ..Element::default() };
        if !self.seen && !self.root.contains(&element.name.as_str()) {
            return Err(Error::parse(format!(
                "the outermost element is `{}`: this is not a report of {}",
                clipped(&element.name),
                self.report.format()
            )));
        }
        self.seen = true;
        if self.around.len() + self.inside.len() >= MAX_DEPTH {
            return Err(Error::parse(format!("elements are nested more than {MAX_DEPTH} deep")));
        }
        if self.inside.is_empty() {
            self.nodes = 0;
        }
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|e| Error::parse(format!("malformed XML attribute: {e}")))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|e| Error::parse(format!("malformed XML attribute: {e}")))?;
            self.nodes += 1;
            if self.nodes <= MAX_NODES {
                element.attributes.push((attribute.key.local_name().into_inner().to_owned(), value.into_owned()));
            }
        }
        self.nodes += 1;
        if !self.inside.is_empty() || self.items.contains(&element.name.as_str()) {
            self.inside.push(element);
            return Ok(());
        }
        if self.heads.contains(&element.name.as_str()) {
            let done = (self.visit)(self.report, &self.around, element.clone());
            self.after(done, &element.name)?;
        }
        self.around.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        let Some(element) = self.inside.pop() else {
            self.around.pop();
            return Ok(());
        };
        if let Some(parent) = self.inside.last_mut() {
            if self.nodes <= MAX_NODES {
                parent.children.push(element);
            }
            return Ok(());
        }
        self.report.next_item();
        let name = element.name.clone();
        let done = if self.nodes > MAX_NODES {
            Err(Stop::Item(format!("more than {MAX_NODES} values in one item")))
        } else {
            (self.visit)(self.report, &self.around, element)
        };
        self.after(done, &name)
    }

    fn after(&mut self, done: Result<(), Stop>, name: &str) -> Result<()> {
        match done {
            Ok(()) => Ok(()),
            Err(Stop::Item(why)) => self.report.quarantine(clipped(name), why),
            Err(Stop::Document(error)) => Err(error),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.inside.last_mut() {
            element.text.push_str(text);
        }
    }
}
