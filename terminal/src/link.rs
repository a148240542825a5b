//! The connection to the office: mutual TLS 1.3, dialled from here, to one server and no other.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::Config;
use crate::core::Event;
use crate::limits::{BEAT, CONNECTING, LOST, RECALL, RECALL_AT_MOST};
use crate::wire::{self, EXPORTER_LABEL, EXPORTER_LENGTH, Messages, PROTOCOL, Said, Told};

/// Why the link cannot be set up at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// A file of certificates or keys.
    #[error("`{file}`: {cause}")]
    File {
        /// Which.
        file: String,
        /// Why.
        cause: String,
    },
    /// A key that others can read is no longer secret.
    #[error("`{0}` can be read by others than its owner")]
    Shared(String),
    /// The files do not fit each other.
    #[error("the terminal's certificate cannot be used: {0}")]
    Tls(#[from] TlsError),
    /// The host's name is none.
    #[error("`{0}` is no name of a server")]
    Name(String),
}

impl LinkError {
    /// What is wrong and what to do, for the person who sets up the terminal.
    pub fn japanese(&self) -> (String, &'static str) {
        match self {
            Self::File { file, cause } => (
                format!("{file} を読めません（{cause}）"),
                "端末の設定の場所と、PEM形式であることを確かめてください",
            ),
            Self::Shared(file) => (
                format!("鍵のファイル {file} を所有者以外が読めます"),
                "権限を所有者のみ（600）にし、読まれたおそれがあれば鍵と証明書を作り直してください",
            ),
            Self::Tls(error) => (
                format!("端末の証明書を使えません（{error}）"),
                "証明書が、この端末の鍵に対して端末認証局が出したものかを確かめてください",
            ),
            Self::Name(name) => {
                (format!("「{name}」はサーバーの名ではありません"), "設定の server を確かめてください")
            }
        }
    }
}

/// Takes the terminal authority's word for who the server is, and only for the one key that is set.
#[derive(Debug)]
struct Pinned {
    authority: Arc<WebPkiServerVerifier>,
    key: String,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified = self.authority.verify_server_cert(certificate, chain, name, ocsp, now)?;
        match pki::Certificate::parse(certificate) {
            Ok(certificate) if self.key.eq_ignore_ascii_case(&digest(certificate.public_key())) => {
                Ok(verified)
            }
            _ => Err(TlsError::General("the server has another key than the one that is set".to_owned())),
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Err(TlsError::General("TLS 1.3 is the only one here".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.authority.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authority.supported_verify_schemes()
    }
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The link, set up and not yet connected.
pub struct Link {
    connector: TlsConnector,
    server: String,
    name: ServerName<'static>,
}

impl Link {
    /// A link as `config` says.
    ///
    /// # Errors
    /// When certificates or keys cannot be used.
    pub fn new(config: &Config) -> Result<Self, LinkError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let authority = authority(&config.ca, &provider)?;
        let pinned = Arc::new(Pinned { authority, key: config.server_key.clone() });
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(pinned)
            .with_client_auth_cert(certificates(&config.certificate)?, key(&config.key)?)?;
        tls.alpn_protocols = vec![PROTOCOL.to_vec()];
        // The exporter is to mean one connection: nothing of an earlier one goes on.
        tls.resumption = rustls::client::Resumption::disabled();
        let host = config.host().unwrap_or_default().to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| LinkError::Name(host))?;
        Ok(Self { connector: TlsConnector::from(Arc::new(tls)), server: config.server.clone(), name })
    }

    /// Keeps the link up for as long as anybody listens.
    pub(crate) async fn keep(self, events: UnboundedSender<Event>, mut says: UnboundedReceiver<Said>) {
        let mut patience = RECALL;
        while !events.is_closed() {
            let why = match timeout(CONNECTING, self.connect()).await {
                Ok(Ok((stream, exporter))) => {
                    patience = RECALL;
                    // What was to be said on an earlier connection is worth nothing on this one.
                    while says.try_recv().is_ok() {}
                    if events.send(Event::Linked { exporter }).is_err() {
                        return;
                    }
                    let why = talk(stream, &events, &mut says).await;
                    tracing::warn!(%why, "the link has ended");
                    "サーバーとの接続が切れました。".to_owned()
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "no link");
                    unreachable(&error)
                }
                Err(_) => "サーバーが答えません。".to_owned(),
            };
            if events.send(Event::Unlinked(why)).is_err() {
                return;
            }
            sleep(patience).await;
            patience = (patience * 2).min(RECALL_AT_MOST);
        }
    }

    async fn connect(&self) -> std::io::Result<(TlsStream<TcpStream>, [u8; EXPORTER_LENGTH])> {
        let stream = TcpStream::connect(&self.server).await?;
        stream.set_nodelay(true)?;
        let stream = self.connector.connect(self.name.clone(), stream).await?;
        let (_, tls) = stream.get_ref();
        if tls.alpn_protocol() != Some(PROTOCOL) {
            return Err(std::io::Error::other("the server speaks another protocol"));
        }
        let exporter = tls
            .export_keying_material([0; EXPORTER_LENGTH], EXPORTER_LABEL, None)
            .map_err(std::io::Error::other)?;
        Ok((stream, exporter))
    }
}

/// For the clerk: that the clock may be the reason is worth saying.
fn unreachable(error: &std::io::Error) -> String {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    match tls {
        Some(TlsError::InvalidCertificate(
            rustls::CertificateError::NotValidYet
            | rustls::CertificateError::NotValidYetContext { .. }
            | rustls::CertificateError::Expired
            | rustls::CertificateError::ExpiredContext { .. },
        )) => "サーバーの証明書が有効期間外です。この端末の時計を確かめてください。".to_owned(),
        Some(TlsError::AlertReceived(_)) => "サーバーがこの端末の証明書を受け付けません。".to_owned(),
        Some(_) => "サーバーを確かめられません。".to_owned(),
        None => "サーバーに届きません。".to_owned(),
    }
}

/// Says and hears until the connection ends. Gives why it did.
async fn talk(
    stream: TlsStream<TcpStream>,
    events: &UnboundedSender<Event>,
    says: &mut UnboundedReceiver<Said>,
) -> String {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut messages = Messages::default();
    let mut bytes = vec![0; 4096];
    let mut beats = interval(BEAT);
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            read = reader.read(&mut bytes) => match read {
                Ok(0) => return "the office has closed it".to_owned(),
                Ok(read) => {
                    heard = Instant::now();
                    messages.push(&bytes[..read]);
                    loop {
                        match messages.take::<Told>() {
                            Ok(Some(told)) => {
                                if events.send(Event::Told(told)).is_err() {
                                    return "nobody listens".to_owned();
                                }
                            }
                            Ok(None) => break,
                            Err(error) => return error.to_string(),
                        }
                    }
                }
                Err(error) => return error.to_string(),
            },
            said = says.recv() => {
                let Some(said) = said else { return "nothing more is said".to_owned() };
                if let Err(why) = say(&mut writer, &said).await {
                    return why;
                }
            }
            _ = beats.tick() => {
                if heard.elapsed() > LOST {
                    return format!("nothing was heard for {LOST:?}");
                }
                if let Err(why) = say(&mut writer, &Said::Beat).await {
                    return why;
                }
            }
        }
    }
}

async fn say(writer: &mut (impl tokio::io::AsyncWrite + Unpin), said: &Said) -> Result<(), String> {
    const WRITING: Duration = LOST;
    let bytes = wire::encode(said).map_err(|error| error.to_string())?;
    let write = async {
        writer.write_all(&bytes).await?;
        writer.flush().await
    };
    match timeout(WRITING, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the office takes nothing".to_owned()),
    }
}

fn authority(path: &Path, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, LinkError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate)?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| unreadable(path, error))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, LinkError> {
    CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|error| unreadable(path, error))
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, LinkError> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(path, error))?;
    if metadata.mode() & 0o077 != 0 {
        return Err(LinkError::Shared(path.display().to_string()));
    }
    PrivateKeyDer::from_pem_file(path).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> LinkError {
    LinkError::File { file: path.display().to_string(), cause: error.to_string() }
}
