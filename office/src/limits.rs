//! A limit on everything that waits or is remembered.

use jiff::SignedDuration;

/// Acts that may wait for the registrar; more are turned away with a word, not kept waiting.
pub(crate) const WAITING: usize = 4_096;
/// Acts that one transaction of the journal takes.
pub(crate) const BATCH: usize = 1_024;
/// Facts after which a new snapshot is written.
pub(crate) const SNAPSHOT_EVERY: u64 = 20_000;
/// How long a proven card waits for the password.
pub(crate) const CARD_WAITS: SignedDuration = SignedDuration::from_mins(3);
/// Challenges and proven cards that may be open at once.
pub(crate) const OPEN_SIGN_INS: usize = 1_000;
/// Results of operations kept for being shown again in the same stay.
pub(crate) const SHOWN: usize = 5_000;
/// Residents that one page of results shows.
pub(crate) const HITS: usize = 50;
/// Bytes of one document.
pub(crate) const DOCUMENT: usize = 20 * 1024 * 1024;
