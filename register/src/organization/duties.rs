//! What is owed in 第2章: every office that a post follows from has a holder, and the head sees what was done in
//! the head's place.

use jiff::Timestamp;

use crate::duty::citation_of;
use crate::occasion::japan_day;
use crate::{City, Duty, Fulfil, OfficeId, Owner};

/// Which vacancy is a duty under which provision, by post.
pub const VACANCY: &[(&str, &str)] = &[
    ("head", "3-2.vacancy"),
    ("deputy", "4-3.vacancy"),
    ("system-manager", "5-2.vacancy"),
    ("security-officer", "6-2.vacancy"),
    ("entry-manager", "10.vacancy"),
    ("key-officer", "11.vacancy"),
    ("access-manager", "15-2.vacancy"),
    ("asset-manager", "19-2.vacancy"),
];

/// 後閲: what the deputy did for the head waits for the head's eyes.
pub const AFTER_VIEW: &str = "4-2.see";

/// What the head has not seen yet, owed while there is a head who can.
pub(super) fn after_view(city: &City, at: Timestamp) -> Option<Duty> {
    let oldest = city.organization.unseen().next()?;
    city.head(at).filter(|_| city.organization.acting(at).is_none())?;
    let count = city.organization.unseen().count();
    Some(Duty {
        id: AFTER_VIEW,
        citation: citation_of(AFTER_VIEW)?,
        subject: "head".to_owned(),
        what: format!("副責任者が職務代理として行ったことが{count}件あります。後閲してください"),
        owed_by: Owner::Post("head".to_owned()),
        since: Some(japan_day(oldest.at)),
        due: None,
        fulfil: Fulfil::SeeActs,
    })
}

/// The offices that stand vacant, once for each post that follows from them.
pub(super) fn vacancies(city: &City, at: Timestamp) -> Vec<Duty> {
    let mut duties = Vec::new();
    for (post, rule) in VACANCY {
        let Some(post) = city.profile().post(post) else {
            continue;
        };
        let Some(citation) = citation_of(rule) else {
            continue;
        };
        for office in city.offices_of(post) {
            let Ok(id) = office.id.parse::<OfficeId>() else {
                continue;
            };
            let tenure = city.organization.tenure(&id, japan_day(at));
            if tenure.is_some_and(|tenure| tenure.person.is_some()) {
                continue;
            }
            duties.push(Duty {
                id: rule,
                citation,
                subject: office.id.clone(),
                what: format!("{}（{}）が空席です。後任の発令を登録してください", office.name, post.name),
                owed_by: Owner::Post("secretariat".to_owned()),
                since: tenure.map(|tenure| tenure.from).or(city.organization.founded_at().map(japan_day)),
                due: None,
                fulfil: Fulfil::Appoint(id),
            });
        }
    }
    duties
}
