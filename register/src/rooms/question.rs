//! What the policies must know to judge the acts of this chapter.

use policy::{Entity, Question, Record};

use super::passage::room_entity;
use super::{Act, escort, passage};
use crate::question::{city as the_city, person};
use crate::{City, FindingId, Occasion, Place, Receipt, RoomId};

pub(super) fn asked(city: &City, act: &Act, on: &Occasion) -> Question {
    let about = |action, resource| Question::new(action, person(city, &on.by, on), resource);
    match act {
        Act::EnterOutsider(_) | Act::EndOutsider { .. } => about("keepOutsiders", the_city()),
        Act::Pass(pass) => passage::asked(city, pass, on),
        Act::OpenEscort(new) => escort::asked(city, new, on),
        Act::CloseEscort(id) => {
            let escort = city.rooms.escort(id);
            about("closeEscort", of_room(city, escort.map(|escort| &escort.room)))
                .with("own", escort.is_some_and(|escort| escort.by == on.by))
        }
        Act::IssueTag { .. } | Act::ReturnTag(_) => about("keepTags", the_city()),
        Act::RegisterKey(new) => about("keepKeys", room_entity(city, &new.room)),
        Act::RetireKey { key, .. } => about("keepKeys", of_key(city, key)),
        Act::LendKey(lend) => {
            let room = city.rooms.key(&lend.key).map(|key| &key.room);
            let permitted = room.is_some_and(|room| city.permit(&lend.to, room, on.at).is_some());
            let context = Record::from([
                ("borrowerProven", lend.proven.into()),
                ("permitted", permitted.into()),
                ("lockedDown", room.is_some_and(|room| city.rooms.locked_down(city, room)).into()),
            ]);
            Question { context, ..about("lendKey", of_key(city, &lend.key)) }
        }
        Act::ReturnKey { key, .. } => about("returnKey", of_key(city, key)),
        Act::CountKeys(_) => about("countKeys", the_city()),
        Act::EnrolFinger(new) => {
            let room = city.room_of(&new.door);
            let permitted = room.is_some_and(|room| city.permit(&new.person, room, on.at).is_some());
            about("enrolFinger", of_room(city, room)).with("permitted", permitted)
        }
        Act::RemoveFinger { door, .. } => about("removeFinger", of_room(city, city.room_of(door))),
        Act::CompareMembers { door, .. } => about("compareMembers", of_room(city, city.room_of(door))),
        Act::RegisterController(_) | Act::RetireController(_) => about("keepControllers", the_city()),
        Act::ReportDoor { controller, .. } => {
            let known = city.rooms.controller(controller).is_some_and(|known| known.retired.is_none());
            let known = known && on.place == Place::Door(controller.clone());
            about("reportDoor", the_city()).with("registered", known)
        }
        Act::CloseAlarm { alarm, .. } => about("closeAlarm", of_alarm(city, alarm)),
        Act::LockDown { .. } => about("lockDown", the_city()),
        Act::LiftLockdown { .. } => about("liftLockdown", the_city()),
        Act::ImportPassages(_) => about("importPassages", the_city()),
        Act::AnswerFinding { finding, .. } => {
            let found = city.finding(finding, on.at);
            let owes = found.as_ref().is_some_and(|found| city.is(&on.by, &found.finding.owed_by, on.at));
            about("answerFinding", of_finding(city, finding, on)).with("owes", owes)
        }
        Act::SendBackAnswer { finding, .. } | Act::SettleFinding(finding) => {
            let found = city.finding(finding, on.at);
            let own = found.and_then(|found| found.answer).is_some_and(|(_, by, _)| by == on.by);
            about("settleFinding", of_finding(city, finding, on)).with("own", own)
        }
        Act::ReconcileLedgers { .. } => about("reconcileLedgers", the_city()),
    }
}

fn of_room(city: &City, room: Option<&RoomId>) -> Entity {
    match room {
        Some(room) => room_entity(city, room),
        None => Entity::new("Room", "unknown").with("code", "").with("level", 0).with("section", ""),
    }
}

fn of_key(city: &City, key: &crate::KeyId) -> Entity {
    of_room(city, city.rooms.key(key).map(|key| &key.room))
}

fn of_alarm(city: &City, alarm: &Receipt) -> Entity {
    let alarm = city.rooms.alarms().iter().find(|known| known.receipt == *alarm);
    let door = alarm.and_then(|alarm| alarm.door.as_ref());
    of_room(city, door.and_then(|door| city.room_of(door)))
}

fn of_finding(city: &City, finding: &FindingId, on: &Occasion) -> Entity {
    let found = city.finding(finding, on.at);
    of_room(city, found.as_ref().and_then(|found| found.finding.room.as_ref()))
}
