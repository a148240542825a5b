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
/// How often the bus is looked after. The standard wants at least every 50 ms.
pub const REFRESH: Duration = Duration::from_millis(2);
/// For how long a lock may be silent until its channel is lost.
pub const CHANNEL_GRACE: Duration = Duration::from_millis(2500);
/// After which time a lock that is away is tried anew.
pub const RECONNECT: Duration = Duration::from_secs(2);
/// The longest such time; also that of a lock beside others that work.
pub const RECONNECT_AT_MOST: Duration = Duration::from_secs(15);
/// How often the core is told that time passes.
pub const TICK: Duration = Duration::from_millis(50);
/// How many questions may be under way at the same time.
pub const ASKING: usize = 4;
/// How long an upload may take.
pub const UPLOAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the server may hold a sync, with something for the way.
pub const SYNC_TIMEOUT: Duration = Duration::from_secs(30);
/// After a failure the server is tried again after this time, doubled each time …
pub const RETRY: Duration = Duration::from_millis(250);
/// … up to this.
pub const RETRY_AT_MOST: Duration = Duration::from_secs(8);
/// After which time a record that could not be written is tried again.
pub const RETRY_RECORD: Duration = Duration::from_secs(1);
/// An upload without records, so that the server sees the controller, is sent so often.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// Largest file of a key, in bytes.
pub const MAX_KEY_FILE: usize = 256;
/// Largest file of settings, in bytes.
pub const MAX_CONFIG: u64 = 256 * 1024;
/// The shortest time between two polls for a snapshot when nothing is new.
pub const POLL: Duration = Duration::from_millis(500);
/// The time that the controller has to take a new snapshot until the server is polled again.
pub const TAKING: Duration = Duration::from_millis(20);
