//! What pages are made of: the frame around each, and one type for each component of `templates/parts.html`.
//!
//! Nothing here knows the office; pages fill these from its answers, so that every page looks and behaves alike.

use crate::Upload;

/// A place to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Path within this site. Empty for the page that one is on.
    pub href: String,
    /// Its name.
    pub text: String,
}

impl Link {
    /// A link to `href` under the name `text`.
    pub fn new(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self { href: href.into(), text: text.into() }
    }
}

/// A part of the site: a name in the head of every page, and the pages behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its pages; the name leads to the first.
    pub pages: Vec<Link>,
}

impl Part {
    /// A part of these pages.
    pub fn new(name: impl Into<String>, pages: Vec<Link>) -> Self {
        Self { name: name.into(), pages }
    }

    /// Where its name leads.
    pub fn href(&self) -> &str {
        self.pages.first().map_or("/", |page| &page.href)
    }

    /// Whether a page belongs to it.
    pub fn has(&self, here: &str) -> bool {
        self.pages.iter().any(|page| page.href == here)
    }
}

/// Who is signed in, for the head of the page.
#[derive(Clone, Debug, Default)]
pub struct Who {
    /// Name as registered.
    pub name: String,
    /// Section's name.
    pub section: String,
    /// Posts held, joined with 「・」.
    pub posts: String,
    /// Terminal's number.
    pub terminal: String,
    /// Card's number.
    pub card: String,
    /// Since when, such as 「9時05分」.
    pub since: String,
}

/// Everything around a page's own content.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The page's one heading and its title.
    pub title: String,
    /// The page reports an error: its title says so first.
    pub wrong: bool,
    /// From the start page to here.
    pub trail: Vec<Link>,
    /// The articles that this page answers to.
    pub under: Vec<Cite>,
    /// The parts of the site.
    pub nav: Vec<Part>,
    /// The page of a part that this one is, or belongs to.
    pub here: String,
    /// The municipality's name.
    pub city: String,
    /// The regulation's name and date in force.
    pub regulation: String,
    /// Whether this is the demo.
    pub demo: bool,
    /// Who is signed in.
    pub who: Option<Who>,
    /// The token that proves that a form was made for this browser.
    pub csrf: String,
    /// Key against double submission of the sign-out form.
    pub once: String,
    /// What was done, or what to mind.
    pub notices: Vec<Banner>,
    /// What is wrong in the fields below.
    pub errors: Vec<FieldError>,
    /// Path of the stylesheet.
    pub style: &'static str,
    /// Path of the icon.
    pub icon: &'static str,
    /// Path of the script that keeps the page up to date; none on pages that need none.
    pub script: Option<&'static str>,
    /// The program's version.
    pub version: &'static str,
}

impl Frame {
    /// The part of the site that this page is in, when it has more than one page.
    pub fn part(&self) -> Option<&Part> {
        self.nav.iter().find(|part| part.has(&self.here)).filter(|part| part.pages.len() > 1)
    }
}

/// One fault in a form, pointing at its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's element id.
    pub target: String,
    /// What to mend, in Japanese.
    pub message: String,
}

/// A place in the regulation, as a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cite {
    /// Short id, such as `7-4但`.
    pub id: String,
    /// The article's short id, such as `7`: its page.
    pub article: String,
    /// The place on that page; empty for the whole article.
    pub anchor: String,
    /// Such as `第7条第4項ただし書`.
    pub japanese: String,
}

/// Where in which journal something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The journal's name.
    pub journal: String,
    /// The entry's index in it.
    pub index: u64,
}

/// A banner's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Done and recorded.
    Done,
    /// Good to know.
    Info,
    /// To be minded.
    Care,
    /// Something failed.
    Wrong,
}

impl Tone {
    /// Class in the stylesheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Info => "info",
            Self::Care => "care",
            Self::Wrong => "wrong",
        }
    }

    /// What a screen reader says first.
    pub fn label(self) -> &'static str {
        match self {
            Self::Done => "完了",
            Self::Info => "お知らせ",
            Self::Care => "注意",
            Self::Wrong => "エラー",
        }
    }
}

/// A notification on top of a page.
#[derive(Clone, Debug)]
pub struct Banner {
    /// Its kind.
    pub tone: Tone,
    /// First line; may be empty.
    pub heading: String,
    /// Further lines.
    pub lines: Vec<String>,
    /// Where it is recorded.
    pub receipt: Option<Receipt>,
    /// What to do next.
    pub link: Option<Link>,
}

impl Banner {
    /// A banner with a heading only.
    pub fn new(tone: Tone, heading: impl Into<String>) -> Self {
        Self { tone, heading: heading.into(), lines: Vec::new(), receipt: None, link: None }
    }

    /// The same with one more line.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// The same with its receipt.
    #[must_use]
    pub fn receipt(mut self, receipt: Receipt) -> Self {
        self.receipt = Some(receipt);
        self
    }

    /// The same with a next step.
    #[must_use]
    pub fn link(mut self, href: impl Into<String>, text: impl Into<String>) -> Self {
        self.link = Some(Link::new(href, text));
        self
    }
}

/// A state's kind; colour and shape follow from it. Red only for what needs a person today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In order.
    Good,
    /// Owed, not yet due.
    Owed,
    /// Overdue: needs a person today.
    Late,
    /// The product does not meet this yet.
    Unmet,
    /// Refused.
    Refused,
    /// A word without judgement.
    Plain,
    /// Protected person or the like.
    Guarded,
}

/// A state, named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Its kind.
    pub state: State,
    /// Its name.
    pub text: String,
}

impl Badge {
    /// A badge of this kind saying `text`.
    pub fn new(state: State, text: impl Into<String>) -> Self {
        Self { state, text: text.into() }
    }

    /// Class in the stylesheet.
    pub fn class(&self) -> &'static str {
        match self.state {
            State::Good => "good",
            State::Owed => "owed",
            State::Late => "late",
            State::Unmet => "none",
            State::Refused => "refused",
            State::Plain => "plain",
            State::Guarded => "guarded",
        }
    }
}

/// One value to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub text: String,
    /// A second line, for radio buttons.
    pub more: String,
}

impl Choice {
    /// A choice of one line.
    pub fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { value: value.into(), text: text.into(), more: String::new() }
    }
}

/// A field's kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A line of text.
    Text,
    /// A short line of text.
    Short,
    /// A number or a code.
    Digits,
    /// Several lines.
    Area,
    /// A text that people write at length.
    Long,
    /// A password, with the browser's autocomplete token. Never given back.
    Password(&'static str),
    /// A card's PIN. Never given back.
    Pin,
    /// A short line of text, typed, scanned, or taken from a list of what is likely.
    Suggest(Vec<Choice>),
    /// One of a list that opens.
    Select(Vec<Choice>),
    /// One of a short list.
    Radio(Vec<Choice>),
    /// Yes or nothing.
    Check,
    /// A day, as a browser's calendar gives it.
    Day,
    /// A moment, as a browser's calendar and clock give it.
    Moment,
    /// Any of a list.
    Boxes(Vec<Choice>),
    /// A file, with the endings that the browser offers first, such as `.pdf,.csv`.
    File(&'static str),
    /// Carried along, not shown.
    Hidden,
}

/// One field of a form, with its label, hint and error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name in the request.
    pub name: &'static str,
    /// Element id; differs from the name where a page has several forms.
    pub id: String,
    /// Its label.
    pub label: String,
    /// How to fill it in.
    pub hint: Option<String>,
    /// What is wrong with what was typed.
    pub error: Option<String>,
    /// What was typed.
    pub value: String,
    /// Its kind.
    pub kind: Kind,
    /// Whether it must be filled in.
    pub need: bool,
}

impl Field {
    /// An optional field.
    pub fn new(name: &'static str, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name,
            id: name.to_owned(),
            label: label.into(),
            hint: None,
            error: None,
            value: String::new(),
            kind,
            need: false,
        }
    }

    /// A value carried along.
    pub fn hidden(name: &'static str, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..Self::new(name, "", Kind::Hidden) }
    }

    /// The same, to be filled in.
    #[must_use]
    pub fn need(mut self) -> Self {
        self.need = true;
        self
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same under another element id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// The same with a value.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Attributes that tie hint and error to the field. Ids are ours, never typed by anybody.
    pub fn described(&self) -> String {
        let mut by = Vec::new();
        if self.hint.is_some() {
            by.push(format!("{}-hint", self.id));
        }
        if self.error.is_some() {
            by.push(format!("{}-error", self.id));
        }
        let mut attributes = String::new();
        if !by.is_empty() {
            attributes.push_str(&format!(" aria-describedby=\"{}\"", by.join(" ")));
        }
        // A group has no value of its own that could be invalid or required; its legend says so.
        if !matches!(self.kind, Kind::Radio(_) | Kind::Boxes(_)) {
            if self.error.is_some() {
                attributes.push_str(" aria-invalid=\"true\"");
            }
            if self.need && self.upload().is_none() {
                attributes.push_str(" required");
            }
        }
        attributes
    }

    /// The document that the form carries already.
    pub fn upload(&self) -> Option<Upload> {
        matches!(self.kind, Kind::File(_)).then(|| Upload::parse(&self.value)).flatten()
    }

    /// Whether a box of [`Kind::Boxes`] is ticked: their values are kept one to a line.
    pub fn ticked(&self, choice: &Choice) -> bool {
        self.value.lines().any(|value| value == choice.value)
    }

    /// Whether what was typed may be shown again.
    pub fn secret(&self) -> bool {
        matches!(self.kind, Kind::Password(_) | Kind::Pin)
    }
}

/// A form that does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// The button's text: a verb.
    pub submit: String,
    /// Key against double submission.
    pub once: String,
    /// Not the page's main act.
    pub quiet: bool,
    /// The way back.
    pub back: Option<Link>,
}

impl Form {
    /// A form without fields.
    pub fn new(action: impl Into<String>, submit: impl Into<String>, once: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            fields: Vec::new(),
            submit: submit.into(),
            once: once.into(),
            quiet: false,
            back: None,
        }
    }

    /// The same with one more field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Whether it carries files, and so is sent in another encoding.
    pub fn files(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.kind, Kind::File(_)))
    }

    /// The same as a lesser act.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// The same with a way back.
    #[must_use]
    pub fn back(mut self, href: impl Into<String>, text: impl Into<String>) -> Self {
        self.back = Some(Link::new(href, text));
        self
    }
}

/// What stands in a table's cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// Text with a smaller second line.
    Sub(String, String),
    /// Text whose lines stay as they were written.
    Prose(String),
    /// Several lines.
    Lines(Vec<String>),
    /// A link.
    Link(Link),
    /// A state.
    Badge(Badge),
    /// Places in the regulation.
    Cites(Vec<Cite>),
    /// Where it is recorded.
    Receipt(Receipt),
    /// What can be done with this row.
    Act(Form),
    /// Why nothing can be done with this row by this person.
    Why(String),
}

impl Cell {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A link.
    pub fn link(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Link(Link::new(href, text))
    }

    /// A state.
    pub fn badge(state: State, text: impl Into<String>) -> Self {
        Self::Badge(Badge::new(state, text))
    }
}

/// A table's column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading; empty over the acts.
    pub title: String,
    /// Class in the stylesheet: `n` numbers, `t` times, `k` codes, `act` buttons.
    pub class: &'static str,
    /// Whether its cell names the row.
    pub head: bool,
}

/// A table with its caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it lists.
    pub caption: String,
    /// How many, since when.
    pub note: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, as wide as the columns.
    pub rows: Vec<Vec<Cell>>,
    /// What is said when there are no rows.
    pub empty: String,
    /// Scrolls within itself.
    pub tall: bool,
}

impl Table {
    /// An empty table.
    pub fn new(caption: impl Into<String>, empty: impl Into<String>) -> Self {
        Self {
            caption: caption.into(),
            note: String::new(),
            columns: Vec::new(),
            rows: Vec::new(),
            empty: empty.into(),
            tall: false,
        }
    }

    /// The same with a note beside the caption.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The same with one more column.
    #[must_use]
    pub fn column(mut self, title: impl Into<String>, class: &'static str) -> Self {
        self.columns.push(Column { title: title.into(), class, head: false });
        self
    }

    /// The same with the column that names the row.
    #[must_use]
    pub fn head(mut self, title: impl Into<String>, class: &'static str) -> Self {
        self.columns.push(Column { title: title.into(), class, head: true });
        self
    }

    /// The same with one more row.
    #[must_use]
    pub fn row(mut self, row: Vec<Cell>) -> Self {
        self.push(row);
        self
    }

    /// One more row.
    pub fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len(), "a row is as wide as its table");
        self.rows.push(row);
    }

    /// Whether its rows have buttons.
    pub fn acts(&self) -> bool {
        self.columns.iter().any(|column| column.class == "act")
    }
}

/// One article against an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The place in the regulation; none when the rules could not be evaluated.
    pub cite: Option<Cite>,
    /// The policy's id.
    pub policy: String,
    /// Why.
    pub reason: String,
    /// What would help.
    pub remedy: String,
}

/// An act that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Such as 「照会は拒否されました」.
    pub heading: String,
    /// How many articles, when.
    pub what: String,
    /// The refusal is a fact as well.
    pub receipt: Option<Receipt>,
    /// Every article against it.
    pub grounds: Vec<Ground>,
}

/// How far one is with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Done.
    Done,
    /// Being taken.
    Now,
    /// To come.
    Next,
}

/// One step of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How far one is with it.
    pub stage: Stage,
    /// Its name.
    pub text: String,
}

impl Step {
    /// The steps `texts` while the one at `now` is being taken.
    pub fn list(texts: &[&str], now: usize) -> Vec<Self> {
        let stage = |at: usize| match at.cmp(&now) {
            std::cmp::Ordering::Less => Stage::Done,
            std::cmp::Ordering::Equal => Stage::Now,
            std::cmp::Ordering::Greater => Stage::Next,
        };
        texts
            .iter()
            .enumerate()
            .map(|(at, text)| Self { stage: stage(at), text: (*text).to_owned() })
            .collect()
    }

    /// Class in the stylesheet.
    pub fn class(&self) -> &'static str {
        match self.stage {
            Stage::Done => "done",
            Stage::Now => "now",
            Stage::Next => "",
        }
    }

    /// Whether it is done.
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Whether it is being taken.
    pub fn is_now(&self) -> bool {
        self.stage == Stage::Now
    }
}

/// Which part of a list is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Address of the part before.
    pub previous: Option<String>,
    /// Such as 「1–50件目（全312件）」.
    pub text: String,
    /// Address of the part after.
    pub next: Option<String>,
}

impl Pages {
    /// Whether there is more than one part.
    pub fn many(&self) -> bool {
        self.previous.is_some() || self.next.is_some()
    }
}

/// One figure on top of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What is counted.
    pub name: String,
    /// How many.
    pub value: String,
    /// Of what.
    pub unit: String,
}

impl Figure {
    /// A figure.
    pub fn new(name: impl Into<String>, value: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), unit: unit.into() }
    }
}
