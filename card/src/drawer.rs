//! A drawer of software cards: a folder.

use crate::files::{self, FileError};
use crate::soft::{self, SoftCardError};
use crate::{CardAuthority, CardKind, CardNumber, IssueRequest, KeyStorage, Pin, SoftCard};
use jiff::Timestamp;
use pki::{Order, TwoPeople};
use std::path::{Path, PathBuf};

/// A folder of software cards, for the demonstration city and for tests.
#[derive(Debug, Clone)]
pub struct Drawer {
    folder: PathBuf,
}

impl Drawer {
    /// Opens the drawer in `folder`, making it where there is none.
    pub fn open(folder: &Path) -> Result<Self, SoftCardError> {
        files::private_folder(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Makes a card, certified by `authority` as software, valid from `from`, which is now, until `until`. A card of
    /// that number that is there already is never overwritten. No two people answer for it: it opens nothing real.
    pub fn make(
        &self,
        authority: &CardAuthority,
        number: CardNumber,
        kind: CardKind,
        pin: &Pin,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<SoftCard, SoftCardError> {
        let (on_card, its_kind) = (number.clone(), kind.clone());
        SoftCard::make(&self.folder, number, kind, pin, |slot, public_key| {
            authority.issue(&IssueRequest {
                number: on_card.clone(),
                kind: its_kind.clone(),
                slot,
                storage: KeyStorage::Software,
                order: Order {
                    public_key,
                    request: None,
                    from,
                    until,
                    at: from,
                    by: TwoPeople::synthetic(),
                    renews: None,
                },
            })
        })
    }

    /// Takes the card `number` and puts it into the reader: shut until its PIN is given.
    pub fn take(&self, number: &CardNumber) -> Result<SoftCard, SoftCardError> {
        SoftCard::read(&self.folder, number)
    }

    /// The numbers of the cards in the drawer, in order.
    pub fn numbers(&self) -> Result<Vec<CardNumber>, SoftCardError> {
        let io = |source| FileError::io(&self.folder, source);
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(io)? {
            let name = entry.map_err(io)?.file_name();
            numbers.extend(name.to_str().and_then(soft::number_of));
        }
        numbers.sort();
        Ok(numbers)
    }
}
