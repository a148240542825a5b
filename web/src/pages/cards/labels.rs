//! `/cards/labels`: labels for the cards' sleeves, each with its number as a QR code. For the day of transfers
//! those of the cards to be handed out.

use register::CardId;

use super::{Viewer, frame};
use crate::ask::Ask;
use crate::pages::labels::label;
use crate::pages::page;
use crate::pages::views::{Label, LabelsPage};
use crate::trouble::{Answer, Trouble};
use crate::view::Link;

/// `GET /cards/labels`: of the cards in hand and of those that wait to be issued; `?waiting=yes`: of the latter.
pub(crate) fn show(ask: &Ask) -> Answer {
    let viewer = Viewer::of(ask).ok_or(Trouble::NobodyHere)?;
    let waiting_only = ask.query.get("waiting") == "yes";
    let office = ask.app.office();
    let numbers: Vec<(CardId, String)> = {
        let city = office.city();
        let waiting = city.access.preparations().filter(|_| viewer.all).map(|preparation| &preparation.card);
        let waiting = waiting.map(|card| (card.id.clone(), city.card_kind_name(&card.kind)));
        let held = city.access.cards().filter(|(_, card)| card.state.is_held() && !waiting_only);
        let held = held.filter(|(id, _)| viewer.sees(&city, id, office.now()));
        let mut all: Vec<_> =
            held.map(|(id, card)| (id.clone(), city.card_kind_name(&card.kind))).chain(waiting).collect();
        all.sort();
        all.dedup();
        all
    };
    let labels: Result<Vec<Label>, Trouble> =
        numbers.iter().map(|(id, kind)| label(id.as_str(), kind)).collect();
    Ok(page(&LabelsPage {
        frame: frame(ask, "カードの札", "/cards", &["16(3)"]),
        heading: "カードの札".to_owned(),
        of: "カード番号".to_owned(),
        note: "札にはカード番号と種類だけを書き、人の名前は書きません。カードのケースに貼り、貸出しや検査のときに読み取ります。"
            .to_owned(),
        empty: "札にするカードはまだありません。".to_owned(),
        labels: labels?,
        back: Link::new("/cards", "カードの一覧へ戻る"),
    }))
}
