//! What the policies' actions, and the facts that follow, are called in Japanese.

const NAMES: &[(&str, &str)] = &[
    ("found", "組織の発足"),
    ("enrolPerson", "職員の登録"),
    ("appoint", "発令の登録"),
    ("transfer", "人事異動の登録"),
    ("reverseTransfer", "人事異動の取消し"),
    ("openActing", "職務代理の開始"),
    ("closeActing", "職務代理の終了"),
    ("seeActs", "職務代理の後閲"),
    ("remind", "催促"),
    ("keepOutsiders", "外部の人の登録・抹消"),
    ("pass", "室の入退室"),
    ("openEscort", "立会いの開始"),
    ("closeEscort", "立会いの終了"),
    ("keepTags", "名札の受け渡し"),
    ("keepKeys", "鍵の登録・廃止"),
    ("lendKey", "鍵の貸出し"),
    ("returnKey", "鍵の返却"),
    ("countKeys", "鍵の数の確認"),
    ("enrolFinger", "指紋の登録"),
    ("removeFinger", "指紋の削除"),
    ("compareMembers", "錠の登録との照合"),
    ("keepControllers", "扉の制御器の登録・廃止"),
    ("reportDoor", "扉の制御器の報告"),
    ("closeAlarm", "警報の処置の記録"),
    ("lockDown", "レベル2の封鎖"),
    ("liftLockdown", "封鎖の解除"),
    ("importPassages", "入退室の記録の取込み"),
    ("answerFinding", "照合の不一致への回答"),
    ("settleFinding", "照合の回答の確認"),
    ("reconcileLedgers", "管理簿の照合の記録"),
    ("keepTerminals", "端末の登録・廃止"),
    ("proposeDesignation", "操作者指定の申出"),
    ("agreeDesignation", "操作者指定への同意"),
    ("endDesignation", "操作者指定の終了"),
    ("prepareCard", "カードの準備"),
    ("issueCard", "カードの交付"),
    ("inspectCard", "カードの検査"),
    ("reportLostCard", "カードの紛失の届出"),
    ("reportFoundCard", "カードの発見の届出"),
    ("lendSpare", "予備カードの貸出し"),
    ("returnSpare", "予備カードの返却"),
    ("countSpares", "予備カードの枚数の確認"),
    ("closeCardAlarm", "カードの警報の処置の記録"),
    ("stopCard", "カードの停止"),
    ("restoreCard", "カードの停止解除"),
    ("setPassword", "パスワードの設定"),
    ("signIn", "サインイン"),
    ("signOut", "サインアウト"),
    ("operate", "CSの操作"),
    ("viewHistory", "操作履歴の閲覧"),
    ("designateHandler", "取扱者の指定"),
    ("endHandler", "取扱者指定の終了"),
    ("enterResidents", "本人確認情報の記録"),
    ("tickRun", "オペレーションの実施の記録"),
];

/// The Japanese name of a policy's action; the action itself where there is none.
pub fn action_name(action: &str) -> &str {
    let known = NAMES.iter().find(|(id, _)| *id == action).map(|(_, name)| *name);
    known.or_else(|| crate::case::action_name(action)).unwrap_or(action)
}

/// What a fact's name says to people; the name itself where there are no words for it.
pub fn fact_name(fact: &str) -> &str {
    let known = FACTS.iter().find(|(id, _)| *id == fact).map(|(_, japanese)| *japanese);
    known.or_else(|| crate::case::done(fact)).unwrap_or(fact)
}

const FACTS: &[(&str, &str)] = &[
    ("Founded", "組織を登録しました"),
    ("PersonEnrolled", "職員を登録しました"),
    ("Appointed", "任命を登録しました"),
    ("TransferEntered", "人事異動の一覧を登録しました"),
    ("PersonJoined", "人事異動により職員が加わりました"),
    ("PersonMoved", "人事異動により職員が移りました"),
    ("OfficeTransferred", "人事異動により職に就く者が替わりました"),
    ("TransferReversed", "人事異動を取り消しました"),
    ("ActsSeen", "職務代理の行為を後閲しました"),
    ("Reminded", "催促しました"),
    ("ActingOpened", "職務代理を始めました"),
    ("ActingClosed", "職務代理を終えました"),
    ("OutsiderEntered", "外部の人を名簿に載せました"),
    ("OutsiderEnded", "外部の人を名簿から外しました"),
    ("Passed", "入退室を記録しました"),
    ("EscortOpened", "立会いを始めました"),
    ("EscortClosed", "立会いを終えました"),
    ("TagIssued", "名札を渡しました"),
    ("TagReturned", "名札を受け取りました"),
    ("KeyRegistered", "鍵を登録しました"),
    ("KeyRetired", "鍵を使わないことにしました"),
    ("KeyLent", "鍵を貸し出しました"),
    ("KeyReturned", "鍵を受け取りました"),
    ("KeysCounted", "鍵の数を確かめました"),
    ("FingerEnrolled", "指紋の番号を登録しました"),
    ("FingerRemoved", "指紋の番号を削除しました"),
    ("MembersCompared", "錠の登録と照らしました"),
    ("ControllerRegistered", "扉の制御器を登録しました"),
    ("ControllerRetired", "扉の制御器を廃止しました"),
    ("DoorReported", "扉の制御器が報告しました"),
    ("AlarmClosed", "警報についてしたことを記録しました"),
    ("LockedDown", "レベル2の室を封鎖しました"),
    ("LockdownLifted", "封鎖を解きました"),
    ("PassagesImported", "入退室の記録を取り込みました"),
    ("FindingAnswered", "照合の不一致に回答しました"),
    ("AnswerSentBack", "照合の回答を差し戻しました"),
    ("FindingSettled", "照合の回答を確かめました"),
    ("LedgersReconciled", "管理簿を照合しました"),
    ("FindingsKept", "照合の不一致を記録しました"),
    ("TerminalRegistered", "端末を登録しました"),
    ("TerminalRetired", "端末を廃止しました"),
    ("DesignationProposed", "操作者の指定を申し出ました"),
    ("DesignationAgreed", "操作者の指定に同意しました"),
    ("DesignationEnded", "操作者の指定を終えました"),
    ("CardPrepared", "カードを準備しました"),
    ("CardDiscarded", "準備したカードを取りやめました"),
    ("CardIssued", "カードを交付しました"),
    ("CardReceived", "カードの受領を記録しました"),
    ("CardInspected", "カードの検査を記録しました"),
    ("CardLost", "カードの紛失を記録し、カードを止めました"),
    ("CardFound", "カードが見つかったことを記録しました"),
    ("SpareCardLent", "予備カードを貸し出しました"),
    ("SpareCardReturned", "予備カードを受け取りました"),
    ("SpareCardsCounted", "予備カードの枚数を確かめました"),
    ("CardAtTwoTerminals", "一枚のカードが二つの端末で使われました"),
    ("CardAlarmClosed", "カードの警報についてしたことを記録しました"),
    ("CardStopped", "カードを止めました"),
    ("CardRestored", "カードを再び使えるようにしました"),
    ("PasswordSet", "パスワードを設定しました"),
    ("SignedIn", "サインインしました"),
    ("SignInFailed", "サインインに失敗しました"),
    ("SignedOut", "サインアウトしました"),
    ("Operated", "操作しました"),
    ("HandlerDesignated", "取扱者を指定しました"),
    ("HandlerEnded", "取扱者の指定を終えました"),
    ("ResidentEntered", "本人確認情報を取り込みました"),
    ("Ticked", "オペレーションの実施を記録しました"),
    ("Refused", "拒否されました"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_has_words() {
        for name in crate::Fact::names() {
            assert_ne!(fact_name(name), name, "no words for the fact");
        }
    }

    #[test]
    fn every_action_of_the_schema_has_a_name() {
        let schema = include_str!("../../policy/src/schema.cedarschema");
        let actions = schema
            .lines()
            .filter_map(|line| line.trim().strip_prefix("action "))
            .flat_map(|line| line.split(" appliesTo").next().unwrap_or("").split(", "));
        for action in actions {
            assert_ne!(action_name(action), action, "no Japanese name");
        }
    }
}
