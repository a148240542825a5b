//! The settings of the regulation that chapters decide by, read once from the profile.

use jiff::SignedDuration;
use regulation::Profile;

/// What a city may set where the regulation leaves it open.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Failures at one terminal, whoever tried, after which it is locked for a while.
    pub lock_terminal_after: u32,
}

impl Settings {
    /// The settings of `profile`.
    pub fn of(profile: &Profile) -> Self {
        let settings = profile.settings();
        Self {
            password_at_server: settings.password_at_server,
            idle: SignedDuration::from_mins(settings.session_idle_minutes.into()),
            lock_after: settings.attempts_until_pause,
            lock_for: SignedDuration::from_mins(settings.pause_minutes.into()),
            suspend_after: settings.attempts_until_suspension,
            lock_terminal_after: settings.attempts_until_suspension,
        }
    }
}
