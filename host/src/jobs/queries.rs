//! The statements of housekeeping. They span apps.

use crate::ids::AppId;
use crate::store::Db;
use crate::{ask, statements};

statements! {
    // One look into each of three places of an app's space.
    APPS_WITH = "select c.app_id from app_clocks c
            where exists (select 1 from entries e where e.app_id = c.app_id and e.key >= $1 and e.key < $2)
                or exists (select 1 from entries e where e.app_id = c.app_id and e.key >= $3 and e.key < $4)
                or exists (select 1 from entries e where e.app_id = c.app_id and e.key >= $5 and e.key < $6)";
}

/// The apps that keep something in one of these parts of their space, each from one key up to another.
pub(super) async fn apps_with(db: &Db, parts: [(&[u8], &[u8]); 3]) -> sqlx::Result<Vec<AppId>> {
    let parts = parts.map(|(from, to)| (from.to_vec(), to.to_vec()));
    ask!(db, APPS_WITH, |sql, pool| {
        let mut query = sqlx::query_scalar(sql);
        for (from, to) in parts {
            query = query.bind(from).bind(to);
        }
        query.fetch_all(pool).await
    })
}
