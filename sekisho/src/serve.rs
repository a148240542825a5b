//! `sekisho serve`: the office behind its pages, over TLS, until it is told to stop.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use office::clock::{Clock as _, SystemClock};
use office::{Mode, Office};
use tokio::signal::unix::{SignalKind, signal};
use web::Site;

use crate::cli::{LinkArgs, ServeArgs};
use crate::failure::Failure;
use crate::links::Links;
use crate::output::print;
use crate::{limits, offices, regulations, tls};

/// An address that is bound already, so that the page's address is known before the office opens.
pub(crate) struct Bound {
    listener: TcpListener,
    pub(crate) addr: SocketAddr,
}

/// Takes the address.
///
/// # Errors
/// When somebody else has it, or it is none of this machine's.
pub(crate) fn bind(addr: SocketAddr) -> Result<Bound, Failure> {
    let bound = TcpListener::bind(addr).and_then(|listener| {
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        Ok(Bound { listener, addr })
    });
    bound.map_err(|error| {
        Failure::failed(
            format!("{addr} で待ち受けられません（{error}）"),
            "使っているプログラムを止めるか、--addr で別の番号を指定してください",
        )
    })
}

pub(crate) fn run(args: ServeArgs) -> Result<(), Failure> {
    let given = match (args.tls_cert, args.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::Files { certificate, key }),
        _ => None,
    };
    if args.plain_http {
        tls::expect_loopback(args.addr.ip())?;
    }
    let profile = regulations::load(args.profile.as_deref())?;
    let bound = bind(args.addr)?;
    let (scheme, config) = if args.plain_http {
        ("http", None)
    } else {
        let own = || tls::own(&args.data, bound.addr, SystemClock.now());
        ("https", Some(tls::config(&given.map_or_else(own, Ok)?)?))
    };
    let origin = args.origin.unwrap_or_else(|| format!("{scheme}://{}", bound.addr));
    let links = calls(&args.links)?;
    let office = offices::open(&args.data, profile, Mode::Serve, origin, Arc::new(SystemClock))?;
    let site =
        Site { office: office.clone(), drawer: None, guide: None, hardware: None, tls: config.is_some() };
    until_stopped(&office, site, bound, config, links)
}

/// Where the terminals' programs call, and who may.
pub(crate) type Calls = (Bound, Links);

/// The links that were asked for.
///
/// # Errors
/// When the address is taken, or certificates and key cannot be used.
pub(crate) fn calls(args: &LinkArgs) -> Result<Option<Calls>, Failure> {
    let (Some(addr), Some(certificate), Some(key), Some(ca)) =
        (args.terminals, &args.terminals_cert, &args.terminals_key, &args.terminals_ca)
    else {
        return Ok(None);
    };
    let files = tls::Files { certificate: certificate.clone(), key: key.clone() };
    let links = Links::new(&files, ca)?;
    Ok(Some((bind(addr)?, links)))
}

/// Serves the site until SIGINT or SIGTERM; then finishes what was begun and closes the office.
pub(crate) fn until_stopped(
    office: &Office,
    site: Site,
    bound: Bound,
    config: Option<RustlsConfig>,
    links: Option<Calls>,
) -> Result<(), Failure> {
    let router = web::router(site).map_err(|error| {
        Failure::failed(format!("乱数が得られません（{error}）"), "システム管理者に知らせてください")
    })?;
    let stop = Arc::new(AtomicBool::new(false));
    let follower = follow(office.clone(), Arc::clone(&stop));
    let called = links.as_ref().map(|(bound, _)| format!("端末のプログラムは {} で受けます\n", bound.addr));
    let ready = format!(
        "{}{} で待っています。止めるには Ctrl+C を押してください\n",
        called.unwrap_or_default(),
        office.origin()
    );
    let served = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(serve(office.clone(), router, (bound, config), links, &ready)));
    stop.store(true, Ordering::Relaxed);
    office.close();
    if follower.is_some_and(|thread| thread.join().is_err()) {
        tracing::error!("what keeps the indexes up broke down");
    }
    served.map_err(|error| {
        Failure::failed(format!("待ち受けが止まりました（{error}）"), "もう一度起動してください")
    })
}

async fn serve(
    office: Office,
    router: Router,
    (bound, config): (Bound, Option<RustlsConfig>),
    calls: Option<Calls>,
    ready: &str,
) -> io::Result<()> {
    if let Some((listener, links)) = calls {
        let listener = tokio::net::TcpListener::from_std(listener.listener)?;
        tokio::spawn(links.serve(office.clone(), listener));
    }
    let handle = Handle::new();
    let (mut interrupted, mut terminated) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    // Said only now: whoever reads it may ask to stop at once, and is to be heard.
    print(ready).map_err(|_| io::Error::other("the standard output is closed"))?;
    let stopper = handle.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        office.hang_up();
        stopper.graceful_shutdown(Some(limits::STOPPING));
    });
    let app = router.into_make_service();
    match config {
        Some(config) => axum_server::from_tcp_rustls(bound.listener, config)?.handle(handle).serve(app).await,
        None => axum_server::from_tcp(bound.listener)?.handle(handle).serve(app).await,
    }
}

/// Keeps the files that are folded from the journal up to it, so that no view has to wait.
fn follow(office: Office, stop: Arc<AtomicBool>) -> Option<thread::JoinHandle<()>> {
    let work = move || {
        while !stop.load(Ordering::Relaxed) {
            if let Err(error) = office.follow_all() {
                tracing::warn!(%error, "an index could not be brought up to the journal");
            }
            thread::sleep(limits::FOLLOW);
        }
    };
    match thread::Builder::new().name("follower".to_owned()).spawn(work) {
        Ok(thread) => Some(thread),
        Err(error) => {
            // Every view brings up what it needs itself; it only waits longer.
            tracing::warn!(%error, "no thread to keep the indexes up");
            None
        }
    }
}
