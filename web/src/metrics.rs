//! What is counted of requests, in Prometheus' text form.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use register::JournalKind;

use crate::site::App;

/// Requests answered, by the answer's class.
#[derive(Debug, Default)]
pub(crate) struct Metrics([AtomicU64; 6]);

impl Metrics {
    /// One more request was answered with `status`.
    pub(crate) fn answered(&self, status: u16) {
        if let Some(count) = self.0.get(usize::from(status / 100)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// `GET /metrics`.
pub(crate) fn text(app: &App) -> String {
    let mut out = String::new();
    let mut family = |name: &str, kind: &str, help: &str, samples: &[(String, u64)]| {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in samples {
            let _ = writeln!(out, "{name}{labels} {value}");
        }
    };
    let answered = &app.metrics().0;
    let classes: Vec<(String, u64)> = (1..6)
        .map(|class| (format!("{{class=\"{class}xx\"}}"), answered[class].load(Ordering::Relaxed)))
        .collect();
    family("sekisho_http_responses_total", "counter", "Requests answered since the start.", &classes);
    let journal = app.office().journal();
    let sizes: Vec<(String, u64)> = JournalKind::ALL
        .iter()
        .filter_map(|kind| {
            let name = journal::JournalName::new(kind.name()).ok()?;
            Some((format!("{{journal=\"{}\"}}", kind.name()), journal.head(&name).ok()?.size))
        })
        .collect();
    family("sekisho_journal_entries", "gauge", "Entries of each journal.", &sizes);
    let city = app.office().city();
    let now = app.office().now();
    let one = |value: u64| [(String::new(), value)];
    family(
        "sekisho_operations_total",
        "counter",
        "Operations on the CS, ever.",
        &one(city.access.operations()),
    );
    family(
        "sekisho_refusals_total",
        "counter",
        "Acts refused by the regulation, ever.",
        &one(city.refused()),
    );
    family("sekisho_residents", "gauge", "Residents entered.", &one(city.assets.residents()));
    family("sekisho_sessions", "gauge", "Stays at terminals.", &one(city.access.sessions().count() as u64));
    family("sekisho_duties", "gauge", "Duties open now.", &one(city.duties(now).len() as u64));
    out
}
