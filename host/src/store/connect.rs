//! Opening the database: the folder, the options that durability rests on, the migrations.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use sqlx::Connection as _;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::Db;
use super::files::Files;

/// The file in the data folder.
const SQLITE_FILE: &str = "picloud.db";
/// Locked by the process that serves from the folder.
const LOCK_FILE: &str = "picloud.lock";
/// Readers of the SQLite file at a time.
const SQLITE_READERS_MAX: u32 = 4;
/// Connections to the PostgreSQL server from one process.
const POSTGRES_CONNECTIONS_MAX: u32 = 16;
/// How long a statement waits for the file when another process holds it (a backup, a second start).
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for a connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Makes this process the only one that serves from `data`, for as long as the answer lives: routes, versions and tokens
/// are kept in memory, so a second process on the same SQLite file would answer by what it saw at its start.
///
/// # Errors
/// When another process has it, or the folder cannot be written to.
pub fn own_alone(data: &Path) -> anyhow::Result<File> {
    make_private_folder(data).with_context(|| format!("making the data folder {}", data.display()))?;
    let path = data.join(LOCK_FILE);
    let opening = || format!("locking {}", path.display());
    let file = File::create(&path).with_context(opening)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => anyhow::bail!(
            "another PiCloud serves from the data folder {}; one SQLite database has one server (several need PostgreSQL)",
            data.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(opening),
    }
}

impl Db {
    /// Opens the database and brings its schema up to date: the server at `database_url` when there is one, else
    /// [`SQLITE_FILE`] in `data`. The folder is made when it is missing, readable by its owner only.
    ///
    /// # Errors
    /// When the folder cannot be made, the database not be reached, or its schema is not ours.
    pub async fn connect(data: &Path, database_url: Option<&str>) -> anyhow::Result<Self> {
        make_private_folder(data).with_context(|| format!("making the data folder {}", data.display()))?;
        match database_url {
            Some(url) => Self::postgres(url).await,
            None => Self::sqlite(&data.join(SQLITE_FILE)).await,
        }
    }

    async fn sqlite(file: &Path) -> anyhow::Result<Self> {
        make_private_file(file).with_context(|| format!("making {}", file.display()))?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With WAL, NORMAL may lose the last commits at a power cut: what we acknowledged must be there.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // Rows that are read ahead, of which each may be as large as a value.
            .row_buffer_size(8)
            .busy_timeout(SQLITE_BUSY_TIMEOUT);
        let opening = || format!("opening {}", file.display());
        let pool = |connections: u32| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                // A file is there or it is not: to ask before each statement finds out nothing.
                .test_before_acquire(false)
                // With the last connection the log would go and come again as another file.
                .idle_timeout(None)
                .max_lifetime(None)
                // One whose transaction could be neither committed nor undone (a full disk) is of no more use.
                .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        };

        let write = pool(1).connect_with(options.clone()).await.with_context(opening)?;
        sqlx::migrate!("../migrations/sqlite")
            .run(&write)
            .await
            .context("migrating the SQLite database")?;
        let read = pool(SQLITE_READERS_MAX)
            .connect_with(options.read_only(true))
            .await
            .with_context(opening)?;
        let files = Files::of(file).with_context(opening)?;
        Ok(Self::Sqlite { read, write, files })
    }

    async fn postgres(url: &str) -> anyhow::Result<Self> {
        // The URL may hold a password: it is in no message.
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS_MAX)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
            .connect(url)
            .await
            .context("connecting to the PostgreSQL server of PICLOUD_DATABASE_URL")?;
        sqlx::migrate!("../migrations/postgres")
            .run(&pool)
            .await
            .context("migrating the PostgreSQL database")?;
        Ok(Self::Postgres(pool))
    }
}

/// Makes `folder` and its parents; a folder made here is closed to other users of the machine.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes `file`, empty and closed to other users; SQLite gives the files beside it the same rights. Of one that is there,
/// others' rights are their operator's doing: they are told of.
fn make_private_file(file: &Path) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            #[cfg(unix)]
            if std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o077 != 0 {
                tracing::warn!(
                    "other users of this machine may read {0}; chmod 600 {0}*",
                    file.display()
                );
            }
            Ok(())
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_folder_has_one_server() {
        let data = tempfile::tempdir().unwrap();
        let owner = own_alone(data.path()).unwrap();
        let second = own_alone(data.path()).unwrap_err().to_string();
        assert!(
            second.starts_with("another PiCloud serves from the data folder"),
            "{second}"
        );
        drop(owner);
        own_alone(data.path()).unwrap();
    }
}
