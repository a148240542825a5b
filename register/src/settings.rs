//! The settings that chapters decide by.

use jiff::SignedDuration;
use regulation::SettingValues;

/// What a city may set where the regulation leaves it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// 第14条第2項 is read as a password checked at the server, besides the card's PIN.
    pub password_at_server: bool,
    /// A stay at a terminal ends when nobody operates for this long.
    pub idle: SignedDuration,
    /// Failures after which an operator is locked out for a while.
    pub lock_after: u32,
    /// For how long.
    pub lock_for: SignedDuration,
    /// Failures after which the card is suspended until the アクセス管理責任者 restores it.
    pub suspend_after: u32,
    /// Longest period in which the deputy acts for the head by one decision.
    pub acting_max: SignedDuration,
    /// Failures at one terminal, whoever tried, after which it is locked for a while.
    pub lock_terminal_after: u32,
    /// 第7条 is silent: how many of the seats that are held have to be taken for the council to sit, in percent.
    pub council_quorum_percent: u32,
    /// 第18条: years for which the operation history is kept.
    pub operations_retention_years: u32,
    /// 第12条: years for which passages are kept.
    pub passages_retention_years: u32,
    /// 第9条第2項: somebody who is escorted needs the prior permission as well.
    pub escort_needs_permission: bool,
    /// Longest period of one permit, in days.
    pub permit_max_days: u32,
    /// Days after which a standing permit is looked over.
    pub permit_review_days: u32,
    /// 第13条: months after which the entry manager reports to the head again.
    pub entry_report_months: u32,
    /// Days within which minutes are drafted, and then confirmed.
    pub minutes_days: u32,
    /// 第7条第4項ただし書: days within which an urgent resolution is reported.
    pub emergency_report_days: u32,
    /// How long a challenge to a card may be answered.
    pub challenge_for: SignedDuration,
    /// Shortest password, in characters.
    pub password_min_length: u32,
    /// Longest password, in characters.
    pub password_max_length: u32,
    /// Passwords that are in common lists or name the city or the person are refused.
    pub password_blocklist: bool,
    /// Kinds of characters that a password has to have: of lower case, upper case, digits, others.
    pub password_kinds: u32,
    /// After which a password has to be changed; none: it does not age.
    pub password_max_age: Option<SignedDuration>,
    /// Passwords before the present one that must not come again.
    pub password_history: u32,
    /// 第16条第3号 is silent: months after which a card is inspected again.
    pub card_inspection_months: u32,
    /// Days ahead of which the end of a card's certificate is announced.
    pub card_expiry_notice_days: u32,
    /// 第17条: whoever has not acknowledged the rules in force opens nothing of the CS.
    pub acknowledgement_gates_cs: bool,
}

impl Settings {
    /// The settings with these values.
    pub fn of(settings: &SettingValues) -> Self {
        Self {
            password_at_server: settings.password_at_server,
            idle: SignedDuration::from_mins(settings.session_idle_minutes.into()),
            lock_after: settings.attempts_until_pause,
            lock_for: SignedDuration::from_mins(settings.pause_minutes.into()),
            suspend_after: settings.attempts_until_suspension,
            acting_max: SignedDuration::from_hours(24 * i64::from(settings.acting_max_days)),
            lock_terminal_after: settings.attempts_at_terminal,
            council_quorum_percent: settings.council_quorum_percent,
            operations_retention_years: settings.operations_retention_years,
            passages_retention_years: settings.passages_retention_years,
            escort_needs_permission: settings.escort_needs_permission,
            permit_max_days: settings.permit_max_days,
            permit_review_days: settings.permit_review_days,
            entry_report_months: settings.entry_report_months,
            minutes_days: settings.minutes_days,
            emergency_report_days: settings.emergency_report_days,
            challenge_for: SignedDuration::from_secs(settings.challenge_lifetime_seconds.into()),
            password_min_length: settings.password_min_length,
            password_max_length: settings.password_max_length,
            password_blocklist: settings.password_blocklist,
            password_kinds: settings.password_kinds,
            password_max_age: (settings.password_max_age_days > 0)
                .then(|| SignedDuration::from_hours(24 * i64::from(settings.password_max_age_days))),
            password_history: settings.password_history,
            card_inspection_months: settings.card_inspection_months,
            card_expiry_notice_days: settings.card_expiry_notice_days,
            acknowledgement_gates_cs: settings.acknowledgement_gates_cs,
        }
    }
}
