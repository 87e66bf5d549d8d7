//! Both listeners, and what stops in which order.
//!
//! ```text
//! told to stop ─▶ no new connections, no new requests ─▶ what is under way is finished (or dropped, after PICLOUD_DRAIN_MS_MAX)
//!              ─▶ changes and records are written ─▶ the database is closed
//! ```

mod admin;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::config::BindConfig;
use crate::orchestrator::Host;
use crate::{commit, deliver, edge, ingress};

/// How long to wait for changes that are being written, and then for the database to let go.
const CLOSE_MAX: Duration = Duration::from_secs(5);

/// The sockets, already bound.
pub struct Listeners {
    /// For the apps' traffic.
    pub ingress: TcpListener,
    /// For the management API.
    pub admin: TcpListener,
}

impl Listeners {
    /// Binds both addresses.
    ///
    /// # Errors
    /// Names the address that cannot be had, and the variable it is from.
    pub async fn bind(config: &BindConfig) -> anyhow::Result<Self> {
        Ok(Self {
            ingress: bind("PICLOUD_BIND", config.ingress).await?,
            admin: bind("PICLOUD_ADMIN_BIND", config.admin).await?,
        })
    }
}

async fn bind(name: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{name}: cannot listen on {address}"))
}

/// Serves until `stop`, then lets what was admitted come to its end, and writes what is to be remembered of it.
///
/// # Errors
/// When a listener fails for good.
pub async fn serve(host: Host, listeners: Listeners, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
    let no_more_records = CancellationToken::new();
    let writer = tokio::spawn(write_records(host.clone(), no_more_records.clone()));
    let no_more_commits = CancellationToken::new();
    let commits = tokio::spawn(write_spaces(host.clone(), no_more_commits.clone()));

    let no_more_jobs = CancellationToken::new();
    let jobs = tokio::spawn(keep_house(host.clone(), no_more_jobs.clone()));
    let no_more_messages = deliver::Stop::default();
    let mut messages = JoinSet::new();
    messages.spawn(deliver::run(host.clone(), no_more_messages.clone()));

    let addresses = [&listeners.ingress, &listeners.admin].map(TcpListener::local_addr);
    host.outbound
        .guard()
        .listens_at(addresses.into_iter().flatten().collect());
    let ending = edge::Stop::default();
    let mut listening = listen(&host, listeners, &ending);
    let failed = tokio::select! {
        () = stop => None,
        failed = listening.join_next() => failed,
    };
    ending.politely.cancel();
    no_more_messages.politely.cancel();
    let drain_max = host.config.runs.drain_max;
    let drained = async { tokio::join!(finish(&mut listening), finish(&mut messages)) };
    if timeout(drain_max, drained).await.is_err() {
        let runs = host.admission.in_flight();
        tracing::warn!(
            "{runs} runs are not over after {} ms and are dropped",
            drain_max.as_millis()
        );
        ending.at_once.cancel();
        no_more_messages.at_once.cancel();
        finish(&mut listening).await;
        finish(&mut messages).await;
    }
    if timeout(CLOSE_MAX, host.changes.close()).await.is_err() {
        tracing::warn!("changes are not all written after {} s", CLOSE_MAX.as_secs());
    }
    no_more_jobs.cancel();
    jobs.await.context("housekeeping panicked")?;
    no_more_commits.cancel();
    commits.await.context("the writer of what scripts keep panicked")?;
    no_more_records.cancel();
    writer.await.context("the writer of records panicked")?;
    if timeout(CLOSE_MAX, host.db.close()).await.is_err() {
        tracing::warn!("the database was not closed within {} s", CLOSE_MAX.as_secs());
    }
    match failed {
        Some(failed) => failed.context("a listener panicked"),
        None => Ok(()),
    }
}

/// Both listeners, each with a task of its own.
fn listen(host: &Host, listeners: Listeners, stop: &edge::Stop) -> JoinSet<()> {
    let (apps, admin) = edge::Edge::pair(&host.config);
    let mut listening = JoinSet::new();
    let answers = ingress::Server::new(host.clone(), Arc::clone(&apps));
    let apps = edge::Listener {
        socket: listeners.ingress,
        edge: apps,
        answers,
        stop: stop.clone(),
    };
    let admin = edge::Listener {
        socket: listeners.admin,
        edge: admin,
        answers: admin::Admin::new(host),
        stop: stop.clone(),
    };
    listening.spawn(apps.serve());
    listening.spawn(admin.serve());
    listening
}

async fn write_records(host: Host, stop: CancellationToken) {
    let history = &host.config.history;
    let bytes_max = (history.bytes_per_app, history.journal_bytes_per_app);
    commit::write_records(&host.committer, &host.db, bytes_max, stop).await;
}

async fn write_spaces(host: Host, stop: CancellationToken) {
    commit::spaces::write_spaces(&host.spaces, &host.committer, stop).await;
}

async fn keep_house(host: Host, stop: CancellationToken) {
    host.jobs.run(stop).await;
}

async fn finish(listening: &mut JoinSet<()>) {
    while listening.join_next().await.is_some() {}
}
