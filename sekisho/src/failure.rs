//! How the program ends when it did not do what was asked: what people read, and the code that scripts read.

use std::process::ExitCode;

use policy::Refusal;

/// Why nothing, or not all, was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It did not work.
    Failed(Vec<String>),
    /// It cannot be asked for like this.
    Usage(Vec<String>),
    /// The regulation stands against it.
    Refused(Refusal),
    /// What was found out is printed already, and it is not good.
    Found,
}

impl Failure {
    /// It did not work: what, and what to do about it.
    pub(crate) fn failed(what: impl Into<String>, what_to_do: &str) -> Self {
        Self::Failed(vec![format!("{}。{what_to_do}", what.into())])
    }

    /// It cannot be asked for like this: what, and what to write instead.
    pub(crate) fn usage(what: impl Into<String>, what_to_do: &str) -> Self {
        Self::Usage(vec![format!("{}。{what_to_do}", what.into())])
    }

    /// For stderr, one line for each thing.
    fn lines(&self) -> Vec<String> {
        match self {
            Self::Failed(lines) | Self::Usage(lines) => lines.clone(),
            Self::Refused(refusal) => refused(refusal),
            Self::Found => Vec::new(),
        }
    }

    /// What scripts read: 1 failed, 2 usage, 3 refused by the regulation.
    fn code(&self) -> u8 {
        match self {
            Self::Failed(_) | Self::Found => 1,
            Self::Usage(_) => 2,
            Self::Refused(_) => 3,
        }
    }

    /// Says it, and gives the code to end with.
    pub(crate) fn say(&self) -> ExitCode {
        for line in self.lines() {
            eprintln!("{line}");
        }
        ExitCode::from(self.code())
    }
}

/// A refusal for people: every article against it, why, and what would help.
pub(crate) fn refused(refusal: &Refusal) -> Vec<String> {
    let head = "規程により認められません。".to_owned();
    let ground = |ground: &policy::Ground| {
        let article = ground.citation.map_or("（規則を評価できません）".to_owned(), |citation| {
            citation.japanese().to_string()
        });
        format!("{article}: {}。{}", ground.reason, ground.remedy)
    };
    std::iter::once(head).chain(refusal.grounds.iter().map(ground)).collect()
}
