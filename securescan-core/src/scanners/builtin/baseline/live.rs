//! What only a running host tells: kernel values, mounts, sockets, firewall, environment. Read from files; nothing is run.

use super::audit::Audit;
use super::checks::{host, mounts, network, sysctl};
use super::tree::Unread;
use crate::scanners::Skipped;
use std::collections::BTreeSet;

/// Units whose link in a `wants` folder means that a firewall starts with the system.
const FIREWALL_UNITS: &[&str] = &["nftables.service", "firewalld.service", "iptables.service", "netfilter-persistent.service"];
/// Where such links are.
const WANTS: &[&str] = &["etc/systemd/system/sysinit.target.wants", "etc/systemd/system/multi-user.target.wants"];
/// Saved rules.
const RULE_FILES: &[&str] = &["etc/iptables/rules.v4", "etc/sysconfig/iptables", "etc/nftables.conf"];

impl Audit<'_> {
    /// The live checks.
    pub(super) fn live(&mut self) {
        self.kernel();
        if let Some(text) = self.read("proc/mounts") {
            for hit in mounts::check(&text, true) {
                self.add(None, hit);
            }
        }
        self.sockets();
        self.firewall();
        self.updates();
        let names = std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value.len()));
        for hit in host::environment(names) {
            self.add(None, hit);
        }
    }

    fn kernel(&mut self) {
        for setting in sysctl::SETTINGS {
            let path = format!("proc/sys/{}", setting.key.replace('.', "/"));
            if let Some(hit) = self.read(&path).and_then(|value| sysctl::check(setting, &value, None)) {
                self.add(Some(&path), hit);
            }
        }
    }

    fn sockets(&mut self) {
        let mut all = BTreeSet::new();
        for (file, protocol) in [("tcp", "tcp"), ("tcp6", "tcp"), ("udp", "udp"), ("udp6", "udp")] {
            if let Some(text) = self.read(&format!("proc/net/{file}")) {
                all.extend(network::listeners(&text, protocol));
            }
        }
        for hit in network::check(&all) {
            self.add(None, hit);
        }
    }

    /// A firewall that is set up to start counts as active. Without one, only root can tell that no rules are loaded.
    fn firewall(&mut self) {
        let ufw = self.tree.read("etc/ufw/ufw.conf").is_ok_and(|text| network::ufw_enabled(&text));
        let unit = WANTS.iter().any(|w| FIREWALL_UNITS.iter().any(|u| self.tree.stat_link(&format!("{w}/{u}")).is_ok()));
        let saved = RULE_FILES.iter().any(|path| self.tree.read(path).is_ok_and(|text| network::has_rules(&text)));
        if ufw || unit || saved {
            return;
        }
        let loaded = match self.tree.read("proc/net/ip_tables_names") {
            Ok(names) => !names.trim().is_empty(),
            Err(Unread::Missing) => false,
            Err(Unread::Failed(_)) => {
                return self.skip("firewall", "not evaluated: loaded rules can be seen by root only".to_owned());
            }
        };
        let modules = self.tree.read("proc/modules").unwrap_or_default();
        // Name, size, users: somebody uses nf_tables.
        let nft =
            modules.lines().any(|l| l.starts_with("nf_tables ") && l.split_whitespace().nth(2).is_some_and(|users| users != "0"));
        if loaded || nft {
            self.notes.push("firewall rules are loaded, but what they say was not evaluated".to_owned());
        } else if is_root() {
            self.add(None, network::NO_FIREWALL.hit("firewall").unsure());
        } else {
            self.firewall_unseen();
        }
    }

    fn firewall_unseen(&mut self) {
        let why = "not evaluated: loaded rules can be seen by root only".to_owned();
        self.skipped.push(Skipped { path: "firewall".to_owned(), why });
    }

    fn updates(&mut self) {
        match self.tree.read("var/lib/update-notifier/updates-available") {
            Ok(text) => {
                for hit in host::updates(&text) {
                    self.add(None, hit);
                }
            }
            Err(_) => self.notes.push("pending updates were not evaluated: that takes a run of the package manager".to_owned()),
        }
        if self.tree.is_file("var/run/reboot-required") {
            self.add(None, host::reboot_required());
        }
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
