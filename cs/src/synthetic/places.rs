//! Addresses in 所沢市: real districts, numbers drawn by lot, so that most name no house that stands.

use super::lots::Lots;

/// A district and how many 丁目 it has; 0 where it has none.
const DISTRICTS: &[(&str, u64)] = &[
    ("並木", 8),
    ("くすのき台", 3),
    ("東所沢", 5),
    ("東所沢和田", 3),
    ("西所沢", 2),
    ("小手指町", 5),
    ("小手指南", 6),
    ("小手指台", 0),
    ("小手指元町", 3),
    ("上新井", 5),
    ("中新井", 5),
    ("西新井町", 0),
    ("松が丘", 2),
    ("美原町", 5),
    ("花園", 4),
    ("緑町", 4),
    ("若狭", 4),
    ("狭山ケ丘", 2),
    ("東狭山ケ丘", 6),
    ("和ケ原", 3),
    ("三ケ島", 5),
    ("林", 3),
    ("星の宮", 2),
    ("宮本町", 2),
    ("けやき台", 2),
    ("中富南", 4),
    ("北中", 4),
    ("北野南", 3),
    ("北野新町", 2),
    ("青葉台", 0),
    ("若松町", 0),
    ("弥生町", 0),
    ("榎町", 0),
    ("向陽町", 0),
    ("泉町", 0),
    ("金山町", 0),
    ("御幸町", 0),
    ("日吉町", 0),
    ("東町", 0),
    ("寿町", 0),
    ("元町", 0),
    ("旭町", 0),
    ("有楽町", 0),
    ("北有楽町", 0),
    ("喜多町", 0),
    ("東住吉", 0),
    ("西住吉", 0),
    ("南住吉", 0),
    ("北原町", 0),
    ("こぶし町", 0),
    ("所沢新町", 0),
    ("岩岡町", 0),
    ("大字久米", 0),
    ("大字荒幡", 0),
    ("大字山口", 0),
    ("大字上山口", 0),
    ("大字牛沼", 0),
    ("大字下安松", 0),
    ("大字上安松", 0),
    ("大字松郷", 0),
    ("大字南永井", 0),
    ("大字亀ケ谷", 0),
    ("大字坂之下", 0),
    ("大字本郷", 0),
    ("大字城", 0),
    ("大字日比田", 0),
    ("大字中富", 0),
    ("大字下富", 0),
    ("大字北岩岡", 0),
    ("大字糀谷", 0),
    ("大字堀之内", 0),
];
const CHOME: [&str; 8] = ["一", "二", "三", "四", "五", "六", "七", "八"];
/// Buildings of no place.
const BUILDINGS: [&str; 8] = [
    "架空ハイツ",
    "見本コーポ",
    "例示マンション",
    "仮想レジデンス",
    "試作荘",
    "想定ハイム",
    "模擬団地1号棟",
    "サンプルパレス",
];

pub(super) fn address(lots: &mut Lots) -> String {
    let (district, chome) = lots.pick(DISTRICTS);
    let mut address = format!("所沢市{district}");
    if chome > 0 {
        address += CHOME[lots.below(chome) as usize];
        address += "丁目";
        address += &format!("{}番地の{}", lots.below(45) + 1, lots.below(60) + 1);
    } else {
        address += &format!("{}番地の{}", lots.below(1_900) + 1, lots.below(40) + 1);
    }
    if lots.one_in(3) {
        let (floor, door) = (lots.below(5) + 1, lots.below(12) + 1);
        address += &format!("　{}{floor}{door:02}号", lots.pick(&BUILDINGS));
    }
    address
}
