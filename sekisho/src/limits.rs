//! A limit on everything that the program reads or waits for.

use std::time::Duration;

/// Largest file that is taken for a saved checkpoint, in bytes. A checkpoint has a few hundred.
pub(crate) const CHECKPOINT: u64 = 64 * 1024;
/// Largest file of a token's PIN, in bytes.
pub(crate) const PIN_FILE: u64 = 1024;
/// Largest file of a demo's script, in bytes.
pub(crate) const SCRIPT: u64 = 1024 * 1024;
/// Requests that are under way may take so long to finish when the server is told to stop.
pub(crate) const STOPPING: Duration = Duration::from_secs(10);
/// How often the files folded from the journal are brought up to it.
pub(crate) const FOLLOW: Duration = Duration::from_millis(250);
/// How long a certificate that the program made for itself is good for.
pub(crate) const OWN_CERTIFICATE_DAYS: i64 = 825;
/// Lines about the demo's simulated doors that are kept for the page.
#[cfg(feature = "doors")]
pub(crate) const HEARD: usize = 50;
/// Terminals that are linked at once.
pub(crate) const LINKS: usize = 2_000;
