//! Documents that cases are bound to: each is kept under the hash of its bytes and never deleted.
//!
//! A fact names a document by its SHA-256, so the journal's tree covers what the document says. The file is
//! read back with the hash verified: whoever changes it on the disk changes what it is called.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use register::Act;
use register::case::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{Declined, Office, files, limits};

const FOLDER: &str = "documents";

/// A document that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// SHA-256 of its bytes, in lower-case hex.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// Why a document cannot be kept or given.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// There is nothing in it.
    #[error("the document is empty")]
    Empty,
    /// It is longer than it may be.
    #[error("a document may have {most} bytes at most")]
    TooLarge {
        /// Bytes at most.
        most: usize,
    },
    /// No document has this hash.
    #[error("no document `{sha256}`")]
    Unknown {
        /// The hash asked for.
        sha256: String,
    },
    /// What lies under this hash is not what was kept.
    #[error("the document `{sha256}` was changed on the disk")]
    Tampered {
        /// The hash asked for.
        sha256: String,
    },
    /// The operating system said no.
    #[error("`{}` cannot be used: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl DocumentError {
    /// For people.
    pub fn japanese(&self) -> String {
        match self {
            Self::Empty => "中身のないファイルです。選び直してください".to_owned(),
            Self::TooLarge { most } => {
                format!("ファイルは{}メガバイトまでです", most / 1024 / 1024)
            }
            Self::Unknown { .. } => "この文書は保管されていません".to_owned(),
            Self::Tampered { .. } => {
                "保管した文書が、後から書き換えられています。開かずに、システム管理者に連絡してください"
                    .to_owned()
            }
            Self::Io { .. } => "文書を読み書きできませんでした。システム管理者に連絡してください".to_owned(),
        }
    }
}

impl Office {
    /// Keeps a document. Once this returns it is on the disk; the same bytes are kept once.
    ///
    /// # Errors
    /// [`DocumentError`]: it is empty, too large, cannot be written, or what lies there was tampered with.
    pub fn keep_document(&self, bytes: &[u8]) -> Result<Document, DocumentError> {
        if bytes.is_empty() {
            return Err(DocumentError::Empty);
        }
        if bytes.len() > limits::DOCUMENT {
            return Err(DocumentError::TooLarge { most: limits::DOCUMENT });
        }
        let sha256 = hash(bytes);
        let document = Document { bytes: bytes.len() as u64, sha256 };
        match self.document(&document.sha256) {
            Ok(_) => return Ok(document),
            Err(DocumentError::Unknown { .. }) => {}
            Err(error) => return Err(error),
        }
        let path = self
            .document_path(&document.sha256)
            .ok_or_else(|| DocumentError::Unknown { sha256: document.sha256.clone() })?;
        let io = |source| DocumentError::Io { path: path.clone(), source };
        // Two may keep the same document at once: each writes a draft of its own.
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| io(io::Error::other(error.to_string())))?;
        let draft = path.with_extension(format!("{}.new", hex::encode(random)));
        let write = || {
            let folder = path.parent().unwrap_or(Path::new(FOLDER));
            files::make_folder(folder)?;
            folder.parent().map_or(Ok(()), files::sync_folder)?;
            files::put(&path, &draft, bytes)
        };
        write().map_err(io)?;
        Ok(document)
    }

    /// A document's bytes, verified against its hash.
    ///
    /// # Errors
    /// [`DocumentError`]: there is none of this hash, it cannot be read, or it was tampered with.
    pub fn document(&self, sha256: &str) -> Result<Vec<u8>, DocumentError> {
        let named = || sha256.to_owned();
        let path = self.document_path(sha256).ok_or_else(|| DocumentError::Unknown { sha256: named() })?;
        let mut bytes = Vec::new();
        let read = std::fs::File::open(&path)
            .and_then(|file| file.take(limits::DOCUMENT as u64 + 1).read_to_end(&mut bytes));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(DocumentError::Unknown { sha256: named() })
            }
            Err(source) => Err(DocumentError::Io { path, source }),
            Ok(_) if hash(&bytes) != sha256 => Err(DocumentError::Tampered { sha256: named() }),
            Ok(_) => Ok(bytes),
        }
    }

    /// Every document that an act is bound to is kept: nobody binds a case to what nobody can read.
    ///
    /// # Errors
    /// [`Declined::Unreadable`] at the field that names a document that is not.
    pub(crate) fn knows_documents(&self, act: &Act) -> Result<(), Declined> {
        let Act::Case(step) = act else { return Ok(()) };
        for field in step.step.def().fields {
            let Some(Value::Document(named)) = step.particulars.get(field.id) else { continue };
            let file = self.document_path(&named.sha256).and_then(|path| std::fs::metadata(path).ok());
            if !file.is_some_and(|file| file.is_file() && file.len() == named.bytes) {
                let japanese = DocumentError::Unknown { sha256: named.sha256.clone() }.japanese();
                return Err(Declined::Unreadable { field: field.id, japanese });
            }
        }
        Ok(())
    }

    /// `documents/ab/ab…`: a folder for each first byte, so that none grows too long. Nothing but a hash becomes
    /// a path.
    fn document_path(&self, sha256: &str) -> Option<PathBuf> {
        let digits = sha256.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let hash = sha256.len() == 64 && digits;
        hash.then(|| self.data().join(FOLDER).join(&sha256[..2]).join(sha256))
    }
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
