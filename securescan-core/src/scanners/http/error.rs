//! Why a request gave no answer.

use std::fmt;

/// The kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The address cannot be asked: not a URL, another scheme, a password in it.
    BadUrl,
    /// The address policy forbids the address.
    Forbidden,
    /// The name leads to no address.
    NotFound,
    /// No connection.
    Connect,
    /// The connection could not be secured.
    Tls,
    /// No answer in time.
    Timeout,
    /// Somebody asked to stop, or the deadline passed.
    Cancelled,
    /// What came is not an HTTP/1.1 answer, or its header is too large.
    Protocol,
    /// More redirects than allowed.
    Redirects,
}

/// Why a request gave no answer: one line, without secrets of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpError {
    kind: Kind,
    message: String,
}

impl HttpError {
    pub(super) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(super) fn cancelled() -> Self {
        Self::new(Kind::Cancelled, "interrupted")
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether a server was reached at all.
    pub fn reached(&self) -> bool {
        matches!(self.kind, Kind::Tls | Kind::Protocol | Kind::Redirects)
    }

    /// What an error of the library means; one of ours that travelled through it comes out as it was.
    pub(super) fn from_ureq(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Other(inner) => match inner.downcast::<Self>() {
                Ok(own) => *own,
                Err(other) => Self::new(Kind::Connect, clipped(&other)),
            },
            ureq::Error::Io(error) => Self::from_io(&error),
            ureq::Error::Timeout(_) => Self::new(Kind::Timeout, "no answer in time"),
            ureq::Error::HostNotFound => Self::new(Kind::NotFound, "the host name leads to no address"),
            ureq::Error::BadUri(_) => Self::new(Kind::BadUrl, "not a URL that can be asked"),
            ureq::Error::LargeResponseHeader(..) => Self::new(Kind::Protocol, "the header of the answer is too large"),
            ureq::Error::Http(_) | ureq::Error::Protocol(_) => Self::new(Kind::Protocol, "not an HTTP/1.1 answer"),
            other => Self::new(Kind::Connect, clipped(&other)),
        }
    }

    pub(super) fn from_io(error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        if let Some(inner) = error.get_ref() {
            if let Some(own) = inner.downcast_ref::<Self>() {
                return own.clone();
            }
            if let Some(ureq::Error::Timeout(_)) = inner.downcast_ref::<ureq::Error>() {
                return Self::new(Kind::Timeout, "no answer in time");
            }
            if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
                return Self::new(Kind::Tls, format!("TLS: {}", clipped(tls)));
            }
        }
        match error.kind() {
            Io::TimedOut | Io::WouldBlock => Self::new(Kind::Timeout, "no answer in time"),
            Io::ConnectionRefused => Self::new(Kind::Connect, "connection refused"),
            Io::ConnectionReset | Io::ConnectionAborted | Io::BrokenPipe => Self::new(Kind::Connect, "connection reset"),
            Io::UnexpectedEof => Self::new(Kind::Protocol, "the connection ended before the answer did"),
            Io::HostUnreachable | Io::NetworkUnreachable => Self::new(Kind::Connect, "no route to the host"),
            kind => Self::new(Kind::Connect, kind.to_string()),
        }
    }
}

fn clipped(text: &impl fmt::Display) -> String {
    text.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).take(160).collect()
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for HttpError {}
