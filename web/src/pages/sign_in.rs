//! 第14条第2項 at the terminal: `/terminals/{terminal}/sign-in` for the card, `/sign-in/password` after it.

use card::{Accept, Card, CardNumber, Pin, PinError};
use office::credentials::Password;
use office::{Declined, Presented, SignedIn};
use register::access::{PasswordDue, SignOutCause};
use register::{CardId, City, Receipt, SessionId, TerminalId};
use regulation::Proof;

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard::{self, Cookies};
use crate::pages::desk::id;
use crate::pages::views::{CardPage, MessagePage, PasswordPage};
use crate::pages::{form_status, page, render};
use crate::trouble::{Answer, Trouble, see_other};
use crate::typed::{Problems, Typed, encode};
use crate::view::{Banner, Cell, Choice, Field, Form, Frame, Kind, Link, Step, Tone};
use crate::words;

const STEPS: [&str; 3] = ["端末を選ぶ", "カードと暗証番号", "パスワード"];

/// `GET /terminals/{terminal}/sign-in`.
pub(crate) fn card(ask: &Ask) -> Answer {
    card_page(ask, &Typed::default(), &Problems::default(), None)
}

fn card_page(ask: &Ask, typed: &Typed, problems: &Problems, receipt: Option<&Receipt>) -> Answer {
    let terminal: TerminalId = id(ask, "terminal")?;
    if !ask.app.office().city().access.terminal(&terminal).is_some_and(|terminal| terminal.in_service) {
        return Err(Trouble::Missing);
    }
    let title = format!("端末 {terminal} にサインインする");
    let mut frame = sign_in_frame(ask, &title);
    if let Some(lines) = lacking(ask, &terminal) {
        let links = vec![Link::new("/terminals", "ほかの端末を選ぶ")];
        return Ok(page(&MessagePage { frame, lines, typed: Vec::new(), links }));
    }
    frame.notices.extend(why_here(ask.query.get("ended")));
    if let Some(receipt) = receipt {
        let failed = Banner::new(Tone::Wrong, "カードを確かめられませんでした");
        frame.notices.push(failed.receipt(words::receipt(receipt)));
    }
    let form = match drawer_form(ask, &terminal)? {
        None => None,
        Some(form) => {
            let form = fill(form, typed, problems, &mut frame);
            tell_the_rest(&mut frame, &[&form], problems);
            Some(form)
        }
    };
    Ok(render(form_status(!problems.is_empty()), &CardPage { frame, steps: Step::list(&STEPS, 1), form }))
}

/// What the product lacks to sign anybody in by the way that this terminal wants (第14条第2項).
fn lacking(ask: &Ask, terminal: &TerminalId) -> Option<Vec<String>> {
    let city = ask.app.office().city();
    let way = city.authenticator_of(terminal).filter(|way| !way.supported())?;
    let lacks: Vec<&str> = way.lacking().map(Proof::japanese).collect();
    Some(vec![
        format!("この端末では、操作者を「{}」で確かめると登録されています。", way.name),
        format!(
            "このシステムには、{}を読み取る装置につなぐ部品がまだないため、この端末ではサインインできません。",
            lacks.join("・")
        ),
        "操作者用ICカードとパスワードを使う端末でサインインしてください。端末の登録に誤りがあるときは、アクセス管理責任者（情報統計課長）に知らせてください。"
            .to_owned(),
    ])
}

fn sign_in_frame(ask: &Ask, title: &str) -> Frame {
    Frame {
        trail: vec![Link::new("/terminals", "端末を選ぶ"), Link::new("", title)],
        ..ask.frame(title, "/terminals", &["14-2"])
    }
}

/// Why somebody has to sign in again.
fn why_here(ended: &str) -> Option<Banner> {
    let told = Banner::new(Tone::Care, "操作のない時間が続いたため、サインインが終わりました");
    match ended {
        "kept" => Some(told.line(
            "入力していた内容は預かっています。同じ人がもう一度サインインすると、続きから入力できます。",
        )),
        "yes" => Some(told),
        "out" => Some(Banner::new(Tone::Done, "サインアウトしました")),
        _ => None,
    }
}

/// The cards of the drawer, those of the terminal's section first; none where a terminal's program presents them.
pub(crate) fn drawer_choices(ask: &Ask, terminal: &TerminalId) -> Result<Option<Vec<Choice>>, Trouble> {
    let Some(drawer) = ask.app.drawer() else { return Ok(None) };
    let numbers = drawer.numbers().map_err(Trouble::broken)?;
    let (city, now) = (ask.app.office().city(), ask.app.office().now());
    let here = city.access.terminal(terminal).map(|terminal| terminal.section.clone());
    let mut cards: Vec<(bool, Choice)> = Vec::new();
    for number in numbers {
        let id = number.as_str().parse::<CardId>().ok();
        let Some((id, card)) = id.as_ref().and_then(|id| Some((id, city.access.card(id)?))) else {
            continue;
        };
        let holder = city.holder_of(id, now);
        let name = holder.map(|holder| city.name_of(holder)).unwrap_or_default();
        let choice = Choice {
            value: number.to_string(),
            text: if card.spare() { format!("予備カード {name}") } else { name },
            more: format!(
                "{number}・{}・{}{}",
                city.card_kind_name(&card.kind),
                holder.map_or_else(|| card.kept.clone(), |holder| city.workplace_of(holder, now)),
                if card.state == register::access::CardState::InUse {
                    ""
                } else {
                    "・使えないカード"
                },
            ),
        };
        let own = holder.and_then(|holder| city.section_of(holder, now));
        cards.push((own != here.as_ref(), choice));
    }
    // The cards of the terminal's own section first.
    cards.sort_by_key(|(elsewhere, choice)| (*elsewhere, choice.value.clone()));
    Ok(Some(cards.into_iter().map(|(_, choice)| choice).collect()))
}

fn drawer_form(ask: &Ask, terminal: &TerminalId) -> Result<Option<Form>, Trouble> {
    let Some(choices) = drawer_choices(ask, terminal)? else { return Ok(None) };
    let form = Form::new(format!("/terminals/{terminal}/sign-in"), "カードを確かめる", guard::random_hex())
        .field(Field::new("card", "引き出しのカード", Kind::Radio(choices)).need())
        .field(
            Field::new("pin", "カードの暗証番号", Kind::Pin)
                .need()
                .hint("6桁から8桁の数字。3回続けて間違えると、カードが使えなくなります。"),
        );
    Ok(Some(form))
}

/// `POST /terminals/{terminal}/sign-in`, with a card of the demo's drawer.
pub(crate) fn present(ask: &Ask) -> Answer {
    let terminal: TerminalId = id(ask, "terminal")?;
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
    let (Some(number), Ok(pin)) = (number, pin) else { return card_page(ask, &ask.typed, &problems, None) };
    let mut card = drawer.take(&number).map_err(|_| Trouble::Missing)?;
    let office = ask.app.office();
    if let Err(error) = card.verify_pin(&pin) {
        return wrong_pin(ask, &terminal, card.certificate(), &error);
    }
    let challenge = office.challenge(&terminal)?;
    let session: SessionId = challenge.session.parse().map_err(Trouble::broken)?;
    let signature = card.sign(&challenge).map_err(Trouble::broken)?;
    match office.present(&session, card.certificate(), &signature) {
        Ok(presented) => {
            ask.app.set_waiting(&ask.visit.visitor, Some(presented.session));
            Ok(see_other("/sign-in/password"))
        }
        Err((Declined::Unreadable { japanese, .. }, _)) => {
            card_page(ask, &ask.typed, &Problems::one("card", japanese), None)
        }
        Err((declined, _)) => Err(declined.into()),
    }
}

/// The card itself counts wrong PINs; that one was given is recorded.
fn wrong_pin(ask: &Ask, terminal: &TerminalId, certificate: &[u8], error: &PinError) -> Answer {
    let office = ask.app.office();
    let verifier = office.authority().verifier(Accept::SoftwareToo).map_err(Trouble::broken)?;
    let claimed = verifier.read(certificate, office.now()).ok();
    let problems = Problems::one("pin", error.japanese());
    match office.card_failed(terminal, claimed.as_ref()) {
        Declined::Refused { receipt, .. } => card_page(ask, &ask.typed, &problems, Some(&receipt)),
        declined => Err(declined.into()),
    }
}

/// `GET /t/{ticket}`: the browser that the terminal's program has opened for a proven card. It opens once.
pub(crate) fn ticket(ask: &Ask) -> Answer {
    match ask.app.office().take_ticket(ask.part("ticket")) {
        Some(presented) => {
            ask.app.set_waiting(&ask.visit.visitor, Some(presented.session));
            Ok(see_other("/sign-in/password"))
        }
        None => Ok(see_other("/terminals?needed=yes")),
    }
}

fn waiting(ask: &Ask) -> Option<Presented> {
    let session = ask.app.waiting(&ask.visit.visitor)?;
    ask.app.office().presented(&session)
}

/// `GET /sign-in/password`.
pub(crate) fn password(ask: &Ask) -> Answer {
    match waiting(ask) {
        None => Ok(see_other("/terminals?needed=yes")),
        Some(presented) => Ok(password_page(ask, &presented, &Problems::default(), None)),
    }
}

/// Wrong passwords since the last sign-in: somebody else may have tried.
fn failures(failed: u32) -> Cell {
    match failed {
        0 => Cell::text("ありません"),
        failed => Cell::Sub(
            format!("パスワードの誤り{failed}回"),
            "覚えがないときは、アクセス管理責任者に知らせてください。".to_owned(),
        ),
    }
}

fn password_page(
    ask: &Ask,
    presented: &Presented,
    problems: &Problems,
    failed: Option<Banner>,
) -> axum::response::Response {
    let mut frame = sign_in_frame(ask, "パスワードを入力する");
    frame.notices.extend(failed);
    let form = Form::new("/sign-in/password", "サインイン", guard::random_hex())
        .field(Field::new("password", "パスワード", Kind::Password("current-password")).need())
        .back("/terminals", "取りやめる");
    let form = fill(form, &Typed::default(), problems, &mut frame);
    let city = ask.app.office().city();
    let card = city.access.card(&presented.card);
    let section = city.workplace_of(&presented.holder, ask.app.office().now());
    let last = card.and_then(|card| card.last_use.as_ref());
    let facts = vec![
        ("操作者".to_owned(), Cell::text(format!("{}（{section}）", city.name_of(&presented.holder)))),
        (
            "カード".to_owned(),
            Cell::text(match card {
                Some(card) => format!("{}　{}", presented.card, city.card_kind_name(&card.kind)),
                None => presented.card.to_string(),
            }),
        ),
        ("端末".to_owned(), Cell::text(presented.terminal.to_string())),
        (
            "このカードの前回の使用".to_owned(),
            match last {
                Some((at, terminal)) => Cell::Sub(
                    format!("{}　端末 {terminal}", words::moment_long(*at)),
                    "覚えがないときは、アクセス管理責任者に知らせてください。".to_owned(),
                ),
                None => Cell::text("はじめて使います"),
            },
        ),
        ("前回のあとの失敗".to_owned(), failures(city.access.attempts(&presented.holder).failed)),
    ];
    let page = PasswordPage { frame, steps: Step::list(&STEPS, 2), facts, form };
    render(form_status(!problems.is_empty()), &page)
}

/// Where somebody who has just signed in goes: to what stands between them and the CS, to what they had begun, to
/// the CS, or to what the regulation wants of them.
fn first_page(ask: &Ask, stay: &SignedIn) -> String {
    let office = ask.app.office();
    let (city, now, settings) = (office.city(), office.now(), office.settings());
    match city.access.password_due(&stay.person, &settings, now) {
        Some(PasswordDue::Initial) => return "/password?due=initial".to_owned(),
        Some(PasswordDue::Old) => return "/password?due=old".to_owned(),
        None => {}
    }
    let opens = opens_the_cs(&city, stay);
    let unread = opens && settings.acknowledgement_gates_cs;
    if unread && !register::rules::to_acknowledge(&city, &stay.person, now).is_empty() {
        return "/rules?needed=yes".to_owned();
    }
    match ask.app.unsent(&ask.visit.visitor, &stay.person) {
        Some(kept) => format!("{}?kept={}&back=yes", kept.page, encode(&kept.key)),
        None if opens => "/cs?welcome=yes".to_owned(),
        None => "/duties/mine?welcome=yes".to_owned(),
    }
}

/// The card of this stay opens something of the CS (第2条第4号).
fn opens_the_cs(city: &City, stay: &SignedIn) -> bool {
    let kind = city.access.card(&stay.card).and_then(|card| city.profile().card_kind(card.kind.as_str()));
    kind.is_some_and(|kind| !kind.operations.is_empty())
}

/// `POST /sign-in/password`.
pub(crate) fn sign_in(ask: &Ask) -> Answer {
    let Some(presented) = waiting(ask) else { return Ok(see_other("/terminals?needed=yes")) };
    let typed = ask.typed.raw("password");
    if typed.is_empty() {
        let problems = Problems::one("password", "入力してください");
        return Ok(password_page(ask, &presented, &problems, None));
    }
    let office = ask.app.office();
    match office.sign_in(&presented.session, &Password::new(typed.to_owned())) {
        Ok((token, stay)) => {
            ask.app.set_waiting(&ask.visit.visitor, None);
            let mut response = see_other(&first_page(ask, &stay));
            Cookies::new(ask.app.tls()).set(&mut response, guard::STAY, Some(token.as_str()));
            Ok(response)
        }
        Err(Declined::Refused { refusal, receipt }) => {
            let only_password = refusal.grounds.iter().all(|ground| ground.policy == "14-2.password");
            if !only_password {
                return Err(Declined::Refused { refusal, receipt }.into());
            }
            let problems = Problems::one("password", "パスワードが違います");
            let failed =
                Banner::new(Tone::Wrong, "サインインできませんでした").receipt(words::receipt(&receipt));
            Ok(password_page(ask, &presented, &problems, Some(failed)))
        }
        Err(Declined::Unreadable { .. }) => Ok(see_other("/terminals?needed=yes")),
        Err(declined) => Err(declined.into()),
    }
}

/// `POST /sign-out`. Signing out twice is being signed out.
pub(crate) fn sign_out(ask: &Ask) -> Answer {
    let terminal = ask.visit.stay.as_ref().or(ask.visit.ended.as_ref()).map(|stay| stay.terminal.clone());
    if let Some(token) = &ask.visit.token {
        ask.app.office().sign_out(token, SignOutCause::Asked)?;
    }
    let mut response = match terminal {
        Some(terminal) => see_other(&format!("/terminals/{terminal}/sign-in?ended=out")),
        None => see_other("/terminals"),
    };
    Cookies::new(ask.app.tls()).set(&mut response, guard::STAY, None);
    Ok(response)
}
