//! The history index against what it must answer, and against a list in memory.

#![expect(clippy::unwrap_used, reason = "a test whose setting cannot be made fails there")]

use std::path::Path;

use history::{Cursor, HistoryIndex, Order, Outcome, Period, Query, Row, StoreError, Subject};
use jiff::Timestamp;
use proptest::prelude::*;
use register::access::{OperationKind, Output};
use register::terms::ResidentCode;
use tempfile::TempDir;

/// 2025-12-31T23:59:58 in Japan: two seconds before a new year's file.
const NEAR_NEW_YEAR: i64 = 1_767_193_198;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NEAR_NEW_YEAR + seconds).unwrap()
}

fn code(body: u64) -> ResidentCode {
    ResidentCode::of_body(body).unwrap()
}

fn row(index: u64, seconds: i64, operator: &str, resident: Option<u64>) -> Row {
    Row {
        index,
        at: at(seconds),
        operator: operator.to_owned(),
        card: Some(format!("C-{operator}")),
        terminal: (!index.is_multiple_of(3)).then(|| format!("T{}", index % 3)),
        section: Some("市民課".to_owned()),
        kind: OperationKind::ALL[index as usize % OperationKind::ALL.len()],
        resident: resident.map(code),
        hits: resident.map_or(0, |_| index * 1_000),
        output: Output::ALL[index as usize % 4],
        reason: (!index.is_multiple_of(2)).then(|| format!("届-{index}")),
        condition: "渡邉\u{E0100}".repeat(index as usize % 3),
        outcome: Outcome::ALL[index as usize % 3],
    }
}

fn all(order: Order) -> Query {
    Query { period: Period::ALL, order, limit: 1_000, after: None }
}

fn indices(index: &HistoryIndex, subject: &Subject, query: &Query) -> Vec<u64> {
    index.page(subject, query).unwrap().rows.iter().map(|row| row.index).collect()
}

#[test]
fn who_touched_a_resident_and_what_an_operator_did() {
    let dir = TempDir::new().unwrap();
    let index = HistoryIndex::open(dir.path()).unwrap();
    let rows = [
        row(0, 0, "佐藤", Some(1)),
        row(2, 1, "鈴木", Some(1)),
        row(2, 1, "鈴木", Some(2)),
        row(3, 2, "鈴木", None),
        row(5, 9, "佐藤", Some(1)),
    ];
    index.apply(rows.clone(), 7).unwrap();
    assert_eq!(index.applied_size(), 7);
    let page = index.page(&Subject::Resident(code(1)), &all(Order::OldestFirst)).unwrap();
    assert_eq!(page.rows, [rows[0].clone(), rows[1].clone(), rows[4].clone()]);
    assert_eq!((page.next, page.as_of), (None, 7));
    let page = index.page(&Subject::Operator("鈴木".to_owned()), &all(Order::NewestFirst)).unwrap();
    assert_eq!(page.rows, [rows[3].clone(), rows[2].clone(), rows[1].clone()]);
    let nobody = index.page(&Subject::Operator("田中".to_owned()), &all(Order::NewestFirst)).unwrap();
    assert_eq!(nobody.rows, []);
}

#[test]
fn a_year_ends_at_midnight_in_japan() {
    let dir = TempDir::new().unwrap();
    let index = HistoryIndex::open(dir.path()).unwrap();
    index.apply([row(0, 1, "佐藤", None), row(1, 2, "佐藤", None)], 2).unwrap();
    for year in ["2025.db", "2026.db"] {
        assert!(dir.path().join("history").join(year).exists(), "{year}");
    }
    assert_eq!(index.count(&Subject::Operator("佐藤".to_owned()), &Period::ALL).unwrap().rows, 2);
}

#[test]
fn a_period_begins_with_its_first_moment_and_ends_before_its_last() {
    let dir = TempDir::new().unwrap();
    let index = HistoryIndex::open(dir.path()).unwrap();
    index.apply((0..10).map(|i| row(i, i as i64, "佐藤", Some(1))), 10).unwrap();
    let period = Period { from: at(1), to: at(4) };
    for subject in [Subject::Resident(code(1)), Subject::Operator("佐藤".to_owned())] {
        let query = Query { period, ..all(Order::OldestFirst) };
        assert_eq!(indices(&index, &subject, &query), [1, 2, 3]);
        assert_eq!(index.count(&subject, &period).unwrap().rows, 3);
        let empty = Period { from: at(4), to: at(4) };
        assert_eq!(index.count(&subject, &empty).unwrap().rows, 0);
    }
}

#[test]
fn a_batch_that_fails_is_not_seen_and_may_come_again() {
    let dir = TempDir::new().unwrap();
    let index = HistoryIndex::open(dir.path()).unwrap();
    let rows = [row(0, 0, "佐藤", Some(1)), row(1, 5, "佐藤", Some(1))];
    let beyond = index.apply(rows.clone(), 1).unwrap_err();
    assert!(matches!(beyond, StoreError::BeyondSize { index: 1, size: 1 }));
    let disorder = index.apply([rows[1].clone(), rows[0].clone()], 2).unwrap_err();
    assert!(matches!(disorder, StoreError::OutOfOrder { index: 0, after: 1 }));
    assert_eq!(index.applied_size(), 0);
    index.apply(rows.clone(), 2).unwrap();
    assert_eq!(indices(&index, &Subject::Resident(code(1)), &all(Order::OldestFirst)), [0, 1]);
}

/// Takes a year's file back to an earlier state, as a power cut may.
fn copy_files(from: &Path, to: &Path, name: &str) {
    for suffix in ["", "-wal", "-shm"] {
        let name = format!("{name}{suffix}");
        let _ = std::fs::remove_file(to.join(&name));
        if from.join(&name).exists() {
            std::fs::copy(from.join(&name), to.join(&name)).unwrap();
        }
    }
}

#[test]
fn a_year_that_comes_back_smaller_takes_the_fold_back() {
    let (dir, early) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let folder = dir.path().join("history");
    let rows: Vec<Row> = (0..6).map(|i| row(i, if i % 2 == 0 { 0 } else { 100 }, "佐藤", Some(1))).collect();
    let index = HistoryIndex::open(dir.path()).unwrap();
    index.apply(rows[..2].to_vec(), 2).unwrap();
    drop(index);
    copy_files(&folder, early.path(), "2026.db");
    let index = HistoryIndex::open(dir.path()).unwrap();
    index.apply(rows[2..].to_vec(), 6).unwrap();
    drop(index);
    copy_files(early.path(), &folder, "2026.db");
    let index = HistoryIndex::open(dir.path()).unwrap();
    assert_eq!(index.applied_size(), 2);
    // What the other year already holds beyond that is not shown.
    assert_eq!(indices(&index, &Subject::Resident(code(1)), &all(Order::OldestFirst)), [0, 1]);
    index.apply(rows[2..].to_vec(), 6).unwrap();
    assert_eq!(indices(&index, &Subject::Resident(code(1)), &all(Order::OldestFirst)), [0, 2, 4, 1, 3, 5]);
}

#[test]
fn a_crash_between_two_years_is_healed_by_the_same_batch() {
    let (dir, early) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let folder = dir.path().join("history");
    let rows: Vec<Row> = (0..6).map(|i| row(i, if i % 2 == 0 { 0 } else { 100 }, "佐藤", Some(1))).collect();
    let index = HistoryIndex::open(dir.path()).unwrap();
    index.apply(rows[..2].to_vec(), 2).unwrap();
    drop(index);
    for name in ["2026.db", "fold.db"] {
        copy_files(&folder, early.path(), name);
    }
    let index = HistoryIndex::open(dir.path()).unwrap();
    index.apply(rows[2..].to_vec(), 6).unwrap();
    drop(index);
    // 2025 was committed, 2026 and the fold were not.
    for name in ["2026.db", "fold.db"] {
        copy_files(early.path(), &folder, name);
    }
    let index = HistoryIndex::open(dir.path()).unwrap();
    assert_eq!(index.applied_size(), 2);
    index.apply(rows[2..].to_vec(), 6).unwrap();
    assert_eq!(
        indices(&index, &Subject::Operator("佐藤".to_owned()), &all(Order::OldestFirst)),
        [0, 2, 4, 1, 3, 5]
    );
}

#[test]
fn a_lost_or_damaged_file_means_folding_again() {
    let rows: Vec<Row> = (0..4).map(|i| row(i, i as i64, "佐藤", Some(1))).collect();
    for name in ["2025.db", "2026.db", "fold.db"] {
        for damage in [None, Some(&b"not a database, but long enough to be looked at as one"[..])] {
            let dir = TempDir::new().unwrap();
            HistoryIndex::open(dir.path()).unwrap().apply(rows.clone(), 4).unwrap();
            let path = dir.path().join("history").join(name);
            std::fs::remove_file(&path).unwrap();
            if let Some(damage) = damage {
                std::fs::write(&path, damage).unwrap();
            }
            let index = HistoryIndex::open(dir.path()).unwrap();
            assert_eq!(index.applied_size(), 0, "{name}");
            index.apply(rows.clone(), 4).unwrap();
            assert_eq!(indices(&index, &Subject::Resident(code(1)), &all(Order::OldestFirst)), [0, 1, 2, 3]);
        }
    }
}

#[test]
fn a_cleared_index_starts_again() {
    let dir = TempDir::new().unwrap();
    let index = HistoryIndex::open(dir.path()).unwrap();
    index.apply([row(0, 0, "佐藤", Some(1)), row(1, 9, "佐藤", Some(1))], 2).unwrap();
    index.clear().unwrap();
    assert_eq!(index.applied_size(), 0);
    assert!(indices(&index, &Subject::Resident(code(1)), &all(Order::OldestFirst)).is_empty());
    index.apply([row(0, 0, "鈴木", Some(1))], 1).unwrap();
    drop(index);
    let index = HistoryIndex::open(dir.path()).unwrap();
    assert_eq!(
        index.page(&Subject::Resident(code(1)), &all(Order::OldestFirst)).unwrap().rows[0].operator,
        "鈴木"
    );
}

#[test]
fn an_operations_file_is_written_for_spreadsheets() {
    let mut first = row(0, 0, "op-1", Some(1));
    first.condition = "=HYPERLINK(\"x\")".to_owned();
    let second = Row { resident: None, kind: OperationKind::HistoryOwn, ..row(1, 2, "op-1", None) };
    let mut bytes = Vec::new();
    history::table::write(&mut bytes, [Ok::<_, StoreError>(first), Ok(second)]).unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "\u{FEFF}日時,操作者ID,カード番号,端末番号,業務,操作,検索条件,住民票コード,結果件数,出力,結果,根拠番号\r\n\
         2025-12-31T23:59:58+09:00,op-1,C-op-1,,本人確認情報,氏名検索,\"'=HYPERLINK(\"\"x\"\")\",00000000019,0,なし,正常,\r\n\
         2026-01-01T00:00:00+09:00,op-1,C-op-1,T1,操作履歴,照会,渡邉\u{E0100},,0,画面,拒否,届-1\r\n"
    );
}

#[test]
fn questions_are_answered_beside_a_fold() {
    let dir = TempDir::new().unwrap();
    let index = HistoryIndex::open(dir.path()).unwrap();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            (0..500).all(|_| {
                let page = index.page(&Subject::Resident(code(1)), &all(Order::OldestFirst)).unwrap();
                page.rows.len() as u64 == page.as_of
            })
        });
        for i in 0..100 {
            let operator = format!("op-{i}");
            index.apply([row(i, i as i64 / 50, &operator, Some(1))], i + 1).unwrap();
        }
        assert!(asking.join().unwrap());
    });
}

fn subject() -> impl Strategy<Value = Subject> {
    prop_oneof![
        (0..4_u64).prop_map(|body| Subject::Resident(code(body))),
        prop::sample::select(vec!["a", "b", "c", "nobody"])
            .prop_map(|name| Subject::Operator(name.to_owned())),
    ]
}

/// Entries of 0 to 3 rows each, over a new year.
fn entries() -> impl Strategy<Value = Vec<Vec<Row>>> {
    let entry = (-5..8_i64, 0..3_usize, prop::collection::vec(prop::option::of(0..4_u64), 0..4));
    prop::collection::vec(entry, 1..40).prop_map(|entries| {
        let rows = |(index, (seconds, operator, residents)): (usize, (i64, usize, Vec<Option<u64>>))| {
            let operator = ["a", "b", "c"][operator];
            residents.into_iter().map(|resident| row(index as u64, seconds, operator, resident)).collect()
        };
        entries.into_iter().enumerate().map(rows).collect()
    })
}

/// The answer of a plain list.
fn oracle(entries: &[Vec<Row>], subject: &Subject, period: &Period, order: Order) -> Vec<Row> {
    let mut rows: Vec<(usize, Row)> =
        entries.iter().flat_map(|rows| rows.iter().cloned().enumerate()).collect();
    rows.retain(|(_, row)| {
        let of_subject = match subject {
            Subject::Resident(code) => row.resident == Some(*code),
            Subject::Operator(operator) => row.operator == *operator,
        };
        of_subject && period.contains(row.at)
    });
    match subject {
        Subject::Resident(_) => rows.sort_by_key(|(seq, row)| (row.at >= at(2), row.index, *seq)),
        Subject::Operator(_) => rows.sort_by_key(|(seq, row)| (row.at, row.index, *seq)),
    }
    if order == Order::NewestFirst {
        rows.reverse();
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However a journal is cut into batches, given twice or reopened between, the index answers as a list does,
    /// page by page.
    #[test]
    fn any_batches_fold_to_the_same_answers(
        entries in entries(),
        cuts in prop::collection::vec(1..15_usize, 1..6),
        questions in prop::collection::vec((subject(), -6..9_i64, 0..9_i64, any::<bool>(), 1..6_usize), 1..8),
    ) {
        let dir = TempDir::new().unwrap();
        let mut index = HistoryIndex::open(dir.path()).unwrap();
        let mut from = 0;
        for cut in cuts.iter().cycle() {
            let to = (from + cut).min(entries.len());
            for start in [from.saturating_sub(2), from] {
                index.apply(entries[start..to].iter().flatten().cloned(), to as u64).unwrap();
            }
            if cut % 3 == 0 {
                drop(index);
                index = HistoryIndex::open(dir.path()).unwrap();
            }
            prop_assert_eq!(index.applied_size(), to as u64);
            from = to;
            if to == entries.len() { break; }
        }
        for (subject, begin, length, newest, limit) in questions {
            let period = Period { from: at(begin), to: at(begin + length) };
            let order = if newest { Order::NewestFirst } else { Order::OldestFirst };
            let expected = oracle(&entries, &subject, &period, order);
            let mut after: Option<Cursor> = None;
            let mut rows = Vec::new();
            loop {
                let page = index.page(&subject, &Query { period, order, limit, after }).unwrap();
                prop_assert!(page.rows.len() == limit || page.next.is_none());
                rows.extend(page.rows);
                after = page.next;
                if after.is_none() { break; }
            }
            prop_assert_eq!(&rows, &expected);
            prop_assert_eq!(index.count(&subject, &period).unwrap().rows, expected.len() as u64);
            let streamed: Vec<Row> = index.rows(subject, period, order).map(Result::unwrap).collect();
            prop_assert_eq!(streamed, expected);
        }
    }
}
