//! Object identifiers of the city's certificates.
//!
//! Its own certificate policies stand under 2.999, the arc that ITU-T X.660 keeps for examples: a city that runs its
//! authorities in earnest may replace them by an arc of its own, here and nowhere else.
//!
//! | identifier | meaning |
//! |---|---|
//! | 2.999.16.1.1 | the key was made on a card and cannot leave it |
//! | 2.999.16.1.2 | a software card: the key lies in a file; for demonstrations only |
//! | 2.999.15.1.1 | a terminal in the register of terminals |
//! | 2.999.15.1.2 | the server that the terminals dial |

use crate::tlv;
use std::borrow::Cow;
use x509_parser::oid_registry::Oid;

// In bytes, because the usual macro cannot write arcs above 2.47: 2.999 is the one number 80 + 999.
/// 2.999.16.1.1.
pub const HARDWARE: Oid<'static> = Oid::new(Cow::Borrowed(&[0x88, 0x37, 16, 1, 1]));
/// 2.999.16.1.2.
pub const SOFTWARE: Oid<'static> = Oid::new(Cow::Borrowed(&[0x88, 0x37, 16, 1, 2]));
/// 2.999.15.1.1.
pub const TERMINAL: Oid<'static> = Oid::new(Cow::Borrowed(&[0x88, 0x37, 15, 1, 1]));
/// 2.999.15.1.2.
pub const SERVER: Oid<'static> = Oid::new(Cow::Borrowed(&[0x88, 0x37, 15, 1, 2]));
/// 2.16.840.1.101.3.6.8, id-PIV-cardAuth (FIPS 201): the purpose of a certificate for slot 9E.
pub const CARD_AUTHENTICATION: &[u64] = &[2, 16, 840, 1, 101, 3, 6, 8];
/// X.520 `serialNumber`, which holds the card number.
pub const SERIAL_NUMBER: &[u64] = &[2, 5, 4, 5];
/// X.509 `certificatePolicies`.
pub const CERTIFICATE_POLICIES: &[u64] = &[2, 5, 29, 32];

/// The content of `certificatePolicies` with one policy: `SEQUENCE { SEQUENCE { OBJECT IDENTIFIER } }`.
pub fn policies(policy: &Oid<'_>) -> Vec<u8> {
    tlv::value(0x30, &tlv::value(0x30, &tlv::value(0x06, policy.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_is_der() {
        assert_eq!(policies(&SOFTWARE), [0x30, 0x09, 0x30, 0x07, 0x06, 0x05, 0x88, 0x37, 16, 1, 2]);
    }
}
