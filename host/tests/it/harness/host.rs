//! A whole server in process: both listeners on port 0, a SQLite database of its own, time held still, and a [`Puppet`]
//! in place of the executor unless a test wants the real one.
//!
//! Dropping it stops it like a signal would, and checks what no test remembers to: no place is still taken, and every
//! admitted event has its record.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use picloud::clock::Clock;
use picloud::config::{Config, Env};
use picloud::identity::ensure_operator;
use picloud::orchestrator::{Engine, Host};
use picloud::serve::{Listeners, serve};
use picloud::store::Db;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::database::TestDatabase;
use super::http::{Answer, Wire};
use super::names::Names;
use super::puppet::Puppet;
use super::sandbox;

#[derive(Clone)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
    /// Beside a server on the database of this address, with that one's token.
    SecondOn(String, String),
}

/// A server, and everything one may do to it.
pub(crate) struct TestHost {
    /// What the server works with.
    pub(crate) host: Host,
    pub(crate) puppet: Arc<Puppet>,
    /// Where the apps answer.
    pub(crate) ingress: SocketAddr,
    /// Where the management API answers.
    pub(crate) admin: SocketAddr,
    /// What `stop` is to the process.
    pub(crate) stop: CancellationToken,
    pub(super) secret: String,
    pub(crate) database: TestDatabase,
    serving: Option<(Runtime, JoinHandle<anyhow::Result<()>>)>,
}

impl TestHost {
    /// With a [`Puppet`] and the default settings.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With a [`Puppet`] and these settings.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let puppet = Arc::new(Puppet::default());
        let engine = played(&puppet);
        Self::build(engine, puppet, settings, Kind::Sqlite).await.unwrap()
    }

    /// With the real executor.
    pub(crate) async fn real(settings: &[(&str, &str)]) -> Self {
        Self::build(sandbox::engine(), Arc::default(), settings, Kind::Sqlite)
            .await
            .unwrap()
    }

    /// With the real executor, and `names` for whom scripts call.
    pub(crate) async fn calling(names: &Arc<Names>, settings: &[(&str, &str)]) -> Self {
        let engine = Engine {
            resolver: Arc::clone(names) as _,
            ..sandbox::engine()
        };
        Self::build(engine, Arc::default(), settings, Kind::Sqlite)
            .await
            .unwrap()
    }

    /// Time passes.
    pub(crate) fn advance_ms(&self, ms: i64) {
        if let Clock::Frozen(now_us) = &self.host.clock {
            now_us.fetch_add(ms * 1000, Ordering::Relaxed);
        }
        self.host.spaces.post().time_passed();
    }

    /// Serves by all that was changed so far, also on other servers.
    pub(crate) async fn follow(&self) {
        self.app("follows", &[]).await;
        self.delete("follows").await;
    }

    pub(super) async fn build(
        engine: Engine,
        puppet: Arc<Puppet>,
        settings: &[(&str, &str)],
        kind: Kind,
    ) -> Option<Self> {
        // The server has a runtime of its own: it goes on while a test's thread is busy, and ends inside `drop`.
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let mut settings: HashMap<_, _> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let secret = match &kind {
            Kind::SecondOn(_, secret) => Some(secret.clone()),
            _ => None,
        };
        let starting = runtime.spawn(async move {
            let database = match kind {
                Kind::Sqlite => TestDatabase::sqlite().await,
                Kind::Postgres => TestDatabase::postgres().await?,
                Kind::SecondOn(url, _) => TestDatabase::on(&url).await,
            };
            settings.insert("PICLOUD_DATA".to_owned(), database.data().display().to_string());
            let config = Config::from_env(&Env::new(&|name| settings.get(name).cloned())).unwrap();
            let clock = Clock::Frozen(Arc::new(AtomicI64::new(1_700_000_000_000_000)));
            let host = Host::build(config, database.db.clone(), engine, clock).await.unwrap();
            let secret = match secret {
                Some(secret) => secret,
                None => ensure_operator(&host).await.unwrap().made.unwrap(),
            };
            let bind = || TcpListener::bind("127.0.0.1:0");
            let (ingress, admin) = (bind().await.unwrap(), bind().await.unwrap());
            Some((host, database, secret, Listeners { ingress, admin }))
        });
        let (host, database, secret, listeners) = starting.await.unwrap()?;
        let (ingress, admin) = (
            listeners.ingress.local_addr().unwrap(),
            listeners.admin.local_addr().unwrap(),
        );
        let stop = CancellationToken::new();
        let serving = runtime.spawn(serve(host.clone(), listeners, stop.clone().cancelled_owned()));
        let serving = Some((runtime, serving));
        Some(Self {
            host,
            puppet,
            ingress,
            admin,
            stop,
            secret,
            database,
            serving,
        })
    }

    /// One request to the management API, as an operator: a line such as `POST /apps`.
    pub(crate) async fn manage(&self, line: &str, body: Value) -> Answer {
        self.manage_as(&self.secret, line, body).await
    }

    /// The same by somebody who holds a token.
    pub(crate) async fn manage_as(&self, secret: &str, line: &str, body: Value) -> Answer {
        self.ask_manager(secret, line, &written(&body)).await
    }

    /// The same with a body as it is written.
    pub(crate) async fn manage_text(&self, line: &str, body: &str) -> Answer {
        self.ask_manager(&self.secret, line, body).await
    }

    async fn ask_manager(&self, secret: &str, line: &str, body: &str) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let authorization = format!("Bearer {secret}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
        ];
        let line = format!("{method} http://localhost/api/v1{path}");
        Wire::connect(self.admin)
            .await
            .ask(&line, &headers, body.as_bytes())
            .await
    }

    /// The secret of a new token of the app.
    pub(crate) async fn token(&self, app: &str, role: &str) -> String {
        let new = json!({ "name": "a test's", "role": role });
        let made = self.managed(&format!("POST /apps/{app}/tokens"), new).await;
        made["secret"].as_str().unwrap().to_owned()
    }

    /// The header of an operator.
    pub(crate) fn authorization(&self) -> String {
        format!("Bearer {}", self.secret)
    }

    /// The same by somebody who goes away in the middle, after so many turns of the test's other tasks.
    pub(crate) async fn manage_and_leave(&self, line: &str, body: &Value, turns: usize) {
        let (method, path) = line.split_once(' ').unwrap();
        let authorization = self.authorization();
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
        ];
        let line = format!("{method} http://localhost/api/v1{path}");
        let body = written(body);
        let mut wire = Wire::connect(self.admin).await;
        wire.write(&super::http::request(&line, &headers, body.as_bytes()))
            .await;
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    async fn managed(&self, line: &str, body: Value) -> Value {
        let answer = self.manage(line, body).await;
        assert!((200..300).contains(&answer.status), "{line}: {}", answer.text());
        if answer.body.is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    }

    /// An app whose routes (`GET /path`) each have a script of their own.
    pub(crate) async fn app(&self, name: &str, routes: &[(&str, &str)]) {
        self.managed("POST /apps", json!({ "name": name })).await;
        for (at, (route, source)) in routes.iter().enumerate() {
            self.script(name, &format!("script_{at}"), source).await;
            self.route(name, route, &format!("script_{at}"), None).await;
        }
    }

    /// Saves a script.
    pub(crate) async fn script(&self, app: &str, script: &str, source: &str) {
        let new = json!({ "kind": "endpoint", "source": source });
        self.managed(&format!("PUT /apps/{app}/scripts/{script}"), new).await;
    }

    /// Adds a route such as `GET /path`.
    pub(crate) async fn route(&self, app: &str, route: &str, script: &str, host: Option<&str>) {
        let (method, pattern) = route.split_once(' ').unwrap();
        let mut new = json!({ "method": method, "pattern": pattern, "script": script });
        if let Some(host) = host {
            new["host"] = Value::String(host.to_owned());
        }
        self.managed(&format!("POST /apps/{app}/routes"), new).await;
    }

    /// Changes an app.
    pub(crate) async fn change(&self, app: &str, change: Value) {
        self.managed(&format!("PATCH /apps/{app}"), change).await;
    }

    /// Deletes an app.
    pub(crate) async fn delete(&self, app: &str) {
        self.managed(&format!("DELETE /apps/{app}"), Value::Null).await;
    }

    /// A connection to the apps' listener.
    pub(crate) async fn connect(&self) -> Wire {
        Wire::connect(self.ingress).await
    }

    /// One request on a connection of its own: a line such as `GET http://app.localhost/path`.
    pub(crate) async fn visit(&self, line: &str) -> Answer {
        self.send(line, &[], b"").await
    }

    /// The same with headers and a body.
    pub(crate) async fn send(&self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.connect().await.ask(line, headers, body).await
    }

    /// The app's executions, newest first, a hundred at most, once all are written.
    pub(crate) async fn executions(&self, app: &str) -> Vec<Value> {
        self.host.committer.settled().await;
        let line = format!("GET /apps/{app}/executions?limit=100");
        let page = self.managed(&line, Value::Null).await;
        page["items"].as_array().unwrap().clone()
    }

    /// One execution, with its log and error.
    pub(crate) async fn execution(&self, app: &str, id: &str) -> Value {
        self.host.committer.settled().await;
        let line = format!("GET /apps/{app}/executions/{id}");
        self.managed(&line, Value::Null).await
    }

    /// How all executions ended, straight from the database; also after the end.
    pub(crate) async fn endings(&self) -> Vec<String> {
        let mut connection = self.database().await;
        sqlx::query_scalar("select ending from executions order by id")
            .fetch_all(&mut connection)
            .await
            .unwrap()
    }

    /// A number, straight from the database.
    pub(crate) async fn number(&self, query: &'static str) -> i64 {
        let Db::Postgres(pool) = &self.host.db else {
            return sqlx::query_scalar(query)
                .fetch_one(&mut self.database().await)
                .await
                .unwrap();
        };
        let (pool, (runtime, _)) = (pool.clone(), self.serving.as_ref().unwrap());
        let asking = runtime.spawn(async move { sqlx::query_scalar(query).fetch_one(&pool).await });
        asking.await.unwrap().unwrap()
    }

    /// Changes the database behind the server's back.
    pub(crate) async fn tamper(&self, statement: &'static str) {
        sqlx::query(statement)
            .execute(&mut self.database().await)
            .await
            .unwrap();
    }

    /// A connection to the database that is none of the server's.
    pub(crate) async fn database(&self) -> SqliteConnection {
        let file = self.host.config.store.data.join("picloud.db");
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file))
            .await
            .unwrap()
    }

    /// Stops it, and waits until it has stopped.
    pub(crate) fn stop(&mut self) {
        self.stop.cancel();
        if let Some((runtime, serving)) = self.serving.take() {
            let ended = std::thread::spawn(move || runtime.block_on(serving)).join();
            ended.unwrap().unwrap().unwrap();
        }
    }
}

impl Drop for TestHost {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.stop.cancel();
            if let Some((runtime, _)) = self.serving.take() {
                runtime.shutdown_background();
            }
            return;
        }
        self.stop();
        assert_eq!(self.host.admission.in_flight(), 0, "a place is still taken");
        assert_eq!(
            self.host.committer.figures().waiting,
            0,
            "an execution was never written"
        );
        assert_eq!(self.host.committer.figures().lost, 0, "an execution was lost");
    }
}

pub(super) fn played(puppet: &Arc<Puppet>) -> Engine {
    Engine {
        runner: Arc::clone(puppet) as _,
        compiler: Arc::clone(puppet) as _,
        guest_hash: "puppet",
        resolver: Arc::new(Names::default()),
    }
}

/// Nothing, or JSON.
fn written(body: &Value) -> String {
    match body {
        Value::Null => String::new(),
        body => body.to_string(),
    }
}
