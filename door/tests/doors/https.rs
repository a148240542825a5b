//! The server by TLS, known by our own certificate authority.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use door::wire::{Acknowledged, Nonce, Sealed, Upload};
use door::{Http, Request, Server as _};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;

use crate::server::{Mood, TestServer};
use crate::stage::{controller_key, name, server_key};

/// An authority in the file `ca`, and a server that it has certified.
fn certified(ca: &Path) -> Arc<rustls::ServerConfig> {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).expect("a certificate");
    std::fs::write(ca, authority.pem()).expect("a file");
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &issuer).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        );
    Arc::new(config.expect("a server"))
}

#[test]
fn the_server_is_known_by_our_authority_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, other) = (folder.path().join("ca.pem"), folder.path().join("other.pem"));
    let server = TestServer::new(server_key(), controller_key().public());
    let port = server.by_https(certified(&ca)).port();
    certified(&other);
    let url = format!("https://localhost:{port}/");
    let nonce = Nonce::fresh().unwrap();
    let upload = Upload { controller: name("north"), nonce: nonce.clone(), records: Vec::new() };
    let sealed = Sealed::seal(&upload, &controller_key()).unwrap();
    let timeout = Duration::from_secs(20);
    let http = Http::new(&url, Some(&ca)).unwrap();
    for _ in 0..2 {
        let answer = http.post(Request::Upload, &sealed, timeout).unwrap();
        let told: Acknowledged = answer.open(&server_key().public()).unwrap();
        assert_eq!((told.nonce, told.next), (nonce.clone(), 0));
    }
    assert!(Http::new(&url, Some(&other)).unwrap().post(Request::Upload, &sealed, timeout).is_err());
    assert!(Http::new(&url, None).unwrap().post(Request::Upload, &sealed, timeout).is_err());
    server.change(|state| state.mood = Mood::Away);
    let away = http.post(Request::Upload, &sealed, timeout).unwrap_err();
    assert!(away.to_string().contains("503"), "{away}");
    assert!(Http::new(&url, Some(&folder.path().join("none.pem"))).is_err());
}
