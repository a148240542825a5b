//! 第11条・第12条第2項: the keys of Level 2 rooms, lent by the section of the key officer, and their ledger.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::invalid::text;
use crate::occasion::japan_day;
use crate::{CardId, City, Invalid, KeyId, Occasion, PersonId, Receipt, RoomId, limits};

/// A key to be entered in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// 鍵番号; what the tag's QR code says.
    pub id: KeyId,
    /// The room that it opens.
    pub room: RoomId,
    /// What it is called, such as 正鍵, 予備鍵.
    pub name: String,
}

/// A key to be lent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lend {
    /// Which.
    pub key: KeyId,
    /// To whom.
    pub to: PersonId,
    /// What for.
    pub purpose: String,
    /// Until when.
    pub due: Timestamp,
    /// The card by which the borrower proved who it is.
    pub card: Option<CardId>,
    /// The card's key answered a fresh challenge, and the card is the borrower's and in use.
    pub proven: bool,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The room that it opens.
    pub room: RoomId,
    /// What it is called.
    pub name: String,
    /// Since when in the ledger.
    pub registered: Timestamp,
    /// When it was taken out of use, and why: lost, replaced.
    pub retired: Option<(Timestamp, String)>,
}

/// A loan of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loan {
    /// Which.
    pub key: KeyId,
    /// To whom.
    pub to: PersonId,
    /// What for.
    pub purpose: String,
    /// Until when.
    pub due: Timestamp,
    /// The card that proved the borrower.
    pub card: Option<CardId>,
    /// When, and who lent it.
    pub lent: (Timestamp, PersonId),
    /// When it came back, and who took it in.
    pub returned: Option<(Timestamp, PersonId)>,
    /// What was to be said about the return.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remark: String,
    /// Where it is recorded.
    pub receipt: Receipt,
}

/// The keys on the board were counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// When, and by whom.
    pub at: (Timestamp, PersonId),
    /// Neither on the board nor lent.
    pub missing: Vec<KeyId>,
    /// On the board although the ledger has them lent.
    pub unreturned: Vec<KeyId>,
    /// Where it is recorded.
    pub receipt: Receipt,
}

/// 鍵の管理簿.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    pub(super) keys: BTreeMap<KeyId, Key>,
    pub(super) loans: Vec<Loan>,
    pub(super) counts: Vec<Count>,
}

impl Loan {
    /// The key is out at `at`, or was.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.lent.0 <= at && self.returned.as_ref().is_none_or(|(back, _)| at <= *back)
    }

    /// Not back in time.
    pub fn overdue(&self, at: Timestamp) -> bool {
        self.returned.is_none() && self.due < at
    }
}

impl Keys {
    /// The loan that a key is out by.
    pub fn out(&self, key: &KeyId) -> Option<&Loan> {
        self.loans.iter().rev().find(|loan| loan.key == *key).filter(|loan| loan.returned.is_none())
    }

    /// The keys in use.
    pub fn in_use(&self) -> impl Iterator<Item = (&KeyId, &Key)> {
        self.keys.iter().filter(|(_, key)| key.retired.is_none())
    }

    /// Every key, those out of use included.
    pub fn all(&self) -> impl Iterator<Item = (&KeyId, &Key)> {
        self.keys.iter()
    }

    /// Every loan, oldest first.
    pub fn loans(&self) -> &[Loan] {
        &self.loans
    }

    /// Every count, oldest first.
    pub fn counts(&self) -> &[Count] {
        &self.counts
    }

    /// The keys were counted on `day`.
    pub fn counted_on(&self, day: Date) -> bool {
        self.counts.iter().rev().any(|count| japan_day(count.at.0) == day)
    }

    /// What is missing, and what hangs there unreturned, when `hanging` are on the board.
    pub(super) fn compare(&self, hanging: &[KeyId]) -> (Vec<KeyId>, Vec<KeyId>) {
        let (mut missing, mut unreturned) = (Vec::new(), Vec::new());
        for (key, _) in self.in_use() {
            match (hanging.contains(key), self.out(key).is_some()) {
                (false, false) => missing.push(key.clone()),
                (true, true) => unreturned.push(key.clone()),
                _ => {}
            }
        }
        (missing, unreturned)
    }

    pub(super) fn give_back(&mut self, key: &KeyId, remark: &str, at: (Timestamp, PersonId)) {
        let loan = self.loans.iter_mut().rev().find(|loan| loan.key == *key && loan.returned.is_none());
        if let Some(loan) = loan {
            loan.returned = Some(at);
            remark.clone_into(&mut loan.remark);
        }
    }
}

pub(super) fn check_new(city: &City, new: &NewKey) -> Result<(), Invalid> {
    if city.rooms.key(&new.id).is_some() {
        return Err(Invalid::Exists { what: "key", id: new.id.to_string() });
    }
    if city.profile().room(new.room.as_str()).is_none() {
        return Err(Invalid::Unknown { what: "room", id: new.room.to_string() });
    }
    text("key-name", &new.name, limits::NAME)
}

pub(super) fn check_lend(city: &City, lend: &Lend, on: &Occasion) -> Result<(), Invalid> {
    in_use(city, &lend.key)?;
    if city.rooms.keys().out(&lend.key).is_some() {
        return Err(Invalid::State { what: "key", id: lend.key.to_string(), state: "貸出中" });
    }
    if !city.knows(&lend.to) {
        return Err(Invalid::Unknown { what: "person", id: lend.to.to_string() });
    }
    text("purpose", &lend.purpose, limits::TEXT)?;
    if lend.due <= on.at { Err(Invalid::Past { what: "due" }) } else { Ok(()) }
}

pub(super) fn check_return(city: &City, key: &KeyId, remark: &str) -> Result<(), Invalid> {
    // One that was given up for lost may come back all the same.
    if city.rooms.key(key).is_none() {
        return Err(Invalid::Unknown { what: "key", id: key.to_string() });
    }
    if city.rooms.keys().out(key).is_none() {
        return Err(Invalid::State { what: "key", id: key.to_string(), state: "保管中" });
    }
    if remark.is_empty() { Ok(()) } else { text("remark", remark, limits::TEXT) }
}

pub(super) fn in_use(city: &City, key: &KeyId) -> Result<(), Invalid> {
    match city.rooms.key(key) {
        None => Err(Invalid::Unknown { what: "key", id: key.to_string() }),
        Some(key_known) if key_known.retired.is_some() => {
            Err(Invalid::State { what: "key", id: key.to_string(), state: "使われていない鍵" })
        }
        Some(_) => Ok(()),
    }
}
