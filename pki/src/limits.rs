//! Every limit of this crate in one place.

use std::time::Duration;

/// Longest certificate that is looked at, in bytes. Ours have about 500.
pub const MAX_CERTIFICATE: usize = 4096;
/// Longest certificate request that is looked at, in bytes, PEM or DER.
pub const MAX_REQUEST: usize = 16 * 1024;
/// Longest card number, in characters.
pub const MAX_CARD_NUMBER: usize = 32;
/// Longest id of a card type, in characters (X.520 ub-common-name is 64).
pub const MAX_CARD_KIND: usize = 64;
/// Longest number of a person or a terminal, in characters: as the register has them, and ub-common-name.
pub const MAX_NUMBER: usize = 64;
/// Most names that a server's certificate carries.
pub const MAX_SERVER_NAMES: usize = 16;
/// Longest validity of a terminal's or a server's certificate: one year, a leap day included.
pub const MAX_LINK_VALIDITY: Duration = Duration::from_secs(366 * DAY);
/// Validity of an authority's own certificate: ten years.
pub const AUTHORITY_VALIDITY: Duration = Duration::from_secs(3653 * DAY);
/// Longest time between a revocation list and the next one: whoever takes the list believes it for so long.
pub const MAX_CRL_VALIDITY: Duration = Duration::from_secs(93 * DAY);
/// Largest key or certificate file that is read, in bytes.
pub const MAX_KEY_FILE: u64 = 64 * 1024;
/// Largest file of issued certificates that is read, in bytes: about fifty thousand certificates.
pub const MAX_ISSUED_FILE: u64 = 64 * 1024 * 1024;
/// Largest revocation list that is read, in bytes: about fifty thousand certificates.
pub const MAX_CRL: u64 = 4 * 1024 * 1024;

const DAY: u64 = 24 * 60 * 60;
