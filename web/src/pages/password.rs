//! `/password`: an operator changes the own password (第16条第1号).

use office::credentials::Password;
use register::access::PasswordDue;

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{banner, done};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::typed::{Problems, Typed};
use crate::view::{Banner, Field, Form, Kind, Tone};

/// `GET /password`.
pub(crate) fn show(ask: &Ask) -> Answer {
    Ok(password_page(ask, &Problems::default()))
}

fn password_page(ask: &Ask, problems: &Problems) -> axum::response::Response {
    let mut frame = ask.frame("パスワードを変える", "/password", &["16(1)"]);
    frame.notices.extend(banner(ask).map(|done| done.link("/cs", "CS業務へ進む")));
    frame.notices.extend(due(ask).filter(|_| ask.query.some("done").is_none()));
    let office = ask.app.office();
    let mut hint = office.password_rules().japanese();
    match office.settings().password_history {
        0 => hint.push_str("いまと同じものは使えません。"),
        before => hint.push_str(&format!("いまと同じもの、前に使った{before}個は使えません。")),
    }
    let form = Form::new("/password", "パスワードを変える", guard::random_hex())
        .field(Field::new("old", "いまのパスワード", Kind::Password("current-password")).need())
        .field(Field::new("new", "新しいパスワード", Kind::Password("new-password")).need().hint(hint))
        .field(Field::new("again", "新しいパスワード（確かめ）", Kind::Password("new-password")).need());
    let form = fill(form, &Typed::default(), problems, &mut frame);
    tell_the_rest(&mut frame, &[&form], problems);
    let panels = vec![Panel {
        anchor: "change".to_owned(),
        why: None,
        heading: "新しいパスワード".to_owned(),
        under: Vec::new(),
        lead: String::new(),
        form,
    }];
    let page = DeskPage { frame, panels, ..DeskPage::default() };
    render(form_status(!problems.is_empty()), &page)
}

/// Why the present password has to go, if it has to.
fn due(ask: &Ask) -> Option<Banner> {
    let office = ask.app.office();
    let due = office.city().access.password_due(ask.person()?, &office.settings(), office.now())?;
    let (heading, line) = match due {
        PasswordDue::Initial => (
            "いまのパスワードは渡されたものです",
            "自分だけが知っているパスワードに変えてください。変えるまで、CSの業務は開けません。",
        ),
        PasswordDue::Old => (
            "いまのパスワードは有効期間を過ぎました",
            "新しいパスワードに変えてください。変えるまで、CSの業務は開けません。",
        ),
    };
    Some(Banner::new(Tone::Care, heading).line(line))
}

/// `POST /password`.
pub(crate) fn change(ask: &Ask) -> Answer {
    let stay = ask.stay().ok_or(Trouble::NobodyHere)?;
    let mut problems = Problems::default();
    for field in ["old", "new"] {
        if ask.typed.raw(field).is_empty() {
            problems.add(field, "入力してください");
        }
    }
    if ask.typed.raw("new") != ask.typed.raw("again") {
        problems.add("again", "新しいパスワードと同じものを入力してください");
    }
    if !problems.is_empty() {
        return Ok(password_page(ask, &problems));
    }
    let of = |field: &str| Password::new(ask.typed.raw(field).to_owned());
    match ask.app.office().change_password(stay, &of("old"), &of("new"), ask.request()) {
        Ok(finished) => Ok(done("/password", &finished.receipt)),
        Err(declined) => Ok(password_page(ask, &at_fields(declined, str::to_owned)?)),
    }
}
