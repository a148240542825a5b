//! The card between its contacts and the application: selection, pieces of commands and answers.

use iso7816::Status;
use iso7816::command::Command;
use piv_authenticator::{Authenticator, Client};

/// Longest command, put together.
const COMMAND: usize = 4096;
/// Most bytes of an answer in one piece.
const PIECE: usize = 256;
/// The application's identifier.
const AID: [u8; 11] = [0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00];
/// The shortest form of it that programs send: the registered provider alone.
const SHORTEST_AID: usize = 5;

/// A card with power.
pub(crate) struct Contacts<C> {
    piv: Authenticator<C>,
    selected: bool,
    /// The pieces of a command that have come so far.
    begun: Option<Command<COMMAND>>,
    /// What is left of an answer.
    rest: Vec<u8>,
}

impl<C: Client> Contacts<C> {
    pub(crate) fn new(piv: Authenticator<C>) -> Self {
        Self { piv, selected: false, begun: None, rest: Vec::new() }
    }

    /// One command, one answer with its two status bytes.
    pub(crate) fn transmit(&mut self, apdu: &[u8]) -> Vec<u8> {
        let Ok(command) = Command::<COMMAND>::try_from(&with_le(apdu)) else {
            return status(0x6700);
        };
        if apdu[1] == 0xc0 {
            return self.piece(Status::Success);
        }
        self.rest.clear();
        match self.begun.as_mut() {
            Some(begun) => {
                if begun.extend_from_command(&command).is_err() {
                    self.begun = None;
                    return status(0x6700);
                }
            }
            None => self.begun = Some(command),
        }
        // More pieces of this command follow.
        if apdu[0] & 0x10 != 0 {
            return status(0x9000);
        }
        let Some(command) = self.begun.take() else {
            return status(0x6f00);
        };
        let outcome = self.obey(apdu, &command);
        self.piece(outcome)
    }

    fn obey(&mut self, apdu: &[u8], command: &Command<COMMAND>) -> Status {
        let mut reply = heapless::Vec::<u8, COMMAND>::new();
        let outcome = if apdu[1..4] == [0xa4, 0x04, 0x00] {
            self.select(command.data(), &mut reply)
        } else if self.selected {
            self.piv.respond(command.as_view(), &mut reply)
        } else {
            Err(Status::InstructionNotSupportedOrInvalid)
        };
        match outcome {
            Ok(()) => {
                self.rest = reply.to_vec();
                Status::Success
            }
            Err(status) => status,
        }
    }

    fn select(&mut self, aid: &[u8], reply: &mut heapless::Vec<u8, COMMAND>) -> iso7816::Result<()> {
        // The application itself knows only longer forms.
        self.selected = aid.len() >= SHORTEST_AID && AID.starts_with(aid);
        if !self.selected {
            return Err(Status::NotFound);
        }
        let select: Vec<u8> = [&[0x00, 0xa4, 0x04, 0x00, 0x0b], AID.as_slice(), &[0x00]].concat();
        let select = Command::<COMMAND>::try_from(&select).map_err(|_| Status::WrongLength)?;
        self.piv.respond(select.as_view(), reply)
    }

    /// The next piece of the answer.
    fn piece(&mut self, outcome: Status) -> Vec<u8> {
        let later = self.rest.split_off(self.rest.len().min(PIECE));
        let mut piece = std::mem::replace(&mut self.rest, later);
        let outcome = match (outcome, self.rest.len()) {
            (Status::Success, left @ 1..) => 0x6100 | u16::try_from(left.min(0xff)).unwrap_or(0xff),
            (outcome, _) => outcome.into(),
        };
        piece.extend(outcome.to_be_bytes());
        piece
    }
}

fn status(bytes: u16) -> Vec<u8> {
    bytes.to_be_bytes().to_vec()
}

/// Whoever leaves out Le would get an empty answer, which no real card gives: the command gets an Le of 256.
fn with_le(apdu: &[u8]) -> Vec<u8> {
    let mut apdu = apdu.to_vec();
    let bare = apdu.len() == 4 || apdu.len() > 5 && apdu.len() == 5 + usize::from(apdu[4]);
    if bare {
        apdu.push(0);
    }
    apdu
}
