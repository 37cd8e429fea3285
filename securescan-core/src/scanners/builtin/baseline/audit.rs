//! What is collected during one run: findings, what could not be read, and what was left out on purpose.

use super::checks::{accounts, cron, host, login_defs, modes, mounts, ssh, ssh_config, sudoers, sysctl};
use super::rule::Hit;
use super::tree::{Tree, Unread};
use crate::model::Finding;
use crate::scanners::{Cancel, Skipped};

/// At most so many world-writable paths are named below one folder.
const MAX_WRITABLE: usize = 200;
/// At most so many entries are looked at below one folder.
const MAX_ENTRIES: usize = 200_000;
/// Folders looked through for world-writable files, and how deep.
const WRITABLE_ROOTS: &[&str] = &["etc", "usr", "var"];
const WRITABLE_DEPTH: usize = 3;

/// Files whose presence makes a folder the root of a filesystem worth checking.
pub(super) const SIGNS: &[&str] = &[
    "etc/ssh/sshd_config",
    "etc/passwd",
    "etc/shadow",
    "etc/group",
    "etc/login.defs",
    "etc/sudoers",
    "etc/crontab",
    "etc/sysctl.conf",
    "etc/fstab",
    "etc/selinux/config",
];

/// One run.
pub(super) struct Audit<'a> {
    /// What is looked at.
    pub tree: Tree,
    /// Put before paths in findings: `/` when the host is looked at beside another target, else empty.
    pub prefix: &'static str,
    /// Whether the host is looked at.
    pub on_host: bool,
    /// Asked between areas.
    pub cancel: &'a Cancel,
    /// Found.
    pub findings: Vec<Finding>,
    /// There, and not readable.
    pub skipped: Vec<Skipped>,
    /// Not evaluated, and why: for the reason of the outcome.
    pub notes: Vec<String>,
}

impl Audit<'_> {
    /// Everything that files tell, on a host and in a copy alike.
    pub(super) fn files(&mut self) {
        let areas: &[fn(&mut Self)] =
            &[Self::ssh, Self::accounts, Self::simple, Self::sudoers, Self::cron, Self::modes, Self::world_writable];
        for area in areas {
            if self.cancel.should_stop() {
                return;
            }
            area(self);
        }
    }

    /// Adds a hit about a file, or about nothing in particular.
    pub(super) fn add(&mut self, path: Option<&str>, hit: Hit) {
        let scope = if self.on_host { "host" } else { "target" };
        let shown = path.map(|p| self.shown(p));
        self.findings.push(hit.finding(shown, scope));
    }

    /// A path as findings write it.
    pub(super) fn shown(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// The text of a file, if it is there; what cannot be read is noted.
    pub(super) fn read(&mut self, path: &str) -> Option<String> {
        match self.tree.read(path) {
            Ok(text) => Some(text),
            Err(Unread::Missing) => None,
            Err(Unread::Failed(why)) => {
                self.skip(path, why);
                None
            }
        }
    }

    /// Notes what could not be looked at.
    pub(super) fn skip(&mut self, path: &str, why: String) {
        self.skipped.push(Skipped { path: self.shown(path), why });
    }

    fn list(&mut self, path: &str) -> Vec<String> {
        match self.tree.list(path) {
            Ok(names) => names,
            Err(Unread::Missing) => Vec::new(),
            Err(Unread::Failed(why)) => {
                self.skip(path, why);
                Vec::new()
            }
        }
    }

    fn ssh(&mut self) {
        const MAIN: &str = "etc/ssh/sshd_config";
        let Some(text) = self.read(MAIN) else { return };
        let settings = ssh_config::settings(MAIN, &text, self);
        for (file, hit) in ssh::check(&settings) {
            self.add(Some(file.as_deref().unwrap_or(MAIN)), hit);
        }
    }

    fn accounts(&mut self) {
        self.file("etc/passwd", accounts::passwd);
        self.file("etc/shadow", accounts::shadow);
        self.file("etc/group", accounts::group);
    }

    /// Files that one function judges on its own.
    fn simple(&mut self) {
        self.file("etc/login.defs", login_defs::check);
        self.file("etc/selinux/config", host::selinux);
        if !self.on_host {
            // On a host the mounts and values in force count instead.
            self.file("etc/fstab", |text| mounts::check(text, false));
            let files = self.sysctl_files();
            for (path, hit) in sysctl::check_files(&files) {
                self.add(Some(&path), hit);
            }
        }
    }

    fn file(&mut self, path: &str, check: fn(&str) -> Vec<Hit>) {
        if let Some(text) = self.read(path) {
            for hit in check(&text) {
                self.add(Some(path), hit);
            }
        }
    }

    /// The files of `sysctl.d` by name, each name once with `/etc` first, then `sysctl.conf`.
    fn sysctl_files(&mut self) -> Vec<(String, String)> {
        let mut paths = std::collections::BTreeMap::new();
        for folder in ["etc/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d"] {
            for name in self.list(folder).into_iter().filter(|n| n.ends_with(".conf")) {
                paths.entry(name.clone()).or_insert_with(|| format!("{folder}/{name}"));
            }
        }
        let all = paths.into_values().chain(["etc/sysctl.conf".to_owned()]);
        all.collect::<Vec<_>>().into_iter().filter_map(|path| self.read(&path).map(|text| (path, text))).collect()
    }

    fn sudoers(&mut self) {
        let mut texts = Vec::new();
        let Some(main) = self.read("etc/sudoers") else { return };
        texts.push(("etc/sudoers".to_owned(), main));
        for name in self.list("etc/sudoers.d").into_iter().filter(|n| sudoers::is_read(n)) {
            let path = format!("etc/sudoers.d/{name}");
            texts.extend(self.read(&path).map(|text| (path, text)));
        }
        for (path, text) in &texts {
            for hit in sudoers::check(text) {
                self.add(Some(path), hit);
            }
        }
        let all: Vec<&str> = texts.iter().map(|(_, t)| t.as_str()).collect();
        for hit in sudoers::check_all(&all) {
            self.add(Some("etc/sudoers"), hit);
        }
    }

    fn cron(&mut self) {
        let mut tables = vec![("etc/crontab".to_owned(), true)];
        tables.extend(
            self.list("etc/cron.d").into_iter().filter(|n| !n.starts_with('.')).map(|n| (format!("etc/cron.d/{n}"), true)),
        );
        tables.push(("var/spool/cron/crontabs/root".to_owned(), false));
        tables.push(("var/spool/cron/root".to_owned(), false));
        for (table, with_user) in tables {
            let Some(text) = self.read(&table) else { continue };
            for (index, command) in cron::root_commands(&text, with_user) {
                if self.tree.stat(&command).is_ok_and(|s| s.is_file && s.mode & 0o002 != 0) {
                    self.add(Some(&table), cron::WRITABLE.at(index, format!("/{command}")));
                }
            }
        }
    }

    fn modes(&mut self) {
        let on_host = self.on_host;
        for limit in modes::LIMITS.iter().filter(|l| on_host || l.in_target) {
            match self.tree.stat(limit.path) {
                Ok(stat) => {
                    for hit in modes::check(limit, stat, &self.shown(limit.path), on_host) {
                        self.add(Some(limit.path), hit);
                    }
                }
                Err(Unread::Missing) => {}
                Err(Unread::Failed(why)) => self.skip(limit.path, why),
            }
        }
        for path in modes::TRUST_FILES.iter().filter(|p| self.tree.is_file(p)).copied().collect::<Vec<_>>() {
            self.add(Some(path), modes::trust(&self.shown(path)));
        }
        if on_host {
            self.host_keys();
            self.homes();
        }
    }

    fn host_keys(&mut self) {
        for name in self.list("etc/ssh") {
            let path = format!("etc/ssh/{name}");
            let hit = self.tree.stat(&path).ok().and_then(|stat| modes::host_key(&name, stat, &self.shown(&path)));
            if let Some(hit) = hit {
                self.add(Some(&path), hit);
            }
        }
    }

    fn homes(&mut self) {
        let homes = self.tree.read("etc/passwd").map(|text| accounts::homes(&text)).unwrap_or_default();
        for (_, home) in homes {
            for (name, max, severity) in modes::HOME_LIMITS {
                let path = format!("{home}/{name}");
                match self.tree.stat(&path) {
                    Ok(stat) => {
                        if let Some(hit) = modes::too_open(&self.shown(&path), stat, *max, *severity) {
                            self.add(Some(&path), hit);
                        }
                    }
                    Err(Unread::Missing) => {}
                    // Who cannot look into a home cannot look at any of these; one note is enough.
                    Err(Unread::Failed(why)) => {
                        self.skip(&home, why);
                        break;
                    }
                }
            }
            for name in modes::HOME_TRUST_FILES {
                let path = format!("{home}/{name}");
                if self.tree.is_file(&path) {
                    self.add(Some(&path), modes::trust(&self.shown(&path)));
                }
            }
        }
    }

    fn world_writable(&mut self) {
        for root in WRITABLE_ROOTS {
            // A link to another of these folders would be walked twice.
            if self.tree.stat_link(root).is_ok_and(|s| s.is_dir) {
                self.writable_below(root);
            }
        }
    }

    fn writable_below(&mut self, root: &str) {
        let mut pending = vec![(root.to_owned(), 0usize)];
        let (mut looked_at, mut found, mut unnamed) = (0usize, 0usize, 0usize);
        while let Some((folder, depth)) = pending.pop() {
            if self.cancel.should_stop() {
                return;
            }
            for name in self.list(&folder) {
                looked_at += 1;
                let path = format!("{folder}/{name}");
                let Ok(stat) = self.tree.stat_link(&path) else { continue };
                if stat.is_dir && depth + 1 < WRITABLE_DEPTH {
                    pending.push((path.clone(), depth + 1));
                }
                let Some(hit) = modes::world_writable(&self.shown(&path), stat) else { continue };
                found += 1;
                if found <= MAX_WRITABLE { self.add(Some(&path), hit) } else { unnamed += 1 }
            }
            if looked_at > MAX_ENTRIES {
                self.skip(root, format!("more than {MAX_ENTRIES} entries: the rest was not looked at"));
                break;
            }
        }
        if unnamed > 0 {
            self.notes.push(format!("{unnamed} more world-writable paths below {root}"));
        }
    }
}

impl ssh_config::Files for Audit<'_> {
    /// Relative patterns are below `/etc/ssh`, and only the last part may hold wildcards.
    fn list(&mut self, pattern: &str) -> Vec<String> {
        let path = pattern.strip_prefix('/').map_or_else(|| format!("etc/ssh/{pattern}"), str::to_owned);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let names = if name.contains(['*', '?']) { Audit::list(self, folder) } else { vec![name.to_owned()] };
        let hidden = |n: &str| n.starts_with('.') && !name.starts_with('.');
        let matching = names.into_iter().filter(|n| !hidden(n) && glob(name.as_bytes(), n.as_bytes()));
        matching.map(|n| format!("{folder}/{n}")).collect()
    }

    fn read(&mut self, path: &str) -> Option<String> {
        Audit::read(self, path)
    }
}

/// Whether a name matches a pattern of `*` and `?`. Linear in practice and at worst the product of the lengths.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == b'?' || Some(c) == name.get(n) => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((star_p, star_n)) = star else { return false };
                star = Some((star_p, star_n + 1));
                p = star_p + 1;
                n = star_n + 1;
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, name, matches) in [
            ("*.conf", "a.conf", true),
            ("*.conf", "a.conf~", false),
            ("a?c*", "abc", true),
            ("", "", true),
            ("*a*b", "xaxab", true),
            ("a", "b", false),
        ] {
            assert_eq!(glob(pattern.as_bytes(), name.as_bytes()), matches, "{pattern} {name}");
        }
    }
}
