//! `/cs`: three searches, one resident's items, a form in print. Every look is an operation; looking again at
//! what was shown is not.

use axum::http::StatusCode;
use axum::response::Response;
use office::{Asked, Shown, View};
use register::Receipt;
use register::access::OperationKind;
use register::terms::Resident;

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::limits;
use crate::pages::views::{CsPage, Hit, MessagePage, ResidentPage, ResultsPage, Search, SheetPage};
use crate::pages::{form_status, locked_when_idle, page, render};
use crate::trouble::{Answer, Trouble, at_fields, see_other};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Banner, Cell, Choice, Field, Form, Frame, Kind, Link, State, Table, Tone};
use crate::words;

/// The forms (帳票) that can be printed.
const FORMS: [(&str, &str, &str); 1] = [("confirmation", "本人確認情報確認票", "様式第1号")];

/// `GET /cs`.
pub(crate) fn desk(ask: &Ask) -> Answer {
    let kept = ask.kept().unwrap_or_default();
    Ok(desk_page(ask, &kept, &Problems::default()))
}

fn desk_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Response {
    let mut frame = ask.frame("CS業務", "/cs", &["14-2", "18"]);
    if ask.query.get("welcome") == "yes" {
        frame.notices.push(Banner::new(Tone::Done, "サインインしました"));
    }
    if ask.query.get("back") == "yes" && typed != &Typed::default() {
        frame.notices.push(
            Banner::new(Tone::Info, "入力していた内容をお返ししました")
                .line("確かめて、もう一度送ってください。"),
        );
    }
    let searches: Vec<Search> = searches()
        .into_iter()
        .map(|search| Search { form: fill(search.form, typed, problems, &mut frame), ..search })
        .collect();
    let forms: Vec<&Form> = searches.iter().map(|search| &search.form).collect();
    tell_the_rest(&mut frame, &forms, problems);
    let recent = recent(ask);
    render(form_status(!problems.is_empty()), &CsPage { frame, searches, recent })
}

fn searches() -> [Search; 3] {
    let reason = |id: &str| {
        Field::new("reason", "根拠番号", Kind::Short)
            .id(format!("reason-{id}"))
            .hint("届出・請求書などの番号")
    };
    let form = |path: &str, submit: &str| Form::new(format!("/cs/{path}"), submit, guard::random_hex());
    [
        Search {
            heading: "氏名で検索".to_owned(),
            form: form("name", "氏名で検索")
                .field(
                    Field::new("name", "氏名", Kind::Text).need().hint("姓から。途中まででもかまいません。"),
                )
                .field(reason("name")),
        },
        Search {
            heading: "フリガナで検索".to_owned(),
            form: form("kana", "フリガナで検索")
                .field(
                    Field::new("kana", "フリガナ", Kind::Text)
                        .need()
                        .hint("姓から。ひらがなでもかまいません。"),
                )
                .field(reason("kana")),
        },
        Search {
            heading: "住民票コードで検索".to_owned(),
            form: form("code", "コードで検索")
                .field(
                    Field::new("code", "住民票コード", Kind::Digits)
                        .need()
                        .hint("11桁。空白やハイフンがあってもかまいません。"),
                )
                .field(reason("code")),
        },
    ]
}

/// What was done during this stay, as the office still remembers it.
fn recent(ask: &Ask) -> Table {
    let mut table = Table::new("このサインインでの操作", "このサインインでの操作はまだありません。")
        .head("日時", "t")
        .column("操作", "t")
        .column("条件", "")
        .column("根拠番号", "t")
        .column("結果", "t")
        .column("原簿", "t");
    let Some(stay) = ask.stay() else { return table };
    let office = ask.app.office();
    let receipt = |index| Receipt { journal: "operations".to_owned(), index };
    let noted = ask.app.noted(&stay.session).into_iter();
    for shown in noted.filter_map(|index| office.shown(stay, &receipt(index))).take(limits::RECENT) {
        let path = path_of(&shown);
        let result = match &shown.view {
            View::Hits { count, .. } => count.japanese(),
            View::Resident(found) | View::Form(found) => {
                if found.is_some() { "1件" } else { "0件" }.to_owned()
            }
            View::History { rows, more } => {
                format!("{}件{}", rows.len(), if *more { "より多い" } else { "" })
            }
        };
        table.push(vec![
            Cell::text(words::moment(shown.at)),
            Cell::link(path, shown.asked.kind.japanese()),
            Cell::text(condition(&shown.asked)),
            reason_cell(shown.asked.reason.as_deref()),
            Cell::text(result),
            Cell::Receipt(words::receipt(&shown.receipt)),
        ]);
    }
    table
}

/// Where something that was shown is shown again.
pub(crate) fn path_of(shown: &Shown) -> String {
    let root = if shown.asked.kind.history().is_some() { "history" } else { "cs" };
    format!("/{root}/shown/{}", shown.receipt.index)
}

/// 根拠番号, or that there is none.
pub(crate) fn reason_cell(reason: Option<&str>) -> Cell {
    match reason {
        Some(reason) => Cell::text(reason),
        None => Cell::badge(State::Plain, "なし"),
    }
}

/// What was looked for, with a code masked.
fn condition(asked: &Asked) -> String {
    match asked.kind {
        OperationKind::SearchCode
        | OperationKind::Consult
        | OperationKind::PrintForm
        | OperationKind::Reveal
        | OperationKind::HistoryResident => masked(&asked.condition),
        _ => asked.condition.clone(),
    }
}

/// A code as typed, all but its last four digits starred.
pub(crate) fn masked(code: &str) -> String {
    let digits: Vec<char> = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let open = digits.len().saturating_sub(4);
    digits.iter().enumerate().map(|(at, digit)| if at < open { '*' } else { *digit }).collect()
}

/// `POST /cs/name`.
pub(crate) fn by_name(ask: &Ask) -> Answer {
    search(ask, OperationKind::SearchName, "name")
}

/// `POST /cs/kana`.
pub(crate) fn by_kana(ask: &Ask) -> Answer {
    search(ask, OperationKind::SearchKana, "kana")
}

/// `POST /cs/code`.
pub(crate) fn by_code(ask: &Ask) -> Answer {
    search(ask, OperationKind::SearchCode, "code")
}

fn search(ask: &Ask, kind: OperationKind, field: &'static str) -> Answer {
    let asked = Asked {
        kind,
        condition: ask.typed.get(field).to_owned(),
        reason: ask.typed.some("reason"),
        period: None,
    };
    if asked.condition.is_empty() {
        return Ok(desk_page(ask, &ask.typed, &Problems::one(field, "入力してください")));
    }
    let stay = ask.stay().ok_or(Trouble::NobodyHere)?;
    match ask.app.office().operate(stay, asked, ask.request()) {
        Ok(receipt) => {
            ask.app.note(&stay.session, receipt.index);
            Ok(see_other(&format!("/cs/shown/{}", receipt.index)))
        }
        Err(declined) => {
            let field = |name: &str| if name == "condition" { field.to_owned() } else { name.to_owned() };
            Ok(desk_page(ask, &ask.typed, &at_fields(declined, field)?))
        }
    }
}

/// What was shown under the number in the address, in this stay.
pub(crate) fn shown_before(ask: &Ask) -> Result<Option<std::sync::Arc<Shown>>, Trouble> {
    let index = ask.part("index").parse().map_err(|_| Trouble::Missing)?;
    let stay = ask.stay().ok_or(Trouble::NobodyHere)?;
    Ok(ask.app.office().shown(stay, &Receipt { journal: "operations".to_owned(), index }))
}

/// `GET /cs/shown/{index}`.
pub(crate) fn shown(ask: &Ask) -> Answer {
    let Some(shown) = shown_before(ask)? else { return Ok(gone(ask)) };
    match &shown.view {
        View::Hits { shown: hits, count } => Ok(results(ask, &shown, hits, &count.japanese())),
        View::Resident(Some(resident)) => Ok(resident_page(ask, &shown, resident)),
        View::Form(Some(resident)) => Ok(sheet(ask, &shown, resident)),
        View::Resident(None) | View::Form(None) => Ok(results(ask, &shown, &[], "0件")),
        View::History { .. } => Ok(see_other(&path_of(&shown))),
    }
    .map(|response| locked_when_idle(ask, response))
}

/// It was shown to somebody else, or too long ago.
pub(crate) fn gone(ask: &Ask) -> Response {
    let page = MessagePage {
        frame: ask.frame("この結果はもう表示できません", "/cs", &[]),
        lines: vec![
            "表示できるのは、同じサインインの間の新しい結果だけです。もう一度見るには、検索からやり直してください。".to_owned(),
        ],
        typed: Vec::new(),
        links: vec![Link::new("/cs", "CS業務へ")],
    };
    render(StatusCode::GONE, &page)
}

fn cs_frame(ask: &Ask, title: impl Into<String>, under: &[&str]) -> Frame {
    let title = title.into();
    Frame {
        trail: vec![Link::new("/cs", "CS業務"), Link::new("", title.clone())],
        ..ask.frame(title, "/cs", under)
    }
}

fn results(ask: &Ask, shown: &Shown, hits: &[Resident], count: &str) -> Response {
    let rows = hits.iter().enumerate().map(|(number, resident)| hit(number, resident)).collect::<Vec<_>>();
    let kind = match shown.asked.kind {
        OperationKind::SearchName => "氏名",
        OperationKind::SearchKana => "フリガナ",
        _ => "住民票コード",
    };
    let how = if matches!(shown.asked.kind, OperationKind::SearchName | OperationKind::SearchKana) {
        "で始まる"
    } else {
        ""
    };
    let note = match rows.len() {
        found if count.starts_with(&found.to_string()) => count.to_owned(),
        found => format!("{count}のうち{found}人。しぼり込むには、氏名を長く入力してください"),
    };
    let page = ResultsPage {
        frame: cs_frame(ask, "検索結果", &["14-2", "18"]),
        receipt: words::receipt(&shown.receipt),
        condition: vec![
            ("条件".to_owned(), Cell::text(format!("{kind}「{}」{how}", condition(&shown.asked)))),
            ("根拠番号".to_owned(), reason_cell(shown.asked.reason.as_deref())),
        ],
        action: format!("/cs/shown/{}/consult", shown.receipt.index),
        once: guard::random_hex(),
        reason: Field::new("reason", "照会の根拠番号", Kind::Short)
            .value(shown.asked.reason.clone().unwrap_or_default())
            .hint("照会する人について、届出・請求書などの番号"),
        note,
        guarded: Badge::new(State::Guarded, "支援措置"),
        rows,
    };
    crate::pages::page(&page)
}

fn hit(number: usize, resident: &Resident) -> Hit {
    let information = &resident.information;
    Hit {
        number,
        name: information.name.clone(),
        kana: information.kana.clone(),
        born: regulation::wareki::print(information.birth),
        sex: information.sex.japanese().to_owned(),
        // The address of a protected person is not for a list that somebody may look at over a shoulder.
        address: if resident.protected {
            "（照会すると示します）".to_owned()
        } else {
            information.address.clone()
        },
        code: information.code.masked(),
        guarded: resident.protected,
    }
}

/// `POST /cs/shown/{index}/consult`: one of the residents that a search found.
pub(crate) fn consult(ask: &Ask) -> Answer {
    let Some(before) = shown_before(ask)? else { return Ok(gone(ask)) };
    let View::Hits { shown: hits, .. } = &before.view else { return Err(Trouble::Missing) };
    let row: usize = ask.typed.get("row").parse().map_err(|_| Trouble::Missing)?;
    let resident = hits.get(row).ok_or(Trouble::Missing)?;
    operate_on(ask, OperationKind::Consult, resident)
}

/// `POST /cs/shown/{index}/print`: the resident who was consulted.
pub(crate) fn print(ask: &Ask) -> Answer {
    let Some(before) = shown_before(ask)? else { return Ok(gone(ask)) };
    let View::Resident(Some(resident)) = &before.view else { return Err(Trouble::Missing) };
    operate_on(ask, OperationKind::PrintForm, resident)
}

/// `POST /cs/shown/{index}/reveal`: the whole numbers of the resident who was consulted.
pub(crate) fn reveal(ask: &Ask) -> Answer {
    let Some(before) = shown_before(ask)? else { return Ok(gone(ask)) };
    let View::Resident(Some(resident)) = &before.view else { return Err(Trouble::Missing) };
    operate_on(ask, OperationKind::Reveal, resident)
}

fn operate_on(ask: &Ask, kind: OperationKind, resident: &Resident) -> Answer {
    let stay = ask.stay().ok_or(Trouble::NobodyHere)?;
    let asked = Asked {
        kind,
        condition: resident.code().to_string(),
        reason: ask.typed.some("reason"),
        period: None,
    };
    let receipt = ask.app.office().operate(stay, asked, ask.request())?;
    ask.app.note(&stay.session, receipt.index);
    Ok(see_other(&format!("/cs/shown/{}", receipt.index)))
}

/// Every item of a resident's record. Unless they were asked for, its numbers are masked: a screen at a counter is
/// seen by others, too.
fn items(resident: &Resident, whole: bool) -> Vec<(String, Cell)> {
    let information = &resident.information;
    let mut items = vec![("氏名".to_owned(), Cell::text(&information.name))];
    let mut item = |name: &str, text: String| items.push((name.to_owned(), Cell::Text(text)));
    if !information.kana.is_empty() {
        item("フリガナ", information.kana.clone());
    }
    if let Some(former) = &information.former_surname {
        item("旧氏", former.clone());
    }
    item("生年月日", words::day(information.birth));
    item("性別", information.sex.japanese().to_owned());
    item("住所", information.address.clone());
    item("住民票コード", if whole { information.code.to_string() } else { information.code.masked() });
    if let Some(number) = &information.individual_number {
        item("個人番号", if whole { number.whole() } else { number.masked() });
    }
    if let Some(household) = &resident.household {
        item("世帯番号", household.to_string());
    }
    if let Some(change) = &information.change {
        item("最後の異動", format!("{}　{}", change.reason.japanese(), words::day(change.on)));
    }
    item("様式の版", information.schema.japanese().to_owned());
    items
}

fn resident_page(ask: &Ask, shown: &Shown, resident: &Resident) -> Response {
    let mut frame = cs_frame(ask, resident.information.name.clone(), &["14-2", "20-1"]);
    if resident.protected {
        frame.notices.push(
            Banner::new(Tone::Care, "支援措置の対象者です").line(
                "住所を本人以外に知らせないでください。帳票を渡す前に、課のセキュリティ責任者に確かめてください。",
            ),
        );
    }
    let forms = FORMS.iter().map(|(id, name, _)| Choice::new(*id, *name)).collect();
    let print =
        Form::new(format!("/cs/shown/{}/print", shown.receipt.index), "印刷する", guard::random_hex())
            .field(Field::new("form", "帳票", Kind::Select(forms)).need())
            .field(
                Field::new("reason", "根拠番号", Kind::Short)
                    .value(shown.asked.reason.clone().unwrap_or_default()),
            );
    let whole = shown.asked.kind == OperationKind::Reveal;
    let reason = shown.asked.reason.clone().unwrap_or_default();
    let reveal = (!whole).then(|| {
        let action = format!("/cs/shown/{}/reveal", shown.receipt.index);
        Form::new(action, "番号をすべて表示する", guard::random_hex())
            .quiet()
            .field(Field::new("reason", "根拠番号", Kind::Short).id("reveal-reason").value(reason))
    });
    let mut facts = items(resident, whole);
    facts.push(("照会の根拠番号".to_owned(), reason_cell(shown.asked.reason.as_deref())));
    page(&ResidentPage {
        frame,
        receipt: words::receipt(&shown.receipt),
        facts,
        household: None,
        reveal,
        print,
        back: None,
    })
}

fn sheet(ask: &Ask, shown: &Shown, resident: &Resident) -> Response {
    let (_, heading, number) = FORMS[0];
    let who = ask.stay().map_or(String::new(), |stay| {
        let city = ask.app.office().city();
        let section = city.workplace_of(&stay.person, shown.at);
        format!("{section}　{}　端末 {}", city.name_of(&stay.person), stay.terminal)
    });
    let mut facts = items(resident, true);
    facts.retain(|(name, _)| name != "個人番号");
    page(&SheetPage {
        frame: cs_frame(ask, "帳票の印刷", &["20-2"]),
        receipt: words::receipt(&shown.receipt),
        form_number: number.to_owned(),
        printed: words::moment_long(shown.at),
        heading: heading.to_owned(),
        facts,
        operator: who,
        reason: match &shown.asked.reason {
            Some(reason) => format!("根拠番号　{reason}"),
            None => "根拠番号なし".to_owned(),
        },
        back: Link::new("/cs", "CS業務へ"),
    })
}
