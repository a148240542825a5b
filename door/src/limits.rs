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
