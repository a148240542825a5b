//! What a controller is set to.

mod files;
mod read;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

pub use files::{FileFault, read_or_make_lock_key, read_or_make_secret, read_secret};
pub use read::{ConfigFaults, Fault};

use crate::core::{DoorSettings, Settings};
use crate::wire::{Name, PublicKey};

/// A controller.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its name.
    pub controller: Name,
    /// Where the server is: `https://…`, or `http://` on this machine.
    pub server: String,
    /// The key by which the server is known.
    pub server_key: PublicKey,
    /// The certificate authority of the server, in PEM; none for `http://`.
    pub ca: Option<PathBuf>,
    /// Where the record, the snapshot and the controller's key are.
    pub data: PathBuf,
    /// How long the server may take for an answer.
    pub deadline: Duration,
    /// The lines.
    pub buses: Vec<Bus>,
    /// The doors.
    pub doors: Vec<Door>,
}

impl Config {
    /// The controller described by the file at `path` and the keys of its locks.
    ///
    /// # Errors
    /// With every fault of the file, each with its line, and what to do about it.
    pub fn load(path: &Path) -> Result<Self, ConfigFaults> {
        read::load(path, files::read_lock_key)
    }

    /// The same, and the keys that are missing are made.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_and_make_keys(path: &Path) -> Result<Self, ConfigFaults> {
        read::load(path, read_or_make_lock_key)
    }

    /// The controller described by `text`, with the keys that `key` gives. Paths are relative to `folder`.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(
        file: &str,
        text: &str,
        folder: &Path,
        key: impl Fn(&Path) -> Result<LockKey, FileFault>,
    ) -> Result<Self, ConfigFaults> {
        read::parse(file, text, folder, &key)
    }

    /// What the core needs of it.
    pub fn settings(&self) -> Settings {
        let door = |door: &Door| DoorSettings { door: door.id.clone(), strike: door.strike, held: door.held };
        Settings {
            controller: self.controller.clone(),
            deadline: self.deadline,
            doors: self.doors.iter().map(door).collect(),
        }
    }
}

/// A line with locks on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bus {
    /// Its name.
    pub name: Name,
    /// Where it is.
    pub port: PortName,
    /// Bits per second.
    pub baud: u32,
}

/// Where a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortName {
    /// A serial port.
    Serial(String),
    /// TCP on this machine: the end of a tunnel, or a simulated lock.
    Tcp(SocketAddrV4),
}

impl PortName {
    /// The port of this name.
    ///
    /// # Errors
    /// When it is neither a path nor TCP on this machine: what a lock says must not go over a network in the
    /// open, where its frames could be held back or repeated.
    pub fn new(text: &str) -> Result<Self, PortError> {
        let Some(address) = text.strip_prefix("tcp://") else {
            return if text.starts_with('/') {
                Ok(Self::Serial(text.to_owned()))
            } else {
                Err(PortError::Form(text.to_owned()))
            };
        };
        let address: SocketAddrV4 = address.parse().map_err(|_| PortError::Form(text.to_owned()))?;
        if !address.ip().is_loopback() {
            return Err(PortError::Remote(*address.ip()));
        }
        Ok(Self::Tcp(address))
    }
}

impl fmt::Display for PortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serial(path) => f.write_str(path),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
        }
    }
}

/// A port that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// Neither a path nor an address.
    #[error("`{0}` is no port: `/dev/…` or `tcp://127.0.0.1:PORT` is wanted")]
    Form(String),
    /// TCP to another machine.
    #[error("`{0}` is another machine: a serial server is reached through a tunnel that ends here")]
    Remote(Ipv4Addr),
}

/// A door and its lock.
#[derive(Clone, Debug)]
pub struct Door {
    /// Its name.
    pub id: Name,
    /// The room behind it.
    pub room: Name,
    /// The line of its lock.
    pub bus: Name,
    /// The lock's address on it, 0 to 126.
    pub address: u8,
    /// The key of its secure channel.
    pub key: LockKey,
    /// For how long a grant releases the strike.
    pub strike: Duration,
    /// How long it may stand open.
    pub held: Duration,
    /// Its readers.
    pub readers: Readers,
    /// Its inputs.
    pub inputs: Inputs,
    /// The output of the strike.
    pub output: u8,
    /// How the lock sends a member number.
    pub format: CardFormat,
}

/// Numbers of the readers as the lock counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readers {
    /// The one outside: whoever uses it wants in.
    pub outside: Option<u8>,
    /// The one inside.
    pub inside: Option<u8>,
}

/// Numbers of the inputs as the lock counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// The door's contact: 1 is open.
    pub contact: Option<u8>,
    /// The exit button.
    pub exit: Option<u8>,
    /// The key's switch in the cylinder.
    pub key: Option<u8>,
}

/// How a lock sends a member number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFormat {
    /// All bits are one number.
    Number,
    /// 26 bits with parity; the 24 between are the number.
    Wiegand26,
}

/// The key of a lock's secure channel (SCBK, AES-128).
#[derive(Clone, PartialEq, Eq)]
pub struct LockKey(Zeroizing<[u8; 16]>);

/// Why a key is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockKeyError {
    /// Not 32 hexadecimal digits.
    #[error("not a key: 32 hexadecimal digits are wanted")]
    Form,
    /// The standard's default key, which everybody knows.
    #[error("the default key SCBK-D protects nothing")]
    Default,
    /// Sixteen times the same byte.
    #[error("a key of one repeated byte protects nothing")]
    Weak,
}

impl LockKey {
    /// The key of these bytes.
    ///
    /// # Errors
    /// When it is the default key, or one byte repeated.
    pub fn new(bytes: [u8; 16]) -> Result<Self, LockKeyError> {
        let bytes = Zeroizing::new(bytes);
        if bytes.iter().zip(0x30u8..).all(|(byte, default)| *byte == default) {
            return Err(LockKeyError::Default);
        }
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(LockKeyError::Weak);
        }
        Ok(Self(bytes))
    }

    /// The key in hexadecimal, as it stands in its file.
    ///
    /// # Errors
    /// As [`LockKey::new`], or when it is not 32 hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Self, LockKeyError> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| LockKeyError::Form)?;
        Self::new(bytes)
    }

    /// The sixteen bytes.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for LockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockKey(secret)")
    }
}
