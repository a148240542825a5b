//! Every limit of this crate in one place.

use std::time::Duration;

/// Longest certificate that is looked at, in bytes. PIV holds about 3,000 at most; ours have about 500.
pub use pki::limits::MAX_CERTIFICATE;

/// Longest DER signature of P-256 is 72 bytes.
pub const MAX_SIGNATURE: usize = 72;
/// Fewest digits of a PIN (PIV pads to eight bytes, facts of SP 800-73).
pub const MIN_PIN: usize = 6;
/// Most digits of a PIN.
pub const MAX_PIN: usize = 8;
/// Wrong PINs until the card is blocked.
pub const PIN_TRIES: u8 = 3;
/// Longest validity of a card's certificate: two years, a leap day included.
pub const MAX_CARD_VALIDITY: Duration = Duration::from_secs(731 * DAY);
/// Largest file of a software card that is read, in bytes.
pub const MAX_CARD_FILE: u64 = 64 * 1024;
/// Longest answer of a card that is put together, in bytes: a certificate in its object, and room.
#[cfg(feature = "piv")]
pub const MAX_CARD_ANSWER: usize = MAX_CERTIFICATE + 1024;
/// Wrong secrets that are given to block a card before it is wiped: no card allows more tries than 255.
#[cfg(feature = "piv")]
pub const WIPE_TRIES: u16 = 256;
/// Fewest characters of the escrow's passphrase.
#[cfg(feature = "piv")]
pub const MIN_PASSPHRASE: usize = 12;
/// Readers of one computer that are looked at (pcscd knows 16).
#[cfg(feature = "pcsc")]
pub const MAX_READERS: usize = 16;

const DAY: u64 = 24 * 60 * 60;
