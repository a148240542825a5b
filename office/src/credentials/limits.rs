//! Every limit on passwords and on the work of hashing them.

/// Shortest password that any city may allow, in code points after NFKC (NIST SP 800-63B-4, beside a card).
pub const LENGTH_FLOOR: usize = 8;
/// Shortest password unless the profile says otherwise.
pub const LENGTH_DEFAULT: usize = 12;
/// The longest minimum that a city may set: 64 code points must always be allowed, and people must manage to type it.
pub const LENGTH_CEILING: usize = 64;
/// Longest password, in code points after NFKC.
pub const LENGTH_MAX: usize = 128;
/// Longest text that is looked at as a password, in bytes before NFKC. 128 code points have 512 bytes at most.
pub const TYPED_MAX_BYTES: usize = 1024;
/// What must be left of a password, in code points, when its guessable parts count as one each.
pub const UNGUESSABLE_MIN: usize = 8;
/// Own words of the city that are looked for.
pub const OWN_WORDS_MAX: usize = 256;
/// Passwords hashed at the same time. Each takes the memory of one hash.
pub const HASHES_AT_ONCE: usize = 2;
/// Passwords that wait to be hashed; more are sent away at once.
pub const HASHES_WAITING: usize = 64;
/// Most memory for one hash, in KiB. A stored hash that asks for more was not made here.
pub const HASH_MEMORY_MAX_KIB: u32 = 1024 * 1024;
/// Most passes over the memory.
pub const HASH_PASSES_MAX: u32 = 16;
/// Most lanes.
pub const HASH_LANES_MAX: u32 = 16;
/// Longest person's id, in bytes.
pub const PERSON_MAX_BYTES: usize = 256;
