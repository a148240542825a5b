//! `sekisho serve`: a new city over TLS, until it is told to stop.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::tool::{SEKISHO, sekisho};

/// A running server, which is stopped however the test ends.
pub(crate) struct Server {
    child: Child,
    pub(crate) origin: String,
    /// Where terminals call.
    pub(crate) terminals: Option<String>,
}

impl Server {
    fn start(data: &Path, more: &[&str]) -> Self {
        Self::run("serve", data, more)
    }

    /// Runs what serves pages, and waits until it does.
    pub(crate) fn run(command: &str, data: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(SEKISHO)
            .args([command, "--addr", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut terminals = None;
        let ready = lines.find(|line| {
            let called = line.strip_prefix("端末のプログラムは ").and_then(|rest| rest.split(' ').next());
            terminals = called.map(str::to_owned).or(terminals.take());
            line.contains("で待っています")
        });
        let origin = ready.expect("it serves").split(' ').next().unwrap().to_owned();
        Self { child, origin, terminals }
    }

    pub(crate) fn addr(&self) -> &str {
        self.origin.split("//").nth(1).unwrap()
    }

    /// SIGTERM, and the code that it ends with.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn get(addr: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_answers_in_plain_http_on_this_machine_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data, &["--plain-http"]);
    assert!(server.origin.starts_with("http://127.0.0.1:"), "{}", server.origin);
    assert!(get(server.addr(), "/healthz").starts_with("HTTP/1.1 200"));
    // Nobody else works on the same data meanwhile.
    let second = format!("serve --plain-http --addr 127.0.0.1:0 --data {}", data.display());
    sekisho(&second).with(1, &["ほかの sekisho が使っています"]);
    let taken = format!("serve --plain-http --addr {} --data {}", server.addr(), data.display());
    sekisho(&taken).with(1, &["待ち受けられません"]);
    assert_eq!(server.stop(), Some(0));
    sekisho(&format!("journal verify --data {}", data.display())).well();
}

#[test]
fn it_speaks_tls_with_a_certificate_that_it_makes() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data, &[]);
    assert!(server.origin.starts_with("https://127.0.0.1:"), "{}", server.origin);
    for (path, mode) in [(data.join("keys/tls.key"), 0o600), (data.clone(), 0o700)] {
        let found = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(found & 0o777, mode, "{}", path.display());
    }
    let answer = get_tls(server.addr(), &data.join("keys/tls.crt"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // Who speaks plain HTTP to it gets no page.
    let mut stream = TcpStream::connect(server.addr()).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    assert_eq!(server.stop(), Some(0));
    let certificate = std::fs::read(data.join("keys/tls.crt")).unwrap();
    let again = Server::start(&data, &[]);
    assert_eq!(again.stop(), Some(0));
    assert_eq!(std::fs::read(data.join("keys/tls.crt")).unwrap(), certificate, "the certificate stays");
}

fn get_tls(addr: &str, certificate: &Path) -> String {
    use rustls::pki_types::pem::PemObject as _;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().unwrap();
    let mut session = rustls::ClientConnection::new(std::sync::Arc::new(config), name).unwrap();
    let mut socket = TcpStream::connect(addr).unwrap();
    let mut stream = rustls::Stream::new(&mut session, &mut socket);
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    // The end of a connection that closes without a word is not what is tested here.
    let _ = stream.read_to_string(&mut answer);
    answer
}
