//! An authority's key: in a file that is its owner's alone, or in a PKCS#11 token that it cannot leave.

use crate::files::{self, FileError};
use crate::limits::MAX_KEY_FILE;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why an authority's key could not be made or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key's file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The key's file is none, or is damaged.
    #[error("`{}` is no key: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The key is in a token, and nobody gave its PIN.
    #[error("the key is in the token `{0}`, whose PIN was not given")]
    PinNeeded(String),
    /// The PIN could not be asked for, or its file not be read.
    #[error("the token's PIN cannot be had: {0}")]
    Pin(String),
    /// This build has no PKCS#11.
    #[error("this build has no PKCS#11")]
    NoTokens,
    /// The token does not answer, does not know the PIN, or has no such key.
    #[error("the token `{token}` cannot be used: {why}")]
    Token {
        /// The token's label.
        token: String,
        /// What is wrong.
        why: String,
    },
    /// No randomness, or the library failed.
    #[error("no key could be made: {0}")]
    Making(String),
}

impl KeyError {
    /// What the person at the authority reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::File(error) => error.japanese(),
            Self::Damaged { path, why } => {
                format!("{} を鍵として読めません（{why}）。控えから戻してください。", path.display())
            }
            Self::PinNeeded(token) => format!(
                "認証局の鍵はトークン「{token}」の中にあります。PIN のファイルを --pin-file で指定してください。"
            ),
            Self::Pin(why) => format!("トークンの PIN を得られません（{why}）。--pin-file で指定してください。"),
            Self::NoTokens => {
                "このプログラムは PKCS#11 なしで作られています。`--features pkcs11` で作ったものを使ってください。"
                    .to_owned()
            }
            Self::Token { token, why } => format!(
                "トークン「{token}」を使えません（{why}）。差し込みと PIN を確かめてください。間違いが続くとトークンが使えなくなります。"
            ),
            Self::Making(why) => format!("鍵を作れませんでした（{why}）。"),
        }
    }
}

/// Where the PIN of a token comes from. It is asked for only when the key is in one.
pub trait PinSource {
    /// The PIN of the token with this label.
    fn pin(&self, token: &str) -> Result<Zeroizing<String>, KeyError>;
}

/// No PIN: for authorities whose keys are in files.
#[derive(Debug, Clone, Copy)]
pub struct NoToken;

impl PinSource for NoToken {
    fn pin(&self, token: &str) -> Result<Zeroizing<String>, KeyError> {
        Err(KeyError::PinNeeded(token.to_owned()))
    }
}

/// Which token, and by which library it is spoken to. Stands beside the authority's certificate; it is no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenName {
    /// The PKCS#11 library.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
}

/// Where a new authority's key is to be.
#[derive(Debug, Clone)]
pub enum KeyStore {
    /// In a file that is its owner's alone.
    File,
    /// In a token.
    Token(TokenName),
}

/// The key that an authority signs with, wherever it is.
pub(crate) struct AuthorityKey(Box<dyn SigningKey + Send + Sync>);

impl AuthorityKey {
    /// Makes the key of the authority `stem` in `folder`. A key that is there already is never overwritten.
    pub(crate) fn create(
        folder: &Path,
        stem: &str,
        store: &KeyStore,
        pins: &dyn PinSource,
    ) -> Result<Self, KeyError> {
        match store {
            KeyStore::File => {
                let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)
                    .map_err(|error| KeyError::Making(error.to_string()))?;
                let pem = Zeroizing::new(key.serialize_pem());
                files::write_new_private(&file_of(folder, stem), pem.as_bytes())?;
                Ok(Self(Box::new(key)))
            }
            KeyStore::Token(name) => {
                let text = serde_json::to_vec_pretty(name).map_err(|e| KeyError::Making(e.to_string()))?;
                let key = in_token(name, stem, pins, true)?;
                files::write_new_private(&token_of(folder, stem), &text)?;
                Ok(key)
            }
        }
    }

    /// The key of the authority `stem` in `folder`.
    pub(crate) fn load(folder: &Path, stem: &str, pins: &dyn PinSource) -> Result<Self, KeyError> {
        let token = token_of(folder, stem);
        if token.exists() {
            let text = files::read_private(&token, MAX_KEY_FILE)?;
            let name: TokenName = serde_json::from_slice(&text).map_err(|error| damaged(&token, &error))?;
            return in_token(&name, stem, pins, false);
        }
        let path = file_of(folder, stem);
        let pem = Zeroizing::new(files::read_private(&path, MAX_KEY_FILE)?);
        let pem = std::str::from_utf8(&pem).map_err(|error| damaged(&path, &error))?;
        let key = KeyPair::from_pem(pem).map_err(|error| damaged(&path, &error))?;
        if key.algorithm() != &PKCS_ECDSA_P256_SHA256 {
            return Err(damaged(&path, &"not a key of P-256"));
        }
        Ok(Self(Box::new(key)))
    }

    /// Whether `folder` has a key of the authority `stem`, or says in which token it is.
    pub(crate) fn exists(folder: &Path, stem: &str) -> bool {
        file_of(folder, stem).exists() || token_of(folder, stem).exists()
    }
}

impl PublicKeyData for AuthorityKey {
    fn der_bytes(&self) -> &[u8] {
        self.0.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.0.algorithm()
    }
}

impl SigningKey for AuthorityKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.0.sign(message)
    }
}

fn damaged(path: &Path, why: &dyn std::fmt::Display) -> KeyError {
    KeyError::Damaged { path: path.to_owned(), why: why.to_string() }
}

fn file_of(folder: &Path, stem: &str) -> PathBuf {
    folder.join(format!("{stem}.key"))
}

fn token_of(folder: &Path, stem: &str) -> PathBuf {
    folder.join(format!("{stem}.token"))
}

#[cfg(feature = "pkcs11")]
fn in_token(
    name: &TokenName,
    label: &str,
    pins: &dyn PinSource,
    new: bool,
) -> Result<AuthorityKey, KeyError> {
    let pin = pins.pin(&name.token)?;
    let key = if new {
        crate::token::TokenKey::create(name, label, &pin)
    } else {
        crate::token::TokenKey::open(name, label, &pin)
    };
    Ok(AuthorityKey(Box::new(key?)))
}

#[cfg(not(feature = "pkcs11"))]
fn in_token(_: &TokenName, _: &str, _: &dyn PinSource, _: bool) -> Result<AuthorityKey, KeyError> {
    Err(KeyError::NoTokens)
}
