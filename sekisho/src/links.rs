//! `serve --terminals`: where the CS terminals' programs call, by mutual TLS 1.3.
//!
//! Each connection is a task that passes on what the terminal says and what it is told; the office decides.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use office::{Link, Office, Unlinked};
use pki::{Anchor, TerminalVerifier};
use register::TerminalId;
use rustls::ServerConfig;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use terminal::limits::CONNECTING;
use terminal::wire::{self, EXPORTER_LABEL, EXPORTER_LENGTH, Messages, PROTOCOL, Said, Told};
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{interval, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::failure::Failure;
use crate::{limits, tls};

/// How often a terminal is looked at: what ends its stay elsewhere is on its screen within this.
const LOOK: Duration = Duration::from_millis(500);

/// Who may call, and how the server is known to them.
pub(crate) struct Links {
    acceptor: TlsAcceptor,
    verifier: TerminalVerifier,
}

impl Links {
    /// Links with the certificate and key of `files`, for the terminals of the authority in the file `ca`.
    ///
    /// # Errors
    /// When one of the files cannot be used.
    pub(crate) fn new(files: &tls::Files, ca: &Path) -> Result<Self, Failure> {
        let anchor = Anchor::load(ca).map_err(|error| tls::unreadable(ca, error))?;
        let verifier = TerminalVerifier::new(anchor.map_err(|error| tls::unreadable(ca, error))?);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(verifier.anchor().der().to_vec().into()).map_err(|error| tls::unreadable(ca, error))?;
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let clients = clients.build().map_err(|error| tls::unreadable(ca, error))?;
        let (certificates, key) = tls::read(files)?;
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .and_then(|builder| {
                builder.with_client_cert_verifier(clients).with_single_cert(certificates, key)
            });
        let mut config = config.map_err(|error| tls::unreadable(&files.certificate, error))?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        // The exporter is to mean one connection: none goes on where another ended.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), verifier })
    }

    /// Attends to terminals until the runtime ends.
    pub(crate) async fn serve(self, office: Office, listener: TcpListener) {
        let links = Arc::new(self);
        let places = Arc::new(Semaphore::new(limits::LINKS));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a terminal could not be attended to");
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
            };
            let (links, office) = (Arc::clone(&links), office.clone());
            tokio::spawn(async move {
                if let Err(error) = links.attend(&office, stream).await {
                    tracing::info!(%error, "a terminal's link has ended");
                }
                drop(place);
            });
        }
    }

    async fn attend(&self, office: &Office, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let stream = timeout(CONNECTING, self.acceptor.accept(stream)).await??;
        let (terminal, exporter) = self.known(office, &stream)?;
        let calling = office.clone();
        let linked = on_a_thread(move || calling.link_terminal(&terminal, exporter)).await?;
        let held = Held { office: office.clone(), link: Arc::new(linked.map_err(io::Error::other)?) };
        held.talk(stream).await
    }

    /// Which terminal has called, by its certificate, and the connection's exporter.
    fn known(
        &self,
        office: &Office,
        stream: &TlsStream<TcpStream>,
    ) -> io::Result<(TerminalId, [u8; EXPORTER_LENGTH])> {
        let (_, tls) = stream.get_ref();
        if tls.alpn_protocol() != Some(PROTOCOL) {
            return Err(io::Error::other("another protocol"));
        }
        let certificate = tls.peer_certificates().and_then(|chain| chain.first());
        let certificate = certificate.ok_or_else(|| io::Error::other("no certificate"))?;
        let proven = self.verifier.read(certificate, office.now()).map_err(io::Error::other)?;
        let terminal = proven.number.as_str().parse().map_err(io::Error::other)?;
        let exporter = tls.export_keying_material([0; EXPORTER_LENGTH], EXPORTER_LABEL, None);
        Ok((terminal, exporter.map_err(io::Error::other)?))
    }
}

/// A link that is let go of whatever happens to its connection.
struct Held {
    office: Office,
    link: Arc<Link>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let (office, link) = (self.office.clone(), Arc::clone(&self.link));
        // The end of a stay is recorded, which waits for the disk.
        tokio::task::spawn_blocking(move || office.unlink_terminal(&link));
    }
}

impl Held {
    async fn talk(&self, stream: TlsStream<TcpStream>) -> io::Result<()> {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let (mut messages, mut bytes) = (Messages::default(), vec![0; 4096]);
        let mut looks = interval(LOOK);
        loop {
            let told = tokio::select! {
                read = reader.read(&mut bytes) => {
                    let read = read?;
                    if read == 0 {
                        return Ok(());
                    }
                    messages.push(&bytes[..read]);
                    self.pass_on(&mut messages).await?
                }
                _ = looks.tick() => self.ask(Office::look_at_terminal).await?,
            };
            timeout(terminal::limits::LOST, tell(&mut writer, &told)).await??;
        }
    }

    /// Passes on every message that is whole.
    async fn pass_on(&self, messages: &mut Messages) -> io::Result<Vec<Told>> {
        let mut told = Vec::new();
        while let Some(said) = messages.take::<Said>().map_err(io::Error::other)? {
            told.extend(self.ask(move |office, link| office.terminal_said(link, said)).await?);
        }
        Ok(told)
    }

    async fn ask(
        &self,
        ask: impl FnOnce(&Office, &Link) -> Result<Vec<Told>, Unlinked> + Send + 'static,
    ) -> io::Result<Vec<Told>> {
        let (office, link) = (self.office.clone(), Arc::clone(&self.link));
        on_a_thread(move || ask(&office, &link)).await?.map_err(io::Error::other)
    }
}

/// What the office is asked may wait for a record to be written.
async fn on_a_thread<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(ask).await.map_err(io::Error::other)
}

async fn tell(writer: &mut (impl AsyncWrite + Unpin), told: &[Told]) -> io::Result<()> {
    for told in told {
        writer.write_all(&wire::encode(told).map_err(io::Error::other)?).await?;
    }
    writer.flush().await
}
