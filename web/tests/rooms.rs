//! `/rooms` and everything below it: 第3章, from the board to the findings.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use door::wire::{Answer, Ask, Name, Nonce, Sealed, SecretKey, Sync, Upload};
use jiff::SignedDuration;
use register::rooms::{
    Act, AlarmKind, BEFORE_THE_FIRST, Contract, Direction, DoorEvent, Means, NewKey, NewOutsider, Pass,
    Report, Via,
};
use register::{Occasion, PersonId, Place, RoomId};
use tower::ServiceExt as _;

use crate::kit::{Browser, Kit, PIN, Page, id};

const CHIEF: &str = "p-joho-tokei-kacho";
const DESK: &str = "p-kanzai-kacho";
const DOOR: &str = testbed::DOOR;

/// The city with a card for the head of 管財課 (`K-6`) beside those of 市民課 (`K-1`) and 情報統計課 (`K-3`).
fn city() -> Kit {
    let mut kit = Kit::new();
    kit.card(DESK, "business-clerk", "K-6");
    kit
}

fn act(kit: &Kit, by: &str, act: Act) {
    kit.act(&id(by), act.clone()).unwrap_or_else(|declined| panic!("{act:?}: {declined:?}"));
}

/// A door controller acts.
fn at_door(kit: &Kit, act: Act) {
    let on = Occasion { place: Place::Door(id("C-1")), ..kit.at_console(&id(CHIEF)) };
    kit.office.submit(act.clone().into(), on).unwrap_or_else(|declined| panic!("{act:?}: {declined:?}"));
}

fn with_key(kit: &Kit) {
    kit.permit("permit-2", CHIEF, "cs-room", CHIEF);
    let key = NewKey { id: id("K-401-1"), room: id("cs-room"), name: "正鍵".to_owned() };
    act(kit, DESK, Act::RegisterKey(key));
}

/// The chief goes through the door, as its controller asks.
fn pass(kit: &Kit, direction: Direction, seq: u64) {
    let pass = Pass {
        person: id(CHIEF),
        room: id("cs-room"),
        direction,
        means: Means::Fingerprint(Some("17".parse().unwrap())),
        door: Some(id(DOOR)),
        purpose: String::new(),
        via: Via::Door { controller: id("C-1"), seq },
    };
    at_door(kit, Act::Pass(pass));
}

fn report(kit: &Kit, seq: u64, previous: &str, what: DoorEvent) {
    let report = Report {
        controller: id("C-1"),
        seq,
        at: kit.office.now(),
        previous: previous.to_owned(),
        digest: format!("{seq:064x}"),
        what,
    };
    at_door(kit, Act::ReportDoor { controller: id("C-1"), reports: vec![report] });
}

fn visitor(kit: &Kit, number: &str) {
    let contract = Contract {
        name: "CS機器保守".to_owned(),
        proof: "社員証の写し".to_owned(),
        until: "2027-03-31".parse().unwrap(),
    };
    let new = NewOutsider {
        id: id(number),
        name: "客野　守".to_owned(),
        organisation: "架空保守株式会社".to_owned(),
        contract: Some(contract),
    };
    act(kit, CHIEF, Act::EnterOutsider(new));
}

/// A form whose answer is the form again, with the fault at this field.
async fn faulty(browser: &mut Browser, path: &str, fields: &[(&str, &str)], at: &str) -> Page {
    let page = browser.post(path, fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {}", page.html);
    page.says(&[&format!("id=\"{at}-error\""), "<title>エラー："]);
    page
}

/// An act that the regulation refuses, under this policy.
async fn refused(browser: &mut Browser, path: &str, fields: &[(&str, &str)], policy: &str) {
    let to = browser.post(path, fields).await.location().to_owned();
    assert!(to.starts_with("/refused/"), "{path} leads to {to}");
    browser.get(&to).await.says(&[policy]);
}

#[tokio::test]
async fn the_board_names_people_to_those_who_look_after_the_room_only() {
    let kit = city();
    kit.with_door("C-1", &BASE64.encode([7; 32]));
    pass(&kit, Direction::In, 0);
    report(&kit, 0, BEFORE_THE_FIRST, DoorEvent::Opened(id(DOOR)));
    let name = kit.office.city().name_of(&id::<PersonId>(CHIEF));
    let mut chief = kit.signed_in("K-3").await;
    let page = chief.get("/rooms").await;
    page.says(&[
        "室の状況",
        "データ保管室",
        "本庁舎4階の平面図",
        "扉が開いています",
        "data-live",
        "レベル2・1人",
    ]);
    page.says(&[&format!("・{CHIEF}<")]);
    chief.get("/rooms/cs-room").await.says(&["permit-1", "きょうの入退室", "許可を申請する", &name]);
    let mut clerk = kit.signed_in("K-1").await;
    let page = clerk.get("/rooms").await;
    page.says(&["レベル2・1人", "名前は、規程の職にある人と"]);
    page.does_not_say(&format!("・{CHIEF}<"));
    let page = clerk.get("/rooms/cs-room").await;
    page.says(&["あなたの許可で、いま有効なものはありません"]).does_not_say(&format!("・{CHIEF}<"));
    // Nor does any list to choose from name them.
    for path in ["/rooms/passages", "/rooms/escorts", "/rooms/keys", "/rooms/tags", "/rooms/fingers"] {
        clerk.get(path).await.does_not_say(CHIEF);
    }
    assert_eq!(clerk.get("/rooms/nowhere").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_lockdown_is_ordered_shown_and_lifted() {
    let kit = city();
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms").await;
    faulty(&mut chief, "/rooms/lockdown", &[("why", "")], "why").await;
    let page = chief.done("/rooms/lockdown", &[("why", "不審な通信")]).await;
    page.says(&["緊急時の封鎖中です", "不審な通信", "封鎖を解く", "封鎖中"]);
    faulty(&mut chief, "/rooms/lockdown", &[("why", "もう一度")], "why").await;
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/rooms").await.says(&["緊急時の封鎖中です", "封鎖を命じ、解けるのは"]);
    refused(&mut clerk, "/rooms/lockdown/lift", &[("why", "もうよい")], "28.order").await;
    // One stay for a terminal: the chief signs in again.
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms").await;
    chief.done("/rooms/lockdown/lift", &[("why", "原因がわかった")]).await.does_not_say("緊急時の封鎖中です");
}

#[tokio::test]
async fn a_change_is_told_to_whoever_watches_and_to_nobody_after_the_stay() {
    let kit = city();
    let browser = kit.signed_in("K-3").await;
    let cookies: Vec<String> = browser.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::builder().uri("/rooms/live").header(header::COOKIE, cookies.join("; "));
    let answer = browser.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut stream = answer.into_body().into_data_stream();
    let first = next(&mut stream).await.expect("a first event");
    assert!(first.contains("event: rooms"), "{first}");
    act(&kit, CHIEF, Act::LockDown { reason: "演習".to_owned() });
    let second = next(&mut stream).await.expect("the change");
    assert!(second.contains("event: rooms") && second != first, "{second}");
    // Nobody acts any more: watching does not keep the stay open.
    kit.wait(SignedDuration::from_hours(12));
    assert_eq!(next(&mut stream).await, None);
}

async fn next(stream: &mut axum::body::BodyDataStream) -> Option<String> {
    use std::pin::Pin;
    let wait =
        std::future::poll_fn(|context| futures_core::Stream::poll_next(Pin::new(&mut *stream), context));
    let bytes = tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.expect("in time")?;
    Some(String::from_utf8(bytes.unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn a_passage_is_written_down_by_hand_and_found_again() {
    let kit = city();
    kit.permit("permit-3", "clerk", "terminal-shimin", "p-shimin-kacho");
    act(&kit, CHIEF, Act::IssueTag { tag: "5".parse().unwrap(), to: id("clerk") });
    let mut head = kit.signed_in("K-2").await;
    head.get("/rooms/passages").await.says(&["この条件に合う入退室の記録はありません", "入退室を記録する"]);
    let fields = [
        ("room", "terminal-shimin"),
        ("person", "clerk"),
        ("direction", "in"),
        ("means", "attended"),
        ("purpose", "窓口の業務"),
    ];
    head.done("/rooms/passages", &fields).await.says(&["窓口の業務", "受付", "原簿 passages"]);
    faulty(&mut head, "/rooms/passages", &fields, "record-person").await.says(&["入室中"]);
    let without = [("room", ""), ("person", "x y"), ("direction", ""), ("means", ""), ("purpose", "")];
    let page = faulty(&mut head, "/rooms/passages", &without, "record-room").await;
    page.says(&[
        "record-person-error",
        "record-direction-error",
        "record-means-error",
        "record-purpose-error",
        "x y",
    ]);
    head.get("/rooms/passages?direction=out").await.does_not_say("原簿 passages");
    head.get("/rooms/passages?room=terminal-shimin&means=attended&person=clerk").await.says(&["窓口の業務"]);
    let page = head.get("/rooms/passages?from=2026-11-24&until=2026-11-20").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["id=\"until-error\""]);
    let file = head.get("/rooms/passages.csv?room=terminal-shimin").await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    file.says(&["日時", "窓口の業務"]);
    head.get("/ledgers/entries").await.leads_to("/rooms/passages");
    // Whoever has nothing to do with the room sees nothing of it.
    let mut desk = kit.signed_in("K-4").await;
    desk.get("/rooms/passages?room=cs-room").await.says(&["この条件に合う"]);
}

#[tokio::test]
async fn the_entry_ledger_is_turned_page_by_page() {
    let kit = city();
    kit.with_door("C-1", &BASE64.encode([7; 32]));
    for turn in 0..60 {
        kit.wait(SignedDuration::from_mins(1));
        pass(&kit, Direction::In, 2 * turn);
        pass(&kit, Direction::Out, 2 * turn + 1);
    }
    let mut chief = kit.signed_in("K-3").await;
    let page = chief.get("/rooms/passages?room=cs-room").await;
    page.says(&["120件", "1–100件目（全120件）", "href=\"/rooms/passages?page=2&#38;room=cs-room\""]);
    assert_eq!(page.html.matches("class=\"receipt\"").count(), 100);
    let page = chief.get("/rooms/passages?page=2&room=cs-room").await;
    page.says(&["101–120件目（全120件）"]);
    assert_eq!(page.html.matches("class=\"receipt\"").count(), 20);
    assert_eq!(chief.get("/rooms/passages.csv").await.html.lines().count(), 121);
}

const HEADINGS: &str = "日時,室,方向,氏名,所属,職員番号,方法,立会者,名札番号,目的\r\n";

#[tokio::test]
async fn another_system_s_records_come_in_once_and_whole_or_not_at_all() {
    let kit = city();
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms/passages/import").await.says(&["passages.csv"]);
    let page = chief.post_files("/rooms/passages/import", &[], &[]).await;
    page.says(&["id=\"file-error\"", "ファイルを選んでください"]);
    let wrong = format!(
        "{HEADINGS}きのう,CS室,入室,架空,,clerk,鍵,,,\r\n2026/11/02 08:30:00,倉庫,斜め,架空,,clerk,鍵,,,\r\n"
    );
    let file: (&str, &str, &[u8]) = ("file", "passages.csv", wrong.as_bytes());
    let page = chief.post_files("/rooms/passages/import", &[], &[file]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&["2行目", "日時", "3行目", "方向", "を受け取っています", "何も取り込まれていません"]);
    let unknown = format!("{HEADINGS}2026/11/02 08:30:00,倉庫,入室,架空,,clerk,鍵,,,\r\n");
    let file: (&str, &str, &[u8]) = ("file", "passages.csv", unknown.as_bytes());
    let page = chief.post_files("/rooms/passages/import", &[], &[file]).await;
    page.says(&["2行目", "「倉庫」という室はありません", "を受け取っています"]);
    let sound = format!(
        "{HEADINGS}2026/11/02 08:30:00,CS室,入室,架空,,clerk,鍵,,3,点検\r\n2026/11/02 09:00:00,CS室,退室,架空,,clerk,鍵,,3,点検\r\n"
    );
    let file: (&str, &str, &[u8]) = ("file", "passages.csv", sound.as_bytes());
    let to = chief.post_files("/rooms/passages/import", &[], &[file]).await.location().to_owned();
    chief.get(&to).await.says(&["2件を新しく取り込みました", "合わないものが2件"]);
    chief.get("/rooms/findings").await.says(&["貸出しのない鍵での入室", "許可のない入室"]);
    chief.get("/rooms/passages/import").await;
    let to = chief.post_files("/rooms/passages/import", &[], &[file]).await.location().to_owned();
    chief.get(&to).await.says(&["0件を新しく取り込みました", "2行は既にある記録"]);
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/rooms/passages/import").await.says(&["いまは行えません"]);
}

#[tokio::test]
async fn an_escort_is_opened_by_whoever_is_enrolled_and_closed_again() {
    let kit = city();
    kit.with_door("C-1", &BASE64.encode([7; 32]));
    visitor(&kit, "G-1");
    kit.permit("permit-9", "G-1", "cs-room", CHIEF);
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms/escorts").await.says(&["立会いを始める", "G-1"]);
    let fields = [("guest", "G-1"), ("room", "cs-room"), ("purpose", "点検"), ("necessity", "機器の故障")];
    let empty = [("guest", ""), ("room", ""), ("purpose", ""), ("necessity", "")];
    faulty(&mut chief, "/rooms/escorts", &empty, "guest").await.says(&["necessity-error", "room-error"]);
    refused(&mut chief, "/rooms/escorts", &fields, "9-2.escort-tag").await;
    act(&kit, CHIEF, Act::IssueTag { tag: "2".parse().unwrap(), to: id("G-1") });
    chief.get("/rooms/escorts").await;
    let page = chief.done("/rooms/escorts", &fields).await;
    page.says(&["客野　守", "機器の故障", "入室前", "終わりにする"]);
    faulty(&mut chief, "/rooms/escorts", &fields, "guest").await.says(&["立会いを受けている者"]);
    let escort = kit.office.city().rooms.escorts().next().unwrap().0.clone();
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/rooms/escorts").await.says(&["いまは行えません"]).does_not_say("機器の故障");
    refused(&mut clerk, &format!("/rooms/escorts/{escort}/close"), &[], "9-2.escort-close").await;
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms/escorts").await;
    chief.done(&format!("/rooms/escorts/{escort}/close"), &[]).await.says(&["終わった"]);
}

#[tokio::test]
async fn a_key_is_lent_to_whose_card_answers_and_to_nobody_without() {
    let kit = city();
    with_key(&kit);
    let mut desk = kit.signed_in("K-6").await;
    desk.get("/rooms/keys").await.says(&["K-401-1", "保管中", "value=\"2026-11-23T17:15\""]);
    let loan = [("key", "K-401-1"), ("purpose", "機器の点検"), ("due", "2026-11-23T17:15")];
    let page = desk.post("/rooms/keys/lend", &loan).await;
    assert_eq!(page.status, StatusCode::OK);
    page.says(&["借りる人のカード", "機器の点検", "value=\"K-3\"", "カードがないとき"]);
    let with = |more: &[(&'static str, &'static str)]| [loan.as_slice(), more].concat();
    let wrong = with(&[("step", "card"), ("card", "K-3"), ("pin", "000000")]);
    let page = faulty(&mut desk, "/rooms/keys/lend", &wrong, "pin").await;
    // The form for whoever has no card stays what it was.
    page.says(&["機器の点検", "name=\"step\" value=\"person\"", "name=\"step\" value=\"card\""]);
    let nobody = with(&[("step", "person"), ("person", "")]);
    let page = faulty(&mut desk, "/rooms/keys/lend", &nobody, "person").await;
    page.says(&["name=\"step\" value=\"person\"", "name=\"step\" value=\"card\""]);
    faulty(&mut desk, "/rooms/keys/lend", &with(&[("step", "card"), ("card", ""), ("pin", "")]), "card")
        .await;
    refused(&mut desk, "/rooms/keys/lend", &with(&[("step", "person"), ("person", CHIEF)]), "11.borrower")
        .await;
    // The clerk's card is sound, but the clerk has no permit for that room.
    let other = with(&[("step", "card"), ("card", "K-1"), ("pin", PIN)]);
    refused(&mut desk, "/rooms/keys/lend", &other, "9-2.key").await;
    desk.get("/rooms/keys").await;
    let proven = with(&[("step", "card"), ("card", "K-3"), ("pin", PIN)]);
    desk.done("/rooms/keys/lend", &proven).await.says(&["貸出中", "機器の点検"]);
    let lent = kit.office.city().rooms.loans_out().next().cloned().unwrap();
    assert_eq!((lent.to, lent.card), (id(CHIEF), Some(id("K-3"))));
    faulty(&mut desk, "/rooms/keys/lend", &loan, "key").await.says(&["貸出中です"]);
    faulty(&mut desk, "/rooms/keys/return", &[("return-key", "K-9")], "return-key").await;
    let back = [("return-key", "K-401-1"), ("remark", "傷あり")];
    desk.done("/rooms/keys/return", &back).await.says(&["保管中", "傷あり"]);
    let mut clerk = kit.signed_in("K-1").await;
    let page = clerk.get("/rooms/keys").await;
    page.says(&["鍵を貸し出す・鍵が返った・鍵の数を確かめる", "あなたが返した鍵の記録はありません"]);
    page.does_not_say("傷あり").does_not_say("/ledgers/keys");
    assert_eq!(page.html.matches("管財課の職員だけが行えます").count(), 1, "said once");
    // Whoever is not of the desk is asked for nobody's card.
    refused(&mut clerk, "/rooms/keys/lend", &loan, "11.keys").await;
}

#[tokio::test]
async fn keys_are_registered_labelled_counted_and_retired() {
    let kit = city();
    let mut desk = kit.signed_in("K-6").await;
    let page = desk.get("/rooms/keys").await;
    page.says(&["鍵はまだ登録されていません", "data-store"]);
    page.does_not_say("id=\"lend\"").does_not_say("value=\"terminal-shimin\"");
    faulty(&mut desk, "/rooms/keys/register", &[("new-key", "鍵"), ("room", "")], "new-key").await;
    let key = [("new-key", "K-401-1"), ("room", "cs-room"), ("key-name", "正鍵")];
    desk.done("/rooms/keys/register", &key).await.says(&["K-401-1", "正鍵"]);
    faulty(&mut desk, "/rooms/keys/register", &key, "new-key").await.says(&["既に登録されています"]);
    let labels = desk.get("/rooms/keys/labels").await;
    labels.says(&["K-401-1", "<path d=\"M", "viewBox=\"0 0 29 29\""]).does_not_say("CS室");
    desk.get("/rooms/keys").await;
    let page = desk.done("/rooms/keys/count", &[]).await;
    page.says(&["K-401-1が、保管場所にも貸出しにもありません。", "照合の不一致を見る"]);
    kit.clock.set("2026-11-24T08:30:00+09:00".parse().unwrap());
    let mut desk = kit.signed_in("K-6").await;
    desk.get("/rooms/keys").await.says(&["きょうの鍵の数は、まだ確かめられていません"]);
    desk.done("/rooms/keys/count", &[("hanging", "K-401-1")]).await.does_not_say("まだ確かめられていません");
    faulty(&mut desk, "/rooms/keys/retire", &[("retired-key", "K-401-1"), ("why", "")], "why").await;
    let retire = [("retired-key", "K-401-1"), ("why", "錠の取替え")];
    desk.done("/rooms/keys/retire", &retire).await.says(&["鍵はまだ登録されていません"]);
}

#[tokio::test]
async fn tags_are_handed_out_and_come_back_by_number() {
    let kit = city();
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms/tags").await.says(&["渡している名札はありません"]);
    faulty(&mut chief, "/rooms/tags", &[("tag", "零"), ("person", "clerk")], "tag").await.says(&["零"]);
    chief.done("/rooms/tags", &[("tag", "23"), ("person", "clerk")]).await.says(&["渡している名札", "23"]);
    faulty(&mut chief, "/rooms/tags", &[("tag", "23"), ("person", "spare")], "tag").await;
    faulty(&mut chief, "/rooms/tags", &[("tag", "24"), ("person", "who")], "person").await;
    let page = chief.done("/rooms/tags", &[("tag", "7"), ("person", "spare")]).await;
    let at = |tag: &str| page.html.find(&format!("name=\"tag\" value=\"{tag}\"")).expect(tag);
    assert!(at("7") < at("23"), "in the order of their numbers");
    chief.done("/rooms/tags/return", &[("tag", "7")]).await;
    chief.done("/rooms/tags/return", &[("tag", "23")]).await.says(&["渡している名札はありません"]);
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/rooms/tags").await.says(&["名札を渡し、受け取れるのは"]);
    refused(&mut clerk, "/rooms/tags", &[("tag", "9"), ("person", "clerk")], "9-2.tag-desk").await;
}

#[tokio::test]
async fn fingers_are_entered_removed_and_compared_with_the_lock() {
    let kit = city();
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms/fingers").await.says(&["扉がまだ登録されていません"]);
    kit.with_door("C-1", &BASE64.encode([7; 32]));
    kit.permit("permit-7", "spare", "cs-room", CHIEF);
    chief.get("/rooms/fingers?door=D-401").await.says(&["17", "許可あり", "value=\"D-401\" selected"]);
    faulty(&mut chief, "/rooms/fingers", &[("door", ""), ("member", "x"), ("person", "")], "member").await;
    let finger = [("door", DOOR), ("member", "18"), ("person", "spare")];
    chief.done("/rooms/fingers", &finger).await.says(&["吾妻　澄子", "入退室許可 令和8年度第2号"]);
    faulty(&mut chief, "/rooms/fingers", &finger, "member").await;
    refused(
        &mut chief,
        "/rooms/fingers",
        &[("door", DOOR), ("member", "19"), ("person", "clerk")],
        "9-2.enrolment",
    )
    .await;
    chief.get("/rooms/fingers").await;
    let list = [("compare-door", DOOR), ("members", "17、\n99")];
    chief.done("/rooms/fingers/compare", &list).await.says(&[
        "違いがある",
        "99番が、錠にあって登録簿にありません。",
        "18番が、登録簿にあって錠にありません。",
    ]);
    faulty(&mut chief, "/rooms/fingers/compare", &[("compare-door", DOOR), ("members", "17,a")], "members")
        .await;
    let gone = [("remove-door", DOOR), ("remove-member", "18"), ("why", "異動")];
    chief.done("/rooms/fingers/remove", &gone).await.does_not_say("吾妻　澄子・");
    faulty(&mut chief, "/rooms/fingers/remove", &gone, "remove-member").await;
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/rooms/fingers").await.says(&["情報統計課の職員だけが行えます"]);
}

#[tokio::test]
async fn controllers_are_registered_and_alarms_get_their_word() {
    let kit = city();
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms/doors").await.says(&["扉はまだ登録されていません"]);
    let key = BASE64.encode([7; 32]);
    let new = |key: &'static str, doors: &'static str| {
        [("controller", "C-1"), ("controller-key", key), ("doors", doors)]
    };
    let key: &'static str = key.leak();
    faulty(&mut chief, "/rooms/doors", &new(key, "D-401"), "doors").await.says(&["間を空けて"]);
    faulty(&mut chief, "/rooms/doors", &new(key, "D-401 倉庫"), "doors")
        .await
        .says(&["「倉庫」という室はありません"]);
    faulty(&mut chief, "/rooms/doors", &new("short", "D-401 CS室"), "controller-key").await;
    chief.done("/rooms/doors", &new(key, "D-401 CS室\nD-402 data-store")).await.says(&["D-402", "連絡なし"]);
    chief.get("/rooms/doors").await.says(&["連絡がまだない", &kit.office.door_key().to_string()]);
    chief.get("/rooms").await.says(&["扉の制御器から連絡がありません", "C-1：連絡がまだない"]);
    let alarm =
        DoorEvent::Alarm { door: Some(id(DOOR)), kind: AlarmKind::HeldOpen, detail: "70秒".to_owned() };
    report(&kit, 0, BEFORE_THE_FIRST, alarm);
    let page = chief.get("/rooms/doors").await;
    page.says(&["扉が開いたまま", "70秒", "続いている", "警報についてしたことを記録する"]);
    page.does_not_say("記録待ち");
    // A finger that nobody knows is over as soon as it is told.
    let kind = AlarmKind::UnknownMember;
    let alarm = DoorEvent::Alarm { door: Some(id(DOOR)), kind, detail: "番号 99".to_owned() };
    report(&kit, 1, &format!("{:064x}", 0), alarm);
    chief.get("/rooms/doors").await.says(&["登録簿にない指紋の番号", "記録待ち"]);
    chief.get("/rooms").await.says(&["処置の記録を待つ警報", "開いたまま"]);
    let receipt = kit.office.city().rooms.alarms()[0].receipt.to_string();
    faulty(&mut chief, "/rooms/doors/alarms", &[("alarm", &receipt), ("remark", "")], "remark").await;
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/rooms/doors").await.does_not_say("70秒");
    refused(&mut clerk, "/rooms/doors/alarms", &[("alarm", &receipt), ("remark", "見た")], "10-2.alarms")
        .await;
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms/doors").await;
    let closed = [("alarm", receipt.as_str()), ("remark", "荷物を運んでいた")];
    chief.done("/rooms/doors/alarms", &closed).await.says(&["処置済み", "荷物を運んでいた"]);
    chief.done("/rooms/doors/retire", &[("retired", "C-1")]).await.says(&["廃止"]);
}

#[tokio::test]
async fn people_from_outside_are_entered_one_by_one() {
    let kit = city();
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms/outsiders").await.says(&["名簿に載っている人はいません"]);
    let half = [("person", "G-1"), ("name", "客野"), ("organisation", "架空社"), ("contract", "保守")];
    faulty(&mut chief, "/rooms/outsiders", &half, "employment").await.says(&["until-error"]);
    let whole = [half.as_slice(), &[("employment", "社員証"), ("until", "2027-03-31")]].concat();
    chief.done("/rooms/outsiders", &whole).await.says(&["架空社", "社員証", "名簿にある"]);
    faulty(&mut chief, "/rooms/outsiders", &whole, "person").await.says(&["既に登録されています"]);
    let guest = [("person", "G-2"), ("name", "来田"), ("organisation", "架空大学")];
    chief.done("/rooms/outsiders", &guest).await.says(&["（来訪者）"]);
    let end = [("ended", "G-1"), ("why", "契約の終了")];
    chief.done("/rooms/outsiders/end", &end).await.says(&["契約の終了"]);
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/rooms/outsiders").await.says(&["いまは行えません"]).does_not_say("架空社");
}

#[tokio::test]
async fn a_finding_is_answered_sent_back_answered_and_settled_by_the_other_hand() {
    let kit = city();
    kit.with_door("C-1", &BASE64.encode([7; 32]));
    let key = NewKey { id: id("K-401-1"), room: id("cs-room"), name: "正鍵".to_owned() };
    act(&kit, DESK, Act::RegisterKey(key));
    act(&kit, DESK, Act::CountKeys(Vec::new()));
    let mut desk = kit.signed_in("K-6").await;
    let page = desk.get("/rooms/findings").await;
    page.says(&["鍵の数の違い", "種類ごとの件数", "回答を待つ"]);
    let id = kit.office.city().findings(kit.office.now())[0].finding.id.clone();
    let path = format!("/rooms/findings/{id}");
    desk.get(&path).await.says(&["各管理簿の記載", "保管場所にない：K-401-1", "原簿 passages", "鍵の窓口へ"]);
    faulty(&mut desk, &format!("{path}/answer"), &[("answer", "")], "answer").await;
    desk.done(&format!("{path}/answer"), &[("answer", "掃除のため外した")]).await.says(&["確認を待つ"]);
    refused(&mut desk, &format!("{path}/settle"), &[], "12.two-hands").await;
    let mut chief = kit.signed_in("K-3").await;
    chief.get(&path).await.says(&["掃除のため外した", "回答を差し戻す"]);
    faulty(&mut chief, &format!("{path}/send-back"), &[("correction", "")], "correction").await;
    chief
        .done(&format!("{path}/send-back"), &[("correction", "いつ戻したか")])
        .await
        .says(&["差し戻し・回答を待つ"]);
    let mut desk = kit.signed_in("K-6").await;
    desk.get(&path).await.says(&["いつ戻したか"]);
    desk.done(&format!("{path}/answer"), &[("answer", "9時に戻した")]).await;
    let mut chief = kit.signed_in("K-3").await;
    chief.get(&path).await;
    chief.done(&format!("{path}/settle"), &[]).await.says(&["解決済み"]);
    chief.get("/rooms/findings").await.says(&["解決した不一致", "解決していない不一致はありません"]);
    let mut clerk = kit.signed_in("K-4").await;
    assert_eq!(clerk.get(&path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(clerk.get("/rooms/findings/no-permit.passages.99").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_ledgers_are_reconciled_up_to_a_day() {
    let kit = city();
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms/findings").await.says(&["照合は、まだ記録されていません", "value=\"2026-10-31\""]);
    faulty(&mut chief, "/rooms/findings/reconcile", &[("until", "いつか")], "until").await;
    faulty(&mut chief, "/rooms/findings/reconcile", &[("until", "2026-12-31")], "until").await;
    let page = chief.done("/rooms/findings/reconcile", &[("until", "2026-10-31")]).await;
    page.says(&["令和8年10月31日（土）までの管理簿は、照合が記録されています", "value=\"2026-11-22\""]);
    faulty(&mut chief, "/rooms/findings/reconcile", &[("until", "2026-10-31")], "until")
        .await
        .says(&["令和8年10月31日（土）までの照合は、もう記録されています。それより後の日を"]);
    let mut clerk = kit.signed_in("K-1").await;
    let page = clerk.get("/rooms/findings").await;
    page.says(&[
        "管理簿の照合を記録できるのは",
        "あなたとあなたの課所の室に、解決していない不一致はありません",
    ]);
}

#[tokio::test]
async fn permits_and_reports_are_cases_and_stand_in_the_navigation() {
    let kit = city();
    kit.with_door("C-1", &BASE64.encode([7; 32]));
    let mut chief = kit.signed_in("K-3").await;
    let page = chief.get("/cases/permit").await;
    page.says(&["入退室許可", "href=\"/rooms/keys\"", "aria-current=\"page\">入退室の許可"]);
    page.says(&["<li><a href=\"/rooms\">室と鍵</a></li><li><span aria-current=\"page\">入退室許可"]);
    chief.get("/cases/permit/new").await.says(&["許可を受ける人", "CS室（レベル2）", "期間中いつでも"]);
    chief.get("/cases/permit/permit-1").await.says(&["許可した", "機器の点検"]);
    chief.get("/cases/entry-report").await.says(&["報告"]);
    kit.permit("permit-2", "clerk", "terminal-shimin", "p-shimin-kacho");
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/cases/permit").await.says(&["市民課CS端末室"]).does_not_say("permit-1");
    let room: RoomId = id("cs-room");
    assert!(kit.office.city().permit(&id(CHIEF), &room, kit.office.now()).is_some());
}

#[tokio::test]
async fn a_report_shows_what_the_ledgers_say_and_is_signed_by_the_entry_manager() {
    let kit = city();
    kit.with_door("C-1", &BASE64.encode([7; 32]));
    pass(&kit, Direction::In, 0);
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/cases/entry-report/new").await.says(&["管理簿から報告に写されます"]);
    let fields =
        [("room", "cs-room"), ("from", "2026-11-01"), ("until", "2026-11-23"), ("remark", "異状なし")];
    let page = chief.done("/cases/entry-report", &fields).await;
    page.says(&["管理簿の数字", "入室 1件（うち立会い 0件）", "照合の不一致 0件"]);
    let case = kit.office.city().cases.of_kind("entry-report")[0].0.clone();
    let path = format!("/cases/entry-report/{case}/print");
    let paper = chief.get(&path).await;
    paper.says(&["入室 1件（うち立会い 0件）", "入退室管理者　情報統計課長", "セキュリティ統括責任者　様"]);
}

#[tokio::test]
async fn a_refusal_gives_back_what_was_typed_in_words() {
    let kit = city();
    with_key(&kit);
    let mut clerk = kit.signed_in("K-1").await;
    clerk.get("/rooms/keys").await;
    let loan = [("key", "K-401-1"), ("purpose", "点検"), ("due", "2026-11-23T17:15")];
    let to = clerk.post("/rooms/keys/lend", &loan).await.location().to_owned();
    clerk.get(&to).await.says(&["令和8年11月23日（月） 17:15"]);
    clerk.get("/rooms/passages").await;
    let entry = [
        ("room", "cs-room"),
        ("person", "clerk"),
        ("direction", "in"),
        ("means", "attended"),
        ("purpose", "見学"),
    ];
    let to = clerk.post("/rooms/passages", &entry).await.location().to_owned();
    clerk.get(&to).await.says(&["CS室", "入室", "受付", "見学"]).does_not_say("cs-room");
}

fn sealed(message: &impl door::wire::Message, seed: u8) -> String {
    let sealed = Sealed::seal(message, &SecretKey::from_seed(&[seed; 32])).expect("sealed");
    serde_json::to_string(&sealed).expect("JSON")
}

async fn told(kit: &Kit, path: &str, body: String) -> (StatusCode, Vec<u8>) {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json").body(Body::from(body));
    let response = kit.router.clone().oneshot(request.expect("a request")).await.expect("answered");
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1_000_000).await.expect("a body");
    (status, bytes.to_vec())
}

#[tokio::test]
async fn a_controller_is_known_by_its_seal_and_by_nothing_else() {
    let kit = city();
    let key = SecretKey::from_seed(&[9; 32]);
    kit.with_door("C-1", &key.public().to_string());
    let ask = Ask {
        controller: Name::new("C-1").expect("a name"),
        nonce: Nonce::fresh().expect("random bytes"),
        seq: 0,
        at: kit.office.now(),
        door: Name::new(DOOR).expect("a name"),
        direction: door::wire::Direction::In,
        presented: door::wire::Presented::Finger { member: 17 },
    };
    assert_eq!(told(&kit, "/door/v1/ask", "{}".to_owned()).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(told(&kit, "/door/v1/ask", sealed(&ask, 8)).await.0, StatusCode::FORBIDDEN);
    assert_eq!(told(&kit, "/door/v1/upload", sealed(&ask, 9)).await.0, StatusCode::FORBIDDEN);
    assert!(kit.office.city().rooms.passages().all().is_empty());
    let mut chief = kit.signed_in("K-3").await;
    chief.get("/rooms").await.says(&["C-1：連絡がまだない"]);
    let (status, body) = told(&kit, "/door/v1/ask", sealed(&ask, 9)).await;
    assert_eq!(status, StatusCode::OK);
    let answer: Sealed = serde_json::from_slice(&body).expect("sealed");
    let answer: Answer = answer.open(&kit.office.door_key()).expect("the office's word");
    assert!(answer.open && answer.nonce == ask.nonce);
    let upload = Upload { controller: ask.controller.clone(), nonce: ask.nonce.clone(), records: Vec::new() };
    assert_eq!(told(&kit, "/door/v1/upload", sealed(&upload, 9)).await.0, StatusCode::OK);
    let sync =
        Sync { controller: ask.controller, nonce: ask.nonce, at: kit.office.now(), have: 0, doors: vec![] };
    assert_eq!(told(&kit, "/door/v1/sync", sealed(&sync, 9)).await.0, StatusCode::OK);
    chief.get("/rooms").await.does_not_say("連絡がありません");
    chief.get("/rooms/doors").await.says(&["連絡あり"]);
}
