//! The golden table: every act × every post, with the articles that stand against it.
//!
//! The table is kept as text and reviewed as text. When a change of it is meant, run the test with
//! `SEKISHO_BLESS=1` and read the difference before committing it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use jiff::SignedDuration;
use policy::Effect;
use register::access::{self, CardState, LendSpare, Operation, OperationKind, Output, SignOutCause};
use register::case::{self, Particulars};
use register::organization::{self, Appointment};
use register::rooms::{self, Direction, Lend, Means, NewEscort};
use register::terms::ResidentCode;
use register::{Act, assets};

use crate::kit::{
    Given, Outcome, card, contractor, controller, designation, finger, id, monday, pass, person, profile,
    proof, regulator, step_of, tag,
};

/// Who acts: a holder of each post, and people who hold none.
const ACTORS: &[(&str, &str)] = &[
    ("founder", "設置者"),
    ("sogo-seisaku-bucho", "統括責任者"),
    ("joho-tokei-jicho", "副責任者"),
    ("joho-tokei-kacho", "システム管理者・アクセス管理責任者"),
    ("kanzai-kacho", "鍵の管理者"),
    ("shimin-kacho", "市民課のセキュリティ責任者"),
    ("community-suishin-kacho", "コミュニティ推進課のセキュリティ責任者"),
    ("shimin-sodan-kacho", "市民相談課長"),
    ("technician", "情報統計課の職員"),
    ("clerk", "市民課の操作者"),
    ("novice", "市民課の職員（指定なし）"),
    ("nobody", "不明の者"),
    ("machine", "扉の制御器"),
];

fn operation(kind: OperationKind) -> Act {
    let operation = Operation {
        kind,
        condition: String::new(),
        reason: Some("開示請求 令8-3".to_owned()),
        touched: vec![ResidentCode::from_number(12_345_678_903).expect("a code")],
        hits: 1,
        output: Output::Screen,
        section: None,
        card: None,
        terminal: None,
    };
    access::Act::Operate(operation).into()
}

/// One of each act, and the city in which it is asked for.
fn acts() -> Vec<(String, Given, Act)> {
    let mut acts =
        vec![("発足（空の市）", Given::nothing(), found()), ("発足（発足済み）", Given::city(), found())];
    acts.extend(organization_acts());
    acts.extend(room_acts());
    acts.extend(access_acts());
    acts.extend(asset_acts());
    let mut acts: Vec<_> = acts.into_iter().map(|(name, given, act)| (name.to_owned(), given, act)).collect();
    acts.extend(case_acts());
    acts.extend(rule_acts());
    acts
}

/// A draft for a place, as whoever drafts it would write it.
fn draft(place: &str) -> Particulars {
    let said = Particulars::new().with("rule-place", place);
    match place {
        "operation-plan" => said.with("sheet", vec!["毎日 架空の作業".to_owned()]),
        "other" => said.with("subject", "架空の事項"),
        _ => said,
    }
}

/// The steps of a rule: laid down in each place, since each has its own post, and the rest once.
fn rule_acts() -> Vec<(String, Given, Act)> {
    let mut acts = Vec::new();
    let mut row = |name: String, given: &Given, step: &str, said: Particulars| {
        let act = step_of(&given.city, given.now, "k-1", step, said);
        acts.push((name, given.clone(), act.into()));
    };
    let none = Particulars::new;
    row("定め: 案を作る".to_owned(), &Given::city(), "rule.draft", draft("audits"));
    for place in profile().rule_places() {
        let mut given = Given::equipped();
        given.takes("technician", "k-1", "rule.draft", draft(&place.id));
        let of = |step: &str| format!("定め（{}）: {step}", place.name);
        if !place.agreed_by.is_empty() {
            row(of("同意する"), &given, "rule.agree", none());
            row(of("定める（同意がそろう前）"), &given, "rule.lay-down", none());
            let offices = profile().post("resident-data-manager").expect("a post").offices().to_vec();
            offices.iter().for_each(|office| given.takes(office, "k-1", "rule.agree", none()));
        }
        row(of("定める"), &given, "rule.lay-down", none());
        if place.acknowledged_by_operators {
            row("定め: 案を改める".to_owned(), &given, "rule.revise", none());
            given.takes("joho-tokei-kacho", "k-1", "rule.lay-down", none());
            row("定め: 定めを読んだと記録する".to_owned(), &given, "rule.acknowledge", none());
            row("定め: 見直して、変えないことにする".to_owned(), &given, "rule.review", none());
            row("定め: 廃止する".to_owned(), &given, "rule.withdraw", none());
        }
    }
    acts
}

/// The city with a plan in force.
fn operating() -> Given {
    let mut given = Given::city();
    given.takes("technician", "k-1", "rule.draft", draft("operation-plan"));
    let offices = profile().post("resident-data-manager").expect("a post").offices().to_vec();
    offices.iter().for_each(|office| given.takes(office, "k-1", "rule.agree", Particulars::new()));
    given.takes("joho-tokei-kacho", "k-1", "rule.lay-down", Particulars::new());
    given
}

/// The way of a case of each kind: who takes which step of which case, in this order. Before each step stands a
/// row of the table, so that every step is tried by everybody when it is possible.
const WAYS: &[&[(&str, &str, &str)]] = &[
    &[
        ("shimin-kacho", "m-1", "matter.propose"),
        ("sogo-seisaku-bucho", "c-1", "meeting.convene"),
        ("technician", "c-1", "meeting.notify"),
        ("sogo-seisaku-bucho", "c-1", "meeting.summon"),
        ("sogo-seisaku-bucho", "c-1", "meeting.open"),
        ("technician", "m-1", "matter.attach"),
        ("sogo-seisaku-bucho", "m-1", "matter.mark-important"),
        ("technician", "m-1", "matter.deliberate"),
        ("technician", "m-1", "matter.hear-opinion"),
        ("sogo-seisaku-bucho", "m-1", "matter.resolve"),
        ("sogo-seisaku-bucho", "c-1", "meeting.close"),
        ("technician", "c-1", "meeting.draft-minutes"),
        ("sogo-seisaku-bucho", "c-1", "meeting.return-minutes"),
        ("technician", "c-1", "meeting.draft-minutes"),
        ("sogo-seisaku-bucho", "c-1", "meeting.confirm-minutes"),
        ("sogo-seisaku-bucho", "d-1", "directive.issue"),
        ("sogo-seisaku-bucho", "d-1", "directive.receive"),
        ("sogo-seisaku-bucho", "d-1", "directive.answer"),
        ("sogo-seisaku-bucho", "d-1", "directive.return"),
        ("sogo-seisaku-bucho", "d-1", "directive.answer"),
        ("sogo-seisaku-bucho", "d-1", "directive.close"),
        ("sogo-seisaku-bucho", "r-1", "request.issue"),
        ("technician", "r-1", "request.receive"),
        ("technician", "r-1", "request.answer"),
        ("sogo-seisaku-bucho", "r-1", "request.return"),
        ("technician", "r-1", "request.answer"),
        ("sogo-seisaku-bucho", "r-1", "request.close"),
        ("sogo-seisaku-bucho", "d-2", "directive.issue"),
        ("sogo-seisaku-bucho", "d-2", "directive.withdraw"),
        ("sogo-seisaku-bucho", "r-2", "request.issue"),
        ("sogo-seisaku-bucho", "r-2", "request.withdraw"),
    ],
    &[
        ("shimin-kacho", "m-1", "matter.propose"),
        ("sogo-seisaku-bucho", "c-1", "meeting.convene"),
        ("sogo-seisaku-bucho", "c-1", "meeting.cancel"),
        ("shimin-kacho", "m-1", "matter.withdraw"),
    ],
    &[
        ("shimin-kacho", "m-1", "matter.propose"),
        ("sogo-seisaku-bucho", "m-1", "matter.mark-important"),
        ("sogo-seisaku-bucho", "c-1", "meeting.convene"),
        ("technician", "c-1", "meeting.notify"),
        ("sogo-seisaku-bucho", "c-1", "meeting.open"),
        ("technician", "m-1", "matter.deliberate"),
        // Without the opinion that it needs.
        ("", "m-1", "matter.resolve"),
        ("sogo-seisaku-bucho", "m-1", "matter.declare-emergency"),
        ("sogo-seisaku-bucho", "m-1", "matter.resolve"),
        ("technician", "m-1", "matter.report-afterwards"),
    ],
    &[
        ("clerk", "p-1", "permit.apply"),
        ("joho-tokei-kacho", "p-1", "permit.grant"),
        ("joho-tokei-kacho", "p-1", "permit.review"),
        ("joho-tokei-kacho", "p-1", "permit.suspend"),
        ("joho-tokei-kacho", "p-1", "permit.resume"),
        ("joho-tokei-kacho", "p-1", "permit.withdraw"),
        ("clerk", "p-2", "permit.apply"),
        ("joho-tokei-kacho", "p-2", "permit.decline"),
    ],
    &[
        ("joho-tokei-kacho", "e-1", "entry-report.prepare"),
        // Before the head has heard it.
        ("", "d-1", "directive.issue"),
        ("sogo-seisaku-bucho", "e-1", "entry-report.hear"),
        ("sogo-seisaku-bucho", "e-1", "entry-report.inspect"),
        ("sogo-seisaku-bucho", "d-1", "directive.issue"),
        ("sogo-seisaku-bucho", "e-1", "entry-report.conclude"),
    ],
];

/// Every step of every kind of case, in cities where it is possible.
fn case_acts() -> Vec<(String, Given, Act)> {
    let mut acts = Vec::new();
    for way in WAYS {
        let mut given = Given::city();
        let mut behind: Vec<String> = Vec::new();
        for (by, case, step) in *way {
            let act = step_of(&given.city, given.now, case, step, Particulars::new());
            let (kind, name) = (act.step.case().name, act.step.def().name);
            let after = behind.last().map_or(String::new(), |before| format!("（「{before}」の後）"));
            acts.push((format!("{kind}: {name}{after}"), given.clone(), act.into()));
            if !by.is_empty() {
                given.takes(by, case, step, Particulars::new());
                behind.push(name.to_owned());
            }
        }
    }
    let mut seen = BTreeSet::new();
    acts.retain(|(name, ..)| seen.insert(name.clone()));
    acts
}

#[test]
fn every_step_of_every_case_stands_in_the_table() {
    let tried: BTreeSet<&str> = WAYS.iter().flat_map(|way| way.iter()).map(|(.., step)| *step).collect();
    // Rules have rows of their own, place by place.
    let steps = case::DEFS.iter().filter(|def| def.id != "rule").flat_map(|def| def.steps());
    for step in steps {
        assert!(tried.contains(step.to_string().as_str()), "`{step}` is on no way");
    }
}

fn found() -> Act {
    organization::Act::Found { people: vec![person("first", "shimin")], appointments: Vec::new() }.into()
}

/// 管財課 has no chief.
fn without_key_officer() -> Given {
    let mut given = Given::city();
    let nobody =
        Appointment { office: id("kanzai-kacho"), person: None, from: jiff::civil::date(2026, 10, 5) };
    given.lawful("technician", organization::Act::Appoint(nobody));
    given
}

fn organization_acts() -> Vec<(&'static str, Given, Act)> {
    let city = Given::city;
    let mut acting = city();
    let open = organization::Act::OpenActing {
        reason: "入院".to_owned(),
        head_unable: false,
        until: monday() + SignedDuration::from_hours(48),
    };
    acting.lawful("sogo-seisaku-bucho", open.clone());
    let unable = organization::Act::OpenActing {
        reason: "入院".to_owned(),
        head_unable: true,
        until: monday() + SignedDuration::from_hours(48),
    };
    let mut transferred = city();
    transferred.lawful("technician", transfer());
    let reverse = organization::Act::ReverseTransfer { list: id("R9"), reason: "誤り".to_owned() };
    let mut vacant = city();
    let vacancy = |person: Option<&str>, from: &str| Appointment {
        office: id("sogo-seisaku-bucho"),
        person: person.map(id),
        from: from.parse().expect("a day"),
    };
    vacant.lawful("technician", organization::Act::Appoint(vacancy(None, "2026-10-04")));
    vacant.lawful("joho-tokei-jicho", open.clone());
    let back = vacancy(Some("sogo-seisaku-bucho"), "2026-10-05");
    vacant.lawful("technician", organization::Act::Appoint(back));
    let acted = vacant.city.organization.unseen().map(|acted| acted.receipt.clone());
    let see = organization::Act::SeeActs { receipts: acted.collect() };
    let appointment = Appointment {
        office: id("kanzai-kacho"),
        person: Some(id("technician")),
        from: "2027-04-01".parse().expect("a day"),
    };
    vec![
        ("職員の登録", city(), organization::Act::EnrolPerson(person("new", "shimin")).into()),
        ("発令の登録", city(), organization::Act::Appoint(appointment).into()),
        ("人事異動の登録", city(), transfer().into()),
        ("人事異動の取消し", transferred, reverse.into()),
        ("職務代理の開始（責任者が開始）", city(), open.into()),
        ("職務代理の開始（責任者に事故）", city(), unable.into()),
        (
            "催促",
            without_key_officer(),
            organization::Act::Remind("11.vacancy:kanzai-kacho".to_owned()).into(),
        ),
        ("職務代理の終了", acting, organization::Act::CloseActing.into()),
        ("職務代理の後閲", vacant, see.into()),
    ]
}

/// A list that moves one person out of 市民課.
fn transfer() -> organization::Act {
    let text = "職員番号,氏名,フリガナ,旧所属,旧役職,新所属,新役職,発令日\n\
                novice,架空 novice,カクウ,市民課,,情報統計課,,R9.4.1\n";
    let file = organization::transfer::read(text.as_bytes()).expect("read");
    organization::Act::Transfer { list: id("R9"), digest: file.digest, rows: file.rows, vacant: Vec::new() }
}

/// The doors, keys and locks of 第3章.
fn room_acts() -> Vec<(&'static str, Given, Act)> {
    let guarded = Given::guarded;
    let lend = |proven| Lend {
        key: id("K-1"),
        to: id("technician"),
        purpose: "点検".to_owned(),
        due: monday() + SignedDuration::from_hours(4),
        card: None,
        proven,
    };
    let mut lent = guarded();
    lent.lawful("kanzai-kacho", rooms::Act::LendKey(lend(true)));
    let escort = NewEscort {
        id: id("e-1"),
        guest: id("x-1"),
        room: id("cs-room"),
        purpose: "保守".to_owned(),
        necessity: "故障".to_owned(),
    };
    let mut with_guest = guarded();
    with_guest.permit("pm-x", "x-1", "once");
    with_guest.lawful("technician", rooms::Act::IssueTag { tag: tag(3), to: id("x-1") });
    let mut escorting = with_guest.clone();
    escorting.lawful("technician", rooms::Act::OpenEscort(escort.clone()));
    let mut locked = guarded();
    let reason = || "侵入のおそれ".to_owned();
    locked.lawful("sogo-seisaku-bucho", rooms::Act::LockDown { reason: reason() });
    let own = |given: &Given, direction, means: Means| {
        // Everybody tries to pass in person: the act names nobody else.
        (given.clone(), Act::from(pass("technician", direction, means)))
    };
    let finger_17 = || Means::Fingerprint(Some(17.try_into().expect("a number")));
    let (entry, by_finger) = own(&guarded(), Direction::In, finger_17());
    let (shut, in_lockdown) = own(&locked, Direction::In, finger_17());
    let (leaving, out) = own(&locked, Direction::Out, finger_17());
    let mut rows = vec![
        ("外部の人の登録", guarded(), rooms::Act::EnterOutsider(contractor("x-9", "2026-12-31")).into()),
        ("入室（指紋、許可あり）", entry, by_finger),
        ("入室（封鎖中）", shut, in_lockdown),
        ("退室（封鎖中）", leaving, out),
        ("立会いの開始", with_guest.clone(), rooms::Act::OpenEscort(escort).into()),
        ("立会いの終了", escorting, rooms::Act::CloseEscort(id("e-1")).into()),
        ("名札の受け渡し", guarded(), rooms::Act::ReturnTag(tag(1)).into()),
        ("鍵の登録", guarded(), retire_key().into()),
        ("鍵の貸出し（本人確認あり）", guarded(), rooms::Act::LendKey(lend(true)).into()),
        ("鍵の貸出し（本人確認なし）", guarded(), rooms::Act::LendKey(lend(false)).into()),
        ("鍵の返却", lent, return_key().into()),
        ("鍵の数の確認", guarded(), rooms::Act::CountKeys(vec![id("K-1")]).into()),
        ("指紋の登録（許可のない人）", guarded(), rooms::Act::EnrolFinger(finger(30, "clerk")).into()),
        ("封鎖", guarded(), rooms::Act::LockDown { reason: reason() }.into()),
        ("封鎖の解除", locked, rooms::Act::LiftLockdown { reason: reason() }.into()),
    ];
    rows.extend(lock_acts());
    rows
}

fn retire_key() -> rooms::Act {
    rooms::Act::RetireKey { key: id("K-1"), reason: "紛失".to_owned() }
}

fn return_key() -> rooms::Act {
    rooms::Act::ReturnKey { key: id("K-1"), remark: String::new() }
}

/// The locks, and the ledgers held against each other.
fn lock_acts() -> Vec<(&'static str, Given, Act)> {
    let guarded = Given::guarded;
    let remove = rooms::Act::RemoveFinger {
        door: id("cs-door"),
        member: 17.try_into().expect("a number"),
        reason: "異動".to_owned(),
    };
    let compare = rooms::Act::CompareMembers { door: id("cs-door"), members: Vec::new() };
    let report =
        |controller: &str| rooms::Act::ReportDoor { controller: id(controller), reports: Vec::new() }.into();
    let (alarmed, alarm) = crate::rooms::alarmed();
    let close = rooms::Act::CloseAlarm { alarm, remark: "確かめた".to_owned() };
    let (uncounted, finding) = crate::rooms::uncounted();
    let answer =
        rooms::Act::AnswerFinding { finding: finding.clone(), answer: "修理に出した".to_owned() };
    let mut answered = uncounted.clone();
    answered.lawful("kanzai-kacho", answer.clone());
    let file = rooms::PassageFile { rows: Vec::new(), digest: String::new(), ignored: Vec::new() };
    vec![
        ("指紋の削除", guarded(), remove.into()),
        ("錠の登録との照合", guarded(), compare.into()),
        ("制御器の登録", guarded(), rooms::Act::RegisterController(controller("C-2", "B", &["d-2"])).into()),
        ("制御器の報告", guarded(), report("C-1")),
        ("制御器の報告（未登録）", guarded(), report("C-9")),
        ("警報の処置の記録", alarmed, close.into()),
        ("入退室の記録の取込み", guarded(), rooms::Act::ImportPassages(file).into()),
        ("照合の不一致への回答", uncounted, answer.into()),
        ("照合の回答の確認", answered, rooms::Act::SettleFinding(finding).into()),
        ("管理簿の照合の記録", guarded(), rooms::Act::ReconcileLedgers { until: monday() }.into()),
    ]
}

fn access_acts() -> Vec<(&'static str, Given, Act)> {
    let terminal = access::NewTerminal {
        id: id("T-02"),
        room: id("terminal-shimin"),
        section: id("shimin"),
        authenticator: None,
    };
    let mut proposed = Given::city();
    proposed.lawful("shimin-kacho", access::Act::ProposeDesignation(designation("d-1", "clerk")));
    let stop = |state| access::Act::StopCard { card: id("card-1"), state, reason: "届出".to_owned() };
    let mut suspended = Given::equipped();
    suspended.lawful("joho-tokei-kacho", stop(CardState::Suspended));
    let propose = access::Act::ProposeDesignation(designation("d-9", "novice"));
    let password = |old_proven| access::Act::SetPassword { person: id("clerk"), old_proven };
    let stay = Given::signed_in;
    let mut rows = vec![
        ("端末の登録", Given::city(), access::Act::RegisterTerminal(terminal).into()),
        ("端末の廃止", Given::city(), access::Act::RetireTerminal(id("T-01")).into()),
        ("操作者指定の申出", Given::city(), propose.into()),
        ("操作者指定への同意", proposed, access::Act::AgreeDesignation(id("d-1")).into()),
        ("操作者指定の終了", Given::equipped(), access::Act::EndDesignation(id("d-1")).into()),
        ("カードの停止", Given::equipped(), stop(CardState::Suspended).into()),
        ("カードの停止解除", suspended, access::Act::RestoreCard(id("card-1")).into()),
        ("パスワードの設定（旧を確認）", Given::equipped(), password(true).into()),
        ("パスワードの設定（旧を未確認）", Given::equipped(), password(false).into()),
        ("サインイン", Given::equipped(), access::Act::SignIn(proof("s-1", "card-1")).into()),
        ("サインアウト", stay(), access::Act::SignOut(SignOutCause::Asked).into()),
        ("氏名検索", stay(), operation(OperationKind::SearchName)),
        ("氏名検索（カナ）", stay(), operation(OperationKind::SearchKana)),
        ("コード検索", stay(), operation(OperationKind::SearchCode)),
        ("照会", stay(), operation(OperationKind::Consult)),
        ("帳票出力", stay(), operation(OperationKind::PrintForm)),
        ("履歴閲覧（自分）", stay(), operation(OperationKind::HistoryOwn)),
        ("履歴閲覧（住民別）", stay(), operation(OperationKind::HistoryResident)),
        ("履歴閲覧（操作者別）", stay(), operation(OperationKind::HistoryOperator)),
        ("照会（渡されたままのパスワード）", crate::cards::handed_over(), operation(OperationKind::Consult)),
        ("照会（定めを読んでいない）", crate::cards::unread(), operation(OperationKind::Consult)),
    ];
    rows.extend(card_acts());
    rows
}

/// What becomes of cards.
fn card_acts() -> Vec<(&'static str, Given, Act)> {
    let card_2 = || id::<register::CardId>("card-2");
    let prepared = |new| {
        let mut given = Given::equipped();
        given.lawful("technician", access::Act::PrepareCard(new));
        given
    };
    let mut own = Given::equipped();
    own.lawful("joho-tokei-kacho", access::Act::PrepareCard(card("card-2", "clerk")));
    let text = || "届出".to_owned();
    let lose = access::Act::ReportLostCard { card: id("card-1"), circumstances: text() };
    let mut lost = Given::equipped();
    lost.lawful("novice", lose.clone());
    let found = access::Act::ReportFoundCard { card: id("card-1"), circumstances: text() };
    let lend =
        LendSpare { card: id("spare-1"), to: id("clerk"), purpose: "カードの修理中".to_owned() };
    let mut lent = crate::cards::with_spare();
    let unlent = lent.clone();
    lent.lawful("shimin-kacho", access::Act::LendSpare(lend.clone()));
    let back = access::Act::ReturnSpare { card: id("spare-1"), remark: String::new() };
    let count =
        access::Act::CountSpares { place: "市民課の金庫".to_owned(), present: vec![id("spare-1")] };
    let by_spare = || access::Act::SignIn(proof("s-9", "spare-1")).into();
    let (alarmed, alarm) = crate::cards::at_two_terminals();
    let close = access::Act::CloseCardAlarm { alarm, remark: "本人が移った".to_owned() };
    let inspect = access::Act::InspectCard { card: id("card-1"), remark: String::new() };
    vec![
        ("カードの準備", Given::equipped(), access::Act::PrepareCard(card("card-2", "clerk")).into()),
        (
            "カードの交付（指定あり）",
            prepared(card("card-2", "clerk")),
            access::Act::IssueCard(card_2()).into(),
        ),
        (
            "カードの交付（指定なし）",
            prepared(card("card-2", "novice")),
            access::Act::IssueCard(card_2()).into(),
        ),
        ("カードの交付（自分で準備）", own, access::Act::IssueCard(card_2()).into()),
        ("カードの検査", Given::equipped(), inspect.into()),
        ("カードの紛失の届出", Given::equipped(), lose.into()),
        ("カードの発見の届出", lost, found.into()),
        ("予備カードの貸出し", unlent.clone(), access::Act::LendSpare(lend).into()),
        ("予備カードの返却", lent.clone(), back.into()),
        ("予備カードの枚数の確認", unlent.clone(), count.into()),
        ("予備カードでのサインイン（貸出中）", lent, by_spare()),
        ("予備カードでのサインイン（貸出しなし）", unlent, by_spare()),
        ("カードの警報の処置の記録", alarmed, close.into()),
    ]
}

fn asset_acts() -> Vec<(&'static str, Given, Act)> {
    let name = assets::Act::DesignateHandler { person: id("novice"), section: id("shimin") };
    let end = assets::Act::EndHandler { person: id("clerk"), section: id("shimin") };
    let tick = assets::Tick {
        item: "毎日 架空の作業".to_owned(),
        day: register::japan_day(monday()),
        result: assets::RunResult::Normal,
        remark: String::new(),
    };
    vec![
        ("取扱者の指定", Given::city(), name.into()),
        ("取扱者指定の終了", Given::equipped(), end.into()),
        ("本人確認情報の記録", Given::city(), assets::Act::EnterResidents(Vec::new()).into()),
        ("オペレーションの実施の記録", operating(), assets::Act::Tick(tick).into()),
    ]
}

fn table() -> String {
    let mut table = String::from("# 行為 × 充て職 → 結果（拒否は根拠条項）\n");
    for (name, given, act) in acts() {
        writeln!(table, "\n{name}").expect("a string takes everything");
        for (actor, title) in ACTORS {
            let outcome = match given.would(actor, act.clone()) {
                Outcome::Done(_) => "可".to_owned(),
                Outcome::Invalid(invalid) => format!("不能 {invalid}"),
                refused => format!("拒否 {}", refused.articles().join(" ")),
            };
            writeln!(table, "  {title}: {outcome}").expect("a string takes everything");
        }
    }
    table
}

#[test]
fn every_post_and_act_is_answered_as_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authority.table");
    let table = table();
    if std::env::var_os("SEKISHO_BLESS").is_some() {
        std::fs::write(&path, &table).expect("written");
    }
    let kept = std::fs::read_to_string(&path).expect("the table is kept in the tree");
    similar_asserts(&kept, &table);
}

/// Names the first line that differs: the whole table would drown it.
fn similar_asserts(kept: &str, now: &str) {
    for (n, (kept, now)) in kept.lines().zip(now.lines()).enumerate() {
        assert_eq!(kept, now, "line {}", n + 1);
    }
    assert_eq!(kept.lines().count(), now.lines().count(), "acts were added or removed");
}

#[test]
fn the_table_covers_every_action_of_the_schema() {
    let asked: BTreeSet<&str> =
        acts().iter().map(|(_, given, act)| act.question(&given.city, &given.on("clerk")).action).collect();
    let known: BTreeSet<&str> = policy::SCHEMA
        .lines()
        .filter_map(|line| line.trim().strip_prefix("action "))
        .flat_map(|line| line.split(" appliesTo").next().unwrap_or("").split(", "))
        .collect();
    assert_eq!(asked, known);
}

/// Posts and sections are names in the profile's tables, steps and marks in the definitions of cases; a policy
/// that misspells one never speaks.
#[test]
fn every_code_in_a_policy_is_one_that_is_stated() {
    let profile = profile();
    let posts = profile.posts().iter().map(|post| post.id.as_str());
    let sections = profile.sections().iter().map(|section| section.id.as_str());
    let cases = case::DEFS.iter().flat_map(|def| {
        let steps = def.steps.iter().map(|step| step.id);
        steps.chain(def.marks.iter().map(|(code, _)| *code)).chain([def.id])
    });
    let known: BTreeSet<&str> =
        posts.chain(sections).chain(cases).chain(["council-member", "own", "fingerprint", "key"]).collect();
    for policy in regulator().policies().filter(|policy| policy.effect == Effect::Forbid) {
        let (_, condition) = policy.source.split_once("unless").expect("a demand");
        for code in condition.split('"').skip(1).step_by(2) {
            assert!(known.contains(code), "{}: `{code}`", policy.id);
        }
    }
}
