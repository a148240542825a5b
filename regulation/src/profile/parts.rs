//! The parts of a profile.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Citation, Number, Row, wareki};

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub(super) String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_id! {
    /// One version of one city's regulation, such as `tokorozawa-2002`.
    ProfileId;
    /// A demand's id, such as `9-2 L2 escort`.
    DemandId;
}

/// 章.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chapter {
    /// Its number, from 1.
    pub number: u16,
    /// Its title, such as 組織.
    pub title: String,
}

/// 条: what the regulation has in it, without its sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its number.
    pub number: Number,
    /// Its caption (見出し), without parentheses.
    pub caption: String,
    /// The number of the chapter it stands in.
    pub chapter: u16,
    /// How many paragraphs (項) it has, at least one.
    pub paragraphs: u16,
    /// Its parts below paragraphs: (paragraph, number of items).
    pub(super) items: Vec<(u16, u16)>,
    /// The paragraphs with a proviso.
    pub(super) provisos: Vec<u16>,
    /// The rows of tables: (paragraph, row).
    pub(super) rows: Vec<(u16, Row)>,
}

impl Article {
    /// The whole article.
    pub fn citation(&self) -> Citation {
        Citation::of(self.number)
    }

    /// Whether the article has this place. In an article of one paragraph the paragraph is not named.
    pub fn has(&self, place: Citation) -> bool {
        if place.article() != self.number {
            return false;
        }
        let paragraph = match place.paragraph() {
            Some(number) if self.paragraphs > 1 && number <= self.paragraphs => number,
            Some(_) => return false,
            None if self.paragraphs == 1 => 1,
            None => return place == self.citation(),
        };
        if let Some(item) = place.item() {
            let count = self.items.iter().find_map(|(of, count)| (*of == paragraph).then_some(*count));
            return !item.is_branch() && count.is_some_and(|count| item.main() <= count);
        }
        if let Some(row) = place.row() {
            return self.rows.contains(&(paragraph, row));
        }
        !place.is_proviso() || self.provisos.contains(&paragraph)
    }
}

/// What sort of demand it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// Who is allowed to do what; checked at the moment of the act.
    May,
    /// What somebody owes; shown until it is done.
    Must,
    /// What has to be kept, provable and findable.
    Record,
    /// What a word means.
    Term,
}

impl Kind {
    /// `MAY`.
    pub fn code(self) -> &'static str {
        match self {
            Self::May => "MAY",
            Self::Must => "MUST",
            Self::Record => "RECORD",
            Self::Term => "TERM",
        }
    }

    /// 権限, 義務, 記録, 用語.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::May => "権限",
            Self::Must => "義務",
            Self::Record => "記録",
            Self::Term => "用語",
        }
    }

    pub(super) const ALL: [Self; 4] = [Self::May, Self::Must, Self::Record, Self::Term];
}

/// 要求: what the regulation wants, in the product's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Demand {
    /// Its id, which is how tests, policies and pages name it.
    pub id: DemandId,
    /// Where it stands; the first is where it is shown.
    pub citations: Vec<Citation>,
    /// The chapter it stands in.
    pub chapter: u16,
    /// What sort it is.
    pub kind: Kind,
    /// The demand in Japanese.
    pub wording: String,
    /// The demand in English, shorter.
    pub english: String,
    /// What shows that it is met, in Japanese.
    pub evidence: String,
    /// The means that the product needs to meet it: `policy:14-2.card`, `duty:…`, `ledger:…`, `record:…`,
    /// `setting:…`, `term:…`, `act:…`, `part:…`. Never empty.
    pub needs: Vec<String>,
}

/// 課所: a section of the city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it uses Juki-Net, so that it needs a セキュリティ責任者.
    pub uses_juki_net: bool,
}

/// 職: an office in the city's organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Office {
    /// Its code.
    pub id: String,
    /// Its name, such as 情報統計課長.
    pub name: String,
    /// What lists of staff call it beside the section's name, such as 課長; none where they use the whole name.
    pub title: Option<String>,
    /// The section it belongs to.
    pub section: String,
}

impl Office {
    /// A list of staff calls the office so, within its section.
    pub fn is_called(&self, title: &str) -> bool {
        self.name == title || self.title.as_deref() == Some(title)
    }
}

/// How many of a post there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// One in the city.
    City,
    /// One in each section that the post's offices belong to.
    Section,
    /// One for each room, named with the room.
    Room,
}

/// Who fills a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Holders {
    /// Whoever holds one of these offices: one for scope City, one per section or room otherwise.
    Offices(Vec<String>),
    /// Everyone of this section.
    Section(String),
}

/// 充て職: a function of the regulation, held ex officio.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Post {
    /// Its code, such as `head`, as policies name it.
    pub id: String,
    /// Its name, such as セキュリティ統括責任者.
    pub name: String,
    /// Which provisions make it.
    pub citations: Vec<Citation>,
    /// How many there are.
    pub scope: Scope,
    /// Who fills it.
    pub holders: Holders,
    /// The post whose work it does when that one is prevented or vacant.
    pub acts_for: Option<String>,
}

impl Post {
    /// The offices that fill the post; empty when a section does.
    pub fn offices(&self) -> &[String] {
        match &self.holders {
            Holders::Offices(offices) => offices,
            Holders::Section(_) => &[],
        }
    }
}

/// セキュリティ会議.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Council {
    /// Its name.
    pub name: String,
    /// Which provisions make it.
    pub citations: Vec<Citation>,
    /// The post that convenes and chairs it.
    pub chair: String,
    /// The offices of the members beside the chair, in the order of the regulation.
    pub members: Vec<String>,
    /// The post that does its paper work.
    pub secretariat: String,
    /// The outside body whose opinion is heard on important matters.
    pub advisory_body: String,
}

/// セキュリティ区分: what entering rooms of this level takes. Not a threat level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoomLevel {
    /// The level, 1 to 3; higher is stricter.
    pub level: u16,
    /// The rows of the regulation's tables.
    pub citations: Vec<Citation>,
    /// The kinds of rooms that are of this level: code and name.
    pub kinds: Vec<RoomKind>,
    /// Only with prior permission of the room's entry manager.
    pub prior_permission: bool,
    /// By which means the door is opened, each time: `key`, `fingerprint`; empty where none is laid down.
    pub means: Vec<String>,
    /// A name tag is worn.
    pub tag: bool,
    /// Each passage is recorded.
    pub recorded: bool,
}

/// A kind of room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoomKind {
    /// Its code, such as `server-room`.
    pub id: String,
    /// What is in it.
    pub name: String,
}

/// 室.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Room {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its セキュリティ区分.
    pub level: u16,
    /// Its kind's code.
    pub kind: String,
    /// The section it belongs to.
    pub section: String,
    /// The office whose holder is its 入退室管理者.
    pub entry_manager: String,
    /// How many may be inside at once; none where the city sets no limit.
    pub capacity: Option<u16>,
    /// Where it lies on the plan of its floor; none where there is no plan.
    pub plan: Option<Plan>,
}

/// Where a room lies on the plan of its floor, in units of the plan's own: what matters is which is beside which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The floor's name, such as 本庁舎2階.
    pub floor: String,
    /// From the left edge.
    pub x: u16,
    /// From the upper edge.
    pub y: u16,
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

/// An operation on the CS that a card may open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OperationDef {
    /// Its code, as policies name it.
    pub code: String,
    /// Its name, such as 氏名検索.
    pub name: String,
}

/// 操作者用ICカードの種類.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardKind {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The codes of the operations that it opens.
    pub operations: Vec<String>,
}

/// 認証の方法 (第14条第2項): by what a terminal proves that somebody is the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Authenticator {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// By what: codes of [`Proof`].
    pub proves: Vec<Proof>,
    /// The columns of the ledger in which the city keeps who is enrolled.
    pub columns: Vec<String>,
}

/// Something that an operator is proven by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// 操作者用ICカード: a key on it answers a challenge.
    Card,
    /// パスワード, checked at the server.
    Password,
    /// 手のひら静脈, held against a template.
    PalmVein,
    /// 照合ID, under which the template is found.
    MatchingId,
    /// 操作者ID.
    OperatorId,
}

impl Proof {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Card, Self::Password, Self::PalmVein, Self::MatchingId, Self::OperatorId];

    /// As profiles write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Password => "password",
            Self::PalmVein => "palm-vein",
            Self::MatchingId => "matching-id",
            Self::OperatorId => "operator-id",
        }
    }

    /// For people.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Card => "操作者用ICカード",
            Self::Password => "パスワード",
            Self::PalmVein => "手のひら静脈",
            Self::MatchingId => "照合ID",
            Self::OperatorId => "操作者ID",
        }
    }

    /// The product can take this proof: it has a driver for it.
    pub fn driven(self) -> bool {
        matches!(self, Self::Card | Self::Password)
    }
}

impl Authenticator {
    /// What the product has no driver for. Whatever stands here, nobody signs in by it.
    pub fn lacking(&self) -> impl Iterator<Item = Proof> {
        self.proves.iter().copied().filter(|proof| !proof.driven())
    }

    /// The product can sign somebody in by it: by card, and by nothing that it has no driver for.
    pub fn supported(&self) -> bool {
        self.proves.contains(&Proof::Card) && self.lacking().next().is_none()
    }
}

/// How long a journal is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// Never deleted.
    Forever,
    /// So many years, counted from the first day of the fiscal year after the entry's.
    Years(u16),
}

/// 保存期間 of one journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Retention {
    /// The journal's name: `register`, `operations`, `passages`, `residents`.
    pub journal: String,
    /// What it holds.
    pub name: String,
    /// How long.
    pub keep: Keep,
    /// The provision, where there is one.
    pub citation: Option<Citation>,
    /// Why so long.
    pub reason: String,
}

impl Retention {
    /// The last day on which an entry of `day` must still be kept; `None` when it is kept forever.
    ///
    /// Counting from the next fiscal year never keeps less than the whole years of the regulation.
    pub fn kept_until(&self, day: Date) -> Option<Date> {
        match self.keep {
            Keep::Years(years) => wareki::kept_until(day, years.into()),
            Keep::Forever => None,
        }
    }
}

/// A reading that the city takes where its regulation can be read in more than one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interpretation {
    /// What is read.
    pub citation: Citation,
    /// The question.
    pub question: String,
    /// The reading taken.
    pub reading: String,
    /// Why.
    pub reason: String,
    /// The means that carry it out, such as `setting:escort-needs-permission`.
    pub by: Vec<String>,
}

/// A place that the regulation leaves to a rule (定め) laid down separately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RulePlace {
    /// Its code, as the policies know it.
    pub id: String,
    /// Its name, such as オペレーション計画.
    pub name: String,
    /// The provision that leaves it.
    pub citation: Citation,
    /// The post that lays it down.
    pub laid_down_by: String,
    /// The posts whose holders all agree before it is laid down.
    pub agreed_by: Vec<String>,
    /// 第17条: every operator says to have read it.
    pub acknowledged_by_operators: bool,
    /// It may hold several rules at a time, each about a matter of its own.
    pub several: bool,
    /// The keys of the settings whose values come from it.
    pub settings: Vec<String>,
    /// It is looked over so many months after it came into force.
    pub review_months: u16,
}
