//! What a certificate of each kind says.

use crate::limits::{MAX_LINK_VALIDITY, MAX_SERVER_NAMES};
use crate::{RequestError, TerminalNumber, oid};
use rcgen::{DistinguishedName, DnType, ExtendedKeyUsagePurpose, SanType};
use rustls_pki_types::DnsName;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use x509_parser::oid_registry::Oid;

/// What a certificate is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An operator's card: slot 9A, which signs in.
    Card,
    /// An operator's card: slot 9E, which shows without a PIN that the card is there.
    CardPresence,
    /// A terminal.
    Terminal,
    /// The server that the terminals dial.
    Server,
}

impl Kind {
    /// As it is recorded.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::CardPresence => "card-presence",
            Self::Terminal => "terminal",
            Self::Server => "server",
        }
    }

    /// For people.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Card => "カード",
            Self::CardPresence => "カード（9E）",
            Self::Terminal => "端末",
            Self::Server => "サーバー",
        }
    }
}

/// What a certificate says, but for its key and its validity.
#[derive(Debug, Clone)]
pub struct Profile {
    /// What it is of.
    pub kind: Kind,
    /// Whose: the number in its ledger, or the server's first name. One certificate of a kind is in force for each.
    pub subject: String,
    /// The same, as the certificate says it.
    pub name: DistinguishedName,
    /// What the key is for (`extendedKeyUsage`).
    pub purpose: ExtendedKeyUsagePurpose,
    /// Under which policy it is issued.
    pub policy: Oid<'static>,
    /// The server's names (`subjectAltName`).
    pub server_names: Vec<SanType>,
    /// Longest validity.
    pub longest: Duration,
}

impl Profile {
    /// A terminal's certificate.
    pub fn terminal(number: &TerminalNumber) -> Self {
        Self {
            kind: Kind::Terminal,
            subject: number.to_string(),
            name: common_name(number.as_str()),
            purpose: ExtendedKeyUsagePurpose::ClientAuth,
            policy: oid::TERMINAL,
            server_names: Vec::new(),
            longest: MAX_LINK_VALIDITY,
        }
    }

    /// The certificate of the server that answers under `names`, DNS names or IP addresses, the usual one first.
    pub fn server(names: &[String]) -> Result<Self, RequestError> {
        let server_names = server_names(names)?;
        let first = names.first().ok_or(RequestError::NoServerName)?;
        Ok(Self {
            kind: Kind::Server,
            subject: first.clone(),
            name: common_name(first),
            purpose: ExtendedKeyUsagePurpose::ServerAuth,
            policy: oid::SERVER,
            server_names,
            longest: MAX_LINK_VALIDITY,
        })
    }
}

fn common_name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

/// DNS names and IP addresses as a certificate carries them.
pub fn server_names(names: &[String]) -> Result<Vec<SanType>, RequestError> {
    if names.is_empty() || names.len() > MAX_SERVER_NAMES {
        return Err(RequestError::NoServerName);
    }
    let each = |name: &String| {
        let bad = || RequestError::ServerName(name.clone());
        if let Ok(ip) = name.parse() {
            return Ok(SanType::IpAddress(ip));
        }
        DnsName::try_from(name.as_str()).ok().and_then(|dns| dns_name(&dns)).ok_or_else(bad)
    };
    names.iter().map(each).collect()
}

/// A name of a server, not a pattern of names; and short enough for the subject as well.
fn dns_name(dns: &DnsName<'_>) -> Option<SanType> {
    let name = dns.as_ref();
    let fits = name.len() <= crate::limits::MAX_NUMBER && !name.contains('*');
    fits.then_some(name)?.try_into().ok().map(SanType::DnsName)
}
