//! An authority's certificate, which everything that it issued is held against.

use crate::files::{self, FileError};
use crate::limits::MAX_KEY_FILE;
use crate::{Certificate, CertificateError};
use jiff::Timestamp;
use p256::ecdsa::VerifyingKey;
use std::path::Path;

/// An authority as those see it who check what it issued: name, key and validity.
#[derive(Debug, Clone)]
pub struct Anchor {
    der: Vec<u8>,
    key: VerifyingKey,
    /// The authority's name, DER, as its certificates must repeat it.
    name: Vec<u8>,
    from: Timestamp,
    until: Timestamp,
}

impl Anchor {
    /// The authority whose certificate, signed by itself, is `der`.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let certificate = Certificate::parse(der)?;
        if !certificate.is_authority() {
            return Err(CertificateError::Malformed("no certificate authority"));
        }
        let key = certificate.key()?;
        if !certificate.is_signed_by(&key) {
            return Err(CertificateError::Malformed("the authority is not self-signed"));
        }
        let (from, until) = certificate.validity()?;
        Ok(Self { der: der.to_vec(), key, name: certificate.subject().to_vec(), from, until })
    }

    /// The authority whose certificate stands in `file`, PEM. The outer result is the file's, the inner one the
    /// certificate's.
    pub fn load(file: &Path) -> Result<Result<Self, CertificateError>, FileError> {
        let pem = files::read_public(file, MAX_KEY_FILE)?;
        Ok(der_of(&pem, "CERTIFICATE")
            .ok_or(CertificateError::Malformed("no certificate in PEM"))
            .and_then(|der| Self::from_der(&der)))
    }

    /// The certificate, DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// First and last second of the authority's own validity.
    pub fn validity(&self) -> (Timestamp, Timestamp) {
        (self.from, self.until)
    }

    /// Reads a certificate, DER, that this authority issued. Of a stranger's nothing else is worth telling.
    pub fn issued<'a>(&self, der: &'a [u8]) -> Result<Certificate<'a>, CertificateError> {
        let certificate = Certificate::parse(der)?;
        if certificate.issuer() != self.name || !certificate.is_signed_by(&self.key) {
            return Err(CertificateError::ForeignAuthority);
        }
        Ok(certificate)
    }

    /// That the authority and its `certificate` are both valid at `at`. Gives the last second of the certificate's
    /// validity.
    pub fn expect_valid(
        &self,
        certificate: &Certificate<'_>,
        at: Timestamp,
    ) -> Result<Timestamp, CertificateError> {
        if at < self.from || at > self.until {
            return Err(CertificateError::AuthorityExpired);
        }
        let (from, until) = certificate.validity()?;
        if at < from {
            return Err(CertificateError::NotYetValid(from));
        }
        if at > until {
            return Err(CertificateError::Expired(until));
        }
        Ok(until)
    }

    /// SHA-256 of the authority's public key, lower-case hex: what people compare when its certificate is carried.
    pub fn key_digest(&self) -> String {
        crate::request::digest(&self.key.to_sec1_bytes())
    }

    pub(crate) fn name(&self) -> &[u8] {
        &self.name
    }

    pub(crate) fn key(&self) -> &VerifyingKey {
        &self.key
    }
}

/// What a PEM text with this label holds; none when it is something else.
pub fn der_of(pem: &[u8], label: &str) -> Option<Vec<u8>> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem).ok()?;
    (pem.label == label).then_some(pem.contents)
}

/// `der` as a PEM text with this label, such as `CERTIFICATE` or `X509 CRL`.
pub fn to_pem(label: &str, der: &[u8]) -> String {
    pem::encode_config(
        &pem::Pem::new(label, der),
        pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF),
    )
}
