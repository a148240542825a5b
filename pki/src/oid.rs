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
/// X.520 `serialNumber`, which holds the card number.
pub const SERIAL_NUMBER: &[u64] = &[2, 5, 4, 5];
/// X.509 `certificatePolicies`.
pub(crate) const CERTIFICATE_POLICIES: &[u64] = &[2, 5, 29, 32];

/// The content of `certificatePolicies` with one policy: `SEQUENCE { SEQUENCE { OBJECT IDENTIFIER } }`.
pub fn policies(policy: &Oid<'_>) -> Vec<u8> {
    der(0x30, &der(0x30, &der(0x06, policy.as_bytes())))
}

/// One value in DER: tag, shortest length, content.
pub(crate) fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let digits = &length[length.iter().take_while(|&&digit| digit == 0).count()..];
    let mut value = vec![tag];
    match digits {
        [] => value.push(0),
        [short] if *short < 0x80 => value.push(*short),
        _ => {
            value.push(0x80 | u8::try_from(digits.len()).expect("a length has eight bytes at most"));
            value.extend_from_slice(digits);
        }
    }
    value.extend_from_slice(content);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_the_shortest() {
        let head = |length: usize, bytes: usize| der(4, &vec![0; length])[..bytes].to_vec();
        assert_eq!(head(0, 2), [4, 0]);
        assert_eq!(head(0x7f, 2), [4, 0x7f]);
        assert_eq!(head(0x80, 3), [4, 0x81, 0x80]);
        assert_eq!(head(0x1ff, 4), [4, 0x82, 0x01, 0xff]);
    }

    #[test]
    fn the_extension_is_der() {
        assert_eq!(policies(&SOFTWARE), [0x30, 0x09, 0x30, 0x07, 0x06, 0x05, 0x88, 0x37, 16, 1, 2]);
    }
}
