//! Pages of acts on the register: what is so, and what can be done, with the reason where it cannot.

use axum::response::Response;
use jiff::Timestamp;
use office::{Declined, Done};
use policy::Answer as Judged;
use register::{Act, City, Fact, IdError, PersonId, Receipt};

use crate::ask::Ask;
use crate::pages::oversees;
use crate::pages::views::Panel;
use crate::trouble::{Answer, Trouble, at_fields, see_other};
use crate::typed::{Problems, Typed, encode};
use crate::view::{Banner, Cell, Choice, Form, Link, Tone};
use crate::words;

/// Submits an act at the terminal of the stay.
pub(crate) fn submit(ask: &Ask, act: Act) -> Result<Done, Declined> {
    let stay = ask.stay().ok_or_else(|| Declined::Broken { cause: "a route without its gate".to_owned() })?;
    let office = ask.app.office();
    office.submit(act, office.occasion(stay, ask.request()))
}

/// Where a done act leads: back to the page, which says where it is recorded.
pub(crate) fn done(page: &str, receipt: &Receipt) -> Response {
    let then = if page.contains('?') { '&' } else { '?' };
    see_other(&format!("{page}{then}done={}", encode(&receipt.to_string())))
}

/// The banner of an act that was just done, read from the journal itself: a link cannot make one up.
pub(crate) fn banner(ask: &Ask) -> Option<Banner> {
    let done = ask.query.some("done")?;
    let receipt = words::read_receipt(&done)?;
    let told = ask.app.office().told(&receipt).ok()??;
    let own = ask.person() == Some(&told.entry.by);
    let refused = matches!(told.entry.fact, Fact::Refused(_));
    (own && !refused).then(|| {
        Banner::new(Tone::Done, register::fact_name(told.entry.fact.name())).receipt(words::receipt(&receipt))
    })
}

/// A button where the act is open to this person now; else the first reason against it.
pub(crate) fn act_or_why(ask: &Ask, act: &Act, form: Form) -> Cell {
    match judge(ask, act) {
        None => Cell::Act(form),
        Some(why) => Cell::Why(why),
    }
}

/// A button where the act is open to this person now. For long lists, whose reason stands once above them.
pub(crate) fn act_or_nothing(ask: &Ask, act: &Act, form: Form) -> Cell {
    match judge(ask, act) {
        None => Cell::Act(form),
        Some(_) => Cell::text("－"),
    }
}

/// Why the regulation would refuse this act now; none when it would not.
pub(crate) fn judge(ask: &Ask, act: &Act) -> Option<String> {
    let Some(stay) = ask.stay() else {
        return Some("サインインすると手続ができます".to_owned());
    };
    let office = ask.app.office();
    let on = office.occasion(stay, ask.request_of(""));
    match office.ask(act, &on) {
        Judged::Permitted => None,
        Judged::Refused(refusal) => {
            Some(refusal.grounds.into_iter().next().map_or(String::new(), |ground| ground.reason))
        }
    }
}

/// An identifier as it stands in an address.
pub(crate) fn id<T: std::str::FromStr>(ask: &Ask, part: &str) -> Result<T, Trouble> {
    ask.part(part).parse().map_err(|_| Trouble::Missing)
}

/// Fields being read, and what is wrong with them.
pub(crate) struct Reading<'a> {
    pub(crate) typed: &'a Typed,
    pub(crate) problems: Problems,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(typed: &'a Typed) -> Self {
        Self { typed, problems: Problems::default() }
    }

    /// A text that has to be there.
    pub(crate) fn text(&mut self, field: &str) -> String {
        let text = self.typed.get(field);
        if text.is_empty() {
            self.problems.add(field, "入力してください");
        }
        text.to_owned()
    }

    /// A number or code that has to be there.
    pub(crate) fn id<T: std::str::FromStr<Err = IdError>>(&mut self, field: &str) -> Option<T> {
        self.read(field, |error: IdError| error.japanese())
    }

    /// Something that has to be there, and why a text is none.
    pub(crate) fn read<T: std::str::FromStr>(
        &mut self,
        field: &str,
        why: impl Fn(T::Err) -> String,
    ) -> Option<T> {
        let text = self.text(field);
        if text.is_empty() {
            return None;
        }
        let problems = &mut self.problems;
        text.parse().map_err(|error| problems.add(field, why(error))).ok()
    }

    /// One of a list, which has to be chosen.
    pub(crate) fn chosen<T: std::str::FromStr>(&mut self, field: &str) -> Option<T> {
        let chosen = self.typed.get(field).parse().ok().filter(|_| !self.typed.get(field).is_empty());
        if chosen.is_none() {
            self.problems.add(field, "選んでください");
        }
        chosen
    }
}

/// Submits an act of a form of `page`. Its faults come back at its fields, called as the form calls them.
pub(crate) fn carry_out(
    ask: &Ask,
    act: impl Into<Act>,
    page: &str,
    names: &[(&str, &str)],
    again: impl Fn(&Problems) -> Answer,
) -> Answer {
    let called = |field: &str| {
        let own = names.iter().find(|(theirs, _)| *theirs == field);
        own.map_or(field, |(_, ours)| ours).to_owned()
    };
    match submit(ask, act.into()) {
        Ok(finished) => Ok(done(page, &finished.receipt)),
        Err(declined) => again(&at_fields(declined, called)?),
    }
}

/// Panels one after another that are barred for the same reason become one, which says it once.
pub(crate) fn barred_once(panels: Vec<Panel>) -> Vec<Panel> {
    let mut once: Vec<Panel> = Vec::new();
    for panel in panels {
        match once.last_mut().filter(|last| last.why.is_some() && last.why == panel.why) {
            Some(last) => {
                last.heading = format!("{}・{}", last.heading, panel.heading);
                last.lead.clear();
            }
            None => once.push(panel),
        }
    }
    once
}

/// Links without those to ledgers that this person may not open.
pub(crate) fn for_viewer(ask: &Ask, mut links: Vec<Link>) -> Vec<Link> {
    let office = ask.app.office();
    let all = ask.person().is_some_and(|me| oversees(&office.city(), me, office.now()));
    links.retain(|link| all || !link.href.starts_with("/ledgers"));
    links
}

/// A list to choose from, which begins with nothing chosen.
pub(crate) fn choose(choices: impl IntoIterator<Item = Choice>) -> Vec<Choice> {
    std::iter::once(Choice::new("", "選んでください")).chain(choices).collect()
}

/// A person in a cell, with where from.
pub(crate) fn person_cell(city: &City, person: &PersonId, now: Timestamp) -> Cell {
    match city.organisation_of(person, now) {
        none if none.is_empty() => Cell::text(city.name_of(person)),
        organisation => Cell::Sub(city.name_of(person), format!("{organisation}・{person}")),
    }
}

/// A moment in a cell: the day, and the time below it.
pub(crate) fn moment_cell(at: Timestamp) -> Cell {
    let (day, time) = words::day_and_time(at);
    Cell::Sub(day, time)
}
