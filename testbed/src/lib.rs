//! A small city for tests and benchmarks: its offices held, an operator in 市民課 with a software card, a few
//! residents, all invented. What goes wrong here is a fault of the test, so it panics and says where.

#![expect(clippy::panic, reason = "what goes wrong in a test is to be seen at once")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use card::{Card as _, CardKind, CardNumber, Drawer, Pin};
use jiff::{SignedDuration, Timestamp};
use office::clock::{Clock, SetClock};
use office::credentials::{HashingCost, Password, fresh_initial_password};
use office::{Asked, Config, Declined, Mode, Office, SignedIn, Token};
use register::access::{self, NewCard, NewDesignation, NewTerminal, OperationKind, SignOutCause};
use register::case::{self, Particulars};
use register::organization::{self, Appointment, NewPerson};
use register::rooms::{self, NewController, NewDoor, NewFinger};
use register::terms::Resident;
use register::{Act, Occasion, PersonId, Place, Receipt, RequestId, TerminalId, assets};
use regulation::Profile;
use tempfile::TempDir;

/// The terminal of 市民課.
pub const TERMINAL: &str = "CS-0101";
/// The PIN of every card.
pub const PIN: &str = "204816";
/// The operator's number.
pub const CLERK: &str = "clerk";
/// Somebody of 情報統計課, who makes the cards that the アクセス管理責任者 issues.
pub const MAKER: &str = "maker";

/// The office of a test, its folder and its clock.
pub struct Kit {
    /// The office.
    pub office: Office,
    /// Its clock, which stands until it is set.
    pub clock: Arc<SetClock>,
    /// Its folder, which goes with the kit.
    pub folder: TempDir,
    passwords: BTreeMap<String, Password>,
}

/// Monday, 23 November 2026, 9:00 in Japan.
pub fn monday() -> Timestamp {
    "2026-11-23T09:00:00+09:00".parse().expect("a timestamp")
}

/// The profile that comes with the program.
pub fn profile() -> Profile {
    let files = regulation::embedded("tokorozawa-2002").expect("the profile comes with the program");
    Profile::load(&files).expect("the profile is in order")
}

/// Opens an office on a folder, with cheap hashes.
pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Office {
    Office::open(Config {
        data: folder.to_owned(),
        profile: profile(),
        mode: Mode::Demo,
        origin: "http://127.0.0.1".to_owned(),
        clock,
        hashing: HashingCost { memory_kib: 8, passes: 1, lanes: 1 },
    })
    .expect("the office opens")
}

/// An identifier.
pub fn id<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is an identifier"))
}

/// The door of the CS room.
pub const DOOR: &str = "D-401";
/// The number in its lock of whoever is enrolled.
pub const MEMBER: &str = "17";

/// Whoever holds an office bears the office's name as number.
pub fn holder(office: &str) -> PersonId {
    id(&format!("p-{office}"))
}

impl Default for Kit {
    fn default() -> Self {
        Self::new()
    }
}

impl Kit {
    /// A founded city: every office is held, 市民課 has three clerks and a terminal, some residents are entered.
    /// Nobody has a card, and nobody is a handler of 本人確認情報.
    pub fn founded() -> Self {
        let folder = TempDir::new().expect("a folder");
        let clock = Arc::new(SetClock::at(monday()));
        let office = open(folder.path(), Arc::clone(&clock) as Arc<dyn Clock>);
        let kit = Self { office, clock, folder, passwords: BTreeMap::new() };
        kit.found();
        kit
    }

    /// The same in which two clerks are handlers, and one of them may operate with a card of kind 業務担当者.
    pub fn new() -> Self {
        let mut kit = Self::founded();
        kit.name_handler(CLERK);
        kit.name_handler("newcomer");
        kit.equip(CLERK, "business-clerk", "card-1");
        kit
    }

    /// Time passes.
    pub fn wait(&self, time: SignedDuration) {
        self.clock.set(self.clock.now() + time);
    }

    /// The password that was handed over with this card.
    pub fn password(&self, card: &str) -> &Password {
        &self.passwords[card]
    }

    /// An occasion a second later, at the console.
    pub fn at_console(&self, by: &PersonId) -> Occasion {
        self.wait(SignedDuration::from_secs(1));
        Occasion {
            by: by.clone(),
            place: Place::Console,
            at: self.clock.now(),
            request: self.request(),
            session: None,
        }
    }

    /// A submission's number that nobody had before.
    pub fn request(&self) -> RequestId {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).expect("random bytes");
        id(&hex::encode(bytes))
    }

    /// Somebody acts at the console.
    ///
    /// # Errors
    /// As the office says.
    pub fn act(&self, by: &PersonId, act: impl Into<Act>) -> Result<Receipt, Declined> {
        self.office.submit(act.into(), self.at_console(by)).map(|done| done.receipt)
    }

    fn found(&self) {
        let profile = profile();
        let mut people: Vec<NewPerson> =
            profile.offices().iter().map(|office| person(&holder(&office.id), &office.section)).collect();
        for (number, name) in [(CLERK, "渡邉　はるか"), ("newcomer", "髙橋　一郎"), ("spare", "吾妻　澄子")]
        {
            people.push(NewPerson { name: name.to_owned(), ..person(&id(number), "shimin") });
        }
        people.push(NewPerson { name: "架空　作".to_owned(), ..person(&id(MAKER), "joho-tokei") });
        let appointments = profile.offices().iter().map(|office| Appointment {
            office: id(&office.id),
            person: Some(holder(&office.id)),
            from: "2026-04-01".parse().expect("a day"),
        });
        let found = organization::Act::Found { people, appointments: appointments.collect() };
        self.act(&PersonId::founder(), found).expect("an empty city is founded");
        let terminal = NewTerminal {
            id: id(TERMINAL),
            room: id("terminal-shimin"),
            section: id("shimin"),
            authenticator: None,
        };
        self.act(&holder("joho-tokei-kacho"), access::Act::RegisterTerminal(terminal)).expect("registered");
        let residents = residents();
        self.act(&holder("shimin-kacho"), assets::Act::EnterResidents(residents)).expect("entered");
    }

    /// Designates, issues a card, and hands over a password, which its owner replaces.
    pub fn equip(&mut self, operator: &str, kind: &str, card: &str) {
        self.hand_over(operator, kind, card);
        let (token, stay) = self.sign_in(card);
        let own = fresh_initial_password().expect("random bytes");
        let changed = self.office.change_password(&stay, self.password(card), &own, self.request());
        changed.expect("replaced");
        self.office.sign_out(token.as_str(), SignOutCause::Asked).expect("signed out");
        self.passwords.insert(card.to_owned(), own);
    }

    /// Designates, issues a card, and hands over a password.
    pub fn hand_over(&mut self, operator: &str, kind: &str, card: &str) {
        let operator: PersonId = id(operator);
        self.designate(&operator, kind);
        let at = self.clock.now();
        let drawer = Drawer::open(&self.folder.path().join("drawer")).expect("a drawer");
        let pin = Pin::new(PIN).expect("a PIN");
        let year = SignedDuration::from_hours(24 * 365);
        let number = CardNumber::try_from(card.to_owned()).expect("a card's number");
        let kind_of_card = CardKind::try_from(kind.to_owned()).expect("a kind");
        let card_made = drawer
            .make(self.office.authority(), number, kind_of_card, &pin, (at, at + year))
            .expect("a software card");
        let certificate = hex::encode(sha2_256(card_made.certificate()));
        self.issue(NewCard {
            id: id(card),
            kind: id(kind),
            holder: Some(operator.clone()),
            certificate,
            expires: Some(at + year),
            kept: String::new(),
        });
        let on = self.at_console(&holder("joho-tokei-kacho"));
        let (_, password) = self.office.hand_over_password(on, &operator).expect("handed over");
        self.passwords.insert(card.to_owned(), password);
    }

    /// Somebody of 情報統計課 makes a card, the アクセス管理責任者 issues it.
    pub fn issue(&self, new: NewCard) {
        let issue = access::Act::IssueCard(new.id.clone());
        self.act(&id(MAKER), access::Act::PrepareCard(new)).expect("prepared");
        self.act(&holder("joho-tokei-kacho"), issue).expect("issued");
    }

    /// The 本人確認情報管理責任者 of 市民課 lists somebody.
    pub fn name_handler(&self, operator: &str) {
        let operator: PersonId = id(operator);
        let handler = assets::Act::DesignateHandler { person: operator, section: id("shimin") };
        self.act(&holder("shimin-kacho"), handler).expect("named as handler");
    }

    /// The アクセス管理責任者 gets a card of kind システム管理者.
    pub fn equip_manager(&mut self) {
        self.name_handler("p-joho-tokei-kacho");
        self.equip("p-joho-tokei-kacho", "system-administrator", "card-m");
    }

    /// Proposed by the officer of 市民課, agreed by the アクセス管理責任者.
    pub fn designate(&self, operator: &PersonId, kind: &str) {
        let designation = format!("D-{operator}");
        let new = NewDesignation {
            id: id(&designation),
            person: operator.clone(),
            kind: id(kind),
            section: id("shimin"),
        };
        self.act(&holder("shimin-kacho"), access::Act::ProposeDesignation(new)).expect("proposed");
        let agree = access::Act::AgreeDesignation(id(&designation));
        self.act(&holder("joho-tokei-kacho"), agree).expect("agreed");
    }

    /// Somebody is permitted to enter a room until the end of the year: `manager` applies and grants.
    pub fn permit(&self, number: &str, person: &str, room: &str, manager: &str) {
        let step = |step: &str, particulars: Particulars| {
            let act = case::Act { case: id(number), step: id(step), particulars };
            self.act(&id(manager), act).unwrap_or_else(|declined| panic!("{step}: {declined:?}"));
        };
        let applied = Particulars::new()
            .with("person", person)
            .with("room", room)
            .with("term", "standing")
            .with("from", "2026-11-23")
            .with("until", "2026-12-31")
            .with("purpose", "機器の点検");
        step("permit.apply", applied);
        step("permit.grant", Particulars::new());
    }

    /// A controller with one door of the CS room ([`DOOR`]), and in its lock as [`MEMBER`] the finger of
    /// 情報統計課長, who is permitted to enter and wears tag 1. `key` is the controller's public key in base64.
    pub fn with_door(&self, controller: &str, key: &str) {
        let chief = holder("joho-tokei-kacho");
        self.permit("permit-1", chief.as_str(), "cs-room", chief.as_str());
        let doors = vec![NewDoor { id: id(DOOR), room: id("cs-room") }];
        let finger = NewFinger {
            door: id(DOOR),
            member: id(MEMBER),
            person: chief.clone(),
            authority: "許可".to_owned(),
        };
        let acts = [
            rooms::Act::RegisterController(NewController { id: id(controller), key: key.to_owned(), doors }),
            rooms::Act::EnrolFinger(finger),
            rooms::Act::IssueTag { tag: id("1"), to: chief.clone() },
        ];
        for act in acts {
            self.act(&chief, act).expect("done for the door");
        }
    }

    /// The card's part of signing in.
    ///
    /// # Errors
    /// As the office says.
    pub fn present(&self, card: &str) -> Result<office::Presented, Declined> {
        let terminal: TerminalId = id(TERMINAL);
        let challenge = self.office.challenge(&terminal)?;
        let drawer = Drawer::open(&self.folder.path().join("drawer")).expect("a drawer");
        let mut card =
            drawer.take(&CardNumber::try_from(card.to_owned()).expect("a number")).expect("a card");
        card.verify_pin(&Pin::new(PIN).expect("a PIN")).expect("the right PIN");
        let signature = card.sign(&challenge).expect("signed");
        let session = id(&challenge.session);
        self.office.present(&session, card.certificate(), &signature).map_err(|(declined, _)| declined)
    }

    /// Card and password.
    pub fn sign_in(&self, card: &str) -> (Token, SignedIn) {
        let presented = self.present(card).expect("the card is proven");
        self.office.sign_in(&presented.session, self.password(card)).expect("signed in")
    }

    /// An operation a second later, with a reason on file.
    ///
    /// # Errors
    /// As the office says.
    pub fn operate(
        &self,
        stay: &SignedIn,
        kind: OperationKind,
        condition: &str,
    ) -> Result<Receipt, Declined> {
        self.wait(SignedDuration::from_secs(1));
        let reason = Some("転入届-令8-12".to_owned());
        let asked = Asked { kind, condition: condition.to_owned(), reason, period: None };
        self.office.operate(stay, asked, self.request())
    }
}

/// The articles of a refusal, as short ids.
pub fn articles(declined: &Declined) -> Vec<String> {
    match declined {
        Declined::Refused { refusal, .. } => refusal.citations().iter().map(ToString::to_string).collect(),
        other => panic!("not a refusal: {other:?}"),
    }
}

/// The residents of the city.
pub fn residents() -> Vec<Resident> {
    cs::synthetic::residents(7, "2026-11-23".parse().expect("a day")).take(50).collect()
}

fn person(number: &PersonId, section: &str) -> NewPerson {
    NewPerson {
        id: number.clone(),
        name: format!("架空 {number}"),
        kana: "カクウ".to_owned(),
        section: id(section),
    }
}

fn sha2_256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}
