//! TLS of `serve`: the certificate that the city gives, or one that is made at the first start.

use std::fs;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use jiff::Timestamp;
use jiff::civil::Date;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::failure::Failure;
use crate::{limits, offices};

/// Certificate and key, PEM.
pub(crate) struct Files {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// The certificate of `data`, made at the first call.
///
/// # Errors
/// When it cannot be made or written.
pub(crate) fn own(data: &Path, addr: SocketAddr, now: Timestamp) -> Result<Files, Failure> {
    let folder = data.join("keys");
    let files = Files { certificate: folder.join("tls.crt"), key: folder.join("tls.key") };
    if files.certificate.exists() && files.key.exists() {
        return Ok(files);
    }
    let made = make(addr, now).map_err(|error| {
        Failure::failed(
            format!("TLS の証明書を作れません（{error}）"),
            "--tls-cert と --tls-key を指定してください",
        )
    })?;
    let written = offices::make_private(&folder)
        .and_then(|()| write(&files.key, &made.1, 0o600))
        .and_then(|()| write(&files.certificate, &made.0, 0o644));
    written.map_err(|error| {
        let what = format!("{} に TLS の証明書を書けません（{error}）", folder.display());
        Failure::failed(what, "フォルダーの権限とディスクの空きを確かめてください")
    })?;
    Ok(files)
}

fn write(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A certificate for this address and this machine alone, which nobody has signed but itself.
fn make(addr: SocketAddr, now: Timestamp) -> Result<(String, String), rcgen::Error> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !addr.ip().is_unspecified() && !names.contains(&addr.ip().to_string()) {
        names.push(addr.ip().to_string());
    }
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Sekisho");
    let today = jiff::tz::offset(0).to_datetime(now).date();
    let until = today.saturating_add(jiff::Span::new().days(limits::OWN_CERTIFICATE_DAYS));
    let moment = |day: Date| {
        let part = |value: i8| u8::try_from(value).unwrap_or(1);
        rcgen::date_time_ymd(i32::from(day.year()), part(day.month()), part(day.day()))
    };
    (params.not_before, params.not_after) = (moment(today), moment(until));
    let key = KeyPair::generate()?;
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

/// Reads certificate and key.
///
/// # Errors
/// When they cannot be read, or do not belong together.
pub(crate) fn config(files: &Files) -> Result<RustlsConfig, Failure> {
    let (certificates, key) = read(files)?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, key));
    let mut config = config.map_err(|error| unreadable(&files.certificate, error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

/// Certificates and key of `files`.
///
/// # Errors
/// When they cannot be read.
pub(crate) fn read(files: &Files) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Failure> {
    let certificates = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(&files.certificate, error))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unreadable(&files.key, error))?;
    Ok((certificates, key))
}

/// A file of certificates or keys is none.
pub(crate) fn unreadable(path: &Path, error: impl std::fmt::Display) -> Failure {
    let what = format!("{} を読めません（{error}）", path.display());
    Failure::failed(what, "PEM 形式の証明書と鍵のファイルを指定してください")
}

/// Plain HTTP is for this machine alone: passwords and residents' data would cross a network readable by all.
pub(crate) fn expect_loopback(ip: IpAddr) -> Result<(), Failure> {
    if ip.is_loopback() {
        return Ok(());
    }
    Err(Failure::usage(
        format!("暗号化しない HTTP を {ip} では受け付けません"),
        "127.0.0.1 を指定するか、TLS で動かす `sekisho serve` を使ってください",
    ))
}
