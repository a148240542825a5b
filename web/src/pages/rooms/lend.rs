//! `/rooms/keys/lend`: a key is lent in two steps: which key, and then the borrower's card (第11条).

use card::{Card as _, CardNumber, Pin};
use office::Declined;
use register::rooms::{Act, Lend};
use register::{PersonId, SessionId};

use super::{Reading, Viewer, callers, keys};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{done, judge, submit};
use crate::pages::sign_in::drawer_choices;
use crate::pages::views::{LendPage, Panel};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::typed::{Problems, Typed};
use crate::view::{Cell, Field, Form, Frame, Kind, Link, Step};
use crate::words;

const STEPS: [&str; 2] = ["鍵と目的", "借りる人のカード"];
const PATH: &str = "/rooms/keys/lend";

/// `POST /rooms/keys/lend`: first with the key, then with the borrower's card besides.
pub(crate) fn lend(ask: &Ask) -> Answer {
    let mut problems = Problems::default();
    let Some(lend) = keys::read_loan(&ask.typed, &mut problems) else {
        return keys::render_page(ask, &ask.typed, &problems);
    };
    if judge(ask, &Act::CountKeys(Vec::new()).into()).is_some() {
        // Nobody of this desk: the regulation says so at once, before anybody's card is asked for.
        let to = ask.person().ok_or(Trouble::NobodyHere)?.clone();
        return hand_out(ask, Lend { to, ..lend });
    }
    if let Some(problems) = impossible(ask, &lend) {
        return keys::render_page(ask, &ask.typed, &problems);
    }
    match ask.typed.get("step") {
        "card" => with_card(ask, lend),
        "person" => without_card(ask, lend),
        _ => card_page(ask, &lend, &Problems::default()),
    }
}

/// What would stand against the loan whoever borrows: better said before a card is asked for.
fn impossible(ask: &Ask, lend: &Lend) -> Option<Problems> {
    let office = ask.app.office();
    let city = office.city();
    let key = city.rooms.key(&lend.key).filter(|key| key.retired.is_none());
    if key.is_none() {
        return Some(Problems::one("key", format!("鍵番号「{}」は登録されていません", lend.key)));
    }
    if city.rooms.keys().out(&lend.key).is_some() {
        return Some(Problems::one("key", format!("鍵番号「{}」は貸出中です", lend.key)));
    }
    (lend.due <= office.now()).then(|| Problems::one("due", "これからの日時を入力してください"))
}

fn card_page(ask: &Ask, lend: &Lend, problems: &Problems) -> Answer {
    let title = "鍵を借りる人を確かめる";
    let mut frame = Frame {
        trail: vec![Link::new("/rooms", "室と鍵"), Link::new(keys::PAGE, "鍵の窓口"), Link::new("", title)],
        ..ask.frame(title, keys::PAGE, &["11"])
    };
    let office::SignedIn { terminal, person: me, .. } = ask.stay().ok_or(Trouble::NobodyHere)?;
    let choices = drawer_choices(ask, terminal)?;
    let carried = |form: Form, step: &'static str| {
        form.field(Field::hidden("step", step))
            .field(Field::hidden("key", lend.key.to_string()))
            .field(Field::hidden("purpose", lend.purpose.clone()))
            .field(Field::hidden("due", words::moment_field(lend.due)))
    };
    let card = choices.map(|choices| {
        let form = carried(Form::new(PATH, "カードを確かめて貸し出す", guard::random_hex()), "card")
            .field(Field::new("card", "借りる人のカード", Kind::Radio(choices)).need())
            .field(Field::new("pin", "カードの暗証番号", Kind::Pin).need().hint(
                "借りる人が入力します。6桁から8桁の数字。3回続けて間違えると、カードが使えなくなります。",
            ));
        match ask.typed.get("step") {
            "person" => form,
            _ => fill(form, &ask.typed, problems, &mut frame),
        }
    });
    let (facts, people) = {
        let office = ask.app.office();
        let city = office.city();
        let room =
            city.rooms.key(&lend.key).map(|key| format!("{}・{}", city.room_name(&key.room), key.name));
        let facts = [
            ("鍵", Cell::Sub(lend.key.to_string(), room.unwrap_or_default())),
            ("使用目的", Cell::text(&lend.purpose)),
            ("返却の期限", Cell::text(words::moment_long(lend.due))),
        ];
        (
            facts.map(|(name, cell)| (name.to_owned(), cell)).to_vec(),
            callers(&city, &Viewer::of(&city, me, office.now()), office.now()),
        )
    };
    let without = carried(Form::new(PATH, "カードなしで申し込む", guard::random_hex()), "person")
        .quiet()
        .field(Field::new("person", "借りる人の職員番号", Kind::Suggest(people)).need());
    let without = Panel {
        anchor: "without".to_owned(),
        heading: "カードがないとき".to_owned(),
        under: words::cites(&["11"]),
        lead: "カードで本人を確かめられない人には貸し出せません。申し込みがあったことは、拒否として記録されます。".to_owned(),
        why: None,
        form: match ask.typed.get("step") {
            "person" => fill(without, &ask.typed, problems, &mut frame),
            _ => without,
        },
    };
    let forms: Vec<&Form> = card.iter().chain([&without.form]).collect();
    tell_the_rest(&mut frame, &forms, problems);
    let page = LendPage { frame, steps: Step::list(&STEPS, 1), facts, card, without };
    Ok(render(form_status(!problems.is_empty()), &page))
}

/// The borrower's card, taken out of the demo's drawer, signs a fresh challenge at this terminal.
fn with_card(ask: &Ask, lend: Lend) -> Answer {
    let Some(drawer) = ask.app.drawer() else { return Err(Trouble::Missing) };
    let mut problems = Problems::default();
    let number = ask.typed.get("card").parse::<CardNumber>().ok();
    if number.is_none() {
        problems.add("card", "カードを選んでください");
    }
    let pin = Pin::new(ask.typed.get("pin"));
    if let Err(fault) = &pin {
        problems.add("pin", fault.japanese());
    }
    let (Some(number), Ok(pin)) = (number, pin) else { return card_page(ask, &lend, &problems) };
    let mut card = drawer.take(&number).map_err(|_| Trouble::Missing)?;
    if let Err(error) = card.verify_pin(&pin) {
        return card_page(ask, &lend, &Problems::one("pin", error.japanese()));
    }
    let office = ask.app.office();
    let challenge = office.challenge(&ask.stay().ok_or(Trouble::NobodyHere)?.terminal)?;
    let session: SessionId = challenge.session.parse().map_err(Trouble::broken)?;
    let signature = card.sign(&challenge).map_err(Trouble::broken)?;
    match office.prove_holder(&session, card.certificate(), &signature) {
        Ok(holder) => {
            hand_out(ask, Lend { to: holder.person, card: Some(holder.card), proven: true, ..lend })
        }
        Err(Declined::Unreadable { japanese, .. }) => card_page(ask, &lend, &Problems::one("card", japanese)),
        Err(declined) => Err(declined.into()),
    }
}

/// Without a card the regulation refuses, and that is recorded.
fn without_card(ask: &Ask, lend: Lend) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    match reading.id::<PersonId>("person") {
        Some(to) => hand_out(ask, Lend { to, ..lend }),
        None => card_page(ask, &lend, &reading.problems),
    }
}

fn hand_out(ask: &Ask, lend: Lend) -> Answer {
    match submit(ask, Act::LendKey(lend).into()) {
        Ok(finished) => Ok(done(keys::PAGE, &finished.receipt)),
        Err(declined) => {
            let problems = at_fields(declined, str::to_owned)?;
            keys::render_page(ask, &Typed::of(ask.typed.keepable()), &problems)
        }
    }
}
