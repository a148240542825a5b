//! What goes wrong, as people and programs are told. Which layer says so:
//!
//! | said by | type | page | status |
//! |---|---|---|---|
//! | the regulation | [`Declined::Refused`] | the refusal's own page, by 303 | 403 for programs |
//! | a chapter | [`Declined::Invalid`] | the form again, at its field | 422 |
//! | reading | [`Declined::Unreadable`] | the form again, at its field | 422 |
//! | the journal | [`Declined::Unrecordable`] | a page that says what still works | 503 |
//! | this crate | the other variants of [`Trouble`] | a short page | their own |

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use office::Declined;
use regulation::Profile;

use crate::api;
use crate::ask::Ask;
use crate::guard;
use crate::pages::render;
use crate::pages::views::MessagePage;
use crate::typed::{Problems, encode};
use crate::upload::Upload;
use crate::view::{Cell, Link};
use crate::words;

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There is no such thing.
    Missing,
    /// It is not for this person to see; why, and who may.
    NotYours(String),
    /// The form was not made for this browser, or is older than the server.
    Stale,
    /// There is nothing yet that it could be done with; what to do first.
    NotYet(String),
    /// Nobody is signed in.
    NobodyHere,
    /// What is kept was changed by a strange hand; what it is.
    Tampered(String),
    /// The request cannot be read; why.
    Unreadable(String),
    /// It is longer than it may be.
    TooLarge,
    /// The office declined.
    Declined(Declined),
    /// A fault of ours; why, for the administrator.
    Broken(String),
}

/// What a handler answers.
pub(crate) type Answer = Result<Response, Trouble>;

impl From<Declined> for Trouble {
    fn from(declined: Declined) -> Self {
        Self::Declined(declined)
    }
}

impl Trouble {
    /// A fault of ours.
    pub(crate) fn broken(cause: impl ToString) -> Self {
        Self::Broken(cause.to_string())
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Missing => StatusCode::NOT_FOUND,
            Self::NotYours(_) | Self::Stale | Self::Declined(Declined::Refused { .. }) => {
                StatusCode::FORBIDDEN
            }
            Self::NotYet(_) => StatusCode::CONFLICT,
            Self::NobodyHere => StatusCode::UNAUTHORIZED,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Declined(Declined::Invalid(_) | Declined::Unreadable { .. }) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Declined(Declined::Unrecordable { .. } | Declined::Busy) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Declined(_) | Self::Broken(_) | Self::Tampered(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Title and text for people.
    pub(crate) fn words(&self) -> (&'static str, String) {
        match self {
            Self::Missing => ("ページが見つかりません", "番地が違うか、もうないページです。".to_owned()),
            Self::NotYours(why) => ("このページは見られません", why.clone()),
            Self::Stale => (
                "画面が古くなっています",
                "画面を開いてから時間がたったか、別の画面から送られました。何も行われていません。画面を開き直して、もう一度送ってください。".to_owned(),
            ),
            Self::NotYet(why) => ("まだできません", why.clone()),
            Self::NobodyHere => ("サインインしてください", "この操作にはサインインが要ります。".to_owned()),
            Self::Unreadable(why) => ("送られた内容を読み取れません", why.clone()),
            Self::Tampered(what) => ("書き換えられています", format!("{what}。")),
            Self::TooLarge => ("送られた内容が大きすぎます", "一度に送れる大きさを超えています。短くして送ってください。".to_owned()),
            Self::Declined(declined) => (
                match declined {
                    Declined::Refused { .. } => "規程により認められません",
                    Declined::Invalid(_) | Declined::Unreadable { .. } => "この内容では進められません",
                    Declined::Unrecordable { .. } => "記録できないため、受け付けられません",
                    Declined::Busy => "混み合っています",
                    Declined::Broken { .. } => "データを読み出せませんでした",
                },
                declined.japanese(),
            ),
            Self::Broken(_) => (
                "うまくいきませんでした",
                "プログラムの誤りか、計算機の故障です。システム管理者に連絡してください。".to_owned(),
            ),
        }
    }

    /// The answer to a browser. What was typed is kept and shown wherever it can be read.
    pub(crate) fn page(self, ask: &Ask, form: &str) -> Response {
        if let Self::Declined(Declined::Refused { receipt, .. }) = &self {
            let key = receipt.to_string();
            ask.keep(key, form, false);
            return see_other(&format!("/refused/{}/{}", receipt.journal, receipt.index));
        }
        self.log(ask);
        let status = self.status();
        let (title, text) = self.words();
        let mut frame = ask.frame(title, "", &[]);
        frame.wrong = true;
        let fields = ask.typed.keepable();
        let mut links = Vec::new();
        // Nothing is kept for strangers: they would crowd out what is kept for others.
        let known = ask.visit.stay.is_some() || ask.visit.ended.is_some();
        if known && !fields.is_empty() && !form.is_empty() {
            let key = guard::random_hex();
            ask.keep(key.clone(), form, false);
            links.push(Link::new(format!("{form}?kept={}", encode(&key)), "入力した内容のまま画面に戻る"));
        }
        links.push(Link::new("/regulation", "規程のページへ"));
        let typed = typed_in_words(ask.app.office().profile(), fields);
        let page = MessagePage { frame, lines: vec![text], typed, links };
        let mut response = render(status, &page);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }

    /// The answer to a program.
    pub(crate) fn problem(self, ask: &Ask) -> Response {
        self.log(ask);
        api::problem(&self).into_response()
    }

    fn log(&self, ask: &Ask) {
        match self {
            Self::Tampered(_) => tracing::error!(path = %ask.path, "what is kept was changed"),
            Self::Broken(cause) => tracing::error!(path = %ask.path, %cause, "a request failed"),
            Self::Declined(declined) if self.status().is_server_error() => {
                tracing::error!(path = %ask.path, %declined, "the office declined");
            }
            _ => {}
        }
    }
}

/// Faults that the form can show at a field: the field as the page calls it, and the words.
pub(crate) fn at_fields(declined: Declined, rename: impl Fn(&str) -> String) -> Result<Problems, Trouble> {
    match (&declined, declined.field()) {
        (Declined::Invalid(_) | Declined::Unreadable { .. }, Some(field)) => {
            Ok(Problems::one(&rename(field), declined.japanese()))
        }
        _ => Err(declined.into()),
    }
}

/// 303: the answer is a page of its own.
pub(crate) fn see_other(path: &str) -> Response {
    axum::response::Redirect::to(path).into_response()
}

/// What was typed, as it is shown again where there is no form to show it in.
pub(crate) fn typed_in_words(profile: &Profile, fields: Vec<(String, String)>) -> Vec<(String, Cell)> {
    // Which of a page's forms it was is no answer of the person.
    let fields = fields.into_iter().filter(|(name, _)| name != "step");
    let words = |(name, text): (String, String)| {
        let text = Upload::parse(&text).map_or(text, |upload| upload.japanese());
        let text = in_words(profile, &name, &text).unwrap_or(text);
        (label(&name).to_owned(), Cell::Text(text))
    };
    fields.map(words).collect()
}

/// A code or an ISO date as people say it; none where it is neither.
fn in_words(profile: &Profile, name: &str, text: &str) -> Option<String> {
    match (name, text) {
        ("room", id) => profile.room(id).map(|room| room.name.clone()),
        ("direction", "in") => Some("入室".to_owned()),
        ("direction", "out") => Some("退室".to_owned()),
        ("means", "key") => Some("鍵".to_owned()),
        ("means", "attended") => Some("受付".to_owned()),
        _ => match text.len() {
            10 => text.parse().ok().map(words::day),
            16 if text.contains('T') => words::read_moment(text).map(words::moment_long),
            _ => None,
        },
    }
}

/// What a field is called where only its name is known.
pub(crate) fn label(name: &str) -> &str {
    match name {
        "name" => "氏名",
        "kana" => "フリガナ",
        "code" => "住民票コード",
        "reason" => "根拠番号",
        "purpose" => "目的",
        "from" => "この日から",
        "to" => "この日まで",
        "person" => "職員",
        "operator" => "操作者",
        "kind" => "種類",
        "section" => "課所",
        "card" => "カード番号",
        "terminal" => "端末番号",
        "room" => "室",
        "designation" => "指定番号",
        "office" => "職",
        "number" => "職員番号",
        "until" => "終わりの日時",
        "unable" => "統括責任者が自分で始められない",
        "receipt" => "目を通したもの",
        "list" | "transfer" => "異動の一覧",
        "vacant" => "空席になる職",
        "item" => "作業",
        "day" => "日",
        "result" => "結果",
        "remark" => "所見",
        "why" => "理由",
        "state" => "止めかた",
        "form" => "帳票",
        "row" => "選んだ行",
        "direction" => "入退室",
        "means" => "方法",
        "key" | "return-key" | "new-key" | "retired-key" => "鍵番号",
        "key-name" => "鍵の種別",
        "hanging" => "掛かっている鍵",
        "due" => "返却の期限",
        "guest" => "立会いを受ける人",
        "necessity" => "必要と認めた理由",
        "tag" => "名札番号",
        "door" | "remove-door" | "compare-door" => "錠",
        "doors" => "扉",
        "member" | "remove-member" => "錠での番号",
        "members" => "錠に登録されている番号",
        "authority" => "根拠",
        "controller" | "retired" => "制御器",
        "controller-key" => "公開鍵",
        "alarm" => "警報",
        "organisation" => "所属",
        "contract" => "契約",
        "employment" => "雇用の証し",
        "ended" => "外す人",
        "answer" => "回答",
        "correction" => "足りないところ",
        "file" => "ファイル",
        other => case_field(other).unwrap_or(other),
    }
}

/// What a field of a case is called, whichever kind of case asks for it.
fn case_field(name: &str) -> Option<&'static str> {
    register::case::DEFS.iter().find_map(|def| def.field(name)).map(|field| field.name)
}
