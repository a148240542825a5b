//! `terminal.toml`: what a terminal is set to.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::core::Settings;
use crate::limits::MAX_CONFIG;

/// A terminal. Paths are relative to the file's folder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// The terminal's number in the register of terminals.
    pub terminal: String,
    /// Host and port of the office's link for terminals.
    pub server: String,
    /// SHA-256 over the server's public key (`SubjectPublicKeyInfo`), in hex: no other server is talked to.
    pub server_key: String,
    /// Origin of the pages. The card signs it.
    pub origin: String,
    /// The terminal authority's certificate, PEM.
    pub ca: PathBuf,
    /// The terminal's certificate, PEM.
    pub certificate: PathBuf,
    /// The terminal's key, PEM, readable by its owner alone.
    pub key: PathBuf,
    /// The folder of the status page.
    pub state: PathBuf,
    /// Where cards are put in.
    #[serde(default)]
    pub reader: Reader,
    /// The browser and its arguments; `{url}` stands for the address. None: no browser is started.
    #[serde(default)]
    pub browser: Vec<String>,
    /// The program that asks for the PIN; none is ours.
    #[serde(default)]
    pub prompt: Vec<String>,
}

/// Where cards are put in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reader {
    /// The computer's readers (PC/SC).
    #[default]
    Pcsc,
    /// A file, for exercises.
    Soft {
        /// The folder of software cards.
        drawer: PathBuf,
        /// The file that names the one in the reader.
        file: PathBuf,
    },
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}", file.display())]
pub struct ConfigFault {
    /// The file.
    pub file: PathBuf,
    /// What is wrong, with the line, for the person who sets up the terminal.
    pub what: String,
    /// What to do about it.
    pub what_to_do: String,
}

impl Config {
    /// The terminal described by the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read, or says something that no terminal can be set to.
    pub fn load(path: &Path) -> Result<Self, ConfigFault> {
        let fault = |what: String, what_to_do: &str| ConfigFault {
            file: path.to_owned(),
            what,
            what_to_do: what_to_do.to_owned(),
        };
        if fs::metadata(path).is_ok_and(|metadata| metadata.len() > MAX_CONFIG) {
            return Err(fault("ファイルが大きすぎます".to_owned(), "端末の設定のファイルを指定してください"));
        }
        let text = fs::read_to_string(path).map_err(|error| {
            fault(format!("読めません（{error}）"), "場所と権限、文字コード（UTF-8）を確かめてください")
        })?;
        let mut config = Self::parse(&text).map_err(|what| fault(what, "この行の書き方を直してください"))?;
        config.settle(path.parent().unwrap_or(Path::new("")));
        config.check().map_err(|(what, what_to_do)| fault(what, what_to_do))?;
        Ok(config)
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml_edit::de::from_str(text).map_err(|error| error.to_string())
    }

    fn settle(&mut self, folder: &Path) {
        let paths = [&mut self.ca, &mut self.certificate, &mut self.key, &mut self.state];
        for path in paths {
            *path = folder.join(&*path);
        }
        if let Reader::Soft { drawer, file } = &mut self.reader {
            *drawer = folder.join(&*drawer);
            *file = folder.join(&*file);
        }
    }

    fn check(&self) -> Result<(), (String, &'static str)> {
        let hex = self.server_key.len() == 64 && self.server_key.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hex {
            return Err((
                "server-key は16進数64桁です".to_owned(),
                "サーバーで `sekisho pki list` を行うと示される鍵の指紋を書いてください",
            ));
        }
        if self.host().is_none() {
            return Err((
                format!("server「{}」は ホスト名:番号 ではありません", self.server),
                "例：sekisho.example.lg.jp:8444",
            ));
        }
        let plain = self.origin.trim_end_matches('/') == self.origin;
        if !plain || !(self.origin.starts_with("https://") || self.origin.starts_with("http://127.0.0.1")) {
            return Err((
                format!("origin「{}」は https:// で始まるサイトの名ではありません", self.origin),
                "ブラウザーで開くアドレスの、ホスト名までを書いてください。終わりの / は要りません",
            ));
        }
        Ok(())
    }

    /// The host of the link, without the port.
    pub(crate) fn host(&self) -> Option<&str> {
        let (host, port) = self.server.rsplit_once(':')?;
        port.parse::<u16>().ok()?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty()).then_some(host)
    }

    /// What the core needs of it.
    pub(crate) fn settings(&self) -> Settings {
        Settings { origin: self.origin.clone(), terminal: self.terminal.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "terminal = \"T-104\"\nserver = \"localhost:8444\"\norigin = \"https://localhost\"\n\
        server-key = \"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"\n\
        ca = \"ca.crt\"\ncertificate = \"t.crt\"\nkey = \"t.key\"\nstate = \"state\"\n";

    fn load(text: &str) -> Result<Config, ConfigFault> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terminal.toml");
        fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let config = load(GOOD).unwrap();
        assert!(config.key.is_absolute() && config.key.ends_with("t.key"));
        assert_eq!(config.reader, Reader::Pcsc);
        assert_eq!(config.host(), Some("localhost"));
    }

    #[test]
    fn faults_say_where_they_are() {
        for (text, says) in [
            (GOOD.replace("localhost:8444", "localhost"), "ホスト名:番号"),
            (GOOD.replace("0011", "zz11"), "64桁"),
            (GOOD.replace("https://localhost", "https://localhost/"), "origin"),
            (GOOD.replace("terminal =", "terminl ="), "terminl"),
            (format!("{GOOD}what = 1\n"), "line 9"),
        ] {
            let fault = load(&text).unwrap_err();
            assert!(fault.to_string().contains(says), "{fault}");
        }
    }
}
