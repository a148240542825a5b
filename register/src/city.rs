//! The state of a city: every chapter's, folded from the journal, under the regulation in force.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use regulation::{Citation, Holders, Number, Office, Post, Profile, Scope};
use serde::{Deserialize, Serialize};

use crate::access::Access;
use crate::assets::Assets;
use crate::case::Cases;
use crate::ledger::columns;
use crate::occasion::japan_day;
use crate::organization::{Organization, Standing};
use crate::rooms::Rooms;
use crate::rules::Rules;
use crate::{
    CardKindId, Cell, Chapter, Duty, Entry, Fact, LedgerDef, OfficeId, PersonId, Receipt, Refused, RequestId,
    RoomId, Row, Rows, SectionId, limits, rules,
};

/// A city at a moment.
#[derive(Clone, Debug)]
pub struct City {
    profile: Arc<Profile>,
    /// 第2章.
    pub organization: Organization,
    /// 第3章.
    pub rooms: Rooms,
    /// 第4章.
    pub access: Access,
    /// 第5章.
    pub assets: Assets,
    /// 第10章: the rules laid down.
    pub rules: Rules,
    /// What goes in steps, of any chapter.
    pub cases: Cases,
    refusals: VecDeque<PastRefusal>,
    refused: u64,
    evidence: BTreeMap<String, Evidence>,
    requests: Requests,
}

/// What a snapshot keeps of a city: all but the regulation, which is data of its own.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    organization: Organization,
    #[serde(default)]
    rooms: Rooms,
    access: Access,
    assets: Assets,
    rules: Rules,
    cases: Cases,
    refusals: VecDeque<PastRefusal>,
    refused: u64,
    evidence: BTreeMap<String, Evidence>,
    requests: Requests,
}

/// A refusal, and where it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastRefusal {
    /// Where it stands in the journal.
    pub receipt: Receipt,
    /// When.
    pub at: Timestamp,
    /// Who was refused.
    pub by: PersonId,
    /// What, and under which articles.
    pub refused: Refused,
}

/// What shows that a provision is lived by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// How many facts in all.
    pub count: u64,
    /// The latest of them, newest last.
    pub latest: VecDeque<(Receipt, Timestamp, String)>,
}

/// Submissions that were answered, so that a second one is told from a second act.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Requests {
    answered: HashMap<RequestId, Receipt>,
    order: VecDeque<RequestId>,
}

impl City {
    /// A city in which nothing has happened.
    pub fn new(profile: Arc<Profile>) -> Self {
        Self {
            profile,
            organization: Organization::default(),
            rooms: Rooms::default(),
            access: Access::default(),
            assets: Assets::default(),
            rules: Rules::default(),
            cases: Cases::default(),
            refusals: VecDeque::new(),
            refused: 0,
            evidence: BTreeMap::new(),
            requests: Requests::default(),
        }
    }

    /// The city of a snapshot.
    pub fn with_state(profile: Arc<Profile>, state: State) -> Self {
        Self {
            profile,
            organization: state.organization,
            rooms: state.rooms,
            access: state.access,
            assets: state.assets,
            rules: state.rules,
            cases: state.cases,
            refusals: state.refusals,
            refused: state.refused,
            evidence: state.evidence,
            requests: state.requests,
        }
    }

    /// What a snapshot keeps.
    pub fn state(&self) -> State {
        State {
            organization: self.organization.clone(),
            rooms: self.rooms.clone(),
            access: self.access.clone(),
            assets: self.assets.clone(),
            rules: self.rules.clone(),
            cases: self.cases.clone(),
            refusals: self.refusals.clone(),
            refused: self.refused,
            evidence: self.evidence.clone(),
            requests: self.requests.clone(),
        }
    }

    /// The regulation in force.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The state after `entry`, which stands at `receipt`. Total: what was recorded can always be folded.
    pub fn fold(&mut self, entry: &Entry, receipt: &Receipt) {
        match &entry.fact {
            Fact::Organization(fact) => self.organization.fold(fact, entry, receipt),
            Fact::Rooms(fact) => self.rooms.fold(fact, entry, receipt),
            Fact::Access(fact) => self.access.fold(fact, entry, receipt),
            Fact::Assets(fact) => self.assets.fold(fact, entry, receipt),
            Fact::Case(fact) => {
                self.cases.fold(fact, entry, receipt);
                self.rules.fold(fact, entry, receipt);
                self.rooms.fold_case(fact, entry);
            }
            Fact::Refused(refused) => self.remember_refusal(refused, entry, receipt),
        }
        if entry.acting {
            self.organization.remember_acting(entry, receipt);
        }
        for provision in entry.fact.evidence_for() {
            let evidence = self.evidence.entry((*provision).to_owned()).or_default();
            evidence.count += 1;
            evidence.latest.push_back((receipt.clone(), entry.at, entry.fact.name().to_owned()));
            if evidence.latest.len() > limits::EVIDENCE {
                evidence.latest.pop_front();
            }
        }
        self.requests.remember(&entry.request, receipt);
    }

    fn remember_refusal(&mut self, refused: &Refused, entry: &Entry, receipt: &Receipt) {
        self.refused += 1;
        self.refusals.push_back(PastRefusal {
            receipt: receipt.clone(),
            at: entry.at,
            by: entry.by.clone(),
            refused: refused.clone(),
        });
        if self.refusals.len() > limits::REFUSALS {
            self.refusals.pop_front();
        }
    }

    /// The latest refusals, newest first.
    pub fn refusals(&self) -> impl Iterator<Item = &PastRefusal> {
        self.refusals.iter().rev()
    }

    /// How many acts were refused in all.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// What shows that the provision with this short id is lived by.
    pub fn evidence(&self, provision: &str) -> Option<&Evidence> {
        self.evidence.get(provision)
    }

    /// How many facts are evidence for an article or a place in it, and when the latest was recorded.
    pub fn evidence_of(&self, article: Number) -> (u64, Option<Timestamp>) {
        let of_article = self.evidence.iter().filter(|(provision, _)| {
            provision.parse::<Citation>().is_ok_and(|citation| citation.article() == article)
        });
        of_article.fold((0, None), |(count, latest), (_, evidence)| {
            let newest = evidence.latest.back().map(|(_, at, _)| *at);
            (count + evidence.count, latest.max(newest))
        })
    }

    /// Where the answer to an earlier submission with this number is recorded.
    pub fn answered(&self, request: &RequestId) -> Option<&Receipt> {
        self.requests.answered.get(request)
    }

    /// Everything owed at `at`, in the order of the regulation.
    pub fn duties(&self, at: Timestamp) -> Vec<Duty> {
        let mut duties = Organization::duties(self, at);
        duties.extend(Rooms::duties(self, at));
        duties.extend(Access::duties(self, at));
        duties.extend(Assets::duties(self, at));
        duties.extend(rules::duties(self, at));
        duties.extend(Cases::duties(self, at));
        duties.sort_by(|a, b| a.citation.cmp(&b.citation).then_with(|| a.what.cmp(&b.what)));
        duties
    }

    /// What a person is at `at`: section, posts ex officio, and the head's post while acting (第4条第2項).
    pub fn standing(&self, person: &PersonId, at: Timestamp) -> Standing {
        let mut standing = Standing { section: self.section_of(person, at).cloned(), ..Standing::default() };
        for post in self.profile.posts() {
            match (&post.holders, post.scope) {
                (Holders::Section(section), _) => {
                    if standing.section.as_ref().is_some_and(|own| own.as_str() == section) {
                        standing.posts.insert(post.id.clone());
                    }
                }
                (Holders::Offices(_), Scope::City) => {
                    if self.offices_of(post).any(|office| self.holder(office, at) == Some(person)) {
                        standing.posts.insert(post.id.clone());
                    }
                }
                (Holders::Offices(_), Scope::Section) if post.id == "security-officer" => {
                    let held = self.offices_of(post).filter(|office| self.holder(office, at) == Some(person));
                    standing.officer_of.extend(held.map(|office| office.section.clone()));
                }
                (Holders::Offices(_), Scope::Section | Scope::Room) => {}
            }
        }
        let managed = self.profile.rooms().iter().filter(|room| {
            let office = room.entry_manager.parse().ok();
            office.and_then(|office| self.organization.holder(&office, japan_day(at))) == Some(person)
        });
        standing.entry_manager_of = managed.map(|room| room.id.clone()).collect();
        if self.council_seats(at).any(|(_, holder)| holder == Some(person)) {
            standing.posts.insert("council-member".to_owned());
        }
        if standing.posts.contains("deputy") && !standing.posts.contains("head") && self.deputy_acts(at) {
            standing.posts.insert("head".to_owned());
            standing.acting = true;
        }
        standing
    }

    /// 第4条第2項: the head is prevented, as recorded, or the post stands vacant.
    pub fn deputy_acts(&self, at: Timestamp) -> bool {
        self.organization.acting(at).is_some() || self.head(at).is_none()
    }

    /// Who holds the head's post, whether prevented or not.
    pub fn head(&self, at: Timestamp) -> Option<&PersonId> {
        let head = self.profile.post("head")?;
        self.offices_of(head).find_map(|office| self.holder(office, at))
    }

    fn holder(&self, office: &Office, at: Timestamp) -> Option<&PersonId> {
        let id: OfficeId = office.id.parse().ok()?;
        self.organization.holder(&id, japan_day(at))
    }

    /// The offices from which a post follows.
    pub fn offices_of<'a>(&'a self, post: &'a Post) -> impl Iterator<Item = &'a Office> {
        post.offices().iter().filter_map(|id| self.profile.office(id))
    }

    /// A person's name for a page; the number where there is no such person.
    pub fn name_of(&self, person: &PersonId) -> String {
        match self.organization.person(person) {
            Some(known) => known.name.clone(),
            None if *person == PersonId::nobody() => "（不明）".to_owned(),
            None if *person == PersonId::machine() => "（機器）".to_owned(),
            None if *person == PersonId::founder() => "（設置者）".to_owned(),
            None => match self.rooms.outsider(person) {
                Some(outsider) => outsider.name.clone(),
                None => person.to_string(),
            },
        }
    }

    /// A section's name.
    pub fn section_name(&self, id: &SectionId) -> String {
        self.profile.section(id.as_str()).map_or(id.to_string(), |section| section.name.clone())
    }

    /// An office's name.
    pub fn office_name(&self, id: &OfficeId) -> String {
        self.profile.office(id.as_str()).map_or(id.to_string(), |office| office.name.clone())
    }

    /// A room's name.
    pub fn room_name(&self, id: &RoomId) -> String {
        self.profile.room(id.as_str()).map_or(id.to_string(), |room| room.name.clone())
    }

    /// The name of a kind of card.
    pub fn card_kind_name(&self, id: &CardKindId) -> String {
        self.profile.card_kind(id.as_str()).map_or(id.to_string(), |kind| kind.name.clone())
    }
}

impl PartialEq for City {
    /// Two cities are the same when their states are: the regulation is an argument, not a part of it.
    fn eq(&self, other: &Self) -> bool {
        self.organization == other.organization
            && self.rooms == other.rooms
            && self.access == other.access
            && self.assets == other.assets
            && self.rules == other.rules
            && self.cases == other.cases
            && self.refusals == other.refusals
            && self.refused == other.refused
            && self.evidence == other.evidence
            && self.requests == other.requests
    }
}

impl Requests {
    /// The first receipt of a submission is its answer: a submission may bring several facts.
    fn remember(&mut self, request: &RequestId, receipt: &Receipt) {
        if self.answered.contains_key(request) {
            return;
        }
        self.answered.insert(request.clone(), receipt.clone());
        self.order.push_back(request.clone());
        if self.order.len() > limits::REQUESTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.answered.remove(&oldest);
        }
    }
}

/// The ledgers that belong to no chapter.
pub(crate) const LEDGERS: &[LedgerDef] = &[LedgerDef {
    id: "refusals",
    name: "拒否記録簿",
    citation: "14-2",
    keeper: "access-manager",
    columns: columns![
        ("at", "日時"),
        ("person", "職員番号"),
        ("name", "氏名"),
        ("action", "行為"),
        ("resource", "対象"),
        ("articles", "根拠条項"),
        ("reasons", "理由"),
        ("receipt", "原簿"),
    ],
    rows: Rows::OfCity(refusals),
}];

fn refusals(city: &City, _at: Timestamp) -> Vec<Row> {
    city.refusals()
        .map(|past| {
            let refusal = &past.refused.refusal;
            let articles: Vec<String> =
                refusal.citations().iter().map(|c| c.japanese().to_string()).collect();
            let reasons: BTreeSet<&str> = refusal.grounds.iter().map(|g| g.reason.as_str()).collect();
            vec![
                past.at.into(),
                Cell::code(&past.by),
                city.name_of(&past.by).into(),
                crate::action_name(&past.refused.action).into(),
                Cell::code(&past.refused.resource),
                articles.join("、").into(),
                reasons.into_iter().collect::<Vec<_>>().join(" ／ ").into(),
                Cell::code(&past.receipt),
            ]
        })
        .collect()
}
