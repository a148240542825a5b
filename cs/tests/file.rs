//! The residents file against what it must answer, and against a list in memory.

#![expect(clippy::unwrap_used, reason = "a test whose setting cannot be made fails there")]

use std::collections::BTreeMap;

use cs::{Count, ResidentsFile, limits, shadow, synthetic};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use register::terms::{Change, ChangeReason, Resident, ResidentCode};
use tempfile::TempDir;

const TODAY: Date = date(2026, 4, 1);

fn some(count: usize) -> Vec<Resident> {
    synthetic::residents(11, TODAY).take(count).collect()
}

fn numbered(residents: &[Resident], from: u64) -> impl Iterator<Item = (u64, Resident)> {
    residents.iter().cloned().zip(from..).map(|(resident, index)| (index, resident))
}

fn file_of(residents: &[Resident]) -> (TempDir, ResidentsFile) {
    let dir = TempDir::new().unwrap();
    let file = ResidentsFile::open(dir.path()).unwrap();
    file.apply(numbered(residents, 0), residents.len() as u64).unwrap();
    (dir, file)
}

#[test]
fn a_name_with_a_selector_is_found_by_its_plain_form_and_kept_byte_for_byte() {
    let residents = some(20_000);
    let one = residents.iter().find(|r| r.information.name.contains("邉\u{E0100}")).unwrap();
    let given = one.information.name.split('　').nth(1).unwrap();
    let (_dir, file) = file_of(&residents);
    for typed in [format!("渡辺{given}"), format!("渡邊　{given}"), one.information.name.clone()] {
        let hits = file.search_name(&typed).unwrap();
        assert!(hits.shown.contains(one), "{typed}");
    }
    let consulted = file.consult(one.code()).unwrap().unwrap();
    assert_eq!(consulted.information.name.as_bytes(), one.information.name.as_bytes());
}

#[test]
fn a_reading_is_found_in_every_kind_of_kana() {
    let (_dir, file) = file_of(&some(5_000));
    let counts: Vec<Count> = ["サトウ", "さとう", "ｻﾄｳ", "サ トウ"]
        .iter()
        .map(|typed| file.search_kana(typed).unwrap().count)
        .collect();
    assert!(counts[0].number() > 20, "{counts:?}");
    assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
}

#[test]
fn a_search_shows_the_first_and_counts_all() {
    let residents = some(20_000);
    let (_dir, file) = file_of(&residents);
    let hits = file.search_name("佐藤").unwrap();
    let all = residents.iter().filter(|r| r.information.name.starts_with("佐藤")).count();
    assert_eq!(hits.shown.len(), limits::HITS_SHOWN);
    assert_eq!(hits.count, Count::Exactly(all as u32));
    assert_eq!(hits.as_of, 20_000);
    assert_eq!(file.search_name("そんな名はない").unwrap().count, Count::Exactly(0));
    assert_eq!(file.search_name(" 　").unwrap().count, Count::Exactly(0));
}

#[test]
fn what_is_too_much_to_count_is_said_to_be_at_least_so_many() {
    let mut residents = some(5_500);
    for resident in &mut residents {
        resident.information.name.insert(0, '同');
    }
    let (_dir, file) = file_of(&residents);
    let hits = file.search_name("同").unwrap();
    assert_eq!(hits.count, Count::AtLeast(5_000));
    assert_eq!(hits.count.japanese(), "5000件以上");
}

#[test]
fn a_household_is_found_whole() {
    let residents = some(1_000);
    let (_dir, file) = file_of(&residents);
    let household = residents[0].household.clone().unwrap();
    let mut expected: Vec<_> =
        residents.iter().filter(|r| r.household.as_ref() == Some(&household)).cloned().collect();
    expected.sort_by_key(Resident::code);
    assert_eq!(file.household(&household).unwrap(), expected);
}

#[test]
fn a_changed_code_leaves_nothing_under_the_former_one() {
    let residents = some(10);
    let (_dir, file) = file_of(&residents);
    let former = residents[3].code();
    let mut recoded = residents[3].clone();
    recoded.information.code = ResidentCode::of_body(42).unwrap();
    recoded.information.change =
        Some(Change { reason: ChangeReason::CodeOnRequest, on: TODAY, former_code: Some(former) });
    file.apply([(10, recoded.clone())], 11).unwrap();
    assert_eq!(file.consult(former).unwrap(), None);
    assert_eq!(file.search_code(recoded.code()).unwrap().shown, [recoded]);
    assert_eq!(file.len().unwrap(), 10);
}

#[test]
fn an_entry_at_the_size_leaves_the_file_as_it_was() {
    let residents = some(3);
    let (_dir, file) = file_of(&residents[..1]);
    assert!(file.apply(numbered(&residents[1..], 1), 2).is_err());
    assert_eq!((file.applied_size().unwrap(), file.len().unwrap()), (1, 1));
}

#[test]
fn an_old_batch_that_comes_late_changes_nothing() {
    let residents = some(2);
    let (_dir, file) = file_of(&residents);
    let mut moved = residents[0].clone();
    moved.information.address = "所沢市並木一丁目1番地の1".to_owned();
    file.apply([(2, moved.clone())], 3).unwrap();
    file.apply(numbered(&residents, 0), 2).unwrap();
    assert_eq!(file.consult(moved.code()).unwrap(), Some(moved));
    assert_eq!(file.applied_size().unwrap(), 3);
}

#[test]
fn a_missing_or_damaged_file_is_made_anew() {
    let residents = some(20);
    let (dir, file) = file_of(&residents);
    drop(file);
    let path = dir.path().join("residents.db");
    for damage in [&b"not a database, but long enough to be looked at as one"[..], &b""[..]] {
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(dir.path().join(format!("residents.db{suffix}")));
        }
        std::fs::write(&path, damage).unwrap();
        let file = ResidentsFile::open(dir.path()).unwrap();
        assert_eq!((file.applied_size().unwrap(), file.len().unwrap()), (0, 0));
        file.apply(numbered(&residents, 0), 20).unwrap();
        assert_eq!(file.len().unwrap(), 20);
    }
}

#[test]
fn an_import_changes_only_what_differs() {
    let residents = some(50);
    let (_dir, file) = file_of(&residents);
    let mut bytes = Vec::new();
    cs::table::write(&mut bytes, &residents).unwrap();
    let read = || cs::table::read(&bytes, TODAY, Default::default()).unwrap().whole().unwrap();
    assert_eq!(file.changes(read()).unwrap(), []);
    let mut imported = read();
    imported[7].information.address.push_str("別棟");
    let changed = file.changes(imported).unwrap();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].household, residents[7].household);
}

#[test]
fn searches_run_beside_a_fold() {
    let residents = some(4_000);
    let (_dir, file) = file_of(&residents[..1_000]);
    std::thread::scope(|scope| {
        let searching = scope.spawn(|| {
            (0..200).all(|_| {
                let hits = file.search_name("佐藤").unwrap();
                hits.as_of == 1_000 || hits.as_of == 4_000
            })
        });
        file.apply(numbered(&residents[1_000..], 1_000), 4_000).unwrap();
        assert!(searching.join().unwrap());
    });
}

/// The answers of a plain list.
fn oracle(entries: &[Resident], prefix: &str) -> Vec<Resident> {
    let latest: BTreeMap<ResidentCode, &Resident> = entries.iter().map(|r| (r.code(), r)).collect();
    let wanted = shadow::name(prefix);
    let key = |r: &Resident| (shadow::name(&r.information.name), r.code());
    let mut found: Vec<Resident> = latest.values().map(|r| (*r).clone()).collect();
    found.retain(|r| !wanted.is_empty() && key(r).0.starts_with(&wanted));
    found.sort_by_key(key);
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However a journal is cut into batches, given twice or reopened between, the file answers as a list does.
    #[test]
    fn any_batches_fold_to_the_same_answers(
        picks in proptest::collection::vec((0..30_usize, "[高髙佐渡﨑邉]{1,3}"), 1..60),
        cuts in proptest::collection::vec(1..20_usize, 1..10),
        prefix in "[高佐渡崎辺]{0,2}",
    ) {
        let base = some(30);
        let entries: Vec<Resident> = picks.into_iter().map(|(at, name)| {
            let mut resident = base[at].clone();
            resident.information.name = name;
            resident
        }).collect();
        let dir = TempDir::new().unwrap();
        let mut from = 0;
        for cut in cuts.iter().cycle() {
            let to = (from + cut).min(entries.len());
            let file = ResidentsFile::open(dir.path()).unwrap();
            for _ in 0..2 {
                file.apply(numbered(&entries[from.saturating_sub(3)..to], from.saturating_sub(3) as u64), to as u64)
                    .unwrap();
            }
            prop_assert_eq!(file.applied_size().unwrap(), to as u64);
            from = to;
            if to == entries.len() { break; }
        }
        let file = ResidentsFile::open(dir.path()).unwrap();
        let hits = file.search_name(&prefix).unwrap();
        let expected = oracle(&entries, &prefix);
        prop_assert_eq!(hits.count, Count::Exactly(expected.len() as u32));
        prop_assert_eq!(hits.shown, expected.into_iter().take(limits::HITS_SHOWN).collect::<Vec<_>>());
    }

    #[test]
    fn any_text_may_be_searched_for(texts in proptest::collection::vec(".*", 20)) {
        let (_dir, file) = file_of(&some(5));
        for text in texts {
            file.search_name(&text).unwrap();
            file.search_kana(&text).unwrap();
        }
    }
}
