//! What a transfer list says against the register: what it would change, or why it cannot.

use std::collections::{BTreeMap, BTreeSet};

use forms::Faults;
use jiff::civil::Date;
use regulation::{Office, wareki};

use super::rows::{DAY, KANA, NAME, NEW_POST, OLD_POST, OLD_SECTION, PERSON};
use super::{Entered, TransferRow};
use crate::organization::{Appointment, Fact, Person, Workplace};
use crate::{City, OfficeId, PersonId, SectionId, TransferId, limits};

/// What a list would change.
pub(super) struct Plan<'a> {
    pub(super) day: Date,
    pub(super) people: Vec<Planned<'a>>,
    /// The offices that nobody of the list takes over.
    pub(super) vacated: Vec<OfficeId>,
    /// Lines about people of whom the register need not know.
    pub(super) passed_over: Vec<usize>,
}

/// One person of it.
pub(super) struct Planned<'a> {
    pub(super) row: &'a TransferRow,
    /// The register does not know the person yet.
    pub(super) joins: bool,
    pub(super) from: Workplace,
    pub(super) to: Workplace,
    pub(super) lost: Vec<OfficeId>,
    pub(super) gained: Option<OfficeId>,
}

/// Checks the rows against the register as it will be on the day before.
pub(super) fn plan<'a>(city: &City, rows: &'a [TransferRow]) -> Result<Plan<'a>, Faults> {
    let mut faults = Faults::default();
    let Some(first) = rows.first() else {
        faults.note(1, None, "一人も書かれていません");
        return Err(faults);
    };
    if rows.len() > limits::TRANSFER {
        faults.note(first.line, None, format!("一度に{}人までです", limits::TRANSFER));
        return Err(faults);
    }
    let Ok(before) = first.day.yesterday() else {
        faults.note(first.line, Some(DAY), "この日は扱えません");
        return Err(faults);
    };
    let check = Check { city, before };
    let mut plan = Plan { day: first.day, people: Vec::new(), vacated: Vec::new(), passed_over: Vec::new() };
    let mut lines: BTreeMap<&PersonId, usize> = BTreeMap::new();
    for row in rows {
        if row.day != first.day {
            let day = wareki::print(first.day);
            faults.note(row.line, Some(DAY), format!("{}行目の発令日（{day}）と違います", first.line));
        }
        for (column, _) in row.texts().iter().filter(|(_, text)| text.chars().count() > limits::NAME) {
            faults.note(row.line, Some(column), format!("{}文字までです", limits::NAME));
        }
        if let Some(earlier) = lines.insert(&row.person, row.line) {
            faults.note(row.line, Some(PERSON), format!("{earlier}行目と同じ職員です"));
        } else if let Some(planned) = check.row(row, &mut faults) {
            plan.people.push(planned);
        } else {
            plan.passed_over.push(row.line);
        }
    }
    check.offices(&mut plan, &mut faults);
    faults.or(plan)
}

struct Check<'a> {
    city: &'a City,
    /// The last day of the old order.
    before: Date,
}

impl<'a> Check<'a> {
    /// One row by itself; none for somebody of whom the register need not know.
    fn row<'r>(&self, row: &'r TransferRow, faults: &mut Faults) -> Option<Planned<'r>> {
        let (from, to) = (self.written(&row.from_section, "採用"), self.written(&row.to_section, "退職"));
        let planned = |joins, lost, gained| {
            Some(Planned { row, joins, from: from.clone(), to: to.clone(), lost, gained })
        };
        match (self.city.organization.person(&row.person), &from, &to) {
            (Some(person), ..) => {
                self.known(person, row, &from, faults);
                let held: Vec<OfficeId> =
                    self.city.organization.held_by(&row.person, self.before).cloned().collect();
                self.old_post(row, &from, &held, faults);
                let named = self.called(&to, &row.to_post);
                let lost = held.iter().filter(|office| Some(*office) != named.as_ref()).cloned().collect();
                planned(false, lost, named.filter(|office| !held.contains(office)))
            }
            (None, Workplace::Section(_), _) => {
                let person = &row.person;
                faults.note(row.line, Some(PERSON), format!("職員番号「{person}」は登録されていません"));
                None
            }
            (None, _, Workplace::Section(_)) => {
                for (column, cell) in [(NAME, &row.name), (KANA, &row.kana)] {
                    if cell.is_empty() {
                        faults.note(row.line, Some(column), "新しく登録する職員には要ります");
                    }
                }
                planned(true, Vec::new(), self.called(&to, &row.to_post))
            }
            (None, ..) => None,
        }
    }

    fn written(&self, section: &str, nowhere: &str) -> Workplace {
        if section.is_empty() || section == nowhere {
            return Workplace::Nowhere;
        }
        let known = self.city.profile().section_written(section);
        match known.and_then(|known| known.id.parse::<SectionId>().ok()) {
            Some(id) => Workplace::Section(id),
            None => Workplace::Outside(section.to_owned()),
        }
    }

    /// The office that a list calls so.
    fn office(&self, workplace: &Workplace, title: &str) -> Option<&'a Office> {
        self.city.profile().office_called(workplace.section()?.as_str(), title)
    }

    fn called(&self, workplace: &Workplace, title: &str) -> Option<OfficeId> {
        self.office(workplace, title)?.id.parse().ok()
    }

    /// The row is about the person that the register knows, where the register has the person.
    fn known(&self, person: &Person, row: &TransferRow, from: &Workplace, faults: &mut Faults) {
        if !same_name(&person.name, &row.name) {
            faults.note(row.line, Some(NAME), format!("登録では「{}」です", person.name));
        }
        let is = person.workplace_on(self.before);
        if is != from {
            let name = match is {
                Workplace::Nowhere => "市の職員ではありません".to_owned(),
                _ => format!("「{}」です", self.city.workplace_name(is)),
            };
            faults.note(row.line, Some(OLD_SECTION), format!("登録では{name}"));
        }
        if let Some(later) = person.moves().find(|moved| moved.from > self.before) {
            let day = wareki::print(later.from);
            let what = format!("{}さんには{day}付けの異動が既に登録されています", person.name);
            faults.note(row.line, Some(DAY), what);
        }
    }

    /// The old post is what the register says, as far as the register knows offices.
    fn old_post(&self, row: &TransferRow, from: &Workplace, held: &[OfficeId], faults: &mut Faults) {
        let mut note = |text: String| faults.note(row.line, Some(OLD_POST), text);
        match self.called(from, &row.from_post) {
            Some(office) if held.contains(&office) => {}
            Some(office) => {
                let name = self.city.office_name(&office);
                match self.city.organization.holder(&office, self.before) {
                    Some(other) => note(format!("登録では、{name}は{}さんです", self.city.name_of(other))),
                    None => note(format!("登録では、{name}は空席です")),
                }
            }
            None => {
                let of_section = |office: &&OfficeId| {
                    let office = self.city.profile().office(office.as_str());
                    office.is_some_and(|office| {
                        from.section().is_some_and(|own| own.as_str() == office.section)
                    })
                };
                if let Some(office) = held.iter().find(of_section) {
                    note(format!("登録では「{}」です", self.city.office_name(office)));
                }
            }
        }
    }

    /// Each office has one holder on the day; what nobody takes over stands vacant.
    fn offices(&self, plan: &mut Plan<'_>, faults: &mut Faults) {
        let lost: BTreeSet<&OfficeId> = plan.people.iter().flat_map(|person| &person.lost).collect();
        let mut gained: BTreeMap<&OfficeId, usize> = BTreeMap::new();
        for person in &plan.people {
            let Some(office) = &person.gained else { continue };
            let line = person.row.line;
            let name = self.city.office_name(office);
            if let Some(other) = gained.insert(office, line) {
                faults.note(
                    line,
                    Some(NEW_POST),
                    format!("{name}には{other}行目の職員も就くことになっています"),
                );
            }
            if let Some(later) = self.city.organization.in_the_way(office, plan.day) {
                let day = wareki::print(later.from);
                let what = format!("{name}には{day}付けの発令が既に登録されています");
                faults.note(line, Some(NEW_POST), what);
            } else if let Some(holder) = self.city.organization.holder(office, self.before)
                && !lost.contains(office)
            {
                let who = self.city.name_of(holder);
                let what = format!("{name}には{who}さん（{holder}）が就いたままです。離れる行がありません");
                faults.note(line, Some(NEW_POST), what);
            }
        }
        let succeeded = |office: &OfficeId| {
            let next = self.city.organization.tenures(office).find(|tenure| tenure.from == plan.day);
            next.is_some_and(|next| next.person.is_some())
        };
        let vacated = lost.into_iter().filter(|office| !gained.contains_key(office) && !succeeded(office));
        plan.vacated = vacated.cloned().collect();
    }
}

/// Lists and registers put different blanks between family name and given name, or none.
fn same_name(one: &str, other: &str) -> bool {
    let letters = |name: &str| name.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    letters(one) == letters(other)
}

impl Plan<'_> {
    /// What the journal keeps: the list, then each move.
    pub(super) fn facts(self, list: &TransferId, digest: String) -> Vec<Fact> {
        let day = self.day;
        let people = self.people.len();
        let mut facts = vec![Fact::TransferEntered(Entered { list: list.clone(), digest, day, people })];
        let mut offices = Vec::new();
        for Planned { row, joins, from, to, gained, .. } in self.people {
            if joins {
                facts.push(Fact::PersonJoined {
                    list: list.clone(),
                    id: row.person.clone(),
                    name: row.name.clone(),
                    kana: row.kana.clone(),
                    to,
                    from: day,
                });
            } else if from != to {
                facts.push(Fact::PersonMoved {
                    list: list.clone(),
                    person: row.person.clone(),
                    to,
                    from: day,
                });
            }
            offices.extend(gained.map(|office| (office, Some(row.person.clone()))));
        }
        offices.extend(self.vacated.into_iter().map(|office| (office, None)));
        facts.extend(offices.into_iter().map(|(office, person)| Fact::OfficeTransferred {
            list: list.clone(),
            appointment: Appointment { office, person, from: day },
        }));
        facts
    }
}
