//! `/history/…`: a view of the history is an operation, with its purpose.

use axum::http::StatusCode;

use crate::kit::{Browser, Kit, residents};

async fn look_up(browser: &mut Browser) -> String {
    let code = residents()[0].information.code.to_string();
    browser.get("/cs").await;
    let found = browser.post("/cs/code", &[("code", &code)]).await.location().to_owned();
    browser.get(&found).await;
    browser.post(&format!("{found}/consult"), &[("row", "0")]).await;
    code
}

#[tokio::test]
async fn who_looked_at_a_resident_is_for_officers_and_is_recorded_itself() {
    let kit = Kit::new();
    let mut clerk = kit.signed_in("K-1").await;
    let code = look_up(&mut clerk).await;
    clerk.get("/history/residents").await;
    let refused = clerk.post("/history/residents", &[("code", &code)]).await.location().to_owned();
    let page = clerk.get(&refused).await;
    page.says(&["18.history-scope", "18.purpose", "第18条", "操作履歴の閲覧は認められません"]);

    let mut head = kit.signed_in("K-2").await;
    let before = kit.office.city().access.operations();
    head.get("/history/residents").await;
    let fields = [("code", code.as_str()), ("purpose", "開示請求"), ("from", "令和8年4月1日")];
    let shown = head.post("/history/residents", &fields).await.location().to_owned();
    let page = head.get(&shown).await;
    page.says(&["渡邉　はるか", "コード検索", "照会", "開示請求", "令和8年4月1日"]);
    page.does_not_say(&code);
    assert_eq!(kit.office.city().access.operations(), before + 1);

    // The view shows up in the next one.
    head.get("/history/operators").await;
    let fields = [("operator", "p-shimin-kacho"), ("purpose", "監査")];
    let shown = head.post("/history/operators", &fields).await.location().to_owned();
    head.get(&shown).await.says(&["履歴（住民）", "開示請求"]);
}

#[tokio::test]
async fn everybody_sees_the_own_operations() {
    let kit = Kit::new();
    let mut clerk = kit.signed_in("K-4").await;
    clerk.get("/cs").await;
    clerk.post("/cs/name", &[("name", "佐")]).await;
    clerk.get("/history/mine").await;
    let shown = clerk.post("/history/mine", &[]).await.location().to_owned();
    // The refused search stands there as well.
    clerk.get(&shown).await.says(&["氏名検索", "拒否"]);
}

#[tokio::test]
async fn wrong_days_are_told_at_their_field() {
    let kit = Kit::new();
    let mut head = kit.signed_in("K-2").await;
    for (from, to, field) in
        [("令和99年99月1日", "", "from"), ("", "きのう", "to"), ("R8.5.1", "R8.4.1", "to")]
    {
        head.get("/history/mine").await;
        let page = head.post("/history/mine", &[("from", from), ("to", to)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{from} {to}");
        page.says(&[&format!("id=\"{field}-error\"")]);
    }
    head.get("/history/operators").await;
    head.post("/history/operators", &[("purpose", "監査")]).await.says(&["選んでください"]);
}
