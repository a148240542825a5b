//! Where the files of a profile come from: a folder, or the program itself.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::limits;

/// The files of one profile, by name relative to its folder (`posts.toml`, `policy/14.cedar`).
pub trait Source {
    /// The text of a file; `None` when there is no such file.
    ///
    /// # Errors
    /// When it cannot be read, is too large or is not UTF-8.
    fn read(&self, name: &str) -> io::Result<Option<String>>;

    /// The names of all files, in order, as [`Source::read`] takes them.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    fn names(&self) -> io::Result<Vec<String>>;
}

/// A profile in a folder of the file system.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl Source for Folder {
    fn read(&self, name: &str) -> io::Result<Option<String>> {
        let file = match fs::File::open(self.0.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut text = String::new();
        file.take(limits::PROFILE_FILE + 1).read_to_string(&mut text)?;
        if text.len() as u64 > limits::PROFILE_FILE {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the file is too large"));
        }
        Ok(Some(text))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = file_names(&self.0, "")?;
        let policy = self.0.join("policy");
        if policy.is_dir() {
            names.extend(file_names(&policy, "policy/")?);
        }
        names.sort();
        Ok(names)
    }
}

fn file_names(folder: &Path, before: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.push(format!("{before}{}", entry.file_name().to_string_lossy()));
        }
    }
    Ok(names)
}

/// A profile in memory: file name to text.
pub type Bundle = BTreeMap<String, String>;

impl Source for Bundle {
    fn read(&self, name: &str) -> io::Result<Option<String>> {
        Ok(self.get(name).cloned())
    }

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.keys().cloned().collect())
    }
}
