//! Every limit of this crate in one place.

use std::time::Duration;

/// The longest message, in bytes of JSON. Certificates have 500 to 3,000 bytes.
pub const MAX_MESSAGE: usize = 32 * 1024;
/// How often both sides say that they are there.
pub const BEAT: Duration = Duration::from_secs(2);
/// Who has not been heard for this long is gone.
pub const LOST: Duration = Duration::from_secs(6);
/// How long the office may take until the connection stands.
pub const CONNECTING: Duration = Duration::from_secs(5);
/// How long until the office is called again, the first time; doubled until [`RECALL_AT_MOST`].
pub const RECALL: Duration = Duration::from_millis(500);
/// As [`RECALL`].
pub const RECALL_AT_MOST: Duration = Duration::from_secs(10);
/// How often the readers are looked at.
pub const LOOK: Duration = Duration::from_millis(100);
/// How often an open stay is asked for a fresh proof by the card (slot 9E).
pub const PROOF_EVERY: Duration = Duration::from_secs(60);
/// How long the card may take for it.
pub const PROOF_WITHIN: Duration = Duration::from_secs(10);
/// How long the page of a proven card may be opened, once.
pub const TICKET: Duration = Duration::from_secs(30);
/// A terminal's clock that is further off than this is told to the clerk.
pub const CLOCK_OFF: Duration = Duration::from_secs(5 * 60);
/// The largest configuration, in bytes.
pub const MAX_CONFIG: u64 = 64 * 1024;
