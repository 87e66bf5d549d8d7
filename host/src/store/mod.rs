//! What all SQL shares: two databases behind one module, one text for both.
//!
//! A statement is written once (or as a pair where the databases differ) with [`statements!`](crate::statements), and
//! run with [`run!`](crate::run), which checks the same expression against both drivers. Everything runs inside a
//! [`Tx`]: [`Db::read`] gives a consistent view, [`Db::write`] the right to change, undone unless committed.
//!
//! ```ignore
//! statements! {
//!     FIND = "select id, name from apps where name = $1";
//!     LOCK = "select 1" => "select 1 from apps where id = $1 for update";     // SQLite => PostgreSQL
//! }
//!
//! pub(crate) async fn find(tx: &mut Tx, name: &str) -> sqlx::Result<Option<App>> {
//!     run!(tx, FIND, |sql, conn| sqlx::query_as(sql).bind(name).fetch_optional(conn).await)
//! }
//! ```

mod connect;
mod files;

pub use connect::own_alone;
pub use files::Files;

use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

/// The database. Cheap to clone.
#[derive(Clone)]
pub enum Db {
    /// The embedded default: one file, many readers, one writer.
    Sqlite {
        /// Connections that cannot write.
        read: SqlitePool,
        /// One connection: writers wait here, in order, instead of failing with "database is locked".
        write: SqlitePool,
        /// What is written to.
        files: Files,
    },
    /// A server, for production and for several nodes.
    Postgres(PgPool),
}

/// An open transaction. Dropped without [`Tx::commit`], everything done in it is undone.
pub enum Tx {
    /// On the file.
    Sqlite(Transaction<'static, Sqlite>),
    /// On the server.
    Postgres(Transaction<'static, Postgres>),
}

/// One statement, as each database wants it.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// The constant's name, for messages.
    pub name: &'static str,
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL; mostly the same text.
    pub postgres: &'static str,
}

impl Db {
    /// What the database is called.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// A transaction that only reads.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn read(&self) -> sqlx::Result<Tx> {
        match self.clone() {
            Self::Sqlite { read, .. } => begun(async move { read.begin().await.map(Tx::Sqlite) }).await,
            Self::Postgres(pool) => {
                let begin = "begin isolation level repeatable read read only";
                begun(async move { pool.begin_with(begin).await.map(Tx::Postgres) }).await
            }
        }
    }

    /// A transaction that may write. On SQLite it has the file to itself until it ends: keep it short, and wait for
    /// nothing else inside.
    ///
    /// # Errors
    /// When the database cannot be reached, or its files are not there any more.
    pub async fn write(&self) -> sqlx::Result<Tx> {
        match self.clone() {
            Self::Sqlite { write, files, .. } => {
                files.check()?;
                // A deferred transaction that starts with a read could not become a writer without an error.
                begun(async move { write.begin_with("begin immediate").await.map(Tx::Sqlite) }).await
            }
            Self::Postgres(pool) => begun(async move { pool.begin().await.map(Tx::Postgres) }).await,
        }
    }

    /// Calls `told` whenever another server says something on `channel`, and whenever it may have been missed, until the
    /// connections are closed. A file has one server.
    pub async fn listen(&self, channel: &str, told: impl Fn()) {
        let Self::Postgres(pool) = self else { return };
        loop {
            let listened = listened(pool, channel, &told).await;
            if pool.is_closed() {
                return;
            }
            if let Err(error) = listened {
                tracing::warn!("what other servers say is not heard, for now: {error}");
            }
            tokio::time::sleep(LISTEN_PAUSE).await;
        }
    }

    /// Waits for open transactions and closes all connections; on SQLite the log is folded into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// How long to wait before a connection that was lost is made again.
const LISTEN_PAUSE: Duration = Duration::from_secs(1);

async fn listened(pool: &PgPool, channel: &str, told: &impl Fn()) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(channel).await?;
    loop {
        told();
        // None: the connection was lost, and made again.
        listener.try_recv().await?;
    }
}

/// Begins in a task of its own: whoever is dropped in the middle of `begin` would leave a connection that has begun and
/// does not know it, and the next one to get it would be in somebody else's transaction.
async fn begun(begin: impl Future<Output = sqlx::Result<Tx>> + Send + 'static) -> sqlx::Result<Tx> {
    match tokio::spawn(begin).await {
        Ok(tx) => tx,
        Err(panicked) => Err(sqlx::Error::Io(std::io::Error::other(panicked))),
    }
}

impl Tx {
    /// Makes everything done in it durable: when this returns, it survives a power cut.
    ///
    /// # Errors
    /// When the database refuses; then nothing was done.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

/// Whether the database cannot be had at the moment, by nobody's mistake: it is locked by another process, full, gone, or
/// all connections are taken. The same may work in a while.
#[must_use]
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| match code.parse::<u32>() {
            // SQLite's extended codes; busy, locked, I/O error, full, cannot be opened.
            Ok(extended) if code.len() < 5 => matches!(extended & 0xff, 5 | 6 | 10 | 13 | 14),
            // PostgreSQL's classes: connection, conflict with another transaction, resources, a lock, an operator at work.
            _ => ["08", "40", "53", "55P03", "57"]
                .iter()
                .any(|class| code.starts_with(class)),
        }),
        _ => false,
    }
}

/// Names statements, once for both databases or as a pair `"SQLite" => "PostgreSQL"`, and collects them in `ALL`, which
/// a test prepares on both.
#[macro_export]
macro_rules! statements {
    ($($name:ident = $sqlite:literal $(=> $postgres:literal)?;)*) => {
        $(const $name: $crate::store::Statement = $crate::store::Statement {
            name: stringify!($name),
            sqlite: $sqlite,
            postgres: $crate::statements!(@last $sqlite $(, $postgres)?),
        };)*

        /// Every statement of this module.
        pub(crate) const ALL: &[$crate::store::Statement] = &[$($name),*];
    };
    (@last $only:literal) => { $only };
    (@last $first:literal, $last:literal) => { $last };
}

/// `run!(tx, STATEMENT, |sql, conn| …)`: the expression, checked against and run on whichever database `tx` is of.
#[macro_export]
macro_rules! run {
    ($tx:expr, $statement:expr, |$sql:ident, $conn:ident| $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let ($sql, $conn) = ($statement.sqlite, &mut **tx);
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let ($sql, $conn) = ($statement.postgres, &mut **tx);
                $body
            }
        }
    };
}

/// `ask!(db, STATEMENT, |sql, pool| …)`: one statement that reads, alone and of one moment, without a transaction around it.
#[macro_export]
macro_rules! ask {
    ($db:expr, $statement:expr, |$sql:ident, $pool:ident| $body:expr) => {
        match $db {
            $crate::store::Db::Sqlite { read, .. } => {
                let ($sql, $pool) = ($statement.sqlite, read);
                $body
            }
            $crate::store::Db::Postgres(pool) => {
                let ($sql, $pool) = ($statement.postgres, pool);
                $body
            }
        }
    };
}
