//! The program at work: events come together here, and effects go out.

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;
use std::{fs, io, thread};

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::browser::Browser;
use crate::config::Config;
use crate::core::{Core, Effect, Event};
use crate::link::{Link, LinkError};
use crate::prompt::{Prompt, Typed};
use crate::slot::{self, Order, Slot};
use crate::status::Status;
use crate::wire::Said;

/// The file of the status page, in the state's folder.
const STATUS_PAGE: &str = "status.html";
/// How often it is seen whether somebody closed the browser.
const BROWSER_LOOK: Duration = Duration::from_secs(1);

/// What a program is made of.
pub struct Parts {
    /// Where cards are put in.
    pub slot: Box<dyn Slot>,
    /// What tells the time.
    pub clock: fn() -> Timestamp,
    /// Becomes true when the program is to end.
    pub stop: watch::Receiver<bool>,
}

/// Why the program cannot work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The link cannot be set up.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The status page cannot be written.
    #[error("`{file}` cannot be written: {cause}")]
    State {
        /// Where.
        file: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A part of the program has ended by itself.
    #[error("a part of the program has ended")]
    Ended,
}

/// Works until it is told to stop.
///
/// # Errors
/// When it cannot begin, or a part of it breaks down: the browser is closed then.
pub async fn run(config: &Config, parts: Parts) -> Result<(), RunError> {
    let link = Link::new(config)?;
    let (events, mut happens) = unbounded_channel();
    let (orders, to_do) = mpsc::channel();
    let (says, said) = unbounded_channel();
    let mut slot = parts.slot;
    let told = events.clone();
    // It ends when nobody gives orders any more.
    thread::Builder::new()
        .name("card".to_owned())
        .spawn(move || slot::work(slot.as_mut(), &to_do, |event| drop(told.send(event))))
        .map_err(|cause| RunError::State { file: PathBuf::from("card"), cause })?;
    let linked = tokio::spawn(link.keep(events.clone(), said));
    let mut stage = Stage {
        orders,
        says,
        events,
        prompt: None,
        browser: Browser::new(config.browser.clone()),
        prompt_command: prompt_command(config)?,
        page: config.state.join(STATUS_PAGE),
        terminal: config.terminal.clone(),
        clerk_works: false,
    };
    let mut core = Core::new(config.settings());
    let mut stop = parts.stop;
    let mut looks = tokio::time::interval(BROWSER_LOOK);
    let mut shown = core.status();
    stage.write(&shown)?;
    stage.rest().await;
    let ended = loop {
        let event = tokio::select! {
            event = happens.recv() => event,
            _ = stop.wait_for(|stop| *stop) => break Ok(()),
            _ = looks.tick() => {
                stage.look().await;
                continue;
            }
        };
        let Some(event) = event else { break Err(RunError::Ended) };
        for effect in core.take(event, (parts.clock)()) {
            stage.carry_out(effect).await;
        }
        let status = core.status();
        if status != shown {
            stage.write(&status)?;
            shown = status;
        }
        if linked.is_finished() {
            break Err(RunError::Ended);
        }
    };
    stage.ask_no_more();
    stage.browser.close().await;
    linked.abort();
    ended
}

fn prompt_command(config: &Config) -> Result<Vec<String>, RunError> {
    if !config.prompt.is_empty() {
        return Ok(config.prompt.clone());
    }
    let own =
        std::env::current_exe().map_err(|cause| RunError::State { file: PathBuf::from("sekisho"), cause })?;
    Ok(vec![own.display().to_string(), "terminal".to_owned(), "prompt".to_owned()])
}

/// Everything outside that effects reach.
struct Stage {
    orders: mpsc::Sender<Order>,
    says: UnboundedSender<Said>,
    events: UnboundedSender<Event>,
    prompt: Option<AbortHandle>,
    browser: Browser,
    prompt_command: Vec<String>,
    page: PathBuf,
    terminal: String,
    /// The browser shows a page of the office.
    clerk_works: bool,
}

impl Stage {
    async fn carry_out(&mut self, effect: Effect) {
        match effect {
            // Parts that have ended are seen by the loop.
            Effect::Say(said) => drop(self.says.send(said)),
            Effect::Sign { by, challenge } => drop(self.orders.send(Order::Sign { by, challenge })),
            Effect::Prove(presence) => drop(self.orders.send(Order::Prove(presence))),
            Effect::AskPin { wrong } => self.ask(wrong),
            Effect::ClosePrompt => self.ask_no_more(),
            Effect::Browse(url) => {
                self.clerk_works = true;
                self.browser.show(&url).await;
            }
            Effect::CloseBrowser => {
                self.clerk_works = false;
                self.rest().await;
            }
        }
    }

    fn ask(&mut self, wrong: Option<String>) {
        self.ask_no_more();
        let (command, events) = (self.prompt_command.clone(), self.events.clone());
        let asked = tokio::spawn(async move {
            let pin = ask_until_it_is_a_pin(&command, wrong).await;
            drop(events.send(Event::Pin(pin)));
        });
        self.prompt = Some(asked.abort_handle());
    }

    fn ask_no_more(&mut self) {
        if let Some(prompt) = self.prompt.take() {
            prompt.abort();
        }
    }

    /// Nobody works: the browser shows where the terminal stands.
    async fn rest(&mut self) {
        self.browser.show(&format!("file://{}", self.page.display())).await;
    }

    /// A browser that somebody closed comes again, with the status page.
    async fn look(&mut self) {
        if self.browser.is_gone() {
            self.clerk_works = false;
            self.rest().await;
        }
    }

    /// The page is whole whenever it is read.
    fn write(&self, status: &Status) -> Result<(), RunError> {
        let write = || {
            if let Some(folder) = self.page.parent() {
                fs::create_dir_all(folder)?;
            }
            let new = self.page.with_extension("new");
            fs::write(&new, status.page(&self.terminal))?;
            fs::rename(&new, &self.page)
        };
        write().map_err(|cause| RunError::State { file: self.page.clone(), cause })
    }
}

async fn ask_until_it_is_a_pin(command: &[String], mut wrong: Option<String>) -> Option<card::Pin> {
    loop {
        let mut prompt = match Prompt::open(command, wrong.as_deref()) {
            Ok(prompt) => prompt,
            Err(error) => {
                tracing::error!(%error, "the PIN cannot be asked for");
                return None;
            }
        };
        match prompt.answer().await {
            Typed::Pin(pin) => return Some(pin),
            Typed::NoPin(why) => wrong = Some(why),
            Typed::Nothing => return None,
        }
    }
}
