//! Which servers are there. Each holds a lock of PostgreSQL under its number for as long as its connection lasts, which ends
//! with the process: what a server had that is gone is handed out at once. Where only the network is gone, leases run out.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection, PgPool};
use tokio::time::{Instant, timeout};

use crate::commit::messages::attempts::queries;
use crate::store::Db;

/// That this server is there, for others to see.
#[derive(Default)]
pub(super) struct Presence {
    connection: Option<PgConnection>,
    looked: Option<Instant>,
}

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// For one: a connection that is cut off is silent, and others wait for what is due.
const LOOK_MAX: Duration = Duration::from_secs(3);

impl Presence {
    /// Sees to it that this server is seen, and that what servers had that are gone is handed out.
    pub(super) async fn look(&mut self, db: &Db, server: i64) -> sqlx::Result<()> {
        let Db::Postgres(pool) = db else { return Ok(()) };
        if self.looked.is_some_and(|looked| looked.elapsed() < PAUSE) {
            return Ok(());
        }
        let looking = timeout(LOOK_MAX, self.look_now(pool, server)).await;
        self.looked = Some(Instant::now());
        looking.unwrap_or_else(|_| {
            self.connection = None;
            Err(sqlx::Error::PoolTimedOut)
        })
    }

    async fn look_now(&mut self, pool: &PgPool, server: i64) -> sqlx::Result<()> {
        let is_there = match &mut self.connection {
            Some(connection) => connection.ping().await.is_ok(),
            None => false,
        };
        if !is_there {
            self.connection = None;
            let mut connection = pool.acquire().await?.detach();
            queries::be_there(&mut connection, server).await?;
            self.connection = Some(connection);
        }
        queries::take_over_from_gone(pool, server).await
    }
}
