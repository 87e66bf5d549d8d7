//! A database of its own for every test: a SQLite file in a temporary folder, or a database of a throw-away PostgreSQL.
//!
//! One PostgreSQL server per test process, started when the first test asks for it: in a temporary folder, on a Unix
//! socket only, without fsync. A shell watches over it; when the test process ends, however it ends, the pipe between
//! them closes, and the shell stops the server and removes the folder.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use picloud::store::Db;
use tokio::sync::OnceCell;

/// One test's database.
pub(crate) struct TestDatabase {
    /// Migrated and empty.
    pub(crate) db: Db,
    /// What opens it once more; none for SQLite in [`Self::data`].
    pub(crate) url: Option<String>,
    data: tempfile::TempDir,
}

impl TestDatabase {
    /// A file of its own.
    pub(crate) async fn sqlite() -> Self {
        Self::open(None).await
    }

    /// A database of its own; none, with a notice, on a machine without PostgreSQL.
    pub(crate) async fn postgres() -> Option<Self> {
        static SERVER: OnceCell<Option<Server>> = OnceCell::const_new();
        let server = SERVER.get_or_init(Server::start).await.as_ref()?;
        Some(Self::open(Some(server.create_database().await)).await)
    }

    /// The database of that address once more.
    pub(crate) async fn on(url: &str) -> Self {
        Self::open(Some(url.to_owned())).await
    }

    async fn open(url: Option<String>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let db = Db::connect(data.path(), url.as_deref()).await.unwrap();
        Self { db, url, data }
    }

    /// Nobody can reach it any more, on PostgreSQL.
    pub(crate) async fn lose(&self) {
        let url = self.url.as_deref().expect("a PostgreSQL");
        let name = name_in(url);
        let elsewhere = url.replace(&format!("/{name}?"), "/postgres?");
        query(&elsewhere, &format!("alter database {name} allow_connections false")).await;
        let others = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
        query(&elsewhere, &others).await;
    }

    /// It can be reached again.
    pub(crate) async fn find(&self) {
        let url = self.url.as_deref().expect("a PostgreSQL");
        let name = name_in(url);
        let elsewhere = url.replace(&format!("/{name}?"), "/postgres?");
        query(&elsewhere, &format!("alter database {name} allow_connections true")).await;
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }
}

/// Writes each test once and runs it on both databases: `sqlite::name` and `postgres::name`.
macro_rules! on_both_databases {
    ($(async fn $name:ident($argument:ident: $type:ty) $body:block)*) => {
        $(async fn $name($argument: $type) $body)*

        mod sqlite {
            use super::*;
            $(#[tokio::test] async fn $name() {
                super::$name(<$type>::from($crate::harness::database::TestDatabase::sqlite().await).await).await;
            })*
        }

        mod postgres {
            use super::*;
            $(#[tokio::test] async fn $name() {
                if let Some(database) = $crate::harness::database::TestDatabase::postgres().await {
                    super::$name(<$type>::from(database).await).await;
                }
            })*
        }
    };
}
pub(crate) use on_both_databases;

impl TestDatabase {
    /// Itself: for tests that want just the database.
    #[expect(clippy::unused_async, reason = "the other harnesses build a host here")]
    pub(crate) async fn from(database: Self) -> Self {
        database
    }
}

/// The throw-away server.
struct Server {
    folder: PathBuf,
    databases: AtomicU32,
    /// Its stdin is the pipe whose end it waits for.
    _shell: Child,
}

/// Run as `sh -c SCRIPT sh BIN FOLDER`.
const SCRIPT: &str = r#"
    trap '' INT
    mkdir -m 700 "$2" && "$1/initdb" -D "$2/data" -U picloud -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 || { cat "$2/log"; exit 1; }
    "$1/pg_ctl" start -w -t 60 -D "$2/data" -l "$2/log" -o "-k '$2' -c listen_addresses='' -c fsync=off -c synchronous_commit=off \
        -c full_page_writes=off -c max_connections=300 -c shared_buffers=32MB" >/dev/null 2>&1 || { cat "$2/log"; exit 1; }
    echo ready
    cat >/dev/null
    "$1/pg_ctl" stop -m immediate -D "$2/data" >/dev/null 2>&1
    rm -rf "$2"
"#;

impl Server {
    async fn start() -> Option<Self> {
        let Some(bin) = find_binaries() else {
            // Past the test runner's capture: who runs the tests should see it.
            let _ = writeln!(
                std::io::stderr(),
                "NOTICE: no initdb on this machine: what runs on PostgreSQL is skipped"
            );
            return None;
        };
        let folder = std::env::temp_dir().join(format!("picloud-postgres-{}", std::process::id()));
        let shell = launch(&bin, &folder);
        let server = Self {
            folder,
            databases: AtomicU32::new(0),
            _shell: shell,
        };
        // Migrated once; every test gets a copy.
        server.query("postgres", "create database template_picloud").await;
        let data = tempfile::tempdir().unwrap();
        let db = Db::connect(data.path(), Some(&server.url("template_picloud")))
            .await
            .unwrap();
        db.close().await;
        Some(server)
    }

    async fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.query("postgres", &format!("create database {name} template template_picloud"))
            .await;
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://picloud@localhost/{database}?host={}", self.folder.display())
    }

    async fn query(&self, database: &str, sql: &str) {
        query(&self.url(database), sql).await;
    }
}

async fn query(url: &str, sql: &str) {
    use sqlx::{Connection as _, Executor as _};
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.unwrap();
    connection.close().await.unwrap();
}

/// The database that an address names.
fn name_in(url: &str) -> &str {
    let name = url.rsplit('/').find(|part| part.starts_with("test_"));
    name.and_then(|name| name.split('?').next()).expect("a test's database")
}

fn find_binaries() -> Option<PathBuf> {
    let on_path = std::env::split_paths(&std::env::var_os("PATH")?).collect::<Vec<_>>();
    let mut packaged: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    packaged.sort();
    // Debian puts wrappers on the path: the real folder has both programs.
    let real = |folder: &PathBuf| folder.join("initdb").exists() && folder.join("pg_ctl").exists();
    packaged.into_iter().rev().chain(on_path).find(real)
}

fn launch(bin: &Path, folder: &Path) -> Child {
    // PostgreSQL refuses to run as root.
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    command
        .args(["-c", SCRIPT, "sh"])
        .arg(bin)
        .arg(folder)
        .current_dir(std::env::temp_dir());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut shell = command
        .spawn()
        .expect("starting the shell that watches over PostgreSQL");
    let mut said = String::new();
    let mut lines = BufReader::new(shell.stdout.take().unwrap());
    while lines.read_line(&mut said).unwrap() > 0 && !said.ends_with("ready\n") {}
    assert!(said.ends_with("ready\n"), "PostgreSQL does not start:\n{said}");
    shell
}
