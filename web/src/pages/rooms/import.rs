//! `/rooms/passages/import`: the records of an existing door system come in (第12条第1項).

use forms::Faults;
use office::Declined;
use register::rooms::{Act, Fact, Imported, PassageFile, import};
use register::{Fact as AnyFact, Invalid};

use super::frame;
use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{banner, done, judge, submit};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, render, transfers};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::typed::{Problems, Typed};
use crate::view::{Banner, Field, Form, Frame, Kind, Link, Table, Tone};
use crate::words;

const PAGE: &str = "/rooms/passages/import";

/// `GET /rooms/passages/import`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, &ask.kept().unwrap_or_default(), &Problems::default(), None)
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems, faults: Option<&Faults>) -> Answer {
    let title = "入退室の記録を取り込む";
    let mut frame = Frame {
        trail: vec![
            Link::new("/rooms", "室と鍵"),
            Link::new("/rooms/passages", "入退室管理簿"),
            Link::new("", title),
        ],
        ..frame(ask, title, "/rooms/passages", &["12-1"])
    };
    frame.notices.extend(came_in(ask).or_else(|| banner(ask)));
    if let Some(faults) = faults {
        frame.wrong = true;
        frame.notices.push(
            Banner::new(Tone::Wrong, format!("ファイルに{}か所の誤りがあります", faults.count()))
                .line("何も取り込まれていません。ファイルを直して、もう一度選んでください。"),
        );
    }
    let example =
        Act::ImportPassages(PassageFile { rows: Vec::new(), digest: String::new(), ignored: Vec::new() });
    let form = Form::new(PAGE, "取り込む", guard::random_hex()).field(
        Field::new("file", "入退室の記録（passages.csv）", Kind::File(".csv")).need().hint(
            "日時、室、方向、氏名、職員番号、方法の列が要ります。所属、立会者、名札番号、目的の列があれば、それも取り込みます",
        ),
    );
    let form = fill(form, typed, problems, &mut frame);
    tell_the_rest(&mut frame, &[&form], problems);
    let panel = Panel {
        anchor: "import".to_owned(),
        heading: "ファイルを選ぶ".to_owned(),
        under: words::cites(&["12-1"]),
        lead: "一つでも誤りがあれば、何も取り込まれません。既にある記録は、二重には取り込まれません。"
            .to_owned(),
        why: judge(ask, &example.into()),
        form,
    };
    let tables: Vec<Table> = faults.map(transfers::faults_table).into_iter().collect();
    let page = DeskPage {
        frame,
        lead: "既にある入退室管理の仕組みから書き出した記録を取り込み、許可と鍵の貸出しに照らします。"
            .to_owned(),
        tables,
        panels: vec![panel],
        links: vec![
            Link::new("/rooms/passages", "入退室管理簿へ"),
            Link::new("/rooms/findings", "照合の結果へ"),
        ],
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty() || faults.is_some()), &page))
}

/// What the file that just came in brought, read from the journal itself.
fn came_in(ask: &Ask) -> Option<Banner> {
    let receipt = words::read_receipt(&ask.query.some("done")?)?;
    let told = ask.app.office().told(&receipt).ok()??;
    let AnyFact::Rooms(Fact::PassagesImported(imported)) = &told.entry.fact else { return None };
    if ask.person() != Some(&told.entry.by) {
        return None;
    }
    let Imported { lines, again, found, .. } = imported.as_ref();
    let tone = if *found == 0 { Tone::Done } else { Tone::Care };
    let told =
        Banner::new(tone, format!("{}件を新しく取り込みました", words::grouped((lines - again) as u64)))
            .line(format!(
                "ファイルの{}行のうち、{}行は既にある記録でした。",
                words::grouped(*lines as u64),
                words::grouped(*again as u64)
            ))
            .receipt(words::receipt(&receipt));
    Some(match found {
        0 => told.line("許可と鍵の貸出しに合わないものはありませんでした。"),
        many => told
            .line(format!("許可や鍵の貸出しに合わないものが{many}件あります。"))
            .link("/rooms/findings", "照合の結果を見る"),
    })
}

/// `POST /rooms/passages/import`.
pub(crate) fn hand_in(ask: &Ask) -> Answer {
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems, None);
    let upload = match ask.upload("file") {
        Ok(Some(upload)) => upload,
        Ok(None) => return again(&Problems::one("file", "ファイルを選んでください")),
        Err(why) => return again(&Problems::one("file", why)),
    };
    let bytes = ask.app.office().document(&upload.sha256).map_err(Trouble::broken)?;
    let file = match import::read(&bytes) {
        Ok(file) => file,
        Err(faults) => return faulty(ask, &faults),
    };
    match submit(ask, Act::ImportPassages(file).into()) {
        Ok(finished) => Ok(done(PAGE, &finished.receipt)),
        Err(Declined::Invalid(Invalid::List(faults))) => faulty(ask, &faults),
        Err(declined) => again(&at_fields(declined, |_| "file".to_owned())?),
    }
}

/// The faults of a file. The file itself is kept, so that the form still carries it.
fn faulty(ask: &Ask, faults: &Faults) -> Answer {
    let problems = Problems::one("file", format!("{}か所の誤りがあります", faults.count()));
    render_page(ask, &ask.typed, &problems, Some(faults))
}
