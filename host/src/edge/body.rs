//! A request's body: counted as it comes, and what is to be done with what was not read of it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::traffic::{Account, Held};

/// So much of a body that nobody read is read to keep the connection.
const REST_BYTES_MAX: usize = 64 << 10;
/// For so long.
const REST_MAX: Duration = Duration::from_secs(1);

/// A request's body, on somebody's account.
pub(crate) struct Body {
    incoming: Option<Incoming>,
    /// None when there is none.
    shared: Option<Arc<Shared>>,
}

/// Why a body does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// The connection broke, or the framing did.
    #[error("the body broke off")]
    Off,
    /// There is no memory for it.
    #[error("there is no memory for more of the body now")]
    NoRoom,
}

/// What became of a body, for whoever answers the connection.
pub(super) struct Rest(Option<Arc<Shared>>);

struct Shared(Mutex<State>);

struct State {
    held: Held,
    refused: bool,
    /// It has come to its end.
    done: bool,
    /// What nobody read.
    left: Option<Incoming>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Body {
    pub(super) fn new(incoming: Incoming, account: &Account) -> (Self, Rest) {
        let shared = (!http_body::Body::is_end_stream(&incoming)).then(|| {
            Arc::new(Shared(Mutex::new(State {
                held: account.hold(),
                refused: false,
                done: false,
                left: None,
            })))
        });
        let body = Self {
            incoming: shared.is_some().then_some(incoming),
            shared: shared.clone(),
        };
        (body, Rest(shared))
    }

    /// What comes from now on is held on this account.
    pub(crate) fn charge(&self, account: &Account) {
        if let Some(shared) = &self.shared {
            shared.lock().held = account.hold();
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = &mut *self;
        let (Some(incoming), Some(shared)) = (&mut this.incoming, &this.shared) else {
            return Poll::Ready(None);
        };
        match ready!(Pin::new(incoming).poll_frame(cx)) {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                let mut state = shared.lock();
                if state.held.grow_by(bytes).is_err() {
                    state.refused = true;
                    return Poll::Ready(Some(Err(Broken::NoRoom)));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(_)) => Poll::Ready(Some(Err(Broken::Off))),
            None => {
                shared.lock().done = true;
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let incoming = self.incoming.as_ref();
        incoming.map_or_else(|| SizeHint::with_exact(0), http_body::Body::size_hint)
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let (Some(incoming), Some(shared)) = (self.incoming.take(), &self.shared) else {
            return;
        };
        let mut state = shared.lock();
        state.done |= http_body::Body::is_end_stream(&incoming);
        state.left = Some(incoming);
    }
}

impl Rest {
    /// There was no memory for it.
    pub(super) fn is_refused(&self) -> bool {
        self.0.as_ref().is_some_and(|shared| shared.lock().refused)
    }

    /// Whether the body has come to its end, for which a little is waited. A client that waits to be told to go on is not
    /// told.
    pub(super) async fn is_over(&self, waits_to_go_on: bool) -> bool {
        let Some(shared) = &self.0 else { return true };
        let left = {
            let mut state = shared.lock();
            if state.done {
                return true;
            }
            state.left.take()
        };
        let Some(mut left) = left.filter(|_| !waits_to_go_on) else {
            return false;
        };
        let many = u64::try_from(REST_BYTES_MAX).unwrap_or(u64::MAX);
        if http_body::Body::size_hint(&left).lower() > many {
            return false;
        }
        let reading = async {
            let mut bytes = 0;
            while let Some(frame) = left.frame().await {
                let Ok(frame) = frame else { return false };
                bytes += frame.data_ref().map_or(0, Bytes::len);
                if bytes > REST_BYTES_MAX {
                    return false;
                }
            }
            true
        };
        timeout(REST_MAX, reading).await.unwrap_or(false)
    }
}
