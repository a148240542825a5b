//! Which terminal a certificate is of.

use crate::{Anchor, CertificateError, Revocations, Serial, TerminalNumber, oid};
use jiff::Timestamp;
use x509_parser::oid_registry::OID_X509_COMMON_NAME;

/// A terminal that showed its certificate. That it has the key is proven by the connection (TLS); whether it is in
/// the register and in use is the office's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenTerminal {
    /// The terminal's number in the register.
    pub number: TerminalNumber,
    /// Serial number of the certificate.
    pub serial: Serial,
    /// SHA-256 of the certificate, lower-case hex.
    pub fingerprint: String,
    /// Last second of the certificate's validity.
    pub until: Timestamp,
}

/// Checks terminals' certificates against the terminal authority.
#[derive(Debug, Clone)]
pub struct TerminalVerifier {
    anchor: Anchor,
    revocations: Option<Revocations>,
}

impl TerminalVerifier {
    /// A verifier of the certificates that `anchor` issued. It knows of no revocation.
    pub fn new(anchor: Anchor) -> Self {
        Self { anchor, revocations: None }
    }

    /// The same, which refuses what `revocations` name, and everything once they are out of date.
    pub fn with_revocations(self, revocations: Revocations) -> Self {
        Self { revocations: Some(revocations), ..self }
    }

    /// The authority.
    pub fn anchor(&self) -> &Anchor {
        &self.anchor
    }

    /// The terminal whose certificate (DER) this is, valid at `at`.
    pub fn read(&self, der: &[u8], at: Timestamp) -> Result<ProvenTerminal, CertificateError> {
        let certificate = self.anchor.issued(der)?;
        certificate.expect_purpose(|purpose| purpose.client_auth && !purpose.server_auth)?;
        if !certificate.has_policy(&oid::TERMINAL) {
            return Err(CertificateError::Malformed("no terminal's certificate"));
        }
        let until = self.anchor.expect_valid(&certificate, at)?;
        let serial = certificate.serial()?;
        if let Some(revocations) = &self.revocations {
            revocations.expect_current(at)?;
            if revocations.names(&serial) {
                return Err(CertificateError::Revoked);
            }
        }
        let number = certificate.one_name(&OID_X509_COMMON_NAME)?;
        let number = number.parse().map_err(|_| CertificateError::Malformed("odd terminal number"))?;
        Ok(ProvenTerminal { number, serial, fingerprint: certificate.fingerprint(), until })
    }
}
