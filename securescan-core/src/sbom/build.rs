//! From manifests to one bill: each is read, those that others cover are left out, and equal packages become one.

use super::include::{self, Included};
use super::select::{self, Candidate, above, folder, join, name};
use super::{Bill, Component, Scope, Unread, project, version};
use crate::manifests::graph::mark_development;
use crate::manifests::{self, Entry, Kind, MAX_PACKAGES, Role};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Larger manifests are not read, in bytes.
pub(super) const MAX_MANIFEST: usize = 64 << 20;
/// More manifests are not read.
const MAX_MANIFESTS: usize = 10_000;
/// More inclusions of lists are not followed.
const MAX_LISTS: usize = 50_000;
/// More packages are not listed.
const MAX_COMPONENTS: usize = 500_000;

/// Gives a file's bytes, or why there are none.
pub(super) type Reader<'r> = dyn FnMut(&str) -> Result<Vec<u8>, String> + 'r;
/// Gives the licence that an installed copy of a package states: of a kind of manifest, in a folder.
pub(super) type Licenses<'l> = dyn FnMut(&'static Kind, &str, &Entry) -> Option<String> + 'l;

/// A manifest that was read.
struct Listing {
    path: String,
    kind: &'static Kind,
    entries: Vec<Entry>,
}

/// What lies below a folder with a lock file and is part of it.
#[derive(Default)]
struct Covered {
    folders: BTreeSet<String>,
    names: BTreeSet<String>,
}

struct Builder<'b> {
    read: &'b mut Reader<'b>,
    paths: BTreeSet<String>,
    listings: BTreeMap<String, Listing>,
    covered: HashMap<String, Covered>,
    /// The workspaces of each `package.json` that was looked into, by its path.
    workspaces: HashMap<String, Vec<String>>,
    /// How many lists of requirements may still be followed.
    lists_left: usize,
    unread: BTreeSet<Unread>,
}

/// The bill of the manifests among paths.
pub(super) fn bill(paths: BTreeSet<String>, read: &mut Reader<'_>, licenses: Option<&mut Licenses<'_>>) -> Bill {
    let candidates = select::candidates(&paths);
    // A second reborrow, so that the closure may live shorter than what it reads from.
    let mut read = |path: &str| read(path);
    let mut builder = Builder {
        read: &mut read,
        paths,
        listings: BTreeMap::new(),
        covered: HashMap::new(),
        workspaces: HashMap::new(),
        lists_left: MAX_LISTS,
        unread: BTreeSet::new(),
    };
    for (i, candidate) in candidates.into_iter().enumerate() {
        if i >= MAX_MANIFESTS {
            builder.skip(&candidate.path, format!("there are more than {MAX_MANIFESTS} manifests"));
        } else if !builder.is_replaced(&candidate) && !builder.is_covered(&candidate) {
            builder.manifest(&candidate);
        }
    }
    let name = builder.name();
    let mut out = Bill { name, unread: builder.unread.into_iter().collect(), ..Bill::default() };
    let listings: Vec<Listing> = builder.listings.into_values().collect();
    let found = Merge::new(&listings, licenses).run(&mut out);
    if !found {
        out.unread.insert(0, Unread { path: String::new(), why: format!("there are more than {MAX_COMPONENTS} packages") });
    }
    out
}

impl Builder<'_> {
    fn skip(&mut self, path: &str, why: String) {
        self.unread.insert(Unread { path: path.to_owned(), why });
    }

    fn text(&mut self, path: &str) -> Result<String, String> {
        let bytes = (self.read)(path)?;
        if bytes.len() > MAX_MANIFEST {
            return Err(format!("larger than {MAX_MANIFEST} bytes"));
        }
        decoded(bytes)
    }

    /// Whether a file beside it was read that says the same more exactly.
    fn is_replaced(&self, candidate: &Candidate) -> bool {
        let folder = folder(&candidate.path);
        candidate.kind.yields_to.iter().any(|lock| self.listings.contains_key(&join(folder, lock)))
    }

    /// Whether it belongs to a part of a project whose lock file lies in a folder above.
    fn is_covered(&mut self, candidate: &Candidate) -> bool {
        let path = &candidate.path;
        let own = folder(path);
        let above: Vec<(String, String)> = above(own).map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
        let mut own_name: Option<Option<String>> = None;
        for (up, rest) in above {
            let locked = candidate.kind.yields_to.iter().any(|lock| self.listings.contains_key(&join(&up, lock)));
            if !locked {
                continue;
            }
            let covered = self.covered.get(&up);
            if covered.is_some_and(|covered| covered.folders.contains(&rest)) {
                return true;
            }
            if own_name.is_none() && covered.is_some_and(|covered| !covered.names.is_empty()) {
                own_name = Some(self.text(path).ok().and_then(|text| project::name(name(path), &text)));
            }
            let names = self.covered.get(&up).map(|covered| &covered.names);
            if own_name.iter().flatten().any(|own| names.is_some_and(|names| names.contains(own))) {
                return true;
            }
            if name(path) == "package.json" && self.workspaces(&join(&up, "package.json")).iter().any(|p| select::fits(p, &rest))
            {
                return true;
            }
        }
        false
    }

    fn workspaces(&mut self, manifest: &str) -> &[String] {
        if !self.workspaces.contains_key(manifest) {
            let text = if self.paths.contains(manifest) { self.text(manifest).ok() } else { None };
            let found = text.map(|text| project::workspaces(&text)).unwrap_or_default();
            self.workspaces.insert(manifest.to_owned(), found);
        }
        self.workspaces.get(manifest).map(Vec::as_slice).unwrap_or_default()
    }

    fn manifest(&mut self, candidate: &Candidate) {
        let Candidate { path, kind } = candidate;
        if self.listings.contains_key(path) {
            return;
        }
        let read = self.text(path).and_then(|text| Ok((parsed(kind, &text)?, text)));
        let (mut entries, text) = match read {
            Ok(read) => read,
            Err(why) => return self.skip(path, why),
        };
        if kind.ecosystem == "pypi" && path.ends_with(".txt") {
            self.requirements(path, kind, &text, &mut entries);
        }
        if let Some(manifest) = kind.manifest {
            self.ask(&join(folder(path), manifest), &mut entries);
        }
        let covered = self.covered.entry(folder(path).to_owned()).or_default();
        for entry in entries.iter().filter(|entry| entry.role != Role::Foreign) {
            covered.folders.extend(entry.installed.iter().map(|at| at.trim_matches('/').to_owned()).filter(|at| !at.is_empty()));
            covered.names.insert(entry.name.clone());
        }
        self.listings.insert(path.clone(), Listing { path: path.clone(), kind, entries });
    }

    /// The lists that a list of requirements includes are manifests, whatever they are called.
    fn requirements(&mut self, path: &str, kind: &'static Kind, text: &str, entries: &mut [Entry]) {
        let Included { lists, fixed, unread } = include::follow(path, text, &mut |path| {
            self.lists_left =
                self.lists_left.checked_sub(1).ok_or_else(|| format!("more than {MAX_LISTS} lists are included"))?;
            self.text(path)
        });
        self.unread.extend(unread);
        include::fix(entries, &fixed);
        for (at, text) in lists {
            if let Some(known) = self.listings.get_mut(&at) {
                include::fix(&mut known.entries, &fixed);
            } else if let Ok(mut entries) = parsed(kind, &text) {
                include::fix(&mut entries, &fixed);
                self.listings.insert(at.clone(), Listing { path: at, kind, entries });
            }
        }
    }

    /// What the manifest beside a lock file asks for, where the lock file does not say it.
    fn ask(&mut self, manifest: &str, entries: &mut [Entry]) {
        let told = entries.iter().any(|e| e.direct == Some(true) || e.role == Role::Member);
        if told || !self.paths.contains(manifest) {
            return;
        }
        let Some(kind) = manifests::kind(name(manifest)) else { return };
        let Ok(asked) = self.text(manifest).and_then(|text| parsed(kind, &text)) else { return };
        let normal = |name: &str| crate::identity::purl_name(kind.ecosystem, name);
        let asked: HashMap<String, bool> = asked.iter().map(|e| (normal(&e.name), e.dev == Some(true))).collect();
        let needed: BTreeSet<usize> = entries.iter().flat_map(|e| e.needs.iter().copied()).collect();
        let mut of: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, entry) in entries.iter().enumerate() {
            of.entry(normal(&entry.name)).or_default().push(i);
        }
        let (mut production, mut development) = (Vec::new(), Vec::new());
        for (name, dev) in asked {
            let all = of.remove(&name).unwrap_or_default();
            // Of several versions, those that no package asks for are there for the project.
            let free: Vec<usize> = all.iter().copied().filter(|i| !needed.contains(i)).collect();
            let chosen = if free.is_empty() { all } else { free };
            if dev { development.extend(chosen) } else { production.extend(chosen) }
        }
        for i in production.iter().chain(&development) {
            entries.get_mut(*i).into_iter().for_each(|entry| entry.direct = Some(true));
        }
        if entries.iter().all(|entry| entry.dev.is_none()) {
            mark_development(entries, &production, &development);
        }
    }

    fn name(&mut self) -> Option<String> {
        let files: Vec<&str> = project::NAMING.iter().copied().filter(|file| self.paths.contains(*file)).collect();
        files.into_iter().find_map(|file| project::name(file, &self.text(file).ok()?))
    }
}

fn parsed(kind: &Kind, text: &str) -> Result<Vec<Entry>, String> {
    let entries = (kind.parse)(text)?;
    if entries.len() > MAX_PACKAGES {
        return Err(format!("more than {MAX_PACKAGES} packages"));
    }
    Ok(entries)
}

/// UTF-8, or UTF-16 with its mark, as some shells write lists.
fn decoded(bytes: Vec<u8>) -> Result<String, String> {
    let wide = |of: fn([u8; 2]) -> u16| {
        let units = bytes.get(2..).unwrap_or_default().chunks_exact(2);
        let units = units.filter_map(|pair| Some(of(pair.try_into().ok()?)));
        char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| "not readable: not valid UTF-16".to_owned())
    };
    match bytes.get(..2) {
        Some([0xff, 0xfe]) => wide(u16::from_le_bytes),
        Some([0xfe, 0xff]) => wide(u16::from_be_bytes),
        _ => {
            let text = String::from_utf8(bytes)
                .map_err(|e| format!("not readable: not UTF-8 at byte {}", e.utf8_error().valid_up_to()))?;
            Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
        }
    }
}

/// Puts the listings together.
struct Merge<'m, 'l> {
    listings: &'m [Listing],
    licenses: Option<&'m mut Licenses<'l>>,
    /// Package URLs with a version, by folder and URL without one.
    pinned: HashMap<(&'m str, String), String>,
}

impl<'m, 'l> Merge<'m, 'l> {
    fn new(listings: &'m [Listing], licenses: Option<&'m mut Licenses<'l>>) -> Self {
        let mut pinned = HashMap::new();
        for listing in listings {
            for entry in listing.entries.iter().filter(|entry| entry.role != Role::Member) {
                if let (Some(bare), Some(version)) = (bare(listing.kind, entry), fixed(listing.kind, entry)) {
                    let full = purl(listing.kind.ecosystem, &entry.name, Some(version));
                    full.into_iter().for_each(|full| {
                        pinned.entry((folder(&listing.path), bare.clone())).or_insert(full);
                    });
                }
            }
        }
        Self { listings, licenses, pinned }
    }

    /// Fills the bill; whether all packages are in it.
    fn run(mut self, out: &mut Bill) -> bool {
        let listings = self.listings;
        for listing in listings {
            out.manifests.insert(listing.path.clone());
            let urls: Vec<Option<String>> = listing.entries.iter().map(|entry| self.url(listing, entry)).collect();
            let mut needed = vec![false; urls.len()];
            for (i, entry) in listing.entries.iter().enumerate() {
                for need in entry.needs.iter().filter(|need| **need != i) {
                    needed.get_mut(*need).into_iter().for_each(|needed| *needed = true);
                }
            }
            for ((entry, url), needed) in listing.entries.iter().zip(&urls).zip(needed) {
                let needs = entry.needs.iter().filter_map(|i| urls.get(*i)?.clone());
                if entry.role == Role::Member {
                    out.direct.extend(needs);
                    continue;
                }
                let Some(url) = url else { continue };
                if out.components.len() >= MAX_COMPONENTS && !out.components.contains_key(url) {
                    return false;
                }
                let is_direct = entry.role == Role::Local || entry.direct.unwrap_or(!needed);
                if is_direct {
                    out.direct.insert(url.clone());
                }
                let needs: BTreeSet<String> = needs.filter(|need| need != url).collect();
                self.add(out, listing, entry, url, needs);
            }
        }
        true
    }

    fn url(&self, listing: &Listing, entry: &Entry) -> Option<String> {
        if entry.role == Role::Member {
            return None;
        }
        match fixed(listing.kind, entry) {
            Some(version) => purl(listing.kind.ecosystem, &entry.name, Some(version)),
            // A declaration without a version gives way to the version of the same folder.
            None => {
                let bare = bare(listing.kind, entry)?;
                let key = (folder(&listing.path), bare);
                Some(self.pinned.get(&key).cloned().unwrap_or(key.1))
            }
        }
    }

    fn add(&mut self, out: &mut Bill, listing: &Listing, entry: &Entry, url: &str, needs: BTreeSet<String>) {
        let scope = match (entry.optional, entry.dev) {
            (true, _) => Scope::Optional,
            (false, Some(true)) => Scope::Excluded,
            _ => Scope::Required,
        };
        let kind = listing.kind;
        let component = out.components.entry(url.to_owned()).or_insert_with(|| Component {
            ecosystem: kind.ecosystem.to_owned(),
            name: entry.name.clone(),
            scope: Scope::Excluded,
            ..Component::default()
        });
        component.scope = component.scope.min(scope);
        if component.version.is_none() {
            component.version = fixed(kind, entry).map(str::to_owned);
        }
        if component.license.is_none() {
            component.license = entry.license.clone();
        }
        if let (None, Some(licenses)) = (&component.license, self.licenses.as_deref_mut()) {
            component.license = licenses(kind, folder(&listing.path), entry);
        }
        let asked = entry.declared.as_deref().or_else(|| Some(entry.version.as_str()).filter(|v| version::exact(v).is_none()));
        component.declared.extend(asked.filter(|asked| !asked.trim().is_empty()).map(version::shown));
        component.hashes.extend(entry.hashes.iter().cloned());
        component.manifests.insert(listing.path.clone());
        component.needs.extend(needs);
    }
}

/// The package URL. `+` is encoded, as the specification wants it; readers of addresses take it for a blank.
fn purl(ecosystem: &str, name: &str, version: Option<&str>) -> Option<String> {
    crate::ingest::purl(ecosystem, name, version).map(|url| url.replace('+', "%2B"))
}

fn bare(kind: &Kind, entry: &Entry) -> Option<String> {
    purl(kind.ecosystem, &entry.name, None)
}

fn fixed<'e>(kind: &Kind, entry: &'e Entry) -> Option<&'e str> {
    let declared = || entry.declared.as_deref().and_then(|range| version::declared(kind.ecosystem, range));
    version::exact(&entry.version).or_else(declared)
}
