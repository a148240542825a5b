//! A limit on everything that waits or is remembered.

use std::time::Duration;

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
/// How long a door controller's question for news is held open while there is none.
pub(crate) const SYNC_HELD: Duration = Duration::from_secs(5);
/// How often it is looked whether there is news for it: what is left of a lockdown's second is for the way.
pub(crate) const SYNC_LOOKS: Duration = Duration::from_millis(20);
/// Questions for news that are held open at once; others are answered as they come.
pub(crate) const SYNCS_HELD: usize = 32;
/// Age at which a snapshot of the permissions is given out anew, though nothing has changed.
pub(crate) const SNAPSHOT_RENEWED: SignedDuration = SignedDuration::from_hours(1);
/// How long a snapshot of the permissions opens doors: a night without the server, and never more than a day.
pub(crate) const SNAPSHOT_HOLDS: SignedDuration = SignedDuration::from_hours(24);
/// Records of a door controller that one upload brings; it sends the others after them.
pub(crate) const REPORTS_AT_ONCE: usize = 256;
/// How long a controller may say nothing. It sends something every fifteen seconds.
pub(crate) const SILENT: SignedDuration = SignedDuration::from_secs(60);
