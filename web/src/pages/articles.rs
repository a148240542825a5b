//! `/articles/{citation}`: what the article demands, what enforces it, and what shows that it does.

use std::collections::BTreeSet;

use office::catalogue;
use policy::Effect;
use register::City;
use register::board::rank;
use regulation::{Article, Citation, Coverage, Demand, coverage};

use crate::ask::Ask;
use crate::limits;
use crate::pages::regulation::evidence_of;
use crate::pages::views::{ArticlePage, DemandView};
use crate::pages::{duties, oversees, page};
use crate::trouble::{Answer, Trouble, see_other};
use crate::view::{Badge, Cell, Frame, Link, State, Table};
use crate::words;

/// `GET /articles/{citation}`. A place within an article leads to that place on the article's page.
pub(crate) fn show(ask: &Ask) -> Answer {
    let profile = ask.app.office().profile();
    let citation: Citation = ask.part("citation").parse().map_err(|_| Trouble::Missing)?;
    let article = profile.article(citation.article()).ok_or(Trouble::Missing)?;
    if citation != article.citation() {
        if !profile.knows(&citation) {
            return Err(Trouble::Missing);
        }
        let anchor = crate::typed::encode(&words::anchor(citation));
        return Ok(see_other(&format!("/articles/{}#{anchor}", article.citation())));
    }
    let number = article.citation().japanese();
    let title =
        if article.caption.is_empty() { number } else { format!("{number}（{}）", article.caption) };
    let chapter = profile.chapter(article.chapter);
    let frame = Frame {
        trail: vec![
            Link::new("/regulation", "規程"),
            Link::new(
                format!("/regulation#chapter-{}", article.chapter),
                chapter.map_or(String::new(), |chapter| format!("第{}章　{}", chapter.number, chapter.title)),
            ),
            Link::new("", title.clone()),
        ],
        ..ask.frame(title, "/regulation", &[])
    };
    let provided = catalogue(profile, ask.app.office().regulator());
    let rows = coverage(profile, &provided);
    let mut demands: Vec<DemandView> = profile
        .demands_of(article.number)
        .map(|demand| demand_view(ask, demand, rows.iter().find(|row| row.id == demand.id), &provided))
        .collect();
    tell_apart(&mut demands);
    let place =
        profile.articles().iter().position(|other| other.number == article.number).unwrap_or_default();
    let link = |other: &Article| {
        let number = other.citation().japanese();
        Link::new(format!("/articles/{}", other.citation()), format!("{number}（{}）", other.caption))
    };
    let city = ask.app.office().city();
    Ok(page(&ArticlePage {
        duties: owed(ask, &city, article),
        evidence: evidence(&city, article),
        refusals: refusals(ask, &city, article),
        previous: place.checked_sub(1).and_then(|at| profile.articles().get(at)).map(link),
        next: profile.articles().get(place + 1).map(link),
        frame,
        demands,
    }))
}

/// What is owed under an article, the most pressing first.
fn owed(ask: &Ask, city: &City, article: &Article) -> Table {
    let now = ask.app.office().now();
    let mut duties = city.duties(now);
    duties.retain(|duty| duty.citation.article() == article.number);
    rank(&mut duties, register::japan_day(now));
    let empty = "この条で果たすべき義務は、いまはありません。";
    duties::table(
        city,
        &duties.iter().collect::<Vec<_>>(),
        ask.person(),
        now,
        ("この条で果たすべき義務", empty),
        None,
    )
}

/// Several demands may stand on one place: links lead to the first, the others have a number behind.
fn tell_apart(demands: &mut [DemandView]) {
    for at in (1..demands.len()).rev() {
        let (before, rest) = demands.split_at_mut(at);
        let same = before.iter().filter(|other| other.anchor == rest[0].anchor).count();
        if same > 0 {
            rest[0].anchor = format!("{}_{}", rest[0].anchor, same + 1);
        }
    }
}

fn demand_view(
    ask: &Ask,
    demand: &Demand,
    row: Option<&Coverage>,
    provided: &BTreeSet<String>,
) -> DemandView {
    let profile = ask.app.office().profile();
    let met = row.is_some_and(|row| row.met);
    let none = row.is_none_or(|row| row.by.is_empty());
    let state = match (met, none) {
        (true, _) => Badge::new(State::Good, "充たしている"),
        (false, true) => Badge::new(State::Unmet, "まだ充たしていない"),
        (false, false) => Badge::new(State::Owed, "一部だけ充たしている"),
    };
    let mut means = Table::new(
        format!("これを守らせているもの（{}）", demand.id),
        "この求めを充たす手段はまだありません。",
    )
    .head("手段", "t")
    .column("内容（ポリシーでは、拒むときの理由）", "w")
    .column("こうすれば進める", "w");
    for need in demand.needs.iter().filter(|need| provided.contains(*need)) {
        means.push(means_row(ask, need));
    }
    let missing = demand.needs.iter().filter(|need| !provided.contains(*need));
    let missing: Vec<String> = missing.map(|need| missing_means(need)).collect();
    let first = demand.citations.first();
    let places: Vec<String> = demand.citations.iter().map(|citation| citation.japanese()).collect();
    let readings = profile
        .interpretations()
        .iter()
        .filter(|reading| demand.citations.contains(&reading.citation))
        .map(|reading| format!("{} {} （理由：{}）", reading.question, reading.reading, reading.reason))
        .collect();
    DemandView {
        anchor: first.map_or(String::new(), |citation| words::anchor(*citation)),
        places: places.join("・"),
        kind: Badge::new(State::Plain, demand.kind.japanese()),
        state,
        wording: demand.wording.clone(),
        evidence: demand.evidence.clone(),
        means,
        missing: missing.join("、"),
        readings,
    }
}

/// What a kind of means is called.
fn kind_of_means(kind: &str) -> &'static str {
    match kind {
        "policy" => "ポリシー",
        "ledger" => "管理簿",
        "record" => "記録",
        "setting" => "設定",
        "duty" => "義務",
        "term" => "用語",
        "act" => "手続",
        _ => "部分",
    }
}

/// A means that is not there yet.
fn missing_means(need: &str) -> String {
    let (kind, id) = need.split_once(':').unwrap_or((need, ""));
    format!("{} {id}", kind_of_means(kind))
}

/// One means that is there: a policy, a duty, a ledger, a record, a setting, a term.
fn means_row(ask: &Ask, need: &str) -> Vec<Cell> {
    let office = ask.app.office();
    let (kind, id) = need.split_once(':').unwrap_or((need, ""));
    let mut remedy = Cell::text("－");
    let content = match kind {
        "policy" => {
            let policy = office.regulator().policy(id).filter(|policy| policy.effect == Effect::Forbid);
            remedy = policy.map_or(remedy, |policy| Cell::text(&policy.remedy));
            Cell::text(policy.map_or("", |policy| policy.reason.as_str()))
        }
        "ledger" => match register::ledger(id) {
            Some(ledger) => Cell::link(format!("/ledgers/{}", ledger.id), ledger.name),
            None => Cell::text(""),
        },
        "setting" => {
            let setting = office.profile().settings().get(id);
            setting.map_or(Cell::text(""), |setting| {
                let value = office.setting_values().get(id).unwrap_or(setting.value);
                let rule = office.city().setting_from(id, office.now()).map(|rule| rule.title.clone());
                let why = rule.map_or(setting.reason.clone(), |rule| format!("定め「{rule}」による"));
                Cell::Sub(format!("{}：{}", setting.name, setting.print(value)), why)
            })
        }
        "record" => Cell::text(format!("「{}」の記録を原簿に残す", register::fact_name(id))),
        "duty" => Cell::text("果たされるまで「いま果たすべき義務」に示す"),
        "term" => Cell::text("プログラムの中で、この意味の型として使う"),
        _ => Cell::text("手続として受け付ける"),
    };
    vec![Cell::Sub(kind_of_means(kind).to_owned(), id.to_owned()), content, remedy]
}

fn evidence(city: &City, article: &Article) -> Table {
    let mut table = Table::new("最近の記録", "この条を守っていることを示す記録は、まだありません。")
        .head("日時", "t")
        .column("何があったか", "")
        .column("原簿", "t");
    for (receipt, at, fact) in evidence_of(city, article).into_iter().take(limits::EVIDENCE) {
        table.push(vec![
            Cell::text(words::moment(at)),
            Cell::text(register::fact_name(&fact)),
            Cell::Receipt(words::receipt(&receipt)),
        ]);
    }
    table
}

/// Refusals under the article. Whose they are is for the posts of the regulation to see, and for oneself.
fn refusals(ask: &Ask, city: &City, article: &Article) -> Table {
    let now = ask.app.office().now();
    let all = ask.person().is_some_and(|person| oversees(city, person, now));
    let mut table = Table::new("最近の拒否", "この条による拒否の記録はありません。")
        .head("日時", "t")
        .column("だれが", "t")
        .column("何を", "t")
        .column("理由", "w")
        .column("原簿", "t");
    let under = city.refusals().filter(|past| {
        past.refused.refusal.citations().iter().any(|citation| citation.article() == article.number)
    });
    for past in under.take(limits::EVIDENCE) {
        let shown = all || ask.person() == Some(&past.by);
        let reasons = past
            .refused
            .refusal
            .grounds
            .iter()
            .filter(|ground| ground.citation.is_some_and(|citation| citation.article() == article.number))
            .map(|ground| ground.reason.clone())
            .collect();
        table.push(vec![
            Cell::text(words::moment(past.at)),
            Cell::text(if shown {
                city.name_of(&past.by)
            } else {
                "（氏名は示しません）".to_owned()
            }),
            Cell::text(register::action_name(&past.refused.action)),
            Cell::Lines(reasons),
            Cell::Receipt(words::receipt(&past.receipt)),
        ]);
    }
    table
}
