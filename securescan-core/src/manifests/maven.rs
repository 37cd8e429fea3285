//! Maven and Gradle: the dependencies a `pom.xml` declares, and Gradle's lock file.

use super::{Entry, line_number};
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use std::collections::HashMap;

/// Deeper documents are refused.
const MAX_DEPTH: usize = 128;
/// Properties that name properties are followed so often, and no text grows longer than this, in bytes.
const MAX_ROUNDS: usize = 8;
const MAX_TEXT: usize = 1000;

/// The texts of a `pom.xml` that count, by their path below `project`.
#[derive(Default)]
struct Pom {
    properties: HashMap<String, String>,
    dependencies: Vec<Dependency>,
    managed: Vec<Dependency>,
}

#[derive(Default)]
struct Dependency {
    fields: HashMap<String, String>,
    line: Option<u32>,
}

impl Dependency {
    fn get(&self, key: &str) -> &str {
        self.fields.get(key).map(String::as_str).unwrap_or_default()
    }
}

/// Reads the direct dependencies, with the file's own properties and managed versions. What a parent or an imported bill
/// says is not known here; such a dependency has no version.
pub(super) fn pom(text: &str) -> Result<Vec<Entry>, String> {
    let pom = read(text)?;
    let expand = |text: &str| expanded(text, &pom.properties);
    let name = |d: &Dependency| format!("{}:{}", expand(d.get("groupId")), expand(d.get("artifactId")));
    let managed: HashMap<String, &Dependency> = pom.managed.iter().map(|d| (name(d), d)).collect();
    let entry = |dependency: &Dependency| {
        let name = name(dependency);
        let from = |key: &str| {
            let own = Some(dependency.get(key)).filter(|v| !v.is_empty());
            expand(own.or_else(|| Some(managed.get(&name)?.get(key))).unwrap_or_default())
        };
        let (version, scope) = (from("version"), from("scope"));
        // A range, or a property that is said elsewhere.
        let exact = !version.contains(['$', '[', '(', ',', '{']);
        Entry {
            version: if exact { version.clone() } else { String::new() },
            declared: (!exact).then_some(version),
            line: dependency.line,
            direct: Some(true),
            dev: Some(scope == "test"),
            optional: scope == "provided" || from("optional") == "true",
            name,
            ..Entry::default()
        }
    };
    Ok(pom.dependencies.iter().map(entry).filter(|e| !e.name.starts_with(':') && !e.name.ends_with(':')).collect())
}

fn read(text: &str) -> Result<Pom, String> {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut pom = Pom::default();
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    let (mut line, mut counted) = (0usize, 0usize);
    let mut seen = false;
    loop {
        let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
        line += text.as_bytes().get(counted..position).map_or(0, |part| memchr::memchr_iter(b'\n', part).count());
        counted = position;
        let event = reader.read_event().map_err(|_| format!("not readable: malformed XML at line {}", line + 1))?;
        match event {
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_owned());
                value.clear();
                seen = seen || path == ["project"];
                match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                    ["project", "dependencies", "dependency"] => pom.dependencies.push(at(line)),
                    ["project", "dependencyManagement", "dependencies", "dependency"] => pom.managed.push(at(line)),
                    path if path.len() > MAX_DEPTH => return Err("not readable: nested too deeply".to_owned()),
                    _ => {}
                }
            }
            Event::End(_) => {
                pom.set(&path, value.trim());
                value.clear();
                path.pop();
            }
            Event::Text(text) if value.len() < MAX_TEXT => {
                value.push_str(&text.xml_content(XmlVersion::Implicit1_0));
            }
            Event::CData(text) if value.len() < MAX_TEXT => {
                value.push_str(&text.xml_content(XmlVersion::Implicit1_0));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !seen {
        return Err("not readable: no `project` in it".to_owned());
    }
    if !path.is_empty() {
        return Err("not readable: ends early".to_owned());
    }
    Ok(pom)
}

fn at(line: usize) -> Dependency {
    Dependency { line: line_number(line), ..Dependency::default() }
}

impl Pom {
    fn set(&mut self, path: &[String], value: &str) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut put = |key: String| drop(self.properties.insert(key, value.to_owned()));
        let dependency = match path.as_slice() {
            ["project", "properties", name] => return put((*name).to_owned()),
            ["project", name @ ("groupId" | "version" | "artifactId")] => {
                put(format!("project.{name}"));
                return put(format!("pom.{name}"));
            }
            ["project", "parent", name @ ("groupId" | "version")] => {
                self.properties.entry(format!("project.{name}")).or_insert_with(|| value.to_owned());
                self.properties.insert(format!("project.parent.{name}"), value.to_owned());
                return;
            }
            ["project", "dependencies", "dependency", _] => self.dependencies.last_mut(),
            ["project", "dependencyManagement", "dependencies", "dependency", _] => self.managed.last_mut(),
            _ => None,
        };
        if let (Some(dependency), Some(name)) = (dependency, path.last()) {
            dependency.fields.insert((*name).to_owned(), value.to_owned());
        }
    }
}

/// A text with the properties it names put in.
fn expanded(text: &str, properties: &HashMap<String, String>) -> String {
    let mut text = text.to_owned();
    for _ in 0..MAX_ROUNDS {
        let Some((before, rest)) = text.split_once("${") else { break };
        let Some((name, after)) = rest.split_once('}') else { break };
        let Some(value) = properties.get(name) else { break };
        let next = format!("{before}{value}{after}");
        if next.len() > MAX_TEXT {
            break;
        }
        text = next;
    }
    text
}

/// `gradle.lockfile`: `group:name:version=configuration,…`.
pub(super) fn gradle(text: &str) -> Result<Vec<Entry>, String> {
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let Some((module, configurations)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
        let Some((name, version)) = module.rsplit_once(':').filter(|(name, _)| name.contains(':')) else { continue };
        let all_test = configurations.split(',').all(|c| c.starts_with("test") || c.contains("Test"));
        out.push(Entry {
            name: name.trim().to_owned(),
            version: version.trim().to_owned(),
            line: line_number(i),
            dev: Some(all_test && !configurations.is_empty()),
            ..Entry::default()
        });
    }
    if out.is_empty() && text.lines().any(|l| !l.trim().is_empty() && !l.starts_with('#') && !l.starts_with("empty=")) {
        return Err("not readable: no line is a module and its configurations".to_owned());
    }
    Ok(out)
}
