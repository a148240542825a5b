//! What is laid down separately in the week of the demo: the rule on cards and passwords that the operators read, and
//! the operation plan with its run sheet. The other places stay empty, so that the board shows what is owed.

use jiff::civil::Date;
use register::assets::{self, RunResult, Tick};
use register::case::{self, Document, Particulars};

use super::cast::{ACCESS_MANAGER, CITIZENS_OFFICER, LOCK_KEEPER, Member, NO_HANDLER, operators};
use super::council::{step, take};
use super::stage::{Stage, stopped};
use crate::failure::Failure;

const CARDS: &str = "rule-1";
const PLAN: &str = "rule-2";
const DAILY: [&str; 2] = ["毎日 バックアップの結果を確かめる", "毎日 送受信の異常がないか確かめる"];
const OTHER: [&str; 2] = ["毎週月曜 差分バックアップを媒体へ写す", "毎月末日 空き容量を記録する"];
/// The managers of 第20条, who agree to the plan; the last of them takes until the third day.
const MANAGERS: [&str; 7] = [CITIZENS_OFFICER, "1008", "1009", "1010", "1011", "1012", "1006"];

/// What happens to the rules at the end of each day.
pub(super) fn day(stage: &Stage<'_>, day: Date, number: usize) -> Result<(), Failure> {
    match number {
        0 => cards(stage, day)?,
        1 => plan(stage, day)?,
        2 => {
            take(stage, MANAGERS[6], PLAN, "rule.agree", Particulars::new())?;
            take(stage, ACCESS_MANAGER, PLAN, "rule.lay-down", Particulars::new())?;
        }
        3 => run(stage, day, &DAILY)?,
        // Something is left undone, as happens on a Friday.
        _ => run(stage, day, &DAILY[..1])?,
    }
    Ok(())
}

/// 第16条第1号, 第17条: laid down by the access manager, and read by the operators; one of them has not yet.
fn cards(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    let text = "操作者用ICカードとパスワードの管理方法（架空）\n1　カードは人に貸さない。\n2　席を離れるときは抜く。\n";
    let draft = drafted("cards-and-passwords", "カードとパスワードの管理方法", day)
        .with("document", document(stage, "管理方法.txt", text)?)
        .with("values", vec!["パスワードの最も短い長さ = 14".to_owned()]);
    take(stage, ACCESS_MANAGER, CARDS, "rule.draft", draft)?;
    stage.act_refused(CITIZENS_OFFICER, step(CARDS, "rule.lay-down", Particulars::new())?, &["16(1)"])?;
    take(stage, ACCESS_MANAGER, CARDS, "rule.lay-down", Particulars::new())?;
    for operator in operators().filter(|operator| operator.id != NO_HANDLER) {
        take(stage, operator.id, CARDS, "rule.acknowledge", Particulars::new())?;
    }
    Ok(())
}

/// 第17条: somebody new reads the rule in force before the first operation.
pub(super) fn read(stage: &Stage<'_>, operator: &Member) -> Result<(), Failure> {
    take(stage, operator.id, CARDS, "rule.acknowledge", Particulars::new())
}

/// 第21条第2項: nothing is laid down before every manager of 第20条 has agreed.
fn plan(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    let sheet = DAILY.iter().chain(&OTHER).map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let draft = drafted("operation-plan", "オペレーション計画", day)
        .with("document", document(stage, "オペレーション計画.txt", &sheet.join("\n"))?)
        .with("sheet", sheet);
    let draft = draft.with("in-force", day.saturating_add(jiff::Span::new().days(1)));
    take(stage, ACCESS_MANAGER, PLAN, "rule.draft", draft)?;
    for manager in &MANAGERS[..6] {
        take(stage, manager, PLAN, "rule.agree", Particulars::new())?;
    }
    stage.act_refused(ACCESS_MANAGER, step(PLAN, "rule.lay-down", Particulars::new())?, &["21-2"])
}

fn run(stage: &Stage<'_>, day: Date, items: &[&str]) -> Result<(), Failure> {
    for item in items {
        let tick = Tick { item: (*item).to_owned(), day, result: RunResult::Normal, remark: String::new() };
        stage.act(LOCK_KEEPER, assets::Act::Tick(tick))?;
    }
    Ok(())
}

fn drafted(place: &str, title: &str, day: Date) -> Particulars {
    Particulars::new()
        .with("rule-place", place)
        .with("title", title)
        .with("version", "第1版")
        .with("change", "新しく定める。")
        .with("in-force", day)
}

fn document(stage: &Stage<'_>, name: &str, text: &str) -> Result<Document, Failure> {
    let kept = stage.office.keep_document(text.as_bytes()).map_err(|error| stopped(error.japanese()))?;
    Ok(case::Document { name: name.to_owned(), sha256: kept.sha256, bytes: kept.bytes })
}
