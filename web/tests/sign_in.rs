//! `/terminals/{terminal}/sign-in`, `/sign-in/password`, `/sign-out`.

use axum::http::StatusCode;
use jiff::SignedDuration;

use crate::kit::{Kit, PIN, TERMINAL};

fn card_path() -> String {
    format!("/terminals/{TERMINAL}/sign-in")
}

#[tokio::test]
async fn card_first_then_password() {
    let mut kit = Kit::new();
    kit.hand_over("spare", "business-clerk", "K-8");
    let mut browser = kit.browser();
    browser.get("/terminals").await.says(&[TERMINAL, "市民課"]);
    browser.get(&card_path()).await.says(&["渡邉　はるか", "K-1", "カードの暗証番号"]);
    browser.get("/sign-in/password").await.leads_to("/terminals?needed=yes");
    browser.get(&card_path()).await;
    browser.post(&card_path(), &[("card", "K-8"), ("pin", PIN)]).await.leads_to("/sign-in/password");
    let page = browser.get("/sign-in/password").await;
    page.says(&["吾妻　澄子", "はじめて使います", "前回のあとの失敗", "autocomplete=\"current-password\""]);
    let before = browser.jar.len();
    let page = browser.post("/sign-in/password", &[("password", kit.password("K-8"))]).await;
    // It was handed over, and has to be changed.
    page.leads_to("/password?due=initial");
    assert_eq!(browser.jar.len(), before + 1, "the stay has a cookie of its own");
    browser.get("/cs").await.says(&["CS業務", "吾妻　澄子", "サインアウト"]);
}

#[tokio::test]
async fn a_wrong_pin_is_told_at_the_field_and_recorded() {
    let kit = Kit::new();
    let mut browser = kit.browser();
    browser.get(&card_path()).await;
    let page = browser.post(&card_path(), &[("card", "K-1"), ("pin", "111111")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["<title>エラー：", "暗証番号が違います", "原簿 operations 第", "id=\"pin-error\""]);
    page.does_not_say("111111");
    // The card stays chosen.
    page.says(&["value=\"K-1\" checked"]);
    for _ in 0..2 {
        browser.post(&card_path(), &[("card", "K-1"), ("pin", "111111")]).await;
    }
    let page = browser.post(&card_path(), &[("card", "K-1"), ("pin", PIN)]).await;
    page.says(&["このカードは使えません"]);
}

#[tokio::test]
async fn nothing_chosen_is_told_at_each_field() {
    let kit = Kit::new();
    let mut browser = kit.browser();
    browser.get(&card_path()).await;
    let page = browser.post(&card_path(), &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["href=\"#card\"", "href=\"#pin\"", "カードを選んでください"]);
    assert_eq!(browser.get("/terminals/CS-9999/sign-in").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_wrong_password_is_told_and_too_many_lock() {
    let kit = Kit::new();
    let mut browser = kit.browser();
    browser.get(&card_path()).await;
    browser.post(&card_path(), &[("card", "K-1"), ("pin", PIN)]).await.leads_to("/sign-in/password");
    browser.get("/sign-in/password").await;
    let page = browser.post("/sign-in/password", &[("password", "")]).await;
    page.says(&["入力してください"]);
    let page = browser.post("/sign-in/password", &[("password", "wrong")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["パスワードが違います", "原簿 operations 第"]);
    let settings = kit.office.settings();
    for _ in 1..settings.lock_after {
        browser.get("/sign-in/password").await;
        browser.post("/sign-in/password", &[("password", "wrong")]).await;
    }
    browser.get("/sign-in/password").await;
    let page = browser.post("/sign-in/password", &[("password", kit.password("K-1"))]).await;
    let refused = page.location().to_owned();
    assert!(refused.starts_with("/refused/operations/"), "{refused}");
    browser.get(&refused).await.says(&["第16条第1号", "しばらく待ってから"]);
}

#[tokio::test]
async fn signing_out_ends_the_stay() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-1").await;
    let stolen = browser.clone();
    browser.get("/cs").await;
    browser.post("/sign-out", &[]).await.leads_to(&format!("{}?ended=out", card_path()));
    browser.get("/cs").await.leads_to("/terminals?needed=yes");
    let mut thief = stolen;
    thief.get("/cs").await.leads_to("/terminals?needed=yes");
}

#[tokio::test]
async fn what_was_typed_when_the_stay_ended_is_given_back_to_the_same_person() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-2").await;
    browser.get("/history/residents").await;
    let idle = kit.office.settings().idle;
    kit.wait(idle + SignedDuration::from_mins(1));
    let fields = [("code", "12345678903"), ("purpose", "開示請求 令和8年度第12号"), ("from", "R8.4.1")];
    let page = browser.post("/history/residents", &fields).await;
    page.leads_to(&format!("{}?ended=kept", card_path()));
    browser.get(page.location()).await.says(&["入力していた内容は預かっています"]);

    // Somebody else at the same browser sees nothing of it.
    let mut other = browser.clone();
    let page = sign_in(&kit, &mut other, "K-1").await;
    page.leads_to("/cs?welcome=yes");
    other.get("/history/residents").await.does_not_say("令和8年度第12号");

    browser.post("/sign-out", &[]).await;
    change_password_of(&kit, "K-2").await;
    let page = sign_in_with(&mut browser, "K-2", NEW).await;
    let back = page.location().to_owned();
    assert!(back.starts_with("/history/residents?kept="), "{back}");
    let page = browser.get(&back).await;
    page.says(&[
        "value=\"12345678903\"",
        "value=\"開示請求 令和8年度第12号\"",
        "value=\"R8.4.1\"",
        "お返ししました",
    ]);
}

const NEW: &str = "むらさきの煙が立つ朝の停車場";

async fn change_password_of(kit: &Kit, card: &str) {
    let mut browser = kit.signed_in(card).await;
    browser.get("/password").await;
    let fields = [("old", kit.password(card)), ("new", NEW), ("again", NEW)];
    let page = browser.post("/password", &fields).await;
    assert!(page.location().starts_with("/password?done="), "{}", page.html);
    browser.get("/cs").await;
    browser.post("/sign-out", &[]).await;
}

async fn sign_in(kit: &Kit, browser: &mut crate::kit::Browser, card: &str) -> crate::kit::Page {
    sign_in_with(browser, card, kit.password(card)).await
}

async fn sign_in_with(browser: &mut crate::kit::Browser, card: &str, password: &str) -> crate::kit::Page {
    browser.get(&card_path()).await;
    browser.post(&card_path(), &[("card", card), ("pin", PIN)]).await.leads_to("/sign-in/password");
    browser.get("/sign-in/password").await;
    browser.post("/sign-in/password", &[("password", password)]).await
}

#[tokio::test]
async fn a_password_is_changed_by_its_owner() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-1").await;
    browser.get("/password").await.does_not_say("渡されたものです");
    let page = browser.post("/password", &[("old", "x"), ("new", "short"), ("again", "other")]).await;
    page.says(&["新しいパスワードと同じものを入力してください"]);
    let page = browser
        .post("/password", &[("old", kit.password("K-1")), ("new", "short"), ("again", "short")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["id=\"new-error\""]);
    browser.get("/password").await;
    let page = browser.post("/password", &[("old", "wrong one"), ("new", NEW), ("again", NEW)]).await;
    assert!(page.location().starts_with("/refused/"), "{}", page.location());
    browser.get("/password").await;
    let fields = [("old", kit.password("K-1")), ("new", NEW), ("again", NEW)];
    let page = browser.post("/password", &fields).await;
    browser.get(page.location()).await.says(&["パスワードを設定しました", "原簿 register 第"]);
    change_back(&kit).await;
}

/// The old password is good for nothing now.
async fn change_back(kit: &Kit) {
    let mut browser = kit.browser();
    let page = sign_in(kit, &mut browser, "K-1").await;
    page.says(&["パスワードが違います"]);
}
