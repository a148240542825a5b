//! `/refusals`: what was refused under which articles; `/refused/…`: one refusal, with what would help.

use register::{Fact, PastRefusal, PersonId, Receipt};
use regulation::{Citation, wareki};

use crate::ask::Ask;
use crate::pages::views::{ListPage, RefusedPage};
use crate::pages::{oversees, page};
use crate::trouble::{Answer, Trouble, typed_in_words};
use crate::typed::encode;
use crate::view::{Cell, Choice, Field, Form, Frame, Kind, Link, Table};
use crate::words;

/// `GET /refusals`.
pub(crate) fn list(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let frame = ask.frame("拒否の記録", "/refusals", &["1"]);
    let city = office.city();
    let me = ask.person().ok_or(Trouble::NobodyHere)?;
    let all = oversees(&city, me, office.now());
    let article: Option<Citation> = ask.query.some("article").and_then(|text| text.parse().ok());
    let from = ask.query.some("from").and_then(|text| wareki::parse(&text).ok());
    let wanted = |past: &&PastRefusal| {
        (all || past.by == *me)
            && article
                .is_none_or(|article| past.refused.refusal.citations().iter().any(|c| article.contains(*c)))
            && from.is_none_or(|from| words::in_japan(past.at).date() >= from)
    };
    let found: Vec<&PastRefusal> = city.refusals().filter(wanted).collect();
    let (range, pages) = ask.pages(found.len());
    let mut table = Table::new("拒否", "当てはまる拒否の記録はありません。")
        .note(format!("新しい順・{}件", words::grouped(found.len() as u64)))
        .head("日時", "t")
        .column("だれが", "t")
        .column("何を", "t")
        .column("条項", "")
        .column("理由", "w")
        .column("原簿", "t");
    for past in &found[range] {
        let refusal = &past.refused.refusal;
        table.push(vec![
            Cell::text(words::moment(past.at)),
            Cell::Sub(city.name_of(&past.by), city.workplace_of(&past.by, past.at)),
            Cell::text(register::action_name(&past.refused.action)),
            Cell::Cites(refusal.citations().into_iter().map(words::cite).collect()),
            Cell::Lines(refusal.grounds.iter().map(|ground| ground.reason.clone()).collect()),
            Cell::Receipt(words::receipt(&past.receipt)),
        ]);
    }
    let lead = if all {
        "規程に照らして拒否された行為です。拒否も原簿に残り、消えません。"
    } else {
        "規程に照らして拒否された、あなたの行為です。ほかの人の拒否を見られるのは、規程の職にある人です。"
    };
    let articles = office.profile().articles().iter().map(|article| {
        Choice::new(
            article.citation().to_string(),
            format!("{}（{}）", article.citation().japanese(), article.caption),
        )
    });
    let filters = Form::new("/refusals", "絞り込む", "")
        .field(
            Field::new(
                "article",
                "条",
                Kind::Select(std::iter::once(Choice::new("", "すべて")).chain(articles).collect()),
            )
            .value(ask.query.get("article")),
        )
        .field(Field::new("from", "この日から", Kind::Short).value(ask.query.get("from")));
    Ok(page(&ListPage {
        frame,
        lead: lead.to_owned(),
        filters: Some(filters),
        tables: vec![table],
        pages,
        links: Vec::new(),
    }))
}

/// `GET /refused/{journal}/{index}`: for whoever was refused, at the browser where it happened or signed in, and
/// for those who oversee.
pub(crate) fn one(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let index = ask.part("index").parse().map_err(|_| Trouble::Missing)?;
    let receipt = Receipt { journal: ask.part("journal").to_owned(), index };
    let kept = ask.app.kept(&receipt.to_string(), &ask.visit.visitor, ask.person());
    let told = office.told(&receipt).map_err(Trouble::broken)?.ok_or(Trouble::Missing)?;
    let Fact::Refused(refused) = &told.entry.fact else { return Err(Trouble::Missing) };
    let may = kept.is_some() || may_see(ask, &told.entry.by);
    if !may {
        return Err(Trouble::Missing);
    }
    let action = register::action_name(&refused.action);
    let title = format!("{action}は認められません");
    let frame = Frame {
        trail: vec![Link::new("/refusals", "拒否の記録"), Link::new("", title.clone())],
        ..ask.frame(title, "/refusals", &[])
    };
    let again = kept.as_ref().filter(|kept| !kept.page.is_empty()).map(|kept| {
        Link::new(format!("{}?kept={}", kept.page, encode(&kept.key)), "入力した内容のまま画面に戻る")
    });
    let typed = kept.map_or(Vec::new(), |kept| typed_in_words(office.profile(), kept.fields));
    Ok(page(&RefusedPage {
        refusal: words::refusal(&refused.refusal, told.entry.at, &receipt),
        frame,
        typed,
        again,
        links: vec![Link::new("/refusals", "拒否の記録を見る")],
    }))
}

fn may_see(ask: &Ask, by: &PersonId) -> bool {
    let office = ask.app.office();
    ask.person().is_some_and(|me| me == by || oversees(&office.city(), me, office.now()))
}
