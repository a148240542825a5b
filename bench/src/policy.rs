//! How many acts one core judges in a second, and how long one answer takes.
//!
//! A full decision: from a question as the register asks it to an answer with every article, its reason and
//! its remedy; checked against the schema on the way.

use std::path::Path;
use std::time::{Duration, Instant};

use policy::{Answer, Entity, Question, Record, Regulator};

/// Decisions per case.
const DECISIONS: usize = 50_000;
/// Decisions before the clock runs.
const WARM_UP: usize = 2_000;

/// Judges `operate` as permitted, and as refused under one and under three articles, and prints the figures.
pub(crate) fn run() {
    let regulator = Regulator::load(&profile(), |_| true).expect("the profile's policies load");
    println!(
        "policy: full decisions on one core, {DECISIONS} each, {} policies",
        regulator.policies().count()
    );
    println!("{:<28}{:>14}{:>10}{:>10}", "case", "decisions/s", "p50 µs", "p99 µs");
    let cases = [
        ("permitted", operate([]), 0),
        ("refused under 1 article", operate(["designated"]), 1),
        ("refused under 3 articles", operate(["sessionOpen", "designated", "handler"]), 3),
    ];
    for (name, question, grounds) in &cases {
        let mut taken = measure(&regulator, question, *grounds);
        let total: Duration = taken.iter().sum();
        taken.sort_unstable();
        let at = |share: usize| taken[taken.len() * share / 100].as_secs_f64() * 1e6;
        let rate = taken.len() as f64 / total.as_secs_f64();
        println!("{name:<28}{rate:>14.0}{:>10.1}{:>10.1}", at(50), at(99));
    }
}

fn measure(regulator: &Regulator, question: &Question, grounds: usize) -> Vec<Duration> {
    let mut taken = Vec::with_capacity(DECISIONS);
    for round in 0..WARM_UP + DECISIONS {
        let begun = Instant::now();
        let answer = regulator.judge(question);
        let elapsed = begun.elapsed();
        let found = match answer {
            Answer::Permitted => 0,
            Answer::Refused(refusal) => refusal.grounds.len(),
        };
        assert_eq!(found, grounds, "the case is not what it says");
        if round >= WARM_UP {
            taken.push(elapsed);
        }
    }
    taken
}

fn profile() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles/tokorozawa-2002/policy");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the profile has policies") {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let text = std::fs::read_to_string(&path).expect("a readable policy");
        files.push((name.expect("a file has a name"), text));
    }
    files
}

/// An operation of a clerk in which nothing but `lacking` is lacking.
fn operate<const N: usize>(lacking: [&'static str; N]) -> Question {
    let none: [&str; 0] = [];
    let clerk = Entity::new("Person", "synthetic-1")
        .with("section", "shimin")
        .with("posts", none.into_iter().collect::<policy::Value>())
        .with("officerOf", none.into_iter().collect::<policy::Value>())
        .with("entryManagerOf", none.into_iter().collect::<policy::Value>());
    let terminal = Entity::new("Terminal", "t-01").with("section", "shimin");
    let proof = Record::from([
        ("cardProven", true.into()),
        ("passwordProven", true.into()),
        ("passwordDemanded", true.into()),
        ("terminalInService", true.into()),
        ("cardInLedger", true.into()),
        ("cardInUse", true.into()),
        ("holder", true.into()),
        ("locked", false.into()),
    ]);
    let question = Question::new("operate", clerk, terminal)
        .with("proof", proof)
        .with("sessionOpen", true)
        .with("operation", "consult")
        .with(
            "cardOperations",
            ["search-name", "search-kana", "search-code", "consult"].into_iter().collect::<policy::Value>(),
        )
        .with("designated", true)
        .with("handler", true);
    lacking.into_iter().fold(question, |question, name| question.with(name, false))
}
