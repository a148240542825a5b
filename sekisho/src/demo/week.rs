//! The week that the demo plays: ordinary work at the terminals, and what the regulation refused in it.

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use office::{Asked, Declined};
use register::access::{self, OperationKind};
use register::organization::{self, NewPerson};
use register::terms::Resident;

use super::cast::{
    ACCESS_MANAGER, CITIZENS_OFFICER, CLERK, HEAD, INQUIRER, LOSER, Member, NEWCOMER, NO_HANDLER, member,
};
use super::founding;
use super::lots::Lots;
use super::stage::{Stage, Stay, asked, consult, expect_refused, id, stopped};
use super::{calendar, council, passages, rules};
use crate::failure::Failure;
use crate::progress::Progress;

/// Who works at the terminals on an ordinary day, and when they sit down.
const SHIFTS: &[(&str, i8, i8)] = &[
    ("2101", 8, 40),
    ("2201", 9, 5),
    ("2102", 9, 30),
    ("2301", 10, 10),
    ("2106", 11, 0),
    ("2401", 13, 5),
    ("2501", 14, 0),
    ("2601", 15, 10),
];
/// What people come for, as the reason on file names it.
const ERRANDS: &[&str] = &["転入届", "転出届", "転居届", "広域交付請求", "受信電文"];

/// The play of the week.
pub(super) struct Week<'a> {
    pub(super) stage: &'a Stage<'a>,
    pub(super) residents: &'a [Resident],
    pub(super) lots: Lots,
    /// The resident whom the guided tour looks up, and a reason on file.
    pub(super) guest: &'a Resident,
    pub(super) reason: &'a str,
}

/// What happens at the end of a day.
type Scene<'a> = fn(&mut Week<'a>, Date) -> Result<(), Failure>;

impl<'a> Week<'a> {
    /// Plays the days.
    pub(super) fn play(&mut self, days: &[Date]) -> Result<(), Failure> {
        let scenes: [Scene<'a>; 5] =
            [Self::card_kinds, Self::proofs, Self::lost_card, Self::newcomer, Self::offices];
        let progress = Progress::begin("五日間の仕事を再現しています", Some(days.len()));
        for (number, ((day, scene), council)) in days.iter().zip(scenes).zip(council::DAYS).enumerate() {
            passages::morning(self.stage, *day, number)?;
            for (who, hour, minute) in SHIFTS {
                self.stage.at(calendar::at(*day, *hour, *minute));
                self.shift(*day, member(who))?;
            }
            self.stage.at(calendar::at(*day, 16, 0));
            scene(self, *day)?;
            self.stage.at(calendar::at(*day, 16, 45));
            council(self.stage, *day)?;
            rules::day(self.stage, *day, number)?;
            passages::evening(self.stage, days, number)?;
            progress.step(1);
        }
        progress.end();
        Ok(())
    }

    /// Somebody serves the people who come to the counter.
    fn shift(&mut self, day: Date, who: &Member) -> Result<(), Failure> {
        let stay = self.sign_in(who)?;
        for visitor in 0..2 + self.lots.below(4) {
            let Some(resident) = self.lots.pick(self.residents) else { return Ok(()) };
            let errand = self.lots.pick(ERRANDS).copied().unwrap_or("転入届");
            let number = format!("{errand}-{:02}{:02}-{}{visitor}", day.month(), day.day(), who.id);
            // Now and then nobody writes the reason down; later on that has to be explained.
            let reason = (self.lots.below(25) != 0).then_some(number.as_str());
            let (name, kana) = (&resident.information.name, &resident.information.kana);
            match self.lots.below(3) {
                0 => self.stage.operate(&stay, asked(OperationKind::SearchName, name, reason))?,
                1 => self.stage.operate(&stay, asked(OperationKind::SearchKana, kana, reason))?,
                _ => self.stage.operate(&stay, asked(OperationKind::SearchCode, resident.code(), reason))?,
            }
            self.stage.operate(&stay, consult(resident.code(), reason))?;
            if self.lots.below(3) == 0 {
                self.stage.operate(&stay, asked(OperationKind::PrintForm, resident.code(), reason))?;
            }
            let seconds = i64::try_from(60 + self.lots.below(300)).unwrap_or(60);
            self.stage.pass(SignedDuration::from_secs(seconds));
        }
        self.stage.sign_out(&stay)
    }

    fn sign_in(&self, who: &Member) -> Result<Stay, Failure> {
        self.sign_in_with(who, &who.card_number())
    }

    fn sign_in_with(&self, who: &Member, card: &str) -> Result<Stay, Failure> {
        let (_, terminal) = who.card.ok_or_else(|| stopped(format!("{} has no card", who.id)))?;
        self.stage
            .sign_in((card, &who.pin()), &who.password(), terminal)
            .map_err(|declined| stopped(format!("{}: {declined}", declined.japanese())))
    }

    fn guest_asked(&self, kind: OperationKind) -> Asked {
        asked(kind, self.guest.code(), Some(self.reason))
    }

    /// 第2条第4号: a card for inquiries opens neither the search by name nor a form.
    fn card_kinds(&mut self, _: Date) -> Result<(), Failure> {
        let stay = self.sign_in(member(INQUIRER))?;
        self.stage.operate(&stay, self.guest_asked(OperationKind::Consult))?;
        self.stage.operate_refused(&stay, self.guest_asked(OperationKind::PrintForm), &["2(4)"])?;
        let by_name = asked(OperationKind::SearchName, &self.guest.information.name, Some(self.reason));
        self.stage.operate_refused(&stay, by_name, &["2(4)"])?;
        self.stage.sign_out(&stay)
    }

    /// 第14条第2項: a mistyped password; 第17条: an operator who has not read the rule in force; 第20条: … and is not
    /// named as handler; 第14条第1項: a stay that was left alone.
    fn proofs(&mut self, _: Date) -> Result<(), Failure> {
        let who = member(NO_HANDLER);
        let Some((_, terminal)) = who.card else { return Ok(()) };
        let (card, pin) = (who.card_number(), who.pin());
        for wrong in ["kanpeki-na-aikotoba", "kanpekina-aikotoba"] {
            let tried = self.stage.sign_in((&card, &pin), &wrong.into(), terminal);
            expect_refused(tried, &["14-2"])?;
        }
        let stay = self.sign_in(who)?;
        self.stage.operate_refused(&stay, self.guest_asked(OperationKind::Consult), &["17", "20"])?;
        self.stage.sign_out(&stay)?;

        let stay = self.sign_in(member("2102"))?;
        self.stage.operate(&stay, self.guest_asked(OperationKind::Consult))?;
        self.stage.pass(SignedDuration::from_mins(25));
        self.stage.operate_refused(&stay, self.guest_asked(OperationKind::PrintForm), &["14-1"])?;
        self.stage.sign_out(&stay)
    }

    /// 第16条第3号: a card is reported lost and used by somebody; 第18条: a clerk asks what a colleague did.
    fn lost_card(&mut self, _: Date) -> Result<(), Failure> {
        let who = member(LOSER);
        let lost = access::Act::ReportLostCard {
            card: id(&who.card_number()),
            circumstances: "昼休みに名札入れごと見当たらなくなった".to_owned(),
        };
        self.stage.act(LOSER, lost)?;
        let found_by_somebody = self.stage.present(&who.card_number(), &who.pin(), "T-601");
        expect_refused(found_by_somebody, &["16(3)"])?;
        founding::issue_card(self.stage, who, &who.second_card_number())?;
        let stay = self.sign_in_with(who, &who.second_card_number())?;
        self.stage.operate(&stay, self.guest_asked(OperationKind::Consult))?;
        self.stage.sign_out(&stay)?;

        let stay = self.sign_in(member(CLERK))?;
        let colleague = asked(OperationKind::HistoryOperator, "2102", Some("何をしていたか知りたい"));
        self.stage.operate_refused(&stay, colleague, &["18"])?;
        self.stage.operate(&stay, asked(OperationKind::HistoryOwn, "", None))?;
        self.stage.sign_out(&stay)
    }

    /// 第16条第2号: somebody new is designated, and first by the wrong hand; 第2条第3号: a machine that is no terminal.
    fn newcomer(&mut self, _: Date) -> Result<(), Failure> {
        let who = member(NEWCOMER);
        founding::propose(self.stage, who)?;
        let agree = access::Act::AgreeDesignation(id(&founding::designation_number(who)));
        self.stage.act_refused(CITIZENS_OFFICER, agree, &["16(2)"])?;
        founding::agree(self.stage, who)?;
        founding::name_handler(self.stage, who)?;
        founding::issue_card(self.stage, who, &who.card_number())?;
        founding::first_password(self.stage, who, &who.card_number())?;
        rules::read(self.stage, who)?;

        let elsewhere = self.stage.present(&who.card_number(), &who.pin(), "T-999").map(|_| ());
        expect_refused(elsewhere, &["2(3)"])?;
        let stay = self.sign_in(who)?;
        self.stage.operate(&stay, self.guest_asked(OperationKind::SearchCode))?;
        self.stage.sign_out(&stay)
    }

    /// 第7条第6項: whose hand keeps the list of people; 第4条第2項: the deputy acts, and why; 第18条: for what the
    /// history is looked into.
    fn offices(&mut self, day: Date) -> Result<(), Failure> {
        let transferred = organization::Act::EnrolPerson(NewPerson {
            id: id("2109"),
            name: "転田 来".to_owned(),
            kana: "テンダ ライ".to_owned(),
            section: id("shimin"),
        });
        self.stage.act_refused(CITIZENS_OFFICER, transferred.clone(), &["7-6"])?;
        self.stage.act("2901", transferred)?;

        let away = |reason: &str| organization::Act::OpenActing {
            reason: reason.to_owned(),
            head_unable: false,
            until: calendar::at(day.saturating_add(1.day()), 8, 30),
        };
        self.stage.act_refused(HEAD, away(""), &["4-2"])?;
        self.stage.act(HEAD, away("県庁での会議に出席するため"))?;

        let stay = self.sign_in(member(CITIZENS_OFFICER))?;
        let who_looked = |purpose| asked(OperationKind::HistoryResident, self.guest.code(), purpose);
        self.stage.operate_refused(&stay, who_looked(None), &["18"])?;
        self.stage.operate(&stay, who_looked(Some("本人からの開示請求に答えるため")))?;
        let what_did =
            asked(OperationKind::HistoryOperator, NO_HANDLER, Some("拒否された照会の事情を聴くため"));
        self.stage.operate(&stay, what_did)?;
        self.stage.sign_out(&stay)?;

        self.stage.act(HEAD, organization::Act::CloseActing)?;
        self.manager_searches()
    }

    /// Who runs the system does not look residents up: the card's kind and the list of handlers say no.
    fn manager_searches(&self) -> Result<(), Failure> {
        let stay = self.sign_in(member(ACCESS_MANAGER))?;
        let tried: Result<(), Declined> =
            self.stage.try_operate(&stay, self.guest_asked(OperationKind::Consult));
        expect_refused(tried, &["2(4)", "20"])?;
        self.stage.sign_out(&stay)
    }
}
