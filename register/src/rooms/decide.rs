//! What follows from a lawful act of this chapter, and what makes one impossible.

use super::{Act, Fact, TagNo, doors, escort, findings, fingers, import, keys, outsider, passage};
use crate::invalid::text;
use crate::{City, DoorId, Invalid, Occasion, PersonId, Receipt, limits};

pub(super) fn decide(city: &City, act: Act, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
    Ok(match act {
        Act::EnterOutsider(new) => {
            outsider::check(city, &new, on)?;
            vec![Fact::OutsiderEntered(new)]
        }
        Act::EndOutsider { person, reason } => {
            text("reason", &reason, limits::TEXT)?;
            end_outsider(city, person, reason)?
        }
        Act::Pass(pass) => {
            let passed = passage::decide(city, pass, on)?;
            passed.into_iter().map(|one| Fact::Passed(Box::new(one))).collect()
        }
        Act::OpenEscort(new) => {
            escort::check(city, &new, on)?;
            vec![Fact::EscortOpened(new)]
        }
        Act::CloseEscort(escort) => match city.rooms.escort(&escort) {
            None => return Err(unknown("escort", &escort)),
            Some(known) if !known.open() => return Err(state("escort", &escort, "終わった立会い")),
            Some(_) => vec![Fact::EscortClosed { escort }],
        },
        Act::IssueTag { tag, to } => issue_tag(city, tag, to)?,
        Act::ReturnTag(tag) => match city.rooms.tags().wearer(tag) {
            None => return Err(state("tag", tag, "保管中")),
            Some(_) => vec![Fact::TagReturned { tag }],
        },
        act => decide_lock(city, act, on)?,
    })
}

/// Keys, fingers, controllers.
fn decide_lock(city: &City, act: Act, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
    Ok(match act {
        Act::RegisterKey(new) => {
            keys::check_new(city, &new)?;
            vec![Fact::KeyRegistered(new)]
        }
        Act::RetireKey { key, reason } => {
            keys::in_use(city, &key)?;
            text("reason", &reason, limits::TEXT)?;
            vec![Fact::KeyRetired { key, reason }]
        }
        Act::LendKey(lend) => {
            keys::check_lend(city, &lend, on)?;
            vec![Fact::KeyLent(lend)]
        }
        Act::ReturnKey { key, remark } => {
            keys::check_return(city, &key, &remark)?;
            vec![Fact::KeyReturned { key, remark }]
        }
        Act::CountKeys(hanging) => {
            hanging.iter().try_for_each(|key| keys::in_use(city, key))?;
            let (missing, unreturned) = city.rooms.keys().compare(&hanging);
            vec![Fact::KeysCounted { missing, unreturned }]
        }
        Act::EnrolFinger(new) => {
            fingers::check(city, &new)?;
            vec![Fact::FingerEnrolled(new)]
        }
        Act::RemoveFinger { door, member, reason } => {
            if city.rooms.member(&door, member).is_none() {
                return Err(unknown("member", member));
            }
            text("reason", &reason, limits::TEXT)?;
            vec![Fact::FingerRemoved { door, member, reason }]
        }
        Act::CompareMembers { door, members } => {
            known_door(city, &door)?;
            if members.len() > limits::CHOSEN {
                return Err(Invalid::TooMany { what: "member", most: limits::CHOSEN });
            }
            let (unknown, missing) = fingers::compare(city, &door, &members);
            vec![Fact::MembersCompared { door, unknown, missing }]
        }
        act => decide_door(city, act, on)?,
    })
}

/// Controllers, what they report, alarms, the lockdown.
fn decide_door(city: &City, act: Act, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
    Ok(match act {
        Act::RegisterController(new) => {
            doors::check_new(city, &new)?;
            vec![Fact::ControllerRegistered(new)]
        }
        Act::RetireController(controller) => {
            let known = city.rooms.controller(&controller);
            match known.ok_or_else(|| unknown("controller", &controller))?.retired {
                Some(_) => return Err(state("controller", &controller, "廃止済み")),
                None => vec![Fact::ControllerRetired { controller }],
            }
        }
        Act::ReportDoor { controller, reports } => {
            if reports.len() > limits::REPORTS {
                return Err(Invalid::TooMany { what: "report", most: limits::REPORTS });
            }
            doors::check_reports(city, &controller, &reports)?;
            let each = reports.into_iter().flat_map(|report| {
                let passed = doors::passages(city, &report);
                let passed = passed.into_iter().map(|one| Fact::Passed(Box::new(one)));
                passed.chain([Fact::DoorReported(Box::new(report))]).collect::<Vec<_>>()
            });
            each.collect()
        }
        Act::CloseAlarm { alarm, remark } => {
            text("remark", &remark, limits::TEXT)?;
            close_alarm(city, alarm, remark)?
        }
        Act::LockDown { reason } => {
            text("reason", &reason, limits::TEXT)?;
            if city.rooms.lockdown().is_some() {
                return Err(state("lockdown", "レベル2", "封鎖中"));
            }
            vec![Fact::LockedDown { reason }]
        }
        Act::LiftLockdown { reason } => {
            text("reason", &reason, limits::TEXT)?;
            if city.rooms.lockdown().is_none() {
                return Err(state("lockdown", "レベル2", "封鎖していない"));
            }
            vec![Fact::LockdownLifted { reason }]
        }
        act => decide_finding(city, act, on)?,
    })
}

/// Imports, findings, the month's reconciliation.
fn decide_finding(city: &City, act: Act, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
    Ok(match act {
        Act::ImportPassages(file) => import::decide(city, &file, on)?,
        Act::AnswerFinding { finding, answer } => {
            let finding = Box::new(findings::unanswered(city, &finding, &answer, on.at)?);
            vec![Fact::FindingAnswered { finding, answer }]
        }
        Act::SendBackAnswer { finding, correction } => {
            let finding = Box::new(findings::awaiting(city, &finding, on.at)?);
            text("correction", &correction, limits::TEXT)?;
            vec![Fact::AnswerSentBack { finding, correction }]
        }
        Act::SettleFinding(finding) => {
            vec![Fact::FindingSettled { finding: Box::new(findings::awaiting(city, &finding, on.at)?) }]
        }
        Act::ReconcileLedgers { until } => {
            if until > on.at {
                return Err(Invalid::Future { what: "until" });
            }
            if city.rooms.findings().reconciled_until().is_some_and(|before| until <= before) {
                return Err(Invalid::Past { what: "until" });
            }
            let (findings, rest) = findings::in_entries(findings::found(city, until));
            std::iter::once(Fact::LedgersReconciled { until, findings }).chain(rest).collect()
        }
        // Every other act was decided before it came here.
        _ => Vec::new(),
    })
}

fn unknown(what: &'static str, id: impl ToString) -> Invalid {
    Invalid::Unknown { what, id: id.to_string() }
}

fn state(what: &'static str, id: impl ToString, state: &'static str) -> Invalid {
    Invalid::State { what, id: id.to_string(), state }
}

fn known_door(city: &City, door: &DoorId) -> Result<(), Invalid> {
    city.room_of(door).map(drop).ok_or_else(|| unknown("door", door))
}

fn end_outsider(city: &City, person: PersonId, reason: String) -> Result<Vec<Fact>, Invalid> {
    match city.rooms.outsider(&person) {
        None => Err(unknown("person", &person)),
        Some(outsider) if outsider.ended.is_some() => Err(state("person", &person, "名簿から外した人")),
        Some(_) => Ok(vec![Fact::OutsiderEnded { person, reason }]),
    }
}

fn issue_tag(city: &City, tag: TagNo, to: PersonId) -> Result<Vec<Fact>, Invalid> {
    if !city.knows(&to) {
        return Err(unknown("person", &to));
    }
    if city.rooms.tags().wearer(tag).is_some() {
        return Err(state("tag", tag, "貸出中"));
    }
    if city.rooms.tag_of(&to).is_some() {
        return Err(state("person", &to, "名札を着けている者"));
    }
    Ok(vec![Fact::TagIssued { tag, to }])
}

fn close_alarm(city: &City, alarm: Receipt, remark: String) -> Result<Vec<Fact>, Invalid> {
    match city.rooms.alarms().iter().find(|known| known.receipt == alarm) {
        None => Err(unknown("alarm", &alarm)),
        Some(known) if known.closed.is_some() => Err(state("alarm", &alarm, "処置済み")),
        Some(_) => Ok(vec![Fact::AlarmClosed { alarm, remark }]),
    }
}
