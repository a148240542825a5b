//! Cards in real readers, over PC/SC.

use super::Transport;
use crate::Unreachable;
use crate::limits::MAX_READERS;
use pcsc::{Context, Disposition, Protocols, ReaderState, Scope, ShareMode, State};
use std::ffi::CString;
use std::time::Duration;

/// PC/SC part 10: asks a reader what it can do beyond PC/SC, and the answer's tag for VERIFY_PIN_DIRECT.
const GET_FEATURES: u32 = 3400;
const VERIFY_PIN_DIRECT: u8 = 0x06;

/// What is in a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// No card.
    Nothing,
    /// A card that nobody uses.
    Card,
    /// A card that a program holds.
    CardInUse,
    /// A card that gives no answer: put in upside down, or broken.
    Mute,
}

/// A reader and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    name: CString,
    content: Content,
}

impl Reader {
    /// The reader's name, as PC/SC gives it.
    pub fn name(&self) -> String {
        self.name.to_string_lossy().into_owned()
    }

    /// What is in it.
    pub fn content(&self) -> Content {
        self.content
    }

    /// Whether a card is in it.
    pub fn has_card(&self) -> bool {
        self.content != Content::Nothing
    }
}

/// Why there is no one card to work with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// No reader is plugged in.
    #[error("there is no reader")]
    NoReader,
    /// No reader has a card.
    #[error("there is no card in any reader")]
    NoCard,
    /// Cards are in several readers, and nothing says which is meant.
    #[error("there are cards in {} readers", .0.len())]
    SeveralCards(Vec<String>),
    /// The reader has no such name.
    #[error("there is no reader `{0}`")]
    UnknownReader(String),
    /// The service does not answer.
    #[error("the card cannot be reached: {0}")]
    Unreachable(#[from] Unreachable),
}

impl FindError {
    /// What the clerk reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::NoReader => {
                "カードリーダーがありません。リーダーを接続してから、もう一度始めてください。".to_owned()
            }
            Self::NoCard => "カードが差してありません。操作者用カードをリーダーに差してください。".to_owned(),
            Self::SeveralCards(readers) => format!(
                "{}台のリーダーにカードが差してあります（{}）。使うカードだけを残して、ほかを抜いてください。",
                readers.len(),
                readers.join("、")
            ),
            Self::UnknownReader(name) => format!(
                "リーダー「{name}」はありません。接続を確かめるか、リーダーの名前を指定し直してください。"
            ),
            Self::Unreachable(why) => why.japanese(),
        }
    }
}

/// The readers of this computer. Once it says [`Unreachable::ServiceGone`], it has to be made anew.
#[derive(Clone)]
pub struct Readers {
    context: Context,
}

impl Readers {
    /// Reaches the computer's card service.
    pub fn connect() -> Result<Self, Unreachable> {
        Context::establish(Scope::System).map(|context| Self { context }).map_err(unreachable)
    }

    /// The readers that are plugged in, in the service's order.
    pub fn list(&self) -> Result<Vec<Reader>, Unreachable> {
        let names = match self.context.list_readers_owned() {
            Err(pcsc::Error::NoReadersAvailable) => Vec::new(),
            names => names.map_err(unreachable)?,
        };
        let mut states: Vec<ReaderState> =
            names.into_iter().take(MAX_READERS).map(|name| ReaderState::new(name, State::UNAWARE)).collect();
        if !states.is_empty() {
            self.context.get_status_change(Duration::ZERO, &mut states).map_err(unreachable)?;
        }
        let present =
            states.iter().filter(|it| !it.event_state().intersects(State::UNKNOWN | State::UNAVAILABLE));
        Ok(present.map(reader).collect())
    }

    /// The one reader that has a card; or, where `name` is given, the reader of that name, if it has one.
    pub fn with_card(&self, name: Option<&str>) -> Result<Reader, FindError> {
        let mut readers = self.list()?;
        if let Some(name) = name {
            readers.retain(|reader| reader.name() == name);
            if readers.is_empty() {
                return Err(FindError::UnknownReader(name.to_owned()));
            }
        }
        if readers.is_empty() {
            return Err(FindError::NoReader);
        }
        readers.retain(Reader::has_card);
        match readers.len() {
            0 => Err(FindError::NoCard),
            1 => Ok(readers.remove(0)),
            _ => Err(FindError::SeveralCards(readers.iter().map(Reader::name).collect())),
        }
    }

    /// Waits until the readers or the cards in them are not as in `known` any more, or until `timeout`. Gives how they
    /// are then.
    pub fn changed(&self, known: &[Reader], timeout: Duration) -> Result<Vec<Reader>, Unreachable> {
        let now = self.list()?;
        if now != known {
            return Ok(now);
        }
        // The service's own line tells of readers that come and go.
        let pnp = ReaderState::new(pcsc::PNP_NOTIFICATION().to_owned(), plugged(now.len()));
        let mut states = vec![pnp];
        for reader in &now {
            states.push(ReaderState::new(reader.name.clone(), State::UNAWARE));
        }
        self.context
            .get_status_change(Duration::ZERO, &mut states[1..])
            .or_else(none_to_ask)
            .map_err(unreachable)?;
        // Between the two questions something may have changed already.
        if states[1..].iter().map(reader).collect::<Vec<_>>() != known {
            return self.list();
        }
        states[1..].iter_mut().for_each(ReaderState::sync_current_state);
        match self.context.get_status_change(timeout, &mut states) {
            Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::Cancelled | pcsc::Error::UnknownReader) => {
                self.list()
            }
            Err(error) => Err(unreachable(error)),
        }
    }

    /// Ends a [`Readers::changed`] that waits in another thread.
    pub fn wake(&self) -> Result<(), Unreachable> {
        self.context.cancel().map_err(unreachable)
    }

    /// Takes hold of the card in `reader`, so that no other program reaches it. Dropped, the card is reset: its PIN is
    /// forgotten.
    pub fn open(&self, reader: &Reader) -> Result<ReaderCard, Unreachable> {
        let card =
            self.context.connect(&reader.name, ShareMode::Exclusive, Protocols::ANY).map_err(unreachable)?;
        let pad = pin_pad(&card);
        Ok(ReaderCard { card: Some(card), pad })
    }
}

/// Where no reader is there, there is nothing to ask about.
fn none_to_ask(error: pcsc::Error) -> Result<(), pcsc::Error> {
    match error {
        pcsc::Error::InvalidParameter | pcsc::Error::InvalidValue => Ok(()),
        error => Err(error),
    }
}

/// The state of the service's own line with so many readers.
fn plugged(readers: usize) -> State {
    State::from_bits_truncate(u32::try_from(readers << 16).unwrap_or_default().into())
}

fn reader(state: &ReaderState) -> Reader {
    let event = state.event_state();
    let content = if event.contains(State::MUTE) {
        Content::Mute
    } else if !event.contains(State::PRESENT) {
        Content::Nothing
    } else if event.intersects(State::EXCLUSIVE | State::INUSE) {
        Content::CardInUse
    } else {
        Content::Card
    };
    Reader { name: state.name().to_owned(), content }
}

/// A card in a reader, held by this program alone.
pub struct ReaderCard {
    /// Taken out only when this is dropped.
    card: Option<pcsc::Card>,
    /// The reader's control code for its PIN pad.
    pad: Option<u32>,
}

impl ReaderCard {
    fn card(&self) -> Result<&pcsc::Card, Unreachable> {
        self.card.as_ref().ok_or(Unreachable::Removed)
    }
}

impl Transport for ReaderCard {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Unreachable> {
        let mut buffer = [0; pcsc::MAX_BUFFER_SIZE];
        self.card()?.transmit(apdu, &mut buffer).map(<[u8]>::to_vec).map_err(unreachable)
    }

    fn has_pin_pad(&self) -> bool {
        self.pad.is_some()
    }

    fn verify_on_pad(&mut self, structure: &[u8]) -> Result<Vec<u8>, Unreachable> {
        let none = || Unreachable::Faulty("the reader has no PIN pad".to_owned());
        let code = self.pad.ok_or_else(none)?;
        let mut buffer = [0; pcsc::MAX_BUFFER_SIZE];
        self.card()?.control(code.into(), structure, &mut buffer).map(<[u8]>::to_vec).map_err(unreachable)
    }
}

impl Drop for ReaderCard {
    fn drop(&mut self) {
        if let Some(card) = self.card.take() {
            // A card that is gone cannot be reset, and need not be.
            let _ = card.disconnect(Disposition::ResetCard);
        }
    }
}

/// The control code of VERIFY_PIN_DIRECT, where the reader has a pad.
fn pin_pad(card: &pcsc::Card) -> Option<u32> {
    let mut buffer = [0; pcsc::MAX_BUFFER_SIZE];
    let features = card.control(pcsc::ctl_code(GET_FEATURES.into()), &[], &mut buffer).ok()?;
    feature(features)
}

/// The answer is a list of tag, length (always 4), control code (big-endian).
fn feature(features: &[u8]) -> Option<u32> {
    features.chunks_exact(6).find_map(|entry| match entry {
        [VERIFY_PIN_DIRECT, 4, code @ ..] => Some(u32::from_be_bytes(code.try_into().ok()?)),
        _ => None,
    })
}

fn unreachable(error: pcsc::Error) -> Unreachable {
    use pcsc::Error;
    match error {
        Error::NoService | Error::ServiceStopped | Error::InvalidHandle | Error::CommError => {
            Unreachable::ServiceGone
        }
        // Not transacted: the card left before the service noticed.
        Error::NoSmartcard
        | Error::RemovedCard
        | Error::ResetCard
        | Error::UnpoweredCard
        | Error::NotTransacted => Unreachable::Removed,
        Error::ReaderUnavailable | Error::UnknownReader | Error::NoReadersAvailable => {
            Unreachable::ReaderGone
        }
        Error::SharingViolation => Unreachable::Busy,
        other => Unreachable::Faulty(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_pad_is_found_among_the_readers_features() {
        let with = [0x08, 4, 0, 0, 0, 1, 0x06, 4, 0x42, 0x33, 0, 6];
        assert_eq!(feature(&with), Some(0x4233_0006));
        assert_eq!(feature(&with[..6]), None);
        assert_eq!(feature(&with[..11]), None);
        assert_eq!(feature(&[]), None);
    }
}
