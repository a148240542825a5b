//! The signing keys: one file per journal, for its owner's eyes only.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::error::{OpenError, StoreError};
use crate::entry::JournalName;
use crate::note::SigningKey;

/// Longer than any key's text.
const MAX_KEY_FILE: u64 = 4_096;

fn path(dir: &Path, journal: &JournalName) -> PathBuf {
    dir.join("keys").join(format!("journal-{journal}.key"))
}

fn io(error: std::io::Error) -> OpenError {
    StoreError::io(error).into()
}

/// Makes the directory of keys.
pub(crate) fn prepare(dir: &Path) -> Result<(), OpenError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir.join("keys")).map_err(io)
}

/// The key of a journal that exists.
pub(crate) fn load(dir: &Path, journal: &JournalName, vkey: &str) -> Result<SigningKey, OpenError> {
    let key = read(dir, journal)?.ok_or_else(|| OpenError::KeyMissing {
        journal: journal.to_string(),
        path: path(dir, journal).display().to_string(),
    })?;
    if key.verifier().to_string() != vkey {
        return Err(OpenError::OtherKey(path(dir, journal).display().to_string()));
    }
    Ok(key)
}

/// The key of a journal that does not exist yet. A key file may be there already: put there beforehand, or
/// left by an opening that was cut off.
pub(crate) fn load_or_make(dir: &Path, journal: &JournalName, origin: &str) -> Result<SigningKey, OpenError> {
    if let Some(key) = read(dir, journal)? {
        if key.verifier().name() != origin {
            return Err(OpenError::OtherKey(path(dir, journal).display().to_string()));
        }
        return Ok(key);
    }
    let key = SigningKey::generate(origin)
        .map_err(|error| OpenError::Key { journal: journal.to_string(), error })?;
    write(&path(dir, journal), &key.to_secret_text()).map_err(io)?;
    Ok(key)
}

fn read(dir: &Path, journal: &JournalName) -> Result<Option<SigningKey>, OpenError> {
    let path = path(dir, journal);
    let file = match fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
        return Err(OpenError::KeyExposed(path.display().to_string()));
    }
    let mut text = String::new();
    file.take(MAX_KEY_FILE).read_to_string(&mut text).map_err(io)?;
    let key = SigningKey::from_secret_text(&text);
    key.map(Some).map_err(|error| OpenError::Key { journal: journal.to_string(), error })
}

/// Whole or not at all: a key cut off in the middle would keep the journal from ever opening.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = path.with_extension("key.new");
    let _ = fs::remove_file(&draft);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    path.parent().map_or(Ok(()), |keys| fs::File::open(keys)?.sync_all())
}
