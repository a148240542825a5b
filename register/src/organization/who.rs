//! Who held a post at a moment: the question that an auditor asks years later.

use jiff::Timestamp;
use jiff::civil::Date;
use regulation::{Gap, Holders, Office, Post, Scope};
use thiserror::Error;

use super::{Recorded, Tenure};
use crate::occasion::japan_day;
use crate::{City, OfficeId, PersonId, RoomId, SectionId};

/// Who held a post at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoWas {
    /// The post's name, with the section or room: セキュリティ責任者（市民課）.
    pub post: String,
    /// The office that it follows from.
    pub office: OfficeId,
    /// The moment.
    pub at: Timestamp,
    /// Who held it; none while it stood vacant.
    pub holder: Option<PersonId>,
    /// The first day of the tenure; none before the first that is recorded.
    pub from: Option<Date>,
    /// The last day of the tenure, if another one follows.
    pub until: Option<Date>,
    /// The fact that put the holder there.
    pub recorded: Option<Recorded>,
    /// What the register said at that moment, where it said another: a list was entered late, or reversed since.
    /// Acts of that moment were judged by it.
    pub then: Option<Option<PersonId>>,
    /// Who acted in the holder's place at that moment (第4条第2項).
    pub acting: Option<Deputized>,
}

/// The deputy acted for the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deputized {
    /// Who.
    pub deputy: Option<PersonId>,
    /// Why: the reason given, or that the post stood vacant.
    pub reason: String,
}

/// Why the question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WhoError {
    /// There is no such post.
    #[error("unknown post `{post}`")]
    UnknownPost {
        /// What was asked for.
        post: String,
        /// The posts that there are: code and name.
        posts: Vec<(String, String)>,
    },
    /// The post is one to a section, and none, or an unknown one, was named.
    #[error("a section has to be named")]
    Section {
        /// The sections that have one: code and name.
        sections: Vec<(String, String)>,
    },
    /// The post is one to a room, and none, or an unknown one, was named.
    #[error("a room has to be named")]
    Room {
        /// The rooms: code and name.
        rooms: Vec<(String, String)>,
    },
    /// The regulation leaves the section without this post.
    #[error("the section `{section}` has no such post")]
    NoOffice {
        /// The section's name.
        section: String,
        /// The post's name.
        post: String,
        /// The reading that the city takes of it.
        reading: Option<String>,
    },
    /// A whole section does the work of the post.
    #[error("the section `{section}` holds the post")]
    HeldBySection {
        /// The section's name.
        section: String,
    },
}

impl WhoError {
    /// For people: what is wrong, and what could be asked.
    pub fn japanese(&self) -> String {
        let list = |choices: &[(String, String)]| {
            let one = |(id, name): &(String, String)| format!("{id}（{name}）");
            choices.iter().map(one).collect::<Vec<_>>().join("、")
        };
        match self {
            Self::UnknownPost { post, posts } => {
                format!("充て職「{post}」はありません。次のどれかです: {}", list(posts))
            }
            Self::Section { sections } => {
                format!("課所ごとの充て職です。次のどれかの課所を指定してください: {}", list(sections))
            }
            Self::Room { rooms } => {
                format!("室ごとの充て職です。次のどれかの室を指定してください: {}", list(rooms))
            }
            Self::NoOffice { section, post, reading } => {
                let reading = reading.as_deref().unwrap_or("読み方は定められていません");
                format!("規程は{section}に{post}を置いていません。{reading}")
            }
            Self::HeldBySection { section } => format!("特定の職ではなく、{section}の職員が務めます"),
        }
    }
}

impl City {
    /// Who held a post at `at`, by what the register says now.
    ///
    /// # Errors
    /// [`WhoError`], which tells what could be asked instead.
    pub fn who_was(
        &self,
        post: &str,
        section: Option<&SectionId>,
        room: Option<&RoomId>,
        at: Timestamp,
    ) -> Result<WhoWas, WhoError> {
        let asked = post;
        let Some(post) = self.profile().post(asked) else {
            let posts = self.profile().posts().iter().map(|post| (post.id.clone(), post.name.clone()));
            return Err(WhoError::UnknownPost { post: asked.to_owned(), posts: posts.collect() });
        };
        let (office, of) = self.office_of(post, section, room)?;
        let name = of.map_or(post.name.clone(), |of| format!("{}（{of}）", post.name));
        let Ok(id) = office.id.parse::<OfficeId>() else {
            return Err(WhoError::UnknownPost { post: asked.to_owned(), posts: Vec::new() });
        };
        let day = japan_day(at);
        let tenure = self.organization.tenure(&id, day);
        let next = self.organization.tenures(&id).find(|tenure| tenure.from > day);
        let holder = tenure.and_then(|tenure| tenure.person.clone());
        let then = self.known_then(&id, at).filter(|then| *then != holder);
        let acting = (post.id == "head").then(|| self.deputized(tenure, at)).flatten();
        Ok(WhoWas {
            post: name,
            office: id,
            at,
            holder,
            from: tenure.map(|tenure| tenure.from),
            until: tenure.and(next).and_then(|next| next.from.yesterday().ok()),
            recorded: tenure.map(|tenure| tenure.recorded.clone()),
            then,
            acting,
        })
    }

    /// The office that a post follows from, and the name of the section or room that it is for.
    fn office_of(
        &self,
        post: &Post,
        section: Option<&SectionId>,
        room: Option<&RoomId>,
    ) -> Result<(&Office, Option<String>), WhoError> {
        let profile = self.profile();
        let offices: Vec<&Office> = match &post.holders {
            Holders::Offices(ids) => ids.iter().filter_map(|id| profile.office(id)).collect(),
            Holders::Section(section) => {
                let name = profile.section(section).map_or(section, |section| &section.name);
                return Err(WhoError::HeldBySection { section: name.clone() });
            }
        };
        let name = |id: &str| profile.section(id).map_or(id.to_owned(), |section| section.name.clone());
        let sections = || WhoError::Section {
            sections: offices.iter().map(|office| (office.section.clone(), name(&office.section))).collect(),
        };
        let rooms = || WhoError::Room {
            rooms: profile.rooms().iter().map(|room| (room.id.clone(), room.name.clone())).collect(),
        };
        match post.scope {
            Scope::City => offices.first().map(|office| (*office, None)).ok_or_else(sections),
            Scope::Room if room.is_some() => {
                let room = room.and_then(|room| profile.room(room.as_str())).ok_or_else(rooms)?;
                let office = profile.office(&room.entry_manager).ok_or_else(rooms)?;
                Ok((office, Some(room.name.clone())))
            }
            Scope::Section | Scope::Room => {
                let Some(section) = section else {
                    return Err(if post.scope == Scope::Room { rooms() } else { sections() });
                };
                match offices.iter().find(|office| office.section == section.as_str()) {
                    Some(office) => Ok((*office, Some(name(section.as_str())))),
                    None => Err(self.lacks(post, section).unwrap_or_else(sections)),
                }
            }
        }
    }

    /// The regulation leaves the section without this post.
    fn lacks(&self, post: &Post, section: &SectionId) -> Option<WhoError> {
        let gaps = self.profile().gaps();
        let of = |gap: &&Gap<'_>| gap.post.id == post.id && gap.section.id == section.as_str();
        let gap = gaps.iter().find(of)?;
        Some(WhoError::NoOffice {
            section: gap.section.name.clone(),
            post: post.name.clone(),
            reading: gap.reading.map(|reading| reading.reading.clone()),
        })
    }

    /// Who held an office on the day of `at` by what the register said at `at`; none before it said anything.
    fn known_then(&self, office: &OfficeId, at: Timestamp) -> Option<Option<PersonId>> {
        let known = |tenure: &&Tenure| {
            tenure.recorded.at <= at && tenure.reversed.is_none_or(|reversed| at < reversed)
        };
        if self.organization.founded_at().is_none_or(|founded| at < founded) {
            return None;
        }
        let day = japan_day(at);
        let tenures = self.organization.every_tenure(office).iter().filter(known);
        let tenure = tenures.rev().find(|tenure| tenure.from <= day);
        Some(tenure.and_then(|tenure| tenure.person.clone()))
    }

    /// The deputy acted for the head at `at`.
    fn deputized(&self, head: Option<&Tenure>, at: Timestamp) -> Option<Deputized> {
        let reason = match (self.organization.acting(at), head) {
            (Some(period), _) => period.reason.clone(),
            (None, Some(Tenure { person: None, .. })) => "統括責任者が欠けていたため".to_owned(),
            (None, _) => return None,
        };
        let deputy = self.profile().post("deputy")?;
        let office = self.offices_of(deputy).next()?.id.parse().ok()?;
        Some(Deputized { deputy: self.organization.holder(&office, japan_day(at)).cloned(), reason })
    }
}

impl WhoWas {
    /// The answer in a sentence or two.
    pub fn japanese(&self, city: &City) -> String {
        let who = |holder: &Option<PersonId>| match holder {
            Some(id) => format!("{}（職員番号 {id}）", city.name_of(id)),
            None => "空席".to_owned(),
        };
        let day = regulation::wareki::print;
        let tenure = match (self.from, self.until) {
            (None, _) => "（発令の登録がありません）".to_owned(),
            (Some(from), None) => format!("（{}から）", day(from)),
            (Some(from), Some(until)) => format!("（{}から{}まで）", day(from), day(until)),
        };
        let office = city.office_name(&self.office);
        let mut text = format!("{}は、{office}の{}{tenure}です。", self.post, who(&self.holder));
        if let Some(then) = &self.then {
            text.push_str(&format!(
                "その時の登録では{}で、その時の行為はこれによって判断されました。",
                who(then)
            ));
        }
        if let Some(Deputized { deputy, reason }) = &self.acting {
            text.push_str(&format!("その時は、{}が職務を代理していました（{reason}）。", who(deputy)));
        }
        text
    }
}
