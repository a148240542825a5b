//! `/journal`: size, root and signed checkpoint of each journal, and the proof of each entry.

use journal::JournalName;
use register::{JournalKind, PersonId};

use crate::ask::Ask;
use crate::guard;
use crate::pages::views::{EntryPage, JournalPage, JournalView};
use crate::pages::{oversees, page};
use crate::site::Verified;
use crate::trouble::{Answer, Trouble, see_other};
use crate::view::{Banner, Cell, Form, Frame, Link, Table, Tone};
use crate::words;

pub(crate) fn name(text: &str) -> Result<JournalName, Trouble> {
    let known = JournalKind::ALL.iter().any(|kind| kind.name() == text);
    if known { JournalName::new(text).map_err(|_| Trouble::Missing) } else { Err(Trouble::Missing) }
}

/// `GET /journal`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let journal = ask.app.office().journal();
    let mut frame =
        Frame { trail: vec![Link::new("", "原簿")], ..ask.frame("原簿", "/journal", &["18"]) };
    frame.notices.extend(ask.app.verified().map(|verified| banner(&verified)));
    let mut summary =
        Table::new("原簿", "原簿がありません。").head("原簿", "t").column("内容", "").column("記録の数", "n");
    let mut journals = Vec::new();
    for kind in JournalKind::ALL {
        let id = name(kind.name())?;
        let head = journal.head(&id).map_err(Trouble::broken)?;
        let (title, keeps) = words::journal(kind.name());
        summary.push(vec![
            Cell::link(format!("#j-{}", kind.name()), title),
            Cell::text(keeps),
            Cell::text(words::grouped(head.size)),
        ]);
        journals.push(JournalView {
            name: kind.name().to_owned(),
            title: title.to_owned(),
            root: head.root.to_string(),
            vkey: journal.vkey(&id).map_err(Trouble::broken)?.to_owned(),
            checkpoint: journal.checkpoint(&id).map_err(Trouble::broken)?,
        });
    }
    Ok(page(&JournalPage {
        frame,
        summary,
        journals,
        commands: vec![
            "sekisho journal verify --data DIR".to_owned(),
            "sekisho journal export --data DIR --journal operations OUT".to_owned(),
        ],
        verify: Some(Form::new("/journal/verify", "いま全部を検証する", guard::random_hex()).quiet()),
    }))
}

/// What the last verification said.
pub(crate) fn banner(verified: &Verified) -> Banner {
    let (tone, heading) = if verified.sound {
        (Tone::Done, format!("{}：検証しました。書き換えはありません", verified.what))
    } else {
        (Tone::Wrong, format!("{}：書き換えが見つかりました", verified.what))
    };
    let told = Banner::new(tone, heading).line(words::moment_long(verified.at));
    verified.lines.iter().fold(told, |banner, line| banner.line(line))
}

/// `POST /journal/verify`: every entry of every journal, hashed anew. One at a time.
pub(crate) fn verify(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let mut outcome = Ok(());
    ask.app.verify(|| {
        let at = office.now();
        let what = "原簿のすべて".to_owned();
        match journal::verify(office.data(), &[]) {
            Ok(report) => Some(Verified { at, what, sound: report.is_sound(), lines: lines(&report) }),
            Err(error) => {
                outcome = Err(Trouble::broken(&error));
                None
            }
        }
    });
    outcome?;
    Ok(see_other("/journal"))
}

/// A report, line by line, in Japanese.
pub(crate) fn lines(report: &journal::Report) -> Vec<String> {
    report
        .verdicts
        .iter()
        .map(|verdict| {
            let (title, _) = words::journal(verdict.name.as_str());
            match &verdict.outcome {
                Ok(head) => format!(
                    "{title}（{}）：{}件、すべて記録のとおり",
                    verdict.name,
                    words::grouped(head.size)
                ),
                Err(fault) => format!("{title}（{}）：{}", verdict.name, fault.japanese()),
            }
        })
        .collect()
}

/// `GET /journal/{journal}/{index}`: the proof is for everybody, the entry for those who may read it.
pub(crate) fn entry(ask: &Ask) -> Answer {
    let journal = ask.app.office().journal();
    let id = name(ask.part("journal"))?;
    let index: u64 = ask.part("index").parse().map_err(|_| Trouble::Missing)?;
    let head = journal.head(&id).map_err(Trouble::broken)?;
    if index >= head.size {
        return Err(Trouble::Missing);
    }
    let stored = journal.get(&id, index).map_err(Trouble::broken)?;
    let proof = journal.prove(&id, index).map_err(Trouble::broken)?;
    let (body, withheld) = match readable(ask, id.as_str(), &stored)? {
        Ok(body) => (Some(body), String::new()),
        Err(why) => (None, why.to_owned()),
    };
    let title = format!("原簿 {id} 第{index}号");
    let frame = Frame {
        trail: vec![Link::new("/journal", "原簿"), Link::new("", title.clone())],
        ..ask.frame(title, "/journal", &[])
    };
    let link = |index: u64| Link::new(format!("/journal/{id}/{index}"), format!("第{index}号"));
    Ok(page(&EntryPage {
        frame,
        facts: vec![
            ("葉ハッシュ".to_owned(), Cell::text(stored.leaf_hash().to_string())),
            ("原簿の記録の数".to_owned(), Cell::text(words::grouped(head.size))),
            ("根ハッシュ".to_owned(), Cell::text(head.root.to_string())),
        ],
        body,
        withheld,
        proof: proof.to_string(),
        previous: index.checked_sub(1).map(link),
        next: Some(index + 1).filter(|next| *next < head.size).map(link),
    }))
}

/// The entry as people read it; or why it is not shown. Reading operations of others here would be a view of the
/// history that nobody records, and residents' entries are 本人確認情報 themselves.
fn readable(
    ask: &Ask,
    journal: &str,
    stored: &journal::StoredEntry,
) -> Result<Result<String, &'static str>, Trouble> {
    let Some(me) = ask.person() else {
        return Ok(Err("記録の中身は、サインインしている人に、見てよいものだけを示します。"));
    };
    let body = stored.body().map_err(Trouble::broken)?;
    let by = body.get("by").and_then(|by| by.as_str()).and_then(|by| by.parse::<PersonId>().ok());
    let own = by.as_ref() == Some(me);
    let office = ask.app.office();
    let may = match journal {
        "residents" => Err("本人確認情報そのものなので、ここには示しません。CS業務で照会してください。"),
        "operations" if !own => Err("ほかの人の操作です。操作履歴のページから、目的を書いて見てください。"),
        _ if own || oversees(&office.city(), me, office.now()) => Ok(()),
        _ => Err("ほかの人の記録です。規程の職にある人だけが見られます。"),
    };
    match may {
        Err(why) => Ok(Err(why)),
        Ok(()) => serde_json::to_string_pretty(&body).map(Ok).map_err(Trouble::broken),
    }
}
