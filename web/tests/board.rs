//! `/board`, `/duties`, `/calendar`: what is in order, what is owed, by whom, until when.

use axum::http::StatusCode;
use jiff::SignedDuration;

use crate::kit::{Browser, Kit};

/// A meeting is convened for tomorrow; its notice is owed by the secretariat.
async fn convened(kit: &Kit) -> (Browser, String) {
    let mut head = kit.signed_in("K-5").await;
    head.get("/cases/matter/new").await;
    let fields = [("title", "画面の施錠"), ("matter-kind", "measures"), ("explanation", "閉じる")];
    let matter = head.post("/cases/matter", &fields).await.location().to_owned();
    let matter = matter.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    head.get("/cases/meeting/new").await;
    let fields = [
        ("title", "第1回会議"),
        ("held-at", "2026-11-25T10:00"),
        ("place", "301"),
        ("matters", matter.as_str()),
    ];
    let meeting = head.post("/cases/meeting", &fields).await.location().to_owned();
    (head, meeting.split('?').next().unwrap().to_owned())
}

#[tokio::test]
async fn the_board_says_what_is_owed_by_whom_and_turns_red_when_it_is_late() {
    let kit = Kit::with_head();
    let (mut head, meeting) = convened(&kit).await;
    let page = head.get("/board").await;
    page.says(&["期限を過ぎた義務はありません", "第1回会議", "第10章", "href=\"/articles/7\"", "あと1日"]);
    page.does_not_say("badge late");
    head.get("/board?section=shimin").await.does_not_say("第1回会議");
    head.get("/board?section=joho-tokei").await.says(&["第1回会議"]);

    kit.wait(SignedDuration::from_hours(48));
    let mut head = kit.signed_in("K-5").await;
    head.get("/board").await.says(&["badge late", "1日超過", &format!("href=\"{meeting}#step-notify\"")]);
    head.get("/duties").await.says(&["1日超過"]);
    head.get("/duties?article=7&owner=%E6%83%85%E5%A0%B1%E7%B5%B1%E8%A8%88%E8%AA%B2")
        .await
        .says(&["第1回会議"]);
    head.get("/duties?article=28").await.says(&["当てはまる義務はありません"]);
    head.get("/articles/7").await.says(&["この条で果たすべき義務", "第1回会議"]);
    head.get("/board/print").await.says(&["セキュリティ規程の状況", "1日超過", "システム管理者"]);
}

#[tokio::test]
async fn the_board_of_a_past_day_is_folded_anew() {
    let kit = Kit::with_head();
    kit.wait(SignedDuration::from_hours(24));
    let (mut head, _) = convened(&kit).await;
    let page = head.get("/board?as-of=2026-11-23").await;
    page.says(&["令和8年11月23日（月）の終わりの姿です", "いまの状況へ"]).does_not_say("第1回会議");
    head.get("/board?as-of=令和8年11月23日").await.says(&["の終わりの姿です"]);
    head.get("/board?as-of=2026-11-24").await.says(&["第1回会議"]).does_not_say("の終わりの姿です");
    head.get("/board/print?as-of=2026-11-23").await.says(&["令和8年11月23日（月）の終わり"]);
    assert_eq!(head.get("/board?as-of=someday").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn my_duties_lead_to_the_act_that_ends_them() {
    let kit = Kit::with_head();
    let (mut head, meeting) = convened(&kit).await;
    head.get("/duties/mine").await.does_not_say("開催を委員に知らせて");
    let mut secretary = kit.signed_in("K-3").await;
    let to = format!("{meeting}#step-notify");
    secretary.get("/duties/mine").await.says(&[
        "開催を委員に知らせてください",
        &format!("href=\"{to}\""),
        "この手続へ",
    ]);
    secretary.get(&meeting).await.says(&["id=\"step-notify\"", "あなたの義務"]);
    secretary.done(&format!("{meeting}/notify"), &[("means", "庁内便")]).await;
    secretary.get("/duties/mine").await.does_not_say("開催を委員に知らせて");
}

#[tokio::test]
async fn the_head_reminds_and_whoever_owes_sees_it() {
    let kit = Kit::with_head();
    convened(&kit).await;
    kit.wait(SignedDuration::from_hours(48));
    let mut head = kit.signed_in("K-5").await;
    let page = head.get("/board").await;
    page.says(&["催促する"]);
    let key = page.html.split("name=\"duty\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = [("duty", key.as_str()), ("back", "/board")];
    let page = head.done("/duties/remind", &fields).await;
    page.says(&["催促しました", "催促1回・最後はR8.11.25（水）"]).does_not_say(&format!("value=\"{key}\""));
    // Once a day is enough.
    let page = head.post("/duties/remind", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["催促したもの"]);
    let mut secretary = kit.signed_in("K-3").await;
    secretary.get("/duties/mine").await.says(&["催促1回"]).does_not_say("催促する");
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/duties/mine").await;
    let refused = clerk.post("/duties/remind", &fields).await;
    clerk.get(refused.location()).await.says(&["3-1.remind"]);
}

#[tokio::test]
async fn the_board_is_for_those_who_hold_a_post() {
    let kit = Kit::new();
    let mut clerk = kit.signed_in("K-1").await;
    for path in ["/board", "/board/print", "/duties"] {
        assert_eq!(clerk.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(clerk.get("/duties/mine").await.status, StatusCode::OK);
    clerk.get("/calendar").await.says(&["あなたの義務の期限"]);
}

#[tokio::test]
async fn the_calendar_shows_meetings_dues_and_holidays_in_the_citys_years() {
    let kit = Kit::with_head();
    let (mut head, meeting) = convened(&kit).await;
    let page = head.get("/calendar").await;
    page.says(&["令和8年11月", "令和8年度", "勤労感謝の日", "10:00 第1回会議", &meeting, "きょう"]);
    page.says(&["href=\"/calendar?month=2026-10\"", "href=\"/calendar?month=2026-12\""]);
    head.get("/calendar?month=2027-03")
        .await
        .says(&["令和9年3月", "令和8年度", "春分の日"])
        .does_not_say("きょう<");
    head.get("/calendar?month=nonsense").await.says(&["令和8年11月"]);
}
