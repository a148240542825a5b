//! `/rules` and `/runs`: what is laid down separately, and the run sheet that one of the rules is.

use axum::http::StatusCode;
use register::case::{Act, Document, Particulars};
use register::organization;

use crate::kit::{Kit, id};

/// The operation plan is drafted, agreed to by every officer, and laid down from Tuesday on.
fn planned(kit: &Kit) {
    let kept = kit.office.keep_document(b"%PDF plan").unwrap();
    let document = Document { name: "計画.pdf".to_owned(), sha256: kept.sha256, bytes: kept.bytes };
    let sheet = vec!["毎日 バックアップの結果を確かめる".to_owned(), "毎週水曜 差分を媒体へ写す".to_owned()];
    let draft = Particulars::new()
        .with("rule-place", "operation-plan")
        .with("title", "オペレーション計画")
        .with("version", "第1版")
        .with("change", "はじめて定める")
        .with("document", document)
        .with("in-force", "2026-11-24")
        .with("sheet", sheet);
    let act = |by: &str, step: &str, particulars: Particulars| {
        let act = Act { case: id("rule-1"), step: step.parse().unwrap(), particulars };
        kit.act(&id(by), act).unwrap_or_else(|declined| panic!("{step}: {declined:?}"));
    };
    act("p-joho-tokei-kacho", "rule.draft", draft);
    let officers = kit.office.profile().post("resident-data-manager").unwrap().offices().to_vec();
    for officer in officers {
        act(&format!("p-{officer}"), "rule.agree", Particulars::new());
    }
    act("p-joho-tokei-kacho", "rule.lay-down", Particulars::new());
}

#[tokio::test]
async fn each_place_is_filled_or_owed() {
    let kit = Kit::new();
    let mut chief = kit.signed_in("K-3").await;
    let page = chief.get("/rules").await;
    for place in kit.office.profile().rule_places() {
        page.says(&[&place.name]);
    }
    page.says(&[
        "定めがない",
        "href=\"/cases/rule/new?rule-place=emergency-plan\"",
        "規程の設定（定めはまだない）",
    ]);
    chief.get("/cases/rule/new?rule-place=operation-plan").await.says(&["value=\"operation-plan\" selected"]);
    planned(&kit);
    kit.clock.set("2026-11-24T08:30:00+09:00".parse().unwrap());
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rules").await.says(&["定めてある", "オペレーション計画（第1版）", "計画.pdf"]);
    // What is laid down is there to be read by everybody.
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/cases/rule/rule-1").await.says(&["オペレーション計画", "毎週水曜"]);
}

#[tokio::test]
async fn a_draft_that_is_revised_begins_with_what_it_said() {
    let kit = Kit::new();
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/cases/rule/new").await;
    let fields = [
        ("rule-place", "assets"),
        ("title", "情報資産の管理"),
        ("version", "第1版"),
        ("change", "はじめて定める"),
        ("in-force", "2026-12-01"),
    ];
    let file: (&str, &str, &[u8]) = ("document", "定め.pdf", b"%PDF");
    let case = chief.post_files("/cases/rule", &fields, &[file]).await.location().to_owned();
    chief.get(&case).await.says(&["value=\"情報資産の管理\"", "value=\"2026-12-01\"", "を受け取っています"]);
}

#[tokio::test]
async fn the_run_sheet_is_ticked_day_by_day() {
    let kit = Kit::new();
    planned(&kit);
    kit.clock.set("2026-11-25T08:30:00+09:00".parse().unwrap());
    let mut chief = kit.signed_in("K-3").await;
    let page = chief.get("/runs").await;
    page.says(&["令和8年11月25日（水）", "差分を媒体へ写す", "異常なし", "令和8年11月の実施表", "×"]);
    chief.get("/calendar").await.says(&["実施表 0／2", "href=\"/runs?day=2026-11-24\""]);
    chief.get("/runs").await;
    let daily = "毎日 バックアップの結果を確かめる";
    let tick = [("item", daily), ("day", "2026-11-25"), ("result", "normal")];
    let page = chief.post("/runs", &tick).await;
    let to = page.location().to_owned();
    chief.get(&to).await.says(&["済み", "✓"]);
    // Something that went wrong has to be said.
    let tick = [("item", daily), ("day", "2026-11-24"), ("result", "abnormal")];
    let page = chief.post("/runs", &tick).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["id=\"remark-error\"", "令和8年11月24日（火）"]);
    let tick = [tick[0], tick[1], tick[2], ("remark", "媒体の故障")];
    let to = chief.post("/runs", &tick).await.location().to_owned();
    chief.get(&to).await.says(&["異常あり", "媒体の故障"]);
    chief.get("/runs?day=2026-11-23").await.says(&["閉庁日です（勤労感謝の日）"]);

    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/runs").await.says(&["情報統計課の職員だけ"]);
    let tick = [("item", "毎週水曜 差分を媒体へ写す"), ("day", "2026-11-25"), ("result", "normal")];
    let refused = clerk.post("/runs", &tick).await;
    clerk.get(refused.location()).await.says(&["21-2.run"]);
}

#[tokio::test]
async fn a_vacant_officer_s_agreement_is_awaited_at_the_office() {
    let kit = Kit::new();
    let vacant = organization::Appointment {
        office: id("community-suishin-kacho"),
        person: None,
        from: "2026-11-23".parse().unwrap(),
    };
    kit.act(&id("p-joho-tokei-kacho"), organization::Act::Appoint(vacant)).unwrap();
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/board").await.says(&["義務あり", "空席"]);
}
