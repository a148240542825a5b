//! `/rooms/live`: tells a page that something of the chapter has changed, as it happens (Server-Sent Events).
//! What changed is not told: the page asks for itself again, and is answered as its reader may be.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures_core::Stream;
use office::Declined;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::ask::Ask;
use crate::limits;
use crate::site::App;
use crate::trouble::{Answer, Trouble};

/// `GET /rooms/live`.
pub(crate) fn stream(ask: &Ask) -> Answer {
    let token = ask.visit.token.clone().ok_or(Trouble::NobodyHere)?;
    let place = ask.app.stream().ok_or(Declined::Busy)?;
    let runtime = tokio::runtime::Handle::try_current().map_err(Trouble::broken)?;
    let (sender, told) = channel(1);
    runtime.spawn(tell(ask.app.clone(), token, place, sender));
    Ok(Sse::new(Told(told)).into_response())
}

/// Tells every change until the reader has gone or the stay has ended: to be connected is no act, so a stay
/// that nobody acts in ends as if nobody were connected.
async fn tell(app: App, token: String, _place: OwnedSemaphorePermit, sender: Sender<Event>) {
    let mut seen = None;
    let (mut looks, mut silent, mut unheard) = (0, 0, 0);
    loop {
        if looks % limits::STREAM_STAY == 0 {
            // A controller that falls silent records nothing, and the page is to say so.
            unheard = on_a_thread(&app, |app| app.office().silent_controllers()).await.unwrap_or(unheard);
        }
        let now = (app.office().room_changes(), unheard);
        let event = match seen {
            Some(before) if before == now && silent < limits::STREAM_SILENT => None,
            Some(before) if before == now => Some(Event::default().comment("")),
            _ => Some(Event::default().event("rooms").data(now.0.to_string())),
        };
        seen = Some(now);
        silent += 1;
        if let Some(event) = event {
            silent = 0;
            if sender.send(event).await.is_err() {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(limits::STREAM_LOOKS)).await;
        looks += 1;
        if sender.is_closed() || (looks % limits::STREAM_STAY == 0 && !open(&app, &token).await) {
            return;
        }
    }
}

async fn open(app: &App, token: &str) -> bool {
    let token = token.to_owned();
    on_a_thread(app, move |app| app.office().signed_in(&token).is_some()).await.unwrap_or(false)
}

/// What the office is asked may wait for a record to be written.
async fn on_a_thread<T: Send + 'static>(app: &App, ask: impl FnOnce(App) -> T + Send + 'static) -> Option<T> {
    let app = app.clone();
    tokio::task::spawn_blocking(move || ask(app)).await.ok()
}

/// What is told, as it comes.
struct Told(Receiver<Event>);

impl Stream for Told {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}
