//! `/designations`, `/cards`, `/handlers`, `/terminals`: acts on the register, by those who may.

use axum::http::StatusCode;

use crate::kit::{Browser, Kit, PIN, id};

/// The address of a form on the page, such as `/designations/…/agree`.
fn action(html: &str, begins: &str, ends: &str) -> String {
    html.split("action=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .find(|action| action.starts_with(begins) && action.ends_with(ends))
        .unwrap_or_else(|| panic!("no form for {begins}…{ends}"))
        .to_owned()
}

async fn done(browser: &mut Browser, page: &crate::kit::Page, says: &str) {
    let to = page.location().to_owned();
    assert!(to.contains("?done="), "{to}");
    browser.get(&to).await.says(&[says, "原簿 register 第"]);
}

#[tokio::test]
async fn from_proposal_to_card_takes_two_posts() {
    let kit = Kit::new();
    let mut officer = kit.signed_in("K-2").await;
    officer.get("/designations").await.says(&["市民課のセキュリティ責任者として申し出ます", "吾妻　澄子"]);
    let page = officer.post("/designations", &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = officer.post("/designations", &[("person", "spare"), ("kind", "inquiry-only")]).await;
    done(&mut officer, &page, "操作者の指定を申し出ました").await;
    // The officer cannot agree as well; the page says who can.
    officer.get("/designations").await.says(&["同意待ち", "同意できるのは、アクセス管理責任者"]);

    let mut manager = kit.signed_in("K-3").await;
    let page = manager.get("/designations").await;
    let agree = action(&page.html, "/designations/D-", "/agree");
    let page = manager.post(&agree, &[]).await;
    done(&mut manager, &page, "操作者の指定に同意しました").await;

    let designation = agree.split('/').nth(2).unwrap().to_owned();
    manager.get("/cards").await.says(&["カードを準備する", "吾妻　澄子（照会のみ）"]);
    // The manager may prepare a card as well; then somebody else would have to issue it, and nobody else may.
    let fields = [("designation", designation.as_str()), ("number", "K-9"), ("pin", PIN)];
    let page = manager.post("/cards", &fields).await;
    done(&mut manager, &page, "カードを準備しました").await;
    let page = manager.post("/cards/K-9/issue", &[]).await;
    manager.get(page.location()).await.says(&["16(3).two-people"]);
    assert!(kit.office.city().access.card(&id("K-9")).is_none());
}

#[tokio::test]
async fn handlers_are_named_and_ended_by_the_sections_officer() {
    let kit = Kit::new();
    let mut officer = kit.signed_in("K-2").await;
    officer.get("/handlers").await;
    let page = officer.post("/handlers", &[("person", "newcomer")]).await;
    done(&mut officer, &page, "取扱者を指定しました").await;
    let page = officer.post("/handlers/newcomer/end", &[]).await;
    done(&mut officer, &page, "取扱者の指定を終えました").await;
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/handlers").await.says(&["その課のセキュリティ責任者に限られます"]);
    let page = clerk.post("/handlers", &[("person", "spare")]).await;
    clerk.get(page.location()).await.says(&["20.designation"]);
}

#[tokio::test]
async fn terminals_are_kept_by_the_access_manager() {
    let kit = Kit::new();
    let mut manager = kit.signed_in("K-3").await;
    manager.get("/terminals").await.says(&["端末を登録する"]);
    let fields = [("terminal", "CS-0102"), ("room", "terminal-shimin"), ("section", "shimin")];
    let page = manager.post("/terminals", &fields).await;
    done(&mut manager, &page, "端末を登録しました").await;
    let page = manager.post("/terminals", &[("terminal", "端末"), fields[1], fields[2]]).await;
    page.says(&["id=\"terminal-error\""]);
    manager.get("/terminals").await;
    let page = manager.post("/terminals/retire", &[("terminal", "CS-0102")]).await;
    done(&mut manager, &page, "端末を廃止しました").await;
    assert_eq!(manager.get("/terminals/CS-0102/sign-in").await.status, StatusCode::NOT_FOUND);
    let mut clerk = kit.signed_in("K-1").await;
    clerk
        .get("/terminals")
        .await
        .says(&["いまは行えません：CS端末の登録と廃止は"])
        .does_not_say("name=\"terminal\"");
    let page = clerk.post("/terminals", &fields).await;
    clerk.get(page.location()).await.says(&["15.terminals"]);
}

#[tokio::test]
async fn a_link_cannot_make_up_a_receipt() {
    let kit = Kit::new();
    let mut clerk = kit.signed_in("K-1").await;
    for made_up in ["register/0", "register/99999", "nothing/1", "x", ""] {
        let page = clerk.get(&format!("/designations?done={made_up}")).await;
        assert_eq!(page.status, StatusCode::OK);
        page.does_not_say("banner done");
    }
}
