//! Connections: names to addresses, addresses past the policy, bytes in steps short enough to notice that the scan was stopped.

use super::tls::{Peer, Tls};
use super::{AddressPolicy, HttpError, Kind};
use crate::scanners::Cancel;
use rustls::{ClientConnection, StreamOwned};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport};

/// How long a step may wait before the scan's own end is looked at.
const STEP: Duration = Duration::from_millis(200);

/// What connections need to know; shared by a client and its agent.
#[derive(Debug)]
pub(super) struct Reach {
    pub policy: AddressPolicy,
    pub cancel: Cancel,
    pub tls: Tls,
    /// What servers showed, by `host:port`.
    pub seen: Mutex<BTreeMap<String, Peer>>,
}

impl Reach {
    /// Connects to the first address that answers. The policy is asked for each address that is connected to.
    pub(super) fn dial(&self, addresses: &[SocketAddr], until: Instant) -> Result<Paced, HttpError> {
        let mut last = HttpError::new(Kind::NotFound, "the host name leads to no address");
        for (tried, address) in addresses.iter().enumerate() {
            if let Some(what) = self.policy.refuses(address.ip()) {
                last = forbidden(what);
                continue;
            }
            if self.cancel.should_stop() {
                return Err(HttpError::cancelled());
            }
            let left = until.saturating_duration_since(Instant::now());
            let others = u32::try_from(addresses.len().saturating_sub(tried)).unwrap_or(u32::MAX).max(1);
            if left.is_zero() {
                return Err(HttpError::new(Kind::Timeout, "no answer in time"));
            }
            match TcpStream::connect_timeout(address, (left / others).max(Duration::from_millis(1))) {
                Ok(stream) => {
                    let _ = stream.set_nodelay(true);
                    return Ok(Paced { stream, cancel: self.cancel.clone(), until });
                }
                Err(error) => last = HttpError::from_io(&error),
            }
        }
        Err(last)
    }

    /// Secures a connection and keeps what the server showed.
    fn secure(&self, host: &str, port: u16, mut wire: Paced) -> Result<StreamOwned<ClientConnection, Paced>, HttpError> {
        let mut connection = self.tls.connection(host)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut wire).map_err(|error| match HttpError::from_io(&error) {
                e if matches!(e.kind(), Kind::Timeout | Kind::Cancelled | Kind::Tls) => e,
                e => HttpError::new(Kind::Tls, format!("TLS: {e}")),
            })?;
        }
        if let Some(peer) = self.tls.judge(&connection, host) {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{host}:{port}"), peer);
        }
        Ok(StreamOwned::new(connection, wire))
    }
}

fn forbidden(what: &str) -> HttpError {
    HttpError::new(Kind::Forbidden, format!("the host leads to {what}, which is not allowed"))
}

/// A connection that gives up at its end or when the scan is stopped, within [`STEP`].
#[derive(Debug)]
pub(in crate::scanners) struct Paced {
    stream: TcpStream,
    cancel: Cancel,
    until: Instant,
}

impl Paced {
    fn paced<T>(
        &mut self,
        limit: fn(&TcpStream, Option<Duration>) -> io::Result<()>,
        mut step: impl FnMut(&mut TcpStream) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            if self.cancel.should_stop() {
                return Err(io::Error::other(HttpError::cancelled()));
            }
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            limit(&self.stream, Some(left.clamp(Duration::from_millis(1), STEP)))?;
            match step(&mut self.stream) {
                Err(e)
                    if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) => {}
                other => return other,
            }
        }
    }
}

impl Read for Paced {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.paced(TcpStream::set_read_timeout, |stream| stream.read(buffer))
    }
}

impl Write for Paced {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.paced(TcpStream::set_write_timeout, |stream| stream.write(buffer))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Resolves names and drops the addresses that the policy refuses, so that only allowed ones are ever connected to.
#[derive(Debug)]
pub(super) struct Names(pub Arc<Reach>);

impl Names {
    /// The allowed addresses of a host.
    pub(super) fn of(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, HttpError> {
        let found = DefaultResolver::default().resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Io(_) | ureq::Error::HostNotFound => HttpError::new(Kind::NotFound, "the host name leads to no address"),
            other => HttpError::from_ureq(other),
        })?;
        let (mut allowed, mut refused) = (self.empty(), None);
        for address in found.iter() {
            match self.0.policy.refuses(address.ip()) {
                None => allowed.push(*address),
                Some(what) => refused = Some(what),
            }
        }
        match refused {
            Some(what) if allowed.is_empty() => Err(forbidden(what)),
            _ => Ok(allowed),
        }
    }
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        self.of(uri, config, timeout).map_err(other)
    }
}

/// Makes the connections of the agent.
#[derive(Debug)]
pub(super) struct Connections(pub Arc<Reach>);

impl Connector<()> for Connections {
    type Out = Wire;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Wire>, ureq::Error> {
        let until = end_of(details.timeout);
        let wire = self.0.dial(&details.addrs, until).map_err(other)?;
        let stream = if details.needs_tls() {
            let host = details.uri.host().unwrap_or_default();
            let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
            let port = details.uri.port_u16().unwrap_or(443);
            Stream::Tls(Box::new(self.0.secure(host, port, wire).map_err(other)?))
        } else {
            Stream::Plain(wire)
        };
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Wire { stream, buffers }))
    }
}

fn other(error: HttpError) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}

fn end_of(timeout: NextTimeout) -> Instant {
    let now = Instant::now();
    now.checked_add(*timeout.after).or_else(|| now.checked_add(Duration::from_secs(86_400))).unwrap_or(now)
}

/// One connection as the agent uses it.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    buffers: LazyBuffers,
}

#[derive(Debug)]
enum Stream {
    Plain(Paced),
    Tls(Box<StreamOwned<ClientConnection, Paced>>),
}

impl Stream {
    fn set_end(&mut self, timeout: NextTimeout) {
        let paced = match self {
            Self::Plain(paced) => paced,
            Self::Tls(tls) => &mut tls.sock,
        };
        paced.until = end_of(timeout);
    }
}

/// An end without a closing alert is an end: servers skip the alert, and the length of the body tells whether it is whole.
fn tolerant(read: io::Result<usize>) -> io::Result<usize> {
    match read {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        other => other,
    }
}

impl Transport for Wire {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.stream.set_end(timeout);
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        let written = match &mut self.stream {
            Stream::Plain(paced) => paced.write_all(output),
            Stream::Tls(tls) => tls.write_all(output).and_then(|()| tls.flush()),
        };
        written.map_err(|e| other(HttpError::from_io(&e)))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.set_end(timeout);
        let input = self.buffers.input_append_buf();
        let read = match &mut self.stream {
            Stream::Plain(paced) => paced.read(input),
            Stream::Tls(tls) => tolerant(tls.read(input)),
        };
        let amount = read.map_err(|e| other(HttpError::from_io(&e)))?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Connections are never used twice.
    fn is_open(&mut self) -> bool {
        false
    }

    fn is_tls(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }
}
