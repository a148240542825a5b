//! `/cs`: searches, one resident, a form in print, and everything that can be typed wrongly.

use axum::http::StatusCode;

use crate::kit::{Kit, TERMINAL, residents};

#[tokio::test]
async fn search_consult_print() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-1").await;
    let resident = &residents()[0].information;
    browser.get("/cs").await;
    let page = browser.post("/cs/name", &[("name", &resident.name), ("reason", "所市第1523号")]).await;
    let found = page.location().to_owned();
    assert!(found.starts_with("/cs/shown/"), "{found}");
    let page = browser.get(&found).await;
    page.says(&[&resident.name, "所市第1523号", "原簿 operations 第", &resident.code.masked()]);
    page.does_not_say(&resident.code.to_string());

    let page = browser.post(&format!("{found}/consult"), &[("row", "0"), ("reason", "所市第1523号")]).await;
    let consulted = page.location().to_owned();
    let page = browser.get(&consulted).await;
    page.says(&[&format!("<h1>{}</h1>", resident.name), &resident.address, &resident.code.masked()]);
    page.does_not_say(&resident.code.to_string());
    // Left alone, the screen does not go on showing it.
    let lock = page.headers["refresh"].to_str().expect("a header");
    assert!(lock.ends_with(&format!("url=/terminals/{TERMINAL}/sign-in?ended=yes")), "{lock}");

    // The whole numbers are an operation of their own.
    let page = browser.post(&format!("{consulted}/reveal"), &[("reason", "所市第1523号")]).await;
    let revealed = page.location().to_owned();
    let page = browser.get(&revealed).await;
    page.says(&[&resident.code.to_string()]).does_not_say("番号をすべて表示する");
    browser.get("/cs").await.says(&["番号の表示"]);
    browser.get(&consulted).await.does_not_say(&resident.code.to_string());

    let page = browser.post(&format!("{consulted}/print"), &[("form", "confirmation")]).await;
    let printed = page.location().to_owned();
    browser.get(&printed).await.says(&["本人確認情報確認票", "様式第1号", "根拠番号なし", &resident.address]);

    // Looking again is no operation; the desk lists what was done.
    let before = kit.office.city().access.operations();
    browser.get(&found).await;
    browser.get("/cs").await.says(&["氏名検索", "照会", "帳票出力"]);
    assert_eq!((before, kit.office.city().access.operations()), (4, 4));
}

#[tokio::test]
async fn what_was_shown_is_shown_to_nobody_else() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-1").await;
    browser.get("/cs").await;
    let page = browser.post("/cs/code", &[("code", &residents()[0].information.code.to_string())]).await;
    let shown = page.location().to_owned();
    browser.get(&shown).await.says(&[&residents()[0].information.name]);
    let mut other = kit.signed_in("K-2").await;
    let page = other.get(&shown).await;
    assert_eq!(page.status, StatusCode::GONE);
    page.does_not_say(&residents()[0].information.name);
}

#[tokio::test]
async fn sending_twice_is_one_operation_with_one_receipt() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-1").await;
    browser.get("/cs").await;
    let first = browser.post("/cs/name", &[("name", "佐")]).await.location().to_owned();
    let second = browser.post("/cs/name", &[("name", "佐")]).await.location().to_owned();
    assert_eq!(first, second);
    assert_eq!(kit.office.city().access.operations(), 1);
    browser.get("/cs").await;
    let third = browser.post("/cs/name", &[("name", "佐")]).await.location().to_owned();
    assert_ne!(first, third);
}

#[tokio::test]
async fn a_refusal_names_its_articles_and_gives_back_what_was_typed() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-4").await;
    browser.get("/cs").await;
    let page = browser.post("/cs/name", &[("name", "佐藤"), ("reason", "所市第9号")]).await;
    let refused = page.location().to_owned();
    assert!(refused.starts_with("/refused/operations/"), "{refused}");
    let page = browser.get(&refused).await;
    page.says(&["第20条", "20.handler", "こうすれば進めます", "佐藤", "所市第9号", "原簿 operations 第"]);
    let again =
        page.html.split("href=\"/cs?kept=").nth(1).expect("a way back").split('"').next().unwrap().to_owned();
    browser.get(&format!("/cs?kept={again}")).await.says(&["value=\"佐藤\"", "value=\"所市第9号\""]);
    assert_eq!(kit.office.city().access.operations(), 0);
    browser.get("/refusals").await.says(&["CSの操作", "第20条"]);

    // Another clerk sees neither the refusal nor what was typed; the section's head does.
    let mut clerk = kit.signed_in("K-1").await;
    assert_eq!(clerk.get(&refused).await.status, StatusCode::NOT_FOUND);
    clerk.get("/refusals").await.does_not_say("第20条</a>");
    let mut head = kit.signed_in("K-2").await;
    head.get(&refused).await.says(&["20.handler"]).does_not_say("所市第9号");
    head.get("/refusals?article=20").await.says(&["髙橋　一郎"]);
    head.get("/refusals?article=7").await.does_not_say("髙橋　一郎");
}

#[tokio::test]
async fn wrong_input_is_told_at_the_field_and_nothing_is_lost() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-1").await;
    for (path, field, text, told) in [
        ("/cs/name", "name", "", "入力してください"),
        ("/cs/kana", "kana", "\u{e0100}", "1文字以上"),
        ("/cs/code", "code", "1234", "11桁"),
        ("/cs/code", "code", "あいうえお", "11桁"),
    ] {
        browser.get("/cs").await;
        let page = browser.post(path, &[(field, text), ("reason", "所市第7号")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {text}");
        page.says(&[
            "<title>エラー：",
            &format!("id=\"{field}-error\""),
            &format!("href=\"#{field}\""),
            told,
        ]);
        page.says(&["value=\"所市第7号\""]);
        if !text.is_empty() {
            page.says(&[&format!("value=\"{text}\"")]);
        }
    }
    assert_eq!(kit.office.city().access.operations(), 0);
}

#[tokio::test]
async fn broken_text_is_a_page_that_keeps_what_could_be_read() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-1").await;
    browser.get("/cs").await;
    let body = format!("_csrf={}&_once=1&name=%E4%BD&reason=R-77", browser.csrf);
    let page = browser.post_raw("/cs/name", body.into_bytes()).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    page.says(&["文字として読み取れない", "氏名", "R-77", "入力した内容のまま画面に戻る"]);
    let back =
        page.html.split("href=\"/cs?kept=").nth(1).expect("a way back").split('"').next().unwrap().to_owned();
    browser.get(&format!("/cs?kept={back}")).await.says(&["value=\"R-77\""]);

    let long = "長".repeat(20_001);
    let page = browser.post("/cs/name", &[("name", &long)]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    page.says(&["文字以内で入力してください"]);

    let page = browser.post("/cs/name", &[("name", &"長".repeat(200_000))]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    page.says(&["送られた内容が大きすぎます"]);

    let many = "a=1&".repeat(700) + &format!("_csrf={}", browser.csrf);
    assert_eq!(browser.post_raw("/cs/name", many.into_bytes()).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(kit.office.city().access.operations(), 0);
}

#[tokio::test]
async fn names_keep_their_code_points() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-1").await;
    browser.get("/cs").await;
    let name = "葛\u{e0100}城";
    let page = browser.post("/cs/name", &[("name", name)]).await;
    browser.get(page.location()).await.says(&[name]);
}

#[tokio::test]
async fn a_form_that_is_older_than_the_server_gives_back_what_was_typed() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-1").await;
    browser.get("/cs").await;
    browser.router = kit.site();
    let page = browser.post("/cs/name", &[("name", "佐藤"), ("reason", "所市第5号")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    page.says(&["画面が古くなっています", "何も行われていません", "所市第5号"]);
}
