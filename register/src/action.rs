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
    ("keepTerminals", "端末の登録・廃止"),
    ("proposeDesignation", "操作者指定の申出"),
    ("agreeDesignation", "操作者指定への同意"),
    ("endDesignation", "操作者指定の終了"),
    ("issueCard", "カードの貸与"),
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
    ("TerminalRegistered", "端末を登録しました"),
    ("TerminalRetired", "端末を廃止しました"),
    ("DesignationProposed", "操作者の指定を申し出ました"),
    ("DesignationAgreed", "操作者の指定に同意しました"),
    ("DesignationEnded", "操作者の指定を終えました"),
    ("CardIssued", "カードを交付しました"),
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
