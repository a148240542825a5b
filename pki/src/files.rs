//! Files that only their owner may read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A file that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system said no.
    #[error("`{}` cannot be used: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A key that others can read is no longer secret.
    #[error("`{}` can be read by others than its owner", path.display())]
    Shared {
        /// The file.
        path: PathBuf,
    },
    /// A line of it is not what stands in such a file.
    #[error("`{}` is damaged at line {line}: {why}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Larger than any file of this kind.
    #[error("`{}` is too large", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

impl FileError {
    /// The operating system said no to `path`.
    pub fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// What the person who runs the system reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::Io { path, source } => format!("ファイル {} を扱えません（{source}）。", path.display()),
            Self::Shared { path } => format!(
                "鍵のファイル {} を所有者以外が読めます。権限を所有者のみ（600）にし、他人に読まれたおそれがあれば鍵を作り直してください。",
                path.display()
            ),
            Self::Line { path, line, why } => {
                format!("{} の{line}行目が壊れています（{why}）。控えから戻してください。", path.display())
            }
            Self::TooLarge { path } => format!("ファイル {} が大きすぎます。", path.display()),
        }
    }
}

/// Writes a new file, 0600, durable when this returns. An existing file is an error, never overwritten.
pub fn write_new_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_new(path, bytes, 0o600).map_err(|source| FileError::io(path, source))
}

/// Writes a new file that everybody may read.
pub fn write_new_public(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_new(path, bytes, 0o644).map_err(|source| FileError::io(path, source))
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    with_mode(&mut options, mode);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    match path.parent() {
        Some(folder) => sync_folder(folder),
        None => Ok(()),
    }
}

/// Reads a file that must be its owner's alone.
pub fn read_private(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    read_up_to(open_private(path)?, path, limit)
}

/// Opens a file for reading that must be its owner's alone.
pub fn open_private(path: &Path) -> Result<File, FileError> {
    owners_alone(path, OpenOptions::new().read(true))
}

/// Opens a file for reading and for writing at its end that must be its owner's alone.
pub fn append_private(path: &Path) -> Result<File, FileError> {
    owners_alone(path, OpenOptions::new().read(true).write(true))
}

fn owners_alone(path: &Path, how: &OpenOptions) -> Result<File, FileError> {
    let io = |source| FileError::io(path, source);
    let file = how.open(path).map_err(io)?;
    if is_shared(&file).map_err(io)? {
        return Err(FileError::Shared { path: path.to_owned() });
    }
    Ok(file)
}

/// Reads a file that may be public.
pub fn read_public(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let file = File::open(path).map_err(|source| FileError::io(path, source))?;
    read_up_to(file, path, limit)
}

fn read_up_to(file: File, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    // Room for all at once: a growing buffer would leave copies of a key behind.
    let mut bytes = Vec::with_capacity(usize::try_from(limit).unwrap_or(usize::MAX).min(64 * 1024) + 1);
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|source| FileError::io(path, source))?;
    if bytes.len() as u64 > limit {
        return Err(FileError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

/// Makes a folder, 0700, where there is none.
pub fn private_folder(path: &Path) -> Result<(), FileError> {
    make_folder(path).map_err(|source| FileError::io(path, source))
}

#[cfg(unix)]
fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

#[cfg(unix)]
fn with_mode(options: &mut OpenOptions, mode: u32) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(mode);
}

// Elsewhere the folder's own access list decides.
#[cfg(not(unix))]
fn with_mode(_options: &mut OpenOptions, _mode: u32) {}

#[cfg(unix)]
fn is_shared(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_shared(_file: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
