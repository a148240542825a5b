//! Commands and answers (ISO/IEC 7816-4): how a command is cut into pieces, what the two status bytes mean.

use crate::limits::MAX_CARD_ANSWER;
use crate::piv::Transport;
use crate::{Unreachable, tlv};
use zeroize::Zeroizing;

/// A card takes so many bytes in one piece.
const PIECE: usize = 255;
/// Class: the last or only piece.
const LAST: u8 = 0x00;
/// Class: more pieces follow (command chaining).
const MORE: u8 = 0x10;
/// Le: as many bytes as there are.
const ALL: u8 = 0x00;

/// A command to the card: instruction, two parameters, data of any length.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) instruction: u8,
    pub(crate) p1: u8,
    pub(crate) p2: u8,
    /// May hold a PIN.
    pub(crate) data: Zeroizing<Vec<u8>>,
}

impl Command {
    pub(crate) fn new(instruction: u8, p1: u8, p2: u8, data: impl AsRef<[u8]>) -> Self {
        Self { instruction, p1, p2, data: Zeroizing::new(data.as_ref().to_vec()) }
    }

    /// SELECT of the application `aid`.
    pub(crate) fn select(aid: &[u8]) -> Self {
        Self::new(0xa4, 0x04, 0x00, aid)
    }

    /// GET DATA of the object `tag`.
    pub(crate) fn get_data(tag: u32) -> Self {
        Self::new(0xcb, 0x3f, 0xff, named(tag))
    }

    /// PUT DATA of the object `tag`.
    pub(crate) fn put_data(tag: u32, content: &[u8]) -> Self {
        Self::new(0xdb, 0x3f, 0xff, [named(tag), tlv::value(0x53, content)].concat())
    }

    /// GENERAL AUTHENTICATE with the key `reference`: a Dynamic Authentication Template of `values`.
    pub(crate) fn authenticate(algorithm: u8, reference: u8, values: &[(u32, &[u8])]) -> Self {
        let template: Vec<u8> = values.iter().flat_map(|&(tag, content)| tlv::value(tag, content)).collect();
        Self::new(0x87, algorithm, reference, tlv::value(0x7c, &template))
    }

    /// The bytes that go to the card, piece by piece.
    fn pieces(&self) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
        let count = self.data.len().div_ceil(PIECE).max(1);
        (0..count).map(move |number| {
            let start = number * PIECE;
            let data = &self.data[start..self.data.len().min(start + PIECE)];
            let class = if number + 1 == count { LAST } else { MORE };
            // Room for all at once: a growing buffer would leave copies of a PIN behind.
            let mut piece = Zeroizing::new(Vec::with_capacity(6 + PIECE));
            piece.extend([class, self.instruction, self.p1, self.p2]);
            if !data.is_empty() {
                piece.push(u8::try_from(data.len()).expect("a piece has 255 bytes at most"));
                piece.extend(data);
            }
            piece.push(ALL);
            piece
        })
    }
}

fn named(tag: u32) -> Vec<u8> {
    let bytes = tag.to_be_bytes();
    let name: Vec<u8> = bytes.into_iter().skip_while(|&byte| byte == 0).collect();
    tlv::value(0x5c, &name)
}

/// What the card says of a command (SP 800-73 part 2, table 3 and each command's own).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// 9000.
    Ok,
    /// 63Cx: the secret was wrong, so many tries are left.
    TriesLeft(u8),
    /// 6300: the secret was wrong.
    Wrong,
    /// 6983: no tries are left.
    Blocked,
    /// 6982: the PIN, or the proof of the management key, is missing.
    NotAllowed,
    /// 6A82, 6A88: there is no such object or key.
    NotFound,
    /// 6D00, 6E00, 6A81: the card does not know this command.
    Unknown,
    /// 6400, 6401 from a PIN pad: nothing was typed in time, or cancel was pressed.
    Cancelled,
    /// Any other.
    Other(u16),
}

impl Status {
    fn of(bytes: u16) -> Self {
        match bytes {
            0x9000 => Self::Ok,
            0x63c0..=0x63cf => Self::TriesLeft((bytes & 0x0f) as u8),
            0x6300 => Self::Wrong,
            0x6983 => Self::Blocked,
            0x6982 => Self::NotAllowed,
            0x6a82 | 0x6a88 => Self::NotFound,
            0x6d00 | 0x6e00 | 0x6a81 => Self::Unknown,
            0x6400 | 0x6401 => Self::Cancelled,
            other => Self::Other(other),
        }
    }
}

/// The card's answer to a whole command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) data: Vec<u8>,
    pub(crate) status: Status,
}

impl Answer {
    /// The data, where the card obeyed.
    pub(crate) fn ok(self) -> Result<Vec<u8>, Unreachable> {
        match self.status {
            Status::Ok => Ok(self.data),
            other => Err(unexpected(other)),
        }
    }
}

/// A status that the command at hand has no place for.
pub(crate) fn unexpected(status: Status) -> Unreachable {
    Unreachable::Faulty(format!("the card answered {status:x?}"))
}

/// The data and the status of one answer, and how much more the card has.
pub(crate) fn read(bytes: &[u8]) -> Result<(&[u8], Status, Option<u8>), Unreachable> {
    let (data, status) = bytes
        .split_last_chunk::<2>()
        .ok_or_else(|| Unreachable::Faulty("the card's answer is too short".to_owned()))?;
    let status = u16::from_be_bytes(*status);
    let more = (status >> 8 == 0x61).then_some((status & 0xff) as u8);
    Ok((data, Status::of(status), more))
}

/// Sends a command, in pieces where it is long, and collects the answer, however many pieces it comes in.
pub(crate) fn send(transport: &mut impl Transport, command: &Command) -> Result<Answer, Unreachable> {
    let mut pieces = command.pieces().peekable();
    let mut answer = Vec::new();
    while let Some(piece) = pieces.next() {
        answer = transport.transmit(&piece)?;
        let (_, status, _) = read(&answer)?;
        // A card that refuses a piece has forgotten the ones before.
        if pieces.peek().is_some() && status != Status::Ok {
            return Ok(Answer { data: Vec::new(), status });
        }
    }
    let mut whole = Vec::new();
    loop {
        let (data, status, more) = read(&answer)?;
        whole.extend_from_slice(data);
        if whole.len() > MAX_CARD_ANSWER {
            return Err(Unreachable::Faulty("the card's answer has no end".to_owned()));
        }
        let Some(more) = more else {
            return Ok(Answer { data: whole, status });
        };
        let nothing = data.is_empty();
        answer = transport.transmit(&[LAST, 0xc0, 0x00, 0x00, more])?;
        if nothing && answer.len() <= 2 && read(&answer)?.2.is_some() {
            return Err(Unreachable::Faulty("the card promises an answer and gives none".to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A card that puts pieces together, and answers with the command's own data in pieces of `piece` bytes.
    struct Echo {
        heard: Vec<u8>,
        to_say: Vec<u8>,
        piece: usize,
    }

    impl Transport for Echo {
        fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Unreachable> {
            if apdu[1] != 0xc0 {
                let data = if apdu.len() > 5 { &apdu[5..apdu.len() - 1] } else { &[] };
                assert!(data.is_empty() || usize::from(apdu[4]) == data.len());
                self.heard.extend(data);
                if apdu[0] == MORE {
                    return Ok(vec![0x90, 0]);
                }
                self.to_say = std::mem::take(&mut self.heard);
            }
            let rest = self.to_say.split_off(self.to_say.len().min(self.piece));
            let mut answer = std::mem::replace(&mut self.to_say, rest);
            match self.to_say.len() {
                0 => answer.extend([0x90, 0]),
                left => answer.extend([0x61, u8::try_from(left).unwrap_or(0)]),
            }
            Ok(answer)
        }
    }

    proptest! {
        #[test]
        fn a_command_of_any_length_arrives_and_its_answer_comes_back(
            data in prop::collection::vec(any::<u8>(), 0..2000),
            piece in 1usize..256,
        ) {
            let mut card = Echo { heard: Vec::new(), to_say: Vec::new(), piece };
            let answer = send(&mut card, &Command::new(0xdb, 0, 0, &data)).unwrap();
            prop_assert_eq!(answer, Answer { data, status: Status::Ok });
        }

        #[test]
        fn rubbish_ends_in_an_answer_or_a_fault(answers in prop::collection::vec(
            prop::collection::vec(any::<u8>(), 0..6), 1..20,
        )) {
            struct Says(Vec<Vec<u8>>);
            impl Transport for Says {
                fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, Unreachable> {
                    self.0.pop().ok_or(Unreachable::Removed)
                }
            }
            let _ = send(&mut Says(answers), &Command::get_data(0x5f_c105));
        }
    }

    #[test]
    fn a_card_that_never_ends_is_faulty() {
        struct Endless(Vec<u8>);
        impl Transport for Endless {
            fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, Unreachable> {
                Ok([self.0.as_slice(), &[0x61, 0x00]].concat())
            }
        }
        for piece in [vec![], vec![7; 200]] {
            let answer = send(&mut Endless(piece), &Command::get_data(0x5f_c105));
            assert!(matches!(answer, Err(Unreachable::Faulty(_))), "{answer:?}");
        }
    }

    #[test]
    fn commands_are_laid_out_as_the_standard_says() {
        let bytes = |command: Command| hex::encode(&**command.pieces().next().unwrap());
        assert_eq!(bytes(Command::get_data(0x5f_c105)), "00cb3fff055c035fc10500");
        assert_eq!(bytes(Command::get_data(0x7e)), "00cb3fff035c017e00");
        assert_eq!(bytes(Command::put_data(0x5f_c105, &[1])), "00db3fff085c035fc10553010100");
        let sign = Command::authenticate(0x11, 0x9a, &[(0x82, &[]), (0x81, &[5])]);
        assert_eq!(bytes(sign), "0087119a077c05820081010500");
        assert_eq!(bytes(Command::new(0x20, 0, 0x80, [])), "0020008000");
    }
}
