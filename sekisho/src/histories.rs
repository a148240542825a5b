//! `sekisho history`: the operation history from the console.
//!
//! Looking into the history is an operation on the CS (第18条), and an operation takes a card, a password and a
//! registered terminal (第14条). The console has none of them. So the question is put to the regulation like any
//! other, the answer is a refusal with its articles, and both are recorded.

use std::sync::Arc;

use jiff::civil::Date;
use office::clock::SystemClock;
use office::{Declined, Mode};
use register::access::{Act, Operation, OperationKind, Output};
use register::terms::{CheckDigit, ResidentCode};
use register::{Occasion, PersonId, Place, RequestId};
use regulation::wareki;

use crate::cli::HistoryCommand;
use crate::failure::Failure;
use crate::{offices, regulations};

pub(crate) fn run(command: HistoryCommand) -> Result<(), Failure> {
    let HistoryCommand::Trace { data, resident, operator, from, to, purpose, profile } = command;
    let (kind, subject) = match (resident, operator) {
        (Some(code), _) => (OperationKind::HistoryResident, read_code(&code)?),
        (None, operator) => (OperationKind::HistoryOperator, read_person(&operator.unwrap_or_default())?),
    };
    let period = match (read_day(from)?, read_day(to)?) {
        (None, None) => String::new(),
        (from, to) => format!(" {}/{}", written(from), written(to)),
    };
    let operation = Operation {
        kind,
        condition: format!("{subject}{period}"),
        reason: purpose.filter(|purpose| !purpose.trim().is_empty()),
        touched: Vec::new(),
        hits: 0,
        output: Output::Screen,
        section: None,
        card: None,
        terminal: None,
    };
    let profile = regulations::load(profile.as_deref())?;
    crate::journals::expect(&data)?;
    let office = offices::open(&data, profile, Mode::Serve, String::new(), Arc::new(SystemClock))?;
    let on = Occasion {
        by: PersonId::nobody(),
        place: Place::Console,
        at: office.now(),
        request: request()?,
        session: None,
    };
    let answer = office.submit(Act::Operate(operation).into(), on);
    office.close();
    match answer {
        Err(Declined::Refused { refusal, .. }) => Err(Failure::Refused(refusal)),
        Err(declined) => Err(Failure::failed(declined.japanese(), "しばらくしてからやり直してください")),
        // No policy that demands a card can permit this; if one day none does, there is still nothing to show here.
        Ok(_) => Err(Failure::failed("操作履歴はコンソールには表示しません", AT_A_TERMINAL)),
    }
}

const AT_A_TERMINAL: &str = "CS端末でサインインし、画面の操作履歴から調べてください";

fn read_code(typed: &str) -> Result<String, Failure> {
    let parsed = ResidentCode::parse(typed, CheckDigit::Warn);
    let parsed = parsed.map_err(|fault| {
        Failure::usage(fault.japanese(), "--resident には11桁の住民票コードを指定してください")
    })?;
    Ok(parsed.code.to_string())
}

fn read_person(typed: &str) -> Result<String, Failure> {
    let person: Result<PersonId, _> = typed.parse();
    let person = person
        .map_err(|error| Failure::usage(error.japanese(), "--operator には職員番号を指定してください"))?;
    Ok(person.to_string())
}

fn read_day(typed: Option<String>) -> Result<Option<Date>, Failure> {
    let Some(typed) = typed else { return Ok(None) };
    let day = wareki::parse(&typed).map_err(|error| {
        Failure::usage(error.to_string(), "日付は 2026-04-01 か 令和8年4月1日 の形で指定してください")
    })?;
    Ok(Some(day))
}

fn written(day: Option<Date>) -> String {
    day.map_or(String::new(), |day| day.to_string())
}

fn request() -> Result<RequestId, Failure> {
    let mut bytes = [0; 16];
    let drawn =
        getrandom::fill(&mut bytes).ok().and_then(|()| format!("r-{}", hex::encode(bytes)).parse().ok());
    drawn.ok_or_else(|| Failure::failed("乱数が得られません", "システム管理者に知らせてください"))
}
