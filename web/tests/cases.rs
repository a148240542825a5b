//! `/cases/…` and `/documents/…`: what goes in steps, from proposal to the paper.

use axum::http::StatusCode;

use crate::kit::{Browser, Kit, Page};

/// The case that a page is of, as it stands in addresses.
fn case_of(page: &Page) -> String {
    let to = page.location();
    to.split("?done=").next().unwrap().to_owned()
}

const PROPOSAL: [(&str, &str); 3] =
    [("title", "画面の施錠"), ("matter-kind", "measures"), ("explanation", "離席のときに\n画面を閉じる")];

async fn propose(browser: &mut Browser) -> String {
    browser.get("/cases/matter/new").await;
    case_of(&browser.post("/cases/matter", &PROPOSAL).await)
}

#[tokio::test]
async fn a_matter_goes_from_the_proposal_to_an_answered_directive() {
    let kit = Kit::with_head();
    let mut secretary = kit.signed_in("K-3").await;
    secretary.get("/cases/matter").await.says(&["当てはまる議題はありません", "href=\"/cases/matter/new\""]);
    secretary.get("/cases/matter/new").await.says(&["name=\"explanation\"", "multipart/form-data"]);
    let matter = propose(&mut secretary).await;
    let page = secretary.get(&matter).await;
    page.says(&["画面の施錠", "議題 令和8年度第1号", "対策の決定と見直し（第1号）", "議題を出した"]);
    // What the person may not do is there, with the reason.
    page.says(&["いまのあなたの職では行えないこと", "重要な事項とするかどうかを決められるのは、議長です"]);

    let mut head = kit.signed_in("K-5").await;
    head.get("/cases/meeting/new").await.says(&["画面の施錠"]);
    let id = matter.rsplit('/').next().unwrap().to_owned();
    let fields =
        [("title", "第1回会議"), ("held-at", "2026-11-24T10:00"), ("place", "301会議室"), ("matters", &id)];
    let meeting = case_of(&head.post("/cases/meeting", &fields).await);
    head.get(&meeting).await.says(&["第1回会議", "令和8年11月24日（火）", "開催を委員に知らせてください"]);

    let mut secretary = kit.signed_in("K-3").await;
    secretary.get(&meeting).await.says(&["あなたの義務"]);
    secretary
        .done(&format!("{meeting}/notify"), &[("means", "庁内便")])
        .await
        .says(&["委員に開催を知らせた"]);

    let mut head = kit.signed_in("K-5").await;
    head.get(&meeting).await;
    let present = ["joho-tokei-jicho", "joho-tokei-kacho", "kanzai-kacho", "shimin-kacho"];
    let present: Vec<(&str, &str)> = present.iter().map(|office| ("present", *office)).collect();
    head.done(&format!("{meeting}/open"), &present).await.says(&["開会した"]);
    let meeting_id = meeting.rsplit('/').next().unwrap().to_owned();
    head.get(&matter).await;
    let fields = [("meeting", meeting_id.as_str()), ("discussion", "異議なし")];
    head.done(&format!("{matter}/deliberate"), &fields).await;
    let fields = [("outcome", "approved"), ("resolution", "施錠する")];
    head.done(&format!("{matter}/resolve"), &fields).await.says(&["（完結）", "原案のとおり決定"]);

    head.get("/cases/directive/new").await;
    let fields = [
        ("title", "画面の施錠"),
        ("matter", &id),
        ("section", "shimin"),
        ("content", "離席のときは画面を閉じること"),
        ("due", "2026-12-04"),
    ];
    let directive = case_of(&head.post("/cases/directive", &fields).await);
    head.get(&directive).await.says(&[
        "市民課長（",
        "令和8年12月4日（金）",
        "関わる案件",
        "議題 令和8年度第1号",
    ]);
    head.get(&format!("{directive}/print")).await.says(&[
        "指示書",
        "市民課長　様",
        "離席のときは画面を閉じること",
    ]);

    let mut officer = kit.signed_in("K-2").await;
    officer.get(&directive).await;
    officer.done(&format!("{directive}/receive"), &[]).await.says(&["受領した"]);
    officer.done(&format!("{directive}/answer"), &[("answer", "全端末で設定した")]).await.says(&["回答した"]);
    // The officer cannot close it.
    officer.get(&directive).await.says(&["完了とする", "統括責任者（職務代理の間は副責任者）だけ"]);
    let refused = officer.post(&format!("{directive}/close"), &[]).await;
    officer.get(refused.location()).await.says(&["8.head"]);
    officer.get("/cases/directive?state=open&q=施錠").await.says(&["第1号", "回答した"]);
    officer.get("/cases/directive?state=closed").await.says(&["当てはまる指示はありません"]);
}

#[tokio::test]
async fn what_is_missing_is_told_at_each_field_and_what_was_typed_stays() {
    let kit = Kit::new();
    let mut secretary = kit.signed_in("K-3").await;
    secretary.get("/cases/matter/new").await;
    let page = secretary.post("/cases/matter", &[("title", "画面の施錠")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&[
        "value=\"画面の施錠\"",
        "id=\"propose-matter-kind-error\"",
        "id=\"propose-explanation-error\"",
    ]);
    page.does_not_say("id=\"propose-title-error\"");
}

#[tokio::test]
async fn a_document_is_bound_by_its_hash_and_survives_a_fault_in_the_form() {
    let kit = Kit::new();
    let mut secretary = kit.signed_in("K-3").await;
    secretary.get("/cases/matter/new").await;
    let file: (&str, &str, &[u8]) = ("document", "資料.pdf", b"%PDF-1.7 made up");
    let page = secretary.post_files("/cases/matter", &[("title", "画面の施錠")], &[file]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["資料.pdf（16 バイト）", "を受け取っています"]);
    let carried =
        page.html.split("name=\"document\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut fields = PROPOSAL.to_vec();
    fields.push(("document", &carried));
    let matter = case_of(&secretary.post_files("/cases/matter", &fields, &[("document", "", b"")]).await);
    let sha256 = carried.split('/').next().unwrap().to_owned();
    secretary.get(&matter).await.says(&["資料.pdf", &sha256]);
    let file = secretary.get(&format!("/documents/{sha256}")).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.html, "%PDF-1.7 made up");
    assert_eq!(file.headers["content-type"], "application/pdf");
    let disposition = file.headers["content-disposition"].to_str().unwrap();
    assert!(
        disposition.starts_with("attachment; ") && disposition.contains("%E8%B3%87%E6%96%99.pdf"),
        "{disposition}"
    );

    // Whoever has nothing to do with the case has no document of it.
    let mut clerk = kit.signed_in("K-1").await;
    assert_eq!(clerk.get(&matter).await.status, StatusCode::FORBIDDEN);
    assert_eq!(clerk.get(&format!("/documents/{sha256}")).await.status, StatusCode::NOT_FOUND);

    let path = kit.folder.path().join("documents").join(&sha256[..2]).join(&sha256);
    std::fs::write(path, b"%PDF-1.7 forged!").unwrap();
    let mut secretary = kit.signed_in("K-3").await;
    let page = secretary.get(&format!("/documents/{sha256}")).await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    page.says(&["後から書き換えられています"]);
}

#[tokio::test]
async fn files_that_are_too_large_or_empty_are_told_at_their_field() {
    let kit = Kit::new();
    let mut secretary = kit.signed_in("K-3").await;
    secretary.get("/cases/matter/new").await;
    let large = vec![b'a'; 20 * 1024 * 1024 + 1];
    let page = secretary.post_files("/cases/matter", &PROPOSAL, &[("document", "a.pdf", &large)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["ファイルは20メガバイトまでです", "id=\"propose-document-error\"", "value=\"画面の施錠\""]);
    let page = secretary.post_files("/cases/matter", &PROPOSAL, &[("document", "a.pdf", b"")]).await;
    page.says(&["中身のないファイルです"]);
    let forged = format!("{}/3/a.pdf", "0".repeat(64));
    let mut fields = PROPOSAL.to_vec();
    fields.push(("document", &forged));
    secretary.post("/cases/matter", &fields).await.says(&["この文書は保管されていません"]);
    assert_eq!(kit.office.city().cases.iter().count(), 0);
}

#[tokio::test]
async fn a_refused_step_leads_back_to_its_form_as_it_was() {
    let kit = Kit::with_head();
    let mut secretary = kit.signed_in("K-3").await;
    let matter = propose(&mut secretary).await;
    secretary.get(&matter).await;
    let typed = [("emergency", "侵入の疑い")];
    let refused = secretary.post(&format!("{matter}/declare-emergency"), &typed).await.location().to_owned();
    let page = secretary.get(&refused).await;
    page.says(&["7-4但.emergency", "急を要する理由", "侵入の疑い", &format!("href=\"{matter}?kept=")]);
    page.does_not_say(">step<");
}

#[tokio::test]
async fn what_is_no_kind_no_case_and_no_step_is_missing() {
    let kit = Kit::new();
    let mut secretary = kit.signed_in("K-3").await;
    let matter = propose(&mut secretary).await;
    let id = matter.rsplit('/').next().unwrap().to_owned();
    for path in ["/cases/nothing", "/cases/matter/none", &format!("/cases/meeting/{id}"), "/documents/x"] {
        assert_eq!(secretary.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    secretary.get(&matter).await;
    assert_eq!(secretary.post(&format!("{matter}/none"), &[]).await.status, StatusCode::NOT_FOUND);
    // A step that comes too early is told on the page.
    let page = secretary
        .post(&format!("{matter}/report-afterwards"), &[("reported-on", "2026-11-23"), ("report", "x")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["の前に"]);
}
