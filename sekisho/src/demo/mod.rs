//! `sekisho demo`: a city of made-up people that has worked for a week, to be walked through.

mod calendar;
mod cast;
mod council;
#[cfg(feature = "doors")]
mod doors;
mod founding;
mod lots;
mod passages;
mod rooms;
mod rules;
mod script;
mod stage;
mod summary;
mod week;

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use card::Drawer;
use jiff::SignedDuration;
use office::clock::{Clock as _, SetClock, SystemClock};
use office::{Mode, Office};
use register::terms::Resident;
use web::{Hardware, Site};

use crate::cli::DemoArgs;
use crate::failure::Failure;
use crate::output::print;
#[cfg(feature = "doors")]
use crate::progress::Progress;
use crate::{offices, regulations, serve, tls};
use script::Script;
use stage::Stage;

/// Residents of the demo city.
const RESIDENTS: usize = 20_000;
/// The lots of the residents and of the week's work.
const SEED: u64 = 2002;
/// The reason on file for looking up the tour's resident.
const REASON: &str = "転入届-0726";

pub(crate) fn run(args: DemoArgs) -> Result<(), Failure> {
    tls::expect_loopback(args.addr.ip())?;
    // Nobody wants to wait for a week to be played and then hear that the address is taken.
    let bound = if args.once { None } else { Some(serve::bind(args.addr)?) };
    let links = serve::calls(&args.links)?;
    let known = Script::read(&args.data)?;
    let fresh = known.is_none();
    let script = known.map_or_else(|| play_aside(&args.data), Ok)?;
    let origin = format!("http://{}", bound.as_ref().map_or(args.addr, |bound| bound.addr));
    let profile = regulations::load(None)?;
    let office = offices::open(&args.data, profile, Mode::Demo, origin, Arc::new(SystemClock))?;
    if fresh {
        play_doors(&office, &args.data);
    }
    print(&summary::people(&script))?;
    print(&summary::rooms(&office))?;
    print(&summary::city(&office, &args.data)?)?;
    let Some(bound) = bound else {
        office.close();
        return Ok(());
    };
    let drawer = Drawer::open(&drawer(&args.data)).map_err(|error| stage::stopped(error.japanese()))?;
    let (hardware, guide) = (hardware(&office, &args.data), script.guide());
    let site = Site { office: office.clone(), drawer: Some(drawer), guide, hardware, tls: false };
    serve::until_stopped(&office, site, bound, None, links)
}

/// The two doors are put to work for a moment. Without them the city is a city all the same.
#[cfg(feature = "doors")]
fn play_doors(office: &Office, data: &Path) {
    let progress = Progress::begin("模擬の扉を動かしています", None);
    let played = doors::play(office, data);
    progress.end();
    if let Err(why) = played {
        tracing::warn!(%why, "the simulated doors did not do what they should");
    }
}

#[cfg(not(feature = "doors"))]
fn play_doors(_office: &Office, _data: &Path) {}

/// The two doors at work, for as long as somebody holds them.
#[cfg(feature = "doors")]
fn hardware(office: &Office, data: &Path) -> Option<Arc<dyn Hardware>> {
    match doors::Doors::start(office, data, &doors::Way::Http) {
        Ok(doors) => Some(doors),
        Err(why) => {
            tracing::warn!(%why, "the simulated doors cannot be started");
            None
        }
    }
}

#[cfg(not(feature = "doors"))]
fn hardware(_office: &Office, _data: &Path) -> Option<Arc<dyn Hardware>> {
    None
}

fn drawer(data: &Path) -> PathBuf {
    data.join("drawer")
}

/// Plays in a folder beside `data` and puts it in place whole: a play that was interrupted leaves nothing behind
/// that looks like a city.
fn play_aside(data: &Path) -> Result<Script, Failure> {
    let taken = match fs::read_dir(data) {
        Ok(mut inside) => inside.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(unusable(data, &error)),
    };
    if taken {
        let what = format!("{} にはデモでないものが入っています", data.display());
        return Err(Failure::failed(what, "--data に、まだないフォルダーか空のフォルダーを指定してください"));
    }
    let aside = aside(data);
    if aside.exists() {
        fs::remove_dir_all(&aside).map_err(|error| unusable(&aside, &error))?;
    }
    offices::make_private(&aside).map_err(|error| unusable(&aside, &error))?;
    let script = play(&aside)?;
    script.write(&aside)?;
    fs::rename(&aside, data).map_err(|error| unusable(data, &error))?;
    Ok(script)
}

/// `data/demo` is played in `data/demo.unfinished`.
fn aside(data: &Path) -> PathBuf {
    let mut name = data.file_name().map_or_else(|| OsString::from("demo"), OsString::from);
    name.push(".unfinished");
    data.with_file_name(name)
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    let what = format!("{} を使えません（{error}）", path.display());
    Failure::failed(
        what,
        "フォルダーの権限とディスクの空きを確かめるか、--data に別のフォルダーを指定してください",
    )
}

/// Founds the city and plays its week.
fn play(data: &Path) -> Result<Script, Failure> {
    let now = SystemClock.now();
    let days = calendar::before(now);
    let clock = Arc::new(SetClock::at(calendar::at(days.founding, 9, 0)));
    let residents: Vec<Resident> = cs::synthetic::residents(SEED, days.founding).take(RESIDENTS).collect();
    let guest = guest(&residents).ok_or_else(|| stage::stopped("no resident for the tour".to_owned()))?;
    let profile = regulations::load(None)?;
    let script = Script::of(&profile, now, guest, REASON);
    let office = offices::open(data, profile, Mode::Demo, "http://demo.invalid".to_owned(), clock.clone())?;
    let played = (|| {
        let stage = Stage::set(&office, &clock, drawer(data), calendar::at(days.founding, 9, 0))?;
        founding::found(&stage, days.founding, &residents)?;
        let lots = lots::Lots::new(SEED);
        let mut week = week::Week { stage: &stage, residents: &residents, lots, guest, reason: REASON };
        week.play(&days.week)?;
        stage.pass(SignedDuration::from_mins(1));
        office.follow_all().map_err(|declined| stage::stopped(declined.japanese()))
    })();
    office.close();
    played.map(|()| script)
}

/// A resident whose name nobody else has, written with characters that every keyboard finds, and not protected.
fn guest(residents: &[Resident]) -> Option<&Resident> {
    let mut namesakes: HashMap<&str, usize> = HashMap::new();
    for resident in residents {
        *namesakes.entry(&resident.information.name).or_default() += 1;
    }
    let plain = |name: &str| name.chars().all(|c| c == '\u{3000}' || ('\u{4E00}'..='\u{9FFF}').contains(&c));
    let common = |name: &str| !name.contains(['髙', '﨑', '邊', '邉', '齋', '濵', '德']);
    residents.iter().find(|resident| {
        let name = resident.information.name.as_str();
        namesakes.get(name) == Some(&1) && plain(name) && common(name) && !resident.protected
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_tours_resident_is_found_by_name_alone() {
        let residents: Vec<Resident> =
            cs::synthetic::residents(SEED, date(2026, 4, 1)).take(RESIDENTS).collect();
        let guest = guest(&residents).unwrap();
        let same = |other: &&Resident| other.information.name == guest.information.name;
        assert_eq!(residents.iter().filter(same).count(), 1);
        assert!(!guest.protected);
    }

    #[test]
    fn an_unfinished_play_stands_beside_the_folder() {
        assert_eq!(aside(Path::new("data/demo")), Path::new("data/demo.unfinished"));
    }
}
