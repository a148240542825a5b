//! A request for a certificate (PKCS#10, RFC 2986): made where the key is, read where the authority is.

use crate::anchor::der_of;
use crate::certificate::{names_of, one_name, properly_signed};
use crate::files::{self, FileError};
use crate::limits::MAX_REQUEST;
use crate::profile::server_names;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::{DecodePublicKey, EncodePublicKey};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _,
};
use sha2::{Digest, Sha256};
use std::path::Path;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry::OID_X509_COMMON_NAME;
use x509_parser::prelude::FromDer as _;
use zeroize::Zeroizing;

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Neither PEM nor DER of a request, or nothing that belongs into one.
    #[error("not a certificate request: {0}")]
    Malformed(&'static str),
    /// Another kind of key.
    #[error("the key is not of P-256")]
    Key,
    /// Whoever made the request does not have the key, or the request was changed.
    #[error("the request is not signed by its own key")]
    Signature,
    /// It asks for something else than what is to be issued.
    #[error("the request is for `{asked}`, not for `{expected}`")]
    Other {
        /// What it asks for.
        asked: String,
        /// What is to be issued.
        expected: String,
    },
    /// A server has 1 to 16 names.
    #[error("a server's certificate has 1 to 16 names")]
    NoServerName,
    /// Neither a DNS name nor an IP address.
    #[error("`{0}` is neither a DNS name nor an IP address")]
    ServerName(String),
    /// The key's file.
    #[error(transparent)]
    File(#[from] FileError),
    /// No randomness, or the library failed.
    #[error("no request could be made: {0}")]
    Making(String),
}

impl RequestError {
    /// What the person who asks for the certificate reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::Malformed(_) => {
                "証明書の要求（PKCS#10）として読めません。端末で作られた要求のファイルを指定してください。"
                    .to_owned()
            }
            Self::Key => "要求の鍵が P-256 ではありません。P-256 の鍵で要求を作り直してください。".to_owned(),
            Self::Signature => {
                "要求の署名が合いません。途中で書き換えられたおそれがあります。要求を作り直してください。"
                    .to_owned()
            }
            Self::Other { asked, expected } => format!(
                "この要求は「{asked}」のもので、「{expected}」のものではありません。要求のファイルを取り違えていないか確かめてください。"
            ),
            Self::NoServerName => "サーバーの名前か番地を1から16まで指定してください。".to_owned(),
            Self::ServerName(name) => format!(
                "「{name}」はサーバーの名前でも番地でもありません。cs.example.lg.jp や 192.0.2.1 の形で、64文字までにしてください。"
            ),
            Self::File(error) => error.japanese(),
            Self::Making(why) => format!("要求を作れませんでした（{why}）。"),
        }
    }

    fn making(error: impl std::fmt::Display) -> Self {
        Self::Making(error.to_string())
    }
}

/// A request that was read: signed by its own key, which is one of P-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    common_name: String,
    server_names: Vec<String>,
    public_key: Vec<u8>,
    digest: String,
}

impl Request {
    /// Makes a request, PEM, for a terminal (its number) or a server (its first name; all of them in `servers`),
    /// signed by `key`.
    pub fn make(common_name: &str, servers: &[String], key: &KeyPair) -> Result<String, RequestError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        if !servers.is_empty() {
            params.subject_alt_names = server_names(servers)?;
        }
        let made = params.serialize_request(key).map_err(RequestError::making)?;
        made.pem().map_err(RequestError::making)
    }

    /// Reads a request, PEM or DER.
    pub fn read(bytes: &[u8]) -> Result<Self, RequestError> {
        const MALFORMED: fn(&'static str) -> RequestError = RequestError::Malformed;
        if bytes.len() > MAX_REQUEST {
            return Err(MALFORMED("too long"));
        }
        let der = if bytes.starts_with(b"-----") {
            let old = || der_of(bytes, "NEW CERTIFICATE REQUEST");
            der_of(bytes, "CERTIFICATE REQUEST").or_else(old).ok_or(MALFORMED("other PEM"))?
        } else {
            bytes.to_vec()
        };
        let (rest, request) =
            X509CertificationRequest::from_der(&der).map_err(|_| MALFORMED("no PKCS#10"))?;
        if !rest.is_empty() {
            return Err(MALFORMED("something follows the request"));
        }
        let info = &request.certification_request_info;
        let public_key = plain_key(info.subject_pki.raw)?;
        check_signature(&der, info.raw, &request.signature_value.data, &public_key)?;
        let common_name =
            one_name(&info.subject, &OID_X509_COMMON_NAME).ok_or(MALFORMED("no common name"))?;
        Ok(Self {
            common_name: common_name.to_owned(),
            server_names: asked_names(&request)?,
            public_key,
            digest: digest(&der),
        })
    }

    /// That it asks for `expected`, and for no name of a server beyond `servers`.
    pub fn expect(&self, expected: &str, servers: &[String]) -> Result<(), RequestError> {
        let beyond = self.server_names.iter().find(|name| !servers.contains(name));
        let asked = beyond.or((self.common_name != expected).then_some(&self.common_name));
        asked.map_or(Ok(()), |asked| {
            Err(RequestError::Other { asked: asked.clone(), expected: expected.to_owned() })
        })
    }

    /// Whom it is for.
    pub fn common_name(&self) -> &str {
        &self.common_name
    }

    /// The names of the server that it is for.
    pub fn server_names(&self) -> &[String] {
        &self.server_names
    }

    /// The key: `SubjectPublicKeyInfo`, DER, P-256.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// SHA-256 of the request, lower-case hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// Makes a key of P-256 in a new file that is its owner's alone (PKCS#8, PEM).
pub fn make_key(file: &Path) -> Result<KeyPair, RequestError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(RequestError::making)?;
    let pem = Zeroizing::new(key.serialize_pem());
    files::write_new_private(file, pem.as_bytes())?;
    debug_assert!(plain_key(&key.subject_public_key_info()).is_ok());
    Ok(key)
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The key in its one plain encoding, so that odd but valid encodings do not reach a certificate.
pub(crate) fn plain_key(public_key: &[u8]) -> Result<Vec<u8>, RequestError> {
    let key = p256::PublicKey::from_public_key_der(public_key).map_err(|_| RequestError::Key)?;
    let plain = key.to_public_key_der().map_err(|_| RequestError::Key)?;
    Ok(plain.into_vec())
}

fn check_signature(der: &[u8], signed: &[u8], signature: &[u8], key: &[u8]) -> Result<(), RequestError> {
    let key = VerifyingKey::from_public_key_der(key).map_err(|_| RequestError::Key)?;
    let signature = Signature::from_der(signature).map_err(|_| RequestError::Signature)?;
    let holds = der == properly_signed(signed, &signature) && key.verify(signed, &signature).is_ok();
    holds.then_some(()).ok_or(RequestError::Signature)
}

/// The names of servers that are asked for. Whatever else is asked for is not looked at: the authority's profile
/// alone says what a certificate is good for.
fn asked_names(request: &X509CertificationRequest<'_>) -> Result<Vec<String>, RequestError> {
    let mut names = Vec::new();
    for extension in request.requested_extensions().into_iter().flatten() {
        match extension {
            ParsedExtension::SubjectAlternativeName(asked) => names.extend(names_of(asked)),
            ParsedExtension::ParseError { .. } => return Err(RequestError::Malformed("a broken extension")),
            _ => {}
        }
    }
    Ok(names)
}
