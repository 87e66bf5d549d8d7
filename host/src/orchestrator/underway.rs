//! Accepted requests that run on this server, so that they can be ended.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::ids::{AppId, RequestId};

type Runs = HashMap<(AppId, RequestId), CancellationToken>;

/// Those that run here.
#[derive(Debug, Default)]
pub struct Underway(Mutex<Runs>);

/// That one runs here, as long as it is there.
pub(super) struct Mark {
    all: Arc<Underway>,
    own: (AppId, RequestId),
    /// It is to end.
    pub(super) end: CancellationToken,
}

impl Underway {
    /// A request begins to run.
    pub(super) fn begin(self: &Arc<Self>, own: (AppId, RequestId)) -> Mark {
        let end = CancellationToken::new();
        self.runs().insert(own, end.clone());
        let all = Arc::clone(self);
        Mark { all, own, end }
    }

    /// Ends a request's run, if it runs here.
    pub(super) fn end(&self, own: (AppId, RequestId)) {
        if let Some(end) = self.runs().get(&own) {
            end.cancel();
        }
    }

    fn runs(&self) -> MutexGuard<'_, Runs> {
        // Nothing in there is left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.all.runs().remove(&self.own);
    }
}
