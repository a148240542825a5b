//! The files of keys: their owner's alone.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{LockKey, LockKeyError};
use crate::limits::MAX_KEY_FILE;
use crate::wire::{KeyError, SecretKey};

/// Why a file of a key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileFault {
    /// The operating system said no.
    #[error("`{}` cannot be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A key that others can read is no longer secret.
    #[error("`{}` can be read by others than its owner", .0.display())]
    Shared(PathBuf),
    /// The key of a lock.
    #[error("`{}`: {source}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: LockKeyError,
    },
    /// The controller's key.
    #[error("`{}`: {source}", path.display())]
    Own {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyError,
    },
}

impl FileFault {
    /// What is wrong, and what to do about it, for the person who sets up the door.
    pub fn japanese(&self) -> (String, String) {
        match self {
            Self::Io { path, source } if source.kind() == io::ErrorKind::NotFound => (
                format!("鍵のファイル {} がありません", path.display()),
                "`sekisho door init` で作り、同じ鍵を錠に入れてください".to_owned(),
            ),
            Self::Io { path, source } => (
                format!("ファイル {} を扱えません（{source}）", path.display()),
                "場所と権限を確かめてください".to_owned(),
            ),
            Self::Shared(path) => (
                format!("鍵のファイル {} を所有者以外が読めます", path.display()),
                "権限を所有者のみ（600）にし、読まれたおそれがあれば鍵を作り直してください".to_owned(),
            ),
            Self::Lock { path, source: LockKeyError::Form } => (
                format!("{} は錠の鍵ではありません", path.display()),
                "16進数32桁を1行で書くか、消して `sekisho door init` で作ってください".to_owned(),
            ),
            Self::Lock { path, source: LockKeyError::Default } => (
                format!("{} は誰もが知っている初期の鍵（SCBK-D）です", path.display()),
                "`sekisho door init` で鍵を作り、錠に入れ直してください".to_owned(),
            ),
            Self::Lock { path, source: LockKeyError::Weak } => (
                format!("{} は同じ値の繰返しで、鍵になりません", path.display()),
                "`sekisho door init` で鍵を作り、錠に入れ直してください".to_owned(),
            ),
            Self::Own { path, .. } => (
                format!("{} は制御器の鍵ではありません", path.display()),
                "`sekisho door init` で作り、公開鍵を登録し直してください".to_owned(),
            ),
        }
    }
}

/// The key of a lock in the file at `path`.
pub(super) fn read_lock_key(path: &Path) -> Result<LockKey, FileFault> {
    let text = read_private(path)?;
    LockKey::from_hex(&text).map_err(|source| FileFault::Lock { path: path.to_owned(), source })
}

/// The key of a lock in the file at `path`; where there is no file, a new key is written into one.
///
/// # Errors
/// When the file is there and is not good, or cannot be made.
pub fn read_or_make_lock_key(path: &Path) -> Result<LockKey, FileFault> {
    match read_lock_key(path) {
        Err(FileFault::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            let mut bytes = Zeroizing::new([0; 16]);
            getrandom::fill(bytes.as_mut_slice()).map_err(|error| FileFault::Io {
                path: path.to_owned(),
                source: io::Error::other(error.to_string()),
            })?;
            write_private(path, &Zeroizing::new(hex::encode(bytes.as_slice())))?;
            read_lock_key(path)
        }
        other => other,
    }
}

/// The controller's own key in the file at `path`.
///
/// # Errors
/// When there is none, or it is not good.
pub fn read_secret(path: &Path) -> Result<SecretKey, FileFault> {
    let text = read_private(path)?;
    SecretKey::from_base64(&text).map_err(|source| FileFault::Own { path: path.to_owned(), source })
}

/// The controller's own key in the file at `path`; where there is no file, a new key is written into one.
///
/// # Errors
/// When the file is there and is not good, or cannot be made.
pub fn read_or_make_secret(path: &Path) -> Result<SecretKey, FileFault> {
    match read_secret(path) {
        Err(FileFault::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            let key =
                SecretKey::generate().map_err(|source| FileFault::Own { path: path.to_owned(), source })?;
            write_private(path, &key.to_base64())?;
            Ok(key)
        }
        other => other,
    }
}

fn read_private(path: &Path) -> Result<Zeroizing<String>, FileFault> {
    let io = |source| FileFault::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(io)?;
    if file.metadata().map_err(io)?.mode() & 0o077 != 0 {
        return Err(FileFault::Shared(path.to_owned()));
    }
    let mut text = Zeroizing::new(String::with_capacity(MAX_KEY_FILE));
    file.take(MAX_KEY_FILE as u64).read_to_string(&mut text).map_err(io)?;
    Ok(text)
}

fn write_private(path: &Path, text: &str) -> Result<(), FileFault> {
    let write = || {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    };
    write().map_err(|source| FileFault::Io { path: path.to_owned(), source })
}
