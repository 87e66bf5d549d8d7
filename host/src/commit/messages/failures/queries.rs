//! The statements of messages that are not done.

use super::super::{Failure, Handle, NotDone};
use crate::ids::AppId;
use crate::store::Tx;
use crate::{run, statements};

statements! {
    FAILED = "update messages set leased_by = null, due_at = $4, error = $5
            where app_id = $1 and seq = $2 and attempt = $3 and leased_by is not null";
    DIED = "update messages set leased_by = null, due_at = null, dead = true, error = $5, died_at = $4
            where app_id = $1 and seq = $2 and attempt = $3 and leased_by is not null";
}

/// Notes that a message waits for its next attempt, or is dead; not, if another attempt has it by now.
pub(in super::super) async fn note(tx: &mut Tx, app: AppId, not_done: &NotDone) -> sqlx::Result<bool> {
    let NotDone { handle, error, then } = not_done;
    let Handle { seq, attempt, .. } = handle;
    let (statement, at_ms) = match then {
        Failure::Again(at_ms) => (FAILED, at_ms),
        Failure::Dead(at_ms) => (DIED, at_ms),
    };
    run!(tx, statement, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(seq)
        .bind(attempt)
        .bind(at_ms)
        .bind(error)
        .execute(conn)
        .await
        .map(|done| done.rows_affected() > 0))
}
