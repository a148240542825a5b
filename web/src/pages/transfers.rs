//! `/transfers`: lists of people who work elsewhere from a day on (人事異動), looked at before they count, and
//! reversed by a later fact where they should not have counted.

use forms::Faults;
use jiff::Timestamp;
use register::organization::transfer::{self, Moving, Preview, Transfer, TransferFile};
use register::organization::{Act, Workplace};
use register::{City, OfficeId, TransferId};

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{banner, done, judge, submit};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, oversees, render};
use crate::trouble::{Answer, Trouble, at_fields, see_other};
use crate::typed::{Problems, Typed};
use crate::view::{Banner, Cell, Choice, Field, Form, Kind, Link, State, Table, Tone};
use crate::words;

/// `GET /transfers`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let kept = ask.kept().unwrap_or_default();
    render_page(ask, &kept, &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let mut frame = ask.frame("人事異動", "/transfers", &["3-2", "6-2", "7-6"]);
    frame.trail = vec![Link::new("/posts", "組織"), Link::new("", "人事異動")];
    frame.notices.extend(banner(ask));
    let lists = lists(ask);
    let upload = Form::new("/transfers", "中身を確かめる", guard::random_hex()).field(
        Field::new("list", "異動の一覧（personnel.csv）", Kind::File(".csv")).need().hint(
            "職員番号、氏名、フリガナ、旧所属、旧役職、新所属、新役職、発令日の列があるCSV。次の画面で中身を確かめてから登録します",
        ),
    );
    let mut panels = vec![Panel {
        anchor: "upload".to_owned(),
        heading: "異動の一覧を登録する".to_owned(),
        under: words::cites(&["7-6"]),
        lead: "一覧に一つでも誤りがあれば、何も登録されません。".to_owned(),
        why: transfer_why(ask),
        form: fill(upload, typed, problems, &mut frame),
    }];
    let counting: Vec<&(TransferId, Transfer)> =
        lists.iter().filter(|(_, list)| list.reversed.is_none()).collect();
    if let Some((first, _)) = counting.first() {
        let act = Act::ReverseTransfer { list: first.clone(), reason: "理由".to_owned() };
        panels.push(Panel {
            anchor: "reverse".to_owned(),
            heading: "一覧を取り消す".to_owned(),
            under: words::cites(&["7-6"]),
            lead: "一覧がなかった場合の姿に戻します。一覧と取消しは、どちらも原簿に残ります。".to_owned(),
            why: judge(ask, &act.into()),
            form: fill(reverse_form(&counting), typed, problems, &mut frame),
        });
    }
    let forms: Vec<&Form> = panels.iter().map(|panel| &panel.form).collect();
    tell_the_rest(&mut frame, &forms, problems);
    let table = {
        let office = ask.app.office();
        lists_table(&office.city(), &lists, office.now())
    };
    let page = DeskPage {
        frame,
        lead: "一覧は発令日に自動で効きます。職に充てられた規程の職と権限が移り、カードなど引き継ぐものが示されます。".to_owned(),
        tables: vec![table],
        panels,
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

/// The lists, newest first.
fn lists(ask: &Ask) -> Vec<(TransferId, Transfer)> {
    let city = ask.app.office().city();
    let mut lists: Vec<_> =
        city.organization.transfers().map(|(id, list)| (id.clone(), list.clone())).collect();
    lists.sort_by_key(|(_, list)| std::cmp::Reverse((list.day, list.recorded.at)));
    lists
}

fn lists_table(city: &City, lists: &[(TransferId, Transfer)], now: Timestamp) -> Table {
    let today = register::japan_day(now);
    let mut table = Table::new("異動の一覧", "登録された一覧はまだありません。")
        .head("発令日", "t")
        .column("人数", "n")
        .column("登録した人", "t")
        .column("いま", "t")
        .column("取り消した理由", "w")
        .column("原簿", "t");
    for (_, list) in lists {
        let state = list.japanese_on(today);
        let badge = match (&list.reversed, list.day <= today) {
            (Some(_), _) => State::Plain,
            (None, true) => State::Good,
            (None, false) => State::Owed,
        };
        table.push(vec![
            Cell::link(format!("/transfers/{}", list.digest), words::day(list.day)),
            Cell::text(list.people.to_string()),
            Cell::Sub(city.name_of(&list.by), words::moment(list.recorded.at)),
            Cell::badge(badge, state),
            match &list.reversed {
                Some(reversal) => Cell::Sub(
                    reversal.reason.clone(),
                    format!("{}　{}", city.name_of(&reversal.by), words::moment(reversal.recorded.at)),
                ),
                None => Cell::text("－"),
            },
            Cell::Receipt(words::receipt(&list.recorded.receipt)),
        ]);
    }
    table
}

fn reverse_form(lists: &[&(TransferId, Transfer)]) -> Form {
    let lists = lists.iter().map(|(id, list)| {
        Choice::new(id.as_str(), format!("{}付け・{}人", words::day(list.day), list.people))
    });
    let lists = std::iter::once(Choice::new("", "選んでください")).chain(lists).collect();
    Form::new("/transfers/reverse", "取り消す", guard::random_hex())
        .quiet()
        .field(Field::new("transfer", "一覧", Kind::Select(lists)).need())
        .field(Field::new("reason", "取り消す理由", Kind::Text).need())
}

/// Why this person may enter no list.
fn transfer_why(ask: &Ask) -> Option<String> {
    let list = "T-0".parse().ok()?;
    judge(ask, &Act::Transfer { list, digest: String::new(), rows: Vec::new(), vacant: Vec::new() }.into())
}

/// `POST /transfers`: the file is kept, and looked at on its own page.
pub(crate) fn hand_in(ask: &Ask) -> Answer {
    match ask.upload("list") {
        Ok(Some(upload)) => Ok(see_other(&format!("/transfers/{}", upload.sha256))),
        Ok(None) => render_page(ask, &ask.typed, &Problems::one("list", "ファイルを選んでください")),
        Err(why) => render_page(ask, &ask.typed, &Problems::one("list", why)),
    }
}

/// `GET /transfers/{sha256}`: what a list would bring, or brought.
pub(crate) fn preview(ask: &Ask) -> Answer {
    let kept = ask.kept().unwrap_or_default();
    render_preview(ask, &kept, &Problems::default())
}

/// The file in the address, for those who may see lists of staff.
fn file(ask: &Ask) -> Result<Vec<u8>, Trouble> {
    let office = ask.app.office();
    let me = ask.person().ok_or(Trouble::NobodyHere)?;
    let all = oversees(&office.city(), me, office.now());
    if !all {
        return Err(Trouble::NotYours("異動の一覧を見られるのは、規程の職にある人です。".to_owned()));
    }
    office.document(ask.part("sha256")).map_err(|error| match error {
        office::DocumentError::Unknown { .. } => Trouble::Missing,
        office::DocumentError::Tampered { .. } => Trouble::Tampered(error.japanese()),
        error => Trouble::broken(error),
    })
}

fn render_preview(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let bytes = file(ask)?;
    let mut frame = ask.frame("異動の一覧を確かめる", "/transfers", &["3-2", "6-2", "7-6"]);
    frame.trail =
        vec![Link::new("/posts", "組織"), Link::new("/transfers", "人事異動"), Link::new("", "確かめる")];
    frame.notices.extend(banner(ask));
    let office = ask.app.office();
    let now = office.now();
    // Let go of the city before its regulation is asked about the act.
    let found = read(&office.city(), &bytes, now);
    let (tables, panels) = match found {
        Read::Applied(list) => {
            frame.notices.push(Banner::new(
                Tone::Info,
                format!("この一覧は{}付けで登録されています", words::day(list.day)),
            ));
            (Vec::new(), Vec::new())
        }
        Read::Faulty(faults) => {
            frame.wrong = true;
            frame.notices.push(
                Banner::new(Tone::Wrong, format!("一覧に{}か所の誤りがあります", faults.count()))
                    .line("何も登録されていません。ファイルを直して、もう一度選んでください。")
                    .link("/transfers", "ファイルを選び直す"),
            );
            (vec![faults_table(&faults)], Vec::new())
        }
        Read::Sound(file, preview) => {
            frame.notices.extend(warnings(&file, &preview));
            let tables = {
                let city = office.city();
                vec![moving(&city, &preview), vacated(&preview)]
            };
            let panel = apply_panel(ask, &file, &preview);
            let form = fill(panel.form, typed, problems, &mut frame);
            (tables, vec![Panel { form, ..panel }])
        }
    };
    let forms: Vec<&Form> = panels.iter().map(|panel| &panel.form).collect();
    tell_the_rest(&mut frame, &forms, problems);
    let lead = format!("ファイルのSHA-256：{}", ask.part("sha256"));
    let tables = tables.into_iter().filter(|table: &Table| !table.rows.is_empty()).collect();
    Ok(render(
        form_status(!problems.is_empty()),
        &DeskPage { frame, lead, tables, panels, ..DeskPage::default() },
    ))
}

/// What a file is.
enum Read {
    Applied(Box<Transfer>),
    Faulty(Faults),
    Sound(Box<TransferFile>, Box<Preview>),
}

fn read(city: &City, bytes: &[u8], now: Timestamp) -> Read {
    let file = match transfer::read(bytes) {
        Ok(file) => file,
        Err(faults) => return Read::Faulty(faults),
    };
    let mut lists = city.organization.transfers();
    if let Some((_, list)) = lists.find(|(_, list)| list.digest == file.digest && list.reversed.is_none()) {
        return Read::Applied(Box::new(list.clone()));
    }
    match transfer::preview(city, &file.rows, now) {
        Ok(preview) => Read::Sound(Box::new(file), Box::new(preview)),
        Err(faults) => Read::Faulty(faults),
    }
}

/// Every fault of a file, by line and column.
pub(crate) fn faults_table(faults: &Faults) -> Table {
    let mut table = Table::new("誤りのあるところ", "")
        .note(format!("{}か所", faults.count()))
        .head("行", "n")
        .column("列", "t")
        .column("どこがいけないか", "w");
    for fault in faults.iter() {
        table.push(vec![
            Cell::text(format!("{}行目", fault.line)),
            Cell::text(fault.column.unwrap_or("－")),
            Cell::text(&fault.text),
        ]);
    }
    table
}

fn warnings(file: &TransferFile, preview: &Preview) -> Vec<Banner> {
    let mut banners = vec![
        Banner::new(
            Tone::Info,
            format!("{}付け・{}人の異動です", words::day(preview.day), preview.people.len()),
        )
        .line("まだ登録されていません。下の内容を確かめてから登録してください。"),
    ];
    if preview.late {
        banners
            .push(Banner::new(Tone::Care, "発令日を過ぎています").line(
                "登録するとすぐに効きます。発令日から今日までに行われたことは、元の職のまま残ります。",
            ));
    }
    let outside: Vec<&str> = preview.outside().into_iter().collect();
    if !outside.is_empty() {
        banners.push(
            Banner::new(Tone::Care, "この規程に関わらない所属があります")
                .line(format!("書き間違いでないか確かめてください：{}", outside.join("、"))),
        );
    }
    let mut passed = Vec::new();
    if !file.ignored.is_empty() {
        passed.push(format!("使わない列：{}", file.ignored.join("、")));
    }
    if !preview.passed_over.is_empty() {
        passed.push(format!("この規程に関わらない人の行：{}行", preview.passed_over.len()));
    }
    if !passed.is_empty() {
        let banner = Banner::new(Tone::Info, "読み飛ばしたところがあります");
        banners.push(passed.into_iter().fold(banner, Banner::line));
    }
    banners
}

fn moving(city: &City, preview: &Preview) -> Table {
    let mut table = Table::new("移る人", "")
        .note(format!("{}人・横に動かして見られます", preview.people.len()))
        .head("職員", "t")
        .column("所属", "w")
        .column("就く職・離れる職", "")
        .column("得る規程の職", "")
        .column("失う規程の職", "")
        .column("引き継ぐもの", "w");
    table.tall = preview.people.len() > 20;
    for one in &preview.people {
        let offices = one.gained.iter().map(|office| format!("就く：{}", city.office_name(office)));
        let left = one.lost.iter().map(|office| format!("離れる：{}", city.office_name(office)));
        table.push(vec![
            Cell::Sub(one.name.clone(), format!("{}・{}行目", one.person, one.line)),
            Cell::text(way(city, one)),
            Cell::Lines(offices.chain(left).collect()),
            Cell::Lines(one.posts_gained.iter().map(|post| post.name.clone()).collect()),
            Cell::Lines(one.posts_lost.iter().map(|post| post.name.clone()).collect()),
            Cell::Lines(one.hand_over.iter().map(|item| item.japanese(city)).collect()),
        ]);
    }
    table
}

fn way(city: &City, one: &Moving) -> String {
    let name = |place: &Workplace, none: &str| match place {
        Workplace::Nowhere => none.to_owned(),
        place => city.workplace_name(place),
    };
    let joins = if one.joins { "（新しく登録）" } else { "" };
    format!("{} → {}{joins}", name(&one.from, "採用"), name(&one.to, "退職"))
}

fn vacated(preview: &Preview) -> Table {
    let mut table = Table::new("空席になる職", "")
        .note(format!("{}職・登録すると、後任の発令が義務になります", preview.vacated.len()))
        .head("職", "t")
        .column("だれもいなくなる規程の職", "w");
    for vacated in &preview.vacated {
        let posts = vacated.posts.iter().map(|post| post.name.clone()).collect();
        table.push(vec![Cell::text(&vacated.name), Cell::Lines(posts)]);
    }
    table
}

fn apply_panel(ask: &Ask, file: &TransferFile, preview: &Preview) -> Panel {
    let mut form =
        Form::new(format!("/transfers/{}", file.digest), "この一覧を登録する", guard::random_hex())
            .back("/transfers", "やめて戻る");
    if !preview.vacated.is_empty() {
        let offices = preview.vacated.iter();
        let offices =
            offices.map(|one| Choice::new(one.office.as_str(), format!("{}が空席になる", one.name)));
        form = form.field(
            Field::new("vacant", "空席になることを確かめた職", Kind::Boxes(offices.collect()))
                .need()
                .hint("すべてに印を付けないと登録できません"),
        );
    }
    Panel {
        anchor: "apply".to_owned(),
        heading: "この一覧を登録する".to_owned(),
        under: words::cites(&["7-6"]),
        lead: "全員の異動が一度に登録され、発令日に効きます。".to_owned(),
        why: transfer_why(ask),
        form,
    }
}

/// `POST /transfers/{sha256}`: the list counts.
pub(crate) fn apply(ask: &Ask) -> Answer {
    let bytes = file(ask)?;
    let Ok(file) = transfer::read(&bytes) else {
        return render_preview(ask, &ask.typed, &Problems::default());
    };
    let vacant: Vec<OfficeId> = ask.typed.all("vacant").filter_map(|id| id.parse().ok()).collect();
    // The submission's own number, so that sending twice enters one list.
    let number = ask.request().to_string();
    let list: TransferId =
        format!("T-{}", number.get(2..14).unwrap_or_default()).parse().map_err(Trouble::broken)?;
    match submit(ask, Act::Transfer { list, digest: file.digest, rows: file.rows, vacant }.into()) {
        Ok(finished) => Ok(done("/transfers", &finished.receipt)),
        Err(declined) => render_preview(ask, &ask.typed, &at_fields(declined, str::to_owned)?),
    }
}

/// `POST /transfers/reverse`.
pub(crate) fn reverse(ask: &Ask) -> Answer {
    let mut problems = Problems::default();
    let list: Option<TransferId> = ask.typed.get("transfer").parse().ok();
    if list.is_none() {
        problems.add("transfer", "選んでください");
    }
    if ask.typed.get("reason").is_empty() {
        problems.add("reason", "入力してください");
    }
    let (Some(list), true) = (list, problems.is_empty()) else {
        return render_page(ask, &ask.typed, &problems);
    };
    match submit(ask, Act::ReverseTransfer { list, reason: ask.typed.get("reason").to_owned() }.into()) {
        Ok(finished) => Ok(done("/transfers", &finished.receipt)),
        Err(declined) => render_page(ask, &ask.typed, &at_fields(declined, str::to_owned)?),
    }
}
