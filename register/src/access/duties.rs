//! What is owed in 第4章: cards collected, received, inspected, renewed; spare cards back and counted; passwords
//! of one's own; alarms explained.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{CardState, PasswordDue};
use crate::duty::{Fulfil, Owner, citation_of};
use crate::occasion::japan_day;
use crate::{CardId, City, Duty, PersonId, limits};

const PASSWORD: &str = "16(1).own-password";
const COLLECT: &str = "16(3).collect";
const RECEIVE: &str = "16(3).receive";
const INSPECT: &str = "16(3).inspect";
const RENEW: &str = "16(3).renew";
const LOST: &str = "16(3).lost";
const RETURN: &str = "16(3).spare-return";
const OVERDUE: &str = "16(3).spare-overdue";
const COUNT: &str = "16(3).spare-count";
const ALARM: &str = "17.two-terminals";

/// The rules of this chapter's duties.
pub const DUTIES: &[&str] =
    &[PASSWORD, COLLECT, RECEIVE, INSPECT, RENEW, LOST, RETURN, OVERDUE, COUNT, ALARM];

pub(super) fn owed(city: &City, at: Timestamp) -> Vec<Duty> {
    let mut duties = collections(city, at);
    duties.extend(receipts(city));
    duties.extend(inspections(city, at));
    duties.extend(renewals(city, at));
    duties.extend(losses(city));
    duties.extend(loans(city, at));
    duties.extend(counts(city, at));
    duties.extend(passwords(city, at));
    duties.extend(alarms(city, at));
    duties
}

fn duty(id: &'static str, subject: String, what: String, owed_by: Owner, fulfil: Fulfil) -> Option<Duty> {
    Some(Duty { id, citation: citation_of(id)?, subject, what, owed_by, since: None, due: None, fulfil })
}

fn manager() -> Owner {
    Owner::Post("access-manager".to_owned())
}

fn days_after(day: Date, days: i64) -> Option<Date> {
    day.checked_add(jiff::Span::new().days(days)).ok()
}

/// The cards that should have come back: their holders went elsewhere.
fn collections(city: &City, at: Timestamp) -> Vec<Duty> {
    let held = city.access.cards().filter(|(_, card)| card.state.is_held());
    let each = held.filter_map(|(id, card)| {
        let (since, holder) = (city.gone_with_card(card, at)?, card.holder.as_ref()?);
        let name = city.name_of(holder);
        let now = match city.workplace_of(holder, at) {
            gone if gone.is_empty() => "退職".to_owned(),
            workplace => format!("現在は{workplace}"),
        };
        let what = format!("異動した{name}さん（{now}）から、カード {id} を回収してください");
        let fulfil = Fulfil::Collect(id.clone());
        Some(Duty { since: Some(since), ..duty(COLLECT, id.to_string(), what, manager(), fulfil)? })
    });
    each.collect()
}

/// A card that never opened a stay may be anywhere.
fn receipts(city: &City) -> Vec<Duty> {
    let open = city.access.cards().filter(|(_, card)| card.state.is_held() && card.received.is_none());
    let each = open.filter_map(|(id, card)| {
        // Of cards of the time before, receipt was not recorded.
        card.prepared.as_ref()?;
        let holder = card.holder.clone()?;
        let what = format!("カード {id} を受け取り、一度サインインして受領を記録してください");
        let issued = japan_day(card.issued.1);
        let (since, due) = (Some(issued), days_after(issued, limits::RECEIPT_DAYS));
        let made = duty(RECEIVE, id.to_string(), what, Owner::Person(holder), Fulfil::Card(id.clone()));
        Some(Duty { since, due, ..made? })
    });
    each.collect()
}

/// One duty for the cards of a section, or of a place where spare cards lie.
fn inspections(city: &City, at: Timestamp) -> Vec<Duty> {
    let (today, months) = (japan_day(at), city.settings(at).card_inspection_months);
    let mut places: BTreeMap<String, (Date, usize)> = BTreeMap::new();
    for (id, _) in city.access.cards() {
        if let Some((due, place)) = city.inspection_of(id, months, at)
            && days_after(today, limits::INSPECTION_NOTICE).is_some_and(|ahead| due <= ahead)
        {
            let entry = places.entry(place).or_insert((due, 0));
            *entry = (entry.0.min(due), entry.1 + 1);
        }
    }
    let each = places.into_iter().filter_map(|(place, (due, cards))| {
        let what = format!("{place}のカード{cards}枚を検査してください");
        let since = days_after(due, -limits::INSPECTION_NOTICE);
        let made = duty(INSPECT, place, what, manager(), Fulfil::Inspect);
        Some(Duty { since, due: Some(due), ..made? })
    });
    each.collect()
}

fn renewals(city: &City, at: Timestamp) -> Vec<Duty> {
    let (today, notice) = (japan_day(at), i64::from(city.settings(at).card_expiry_notice_days));
    let held = city.access.cards().filter(|(_, card)| card.state.is_held());
    let each = held.filter_map(|(id, card)| {
        let due = japan_day(card.expires?);
        let since = days_after(due, -notice).filter(|since| *since <= today)?;
        let what = format!("カード {id} の証明書が切れます。作り直して交付するか、回収してください");
        let made = duty(RENEW, id.to_string(), what, manager(), Fulfil::Card(id.clone()));
        Some(Duty { since: Some(since), due: Some(due), ..made? })
    });
    each.collect()
}

/// A lost card is stopped at once; what follows is decided: found again, or revoked for good.
fn losses(city: &City) -> Vec<Duty> {
    let lost = city.access.cards().filter(|(_, card)| card.state == CardState::Lost);
    let each = lost.filter_map(|(id, card)| {
        let what =
            format!("紛失したカード {id} を、見つかったと記録するか、失効させて証明書を無効にしてください");
        let since = japan_day(card.since);
        let made = duty(LOST, id.to_string(), what, manager(), Fulfil::Card(id.clone()));
        Some(Duty { since: Some(since), due: days_after(since, limits::LOST_DAYS), ..made? })
    });
    each.collect()
}

fn loans(city: &City, at: Timestamp) -> Vec<Duty> {
    let today = japan_day(at);
    let spares = city.access.spares();
    let held = |id: &CardId| city.access.card(id).is_some_and(|card| card.state.is_held());
    let out = city.access.cards().filter_map(|(id, _)| spares.out(id)).filter(|loan| held(&loan.card));
    let mut duties = Vec::new();
    for loan in out {
        let (card, day) = (&loan.card, loan.day());
        let (since, due) = (Some(day), Some(day));
        let what = format!("予備カード {card} を、きょうのうちに返してください");
        let own = duty(RETURN, card.to_string(), what, Owner::Person(loan.to.clone()), Fulfil::Spares);
        duties.extend(own.map(|own| Duty { since, due, ..own }));
        if day < today {
            let name = city.name_of(&loan.to);
            let what = format!("{name}さんに貸した予備カード {card} が、その日のうちに返っていません");
            let late = duty(OVERDUE, card.to_string(), what, manager(), Fulfil::Spares);
            duties.extend(late.map(|late| Duty { since, due, ..late }));
        }
    }
    duties
}

/// Where a spare card was lent, all that lie there are counted on the same day, after the last of them is back.
fn counts(city: &City, at: Timestamp) -> Vec<Duty> {
    let spares = city.access.spares();
    let mut last: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for loan in spares.loans() {
        if let Some(card) = city.access.card(&loan.card) {
            let moved = loan.returned.as_ref().map_or(loan.lent.0, |(back, _)| *back);
            let entry = last.entry(&card.kept).or_insert(moved);
            *entry = (*entry).max(moved);
        }
    }
    let uncounted = last.into_iter().filter(|(place, moved)| {
        spares.count_of(place).is_none_or(|count| count.at.0 < *moved)
            && city.spares_at(place).next().is_some()
    });
    let each = uncounted.filter_map(|(place, moved)| {
        let day = japan_day(moved).min(japan_day(at));
        let what = format!("{place}の予備カードの枚数を確かめてください");
        let made = duty(COUNT, place.to_owned(), what, manager(), Fulfil::Spares);
        Some(Duty { since: Some(day), due: Some(day), ..made? })
    });
    each.collect()
}

fn passwords(city: &City, at: Timestamp) -> Vec<Duty> {
    let settings = city.settings(at);
    let due = |person: &PersonId| city.access.password_due(person, &settings, at);
    let all = city.access.with_passwords().filter_map(|person| Some((person, due(person)?)));
    let each = all.filter(|(person, _)| city.here(person, at)).filter_map(|(person, due)| {
        let what = match due {
            PasswordDue::Initial => "渡されたパスワードを、自分だけが知るものに変えてください",
            PasswordDue::Old => "パスワードの有効期間が過ぎました。新しいものに変えてください",
        };
        let since = city.access.password_since(person).map(japan_day);
        let owner = Owner::Person(person.clone());
        Some(Duty { since, ..duty(PASSWORD, person.to_string(), what.to_owned(), owner, Fulfil::Password)? })
    });
    each.collect()
}

/// Whose own card it was does not explain it.
fn explains(city: &City, person: &PersonId, at: Timestamp) -> Owner {
    let own = city.standing(person, at).posts.contains("access-manager");
    if own { Owner::Post("head".to_owned()) } else { manager() }
}

fn alarms(city: &City, at: Timestamp) -> Vec<Duty> {
    let open = city.access.alarms().iter().filter(|alarm| alarm.closed.is_none());
    let each = open.filter_map(|alarm| {
        let what = format!(
            "カード {} が端末 {} と {} で同時に使われました。確かめて、したことを記録してください",
            alarm.card, alarm.earlier, alarm.terminal
        );
        let fulfil = Fulfil::CardAlarm(alarm.receipt.clone());
        let since = Some(japan_day(alarm.at));
        Some(Duty {
            since,
            ..duty(ALARM, alarm.receipt.to_string(), what, explains(city, &alarm.person, at), fulfil)?
        })
    });
    each.collect()
}

impl City {
    /// When a card is to be inspected, and where it is: its holder's workplace, or where a spare card lies. None
    /// for a card that is out of hand.
    pub fn inspection_of(&self, id: &CardId, months: u32, at: Timestamp) -> Option<(Date, String)> {
        let card = self.access.card(id).filter(|card| card.state.is_held())?;
        let place = match &card.holder {
            Some(holder) => self.workplace_of(holder, at),
            None => card.kept.clone(),
        };
        let place = if place.is_empty() { "所属のない操作者".to_owned() } else { place };
        Some((card.inspection_due(months)?, place))
    }

    /// The person works in the city at `at`.
    fn here(&self, person: &PersonId, at: Timestamp) -> bool {
        let known = self.organization.person(person);
        known.is_some_and(|known| {
            *known.workplace_on(japan_day(at)) != crate::organization::Workplace::Nowhere
        })
    }
}
