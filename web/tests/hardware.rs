//! `/tour/doors`: a browser plays the simulated doors of the demo, and there is none in a city at work.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use web::{Hardware, Heard, Play, SimulatedDoor};

use crate::kit::{Browser, Kit};

/// Two doors that only remember what was done to them.
#[derive(Default)]
struct Fake(Mutex<Vec<(String, Play)>>);

impl Hardware for Fake {
    fn doors(&self) -> Vec<SimulatedDoor> {
        let door = |id: &str, usual| SimulatedDoor {
            id: id.to_owned(),
            room: format!("{id}の室"),
            state: if usual { "施錠" } else { "許可なく開いた" }.to_owned(),
            usual,
            released: false,
            open: !usual,
            key: false,
            tampered: !usual,
            powered: usual,
            fingers: vec![(17, "架空（番号17）".to_owned()), (99, "登録のない指".to_owned())],
        };
        vec![door("north", true), door("south", false)]
    }

    fn heard(&self) -> Vec<Heard> {
        let heard = |(door, play): &(String, Play)| Heard {
            at: "2026-11-23T01:00:00Z".parse().unwrap(),
            door: door.clone(),
            text: format!("{play:?}"),
        };
        self.0.lock().unwrap().iter().map(heard).collect()
    }

    fn play(&self, door: &str, play: Play) {
        self.0.lock().unwrap().push((door.to_owned(), play));
    }
}

fn at_the_doors() -> (Arc<Fake>, Browser) {
    let kit = Kit::new();
    let fake = Arc::new(Fake::default());
    let mut browser = kit.browser();
    browser.router = kit.site_with(Some(fake.clone()));
    (fake, browser)
}

#[tokio::test]
async fn without_simulated_doors_there_is_nothing() {
    let mut browser = Kit::new().browser();
    assert_eq!(browser.get("/tour/doors").await.status, StatusCode::NOT_FOUND);
    browser.get("/").await.does_not_say("/tour/doors");
    let fields = [("door", "north"), ("act", "open")];
    assert_eq!(browser.post("/tour/doors", &fields).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_button_does_what_it_says_and_is_heard_of() {
    let (fake, mut browser) = at_the_doors();
    browser.get("/").await.says(&["href=\"/tour/doors\""]);
    let page = browser.get("/tour/doors").await;
    page.says(&["northの室の扉", "許可なく開いた", "扉を閉める", "錠のふたを閉める", "電源を入れる"]);
    page.says(&["架空（番号17）", "href=\"/rooms\"", "まだ何も起きていません"]);
    let acts = [
        ("open", Play::Open),
        ("close", Play::Close),
        ("force", Play::Force),
        ("exit", Play::Exit),
        ("key", Play::Key(true)),
        ("key-back", Play::Key(false)),
        ("tamper", Play::Tamper(true)),
        ("untamper", Play::Tamper(false)),
        ("power-off", Play::Power(false)),
        ("power-on", Play::Power(true)),
    ];
    for (act, _) in acts {
        let done = browser.post("/tour/doors", &[("door", "south"), ("act", act)]).await;
        done.leads_to("/tour/doors#door-south");
    }
    let touch = [("door", "north"), ("act", "touch"), ("member", "17")];
    browser.post("/tour/doors", &[&touch[..], &[("side", "inside")]].concat()).await;
    browser.post("/tour/doors", &touch).await.leads_to("/tour/doors#door-north");
    let touched = [true, false].map(|inside| ("north".to_owned(), Play::Touch { member: 17, inside }));
    let played = acts.map(|(_, play)| ("south".to_owned(), play)).into_iter().chain(touched);
    assert_eq!(*fake.0.lock().unwrap(), played.collect::<Vec<_>>());
    browser.get("/tour/doors").await.says(&["Touch { member: 17, inside: true }", "R8.11.23"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_not_done() {
    let (fake, mut browser) = at_the_doors();
    browser.get("/tour/doors").await;
    let nobody = browser.post("/tour/doors", &[("door", "north"), ("act", "touch")]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    nobody.says(&["指を選んでください", "id=\"member-north-error\""]);
    nobody.does_not_say("id=\"member-south-error\"");
    for fields in [[("door", "west"), ("act", "open")], [("door", "north"), ("act", "dance")]] {
        assert_eq!(browser.post("/tour/doors", &fields).await.status, StatusCode::NOT_FOUND);
    }
    assert!(fake.0.lock().unwrap().is_empty());
}
