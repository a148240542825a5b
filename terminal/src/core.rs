//! What the program does: a function from events to effects, without reader, network, browser or clock.

use card::{Challenge, Pin, PinError, Presence, SignError, Unreachable};
use jiff::Timestamp;

use crate::limits;
use crate::status::Status;
use crate::wire::{Bytes, EXPORTER_LENGTH, Gone, Said, Told};

/// What the program knows of itself; a card signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Origin of the pages, for example `https://sekisho.example.jp`.
    pub origin: String,
    /// The terminal's number in the register of terminals.
    pub terminal: String,
}

/// What lies in the readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readers {
    /// The computer's card service does not run.
    NoService,
    /// There is no reader.
    NoReader,
    /// No card.
    Empty,
    /// One card.
    Card {
        /// Which, so that it is seen when another lies there.
        id: String,
        /// The certificate of its slot 9A, DER.
        certificate: Vec<u8>,
        /// That of slot 9E, if there is one.
        presence: Option<Vec<u8>>,
        /// The reader has keys for the PIN.
        pin_pad: bool,
    },
    /// A card that cannot be used, and why.
    Useless(Unreachable),
    /// More than one card.
    Several,
}

impl Readers {
    /// Why there is no card to be used.
    fn gone(&self) -> Gone {
        match self {
            Self::NoService => Gone::NoService,
            Self::NoReader => Gone::NoReader,
            Self::Empty => Gone::TakenOut,
            Self::Card { .. } => Gone::Swapped,
            Self::Useless(_) => Gone::Silent,
            Self::Several => Gone::Several,
        }
    }
}

/// What happens to the program.
#[derive(Debug)]
pub enum Event {
    /// Something else lies in the readers.
    Readers(Readers),
    /// The connection to the office stands.
    Linked {
        /// Its exporter.
        exporter: [u8; EXPORTER_LENGTH],
    },
    /// It does not, or no more; the reason is for the clerk.
    Unlinked(String),
    /// The office said something.
    Told(Told),
    /// The clerk gave a PIN, or did not want to.
    Pin(Option<Pin>),
    /// The card was asked to open and to sign a challenge.
    Signed(Result<Vec<u8>, Unsigned>),
    /// The card was asked to prove that it is there.
    Proved(Result<Vec<u8>, SignError>),
}

/// Why a card did not sign a challenge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// It did not open.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// It opened and did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// How the PIN comes to the card.
#[derive(Debug)]
pub enum Entry {
    /// It was typed at the prompt.
    Typed(Pin),
    /// It is typed on the reader.
    Pad,
}

/// What the program is to do.
#[derive(Debug)]
pub enum Effect {
    /// Say this to the office.
    Say(Said),
    /// Ask the clerk for the PIN.
    AskPin {
        /// What went wrong the last time.
        wrong: Option<String>,
    },
    /// Do not ask any more.
    ClosePrompt,
    /// Open the card and let it sign.
    Sign {
        /// How it opens.
        by: Entry,
        /// What it signs.
        challenge: Challenge,
    },
    /// Let the card prove that it is there.
    Prove(Presence),
    /// Show this page of the office, in a new browser.
    Browse(String),
    /// Close the browser: what it shows is nobody's any more.
    CloseBrowser,
}

/// How far the sign-in has come.
#[derive(Debug)]
enum Step {
    /// Nobody signs in.
    Idle,
    /// The office knows of the card; its challenge is waited for.
    Announced,
    /// The PIN is asked for.
    Asking(Challenge),
    /// The card is at it.
    Signing(Challenge),
    /// The office has the answer, for this stay.
    Answered(String),
    /// The browser is open for this stay.
    Open(String),
    /// It is over, for this reason, until the card was taken out.
    Over(String),
}

/// The program.
#[derive(Debug)]
pub struct Core {
    settings: Settings,
    link: Result<[u8; EXPORTER_LENGTH], String>,
    /// The office has said that it knows the terminal.
    welcome: bool,
    clock_off: bool,
    readers: Readers,
    step: Step,
}

impl Core {
    /// A program that has just been started.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            link: Err("サーバーにつないでいます。".to_owned()),
            welcome: false,
            clock_off: false,
            readers: Readers::Empty,
            step: Step::Idle,
        }
    }

    /// What is to be done when `event` happens at `now`, the terminal's clock.
    pub fn take(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Readers(readers) => self.readers(readers, &mut effects),
            Event::Linked { exporter } => {
                self.link = Ok(exporter);
                let program = env!("CARGO_PKG_VERSION").to_owned();
                effects.push(Effect::Say(Said::Hello { program, at: now }));
            }
            Event::Unlinked(why) => self.unlinked(why, &mut effects),
            Event::Told(told) => self.told(told, now, &mut effects),
            Event::Pin(pin) => self.pin(pin, &mut effects),
            Event::Signed(signed) => self.signed(signed, &mut effects),
            Event::Proved(proved) => self.proved(proved, &mut effects),
        }
        effects
    }

    /// What the clerk is to be shown.
    pub fn status(&self) -> Status {
        let Ok(_) = self.link else {
            return Status::NotLinked(self.link.clone().err().unwrap_or_default());
        };
        if !self.welcome {
            return Status::NotLinked("サーバーの返事を待っています。".to_owned());
        }
        if let Step::Over(why) = &self.step {
            return Status::Over(why.clone());
        }
        match &self.readers {
            Readers::NoService => Status::Care(Unreachable::ServiceGone.japanese()),
            Readers::NoReader => Status::Care(Unreachable::ReaderGone.japanese()),
            Readers::Useless(why) => Status::Care(why.japanese()),
            Readers::Several => Status::Care(SEVERAL.to_owned()),
            Readers::Empty => Status::Ready { clock_off: self.clock_off },
            Readers::Card { .. } => match self.step {
                Step::Asking(_) if self.pin_pad() => Status::Pad,
                Step::Asking(_) => Status::Pin,
                Step::Open(_) => Status::Open,
                _ => Status::Checking,
            },
        }
    }

    fn pin_pad(&self) -> bool {
        matches!(self.readers, Readers::Card { pin_pad: true, .. })
    }

    fn card_in(&self) -> bool {
        matches!(self.readers, Readers::Card { .. })
    }

    fn readers(&mut self, readers: Readers, effects: &mut Vec<Effect>) {
        if readers == self.readers {
            return;
        }
        let was_in = self.card_in();
        let before = std::mem::replace(&mut self.readers, readers);
        if was_in {
            self.end(effects);
            effects.push(Effect::Say(Said::CardOut { why: self.readers.gone() }));
        }
        // What was over stays so until no card is there: whoever signed out takes the card along.
        let over = matches!(self.step, Step::Over(_));
        if !over || matches!(self.readers, Readers::Empty) {
            self.step = Step::Idle;
        }
        // Two cards, of which one is taken out, are no sign-in of the other.
        if !matches!(before, Readers::Several) {
            self.announce(effects);
        }
    }

    /// A card that lies there is told to the office, once.
    fn announce(&mut self, effects: &mut Vec<Effect>) {
        if self.welcome && self.card_in() && matches!(self.step, Step::Idle) {
            self.step = Step::Announced;
            effects.push(Effect::Say(Said::CardIn));
        }
    }

    /// Prompt and browser close.
    fn end(&mut self, effects: &mut Vec<Effect>) {
        match self.step {
            Step::Asking(_) => effects.push(Effect::ClosePrompt),
            Step::Open(_) => effects.push(Effect::CloseBrowser),
            _ => {}
        }
        if !matches!(self.step, Step::Over(_)) {
            self.step = Step::Idle;
        }
    }

    fn unlinked(&mut self, why: String, effects: &mut Vec<Effect>) {
        self.link = Err(why);
        self.welcome = false;
        self.end(effects);
    }

    fn told(&mut self, told: Told, now: Timestamp, effects: &mut Vec<Effect>) {
        match told {
            Told::Welcome { at } => {
                self.welcome = true;
                self.clock_off = now.duration_since(at).unsigned_abs() > limits::CLOCK_OFF;
                self.announce(effects);
            }
            Told::Challenge { session, nonce } => self.challenged(session, &nonce, effects),
            Told::Browse { path } => {
                // Nothing but our own pages, whatever the office says.
                let ours = path.starts_with('/') && !path.starts_with("//");
                if let (Step::Answered(session), true) = (&self.step, ours) {
                    self.step = Step::Open(session.clone());
                    effects.push(Effect::Browse(format!("{}{path}", self.settings.origin)));
                }
            }
            Told::Prove { nonce } => self.asked_to_prove(&nonce, effects),
            Told::Declined { japanese } | Told::Ended { japanese } => {
                if self.card_in() {
                    self.end(effects);
                    self.step = Step::Over(japanese);
                }
            }
            Told::Beat => {}
        }
    }

    /// The office asks for a signature. The structure is made here; only session and nonce are the office's.
    fn challenged(&mut self, session: String, nonce: &Bytes, effects: &mut Vec<Effect>) {
        let (Step::Announced, Ok(exporter), Ok(nonce)) =
            (&self.step, &self.link, nonce.0.as_slice().try_into())
        else {
            return;
        };
        let challenge = Challenge {
            origin: self.settings.origin.clone(),
            terminal: self.settings.terminal.clone(),
            session,
            nonce,
            exporter: exporter.to_vec(),
        };
        self.ask(challenge, None, effects);
    }

    fn ask(&mut self, challenge: Challenge, wrong: Option<String>, effects: &mut Vec<Effect>) {
        self.step = Step::Asking(challenge.clone());
        effects.push(if self.pin_pad() {
            Effect::Sign { by: Entry::Pad, challenge }
        } else {
            Effect::AskPin { wrong }
        });
    }

    fn pin(&mut self, pin: Option<Pin>, effects: &mut Vec<Effect>) {
        match (std::mem::replace(&mut self.step, Step::Idle), pin) {
            (Step::Asking(challenge), Some(pin)) => {
                self.step = Step::Signing(challenge.clone());
                effects.push(Effect::Sign { by: Entry::Typed(pin), challenge });
            }
            (Step::Asking(_), None) => self.step = Step::Over(CANCELLED.to_owned()),
            // The card went while the prompt was open.
            (step, _) => self.step = step,
        }
    }

    fn signed(&mut self, signed: Result<Vec<u8>, Unsigned>, effects: &mut Vec<Effect>) {
        let (Readers::Card { certificate, .. }, Step::Signing(challenge) | Step::Asking(challenge)) =
            (&self.readers, &self.step)
        else {
            // For a card that is no longer there.
            return;
        };
        let certificate = Bytes(certificate.clone());
        let challenge = challenge.clone();
        match signed {
            Ok(signature) => {
                let session = challenge.session;
                self.step = Step::Answered(session.clone());
                effects.push(Effect::Say(Said::Answer { session, certificate, signature: Bytes(signature) }));
            }
            Err(Unsigned::Pin(error @ PinError::Wrong { tries_left })) => {
                effects.push(Effect::Say(Said::PinWrong { certificate, tries_left }));
                self.ask(challenge, Some(error.japanese()), effects);
            }
            Err(Unsigned::Pin(error @ PinError::Blocked)) => {
                effects.push(Effect::Say(Said::PinWrong { certificate, tries_left: 0 }));
                self.step = Step::Over(error.japanese());
            }
            Err(Unsigned::Pin(error)) => self.step = Step::Over(error.japanese()),
            Err(Unsigned::Sign(error)) => self.step = Step::Over(error.japanese()),
        }
    }

    fn asked_to_prove(&self, nonce: &Bytes, effects: &mut Vec<Effect>) {
        let (Step::Open(session), Ok(exporter), Ok(nonce)) =
            (&self.step, &self.link, nonce.0.as_slice().try_into())
        else {
            return;
        };
        effects.push(Effect::Prove(Presence {
            origin: self.settings.origin.clone(),
            place: self.settings.terminal.clone(),
            session: session.clone(),
            nonce,
            exporter: exporter.to_vec(),
        }));
    }

    /// A card that proves nothing is told to the office as one that is not there.
    fn proved(&mut self, proved: Result<Vec<u8>, SignError>, effects: &mut Vec<Effect>) {
        let (Readers::Card { presence, .. }, Step::Open(_)) = (&self.readers, &self.step) else { return };
        match (proved, presence) {
            (Ok(signature), Some(certificate)) => {
                let certificate = Bytes(certificate.clone());
                effects.push(Effect::Say(Said::Proof { certificate, signature: Bytes(signature) }));
            }
            (proved, _) => {
                let why = proved.err().unwrap_or(SignError::NoPresenceKey);
                self.end(effects);
                self.step = Step::Over(why.japanese());
                effects.push(Effect::Say(Said::CardOut { why: Gone::Silent }));
            }
        }
    }
}

const CANCELLED: &str =
    "暗証番号の入力を取りやめました。もう一度始めるには、カードを抜いて差し直してください。";

const SEVERAL: &str = "カードが2枚以上差してあります。ご自分のカード1枚だけにしてください。";
