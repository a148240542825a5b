//! `/journal`: sizes, roots, checkpoints, and the proof of each entry.

use axum::http::StatusCode;

use crate::kit::{Kit, residents};

#[tokio::test]
async fn anybody_sees_sizes_roots_keys_and_signed_checkpoints() {
    let kit = Kit::new();
    let mut browser = kit.browser();
    let page = browser.get("/journal").await;
    for name in ["register", "operations", "passages", "residents"] {
        let name = journal::JournalName::new(name).unwrap();
        let head = kit.office.journal().head(&name).unwrap();
        let vkey = kit.office.journal().vkey(&name).unwrap().replace('+', "&#43;");
        page.says(&[&head.root.to_string()]);
        let plain = page.html.contains(kit.office.journal().vkey(&name).unwrap());
        assert!(plain || page.html.contains(&vkey), "the key of {name}");
    }
}

#[tokio::test]
async fn the_journal_is_verified_on_the_spot() {
    let kit = Kit::new();
    let mut browser = kit.browser();
    browser.get("/journal").await;
    browser.post("/journal/verify", &[]).await.leads_to("/journal");
    browser.get("/journal").await.says(&["検証しました。書き換えはありません", "すべて記録のとおり"]);
}

#[tokio::test]
async fn the_proof_is_for_everybody_and_the_entry_for_whom_it_concerns() {
    let kit = Kit::new();
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/cs").await;
    let name = residents()[0].information.name.clone();
    let found = clerk.post("/cs/name", &[("name", &name)]).await.location().to_owned();
    let path = format!("/journal/operations/{}", found.rsplit('/').next().unwrap());
    clerk.get(&path).await.says(&["c2sp.org/tlog-proof@v1", "search-name", &name]);
    let mut nobody = kit.browser();
    nobody.get(&path).await.says(&["c2sp.org/tlog-proof@v1", "サインインしている人に"]).does_not_say(&name);
    // Not even the head of the section reads others' operations past the history.
    let mut head = kit.signed_in("K-2").await;
    head.get(&path).await.says(&["目的を書いて"]).does_not_say(&name);
    head.get("/journal/register/3").await.says(&["記録の中身", "&#34;fact&#34;"]);
    head.get("/journal/residents/0").await.says(&["本人確認情報そのもの"]).does_not_say(&name);
    for missing in ["/journal/operations/999999", "/journal/nothing/0", "/journal/register/x"] {
        assert_eq!(clerk.get(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn machines_see_that_it_lives() {
    let kit = Kit::new();
    let mut machine = kit.browser();
    machine.get("/healthz").await.says(&["ok"]);
    machine.get("/readyz").await.says(&["ready"]);
    let page = machine.get("/metrics").await;
    page.says(&[
        "# TYPE sekisho_journal_entries gauge",
        "sekisho_journal_entries{journal=\"register\"}",
        "class=\"2xx\"",
    ]);
    assert!(machine.jar.is_empty(), "a machine needs no cookie");
}
