//! The chapters of the regulation: what people ask for, what follows, what is so, what is owed.
//!
//! Whoever looks for a chapter opens its folder, and finds in it, in this order, the acts, the facts, the
//! state, what follows from an act, the duties and the ledgers:
//!
//! | chapter | folder |
//! |---|---|
//! | 第1章 総則 | [`terms`] |
//! | 第2章 組織 | [`organization`] |
//! | 第3章 入退室管理 | [`rooms`] |
//! | 第4章 アクセス管理 | [`access`] |
//! | 第5章 情報資産管理 | [`assets`] |
//! | 第10章 雑則 | [`rules`] |
//!
//! What goes in steps, of whichever chapter, goes by one mechanism: [`case`]. What all chapters come to is on
//! the [`board`].
//!
//! Nothing here reads a clock, a file or a network: time comes with the [`Occasion`], and the state is what
//! folding the journal's entries makes of it.

pub mod access;
pub mod assets;
pub mod case;
pub mod organization;
pub mod rooms;
pub mod rules;
pub mod terms;

mod act;
mod action;
pub mod board;
mod chapter;
mod city;
mod duty;
mod entry;
mod fact;
mod ids;
mod invalid;
mod ledger;
pub mod limits;
mod occasion;
mod question;
mod settings;

pub use act::Act;
pub use action::{action_name, fact_name};
pub use board::Board;
pub use chapter::Chapter;
pub use city::{City, Evidence, PastRefusal, State};
pub use duty::{Duty, Fulfil, Owner};
pub use entry::{Entry, Receipt};
pub use fact::{Fact, JournalKind, Refused};
pub use ids::{
    CardId, CardKindId, CaseId, ControllerId, DesignationId, DoorId, EscortId, FindingId, IdError, KeyId,
    OfficeId, PersonId, PostId, RequestId, RoomId, SectionId, SessionId, TerminalId, TransferId,
};
pub use invalid::Invalid;
pub use ledger::{Cell, Column, LedgerDef, Row, Rows, ledger, ledgers};
pub use occasion::{Occasion, Place, japan_day, japan_midnight};
pub use question::in_own_name;
pub use settings::Settings;
