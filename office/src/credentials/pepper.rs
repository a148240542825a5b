//! The pepper: 32 random bytes beside the database, without which its hashes cannot even be tried.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

use crate::files::{self, make_folder};

const LENGTH: usize = 32;
const FOLDER: &str = "keys";
const FILE: &str = "pepper";

/// Why the pepper could not be read or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PepperError {
    /// The operating system said no.
    #[error("`{}` cannot be used: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others can read it, so it hides nothing.
    #[error("`{}` can be read by others than its owner", path.display())]
    Shared {
        /// The file.
        path: PathBuf,
    },
    /// Not 32 bytes long.
    #[error("`{}` is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// There are passwords, but no pepper: a new one would make all of them wrong without a word.
    #[error("`{}` is missing, but passwords were made with it", path.display())]
    Lost {
        /// The file.
        path: PathBuf,
    },
    /// The passwords were made with another pepper.
    #[error("`{}` is not the pepper of these passwords", path.display())]
    Other {
        /// The file.
        path: PathBuf,
    },
    /// The system's random number generator failed.
    #[error("no randomness: {0}")]
    Random(getrandom::Error),
}

impl PepperError {
    /// What the person who runs the system reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::Io { path, source } => format!("{} を扱えません（{source}）。", path.display()),
            Self::Shared { path } => format!(
                "{} を所有者以外が読めます。権限を所有者のみ（600）にし、読まれたおそれがあれば全員のパスワードを変えてください。",
                path.display()
            ),
            Self::Damaged { path } => format!("{} が壊れています。控えから戻してください。", path.display()),
            Self::Lost { path } => format!(
                "{} がありません。控えから戻してください。戻せないときは credentials.db を退避し、全員に初期パスワードを渡し直してください。",
                path.display()
            ),
            Self::Other { path } => format!(
                "{} は、いまのパスワードを作ったときのものではありません。credentials.db と同じ時点の控えから戻してください。",
                path.display()
            ),
            Self::Random(_) => "乱数を得られませんでした。".to_owned(),
        }
    }
}

pub(super) struct Pepper {
    key: Zeroizing<[u8; LENGTH]>,
    path: PathBuf,
}

impl Pepper {
    /// Reads `dir/keys/pepper`; makes it where there is none and `may_create`.
    pub(super) fn open(dir: &Path, may_create: bool) -> Result<Self, PepperError> {
        let folder = dir.join(FOLDER);
        let path = folder.join(FILE);
        match File::open(&path) {
            Ok(file) => Self::read(file, path),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(PepperError::Io { path, source: error })
            }
            Err(_) if !may_create => Err(PepperError::Lost { path }),
            Err(_) => Self::create(&folder, path),
        }
    }

    fn read(file: File, path: PathBuf) -> Result<Self, PepperError> {
        let io = |source| PepperError::Io { path: path.clone(), source };
        if is_shared(&file).map_err(io)? {
            return Err(PepperError::Shared { path });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(LENGTH + 2));
        file.take(LENGTH as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
        let mut key = Zeroizing::new([0; LENGTH]);
        if bytes.len() != LENGTH || bytes.as_slice() == key.as_slice() {
            return Err(PepperError::Damaged { path });
        }
        key.copy_from_slice(&bytes);
        Ok(Self { key, path })
    }

    fn create(folder: &Path, path: PathBuf) -> Result<Self, PepperError> {
        let mut key = Zeroizing::new([0; LENGTH]);
        getrandom::fill(key.as_mut_slice()).map_err(PepperError::Random)?;
        // Under another name until it is whole, so that a crash leaves no half of it.
        let draft = folder.join(format!("{FILE}.new"));
        let write = || {
            make_folder(folder)?;
            files::put(&path, &draft, key.as_slice())
        };
        write().map_err(|source| PepperError::Io { path: path.clone(), source })?;
        Ok(Self { key, path })
    }

    /// Says which pepper it is, and nothing else of it.
    pub(super) fn id(&self) -> String {
        hex::encode(&self.mac(b"sekisho-pepper-id-v1\0", &[])[..8])
    }

    pub(super) fn other(&self) -> PepperError {
        PepperError::Other { path: self.path.clone() }
    }

    /// What argon2 is given in place of the password. Person and version are in it, so that a hash that is copied
    /// to another row of the database is no longer that of any known password.
    pub(super) fn season(&self, person: &str, version: u64, password: &str) -> Zeroizing<[u8; 32]> {
        let parts = [person.as_bytes(), &version.to_be_bytes(), password.as_bytes()];
        self.mac(b"sekisho-password-v1\0", &parts)
    }

    fn mac(&self, tag: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.key.as_slice()).expect("HMAC takes keys of any length");
        mac.update(tag);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

#[cfg(unix)]
fn is_shared(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_shared(_file: &File) -> io::Result<bool> {
    Ok(false)
}
