//! The day on which the demo city begins: people and offices, terminals, designations, cards, passwords, residents.

use std::collections::BTreeMap;
use std::thread;

use card::{Card as _, CardKind, CardNumber, Pin};
use jiff::SignedDuration;
use jiff::civil::Date;
use register::access::{self, NewCard, NewDesignation, NewTerminal};
use register::organization::{self, Appointment, NewPerson};
use register::terms::Resident;
use register::{PersonId, assets};
use sha2::{Digest as _, Sha256};

use super::cast::{ACCESS_MANAGER, CARD_MAKER, CAST, CITIZENS_OFFICER, Member, TERMINALS, operators};
use super::rooms;
use super::stage::{Stage, id, person, stopped, terminal};
use crate::failure::Failure;
use crate::progress::Progress;

/// How long a card's certificate is good for.
const VALID: SignedDuration = SignedDuration::from_hours(24 * 365);
/// Residents entered by one act.
const ENTERED_AT_ONCE: usize = 1_000;
/// Hashing a password keeps a processor busy; more than so many are not hashed at once.
const HANDS: usize = 2;

/// Everything that has to be so before the first day's work.
pub(super) fn found(stage: &Stage<'_>, day: Date, residents: &[Resident]) -> Result<(), Failure> {
    let progress = Progress::begin("組織と端末を登録しています", None);
    organization(stage, day)?;
    for (number, room, section) in TERMINALS {
        let new =
            NewTerminal { id: terminal(number), room: id(room), section: id(section), authenticator: None };
        stage.act(ACCESS_MANAGER, access::Act::RegisterTerminal(new))?;
    }
    progress.end();
    let operators: Vec<&'static Member> = operators().collect();
    let progress = Progress::begin("操作者を指定し、カードを交付しています", Some(operators.len()));
    for member in &operators {
        propose(stage, member)?;
        agree(stage, member)?;
        issue_card(stage, member, &member.card_number())?;
        progress.step(1);
    }
    for member in operators.iter().filter(|member| member.handler) {
        name_handler(stage, member)?;
    }
    progress.end();
    passwords(stage, &operators)?;
    let progress = Progress::begin("室の許可、名札、鍵を登録しています", None);
    rooms::found(stage, day)?;
    progress.end();
    enter(stage, residents)
}

fn organization(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    let people = CAST.iter().map(|member| NewPerson {
        id: person(member.id),
        name: member.name.to_owned(),
        kana: member.kana.to_owned(),
        section: id(member.section),
    });
    let appointments = CAST.iter().filter_map(|member| {
        Some(Appointment { office: id(member.office?), person: Some(person(member.id)), from: day })
    });
    let act = organization::Act::Found { people: people.collect(), appointments: appointments.collect() };
    stage.act(PersonId::founder().as_str(), act)?;
    Ok(())
}

/// Who answers for this member's section as セキュリティ責任者; 市民課長 for sections that have none.
fn officer_of(stage: &Stage<'_>, member: &Member) -> &'static str {
    let offices = stage.office.profile().post("security-officer").map_or(&[][..], |post| post.offices());
    let officer = CAST.iter().find(|officer| {
        officer.section == member.section
            && officer.office.is_some_and(|office| offices.iter().any(|o| o == office))
    });
    officer.map_or(CITIZENS_OFFICER, |officer| officer.id)
}

/// 第16条第2号: the section's officer proposes.
pub(super) fn propose(stage: &Stage<'_>, member: &Member) -> Result<(), Failure> {
    let Some((kind, _)) = member.card else { return Ok(()) };
    let officer = officer_of(stage, member);
    let new = NewDesignation {
        id: id(&designation_number(member)),
        person: person(member.id),
        kind: id(kind),
        section: id(super::cast::member(officer).section),
    };
    stage.act(officer, access::Act::ProposeDesignation(new))?;
    Ok(())
}

/// 第16条第2号: the access manager agrees.
pub(super) fn agree(stage: &Stage<'_>, member: &Member) -> Result<(), Failure> {
    stage.act(ACCESS_MANAGER, access::Act::AgreeDesignation(id(&designation_number(member))))?;
    Ok(())
}

/// The number of a member's designation.
pub(super) fn designation_number(member: &Member) -> String {
    format!("D-{}", member.id)
}

/// 第20条第1項: the section's officer names who may handle 本人確認情報.
pub(super) fn name_handler(stage: &Stage<'_>, member: &Member) -> Result<(), Failure> {
    let act = assets::Act::DesignateHandler { person: person(member.id), section: id(member.section) };
    stage.act(officer_of(stage, member), act)?;
    Ok(())
}

/// A card is made in the drawer and entered in the ledger (第16条第3号).
pub(super) fn issue_card(stage: &Stage<'_>, member: &Member, number: &str) -> Result<(), Failure> {
    let Some((kind, _)) = member.card else { return Ok(()) };
    let now = stage.office.now();
    let until = now.saturating_add(VALID).unwrap_or(now);
    let name = |error: card::NameError| stopped(error.japanese());
    let card_number: CardNumber = number.parse().map_err(name)?;
    let card_kind: CardKind = kind.parse().map_err(name)?;
    let pin = Pin::new(&member.pin()).map_err(|error| stopped(error.japanese().to_owned()))?;
    let made = stage
        .drawer
        .make(stage.office.authority(), card_number, card_kind, &pin, (now, until))
        .map_err(|error| stopped(error.japanese()))?;
    let new = NewCard {
        id: id(number),
        kind: id(kind),
        holder: Some(person(member.id)),
        certificate: hex::encode(Sha256::digest(made.certificate())),
        expires: Some(until),
        kept: String::new(),
    };
    stage.act(CARD_MAKER, access::Act::PrepareCard(new))?;
    stage.act(ACCESS_MANAGER, access::Act::IssueCard(id(number)))?;
    Ok(())
}

/// Everybody is handed a password, and replaces it at the first sign-in.
fn passwords(stage: &Stage<'_>, operators: &[&'static Member]) -> Result<(), Failure> {
    let progress = Progress::begin("初期パスワードを渡し、本人が変えています", Some(operators.len()));
    // One terminal has one stay at a time: whoever shares a terminal comes one after the other.
    let mut hands: BTreeMap<usize, Vec<&'static Member>> = BTreeMap::new();
    for member in operators {
        let place = member.card.and_then(|(_, at)| TERMINALS.iter().position(|(number, ..)| *number == at));
        hands.entry(place.unwrap_or(0) % HANDS).or_default().push(member);
    }
    thread::scope(|scope| {
        let hand = |members: Vec<&'static Member>| {
            let progress = &progress;
            scope.spawn(move || {
                members.into_iter().try_for_each(|member| {
                    first_password(stage, member, &member.card_number())?;
                    progress.step(1);
                    Ok(())
                })
            })
        };
        let hands: Vec<_> = hands.into_values().map(hand).collect();
        let broke = || Err(stopped("パスワードの設定が途中で止まりました".to_owned()));
        hands.into_iter().try_for_each(|hand| hand.join().unwrap_or_else(|_| broke()))
    })?;
    progress.end();
    Ok(())
}

/// A password is handed over, and changed by its owner at the first sign-in.
pub(super) fn first_password(stage: &Stage<'_>, member: &Member, card: &str) -> Result<(), Failure> {
    let Some((_, terminal)) = member.card else { return Ok(()) };
    let declined = |declined: office::Declined| stopped(declined.japanese());
    let on = stage.console(ACCESS_MANAGER);
    let (_, initial) = stage.office.hand_over_password(on, &person(member.id)).map_err(declined)?;
    let stay = stage.sign_in((card, &member.pin()), &initial, terminal).map_err(declined)?;
    stage.change_password(&stay, &initial, &member.password())?;
    stage.sign_out(&stay)
}

/// 第19条第2項: 市民課長 has the residents entered into the CS's file.
fn enter(stage: &Stage<'_>, residents: &[Resident]) -> Result<(), Failure> {
    let progress = Progress::begin("架空の住民を記録しています", Some(residents.len()));
    for some in residents.chunks(ENTERED_AT_ONCE) {
        stage.act(CITIZENS_OFFICER, assets::Act::EnterResidents(some.to_vec()))?;
        progress.step(some.len());
    }
    progress.end();
    Ok(())
}
