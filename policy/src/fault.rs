//! Why a set of policies cannot be used: file, line, and what to do.

use std::fmt;

use thiserror::Error;

/// A set of policies that cannot be used, with everything that was found at once.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct LoadError {
    // INVARIANT (faults): never empty, sorted by file and line.
    faults: Vec<Fault>,
}

/// One fault of a policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    file: String,
    line: usize,
    problem: Problem,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The text is not Cedar.
    #[error("not a policy: {detail}")]
    Syntax {
        /// Cedar's own words.
        detail: String,
    },
    /// A template has slots that nobody fills.
    #[error("a template, which nothing fills in")]
    Template,
    /// A policy without a name.
    #[error("a policy without `@id`")]
    NoId,
    /// Two policies with one name.
    #[error("`{id}` is taken already by {other}")]
    DuplicateId {
        /// The name.
        id: String,
        /// File and line of the first.
        other: String,
    },
    /// A forbid lacks what its refusal has to say.
    #[error("`{id}` has no `@{name}`")]
    NoAnnotation {
        /// The policy.
        id: String,
        /// The annotation.
        name: &'static str,
    },
    /// The article does not parse.
    #[error("`{id}`: `{article}` is not a citation: {detail}")]
    BadArticle {
        /// The policy.
        id: String,
        /// What stands there.
        article: String,
        /// Why it does not parse.
        detail: String,
    },
    /// The regulation has no such article.
    #[error("`{id}`: the regulation has no `{article}`")]
    UnknownArticle {
        /// The policy.
        id: String,
        /// What stands there.
        article: String,
    },
    /// The name does not begin with the article's short form.
    #[error("`{id}` does not begin with `{expected}.`")]
    WrongPrefix {
        /// The policy.
        id: String,
        /// The short form of its article.
        expected: String,
    },
    /// The policy does not fit the schema.
    #[error("`{id}` does not fit the schema: {detail}")]
    Unfit {
        /// The policy.
        id: String,
        /// Cedar's own words.
        detail: String,
    },
    /// A permit with conditions: refusing by it would give no reasons.
    #[error("the permit `{id}` has conditions")]
    NarrowPermit {
        /// The policy.
        id: String,
    },
    /// A second permit for an action.
    #[error("`{action}` is permitted already by `{other}`")]
    SecondPermit {
        /// The action.
        action: String,
        /// The first permit.
        other: String,
    },
    /// An action that nothing permits.
    #[error("nothing permits `{action}`")]
    NoPermit {
        /// The action.
        action: String,
    },
}

impl LoadError {
    /// `faults` must not be empty.
    pub(crate) fn new(mut faults: Vec<Fault>) -> Self {
        debug_assert!(!faults.is_empty(), "an error without a fault");
        faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        Self { faults }
    }

    /// Everything that was found, by file and line.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.faults.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.problem)
    }
}

impl Fault {
    pub(crate) fn new(file: impl Into<String>, line: usize, problem: Problem) -> Self {
        Self { file: file.into(), line, problem }
    }

    /// The file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl Problem {
    /// What is wrong, in Japanese.
    pub fn japanese(&self) -> String {
        match self {
            Self::Syntax { detail } => format!("ポリシーとして読めません（{detail}）"),
            Self::Template => "ひな型（`?principal`・`?resource`）は使えません".to_owned(),
            Self::NoId => "`@id` のないポリシーがあります".to_owned(),
            Self::DuplicateId { id, other } => format!("`{id}` は {other} ですでに使われています"),
            Self::NoAnnotation { id, name } => format!("`{id}` に `@{name}` がないか、空です"),
            Self::BadArticle { id, article, .. } => {
                format!("`{id}` の `@article`「{article}」は条項号として読めません")
            }
            Self::UnknownArticle { id, article } => {
                format!("`{id}` の `@article`「{article}」は、この規程の要求事項にありません")
            }
            Self::WrongPrefix { id, expected } => {
                format!("`{id}` の名前が、その条項号の短い形 `{expected}` で始まっていません")
            }
            Self::Unfit { id, detail } => format!("`{id}` がスキーマに合いません（{detail}）"),
            Self::NarrowPermit { id } => format!("許可のポリシー `{id}` に条件が付いています"),
            Self::SecondPermit { action, other } => {
                format!("行為 `{action}` は `{other}` ですでに許可されています")
            }
            Self::NoPermit { action } => format!("行為 `{action}` を許可するポリシーがありません"),
        }
    }

    /// What to do about it, in Japanese.
    pub fn advice(&self) -> String {
        match self {
            Self::Syntax { .. } => "示された行の書き方を直してください".to_owned(),
            Self::Template => "`principal`・`resource` をそのまま書いてください".to_owned(),
            Self::NoId => "`@id(\"条項号.名前\")` を付けてください".to_owned(),
            Self::DuplicateId { .. } => "どちらかの `@id` を変えてください".to_owned(),
            Self::NoAnnotation { name, .. } => match *name {
                "article" => "根拠の条項号を `@article(\"第14条第2項\")` のように書いてください".to_owned(),
                "message" => "何が足りないかを `@message(\"…\")` に書いてください".to_owned(),
                _ => "どうすればよいか、誰に頼めばよいかを `@remedy(\"…\")` に書いてください".to_owned(),
            },
            Self::BadArticle { .. } => "`第7条第4項ただし書` または `7-4但` の形で書いてください".to_owned(),
            Self::UnknownArticle { .. } => {
                "条項号を直すか、要求事項の一覧（demands.toml）に加えてください".to_owned()
            }
            Self::WrongPrefix { expected, .. } => {
                format!("`@id` を `{expected}.…` に変えるか、`@article` を直してください")
            }
            Self::Unfit { .. } => {
                "属性の名前と型を、スキーマ（schema.cedarschema）に合わせてください".to_owned()
            }
            Self::NarrowPermit { .. } => {
                "条件は `forbid … unless` に移してください。許可の条件では、拒否の理由を示せません".to_owned()
            }
            Self::SecondPermit { .. } => "許可は一つの行為に一つだけ残してください".to_owned(),
            Self::NoPermit { action } => {
                format!("`permit (principal, action == Action::\"{action}\", resource);` を加えてください")
            }
        }
    }
}
