//! The data objects that a card keeps (SP 800-73 part 1, appendix A): certificates and the CHUID.

use crate::limits::MAX_CERTIFICATE;
use crate::{CardId, Slot, tlv};
use jiff::civil::Date;

/// Card Holder Unique Identifier.
pub(super) const CHUID: u32 = 0x5f_c102;

/// FASC-N of an issuer that is no United States agency: agency 9999, system 9999, credential 999999, with the rest
/// zero, in the card's five-bit code (PACS Technical Implementation Guidance 2.3).
const FASC_N: [u8; 25] = [
    0xd4, 0xe7, 0x39, 0xda, 0x73, 0x9c, 0xed, 0x39, 0xce, 0x73, 0x9d, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42,
    0x10, 0x84, 0x21, 0xc8, 0x42, 0x10, 0xc3, 0xeb,
];

impl Slot {
    /// The key reference of the slot.
    pub(super) fn reference(self) -> u8 {
        match self {
            Self::SignIn => 0x9a,
            Self::Presence => 0x9e,
        }
    }

    /// The data object that holds the certificate of the slot's key.
    pub(super) fn certificate_object(self) -> u32 {
        match self {
            Self::SignIn => 0x5f_c105,
            Self::Presence => 0x5f_c101,
        }
    }
}

/// A certificate, DER, as an object: not compressed, without error detection code.
pub(super) fn certificate(der: &[u8]) -> Vec<u8> {
    [tlv::value(0x70, der), tlv::value(0x71, &[0]), tlv::value(0xfe, &[])].concat()
}

/// The certificate in an object. Compressed ones are not ours, and are none.
pub(super) fn read_certificate(object: &[u8]) -> Option<&[u8]> {
    let content = tlv::find(0x53, object)?;
    let plain = tlv::find(0x71, content).is_none_or(|info| info == [0]);
    tlv::find(0x70, content).filter(|der| plain && !der.is_empty() && der.len() <= MAX_CERTIFICATE)
}

/// A CHUID with the card's identity and the last day of the card.
pub(super) fn chuid(id: &CardId, last_day: Date) -> Vec<u8> {
    let expiry = format!("{:04}{:02}{:02}", last_day.year(), last_day.month(), last_day.day());
    [
        tlv::value(0x30, &FASC_N),
        tlv::value(0x34, id.bytes()),
        tlv::value(0x35, expiry.as_bytes()),
        tlv::value(0x3e, &[]),
        tlv::value(0xfe, &[]),
    ]
    .concat()
}

/// The identity in a CHUID object.
pub(super) fn read_chuid(object: &[u8]) -> Option<CardId> {
    let guid = tlv::find(0x34, tlv::find(0x53, object)?)?;
    let bytes: [u8; 16] = guid.try_into().ok()?;
    // All zero: the issuer gave none.
    (bytes != [0; 16]).then(|| CardId::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn object(content: &[u8]) -> Vec<u8> {
        tlv::value(0x53, content)
    }

    #[test]
    fn a_certificate_reads_back() {
        let written = object(&certificate(&[0x30, 1, 2]));
        assert_eq!(read_certificate(&written), Some([0x30, 1, 2].as_slice()));
        let compressed = object(&[tlv::value(0x70, &[1]), tlv::value(0x71, &[1])].concat());
        assert_eq!(read_certificate(&compressed), None);
        assert_eq!(read_certificate(&object(&certificate(&[]))), None);
        assert_eq!(read_certificate(&object(&certificate(&[0; MAX_CERTIFICATE + 1]))), None);
    }

    #[test]
    fn a_chuid_reads_back() {
        let id = CardId::fresh().unwrap();
        let written = object(&chuid(&id, jiff::civil::date(2028, 3, 31)));
        assert_eq!(read_chuid(&written), Some(id));
        assert!(written.windows(8).any(|bytes| bytes == b"20280331"));
        assert_eq!(read_chuid(&object(&chuid(&CardId::new([0; 16]), jiff::civil::date(2028, 3, 31)))), None);
    }

    proptest! {
        #[test]
        fn rubbish_is_no_object(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = (read_certificate(&bytes), read_chuid(&object(&bytes)));
        }
    }
}
