//! The append-only Merkle journal: entries, tiles, checkpoints, proofs, and the store that keeps them.
//!
//! Several journals live in one file, `DIR/sekisho.db`. An entry is a JSON object with a random salt, written
//! in one canonical way ([`canonical`]). The entries of a journal are the leaves of a Merkle tree as in RFC
//! 6962, published in the layout of C2SP tlog-tiles and signed as C2SP checkpoints, so that programs that
//! were not written here can check it.
//!
//! ```
//! use journal::{Draft, Journal, JournalName, verify};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # let dir = dir.path();
//! let register = JournalName::new("register")?;
//! let journal = Journal::open(dir, "sekisho.invalid/000000", &[register.clone()])?;
//! let mut body = serde_json::Map::new();
//! body.insert("what".into(), "転入届".into());
//! let receipts = journal.append(vec![Draft { journal: register.clone(), body }])?;
//! assert_eq!(receipts[0].index, 0);
//! assert_eq!(journal.get(&register, 0)?.body()?["what"], "転入届");
//! assert!(verify(dir, &[])?.is_sound());
//! # Ok(())
//! # }
//! ```
//!
//! # What is promised
//!
//! - [`Journal::append`] returns when all its drafts are durable, in all their journals, or refuses with
//!   nothing of them left. Calls that wait together share one commit. (Should the disk fail in the very
//!   moment of a commit, and the process die before another one, a refused call may be found recorded after
//!   all: whole, never in part.)
//! - [`verify`] recomputes everything from the bytes of the entries and names the first bad index.
//! - A checkpoint follows new entries within a second, and at closing.
//! - **Not** promised: whoever holds both the file and the signing key can write another history and sign it.
//!   Only a checkpoint kept elsewhere shows that; give it to [`verify`]. Keep some: print them, send them to
//!   the prefecture, to the auditor.
//!
//! # Reading an entry in twenty years
//!
//! With the file and three common programs. Entries older than the newest few stand in bundles of 256, one
//! entry per line, compressed with zstd; entry 48211 of the journal `operations`:
//!
//! ```sh
//! sqlite3 -readonly sekisho.db "SELECT writefile('b.zst', lines) FROM bundle JOIN journal ON journal = id
//!     WHERE name = 'operations' AND n = 48211 / 256"
//! zstd -dc b.zst | sed -n "$((48211 % 256 + 1))p" | jq .
//! ```
//!
//! The newest (fewer than 256, from a multiple of 256 on) stand as they are, some to a row:
//!
//! ```sh
//! sqlite3 -readonly sekisho.db "SELECT lines FROM tail JOIN journal ON journal = id
//!     WHERE name = 'operations' ORDER BY idx" | grep . | sed -n "$((48300 % 256 + 1))p" | jq .
//! ```
//!
//! `sqlite3 sekisho.db .schema` says what every column is. With an export ([`export()`]) no database is
//! needed: `tile/entries/188` holds entries 48128 to 48383, each behind its length in two bytes, most
//! significant first (beyond bundle 999: `tile/entries/x001/000`):
//!
//! ```sh
//! perl -0777 -ne 'while (length) { my $n = unpack "n", $_; print substr($_, 2, $n), "\n";
//!     $_ = substr $_, 2 + $n }' tile/entries/188 | sed -n "$((48211 % 256 + 1))p" | jq .
//! ```
//!
//! The hash of an entry is SHA-256 over a zero byte and the line without its newline; that of two nodes,
//! SHA-256 over a one byte and both hashes. `checkpoint` holds origin, size, root and signature; the
//! standards are RFC 6962 and c2sp.org/tlog-tiles, /tlog-checkpoint, /signed-note and /tlog-proof.

pub mod canonical;
mod checkpoint;
mod entry;
mod export;
pub mod limits;
mod note;
mod proof;
mod store;
mod tile;
mod tree;
mod verify;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use entry::{Draft, EntryError, JournalName, NameError, Receipt, Salt, StoredEntry, seal, unseal};
pub use export::{ExportError, Listed, export, list, prove, vkey};
pub use note::{NoteError, SignedNote, SigningKey, VerifierKey};
pub use proof::{
    NodeSource, ProofError, TlogProof, consistency, inclusion, root_at, verify_consistency, verify_inclusion,
};
pub use store::{AppendError, Entries, Journal, OpenError, ReadError, StoreError};
pub use tile::{BundleError, TileKind, TilePath, TilePathError, encode_bundle, parse_bundle};
pub use tree::{Frontier, Hash, HashError, TreeHead, empty_root, leaf_hash, node_hash};
pub use verify::{Fault, Report, Verdict, VerifyError, verify};
