//! Which URLs and addresses a webhook may lead to. A name is resolved afresh for each try, each address it leads to is judged,
//! and only what was judged is connected to, so that no second answer of a name server leads elsewhere.
//!
//! # Source
//! Which addresses are public: [`AddressPolicy`] of the engine.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use securescan_core::scanners::http::{AddressPolicy, Url};
use securescan_core::{Error, Result};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

/// More addresses of one name are not looked at.
const MAX_ADDRESSES: usize = 16;

/// Hosts and networks that may be asked although they are not public.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Allow {
    hosts: Vec<String>,
    networks: Vec<(IpAddr, u32)>,
}

impl Allow {
    /// From a comma list of host names, addresses and networks (`10.0.0.0/8`, `fd00::/8`).
    ///
    /// # Errors
    /// A part that is none of these.
    pub(crate) fn parse(list: &str) -> Result<Self> {
        let mut out = Self::default();
        for part in list.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let bare = part.trim_start_matches('[').trim_end_matches(']');
            match part.split_once('/') {
                Some((address, bits)) => out.networks.push(network(address, bits).ok_or_else(|| wrong(part))?),
                None => match bare.parse::<IpAddr>() {
                    Ok(address) => out.networks.push((address.to_canonical(), 128)),
                    Err(_) if is_host(part) => out.hosts.push(part.trim_end_matches('.').to_ascii_lowercase()),
                    Err(_) => return Err(wrong(part)),
                },
            }
        }
        Ok(out)
    }

    fn has(&self, host: &str, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.hosts.iter().any(|allowed| allowed == host)
            || self.networks.iter().any(|(network, bits)| within(address, *network, *bits))
    }
}

fn wrong(part: &str) -> Error {
    let shown: String = part.chars().take(60).collect();
    Error::invalid(format!("SECURESCAN_WEBHOOK_ALLOW: `{shown}` is no host, address or network"))
        .hint("write a comma list such as `hooks.internal,10.1.0.0/16`")
}

fn is_host(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

fn network(address: &str, bits: &str) -> Option<(IpAddr, u32)> {
    let address: IpAddr = address.trim().parse().ok()?;
    let bits: u32 = bits.trim().parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    // A network of mapped addresses is one of IPv4.
    match address.to_canonical() {
        v4 @ IpAddr::V4(_) if address.is_ipv6() => Some((v4, bits.checked_sub(96).filter(|bits| *bits <= 32)?)),
        same => (bits <= most).then_some((same, bits)),
    }
}

fn within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let same = |a: u128, b: u128, width: u32| {
        let ignored = width.saturating_sub(bits);
        a.checked_shr(ignored).unwrap_or(0) == b.checked_shr(ignored).unwrap_or(0)
    };
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(u32::from(a).into(), u32::from(b).into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.into(), b.into(), 128),
        _ => false,
    }
}

/// A webhook's URL as it is asked.
#[derive(Clone)]
pub(crate) struct Target {
    pub(super) url: Url,
    /// `Authorization`, when the URL holds a name and password.
    pub(super) authorization: Option<String>,
}

impl Target {
    /// Reads a webhook's URL.
    ///
    /// # Errors
    /// What is wrong with it, in one line without the URL.
    pub(crate) fn parse(text: &str) -> std::result::Result<Self, String> {
        let (bare, user) = without_user(text);
        let url = Url::parse(&bare).map_err(|e| e.to_string())?;
        let authorization = user.map(|user| {
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            format!("Basic {}", STANDARD.encode([&decoded(name), &b":"[..], &decoded(password)].concat()))
        });
        Ok(Self { url, authorization })
    }

    /// Whether it is asked over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.url.is_https()
    }
}

/// A URL without the user's name and password, and these.
fn without_user(text: &str) -> (String, Option<&str>) {
    let Some((scheme, rest)) = text.split_once("://") else { return (text.to_owned(), None) };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let parts = rest.split_at_checked(end).and_then(|(authority, tail)| Some((authority.rsplit_once('@')?, tail)));
    match parts {
        Some(((user, host), tail)) => (format!("{scheme}://{host}{tail}"), Some(user)),
        None => (text.to_owned(), None),
    }
}

fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|d| std::str::from_utf8(d).ok()).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|d| u8::from_str_radix(d, 16).ok()).filter(|_| *byte == b'%') {
            Some(one) => {
                out.push(one);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    out
}

/// What a name server says.
pub(super) type Answers = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
/// Asks one.
pub(super) type Resolver = Arc<dyn Fn(String) -> Answers + Send + Sync>;

/// Decides which addresses are connected to.
#[derive(Clone)]
pub(super) struct Guard {
    allow: Allow,
    https_only: bool,
    resolver: Resolver,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("allow", &self.allow).finish_non_exhaustive()
    }
}

impl Guard {
    /// With the names of this machine.
    pub(super) fn new(allow: Allow, https_only: bool) -> Self {
        let resolver: Resolver = Arc::new(|host: String| {
            Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect()) })
        });
        Self::with_resolver(allow, https_only, resolver)
    }

    pub(super) fn with_resolver(allow: Allow, https_only: bool, resolver: Resolver) -> Self {
        Self { allow, https_only, resolver }
    }

    /// The addresses of a URL that may be connected to, at least one.
    ///
    /// # Errors
    /// Why there is none, in one line.
    pub(super) async fn addresses(&self, url: &Url) -> std::result::Result<Vec<SocketAddr>, String> {
        if self.https_only && !url.is_https() {
            return Err("refused: only https is allowed".into());
        }
        let host = url.bare_host();
        let found = match host.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => (self.resolver)(host.to_owned()).await.map_err(|_| "the host name leads to no address".to_owned())?,
        };
        let (mut allowed, mut refused) = (Vec::new(), None);
        for address in found.into_iter().take(MAX_ADDRESSES) {
            match AddressPolicy::Public.refuses(address) {
                Some(what) if !self.allow.has(host, address) => refused = Some(what),
                _ => allowed.push(SocketAddr::new(address, url.port())),
            }
        }
        match refused {
            _ if !allowed.is_empty() => Ok(allowed),
            Some(what) => Err(format!("refused: the host leads to {what}; SECURESCAN_WEBHOOK_ALLOW can allow it")),
            None => Err("the host name leads to no address".into()),
        }
    }
}

#[cfg(test)]
mod tests;
