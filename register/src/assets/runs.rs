//! 第21条第2項: what of the operation plan was done, day by day, and what was not.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::plan::Item;
use crate::duty::{Fulfil, citation_of};
use crate::ledger::columns;
use crate::occasion::japan_day;
use crate::{Cell, City, Duty, Invalid, LedgerDef, Occasion, Owner, PersonId, Row, Rows, limits};

/// The rule that makes the duty.
pub const RUN: &str = "21-2.run";

/// The place of the operation plan among the rules.
pub const PLAN: &str = "operation-plan";

/// A tick on the run sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// The line of the plan: `毎日 バックアップの結果を確かめる`.
    pub item: String,
    /// The day on which it fell due.
    pub day: Date,
    /// How it went.
    pub result: RunResult,
    /// What is worth saying; needed when it did not go well.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remark: String,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunResult {
    /// 異常なし.
    Normal,
    /// 異常あり.
    Abnormal,
}

impl RunResult {
    /// 異常なし, 異常あり.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Normal => "異常なし",
            Self::Abnormal => "異常あり",
        }
    }
}

/// Something of the plan that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// By whom.
    pub by: PersonId,
    /// When it was ticked.
    pub at: Timestamp,
    /// How it went.
    pub result: RunResult,
    /// What was said.
    pub remark: String,
}

/// All runs, by the day on which they fell due and the line of the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs(BTreeMap<Date, BTreeMap<String, Run>>);

impl Runs {
    /// What was done of a line on the day on which it fell due.
    pub fn get(&self, day: Date, item: &str) -> Option<&Run> {
        self.0.get(&day)?.get(item)
    }

    pub(super) fn take(&mut self, tick: &Tick, by: &PersonId, at: Timestamp) {
        let run = Run { by: by.clone(), at, result: tick.result, remark: tick.remark.clone() };
        self.0.entry(tick.day).or_default().insert(tick.item.clone(), run);
    }
}

impl Run {
    /// It was ticked on a later day than the one on which it fell due.
    pub fn late(&self, due: Date) -> bool {
        japan_day(self.at) > due
    }
}

/// Where a line of the run sheet stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState<'a> {
    /// Done.
    Done(&'a Run),
    /// To be done today.
    Due,
    /// Not done, and the day has passed.
    Missed,
    /// Yet to come.
    Ahead,
}

/// One line of a day's run sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetRow<'a> {
    /// The line.
    pub item: Item,
    /// Where it stands.
    pub state: RunState<'a>,
}

/// A month of the run sheet, as it hangs on the wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month<'a> {
    /// Its days, and why the city is closed on them.
    pub days: Vec<(Date, Option<&'static str>)>,
    /// Its lines; for each day where it stands, nothing where it does not fall due.
    pub rows: Vec<(Item, Vec<Option<RunState<'a>>>)>,
}

/// The lines of the plan in force on `day`, as known at `at`.
pub fn items_on(city: &City, day: Date, at: Timestamp) -> Vec<Item> {
    let plan = city.rules.on(PLAN, "", day, at);
    plan.map(|plan| plan.items()).unwrap_or_default()
}

/// What falls due on `day`, and where it stands at `at`.
pub fn sheet(city: &City, day: Date, at: Timestamp) -> Vec<SheetRow<'_>> {
    let due = items_on(city, day, at).into_iter().filter(|item| item.due_on(day));
    due.map(|item| SheetRow { state: state(city, day, &item.to_string(), at), item }).collect()
}

/// The month in which `day` lies.
pub fn month(city: &City, day: Date, at: Timestamp) -> Month<'_> {
    let days: Vec<Date> = std::iter::successors(Some(day.first_of_month()), |day| day.tomorrow().ok())
        .take_while(|of| of.month() == day.month())
        .collect();
    let mut rows: Vec<(Item, Vec<Option<RunState<'_>>>)> = Vec::new();
    for (place, day) in days.iter().enumerate() {
        for row in sheet(city, *day, at) {
            let known = rows.iter().position(|(item, _)| *item == row.item);
            let known = known.unwrap_or_else(|| {
                rows.push((row.item.clone(), vec![None; days.len()]));
                rows.len() - 1
            });
            if let Some(cell) = rows.get_mut(known).and_then(|(_, cells)| cells.get_mut(place)) {
                *cell = Some(row.state);
            }
        }
    }
    let closed = |day: Date| (day, regulation::calendar::closed_because(day));
    Month { days: days.into_iter().map(closed).collect(), rows }
}

fn state<'a>(city: &'a City, day: Date, item: &str, at: Timestamp) -> RunState<'a> {
    // As of an earlier moment, what was ticked since is not known.
    let run = city.assets.runs().get(day, item).filter(|run| run.at <= at);
    match (run, day.cmp(&japan_day(at))) {
        (Some(run), _) => RunState::Done(run),
        (None, std::cmp::Ordering::Less) => RunState::Missed,
        (None, std::cmp::Ordering::Equal) => RunState::Due,
        (None, std::cmp::Ordering::Greater) => RunState::Ahead,
    }
}

/// A tick belongs to a line that fell due on that day, once.
pub(super) fn check(city: &City, tick: &Tick, on: &Occasion) -> Result<(), Invalid> {
    if tick.remark.chars().count() > limits::TEXT {
        return Err(Invalid::Length { what: "remark", most: limits::TEXT });
    }
    if tick.result == RunResult::Abnormal && tick.remark.trim().is_empty() {
        return Err(Invalid::Missing { what: "remark" });
    }
    if tick.day > on.day() {
        return Err(Invalid::Future { what: "day" });
    }
    let row = sheet(city, tick.day, on.at).into_iter().find(|row| row.item.to_string() == tick.item);
    match row.map(|row| row.state) {
        None => Err(Invalid::Unknown { what: "item", id: tick.item.clone() }),
        Some(RunState::Done(_)) => Err(Invalid::Exists { what: "item", id: tick.item.clone() }),
        Some(_) => Ok(()),
    }
}

/// What fell due up to today and is not done, by line, oldest day first.
pub fn open_runs(city: &City, at: Timestamp) -> BTreeMap<String, Vec<Date>> {
    let today = japan_day(at);
    let mut open: BTreeMap<String, Vec<Date>> = BTreeMap::new();
    for (plan, from, until) in city.rules.reigns(PLAN, "", at) {
        let items: Vec<(String, Item)> = plan.items().into_iter().map(|i| (i.to_string(), i)).collect();
        let last = until.and_then(|until| until.yesterday().ok()).map_or(today, |last| last.min(today));
        let days = std::iter::successors(Some(from), |day| day.tomorrow().ok());
        for day in days.take_while(|day| *day <= last) {
            let due = items.iter().filter(|(_, item)| item.due_on(day));
            for (line, _) in due.filter(|(line, _)| !done(city, day, line, at)) {
                open.entry(line.clone()).or_default().push(day);
            }
        }
    }
    open
}

fn done(city: &City, day: Date, item: &str, at: Timestamp) -> bool {
    matches!(state(city, day, item, at), RunState::Done(_))
}

/// What is owed: each line of the plan that is open, with the days on which it fell due.
pub(super) fn duties(city: &City, at: Timestamp) -> Vec<Duty> {
    let today = japan_day(at);
    let Some((citation, section)) = citation_of(RUN).zip(section(city)) else {
        return Vec::new();
    };
    let owed = |(item, days): (String, Vec<Date>)| {
        let first = *days.first()?;
        let what = match days.iter().filter(|day| **day < today).count() {
            0 => format!("「{item}」を今日のうちに行い、記録してください"),
            missed => format!(
                "「{item}」が{missed}回分、{}から記録されていません。行って記録してください",
                regulation::wareki::print(first)
            ),
        };
        Some(Duty {
            id: RUN,
            citation,
            subject: item.clone(),
            what,
            owed_by: Owner::Section(section.clone()),
            since: Some(first),
            due: Some(first),
            fulfil: Fulfil::Tick { item, day: first },
        })
    };
    open_runs(city, at).into_iter().filter_map(owed).collect()
}

/// The section of whoever is in charge of the plan.
fn section(city: &City) -> Option<crate::SectionId> {
    let place = city.profile().rule_place(PLAN)?;
    let post = city.profile().post(&place.laid_down_by)?;
    city.offices_of(post).next()?.section.parse().ok()
}

/// オペレーション実施簿.
pub(super) const LEDGER: LedgerDef = LedgerDef {
    id: "runs",
    name: "オペレーション実施簿",
    citation: "21-2",
    keeper: "asset-manager",
    columns: columns![
        ("day", "実施する日"),
        ("item", "作業"),
        ("result", "結果"),
        ("remark", "所見"),
        ("by", "実施者"),
        ("at", "記録日時"),
        ("late", "遅れ"),
    ],
    rows: Rows::OfCity(rows),
};

/// What was done, and among it what was not: a sheet with gaps says more than one without them.
fn rows(city: &City, at: Timestamp) -> Vec<Row> {
    let today = japan_day(at);
    let mut rows: BTreeMap<(Date, String), Row> = BTreeMap::new();
    for (day, runs) in &city.assets.runs().0 {
        for (item, run) in runs {
            let late = if run.late(*day) { "後日の記録" } else { "" };
            let row = vec![
                (*day).into(),
                item.as_str().into(),
                run.result.japanese().into(),
                run.remark.as_str().into(),
                city.name_of(&run.by).into(),
                run.at.into(),
                late.into(),
            ];
            rows.insert((*day, item.clone()), row);
        }
    }
    for (item, days) in open_runs(city, at) {
        for day in days.into_iter().filter(|day| *day < today) {
            let mut row = vec![day.into(), item.as_str().into(), "未実施".into()];
            row.resize(LEDGER.columns.len(), Cell::Empty);
            rows.insert((day, item.clone()), row);
        }
    }
    rows.into_values().collect()
}
