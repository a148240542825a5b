//! Impossible acts. Unlawful ones are [`policy::Refusal`]s: another type, because another person mends them.

use forms::Faults;
use thiserror::Error;

/// Why an act is impossible in the present state.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// It names something that is not there.
    #[error("unknown {what} `{id}`")]
    Unknown {
        /// What kind of thing, as the field that named it.
        what: &'static str,
        /// The name given.
        id: String,
    },
    /// It makes something that is there already.
    #[error("{what} `{id}` exists already")]
    Exists {
        /// What kind of thing, as the field that named it.
        what: &'static str,
        /// The name given.
        id: String,
    },
    /// A text is empty or too long.
    #[error("{what} must have 1 to {most} characters")]
    Length {
        /// The field.
        what: &'static str,
        /// Characters at most.
        most: usize,
    },
    /// Two holders of one office at one time.
    #[error("office `{office}` is held by `{holder}` at that time")]
    Overlap {
        /// The office.
        office: String,
        /// Who holds it.
        holder: String,
    },
    /// A list that was handed in has faults: nothing of it was taken.
    #[error("the list has {0}")]
    List(Faults),
    /// Offices would stand vacant, and nobody confirmed that they may.
    #[error("offices would stand vacant: {}", offices.join(", "))]
    Vacated {
        /// Their names.
        offices: Vec<String>,
    },
    /// What was recorded later would hang in the air.
    #[error("later records build on it: {}", later.join(", "))]
    BuiltOn {
        /// What, in Japanese.
        later: Vec<String>,
    },
    /// A period is longer than the city allows.
    #[error("the period is longer than {days} days")]
    TooLong {
        /// Days at most.
        days: i64,
    },
    /// A period ends before it begins.
    #[error("the period ends before it begins")]
    Period,
    /// The thing is not in a state in which this can be done.
    #[error("{what} `{id}` is {state}")]
    State {
        /// What kind of thing.
        what: &'static str,
        /// Which.
        id: String,
        /// Its state, in Japanese.
        state: &'static str,
    },
    /// A field that has to be filled in is empty.
    #[error("{what} is missing")]
    Missing {
        /// The field.
        what: &'static str,
    },
    /// A field says something of another kind than it should.
    #[error("{what} is malformed")]
    Malformed {
        /// The field.
        what: &'static str,
        /// What it should say, in Japanese.
        wants: &'static str,
    },
    /// What a field says cannot stand.
    #[error("{what} is unsound")]
    Unsound {
        /// The field.
        what: &'static str,
        /// Why, in Japanese, with the line where there are several.
        why: String,
    },
    /// A time that should lie ahead has passed.
    #[error("{what} has passed")]
    Past {
        /// The field.
        what: &'static str,
    },
    /// Something that has happened is said to be yet to come.
    #[error("{what} has yet to come")]
    Future {
        /// The field.
        what: &'static str,
    },
    /// A step of a case has to wait for another.
    #[error("`{step}` needs `{needs}` first")]
    TooEarly {
        /// The step, in Japanese.
        step: &'static str,
        /// What it waits for, in Japanese.
        needs: &'static str,
    },
    /// A step of a case can be taken no longer.
    #[error("`{step}` cannot be taken after `{because}`")]
    TooLate {
        /// The step, in Japanese.
        step: &'static str,
        /// After what it is too late, in Japanese.
        because: &'static str,
    },
    /// Nothing more is to come of a case.
    #[error("{what} is closed")]
    Closed {
        /// The case, in Japanese.
        what: String,
    },
    /// More than one act may bring.
    #[error("more than {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many at most.
        most: usize,
    },
}

impl Invalid {
    /// The field of a form that the error belongs to.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Unknown { what, .. }
            | Self::Exists { what, .. }
            | Self::Length { what, .. }
            | Self::State { what, .. }
            | Self::TooMany { what, .. }
            | Self::Missing { what }
            | Self::Malformed { what, .. }
            | Self::Unsound { what, .. }
            | Self::Past { what }
            | Self::Future { what } => what,
            Self::TooEarly { .. } | Self::TooLate { .. } | Self::Closed { .. } => "step",
            Self::Overlap { .. } => "office",
            Self::Period | Self::TooLong { .. } => "until",
            Self::List(_) => "list",
            Self::Vacated { .. } => "vacant",
            Self::BuiltOn { .. } => "transfer",
        }
    }

    /// For people.
    pub fn japanese(&self) -> String {
        let label = label(self.field());
        match self {
            Self::Unknown { id, .. } => format!("{label}「{id}」は登録されていません"),
            Self::Exists { id, .. } => format!("{label}「{id}」は既に登録されています"),
            Self::Length { most, .. } => format!("{label}は1文字以上{most}文字以内で入力してください"),
            Self::Overlap { office, holder } => {
                format!("その期間の「{office}」には既に{holder}が就いています")
            }
            Self::List(faults) => {
                format!("一覧に誤りがあるため、何も登録していません。{}", faults.japanese().join("／"))
            }
            Self::Vacated { offices } => {
                format!(
                    "{}が空席になります。空席になることを確かめてから登録してください",
                    offices.join("、")
                )
            }
            Self::BuiltOn { later } => {
                format!("後の登録（{}）があるため、取り消せません", later.join("、"))
            }
            Self::TooLong { days } => format!("期間は{days}日までです"),
            Self::Period => "終わりの日が始まりの日より前です".to_owned(),
            Self::State { id, state, .. } => format!("{label}「{id}」は{state}のため、この手続はできません"),
            Self::Missing { .. } => format!("{label}が入力されていません"),
            Self::Malformed { wants, .. } => format!("{label}は{wants}で入力してください"),
            Self::Unsound { why, .. } => format!("{label}の{why}"),
            Self::Past { .. } => format!("{label}が過ぎています。これからの日時を入力してください"),
            Self::Future { .. } => format!("{label}がまだ来ていません。済んだ日を入力してください"),
            Self::TooEarly { step, needs } => format!("「{step}」の前に「{needs}」が要ります"),
            Self::TooLate { step, because } if step == because => format!("「{step}」は済んでいます"),
            Self::TooLate { step, because } => format!("「{because}」の後では「{step}」はできません"),
            Self::Closed { what } => format!("{what}は完結しています"),
            Self::TooMany { most, .. } => format!("{label}は一度に{most}件までです"),
        }
    }
}

/// What a field is called on pages.
fn label(field: &str) -> &'static str {
    match field {
        "person" => "職員番号",
        "section" => "課所",
        "office" => "職",
        "terminal" => "端末番号",
        "card" => "カード番号",
        "kind" => "カードの種類",
        "authenticator" => "認証の方法",
        "card-state" => "止めかた",
        "certificate" => "証明書の指紋",
        "expires" => "証明書の期限",
        "kept" => "保管場所",
        "circumstances" => "状況",
        "designation" => "指定番号",
        "session" => "サインイン",
        "room" => "室",
        "door" => "扉",
        "controller" => "制御器",
        "controller-key" => "制御器の公開鍵",
        "key" => "鍵番号",
        "key-name" => "鍵の種別",
        "tag" => "名札番号",
        "member" => "錠での番号",
        "guest" => "立会いを受ける人",
        "escort" => "立会い",
        "necessity" => "必要な理由",
        "authority" => "根拠",
        "organisation" => "所属",
        "contract" => "契約",
        "employment" => "雇用の証し",
        "alarm" => "警報",
        "finding" => "照合の不一致",
        "answer" => "回答",
        "correction" => "足りないところ",
        "due" => "期限",
        "purpose" => "目的",
        "means" => "方法",
        "passage" => "通行",
        "lockdown" => "封鎖",
        "report" => "報告",
        "name" => "氏名",
        "reason" => "理由",
        "condition" => "検索条件",
        "touched" => "対象者",
        "password" => "パスワード",
        "transfer" => "人事異動の一覧",
        "receipt" => "受付番号",
        "handler" => "本人確認情報の取扱者",
        "acting" => "職務代理",
        "city" => "組織",
        "case" => "案件",
        "field" => "項目",
        "step" => "手続",
        "item" => "作業",
        "day" => "実施する日",
        "remark" => "所見",
        "council" => "セキュリティ会議",
        "duty" => "義務",
        _ => crate::case::field_name(field).unwrap_or("入力"),
    }
}

/// A text of 1 to `most` characters.
pub(crate) fn text(what: &'static str, text: &str, most: usize) -> Result<(), Invalid> {
    if text.trim().is_empty() || text.chars().count() > most {
        return Err(Invalid::Length { what, most });
    }
    Ok(())
}
