//! What a finished play leaves beside the journals: who can sign in with what, and where the tour begins.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use register::terms::Resident;
use regulation::Profile;
use serde::{Deserialize, Serialize};
use web::{Actor, Guide};

use super::cast::{CAST, CITIZENS_OFFICER, CLERK, LOSER, Member};
use crate::failure::Failure;
use crate::limits;

/// The file's name in the folder of a demo.
const FILE: &str = "demo.json";
/// Raised when the form of the file changes.
const FORM: u32 = 1;

/// A finished play.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Script {
    form: u32,
    /// When it was played.
    pub(super) played: Timestamp,
    /// Everybody with a card in the drawer.
    pub(super) people: Vec<Player>,
    /// The resident whom the tour looks up.
    pub(super) resident: String,
    /// Its code.
    pub(super) code: String,
    /// A 根拠番号 to type.
    pub(super) reason: String,
}

/// Somebody who can sign in. Every secret here opens nothing but this demo.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Player {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kana: String,
    pub(super) role: String,
    role_en: String,
    pub(super) terminal: String,
    pub(super) card: String,
    pub(super) pin: String,
    pub(super) password: String,
    pub(super) to_try: String,
}

impl Script {
    pub(super) fn of(profile: &Profile, played: Timestamp, guest: &Resident, reason: &str) -> Self {
        let people = CAST.iter().filter_map(|member| player(profile, member)).collect();
        let (resident, code) = (guest.information.name.clone(), guest.code().to_string());
        Self { form: FORM, played, people, resident, code, reason: reason.to_owned() }
    }

    /// The script in `data`, if a demo was played there.
    ///
    /// # Errors
    /// When there is one that cannot be read.
    pub(super) fn read(data: &Path) -> Result<Option<Self>, Failure> {
        let path = data.join(FILE);
        let unreadable = |why: String| {
            let what = format!("{} を読めません（{why}）", path.display());
            Failure::failed(what, "このフォルダーを消すか、--data に別のフォルダーを指定してください")
        };
        match fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error.to_string())),
            Ok(found) if found.len() > limits::SCRIPT => return Err(unreadable("大きすぎます".to_owned())),
            Ok(_) => {}
        }
        let text = fs::read(&path).map_err(|error| unreadable(error.to_string()))?;
        let script: Self = serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
        if script.form == FORM {
            Ok(Some(script))
        } else {
            Err(unreadable("別の版のものです".to_owned()))
        }
    }

    pub(super) fn write(&self, data: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(self).expect("a script is plain data");
        fs::write(data.join(FILE), text).map_err(|error| {
            let what = format!("{FILE} を書けません（{error}）");
            Failure::failed(what, "ディスクの空きを確かめ、もう一度実行してください")
        })
    }

    /// What the tour's page tells.
    pub(super) fn guide(&self) -> Option<Guide> {
        let find = |id: &str| self.people.iter().find(|player| player.id == id).map(Player::actor);
        Some(Guide {
            clerk: find(CLERK)?,
            officer: find(CITIZENS_OFFICER)?,
            resident: self.resident.clone(),
            code: self.code.clone(),
            reason: self.reason.clone(),
            people: self.people.iter().map(Player::actor).collect(),
        })
    }
}

impl Player {
    fn actor(&self) -> Actor {
        Actor {
            name: self.name.clone(),
            kana: self.kana.clone(),
            role: self.role.clone(),
            role_en: self.role_en.clone(),
            terminal: self.terminal.clone(),
            card: self.card.clone(),
            pin: self.pin.clone(),
            password: self.password.clone(),
        }
    }
}

fn player(profile: &Profile, member: &Member) -> Option<Player> {
    let (kind, terminal) = member.card?;
    let kind = profile.card_kind(kind).map_or(kind, |kind| kind.name.as_str());
    let place = match member.office.and_then(|office| profile.office(office)) {
        Some(office) => office.name.clone(),
        None => profile.section(member.section).map_or(String::new(), |section| section.name.clone()),
    };
    let card = if member.id == LOSER { member.second_card_number() } else { member.card_number() };
    Some(Player {
        id: member.id.to_owned(),
        name: member.name.to_owned(),
        kana: member.kana.to_owned(),
        role: format!("{place}・{kind}"),
        role_en: member.english.to_owned(),
        terminal: terminal.to_owned(),
        card,
        pin: member.pin(),
        password: member.password().reveal().to_owned(),
        to_try: member.to_try.to_owned(),
    })
}
