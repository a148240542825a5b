//! How long each item may be.
//!
//! Names are counted in graphemes, as people count them: a kanji with its variation selector is one. Bytes are
//! limited as well, because one grapheme may carry any number of combining marks.

/// Graphemes in a name.
pub const NAME_GRAPHEMES: usize = 100;
/// Graphemes in the reading of a name.
pub const KANA_GRAPHEMES: usize = 100;
/// Graphemes in an address.
pub const ADDRESS_GRAPHEMES: usize = 200;
/// Bytes of UTF-8 for each grapheme allowed, on average.
pub const BYTES_PER_GRAPHEME: usize = 16;
/// Characters in a household number.
pub const HOUSEHOLD_CHARS: usize = 20;
/// Characters that are looked at when a code is typed, separators included.
pub const CODE_TYPED_CHARS: usize = 64;
/// The earliest birth that is accepted: from this year on Japan's calendar is the Gregorian one.
pub const EARLIEST_BIRTH: jiff::civil::Date = jiff::civil::date(1873, 1, 1);
