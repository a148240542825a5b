//! residents.csv in and out.

#![expect(clippy::unwrap_used, reason = "a test whose setting cannot be made fails there")]

use cs::synthetic;
use cs::table::{FileFault, read, write};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use register::terms::{CheckDigit, Resident};

const TODAY: Date = date(2026, 4, 1);
const HEADER: &str = "住民票コード,氏名,フリガナ,生年月日,性別,住所,支援措置";
const ROW: &str = "12345678903,所沢　花子,トコロザワ　ハナコ,昭和60年7月3日,女,所沢市並木一丁目1番地の1,無";

fn residents_of(text: &str) -> Vec<Resident> {
    read(text.as_bytes(), TODAY, CheckDigit::Refuse).unwrap().whole().unwrap()
}

#[test]
fn a_table_is_written_for_spreadsheets() {
    let mut bytes = Vec::new();
    write(&mut bytes, &residents_of(&format!("{HEADER}\n{ROW}\n"))).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let row = ROW.replace("昭和60年7月3日", "1985-07-03");
    assert_eq!(text, format!("\u{FEFF}{HEADER}\r\n{row}\r\n"));
}

#[test]
fn every_encoding_gives_the_same_residents() {
    let text = format!("{HEADER}\r\n{ROW}\r\n");
    let expected = residents_of(&text);
    let (cp932, _, unmappable) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!unmappable);
    let marked = format!("\u{FEFF}{text}");
    for bytes in [&cp932[..], marked.as_bytes(), text.replace("\r\n", "\n").as_bytes()] {
        assert_eq!(read(bytes, TODAY, CheckDigit::Refuse).unwrap().whole().unwrap(), expected);
    }
}

#[test]
fn cp932_has_the_vendors_own_kanji() {
    let text = format!("{HEADER}\n{}\n", ROW.replace("所沢　花子", "髙﨑　花子"));
    let (cp932, _, unmappable) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!unmappable);
    let read = read(&cp932, TODAY, CheckDigit::Refuse).unwrap().whole().unwrap();
    assert_eq!(read[0].information.name, "髙﨑　花子");
}

#[test]
fn columns_stand_in_any_order_and_unknown_ones_are_named() {
    let text = "支援措置,備考,性別,住所,フリガナ,氏名,生年月日,住民票コード\n\
                有,x,男,所沢市並木,タロウ,太郎,R8.4.1,1234-5678-903\n";
    let reading = read(text.as_bytes(), TODAY, CheckDigit::Refuse).unwrap();
    assert_eq!(reading.ignored_columns, ["備考"]);
    let residents = reading.whole().unwrap();
    assert!(residents[0].protected);
    assert_eq!(residents[0].information.birth, TODAY);
}

#[test]
fn faults_name_line_and_column_and_nothing_is_imported() {
    let text = format!(
        "{HEADER}\n{ROW}\n\"12345678904\",\"二行に\nわたる\",カ,昭和64年1月8日,男性,住所,無\n\n{ROW}\n1,,,,,,\n"
    );
    let crlf = read(text.replace('\n', "\r\n").as_bytes(), TODAY, CheckDigit::Refuse).unwrap();
    let reading = read(text.as_bytes(), TODAY, CheckDigit::Refuse).unwrap().whole().unwrap_err();
    assert_eq!(crlf.faults, reading.faults);
    let faults: Vec<String> = reading.faults.iter().map(|fault| fault.at_japanese()).collect();
    assert_eq!(
        faults,
        [
            "3行目 住民票コード: 住民票コードの検査数字が合いません。番号を確かめてください",
            "3行目 生年月日: 「昭和64年1月8日」は日付として読めません。昭和の期間にありません（平成元年1月8日に当たります）。例: 令和8年4月1日、R8.4.1、2026-04-01",
            "6行目 住民票コード: 2行目と同じ住民票コードです",
            "7行目 住民票コード: 住民票コードは11桁です（入力は1桁）",
            "7行目 生年月日: 「」は日付として読めません。日付がありません。例: 令和8年4月1日、R8.4.1、2026-04-01",
            "7行目 性別: 「」は使えません。男・女のいずれかにしてください",
            "7行目 支援措置: 「」は使えません。有・無のいずれかにしてください",
        ]
    );
    assert_eq!((reading.residents.len(), reading.rejected.len()), (1, 3));
    let mut rejected = Vec::new();
    reading.write_rejected(&mut rejected).unwrap();
    let again = read(&rejected, TODAY, CheckDigit::Refuse).unwrap();
    assert_eq!(again.ignored_columns, ["行", "理由"]);
    assert_eq!(again.rejected.len() + again.residents.len(), 3);
}

#[test]
fn a_wrong_check_digit_can_be_a_warning() {
    let text = format!("{HEADER}\n{}\n", ROW.replace("12345678903", "12345678904"));
    let reading = read(text.as_bytes(), TODAY, CheckDigit::Warn).unwrap();
    assert_eq!((reading.residents.len(), reading.warnings.len(), reading.fault_count), (1, 1, 0));
}

#[test]
fn a_file_that_is_no_table_says_why() {
    let fault = |bytes: &[u8]| read(bytes, TODAY, CheckDigit::Refuse).unwrap_err();
    assert_eq!(fault(b""), FileFault::NoHeader);
    assert_eq!(fault("氏名,氏名\n".as_bytes()), FileFault::DoubleColumn("氏名".to_owned()));
    assert!(matches!(fault(b"a,b\n"), FileFault::MissingColumns(names) if names.len() == 7));
    assert_eq!(fault(b"a,b\nx\n\x82\n"), FileFault::Encoding { line: 3 });
    assert_eq!(fault(b"\xEF\xBB\xBFa,b\n\xFF\n"), FileFault::Encoding { line: 2 });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is written is read again, formulas, quotes and apostrophes included.
    #[test]
    fn a_table_comes_back(names in proptest::collection::vec("['=+@,\"\\-]{0,4}[^\\p{C}\\s'][^\\p{C}\\p{Z}]{0,5}", 1..8)) {
        let mut residents: Vec<Resident> = synthetic::residents(1, TODAY).take(names.len()).collect();
        for (resident, name) in residents.iter_mut().zip(names) {
            resident.information.name = name;
            resident.household = None;
        }
        let mut bytes = Vec::new();
        write(&mut bytes, &residents).unwrap();
        prop_assert_eq!(read(&bytes, TODAY, CheckDigit::Refuse).unwrap().whole().unwrap(), residents);
    }

    #[test]
    fn no_cell_is_a_formula(name in "[=+@\\-\t][^\\p{C}]{0,5}") {
        let mut resident = synthetic::residents(1, TODAY).next().unwrap();
        resident.information.name = name;
        let mut bytes = Vec::new();
        write(&mut bytes, [&resident]).unwrap();
        let mut rows = csv::Reader::from_reader(&bytes[..]);
        for cell in rows.records().next().unwrap().unwrap().iter() {
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{}", cell);
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut table = format!("{HEADER}\n").into_bytes();
        table.extend(&bytes);
        let _ = read(&bytes, TODAY, CheckDigit::Refuse);
        let _ = read(&table, TODAY, CheckDigit::Warn);
    }
}
