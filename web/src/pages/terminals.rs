//! `/terminals`: the register of terminals, and choosing the one that one sits at.

use std::collections::BTreeMap;

use register::access::{Act, NewTerminal};
use register::{RoomId, SectionId, TerminalId};

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{banner, done, judge, submit};
use crate::pages::views::{Panel, TerminalGroup, TerminalView, TerminalsPage};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Banner, Choice, Field, Form, Kind, State, Tone};
use crate::words;

/// `GET /terminals`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let kept = ask.kept().unwrap_or_default();
    Ok(render_page(ask, &kept, &Problems::default()))
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> axum::response::Response {
    let mut frame = ask.frame("端末を選ぶ", "/terminals", &["2(3)", "14-1"]);
    if ask.query.get("needed") == "yes" {
        frame.notices.push(
            Banner::new(Tone::Info, "サインインしてください")
                .line("このページを見るには、端末でサインインします。座っている端末を選んでください。"),
        );
    }
    frame.notices.extend(banner(ask));
    let mut forms = Vec::new();
    let why = judge(ask, &Act::RegisterTerminal(example()).into());
    if ask.stay().is_some() {
        let form = fill(register_form(ask), typed, problems, &mut frame);
        tell_the_rest(&mut frame, &[&form], problems);
        forms.push(Panel {
            anchor: "register".to_owned(),
            heading: "端末を登録する".to_owned(),
            under: words::cites(&["2(3)", "15-1"]),
            lead: String::new(),
            why: why.clone(),
            form,
        });
        let retire = retire_form(ask);
        forms.extend((!retire.fields.is_empty() && why.is_none()).then(|| Panel {
            anchor: "retire".to_owned(),
            heading: "端末を廃止する".to_owned(),
            under: Vec::new(),
            lead: String::new(),
            why: None,
            form: retire,
        }));
    }
    let lead = if ask.app.drawer().is_some() {
        "デモでは、このブラウザーがどの端末かをここで選びます。実際の運用では、端末に置かれたプログラムが名乗ります。"
    } else {
        "端末に置かれたプログラムにカードを差すと、サインインが始まります。"
    };
    let page = TerminalsPage { frame, lead: lead.to_owned(), groups: groups(ask), forms };
    render(form_status(!problems.is_empty()), &page)
}

fn groups(ask: &Ask) -> Vec<TerminalGroup> {
    let city = ask.app.office().city();
    let mut groups: BTreeMap<usize, TerminalGroup> = BTreeMap::new();
    for (terminal_id, terminal) in city.access.terminals() {
        let place =
            city.profile().sections().iter().position(|section| section.id == terminal.section.as_str());
        let group = groups.entry(place.unwrap_or(usize::MAX)).or_insert_with(|| TerminalGroup {
            section: city.section_name(&terminal.section),
            terminals: Vec::new(),
        });
        group.terminals.push(TerminalView {
            id: terminal_id.to_string(),
            place: city.room_name(&terminal.room),
            in_service: terminal.in_service,
            state: Badge::new(State::Plain, "廃止"),
            linked: linked(ask, terminal_id),
        });
    }
    groups.into_values().collect()
}

/// Where the terminal's program stands. Strangers are not told.
fn linked(ask: &Ask, terminal: &TerminalId) -> Option<Badge> {
    ask.stay()?;
    let linked = ask.app.office().linked_terminal(terminal)?;
    Some(match (linked.clock_off, linked.card) {
        (true, _) => Badge::new(State::Late, "時計がずれている"),
        (false, true) => Badge::new(State::Good, "つながっている・カードあり"),
        (false, false) => Badge::new(State::Good, "つながっている"),
    })
}

/// A terminal that asks what the regulation would say of registering one.
fn example() -> NewTerminal {
    let id = |text: &str| text.to_owned();
    NewTerminal {
        id: TerminalId::try_from(id("T")).expect("an identifier"),
        room: RoomId::try_from(id("R")).expect("an identifier"),
        section: SectionId::try_from(id("S")).expect("an identifier"),
        authenticator: None,
    }
}

fn register_form(ask: &Ask) -> Form {
    let profile = ask.app.office().profile();
    let rooms = profile.rooms().iter().map(|room| Choice::new(&*room.id, &*room.name)).collect();
    let sections = profile
        .sections()
        .iter()
        .filter(|section| section.uses_juki_net)
        .map(|section| Choice::new(&*section.id, &*section.name))
        .collect();
    let form = Form::new("/terminals", "登録する", guard::random_hex())
        .field(Field::new("terminal", "端末番号", Kind::Short).need().hint("半角の英数字と - _ . @"))
        .field(Field::new("room", "室", Kind::Select(rooms)).need())
        .field(Field::new("section", "課所", Kind::Select(sections)).need());
    if profile.authenticators().len() < 2 {
        return form;
    }
    let ways = profile.authenticators().iter().map(|way| Choice::new(&*way.id, &*way.name)).collect();
    form.field(
        Field::new("authenticator", "認証の方法", Kind::Select(ways))
            .need()
            .hint("この端末で、操作者本人であることを何で確かめるか（第14条第2項）"),
    )
}

fn retire_form(ask: &Ask) -> Form {
    let city = ask.app.office().city();
    let running: Vec<Choice> = city
        .access
        .terminals()
        .filter(|(_, terminal)| terminal.in_service)
        .map(|(id, terminal)| Choice::new(id.as_str(), format!("{id}（{}）", city.room_name(&terminal.room))))
        .collect();
    let form = Form::new("/terminals/retire", "廃止する", guard::random_hex()).quiet();
    if running.is_empty() {
        return form;
    }
    form.field(Field::new("terminal", "端末", Kind::Select(running)).id("retire-terminal").need())
}

/// `POST /terminals`.
pub(crate) fn register(ask: &Ask) -> Answer {
    let read = || -> Result<NewTerminal, Problems> {
        let wrong =
            |field: &'static str| move |error: register::IdError| Problems::one(field, error.japanese());
        Ok(NewTerminal {
            id: ask.typed.get("terminal").parse().map_err(wrong("terminal"))?,
            room: ask.typed.get("room").parse().map_err(wrong("room"))?,
            section: ask.typed.get("section").parse().map_err(wrong("section"))?,
            authenticator: ask.typed.some("authenticator"),
        })
    };
    let new = match read() {
        Ok(new) => new,
        Err(problems) => return Ok(render_page(ask, &ask.typed, &problems)),
    };
    match submit(ask, Act::RegisterTerminal(new).into()) {
        Ok(finished) => Ok(done("/terminals", &finished.receipt)),
        Err(declined) => Ok(render_page(ask, &ask.typed, &at_fields(declined, str::to_owned)?)),
    }
}

/// `POST /terminals/retire`.
pub(crate) fn retire(ask: &Ask) -> Answer {
    let terminal: TerminalId = ask.typed.get("terminal").parse().map_err(|_| Trouble::Missing)?;
    match submit(ask, Act::RetireTerminal(terminal).into()) {
        Ok(finished) => Ok(done("/terminals", &finished.receipt)),
        Err(declined) => Ok(render_page(ask, &Typed::default(), &at_fields(declined, |_| String::new())?)),
    }
}
