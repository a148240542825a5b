//! `/cards/passwords`: a password is handed over on a sealed sheet, once.

use register::PersonId;
use register::access::Act;

use super::{frame, list};
use crate::ask::Ask;
use crate::guard;
use crate::pages::desk::{Reading, choose, judge};
use crate::pages::page;
use crate::pages::views::{Panel, SealedPage};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::view::{Choice, Field, Form, Kind, Link};
use crate::words;

/// For whoever may hand passwords over.
pub(super) fn panel(ask: &Ask) -> Option<Panel> {
    let office = ask.app.office();
    let me = ask.person()?;
    let people: Vec<(PersonId, Choice)> = {
        let (city, now) = (office.city(), office.now());
        let staff = city.staff(now).filter(|(id, _)| *id != me || city.access.password_version(id).is_none());
        let each = staff.map(|(id, _)| {
            let choice = words::staff(&city, id, now);
            let known = city.access.password_version(id).is_some();
            let text = if known { format!("{}（作り直し）", choice.text) } else { choice.text };
            (id.clone(), Choice { text, ..choice })
        });
        each.collect()
    };
    let (first, _) = people.first()?;
    let act = Act::SetPassword { person: first.clone(), old_proven: false };
    if judge(ask, &act.into()).is_some() {
        return None;
    }
    let choices = choose(people.into_iter().map(|(_, choice)| choice));
    let form = Form::new("/cards/passwords", "パスワードを作り、封書にする", guard::random_hex())
        .quiet()
        .field(
            Field::new("person", "まだパスワードがない職員、忘れた職員", Kind::Select(choices))
                .need()
                .hint("忘れた職員には、本人であることを確かめてから作り直します。前のパスワードはすぐに使えなくなります"),
        );
    let lead = "パスワードはこのシステムが作り、次の画面に一度だけ示します。印刷して折り、封をして、本人に渡します。渡された人は、CSの業務の前に自分のものに変えます。";
    Some(Panel {
        under: words::cites(&["16(1)"]),
        ..list::panel("password", "はじめのパスワードを渡す", lead, None, form)
    })
}

/// `POST /cards/passwords`: the sealed sheet. It is the answer to this one submission and never shown again.
pub(crate) fn hand_over(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let Some(person) = reading.chosen::<PersonId>("person") else {
        return list::render_page(ask, &ask.typed, &reading.problems);
    };
    let stay = ask.stay().ok_or(Trouble::NobodyHere)?;
    let office = ask.app.office();
    let handed = office.hand_over_password(office.occasion(stay, ask.request()), &person);
    let (finished, password) = match handed {
        Ok(made) => made,
        Err(declined) => return list::render_page(ask, &ask.typed, &at_fields(declined, str::to_owned)?),
    };
    let city = office.city();
    Ok(page(&SealedPage {
        frame: frame(ask, "はじめのパスワード", "/cards", &["16(1)"]),
        receipt: words::receipt(&finished.receipt),
        name: city.name_of(&person),
        number: person.to_string(),
        workplace: city.workplace_of(&person, office.now()),
        printed: words::moment_long(office.now()),
        by: city.name_of(&stay.person),
        password: password.reveal().to_owned(),
        back: Link::new("/cards", "カードの一覧へ戻る"),
    }))
}
