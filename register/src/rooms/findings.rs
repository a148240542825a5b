//! 第12条: the two ledgers, kept by two hands, held against each other, and against permits, tags and locks.
//!
//! A finding is a view over the ledgers, as a duty is: it is there as soon as they disagree. Once somebody
//! answers it, or the month is reconciled, it is kept as it was found; so are those of a file that came in.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Fact;
use super::passage::{Direction, Means, Passage, Via};
use crate::duty::Owner;
use crate::invalid::text;
use crate::occasion::{japan_day, japan_midnight};
use crate::{City, FindingId, Invalid, OfficeId, PersonId, RoomId, limits};

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Entered with a key that was not lent.
    EntryWithoutLoan,
    /// A key was lent, and the borrower never entered.
    LoanWithoutEntry,
    /// Entered without a permit in force at that minute.
    NoPermit,
    /// Entered, and by midnight there was no leaving.
    InsideOvernight,
    /// Somebody from outside kept the name tag overnight.
    TagNotReturned,
    /// The lock's list of members is not ours.
    MembersDiffer,
    /// The keys counted are not those that should be there.
    KeysDiffer,
}

impl FindingKind {
    /// For people.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::EntryWithoutLoan => "貸出しのない鍵での入室",
            Self::LoanWithoutEntry => "入室のない鍵の貸出し",
            Self::NoPermit => "許可のない入室",
            Self::InsideOvernight => "退室の記録がない",
            Self::TagNotReturned => "名札が返っていない",
            Self::MembersDiffer => "錠の登録と登録簿の違い",
            Self::KeysDiffer => "鍵の数の違い",
        }
    }

    /// As addresses and ids name it.
    pub fn code(self) -> &'static str {
        match self {
            Self::EntryWithoutLoan => "entry-without-loan",
            Self::LoanWithoutEntry => "loan-without-entry",
            Self::NoPermit => "no-permit",
            Self::InsideOvernight => "inside-overnight",
            Self::TagNotReturned => "tag-not-returned",
            Self::MembersDiffer => "members-differ",
            Self::KeysDiffer => "keys-differ",
        }
    }
}

/// A place at which the ledgers disagree, with the rows side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What names it.
    pub id: FindingId,
    /// What does not fit.
    pub kind: FindingKind,
    /// In which room, if in one.
    pub room: Option<RoomId>,
    /// When.
    pub at: Timestamp,
    /// About whom.
    pub person: Option<PersonId>,
    /// What each ledger says.
    pub rows: Vec<Line>,
    /// Who owes an answer.
    pub owed_by: Owner,
}

/// What one ledger says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which ledger, by its id.
    pub ledger: String,
    /// The row, in Japanese; empty where there is none.
    pub says: String,
    /// Where it is recorded.
    pub receipt: Option<String>,
}

/// What came of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// As it was found.
    pub finding: Finding,
    /// When, by whom, what.
    pub answer: Option<(Timestamp, PersonId, String)>,
    /// Sent back with this: when, by whom, what is missing.
    pub returned: Option<(Timestamp, PersonId, String)>,
    /// Accepted: when, by whom.
    pub accepted: Option<(Timestamp, PersonId)>,
}

impl Answered {
    fn found(finding: Finding) -> Self {
        Self { finding, answer: None, returned: None, accepted: None }
    }
}

/// The findings that are kept, and until when the ledgers were reconciled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    pub(super) kept: BTreeMap<FindingId, Answered>,
    pub(super) until: Option<Timestamp>,
    /// When that was noted, and by whom.
    pub(super) noted: Option<(Timestamp, PersonId)>,
}

impl Findings {
    /// Until when the ledgers were reconciled.
    pub fn reconciled_until(&self) -> Option<Timestamp> {
        self.until
    }

    pub(super) fn keep(&mut self, finding: &Finding) -> &mut Answered {
        self.kept.entry(finding.id.clone()).or_insert_with(|| Answered::found(finding.clone()))
    }
}

impl City {
    /// Every finding at `at`, the newest first: those that are kept, and those that the ledgers show now.
    pub fn findings(&self, at: Timestamp) -> Vec<Answered> {
        let kept = &self.rooms.findings().kept;
        let fresh = found(self, at).into_iter().filter(|finding| !kept.contains_key(&finding.id));
        let mut all: Vec<_> = kept.values().cloned().chain(fresh.map(Answered::found)).collect();
        all.sort_by(|a, b| b.finding.at.cmp(&a.finding.at).then_with(|| a.finding.id.cmp(&b.finding.id)));
        all
    }

    /// A finding.
    pub fn finding(&self, id: &FindingId, at: Timestamp) -> Option<Answered> {
        self.findings(at).into_iter().find(|answered| answered.finding.id == *id)
    }
}

/// The findings that the fact which found them holds, and the facts that hold the others: a journal's entry has
/// room for so many.
pub(super) fn in_entries(mut findings: Vec<Finding>) -> (Vec<Finding>, Vec<Fact>) {
    let rest = findings.split_off(findings.len().min(limits::FINDINGS));
    let rest = rest.chunks(limits::FINDINGS).map(|some| Fact::FindingsKept(some.to_vec()));
    (findings, rest.collect())
}

/// What the ledgers show since they were last reconciled, up to `at`.
pub(super) fn found(city: &City, at: Timestamp) -> Vec<Finding> {
    let since = city.rooms.findings().until;
    let passages = city.rooms.passages().all().iter();
    let recent: Vec<&Passage> = passages
        .filter(|p| since.is_none_or(|since| p.passed.at > since) && p.passed.at <= at)
        // What was imported was held against the ledgers when it came in.
        .filter(|p| !p.unmade && !matches!(p.passed.via, Via::Import { .. }))
        .collect();
    let mut findings = of_passages(city, &recent);
    findings.extend(overnight(city, &recent, at));
    findings.extend(loans_without_entry(city, since, at));
    findings.extend(tags_kept(city, since, at));
    findings.extend(differences(city, since));
    findings
}

/// Entries that fit neither the permits nor the loans.
pub(super) fn of_passages(city: &City, passages: &[&Passage]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for passage in passages.iter().filter(|p| p.passed.direction == Direction::In) {
        let demands = city.room(&passage.passed.room).is_some_and(|(_, level)| level.prior_permission);
        if demands && !permitted(city, passage) {
            let beside = Line::none("permits");
            findings.push(about(
                city,
                FindingKind::NoPermit,
                passage,
                beside,
                manager(city, &passage.passed.room),
            ));
        }
        if let Means::Key(_) = passage.passed.means
            && !lent(city, passage)
        {
            let owner = Owner::Post("key-officer".to_owned());
            findings.push(about(city, FindingKind::EntryWithoutLoan, passage, Line::none("keys"), owner));
        }
    }
    findings
}

fn permitted(city: &City, passage: &Passage) -> bool {
    let passed = &passage.passed;
    let reading = passed.means.escort().is_some() && !city.settings(passed.at).escort_needs_permission;
    reading || city.permit(&passed.person, &passed.room, passed.at).is_some()
}

fn lent(city: &City, passage: &Passage) -> bool {
    let passed = &passage.passed;
    city.rooms.keys().loans().iter().any(|loan| {
        let of_room = city.rooms.key(&loan.key).is_some_and(|key| key.room == passed.room);
        of_room && loan.to == passed.person && loan.covers(passed.at)
    })
}

/// Entries with no leaving before the day was over.
fn overnight(city: &City, recent: &[&Passage], at: Timestamp) -> Vec<Finding> {
    let mut in_order = recent.to_vec();
    in_order.sort_by_key(|passage| passage.passed.at);
    let mut open: HashMap<(&RoomId, &PersonId), &Passage> = HashMap::new();
    let mut findings = Vec::new();
    let mut stayed = |entered: &Passage, left: Option<&Passage>| {
        let midnight = next_midnight(entered.passed.at);
        if midnight <= left.map_or(at, |left| left.passed.at) {
            let beside = left.map_or_else(|| Line::none("entries"), |left| line_of(city, left));
            let owner = manager(city, &entered.passed.room);
            findings.push(about(city, FindingKind::InsideOvernight, entered, beside, owner));
        }
    };
    for passage in in_order.iter().filter(|p| p.passed.person != PersonId::nobody()) {
        let key = (&passage.passed.room, &passage.passed.person);
        match passage.passed.direction {
            Direction::In => drop(open.entry(key).or_insert(passage)),
            Direction::Out => {
                if let Some(entered) = open.remove(&key) {
                    stayed(entered, Some(passage));
                }
            }
        }
    }
    let mut rest: Vec<_> = open.into_values().collect();
    rest.sort_by_key(|passage| passage.passed.at);
    rest.into_iter().for_each(|entered| stayed(entered, None));
    findings
}

fn next_midnight(at: Timestamp) -> Timestamp {
    japan_day(at).tomorrow().map_or(Timestamp::MAX, japan_midnight)
}

/// Keys that came back, or are overdue, without the borrower having entered meanwhile.
fn loans_without_entry(city: &City, since: Option<Timestamp>, at: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    for loan in city.rooms.keys().loans() {
        let ended = loan.returned.as_ref().map_or(loan.due, |(back, _)| *back);
        if ended > at || since.is_some_and(|since| ended <= since) {
            continue;
        }
        let Some(key) = city.rooms.key(&loan.key) else { continue };
        let entered = city.rooms.passages().all().iter().rev().any(|p| {
            let passed = &p.passed;
            let same = passed.person == loan.to && passed.room == key.room;
            same && passed.direction == Direction::In && !p.unmade && loan.covers(passed.at)
        });
        if entered {
            continue;
        }
        let kind = FindingKind::LoanWithoutEntry;
        let says = format!("鍵 {} を{}に貸出し（{}）", loan.key, city.name_of(&loan.to), loan.purpose);
        let row = Line { ledger: "keys".to_owned(), says, receipt: Some(loan.receipt.to_string()) };
        findings.extend(named(kind, &loan.receipt).map(|id| Finding {
            id,
            kind,
            room: Some(key.room.clone()),
            at: loan.lent.0,
            person: Some(loan.to.clone()),
            rows: vec![Line::none("entries"), row],
            owed_by: manager(city, &key.room),
        }));
    }
    findings
}

/// Tags that people from outside did not give back on the day.
fn tags_kept(city: &City, since: Option<Timestamp>, at: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    for loan in city.rooms.tags().loans().iter().filter(|loan| city.rooms.outsider(&loan.to).is_some()) {
        let midnight = next_midnight(loan.issued.0);
        let back = loan.returned.as_ref().map_or(at, |(back, _)| *back);
        if back < midnight || midnight > at || since.is_some_and(|since| midnight <= since) {
            continue;
        }
        let kind = FindingKind::TagNotReturned;
        let says = format!("名札 {} を{}に渡した", loan.tag, city.name_of(&loan.to));
        let row = Line { ledger: "tags".to_owned(), says, receipt: Some(loan.receipt.to_string()) };
        findings.extend(named(kind, &loan.receipt).map(|id| Finding {
            id,
            kind,
            room: None,
            at: loan.issued.0,
            person: Some(loan.to.clone()),
            rows: vec![row],
            owed_by: Owner::Post("lock-officer".to_owned()),
        }));
    }
    findings
}

/// What counting the keys and comparing the locks' lists showed.
fn differences(city: &City, since: Option<Timestamp>) -> Vec<Finding> {
    let recent = |at: Timestamp| since.is_none_or(|since| at > since);
    let counts = city.rooms.keys().counts().iter().filter(|count| recent(count.at.0));
    let counts = counts.filter(|count| !count.missing.is_empty() || !count.unreturned.is_empty());
    let keys = counts.filter_map(|count| {
        let kind = FindingKind::KeysDiffer;
        let missing = list("保管場所にない", &count.missing);
        let unreturned = list("貸出中のはずが保管場所にある", &count.unreturned);
        let says = [missing, unreturned].into_iter().flatten().collect::<Vec<_>>().join("／");
        let row = Line { ledger: "keys".to_owned(), says, receipt: Some(count.receipt.to_string()) };
        let owed_by = Owner::Post("key-officer".to_owned());
        let id = named(kind, &count.receipt)?;
        Some(Finding { id, kind, room: None, at: count.at.0, person: None, rows: vec![row], owed_by })
    });
    let lists = city.rooms.comparisons().iter().filter(|list| recent(list.at.0));
    let lists = lists.filter(|list| !list.unknown.is_empty() || !list.missing.is_empty());
    let members = lists.filter_map(|compared| {
        let kind = FindingKind::MembersDiffer;
        let unknown = list("錠にあって登録簿にない", &compared.unknown);
        let missing = list("登録簿にあって錠にない", &compared.missing);
        let says = [unknown, missing].into_iter().flatten().collect::<Vec<_>>().join("／");
        let receipt = Some(compared.receipt.to_string());
        Some(Finding {
            id: named(kind, &compared.receipt)?,
            kind,
            room: city.room_of(&compared.door).cloned(),
            at: compared.at.0,
            person: None,
            rows: vec![Line { ledger: "fingerprints".to_owned(), says, receipt }],
            owed_by: Owner::Post("lock-officer".to_owned()),
        })
    });
    keys.chain(members).collect()
}

fn list<T: ToString>(what: &str, of: &[T]) -> Option<String> {
    let of: Vec<String> = of.iter().map(T::to_string).collect();
    (!of.is_empty()).then(|| format!("{what}：{}", of.join("、")))
}

impl Line {
    fn none(ledger: &str) -> Self {
        Self { ledger: ledger.to_owned(), says: String::new(), receipt: None }
    }
}

fn line_of(city: &City, passage: &Passage) -> Line {
    let passed = &passage.passed;
    let name = if passed.name.is_empty() { city.name_of(&passed.person) } else { passed.name.clone() };
    let says = format!("{}が{}（{}）", name, passed.direction.japanese(), passed.means.japanese());
    Line { ledger: "entries".to_owned(), says, receipt: Some(passage.receipt.to_string()) }
}

fn about(city: &City, kind: FindingKind, passage: &Passage, beside: Line, owed_by: Owner) -> Finding {
    let passed = &passage.passed;
    Finding {
        id: named(kind, &passage.receipt).unwrap_or_else(FindingId::unnamed),
        kind,
        room: Some(passed.room.clone()),
        at: passed.at,
        person: (passed.person != PersonId::nobody()).then(|| passed.person.clone()),
        rows: vec![line_of(city, passage), beside],
        owed_by,
    }
}

fn named(kind: FindingKind, receipt: &crate::Receipt) -> Option<FindingId> {
    format!("{}.{}.{}", kind.code(), receipt.journal, receipt.index).parse().ok()
}

fn manager(city: &City, room: &RoomId) -> Owner {
    let office =
        city.profile().room(room.as_str()).and_then(|room| room.entry_manager.parse::<OfficeId>().ok());
    office.map_or_else(|| Owner::Post("lock-officer".to_owned()), Owner::Office)
}

/// The finding, while it can be answered.
pub(super) fn unanswered(
    city: &City,
    id: &FindingId,
    answer: &str,
    at: Timestamp,
) -> Result<Finding, Invalid> {
    let found = open(city, id, at)?;
    if found.answer.is_some() {
        return Err(Invalid::State { what: "finding", id: id.to_string(), state: "回答済み" });
    }
    text("answer", answer, limits::TEXT)?;
    Ok(found.finding)
}

/// The finding, while its answer can be accepted or sent back.
pub(super) fn awaiting(city: &City, id: &FindingId, at: Timestamp) -> Result<Finding, Invalid> {
    let found = open(city, id, at)?;
    if found.answer.is_none() {
        return Err(Invalid::State {
            what: "finding", id: id.to_string(), state: "まだ回答されていない"
        });
    }
    Ok(found.finding)
}

fn open(city: &City, id: &FindingId, at: Timestamp) -> Result<Answered, Invalid> {
    let Some(found) = city.finding(id, at) else {
        return Err(Invalid::Unknown { what: "finding", id: id.to_string() });
    };
    if found.accepted.is_some() {
        return Err(Invalid::State { what: "finding", id: id.to_string(), state: "解決済み" });
    }
    Ok(found)
}
