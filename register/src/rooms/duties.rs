//! What is owed in 第3章: answers to findings, remarks on alarms, keys and lists counted, the report to the head.

use jiff::Timestamp;
use jiff::civil::Date;
use regulation::calendar;

use super::Finding;
use super::permit::manager_of;
use super::report;
use crate::duty::{Fulfil, Owner, citation_of};
use crate::occasion::japan_day;
use crate::{City, Duty};

const ALARM: &str = "10-2.alarm";
const OVERDUE: &str = "11.overdue";
const COUNT: &str = "11.count";
const MEMBERS: &str = "11.members";
const ANSWER: &str = "12.answer";
const SETTLE: &str = "12.settle";
const RECONCILE: &str = "12.reconcile";

/// The rules of this chapter's duties, beside those that cases make.
pub const DUTIES: &[&str] = &[ALARM, OVERDUE, COUNT, MEMBERS, ANSWER, SETTLE, RECONCILE, report::REPORT];

pub(super) fn owed(city: &City, at: Timestamp) -> Vec<Duty> {
    let mut duties = alarms(city);
    duties.extend(overdue_keys(city, at));
    duties.extend(count(city, at));
    duties.extend(members(city, at));
    duties.extend(findings(city, at));
    duties.extend(reconcile(city, at));
    duties.extend(report::owed(city, at));
    duties
}

fn duty(id: &'static str, subject: String, what: String, owed_by: Owner, fulfil: Fulfil) -> Option<Duty> {
    Some(Duty { id, citation: citation_of(id)?, subject, what, owed_by, since: None, due: None, fulfil })
}

fn alarms(city: &City) -> Vec<Duty> {
    let open = city.rooms.alarms().iter().filter(|alarm| alarm.closed.is_none());
    let each = open.filter_map(|alarm| {
        let room = alarm.door.as_ref().and_then(|door| city.room_of(door));
        let place = room.map_or_else(|| format!("制御器 {}", alarm.controller), |room| city.room_name(room));
        let owner = room.and_then(|room| manager_of(city, room.as_str()).into_iter().next());
        let owner = owner.unwrap_or_else(|| Owner::Post("lock-officer".to_owned()));
        let what = format!("{place}の警報「{}」について、したことを記録してください", alarm.kind.japanese());
        let fulfil = Fulfil::Alarm(alarm.receipt.clone());
        let since = Some(japan_day(alarm.at));
        Some(Duty { since, ..duty(ALARM, alarm.receipt.to_string(), what, owner, fulfil)? })
    });
    each.collect()
}

fn overdue_keys(city: &City, at: Timestamp) -> Vec<Duty> {
    // Of a key that is out of use it was said why.
    let in_use = |key| city.rooms.key(key).is_some_and(|key| key.retired.is_none());
    let over = city.rooms.loans_out().filter(|loan| loan.overdue(at) && in_use(&loan.key));
    let each = over.filter_map(|loan| {
        let what = format!("鍵 {} が期限までに返っていません（{}）", loan.key, city.name_of(&loan.to));
        let owner = Owner::Post("key-officer".to_owned());
        let (since, due) = (Some(japan_day(loan.lent.0)), Some(japan_day(loan.due)));
        Some(Duty { since, due, ..duty(OVERDUE, loan.key.to_string(), what, owner, Fulfil::Keys)? })
    });
    each.collect()
}

/// The keys are counted each working day.
fn count(city: &City, at: Timestamp) -> Option<Duty> {
    let today = japan_day(at);
    let counting = city.rooms.keys().in_use().any(|(_, key)| japan_day(key.registered) < today);
    if !counting || !calendar::is_working_day(today) || city.rooms.keys().counted_on(today) {
        return None;
    }
    let owner = Owner::Post("key-officer".to_owned());
    let what = "今日の鍵の数を確かめてください".to_owned();
    let (since, due) = (Some(today), Some(today));
    Some(Duty { since, due, ..duty(COUNT, today.to_string(), what, owner, Fulfil::Keys)? })
}

/// The list of each lock is held against the ledger each month.
fn members(city: &City, at: Timestamp) -> Vec<Duty> {
    let today = japan_day(at);
    let first = today.first_of_month();
    let of_month = |day: Date| day >= first;
    let doors = city.rooms.doors().filter(|(id, _)| city.rooms.door_in_use(id));
    let each = doors.filter_map(|(id, door)| {
        city.rooms.members(id).next()?;
        let done =
            city.rooms.comparisons().iter().any(|list| list.door == *id && of_month(japan_day(list.at.0)));
        if done {
            return None;
        }
        let what = format!(
            "{}の錠 {id} に登録されている番号を、登録簿と照らしてください",
            city.room_name(&door.room)
        );
        let owner = Owner::Post("lock-officer".to_owned());
        let (since, due) = (Some(first), Some(first.last_of_month()));
        Some(Duty { since, due, ..duty(MEMBERS, id.to_string(), what, owner, Fulfil::Members(id.clone()))? })
    });
    each.collect()
}

fn findings(city: &City, at: Timestamp) -> Vec<Duty> {
    let open = city.findings(at).into_iter().filter(|found| found.accepted.is_none());
    let each = open.filter_map(|found| {
        let finding = &found.finding;
        let room =
            finding.room.as_ref().map(|room| format!("{}の", city.room_name(room))).unwrap_or_default();
        let (name, subject) = (finding.kind.japanese(), finding.id.to_string());
        let fulfil = Fulfil::Finding(finding.id.clone());
        let since = Some(japan_day(finding.at));
        let made = if found.answer.is_none() {
            let what = format!("{room}照合の不一致「{name}」に回答してください");
            duty(ANSWER, subject, what, finding.owed_by.clone(), fulfil)
        } else {
            let what = format!("{room}照合の不一致「{name}」の回答を確かめてください");
            duty(SETTLE, subject, what, other_hand(city, finding), fulfil)
        };
        Some(Duty { since, ..made? })
    });
    each.collect()
}

/// Who keeps the other ledger checks the answer: 鍵の管理簿, or 入退室管理簿 of the room.
fn other_hand(city: &City, finding: &Finding) -> Owner {
    if finding.owed_by != Owner::Post("key-officer".to_owned()) {
        return Owner::Post("key-officer".to_owned());
    }
    let manager = finding.room.as_ref().map(|room| manager_of(city, room.as_str()));
    let manager = manager.into_iter().flatten().next();
    manager.unwrap_or_else(|| Owner::Post("lock-officer".to_owned()))
}

/// The ledgers of a month are reconciled by the tenth of the next.
fn reconcile(city: &City, at: Timestamp) -> Option<Duty> {
    let today = japan_day(at);
    let last_month = today.first_of_month().yesterday().ok()?;
    let first = city.rooms.passages().all().first()?;
    let done = city.rooms.findings().reconciled_until().is_some_and(|until| japan_day(until) >= last_month);
    if done || japan_day(first.passed.at) > last_month {
        return None;
    }
    let due = today.first_of_month().checked_add(jiff::Span::new().days(9)).ok();
    let what = format!("{}月分の管理簿を照合し、結果を記録してください", last_month.month());
    let owner = Owner::Post("lock-officer".to_owned());
    let since = Some(today.first_of_month());
    Some(Duty { since, due, ..duty(RECONCILE, last_month.to_string(), what, owner, Fulfil::Reconcile)? })
}
