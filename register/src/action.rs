//! What the policies' actions are called in Japanese.

const NAMES: &[(&str, &str)] = &[
    ("found", "組織の発足"),
    ("enrolPerson", "職員の登録"),
    ("appoint", "発令の登録"),
    ("transfer", "人事異動の登録"),
    ("reverseTransfer", "人事異動の取消し"),
    ("openActing", "職務代理の開始"),
    ("closeActing", "職務代理の終了"),
    ("seeActs", "職務代理の後閲"),
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
];

/// The Japanese name of a policy's action; the action itself where there is none.
pub fn action_name(action: &str) -> &str {
    let known = NAMES.iter().find(|(id, _)| *id == action).map(|(_, name)| *name);
    known.or_else(|| crate::case::action_name(action)).unwrap_or(action)
}

#[cfg(test)]
mod tests {
    use super::*;

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
