//! `/cards` and below: a card's life, spare cards, inspections, the day of transfers, the sealed sheet.

use axum::http::StatusCode;
use jiff::SignedDuration;
use register::access::{self, CardState, NewCard};
use register::organization::{self, transfer};

use crate::kit::{Browser, Kit, PIN, Page, id};

const CHIEF: &str = "p-joho-tokei-kacho";
const OFFICER: &str = "p-shimin-kacho";

/// The city with a card for whoever makes cards in 情報統計課 (`K-7`).
fn city() -> Kit {
    let mut kit = Kit::new();
    kit.card(testbed::MAKER, "regulation-work", "K-7");
    kit
}

fn act(kit: &Kit, by: &str, act: impl Into<register::Act>) {
    kit.act(&id(by), act).unwrap_or_else(|declined| panic!("{declined:?}"));
}

fn spare(kit: &Kit, number: &str) {
    kit.issue(NewCard {
        id: id(number),
        kind: id("business-clerk"),
        holder: None,
        certificate: "ab".to_owned(),
        expires: None,
        kept: "市民課の金庫".to_owned(),
    });
}

fn state(kit: &Kit, card: &str) -> CardState {
    kit.office.city().access.card(&id(card)).expect("in the ledger").state
}

async fn faulty(browser: &mut Browser, path: &str, fields: &[(&str, &str)], at: &[&str]) -> Page {
    let page = browser.post(path, fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {}", page.html);
    for field in at {
        page.says(&[&format!("id=\"{field}-error\"")]);
    }
    page
}

async fn refused(browser: &mut Browser, path: &str, fields: &[(&str, &str)], policy: &str) {
    let to = browser.post(path, fields).await.location().to_owned();
    assert!(to.starts_with("/refused/"), "{path} leads to {to}");
    browser.get(&to).await.says(&[policy]);
}

#[tokio::test]
async fn one_prepares_a_card_and_another_issues_it() {
    let kit = city();
    let mut maker = kit.signed_in("K-7").await;
    maker.get("/cards").await.says(&["カードを準備する", "渡邉　はるか（業務担当者）"]);
    let fields = [("designation", "D-clerk"), ("number", "K-9"), ("pin", PIN), ("kept", "")];
    maker.done("/cards", &fields).await.says(&["カードを準備しました", "交付を待つカード", "K-9"]);
    // A number that is taken is told at its field.
    faulty(&mut maker, "/cards", &fields, &["number"]).await;
    faulty(
        &mut maker,
        "/cards",
        &[("designation", "spare:business-clerk"), ("number", "K-8"), ("pin", PIN)],
        &["kept"],
    )
    .await
    .says(&["予備カードを置く場所"]);
    refused(&mut maker, "/cards/K-9/issue", &[], "16(3).two-people").await;

    let mut chief = kit.signed_in("K-3").await;
    chief.get("/cards").await.says(&["交付を待つカード"]);
    let page = chief.done("/cards/K-9/issue", &[]).await;
    page.says(&["カードを交付しました", "架空　作", "まだサインインしていません", "カードを止める"]);
    assert_eq!(state(&kit, "K-9"), CardState::InUse);
    chief.get("/ledgers/operator-cards").await.says(&["準備者", "検査の結果", "K-9"]);
    // Whoever has nothing to do with it sees neither the card nor that it exists.
    let mut newcomer = kit.signed_in("K-4").await;
    assert_eq!(newcomer.get("/cards/K-9").await.status, StatusCode::NOT_FOUND);
    newcomer.get("/cards").await.does_not_say("K-9").does_not_say("カードを準備する");
}

#[tokio::test]
async fn a_card_that_is_not_issued_after_all_is_discarded() {
    let kit = city();
    let mut maker = kit.signed_in("K-7").await;
    maker.get("/cards").await;
    maker.done("/cards", &[("designation", "D-clerk"), ("number", "K-9"), ("pin", PIN)]).await;
    maker.get("/cards/K-9").await.says(&["交付を待っています", "取りやめる理由"]);
    faulty(&mut maker, "/cards/K-9/discard", &[("discard-why", "")], &["discard-why"]).await;
    let page = maker.done("/cards/K-9/discard", &[("discard-why", "番号の誤り")]).await;
    page.says(&["準備したカードを取りやめました"]).does_not_say("交付を待つカード");
}

#[tokio::test]
async fn anybody_reports_a_lost_card_and_it_is_dead_at_once() {
    let kit = city();
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/cards").await.says(&["カードをなくした、なくしたらしい"]);
    faulty(
        &mut clerk,
        "/cards/lost",
        &[("lost-card", ""), ("circumstances", "")],
        &["lost-card", "circumstances"],
    )
    .await;
    faulty(&mut clerk, "/cards/lost", &[("lost-card", "K-99"), ("circumstances", "不明")], &["lost-card"])
        .await
        .says(&["K-99", "登録されていません"]);
    clerk.post("/cards/lost", &[("lost-card", "K-1"), ("circumstances", "見当たらない")]).await;
    assert_eq!(state(&kit, "K-1"), CardState::Lost);
    // The stay with this card is over.
    clerk.get("/cs").await.leads_to("/terminals/CS-0101/sign-in?ended=yes");

    let mut chief = kit.signed_in("K-3").await;
    chief.get("/duties/mine").await.says(&["紛失したカード K-1", "/cards/K-1"]);
    let page = chief.get("/cards/K-1").await;
    page.says(&["見当たらない", "カードが見つかった", "もう使わない（失効）"]).does_not_say("返してもらった");
    let page = chief.done("/cards/K-1/found", &[("found", "机の引き出し")]).await;
    page.says(&["カードが見つかったことを記録しました", "停止を解く"]);
    chief.done("/cards/K-1/restore", &[]).await.says(&["使用中"]);
    faulty(&mut chief, "/cards/K-1/stop", &[("state", ""), ("why", "")], &["state", "why"]).await;
    let page = chief.done("/cards/K-1/stop", &[("state", "revoked"), ("why", "割れた")]).await;
    page.says(&["失効", "割れた"]).does_not_say("カードを止める");
}

#[tokio::test]
async fn nobody_else_stops_a_card_without_losing_it() {
    let kit = city();
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/cards").await;
    let fields = [("state", "suspended"), ("why", "様子がおかしい")];
    refused(&mut clerk, "/cards/K-3/stop", &fields, "15.stop-card").await;
    clerk.get("/cards").await;
    clerk.post("/cards/K-1/stop", &fields).await;
    assert_eq!(state(&kit, "K-1"), CardState::Suspended);
}

#[tokio::test]
async fn cards_are_inspected_by_scanning_their_numbers() {
    let kit = city();
    kit.wait(SignedDuration::from_hours(24 * 160));
    let mut officer = kit.signed_in("K-2").await;
    let page = officer.get("/cards/inspection").await;
    page.says(&["検査するカード", "K-1", "6か月ごと", "確かめた", "課所・保管場所"]);
    faulty(&mut officer, "/cards/inspection", &[("card", "K-99")], &["card"]).await.says(&["K-99"]);
    let page = officer.done("/cards/inspection", &[("card", "K-1"), ("place", "市民課")]).await;
    page.says(&["カードの検査を記録しました"]).does_not_say("href=\"/cards/K-1\"");
    refused(&mut officer, "/cards/inspection", &[("card", "K-2")], "16(3).inspector").await;
    officer.get("/cards/K-1").await.says(&["最後の検査", OFFICER]);
}

#[tokio::test]
async fn a_spare_card_is_lent_returned_and_counted() {
    let kit = city();
    spare(&kit, "SP-1");
    let mut officer = kit.signed_in("K-2").await;
    officer.get("/cards/spares").await.says(&["保管中", "予備カードを貸す", "市民課の金庫"]);
    faulty(
        &mut officer,
        "/cards/spares/lend",
        &[("spare", ""), ("to", ""), ("purpose", "")],
        &["spare", "to", "purpose"],
    )
    .await;
    let lend = [("spare", "SP-1"), ("to", "clerk"), ("purpose", "カードの修理中")];
    officer.done("/cards/spares/lend", &lend).await.says(&[
        "予備カードを貸し出しました",
        "貸出中",
        "カードの修理中",
    ]);
    faulty(&mut officer, "/cards/spares/lend", &lend, &[]).await.says(&["SP-1", "貸出中のため"]);
    let mistyped = [("back", "SP-9"), ("remark", "")];
    faulty(&mut officer, "/cards/spares/return", &mistyped, &["back"]).await.says(&["SP-9"]);

    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/duties/mine").await.says(&["予備カード SP-1 を、きょうのうちに返してください"]);
    refused(&mut clerk, "/cards/spares/return", &[("back", "SP-1")], "16(3).confirmer").await;

    let mut officer = kit.signed_in("K-2").await;
    officer.get("/cards/spares").await;
    let back = [("back", "SP-1"), ("remark", "")];
    officer.done("/cards/spares/return", &back).await.says(&["予備カードを受け取りました", "保管中"]);
    let count = [("place", "市民課の金庫"), ("present", "SP-1")];
    officer.done("/cards/spares/count", &count).await.says(&["枚数を確かめました", "合っている"]);
    officer
        .done("/cards/spares/count", &[("place", "市民課の金庫")])
        .await
        .says(&["SP-1が、保管場所にも貸出しにもありません"]);
    officer.get("/ledgers/spare-cards").await.says(&["貸出しの確認者", "カードの修理中"]);
}

#[tokio::test]
async fn the_day_of_transfers_lists_what_becomes_of_cards_and_collects_them() {
    let kit = city();
    let text = "職員番号,氏名,フリガナ,旧所属,旧役職,新所属,新役職,発令日\n\
                clerk,渡邉　はるか,カクウ,市民課,,道路公園課,,R9.4.1\n\
                newcomer,髙橋　一郎,カクウ,市民課,,情報統計課,,R9.4.1\n\
                spare,吾妻　澄子,カクウ,市民課,,松井出張所,,R9.4.1\n";
    let file = transfer::read(text.as_bytes()).expect("read");
    let list = organization::Act::Transfer {
        list: id("R9-1"),
        digest: file.digest,
        rows: file.rows,
        vacant: Vec::new(),
    };
    act(&kit, testbed::MAKER, list);
    kit.wait(SignedDuration::from_hours(24 * 127));
    let mut chief = kit.signed_in("K-3").await;
    let page = chief.get("/cards/transfers").await;
    page.says(&["令和9年4月1日", "回収と再交付", "新しい交付", "回収するカード2枚", "道路公園課"]);
    faulty(&mut chief, "/cards/transfers", &[("of-day", "2027-04-01")], &["collected"]).await;
    let both = [("of-day", "2027-04-01"), ("collected", "K-1"), ("collected", "K-4")];
    let to = chief.post("/cards/transfers", &both).await.location().to_owned();
    chief.get(&to).await.says(&["カードを止めました", "回収済み", "回収するカード0枚"]);
    assert_eq!((state(&kit, "K-1"), state(&kit, "K-4")), (CardState::Collected, CardState::Collected));
    // The same form once more is the same submission of each card.
    let last = chief.get("/cards/transfers?day=R9.4.1").await;
    last.says(&["回収済み"]);
    chief.get("/cards/transfers?day=abc").await.says(&["日付として読めません"]);
    faulty(&mut chief, "/cards/transfers", &both, &[]).await.says(&["K-1", "回収済み"]);
}

#[tokio::test]
async fn labels_say_a_cards_number_and_nobodys_name() {
    let kit = city();
    let mut maker = kit.signed_in("K-7").await;
    let page = maker.get("/cards/labels").await;
    page.says(&["カード番号 K-1 のQRコード", "<svg", "業務担当者"]);
    let (_, sheet) = page.html.split_once("<article").expect("a sheet");
    assert!(!sheet.contains("渡邉"), "{sheet}");
    maker.get("/cards/labels?waiting=yes").await.says(&["札にするカードはまだありません"]);
}

#[tokio::test]
async fn a_password_is_handed_over_on_a_sheet_that_is_shown_once() {
    let kit = city();
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/cards").await.says(&["はじめのパスワードを渡す", "（作り直し）"]);
    faulty(&mut chief, "/cards/passwords", &[("person", "")], &["person"]).await;
    let once = chief.once.clone();
    let page = chief.post("/cards/passwords", &[("person", "clerk")]).await;
    page.says(&["親展", "渡邉　はるか", "二度と示せません", "class=\"sheet sealed\""]);
    assert_eq!(page.headers["cache-control"], "no-store");
    let (_, rest) = page.html.split_once("class=\"secret\">").expect("the password");
    let secret = rest.split('<').next().expect("a text").to_owned();
    // Sent once more, the same form makes no second password and shows none.
    chief.once = once;
    chief.post("/cards/passwords", &[("person", "clerk")]).await.does_not_say(&secret);
    // Whoever got it changes it before anything else.
    let mut clerk = kit.browser();
    clerk.get("/terminals/CS-0101/sign-in").await;
    clerk
        .post("/terminals/CS-0101/sign-in", &[("card", "K-1"), ("pin", PIN)])
        .await
        .leads_to("/sign-in/password");
    clerk.get("/sign-in/password").await;
    clerk.post("/sign-in/password", &[("password", &secret)]).await.leads_to("/password?due=initial");
    clerk.get("/cs").await;
    refused(&mut clerk, "/cs/name", &[("name", "渡邉"), ("reason", "届-1")], "16(1).own-password").await;
}

#[tokio::test]
async fn one_card_at_two_terminals_is_told_and_explained() {
    let kit = city();
    let terminal = access::NewTerminal {
        id: id("CS-0102"),
        room: id("terminal-shimin"),
        section: id("shimin"),
        authenticator: None,
    };
    act(&kit, CHIEF, access::Act::RegisterTerminal(terminal));
    let mut first = kit.signed_in("K-1").await;
    let mut second = kit.browser();
    second.get("/terminals/CS-0102/sign-in").await;
    second
        .post("/terminals/CS-0102/sign-in", &[("card", "K-1"), ("pin", PIN)])
        .await
        .leads_to("/sign-in/password");
    second.get("/sign-in/password").await;
    second.post("/sign-in/password", &[("password", kit.password("K-1"))]).await.leads_to("/cs?welcome=yes");
    first.get("/cs").await.leads_to("/terminals?needed=yes");
    let mut chief = kit.signed_in("K-3").await;
    let page = chief.get("/cards").await;
    page.says(&["二つの端末で同時に使われました", "CS-0101", "CS-0102"]);
    let alarm = kit.office.city().access.alarms()[0].receipt.to_string();
    faulty(&mut chief, "/cards/alarms", &[("alarm", ""), ("remark", "")], &["alarm", "remark"]).await;
    let page = chief.done("/cards/alarms", &[("alarm", &alarm), ("remark", "席を移った")]).await;
    page.does_not_say("二つの端末で同時に使われました");
}
