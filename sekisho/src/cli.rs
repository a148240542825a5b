//! The command line: what can be asked for, and how it is answered when it cannot be understood.

pub(crate) mod pki;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, ArgAction, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::failure::Failure;

/// 関所: 住民基本台帳ネットワークシステムのセキュリティ規程を動かす。
#[derive(Debug, Parser)]
#[command(name = "sekisho", version, disable_version_flag = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 架空の市のデモを用意し、http://127.0.0.1:8080 で見せる
    Demo(DemoArgs),
    /// 市の仕事に使う（TLS）
    Serve(ServeArgs),
    /// 規程の設定: 満たしている要求の一覧、設定の点検、規程の本文の取込み
    #[command(subcommand)]
    Regulation(RegulationCommand),
    /// 原簿: 一覧、検証、書き出し、検証鍵、証明
    #[command(subcommand)]
    Journal(JournalCommand),
    /// 充て職: ある時に誰が務めていたか、人事異動の一覧で何が変わるか
    #[command(subcommand)]
    Posts(PostsCommand),
    /// 室: 既にある入退室管理の記録で何が変わるか
    #[command(subcommand)]
    Rooms(RoomsCommand),
    /// 操作履歴を調べる
    #[command(subcommand)]
    History(HistoryCommand),
    /// 扉の制御器: 動かす、鍵を作る、設定を点検する、手元の記録を調べる
    #[command(subcommand)]
    Door(DoorCommand),
    /// 市の認証局: カードと端末の証明書を発行、更新、失効させる。網につながない機械で使う
    #[command(subcommand)]
    Pki(pki::PkiCommand),
    /// CS端末のプログラム: 動かす、端末に入れる、設定を点検する
    #[command(subcommand)]
    Terminal(TerminalCommand),
    /// 操作者用カード: リーダーの一覧、発行、点検、暗証番号、解除、消去
    #[command(subcommand)]
    Card(CardCommand),
}

/// The demo.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// デモのフォルダー。なければ作り、架空の五日間を再現する
    #[arg(long, value_name = "DIR", env = "SEKISHO_DATA")]
    pub(crate) data: PathBuf,
    /// 待ち受ける番地と番号。この機械の中（127.0.0.1）に限る
    #[arg(long, value_name = "A:P", default_value = "127.0.0.1:8080")]
    pub(crate) addr: SocketAddr,
    /// 再現して結果を示したら、画面を出さずに終わる
    #[arg(long)]
    pub(crate) once: bool,
    #[command(flatten)]
    pub(crate) links: LinkArgs,
}

/// Where the CS terminals' programs call.
#[derive(Debug, clap::Args)]
pub(crate) struct LinkArgs {
    /// CS端末のプログラムがつなぐ番地と番号（相互TLS）
    #[arg(long, value_name = "A:P", requires_all = ["terminals_cert", "terminals_key", "terminals_ca"])]
    pub(crate) terminals: Option<SocketAddr>,
    /// その証明書（PEM）。端末認証局がサーバーに出したもの
    #[arg(long, value_name = "FILE", requires = "terminals")]
    pub(crate) terminals_cert: Option<PathBuf>,
    /// その鍵（PEM）
    #[arg(long, value_name = "FILE", requires = "terminals")]
    pub(crate) terminals_key: Option<PathBuf>,
    /// 端末認証局の証明書（PEM）
    #[arg(long, value_name = "FILE", requires = "terminals")]
    pub(crate) terminals_ca: Option<PathBuf>,
}

/// Serving.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// データのフォルダー
    #[arg(long, value_name = "DIR", env = "SEKISHO_DATA")]
    pub(crate) data: PathBuf,
    /// 待ち受ける番地と番号
    #[arg(long, value_name = "A:P", default_value = "127.0.0.1:8443")]
    pub(crate) addr: SocketAddr,
    /// TLS の証明書（PEM）。省くと、自分で作ったものを使う
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// TLS の証明書の鍵（PEM）
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// TLS を使わない。この機械の中（127.0.0.1）に限る
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key"])]
    pub(crate) plain_http: bool,
    /// 画面の番地の始まり（`https://sekisho.example.lg.jp` など）。省くと --addr から作る
    #[arg(long, value_name = "URL")]
    pub(crate) origin: Option<String>,
    /// 規程の設定のフォルダー（省くと、組み込みの tokorozawa-2002）
    #[arg(long, value_name = "DIR")]
    pub(crate) profile: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) links: LinkArgs,
}

/// What a CS terminal's program does.
#[derive(Debug, Subcommand)]
pub(crate) enum TerminalCommand {
    /// サーバーにつなぎ、カードを待つ。止めるまで動く
    Run(TerminalConfig),
    /// 端末の鍵、証明書の要求、設定、サービスを作る
    Install(InstallArgs),
    /// 設定と証明書を点検する
    Check(TerminalConfig),
    /// 暗証番号をたずねて標準出力に書く（`run` が使う）
    #[command(hide = true)]
    Prompt {
        /// 前の入力の何が違ったか
        #[arg(long, value_name = "TEXT")]
        wrong: Option<String>,
    },
}

/// Where a terminal's settings are.
#[derive(Debug, clap::Args)]
pub(crate) struct TerminalConfig {
    /// 端末の設定のファイル（TOML）
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

/// What a terminal is set to.
#[derive(Debug, clap::Args)]
pub(crate) struct InstallArgs {
    /// 端末登録簿の端末番号
    #[arg(long, value_name = "ID")]
    pub(crate) terminal: String,
    /// サーバーの名と番号（`sekisho.example.lg.jp:8444`）
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) server: String,
    /// サーバーの鍵の指紋（SHA-256、16進数64桁）
    #[arg(long, value_name = "HEX")]
    pub(crate) server_key: String,
    /// 画面の番地の始まり（`https://sekisho.example.lg.jp`）
    #[arg(long, value_name = "URL")]
    pub(crate) origin: String,
    /// 端末認証局の証明書（PEM）
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: PathBuf,
    /// 作るフォルダー
    #[arg(long, value_name = "DIR", default_value = "/etc/sekisho-terminal")]
    pub(crate) folder: PathBuf,
}

/// What is done with the operation history.
#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// 住民ごと、または操作者ごとの操作履歴を調べる。これも操作の一つで、規程が認めるかどうかを問う
    #[command(group = clap::ArgGroup::new("subject").required(true).args(["resident", "operator"]))]
    Trace {
        #[command(flatten)]
        data: DataArg,
        /// 誰に見られたかを調べる住民の住民票コード
        #[arg(long, value_name = "CODE")]
        resident: Option<String>,
        /// 何をしたかを調べる操作者の職員番号
        #[arg(long, value_name = "ID")]
        operator: Option<String>,
        /// この日から
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// この日まで
        #[arg(long, value_name = "DATE")]
        to: Option<String>,
        /// 調べる目的
        #[arg(long, value_name = "TEXT")]
        purpose: Option<String>,
        /// 規程の設定のフォルダー（省くと、組み込みの tokorozawa-2002）
        #[arg(long, value_name = "DIR")]
        profile: Option<PathBuf>,
    },
}

/// What a door controller does.
#[derive(Debug, Subcommand)]
pub(crate) enum DoorCommand {
    /// 扉を制御する。止めるまで動く
    Run(DoorConfig),
    /// 制御器と錠の鍵を、まだないものだけ作り、サーバーに登録する公開鍵を示す
    Init(DoorConfig),
    /// 設定を点検し、誤りのすべてを、行と直し方とともに示す
    Check(DoorConfig),
    /// 手元の記録を一行に一つずつ示し、つながりを検証する
    Record(DoorConfig),
}

/// Where a door controller's settings are.
#[derive(Debug, clap::Args)]
pub(crate) struct DoorConfig {
    /// 制御器の設定のファイル（TOML）
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

/// What is done with operators' cards.
#[derive(Debug, Subcommand)]
pub(crate) enum CardCommand {
    /// リーダーと、差してあるカードの一覧
    List,
    /// 差してあるカードを調べる
    Inspect {
        #[command(flatten)]
        reader: CardReader,
        /// カード認証局のフォルダー。あれば、証明書が本市のものかを確かめる
        #[arg(long, value_name = "DIR")]
        authority: Option<PathBuf>,
    },
    /// PUK と管理鍵を預ける場所を作る。合言葉はアクセス管理責任者が決める
    Escrow {
        /// 作るフォルダー
        folder: PathBuf,
    },
    /// 発行前のカードから操作者用カードを作る
    Enrol(EnrolArgs),
    /// カードの暗証番号を変える
    ChangePin {
        #[command(flatten)]
        reader: CardReader,
    },
    /// 暗証番号を続けて間違えて止まったカードを、預託した PUK で解除する
    Unblock {
        #[command(flatten)]
        reader: CardReader,
        /// カードの番号
        #[arg(long, value_name = "NUMBER")]
        number: card::CardNumber,
        /// 預託のフォルダー
        #[arg(long, value_name = "DIR")]
        escrow: PathBuf,
    },
    /// カードを発行前の状態に戻す。鍵は失われる
    Wipe {
        #[command(flatten)]
        reader: CardReader,
        /// 消去するカードの識別子（`card inspect` が示す）。発行前のカードなら `blank`
        #[arg(long, value_name = "ID")]
        card: String,
    },
}

/// Which reader is meant.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct CardReader {
    /// リーダーの名前（省くと、カードが差してあるただ一つのリーダー）
    #[arg(long = "reader", value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// A card that is to be made.
#[derive(Debug, clap::Args)]
pub(crate) struct EnrolArgs {
    #[command(flatten)]
    pub(crate) reader: CardReader,
    /// カードの番号（管理簿の番号）
    #[arg(long, value_name = "NUMBER")]
    pub(crate) number: card::CardNumber,
    /// カードの種類の符号（`search` など）
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: card::CardKind,
    /// 使える最後の日（`2028-03-31`）。二年以内
    #[arg(long, value_name = "DATE")]
    pub(crate) until: String,
    /// 発行を申し出た職員の番号
    #[arg(long, value_name = "ID")]
    pub(crate) proposer: ::pki::PersonNumber,
    /// それを確かめた、別の職員の番号
    #[arg(long, value_name = "ID")]
    pub(crate) confirmer: ::pki::PersonNumber,
    /// カード認証局のフォルダー
    #[arg(long, value_name = "DIR")]
    pub(crate) authority: PathBuf,
    /// 預託のフォルダー
    #[arg(long, value_name = "DIR")]
    pub(crate) escrow: PathBuf,
}

/// What is asked about posts.
#[derive(Debug, Subcommand)]
pub(crate) enum PostsCommand {
    /// ある時にその充て職を誰が務めていたかを、原簿の根拠とともに示す
    Who {
        #[command(flatten)]
        data: DataArg,
        /// 充て職の符号（`security-officer` など）
        #[arg(long, value_name = "POST")]
        post: String,
        /// 課所ごとの充て職のとき、課所の符号か名
        #[arg(long, value_name = "SECTION")]
        section: Option<String>,
        /// 室ごとの充て職のとき、室の符号
        #[arg(long, value_name = "ROOM")]
        room: Option<String>,
        /// いつ（日本時間。`2019-07-03T14:00`）
        #[arg(long, value_name = "TIME")]
        at: String,
        /// JSON で出力する（証明を含む）
        #[arg(long)]
        json: bool,
        /// 規程の設定のフォルダー（省くと、組み込みの tokorozawa-2002）
        #[arg(long, value_name = "DIR")]
        profile: Option<PathBuf>,
    },
    /// 人事異動の一覧（personnel.csv）を点検し、何が変わるかを示す。登録はしない
    Transfer {
        #[command(flatten)]
        data: DataArg,
        /// 一覧のファイル（UTF-8 か Shift_JIS の CSV）
        file: PathBuf,
        /// 規程の設定のフォルダー（省くと、組み込みの tokorozawa-2002）
        #[arg(long, value_name = "DIR")]
        profile: Option<PathBuf>,
    },
}

/// What is done about rooms.
#[derive(Debug, Subcommand)]
pub(crate) enum RoomsCommand {
    /// 入退室の記録（passages.csv）を点検し、何が新しく、何が許可や鍵の貸出しに合わないかを示す。登録はしない
    Import {
        #[command(flatten)]
        data: DataArg,
        /// 記録のファイル（UTF-8 か Shift_JIS の CSV）
        file: PathBuf,
        /// 規程の設定のフォルダー（省くと、組み込みの tokorozawa-2002）
        #[arg(long, value_name = "DIR")]
        profile: Option<PathBuf>,
    },
}

/// What is done with the regulation.
#[derive(Debug, Subcommand)]
pub(crate) enum RegulationCommand {
    /// 規程の要求のそれぞれを、いま何が満たしているかを示す（満たさないものがあれば終了コード1）
    Coverage {
        /// JSON で出力する
        #[arg(long)]
        json: bool,
        /// 規程の設定のフォルダー（省くと、組み込みの tokorozawa-2002）
        #[arg(long, value_name = "DIR")]
        profile: Option<PathBuf>,
    },
    /// 規程の設定のフォルダーを点検し、誤りのすべてを、ファイルと行と直し方とともに示す
    Check {
        /// 規程の設定のフォルダー
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// 市の規程の本文を章・条・項・号に分け、設定の要求と並べて示す
    Import {
        /// 規程の本文のテキスト（UTF-8 か Shift_JIS）
        file: PathBuf,
        /// JSON で出力する
        #[arg(long)]
        json: bool,
        /// 規程の設定のフォルダー（省くと、組み込みの tokorozawa-2002）
        #[arg(long, value_name = "DIR")]
        profile: Option<PathBuf>,
    },
}

/// What is done with the journals.
#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    /// 原簿の名前と大きさを、一行に一つずつ示す
    List {
        #[command(flatten)]
        data: DataArg,
    },
    /// すべての原簿を検証し、書き換えがあれば最初の項を示す
    Verify {
        #[command(flatten)]
        data: DataArg,
        /// 別の場所に保存しておいた検査点のファイル（いくつでも）
        #[arg(long, value_name = "FILE", num_args = 1..)]
        checkpoint: Vec<PathBuf>,
    },
    /// 原簿を、標準の形式（C2SP tlog-tiles）のフォルダーに書き出す
    Export {
        #[command(flatten)]
        data: DataArg,
        /// 原簿の名前
        #[arg(long, value_name = "NAME")]
        journal: String,
        /// 書き出し先。まだないか、空のフォルダー
        out: PathBuf,
    },
    /// 原簿の検査点を検証する鍵を示す
    Vkey {
        #[command(flatten)]
        data: DataArg,
        /// 原簿の名前
        #[arg(long, value_name = "NAME")]
        journal: String,
    },
    /// 一つの項が原簿にあることの証明（C2SP tlog-proof）を示す
    Prove {
        /// 項の番号。0 から
        index: u64,
        #[command(flatten)]
        data: DataArg,
        /// 原簿の名前
        #[arg(long, value_name = "NAME", default_value = "operations")]
        journal: String,
    },
}

/// The folder of everything that is kept.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DataArg {
    /// データのフォルダー
    #[arg(long = "data", value_name = "DIR", env = "SEKISHO_DATA")]
    path: PathBuf,
}

impl std::ops::Deref for DataArg {
    type Target = std::path::Path;

    fn deref(&self) -> &Self::Target {
        &self.path
    }
}

/// An answer instead of a command: help, the version, or what is wrong.
pub(crate) enum Answer {
    /// What was asked for.
    Shown(clap::Error),
    /// Not understood.
    Wrong(Failure),
}

impl Answer {
    pub(crate) fn say(&self) -> ExitCode {
        match self {
            Self::Shown(text) => match text.print() {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            },
            Self::Wrong(failure) => failure.say(),
        }
    }
}

/// Reads the command line.
pub(crate) fn read(args: impl IntoIterator<Item = OsString>) -> Result<Command, Answer> {
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help("版を示す");
    let definition = in_japanese(Cli::command()).arg(version);
    let read = definition.try_get_matches_from(args).and_then(|found| Cli::from_arg_matches(&found));
    read.map(|cli| cli.command).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Answer::Shown(error),
        _ => Answer::Wrong(Failure::usage(wrong(&error), "使い方は `sekisho --help` で確かめられます")),
    })
}

/// The words around our own in the help, in Japanese as well.
fn in_japanese(command: clap::Command) -> clap::Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help("使い方を示す");
    command
        .help_template("{about}\n\n使い方: {usage}\n\n{all-args}")
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .next_help_heading("指定")
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .mut_args(|arg| if arg.is_positional() { arg.help_heading("対象") } else { arg.help_heading("指定") })
        .arg(help)
        .mut_subcommands(in_japanese)
}

/// What is wrong with a command line, in Japanese.
fn wrong(error: &clap::Error) -> String {
    let context = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let argument = || context(ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::UnknownArgument => format!("「{}」という指定はありません", argument()),
        ErrorKind::InvalidSubcommand => {
            format!("「{}」という命令はありません", context(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("{} がありません", argument()),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "何をするかがありません".to_owned()
        }
        ErrorKind::ArgumentConflict => {
            format!("{} は {} と一緒に指定できません", argument(), context(ContextKind::PriorArg))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation
            if context(ContextKind::InvalidValue).is_empty() =>
        {
            format!("{} の値がありません", argument())
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("「{}」は {} の値として読めません", context(ContextKind::InvalidValue), argument())
        }
        ErrorKind::InvalidUtf8 => "文字として読めない指定があります".to_owned(),
        _ => format!("指定を読めません（{}）", error.kind()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> String {
        match read(line.split(' ').map(OsString::from)) {
            Err(Answer::Wrong(Failure::Usage(lines))) => lines.join("\n"),
            Err(Answer::Wrong(other)) => panic!("{other:?}"),
            Err(Answer::Shown(text)) => panic!("{text}"),
            Ok(command) => panic!("{command:?}"),
        }
    }

    #[test]
    fn the_definition_holds() {
        in_japanese(Cli::command()).debug_assert();
    }

    #[test]
    fn what_is_not_understood_is_said_in_japanese() {
        let cases = [
            ("sekisho", "何をするかがありません"),
            ("sekisho jurnal", "「jurnal」という命令はありません"),
            ("sekisho journal list --dota x", "「--dota」という指定はありません"),
            ("sekisho journal export --data d OUT", "--journal <NAME> がありません"),
            ("sekisho journal prove first --data d", "「first」は <INDEX> の値として読めません"),
            ("sekisho journal list --data", "--data <DIR> の値がありません"),
        ];
        for (line, expected) in cases {
            let said = said(line);
            assert!(said.starts_with(expected), "{line}: {said}");
            assert!(said.ends_with("`sekisho --help` で確かめられます"), "{said}");
        }
    }
}
