//! Pages of acts on the register: what is so, and what can be done, with the reason where it cannot.

use axum::response::Response;
use office::{Declined, Done};
use policy::Answer as Judged;
use register::{Act, Fact, Receipt};

use crate::ask::Ask;
use crate::trouble::{Trouble, see_other};
use crate::typed::encode;
use crate::view::{Banner, Cell, Form, Tone};
use crate::words;

/// Submits an act at the terminal of the stay.
pub(crate) fn submit(ask: &Ask, act: Act) -> Result<Done, Declined> {
    let stay = ask.stay().ok_or_else(|| Declined::Broken { cause: "a route without its gate".to_owned() })?;
    let office = ask.app.office();
    office.submit(act, office.occasion(stay, ask.request()))
}

/// Where a done act leads: back to the page, which says where it is recorded.
pub(crate) fn done(page: &str, receipt: &Receipt) -> Response {
    see_other(&format!("{page}?done={}", encode(&receipt.to_string())))
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
