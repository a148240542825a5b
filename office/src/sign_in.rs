//! 第14条第2項: card first, password after.
//!
//! A terminal asks for a challenge, the card answers it, and only then is a password looked at, so that
//! strangers without a card lock nobody out. Every failure is recorded by the registrar.

use std::collections::HashMap;
use std::fmt;

use card::{Challenge, ProvenCard};
use jiff::{SignedDuration, Timestamp};
use register::access::{self, SignIn, SignOutCause};
use register::{CardId, Occasion, PersonId, Place, RequestId, SessionId, TerminalId};
use terminal::limits::TICKET;

use crate::credentials::{Password, Verdict};
use crate::declined::Declined;
use crate::limits;
use crate::open::Office;

/// What a browser shows to be the stay that it belongs to: 32 random bytes in hex.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token(String);

impl Token {
    /// The token as it stands in a cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Who is signed in where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The stay.
    pub session: SessionId,
    /// Who.
    pub person: PersonId,
    /// With which card.
    pub card: CardId,
    /// At which terminal.
    pub terminal: TerminalId,
    /// Since when.
    pub since: Timestamp,
}

/// A card that proved itself and now waits for its holder's password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The stay that will begin.
    pub session: SessionId,
    /// The card.
    pub card: CardId,
    /// Its holder, as the ledger says.
    pub holder: PersonId,
    /// At which terminal.
    pub terminal: TerminalId,
    /// SHA-256 of its certificate, in hex.
    certificate: String,
    since: Timestamp,
}

/// Sign-ins that have begun, and stays.
#[derive(Default)]
pub(crate) struct Stays {
    challenges: HashMap<SessionId, (Challenge, Timestamp)>,
    presented: HashMap<SessionId, Presented>,
    tokens: HashMap<Token, SignedIn>,
    /// What opens the page of a proven card, once: for which stay, and since when.
    tickets: HashMap<Token, (SessionId, Timestamp)>,
}

impl Stays {
    /// Forgets the challenges older than `holds`, and the cards that waited for too long.
    fn tidy(&mut self, at: Timestamp, holds: SignedDuration) {
        self.challenges.retain(|_, (_, since)| at.duration_since(*since) <= holds);
        self.presented.retain(|_, presented| at.duration_since(presented.since) <= limits::CARD_WAITS);
        self.tickets.retain(|_, (_, since)| at.duration_since(*since).unsigned_abs() <= TICKET);
    }

    /// Who is signed in by this stay.
    pub(crate) fn of_session(&self, session: &SessionId) -> Option<SignedIn> {
        self.tokens.values().find(|stay| stay.session == *session).cloned()
    }

    /// Forgets everything of a stay. Gives who was signed in by it.
    pub(crate) fn forget(&mut self, session: &SessionId) -> Option<SignedIn> {
        let stay = self.of_session(session);
        self.challenges.remove(session);
        self.presented.remove(session);
        self.tokens.retain(|_, stay| stay.session != *session);
        self.tickets.retain(|_, (of, _)| of != session);
        stay
    }
}

impl Office {
    /// What a card put in at `terminal` is to sign. It holds for as long as the settings say, once.
    ///
    /// # Errors
    /// [`Declined::Busy`] when too many sign-ins are open.
    pub fn challenge(&self, terminal: &TerminalId) -> Result<Challenge, Declined> {
        self.challenge_over(terminal, Vec::new())
    }

    /// The same for a card at the end of a terminal's link, bound to the link by its exporter (RFC 9266).
    pub(crate) fn challenge_over(
        &self,
        terminal: &TerminalId,
        exporter: Vec<u8>,
    ) -> Result<Challenge, Declined> {
        let now = self.now();
        let session: SessionId = self.random_id("s-")?;
        let challenge = Challenge {
            origin: self.origin().to_owned(),
            terminal: terminal.to_string(),
            session: session.to_string(),
            nonce: card::fresh_nonce().map_err(Declined::broken)?,
            exporter,
        };
        let holds = self.settings().challenge_for;
        let mut stays = self.stays();
        stays.tidy(now, holds);
        if stays.challenges.len() >= limits::OPEN_SIGN_INS {
            return Err(Declined::Busy);
        }
        stays.challenges.insert(session, (challenge.clone(), now));
        Ok(challenge)
    }

    /// The card's answer to a challenge.
    ///
    /// # Errors
    /// The refusal as recorded, and with it what the clerk can do about the card, in Japanese.
    pub fn present(
        &self,
        session: &SessionId,
        certificate: &[u8],
        signature: &[u8],
    ) -> Result<Presented, (Declined, Option<String>)> {
        let now = self.now();
        let Some(challenge) = self.take_challenge(session) else {
            let japanese = "カードの確認の時間が過ぎました。もう一度カードを入れてください".to_owned();
            return Err((Declined::Unreadable { field: "card", japanese }, None));
        };
        let terminal: TerminalId =
            challenge.terminal.parse().map_err(|_| (Declined::broken("terminal of a challenge"), None))?;
        let proven = match self.verifier().verify(certificate, &challenge, signature, now) {
            Ok(proven) => proven,
            Err(error) => {
                // Which card it claims to be is worth recording even when it proved nothing.
                let claimed = self.verifier().read(certificate, now).ok();
                let declined = self.card_failed(&terminal, claimed.as_ref());
                return Err((declined, Some(error.japanese().to_string())));
            }
        };
        self.accept_card(session, terminal, &proven).map_err(|declined| (declined, None))
    }

    /// The challenge of that number, if it still holds. It can be answered once.
    pub(crate) fn take_challenge(&self, session: &SessionId) -> Option<Challenge> {
        let (now, holds) = (self.now(), self.settings().challenge_for);
        let mut stays = self.stays();
        stays.tidy(now, holds);
        stays.challenges.remove(session).map(|(challenge, _)| challenge)
    }

    fn accept_card(
        &self,
        session: &SessionId,
        terminal: TerminalId,
        proven: &ProvenCard,
    ) -> Result<Presented, Declined> {
        let now = self.now();
        let card: CardId = proven.number.as_str().parse().map_err(Declined::broken)?;
        let holder = self.city().holder_of(&card, now).cloned();
        let presented = Presented {
            session: session.clone(),
            card,
            holder: holder.unwrap_or_else(PersonId::nobody),
            terminal,
            certificate: proven.fingerprint.clone(),
            since: now,
        };
        // A card that may not be used is said so now, not after the password.
        let proof = presented.proof(None);
        let on = presented.occasion(self.random_id("r-")?, now);
        if self.would_refuse(&access::Act::SignIn(proof.clone()).into(), &on) {
            self.submit(access::Act::SignIn(proof).into(), on)?;
        }
        let holds = self.settings().challenge_for;
        let mut stays = self.stays();
        stays.tidy(now, holds);
        if stays.presented.len() >= limits::OPEN_SIGN_INS {
            return Err(Declined::Busy);
        }
        stays.presented.insert(presented.session.clone(), presented.clone());
        Ok(presented)
    }

    /// A card did not prove itself: its PIN was wrong, or its certificate is not one of ours. Recorded.
    pub fn card_failed(&self, terminal: &TerminalId, card: Option<&ProvenCard>) -> Declined {
        let submit = || {
            let now = self.now();
            let id = card.map_or("unknown", |card| card.number.as_str()).parse().map_err(Declined::broken)?;
            let holder = self.city().holder_of(&id, now).cloned();
            let presented = Presented {
                session: self.random_id("s-")?,
                card: id,
                holder: holder.unwrap_or_else(PersonId::nobody),
                terminal: terminal.clone(),
                certificate: card.map_or(String::new(), |card| card.fingerprint.clone()),
                since: now,
            };
            let proof = SignIn { card_proven: false, ..presented.proof(None) };
            self.submit(access::Act::SignIn(proof).into(), presented.occasion(self.random_id("r-")?, now))
        };
        match submit() {
            Ok(_) => Declined::broken("a sign-in without a card was permitted"),
            Err(declined) => declined,
        }
    }

    /// A card that waits for its holder's password.
    pub fn presented(&self, session: &SessionId) -> Option<Presented> {
        let holds = self.settings().challenge_for;
        let mut stays = self.stays();
        stays.tidy(self.now(), holds);
        stays.presented.get(session).cloned()
    }

    /// The password, after the card.
    ///
    /// # Errors
    /// The refusal as recorded; or that the card must be put in again.
    pub fn sign_in(&self, session: &SessionId, password: &Password) -> Result<(Token, SignedIn), Declined> {
        let now = self.now();
        let Some(presented) = self.presented(session) else {
            let japanese = "時間が過ぎました。もう一度カードを入れてください".to_owned();
            return Err(Declined::Unreadable { field: "card", japanese });
        };
        let proof = presented.proof(Some(self.password_is(&presented, password, now)?));
        let on = presented.occasion(self.random_id("r-")?, now);
        self.submit(access::Act::SignIn(proof).into(), on)?;
        let token = Token(self.random_hex()?);
        let signed_in = SignedIn {
            session: presented.session,
            person: presented.holder,
            card: presented.card,
            terminal: presented.terminal,
            since: now,
        };
        if self.enter(&token, &signed_in) {
            return Ok((token, signed_in));
        }
        // Submitted twice at once, or the card went while the password was looked at.
        if self.stays().of_session(session).is_some() {
            return Err(Declined::Busy);
        }
        let on = self.occasion(&signed_in, self.random_id("r-")?);
        self.submit(access::Act::SignOut(SignOutCause::CardGone).into(), on)?;
        let japanese = "カードが抜かれました。もう一度カードを入れてください".to_owned();
        Err(Declined::Unreadable { field: "card", japanese })
    }

    /// The stay counts from now on, if its card is still there. Ends what else is open at the terminal or by the
    /// card.
    fn enter(&self, token: &Token, stay: &SignedIn) -> bool {
        let mut stays = self.stays();
        if stays.presented.remove(&stay.session).is_none() {
            return false;
        }
        stays.tokens.retain(|_, old| old.terminal != stay.terminal && old.card != stay.card);
        stays.tokens.insert(token.clone(), stay.clone());
        true
    }

    /// What opens the page of the proven card `session`: once, and soon.
    pub(crate) fn ticket(&self, session: &SessionId) -> Result<String, Declined> {
        let ticket = Token(self.random_hex()?);
        self.stays().tickets.insert(ticket.clone(), (session.clone(), self.now()));
        Ok(ticket.0)
    }

    /// The proven card that a ticket is for. It is spent by this.
    pub fn take_ticket(&self, ticket: &str) -> Option<Presented> {
        let (now, holds) = (self.now(), self.settings().challenge_for);
        let session = {
            let mut stays = self.stays();
            stays.tidy(now, holds);
            stays.tickets.remove(&Token(ticket.to_owned()))?.0
        };
        self.presented(&session)
    }

    /// Whether the password is right. While locked it is not even looked at.
    fn password_is(
        &self,
        presented: &Presented,
        password: &Password,
        at: Timestamp,
    ) -> Result<bool, Declined> {
        let (version, locked) = {
            let city = self.city();
            let locked = city.access.locked(&presented.holder, Some(&presented.terminal), at);
            (city.access.password_version(&presented.holder), locked)
        };
        if locked {
            return Ok(false);
        }
        let verdict = self
            .passwords()
            .verify(presented.holder.as_str(), version.unwrap_or(0).into(), password)
            .map_err(Declined::broken)?;
        Ok(verdict == Verdict::Right)
    }

    /// The stay that a token belongs to, if it is still open.
    pub fn signed_in(&self, token: &str) -> Option<SignedIn> {
        let stay = self.stays().tokens.get(&Token(token.to_owned())).cloned()?;
        let city = self.city();
        let open = city.access.session(&stay.session)?.open(self.now(), city.settings(self.now()).idle);
        open.then_some(stay)
    }

    /// Who a token belonged to, though the stay has ended: to give back what was typed to nobody else.
    pub fn was_signed_in(&self, token: &str) -> Option<SignedIn> {
        self.stays().tokens.get(&Token(token.to_owned())).cloned()
    }

    /// Ends a stay.
    ///
    /// # Errors
    /// When it has ended already, or cannot be recorded.
    pub fn sign_out(&self, token: &str, cause: SignOutCause) -> Result<(), Declined> {
        let stay = self.stays().tokens.remove(&Token(token.to_owned()));
        let Some(stay) = stay else { return Ok(()) };
        let on = self.occasion(&stay, self.random_id("r-")?);
        self.submit(access::Act::SignOut(cause).into(), on)?;
        Ok(())
    }

    /// The occasion of an act during a stay.
    pub fn occasion(&self, stay: &SignedIn, request: RequestId) -> Occasion {
        Occasion {
            by: stay.person.clone(),
            place: Place::Terminal(stay.terminal.clone()),
            at: self.now(),
            request,
            session: Some(stay.session.clone()),
        }
    }
}

impl Presented {
    fn proof(&self, password_proven: Option<bool>) -> SignIn {
        SignIn {
            session: self.session.clone(),
            card: self.card.clone(),
            certificate: self.certificate.clone(),
            card_proven: true,
            password_proven,
        }
    }

    fn occasion(&self, request: RequestId, at: Timestamp) -> Occasion {
        Occasion {
            by: self.holder.clone(),
            place: Place::Terminal(self.terminal.clone()),
            at,
            request,
            session: None,
        }
    }
}
