//! `sekisho terminal`: the program at a CS terminal, away from the server.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use office::clock::{Clock as _, SystemClock};
use terminal::config::{Config, Reader};
use terminal::slot::{Slot, SoftSlot};
use terminal::{Parts, RunError};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::cli::{InstallArgs, TerminalCommand};
use crate::failure::Failure;
use crate::offices;
use crate::output::print;

/// The files of a terminal, in its folder.
const CONFIG: &str = "terminal.toml";
const KEY: &str = "terminal.key";
const REQUEST: &str = "terminal.csr";
const CERTIFICATE: &str = "terminal.crt";
const CA: &str = "terminal-authority.crt";
/// The service, for systemd.
const UNIT: &str = "sekisho-terminal.service";

pub(crate) fn run(command: TerminalCommand) -> Result<(), Failure> {
    match command {
        TerminalCommand::Run(args) => work(&args.config),
        TerminalCommand::Install(args) => install(&args),
        TerminalCommand::Check(args) => check(&args.config),
        TerminalCommand::Prompt { wrong } => prompt(wrong.as_deref()),
    }
}

fn load(path: &Path) -> Result<Config, Failure> {
    Config::load(path)
        .map_err(|fault| Failure::Failed(vec![fault.to_string(), format!("    → {}", fault.what_to_do)]))
}

fn check(path: &Path) -> Result<(), Failure> {
    let config = load(path)?;
    terminal::link::Link::new(&config).map_err(|error| broken(&RunError::Link(error)))?;
    print(&format!("端末 {}: 誤りはありません。サーバーは {} です。\n", config.terminal, config.server))
}

/// Prints what was typed, for the program that has started this one.
fn prompt(wrong: Option<&str>) -> Result<(), Failure> {
    match terminal::prompt::ask(wrong) {
        Ok(typed) => print(&format!("{}\n", *typed)),
        Err(why) => Err(Failure::Failed(vec![why])),
    }
}

fn work(path: &Path) -> Result<(), Failure> {
    crate::log("info");
    let config = load(path)?;
    let slot = slot(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|error| system(&error))?;
    runtime.block_on(async {
        let (tell, stop) = watch::channel(false);
        let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| system(&error))?;
        let mut terminate = signal(SignalKind::terminate()).map_err(|error| system(&error))?;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            // Nobody to tell: the program has ended.
            let _ = tell.send(true);
        });
        let parts = Parts { slot, clock: || SystemClock.now(), stop };
        tracing::info!("terminal {} calls {}", config.terminal, config.server);
        terminal::run(&config, parts).await.map_err(|error| broken(&error))
    })
}

fn slot(config: &Config) -> Result<Box<dyn Slot>, Failure> {
    match &config.reader {
        Reader::Soft { drawer, file } => {
            let drawer = card::Drawer::open(drawer).map_err(|error| {
                Failure::failed(
                    format!("演習用カードの引き出しを開けません（{error}）"),
                    "設定の reader を確かめてください",
                )
            })?;
            Ok(Box::new(SoftSlot::new(drawer, file.clone())))
        }
        Reader::Pcsc => pcsc(),
    }
}

#[cfg(feature = "cards")]
fn pcsc() -> Result<Box<dyn Slot>, Failure> {
    Ok(Box::new(terminal::slot::PcscSlot::default()))
}

#[cfg(not(feature = "cards"))]
fn pcsc() -> Result<Box<dyn Slot>, Failure> {
    Err(Failure::failed(
        "この実行ファイルはICカードを扱えません",
        "`cargo build --release -p sekisho --features cards` で作ったものを使ってください",
    ))
}

fn broken(error: &RunError) -> Failure {
    match error {
        RunError::Link(error) => {
            let (what, what_to_do) = error.japanese();
            Failure::failed(what, what_to_do)
        }
        error => Failure::failed(
            format!("端末のプログラムを動かせません（{error}）"),
            "設定の state のフォルダーと、システムのログを確かめてください",
        ),
    }
}

fn system(error: &std::io::Error) -> Failure {
    Failure::failed(
        format!("端末のプログラムを始められません（{error}）"),
        "システム管理者に知らせてください",
    )
}

/// Makes everything that a terminal needs but its certificate, which the authority issues for the request.
fn install(args: &InstallArgs) -> Result<(), Failure> {
    let folder = &args.folder;
    let unwritable = |error: std::io::Error| {
        Failure::failed(
            format!("{} に書けません（{error}）", folder.display()),
            "フォルダーの権限を確かめてください。前に作ったものがあるときは、別のフォルダーを指定してください",
        )
    };
    offices::make_private(folder).map_err(unwritable)?;
    let unmade = |error: pki::RequestError| Failure::Failed(vec![error.japanese()]);
    let key = pki::make_key(&folder.join(KEY)).map_err(unmade)?;
    let request = pki::Request::make(&args.terminal, &[], &key).map_err(unmade)?;
    let ca = fs::read(&args.ca).map_err(|error| {
        Failure::failed(
            format!("{} を読めません（{error}）", args.ca.display()),
            "端末認証局の証明書（PEM）を指定してください",
        )
    })?;
    let program = std::env::current_exe().map_err(unwritable)?;
    let files: [(&str, Vec<u8>); 4] = [
        (REQUEST, request.into_bytes()),
        (CA, ca),
        (CONFIG, settings(args).into_bytes()),
        (UNIT, unit(&program, &folder.join(CONFIG)).into_bytes()),
    ];
    for (name, bytes) in &files {
        write_new(&folder.join(name), bytes).map_err(unwritable)?;
    }
    let path = |name: &str| folder.join(name).display().to_string();
    print(&format!(
        "端末 {} の鍵、証明書の要求、設定、サービスを作りました。\n\
         1. {} を端末認証局に渡し、戻った証明書を {} に置いてください。\n\
         2. sekisho terminal check --config {} で確かめてください。\n\
         3. systemctl --user enable --now {} で動かしてください。利用者が画面に入るたびに始まります。\n",
        args.terminal,
        path(REQUEST),
        path(CERTIFICATE),
        path(CONFIG),
        path(UNIT),
    ))
}

fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn settings(args: &InstallArgs) -> String {
    // TOML's basic strings are JSON's, for everything that can stand here.
    let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
    format!(
        "# 関所の端末プログラムの設定\n\
         terminal = {terminal}\n\
         server = {server}\n\
         server-key = {key}   # サーバーの鍵の指紋（SHA-256）\n\
         origin = {origin}\n\
         ca = \"{CA}\"\n\
         certificate = \"{CERTIFICATE}\"\n\
         key = \"{KEY}\"\n\
         state = \"state\"\n\
         browser = [\"chromium\", \"--kiosk\", \"--no-first-run\", \"--user-data-dir=/tmp/sekisho-terminal\", \"{{url}}\"]\n",
        terminal = quoted(&args.terminal),
        server = quoted(&args.server),
        key = quoted(&args.server_key),
        origin = quoted(&args.origin),
    )
}

fn unit(program: &Path, config: &Path) -> String {
    format!(
        "[Unit]\nDescription=Sekisho: the CS terminal's program\nPartOf=graphical-session.target\n\
         After=graphical-session.target\n\n[Service]\nExecStart={program} terminal run --config {config}\n\
         Restart=always\nRestartSec=2\nNoNewPrivileges=true\n\n[Install]\nWantedBy=graphical-session.target\n",
        program = program.display(),
        config = config.display(),
    )
}
