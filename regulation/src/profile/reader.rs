//! Reads a profile's TOML files: each value with its place, each fault noted, reading goes on.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::civil::Date;
use toml_edit::{Document, Item, TableLike, Value};

use super::Fault;
use crate::{Citation, wareki};

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// The faults found so far. Shared, because every node of every file reports to it.
#[derive(Debug, Default)]
pub(super) struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    pub(super) fn note(&self, at: &Place, what: impl Into<String>, what_to_do: impl Into<String>) {
        let Place { file, line, column } = at.clone();
        let (what, what_to_do) = (what.into(), what_to_do.into());
        self.0.borrow_mut().push(Fault { file, line, column, what, what_to_do });
    }

    pub(super) fn into_sorted(self) -> Vec<Fault> {
        let mut faults = self.0.into_inner();
        faults.sort();
        faults.dedup();
        faults
    }
}

/// One TOML file.
pub(super) struct File {
    name: String,
    document: Document<String>,
}

impl File {
    /// Parses the text; a syntax fault is noted and ends the reading of this file.
    pub(super) fn parse(name: &str, text: String, faults: &Faults) -> Option<Self> {
        match Document::parse(text.clone()) {
            Ok(document) => Some(Self { name: name.to_owned(), document }),
            Err(error) => {
                let at = place_of(name, &text, error.span().map_or(0, |span| span.start));
                let reason = error.message().lines().next().unwrap_or_default().to_owned();
                faults.note(
                    &at,
                    format!("TOMLとして読めません（{reason}）"),
                    "この行の書き方を直してください",
                );
                None
            }
        }
    }

    /// The file's top table.
    pub(super) fn root<'a>(&'a self, faults: &'a Faults) -> Node<'a> {
        let table: &dyn TableLike = self.document.as_table();
        Node { file: self, table, place: self.place(0), faults, known: RefCell::default() }
    }

    fn place(&self, offset: usize) -> Place {
        place_of(&self.name, self.document.raw(), offset)
    }
}

fn place_of(file: &str, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Place { file: file.to_owned(), line, column }
}

/// A table of a file. What is not asked for is reported by [`Node::finish`].
pub(super) struct Node<'a> {
    file: &'a File,
    table: &'a dyn TableLike,
    pub(super) place: Place,
    pub(super) faults: &'a Faults,
    known: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Node<'a> {
    fn place_of(&self, key: &str) -> Place {
        let key_start = self.table.key(key).and_then(toml_edit::Key::span);
        let item_start = self.table.get(key).and_then(Item::span);
        let start = item_start.or(key_start);
        start.map_or_else(|| self.place.clone(), |span| self.file.place(span.start))
    }

    fn find(&self, key: &'static str) -> Option<&'a Item> {
        self.known.borrow_mut().insert(key);
        self.table.get(key).filter(|item| !item.is_none())
    }

    /// Notes a fault at a key, or at the table when the key is missing.
    pub(super) fn fault(&self, key: &str, what: impl Into<String>, what_to_do: impl Into<String>) {
        self.faults.note(&self.place_of(key), what, what_to_do);
    }

    fn missing(&self, key: &str) {
        self.fault(key, format!("「{key}」がありません"), format!("「{key} = …」を書き足してください"));
    }

    fn wrong_type(&self, key: &str, wanted: &str) {
        self.fault(
            key,
            format!("「{key}」の値が{wanted}ではありません"),
            format!("{wanted}を書いてください"),
        );
    }

    /// A text that must be there and not be empty.
    pub(super) fn text(&self, key: &'static str) -> Option<Placed<String>> {
        if self.find(key).is_none() {
            self.missing(key);
        }
        self.optional_text(key)
    }

    /// A text that may be left out.
    pub(super) fn optional_text(&self, key: &'static str) -> Option<Placed<String>> {
        let text = self.find(key)?.as_str().map(str::trim).filter(|text| !text.is_empty());
        if text.is_none() {
            self.wrong_type(key, "文字");
        }
        Some(Placed { value: text?.to_owned(), place: self.place_of(key) })
    }

    /// A code: ASCII letters, digits and `-_.@`, at most 64.
    pub(super) fn code(&self, key: &'static str) -> Option<Placed<String>> {
        let code = self.text(key)?;
        let fits = code.value.len() <= 64
            && code.value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@".contains(&b));
        if fits {
            return Some(code);
        }
        let what = format!("「{}」は符号として使えません", code.value);
        self.fault(key, what, "半角の英数字と - _ . @ で64文字までにしてください");
        None
    }

    /// A whole number within a range.
    pub(super) fn number(&self, key: &'static str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let Some(item) = self.find(key) else {
            self.missing(key);
            return None;
        };
        let Some(number) = item.as_integer() else {
            self.wrong_type(key, "整数");
            return None;
        };
        if range.contains(&number) {
            return Some(number);
        }
        let (low, high) = range.into_inner();
        self.fault(
            key,
            format!("「{key}」の{number}は範囲の外です"),
            format!("{low}から{high}までにしてください"),
        );
        None
    }

    /// A whole number that may be left out.
    pub(super) fn optional_number(
        &self,
        key: &'static str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        self.find(key)?;
        self.number(key, range)
    }

    /// true or false.
    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let Some(item) = self.find(key) else {
            self.missing(key);
            return None;
        };
        let flag = item.as_bool();
        if flag.is_none() {
            self.wrong_type(key, "真偽（true か false）");
        }
        flag
    }

    /// A day, in any form that [`wareki::parse`] reads or as a TOML date.
    pub(super) fn day(&self, key: &'static str) -> Option<Placed<Date>> {
        let Some(item) = self.find(key) else {
            self.missing(key);
            return None;
        };
        let written = match item.as_value() {
            Some(Value::String(text)) => text.value().clone(),
            Some(Value::Datetime(day)) => day.value().to_string(),
            _ => {
                self.wrong_type(key, "日付");
                return None;
            }
        };
        match wareki::parse(&written) {
            Ok(value) => Some(Placed { value, place: self.place_of(key) }),
            Err(error) => {
                self.fault(key, error.japanese(), "暦にある日を書いてください");
                None
            }
        }
    }

    /// A day that may be left out.
    pub(super) fn optional_day(&self, key: &'static str) -> Option<Placed<Date>> {
        self.find(key)?;
        self.day(key)
    }

    /// A flag that may be left out.
    pub(super) fn optional_flag(&self, key: &'static str) -> Option<bool> {
        self.find(key)?;
        self.flag(key)
    }

    /// A citation that may be left out.
    pub(super) fn optional_citation(&self, key: &'static str) -> Option<Placed<Citation>> {
        self.find(key)?;
        self.citation(key)
    }

    /// A list of texts; empty when it is left out.
    pub(super) fn texts(&self, key: &'static str) -> Vec<Placed<String>> {
        let Some(item) = self.find(key) else {
            return Vec::new();
        };
        let Some(list) = item.as_array() else {
            self.wrong_type(key, "文字の並び");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for value in list {
            let start = value.span().map_or(0, |span| span.start);
            let place = self.file.place(start);
            match value.as_str() {
                Some(text) => texts.push(Placed { value: text.to_owned(), place }),
                None => self.faults.note(
                    &place,
                    format!("「{key}」に文字でないものがあります"),
                    "文字を書いてください",
                ),
            }
        }
        texts
    }

    /// A list of whole numbers; empty when it is left out.
    pub(super) fn numbers(&self, key: &'static str) -> Vec<i64> {
        let Some(item) = self.find(key) else {
            return Vec::new();
        };
        let numbers = item.as_array().and_then(|list| list.iter().map(Value::as_integer).collect());
        if numbers.is_none() {
            self.wrong_type(key, "整数の並び");
        }
        numbers.unwrap_or_default()
    }

    /// One citation.
    pub(super) fn citation(&self, key: &'static str) -> Option<Placed<Citation>> {
        let text = self.text(key)?;
        self.as_citation(text)
    }

    /// A list of citations, at least one.
    pub(super) fn citations(&self, key: &'static str) -> Vec<Placed<Citation>> {
        let texts = self.texts(key);
        if texts.is_empty() {
            self.missing(key);
        }
        texts.into_iter().filter_map(|text| self.as_citation(text)).collect()
    }

    fn as_citation(&self, text: Placed<String>) -> Option<Placed<Citation>> {
        match text.value.parse() {
            Ok(value) => Some(Placed { value, place: text.place }),
            Err(error) => {
                let error: crate::CitationError = error;
                self.faults.note(&text.place, error.japanese(), "条項号を直してください");
                None
            }
        }
    }

    /// The keys of a table that are not fixed, with their values.
    pub(super) fn pairs(&self, key: &'static str) -> Vec<(Placed<String>, &'a Item)> {
        let Some(item) = self.find(key) else {
            return Vec::new();
        };
        let Some(table) = item.as_table_like() else {
            self.wrong_type(key, "表");
            return Vec::new();
        };
        let place = self.place_of(key);
        table
            .iter()
            .map(|(key, item)| (Placed { value: key.to_owned(), place: place.clone() }, item))
            .collect()
    }

    /// One table that must be there.
    pub(super) fn table(&self, key: &'static str) -> Option<Node<'a>> {
        let Some(item) = self.find(key) else {
            self.missing(key);
            return None;
        };
        let table = item.as_table_like();
        if table.is_none() {
            self.wrong_type(key, "表");
        }
        Some(self.child(table?, item.span()))
    }

    /// A table that may be left out.
    pub(super) fn optional_table(&self, key: &'static str) -> Option<Node<'a>> {
        self.find(key)?;
        self.table(key)
    }

    /// The tables of `[[key]]`, at least one.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Node<'a>> {
        let Some(item) = self.find(key) else {
            self.fault(
                key,
                format!("[[{key}]] が一つもありません"),
                format!("[[{key}]] を書き足してください"),
            );
            return Vec::new();
        };
        if let Some(tables) = item.as_array_of_tables() {
            return tables.iter().map(|table| self.child(table, table.span())).collect();
        }
        if let Some(inline) = item.as_array().filter(|list| list.iter().all(Value::is_inline_table)) {
            let tables = inline.iter().filter_map(|value| Some((value.as_inline_table()?, value.span())));
            return tables.map(|(table, span)| self.child(table, span)).collect();
        }
        self.wrong_type(key, "表の並び");
        Vec::new()
    }

    fn child(&self, table: &'a dyn TableLike, span: Option<std::ops::Range<usize>>) -> Node<'a> {
        let place = span.map_or_else(|| self.place.clone(), |span| self.file.place(span.start));
        Node { file: self.file, table, place, faults: self.faults, known: RefCell::default() }
    }

    /// Says that a key is known, whatever it holds.
    pub(super) fn ignore(&self, key: &'static str) {
        self.find(key);
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(&self) {
        for (key, _) in self.table.iter() {
            if !self.known.borrow().contains(key) {
                let place = self.table.key(key).and_then(toml_edit::Key::span);
                let at = place.map_or_else(|| self.place_of(key), |span| self.file.place(span.start));
                let known: Vec<_> = self.known.borrow().iter().copied().collect();
                self.faults.note(
                    &at,
                    format!("「{key}」という項目はありません"),
                    format!("つづりを直すか消してください。使える項目: {}", known.join("、")),
                );
            }
        }
    }
}
