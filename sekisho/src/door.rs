//! `sekisho door`: the controller of the doors, beside the locks and away from the server.

use std::path::{Path, PathBuf};

use door::config::{Config, FileFault, read_or_make_secret};
use door::record::RecordError;

use crate::cli::DoorCommand;
use crate::failure::Failure;
use crate::output::print;

/// The controller's own key, in its data folder.
const KEY: &str = "controller.key";

pub(crate) fn run(command: DoorCommand) -> Result<(), Failure> {
    match command {
        DoorCommand::Run(args) => work(&args.config),
        DoorCommand::Init(args) => init(&args.config),
        DoorCommand::Check(args) => check(&args.config),
        DoorCommand::Record(args) => record(&args.config),
    }
}

fn load(path: &Path) -> Result<Config, Failure> {
    Config::load(path).map_err(|faults| Failure::Failed(vec![faults.to_string()]))
}

fn key_file(config: &Config) -> PathBuf {
    config.data.join(KEY)
}

fn unusable(fault: &FileFault) -> Failure {
    let (what, what_to_do) = fault.japanese();
    Failure::failed(what, &what_to_do)
}

fn init(path: &Path) -> Result<(), Failure> {
    let config =
        Config::load_and_make_keys(path).map_err(|faults| Failure::Failed(vec![faults.to_string()]))?;
    let key = read_or_make_secret(&key_file(&config)).map_err(|fault| unusable(&fault))?;
    print(&format!(
        "制御器 {}、扉{}か所の鍵がそろっています。\n\
         錠には、設定の key-file と同じ鍵を、二人で、線から外して入れてください。\n\
         サーバーに登録する公開鍵:\n{}\n",
        config.controller,
        config.doors.len(),
        key.public()
    ))
}

fn check(path: &Path) -> Result<(), Failure> {
    let config = load(path)?;
    let mut text = format!("制御器 {}: 誤りはありません。\n", config.controller);
    for door in &config.doors {
        let port = config.buses.iter().find(|bus| bus.name == door.bus).map(|bus| bus.port.to_string());
        let port = port.unwrap_or_default();
        text.push_str(&format!("扉 {} （室 {}）: {port} の番地{}\n", door.id, door.room, door.address));
    }
    print(&text)
}

fn record(path: &Path) -> Result<(), Failure> {
    let config = load(path)?;
    let (records, whole) = door::record::list(&config.data).map_err(|error| unreadable(&error))?;
    let mut text = String::new();
    for record in &records {
        text.push_str(&record.line().unwrap_or_default());
        text.push('\n');
    }
    if whole {
        text.push_str(&format!("{}件。つながりに切れ目はありません。\n", records.len()));
        return print(&text);
    }
    print(&text)?;
    Err(Failure::failed(
        format!("{}件のあとに、つながらない部分があります", records.len()),
        "このフォルダーの写しを取ったうえで、システム管理者に知らせてください",
    ))
}

fn unreadable(error: &RecordError) -> Failure {
    Failure::failed(
        format!("手元の記録を扱えません（{error}）"),
        "設定の data のフォルダーを確かめてください",
    )
}

#[cfg(not(feature = "doors"))]
fn work(_path: &Path) -> Result<(), Failure> {
    Err(Failure::failed(
        "この実行ファイルは扉の線を扱えません",
        "`cargo build --release -p sekisho --features doors` で作ったものを使ってください",
    ))
}

/// Works until it is told to stop.
#[cfg(feature = "doors")]
fn work(path: &Path) -> Result<(), Failure> {
    use std::sync::Arc;

    use door::clock::SystemClock;
    use door::config::read_secret;
    use door::{Http, Parts};

    crate::log("info");
    let config = load(path)?;
    let key = read_secret(&key_file(&config)).map_err(|fault| unusable(&fault))?;
    let server = Http::new(&config.server, config.ca.as_deref()).map_err(|error| {
        Failure::failed(
            format!("サーバーの認証局の証明書を使えません（{error}）"),
            "設定の ca を確かめてください",
        )
    })?;
    let stop = stop_signal()?;
    let parts = Parts { server: Arc::new(server), clock: Box::new(SystemClock::new()), key };
    let broken = |error: door::RunError| {
        Failure::failed(
            format!("制御器を動かせません（{error}）"),
            "設定と data のフォルダーを確かめてください",
        )
    };
    let running = door::start(&config, parts).map_err(broken)?;
    tracing::info!("controller {} works: {} doors", config.controller, config.doors.len());
    while stop.recv_timeout(std::time::Duration::from_secs(1)).is_err() {
        if running.ended() {
            break;
        }
    }
    running.stop().map_err(broken)
}

/// Gets a message when the program is to stop.
#[cfg(feature = "doors")]
fn stop_signal() -> Result<std::sync::mpsc::Receiver<()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let fault = |error: std::io::Error| {
        Failure::failed(format!("合図を受けられません（{error}）"), "システム管理者に知らせてください")
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(fault)?;
    let (mut interrupt, mut terminate) = {
        let _entered = runtime.enter();
        (signal(SignalKind::interrupt()).map_err(fault)?, signal(SignalKind::terminate()).map_err(fault)?)
    };
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        // Whoever waited has ended already.
        let _ = tell.send(());
    });
    Ok(told)
}
