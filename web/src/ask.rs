//! One request, as a page sees it: who asks, from which browser, what was typed.

use axum::http::{HeaderMap, Method};
use office::{DocumentError, Mode, SignedIn};
use register::{PersonId, RequestId};
use sha2::{Digest, Sha256};

use crate::assets;
use crate::guard;
use crate::limits;
use crate::pages::oversees;
use crate::site::{App, Kept};
use crate::typed::{Problems, Typed, encode};
use crate::upload::{Raw, Upload};
use crate::view::{Cite, FieldError, Form, Frame, Kind, Link, Part, Who};
use crate::words;

/// One request.
pub(crate) struct Ask {
    pub(crate) app: App,
    pub(crate) method: Method,
    /// The path, as asked.
    pub(crate) path: String,
    /// Parts of the path that vary, by name.
    pub(crate) parts: Vec<(String, String)>,
    /// The address's query.
    pub(crate) query: Typed,
    /// The form's fields; empty for GET.
    pub(crate) typed: Typed,
    /// The body as it came, for the programming interface.
    pub(crate) body: Vec<u8>,
    pub(crate) headers: HeaderMap,
    pub(crate) visit: Visit,
    /// Why a file of the form could not be kept, by field.
    pub(crate) unkept: Problems,
}

/// Who is at the browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visit {
    /// The browser's own random number.
    pub(crate) visitor: String,
    /// The number was made for this request: the answer sets the cookie.
    pub(crate) fresh: bool,
    /// The token of the stay, open or not.
    pub(crate) token: Option<String>,
    /// The stay, if it is open.
    pub(crate) stay: Option<SignedIn>,
    /// The stay that has ended under the browser's hands.
    pub(crate) ended: Option<SignedIn>,
}

impl Ask {
    /// A part of the path.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(part, _)| part == name).map_or("", |(_, text)| text)
    }

    /// A path of the table with this request's parts in it.
    pub(crate) fn fill_in(&self, path: &str) -> String {
        let parts = self.parts.iter();
        parts.fold(path.to_owned(), |path, (name, text)| path.replace(&format!("{{{name}}}"), &encode(text)))
    }

    /// Who is signed in. Routes that need it are not reached without.
    pub(crate) fn stay(&self) -> Option<&SignedIn> {
        self.visit.stay.as_ref()
    }

    /// The person who is signed in.
    pub(crate) fn person(&self) -> Option<&PersonId> {
        self.stay().map(|stay| &stay.person)
    }

    /// The document that the form carries in `field`: none was chosen, or what is wrong with it.
    pub(crate) fn upload(&self, field: &str) -> Result<Option<Upload>, String> {
        if let Some(why) = self.unkept.of(field) {
            return Err(why.clone());
        }
        let Some(text) = self.typed.some(field) else { return Ok(None) };
        let upload = Upload::parse(&text).ok_or_else(|| "ファイルを選び直してください".to_owned())?;
        let kept = self.app.office().document(&upload.sha256).map_err(|error| error.japanese())?;
        Ok(Some(Upload { bytes: kept.len() as u64, ..upload }))
    }

    /// Keeps the files that came with the form; from here on the form carries them as text.
    pub(crate) fn keep_files(&mut self, files: Vec<Raw>) {
        for Raw { field, name, bytes } in files {
            let kept = match &bytes {
                Some(bytes) => self.app.office().keep_document(bytes),
                None => Err(DocumentError::TooLarge { most: limits::DOCUMENT }),
            };
            match kept {
                Ok(kept) => {
                    let upload = Upload { sha256: kept.sha256, bytes: kept.bytes, name };
                    self.typed.set(&field, upload.text());
                }
                Err(error) => {
                    tracing::warn!(path = %self.path, %error, "a document was not kept");
                    self.unkept.add(&field, error.japanese());
                }
            }
        }
    }

    /// The number of this submission: the form's own, tied to who sends it. Two people's never meet.
    pub(crate) fn request(&self) -> RequestId {
        let own = self.typed.get("_once");
        self.request_of(own)
    }

    /// As [`Ask::request`], for a number that came another way. Without one, every submission is its own.
    pub(crate) fn request_of(&self, own: &str) -> RequestId {
        let mut digest = Sha256::new();
        digest.update(self.visit.token.as_deref().unwrap_or(&self.visit.visitor));
        digest.update([0]);
        if own.is_empty() {
            digest.update(guard::random_hex());
        } else {
            digest.update(own);
        }
        let text = format!("w-{}", hex::encode(&digest.finalize()[..20]));
        text.parse().expect("hexadecimal digits make an identifier")
    }

    /// The proof that a form was made for this browser.
    pub(crate) fn csrf(&self) -> String {
        guard::csrf(self.app.key(), &self.visit)
    }

    /// The frame of a page named `title`, in the part of the site at `here`, answering to `under`.
    pub(crate) fn frame(&self, title: impl Into<String>, here: &str, under: &[&str]) -> Frame {
        let title = title.into();
        let office = self.app.office();
        let profile = office.profile();
        let demo = office.mode() == Mode::Demo;
        let all = self.person().is_some_and(|me| oversees(&office.city(), me, office.now()));
        Frame {
            trail: vec![Link::new("/regulation", "規程"), Link::new("", title.clone())],
            title,
            under: under_of(under),
            nav: nav(self.app.guide().is_some(), all),
            here: here.to_owned(),
            city: profile.municipality().to_owned(),
            regulation: format!(
                "{}（{}施行）",
                profile.title(),
                regulation::wareki::print(profile.in_force())
            ),
            demo,
            who: self.stay().map(|stay| self.who(stay)),
            csrf: self.csrf(),
            once: guard::random_hex(),
            style: assets::style(),
            icon: assets::icon(),
            version: env!("CARGO_PKG_VERSION"),
            ..Frame::default()
        }
    }

    fn who(&self, stay: &SignedIn) -> Who {
        let now = self.app.office().now();
        let city = self.app.office().city();
        let standing = city.standing(&stay.person, now);
        let posts = match standing.posts.is_empty() && standing.officer_of.is_empty() {
            true => String::new(),
            false => few(&words::posts(&city, &stay.person, now)),
        };
        Who {
            name: city.name_of(&stay.person),
            section: standing.section.map_or(String::new(), |section| city.section_name(&section)),
            posts,
            terminal: stay.terminal.to_string(),
            card: stay.card.to_string(),
            since: words::clock(stay.since),
        }
    }

    /// Keeps what was typed under `key`, to be given back on the page `page`.
    pub(crate) fn keep(&self, key: String, page: &str, unsent: bool) {
        let person = self.visit.stay.as_ref().or(self.visit.ended.as_ref());
        self.app.keep(Kept {
            key,
            at: self.app.office().now(),
            person: person.map(|stay| stay.person.clone()),
            visitor: self.visit.visitor.clone(),
            page: page.to_owned(),
            fields: self.typed.keepable(),
            unsent,
        });
    }

    /// What was typed before, if the address says that something was kept.
    pub(crate) fn kept(&self) -> Option<Typed> {
        let key = self.query.some("kept")?;
        let kept = self.app.kept(&key, &self.visit.visitor, self.person())?;
        self.app.given_back(&kept.key);
        Some(Typed::of(kept.fields))
    }

    /// Which part of a list is asked for, from 0.
    pub(crate) fn page_number(&self) -> usize {
        self.query
            .get("page")
            .parse::<usize>()
            .ok()
            .filter(|page| (1..=100_000).contains(page))
            .map_or(0, |page| page - 1)
    }

    /// Where a list of `total` rows is cut, and how to get to its other parts.
    pub(crate) fn pages(&self, total: usize) -> (std::ops::Range<usize>, crate::view::Pages) {
        self.pages_of(total, limits::ROWS)
    }

    /// The filters in the address, as the rest of another address of the same list: `&room=cs-room`.
    pub(crate) fn filters(&self) -> String {
        let each = FILTERS.iter().filter_map(|name| {
            let value = self.query.some(name)?;
            Some(format!("&{name}={}", encode(&value)))
        });
        each.collect()
    }

    /// As [`Ask::pages`], with this many rows in each part.
    pub(crate) fn pages_of(&self, total: usize, rows: usize) -> (std::ops::Range<usize>, crate::view::Pages) {
        let from = (self.page_number() * rows).min(total);
        let to = (from + rows).min(total);
        let link = |page: usize| format!("{}?page={page}{}", self.path, self.filters());
        let number = self.page_number() + 1;
        let pages = crate::view::Pages {
            previous: (number > 1).then(|| link(number - 1)),
            text: format!("{}–{}件目（全{}件）", from + 1, to, words::grouped(total as u64)),
            next: (to < total).then(|| link(number + 1)),
        };
        (from..to, pages)
    }
}

/// What lists are filtered by, in their addresses.
const FILTERS: &[&str] = &[
    "article",
    "person",
    "from",
    "to",
    "until",
    "state",
    "q",
    "section",
    "owner",
    "room",
    "direction",
    "means",
    "place",
    "day",
];

/// The first posts of a list, and how many more there are: the head of a page has room for a few.
fn few(posts: &str) -> String {
    let posts: Vec<&str> = posts.split('・').collect();
    match posts.len() {
        0..=2 => posts.join("・"),
        many => format!("{}・ほか{}", posts[..2].join("・"), many - 2),
    }
}

/// The part of the site that the page at `here` is in, unless it is the part's first page itself.
pub(crate) fn part_of(here: &str) -> Option<Link> {
    let (name, pages) = PARTS.iter().find(|(_, pages)| pages.iter().any(|(page, _)| *page == here))?;
    let (first, _) = pages.first().filter(|(first, _)| *first != here)?;
    Some(Link::new(*first, *name))
}

/// The articles that a page answers to.
fn under_of(ids: &[&str]) -> Vec<Cite> {
    words::cites(ids)
}

/// The parts of the site, each with its pages. The first page of a part is where its name leads.
const PARTS: &[(&str, &[(&str, &str)])] = &[
    (
        "義務と状況",
        &[
            ("/board", "けさの状況"),
            ("/duties/mine", "自分の義務"),
            ("/duties", "すべての義務"),
            ("/calendar", "暦"),
        ],
    ),
    (
        "業務",
        &[
            ("/cs", "CS業務"),
            ("/history/mine", "自分の操作"),
            ("/history/residents", "住民ごとの履歴"),
            ("/history/operators", "操作者ごとの履歴"),
        ],
    ),
    (
        "室と鍵",
        &[
            ("/rooms", "室の状況"),
            ("/rooms/passages", "入退室管理簿"),
            ("/cases/permit", "入退室の許可"),
            ("/rooms/escorts", "立会い"),
            ("/rooms/keys", "鍵"),
            ("/rooms/tags", "名札"),
            ("/rooms/fingers", "指紋"),
            ("/rooms/doors", "扉"),
            ("/rooms/outsiders", "外部の人"),
            ("/rooms/findings", "照合"),
            ("/cases/entry-report", "報告"),
        ],
    ),
    (
        "組織",
        &[("/posts", "充て職"), ("/people", "職員"), ("/transfers", "人事異動"), ("/acting", "職務代理")],
    ),
    (
        "会議と指示",
        &[
            ("/cases/meeting", "会議"),
            ("/cases/matter", "議題"),
            ("/cases/directive", "指示"),
            ("/cases/request", "要請"),
        ],
    ),
    ("定め", &[("/rules", "定めの台帳"), ("/cases/rule", "案と定め"), ("/runs", "実施表")]),
    (
        "カードと操作者",
        &[
            ("/designations", "操作者の指定"),
            ("/cards", "操作者用ICカード"),
            ("/cards/spares", "予備カード"),
            ("/cards/inspection", "カードの検査"),
            ("/cards/transfers", "異動とカード"),
            ("/handlers", "本人確認情報の取扱者"),
            ("/terminals", "端末"),
            ("/password", "自分のパスワード"),
        ],
    ),
    ("管理簿", &[("/ledgers", "管理簿"), ("/refusals", "拒否の記録")]),
    ("規程・原簿", &[("/regulation", "規程のいま"), ("/journal", "原簿")]),
];

/// Pages for those who hold a post of the regulation: for others they come last, so that no part of the site
/// begins with a page that is not theirs.
const OVERSEEN: &[&str] = &["/board", "/duties", "/ledgers", "/people"];

fn nav(tour: bool, all: bool) -> Vec<Part> {
    let part = |(name, pages): &(&str, &[(&str, &str)])| {
        let mut pages: Vec<Link> = pages.iter().map(|(href, text)| Link::new(*href, *text)).collect();
        pages.sort_by_key(|page| !all && OVERSEEN.contains(&page.href.as_str()));
        Part::new(*name, pages)
    };
    let first = tour.then(|| Part::new("案内", vec![Link::new("/", "案内")]));
    first.into_iter().chain(PARTS.iter().map(part)).collect()
}

/// Fills a form with what was typed, and puts each fault at its field.
pub(crate) fn fill(mut form: Form, typed: &Typed, problems: &Problems, frame: &mut Frame) -> Form {
    for field in &mut form.fields {
        if !field.secret() {
            let text = match field.kind {
                Kind::Boxes(_) => typed.all(field.name).collect::<Vec<_>>().join("\n"),
                _ => typed.get(field.name).to_owned(),
            };
            if !text.is_empty() {
                field.value = text;
            }
        }
        // A fault of what is carried along belongs to no field that anybody could mend.
        if let Some(message) = problems.of(field.name).filter(|_| field.kind != Kind::Hidden) {
            field.error = Some(message.clone());
            frame.wrong = true;
            // A group of radio buttons has the id itself, as every other field does.
            frame.errors.push(FieldError {
                target: field.id.clone(),
                message: match message.starts_with(&field.label) {
                    true => message.clone(),
                    false => format!("{}：{message}", field.label),
                },
            });
        }
    }
    form
}

/// Faults that belong to no field of the page's forms are told on top.
pub(crate) fn tell_the_rest(frame: &mut Frame, forms: &[&Form], problems: &Problems) {
    for (name, message) in problems.all() {
        let mut fields = forms.iter().flat_map(|form| &form.fields);
        let shown = fields.any(|field| field.name == name.as_str() && field.kind != Kind::Hidden);
        if !shown {
            frame.wrong = true;
            frame.notices.insert(0, crate::view::Banner::new(crate::view::Tone::Wrong, message.clone()));
        }
    }
}
