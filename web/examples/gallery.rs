//! Every template with made-up content, to be looked at: `cargo run -p web --example gallery`.
//!
//! Prints the address it listens on. Everybody shown is invented.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use web::pages::views::{
    ArticleLine, ArticlePage, BoardChapter, BoardLine, BoardPage, BoardSheet, CalendarPage, CardPage,
    CasePage, ChapterView, CsPage, DayEntry, DayView, DemandView, DeskPage, DoorView, EntryPage, FindingPage,
    Floor, HardwarePage, HistoryPage, Hit, JournalPage, JournalView, Label, LabelsPage, LendPage, ListPage,
    MessagePage, MonthCell, MonthRow, Panel, PaperPage, PaperPart, PasswordPage, PlanRoom, RefusedPage,
    RegulationPage, ResidentPage, ResultsPage, RoomPage, RoomsPage, RunsPage, Scene, Search, SheetPage, Side,
    StepPanel, TerminalGroup, TerminalView, TerminalsPage, TourPage,
};
use web::view::{
    Badge, Banner, Cell, Choice, Cite, Field, FieldError, Figure, Form, Frame, Ground, Kind, Link, Pages,
    Part, Receipt, Refusal, State, Step, Table, Tone, Who,
};

const PAGES: [&str; 33] = [
    "tour",
    "hardware",
    "regulation",
    "article",
    "terminals",
    "card",
    "card-serve",
    "password",
    "cs",
    "cs-errors",
    "results",
    "results-empty",
    "resident",
    "sheet",
    "refused",
    "history",
    "list",
    "journal",
    "entry",
    "desk",
    "case",
    "paper",
    "board",
    "board-sheet",
    "calendar",
    "runs",
    "rooms",
    "room",
    "labels",
    "lend",
    "finding",
    "message",
    "index",
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new().route("/assets/{name}", get(web::assets::serve)).route("/{page}", get(page));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn page(Path(name): Path<String>) -> Response {
    let html = match name.as_str() {
        "tour" => tour().render(),
        "hardware" => hardware().render(),
        "regulation" => regulation().render(),
        "article" => article().render(),
        "terminals" => terminals().render(),
        "card" => card(true).render(),
        "card-serve" => card(false).render(),
        "password" => password().render(),
        "cs" => cs(false).render(),
        "cs-errors" => cs(true).render(),
        "results" => results(true).render(),
        "results-empty" => results(false).render(),
        "resident" => resident().render(),
        "sheet" => sheet().render(),
        "refused" => refused().render(),
        "history" => history().render(),
        "list" => list().render(),
        "journal" => journal().render(),
        "entry" => entry().render(),
        "desk" => desk().render(),
        "case" => case().render(),
        "paper" => paper().render(),
        "board" => board().render(),
        "board-sheet" => board_sheet().render(),
        "calendar" => calendar().render(),
        "runs" => runs().render(),
        "rooms" => rooms().render(),
        "room" => room().render(),
        "labels" => labels().render(),
        "lend" => lend().render(),
        "finding" => finding().render(),
        "message" => message().render(),
        "index" => return PAGES.join("\n").into_response(),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match html {
        Ok(html) => Html(html).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn frame(title: &str, here: &str, under: &[&str]) -> Frame {
    let nav = [
        (
            "業務",
            vec![
                ("/cs", "CS業務"),
                ("/history/mine", "自分の操作"),
                ("/history/residents", "住民ごとの履歴"),
            ],
        ),
        ("義務と状況", vec![("/board", "けさの状況"), ("/duties/mine", "自分の義務"), ("/calendar", "暦")]),
        ("組織", vec![("/posts", "充て職"), ("/transfers", "異動"), ("/acting", "職務代理")]),
        ("会議と指示", vec![("/cases/meeting", "会議"), ("/cases/directive", "指示")]),
        ("定め", vec![("/rules", "定めの台帳"), ("/runs", "実施表")]),
        ("カードと操作者", vec![("/designations", "操作者の指定"), ("/cards", "操作者用ICカード")]),
        ("管理簿", vec![("/ledgers", "管理簿"), ("/refusals", "拒否の記録")]),
        ("規程・原簿", vec![("/regulation", "規程のいま"), ("/journal", "原簿")]),
    ];
    Frame {
        title: title.into(),
        trail: vec![
            Link::new("/regulation", "規程"),
            Link::new("/articles/14", "第14条（アクセス管理の実施）"),
            Link::new("", title),
        ],
        under: under.iter().map(|id| cite(id)).collect(),
        nav: nav
            .into_iter()
            .map(|(name, pages)| {
                Part::new(name, pages.into_iter().map(|(href, text)| Link::new(href, text)).collect())
            })
            .collect(),
        here: here.into(),
        city: "所沢市".into(),
        regulation: "住民基本台帳ネットワークシステムセキュリティ規程（平成14年7月26日から施行）".into(),
        demo: true,
        who: Some(Who {
            name: "渡邉　はるか".into(),
            section: "市民課".into(),
            posts: "市民課長・セキュリティ責任者".into(),
            terminal: "CS-0101".into(),
            card: "C-0012".into(),
            since: "9時05分".into(),
        }),
        csrf: "0".repeat(64),
        once: "1".repeat(32),
        style: web::assets::style(),
        icon: web::assets::icon(),
        version: env!("CARGO_PKG_VERSION"),
        ..Frame::default()
    }
}

fn cite(id: &str) -> Cite {
    let article = id.split(['-', '(']).next().unwrap_or(id);
    let mut japanese = format!("第{article}条");
    if let Some((_, paragraph)) = id.split_once('-') {
        japanese.push_str(&format!("第{paragraph}項"));
    }
    if let Some((_, item)) = id.split_once('(') {
        japanese.push_str(&format!("第{}号", item.trim_end_matches(')')));
    }
    let anchor = if article == id { String::new() } else { format!("d-{id}") };
    Cite { id: id.into(), article: article.into(), anchor, japanese }
}

fn receipt(index: u64) -> Receipt {
    Receipt { journal: "operations".into(), index }
}

fn tour() -> TourPage {
    let scene = |title: &str, title_en: &str, text: &str, text_en: &str| Scene {
        title: title.into(),
        title_en: title_en.into(),
        text: text.into(),
        text_en: text_en.into(),
        ..Scene::default()
    };
    let steps = vec![
        Scene {
            facts: vec![
                ("カード".into(), Cell::text("C-0012（市民課の窓口用カード）")),
                ("暗証番号".into(), Cell::text("114201")),
                ("パスワード".into(), Cell::text("ねこはこたつでまるくなる")),
            ],
            link: Some(Link::new("/terminals/CS-0101/sign-in", "端末 CS-0101 でサインイン")),
            link_en: "Sign in at terminal CS-0101".into(),
            ..scene(
                "市民課の職員としてサインインする",
                "Sign in as a clerk of the residents’ section",
                "カードと暗証番号を先に確かめ、その後でパスワードを確かめます（第14条第2項）。カードを持たない人は、だれのパスワードも試すことができません。",
                "The card and its PIN come first, the password after (article 14, paragraph 2). Without a card nobody can even try somebody’s password.",
            )
        },
        Scene {
            facts: vec![("氏名".into(), Cell::text("佐藤 花子（架空）"))],
            link: Some(Link::new("/cs", "CS業務を開く")),
            link_en: "Open the CS".into(),
            ..scene(
                "この住民を検索する",
                "Look this resident up",
                "氏名で検索し、一覧から照会します。検索も照会も、それぞれ一件の操作として記録されます。",
                "Search by name, then consult one of the results. The search and the consultation are two recorded operations.",
            )
        },
        Scene {
            commands: vec!["sekisho journal verify --data /tmp/copy".into()],
            form: Some(Form::new("/tour/tamper", "写しを改ざんして検証する", "x")),
            link_en: "Tamper with a copy and verify it".into(),
            ..scene(
                "写しを改ざんして、見つかることを確かめる",
                "Tamper with a copy and see it found",
                "原簿の写しを作り、一か所だけ書き換えて検証します。どの記録が書き換えられたかが番号で示されます。",
                "A copy of the journal is made and one bit of it changed. Verification names the first bad entry.",
            )
        },
    ];
    let people = Table::new("使えるカード", "カードがありません")
        .head("氏名", "t")
        .column("所属・職", "")
        .column("カード", "k")
        .column("暗証番号", "k")
        .column("パスワード", "")
        .row(vec![
            Cell::Sub("渡邉　はるか".into(), "ワタナベ ハルカ".into()),
            Cell::text("市民課　主査"),
            Cell::text("C-0012"),
            Cell::text("114201"),
            Cell::text("ねこはこたつでまるくなる"),
        ]);
    let frame = Frame { trail: Vec::new(), ..frame("関所の案内", "/", &[]) };
    TourPage { frame, steps, doors: true, people }
}

fn hardware() -> HardwarePage {
    let act = |act: &str, text: &str| {
        let hidden = |name: &'static str, value: &str| Field::hidden(name, value).id(format!("{name}-{act}"));
        let form = Form::new("/tour/doors", text, "1");
        Cell::Act(form.field(hidden("door", "cs-door")).field(hidden("act", act)))
    };
    let fingers = vec![Choice::new("17", "関口 守（番号17）"), Choice::new("99", "登録のない指（番号99）")];
    let sides = vec![
        Choice::new("outside", "室の外の読取機（入室）"),
        Choice::new("inside", "室の中の読取機（退室）"),
    ];
    let touch = Form::new("/tour/doors", "指を当てる", "1")
        .field(Field::new("member", "だれの指", Kind::Select(fingers)).need())
        .field(Field::new("side", "どちらの読取機", Kind::Radio(sides)).value("outside"));
    let door = DoorView {
        anchor: "door-cs-door".into(),
        heading: "CS室の扉（cs-door）".into(),
        facts: vec![
            ("制御器から見た状態".into(), Cell::badge(State::Late, "許可なく開いた")),
            ("電気錠".into(), Cell::text("掛かっている")),
            ("扉".into(), Cell::text("開いている")),
        ],
        touch,
        acts: vec![act("close", "扉を閉める"), act("exit", "退室ボタンを押す"), act("key", "鍵を回す")],
    };
    let heard = Table::new("扉で起きたこと", "まだ何も起きていません。")
        .head("日時", "t")
        .column("扉", "k")
        .column("こと", "")
        .row(vec![
            Cell::text("R8.11.23（月）14:05"),
            Cell::text("cs-door"),
            Cell::text("番号99の指が外の読取機に当てられました"),
        ]);
    HardwarePage { frame: frame("模擬の扉", "/tour/doors", &["9-2"]), doors: vec![door], heard }
}

fn regulation() -> RegulationPage {
    let line =
        |id: &str, caption: &str, state: Badge, met: usize, of: usize, refusals: usize, evidence: &str| {
            ArticleLine {
                id: id.into(),
                number: format!("第{id}条"),
                caption: caption.into(),
                state,
                met,
                of,
                refusals,
                evidence: evidence.into(),
            }
        };
    let good = || Badge::new(State::Good, "守られている");
    let chapters = vec![
        ChapterView {
            anchor: "chapter-2".into(),
            number: "第2章".into(),
            caption: "組織".into(),
            note: "6条のうち4条が守られています".into(),
            articles: vec![
                line("3", "セキュリティ統括責任者", good(), 2, 2, 0, "R8.11.20（金）任命　第12号"),
                line("4", "セキュリティ副統括責任者", Badge::new(State::Late, "空席"), 2, 3, 0, ""),
                line("7", "セキュリティ会議", Badge::new(State::Unmet, "未対応"), 0, 10, 0, ""),
            ],
        },
        ChapterView {
            anchor: "chapter-4".into(),
            number: "第4章".into(),
            caption: "アクセス管理".into(),
            note: "5条すべてが守られています".into(),
            articles: vec![
                line("14", "アクセス管理の実施", good(), 2, 2, 14, "R8.11.23（月）14:05 操作　第48211号"),
                line(
                    "15",
                    "アクセス管理責任者",
                    Badge::new(State::Owed, "義務あり"),
                    2,
                    2,
                    0,
                    "R8.4.1（水）任命　第5号",
                ),
                line(
                    "16",
                    "アクセス管理責任者の責務",
                    good(),
                    3,
                    3,
                    128,
                    "R8.11.22（日）カード停止　第1201号",
                ),
            ],
        },
    ];
    RegulationPage {
        frame: Frame { trail: vec![Link::new("", "規程")], ..frame("規程のいま", "/regulation", &[]) },
        figures: vec![
            Figure::new("守られている条", "21", "／30条"),
            Figure::new("充たしている求め", "34", "／58"),
            Figure::new("果たすべき義務", "1", "件"),
            Figure::new("拒否（30日）", "142", "件"),
        ],
        duties: duties(),
        chapters,
    }
}

fn duties() -> Table {
    Table::new("いま果たすべき義務", "いま果たすべき義務はありません")
        .head("義務", "")
        .column("根拠", "t")
        .column("だれが", "")
        .column("いつから", "t")
        .row(vec![
            Cell::text("副統括責任者が空席です。任命してください"),
            Cell::Cites(vec![cite("4")]),
            Cell::text("市長"),
            Cell::text("R8.11.1（日）"),
        ])
}

fn article() -> ArticlePage {
    let means = Table::new("これを守らせているもの", "この求めを充たす手段はまだありません。")
        .head("手段", "t")
        .column("内容", "")
        .column("守られないとき", "")
        .row(vec![
            Cell::Sub("方針".into(), "14-2.card".into()),
            Cell::text("操作者用ICカードが本人のものと確かめられていません"),
            Cell::text("カードを読取装置に差し、暗証番号を入力する"),
        ])
        .row(vec![
            Cell::Sub("記録".into(), "Operated".into()),
            Cell::text("操作ごとに、操作者・端末・カード・検索条件・対象者・根拠番号を残す"),
            Cell::text("記録できないときは操作を行わない"),
        ]);
    let demand = DemandView {
        anchor: "d-14-2".into(),
        places: "第14条第1項・第2項".into(),
        kind: Badge::new(State::Plain, "権限"),
        state: Badge::new(State::Good, "充たしている"),
        wording:
            "CSとCS端末にアクセス制御を行う。操作者の権限はカードとパスワードで確かめ、操作の履歴を残す。"
                .into(),
        evidence: "操作履歴".into(),
        means: means.clone(),
        missing: String::new(),
        readings: vec![
            "第14条第2項のパスワードは、カードの暗証番号とは別に、サーバーで確かめるものと読む。".into(),
        ],
    };
    let unmet = DemandView {
        anchor: "d-14-3".into(),
        state: Badge::new(State::Unmet, "まだ充たしていない"),
        means: Table {
            rows: Vec::new(), caption: "これを守らせているもの（14-3）".into(), ..means
        },
        missing: "ポリシー 9-2.tag、管理簿 entries".into(),
        readings: Vec::new(),
        ..demand.clone()
    };
    ArticlePage {
        duties: owed("この条で果たすべき義務"),
        frame: frame("第14条（アクセス管理の実施）", "/regulation", &[]),
        demands: vec![demand, unmet],
        evidence: operations("最近の記録"),
        refusals: Table::new("最近の拒否", "この30日間、この条による拒否はありません。").column("日時", "t"),
        previous: Some(Link::new("/articles/13", "第13条（統括責任者の監督）")),
        next: Some(Link::new("/articles/15", "第15条（アクセス管理責任者）")),
    }
}

fn operations(caption: &str) -> Table {
    let mut table = Table::new(caption, "記録はありません。")
        .note("新しい順・20件")
        .column("日時", "t")
        .column("操作者", "t")
        .column("操作", "t")
        .column("条件", "")
        .column("対象", "k")
        .column("根拠番号", "k")
        .column("結果", "t")
        .column("原簿", "t");
    for n in 0..6_u64 {
        table.push(vec![
            Cell::text(format!("R8.11.23（月）14:0{n}")),
            Cell::Sub("渡邉　はるか".into(), "市民課・CS-0101".into()),
            Cell::text("氏名検索"),
            Cell::text("氏名「佐藤 花」で始まる"),
            Cell::text("*******1234"),
            if n % 2 == 0 { Cell::text("所市第1523号") } else { Cell::badge(State::Plain, "なし") },
            if n == 3 { Cell::badge(State::Refused, "拒否") } else { Cell::text("12件") },
            Cell::Receipt(receipt(48_200 + n)),
        ]);
    }
    table
}

fn terminals() -> TerminalsPage {
    let terminal = |id: &str, place: &str, in_service| TerminalView {
        id: id.into(),
        place: place.into(),
        in_service,
        state: Badge::new(State::Plain, "登録抹消"),
        linked: in_service.then(|| Badge::new(State::Good, "つながっている・カードあり")),
    };
    TerminalsPage {
        frame: frame("端末を選ぶ", "/terminals", &["2(3)", "14"]),
        lead: "デモでは、このブラウザーがどの端末かを選びます。実際の運用では、端末に置かれたプログラムが名乗ります。".into(),
        groups: vec![
            TerminalGroup {
                section: "市民課".into(),
                terminals: vec![
                    terminal("CS-0101", "本庁1階 市民課窓口", true),
                    terminal("CS-0102", "本庁1階 市民課窓口", true),
                    terminal("CS-0103", "本庁1階 市民課窓口", false),
                ],
            },
            TerminalGroup {
                section: "松井出張所".into(),
                terminals: vec![terminal("CS-0301", "松井出張所 窓口", true)],
            },
        ],
        forms: Vec::new(),
    }
}

fn card(drawer: bool) -> CardPage {
    let choice = |value: &str, text: &str, more: &str| Choice {
        value: value.into(),
        text: text.into(),
        more: more.into(),
    };
    let form = Form::new("/terminals/CS-0101/sign-in", "カードを確かめる", "x")
        .field(
            Field::new(
                "card",
                "引き出しのカード",
                Kind::Radio(vec![
                    choice("C-0012", "渡邉　はるか", "C-0012・窓口用カード・市民課"),
                    choice("C-0013", "髙橋　一郎", "C-0013・窓口用カード・市民課"),
                    choice("C-0020", "小手指　健", "C-0020・管理用カード・情報統計課"),
                    choice("C-0031", "吾妻　澄子", "C-0031・窓口用カード・松井出張所"),
                ]),
            )
            .need(),
        )
        .field(
            Field::new("pin", "カードの暗証番号", Kind::Pin)
                .hint("6桁から8桁の数字。3回続けて違うと、カードが使えなくなります。"),
        );
    CardPage {
        frame: frame("カードを確かめる", "/terminals", &["14-2"]),
        steps: Step::list(&["端末を選ぶ", "カードと暗証番号", "パスワード"], 1),
        form: drawer.then_some(form),
    }
}

fn password() -> PasswordPage {
    PasswordPage {
        frame: Frame {
            notices: vec![
                Banner::new(Tone::Care, "時間が過ぎたため、サインインが終わりました").line(
                    "入力していた内容は預かっています。もう一度サインインすると、続きから入力できます。",
                ),
            ],
            ..frame("パスワードを入力する", "/terminals", &["14-2"])
        },
        steps: Step::list(&["端末を選ぶ", "カードと暗証番号", "パスワード"], 2),
        facts: vec![
            ("カード".into(), Cell::text("C-0012　渡邉　はるか（市民課）")),
            ("端末".into(), Cell::text("CS-0101")),
            ("前回の使用".into(), Cell::text("令和8年11月20日（金）17:02　端末 CS-0101")),
        ],
        form: Form::new("/sign-in/password", "サインイン", "x")
            .field(Field::new("password", "パスワード", Kind::Password("current-password")).need())
            .back("/terminals", "取りやめる"),
    }
}

fn cs(wrong: bool) -> CsPage {
    let reason = |n: usize| {
        Field::new("reason", "根拠番号", Kind::Short).id(format!("reason-{n}")).hint("届出・請求書などの番号")
    };
    let mut code = Field::new("code", "住民票コード", Kind::Digits)
        .need()
        .hint("11桁の数字。空白やハイフンはあってもかまいません。");
    let mut frame = frame("CS業務", "/cs", &["14-2", "18"]);
    frame.notices.push(Banner::new(Tone::Done, "サインインしました").receipt(receipt(48_210)));
    if wrong {
        frame.wrong = true;
        frame.notices.clear();
        code.value = "1234567890".into();
        code.error = Some("11桁で入力してください（いまは10桁です）".into());
        frame.errors = vec![FieldError {
            target: "code".into(),
            message: "住民票コード：11桁で入力してください".into(),
        }];
    }
    let search = |heading: &str, form: Form| Search { heading: heading.into(), form };
    CsPage {
        frame,
        searches: vec![
            search(
                "氏名で検索",
                Form::new("/cs/name", "氏名で検索", "a")
                    .field(
                        Field::new("name", "氏名", Kind::Text)
                            .need()
                            .hint("姓から。途中まででもかまいません。"),
                    )
                    .field(reason(1)),
            ),
            search(
                "フリガナで検索",
                Form::new("/cs/kana", "フリガナで検索", "b")
                    .field(
                        Field::new("kana", "フリガナ", Kind::Text)
                            .need()
                            .hint("全角カタカナ。途中まででもかまいません。"),
                    )
                    .field(reason(2)),
            ),
            search(
                "住民票コードで検索",
                Form::new("/cs/code", "コードで検索", "c").field(code).field(reason(3)),
            ),
        ],
        recent: operations("このサインインでの操作"),
    }
}

fn results(found: bool) -> ResultsPage {
    let mut rows = Vec::new();
    for n in 0..if found { 8 } else { 0 } {
        rows.push(Hit {
            number: n,
            name: if n == 2 { "佐藤　𠮷之助".into() } else { "佐藤　花子".into() },
            kana: "サトウ ハナコ".into(),
            born: "昭和52年3月14日".into(),
            sex: "女".into(),
            address: if n == 2 {
                "（照会すると表示します）".into()
            } else {
                "所沢市大字上安松123番地の4　コーポ武蔵野205号室".into()
            },
            code: "*******1234".into(),
            guarded: n == 2,
        });
    }
    ResultsPage {
        frame: frame("検索結果", "/cs", &["14-2", "18"]),
        receipt: receipt(48_211),
        condition: vec![
            ("条件".into(), Cell::text("氏名「佐藤 花」で始まる")),
            ("根拠番号".into(), Cell::text("所市第1523号")),
        ],
        action: "/cs/consult".into(),
        once: "x".into(),
        reason: Field::new("reason", "照会の根拠番号", Kind::Short).value("所市第1523号"),
        note: format!("{}人", rows.len()),
        guarded: Badge::new(State::Guarded, "支援措置"),
        rows,
    }
}

fn items() -> Vec<(String, Cell)> {
    [
        ("氏名", "佐藤　花子"),
        ("フリガナ", "サトウ ハナコ"),
        ("生年月日", "昭和52年3月14日（月）"),
        ("性別", "女"),
        ("住所", "所沢市大字上安松123番地の4　コーポ武蔵野205号室"),
        ("住民票コード", "12345678903"),
        ("最後の異動", "転居　令和6年4月1日（月）"),
    ]
    .iter()
    .map(|(name, text)| ((*name).to_owned(), Cell::text(*text)))
    .collect()
}

fn resident() -> ResidentPage {
    let mut frame = frame("佐藤　花子", "/cs", &["14-2", "20"]);
    frame.notices.push(Banner::new(Tone::Care, "支援措置の対象者です").line(
        "住所を本人以外に知らせないでください。帳票を交付する前に、セキュリティ責任者に確かめてください。",
    ));
    ResidentPage {
        frame,
        receipt: receipt(48_212),
        facts: items(),
        household: Some(
            Table::new("同じ世帯の人", "同じ世帯の人はいません。")
                .head("氏名", "t")
                .column("生年月日", "t")
                .column("性別", "t")
                .column("住民票コード", "k")
                .row(vec![
                    Cell::text("佐藤　一朗"),
                    Cell::text("昭和50年1月2日"),
                    Cell::text("男"),
                    Cell::text("*******4321"),
                ]),
        ),
        reveal: Some(Form::new("/cs/shown/48212/reveal", "番号をすべて表示する", "x").quiet()),
        print: Form::new("/cs/print", "印刷する", "x")
            .field(
                Field::new(
                    "form",
                    "帳票",
                    Kind::Select(vec![
                        Choice::new("1", "本人確認情報確認票"),
                        Choice::new("2", "世帯一覧票"),
                    ]),
                )
                .need(),
            )
            .field(Field::new("reason", "根拠番号", Kind::Short).value("所市第1523号")),
        back: Some(Link::new("/cs/shown/1", "検索結果に戻る")),
    }
}

fn sheet() -> SheetPage {
    SheetPage {
        frame: frame("帳票の印刷", "/cs", &["20-2"]),
        receipt: receipt(48_213),
        form_number: "様式第1号".into(),
        printed: "令和8年11月23日（月）14:12".into(),
        heading: "本人確認情報確認票".into(),
        facts: items(),
        operator: "市民課　渡邉　はるか　端末 CS-0101".into(),
        reason: "根拠番号 所市第1523号".into(),
        back: Link::new("/cs/shown/2", "住民の画面に戻る"),
    }
}

fn the_refusal() -> Refusal {
    let ground = |id: &str, policy: &str, reason: &str, remedy: &str| Ground {
        cite: Some(cite(id)),
        policy: policy.into(),
        reason: reason.into(),
        remedy: remedy.into(),
    };
    Refusal {
        heading: "次の条項が妨げています".into(),
        what: "令和8年11月23日（月）14:10".into(),
        receipt: Some(receipt(48_214)),
        grounds: vec![
            ground("14-2", "14-2.session", "サインインしていません", "カードとパスワードでサインインする"),
            ground(
                "16(2)",
                "16(2).designation",
                "この種類のカードの操作者として指定されていません",
                "所属のセキュリティ責任者に指定の提案を頼み、アクセス管理責任者の同意を得る",
            ),
            ground(
                "20",
                "20.handler",
                "本人確認情報を取り扱う者として指定されていません",
                "本人確認情報管理責任者に指定を頼む",
            ),
        ],
    }
}

fn refused() -> RefusedPage {
    RefusedPage {
        frame: frame("照会は拒否されました", "/cs", &[]),
        refusal: the_refusal(),
        typed: vec![("氏名".into(), Cell::text("佐藤 花")), ("根拠番号".into(), Cell::text("（なし）"))],
        again: Some(Link::new("/cs", "内容を直してもう一度")),
        links: vec![Link::new("/refusals", "拒否の記録")],
    }
}

fn history() -> HistoryPage {
    HistoryPage {
        frame: frame("住民ごとの操作履歴", "/history/mine", &["18"]),
        lead: "だれがこの住民を見たかを調べます。履歴を見ることも一件の操作として記録されます。".into(),
        form: Some(
            Form::new("/history/residents", "履歴を見る", "x")
                .field(Field::new("code", "住民票コード", Kind::Digits).need())
                .field(
                    Field::new("purpose", "目的", Kind::Text)
                        .need()
                        .hint("例：本人からの開示請求　令和8年度第12号"),
                ),
        ),
        condition: Vec::new(),
        receipt: Some(receipt(48_300)),
        table: Some(operations("この住民に関する操作")),
        pages: Pages {
            previous: None, text: "1–50件目（全312件）".into(), next: Some("?page=2".into())
        },
    }
}

fn list() -> ListPage {
    let table = Table::new("拒否", "拒否の記録はありません。")
        .note("新しい順・2件")
        .column("日時", "t")
        .column("だれが", "t")
        .column("何を", "")
        .column("条項", "")
        .column("理由", "")
        .column("原簿", "t")
        .row(vec![
            Cell::text("R8.11.23（月）14:10"),
            Cell::Sub("小手指　健".into(), "情報統計課".into()),
            Cell::Sub("照会".into(), "*******1234".into()),
            Cell::Cites(vec![cite("14-2"), cite("16(2)"), cite("20")]),
            Cell::Lines(vec![
                "操作者として指定されていません".into(),
                "取り扱う者として指定されていません".into(),
            ]),
            Cell::Receipt(receipt(48_214)),
        ]);
    ListPage {
        frame: frame("拒否の記録", "/refusals", &["14-2"]),
        lead: "規程に照らして拒否された行為の記録です。拒否も原簿に残り、消えません。".into(),
        filters: Some(
            Form::new("/refusals", "絞り込む", "")
                .field(Field::new(
                    "article",
                    "条",
                    Kind::Select(vec![Choice::new("", "すべて"), Choice::new("14", "第14条")]),
                ))
                .field(Field::new("from", "この日から", Kind::Short).value("R8.11.1")),
        ),
        tables: vec![table, Table::new("見本", "まだ何もありません。")],
        pages: Pages::default(),
        links: vec![Link::new("/refusals.csv", "CSVで保存")],
    }
}

fn journal() -> JournalPage {
    let summary = Table::new("原簿", "原簿がありません。")
        .head("原簿", "t")
        .column("内容", "")
        .column("記録の数", "n")
        .column("最後の記録", "t")
        .row(vec![
            Cell::link("#j-operations", "操作の原簿"),
            Cell::text("CSの操作と、その拒否"),
            Cell::text("48,215"),
            Cell::text("R8.11.23（月）14:10"),
        ]);
    JournalPage {
        frame: frame("原簿", "/journal", &["18"]),
        summary,
        journals: vec![JournalView {
            name: "operations".into(),
            title: "操作の原簿".into(),
            root: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            vkey: "sekisho.example/operations+a1b2c3d4+AXh0c2VraXNob3B1YmxpY2tleXNhbXBsZXRleHQ".into(),
            checkpoint: "sekisho.example/operations\n48215\nn4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=\n\n— sekisho.example/operations oBqXbm9tZSBzaWduYXR1cmUgb2Ygc29tZSBsZW5ndGg=\n".into(),
        }],
        commands: vec!["sekisho journal verify --data DIR".into(), "sekisho journal export --data DIR --journal operations OUT".into()],
        verify: Some(Form::new("/journal/verify", "いま検証する", "x").quiet()),
    }
}

fn entry() -> EntryPage {
    EntryPage {
        frame: frame("原簿 operations 第48211号", "/journal", &[]),
        facts: vec![
            ("葉ハッシュ".into(), Cell::text("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
            ("原簿の記録の数".into(), Cell::text("48,215")),
        ],
        body: Some("{\n  \"at\": \"2026-11-23T05:05:00Z\",\n  \"by\": \"1012\",\n  \"fact\": {\n    \"operated\": {}\n  }\n}".into()),
        withheld: "サインインしている間だけ表示します。".into(),
        proof: "1  9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n2  2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae".into(),
        previous: Some(Link::new("/journal/operations/48210", "第48210号")),
        next: Some(Link::new("/journal/operations/48212", "第48212号")),
    }
}

fn desk() -> DeskPage {
    let agree =
        Form::new("/designations/agree", "同意する", "x").field(Field::hidden("designation", "D-0007"));
    let table = Table::new("操作者の指定", "指定はまだありません。")
        .head("指定番号", "k")
        .column("だれに", "t")
        .column("カードの種類", "")
        .column("提案", "t")
        .column("状態", "t")
        .column("", "act")
        .row(vec![
            Cell::text("D-0007"),
            Cell::Sub("髙橋　一郎".into(), "市民課".into()),
            Cell::text("窓口用カード"),
            Cell::Sub("渡邉　はるか".into(), "R8.11.20（金）".into()),
            Cell::badge(State::Owed, "同意待ち"),
            Cell::Act(agree),
        ])
        .row(vec![
            Cell::text("D-0006"),
            Cell::Sub("吾妻　澄子".into(), "松井出張所".into()),
            Cell::text("窓口用カード"),
            Cell::Sub("松井　出".into(), "R8.4.1（水）".into()),
            Cell::badge(State::Good, "指定中"),
            Cell::Why("終えられるのはアクセス管理責任者です".into()),
        ]);
    DeskPage {
        frame: Frame {
            notices: vec![Banner::new(Tone::Done, "指定を提案しました").receipt(receipt(1_202))],
            ..frame("操作者の指定", "/designations", &["16(2)"])
        },
        lead: "どの職員がどの種類のカードを持つかは、所属のセキュリティ責任者が提案し、アクセス管理責任者が同意して決まります。".into(),
        filters: None,
        pages: Pages::default(),
        links: Vec::new(),
        tables: vec![table],
        panels: vec![Panel {
            anchor: "propose".into(),
            why: None,
            heading: "指定を提案する".into(),
            under: vec![cite("16(2)")],
            lead: "市民課長のセキュリティ責任者として提案します。".into(),
            form: Form::new("/designations", "提案する", "x")
                .field(Field::new("person", "職員", Kind::Select(vec![Choice::new("1", "髙橋　一郎（市民課）")])).need())
                .field(Field::new("kind", "カードの種類", Kind::Select(vec![Choice::new("1", "窓口用カード")])).need())
                .field(Field::new("remark", "備考", Kind::Area))
                .field(Field::new("day", "始まる日", Kind::Day))
                .field(Field::new("at", "日時", Kind::Moment))
                .field(Field::new("request", "申請書", Kind::File(".pdf")).need().hint("20メガバイトまで"))
                .field(Field {
                    value: format!("{}/12000/研修の記録.pdf", "ab".repeat(32)),
                    error: Some("研修の日付がありません".into()),
                    ..Field::new("record", "研修の記録", Kind::File(".pdf"))
                })
                .field(
                    Field::new("members", "知らせる人", Kind::Boxes(vec![
                        Choice::new("a", "管財課長"), Choice::new("b", "市民課長"), Choice::new("c", "市民相談課長"),
                    ]))
                    .value("a\nc"),
                )
                .field(Field::new("sure", "所属長の了解を得た", Kind::Check)),
        }],
    }
}

fn message() -> MessagePage {
    MessagePage {
        frame: Frame {
            wrong: true, who: None, ..frame("読み取れない文字がありました", "", &[])
        },
        lines: vec![
            "送られた内容の一部が文字として読み取れませんでした。文字化けした部分を入力し直してください。"
                .into(),
        ],
        typed: vec![("氏名".into(), Cell::text("佐藤 花�"))],
        links: vec![Link::new("/cs", "CS業務に戻る")],
    }
}

fn owed(caption: &str) -> Table {
    Table::new(caption, "ありません。")
        .note("2件")
        .column("", "t")
        .head("しなければならないこと", "w")
        .column("根拠", "t")
        .column("だれが", "")
        .column("いつから", "t")
        .column("期限", "t")
        .column("", "t")
        .row(vec![
            Cell::badge(State::Late, "3日超過"),
            Cell::text("会議 令和8年度第1号「第1回セキュリティ会議」の議事録を作ってください"),
            Cell::Cites(vec![cite("7-6")]),
            Cell::text("事務局（情報統計課）"),
            Cell::text("R8.11.6（金）"),
            Cell::text("R8.11.20（金）"),
            Cell::link("/cases/meeting/1#step-draft-minutes", "この手続へ"),
        ])
        .row(vec![
            Cell::badge(State::Owed, "あと7日"),
            Cell::text("指示 令和8年度第2号「画面の施錠」に回答してください"),
            Cell::Cites(vec![cite("8")]),
            Cell::text("市民課長（渡邉　はるか）"),
            Cell::text("R8.11.16（月）"),
            Cell::text("R8.11.30（月）"),
            Cell::link("/cases/directive/2#step-answer", "見る"),
        ])
}

fn case() -> CasePage {
    let answer = Form::new("/cases/directive/2/answer", "回答する", "x")
        .field(Field::hidden("step", "answer"))
        .field(Field::new("answer", "講じた措置", Kind::Long).id("answer-answer").need())
        .field(Field::new("answer-document", "回答の文書", Kind::File(".pdf")).hint("20メガバイトまで"));
    let documents = Table::new("文書", "この案件に付いた文書はありません。")
        .head("文書", "w")
        .column("何として", "")
        .column("大きさ", "n")
        .column("付けた日時", "t")
        .column("SHA-256", "hash")
        .row(vec![
            Cell::link("/documents/x", "指示書.pdf"),
            Cell::text("指示書"),
            Cell::text("182 KB"),
            Cell::text("R8.11.16（月）10:02"),
            Cell::text("0123456789abcdef".repeat(4)),
        ]);
    let timeline = Table::new("経過", "まだ何も行われていません。")
        .head("日時", "t")
        .column("何を", "t")
        .column("だれが", "")
        .column("内容", "w")
        .column("原簿", "t")
        .row(vec![
            Cell::text("R8.11.16（月）10:02"),
            Cell::text("指示した"),
            Cell::Sub("野田　実".into(), "セキュリティ副統括責任者・職務代理".into()),
            Cell::Lines(vec!["件名：画面の施錠".into(), "回答の期限：令和8年11月30日".into()]),
            Cell::Receipt(receipt(1_300)),
        ]);
    let barred = Table::new("いまのあなたの職では行えないこと", "")
        .head("手続", "t")
        .column("理由", "w")
        .column("根拠", "t")
        .row(vec![
            Cell::text("取り消す"),
            Cell::Lines(vec!["取り消せるのは、統括責任者だけです".into()]),
            Cell::Cites(vec![cite("8")]),
        ]);
    CasePage {
        frame: frame("画面の施錠", "/cases/directive", &["8"]),
        label: "指示 令和8年度第2号".into(),
        standing: Badge::new(State::Owed, "受領した"),
        steps: Step::list(&["指示した", "受領した", "回答する", "完了とする"], 2),
        owed: owed("待っていること"),
        facts: vec![
            ("指示する課所".into(), Cell::text("市民課")),
            ("内容".into(), Cell::Prose("離席のときは画面を閉じること。\n設定を確かめること。".into())),
            ("回答の期限".into(), Cell::text("令和8年11月30日")),
        ],
        tables: vec![documents, timeline],
        panels: vec![StepPanel {
            step: "answer",
            name: "回答する",
            open: true,
            owed: true,
            under: Vec::new(),
            why: None,
            form: answer,
        }],
        barred,
        closed: false,
        print: Link::new("/cases/directive/2/print", "A4の紙の形で見る"),
    }
}

fn paper() -> PaperPage {
    PaperPage {
        frame: frame("指示書「画面の施錠」", "/cases/directive", &[]),
        heading: "指示書".into(),
        number: "指示 令和8年度第2号".into(),
        day: "令和8年11月16日（月）".into(),
        to: Some("市民課長　様".into()),
        from: vec!["所沢市".into(), "セキュリティ統括責任者".into(), "野田　実".into()],
        title: "画面の施錠".into(),
        body: vec![("内容".into(), "離席のときは画面を閉じること。\n設定を確かめること。".into())],
        facts: vec![("回答の期限".into(), Cell::text("令和8年11月30日"))],
        parts: vec![PaperPart {
            heading: "議題 令和8年度第1号「画面の施錠」".into(),
            facts: vec![("結果".into(), Cell::text("原案のとおり決定"))],
        }],
        documents: vec![format!("指示書.pdf（182 KB、SHA-256 {}）", "0123456789abcdef".repeat(4))],
        timeline: vec!["R8.11.16（月）10:02　指示した　野田　実　原簿 register 第1300号".into()],
        receipt: Some(receipt(1_300)),
        printed: "令和8年11月23日（月） 14:05".into(),
        back: Link::new("/cases/directive/2", "案件のページに戻る"),
    }
}

fn board_chapters() -> Vec<BoardChapter> {
    let line = |number: &str, caption: &str, state: Badge, owed: &str| BoardLine {
        id: number.into(),
        number: format!("第{number}条"),
        caption: caption.into(),
        state,
        owed: owed.into(),
        count: usize::from(!owed.is_empty()),
        since: if owed.is_empty() { String::new() } else { "R8.11.6（金）".into() },
        evidence: 12,
        latest: "R8.11.20（金）10:02".into(),
        refused: 1,
    };
    vec![
        BoardChapter {
            heading: "第1章　総則".into(),
            lines: vec![line("1", "目的", Badge::new(State::Good, "守られている"), "")],
        },
        BoardChapter {
            heading: "第2章　管理体制".into(),
            lines: vec![
                line("7", "セキュリティ会議", Badge::new(State::Late, "期限切れ"), "2件（期限切れ1件）"),
                line("8", "関係部署に対する指示等", Badge::new(State::Owed, "義務あり"), "1件"),
            ],
        },
        BoardChapter {
            heading: "第9章　緊急時".into(),
            lines: vec![line("29", "緊急時の計画", Badge::new(State::Unmet, "未対応"), "")],
        },
    ]
}

fn board_figures() -> Vec<Figure> {
    vec![
        Figure::new("期限を過ぎた義務", "1", "件"),
        Figure::new("果たすべき義務", "3", "件"),
        Figure::new("義務の残っていない条", "28", "／30条"),
        Figure::new("拒否（30日間）", "14", "件"),
    ]
}

fn board() -> BoardPage {
    let sections = vec![Choice::new("", "すべて"), Choice::new("shimin", "市民課")];
    BoardPage {
        frame: frame("けさの状況", "/board", &[]),
        figures: board_figures(),
        filters: Form::new("/board", "見る", "")
            .field(Field::new("section", "課所", Kind::Select(sections)))
            .field(Field::new("as-of", "この日の終わりの姿", Kind::Day)),
        late: owed("期限を過ぎた義務"),
        owed: owed("そのほかの義務"),
        chapters: board_chapters(),
        links: vec![Link::new("/board/print", "A4の1枚に印刷する")],
    }
}

fn board_sheet() -> BoardSheet {
    let row = [
        "3日超過",
        "第7条第6項",
        "会議 令和8年度第1号「第1回セキュリティ会議」の議事録を作ってください",
        "事務局（情報統計課）",
        "R8.11.20（金）",
    ];
    BoardSheet {
        frame: frame("状況の印刷", "/board", &[]),
        heading: "セキュリティ規程の状況".into(),
        city: "所沢市".into(),
        moment: "令和8年11月23日（月） 08:31".into(),
        figures: board_figures(),
        duties: vec![row.map(str::to_owned)],
        more: 4,
        chapters: board_chapters(),
        back: Link::new("/board", "板に戻る"),
    }
}

fn calendar() -> CalendarPage {
    let entry = |text: &str, class| DayEntry { text: text.into(), href: "/duties/mine".into(), class };
    let day = |number: i8| {
        let entries = match number {
            20 => vec![entry("会議「第1回」の議事録を作ってください", "late")],
            24 => vec![
                entry("10:00 第2回セキュリティ会議", ""),
                entry("指示「画面の施錠」に回答してください", "owed"),
            ],
            _ => Vec::new(),
        };
        DayView {
            date: format!("2026-11-{number:02}"),
            number,
            weekday: '月',
            closed: if number == 23 { "勤労感謝の日".into() } else { String::new() },
            class: match number % 7 {
                1 => "sunday",
                0 => "saturday",
                _ if number == 23 => "closed",
                _ => "",
            },
            today: number == 23,
            more: if number == 24 { 2 } else { 0 },
            entries,
        }
    };
    let cell = |at: i8| (at <= 30).then(|| day(at));
    let link = |month: &str, text: &str| Link::new(format!("/calendar?month={month}"), text);
    CalendarPage {
        frame: frame("暦", "/calendar", &[]),
        month: "令和8年11月".into(),
        year: "令和8年度".into(),
        lead: "義務の期限と、会議の予定です。".into(),
        previous: link("2026-10", "前の月"),
        now: link("2026-11", "今月"),
        next: link("2026-12", "次の月"),
        weeks: (0..5).map(|week| (1..=7).map(|day| cell(week * 7 + day)).collect()).collect(),
    }
}

fn runs() -> RunsPage {
    let cell = |text: &str, title: &str, href: &str, class| MonthCell {
        text: text.into(),
        title: title.into(),
        href: href.into(),
        class,
    };
    let days = (1..=30).map(|day| {
        let class = if day == 25 {
            "now"
        } else if day % 7 < 2 {
            "closed"
        } else {
            ""
        };
        cell(&day.to_string(), &format!("令和8年11月{day}日"), &format!("/runs?day=2026-11-{day:02}"), class)
    });
    let marks = (1..=30).map(|day| match day {
        day if day % 7 < 2 => cell("", "", "", ""),
        23 => cell("×", "未実施", "", "late"),
        24 => cell("！", "異常あり", "", "care"),
        25 => cell("○", "きょう", "", "owed"),
        day if day > 25 => cell("・", "これから", "", ""),
        _ => cell("✓", "済み", "", "done"),
    });
    let tick =
        Form::new("/runs", "異常なし", "x").field(Field::hidden("item", "毎日 バックアップの結果を確かめる"));
    let table = Table::new("この日に行うこと", "この日に行うことは、ありません。")
        .head("作業", "w")
        .column("いま", "t")
        .column("だれが", "t")
        .column("所見", "w")
        .column("", "act")
        .row(vec![
            Cell::text("毎日 バックアップの結果を確かめる"),
            Cell::badge(State::Owed, "きょう"),
            Cell::text("－"),
            Cell::text(""),
            Cell::Act(tick),
        ]);
    RunsPage {
        frame: frame("実施表　令和8年11月25日（水）", "/runs", &["21-2"]),
        lead: String::new(),
        links: vec![Link::new("/runs?day=2026-11-24", "前の日"), Link::new("/runs?day=2026-11-26", "次の日")],
        table,
        panels: Vec::new(),
        month: "令和8年11月".into(),
        days: days.collect(),
        rows: vec![MonthRow {
            name: "毎日 バックアップの結果を確かめる".into(), cells: marks.collect()
        }],
    }
}

/// How a room may stand: each once.
fn rooms() -> RoomsPage {
    let states = [
        ("empty", "保管室", "施錠・無人"),
        ("in", "CS室", "在室"),
        ("ajar", "端末室", "扉が開いています"),
        ("shut", "データ保管室", "封鎖中"),
        ("alarm", "機器室", "許可なく開いた"),
    ];
    let drawn = states.iter().zip(0..).map(|((class, name, state), at)| {
        let x = 8 + at * 200;
        let lines = vec![
            (x + 100, 90, (*name).to_owned(), "name"),
            (x + 100, 112, "レベル2・0人".to_owned(), "count"),
            (x + 100, 134, (*state).to_owned(), "state"),
        ];
        PlanRoom { class, x, y: 8, width: 200, height: 200, lines }
    });
    let inside = Table::new("室の中にいる人", "いま、室の中にはだれもいません。")
        .head("氏名", "t")
        .column("室", "t")
        .column("いつから", "t")
        .column("名札", "n")
        .row(vec![
            Cell::Sub("渡邉　はるか".into(), "情報統計課・S-0001".into()),
            Cell::text("CS室"),
            Cell::text("R8.11.25（水）09:05"),
            Cell::text("23"),
        ]);
    RoomsPage {
        frame: frame("室の状況", "/rooms", &["9-1", "9-2"]),
        lead: "室の中にいる人、扉、警報です。退室は、いつでもできます。".into(),
        warnings: vec![
            Banner::new(Tone::Wrong, "緊急時の封鎖中です。レベル2の室には誰も入れません")
                .line("退室はできます。"),
            Banner::new(Tone::Care, "扉の制御器から連絡がありません")
                .line("DC-1：R8.11.25（水）09:05から連絡がない"),
        ],
        figures: vec![
            Figure::new("室の中にいる人", "1", "人"),
            Figure::new("処置の記録を待つ警報", "1", "件"),
        ],
        floors: vec![Floor {
            id: "floor-1".into(),
            name: "本庁舎4階".into(),
            says: "五つの室が並ぶ。".into(),
            width: 1016,
            height: 216,
            rooms: drawn.collect(),
        }],
        tables: vec![inside],
        panels: Vec::new(),
        links: vec![Link::new("/rooms/passages", "入退室管理簿を見る")],
    }
}

fn room() -> RoomPage {
    RoomPage {
        frame: frame("CS室", "/rooms", &["9-1", "10-1"]),
        facts: vec![
            ("区分".into(), Cell::text("レベル2　CS・ネットワーク機器等の設置室")),
            ("扉".into(), Cell::Lines(vec!["D-401：施錠（R8.11.25（水）09:00から）".into()])),
        ],
        tables: vec![Table::new("室の中にいる人", "いま、室の中にはだれもいません。")],
        panels: Vec::new(),
        links: vec![Link::new("/cases/permit/new", "許可を申請する")],
    }
}

fn labels() -> LabelsPage {
    let label = |at: usize| Label {
        text: format!("K-401-{at}"),
        below: "正鍵".into(),
        side: 29,
        path: "M4 4h7v1h-7zM4 10h7v1h-7zM18 4h7v7h-7zM4 18h7v7h-7z".into(),
    };
    LabelsPage {
        frame: frame("鍵の札", "/rooms/keys", &["11"]),
        heading: "鍵の札".to_owned(),
        of: "鍵番号".to_owned(),
        note: "札には鍵番号と種別だけを書きます。".to_owned(),
        empty: String::new(),
        labels: (1..=9).map(label).collect(),
        back: Link::new("/rooms/keys", "鍵の窓口へ戻る"),
    }
}

fn lend() -> LendPage {
    let cards = (1..=3).map(|at| Choice {
        more: "業務担当者・市民課".into(),
        ..Choice::new(format!("C-{at:04}"), "渡邉　はるか")
    });
    let mut pin = Field::new("pin", "カードの暗証番号", Kind::Pin).need();
    pin.error = Some("暗証番号が違います".into());
    let card = Form::new("/rooms/keys/lend", "カードを確かめて貸し出す", "x")
        .field(Field::new("card", "借りる人のカード", Kind::Radio(cards.collect())).need())
        .field(pin);
    let people = vec![Choice::new("S-0001", "渡邉　はるか（市民課）")];
    LendPage {
        frame: frame("鍵を借りる人を確かめる", "/rooms/keys", &["11"]),
        steps: Step::list(&["鍵と目的", "借りる人のカード"], 1),
        facts: vec![("鍵".into(), Cell::Sub("K-401-1".into(), "CS室・正鍵".into()))],
        card: Some(card),
        without: Panel {
            anchor: "without".into(),
            heading: "カードがないとき".into(),
            under: vec![cite("11")],
            lead: "カードで本人を確かめられない人には貸し出せません。".into(),
            why: None,
            form: Form::new("/rooms/keys/lend", "カードなしで申し込む", "x")
                .quiet()
                .field(Field::new("person", "借りる人の職員番号", Kind::Suggest(people)).need()),
        },
    }
}

fn finding() -> FindingPage {
    let side = |ledger: &str, says: &str| Side {
        ledger: ledger.into(),
        says: says.into(),
        receipt: (!says.is_empty()).then(|| receipt(48_211)),
        from: String::new(),
    };
    FindingPage {
        frame: frame("照合の不一致：貸出しのない鍵での入室", "/rooms/findings", &["12-1", "12-2"]),
        label: "令和8年11月25日（水）09:05　CS室".into(),
        standing: Badge::new(State::Owed, "回答を待つ"),
        sides: vec![side("入退室管理簿", "渡邉　はるかが入室（鍵）"), side("鍵の管理簿", "")],
        facts: vec![("回答する者".into(), Cell::text("鍵の管理者（管財課長）"))],
        panels: Vec::new(),
        links: vec![Link::new("/rooms/findings", "照合へ戻る")],
    }
}
