//! `/api/v1`: the same acts and views for programs.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use card::{Card as _, Drawer, Pin};
use register::rooms;
use serde_json::{Value, json};
use web::{Gate, ROUTES};

use crate::kit::{Browser, Kit, PIN, Page, TERMINAL, id, residents};

async fn call(program: &mut Browser, method: Method, path: &str, token: &str, body: Value) -> Page {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    program.send(method, path, body.to_string().into_bytes(), &headers).await
}

/// Signs in as the program at a terminal does.
async fn token(kit: &Kit, card: &str) -> (Browser, String) {
    let mut program = kit.browser();
    let page =
        call(&mut program, Method::POST, "/api/v1/sign-in/challenge", "", json!({"terminal": TERMINAL}))
            .await;
    let asked = page.json();
    let text = |key: &str| asked[key].as_str().expect("text").to_owned();
    let challenge = card::Challenge {
        origin: text("origin"),
        terminal: text("terminal"),
        session: text("session"),
        nonce: hex::decode(text("nonce")).unwrap().try_into().unwrap(),
        exporter: Vec::new(),
    };
    let drawer = Drawer::open(&kit.office.data().join("drawer")).unwrap();
    let mut soft = drawer.take(&id(card)).unwrap();
    soft.verify_pin(&Pin::new(PIN).unwrap()).unwrap();
    let answer = json!({
        "session": challenge.session,
        "certificate": BASE64.encode(soft.certificate()),
        "signature": BASE64.encode(soft.sign(&challenge).unwrap()),
    });
    let page = call(&mut program, Method::POST, "/api/v1/sign-in/card", "", answer).await;
    assert_eq!(page.json()["card"], card);
    let password = json!({"session": challenge.session, "password": kit.password(card)});
    let page = call(&mut program, Method::POST, "/api/v1/sign-in/password", "", password).await;
    assert_eq!(page.status, StatusCode::CREATED);
    let token = page.json()["token"].as_str().expect("a token").to_owned();
    (program, token)
}

#[tokio::test]
async fn the_description_and_the_table_name_the_same_routes() {
    let description: Value = serde_json::from_str(&web::openapi_json().unwrap()).unwrap();
    let described: BTreeSet<(String, String)> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let served: BTreeSet<(String, String)> = ROUTES
        .iter()
        .filter(|route| matches!(route.gate, Gate::Program | Gate::ProgramStay))
        // What door controllers say is described in the crate `door`.
        .filter(|route| route.path != "/api/v1/openapi.json" && route.path.starts_with("/api/"))
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    assert_eq!(described, served);
}

#[tokio::test]
async fn the_description_is_as_reviewed() {
    insta::assert_snapshot!(web::openapi_json().unwrap());
}

#[tokio::test]
async fn an_operation_is_recorded_once_however_often_it_is_sent() {
    let kit = Kit::new();
    let (mut program, token) = token(&kit, "K-1").await;
    let code = residents()[0].information.code.to_string();
    let body = json!({"kind": "consult", "condition": code, "reason": "所市第1523号"});
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "7")];
    let mut receipts = BTreeSet::new();
    for _ in 0..2 {
        let page =
            program.send(Method::POST, "/api/v1/operations", body.to_string().into_bytes(), &headers).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        assert_eq!(page.json()["resident"]["code"], code.as_str());
        receipts.insert(page.json()["receipt"].as_str().unwrap().to_owned());
    }
    assert_eq!((receipts.len(), kit.office.city().access.operations()), (1, 1));
}

#[tokio::test]
async fn a_refusal_is_a_problem_with_its_citations() {
    let kit = Kit::new();
    let (mut program, token) = token(&kit, "K-1").await;
    let code = &residents()[0].information.code.to_string();
    let path = format!("/api/v1/history/residents/{code}");
    let page = call(&mut program, Method::GET, &path, &token, Value::Null).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(page.headers[header::CONTENT_TYPE], "application/problem+json");
    let problem = page.json();
    assert_eq!(problem["citations"], json!(["18"]));
    assert_eq!(problem["grounds"].as_array().unwrap().len(), 2);
    assert!(problem["detail"].as_str().unwrap().contains("操作履歴"));
    assert!(problem["receipt"].as_str().unwrap().starts_with("operations/"));
    let page = call(&mut program, Method::GET, "/api/v1/history/mine?from=R8.4.1", &token, Value::Null).await;
    assert_eq!(page.json()["operations"][0]["outcome"], "拒否");
}

#[tokio::test]
async fn what_cannot_be_read_is_told() {
    let kit = Kit::new();
    let (mut program, token) = token(&kit, "K-1").await;
    for (body, status) in [
        (json!({"kind": "consult", "condition": "1"}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"kind": "fly"}), StatusCode::BAD_REQUEST),
        (json!({"kind": "consult", "condition": "1", "unknown": 1}), StatusCode::BAD_REQUEST),
        (json!([]), StatusCode::BAD_REQUEST),
    ] {
        let page = call(&mut program, Method::POST, "/api/v1/operations", &token, body).await;
        assert_eq!(page.status, status, "{}", page.html);
        assert!(!page.json()["detail"].as_str().unwrap().is_empty());
    }
    assert_eq!(kit.office.city().access.operations(), 0);
}

#[tokio::test]
async fn nobody_states_a_proof_that_only_the_office_may_state() {
    let kit = Kit::new();
    let (mut program, token) = token(&kit, "K-1").await;
    let size = kit.office.journal().head(&journal::JournalName::new("register").unwrap()).unwrap().size;
    for act in [
        json!({"access": {"set_password": {"person": "clerk", "old_proven": true}}}),
        json!({"access": {"sign_out": "asked"}}),
        json!({"assets": {"enter_residents": []}}),
        json!({"organization": {"found": {"people": [], "appointments": []}}}),
    ] {
        let page = call(&mut program, Method::POST, "/api/v1/acts", &token, act.clone()).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{act}: {}", page.html);
        assert_eq!(page.json()["type"], "/problems/not-yours", "{act}");
    }
    let act = json!({"access": {"retire_terminal": TERMINAL}});
    let page = call(&mut program, Method::POST, "/api/v1/acts", &token, act).await;
    assert_eq!(
        (page.status, &page.json()["citations"]),
        (StatusCode::FORBIDDEN, &json!(["15"])),
        "{}",
        page.html
    );
    // Only the refusal was recorded.
    let after = kit.office.journal().head(&journal::JournalName::new("register").unwrap()).unwrap().size;
    assert_eq!(after, size + 1);
}

#[tokio::test]
async fn acts_ledgers_and_refusals_are_there_for_programs() {
    let kit = Kit::new();
    let (mut program, token) = token(&kit, "K-3").await;
    let act = json!({"access": {"register_terminal": {"id": "CS-0102", "room": "terminal-shimin", "section": "shimin"}}});
    let page = call(&mut program, Method::POST, "/api/v1/acts", &token, act.clone()).await;
    assert_eq!(page.status, StatusCode::CREATED, "{}", page.html);
    let page = call(&mut program, Method::POST, "/api/v1/acts", &token, act).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.json()["field"], "terminal");
    let page = call(&mut program, Method::GET, "/api/v1/ledgers/terminals", &token, Value::Null).await;
    assert_eq!(page.json()["rows"].as_array().unwrap().len(), 2);
    let page = call(&mut program, Method::GET, "/api/v1/ledgers", &token, Value::Null).await;
    assert_eq!(page.json().as_array().unwrap().len(), register::ledgers().count());
    let page = call(&mut program, Method::GET, "/api/v1/refusals", &token, Value::Null).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        call(&mut program, Method::DELETE, "/api/v1/stay", &token, Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    let page = call(&mut program, Method::GET, "/api/v1/refusals", &token, Value::Null).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_browsers_cookie_is_worth_nothing_here() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-1").await;
    assert_eq!(browser.get("/api/v1/refusals").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_regulation_and_the_journals_are_there_for_everybody() {
    let kit = Kit::new();
    let mut program = kit.browser();
    let articles = program.get("/api/v1/articles").await.json();
    assert_eq!(articles.as_array().unwrap().len(), 30);
    assert_eq!(program.get("/api/v1/articles/14-2").await.json()["id"], "14");
    let coverage = program.get("/api/v1/coverage").await.json();
    assert_eq!(coverage.as_array().unwrap().len(), kit.office.profile().demands().len());
    assert_eq!(program.get("/api/v1/journals").await.json().as_array().unwrap().len(), 4);
    let proof = program.get("/api/v1/journals/register/0/proof").await.json();
    assert!(proof["proof"].as_str().unwrap().starts_with("c2sp.org/tlog-proof@v1"));
    assert_eq!(program.get("/api/v1/openapi.json").await.json()["info"]["title"], "関所 Sekisho");
}

/// A challenge that a card of the drawer has signed: session, certificate, signature.
async fn signed(kit: &Kit, program: &mut Browser, card: &str) -> Value {
    let page =
        call(program, Method::POST, "/api/v1/sign-in/challenge", "", json!({"terminal": TERMINAL})).await;
    let asked = page.json();
    let text = |key: &str| asked[key].as_str().expect("text").to_owned();
    let challenge = card::Challenge {
        origin: text("origin"),
        terminal: text("terminal"),
        session: text("session"),
        nonce: hex::decode(text("nonce")).unwrap().try_into().unwrap(),
        exporter: Vec::new(),
    };
    let mut soft = Drawer::open(&kit.office.data().join("drawer")).unwrap().take(&id(card)).unwrap();
    soft.verify_pin(&Pin::new(PIN).unwrap()).unwrap();
    json!({
        "session": challenge.session,
        "certificate": BASE64.encode(soft.certificate()),
        "signature": BASE64.encode(soft.sign(&challenge).unwrap()),
    })
}

#[tokio::test]
async fn rooms_passages_and_findings_are_there_for_programs() {
    let kit = Kit::new();
    let key = rooms::NewKey { id: id("K-401-1"), room: id("cs-room"), name: "正鍵".to_owned() };
    kit.act(&id("p-kanzai-kacho"), rooms::Act::RegisterKey(key)).unwrap();
    kit.act(&id("p-kanzai-kacho"), rooms::Act::CountKeys(Vec::new())).unwrap();
    let headings = "日時,室,方向,氏名,所属,職員番号,方法,立会者,名札番号,目的\n";
    let lines: Vec<String> = (0..150)
        .map(|at| format!("2026/11/02 {:02}:{:02}:00,CS室,入室,架空,,clerk,鍵,,,\n", at / 60, at % 60))
        .collect();
    let file = rooms::import::read(format!("{headings}{}", lines.concat()).as_bytes()).unwrap();
    kit.act(&id("p-joho-tokei-kacho"), rooms::Act::ImportPassages(file)).unwrap();
    let (mut program, token) = token(&kit, "K-3").await;
    let mut get = async |path: &str| call(&mut program, Method::GET, path, &token, Value::Null).await;
    let found = get("/api/v1/rooms").await.json();
    assert_eq!(found[0]["id"], "cs-room");
    assert_eq!((&found[0]["inside"], &found[0]["locked_down"]), (&json!(0), &json!(false)));
    let first = get("/api/v1/passages?room=cs-room&direction=in").await.json();
    assert_eq!(first["passages"].as_array().unwrap().len(), 100);
    assert_eq!(first["passages"][0]["at"], "2026-11-01T17:29:00Z");
    let next = first["next"].as_str().unwrap().to_owned();
    let rest = get(&format!("/api/v1/passages?room=cs-room&direction=in&after={next}")).await.json();
    assert_eq!((rest["passages"].as_array().unwrap().len(), &rest["next"]), (50, &Value::Null));
    assert_eq!(get("/api/v1/passages?direction=out").await.json()["passages"], json!([]));
    for wrong in ["from=someday", "until=2026-11-01&from=2026-11-02", "after=passages/99999"] {
        assert_eq!(
            get(&format!("/api/v1/passages?{wrong}")).await.status,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
    let findings = get("/api/v1/findings?open=true").await.json();
    assert_eq!(findings[0]["kind"], "keys-differ");
    assert_eq!(findings.as_array().unwrap().len(), 301);
}

#[tokio::test]
async fn a_key_is_lent_by_the_program_at_the_desk_to_whose_card_answers() {
    let mut kit = Kit::new();
    kit.card("p-kanzai-kacho", "business-clerk", "K-6");
    let key = rooms::NewKey { id: id("K-401-1"), room: id("cs-room"), name: "正鍵".to_owned() };
    kit.act(&id("p-kanzai-kacho"), rooms::Act::RegisterKey(key)).unwrap();
    let (mut program, token) = token(&kit, "K-6").await;
    let mut proof = signed(&kit, &mut program, "K-1").await;
    let loan = json!({"key": "K-401-1", "purpose": "点検", "due": "2026-11-23T17:15:00+09:00"});
    proof.as_object_mut().unwrap().extend(loan.as_object().unwrap().clone());
    // The card is sound; its holder has no permit for the room.
    let page = call(&mut program, Method::POST, "/api/v1/keys/loans", &token, proof.clone()).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    page.says(&["9-2.key"]).does_not_say("11.borrower");
    // A challenge is good once.
    let page = call(&mut program, Method::POST, "/api/v1/keys/loans", &token, proof).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(kit.office.city().rooms.loans_out().count(), 0);
}
