//! `/rooms/keys`: 鍵の窓口 of the key officer's section (第11条, 第12条第2項).

use jiff::Timestamp;
use register::rooms::{Act, Lend, Loan, NewKey};
use register::{City, KeyId, PersonId, RoomId};

use super::{
    Reading, barred_once, carry_out, choose, for_viewer, frame, guarded_choices, moment_cell, person_cell,
    told,
};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::pages::desk::judge;
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, oversees, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Banner, Cell, Choice, Field, Form, Kind, Link, State, Table, Tone};
use crate::{guard, limits, words};

pub(super) const PAGE: &str = "/rooms/keys";

/// `GET /rooms/keys`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, &ask.kept().unwrap_or_default(), &Problems::default())
}

pub(super) fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let mut frame = frame(ask, "鍵の窓口", PAGE, &["11", "12-2"]);
    frame.notices.extend(told(ask));
    let why = judge(ask, &Act::CountKeys(Vec::new()).into());
    let (tables, forms) = {
        let city = office.city();
        let all = why.is_none() || oversees(&city, me, now);
        if why.is_none() {
            frame.notices.extend(to_count(&city, now));
        }
        (tables(&city, all, (me, now), why.is_none()), forms(&city, now))
    };
    let panels: Vec<Panel> = barred_once(panels(forms, &why))
        .into_iter()
        .map(|panel| Panel { form: fill(panel.form, typed, problems, &mut frame), ..panel })
        .collect();
    tell_the_rest(&mut frame, &panels.iter().map(|panel| &panel.form).collect::<Vec<_>>(), problems);
    let page = DeskPage {
        frame,
        lead: "レベル2の室の鍵です。管財課が貸し出し、返ったことを確かめ、数を数えます。".to_owned(),
        tables,
        panels,
        links: for_viewer(
            ask,
            vec![
                Link::new("/rooms/keys/labels", "鍵の札を印刷する"),
                Link::new("/ledgers/keys", "鍵の管理簿を見る"),
            ],
        ),
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

/// What is done at the desk; without a key there is nothing to lend.
fn panels(forms: Forms, why: &Option<String>) -> Vec<Panel> {
    let any = forms.keys;
    let mut panels = Vec::new();
    if any {
        panels.push(panel(
            "lend",
            "鍵を貸し出す",
            "次の画面で、借りる人のカードを確かめます。",
            why,
            forms.lend,
        ));
        panels.push(panel(
            "return",
            "鍵が返った",
            "札のQRコードを読み取るか、鍵番号を入力します。",
            why,
            forms.back,
        ));
        panels.push(panel(
            "count",
            "鍵の数を確かめる",
            "保管場所に掛かっている鍵にすべて印を付けます。開庁日ごとに行います。",
            why,
            forms.count,
        ));
    }
    panels.push(panel(
        "register",
        "鍵を登録する",
        "登録したら、札を印刷して鍵に付けます。",
        why,
        forms.register,
    ));
    if any {
        panels.push(panel(
            "retire",
            "鍵を台帳から外す",
            "なくした鍵、取り替えた鍵を外します。",
            why,
            forms.retire,
        ));
    }
    panels
}

fn panel(anchor: &str, heading: &str, lead: &str, why: &Option<String>, form: Form) -> Panel {
    Panel {
        anchor: anchor.to_owned(),
        heading: heading.to_owned(),
        under: words::cites(&["11", "12-2"]),
        lead: lead.to_owned(),
        why: why.clone(),
        form,
    }
}

fn to_count(city: &City, now: Timestamp) -> Option<Banner> {
    let today = register::japan_day(now);
    let waiting = regulation::calendar::is_working_day(today)
        && city.rooms.keys().in_use().next().is_some()
        && !city.rooms.keys().counted_on(today);
    waiting.then(|| {
        Banner::new(Tone::Care, "きょうの鍵の数は、まだ確かめられていません")
            .link("#count", "鍵の数を確かめる")
    })
}

fn tables(city: &City, all: bool, (me, now): (&PersonId, Timestamp), desk: bool) -> Vec<Table> {
    let mut board = Table::new("鍵", "鍵はまだ登録されていません。")
        .note(format!("{}本", city.rooms.keys().in_use().count()))
        .head("鍵番号", "k")
        .column("室・種別", "t")
        .column("いま", "t")
        .column("借りた人", "t")
        .column("使用目的", "")
        .column("返却の期限", "t");
    if desk {
        board = board.column("", "act");
    }
    for (id, key) in city.rooms.keys().in_use() {
        let loan = city.rooms.keys().out(id);
        let shown = loan.filter(|loan| all || loan.to == *me);
        let mut row = vec![
            Cell::text(id.to_string()),
            Cell::Sub(city.room_name(&key.room), key.name.clone()),
            Cell::Badge(standing(loan, now)),
            shown.map_or(Cell::text("－"), |loan| person_cell(city, &loan.to, now)),
            Cell::text(shown.map_or("－", |loan| &loan.purpose)),
            shown.map_or(Cell::text("－"), |loan| moment_cell(loan.due)),
        ];
        if desk {
            row.push(match loan {
                Some(_) => Cell::Act(
                    Form::new("/rooms/keys/return", "返った", guard::random_hex())
                        .field(Field::hidden("return-key", id.to_string())),
                ),
                None => Cell::text(""),
            });
        }
        board.push(row);
    }
    vec![board, past(city, all, me)]
}

fn standing(loan: Option<&Loan>, now: Timestamp) -> Badge {
    match loan {
        None => Badge::new(State::Good, "保管中"),
        Some(loan) if loan.overdue(now) => Badge::new(State::Late, "期限を過ぎている"),
        Some(_) => Badge::new(State::Owed, "貸出中"),
    }
}

/// The last loans that came back.
fn past(city: &City, all: bool, me: &PersonId) -> Table {
    let empty = match all {
        true => "返った鍵の記録はまだありません。",
        false => "あなたが返した鍵の記録はありません。",
    };
    let mut table = Table::new("返った鍵", empty)
        .note(format!("新しい{}件まで", limits::LOANS))
        .head("鍵番号", "k")
        .column("借りた人", "t")
        .column("使用目的", "")
        .column("貸出し", "t")
        .column("返却", "t")
        .column("所見", "");
    let back = city.rooms.keys().loans().iter().rev().filter(|loan| all || loan.to == *me);
    for (loan, (at, by)) in back.filter_map(|loan| Some((loan, loan.returned.as_ref()?))).take(limits::LOANS)
    {
        table.push(vec![
            Cell::text(loan.key.to_string()),
            Cell::text(city.name_of(&loan.to)),
            Cell::text(&loan.purpose),
            Cell::Sub(words::moment(loan.lent.0), city.name_of(&loan.lent.1)),
            Cell::Sub(words::moment(*at), city.name_of(by)),
            Cell::text(&loan.remark),
        ]);
    }
    table
}

/// The forms of the desk.
struct Forms {
    /// There is a key at all.
    keys: bool,
    lend: Form,
    back: Form,
    count: Form,
    register: Form,
    retire: Form,
}

fn forms(city: &City, now: Timestamp) -> Forms {
    let keys = city.rooms.keys();
    let choice = |(id, key): (&KeyId, &register::rooms::Key)| {
        Choice::new(id.as_str(), format!("{}・{}", city.room_name(&key.room), key.name))
    };
    let out = |id: &KeyId| keys.out(id).is_some();
    let hanging: Vec<Choice> = keys.in_use().filter(|(id, _)| !out(id)).map(choice).collect();
    let lent: Vec<Choice> = keys.in_use().filter(|(id, _)| out(id)).map(choice).collect();
    let boxes = keys.in_use().map(|(id, key)| Choice {
        more: format!("{}・{}", city.room_name(&key.room), key.name),
        ..Choice::new(id.as_str(), id.as_str())
    });
    let all: Vec<Choice> = keys.in_use().map(|(id, _)| Choice::new(id.as_str(), id.as_str())).collect();
    Forms {
        keys: keys.in_use().next().is_some(),
        lend: Form::new("/rooms/keys/lend", "借りる人のカードへ進む", guard::random_hex())
            .field(
                Field::new("key", "鍵番号", Kind::Suggest(hanging))
                    .need()
                    .hint("札のQRコードを読み取るか、入力します"),
            )
            .field(Field::new("purpose", "使用目的", Kind::Text).need())
            .field(
                Field::new("due", "返却の期限", Kind::Moment)
                    .need()
                    .value(words::moment_field(usual_due(now))),
            ),
        back: Form::new("/rooms/keys/return", "返却を記録する", guard::random_hex())
            .field(Field::new("return-key", "鍵番号", Kind::Suggest(lent)).need())
            .field(
                Field::new("remark", "所見", Kind::Text).hint("傷や遅れなど、気付いたことがあれば書きます"),
            ),
        count: Form::new("/rooms/keys/count", "数えた結果を記録する", guard::random_hex()).field(Field::new(
            "hanging",
            "掛かっている鍵",
            Kind::Boxes(boxes.collect()),
        )),
        register: Form::new("/rooms/keys/register", "登録する", guard::random_hex())
            .field(
                Field::new("new-key", "鍵番号", Kind::Short)
                    .need()
                    .hint("半角の英数字と - _ . @。例：K-401-1"),
            )
            .field(Field::new("room", "室", Kind::Select(choose(guarded_choices(city)))).need())
            .field(Field::new("key-name", "種別", Kind::Short).need().hint("例：正鍵、予備鍵")),
        retire: Form::new("/rooms/keys/retire", "台帳から外す", guard::random_hex())
            .quiet()
            .field(Field::new("retired-key", "鍵番号", Kind::Select(choose(all))).need())
            .field(Field::new("why", "外す理由", Kind::Text).need()),
    }
}

/// Keys come back by the end of the working day; what is lent later, within the hour.
pub(super) fn usual_due(now: Timestamp) -> Timestamp {
    let hour = now + jiff::SignedDuration::from_hours(1);
    let evening = register::japan_day(now).at(17, 15, 0, 0);
    let evening = jiff::tz::offset(9).to_timestamp(evening);
    evening.ok().filter(|evening| *evening > now).unwrap_or(hour)
}

/// What the lending form says so far: which key, what for, until when.
pub(super) fn read_loan(typed: &Typed, problems: &mut Problems) -> Option<Lend> {
    let mut reading = Reading::new(typed);
    let (key, purpose, due) = (reading.id::<KeyId>("key"), reading.text("purpose"), reading.text("due"));
    let due = words::read_moment(&due);
    if due.is_none() {
        reading.problems.add("due", "日時として読めません");
    }
    let sound = reading.problems.is_empty();
    *problems = reading.problems;
    let (key, due) = (key?, due?);
    sound.then(|| Lend { key, to: PersonId::nobody(), purpose, due, card: None, proven: false })
}

/// `POST /rooms/keys/return`.
pub(crate) fn take_back(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let Some(key) = reading.id::<KeyId>("return-key") else { return again(&reading.problems) };
    let remark = ask.typed.get("remark").to_owned();
    carry_out(ask, Act::ReturnKey { key, remark }, PAGE, &[("key", "return-key")], again)
}

/// `POST /rooms/keys/count`.
pub(crate) fn count(ask: &Ask) -> Answer {
    let keys: Vec<KeyId> = ask.typed.all("hanging").filter_map(|id| id.parse().ok()).collect();
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    carry_out(ask, Act::CountKeys(keys), PAGE, &[("key", "hanging")], again)
}

/// `POST /rooms/keys/register`.
pub(crate) fn register(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let (id, room) = (reading.id::<KeyId>("new-key"), reading.chosen::<RoomId>("room"));
    let name = reading.text("key-name");
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(id), Some(room), true) = (id, room, reading.problems.is_empty()) else {
        return again(&reading.problems);
    };
    carry_out(ask, Act::RegisterKey(NewKey { id, room, name }), PAGE, &[("key", "new-key")], again)
}

/// `POST /rooms/keys/retire`.
pub(crate) fn retire(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let (key, reason) = (reading.chosen::<KeyId>("retired-key"), reading.text("why"));
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(key), true) = (key, reading.problems.is_empty()) else { return again(&reading.problems) };
    carry_out(ask, Act::RetireKey { key, reason }, PAGE, &[("key", "retired-key"), ("reason", "why")], again)
}
