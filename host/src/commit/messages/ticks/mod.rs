//! Schedules' times that have come, put on their way many at once, and handed out as they are put.

pub(crate) mod queries;

use super::{Handle, Leased, Sent};
use crate::ids::AppId;

/// A schedule's time that has come.
#[derive(Debug)]
pub(crate) struct Tick {
    /// Whose it is.
    pub(crate) app: AppId,
    /// What its run is told.
    pub(crate) sent: Sent,
    /// Whether it is handed out as it is put.
    pub(crate) is_handed: bool,
}

impl Tick {
    /// When it is due; of one that is handed out until a time, that is when it is taken to be lost.
    fn due_ms(&self, until_ms: i64) -> i64 {
        let due_ms = self.sent.due_ms.saturating_add(self.sent.held_ms);
        if self.is_handed { until_ms } else { due_ms }
    }

    /// Its first attempt's.
    fn leased(self, seq: i64) -> Leased {
        let sent = self.sent;
        Leased {
            handle: Handle {
                line: sent.line,
                seq,
                attempt: 1,
                key: None,
            },
            body: sent.body.to_vec(),
            due_ms: sent.due_ms,
            sent_ms: sent.sent_ms,
            expires_ms: None,
            attempts_max: None,
            cause: sent.cause,
        }
    }
}
