//! The board: article by article, what is in order, what is owed, what was refused. It decides nothing.

use jiff::Timestamp;
use jiff::civil::Date;
use regulation::Citation;
use serde::Serialize;

use crate::occasion::japan_day;
use crate::{City, Duty};

/// Refusals are counted over so many days.
pub const REFUSED_DAYS: i32 = 30;

/// The board of a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Board {
    /// The day in Japan.
    pub day: Date,
    /// Every article, in the order of the regulation.
    pub articles: Vec<ArticleState>,
    /// Everything owed: what has been overdue for longest first, then what is due next, then the rest by age.
    pub duties: Vec<Duty>,
}

/// How an article stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArticleState {
    /// The article.
    pub article: Citation,
    /// Its caption.
    pub caption: String,
    /// Its chapter.
    pub chapter: u16,
    /// In order, owed or overdue.
    pub light: Light,
    /// How much is owed.
    pub owed: usize,
    /// How much of it is overdue.
    pub overdue: usize,
    /// Since which day the oldest of it is owed.
    pub since: Option<Date>,
    /// How many facts show that the article is lived by.
    pub evidence: u64,
    /// When the latest of them was recorded.
    pub latest: Option<Timestamp>,
    /// How many acts it stood against over the last [`REFUSED_DAYS`] days.
    pub refused: usize,
}

/// What the head sees at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Nothing is owed.
    InOrder,
    /// Something is owed and not yet late.
    Owed,
    /// Something is late.
    Overdue,
}

impl Board {
    /// The board of `city` at `at`.
    pub fn of(city: &City, at: Timestamp) -> Self {
        let day = japan_day(at);
        let mut duties = city.duties(at);
        let articles = city.profile().articles().iter();
        let articles = articles.map(|article| ArticleState::of(city, article, &duties, at)).collect();
        rank(&mut duties, day);
        Self { day, articles, duties }
    }

    /// How many articles stand so.
    pub fn count(&self, light: Light) -> usize {
        self.articles.iter().filter(|article| article.light == light).count()
    }
}

/// The most pressing first: overdue by days, then by the day they are due, then by age.
pub fn rank(duties: &mut [Duty], today: Date) {
    duties.sort_by_key(|duty| {
        (
            -duty.days_over(today),
            duty.due.unwrap_or(Date::MAX),
            duty.since.unwrap_or(Date::MAX),
            duty.citation,
        )
    });
}

impl ArticleState {
    fn of(city: &City, article: &regulation::Article, duties: &[Duty], at: Timestamp) -> Self {
        let (whole, today) = (Citation::of(article.number), japan_day(at));
        let owed: Vec<&Duty> = duties.iter().filter(|d| d.citation.article() == article.number).collect();
        let overdue = owed.iter().filter(|duty| duty.overdue(today)).count();
        let light = match (owed.len(), overdue) {
            (0, _) => Light::InOrder,
            (_, 0) => Light::Owed,
            _ => Light::Overdue,
        };
        let (evidence, latest) = city.evidence_of(article.number);
        let since = at - jiff::SignedDuration::from_hours(24 * i64::from(REFUSED_DAYS));
        let refused = city
            .refusals()
            .take_while(|past| past.at >= since)
            .filter(|past| past.refused.refusal.citations().iter().any(|c| c.article() == article.number))
            .count();
        Self {
            article: whole,
            caption: article.caption.clone(),
            chapter: article.chapter,
            light,
            owed: owed.len(),
            overdue,
            since: owed.iter().filter_map(|duty| duty.since).min(),
            evidence,
            latest,
            refused,
        }
    }
}
