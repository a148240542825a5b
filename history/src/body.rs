//! The bytes of a row beside its key: numbers of seven bits a byte, words by their number, texts with their length.

use register::terms::ResidentCode;

use register::access::{OperationKind, Output};

use crate::row::{Outcome, Row};
use crate::words::{NO_WORD, NewWords, WordId, Words};

/// What both tables keep of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    kind: OperationKind,
    output: Output,
    outcome: Outcome,
    card: WordId,
    terminal: WordId,
    section: WordId,
    hits: u64,
    reason: Option<String>,
    condition: String,
}

/// The bytes are not those of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not those of a row")]
pub struct Damaged;

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends what both tables keep of a row.
pub(crate) fn put_row(out: &mut Vec<u8>, row: &Row, known: &Words, new: &mut NewWords) {
    out.push(place(&OperationKind::ALL, row.kind));
    out.push(place(&Output::ALL, row.output) << 4 | place(&Outcome::ALL, row.outcome));
    for word in [&row.card, &row.terminal, &row.section] {
        put(out, new.id_of(known, word.as_deref()).into());
    }
    put(out, row.hits);
    match &row.reason {
        None => put(out, 0),
        Some(reason) => {
            put(out, reason.len() as u64 + 1);
            out.extend_from_slice(reason.as_bytes());
        }
    }
    put(out, row.condition.len() as u64);
    out.extend_from_slice(row.condition.as_bytes());
}

fn place<T: PartialEq>(all: &[T], one: T) -> u8 {
    all.iter().position(|other| *other == one).unwrap_or_default() as u8
}

/// Reads bytes from the front.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn number(&mut self) -> Result<u64, Damaged> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Damaged)
    }

    fn word(&mut self) -> Result<WordId, Damaged> {
        WordId::try_from(self.number()?).map_err(|_| Damaged)
    }

    pub(crate) fn body(&mut self) -> Result<Body, Damaged> {
        let kind = *OperationKind::ALL.get(usize::from(self.byte()?)).ok_or(Damaged)?;
        let flags = self.byte()?;
        let output = *Output::ALL.get(usize::from(flags >> 4)).ok_or(Damaged)?;
        let outcome = *Outcome::ALL.get(usize::from(flags & 0xF)).ok_or(Damaged)?;
        let (card, terminal, section) = (self.word()?, self.word()?, self.word()?);
        let hits = self.number()?;
        let reason = match self.number()?.checked_sub(1) {
            None => None,
            Some(length) => Some(self.text(length)?),
        };
        let length = self.number()?;
        let condition = self.text(length)?;
        if !self.0.is_empty() {
            return Err(Damaged);
        }
        Ok(Body { kind, output, outcome, card, terminal, section, hits, reason, condition })
    }

    fn byte(&mut self) -> Result<u8, Damaged> {
        let (byte, rest) = self.0.split_first().ok_or(Damaged)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn text(&mut self, length: u64) -> Result<String, Damaged> {
        let length = usize::try_from(length).map_err(|_| Damaged)?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Damaged)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).map_err(|_| Damaged)
    }
}

/// What stands in the tables' own columns.
pub(crate) struct Columns {
    pub(crate) index: u64,
    pub(crate) at: jiff::Timestamp,
    pub(crate) operator: WordId,
    pub(crate) resident: Option<ResidentCode>,
}

impl Body {
    /// The row again.
    pub(crate) fn row(self, columns: Columns, words: &Words) -> Result<Row, Damaged> {
        let word = |id| match id {
            NO_WORD => Ok(None),
            id => words.text(id).map(|text| Some(text.to_owned())).ok_or(Damaged),
        };
        Ok(Row {
            index: columns.index,
            at: columns.at,
            operator: word(columns.operator)?.ok_or(Damaged)?,
            card: word(self.card)?,
            terminal: word(self.terminal)?,
            section: word(self.section)?,
            kind: self.kind,
            resident: columns.resident,
            hits: self.hits,
            output: self.output,
            reason: self.reason,
            condition: self.condition,
            outcome: self.outcome,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(number: u64) {
            let mut bytes = Vec::new();
            put(&mut bytes, number);
            prop_assert_eq!(Reader::new(&bytes).number(), Ok(number));
        }

        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut reader = Reader::new(&bytes);
            let _ = (reader.word(), reader.body());
        }
    }
}
