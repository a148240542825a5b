//! Synthetic residents for the demo, the tests and the benchmarks: nobody in them exists.
//!
//! The same seed gives the same residents for ever, on any machine. Surnames, given names and districts are
//! common knowledge; who bears which name, lives where and was born when is drawn by lot. Household numbers begin
//! with `S` for synthetic, so that a record shows where it comes from.

mod lots;
mod names;
mod places;

use std::collections::{HashSet, VecDeque};

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use register::terms::{HouseholdId, IdentificationInformation, Resident, ResidentCode, Schema, Sex};

use lots::Lots;

/// For pages that show synthetic residents.
pub const NOTICE: &str = "住民はすべて架空です（乱数で作ったもの）";

/// Nobody is born before.
const EARLIEST_BIRTH: Date = date(1920, 1, 1);
/// Of so many households one is under 支援措置, all its members with it.
const PROTECTED_ONE_IN: u64 = 200;
/// Of so many households one bears names from abroad.
const FROM_ABROAD_ONE_IN: u64 = 40;
/// Households by number of members, in percent, from one to five.
const SIZES: [u64; 5] = [39, 28, 17, 12, 4];

/// Synthetic residents without end, household after household.
#[derive(Clone, Debug)]
pub struct Residents {
    lots: Lots,
    today: Date,
    schema: Schema,
    taken: HashSet<u64>,
    waiting: VecDeque<Resident>,
    households: u32,
}

/// The residents of a seed as of a day: none is born after it, and their records have the version in force on it.
pub fn residents(seed: u64, today: Date) -> Residents {
    Residents {
        lots: Lots::new(seed),
        today,
        schema: Schema::in_force_on(today).unwrap_or(Schema::Heisei14),
        taken: HashSet::new(),
        waiting: VecDeque::new(),
        households: 0,
    }
}

impl Iterator for Residents {
    type Item = Resident;

    fn next(&mut self) -> Option<Resident> {
        if self.waiting.is_empty() {
            self.found_household();
        }
        self.waiting.pop_front()
    }
}

/// Who somebody is in a household.
#[derive(Clone, Copy)]
struct Member {
    sex: Sex,
    birth: Date,
}

impl Residents {
    fn found_household(&mut self) {
        self.households += 1;
        let household = HouseholdId::new(format!("S{:08}", self.households));
        let address = places::address(&mut self.lots);
        let protected = self.lots.one_in(PROTECTED_ONE_IN);
        let from_abroad = self.lots.one_in(FROM_ABROAD_ONE_IN);
        let surname = if from_abroad {
            self.lots.pick(names::FAMILY_NAMES_FROM_ABROAD)
        } else {
            names::surname(&mut self.lots)
        };
        for member in self.members() {
            let given = if from_abroad {
                names::given_from_abroad(&mut self.lots, member.sex)
            } else {
                names::given(&mut self.lots, member.sex, member.birth.year())
            };
            // Names from abroad are written with the half-width space of their documents.
            let space = if from_abroad { " " } else { "　" };
            let information = IdentificationInformation {
                schema: self.schema,
                code: self.code(),
                name: [surname.0, space, given.0].concat(),
                kana: [surname.1, "　", given.1].concat(),
                former_surname: None,
                birth: member.birth,
                sex: member.sex,
                address: address.clone(),
                individual_number: None,
                change: None,
            };
            self.waiting.push_back(Resident { information, protected, household: Some(household.clone()) });
        }
    }

    /// A head, for most of the others a spouse, and children of theirs.
    fn members(&mut self) -> Vec<Member> {
        let size = self.lots.weighted(&SIZES) + 1;
        let age = 20 + self.lots.below(76);
        let head = Member { sex: self.sex(), birth: self.born_before(age) };
        let mut members = vec![head];
        let with_spouse = size > 1 && !self.lots.one_in(6);
        if with_spouse {
            let sex = if head.sex == Sex::Male { Sex::Female } else { Sex::Male };
            let spouse_age = (age + self.lots.below(11)).saturating_sub(5).max(18);
            members.push(Member { sex, birth: self.born_before(spouse_age) });
        }
        while members.len() < size {
            // The younger the parent, the younger the child; nobody is a parent before twenty.
            let child_age = age.saturating_sub(20 + self.lots.below(18));
            members.push(Member { sex: self.sex(), birth: self.born_before(child_age) });
        }
        members
    }

    fn sex(&mut self) -> Sex {
        if self.lots.one_in(2) { Sex::Male } else { Sex::Female }
    }

    /// A birth `age` years and some days before today.
    fn born_before(&mut self, age: u64) -> Date {
        let days = age * 365 + age / 4 + self.lots.below(365);
        let birth = self.today.saturating_sub((days as i64).days());
        birth.clamp(EARLIEST_BIRTH, self.today.max(EARLIEST_BIRTH))
    }

    /// A code that nobody before has.
    fn code(&mut self) -> ResidentCode {
        loop {
            let body = self.lots.below(10_000_000_000);
            if self.taken.insert(body)
                && let Some(code) = ResidentCode::of_body(body)
            {
                return code;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    const TODAY: Date = date(2026, 4, 1);

    #[test]
    fn a_seed_gives_the_same_residents_for_ever() {
        let json = |seed| {
            let some: Vec<_> = residents(seed, TODAY).take(3).collect();
            serde_json::to_string(&some[0]).unwrap()
        };
        assert_eq!(json(1), json(1));
        assert_ne!(json(1), json(2));
        assert_eq!(json(2002), include_str!("first-of-2002.json").trim_end());
    }

    #[test]
    fn twenty_thousand_are_sound() {
        let all: Vec<Resident> = residents(7, TODAY).take(20_000).collect();
        let codes: BTreeSet<_> = all.iter().map(Resident::code).collect();
        assert_eq!(codes.len(), all.len());
        assert!(codes.iter().all(|code| code.checks()));
        for resident in &all {
            assert_eq!(resident.problems(TODAY), [], "{:?}", resident.information.name);
        }
        let protected = all.iter().filter(|resident| resident.protected).count();
        assert!((40..200).contains(&protected), "{protected} of 20000 are protected");
        let with = |mark: char| all.iter().filter(|r| r.information.name.contains(mark)).count();
        for mark in ['\u{E0100}', '髙', '﨑', '𠮷', '邊'] {
            assert!(with(mark) > 0, "nobody has {mark:?}");
        }
    }

    #[test]
    fn a_household_lives_together_and_bears_one_surname() {
        let mut households: BTreeMap<_, Vec<Resident>> = BTreeMap::new();
        for resident in residents(3, TODAY).take(5_000) {
            households.entry(resident.household.clone()).or_default().push(resident);
        }
        for members in households.values() {
            assert!((1..=5).contains(&members.len()));
            let surname = |r: &Resident| r.information.name.split(['　', ' ']).next().map(str::to_owned);
            assert!(members.iter().all(|m| m.information.address == members[0].information.address));
            assert!(members.iter().all(|m| surname(m) == surname(&members[0])));
            assert!(members.iter().all(|m| m.protected == members[0].protected));
        }
    }
}
