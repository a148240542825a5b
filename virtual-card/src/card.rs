//! A card: two files, and what happens while it has power.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use piv_authenticator::{Authenticator, Options};
use tempfile::TempDir;

use crate::application::Contacts;
use crate::platform;

/// A card. What it keeps without power, its keys, objects and tries, is gone when this is dropped.
pub struct Card {
    folder: TempDir,
}

impl Card {
    /// A blank card, as it comes from the factory.
    ///
    /// # Errors
    /// There is no room for its two files.
    pub fn blank() -> std::io::Result<Self> {
        Ok(Self { folder: tempfile::tempdir()? })
    }

    /// Gives the card power, without any reader: commands go straight to it.
    pub fn power(&mut self) -> Powered<'_> {
        let (commands, heard) = mpsc::channel::<Vec<u8>>();
        let (said, answers) = mpsc::channel();
        let folder = self.folder.path().to_owned();
        let worker = std::thread::spawn(move || answer(&folder, &heard, &said));
        Powered { card: std::marker::PhantomData, commands: Some(commands), answers, worker: Some(worker) }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn answer(folder: &Path, commands: &Receiver<Vec<u8>>, said: &Sender<Vec<u8>>) {
    session(folder, |contacts| {
        while let Ok(command) = commands.recv() {
            if said.send(contacts(&command)).is_err() {
                break;
            }
        }
    });
}

/// Runs `run` with a card that has power: a fresh application over the files of `folder`, so that whatever a card
/// loses with its power is lost.
pub(crate) fn session<R>(folder: &Path, run: impl FnOnce(&mut dyn FnMut(&[u8]) -> Vec<u8>) -> R) -> R {
    platform::with_client(folder, |client| {
        let mut contacts = Contacts::new(Authenticator::new(client, Options::new()));
        run(&mut |command| contacts.transmit(command))
    })
}

/// A card with power. Dropping it takes the power away.
pub struct Powered<'a> {
    /// Nobody else gives this card power meanwhile.
    card: std::marker::PhantomData<&'a mut Card>,
    commands: Option<Sender<Vec<u8>>>,
    answers: Receiver<Vec<u8>>,
    worker: Option<JoinHandle<()>>,
}

impl Powered<'_> {
    /// One command, one answer with its two status bytes. A card that broke says nothing.
    pub fn transmit(&mut self, apdu: &[u8]) -> Vec<u8> {
        let sent = self.commands.as_ref().is_some_and(|commands| commands.send(apdu.to_vec()).is_ok());
        if sent { self.answers.recv().unwrap_or_default() } else { Vec::new() }
    }
}

impl Drop for Powered<'_> {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(worker) = self.worker.take() {
            // Whatever it panicked about was seen on stderr.
            let _ = worker.join();
        }
    }
}
