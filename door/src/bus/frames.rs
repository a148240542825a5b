//! Looking on at the frames of a line: who spoke last, and why a channel did not come up.
//!
//! LibOSDP only says that a lock is offline. From the plain parts of the frames (OSDP 2.2, 5.9: header,
//! security block, code) it is seen whether the lock did not prove its key or wanted to speak in clear text.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::core::Channel;

const MARK: u8 = 0x53;
const HAS_SECURITY: u8 = 0x08;
const CAP_OF_SECURITY: u8 = 9;
/// How long a handshake may stand still until that is its end.
const SETTLED: Duration = Duration::from_millis(500);
/// Longest frame of the standard.
const MAX_FRAME: usize = 1440;

mod code {
    pub(super) const ID: u8 = 0x61;
    pub(super) const CAP: u8 = 0x62;
    pub(super) const CHLNG: u8 = 0x76;
    pub(super) const SCRYPT: u8 = 0x77;
    pub(super) const NAK: u8 = 0x41;
    pub(super) const PDCAP: u8 = 0x46;
    pub(super) const CCRYPT: u8 = 0x76;
    pub(super) const RMAC_I: u8 = 0x78;
    pub(super) const BUSY: u8 = 0x79;
}

/// What was seen of one lock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// When it said anything.
    pub(super) heard: Option<Instant>,
    /// Why there is no channel, as far as can be seen, and since when.
    fault: Option<(Channel, Instant)>,
    asked: u8,
}

impl Seen {
    /// Why there is no channel. Between the frames of a handshake it is not known yet.
    pub(super) fn fault(&self, now: Instant) -> Option<Channel> {
        self.fault.filter(|(_, since)| now.duration_since(*since) > SETTLED).map(|(fault, _)| fault)
    }
}

/// Both directions of one line.
#[derive(Debug, Default)]
pub(super) struct Frames {
    seen: HashMap<u8, Seen>,
    incoming: Vec<u8>,
}

impl Frames {
    pub(super) fn of(&self, address: u8) -> Seen {
        self.seen.get(&address).copied().unwrap_or_default()
    }

    pub(super) fn reset(&mut self) {
        self.incoming.clear();
    }

    /// A frame that the controller sends, whole.
    pub(super) fn sent(&mut self, bytes: &[u8]) {
        let Some(at) = bytes.iter().position(|byte| *byte == MARK) else { return };
        let Some((address, code, _, _)) = plain(&bytes[at..]) else { return };
        let seen = self.seen.entry(address).or_default();
        // It goes on after the lock's cryptogram: the lock proved the key.
        if code == code::SCRYPT {
            seen.fault = None;
        }
        seen.asked = code;
    }

    /// Bytes that came, in any portions.
    pub(super) fn received(&mut self, bytes: &[u8], now: Instant) {
        self.incoming.extend_from_slice(bytes);
        loop {
            let at = self.incoming.iter().position(|byte| *byte == MARK).unwrap_or(self.incoming.len());
            self.incoming.drain(..at);
            let [_, _, low, high, ..] = self.incoming[..] else { return };
            let length = usize::from(u16::from_le_bytes([low, high]));
            if !(7..=MAX_FRAME).contains(&length) {
                self.incoming.drain(..1);
                continue;
            }
            if self.incoming.len() < length {
                return;
            }
            let frame: Vec<u8> = self.incoming.drain(..length).collect();
            self.reply(&frame, now);
        }
    }

    fn reply(&mut self, frame: &[u8], now: Instant) {
        let Some((address, code, security, data)) = plain(frame) else { return };
        let seen = self.seen.entry(address).or_default();
        seen.heard = Some(now);
        let asked = seen.asked;
        let mut fault = |why| {
            if !matches!(seen.fault, Some((known, _)) if known == why) {
                seen.fault = Some((why, now));
            }
        };
        match (code, security) {
            // Until the controller goes on it is not known whether the key is the right one.
            (code::CCRYPT, Some(_)) if asked == code::CHLNG => fault(Channel::WrongKey),
            (code::RMAC_I, Some(_)) => seen.fault = None,
            (code::NAK, _) if asked == code::SCRYPT => fault(Channel::WrongKey),
            (code::NAK, None) if asked == code::CHLNG => fault(Channel::ClearText),
            (code::PDCAP, None) if !secure(data) => fault(Channel::ClearText),
            // LibOSDP gives up the channel when a lock falls back to clear text.
            (code, None)
                if !matches!(code, code::NAK | code::BUSY) && !matches!(asked, code::ID | code::CAP) =>
            {
                fault(Channel::ClearText);
            }
            _ => {}
        }
    }
}

/// Whether the capabilities name AES-128.
fn secure(capabilities: &[u8]) -> bool {
    capabilities.chunks_exact(3).any(|entry| entry[0] == CAP_OF_SECURITY && entry[1] & 1 == 1)
}

/// Address, code, the security block's type, and what stands behind the code without the check characters.
fn plain(frame: &[u8]) -> Option<(u8, u8, Option<u8>, &[u8])> {
    let address = frame.get(1)? & 0x7f;
    let control = *frame.get(4)?;
    let check = if control & 0x04 == 0 { 1 } else { 2 };
    let (at, security) = if control & HAS_SECURITY == 0 {
        (5, None)
    } else {
        (5 + usize::from(*frame.get(5)?), Some(*frame.get(6)?))
    };
    let end = frame.len().checked_sub(check)?;
    Some((address, *frame.get(at)?, security, frame.get(at + 1..end.max(at + 1))?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_can_be_looked_at(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20),
            marked in any::<bool>(),
        ) {
            let mut frames = Frames::default();
            for mut part in parts {
                if marked && part.len() > 3 {
                    // A frame's beginning, with a length that is there.
                    (part[0], part[2], part[3]) = (MARK, u8::try_from(part.len()).unwrap(), 0);
                }
                frames.sent(&part);
                frames.received(&part, Instant::now());
            }
            prop_assert!(frames.incoming.len() < 2 * MAX_FRAME);
        }
    }
}
