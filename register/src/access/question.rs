//! What the policy must know to judge an act of 第4章.

use policy::{Entity, Question, Record, Value};

use super::{Act, Card, CardState, Operation, SignIn};
use crate::{CardId, City, DesignationId, Occasion, PersonId, SectionId, TerminalId, question, rules};

pub(super) fn asked(city: &City, act: &Act, on: &Occasion) -> Question {
    let about = |action, resource| Question::new(action, question::person(city, &on.by, on), resource);
    match act {
        Act::RegisterTerminal(new) => {
            about("keepTerminals", terminal_entity(city, &new.id).with("section", new.section.as_str()))
        }
        Act::RetireTerminal(id) => about("keepTerminals", terminal_entity(city, id)),
        Act::ProposeDesignation(new) => about("proposeDesignation", question::section(&new.section)),
        Act::AgreeDesignation(id) => about("agreeDesignation", designated_section(city, id)),
        Act::EndDesignation(id) => about("endDesignation", designated_section(city, id)),
        Act::PrepareCard(new) => about("prepareCard", card_entity(city, &new.id, new.holder.as_ref(), on)),
        Act::DiscardCard { card, .. } => about("prepareCard", card_entity(city, card, None, on)),
        Act::IssueCard(card) => issuing(city, card, on),
        Act::InspectCard { card, .. } => about("inspectCard", card_entity(city, card, None, on))
            .with("holder", city.holder_of(card, on.at) == Some(&on.by)),
        Act::ReportLostCard { card, .. } => about("reportLostCard", card_entity(city, card, None, on)),
        Act::ReportFoundCard { card, .. } => about("reportFoundCard", card_entity(city, card, None, on)),
        Act::StopCard { card, .. } => about("stopCard", card_entity(city, card, None, on))
            .with("holder", city.holder_of(card, on.at) == Some(&on.by)),
        Act::RestoreCard(card) => about("restoreCard", card_entity(city, card, None, on)),
        Act::LendSpare(lend) => {
            let kind = city.access.card(&lend.card).map(|card| &card.kind);
            about("lendSpare", card_entity(city, &lend.card, Some(&lend.to), on))
                .with("designated", kind.is_some_and(|kind| city.designated(&lend.to, kind, on.at)))
                .with("own", lend.to == on.by)
        }
        Act::ReturnSpare { card, .. } => {
            let borrower = city.access.spares().out(card).map(|loan| &loan.to);
            about("returnSpare", card_entity(city, card, borrower, on)).with("own", borrower == Some(&on.by))
        }
        Act::CountSpares { .. } => about("countSpares", question::city()),
        Act::CloseCardAlarm { alarm, .. } => {
            let known = city.access.alarms().iter().find(|known| known.receipt == *alarm);
            let own = known.is_some_and(|known| known.person == on.by);
            about("closeCardAlarm", question::city()).with("own", own)
        }
        Act::SetPassword { person, old_proven } => about("setPassword", question::person(city, person, on))
            .with("own", *person == on.by)
            .with("oldProven", *old_proven)
            .with("first", city.access.password_version(person).is_none()),
        Act::SignIn(proof) => {
            let mut asked = about("signIn", place_entity(city, on));
            asked.context = sign_in_proof(city, proof, on);
            asked
        }
        Act::SignOut(_) => about("signOut", place_entity(city, on)),
        Act::Operate(operation) => operation_question(city, operation, on),
    }
}

/// A card is judged as it was prepared: for whom, of which kind, and by whom.
fn issuing(city: &City, id: &CardId, on: &Occasion) -> Question {
    let preparation = city.access.preparation(id);
    let card = preparation.map(|preparation| &preparation.card);
    let holder = card.and_then(|card| card.holder.as_ref());
    // A spare card is designated for when it is lent.
    let designated = card.is_some_and(|card| {
        card.holder.as_ref().is_none_or(|holder| city.designated(holder, &card.kind, on.at))
    });
    Question::new("issueCard", question::person(city, &on.by, on), card_entity(city, id, holder, on))
        .with("designated", designated)
        .with("byAnother", preparation.is_some_and(|preparation| preparation.by.0 != on.by))
}

fn terminal_entity(city: &City, id: &TerminalId) -> Entity {
    let section = city.access.terminal(id).map_or("", |terminal| terminal.section.as_str());
    Entity::new("Terminal", id.as_str()).with("section", section)
}

/// The terminal at which the act takes place; the console is none.
fn place_entity(city: &City, on: &Occasion) -> Entity {
    match on.terminal() {
        Some(id) => terminal_entity(city, id),
        None => Entity::new("Terminal", "console").with("section", ""),
    }
}

fn designated_section(city: &City, id: &DesignationId) -> Entity {
    match city.access.designation(id) {
        Some(designation) => question::section(&designation.section),
        None => Entity::new("Section", "unknown").with("code", ""),
    }
}

/// A card belongs to the section of its holder, the one to be included.
fn card_entity(city: &City, id: &CardId, holder: Option<&PersonId>, on: &Occasion) -> Entity {
    let holder = holder.or(city.holder_of(id, on.at));
    let section = holder.and_then(|holder| city.section_of(holder, on.at));
    Entity::new("Card", id.as_str()).with("section", section.map_or("", SectionId::as_str))
}

/// The schema's `Proof` at a sign-in.
fn sign_in_proof(city: &City, proof: &SignIn, on: &Occasion) -> Record {
    let card = city.access.card(&proof.card);
    let known = card.filter(|card| card.certificate == proof.certificate).map(|card| (&proof.card, card));
    let mut record = proof_record(city, on, proof.card_proven, proof.password_proven.unwrap_or(false), known);
    if !proof.card_proven {
        // Of a card that has proven nothing, nothing is said: whoever made one up learns neither that its number
        // is known, nor how it stands, nor that its holder is locked out.
        for name in ["cardInLedger", "cardInUse", "lent", "holder"] {
            record.insert(name, true.into());
        }
        let locked = city.access.locked(&PersonId::nobody(), on.terminal(), on.at);
        record.insert("locked", locked.into());
    }
    if proof.password_proven.is_none() {
        // The card's step: it is judged without the password, and `decide` lets nobody in by it.
        record.insert("passwordDemanded", false.into());
    }
    record
}

fn proof_record(
    city: &City,
    on: &Occasion,
    card_proven: bool,
    password_proven: bool,
    card: Option<(&CardId, &Card)>,
) -> Record {
    let terminal = on.terminal();
    let in_service = terminal.and_then(|id| city.access.terminal(id)).is_some_and(|found| found.in_service);
    let holder = card.and_then(|(id, _)| city.holder_of(id, on.at));
    let locked = city.access.locked(&on.by, terminal, on.at);
    Record::from([
        ("cardProven", card_proven.into()),
        ("passwordProven", password_proven.into()),
        ("passwordDemanded", city.settings(on.at).password_at_server.into()),
        ("terminalInService", in_service.into()),
        ("authenticator", terminal.is_none_or(|id| city.proves_by_card(id)).into()),
        ("cardInLedger", card.is_some().into()),
        ("cardInUse", card.is_some_and(|(_, card)| card.state == CardState::InUse).into()),
        ("lent", card.is_none_or(|(_, card)| !card.spare() || holder.is_some()).into()),
        ("holder", (holder == Some(&on.by)).into()),
        ("locked", locked.into()),
    ])
}

fn operation_question(city: &City, operation: &Operation, on: &Occasion) -> Question {
    let action = if operation.kind.history().is_some() { "viewHistory" } else { "operate" };
    let asked = Question::new(action, question::person(city, &on.by, on), place_entity(city, on));
    let work = work_record(city, operation, on);
    match operation.kind.history() {
        None => Question { context: work, ..asked },
        Some(scope) => asked.with("work", work).with("scope", scope.code()).with(
            "purposeGiven",
            operation.reason.as_ref().is_some_and(|purpose| !purpose.trim().is_empty()),
        ),
    }
}

/// The schema's `Work`: the stay at the terminal, and what the operator was entrusted with.
fn work_record(city: &City, operation: &Operation, on: &Occasion) -> Record {
    let session = on.session.as_ref().and_then(|id| city.access.session(id));
    let session =
        session.filter(|session| session.person == on.by && Some(&session.terminal) == on.terminal());
    let known = session.and_then(|session| Some((&session.card, city.access.card(&session.card)?)));
    let card = known.map(|(_, card)| card);
    let kind = card.and_then(|card| city.profile().card_kind(card.kind.as_str()));
    let settings = city.settings(on.at);
    let open = session.is_some_and(|session| session.open(on.at, settings.idle));
    let designated = card.is_some_and(|card| city.designated(&on.by, &card.kind, on.at));
    let proof = proof_record(city, on, session.is_some(), session.is_some(), known);
    let own = !settings.password_at_server || city.access.password_due(&on.by, &settings, on.at).is_none();
    let read = !settings.acknowledgement_gates_cs || rules::to_acknowledge(city, &on.by, on.at).is_empty();
    Record::from([
        ("proof", proof.into()),
        ("sessionOpen", open.into()),
        ("operation", operation.kind.code().into()),
        (
            "cardOperations",
            kind.into_iter().flat_map(|kind| kind.operations.iter().cloned()).collect::<Value>(),
        ),
        ("designated", designated.into()),
        ("handler", city.handles(&on.by, on.at).into()),
        ("passwordOwn", own.into()),
        ("rulesRead", read.into()),
    ])
}
