//! pnpm: `pnpm-lock.yaml`, versions 5 to 9. Names and versions; licences are not in it.
//!
//! The file is machine-written with a fixed indentation and its line numbers are wanted, so it is read by lines instead of
//! through a YAML parser.

use super::graph::{connect, mark_development};
use super::{Entry, Role, hashes, line_number};
use std::collections::HashMap;

/// A reference to a package: its name and what stands for its version.
type Wanted = (String, String);

/// A package that is needed by the entry of a name and a version.
#[derive(Default)]
struct Reader {
    /// Whether keys have the form of version 5: `/name/1.0.0`.
    slashes: bool,
    entries: Vec<Entry>,
    /// Who wants what, by the place of the entry.
    wants: Vec<(usize, Wanted)>,
    at: HashMap<Wanted, usize>,
    members: Vec<Member>,
}

/// A project of the lock file.
#[derive(Default)]
struct Member {
    folder: String,
    wants: Vec<(bool, Wanted)>,
}

/// Reads `packages:`, `snapshots:` and what the projects ask for.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut reader = Reader::default();
    let (mut section, mut group, mut name) = ("", "", "");
    let mut current: Option<usize> = None;
    let mut known = false;
    for (i, raw) in text.lines().enumerate() {
        let line = raw.trim_end();
        let rest = line.trim_start_matches(' ');
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        let depth = line.len() - rest.len();
        if depth == 0 {
            (section, group, current) = (line.trim_end_matches(':'), "", None);
            if let Some(version) = line.strip_prefix("lockfileVersion:") {
                known = true;
                reader.slashes = version.trim().trim_matches(['\'', '"']).starts_with(['3', '4', '5']);
            }
            continue;
        }
        match (section, depth) {
            ("packages", 2) => current = reader.package(rest, line_number(i)),
            ("snapshots", 2) => current = mapping(rest).0.and_then(|key| reader.place(key)),
            ("packages" | "snapshots", 4) => {
                group = rest.trim_end_matches(':');
                if let Some(entry) = current.and_then(|at| reader.entries.get_mut(at)) {
                    set_field(entry, rest);
                }
            }
            ("packages" | "snapshots", 6) => match group {
                "dependencies" | "optionalDependencies" => reader.wants(current, rest),
                "resolution" => {
                    if let Some(entry) = current.and_then(|at| reader.entries.get_mut(at)) {
                        set_resolution(entry, rest);
                    }
                }
                _ => {}
            },
            ("importers", 2) => {
                reader.members.push(Member { folder: unquoted(rest.trim_end_matches(':')).to_owned(), wants: Vec::new() });
            }
            ("importers", 4) => group = rest.trim_end_matches(':'),
            ("importers", 6) => name = reader.asked(group, rest).unwrap_or(name),
            ("importers", 8) => reader.version_of(group, name, rest),
            (_, 2) => name = reader.asked(section, rest).unwrap_or(name),
            (_, 4) => reader.version_of(section, name, rest),
            _ => {}
        }
    }
    if !known && reader.entries.is_empty() && !text.trim().is_empty() {
        return Err("not readable: no `lockfileVersion` and no packages".to_owned());
    }
    Ok(reader.finish())
}

impl Reader {
    fn package(&mut self, line: &str, number: Option<u32>) -> Option<usize> {
        let (name, version) = key(mapping(line).0?, self.slashes)?;
        self.at.entry((name.clone(), version.clone())).or_insert(self.entries.len());
        self.entries.push(Entry { name, version, line: number, ..Entry::default() });
        Some(self.entries.len() - 1)
    }

    fn place(&self, text: &str) -> Option<usize> {
        self.at.get(&key(text, self.slashes)?).copied()
    }

    fn wants(&mut self, current: Option<usize>, line: &str) {
        if let (Some(at), (Some(name), Some(version))) = (current, mapping(line)) {
            self.wants.extend(reference(name, version, self.slashes).map(|wanted| (at, wanted)));
        }
    }

    /// A line with the name of what a project asks for, and the version in the older form.
    fn asked<'a>(&mut self, group: &str, line: &'a str) -> Option<&'a str> {
        let (Some(name), version) = mapping(line) else { return None };
        if let Some(version) = version {
            self.ask(group, name, version);
        }
        Some(name)
    }

    fn version_of(&mut self, group: &str, name: &str, line: &str) {
        if let (Some("version"), Some(version)) = mapping(line) {
            self.ask(group, name, version);
        }
    }

    fn ask(&mut self, group: &str, name: &str, version: &str) {
        let dev = match group {
            "dependencies" | "optionalDependencies" => false,
            "devDependencies" => true,
            _ => return,
        };
        if self.members.is_empty() {
            self.members.push(Member::default());
        }
        if let (Some(member), Some(wanted)) = (self.members.last_mut(), reference(name, version, self.slashes)) {
            member.wants.push((dev, wanted));
        }
    }

    fn finish(self) -> Vec<Entry> {
        let Self { mut entries, wants, members, at, .. } = self;
        // A name of its own replaces that of the key, which may be an address.
        let mut needs = vec![Vec::new(); entries.len()];
        for (i, wanted) in wants {
            if let (Some(needs), Some(&target)) = (needs.get_mut(i), at.get(&wanted)) {
                needs.push(target);
            }
        }
        for entry in &mut entries {
            let (name, version) = (&entry.name, &entry.version);
            let store = format!("node_modules/.pnpm/{}@{version}/node_modules/{name}", name.replace('/', "+"));
            entry.installed = vec![format!("node_modules/{name}"), store];
        }
        let (mut production, mut development) = (Vec::new(), Vec::new());
        for member in members {
            let mut own = Vec::new();
            for (dev, wanted) in &member.wants {
                if let Some(&target) = at.get(wanted) {
                    if *dev {
                        development.push(target)
                    } else {
                        production.push(target)
                    }
                    own.push(target);
                }
            }
            let folder = member.folder.trim_start_matches(['.', '/']).to_owned();
            entries.push(Entry { role: Role::Member, installed: vec![folder], ..Entry::default() });
            needs.push(own);
        }
        let says = entries.iter().any(|entry| entry.dev.is_some());
        connect(&mut entries, needs);
        if !says {
            mark_development(&mut entries, &production, &development);
        }
        entries
    }
}

fn set_field(entry: &mut Entry, field: &str) {
    let (Some(key), Some(value)) = mapping(field) else { return };
    match key {
        "name" => entry.name = value.to_owned(),
        "version" => entry.version = value.to_owned(),
        "dev" => entry.dev = Some(value == "true"),
        "optional" => entry.optional = value == "true",
        "resolution" => {
            let members = value.trim_start_matches('{').trim_end_matches('}').split(',');
            members.for_each(|member| set_resolution(entry, member.trim()));
        }
        _ => {}
    }
}

fn set_resolution(entry: &mut Entry, member: &str) {
    if let (Some("integrity"), Some(value)) = mapping(member) {
        entry.hashes = hashes::integrity(value);
    }
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['\'', '"'])
}

/// `key:` or `key: value`, either of them in quotes. A key may hold a colon that no blank follows.
fn mapping(line: &str) -> (Option<&str>, Option<&str>) {
    let line = line.strip_prefix("? ").unwrap_or(line);
    if let Some((key, value)) = line.split_once(": ") {
        return (Some(unquoted(key)), Some(unquoted(value)).filter(|v| !v.is_empty()));
    }
    (line.strip_suffix(':').map(unquoted), None)
}

/// What a dependency refers to: `1.0.0(peer)`, `1.0.0_peer`, `/other/1.0.0`, `/other@1.0.0`, `other@1.0.0(peer)`.
fn reference(name: &str, version: &str, slashes: bool) -> Option<Wanted> {
    let version = unquoted(version);
    if version.starts_with("link:") || version.starts_with("workspace:") {
        return None;
    }
    let plain = version.split('(').next().unwrap_or_default();
    if version.starts_with('/') || !slashes && plain.get(1..).is_some_and(|rest| rest.contains('@')) && !plain.contains(':') {
        return key(version, slashes);
    }
    let plain = if slashes { plain.split('_').next().unwrap_or_default() } else { plain };
    Some((name.to_owned(), plain.to_owned()))
}

/// Name and version of `/name/1.0.0_peer`, `/name@1.0.0(peer)` or `name@1.0.0`.
fn key(text: &str, slashes: bool) -> Option<Wanted> {
    let text = unquoted(text).split('(').next()?;
    let bare = text.strip_prefix('/').unwrap_or(text);
    if slashes {
        // Peers stand behind the version, with their slashes as `+`; addresses have no version here.
        let scope = if bare.starts_with('@') { bare.find('/')? + 1 } else { 0 };
        let cut = scope + bare.get(scope..)?.find('/')?;
        let version = bare.get(cut + 1..)?.split(['_', '/']).next()?;
        return Some((bare.get(..cut).filter(|n| !n.is_empty())?.to_owned(), version.to_owned()));
    }
    let from = usize::from(bare.starts_with('@'));
    // The version may be an address with an `@` of its own.
    let at = bare.get(from..)?.find('@').map(|p| p + from);
    let old = || text.starts_with('/').then(|| bare.rfind('/')).flatten();
    let cut = at.or_else(old)?;
    let version = bare.get(cut + 1..)?;
    // Without a version of the format, the older form of a peer may be there.
    let version = if text.starts_with('/') { version.split('_').next()? } else { version };
    Some((bare.get(..cut).filter(|n| !n.is_empty())?.to_owned(), version.to_owned()))
}
