//! Reads both forms of a citation.

use super::{Citation, CitationError, CitationFault, Expected, Number, Row};
use crate::{limits, numerals};

/// Reads a whole text as one citation.
pub(super) fn citation(text: &str) -> Result<Citation, CitationError> {
    let wrong = |fault| CitationError { text: text.chars().take(limits::CITATION).collect(), fault };
    if text.chars().count() > limits::CITATION {
        return Err(wrong(CitationFault::TooLong));
    }
    // A citation has no sense-giving blanks; `9-2 L2` is as clear without.
    let plain: String = text.chars().map(numerals::narrow).filter(|c| !c.is_whitespace()).collect();
    if plain.is_empty() {
        return Err(wrong(CitationFault::Empty));
    }
    let mut reader = Reader { rest: &plain };
    reader.citation().map_err(wrong)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn citation(&mut self) -> Result<Citation, CitationFault> {
        let citation = if self.skip("第") { self.japanese()? } else { self.short()? };
        let citation = if self.proviso() { citation.with_proviso() } else { citation };
        if self.rest.is_empty() {
            Ok(citation)
        } else {
            Err(CitationFault::Rest { rest: self.rest.to_owned() })
        }
    }

    fn japanese(&mut self) -> Result<Citation, CitationFault> {
        let main = self.number(Expected::Article)?;
        self.expect("条")?;
        let mut citation = Citation::of(self.branches(main)?);
        let mut unit = self.skip("第").then(|| self.number(Expected::Paragraph)).transpose()?;
        if let Some(paragraph) = unit
            && self.skip("項")
        {
            citation = Citation { paragraph: Some(paragraph), ..citation };
            unit = self.skip("第").then(|| self.number(Expected::Item)).transpose()?;
        }
        if let Some(item) = unit {
            self.expect("号")?;
            return Ok(citation.with_item(self.branches(item)?));
        }
        if self.skip("の表") {
            self.skip("の");
            let row = self.row(&["レベル"])?;
            self.expect("の項")?;
            return Ok(citation.with_row(row).unwrap_or(citation));
        }
        Ok(citation)
    }

    fn short(&mut self) -> Result<Citation, CitationFault> {
        let main = self.number(Expected::Article)?;
        let mut citation = Citation::of(self.branches(main)?);
        if self.skip("-") {
            citation = Citation { paragraph: Some(self.number(Expected::Paragraph)?), ..citation };
        }
        if self.skip("(") {
            let item = self.number(Expected::Item)?;
            citation = citation.with_item(self.branches(item)?);
            self.expect(")")?;
            return Ok(citation);
        }
        let level = self.rest.starts_with(['L', 'l']);
        if level || self.skip("表") {
            let row = self.row(&["L", "l"])?;
            citation = citation.with_row(row).unwrap_or(citation);
        }
        Ok(citation)
    }

    fn row(&mut self, level_marks: &[&str]) -> Result<Row, CitationFault> {
        let level = level_marks.iter().any(|mark| self.skip(mark));
        let number = self.number(Expected::Row)?;
        Ok(if level { Row::Level(number) } else { Row::Numbered(number) })
    }

    fn branches(&mut self, main: u16) -> Result<Number, CitationFault> {
        let out_of_range = || CitationFault::OutOfRange { number: main.to_string() };
        let mut number = Number::new(main).ok_or_else(out_of_range)?;
        while !self.rest.starts_with("の表") && self.skip("の") {
            let rest = self.rest.to_owned();
            let branch = self.number(Expected::Branch)?;
            number = number.branched(branch).ok_or(CitationFault::Rest { rest })?;
        }
        Ok(number)
    }

    fn proviso(&mut self) -> bool {
        ["ただし書き", "ただし書", "但し書き", "但し書", "但書", "但"].iter().any(|mark| self.skip(mark))
    }

    fn number(&mut self, what: Expected) -> Result<u16, CitationFault> {
        let missing = || CitationFault::NumberExpected { what, rest: self.rest.to_owned() };
        let (value, length) = numerals::leading_number(self.rest).ok_or_else(missing)?;
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        let known = u16::try_from(value).ok().filter(|number| (1..=limits::NUMBER).contains(number));
        known.ok_or_else(|| CitationFault::OutOfRange { number: text.to_owned() })
    }

    fn skip(&mut self, mark: &str) -> bool {
        self.rest.strip_prefix(mark).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn expect(&mut self, mark: &'static str) -> Result<(), CitationFault> {
        if self.skip(mark) {
            Ok(())
        } else {
            Err(CitationFault::MarkExpected { mark, rest: self.rest.to_owned() })
        }
    }
}
