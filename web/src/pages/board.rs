//! `/board`: what the head sees in the morning, article by article; and the same on one sheet for the council.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use register::board::{ArticleState, Light, REFUSED_DAYS};
use register::{Board, City, Duty, PersonId};
use regulation::wareki;

use crate::ask::Ask;
use crate::pages::desk::banner;
use crate::pages::duties;
use crate::pages::regulation::Live;
use crate::pages::views::{BoardChapter, BoardLine, BoardPage, BoardSheet};
use crate::pages::{oversees, page};
use crate::trouble::{Answer, Trouble};
use crate::view::{Badge, Banner, Field, Figure, Form, Frame, Kind, Link, State, Tone};
use crate::words;

/// Duties on the sheet: as many as fit beside the articles.
const ON_SHEET: usize = 10;

/// What is looked at.
struct Asked {
    /// The past day whose end is looked at; none for now.
    day: Option<Date>,
    at: Timestamp,
    section: String,
}

fn asked(ask: &Ask) -> Result<Asked, Trouble> {
    let now = ask.app.office().now();
    let section = ask.query.get("section").to_owned();
    let Some(text) = ask.query.some("as-of") else { return Ok(Asked { day: None, at: now, section }) };
    let day = wareki::parse(&text).map_err(|error| Trouble::Unreadable(error.japanese()))?;
    let end = words::end_of_day(day).ok_or(Trouble::Missing)?;
    if end >= now {
        return Ok(Asked { day: None, at: now, section });
    }
    Ok(Asked { day: Some(day), at: end, section })
}

/// Looks at the city as it is, or as it was: the past is folded anew from the journal.
fn look<T>(ask: &Ask, asked: &Asked, view: impl FnOnce(&City, &Board) -> T) -> Result<T, Trouble> {
    let office = ask.app.office();
    let me = ask.person().ok_or(Trouble::NobodyHere)?;
    if !oversees(&office.city(), me, office.now()) {
        return Err(Trouble::NotYours(
            "この一覧を見られるのは、規程の職にある人です。自分の義務は「自分の義務」で見られます。"
                .to_owned(),
        ));
    }
    let seen = |city: &City| {
        let mut board = Board::of(city, asked.at);
        if !asked.section.is_empty() {
            only(&mut board, city, &asked.section);
        }
        view(city, &board)
    };
    Ok(match asked.day {
        Some(_) => seen(&office.as_of(asked.at).map_err(Trouble::broken)?),
        None => seen(&office.city()),
    })
}

/// Leaves of a board what one section owes.
fn only(board: &mut Board, city: &City, section: &str) {
    let today = board.day;
    board.duties.retain(|duty| duties::of_section(city, &duty.owed_by, section, today));
    for article in &mut board.articles {
        let mine = || board.duties.iter().filter(|duty| duty.citation.article() == article.article.article());
        article.owed = mine().count();
        article.overdue = mine().filter(|duty| duty.overdue(today)).count();
        article.since = mine().filter_map(|duty| duty.since).min();
        article.light = match (article.owed, article.overdue) {
            (0, _) => Light::InOrder,
            (_, 0) => Light::Owed,
            _ => Light::Overdue,
        };
    }
}

/// `GET /board`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let asked = asked(ask)?;
    let mut frame = ask.frame("けさの状況", "/board", &[]);
    frame.trail = vec![Link::new("", "義務と状況")];
    if let Some(day) = asked.day {
        frame.title = format!("{}の状況", words::day(day));
        frame.notices.push(
            Banner::new(Tone::Info, format!("{}の終わりの姿です", words::day(day)))
                .line("その日までの原簿から作り直しました。いまの姿ではありません。")
                .link("/board", "いまの状況へ"),
        );
    }
    let met = met(ask);
    frame.notices.extend(banner(ask));
    // Asked before the city is held.
    let remind = duties::may_remind(ask).then_some("/board").filter(|_| asked.day.is_none());
    let me = ask.person().cloned();
    let page_ =
        look(ask, &asked, |city, board| board_page(city, board, &asked, (me.as_ref(), remind), &met, frame))?;
    Ok(page(&page_))
}

/// How many demands of each article the product meets, and how many there are.
fn met(ask: &Ask) -> Vec<(usize, usize)> {
    let office = ask.app.office();
    let now = office.now();
    let live = Live::of(ask, &office.city(), now);
    office.profile().articles().iter().map(|article| live.met(ask, article)).collect()
}

fn board_page(
    city: &City,
    board: &Board,
    asked: &Asked,
    (me, remind): (Option<&PersonId>, Option<&str>),
    met: &[(usize, usize)],
    frame: Frame,
) -> BoardPage {
    let today = board.day;
    let (late, rest): (Vec<&Duty>, Vec<&Duty>) = board.duties.iter().partition(|duty| duty.overdue(today));
    let filters = Form::new("/board", "見る", "")
        .field(Field::new("section", "課所", Kind::Select(duties::sections(city))).value(&asked.section))
        .field(
            Field::new("as-of", "この日の終わりの姿", Kind::Day)
                .value(asked.day.map_or(String::new(), |day| day.to_string())),
        );
    let mut query = Vec::new();
    query.extend(asked.day.map(|day| format!("as-of={day}")));
    if !asked.section.is_empty() {
        query.push(format!("section={}", crate::typed::encode(&asked.section)));
    }
    let print = match query.is_empty() {
        true => "/board/print".to_owned(),
        false => format!("/board/print?{}", query.join("&")),
    };
    // Of the past there is nothing to be done any more.
    let me = me.filter(|_| asked.day.is_none());
    let at = asked.at;
    BoardPage {
        figures: figures(city, board, at),
        late: duties::table(
            city,
            &late,
            me,
            at,
            ("期限を過ぎた義務", "期限を過ぎた義務はありません。"),
            remind,
        ),
        owed: duties::table(
            city,
            &rest,
            me,
            at,
            ("そのほかの義務", "そのほかに果たすべき義務はありません。"),
            None,
        ),
        chapters: chapters(city, board, met),
        filters,
        links: vec![Link::new(print, "A4の1枚に印刷する"), Link::new("/calendar", "暦で見る")],
        frame,
    }
}

fn figures(city: &City, board: &Board, at: Timestamp) -> Vec<Figure> {
    let late = board.duties.iter().filter(|duty| duty.overdue(board.day)).count();
    let since = at - SignedDuration::from_hours(24 * i64::from(REFUSED_DAYS));
    let refused = city.refusals().take_while(|past| past.at >= since).count();
    vec![
        Figure::new("期限を過ぎた義務", late.to_string(), "件"),
        Figure::new("果たすべき義務", board.duties.len().to_string(), "件"),
        Figure::new(
            "義務の残っていない条",
            board.count(Light::InOrder).to_string(),
            format!("／{}条", board.articles.len()),
        ),
        Figure::new(format!("拒否（{REFUSED_DAYS}日間）"), words::grouped(refused as u64), "件"),
    ]
}

fn chapters(city: &City, board: &Board, met: &[(usize, usize)]) -> Vec<BoardChapter> {
    let lines: Vec<(u16, BoardLine)> = board
        .articles
        .iter()
        .zip(met.iter().chain(std::iter::repeat(&(0, 0))))
        .map(|(article, met)| (article.chapter, line(article, *met)))
        .collect();
    let chapter = |chapter: &regulation::Chapter| BoardChapter {
        heading: format!("第{}章　{}", chapter.number, chapter.title),
        lines: lines.iter().filter(|(number, _)| *number == chapter.number).map(|(_, l)| l.clone()).collect(),
    };
    city.profile().chapters().iter().map(chapter).collect()
}

fn line(article: &ArticleState, (met, of): (usize, usize)) -> BoardLine {
    let state = match article.light {
        Light::Overdue => Badge::new(State::Late, "期限切れ"),
        Light::Owed => Badge::new(State::Owed, "義務あり"),
        Light::InOrder if met == 0 && of > 0 => Badge::new(State::Unmet, "未対応"),
        Light::InOrder if met < of => Badge::new(State::Plain, "一部対応"),
        Light::InOrder => Badge::new(State::Good, "守られている"),
    };
    BoardLine {
        id: article.article.to_string(),
        number: article.article.japanese(),
        caption: article.caption.clone(),
        state,
        owed: match (article.owed, article.overdue) {
            (0, _) => String::new(),
            (owed, 0) => format!("{owed}件"),
            (owed, late) => format!("{owed}件（期限切れ{late}件）"),
        },
        count: article.owed,
        since: article.since.map_or(String::new(), words::short_day),
        evidence: article.evidence,
        latest: article.latest.map_or(String::new(), words::moment),
        refused: article.refused,
    }
}

/// `GET /board/print`: one sheet of A4.
pub(crate) fn print(ask: &Ask) -> Answer {
    let asked = asked(ask)?;
    let frame = Frame {
        trail: vec![Link::new("/board", "義務と状況"), Link::new("", "状況の印刷")],
        ..ask.frame("状況の印刷", "/board", &[])
    };
    let met = met(ask);
    let sheet = look(ask, &asked, |city, board| sheet(city, board, &asked, &met, frame))?;
    Ok(page(&sheet))
}

fn sheet(city: &City, board: &Board, asked: &Asked, met: &[(usize, usize)], frame: Frame) -> BoardSheet {
    let shown: Vec<&Duty> = board.duties.iter().take(ON_SHEET).collect();
    let section = city.profile().section(&asked.section).map(|section| format!("（{}）", section.name));
    let mut duties = Vec::new();
    for duty in &shown {
        let badge = duties::badge(duty, board.day);
        duties.push([
            badge.text,
            duty.citation.japanese(),
            duty.what.clone(),
            city.owner_name(&duty.owed_by, asked.at),
            duty.due.map_or("－".to_owned(), words::short_day),
        ]);
    }
    BoardSheet {
        heading: format!("セキュリティ規程の状況{}", section.unwrap_or_default()),
        city: city.profile().municipality().to_owned(),
        moment: match asked.day {
            Some(day) => format!("{}の終わり", words::day(day)),
            None => words::moment_long(asked.at),
        },
        figures: figures(city, board, asked.at),
        more: board.duties.len().saturating_sub(shown.len()),
        duties,
        chapters: chapters(city, board, met),
        back: Link::new("/board", "けさの状況に戻る"),
        frame,
    }
}
