//! The stage of the demo: people act through the very office that a city would use, at times that the script
//! sets. What does not come out as the script says stops the play.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use card::{Card as _, CardNumber, Drawer, Pin};
use jiff::{SignedDuration, Timestamp};
use office::clock::SetClock;
use office::credentials::Password;
use office::{Asked, Declined, Done, Holder, Office, Presented, SignedIn, Token};
use policy::Refusal;
use register::access::{OperationKind, SignOutCause};
use register::terms::ResidentCode;
use register::{Act, Occasion, PersonId, Place, RequestId, SessionId, TerminalId};

use crate::failure::Failure;

/// Every act takes its time.
const BETWEEN: SignedDuration = SignedDuration::from_secs(7);

/// Where the play takes place.
pub(super) struct Stage<'a> {
    pub(super) office: &'a Office,
    pub(super) drawer: Drawer,
    clock: &'a SetClock,
    moment: Mutex<Timestamp>,
    requests: AtomicU64,
}

/// Somebody signed in at a terminal.
pub(super) struct Stay {
    pub(super) token: Token,
    pub(super) signed_in: SignedIn,
}

impl<'a> Stage<'a> {
    pub(super) fn set(
        office: &'a Office,
        clock: &'a SetClock,
        drawer: PathBuf,
        moment: Timestamp,
    ) -> Result<Self, Failure> {
        clock.set(moment);
        Ok(Self {
            office,
            drawer: Drawer::open(&drawer).map_err(|error| stopped(error.japanese()))?,
            clock,
            moment: Mutex::new(moment),
            requests: AtomicU64::new(0),
        })
    }

    /// It is `moment` now, unless it is later already: time does not go back.
    pub(super) fn at(&self, moment: Timestamp) {
        let mut now = self.moment.lock().unwrap_or_else(PoisonError::into_inner);
        *now = (*now).max(moment);
        self.clock.set(*now);
    }

    /// Time passes.
    pub(super) fn pass(&self, time: SignedDuration) {
        let mut now = self.moment.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(time).unwrap_or(*now);
        self.clock.set(*now);
    }

    fn request(&self) -> RequestId {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        id(&format!("demo-{number:06}"))
    }

    /// `person` acts at the server's console.
    pub(super) fn act(&self, person: &str, act: impl Into<Act>) -> Result<Done, Failure> {
        self.try_act(person, act).map_err(|declined| stopped(told(&declined)))
    }

    fn try_act(&self, person: &str, act: impl Into<Act>) -> Result<Done, Declined> {
        self.office.submit(act.into(), self.console(person))
    }

    /// `person` at the server's console, a little later.
    pub(super) fn console(&self, person: &str) -> Occasion {
        self.pass(BETWEEN);
        Occasion {
            by: id(person),
            place: Place::Console,
            at: self.office.now(),
            request: self.request(),
            session: None,
        }
    }

    /// `person` tries an act at the console, against which exactly these provisions stand.
    pub(super) fn act_refused(
        &self,
        person: &str,
        act: impl Into<Act>,
        under: &[&str],
    ) -> Result<(), Failure> {
        expect_refused(self.try_act(person, act), under)
    }

    /// A card is put in at a terminal, its PIN given, and it answers the challenge.
    pub(super) fn present(&self, card: &str, pin: &str, terminal: &str) -> Result<Presented, Declined> {
        let (session, certificate, signature) = self.answer(card, pin, terminal)?;
        self.office.present(&session, &certificate, &signature).map_err(|(declined, _)| declined)
    }

    /// A card is put on the reader at the key desk: whose it is (第11条).
    pub(super) fn prove(&self, card: &str, pin: &str, terminal: &str) -> Result<Holder, Failure> {
        let holder = self.answer(card, pin, terminal).and_then(|(session, certificate, signature)| {
            self.office.prove_holder(&session, &certificate, &signature)
        });
        holder.map_err(|declined| stopped(told(&declined)))
    }

    /// What a card says to a fresh challenge: the challenge, its certificate, its signature.
    fn answer(
        &self,
        card: &str,
        pin: &str,
        terminal: &str,
    ) -> Result<(SessionId, Vec<u8>, Vec<u8>), Declined> {
        self.pass(BETWEEN);
        let broken = |cause: String| Declined::Broken { cause };
        let number: CardNumber = card.parse().map_err(|_| broken(format!("card `{card}`")))?;
        let mut card = self.drawer.take(&number).map_err(|error| broken(error.to_string()))?;
        let challenge = self.office.challenge(&id(terminal))?;
        let pin = Pin::new(pin).map_err(|error| broken(error.to_string()))?;
        card.verify_pin(&pin).map_err(|error| broken(error.to_string()))?;
        let signature = card.sign(&challenge).map_err(|error| broken(error.to_string()))?;
        Ok((id(&challenge.session), card.certificate().to_vec(), signature.to_vec()))
    }

    /// Card first, password after.
    pub(super) fn sign_in(
        &self,
        (card, pin): (&str, &str),
        password: &Password,
        terminal: &str,
    ) -> Result<Stay, Declined> {
        let presented = self.present(card, pin, terminal)?;
        self.pass(BETWEEN);
        let (token, signed_in) = self.office.sign_in(&presented.session, password)?;
        Ok(Stay { token, signed_in })
    }

    pub(super) fn sign_out(&self, stay: &Stay) -> Result<(), Failure> {
        self.pass(BETWEEN);
        self.office
            .sign_out(stay.token.as_str(), SignOutCause::Asked)
            .map_err(|declined| stopped(told(&declined)))
    }

    pub(super) fn change_password(&self, stay: &Stay, old: &Password, new: &Password) -> Result<(), Failure> {
        self.pass(BETWEEN);
        self.office
            .change_password(&stay.signed_in, old, new, self.request())
            .map_err(|declined| stopped(told(&declined)))?;
        Ok(())
    }

    /// One operation on the CS.
    pub(super) fn try_operate(&self, stay: &Stay, asked: Asked) -> Result<(), Declined> {
        self.pass(BETWEEN);
        self.office.operate(&stay.signed_in, asked, self.request()).map(|_| ())
    }

    pub(super) fn operate(&self, stay: &Stay, asked: Asked) -> Result<(), Failure> {
        self.try_operate(stay, asked).map_err(|declined| stopped(told(&declined)))
    }

    /// An operation against which exactly these provisions stand.
    pub(super) fn operate_refused(&self, stay: &Stay, asked: Asked, under: &[&str]) -> Result<(), Failure> {
        expect_refused(self.try_operate(stay, asked), under)
    }
}

/// What an operator asks for, with a reason on file or without.
pub(super) fn asked(kind: OperationKind, condition: impl ToString, reason: Option<&str>) -> Asked {
    Asked { kind, condition: condition.to_string(), reason: reason.map(str::to_owned), period: None }
}

/// A resident's items.
pub(super) fn consult(code: ResidentCode, reason: Option<&str>) -> Asked {
    asked(OperationKind::Consult, code, reason)
}

/// An identifier of the script.
pub(super) fn id<T: std::str::FromStr<Err = register::IdError>>(text: &str) -> T {
    text.parse().expect("the script's identifiers are ASCII, as playing it shows")
}

/// The refusal must be under exactly these provisions.
pub(super) fn expect_refused<T>(result: Result<T, Declined>, under: &[&str]) -> Result<(), Failure> {
    let found = match &result {
        Ok(_) => "認められました".to_owned(),
        Err(Declined::Refused { refusal, .. }) => {
            let found: Vec<String> = refusal.citations().iter().map(ToString::to_string).collect();
            if found == under {
                return Ok(());
            }
            format!("{} により拒否されました", found.join("、"))
        }
        Err(other) => told(other),
    };
    Err(stopped(format!("{} による拒否のはずが、{found}", under.join("、"))))
}

/// The play cannot go on.
pub(super) fn stopped(why: String) -> Failure {
    Failure::failed(
        format!("デモを台本どおりに進められません（{why}）"),
        "ディスクの空きを確かめ、もう一度実行してください。続くときは、この表示を添えて報告してください",
    )
}

fn told(declined: &Declined) -> String {
    let articles = |refusal: &Refusal| {
        refusal.grounds.iter().map(|ground| ground.policy.clone()).collect::<Vec<_>>().join("、")
    };
    match declined {
        Declined::Refused { refusal, .. } => format!("{}: {}", declined.japanese(), articles(refusal)),
        other => format!("{}: {other}", other.japanese()),
    }
}

/// The section's and the person's identifiers are the register's.
pub(super) fn person(text: &str) -> PersonId {
    id(text)
}

/// A terminal of the script.
pub(super) fn terminal(text: &str) -> TerminalId {
    id(text)
}
