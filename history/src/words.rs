//! A year's words: texts that come again and again (operators, cards, terminals, sections), kept once.

use std::collections::HashMap;
use std::sync::Arc;

/// A word's number, from 1. 0 stands for no word.
pub(crate) type WordId = u32;
/// No word.
pub(crate) const NO_WORD: WordId = 0;

/// The words of a year that are on disk.
#[derive(Debug, Default)]
pub(crate) struct Words {
    texts: Vec<Arc<str>>,
    ids: HashMap<Arc<str>, WordId>,
}

impl Words {
    pub(crate) fn id(&self, text: &str) -> Option<WordId> {
        self.ids.get(text).copied()
    }

    /// None for a number that no word has.
    pub(crate) fn text(&self, id: WordId) -> Option<&str> {
        self.texts.get((id as usize).checked_sub(1)?).map(|text| &**text)
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(crate) fn push(&mut self, text: Arc<str>) {
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, self.texts.len() as WordId);
    }
}

/// Words that a batch needs and that are not on disk yet.
#[derive(Debug, Default)]
pub(crate) struct NewWords {
    texts: Vec<Arc<str>>,
    ids: HashMap<Arc<str>, WordId>,
}

impl NewWords {
    /// The number of a word, which it gets now if it is new.
    pub(crate) fn id(&mut self, known: &Words, text: &str) -> WordId {
        if let Some(id) = known.id(text).or_else(|| self.ids.get(text).copied()) {
            return id;
        }
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        let id = (known.len() + self.texts.len()) as WordId;
        self.ids.insert(text, id);
        id
    }

    /// As [`id`](Self::id), with [`NO_WORD`] for none.
    pub(crate) fn id_of(&mut self, known: &Words, text: Option<&str>) -> WordId {
        text.map_or(NO_WORD, |text| self.id(known, text))
    }

    /// The new words in the order of their numbers.
    pub(crate) fn texts(&self) -> &[Arc<str>] {
        &self.texts
    }
}
