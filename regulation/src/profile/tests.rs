use super::*;
use jiff::civil::date;

fn real() -> Bundle {
    embedded("tokorozawa-2002").expect("the profile comes with the program")
}

fn loaded() -> Profile {
    load_or_show(&real())
}

fn load_or_show(bundle: &Bundle) -> Profile {
    Profile::load(bundle).unwrap_or_else(|error| panic!("{error}"))
}

/// The real profile with one place changed.
fn changed(file: &str, from: &str, to: &str) -> Bundle {
    let mut bundle = real();
    let text = bundle.get_mut(file).unwrap();
    assert!(text.contains(from), "`{from}` is not in {file}");
    *text = text.replacen(from, to, 1);
    bundle
}

fn faults(bundle: &Bundle) -> Vec<Fault> {
    Profile::load(bundle).err().map(|error| error.faults().to_vec()).unwrap_or_default()
}

/// The line on which `what` stands, from 1.
fn line_of(bundle: &Bundle, file: &str, what: &str) -> usize {
    let text = &bundle[file];
    text[..text.find(what).unwrap()].matches('\n').count() + 1
}

/// Changes one place and wants one fault that says so, at that line.
#[track_caller]
fn one_fault(file: &str, from: &str, to: &str, says: &str) {
    let bundle = changed(file, from, to);
    let found = faults(&bundle);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].what.contains(says), "{}", found[0]);
    assert!(!found[0].what_to_do.is_empty());
    let last = to.rsplit('\n').next().unwrap_or_default();
    assert_eq!((found[0].file.as_str(), found[0].line), (file, line_of(&bundle, file, last)), "{}", found[0]);
}

/// Changes one place and wants a fault among those found.
#[track_caller]
fn a_fault(file: &str, from: &str, to: &str, says: &str) -> Fault {
    let found = faults(&changed(file, from, to));
    found.iter().find(|fault| fault.what.contains(says)).unwrap_or_else(|| panic!("{found:#?}")).clone()
}

#[test]
fn the_profile_of_tokorozawa_has_no_fault() {
    let profile = loaded();
    assert_eq!((profile.chapters().len(), profile.articles().len()), (10, 30));
    assert_eq!(profile.demands().len(), 49);
    assert_eq!(profile.in_force(), date(2002, 7, 26));
    assert_eq!(profile.municipality(), "所沢市");
    assert!(embedded_names().contains(&"tokorozawa-2002"));
}

#[test]
fn a_folder_is_read_like_what_is_embedded() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in real() {
        let path = folder.path().join(&name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    assert_eq!(check(folder.path()), []);
    assert_eq!(Profile::load(&Folder::at(folder.path())).unwrap().policies(), loaded().policies());

    std::fs::write(folder.path().join("posts.toml"), b"\x83\x5c").unwrap();
    std::fs::remove_file(folder.path().join("cards.toml")).unwrap();
    let found = check(folder.path());
    let whats: Vec<_> = found.iter().map(|fault| (fault.file.as_str(), fault.what.as_str())).collect();
    assert_eq!(
        whats,
        [("cards.toml", "ファイルがありません"), ("posts.toml", "UTF-8のファイルではありません")]
    );
    assert!(!check(&folder.path().join("nowhere")).is_empty());
}

#[test]
fn a_profile_knows_its_places_and_no_others() {
    let profile = loaded();
    let knows = |text: &str| profile.knows(&text.parse().unwrap());
    for place in [
        "1",
        "3",
        "3-2",
        "7-4但",
        "7-3(5)",
        "2(7)",
        "9-1 L2",
        "9-2 L1",
        "16(3)",
        "24(9)",
        "第14条第1項第2号",
        "30",
    ] {
        assert!(knows(place), "{place}");
    }
    for place in [
        "31",
        "3-3",
        "7-3但",
        "7-3(6)",
        "2(8)",
        "2-1(1)",
        "9 L2",
        "9-2 L3",
        "9-2表1",
        "16-1",
        "24(9の2)",
        "9の2",
        "7但",
        "1-1",
    ] {
        assert!(!knows(place), "{place}");
    }
}

#[test]
fn posts_are_held_ex_officio() {
    let profile = loaded();
    let offices = |post: &str| profile.post(post).unwrap().offices().to_vec();
    assert_eq!(offices("head"), ["sogo-seisaku-bucho"]);
    assert_eq!(offices("key-officer"), ["kanzai-kacho"]);
    assert_eq!(profile.post("deputy").unwrap().acts_for.as_deref(), Some("head"));
    assert_eq!(profile.post("secretariat").unwrap().holders, Holders::Section("joho-tokei".to_owned()));
    let of_the_head_of_information: Vec<_> =
        profile.posts_of_office("joho-tokei-kacho").map(|p| p.id.as_str()).collect();
    assert_eq!(
        of_the_head_of_information,
        ["system-manager", "entry-manager", "lock-officer", "access-manager", "asset-manager"]
    );
    assert_eq!(profile.council().members.len(), 6);
    let terminal = profile.room("terminal-shimin").unwrap();
    assert_eq!((terminal.level, terminal.entry_manager.as_str()), (1, "shimin-kacho"));
}

#[test]
fn a_list_of_staff_finds_an_office_by_section_and_title() {
    let profile = loaded();
    let section = |text: &str| profile.section_written(text).map(|section| section.id.as_str());
    assert_eq!(
        (section("市民課"), section("shimin"), section("市民")),
        (Some("shimin"), Some("shimin"), None)
    );
    let called = |section, title| profile.office_called(section, title).map(|office| office.id.as_str());
    assert_eq!(called("shimin", "課長"), Some("shimin-kacho"));
    assert_eq!(called("shimin", "市民課長"), Some("shimin-kacho"));
    assert_eq!(called("sogo-seisaku", "情報統計課担任次長"), Some("joho-tokei-jicho"));
    assert_eq!(called("shimin", "主任"), None);
}

#[test]
fn a_post_without_an_office_is_shown_with_the_reading_taken() {
    let profile = loaded();
    let gaps: Vec<_> = profile
        .gaps()
        .into_iter()
        .map(|gap| {
            (gap.post.id.as_str(), gap.section.name.as_str(), gap.reading.map(|r| r.citation.to_string()))
        })
        .collect();
    assert_eq!(gaps, [("entry-manager", "コミュニティ推進課", Some("10-1".to_owned()))]);
}

#[test]
fn cards_open_what_their_kind_says() {
    let profile = loaded();
    let opens = |kind: &str| profile.card_kind(kind).unwrap().operations.join(" ");
    assert_eq!(opens("card-administration"), "");
    assert_eq!(opens("system-administrator"), "history");
    assert_eq!(
        opens("business-clerk"),
        "search-name search-kana search-code consult reveal-code print-form history"
    );
    assert_eq!(opens("inquiry-only"), "search-code consult history");
}

const PALM_VEIN: &str = r#"
[[authenticators]]
id = "palm-vein"
name = "照合情報認証"
proves = ["palm-vein", "matching-id", "operator-id"]
columns = ["照合ID", "操作者ID"]

[[operations]]
code = "search-name""#;

#[test]
fn a_way_of_authentication_says_what_is_lacking_for_it() {
    let profile = loaded();
    let usual = profile.authenticator(None).unwrap();
    assert!(usual.supported() && usual.id == "card-and-password");
    let with = load_or_show(&changed(
        "cards.toml",
        "[[operations]]\ncode = \"search-name\"",
        PALM_VEIN.trim_start(),
    ));
    let palm = with.authenticator(Some("palm-vein")).unwrap();
    let lacking: Vec<_> = palm.lacking().map(Proof::japanese).collect();
    assert_eq!((palm.supported(), lacking), (false, vec!["手のひら静脈", "照合ID", "操作者ID"]));
}

#[test]
fn a_fault_of_a_way_of_authentication_is_told_with_its_line() {
    let file = "cards.toml";
    are_told(&[
        (
            file,
            "proves = [\"card\", \"password\"]",
            "proves = [\"iris\"]",
            "認証に使うもの「iris」はありません",
        ),
        (file, "proves = [\"card\", \"password\"]", "proves = []", "「proves」が空です"),
    ]);
}

#[test]
fn settings_are_typed_and_explained() {
    let profile = loaded();
    let (settings, values) = (profile.settings(), profile.settings().values());
    assert_eq!((values.password_min_length, values.password_max_length), (12, 128));
    assert_eq!((values.attempts_until_pause, values.pause_minutes), (5, 15));
    assert!(values.password_at_server && values.escort_needs_permission && !values.training_gates_card);
    assert!(settings.all().iter().all(|setting| !setting.reason.is_empty()));
    assert_eq!(settings.get("pause-minutes").unwrap().value, SettingValue::Count(15));
}

#[test]
fn what_is_laid_down_separately_has_its_place() {
    let profile = loaded();
    let places: Vec<_> = profile.rule_places().iter().map(|place| place.citation.to_string()).collect();
    assert_eq!(places, ["16(1)", "20-2", "21-1", "21-2", "27-2", "29", "30"]);
    let plan = profile.rule_place("operation-plan").unwrap();
    assert_eq!((plan.laid_down_by.as_str(), plan.several), ("asset-manager", false));
    assert_eq!(plan.agreed_by, ["resident-data-manager"]);
    let cards = profile.rule_place("cards-and-passwords").unwrap();
    assert!(cards.acknowledged_by_operators && cards.agreed_by.is_empty());
    assert!(cards.settings.iter().all(|key| profile.settings().get(key).is_some()));
    assert!(profile.rule_place("other").unwrap().several);
}

#[test]
fn a_fault_of_a_rule_place_is_told_with_its_line() {
    let file = "rules.toml";
    are_told(&[
        (file, "laid-down-by = \"head\"", "laid-down-by = \"heads\"", "充て職「heads」はありません"),
        (
            file,
            "agreed-by = [\"resident-data-manager\"]",
            "agreed-by = [\"mayor\"]",
            "充て職「mayor」はありません",
        ),
        (file, "\"pause-minutes\",", "\"pause-hours\",", "設定「pause-hours」はありません"),
        (file, "citation = \"29\"", "citation = \"29-2\"", "第29条第2項は規程にありません"),
        (file, "citation = \"21-1\"", "citation = \"15\"", "順が違います"),
        (file, "id = \"audits\"", "id = \"audit\"", "定めの場所「audit」はありません"),
        (file, "several = true", "several = true\nsettings = [\"history-page-size\"]", "いくつもある場所に"),
        (file, "review-months = 12", "review-months = 0", "範囲の外です"),
        ("settings.toml", "min = 8", "min = 4", "「min」の4は範囲の外です"),
        ("settings.toml", "max = 64", "max = 6", "「max」の6は範囲の外です"),
        ("settings.toml", "value = 12", "value = 7", "「value」の7は範囲の外です"),
    ]);
    a_fault(file, "\"pause-minutes\",", "\"password-blocklist\",", "二つの定めの場所");
    a_fault(file, "id = \"audits\"", "id = \"assets\"", "二つあります");
    let fault = a_fault(file, "id = \"audits\"", "id = \"assets\"", "「audits」がありません");
    assert!(fault.what_to_do.contains("[[rules]]"));
}

#[test]
fn history_is_kept_for_seven_whole_years_and_more() {
    let profile = loaded();
    let kept = |journal: &str, day| profile.retention(journal).unwrap().kept_until(day);
    assert_eq!(kept("operations", date(2026, 4, 1)), Some(date(2034, 3, 31)));
    assert_eq!(kept("operations", date(2026, 3, 31)), Some(date(2033, 3, 31)));
    assert_eq!(kept("register", date(2026, 4, 1)), None);
}

/// Changes each place, one at a time, and wants the fault that is said, at the line of the change.
fn are_told(changes: &[(&str, &str, &str, &str)]) {
    for (file, from, to, says) in changes {
        let bundle = changed(file, from, to);
        let fault = a_fault(file, from, to, says);
        let end = line_of(&bundle, file, to) + to.matches('\n').count();
        assert!((line_of(&bundle, file, to)..=end).contains(&fault.line), "{fault}");
        assert_eq!(fault.file, *file);
        assert!(fault.column >= 1 && !fault.what_to_do.is_empty());
    }
}

#[test]
fn an_unknown_key_is_told_with_its_line() {
    are_told(&[
        ("profile.toml", "title = ", "titel = \"\"\ntitle = ", "「titel」という項目はありません"),
        (
            "posts.toml",
            "uses-juki-net = false",
            "uses_juki_net = 1\nuses-juki-net = false",
            "「uses_juki_net」",
        ),
    ]);
}

#[test]
fn a_fault_of_the_frame_is_told_with_its_line() {
    are_told(&[
        (
            "profile.toml",
            "in-force = \"平成14年7月26日\"",
            "in-force = \"平成32年7月26日\"",
            "平成の期間にありません",
        ),
        ("profile.toml", "in-force = \"平成14年7月26日\"", "in-force = 2002-02-30", "TOMLとして読めません"),
        (
            "profile.toml",
            "municipality-code = \"112089\"",
            "municipality-code = \"112088\"",
            "全国地方公共団体コード",
        ),
        ("profile.toml", "citation = \"9-2 L2\"", "citation = \"第九条二項\"", "条項号として読めません"),
        ("profile.toml", "number = \"10\"", "number = \"10-2\"", "条の番号ではありません"),
        ("profile.toml", "items = { 1 = 7 }", "items = { 2 = 7 }", "この条にない項です"),
    ]);
}

#[test]
fn a_fault_of_a_demand_is_told_with_its_line() {
    are_told(&[
        ("demands.toml", "kind = \"TERM\"", "kind = \"TREM\"", "要求の種類「TREM」"),
        ("demands.toml", "citations = [\"8\"]", "citations = [\"8-2\"]", "第8条第2項は規程にありません"),
        (
            "demands.toml",
            "citations = [\"28\"]",
            "citations = [\"28\", \"31\"]",
            "第31条は条の一覧にありません",
        ),
        (
            "demands.toml",
            "\"record:Refused\", ",
            "\"record:Refused\", \"policies:1\", ",
            "「policies:1」は手段として",
        ),
        (
            "demands.toml",
            "\"setting:escort-needs-permission\"",
            "\"setting:escort\"",
            "設定「escort」はありません",
        ),
        (
            "demands.toml",
            "english = \"Purpose",
            "english = 1 # \"Purpose",
            "「english」の値が文字ではありません",
        ),
    ]);
}

#[test]
fn a_fault_of_the_organization_is_told_with_its_line() {
    are_told(&[
        ("posts.toml", "section = \"kanzai\"", "section = \"kanzay\"", "課所「kanzay」はありません"),
        (
            "posts.toml",
            "offices = [\"kanzai-kacho\"]",
            "offices = [\"kanzai-shunin\"]",
            "職「kanzai-shunin」はありません",
        ),
        ("posts.toml", "offices = [\"kanzai-kacho\"]", "offices = []", "充てる職がない充て職"),
        (
            "posts.toml",
            "offices = [\"kanzai-kacho\"]",
            "offices = [\"kanzai-kacho\", \"shimin-kacho\"]",
            "職が2件あります",
        ),
        ("posts.toml", "scope = \"room\"", "scope = \"floor\"", "範囲「floor」はありません"),
        (
            "posts.toml",
            "title = \"情報統計課担任次長\"",
            "title = \"部長\" # twice",
            "人事異動の一覧で区別できません",
        ),
        ("posts.toml", "chair = \"head\"", "chair = \"mayor\"", "充て職「mayor」はありません"),
        ("posts.toml", "uses-juki-net = false", "uses-juki-net = \"no\"", "「uses-juki-net」の値が真偽"),
    ]);
}

#[test]
fn a_fault_of_rooms_cards_retention_or_settings_is_told_with_its_line() {
    are_told(&[
        (
            "rooms.toml",
            "kind = \"server-room\"",
            "kind = \"terminal-room\"",
            "レベル2の室の種類「terminal-room」",
        ),
        (
            "rooms.toml",
            "entry-manager = \"shimin-kacho\"",
            "entry-manager = \"kanzai-kacho\"",
            "入退室管理者に充てる職",
        ),
        (
            "rooms.toml",
            "means = [\"key\", \"fingerprint\"]",
            "means = [\"key\", \"palm\"]",
            "入退室の方法「palm」",
        ),
        (
            "cards.toml",
            "operations = [\"history\"]",
            "operations = [\"histry\"]",
            "操作「histry」はありません",
        ),
        ("retention.toml", "years = 7", "years = 0", "範囲の外です"),
        ("retention.toml", "years = 7", "years = 7\nforever = true", "保存期間が決まりません"),
        ("settings.toml", "value = 12", "value = 7", "7は範囲の外です"),
        ("settings.toml", "value = 12", "value = \"12\"", "整数ではありません"),
        (
            "settings.toml",
            "key = \"pause-minutes\"",
            "key = \"pause-seconds\"",
            "設定「pause-seconds」はありません",
        ),
    ]);
}

#[test]
fn one_mistake_makes_one_fault_where_nothing_else_hangs_on_it() {
    one_fault("demands.toml", "kind = \"MAY\"", "kind = \"MAYBE\"", "要求の種類");
    one_fault("cards.toml", "operations = [\"history\"]", "operations = [\"histry\"]", "操作「histry」");
    one_fault("settings.toml", "value = 12", "value = 7", "範囲の外");
    one_fault("posts.toml", "[council]", "[council]\nseats = 7", "「seats」という項目はありません");
}

#[test]
fn twice_the_same_is_a_fault() {
    for (file, from, to, says) in [
        ("demands.toml", "id = \"2(2)\"", "id = \"2(1)\"", "要求「2(1)」が二つ"),
        ("posts.toml", "id = \"shimin\"", "id = \"kanzai\"", "課所「kanzai」が二つ"),
        ("posts.toml", "id = \"kanzai-kacho\"", "id = \"shimin-kacho\"", "職「shimin-kacho」が二つ"),
        ("posts.toml", "id = \"lock-officer\"", "id = \"key-officer\"", "充て職「key-officer」が二つ"),
        (
            "rooms.toml",
            "id = \"data-store\"\nname = \"データ保管室\"",
            "id = \"cs-room\"\nname = \"データ保管室\"",
            "室「cs-room」が二つ",
        ),
        (
            "cards.toml",
            "id = \"inquiry-only\"",
            "id = \"business-clerk\"",
            "カードの種類「business-clerk」が二つ",
        ),
        (
            "retention.toml",
            "journal = \"passages\"",
            "journal = \"operations\"",
            "保存期間「operations」が二つ",
        ),
        (
            "settings.toml",
            "key = \"pause-minutes\"",
            "key = \"password-min-length\"",
            "設定「password-min-length」が二つ",
        ),
        ("profile.toml", "number = \"5\"", "number = \"4\"", "第4条が第4条の後"),
    ] {
        a_fault(file, from, to, says);
    }
}

#[test]
fn what_is_missing_is_named() {
    for (file, from, to, says) in [
        (
            "settings.toml",
            "key = \"pause-minutes\"",
            "key = \"pause-seconds\"",
            "設定「pause-minutes」がありません",
        ),
        (
            "retention.toml",
            "journal = \"passages\"",
            "journal = \"operations\"",
            "原簿「passages」の保存期間",
        ),
        ("posts.toml", "id = \"key-officer\"", "id = \"key-keeper\"", "充て職「key-officer」がありません"),
        (
            "posts.toml",
            "    \"community-suishin-kacho\",\n",
            "",
            "「コミュニティ推進課」にセキュリティ責任者がいません",
        ),
        ("cards.toml", "code = \"consult\"", "code = \"search-name\"", "操作「consult」がありません"),
        ("profile.toml", "law-number = ", "# ", "「law-number」がありません"),
        ("profile.toml", "number = 3\n", "number = 4\n", "章の番号が続いていません"),
    ] {
        a_fault(file, from, to, says);
    }
}

#[test]
fn a_chapter_or_an_article_without_demand_is_a_fault() {
    let mut bundle = real();
    let demands = bundle.get_mut("demands.toml").unwrap();
    let (start, end) = (
        demands.find("[[demands]]\nid = \"26\"").unwrap(),
        demands.find("[[demands]]\nid = \"27, 27-2\"").unwrap(),
    );
    demands.replace_range(start..end, "");
    let found = faults(&bundle);
    let whats: Vec<_> = found.iter().map(|fault| fault.what.as_str()).collect();
    assert_eq!(whats, ["第7章（教育）に要求がありません", "第26条（教育）に要求がありません"]);
    assert!(found.iter().all(|fault| fault.file == "profile.toml" && fault.line > 10), "{found:#?}");
}

#[test]
fn demands_stand_in_the_order_of_the_regulation() {
    let fault =
        a_fault("demands.toml", "citations = [\"8\"]", "citations = [\"7-2\"]", "第7条第6項の後にあります");
    assert_eq!(fault.line, line_of(&real(), "demands.toml", "citations = [\"8\"]"));
}

#[test]
fn one_broken_file_does_not_hide_the_faults_of_another_nor_make_new_ones() {
    let mut bundle = changed("posts.toml", "[[sections]]", "[[sections]");
    bundle.get_mut("settings.toml").unwrap().push_str("\n[more]\n");
    bundle.insert("post.toml".to_owned(), String::new());
    let found = faults(&bundle);
    let files: Vec<_> = found.iter().map(|fault| fault.file.as_str()).collect();
    assert_eq!(files, ["post.toml", "posts.toml", "settings.toml"], "{found:#?}");
    let mut bare = real();
    bare.retain(|name, _| name.ends_with(".toml"));
    assert_eq!(faults(&bare)[0].what, "ポリシー（policy/*.cedar）が一つもありません");
}

#[test]
fn settings_that_contradict_one_another_are_a_fault() {
    let fault = a_fault("settings.toml", "value = 10\n", "value = 4\n", "設定が食い違っています");
    assert!(fault.what_to_do.contains("失敗の回数（5）は"), "{fault}");
}

fn version(id: &str, from: &str, until: &str) -> Profile {
    let mut bundle = changed("profile.toml", "id = \"tokorozawa-2002\"", &format!("id = \"{id}\"{until}"));
    let text = bundle.get_mut("profile.toml").unwrap();
    *text = text.replace("in-force = \"平成14年7月26日\"", &format!("in-force = \"{from}\""));
    load_or_show(&bundle)
}

#[test]
fn the_version_in_force_follows_the_day() {
    let versions =
        Profiles::new(vec![version("b", "2020-04-01", ""), version("a", "2002-07-26", "")]).unwrap();
    let on = |day| versions.in_force_on(day).map(|profile| profile.id().as_str());
    assert_eq!(on(date(2002, 7, 25)), None);
    assert_eq!(on(date(2002, 7, 26)), Some("a"));
    assert_eq!(on(date(2020, 3, 31)), Some("a"));
    assert_eq!(on(date(2020, 4, 1)), Some("b"));
    assert_eq!(versions.get("a").unwrap().until(), Some(date(2020, 3, 31)));
    let gap = Profiles::new(vec![
        version("a", "2002-07-26", "\nuntil = \"2010-03-31\""),
        version("b", "2020-04-01", "\nuntil = \"2021-03-31\""),
    ])
    .unwrap();
    assert!(gap.in_force_on(date(2015, 1, 1)).is_none() && gap.in_force_on(date(2021, 4, 1)).is_none());
}

#[test]
fn versions_that_cannot_follow_one_another_are_refused() {
    let error = |versions| Profiles::new(versions).map(|_| ()).unwrap_err();
    assert_eq!(error(vec![]), ProfilesError::None);
    let same_day = error(vec![version("a", "2002-07-26", ""), version("b", "2002-07-26", "")]);
    assert!(matches!(same_day, ProfilesError::Same(..)), "{}", same_day.japanese());
    let overlap =
        error(vec![version("a", "2002-07-26", "\nuntil = 2020-04-01"), version("b", "2020-04-01", "")]);
    assert_eq!(overlap, ProfilesError::Overlap("a".to_owned(), "b".to_owned()));
    a_fault("profile.toml", "in-force = ", "until = \"2001-01-01\"\nin-force = ", "廃止日が施行日より前です");
}
