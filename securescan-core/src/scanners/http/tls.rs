//! TLS of the client: the one place that chooses the cryptography and the roots, and what a server's certificate chain is worth.

use super::{HttpError, Kind, Trust};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::{Arc, OnceLock};

/// The certificates a server showed, and what they are worth.
#[derive(Debug, Clone)]
pub struct Peer {
    /// DER, the server's own certificate first. Never empty.
    pub chain: Vec<Vec<u8>>,
    /// Whether the server's certificate is for the host that was asked.
    pub name_matches: bool,
    /// Whether the chain leads to a trusted root.
    pub chain_is: ChainIs,
}

/// Whether a chain leads to a trusted root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainIs {
    /// It does.
    Trusted,
    /// It does not, and why: one line.
    Refused(String),
    /// This machine has no roots to judge by.
    Unknown,
}

/// The cryptography of everything that speaks TLS here.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())))
}

/// The roots this machine trusts, `SSL_CERT_FILE` and `SSL_CERT_DIR` included.
fn machine_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    Arc::clone(ROOTS.get_or_init(|| {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(store)
    }))
}

/// How connections are secured. Nothing is read from the machine before the first of them.
#[derive(Debug)]
pub(super) struct Tls {
    trust: Trust,
    further: Vec<Vec<u8>>,
    ready: OnceLock<Result<Ready, HttpError>>,
}

#[derive(Debug)]
struct Ready {
    roots: Arc<RootCertStore>,
    config: Arc<ClientConfig>,
}

impl Ready {
    fn new(trust: Trust, further: &[Vec<u8>]) -> Result<Self, HttpError> {
        let mut roots = machine_roots();
        if !further.is_empty() {
            let mut store = RootCertStore::clone(&roots);
            for der in further {
                let added = store.add(CertificateDer::from(der.clone()));
                added.map_err(|e| HttpError::new(Kind::Tls, format!("a root certificate cannot be read: {e}")))?;
            }
            roots = Arc::new(store);
        }
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|e| HttpError::new(Kind::Tls, format!("TLS: {e}")))?;
        // A store without roots is refused by the verifier's builder; then nothing can be trusted, which connecting says.
        let strict = WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), provider()).build().ok();
        let verifier: Arc<dyn ServerCertVerifier> = match (trust, strict) {
            (Trust::Verify, Some(strict)) => strict,
            (Trust::Verify, None) => Arc::new(NoRoots),
            (Trust::Observe, _) => Arc::new(AcceptAll),
        };
        let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { roots, config: Arc::new(config) })
    }
}

impl Tls {
    /// With the roots of this machine and further ones, DER.
    pub(super) fn new(trust: Trust, further: Vec<Vec<u8>>) -> Self {
        Self { trust, further, ready: OnceLock::new() }
    }

    fn ready(&self) -> Result<&Ready, HttpError> {
        self.ready.get_or_init(|| Ready::new(self.trust, &self.further)).as_ref().map_err(Clone::clone)
    }

    /// The client's side of a connection to a host.
    ///
    /// # Errors
    /// A host that cannot stand in a certificate; further roots that cannot be read.
    pub(super) fn connection(&self, host: &str) -> Result<ClientConnection, HttpError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| HttpError::new(Kind::Tls, "TLS: not a host name"))?;
        ClientConnection::new(Arc::clone(&self.ready()?.config), name).map_err(|e| HttpError::new(Kind::Tls, format!("TLS: {e}")))
    }

    /// What the certificates of an established connection are worth.
    pub(super) fn judge(&self, connection: &ClientConnection, host: &str) -> Option<Peer> {
        let chain = connection.peer_certificates()?;
        let (leaf, rest) = chain.split_first()?;
        let name = ServerName::try_from(host.to_owned()).ok()?;
        let roots = &self.ready().ok()?.roots;
        let chain_is = match ParsedCertificate::try_from(leaf) {
            Err(e) => ChainIs::Refused(reason(&e)),
            Ok(_) if roots.is_empty() => ChainIs::Unknown,
            Ok(parsed) => {
                let algorithms = provider().signature_verification_algorithms.all;
                let now = within_validity(leaf, UnixTime::now());
                verify_server_cert_signed_by_trust_anchor(&parsed, roots, rest, now, algorithms)
                    .map_or_else(|e| ChainIs::Refused(reason(&e)), |()| ChainIs::Trusted)
            }
        };
        let name_matches = ParsedCertificate::try_from(leaf).is_ok_and(|parsed| verify_server_name(&parsed, &name).is_ok());
        Some(Peer { chain: chain.iter().map(|c| c.to_vec()).collect(), name_matches, chain_is })
    }
}

/// The moment a chain is judged at: now, or the nearest at which its first certificate is valid, so that one that has expired is not
/// called untrusted, too.
fn within_validity(leaf: &CertificateDer<'_>, now: UnixTime) -> UnixTime {
    let Some(facts) = super::x509::Facts::read(leaf) else { return now };
    let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX).clamp(facts.not_before, facts.not_after.max(facts.not_before));
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// One line, the same from run to run: no times.
fn reason(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(e) => match e {
            CertificateError::UnknownIssuer => "no trusted root issued it".to_owned(),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "a certificate of the chain has expired".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "a certificate of the chain is not valid yet".to_owned()
            }
            CertificateError::BadSignature => "a signature in the chain is wrong".to_owned(),
            CertificateError::BadEncoding => "a certificate of the chain cannot be read".to_owned(),
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                "a signature in the chain is of a kind that is not accepted".to_owned()
            }
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                "the certificate is not one for servers".to_owned()
            }
            other => format!("{other:?}").chars().take(80).collect(),
        },
        other => other.to_string().chars().take(120).collect(),
    }
}

/// Accepts every certificate: for looking at it, never for trusting what comes over the connection.
#[derive(Debug)]
struct AcceptAll;

impl ServerCertVerifier for AcceptAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = provider().signature_verification_algorithms.supported_schemes();
        schemes.extend([SignatureScheme::RSA_PKCS1_SHA1, SignatureScheme::ECDSA_NISTP521_SHA512, SignatureScheme::ED448]);
        schemes
    }
}

/// Accepts no certificate: this machine has no roots.
#[derive(Debug)]
struct NoRoots;

impl ServerCertVerifier for NoRoots {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Err(rustls::Error::General("this machine has no trusted root certificates: install `ca-certificates`".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(CertificateError::UnknownIssuer.into())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(CertificateError::UnknownIssuer.into())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
