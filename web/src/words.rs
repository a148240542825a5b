//! How the office's answers are put into words: days, moments, citations, names of facts and journals.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use office::Silent;
use policy::Refusal as Against;
use register::{City, PersonId};
use regulation::{Citation, wareki};

use crate::view::{Choice, Cite, Ground, Receipt, Refusal};

/// Wall-clock time in Japan, which keeps UTC+9 all year.
pub(crate) fn in_japan(at: Timestamp) -> DateTime {
    jiff::tz::offset(9).to_datetime(at)
}

/// `令和8年11月23日（月）`.
pub(crate) fn day(day: Date) -> String {
    wareki::print_with_weekday(day)
}

/// `R8.11.23（月）`, for tables.
pub(crate) fn short_day(day: Date) -> String {
    format!("{}（{}）", wareki::print_short(day), wareki::weekday(day))
}

/// The last second of a day in Japan.
pub(crate) fn end_of_day(day: Date) -> Option<Timestamp> {
    jiff::tz::offset(9).to_timestamp(day.at(23, 59, 59, 0)).ok()
}

/// `R8.11.23（月）` and `14:05`, for narrow columns.
pub(crate) fn day_and_time(at: Timestamp) -> (String, String) {
    let at = in_japan(at);
    let (day, time) = (at.date(), at.time());
    (short_day(day), format!("{:02}:{:02}", time.hour(), time.minute()))
}

/// `R8.11.23（月）14:05`, for tables.
pub(crate) fn moment(at: Timestamp) -> String {
    let (day, time) = day_and_time(at);
    day + &time
}

/// `令和8年11月23日（月）14:05`.
pub(crate) fn moment_long(at: Timestamp) -> String {
    let time = in_japan(at).time();
    format!("{} {:02}:{:02}", day(in_japan(at).date()), time.hour(), time.minute())
}

/// A moment in Japan as forms and people write it: `2019-07-03T14:00`, or a day, which is taken at noon.
pub(crate) fn read_moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (day, time) = text.split_once(['T', ' ', '　']).unwrap_or((text, "12:00"));
    let day = wareki::parse(day.trim()).ok()?;
    let time: jiff::civil::Time = time.trim().parse().ok()?;
    jiff::tz::offset(9).to_timestamp(day.to_datetime(time)).ok()
}

/// A moment as a form's field carries it: `2019-07-03T14:00`.
pub(crate) fn moment_field(at: Timestamp) -> String {
    let at = in_japan(at);
    format!("{}T{:02}:{:02}", at.date(), at.time().hour(), at.time().minute())
}

/// A receipt as it stands in an address or a form: `register/12`.
pub(crate) fn read_receipt(text: &str) -> Option<register::Receipt> {
    let (journal, index) = text.rsplit_once('/')?;
    Some(register::Receipt { journal: journal.to_owned(), index: index.parse().ok()? })
}

/// `14:05`.
pub(crate) fn time(at: Timestamp) -> String {
    day_and_time(at).1
}

/// `9時05分`.
pub(crate) fn clock(at: Timestamp) -> String {
    let time = in_japan(at).time();
    format!("{}時{:02}分", time.hour(), time.minute())
}

/// `48,211`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A place in the regulation, as a link.
pub(crate) fn cite(citation: Citation) -> Cite {
    let whole = Citation::of(citation.article());
    Cite {
        id: citation.to_string(),
        article: whole.to_string(),
        anchor: if citation == whole { String::new() } else { anchor(citation) },
        japanese: citation.japanese(),
    }
}

/// The element id of a place on its article's page.
pub(crate) fn anchor(citation: Citation) -> String {
    format!("d-{}", citation.to_string().replace(' ', "_"))
}

/// Places named by their short ids; those that are none are left out.
pub(crate) fn cites(ids: &[&str]) -> Vec<Cite> {
    ids.iter().filter_map(|id| id.parse().ok()).map(cite).collect()
}

/// A member of staff to be chosen: name, workplace and number.
pub(crate) fn staff(city: &City, id: &PersonId, at: Timestamp) -> Choice {
    let name = city.name_of(id);
    let text = match city.workplace_of(id, at) {
        gone if gone.is_empty() => format!("{name}（{id}）"),
        workplace => format!("{name}（{workplace}・{id}）"),
    };
    Choice::new(id.as_str(), text)
}

/// Where something stands, as a link.
pub(crate) fn receipt(receipt: &register::Receipt) -> Receipt {
    Receipt { journal: receipt.journal.clone(), index: receipt.index }
}

/// Every article against an act.
pub(crate) fn refusal(against: &Against, at: Timestamp, receipt_: &register::Receipt) -> Refusal {
    Refusal {
        heading: "次の条項が妨げています".to_owned(),
        what: moment_long(at),
        receipt: Some(receipt(receipt_)),
        grounds: against
            .grounds
            .iter()
            .map(|ground| Ground {
                cite: ground.citation.map(cite),
                policy: ground.policy.clone(),
                reason: ground.reason.clone(),
                remedy: ground.remedy.clone(),
            })
            .collect(),
    }
}

/// The posts that somebody held at a moment, joined with 「・」; the section where there are none.
pub(crate) fn posts(city: &City, person: &PersonId, at: Timestamp) -> String {
    match posts_held(city, person, at) {
        none if none.is_empty() => {
            city.standing(person, at).section.map_or(none, |section| city.section_name(&section))
        }
        posts => posts,
    }
}

/// As [`posts`]; empty where there are none.
pub(crate) fn posts_held(city: &City, person: &PersonId, at: Timestamp) -> String {
    let standing = city.standing(person, at);
    let profile = city.profile();
    let mut posts: Vec<&str> =
        standing.posts.iter().filter_map(|id| profile.post(id)).map(|post| post.name.as_str()).collect();
    if !standing.officer_of.is_empty() {
        posts.extend(profile.post("security-officer").map(|post| post.name.as_str()));
    }
    if standing.acting {
        // First, because it changes what everything else means.
        posts.insert(0, "職務代理");
    }
    posts.join("・")
}

/// What a kind of case is called on paper.
pub(crate) fn paper(kind: &str, name: &str) -> String {
    match kind {
        "meeting" => "会議録".to_owned(),
        "directive" => "指示書".to_owned(),
        "request" => "要請書".to_owned(),
        "matter" => "議題書".to_owned(),
        _ => name.to_owned(),
    }
}

/// A journal's name in Japanese, and what it keeps.
pub(crate) fn journal(name: &str) -> (&'static str, &'static str) {
    match name {
        "register" => ("登録の原簿", "組織、任命、端末、指定、カード、取扱者と、それらについての拒否"),
        "operations" => ("操作の原簿", "サインインとCSの操作、それらの拒否"),
        "passages" => ("入退室の原簿", "室への入退室"),
        "residents" => ("住民の原簿", "取り込んだ本人確認情報"),
        _ => ("原簿", ""),
    }
}

/// That a door controller is not heard.
pub(crate) fn silent(silent: Silent) -> String {
    match silent {
        Silent::Always => "連絡がまだない".to_owned(),
        Silent::Since(heard) => format!("{}から連絡がない", moment(heard)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_japan_and_in_its_eras() {
        let at: Timestamp = "2026-11-22T15:05:00Z".parse().unwrap();
        assert_eq!(moment(at), "R8.11.23（月）00:05");
        assert_eq!(moment_long(at), "令和8年11月23日（月） 00:05");
        assert_eq!(clock(at), "0時05分");
    }

    #[test]
    fn a_moment_is_read_as_forms_and_people_write_it() {
        let at: Timestamp = "2019-07-03T14:00:00+09:00".parse().unwrap();
        for text in ["2019-07-03T14:00", "2019-07-03 14:00", "令和元年7月3日 14:00"] {
            assert_eq!(read_moment(text), Some(at), "{text}");
        }
        assert_eq!(read_moment(&moment_field(at)), Some(at));
        assert_eq!(read_moment("2019-07-03").map(moment_field).as_deref(), Some("2019-07-03T12:00"));
        assert_eq!(read_moment("someday"), None);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(48_211), "48,211");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }

    #[test]
    fn a_citation_links_to_its_article() {
        let found = cite("7-4但".parse().unwrap());
        assert_eq!((found.article.as_str(), found.japanese.as_str()), ("7", "第7条第4項ただし書"));
    }
}
