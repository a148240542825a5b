//! `/` of the demo: the guided tour in seven scenes, Japanese with English beside it.

use crate::ask::Ask;
use crate::guard;
use crate::pages::journal::{banner, lines};
use crate::pages::page;
use crate::pages::tamper::tamper as tamper_with_a_copy;
use crate::pages::views::{Scene, TourPage};
use crate::site::{Actor, Guide, Verified};
use crate::trouble::{Answer, Trouble, see_other};
use crate::view::{Cell, Form, Frame, Link, Table};

/// `GET /`: the tour in the demo, else the regulation.
pub(crate) fn show(ask: &Ask) -> Answer {
    let Some(guide) = ask.app.guide() else { return Ok(see_other("/regulation")) };
    let mut frame = Frame { trail: Vec::new(), ..ask.frame("関所の案内", "/", &[]) };
    frame.notices.extend(ask.app.verified().map(|verified| banner(&verified)));
    let doors = ask.app.hardware().is_some();
    Ok(page(&TourPage { frame, steps: scenes(guide), doors, people: people(&guide.people) }))
}

fn credentials(actor: &Actor) -> Vec<(String, Cell)> {
    vec![
        ("操作者".to_owned(), Cell::text(format!("{}（{}）", actor.name, actor.role))),
        ("カード".to_owned(), Cell::text(&actor.card)),
        ("暗証番号".to_owned(), Cell::text(&actor.pin)),
        ("パスワード".to_owned(), Cell::text(&actor.password)),
    ]
}

fn scene(titles: (&str, &str), texts: (&str, &str)) -> Scene {
    Scene {
        title: titles.0.to_owned(),
        title_en: titles.1.to_owned(),
        text: texts.0.to_owned(),
        text_en: texts.1.to_owned(),
        ..Scene::default()
    }
}

fn linked(scene: Scene, link: (&str, &str), english: &str) -> Scene {
    Scene { link: Some(Link::new(link.0, link.1)), link_en: english.to_owned(), ..scene }
}

fn scenes(guide: &Guide) -> Vec<Scene> {
    let mut scenes = at_the_terminal(guide);
    scenes.extend(afterwards(guide));
    scenes
}

fn at_the_terminal(guide: &Guide) -> Vec<Scene> {
    let clerk = &guide.clerk;
    vec![
        Scene {
            facts: credentials(clerk),
            ..linked(
                scene(
                    ("窓口の職員としてサインインする", "Sign in as a clerk"),
                    (
                        "カードと暗証番号を先に確かめ、その後でパスワードを確かめます（第14条第2項）。カードを持たない人は、だれのパスワードも試せません。",
                        "The card and its PIN come first, the password after (article 14, paragraph 2). Without a card, nobody can even try a password.",
                    ),
                ),
                (
                    &format!("/terminals/{}/sign-in", clerk.terminal),
                    &format!("端末 {} でサインインする", clerk.terminal),
                ),
                "Go to the terminal",
            )
        },
        Scene {
            facts: vec![
                ("氏名".to_owned(), Cell::text(&guide.resident)),
                ("根拠番号".to_owned(), Cell::text(&guide.reason)),
            ],
            ..linked(
                scene(
                    ("住民を検索して照会する", "Look this resident up"),
                    (
                        "氏名で検索し、一覧から照会します。検索も照会も、それぞれ一件の操作です。記録が済んでから画面に示します。",
                        "Search by name, then open one of the results. Each is an operation of its own, recorded before anything is shown.",
                    ),
                ),
                ("/cs", "CS業務を開く"),
                "Open the CS",
            )
        },
        Scene {
            facts: vec![("住民票コード".to_owned(), Cell::text(&guide.code))],
            ..linked(
                scene(
                    ("してはいけないことをして、拒否される", "Try what a clerk may not do, and be refused"),
                    (
                        "同じ職員のまま、この住民をだれが見たかを調べてみます。目的は空けてください。妨げている条項のすべてと、どうすれば進めるかが示されます。",
                        "Still as the clerk, ask who has looked at this resident, and leave the purpose blank. The refusal names every article that stands against it, and what would help.",
                    ),
                ),
                ("/history/residents", "住民ごとの操作履歴を開く"),
                "Open the history by resident",
            )
        },
    ]
}

fn afterwards(guide: &Guide) -> Vec<Scene> {
    let officer = &guide.officer;
    let mut who_looked = credentials(officer);
    who_looked.push(("住民票コード".to_owned(), Cell::text(&guide.code)));
    who_looked.push(("目的".to_owned(), Cell::text("本人からの開示請求")));
    let sign_in = format!("/terminals/{}/sign-in", officer.terminal);
    vec![
        Scene {
            facts: who_looked,
            ..linked(
                scene(
                    ("この住民をだれが見たかを調べる", "See who looked at this resident"),
                    (
                        "サインアウトし、履歴を調べられる人でサインインし直して、同じことをします。いまの検索と照会が出てきます。調べたことも記録されます。",
                        "Sign out, sign in as somebody who may look into the history, and ask again. Your search shows up, and so will this view.",
                    ),
                ),
                (&sign_in, &format!("端末 {} でサインインする", officer.terminal)),
                "Go to the terminal",
            )
        },
        linked(
            scene(
                ("条のページを見る", "See the article’s page"),
                (
                    "規程の条ごとに、何を求めているか、何がそれを守らせているか、守られている証拠は何かを示します。",
                    "For each article: what it demands, what enforces it, and the evidence that it does.",
                ),
            ),
            ("/articles/14", "第14条のページを開く"),
            "Open article 14",
        ),
        Scene {
            commands: vec!["sekisho journal verify --data DIR".to_owned()],
            form: Some(Form::new("/journal/verify", "原簿を検証する", guard::random_hex())),
            link_en: "Verify the journal; the outcome is on the journal’s page".to_owned(),
            ..scene(
                ("原簿を検証する", "Verify the journal"),
                (
                    "すべての記録のハッシュを計算し直し、署名付きの検査点と比べます。同じことを、この計算機の外で、別の人の作ったプログラムでもできます。",
                    "Every entry is hashed anew and compared with the signed checkpoint. Anybody can do the same elsewhere, with a program that we did not write.",
                ),
            )
        },
        Scene {
            form: Some(Form::new("/tour/tamper", "写しを書き換えて検証する", guard::random_hex())),
            link_en: "Tamper with a copy and verify it".to_owned(),
            ..scene(
                ("写しを書き換えて、見つかることを確かめる", "Tamper with a copy and see it found"),
                (
                    "原簿の写しを作り、最後の操作の操作者を別の番号に書き換えて検証します。どの記録かが番号で示されます。本物の原簿には触れません。",
                    "A copy of the journal is made, and the name under the last operation changed. Verification says which entry. The real journal is not touched.",
                ),
            )
        },
    ]
}

fn people(actors: &[Actor]) -> Table {
    let mut table = Table::new("使えるカード", "カードがありません。")
        .head("氏名", "t")
        .column("所属・職", "")
        .column("端末", "k")
        .column("カード", "k")
        .column("暗証番号", "k")
        .column("パスワード", "k");
    for actor in actors {
        table.push(vec![
            Cell::Sub(actor.name.clone(), actor.kana.clone()),
            Cell::Sub(actor.role.clone(), actor.role_en.clone()),
            Cell::text(&actor.terminal),
            Cell::text(&actor.card),
            Cell::text(&actor.pin),
            Cell::text(&actor.password),
        ]);
    }
    table
}

/// `POST /tour/tamper`, in the demo only.
pub(crate) fn tamper(ask: &Ask) -> Answer {
    if ask.app.guide().is_none() {
        return Err(Trouble::Missing);
    }
    let office = ask.app.office();
    let mut outcome = Ok(());
    ask.app.verify(|| {
        let at = office.now();
        match tamper_with_a_copy(office.data()) {
            Ok(Some(tampered)) => {
                let mut told = vec![tampered.what];
                told.extend(lines(&tampered.report));
                told.push("本物の原簿は変わっていません。".to_owned());
                Some(Verified {
                    at,
                    what: "原簿の写し".to_owned(),
                    sound: tampered.report.is_sound(),
                    lines: told,
                })
            }
            Ok(None) => {
                outcome = Err(Trouble::NotYet(
                    "書き換える操作がまだありません。先に住民を検索してください。".to_owned(),
                ));
                None
            }
            Err(error) => {
                outcome = Err(Trouble::broken(&error));
                None
            }
        }
    });
    outcome?;
    Ok(see_other("/?tampered=yes"))
}
