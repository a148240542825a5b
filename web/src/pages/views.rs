//! One view model for each template: what a page shows, already in words.

use askama::Template;

use crate::view::{
    Badge, Cell, Cite, Field, Figure, Form, Frame, Kind, Link, Pages, Receipt, Refusal, Step, Table, Tone,
};

/// One scene of the guided tour.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// What one does.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// How.
    pub text: String,
    /// The same in English.
    pub text_en: String,
    /// What one types.
    pub facts: Vec<(String, Cell)>,
    /// Commands for a shell.
    pub commands: Vec<String>,
    /// Where to go.
    pub link: Option<Link>,
    /// What can be done on the spot.
    pub form: Option<Form>,
    /// Link or button in English.
    pub link_en: String,
}

/// `/` of the demo.
#[derive(Template)]
#[template(path = "tour.html")]
pub struct TourPage {
    /// Around the page.
    pub frame: Frame,
    /// The seven scenes.
    pub steps: Vec<Scene>,
    /// Cards, PINs and passwords.
    pub people: Table,
}

/// One article in the list of the regulation.
#[derive(Clone, Debug)]
pub struct ArticleLine {
    /// Short id.
    pub id: String,
    /// Such as `第14条`.
    pub number: String,
    /// 見出し.
    pub caption: String,
    /// Its state now.
    pub state: Badge,
    /// Demands met.
    pub met: usize,
    /// Demands in all.
    pub of: usize,
    /// Refusals under it in the last 30 days.
    pub refusals: usize,
    /// The last fact that shows it at work.
    pub evidence: String,
}

/// One chapter in the list of the regulation.
#[derive(Clone, Debug)]
pub struct ChapterView {
    /// Element id.
    pub anchor: String,
    /// Such as `第4章`.
    pub number: String,
    /// 章名.
    pub caption: String,
    /// How its articles stand, in words.
    pub note: String,
    /// Its articles.
    pub articles: Vec<ArticleLine>,
}

/// `/regulation`.
#[derive(Template)]
#[template(path = "regulation.html")]
pub struct RegulationPage {
    /// Around the page.
    pub frame: Frame,
    /// The state in figures.
    pub figures: Vec<Figure>,
    /// What is owed now.
    pub duties: Table,
    /// The chapters.
    pub chapters: Vec<ChapterView>,
}

/// One demand on an article's page.
#[derive(Clone, Debug)]
pub struct DemandView {
    /// Element id.
    pub anchor: String,
    /// Its places, in Japanese.
    pub places: String,
    /// 権限, 義務, 記録 or 定義.
    pub kind: Badge,
    /// Whether the product meets it.
    pub state: Badge,
    /// The demand, in our own words.
    pub wording: String,
    /// What it can show.
    pub evidence: String,
    /// What enforces it.
    pub means: Table,
    /// What it needs besides and the product has not yet.
    pub missing: String,
    /// Interpretations taken, with the reason.
    pub readings: Vec<String>,
}

/// `/articles/{citation}`.
#[derive(Template)]
#[template(path = "article.html")]
pub struct ArticlePage {
    /// Around the page.
    pub frame: Frame,
    /// Its demands.
    pub demands: Vec<DemandView>,
    /// The last facts that show it at work.
    pub evidence: Table,
    /// Refusals under it.
    pub refusals: Table,
    /// The article before.
    pub previous: Option<Link>,
    /// The article after.
    pub next: Option<Link>,
}

/// One terminal to choose.
#[derive(Clone, Debug)]
pub struct TerminalView {
    /// 端末番号.
    pub id: String,
    /// Where it stands.
    pub place: String,
    /// Whether it stands in the register.
    pub in_service: bool,
    /// Its state, when it does not.
    pub state: Badge,
}

/// The terminals of one section.
#[derive(Clone, Debug)]
pub struct TerminalGroup {
    /// The section's name.
    pub section: String,
    /// Its terminals.
    pub terminals: Vec<TerminalView>,
}

/// One act on a page that offers several.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Element id of its heading.
    pub anchor: String,
    /// What it does.
    pub heading: String,
    /// The articles it stands on.
    pub under: Vec<Cite>,
    /// Who may, and what follows.
    pub lead: String,
    /// Why this person may not do it now; the form is not shown then.
    pub why: Option<String>,
    /// The form.
    pub form: Form,
}

/// `/terminals`.
#[derive(Template)]
#[template(path = "terminals.html")]
pub struct TerminalsPage {
    /// Around the page.
    pub frame: Frame,
    /// What to do here.
    pub lead: String,
    /// The terminals, by section.
    pub groups: Vec<TerminalGroup>,
    /// The register's acts.
    pub forms: Vec<Panel>,
}

/// `/terminals/{id}/sign-in`.
#[derive(Template)]
#[template(path = "sign_in_card.html")]
pub struct CardPage {
    /// Around the page.
    pub frame: Frame,
    /// Where one is.
    pub steps: Vec<Step>,
    /// The drawer of software cards; none where a terminal program presents the card.
    pub form: Option<Form>,
}

/// `/sign-in/password`.
#[derive(Template)]
#[template(path = "sign_in_password.html")]
pub struct PasswordPage {
    /// Around the page.
    pub frame: Frame,
    /// Where one is.
    pub steps: Vec<Step>,
    /// Whose card, where, its last use.
    pub facts: Vec<(String, Cell)>,
    /// The password.
    pub form: Form,
}

/// One way to search.
#[derive(Clone, Debug)]
pub struct Search {
    /// By what.
    pub heading: String,
    /// The form.
    pub form: Form,
}

/// `/cs`.
#[derive(Template)]
#[template(path = "cs.html")]
pub struct CsPage {
    /// Around the page.
    pub frame: Frame,
    /// By name, by kana, by code.
    pub searches: Vec<Search>,
    /// What was done during this stay.
    pub recent: Table,
}

/// One resident found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Its place in the list: codes stay at the server.
    pub number: usize,
    /// 氏名.
    pub name: String,
    /// フリガナ.
    pub kana: String,
    /// 生年月日.
    pub born: String,
    /// 性別.
    pub sex: String,
    /// 住所; withheld of protected persons.
    pub address: String,
    /// 住民票コード, masked.
    pub code: String,
    /// 支援措置.
    pub guarded: bool,
}

/// What a search found.
#[derive(Template)]
#[template(path = "results.html")]
pub struct ResultsPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the search is recorded.
    pub receipt: Receipt,
    /// What was asked.
    pub condition: Vec<(String, Cell)>,
    /// Where one of them is consulted.
    pub action: String,
    /// Key against double submission.
    pub once: String,
    /// 根拠番号, as given with the search.
    pub reason: Field,
    /// How many.
    pub note: String,
    /// The mark of protected persons.
    pub guarded: Badge,
    /// Who was found.
    pub rows: Vec<Hit>,
}

/// One resident.
#[derive(Template)]
#[template(path = "resident.html")]
pub struct ResidentPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the consultation is recorded.
    pub receipt: Receipt,
    /// Every item.
    pub facts: Vec<(String, Cell)>,
    /// Who lives together, where that was looked up as well.
    pub household: Option<Table>,
    /// Prints a form.
    pub print: Form,
    /// Back to the results.
    pub back: Option<Link>,
}

/// A CS form (帳票), to be printed.
#[derive(Template)]
#[template(path = "sheet.html")]
pub struct SheetPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the print is recorded.
    pub receipt: Receipt,
    /// 様式.
    pub form_number: String,
    /// When.
    pub printed: String,
    /// Its name.
    pub heading: String,
    /// Its items.
    pub facts: Vec<(String, Cell)>,
    /// Who printed it, where.
    pub operator: String,
    /// Under which reason.
    pub reason: String,
    /// Back to the resident.
    pub back: Link,
}

/// An act that was refused: articles, remedies, and what was typed.
#[derive(Template)]
#[template(path = "refused.html")]
pub struct RefusedPage {
    /// Around the page.
    pub frame: Frame,
    /// The articles.
    pub refusal: Refusal,
    /// What was typed, kept.
    pub typed: Vec<(String, Cell)>,
    /// Back to the form, filled in as before.
    pub again: Option<Link>,
    /// Elsewhere.
    pub links: Vec<Link>,
}

/// `/history/…`.
#[derive(Template)]
#[template(path = "history.html")]
pub struct HistoryPage {
    /// Around the page.
    pub frame: Frame,
    /// The three ways to look.
    pub tabs: Vec<Link>,
    /// The one taken.
    pub here: String,
    /// That looking is recorded.
    pub lead: String,
    /// Whose history, and why.
    pub form: Option<Form>,
    /// What was asked.
    pub condition: Vec<(String, Cell)>,
    /// Where the view is recorded.
    pub receipt: Option<Receipt>,
    /// The operations.
    pub table: Option<Table>,
    /// Which part of them.
    pub pages: Pages,
}

/// `/refusals`, `/ledgers`, `/ledgers/{id}`.
#[derive(Template)]
#[template(path = "list.html")]
pub struct ListPage {
    /// Around the page.
    pub frame: Frame,
    /// What it is.
    pub lead: String,
    /// Filters, kept in the address.
    pub filters: Option<Form>,
    /// The lists.
    pub tables: Vec<Table>,
    /// Which part of them.
    pub pages: Pages,
    /// Further forms of it.
    pub links: Vec<Link>,
}

/// One journal's state.
#[derive(Clone, Debug)]
pub struct JournalView {
    /// Its name.
    pub name: String,
    /// Its name in Japanese.
    pub title: String,
    /// Merkle root, in hex.
    pub root: String,
    /// Verifier key, in signed-note form.
    pub vkey: String,
    /// The last checkpoint, as signed.
    pub checkpoint: String,
}

/// `/journal`.
#[derive(Template)]
#[template(path = "journal.html")]
pub struct JournalPage {
    /// Around the page.
    pub frame: Frame,
    /// Sizes.
    pub summary: Table,
    /// Roots, keys, checkpoints.
    pub journals: Vec<JournalView>,
    /// How to verify elsewhere.
    pub commands: Vec<String>,
    /// Verifies on the spot.
    pub verify: Option<Form>,
}

/// `/journal/{name}/{index}`.
#[derive(Template)]
#[template(path = "entry.html")]
pub struct EntryPage {
    /// Around the page.
    pub frame: Frame,
    /// Leaf hash, size, root.
    pub facts: Vec<(String, Cell)>,
    /// The entry, for those who may read it.
    pub body: Option<String>,
    /// Why it is withheld.
    pub withheld: String,
    /// The inclusion proof.
    pub proof: String,
    /// The entry before.
    pub previous: Option<Link>,
    /// The entry after.
    pub next: Option<Link>,
}

/// `/designations`, `/cards`, `/handlers`: what is so, and the acts on it.
#[derive(Template)]
#[template(path = "desk.html")]
pub struct DeskPage {
    /// Around the page.
    pub frame: Frame,
    /// What it is.
    pub lead: String,
    /// Pages of the same kind.
    pub tabs: Vec<Link>,
    /// The one of them that this is.
    pub here: String,
    /// What is so.
    pub tables: Vec<Table>,
    /// What can be done.
    pub panels: Vec<Panel>,
}

/// Errors and short words.
#[derive(Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    /// Around the page.
    pub frame: Frame,
    /// What happened and what helps.
    pub lines: Vec<String>,
    /// What could be read of what was typed.
    pub typed: Vec<(String, Cell)>,
    /// Where to go.
    pub links: Vec<Link>,
}
