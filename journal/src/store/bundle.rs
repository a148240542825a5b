//! Bundles as the file keeps them: one entry per line, compressed.
//!
//! Canonical JSON has no newline in it, so lines are enough, and `zstd -d` and `jq` read them.

use std::sync::Arc;

use memchr::memchr_iter;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::get_frame_content_size;

use super::error::StoreError;
use crate::limits::{MAX_BUNDLE_BYTES, TILE_WIDTH};

/// Fast, and already most of what there is to gain: bundles are written while callers wait.
const LEVEL: i32 = 1;

/// Compresses bundles.
pub(crate) struct Packer {
    compressor: Compressor<'static>,
    lines: Vec<u8>,
}

impl Packer {
    pub(crate) fn new() -> Result<Self, StoreError> {
        Ok(Self { compressor: Compressor::new(LEVEL).map_err(StoreError::io)?, lines: Vec::new() })
    }

    pub(crate) fn pack(&mut self, entries: &[Arc<Vec<u8>>]) -> Result<Vec<u8>, StoreError> {
        write_lines(&mut self.lines, entries);
        self.compressor.compress(&self.lines).map_err(StoreError::io)
    }

    /// The same without compression, for the tail.
    pub(crate) fn lines(&mut self, entries: &[Arc<Vec<u8>>]) -> Result<&str, StoreError> {
        write_lines(&mut self.lines, entries);
        str::from_utf8(&self.lines).map_err(|e| StoreError::Sqlite(e.to_string()))
    }
}

fn write_lines(lines: &mut Vec<u8>, entries: &[Arc<Vec<u8>>]) {
    lines.clear();
    for entry in entries {
        debug_assert!(!entry.contains(&b'\n'));
        lines.extend_from_slice(entry);
        lines.push(b'\n');
    }
}

/// The entries of lines that are not compressed; `None` when the last has no end.
pub(crate) fn split_lines(lines: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let lines = lines.strip_suffix(b"\n")?;
    Some(lines.split(|&byte| byte == b'\n'))
}

/// Reads bundles.
pub(crate) struct Unpacker {
    decompressor: Decompressor<'static>,
    /// A zero byte, then the lines.
    buffer: Vec<u8>,
}

/// The lines of one bundle, each behind a zero byte: the very bytes that its leaf's hash is over.
pub(crate) struct Lines<'u> {
    buffer: &'u [u8],
    ends: Vec<usize>,
}

impl Unpacker {
    pub(crate) fn new() -> Result<Self, StoreError> {
        Ok(Self { decompressor: Decompressor::new().map_err(StoreError::io)?, buffer: Vec::new() })
    }

    /// The entries of a bundle, or what is wrong with it.
    pub(crate) fn unpack(&mut self, packed: &[u8]) -> Result<Lines<'_>, &'static str> {
        let length = match get_frame_content_size(packed) {
            Ok(Some(length)) if length <= MAX_BUNDLE_BYTES as u64 => length as usize,
            _ => return Err("the bundle is not compressed as it was written"),
        };
        if self.buffer.len() < length + 1 {
            self.buffer.resize(length + 1, 0);
        }
        self.buffer[0] = 0;
        let written = self
            .decompressor
            .decompress_to_buffer(packed, &mut self.buffer[1..=length])
            .map_err(|_| "the bundle cannot be decompressed")?;
        if written != length {
            return Err("the bundle has another length than it says");
        }
        let ends: Vec<usize> = memchr_iter(b'\n', &self.buffer[..=length]).collect();
        if length == 0 || ends.last() != Some(&length) {
            return Err("the bundle's last line has no end");
        }
        for &end in &ends {
            self.buffer[end] = 0;
        }
        Ok(Lines { buffer: &self.buffer[..=length], ends })
    }
}

impl Lines<'_> {
    /// How many entries there are; 256 in an intact bundle.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are as many as there must be.
    pub(crate) fn is_full(&self) -> bool {
        self.len() == TILE_WIDTH
    }

    /// The zero byte and the entry at `position`.
    pub(crate) fn prefixed(&self, position: usize) -> &[u8] {
        let from = if position == 0 { 0 } else { self.ends[position - 1] };
        &self.buffer[from..self.ends[position]]
    }

    /// The entry at `position`.
    pub(crate) fn entry(&self, position: usize) -> &[u8] {
        &self.prefixed(position)[1..]
    }
}
