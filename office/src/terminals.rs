//! 第14条第2項 at the terminals: each CS terminal's link, the card in its reader, and the stay that lives and dies
//! with both.
//!
//! The connection itself is made elsewhere: here it is known by its exporter. Whoever holds a [`Link`] says what
//! the terminal said, looks twice a second, and hangs up when told so.

use std::collections::HashMap;

use card::{Challenge, Presence};
use jiff::{SignedDuration, Timestamp};
use register::access::{self, CardState, SignOutCause};
use register::{CardId, SessionId, TerminalId};
use terminal::limits::{CLOCK_OFF, LOST, PROOF_EVERY, PROOF_WITHIN};
use terminal::wire::{Bytes, EXPORTER_LENGTH, Gone, Said, Told};
use thiserror::Error;

use crate::declined::Declined;
use crate::open::Office;
use crate::sign_in::{Presented, SignedIn};

/// A terminal's connection. There is one for each terminal: the newest.
#[derive(Debug)]
pub struct Link {
    number: u64,
    terminal: TerminalId,
    exporter: [u8; EXPORTER_LENGTH],
}

impl Link {
    /// Which terminal.
    pub fn terminal(&self) -> &TerminalId {
        &self.terminal
    }
}

/// Why there is no link, or no more: the connection is to be closed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unlinked {
    /// The register has no such terminal in service.
    #[error("the terminal is not in service")]
    NotInService,
    /// The terminal has a newer connection.
    #[error("the terminal has connected anew")]
    Superseded,
    /// The terminal has said nothing for too long.
    #[error("the terminal is silent")]
    Silent,
    /// It said what no terminal says.
    #[error("the terminal said something out of turn")]
    OutOfTurn,
}

/// A linked terminal, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedTerminal {
    /// Since when.
    pub since: Timestamp,
    /// The program's version.
    pub program: String,
    /// Its clock and ours are too far apart.
    pub clock_off: bool,
    /// A card lies in its reader.
    pub card: bool,
}

/// Links by terminal.
#[derive(Default)]
pub(crate) struct Links {
    made: u64,
    terminals: HashMap<TerminalId, State>,
}

struct State {
    number: u64,
    heard: Timestamp,
    linked: LinkedTerminal,
    /// The challenge that its card is to answer.
    asked: Option<SessionId>,
    /// The stay that its card began, or is about to.
    stay: Option<SessionId>,
    proof: Proof,
}

/// Whether the card is still there.
enum Proof {
    Due(Timestamp),
    Asked { nonce: [u8; 32], since: Timestamp },
}

fn span(time: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

impl Office {
    /// A terminal has connected, and its certificate says which. What an older connection of it had begun ends.
    ///
    /// # Errors
    /// When the register has no such terminal in service.
    pub fn link_terminal(
        &self,
        terminal: &TerminalId,
        exporter: [u8; EXPORTER_LENGTH],
    ) -> Result<Link, Unlinked> {
        self.in_service(terminal)?;
        let now = self.now();
        let linked = LinkedTerminal { since: now, program: String::new(), clock_off: false, card: false };
        let (number, older) = {
            let mut links = self.links();
            links.made += 1;
            let number = links.made;
            let proof = Proof::Due(now);
            let state = State { number, heard: now, linked, asked: None, stay: None, proof };
            (number, links.terminals.insert(terminal.clone(), state))
        };
        if let Some(stay) = older.and_then(|state| state.stay) {
            self.end_stay(&stay, SignOutCause::LinkLost);
        }
        Ok(Link { number, terminal: terminal.clone(), exporter })
    }

    /// What a terminal said, and what it is told to that.
    ///
    /// # Errors
    /// When the link is none any more.
    pub fn terminal_said(&self, link: &Link, said: Said) -> Result<Vec<Told>, Unlinked> {
        let now = self.now();
        self.linked(link, |state| state.heard = now)?;
        match said {
            Said::Beat => Ok(vec![Told::Beat]),
            Said::Hello { program, at } => {
                self.linked(link, |state| {
                    state.linked.program = program;
                    state.linked.clock_off = at.duration_since(now).unsigned_abs() > CLOCK_OFF;
                })?;
                Ok(vec![Told::Welcome { at: now }])
            }
            Said::CardIn => self.card_in(link),
            Said::CardOut { why } => {
                let cause = match why {
                    Gone::TakenOut | Gone::Several | Gone::NoReader | Gone::NoService => {
                        SignOutCause::CardGone
                    }
                    Gone::Swapped | Gone::Silent => SignOutCause::CardChanged,
                };
                self.card_out(link, cause)?;
                Ok(Vec::new())
            }
            Said::Answer { session, certificate, signature } => {
                self.card_answered(link, &session, &certificate.0, &signature.0)
            }
            Said::PinWrong { certificate, .. } => {
                let claimed = self.verifier().read(&certificate.0, now).ok();
                // Recorded; the terminal itself tells the clerk how many tries are left.
                let _ = self.card_failed(&link.terminal, claimed.as_ref());
                Ok(Vec::new())
            }
            Said::Proof { certificate, signature } => self.card_proved(link, &certificate.0, &signature.0),
        }
    }

    /// What the terminal is to be told though it said nothing: that its stay has ended, or that its card is to
    /// prove that it is there. To be asked twice a second.
    ///
    /// # Errors
    /// When the terminal has fallen silent, has left the register, or has connected anew.
    pub fn look_at_terminal(&self, link: &Link) -> Result<Vec<Told>, Unlinked> {
        let now = self.now();
        self.in_service(&link.terminal)?;
        let (heard, stay) = self.linked(link, |state| (state.heard, state.stay.clone()))?;
        if now.duration_since(heard) > span(LOST) {
            return Err(Unlinked::Silent);
        }
        let Some(session) = stay else { return Ok(Vec::new()) };
        match self.stay_of(&session, now) {
            Stay::Ended(japanese) => {
                self.linked(link, |state| state.stay = None)?;
                self.forget_stay(&session);
                Ok(vec![Told::Ended { japanese }])
            }
            Stay::Waiting => Ok(Vec::new()),
            Stay::Open(_) => self.ask_for_proof(link, &session, now),
        }
    }

    /// The connection has ended, and with it what its card had begun.
    pub fn unlink_terminal(&self, link: &Link) {
        let state = {
            let mut links = self.links();
            let current =
                links.terminals.get(&link.terminal).is_some_and(|state| state.number == link.number);
            current.then(|| links.terminals.remove(&link.terminal)).flatten()
        };
        if let Some(stay) = state.and_then(|state| state.stay) {
            self.end_stay(&stay, SignOutCause::LinkLost);
        }
    }

    /// The terminal's link, if it is there now.
    pub fn linked_terminal(&self, terminal: &TerminalId) -> Option<LinkedTerminal> {
        self.links().terminals.get(terminal).map(|state| state.linked.clone())
    }

    fn in_service(&self, terminal: &TerminalId) -> Result<(), Unlinked> {
        let known = self.city().access.terminal(terminal).is_some_and(|terminal| terminal.in_service);
        if known { Ok(()) } else { Err(Unlinked::NotInService) }
    }

    /// The state of a link that still is the terminal's.
    fn linked<T>(&self, link: &Link, with: impl FnOnce(&mut State) -> T) -> Result<T, Unlinked> {
        let mut links = self.links();
        let state = links.terminals.get_mut(&link.terminal).filter(|state| state.number == link.number);
        state.map(with).ok_or(Unlinked::Superseded)
    }

    fn card_in(&self, link: &Link) -> Result<Vec<Told>, Unlinked> {
        match self.challenge_over(&link.terminal, link.exporter.to_vec()) {
            Ok(Challenge { session, nonce, .. }) => {
                let asked = session.parse().ok();
                self.linked(link, |state| {
                    state.linked.card = true;
                    state.asked = asked;
                })?;
                Ok(vec![Told::Challenge { session, nonce: Bytes(nonce.to_vec()) }])
            }
            Err(declined) => Ok(vec![Told::Declined { japanese: said(&declined, None) }]),
        }
    }

    fn card_out(&self, link: &Link, cause: SignOutCause) -> Result<(), Unlinked> {
        let stay = self.linked(link, |state| {
            state.linked.card = false;
            state.asked = None;
            state.stay.take()
        })?;
        if let Some(stay) = stay {
            self.end_stay(&stay, cause);
        }
        Ok(())
    }

    fn card_answered(
        &self,
        link: &Link,
        session: &str,
        certificate: &[u8],
        signature: &[u8],
    ) -> Result<Vec<Told>, Unlinked> {
        let asked = self.linked(link, |state| state.asked.take())?;
        let session = asked.filter(|asked| asked.as_str() == session).ok_or(Unlinked::OutOfTurn)?;
        let told = match self.present(&session, certificate, signature) {
            Ok(Presented { session, .. }) => {
                let due = self.now();
                self.linked(link, |state| {
                    state.stay = Some(session.clone());
                    state.proof = Proof::Due(due);
                })?;
                match self.ticket(&session) {
                    Ok(ticket) => Told::Browse { path: format!("/t/{ticket}") },
                    Err(declined) => Told::Declined { japanese: said(&declined, None) },
                }
            }
            Err((declined, hint)) => Told::Declined { japanese: said(&declined, hint) },
        };
        Ok(vec![told])
    }

    fn ask_for_proof(&self, link: &Link, session: &SessionId, now: Timestamp) -> Result<Vec<Told>, Unlinked> {
        let nonce = card::fresh_nonce().map_err(|_| Unlinked::OutOfTurn)?;
        let late = self.linked(link, |state| match state.proof {
            Proof::Due(due) if due <= now => {
                state.proof = Proof::Asked { nonce, since: now };
                Some(false)
            }
            Proof::Asked { since, .. } if now.duration_since(since) > span(PROOF_WITHIN) => Some(true),
            _ => None,
        })?;
        match late {
            None => Ok(Vec::new()),
            Some(false) => Ok(vec![Told::Prove { nonce: Bytes(nonce.to_vec()) }]),
            Some(true) => self.not_proven(link, session, NO_PROOF),
        }
    }

    fn card_proved(&self, link: &Link, certificate: &[u8], signature: &[u8]) -> Result<Vec<Told>, Unlinked> {
        let now = self.now();
        let (session, nonce) = self.linked(link, |state| {
            let next = Proof::Due(now.checked_add(PROOF_EVERY).unwrap_or(Timestamp::MAX));
            match std::mem::replace(&mut state.proof, next) {
                Proof::Asked { nonce, .. } => state.stay.clone().map(|stay| (stay, nonce)),
                Proof::Due(_) => None,
            }
            .ok_or(Unlinked::OutOfTurn)
        })??;
        let Stay::Open(stay) = self.stay_of(&session, now) else { return Ok(Vec::new()) };
        let presence = Presence {
            origin: self.origin().to_owned(),
            place: link.terminal.to_string(),
            session: session.to_string(),
            nonce,
            exporter: link.exporter.to_vec(),
        };
        match self.verifier().verify_presence(certificate, &presence, signature, now) {
            Ok(card) if card.number.as_str() == stay.card.as_str() => Ok(Vec::new()),
            Ok(_) => self.not_proven(link, &session, OTHER_CARD),
            Err(error) => self.not_proven(link, &session, &error.japanese()),
        }
    }

    fn not_proven(&self, link: &Link, session: &SessionId, why: &str) -> Result<Vec<Told>, Unlinked> {
        self.linked(link, |state| state.stay = None)?;
        self.end_stay(session, SignOutCause::CardChanged);
        Ok(vec![Told::Ended { japanese: why.to_owned() }])
    }

    /// Where the stay `session` stands.
    fn stay_of(&self, session: &SessionId, now: Timestamp) -> Stay {
        if self.presented(session).is_some() {
            return Stay::Waiting;
        }
        let Some(stay) = self.stays().of_session(session) else {
            return Stay::Ended(OVER.to_owned());
        };
        let city = self.city();
        let open = city.access.session(session).is_some_and(|found| found.open(now, city.settings(now).idle));
        if open {
            return Stay::Open(stay);
        }
        Stay::Ended(why_ended(&city.access, &stay.card, session))
    }

    /// Ends what `session` has begun: a challenge's answer that waits for its password, or a stay.
    fn end_stay(&self, session: &SessionId, cause: SignOutCause) {
        let Some(stay) = self.forget_stay(session) else { return };
        let submit = || {
            let on = self.occasion(&stay, self.random_id("r-")?);
            self.submit(access::Act::SignOut(cause).into(), on)
        };
        if let Err(declined) = submit() {
            // Its token is gone, so nobody works in it any more; only the time of its end is not on record.
            tracing::warn!(?declined, %session, "the end of a stay could not be recorded");
        }
    }

    fn forget_stay(&self, session: &SessionId) -> Option<SignedIn> {
        self.stays().forget(session)
    }
}

/// Where a stay stands.
enum Stay {
    /// The card is proven, and the password is waited for.
    Waiting,
    Open(SignedIn),
    /// And what the clerk is to be told.
    Ended(String),
}

const OVER: &str = "サインアウトしました。";
const NO_PROOF: &str =
    "カードが差してあることを確かめられませんでした。もう一度始めるには、カードを差し直してください。";
const OTHER_CARD: &str =
    "差してあるカードが、サインインしたカードではありません。ご自分のカードを差し直してください。";

fn why_ended(access: &access::Access, card: &CardId, session: &SessionId) -> String {
    if access.card(card).is_none_or(|card| card.state != CardState::InUse) {
        return "このカードの使用が止められました。アクセス管理責任者（情報統計課長）に確かめてください。"
            .to_owned();
    }
    if access.session(session).is_some() {
        return "操作のない時間が続いたため、サインインが終わりました。".to_owned();
    }
    OVER.to_owned()
}

/// What a clerk at the terminal's program is told: what can be done about the card, or each ground of the refusal.
fn said(declined: &Declined, hint: Option<String>) -> String {
    match (hint, declined) {
        (Some(hint), _) => hint,
        (None, Declined::Refused { refusal, .. }) => {
            let ground = |ground: &policy::Ground| format!("{}。{}。", ground.reason, ground.remedy);
            refusal.grounds.iter().map(ground).collect()
        }
        (None, declined) => format!("{}。", declined.japanese()),
    }
}
