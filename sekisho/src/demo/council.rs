//! What the council does in the week of the demo: 第7条 from the convocation to the minutes, with one matter in order
//! and one in a hurry, and 第8条 from the directives to an answer.

use jiff::ToSpan as _;
use jiff::civil::Date;
use register::case::{self, Particulars};
use regulation::calendar::working_day_from;

use super::calendar;
use super::cast::{ACCESS_MANAGER, CITIZENS_OFFICER, HEAD, SECRETARY};
use super::stage::{Stage, id, stopped};
use crate::failure::Failure;

/// What the council does at the end of a day.
type Evening = fn(&Stage<'_>, Date) -> Result<(), Failure>;

/// What happens at the end of each day.
pub(super) const DAYS: [Evening; 5] = [convocation, sitting, directives, answers, minutes];

const MEETING: &str = "meeting-1";
/// In order: who may see the screens of the terminals.
const SCREENS: &str = "matter-1";
/// In a hurry, and important: a way out of the city's network.
const LINE: &str = "matter-2";

/// Nothing said.
fn none() -> Particulars {
    Particulars::new()
}

/// A step of a case.
pub(super) fn step(case: &str, step: &str, particulars: Particulars) -> Result<case::Act, Failure> {
    let step = step.parse().map_err(|error: case::StepError| stopped(error.to_string()))?;
    Ok(case::Act { case: id(case), step, particulars })
}

/// Somebody takes a step of a case at the console.
pub(super) fn take(
    stage: &Stage<'_>,
    by: &str,
    case: &str,
    name: &str,
    said: Particulars,
) -> Result<(), Failure> {
    stage.act(by, step(case, name, said)?).map(|_| ())
}

/// Matters are proposed, and the head convenes; nobody else does.
fn convocation(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    let screens =
        none().with("title", "CS端末の画面の向きと、離席時の施錠").with("matter-kind", "measures").with(
            "explanation",
            "窓口の客から画面が見える席がある。席の配置と、離席時に画面を閉じる手順を決めたい。",
        );
    take(stage, CITIZENS_OFFICER, SCREENS, "matter.propose", screens)?;
    let line = none()
        .with("title", "CSにつながる回線の装置の交換")
        .with("matter-kind", "measures")
        .with("important", true)
        .with("explanation", "装置の保守が年内で終わる。交換の間、本人確認情報の送受信の経路が変わる。");
    take(stage, SECRETARY, LINE, "matter.propose", line)?;
    let next = working_day_from(day.saturating_add(1.day()));
    let meeting = none()
        .with("title", "令和の第1回セキュリティ会議（架空）")
        .with("held-at", calendar::at(next, 16, 45).to_string())
        .with("place", "第2会議室")
        .with("matters", vec![SCREENS.to_owned(), LINE.to_owned()]);
    stage.act_refused(ACCESS_MANAGER, step(MEETING, "meeting.convene", meeting.clone())?, &["7-1"])?;
    take(stage, HEAD, MEETING, "meeting.convene", meeting)?;
    let summoned =
        none().with("summoned", vec!["2101".to_owned()]).with("hearing", "窓口から見た画面の見え方");
    take(stage, HEAD, MEETING, "meeting.summon", summoned)?;
    take(stage, SECRETARY, MEETING, "meeting.notify", none().with("means", "庁内便"))
}

/// The council sits; an important matter is not decided before the outside council was heard, but in an emergency.
fn sitting(stage: &Stage<'_>, _: Date) -> Result<(), Failure> {
    let offices = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let few = none().with("present", offices(&["joho-tokei-kacho", "shimin-kacho"]));
    stage.act_refused(HEAD, step(MEETING, "meeting.open", few)?, &["7-2"])?;
    let enough = none()
        .with("present", offices(&["joho-tokei-jicho", "joho-tokei-kacho", "kanzai-kacho", "shimin-kacho"]))
        .with("heard", vec!["2101".to_owned()]);
    take(stage, HEAD, MEETING, "meeting.open", enough)?;
    let discussed = |text: &str| none().with("meeting", MEETING).with("discussion", text);
    take(
        stage,
        SECRETARY,
        SCREENS,
        "matter.deliberate",
        discussed("席の配置を変え、画面を閉じる手順を各課所で定めることに異論はなかった。"),
    )?;
    let decided = |text: &str| none().with("outcome", "approved").with("resolution", text);
    take(
        stage,
        HEAD,
        SCREENS,
        "matter.resolve",
        decided("各課所は月内に席の配置を改め、離席時に画面を閉じる。"),
    )?;
    let recused = discussed("保守の期限が迫る。交換の間は送受信を止めずに済む手順を確かめた。")
        .with("recused", offices(&["kanzai-kacho"]))
        .with("recusal", "装置の契約を担当しているため");
    take(stage, SECRETARY, LINE, "matter.deliberate", recused)?;
    let decision = decided("年内に装置を交換する。交換の日は統括責任者が立ち会う。");
    stage.act_refused(HEAD, step(LINE, "matter.resolve", decision.clone())?, &["7-4"])?;
    let emergency = none().with("emergency", "次の審議会を待つと保守が切れ、故障しても直せない。");
    take(stage, HEAD, LINE, "matter.declare-emergency", emergency)?;
    take(stage, HEAD, LINE, "matter.resolve", decision)?;
    take(stage, HEAD, MEETING, "meeting.close", none())
}

/// Directives follow from what was decided, and from nothing else.
fn directives(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    let due = |days: i64| day.saturating_add(days.days());
    let content = "席の配置を改め、離席時に画面を閉じる手順を定めて、報告すること。";
    let to = |section: &str, days| {
        none()
            .with("title", "CS端末の画面の施錠")
            .with("matter", SCREENS)
            .with("section", section)
            .with("content", content)
            .with("due", due(days))
    };
    stage.act_refused(CITIZENS_OFFICER, step("directive-1", "directive.issue", to("shimin", 7))?, &["8"])?;
    take(stage, HEAD, "directive-1", "directive.issue", to("shimin", 7))?;
    take(stage, HEAD, "directive-2", "directive.issue", to("shutchojo-matsui", 1))?;
    let request = none()
        .with("title", "学校での画面の扱い")
        .with("matter", SCREENS)
        .with("body", "教育委員会")
        .with("content", "住民票を扱う窓口での画面の扱いを、市と同じにするよう求める。")
        .with("due", due(30));
    take(stage, HEAD, "request-1", "request.issue", request)
}

/// One section answers; the other lets the day pass.
fn answers(stage: &Stage<'_>, _: Date) -> Result<(), Failure> {
    let receive = |case: &str| step(case, "directive.receive", none());
    stage.act_refused(CITIZENS_OFFICER, receive("directive-2")?, &["8"])?;
    take(stage, CITIZENS_OFFICER, "directive-1", "directive.receive", none())?;
    let answer = none()
        .with("answer", "窓口側の3席の画面の向きを変えた。離席時は画面を閉じることを朝礼で確かめている。");
    take(stage, CITIZENS_OFFICER, "directive-1", "directive.answer", answer)
}

/// The head closes what was answered; the secretariat has drafted the minutes, and the head has yet to confirm them.
fn minutes(stage: &Stage<'_>, _: Date) -> Result<(), Failure> {
    take(stage, HEAD, "directive-1", "directive.close", none().with("remark", "現地で確かめた。"))?;
    let draft = none().with("minutes", "1　画面の施錠　原案のとおり決定。\n2　回線の装置の交換　急を要するものとして決定し、審議会に後で報告する。");
    take(stage, SECRETARY, MEETING, "meeting.draft-minutes", draft)
}
