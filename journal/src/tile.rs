//! Tiles and entry bundles of C2SP tlog-tiles: their paths and their bytes.

use std::fmt;
use std::str::FromStr;

use crate::limits::{MAX_TREE_SIZE, TILE_WIDTH};

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileKind {
    /// Hashes of subtrees of 256^level leaves.
    Hashes {
        /// 0 for leaf hashes, at most 63.
        level: u8,
    },
    /// The entries themselves.
    Entries,
}

/// Where a tile lies: `tile/0/x001/234.p/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TilePath {
    kind: TileKind,
    n: u64,
    width: usize,
}

/// Why a text is not the path of a tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the path of a tile")]
pub struct TilePathError(String);

const MAX_LEVEL: u8 = 63;

impl TilePath {
    /// The path of tile `n` of `kind` that holds `width` hashes or entries; `None` when out of range.
    pub fn new(kind: TileKind, n: u64, width: usize) -> Option<Self> {
        let level_fits = !matches!(kind, TileKind::Hashes { level } if level > MAX_LEVEL);
        (level_fits && n < MAX_TREE_SIZE && (1..=TILE_WIDTH).contains(&width)).then_some(Self {
            kind,
            n,
            width,
        })
    }

    /// What the tile holds.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Number of the tile within its level.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Hashes or entries in it; 256 when it is full.
    pub fn width(&self) -> usize {
        self.width
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes { level } => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![self.n % 1000];
        let mut rest = self.n / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        while let Some(group) = groups.pop() {
            if groups.is_empty() {
                write!(f, "{group:03}")?;
            } else {
                write!(f, "x{group:03}/")?;
            }
        }
        if self.width < TILE_WIDTH {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for TilePath {
    type Err = TilePathError;

    fn from_str(text: &str) -> Result<Self, TilePathError> {
        let path = parse_path(text).filter(|path| path.to_string() == text);
        path.ok_or_else(|| TilePathError(text.chars().take(80).collect()))
    }
}

/// Reads leniently; the caller compares with what would be written.
fn parse_path(text: &str) -> Option<TilePath> {
    let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes { level: level.parse().ok()? },
    };
    let (groups, width) = match rest.split_once(".p/") {
        Some((groups, width)) => (groups, width.parse().ok()?),
        None => (rest, TILE_WIDTH),
    };
    let mut n: u64 = 0;
    for group in groups.split('/') {
        let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        n = n.checked_mul(1000)?.checked_add(digits)?;
    }
    TilePath::new(kind, n, width)
}

/// Why bytes are not an entry bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The bytes end inside an entry or its length.
    #[error("the bundle ends inside its entry number {0}")]
    Cut(usize),
    /// More entries than a bundle holds.
    #[error("the bundle has more than {TILE_WIDTH} entries")]
    TooMany,
    /// An entry too long for its two-byte length.
    #[error("entry number {0} is too long for a bundle")]
    EntryTooLong(usize),
}

/// Entries, each behind its length in two bytes, most significant first.
///
/// # Errors
/// When there are more than 256 entries or one is longer than 65,535 bytes.
pub fn encode_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, BundleError> {
    if entries.len() > TILE_WIDTH {
        return Err(BundleError::TooMany);
    }
    let mut out = Vec::with_capacity(entries.iter().map(|e| e.as_ref().len() + 2).sum());
    for (position, entry) in entries.iter().enumerate() {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong(position))?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(entry);
    }
    Ok(out)
}

/// The entries of a bundle.
///
/// # Errors
/// When the bytes are cut or hold more than 256 entries.
pub fn parse_bundle(mut bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let position = entries.len();
        if position == TILE_WIDTH {
            return Err(BundleError::TooMany);
        }
        let (length, rest) = bytes.split_first_chunk::<2>().ok_or(BundleError::Cut(position))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, rest) = rest.split_at_checked(length).ok_or(BundleError::Cut(position))?;
        entries.push(entry);
        bytes = rest;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_standard() {
        let hashes = |level, n, width| TilePath::new(TileKind::Hashes { level }, n, width).unwrap();
        assert_eq!(hashes(0, 1_234_067, 256).to_string(), "tile/0/x001/x234/067");
        assert_eq!(hashes(1, 0, 17).to_string(), "tile/1/000.p/17");
        let entries = TilePath::new(TileKind::Entries, 1000, 1).unwrap();
        assert_eq!(entries.to_string(), "tile/entries/x001/000.p/1");
        assert!(TilePath::new(TileKind::Entries, 0, 0).is_none());
        assert!(TilePath::new(TileKind::Entries, 0, 257).is_none());
        assert!(TilePath::new(TileKind::Hashes { level: 64 }, 0, 1).is_none());
    }

    #[test]
    fn another_spelling_of_a_path_is_refused() {
        for text in [
            "",
            "tile",
            "tile/0/",
            "tile/0/1",
            "tile/00/001",
            "tile/0/x000/001",
            "tile/0/001.p/256",
            "tile/0/001.p/0",
            "tile/0/001.p/01",
            "tile/0/+01",
            "tile/64/000",
            "tile/0/001/002",
            "tile/0/x001",
            "/tile/0/001",
            "tile/0/x001/../../001",
            "tile/0/999/x999/999/999/999/999/999/999/999",
        ] {
            assert!(text.parse::<TilePath>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_bundle_is_lengths_and_entries() {
        let bytes = encode_bundle(&[&b"ab"[..], b"", b"c"]).unwrap();
        assert_eq!(bytes, b"\x00\x02ab\x00\x00\x00\x01c");
        assert_eq!(parse_bundle(&bytes).unwrap(), [&b"ab"[..], b"", b"c"]);
        assert_eq!(parse_bundle(&bytes[..3]), Err(BundleError::Cut(0)));
        assert_eq!(parse_bundle(&bytes[..5]), Err(BundleError::Cut(1)));
        assert_eq!(parse_bundle(&[0; 514]), Err(BundleError::TooMany));
        assert!(encode_bundle(&[vec![0; 65_536]]).is_err());
    }
}
