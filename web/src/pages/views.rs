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
    /// There are simulated doors to play with.
    pub doors: bool,
    /// Cards, PINs and passwords.
    pub people: Table,
}

/// A simulated door.
#[derive(Clone, Debug)]
pub struct DoorView {
    /// Element id of its heading.
    pub anchor: String,
    /// Its room and its number.
    pub heading: String,
    /// How it stands.
    pub facts: Vec<(String, Cell)>,
    /// A finger is put on a reader.
    pub touch: Form,
    /// What else can be done at it.
    pub acts: Vec<Cell>,
}

/// `/tour/doors` of the demo.
#[derive(Template)]
#[template(path = "hardware.html")]
pub struct HardwarePage {
    /// Around the page.
    pub frame: Frame,
    /// The doors.
    pub doors: Vec<DoorView>,
    /// What happened at them.
    pub heard: Table,
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
    /// What is owed under it.
    pub duties: Table,
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
    /// Whether its program is linked, for those who are signed in.
    pub linked: Option<Badge>,
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
    /// Shows the numbers whole; none where they are.
    pub reveal: Option<Form>,
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
#[derive(Template, Default)]
#[template(path = "desk.html")]
pub struct DeskPage {
    /// Around the page.
    pub frame: Frame,
    /// What it is.
    pub lead: String,
    /// Filters, kept in the address.
    pub filters: Option<Form>,
    /// What is so.
    pub tables: Vec<Table>,
    /// Which part of it.
    pub pages: Pages,
    /// What can be done.
    pub panels: Vec<Panel>,
    /// Further forms of it.
    pub links: Vec<Link>,
}

/// A day in the head of a month, or a mark on it.
#[derive(Clone, Debug)]
pub struct MonthCell {
    /// What is seen.
    pub text: String,
    /// What is said.
    pub title: String,
    /// Where it leads; empty for a mark.
    pub href: String,
    /// Class in the stylesheet.
    pub class: &'static str,
}

/// One work of a month's run sheet.
#[derive(Clone, Debug)]
pub struct MonthRow {
    /// What is done, and how often.
    pub name: String,
    /// A mark for each day.
    pub cells: Vec<MonthCell>,
}

/// `/runs`: the run sheet of a day, and of its month.
#[derive(Template)]
#[template(path = "runs.html")]
pub struct RunsPage {
    /// Around the page.
    pub frame: Frame,
    /// Whether the city is closed.
    pub lead: String,
    /// The days before and after.
    pub links: Vec<Link>,
    /// The day's sheet.
    pub table: Table,
    /// What can be done.
    pub panels: Vec<Panel>,
    /// `令和8年11月`.
    pub month: String,
    /// The month's days.
    pub days: Vec<MonthCell>,
    /// The month's works.
    pub rows: Vec<MonthRow>,
}

/// A step that can be taken now.
#[derive(Clone, Debug)]
pub struct StepPanel {
    /// Its id.
    pub step: &'static str,
    /// What taking it is called.
    pub name: &'static str,
    /// Shown unfolded.
    pub open: bool,
    /// Owed by whoever is looking.
    pub owed: bool,
    /// The articles that stand against it.
    pub under: Vec<Cite>,
    /// Why it is not for this person.
    pub why: Option<Vec<String>>,
    /// Its form.
    pub form: Form,
}

/// `/cases/{kind}/{case}`.
#[derive(Template)]
#[template(path = "case.html")]
pub struct CasePage {
    /// Around the page.
    pub frame: Frame,
    /// Kind and number.
    pub label: String,
    /// Where it stands.
    pub standing: Badge,
    /// The usual way, and how far the case is on it.
    pub steps: Vec<Step>,
    /// What is owed of it.
    pub owed: Table,
    /// What it says.
    pub facts: Vec<(String, Cell)>,
    /// Documents, linked cases, timeline.
    pub tables: Vec<Table>,
    /// What this person may do next.
    pub panels: Vec<StepPanel>,
    /// What others may do next, with the reason.
    pub barred: Table,
    /// Nothing more is to come.
    pub closed: bool,
    /// The case on paper.
    pub print: Link,
}

/// A case that a paper speaks of.
#[derive(Clone, Debug)]
pub struct PaperPart {
    /// Kind, number and title.
    pub heading: String,
    /// What it says.
    pub facts: Vec<(String, Cell)>,
}

/// `/cases/{kind}/{case}/print`: a formal paper.
#[derive(Template)]
#[template(path = "paper.html")]
pub struct PaperPage {
    /// Around the page.
    pub frame: Frame,
    /// What kind of paper.
    pub heading: String,
    /// Its number.
    pub number: String,
    /// Its day.
    pub day: String,
    /// Whom it is addressed to.
    pub to: Option<String>,
    /// Who sends it, line by line.
    pub from: Vec<String>,
    /// What it is about.
    pub title: String,
    /// What was written at length.
    pub body: Vec<(String, String)>,
    /// What was answered in short.
    pub facts: Vec<(String, Cell)>,
    /// Cases that it speaks of.
    pub parts: Vec<PaperPart>,
    /// Its documents, with their hashes.
    pub documents: Vec<String>,
    /// What was done, line by line.
    pub timeline: Vec<String>,
    /// Where the last of it is recorded.
    pub receipt: Option<Receipt>,
    /// When it was printed.
    pub printed: String,
    /// Back to the case.
    pub back: Link,
}

/// One article on the board.
#[derive(Clone, Debug)]
pub struct BoardLine {
    /// Short id.
    pub id: String,
    /// Such as `第14条`.
    pub number: String,
    /// 見出し.
    pub caption: String,
    /// How it stands.
    pub state: Badge,
    /// How much is owed; empty when nothing is.
    pub owed: String,
    /// The same as a number.
    pub count: usize,
    /// Since when.
    pub since: String,
    /// Facts that show it at work.
    pub evidence: u64,
    /// When the latest of them was recorded.
    pub latest: String,
    /// Refusals under it.
    pub refused: usize,
}

/// One chapter on the board.
#[derive(Clone, Debug)]
pub struct BoardChapter {
    /// Number and title.
    pub heading: String,
    /// Its articles.
    pub lines: Vec<BoardLine>,
}

/// `/board`.
#[derive(Template)]
#[template(path = "board.html")]
pub struct BoardPage {
    /// Around the page.
    pub frame: Frame,
    /// The state in figures.
    pub figures: Vec<Figure>,
    /// Section and day.
    pub filters: Form,
    /// What is overdue.
    pub late: Table,
    /// What else is owed.
    pub owed: Table,
    /// Article by article.
    pub chapters: Vec<BoardChapter>,
    /// Further forms of it.
    pub links: Vec<Link>,
}

/// `/board/print`: the board on one sheet.
#[derive(Template)]
#[template(path = "board_sheet.html")]
pub struct BoardSheet {
    /// Around the page.
    pub frame: Frame,
    /// Its heading.
    pub heading: String,
    /// The municipality.
    pub city: String,
    /// As of when.
    pub moment: String,
    /// The state in figures.
    pub figures: Vec<Figure>,
    /// What is owed, the most pressing first: how pressing, provision, what, who, until when.
    pub duties: Vec<[String; 5]>,
    /// Duties that do not fit.
    pub more: usize,
    /// Article by article.
    pub chapters: Vec<BoardChapter>,
    /// Back to the board.
    pub back: Link,
}

/// Something on a day of the calendar.
#[derive(Clone, Debug)]
pub struct DayEntry {
    /// What.
    pub text: String,
    /// Where it is.
    pub href: String,
    /// Class in the stylesheet: `late`, `owed`, `done` or empty.
    pub class: &'static str,
}

/// One day of the calendar.
#[derive(Clone, Debug)]
pub struct DayView {
    /// `2026-11-23`; empty outside the month.
    pub date: String,
    /// The day of the month.
    pub number: i8,
    /// The weekday, for narrow screens: 月.
    pub weekday: char,
    /// Why the city is closed: a holiday's name.
    pub closed: String,
    /// Class in the stylesheet: `sunday`, `saturday`, `closed` or empty.
    pub class: &'static str,
    /// It is today.
    pub today: bool,
    /// What is on it.
    pub entries: Vec<DayEntry>,
    /// How many more there are.
    pub more: usize,
}

/// `/calendar`.
#[derive(Template)]
#[template(path = "calendar.html")]
pub struct CalendarPage {
    /// Around the page.
    pub frame: Frame,
    /// `令和8年11月`.
    pub month: String,
    /// `令和8年度`.
    pub year: String,
    /// What is shown.
    pub lead: String,
    /// The month before.
    pub previous: Link,
    /// This month.
    pub now: Link,
    /// The month after.
    pub next: Link,
    /// The weeks; none for a day outside the month.
    pub weeks: Vec<Vec<Option<DayView>>>,
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

/// A room on the plan of its floor.
#[derive(Clone, Debug)]
pub struct PlanRoom {
    /// Class in the stylesheet: `empty`, `in`, `ajar`, `shut` or `alarm`.
    pub class: &'static str,
    /// From the left edge.
    pub x: u32,
    /// From the upper edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// What stands in it: where, what, and its class in the stylesheet.
    pub lines: Vec<(u32, u32, String, &'static str)>,
}

/// The plan of a floor.
#[derive(Clone, Debug)]
pub struct Floor {
    /// Element id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The same in words.
    pub says: String,
    /// Width of the drawing.
    pub width: u32,
    /// Height of the drawing.
    pub height: u32,
    /// Its rooms.
    pub rooms: Vec<PlanRoom>,
}

/// `/rooms`: who is inside, how the doors stand.
#[derive(Template)]
#[template(path = "rooms.html")]
pub struct RoomsPage {
    /// Around the page.
    pub frame: Frame,
    /// What it is.
    pub lead: String,
    /// What stands above everything else: a lockdown, controllers that are not heard.
    pub warnings: Vec<crate::view::Banner>,
    /// How many are inside, and the like.
    pub figures: Vec<Figure>,
    /// The plans.
    pub floors: Vec<Floor>,
    /// Rooms, people inside, alarms, escorts.
    pub tables: Vec<Table>,
    /// What can be done.
    pub panels: Vec<Panel>,
    /// Elsewhere.
    pub links: Vec<Link>,
}

/// `/rooms/{room}`: one room.
#[derive(Template)]
#[template(path = "room.html")]
pub struct RoomPage {
    /// Around the page.
    pub frame: Frame,
    /// What it is.
    pub facts: Vec<(String, Cell)>,
    /// Who is inside, who may enter, who passed, what does not fit.
    pub tables: Vec<Table>,
    /// What can be done.
    pub panels: Vec<Panel>,
    /// Elsewhere.
    pub links: Vec<Link>,
}

/// A label with a QR code.
#[derive(Clone, Debug)]
pub struct Label {
    /// What the code says.
    pub text: String,
    /// What stands below it.
    pub below: String,
    /// How many modules wide it is, its quiet zone included.
    pub side: usize,
    /// The dark modules, as a path.
    pub path: String,
}

/// A password on a sheet that is folded and sealed: the answer to `POST /cards/passwords`, once.
#[derive(Template)]
#[template(path = "sealed.html")]
pub struct SealedPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the handing over is recorded.
    pub receipt: Receipt,
    /// Whose it is.
    pub name: String,
    /// The person's number.
    pub number: String,
    /// Where the person works.
    pub workplace: String,
    /// When it was made.
    pub printed: String,
    /// Who handed it over.
    pub by: String,
    /// The password.
    pub password: String,
    /// Where to go on.
    pub back: Link,
}

/// Labels to be printed and cut: `/rooms/keys/labels`, `/cards/labels`.
#[derive(Template)]
#[template(path = "labels.html")]
pub struct LabelsPage {
    /// Around the page.
    pub frame: Frame,
    /// What they are.
    pub heading: String,
    /// What a code says: 鍵番号.
    pub of: String,
    /// What stands on them, and what does not.
    pub note: String,
    /// What is said while there are none.
    pub empty: String,
    /// The labels.
    pub labels: Vec<Label>,
    /// Where they come from.
    pub back: Link,
}

/// `/rooms/keys/lend`: the borrower's card.
#[derive(Template)]
#[template(path = "lend.html")]
pub struct LendPage {
    /// Around the page.
    pub frame: Frame,
    /// Where one is.
    pub steps: Vec<Step>,
    /// Which key, what for, until when.
    pub facts: Vec<(String, Cell)>,
    /// The drawer of software cards; none where a terminal's program reads the card.
    pub card: Option<Form>,
    /// Without a card.
    pub without: Panel,
}

/// What one ledger says about a finding.
#[derive(Clone, Debug)]
pub struct Side {
    /// The ledger's name.
    pub ledger: String,
    /// Its row; empty where there is none.
    pub says: String,
    /// Where it is recorded.
    pub receipt: Option<Receipt>,
    /// Where it comes from, if not from our own journal.
    pub from: String,
}

/// `/rooms/findings/{finding}`: a place at which the ledgers disagree.
#[derive(Template)]
#[template(path = "finding.html")]
pub struct FindingPage {
    /// Around the page.
    pub frame: Frame,
    /// When and where.
    pub label: String,
    /// How far it is.
    pub standing: Badge,
    /// What the ledgers say.
    pub sides: Vec<Side>,
    /// Whose answer is owed, what was answered.
    pub facts: Vec<(String, Cell)>,
    /// What can be done.
    pub panels: Vec<Panel>,
    /// Elsewhere.
    pub links: Vec<Link>,
}
