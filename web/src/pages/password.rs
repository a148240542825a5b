//! `/password`: an operator changes the own password (第16条第1号).

use office::credentials::Password;

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
    if ask.query.get("initial") == "yes" {
        frame.notices.push(
            Banner::new(Tone::Care, "いまのパスワードは渡されたものです")
                .line("自分だけが知っているパスワードに変えてください。"),
        );
    }
    let min = ask.app.office().password_rules().min();
    let form = Form::new("/password", "パスワードを変える", guard::random_hex())
        .field(Field::new("old", "いまのパスワード", Kind::Password("current-password")).need())
        .field(
            Field::new("new", "新しいパスワード", Kind::Password("new-password")).need().hint(format!(
                "{min}文字以上。長い文のほうが、記号を混ぜた短いものより強くなります。氏名や市の名前は使えません。"
            )),
        )
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
