//! PIN pads: what a reader with keys of its own is told (PC/SC part 10, 2.5.2).

use crate::limits::{MAX_PIN, MIN_PIN};

/// The language of the reader's own text: Japanese.
const LANGUAGE: u16 = 0x0411;

/// PIN_VERIFY_STRUCTURE: the reader asks for a PIN of 6 to 8 digits, puts it in ASCII into VERIFY, filled up with
/// FF, and sends that to the card.
pub(super) fn verify_structure(reference: u8) -> Vec<u8> {
    let length = u8::try_from(MAX_PIN).expect("a PIN has eight digits at most");
    let shortest = u8::try_from(MIN_PIN).expect("a PIN has eight digits at most");
    let mut command = vec![0x00, 0x20, 0x00, reference, length];
    command.extend([0xff; MAX_PIN]);
    let mut structure = vec![
        0x00,   // bTimeOut: the reader's own
        0x00,   // bTimeOut2: the reader's own
        0x82,   // bmFormatString: ASCII, left justified, counted in bytes
        length, // bmPINBlockString: so many bytes, the PIN's length is not inserted
        0x00,   // bmPINLengthFormat: no length
        length, shortest, // wPINMaxExtraDigit: most, fewest; little-endian
        0x02,     // bEntryValidationCondition: the operator presses OK
        0x01,     // bNumberMessage: one message
    ];
    structure.extend(LANGUAGE.to_le_bytes());
    structure.extend([0x00; 4]); // bMsgIndex, bTeoPrologue
    structure.extend(u32::try_from(command.len()).expect("a command is short").to_le_bytes());
    structure.extend(command);
    structure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_structure_is_the_standards() {
        assert_eq!(
            hex::encode(verify_structure(0x80)),
            "0000820800080602011104000000000d0000000020008008ffffffffffffffff"
        );
    }
}
