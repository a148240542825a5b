//! `/regulation`: the regulation as a list, with a live state per article.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use office::catalogue;
use register::{City, Duty};
use regulation::{Article, Chapter, Citation, Coverage, coverage};

use crate::ask::Ask;
use crate::limits;
use crate::pages::views::{ArticleLine, ChapterView, RegulationPage};
use crate::pages::{duties, page};
use crate::trouble::Answer;
use crate::view::{Badge, Figure, Frame, Link, State};
use crate::words;

/// What the list is made of, taken from the city at once.
pub(crate) struct Live {
    pub(crate) coverage: Vec<Coverage>,
    pub(crate) duties: Vec<Duty>,
    today: Date,
    /// The articles of each refusal of the last days.
    refusals: Vec<BTreeSet<String>>,
}

impl Live {
    pub(crate) fn of(ask: &Ask, city: &City, now: Timestamp) -> Self {
        let office = ask.app.office();
        let profile = office.profile();
        let since = now - SignedDuration::from_hours(24 * limits::REFUSALS_DAYS);
        let refusals = city
            .refusals()
            .take_while(|past| past.at >= since)
            .map(|past| {
                let citations = past.refused.refusal.citations();
                citations.into_iter().map(|c| Citation::of(c.article()).to_string()).collect()
            })
            .collect();
        Self {
            coverage: coverage(profile, &catalogue(profile, office.regulator())),
            duties: city.duties(now),
            today: register::japan_day(now),
            refusals,
        }
    }

    /// Demands met and demands in all.
    pub(crate) fn met(&self, ask: &Ask, article: &Article) -> (usize, usize) {
        let profile = ask.app.office().profile();
        let demands: BTreeSet<&str> =
            profile.demands_of(article.number).map(|demand| demand.id.as_str()).collect();
        let mine = || self.coverage.iter().filter(|row| demands.contains(row.id.as_str()));
        (mine().filter(|row| row.met).count(), mine().count())
    }

    /// What is owed under an article.
    pub(crate) fn duties_of(&self, article: &Article) -> impl Iterator<Item = &Duty> + Clone {
        self.duties.iter().filter(|duty| duty.citation.article() == article.number)
    }

    /// What the article's state is called.
    pub(crate) fn state(&self, ask: &Ask, article: &Article) -> Badge {
        let mut owed = self.duties_of(article).map(|duty| duty.overdue(self.today));
        // Overdue weighs more than owed, and owed more than what the product does not meet yet.
        match (owed.clone().any(|overdue| overdue), owed.next(), self.met(ask, article)) {
            (true, ..) => Badge::new(State::Late, "期限切れ"),
            (_, Some(_), _) => Badge::new(State::Owed, "義務あり"),
            (_, _, (0, of)) if of > 0 => Badge::new(State::Unmet, "未対応"),
            (_, _, (met, of)) if met < of => Badge::new(State::Plain, "一部対応"),
            _ => Badge::new(State::Good, "守られている"),
        }
    }

    fn refusals_under(&self, article: &str) -> usize {
        self.refusals.iter().filter(|articles| articles.contains(article)).count()
    }
}

/// `GET /regulation`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let now = office.now();
    let frame =
        Frame { trail: vec![Link::new("", "規程")], ..ask.frame("規程のいま", "/regulation", &[]) };
    let city = office.city();
    let live = Live::of(ask, &city, now);
    let chapters: Vec<ChapterView> =
        office.profile().chapters().iter().map(|chapter| chapter_view(ask, &city, &live, chapter)).collect();
    let articles = || chapters.iter().flat_map(|chapter| &chapter.articles);
    let good = articles().filter(|line| line.state.state == State::Good).count();
    let met = live.coverage.iter().filter(|row| row.met).count();
    let figures = vec![
        Figure::new("守られている条", good.to_string(), format!("／{}条", articles().count())),
        Figure::new("充たしている求め", met.to_string(), format!("／{}", live.coverage.len())),
        Figure::new("いま果たすべき義務", live.duties.len().to_string(), "件"),
        Figure::new(
            format!("拒否（{}日間）", limits::REFUSALS_DAYS),
            words::grouped(live.refusals.len() as u64),
            "件",
        ),
    ];
    let mut owed: Vec<&Duty> = live.duties.iter().collect();
    let today = register::japan_day(now);
    owed.sort_by_key(|duty| !duty.overdue(today));
    let empty = "いま果たすべき義務はありません。";
    let duties = duties::table(&city, &owed, ask.person(), now, ("いま果たすべき義務", empty), None);
    Ok(page(&RegulationPage { frame, figures, duties, chapters }))
}

fn chapter_view(ask: &Ask, city: &City, live: &Live, chapter: &Chapter) -> ChapterView {
    let profile = ask.app.office().profile();
    let articles: Vec<ArticleLine> = profile
        .articles()
        .iter()
        .filter(|article| article.chapter == chapter.number)
        .map(|article| line(ask, city, live, article))
        .collect();
    let good = articles.iter().filter(|line| line.state.state == State::Good).count();
    let note = match (good, articles.len()) {
        (1, 1) => "守られています".to_owned(),
        (0, 1) => "まだ足りないところがあります".to_owned(),
        (0, of) => format!("{of}条のどれにも、まだ足りないところがあります"),
        (good, of) if good == of => format!("{of}条すべてが守られています"),
        (good, of) => format!("{of}条のうち{good}条が守られています"),
    };
    ChapterView {
        anchor: format!("chapter-{}", chapter.number),
        number: format!("第{}章", chapter.number),
        caption: chapter.title.clone(),
        note,
        articles,
    }
}

fn line(ask: &Ask, city: &City, live: &Live, article: &Article) -> ArticleLine {
    let citation = article.citation();
    let id = citation.to_string();
    let (met, of) = live.met(ask, article);
    ArticleLine {
        refusals: live.refusals_under(&id),
        number: citation.japanese(),
        caption: article.caption.clone(),
        state: live.state(ask, article),
        met,
        of,
        evidence: last_evidence(city, article),
        id,
    }
}

/// The last fact that shows an article at work, whichever of its provisions it is evidence for.
fn last_evidence(city: &City, article: &Article) -> String {
    evidence_of(city, article).into_iter().next().map_or(String::new(), |(_, at, fact)| {
        format!("{}　{}", words::moment(at), register::fact_name(&fact))
    })
}

/// The latest facts that show an article at work, newest first.
pub(crate) fn evidence_of(city: &City, article: &Article) -> Vec<(register::Receipt, Timestamp, String)> {
    let whole = article.citation();
    let paragraphs = (1..=article.paragraphs).filter_map(|number| whole.with_paragraph(number));
    let demanded =
        city.profile().demands_of(article.number).flat_map(|demand| demand.citations.iter().copied());
    let provisions: BTreeSet<String> = std::iter::once(whole)
        .chain(paragraphs)
        .chain(demanded.filter(|citation| citation.article() == article.number))
        .map(|citation| citation.to_string())
        .collect();
    let mut facts: Vec<_> = provisions
        .iter()
        .filter_map(|provision| city.evidence(provision))
        .flat_map(|evidence| evidence.latest.iter().cloned())
        .collect();
    facts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| b.0.cmp(&a.0)));
    facts.dedup_by(|a, b| a.0 == b.0);
    facts
}
