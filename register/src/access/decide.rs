//! What follows from a lawful act of 第4章, or why it is impossible.

use policy::Refusal;

use super::{
    Act, CardState, Fact, Factor, NewDesignation, NewTerminal, Operation, Session, SignIn, SignOutCause,
    alarm, cards, spare,
};
use crate::{City, DesignationId, Invalid, Occasion, PersonId, SessionId, TerminalId, limits};

pub(super) fn decide(city: &City, act: Act, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
    let fact = match act {
        Act::RegisterTerminal(new) => register_terminal(city, new)?,
        Act::RetireTerminal(terminal) => retire_terminal(city, terminal)?,
        Act::ProposeDesignation(new) => propose(city, new, on)?,
        Act::AgreeDesignation(id) => agree(city, id)?,
        Act::EndDesignation(id) => end(city, id)?,
        Act::PrepareCard(new) => cards::prepare(city, new, on)?,
        Act::DiscardCard { card, reason } => cards::discard(city, card, reason)?,
        Act::IssueCard(card) => cards::issue(city, &card)?,
        Act::InspectCard { card, remark } => cards::inspect(city, card, remark)?,
        Act::ReportLostCard { card, circumstances } => cards::lose(city, card, circumstances)?,
        Act::ReportFoundCard { card, circumstances } => cards::find(city, card, circumstances)?,
        Act::StopCard { card, state, reason } => cards::stop(city, card, state, reason)?,
        Act::RestoreCard(card) => cards::restore(city, card)?,
        Act::LendSpare(lend) => spare::lend(city, lend)?,
        Act::ReturnSpare { card, remark } => spare::give_back(city, card, remark)?,
        Act::CountSpares { place, present } => spare::count(city, place, &present)?,
        Act::CloseCardAlarm { alarm, remark } => alarm::close(city, alarm, remark)?,
        Act::SetPassword { person, .. } => set_password(city, person, on)?,
        Act::SignIn(proof) => return sign_in(city, proof, on),
        Act::SignOut(cause) => Fact::SignedOut { session: open_session(city, on)?, cause },
        Act::Operate(operation) => Fact::Operated(complete(city, operation, on)?),
    };
    Ok(vec![fact])
}

/// What follows from a refused sign-in: the failed proof is counted, and too many of them suspend the card.
pub(super) fn failed_sign_in(city: &City, proof: &SignIn, refusal: &Refusal, on: &Occasion) -> Vec<Fact> {
    let Some(terminal) = on.terminal() else {
        return Vec::new();
    };
    let factor = match (proof.card_proven, proof.password_proven) {
        (false, _) => Factor::Card,
        (true, Some(false)) => Factor::Password,
        _ => return Vec::new(),
    };
    // While locked nothing is checked, so nothing is counted.
    if refusal.grounds.iter().any(|ground| ground.policy == "16(1).lock-out") {
        return Vec::new();
    }
    let settings = city.settings(on.at);
    let holder = city.holder_of(&proof.card, on.at).cloned();
    let lock = |failed: u32, most: u32| (failed + 1 >= most).then(|| on.at + settings.lock_for);
    let failed = holder.as_ref().map_or(0, |holder| city.access.attempts(holder).failed);
    let mut facts = vec![Fact::SignInFailed {
        card: proof.card.clone(),
        holder: holder.clone(),
        terminal: terminal.clone(),
        factor,
        holder_locked_until: (factor == Factor::Password)
            .then(|| lock(failed, settings.lock_after))
            .flatten(),
        terminal_locked_until: lock(city.access.attempts_at(terminal).failed, settings.lock_terminal_after),
    }];
    let in_use = city.access.card(&proof.card).is_some_and(|card| card.state == CardState::InUse);
    if factor == Factor::Password && failed + 1 >= settings.suspend_after && in_use {
        facts.push(Fact::CardStopped {
            card: proof.card.clone(),
            state: CardState::Suspended,
            reason: format!("パスワードの誤りが{}回に達したため", failed + 1),
        });
    }
    facts
}

/// Whoever sits at somebody's open stay must not try passwords there without end: each is counted as at sign-in.
pub(super) fn failed_change(city: &City, refusal: &Refusal, on: &Occasion) -> Vec<Fact> {
    let stay = on.session.as_ref().and_then(|id| Some((id, city.access.session(id)?)));
    let Some((session, stay)) = stay.filter(|_| !city.access.locked(&on.by, on.terminal(), on.at)) else {
        return Vec::new();
    };
    let card = city.access.card(&stay.card);
    let proof = SignIn {
        session: session.clone(),
        card: stay.card.clone(),
        certificate: card.map_or(String::new(), |card| card.certificate.clone()),
        card_proven: true,
        password_proven: Some(false),
    };
    failed_sign_in(city, &proof, refusal, on)
}

fn register_terminal(city: &City, new: NewTerminal) -> Result<Fact, Invalid> {
    if city.access.terminal(&new.id).is_some_and(|terminal| terminal.in_service) {
        return Err(exists("terminal", &new.id));
    }
    if city.profile().section(new.section.as_str()).is_none() {
        return Err(unknown("section", &new.section));
    }
    if city.profile().room(new.room.as_str()).is_none() {
        return Err(unknown("room", &new.room));
    }
    if let Some(way) = &new.authenticator
        && city.profile().authenticator(Some(way)).is_none()
    {
        return Err(unknown("authenticator", way));
    }
    Ok(Fact::TerminalRegistered(new))
}

fn retire_terminal(city: &City, terminal: TerminalId) -> Result<Fact, Invalid> {
    match city.access.terminal(&terminal) {
        None => Err(unknown("terminal", &terminal)),
        Some(found) if !found.in_service => Err(state("terminal", &terminal, "廃止済み")),
        Some(_) => Ok(Fact::TerminalRetired { terminal }),
    }
}

fn propose(city: &City, new: NewDesignation, on: &Occasion) -> Result<Fact, Invalid> {
    if city.access.designation(&new.id).is_some() {
        return Err(exists("designation", &new.id));
    }
    known_person(city, &new.person)?;
    if city.profile().card_kind(new.kind.as_str()).is_none() {
        return Err(unknown("kind", &new.kind));
    }
    let running = city.access.designations().any(|(_, old)| {
        old.person == new.person
            && old.kind == new.kind
            && old.section == new.section
            && city.designation_stands(old, on.at)
    });
    if running {
        return Err(exists("designation", &new.person));
    }
    Ok(Fact::DesignationProposed(new))
}

fn agree(city: &City, id: DesignationId) -> Result<Fact, Invalid> {
    match city.access.designation(&id) {
        None => Err(unknown("designation", &id)),
        Some(found) if found.ended.is_some() => Err(state("designation", &id, "終了済み")),
        Some(found) if found.agreed.is_some() => Err(state("designation", &id, "協議済み")),
        Some(_) => Ok(Fact::DesignationAgreed { designation: id }),
    }
}

fn end(city: &City, id: DesignationId) -> Result<Fact, Invalid> {
    match city.access.designation(&id) {
        None => Err(unknown("designation", &id)),
        Some(found) if found.ended.is_some() => Err(state("designation", &id, "終了済み")),
        Some(_) => Ok(Fact::DesignationEnded { designation: id }),
    }
}

fn set_password(city: &City, person: PersonId, on: &Occasion) -> Result<Fact, Invalid> {
    known_person(city, &person)?;
    let version = city.access.password_version(&person).unwrap_or(0) + 1;
    let initial = person != on.by;
    Ok(Fact::PasswordSet { person, version, initial })
}

fn sign_in(city: &City, proof: SignIn, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
    let Some(terminal) = on.terminal().cloned() else {
        return Err(unknown("terminal", &"console"));
    };
    if proof.password_proven != Some(true) && city.settings(on.at).password_at_server {
        return Err(Invalid::State { what: "password", id: String::new(), state: "未確認" });
    }
    if city.access.session(&proof.session).is_some() {
        return Err(exists("session", &proof.session));
    }
    let mut facts = ended_by(city, &proof, &terminal, on);
    let received = city.access.card(&proof.card).is_some_and(|card| !card.spare() && card.received.is_none());
    facts.push(Fact::SignedIn { session: proof.session, card: proof.card.clone(), terminal });
    if received {
        facts.push(Fact::CardReceived { card: proof.card });
    }
    Ok(facts)
}

/// One stay for a terminal, and one for a card: what ends because another begins.
fn ended_by(city: &City, proof: &SignIn, terminal: &TerminalId, on: &Occasion) -> Vec<Fact> {
    let idle = city.settings(on.at).idle;
    let mut facts = Vec::new();
    for (id, stay) in city.access.sessions() {
        let (here, same) = (stay.terminal == *terminal, stay.card == proof.card);
        if !here && !same {
            continue;
        }
        let open = stay.open(on.at, idle);
        let cause = match (open, here) {
            (false, _) => SignOutCause::Idle,
            (true, true) => SignOutCause::Shift,
            (true, false) => SignOutCause::Elsewhere,
        };
        facts.push(Fact::SignedOut { session: id.clone(), cause });
        if cause == SignOutCause::Elsewhere {
            facts.push(two_terminals(stay, terminal));
        }
    }
    facts
}

fn two_terminals(stay: &Session, terminal: &TerminalId) -> Fact {
    Fact::CardAtTwoTerminals {
        card: stay.card.clone(),
        person: stay.person.clone(),
        earlier: stay.terminal.clone(),
        terminal: terminal.clone(),
    }
}

fn open_session(city: &City, on: &Occasion) -> Result<SessionId, Invalid> {
    match on.session.as_ref().filter(|id| city.access.session(id).is_some()) {
        Some(id) => Ok(id.clone()),
        None => Err(Invalid::State { what: "session", id: String::new(), state: "終了済み" }),
    }
}

fn complete(city: &City, operation: Operation, on: &Occasion) -> Result<Operation, Invalid> {
    if operation.condition.chars().count() > limits::TEXT {
        return Err(Invalid::Length { what: "condition", most: limits::TEXT });
    }
    if operation.reason.as_ref().is_some_and(|reason| reason.chars().count() > limits::TEXT) {
        return Err(Invalid::Length { what: "reason", most: limits::TEXT });
    }
    if operation.touched.len() > limits::TOUCHED {
        return Err(Invalid::TooMany { what: "touched", most: limits::TOUCHED });
    }
    open_session(city, on)?;
    Ok(situate(city, operation, on))
}

/// An operation says by itself at which terminal, with which card and for which section it was made, because
/// all three may change afterwards.
pub(super) fn situate(city: &City, mut operation: Operation, on: &Occasion) -> Operation {
    let session = on.session.as_ref().and_then(|id| city.access.session(id));
    operation.section = city.section_of(&on.by, on.at).cloned();
    operation.card = session.map(|session| session.card.clone());
    operation.terminal = on.terminal().cloned();
    operation
}

pub(super) fn known_person(city: &City, person: &PersonId) -> Result<(), Invalid> {
    match city.organization.person(person) {
        Some(_) => Ok(()),
        None => Err(unknown("person", person)),
    }
}

fn unknown(what: &'static str, id: &impl ToString) -> Invalid {
    Invalid::Unknown { what, id: id.to_string() }
}

fn exists(what: &'static str, id: &impl ToString) -> Invalid {
    Invalid::Exists { what, id: id.to_string() }
}

fn state(what: &'static str, id: &impl ToString, state: &'static str) -> Invalid {
    Invalid::State { what, id: id.to_string(), state }
}
