//! Accepted requests that run on this server, so that they can be ended.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::ids::{AppId, RequestId};

/// One may run twice for a moment, when a lease ran out.
type Runs = HashMap<(AppId, RequestId), Vec<CancellationToken>>;

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
        self.runs().entry(own).or_default().push(end.clone());
        let all = Arc::clone(self);
        Mark { all, own, end }
    }

    /// Ends a request's run, if it runs here.
    pub(super) fn end(&self, own: (AppId, RequestId)) {
        for end in self.runs().get(&own).into_iter().flatten() {
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
        // Its own token tells nobody any more; with the last of them the request is gone.
        self.end.cancel();
        let mut runs = self.all.runs();
        if let Some(ends) = runs.get_mut(&self.own) {
            ends.retain(|end| !end.is_cancelled());
            if ends.is_empty() {
                runs.remove(&self.own);
            }
        }
    }
}
