//! Every route in one table, and the way a request takes through it: who asks, may the form be trusted, is
//! somebody signed in, then the handler on a thread that may wait.

use axum::Router;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::header::{self, HeaderMap};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::api;
use crate::ask::{Ask, Visit};
use crate::guard::{self, Cookies};
use crate::limits;
use crate::pages::{
    acting, articles, board, calendar, cards, cases, cs, designations, documents, duties, handlers, hardware,
    health, history, journal, ledgers, password, posts, refusals, regulation, rooms, rules, runs, sign_in,
    terminals, tour, transfers,
};
use crate::site::App;
use crate::trouble::{Answer, Trouble, see_other};
use crate::typed::{Problems, Typed};
use crate::upload::{Raw, Unread};
use crate::{assets, typed, upload};

/// Who may come as far as a route's handler. What the handler then does is for the regulation to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Anybody on the city's network.
    Anyone,
    /// Whoever is signed in at a terminal.
    Stay,
    /// Anybody, for programs: no cookie counts, and errors are problem details.
    Program,
    /// A program that brings the token of a stay.
    ProgramStay,
    /// Machines that watch this one.
    Machine,
}

/// One route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with `{names}` for the parts that vary.
    pub path: &'static str,
    /// Who may come this far.
    pub gate: Gate,
    /// The page with the form that this route takes, where what was typed is given back.
    pub form: &'static str,
    handler: fn(&Ask) -> Answer,
}

const fn get(path: &'static str, gate: Gate, handler: fn(&Ask) -> Answer) -> Route {
    Route { method: Method::GET, path, gate, form: "", handler }
}

const fn post(path: &'static str, gate: Gate, form: &'static str, handler: fn(&Ask) -> Answer) -> Route {
    Route { method: Method::POST, path, gate, form, handler }
}

const fn delete(path: &'static str, gate: Gate, handler: fn(&Ask) -> Answer) -> Route {
    Route { method: Method::DELETE, path, gate, form: "", handler }
}

use Gate::{Anyone, Machine, Program, ProgramStay, Stay};

/// Every route but the assets.
pub static ROUTES: &[Route] = &[
    get("/", Anyone, tour::show),
    post("/tour/tamper", Anyone, "/", tour::tamper),
    get("/tour/doors", Anyone, hardware::show),
    post("/tour/doors", Anyone, "/tour/doors", hardware::play),
    get("/regulation", Anyone, regulation::show),
    get("/articles/{citation}", Anyone, articles::show),
    get("/terminals", Anyone, terminals::show),
    post("/terminals", Stay, "/terminals", terminals::register),
    post("/terminals/retire", Stay, "/terminals", terminals::retire),
    get("/terminals/{terminal}/sign-in", Anyone, sign_in::card),
    post("/terminals/{terminal}/sign-in", Anyone, "/terminals", sign_in::present),
    get("/t/{ticket}", Anyone, sign_in::ticket),
    get("/sign-in/password", Anyone, sign_in::password),
    post("/sign-in/password", Anyone, "/terminals", sign_in::sign_in),
    post("/sign-out", Anyone, "", sign_in::sign_out),
    get("/password", Stay, password::show),
    post("/password", Stay, "/password", password::change),
    get("/cs", Stay, cs::desk),
    post("/cs/name", Stay, "/cs", cs::by_name),
    post("/cs/kana", Stay, "/cs", cs::by_kana),
    post("/cs/code", Stay, "/cs", cs::by_code),
    get("/cs/shown/{index}", Stay, cs::shown),
    post("/cs/shown/{index}/consult", Stay, "/cs", cs::consult),
    post("/cs/shown/{index}/reveal", Stay, "/cs", cs::reveal),
    post("/cs/shown/{index}/print", Stay, "/cs", cs::print),
    get("/history/mine", Stay, history::mine),
    post("/history/mine", Stay, "/history/mine", history::view_mine),
    get("/history/residents", Stay, history::residents),
    post("/history/residents", Stay, "/history/residents", history::view_resident),
    get("/history/operators", Stay, history::operators),
    post("/history/operators", Stay, "/history/operators", history::view_operator),
    get("/history/shown/{index}", Stay, history::shown),
    get("/refusals", Stay, refusals::list),
    get("/refused/{journal}/{index}", Anyone, refusals::one),
    get("/designations", Stay, designations::show),
    post("/designations", Stay, "/designations", designations::propose),
    post("/designations/{designation}/agree", Stay, "/designations", designations::agree),
    post("/designations/{designation}/end", Stay, "/designations", designations::end),
    get("/cards", Stay, cards::show),
    post("/cards", Stay, "/cards", cards::prepare),
    post("/cards/lost", Stay, "/cards", cards::report_lost),
    post("/cards/alarms", Stay, "/cards", cards::close_alarm),
    post("/cards/passwords", Stay, "/cards", cards::hand_over),
    get("/cards/labels", Stay, cards::labels),
    get("/cards/spares", Stay, cards::spares),
    post("/cards/spares/lend", Stay, "/cards/spares", cards::lend_spare),
    post("/cards/spares/return", Stay, "/cards/spares", cards::take_spare),
    post("/cards/spares/count", Stay, "/cards/spares", cards::count_spares),
    get("/cards/inspection", Stay, cards::inspection),
    post("/cards/inspection", Stay, "/cards/inspection", cards::inspect),
    get("/cards/transfers", Stay, cards::transfers),
    post("/cards/transfers", Stay, "/cards/transfers", cards::collect),
    get("/cards/{card}", Stay, cards::one),
    post("/cards/{card}/issue", Stay, "/cards/{card}", cards::issue),
    post("/cards/{card}/discard", Stay, "/cards/{card}", cards::discard),
    post("/cards/{card}/found", Stay, "/cards/{card}", cards::report_found),
    post("/cards/{card}/stop", Stay, "/cards/{card}", cards::stop),
    post("/cards/{card}/restore", Stay, "/cards/{card}", cards::restore),
    get("/handlers", Stay, handlers::show),
    post("/handlers", Stay, "/handlers", handlers::designate),
    post("/handlers/{person}/end", Stay, "/handlers", handlers::end),
    get("/board", Stay, board::show),
    get("/board/print", Stay, board::print),
    get("/duties", Stay, duties::all),
    get("/duties/mine", Stay, duties::mine),
    post("/duties/remind", Stay, "/duties", duties::remind),
    get("/calendar", Stay, calendar::show),
    get("/posts", Stay, posts::show),
    post("/posts", Stay, "/posts", posts::appoint),
    get("/people", Stay, posts::people),
    post("/people", Stay, "/posts", posts::enrol),
    get("/transfers", Stay, transfers::show),
    post("/transfers", Stay, "/transfers", transfers::hand_in),
    post("/transfers/reverse", Stay, "/transfers", transfers::reverse),
    get("/transfers/{sha256}", Stay, transfers::preview),
    post("/transfers/{sha256}", Stay, "/transfers/{sha256}", transfers::apply),
    get("/acting", Stay, acting::show),
    post("/acting", Stay, "/acting", acting::open),
    post("/acting/close", Stay, "/acting", acting::close),
    post("/acting/see", Stay, "/acting", acting::see),
    get("/rooms", Stay, rooms::show),
    get("/rooms/live", Stay, rooms::live),
    post("/rooms/lockdown", Stay, "/rooms", rooms::lock_down),
    post("/rooms/lockdown/lift", Stay, "/rooms", rooms::lift),
    get("/rooms/passages", Stay, rooms::passages),
    post("/rooms/passages", Stay, "/rooms/passages", rooms::record),
    get("/rooms/passages.csv", Stay, rooms::download),
    get("/rooms/passages/import", Stay, rooms::import_form),
    post("/rooms/passages/import", Stay, "/rooms/passages/import", rooms::import),
    get("/rooms/escorts", Stay, rooms::escorts),
    post("/rooms/escorts", Stay, "/rooms/escorts", rooms::open_escort),
    post("/rooms/escorts/{escort}/close", Stay, "/rooms/escorts", rooms::close_escort),
    get("/rooms/keys", Stay, rooms::keys),
    get("/rooms/keys/labels", Stay, rooms::key_labels),
    post("/rooms/keys/lend", Stay, "/rooms/keys", rooms::lend_key),
    post("/rooms/keys/return", Stay, "/rooms/keys", rooms::take_back),
    post("/rooms/keys/count", Stay, "/rooms/keys", rooms::count_keys),
    post("/rooms/keys/register", Stay, "/rooms/keys", rooms::register_key),
    post("/rooms/keys/retire", Stay, "/rooms/keys", rooms::retire_key),
    get("/rooms/tags", Stay, rooms::tags),
    post("/rooms/tags", Stay, "/rooms/tags", rooms::issue_tag),
    post("/rooms/tags/return", Stay, "/rooms/tags", rooms::take_tag),
    get("/rooms/fingers", Stay, rooms::fingers),
    post("/rooms/fingers", Stay, "/rooms/fingers", rooms::enrol),
    post("/rooms/fingers/remove", Stay, "/rooms/fingers", rooms::remove),
    post("/rooms/fingers/compare", Stay, "/rooms/fingers", rooms::compare),
    get("/rooms/doors", Stay, rooms::doors),
    post("/rooms/doors", Stay, "/rooms/doors", rooms::register_controller),
    post("/rooms/doors/retire", Stay, "/rooms/doors", rooms::retire_controller),
    post("/rooms/doors/alarms", Stay, "/rooms/doors", rooms::close_alarm),
    get("/rooms/outsiders", Stay, rooms::outsiders),
    post("/rooms/outsiders", Stay, "/rooms/outsiders", rooms::enter_outsider),
    post("/rooms/outsiders/end", Stay, "/rooms/outsiders", rooms::end_outsider),
    get("/rooms/findings", Stay, rooms::findings),
    post("/rooms/findings/reconcile", Stay, "/rooms/findings", rooms::reconcile),
    get("/rooms/findings/{finding}", Stay, rooms::finding),
    post("/rooms/findings/{finding}/answer", Stay, "/rooms/findings/{finding}", rooms::answer_finding),
    post("/rooms/findings/{finding}/send-back", Stay, "/rooms/findings/{finding}", rooms::send_back),
    post("/rooms/findings/{finding}/settle", Stay, "/rooms/findings/{finding}", rooms::settle),
    get("/rooms/{room}", Stay, rooms::room),
    get("/rules", Stay, rules::show),
    get("/runs", Stay, runs::show),
    post("/runs", Stay, "/runs", runs::record),
    get("/cases/{kind}", Stay, cases::list),
    post("/cases/{kind}", Stay, "/cases/{kind}/new", cases::open),
    get("/cases/{kind}/new", Stay, cases::fresh),
    get("/cases/{kind}/{case}", Stay, cases::show),
    get("/cases/{kind}/{case}/print", Stay, cases::print),
    post("/cases/{kind}/{case}/{step}", Stay, "/cases/{kind}/{case}", cases::take),
    get("/documents/{sha256}", Stay, documents::download),
    get("/ledgers", Stay, ledgers::list),
    get("/ledgers/{ledger}", Stay, ledgers::one),
    get("/journal", Anyone, journal::show),
    post("/journal/verify", Anyone, "/journal", journal::verify),
    get("/journal/{journal}/{index}", Anyone, journal::entry),
    get("/healthz", Machine, health::alive),
    get("/readyz", Machine, health::ready),
    get("/metrics", Machine, health::metrics),
    post("/door/v1/ask", Program, "", api::door_ask),
    post("/door/v1/upload", Program, "", api::door_upload),
    post("/door/v1/sync", Program, "", api::door_sync),
    get("/api/v1/openapi.json", Program, api::openapi),
    get("/api/v1/articles", Program, api::articles),
    get("/api/v1/articles/{citation}", Program, api::article),
    get("/api/v1/coverage", Program, api::coverage),
    get("/api/v1/journals", Program, api::journals),
    get("/api/v1/journals/{journal}/{index}/proof", Program, api::proof),
    post("/api/v1/sign-in/challenge", Program, "", api::challenge),
    post("/api/v1/sign-in/card", Program, "", api::present),
    post("/api/v1/sign-in/password", Program, "", api::sign_in),
    delete("/api/v1/stay", ProgramStay, api::sign_out),
    post("/api/v1/operations", ProgramStay, "", api::operate),
    get("/api/v1/history/mine", ProgramStay, api::history_mine),
    get("/api/v1/history/residents/{code}", ProgramStay, api::history_resident),
    get("/api/v1/history/operators/{operator}", ProgramStay, api::history_operator),
    post("/api/v1/acts", ProgramStay, "", api::act),
    get("/api/v1/board", ProgramStay, api::board),
    get("/api/v1/duties", ProgramStay, api::duties),
    get("/api/v1/cases/{kind}", ProgramStay, api::cases),
    get("/api/v1/posts", ProgramStay, api::posts),
    get("/api/v1/rooms", ProgramStay, api::rooms),
    get("/api/v1/passages", ProgramStay, api::passages),
    get("/api/v1/findings", ProgramStay, api::findings),
    post("/api/v1/keys/loans", ProgramStay, "", api::lend),
    get("/api/v1/refusals", ProgramStay, api::refusals),
    get("/api/v1/ledgers", ProgramStay, api::ledgers),
    get("/api/v1/ledgers/{ledger}", ProgramStay, api::ledger),
];

/// The router of all routes.
pub(crate) fn router(app: &App) -> Router {
    let mut paths: Vec<(&'static str, MethodRouter)> = Vec::new();
    for route in ROUTES {
        let app = app.clone();
        let filter =
            MethodFilter::try_from(route.method.clone()).expect("the table's methods are the usual ones");
        let handler = move |request: Request| serve(app.clone(), route, request);
        match paths.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, methods)) => *methods = std::mem::take(methods).on(filter, handler),
            None => paths.push((route.path, on(filter, handler))),
        }
    }
    let router = paths.into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    let (lost, tls) = (app.clone(), app.tls());
    router
        .route("/assets/{name}", axum::routing::get(assets::serve))
        .fallback(move |request: Request| serve(lost.clone(), &LOST, request))
        .layer(axum::middleware::map_response(move |response: Response| async move {
            guard::headers(response, tls)
        }))
}

/// Whatever is in no table.
static LOST: Route = get("", Anyone, |_| Err(Trouble::Missing));

async fn serve(app: App, route: &'static Route, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let params = RawPathParams::from_request_parts(&mut parts, &()).await.ok();
    let params = params.iter().flatten().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let visit = visit_of(&app, route, &parts.headers);
    let sent = receive(&app, route, &visit, &parts.headers, body).await;
    let counted = app.clone();
    let answer = tokio::task::spawn_blocking(move || answer(app, route, &parts, params, visit, sent)).await;
    let response = answer.unwrap_or_else(|error| {
        tracing::error!(%error, path = route.path, "a handler broke down");
        (StatusCode::INTERNAL_SERVER_ERROR, "内部の誤りです。システム管理者に連絡してください。")
            .into_response()
    });
    counted.metrics().answered(response.status().as_u16());
    response
}

/// What came with a request.
enum Sent {
    Bytes(Vec<u8>),
    Form(Typed, Vec<Raw>),
    Unread(Unread),
}

/// Receives a request's body. Files are taken only from whoever is signed in, and only by a form's route.
async fn receive(
    app: &App,
    route: &Route,
    visit: &Visit,
    headers: &HeaderMap,
    body: axum::body::Body,
) -> Sent {
    let files = route.gate == Stay && route.method == Method::POST && upload::is_multipart(headers);
    if !files {
        let bytes = axum::body::to_bytes(body, limits::BODY).await;
        return bytes.map_or(Sent::Unread(Unread::TooLarge), |bytes| Sent::Bytes(bytes.to_vec()));
    }
    if visit.stay.is_none() || !guard::from_our_pages(&route.method, headers) {
        return Sent::Form(Typed::default(), Vec::new());
    }
    let _permit = app.uploads().acquire().await;
    match upload::read(headers, body).await {
        Ok((typed, files)) => Sent::Form(typed, files),
        Err(unread) => Sent::Unread(unread),
    }
}

fn visit_of(app: &App, route: &Route, headers: &HeaderMap) -> Visit {
    if matches!(route.gate, Program | ProgramStay) { bearer(app, headers) } else { visit(app, headers) }
}

fn answer(
    app: App,
    route: &'static Route,
    parts: &Parts,
    params: Vec<(String, String)>,
    visit: Visit,
    sent: Sent,
) -> Response {
    let program = matches!(route.gate, Program | ProgramStay);
    let query = parts.uri.query().unwrap_or_default();
    let query = query.get(..query.len().min(limits::QUERY)).unwrap_or_default();
    let mut ask = Ask {
        app,
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        parts: params,
        query: Typed::read(query.as_bytes()).unwrap_or_default(),
        typed: Typed::default(),
        body: Vec::new(),
        headers: parts.headers.clone(),
        visit,
        unkept: Problems::default(),
    };
    let outcome = read_form(&mut ask, sent, program).and_then(|files| {
        pass_gate(&ask, route)?;
        ask.keep_files(files);
        (route.handler)(&ask)
    });
    let mut response = match outcome {
        Ok(response) => response,
        Err(trouble) if program => trouble.problem(&ask),
        Err(Trouble::NobodyHere) => sign_in_first(&ask, route),
        Err(trouble) => trouble.page(&ask, &ask.fill_in(route.form)),
    };
    if ask.visit.fresh && !program && route.gate != Machine {
        Cookies::new(ask.app.tls()).set(&mut response, guard::VISITOR, Some(&ask.visit.visitor));
    }
    response
}

/// A form's fields, and whether it is ours. Gives the files that came with it.
fn read_form(ask: &mut Ask, sent: Sent, program: bool) -> Result<Vec<Raw>, Trouble> {
    let too_many = || Trouble::Unreadable("項目の数が多すぎます。".to_owned());
    let files = match sent {
        Sent::Unread(Unread::TooLarge) => return Err(Trouble::TooLarge),
        Sent::Unread(Unread::TooMany) => return Err(too_many()),
        Sent::Unread(Unread::Broken) => {
            return Err(Trouble::Unreadable("送信が途中で切れました。もう一度送ってください。".to_owned()));
        }
        Sent::Form(typed, files) => {
            ask.typed = typed;
            files
        }
        Sent::Bytes(bytes) => {
            ask.body = bytes;
            if program || ask.method.is_safe() {
                return Ok(Vec::new());
            }
            let kind = ask.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            if !kind.unwrap_or_default().starts_with("application/x-www-form-urlencoded") {
                return Err(Trouble::Unreadable("この画面の様式で送られた内容ではありません。".to_owned()));
            }
            ask.typed = Typed::read(&ask.body).map_err(|typed::TooManyFields| too_many())?;
            Vec::new()
        }
    };
    let ours = guard::from_our_pages(&ask.method, &ask.headers)
        && guard::csrf_holds(ask.app.key(), &ask.visit, ask.typed.get("_csrf"));
    if ours { Ok(files) } else { Err(Trouble::Stale) }
}

fn pass_gate(ask: &Ask, route: &Route) -> Result<(), Trouble> {
    if matches!(route.gate, Stay | ProgramStay) && ask.visit.stay.is_none() {
        return Err(Trouble::NobodyHere);
    }
    let named = |fields: &[String]| -> String {
        fields.iter().map(|field| crate::trouble::label(field)).collect::<Vec<_>>().join("、")
    };
    if !ask.typed.broken().is_empty() {
        let fields = named(ask.typed.broken());
        return Err(Trouble::Unreadable(format!(
            "文字として読み取れないものが含まれています（{fields}）。その部分を入力し直してください。"
        )));
    }
    if !ask.typed.long().is_empty() {
        let fields = named(ask.typed.long());
        return Err(Trouble::Unreadable(format!("{fields}は{}文字以内で入力してください。", limits::FIELD)));
    }
    Ok(())
}

/// Nobody is signed in: to the terminals. What was typed is kept, and given back to the same person there.
fn sign_in_first(ask: &Ask, route: &Route) -> Response {
    let ended = ask.visit.ended.as_ref();
    let unsent = !ask.typed.keepable().is_empty() && !route.form.is_empty() && ended.is_some();
    if unsent {
        ask.keep(guard::random_hex(), &ask.fill_in(route.form), true);
    }
    let why = match (ended.is_some(), unsent) {
        (true, true) => "?ended=kept",
        (true, false) => "?ended=yes",
        (false, _) => "?needed=yes",
    };
    match ended {
        Some(stay) => see_other(&format!("/terminals/{}/sign-in{why}", stay.terminal)),
        None => see_other(&format!("/terminals{why}")),
    }
}

fn visit(app: &App, headers: &HeaderMap) -> Visit {
    let cookies = Cookies::new(app.tls());
    let visitor = cookies.read(headers, guard::VISITOR);
    let fresh = visitor.is_none();
    let token = cookies.read(headers, guard::STAY);
    let stay = token.as_ref().and_then(|token| app.office().signed_in(token));
    let ended = match (&stay, &token) {
        (None, Some(token)) => app.office().was_signed_in(token),
        _ => None,
    };
    Visit { visitor: visitor.unwrap_or_else(guard::random_hex), fresh, token, stay, ended }
}

/// A program says who it is in every request; cookies do not count, so that no page of another site can use it.
fn bearer(app: &App, headers: &HeaderMap) -> Visit {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .filter(|token| token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map(str::to_owned);
    let stay = token.as_ref().and_then(|token| app.office().signed_in(token));
    Visit { token, stay, ..Visit::default() }
}
