//! The people of the demo city. Nobody in it exists: names, numbers, PINs and passwords are made up.

use office::credentials::{Password, initial_password};

use super::lots::Lots;

/// For whatever shows these people.
pub(super) const NOTICE: &str = "登場人物も住民もすべて架空です";

/// Somebody of the demo city.
pub(super) struct Member {
    /// 職員番号.
    pub(super) id: &'static str,
    /// 氏名.
    pub(super) name: &'static str,
    /// フリガナ.
    pub(super) kana: &'static str,
    /// 課所.
    pub(super) section: &'static str,
    /// The office held, from which posts follow.
    pub(super) office: Option<&'static str>,
    /// Section and office in English.
    pub(super) english: &'static str,
    /// The kind of card, and the terminal where it is used; none for those who do not operate.
    pub(super) card: Option<(&'static str, &'static str)>,
    /// May handle 本人確認情報 (第20条第1項).
    pub(super) handler: bool,
    /// What is worth trying as this person.
    pub(super) to_try: &'static str,
}

/// A terminal: number, room, section.
pub(super) const TERMINALS: &[(&str, &str, &str)] = &[
    ("T-101", "terminal-shimin", "shimin"),
    ("T-102", "terminal-shimin", "shimin"),
    ("T-103", "terminal-shimin", "shimin"),
    ("T-104", "terminal-shimin", "shimin"),
    ("T-201", "terminal-matsui", "shutchojo-matsui"),
    ("T-301", "terminal-kotesashi", "shutchojo-kotesashi"),
    ("T-401", "terminal-yamaguchi", "shutchojo-yamaguchi"),
    ("T-501", "terminal-shin-tokorozawa", "shutchojo-shin-tokorozawa"),
    ("T-601", "terminal-service-corner", "service-corner"),
    ("T-901", "cs-room", "joho-tokei"),
];

/// 総合政策部長, and so セキュリティ統括責任者.
pub(super) const HEAD: &str = "1001";
/// Keeps the council's papers in 情報統計課.
pub(super) const SECRETARY: &str = "2902";
/// Keeps the locks, the tags and the operation plan's run sheet in 情報統計課.
pub(super) const LOCK_KEEPER: &str = "2901";
/// Makes the cards in 情報統計課 that the アクセス管理責任者 issues.
pub(super) const CARD_MAKER: &str = LOCK_KEEPER;
/// 情報統計課長, and so アクセス管理責任者.
pub(super) const ACCESS_MANAGER: &str = "1003";
/// 市民課長, and so セキュリティ責任者 of 市民課.
pub(super) const CITIZENS_OFFICER: &str = "1005";
/// The clerk whom a guest plays first.
pub(super) const CLERK: &str = "2101";
/// Holds a card for inquiries only.
pub(super) const INQUIRER: &str = "2103";
/// Designated as operator, but not as handler of 本人確認情報.
pub(super) const NO_HANDLER: &str = "2104";
/// Loses the card on the third day.
pub(super) const LOSER: &str = "2105";
/// Comes to the section in the week.
pub(super) const NEWCOMER: &str = "2107";

const CLERK_CARD: &str = "business-clerk";
const MANAGER_CARD: &str = "business-manager";
/// For those who run the regulation and never open the CS, and the terminal that is kept for them.
const REGULATION: Option<(&str, &str)> = Some(("regulation-work", "T-104"));

macro_rules! cast {
    ($($id:literal $name:literal $kana:literal $section:literal $office:expr, $english:literal, $card:expr, $handler:literal, $try:literal;)*) => {
        &[$(Member {
            id: $id, name: $name, kana: $kana, section: $section, office: $office, english: $english, card: $card,
            handler: $handler, to_try: $try,
        }),*]
    };
}

/// Everybody: first those who hold offices, then the staff of the sections.
#[rustfmt::skip]
pub(super) const CAST: &[Member] = cast! {
    "1001" "空見 統一" "ソラミ トウイチ" "sogo-seisaku" Some("sogo-seisaku-bucho"), "Director of policy: head of security", REGULATION, false, "けさの状況と、自分の義務を確かめる";
    "1002" "雲井 継男" "クモイ ツグオ" "sogo-seisaku" Some("joho-tokei-jicho"), "Deputy director: deputy head of security", REGULATION, false, "";
    "1003" "関守 明" "セキモリ アキラ" "joho-tokei" Some("joho-tokei-kacho"), "Information section, chief: access manager", Some(("system-administrator", "T-901")), false, "入退室の許可を決め、照合の不一致に答える。住民の検索は、カードの種類により拒否される";
    "1004" "鍵谷 保" "カギヤ タモツ" "kanzai" Some("kanzai-kacho"), "Property section, chief: key officer", REGULATION, false, "鍵を貸し、回答を確かめる";
    "1005" "窓辺 静江" "マドベ シズエ" "shimin" Some("shimin-kacho"), "Citizens' section, chief: security officer", Some((MANAGER_CARD, "T-103")), true, "住民ごと・操作者ごとの操作履歴を調べる";
    "1006" "結城 和" "ユウキ ナゴミ" "community-suishin" Some("community-suishin-kacho"), "Community section, chief: security officer", REGULATION, false, "";
    "1007" "聞山 聡" "キキヤマ サトシ" "shimin-sodan" Some("shimin-sodan-kacho"), "Consultation section, chief", REGULATION, false, "";
    "1008" "松風 渡" "マツカゼ ワタル" "shutchojo-matsui" Some("shutchojo-matsui-shocho"), "Matsui branch, chief", Some((MANAGER_CARD, "T-201")), true, "";
    "1009" "小径 葉子" "コミチ ヨウコ" "shutchojo-kotesashi" Some("shutchojo-kotesashi-shocho"), "Kotesashi branch, chief", Some((MANAGER_CARD, "T-301")), true, "";
    "1010" "峰岸 登" "ミネギシ ノボル" "shutchojo-yamaguchi" Some("shutchojo-yamaguchi-shocho"), "Yamaguchi branch, chief", Some((MANAGER_CARD, "T-401")), true, "";
    "1011" "新田 開" "ニッタ ヒラク" "shutchojo-shin-tokorozawa" Some("shutchojo-shin-tokorozawa-shocho"), "Shin-Tokorozawa branch, chief", Some((MANAGER_CARD, "T-501")), true, "";
    "1012" "角田 恵" "カドタ メグミ" "service-corner" Some("service-corner-shocho"), "Service corner, chief", Some((MANAGER_CARD, "T-601")), true, "";
    "2101" "架空 花子" "カクウ ハナコ" "shimin" None, "Citizens' section, clerk", Some((CLERK_CARD, "T-101")), true, "住民を検索し、照会する。人の操作履歴は拒否される";
    "2102" "架空 太郎" "カクウ タロウ" "shimin" None, "Citizens' section, clerk", Some((CLERK_CARD, "T-102")), true, "帳票を出力する";
    "2103" "照井 進" "テルイ ススム" "shimin" None, "Citizens' section, inquiries only", Some(("inquiry-only", "T-103")), true, "帳票出力や氏名検索は、カードの種類により拒否される";
    "2104" "浅野 蛍" "アサノ ホタル" "shimin" None, "Citizens' section, not a designated handler", Some((CLERK_CARD, "T-102")), false, "定めを読んでおらず、取扱者の指定もないため、照会は拒否される";
    "2105" "落合 実" "オチアイ ミノル" "shimin" None, "Citizens' section, clerk with a new card", Some((CLERK_CARD, "T-102")), true, "";
    "2106" "早川 澪" "ハヤカワ ミオ" "shimin" None, "Citizens' section, clerk", Some((CLERK_CARD, "T-101")), true, "";
    "2107" "若葉 萌" "ワカバ モエ" "shimin" None, "Citizens' section, newcomer", Some((CLERK_CARD, "T-101")), true, "";
    "2108" "水沢 渚" "ミズサワ ナギサ" "shimin" None, "Citizens' section, clerk", Some((CLERK_CARD, "T-103")), true, "";
    "2201" "松原 翠" "マツバラ ミドリ" "shutchojo-matsui" None, "Matsui branch, clerk", Some((CLERK_CARD, "T-201")), true, "";
    "2202" "松尾 昴" "マツオ スバル" "shutchojo-matsui" None, "Matsui branch, clerk", None, false, "";
    "2301" "小路 椿" "コウジ ツバキ" "shutchojo-kotesashi" None, "Kotesashi branch, clerk", Some((CLERK_CARD, "T-301")), true, "";
    "2302" "手島 岳" "テシマ ガク" "shutchojo-kotesashi" None, "Kotesashi branch, clerk", None, false, "";
    "2401" "山際 楓" "ヤマギワ カエデ" "shutchojo-yamaguchi" None, "Yamaguchi branch, clerk", Some((CLERK_CARD, "T-401")), true, "";
    "2402" "谷口 潤" "タニグチ ジュン" "shutchojo-yamaguchi" None, "Yamaguchi branch, clerk", None, false, "";
    "2501" "新井 光" "アライ ヒカリ" "shutchojo-shin-tokorozawa" None, "Shin-Tokorozawa branch, clerk", Some((CLERK_CARD, "T-501")), true, "";
    "2502" "所 拓" "トコロ タク" "shutchojo-shin-tokorozawa" None, "Shin-Tokorozawa branch, clerk", None, false, "";
    "2601" "辻 茜" "ツジ アカネ" "service-corner" None, "Service corner, clerk", Some((CLERK_CARD, "T-601")), true, "";
    "2602" "角 樹" "スミ イツキ" "service-corner" None, "Service corner, clerk", None, false, "";
    "2901" "関口 守" "セキグチ マモル" "joho-tokei" None, "Information section, staff", REGULATION, false, "立会いを登録し、名札を渡し、警報の処置を書く";
    "2902" "記田 録子" "キダ ロクコ" "joho-tokei" None, "Information section, staff", REGULATION, false, "会議の通知と議事録を作る";
    "2951" "鍵本 開" "カギモト カイ" "kanzai" None, "Property section, staff", None, false, "";
    "2961" "和田 集" "ワダ ツドイ" "community-suishin" None, "Community section, staff", None, false, "";
};

/// Those who operate from the first day on.
pub(super) fn operators() -> impl Iterator<Item = &'static Member> {
    CAST.iter().filter(|member| member.card.is_some() && member.id != NEWCOMER)
}

/// The member of a number.
pub(super) fn member(id: &str) -> &'static Member {
    CAST.iter().find(|member| member.id == id).expect("the script knows its cast, as a test holds")
}

impl Member {
    /// The number of this member's first card.
    pub(super) fn card_number(&self) -> String {
        format!("C-{}", self.id)
    }

    /// The number of the card that replaces the first.
    pub(super) fn second_card_number(&self) -> String {
        format!("C-{}-2", self.id)
    }

    /// The PIN of this member's cards: six digits, made up.
    pub(super) fn pin(&self) -> String {
        format!("{:06}", 100_000 + self.lots().below(900_000))
    }

    /// The password that this member chooses at the first sign-in. Everybody may know it: it opens nothing real.
    pub(super) fn password(&self) -> Password {
        let mut lots = self.lots();
        initial_password(|buffer| buffer.fill_with(|| u8::try_from(lots.below(256)).unwrap_or(0)))
    }

    fn lots(&self) -> Lots {
        Lots::new(self.id.bytes().fold(2002, |seed, byte| seed * 31 + u64::from(byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_cast_fits_the_regulation() {
        let profile = regulation::Profile::load(&regulation::embedded("tokorozawa-2002").unwrap()).unwrap();
        let ids: BTreeSet<_> = CAST.iter().map(|member| member.id).collect();
        assert_eq!(ids.len(), CAST.len());
        for member in CAST {
            assert!(profile.section(member.section).is_some(), "{}", member.id);
            if let Some(office) = member.office {
                assert_eq!(profile.office(office).unwrap().section, member.section, "{office}");
            }
            if let Some((kind, terminal)) = member.card {
                assert!(profile.card_kind(kind).is_some(), "{kind}");
                assert!(TERMINALS.iter().any(|(id, ..)| *id == terminal), "{terminal}");
            }
        }
        for office in profile.offices() {
            let holders = CAST.iter().filter(|member| member.office == Some(&office.id)).count();
            assert_eq!(holders, 1, "{}", office.id);
        }
        for (_, room, section) in TERMINALS {
            assert!(profile.room(room).is_some() && profile.section(section).is_some(), "{room}");
        }
        for id in [HEAD, ACCESS_MANAGER, CITIZENS_OFFICER, CLERK, INQUIRER, NO_HANDLER, LOSER, NEWCOMER] {
            assert!(ids.contains(id), "{id}");
        }
    }

    #[test]
    fn pins_and_passwords_are_each_ones_own() {
        let pins: BTreeSet<_> = CAST.iter().map(Member::pin).collect();
        let passwords: BTreeSet<_> =
            CAST.iter().map(|member| member.password().reveal().to_owned()).collect();
        assert_eq!((pins.len(), passwords.len()), (CAST.len(), CAST.len()));
        assert!(pins.iter().all(|pin| card::Pin::new(pin).is_ok()));
    }
}
