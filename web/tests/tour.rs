//! `/` of the demo.

use crate::kit::{Kit, residents};

#[tokio::test]
async fn seven_scenes_in_two_languages() {
    let kit = Kit::new();
    let mut guest = kit.browser();
    let page = guest.get("/").await;
    for scene in 1..=7 {
        page.says(&[&format!("id=\"step-{scene}\"")]);
    }
    page.does_not_say("id=\"step-8\"");
    page.says(&["lang=\"en\"", kit.password("K-1"), &residents()[0].information.name]);
}

#[tokio::test]
async fn a_changed_copy_is_found_and_the_journal_is_untouched() {
    let kit = Kit::new();
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/cs").await;
    clerk.post("/cs/name", &[("name", "佐")]).await;
    let operations = journal::JournalName::new("operations").unwrap();
    let before = kit.office.journal().head(&operations).unwrap();
    clerk.get("/").await;
    let to = clerk.post("/tour/tamper", &[]).await.location().to_owned();
    clerk.get(&to).await.says(&[
        "書き換えが見つかりました",
        "記録時と異なります",
        "本物の原簿は変わっていません",
    ]);
    assert_eq!(kit.office.journal().head(&operations).unwrap(), before);
    assert!(journal::verify(kit.office.data(), &[]).unwrap().is_sound());
}
