//! Every limit of this crate in one place.

use std::time::Duration;

/// Longest name of a controller, door or room, in characters.
pub const MAX_NAME: usize = 64;
/// Largest body of a sealed message, in bytes: a snapshot of 2,000 people at 20 doors has about five million.
pub const MAX_BODY: usize = 16 * 1024 * 1024;
/// Most records in one upload.
pub const MAX_UPLOAD: usize = 256;
/// Most grants in a snapshot, over all its doors.
pub const MAX_GRANTS: usize = 100_000;
/// Most doors of one controller.
pub const MAX_DOORS: usize = 64;
/// Longest validity of a snapshot: a day, then only the physical key opens.
pub const MAX_SNAPSHOT_AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// Most questions of one door that wait for the server at the same time.
pub const MAX_PENDING: usize = 8;
/// Longest time for which a strike is released.
pub const MAX_STRIKE: Duration = Duration::from_secs(30);
/// By how much the clock may leave the monotonic one within [`CLOCK_WINDOW`] before it is an alarm. A clock that
/// is corrected by slewing (at most 500 ppm) moves 1.8 s in that time.
pub const MAX_CLOCK_STEP: Duration = Duration::from_secs(5);
/// How long one comparison of the clocks goes on.
pub const CLOCK_WINDOW: Duration = Duration::from_secs(60 * 60);
/// Longest line of the local record, in bytes.
pub const MAX_LINE: usize = 4096;
/// Acknowledged records are dropped from the local file when they make up so many bytes.
pub const KEEP_ACKNOWLEDGED: u64 = 4 * 1024 * 1024;
