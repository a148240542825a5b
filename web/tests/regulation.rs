//! `/regulation`, `/articles/…`, `/ledgers/…`: the regulation with its live state.

use axum::http::StatusCode;

use crate::kit::Kit;

#[tokio::test]
async fn the_regulation_is_listed_with_the_state_of_each_article() {
    let kit = Kit::new();
    let mut browser = kit.browser();
    let page = browser.get("/regulation").await;
    for article in kit.office.profile().articles() {
        page.says(&[&format!("href=\"/articles/{}\"", article.citation())]);
    }
    page.says(&["いまの状態", "充たしている求め", "第10章"]);
}

#[tokio::test]
async fn every_article_has_its_page() {
    let kit = Kit::new();
    let mut browser = kit.browser();
    for article in kit.office.profile().articles() {
        let page = browser.get(&format!("/articles/{}", article.citation())).await;
        assert_eq!(page.status, StatusCode::OK);
        page.says(&[&article.citation().japanese(), &article.caption]);
        for demand in kit.office.profile().demands_of(article.number) {
            page.says(&[&demand.citations[0].japanese()]);
        }
    }
    browser.get("/articles/14").await.says(&["14-2.card", "解釈："]);
    browser.get("/articles/%E7%AC%AC14%E6%9D%A1").await.says(&["14-2.card"]);
    let page = browser.get("/articles/14-2").await;
    page.leads_to("/articles/14#d-14-2");
    for missing in ["/articles/99", "/articles/14-9", "/articles/x"] {
        assert_eq!(browser.get(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn ledgers_are_pages_and_files_for_those_who_hold_a_post() {
    let kit = Kit::new();
    let mut head = kit.signed_in("K-2").await;
    let list = head.get("/ledgers").await;
    for ledger in register::ledgers() {
        list.says(&[ledger.name]);
        let page = head.get(&format!("/ledgers/{}", ledger.id)).await;
        match ledger.id {
            "entries" => page.leads_to("/rooms/passages"),
            id => assert_eq!(page.status, StatusCode::OK, "{id}"),
        }
        let file = head.get(&format!("/ledgers/{}.csv", ledger.id)).await;
        assert!(file.html.starts_with('\u{feff}'), "{}", ledger.id);
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    }
    let file = head.get("/ledgers/operator-cards.csv").await;
    file.says(&["カード番号,", "K-1,", "渡邉　はるか"]);
    assert_eq!(head.get("/ledgers/none").await.status, StatusCode::NOT_FOUND);
    // One stay for a terminal: the head's is over.
    let mut clerk = kit.signed_in("K-1").await;
    assert_eq!(clerk.get("/ledgers/operator-cards").await.status, StatusCode::FORBIDDEN);
    assert_eq!(clerk.get("/ledgers/operator-cards.csv").await.status, StatusCode::FORBIDDEN);
}
