//! What `sekisho pki` can be asked for.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What is done with the city's authorities.
#[derive(Debug, Subcommand)]
pub(crate) enum PkiCommand {
    /// カードと端末の認証局を作る。鍵はファイルか、PKCS#11 のトークンの中
    Init(InitArgs),
    /// 端末かサーバーで、鍵と証明書の要求（PKCS#10）を作る
    Request(RequestArgs),
    /// カードの鍵に証明書を発行する。二人で行う
    Card {
        /// カード番号
        #[arg(long, value_name = "NUMBER")]
        number: String,
        /// カードの種類の符号（規程の設定による）
        #[arg(long, value_name = "KIND")]
        kind: String,
        /// 9E の鍵（かざすだけで使う鍵）の証明書。省くと 9A（サインインの鍵）
        #[arg(long)]
        presence: bool,
        #[command(flatten)]
        args: CertifyArgs,
    },
    /// 端末の証明書を、端末で作った要求から発行する。二人で行う
    Terminal {
        /// 端末番号
        #[arg(long, value_name = "NUMBER")]
        number: String,
        #[command(flatten)]
        args: CertifyArgs,
    },
    /// 端末がつなぐサーバーの証明書を、サーバーで作った要求から発行する。二人で行う
    Server {
        /// サーバーの名前か番地（いくつでも。主なものを最初に）
        #[arg(long, value_name = "NAME", required = true)]
        name: Vec<String>,
        #[command(flatten)]
        args: CertifyArgs,
    },
    /// 証明書を更新する。古いものも、その期限か失効までは有効のまま。二人で行う
    Renew(RenewArgs),
    /// 証明書を失効させる。一人でよい
    Revoke {
        #[command(flatten)]
        args: AuthorityArgs,
        /// 証明書の番号
        #[arg(long, value_name = "SERIAL")]
        serial: String,
        /// 理由（key-compromise、affiliation-changed、superseded、cessation-of-operation、privilege-withdrawn）
        #[arg(long, value_name = "REASON")]
        reason: String,
        /// 失効させる人の職員番号
        #[arg(long, value_name = "ID")]
        by: String,
    },
    /// 失効リストを、二つの認証局について作る
    Crl {
        #[command(flatten)]
        args: AuthorityArgs,
        /// 次の失効リストまでの日数（93日まで）
        #[arg(long, value_name = "DAYS", default_value_t = 30)]
        days: i64,
        /// 書き出すフォルダー
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// 発行した証明書を、失効したものも含めて示す
    List {
        /// 認証局のフォルダー
        #[arg(long, value_name = "DIR")]
        folder: PathBuf,
        /// JSON で出力する
        #[arg(long)]
        json: bool,
    },
    /// 期限の近い証明書を示す（あれば終了コード1）
    Expiring {
        /// 認証局のフォルダー
        #[arg(long, value_name = "DIR")]
        folder: PathBuf,
        /// 何日以内に切れるものか
        #[arg(long, value_name = "DAYS")]
        within: i64,
    },
}

/// Which folder, and how its token is opened.
#[derive(Debug, Args)]
pub(crate) struct AuthorityArgs {
    /// 認証局のフォルダー
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// トークンの PIN を書いたファイル（所有者だけが読めるもの）。省くと尋ねる
    #[arg(long, value_name = "FILE")]
    pub(crate) pin_file: Option<PathBuf>,
}

/// Who answers for it.
#[derive(Debug, Args)]
pub(crate) struct PeopleArgs {
    /// 申し出た人の職員番号
    #[arg(long, value_name = "ID")]
    pub(crate) proposer: String,
    /// 確かめた人の職員番号。申し出た人とは別の人
    #[arg(long, value_name = "ID")]
    pub(crate) confirmer: String,
}

/// New authorities.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// 認証局のフォルダー
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// 市の名
    #[arg(long, value_name = "NAME")]
    pub(crate) city: String,
    /// 鍵をトークンの中に作るとき、その PKCS#11 のライブラリ
    #[arg(long, value_name = "FILE", requires = "token")]
    pub(crate) pkcs11_module: Option<PathBuf>,
    /// 鍵をトークンの中に作るとき、トークンの名
    #[arg(long, value_name = "LABEL", requires = "pkcs11_module")]
    pub(crate) token: Option<String>,
    /// トークンの PIN を書いたファイル（所有者だけが読めるもの）。省くと尋ねる
    #[arg(long, value_name = "FILE")]
    pub(crate) pin_file: Option<PathBuf>,
}

/// A key and a request for it.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whose").required(true).args(["terminal", "server"]))]
pub(crate) struct RequestArgs {
    /// 端末番号
    #[arg(long, value_name = "NUMBER")]
    pub(crate) terminal: Option<String>,
    /// サーバーの名前か番地（いくつでも。主なものを最初に）
    #[arg(long, value_name = "NAME")]
    pub(crate) server: Vec<String>,
    /// 鍵を書くファイル。まだないもの
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// 要求を書くファイル。まだないもの
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// A certificate to be issued.
#[derive(Debug, Args)]
pub(crate) struct CertifyArgs {
    #[command(flatten)]
    pub(crate) authority: AuthorityArgs,
    /// 要求（PKCS#10）のファイル。カードでは公開鍵（PEM）でもよい
    #[arg(long, value_name = "FILE")]
    pub(crate) request: PathBuf,
    /// 有効期間の日数（端末とサーバーは366日まで、カードは731日まで）
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    pub(crate) days: i64,
    #[command(flatten)]
    pub(crate) people: PeopleArgs,
    /// 証明書を書くファイル。まだないもの
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// A certificate to be renewed.
#[derive(Debug, Args)]
pub(crate) struct RenewArgs {
    #[command(flatten)]
    pub(crate) authority: AuthorityArgs,
    /// 更新する証明書の番号
    #[arg(long, value_name = "SERIAL")]
    pub(crate) serial: String,
    /// 新しい鍵の要求（PKCS#10）。省くと、同じ鍵のまま更新する
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// 有効期間の日数（端末とサーバーは366日まで、カードは731日まで）
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    pub(crate) days: i64,
    #[command(flatten)]
    pub(crate) people: PeopleArgs,
    /// 証明書を書くファイル。まだないもの
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}
