//! What is left to wait for when an attempt is over.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::app::AppSpace;
use super::lost::Lost;
use super::queue::Undone;
use crate::commit::Record;
use crate::data::history::Csn;

/// What is left to wait for before anybody is told of an attempt.
#[must_use = "nobody is to be told before it is over"]
pub struct Waiting(For);

enum For {
    Nothing,
    /// That what it saw is durable.
    Seen {
        app: Arc<AppSpace>,
        generation: u64,
        csn: Csn,
    },
    /// That what it wrote is.
    Written(oneshot::Receiver<Result<(), Undone>>),
}

impl Waiting {
    pub(super) const fn nothing() -> Self {
        Self(For::Nothing)
    }

    pub(super) const fn seen(app: Arc<AppSpace>, generation: u64, csn: Csn) -> Self {
        Self(For::Seen { app, generation, csn })
    }

    pub(super) const fn written(told: oneshot::Receiver<Result<(), Undone>>) -> Self {
        Self(For::Written(told))
    }

    /// Whether there is nothing to wait for.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.0, For::Nothing)
    }

    /// Waits for it. A `record` that was taken is back when nothing came of it.
    ///
    /// # Errors
    /// When nothing came of it, or what it saw never was.
    pub async fn durable(self, record: &mut Option<Record>) -> Result<(), Lost> {
        match self.0 {
            For::Nothing => Ok(()),
            For::Seen { app, generation, csn } if app.durable(generation, csn).await => Ok(()),
            For::Seen { .. } => Err(Lost::Overtaken(None)),
            For::Written(told) => match told.await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(Undone { why, record: back })) => {
                    *record = back;
                    Err(why)
                }
                Err(_) => Err(Lost::Unavailable(Arc::new(sqlx::Error::WorkerCrashed))),
            },
        }
    }
}
