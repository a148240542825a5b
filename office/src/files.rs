//! Files that are their owner's alone, and folders whose entries outlast a crash.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Opens a file for writing, its owner's alone, emptied.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    private(&mut options);
    options.open(path)
}

/// Makes a file, its owner's alone, where there is none, and leaves it as it is where there is one.
pub(crate) fn ensure_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    private(&mut options);
    options.open(path).map(drop)
}

/// Puts `bytes` at `path` whole or not at all: under another name (`draft`, in the same folder) until it is on
/// the disk. Once this returns, neither the file nor its name is lost in a crash.
pub(crate) fn put(path: &Path, draft: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_private(draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(draft, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

// Elsewhere the folder's own access list decides.
#[cfg(not(unix))]
fn private(_options: &mut OpenOptions) {}

/// Makes a folder, its owner's alone, with those above it.
#[cfg(unix)]
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a folder with those above it.
#[cfg(not(unix))]
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// The folder's entries are on the disk.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be synced by itself.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
