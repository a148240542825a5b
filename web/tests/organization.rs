//! `/posts`, `/people`, `/transfers`, `/acting`: who holds which post, and how that changes.

use axum::http::StatusCode;

use crate::kit::Kit;

const HEADER: &str = "職員番号,氏名,フリガナ,旧所属,旧役職,新所属,新役職,発令日\r\n";

fn list(rows: &[&str]) -> String {
    format!("{HEADER}{}\r\n", rows.join("\r\n"))
}

#[tokio::test]
async fn posts_are_shown_with_their_holders_their_proofs_and_what_the_regulation_leaves_open() {
    let kit = Kit::new();
    let mut clerk = kit.signed_in("K-1").await;
    let page = clerk.get("/posts").await;
    page.says(&[
        "セキュリティ統括責任者",
        "総合政策部長",
        "p-sogo-seisaku-bucho",
        "href=\"/journal/register/",
    ]);
    page.says(&["規程が職を定めていない充て職", "コミュニティ推進課"]);
    page.says(&["事務局（情報統計課）の職員だけが行えます"]);
    // Before the city was entered, nobody is known to have held anything.
    clerk.get("/posts?at=2019-07-03T14:00").await.says(&["令和元年7月3日（水） 14:00の充て職です", "空席"]);
    assert_eq!(clerk.get("/posts?at=someday").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(clerk.get("/people").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_office_changes_hands_and_staff_join_by_the_secretariat() {
    let kit = Kit::new();
    let mut secretary = kit.signed_in("K-3").await;
    secretary.get("/posts?office=kanzai-kacho").await.says(&["value=\"kanzai-kacho\" selected"]);
    let page = secretary.post("/posts", &[("office", "kanzai-kacho")]).await;
    page.says(&["id=\"person-error\""]);
    let fields = [("office", "kanzai-kacho"), ("person", "-vacant-"), ("from", "2026-11-23")];
    secretary.done("/posts", &fields).await.says(&["任命を登録しました", "空席"]);
    secretary.get("/duties").await.says(&["href=\"/posts?office=kanzai-kacho#appoint\""]);
    let fields = [("number", "n-1"), ("name", "所沢　新子"), ("kana", "トコロザワ"), ("section", "kanzai")];
    secretary.done("/people", &fields).await.says(&["職員を登録しました", "所沢　新子"]);
    secretary.get("/people?q=所沢新子&section=kanzai").await.says(&["n-1", "1人"]);
    let page = secretary.post("/people", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["id=\"number-error\""]);
}

#[tokio::test]
async fn a_list_is_looked_at_applied_and_reversed() {
    let kit = Kit::new();
    let mut secretary = kit.signed_in("K-3").await;
    secretary.get("/transfers").await.says(&["登録された一覧はまだありません", "multipart/form-data"]);
    let text = list(&[
        "p-kanzai-kacho,架空 p-kanzai-kacho,カクウ,管財課,課長,退職,,R9.4.1",
        "clerk,渡邉　はるか,カクウ,市民課,主事,松井出張所,主任,R9.4.1",
    ]);
    let page = secretary.post_files("/transfers", &[], &[("list", "personnel.csv", text.as_bytes())]).await;
    let preview = page.location().to_owned();
    let page = secretary.get(&preview).await;
    page.says(&["令和9年4月1日（木）付け・2人の異動です", "市民課 → 松井出張所", "管財課長が空席になる"]);
    page.says(&["操作者用ICカード K-1", "鍵"]);

    // A vacancy that nobody confirmed is told at its field; nothing is entered.
    let page = secretary.post(&preview, &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["空席になることを確かめてから", "id=\"vacant-error\""]);
    assert_eq!(kit.office.city().organization.transfers().count(), 0);

    secretary
        .done(&preview, &[("vacant", "kanzai-kacho")])
        .await
        .says(&["施行前", "人事異動の一覧を登録しました"]);
    secretary.get(&preview).await.says(&["この一覧は令和9年4月1日（木）付けで登録されています"]);
    let id = kit.office.city().organization.transfers().next().unwrap().0.to_string();
    secretary.get("/transfers").await;
    let page = secretary.post("/transfers/reverse", &[("transfer", &id)]).await;
    page.says(&["id=\"reason-error\""]);
    let fields = [("transfer", id.as_str()), ("reason", "内示の誤り")];
    secretary.done("/transfers/reverse", &fields).await.says(&["取消済み", "内示の誤り"]);
}

#[tokio::test]
async fn a_faulty_list_names_its_lines_and_changes_nothing() {
    let kit = Kit::new();
    let mut secretary = kit.signed_in("K-3").await;
    secretary.get("/transfers").await;
    let page = secretary.post("/transfers", &[]).await;
    page.says(&["ファイルを選んでください"]);
    let text = list(&[
        "clerk,別の　名前,カクウ,市民課,主事,松井出張所,主任,R9.4.1",
        "spare,吾妻　澄子,カクウ,市民課,主事,松井出張所,主任,いつか",
    ]);
    let page = secretary.post_files("/transfers", &[], &[("list", "personnel.csv", text.as_bytes())]).await;
    let preview = page.location().to_owned();
    let page = secretary.get(&preview).await;
    page.says(&["誤りがあります", "3行目", "発令日"]).does_not_say("この一覧を登録する");
    secretary.post(&preview, &[]).await.says(&["3行目"]);
    assert_eq!(kit.office.city().organization.transfers().count(), 0);
    assert_eq!(secretary.get(&format!("/transfers/{}", "0".repeat(64))).await.status, StatusCode::NOT_FOUND);

    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/transfers").await.says(&["いまは行えません"]);
    assert_eq!(clerk.get(&preview).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_deputy_acts_and_the_head_sees_it_afterwards() {
    let mut kit = Kit::with_head();
    kit.card("p-joho-tokei-jicho", "business-manager", "K-6");
    let mut head = kit.signed_in("K-5").await;
    head.get("/acting").await.says(&["職務を行っています", "職務代理を始める"]);
    let page = head.post("/acting", &[]).await;
    page.says(&["id=\"reason-error\"", "id=\"until-error\""]);
    let fields = [("reason", "出張"), ("until", "2026-11-27T17:15")];
    head.done("/acting", &fields).await.says(&["いま、副責任者が職務を代理しています", "出張", "代理中"]);

    let mut deputy = kit.signed_in("K-6").await;
    deputy.get("/cases/matter/new").await;
    let fields = [("title", "画面の施錠"), ("matter-kind", "measures"), ("explanation", "閉じる")];
    let matter = deputy.post("/cases/matter", &fields).await.location().to_owned();
    deputy.get(&matter).await;
    // What only the head may do is done for the head.
    let matter = matter.split('?').next().unwrap();
    let step = format!("{matter}/mark-important");
    deputy.done(&step, &[("importance", "影響が大きい")]).await.says(&["重要な事項とした", "職務代理・"]);
    deputy.get("/acting").await.says(&["後閲待ち", "本人に限られます"]);

    let mut head = kit.signed_in("K-5").await;
    head.get("/acting").await;
    head.done("/acting/close", &[]).await.says(&["職務代理を終えました", "職務を行っています"]);
    head.get("/duties/mine").await.says(&["href=\"/acting#see\""]);
    head.get("/acting").await.says(&["後閲する", "重要な事項とした"]);
    head.post("/acting/see", &[]).await.says(&["目を通したものに印を付けてください"]);
    let receipt = kit.office.city().organization.unseen().next().unwrap().receipt.to_string();
    head.done("/acting/see", &[("receipt", &receipt)]).await.says(&["後閲しました"]).does_not_say("後閲待ち");
}
