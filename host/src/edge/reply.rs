//! An answer on its way out: counted until the client has taken it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderName, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use hyper::ext::ReasonPhrase;

use crate::problem::Code;

use super::activity::{Activity, Busy};
use super::answers::Answer;
use super::pace::{TAKING, Taking};
use super::refusal::retry_later;
use super::traffic::{Account, Held};

/// Over HTTP/2 a stream's answer goes out in pieces of this size, so that it is seen whether the client takes it.
const PIECE_BYTES: usize = 16 << 10;
/// Given in any case over HTTP/1.1, where there is one at a time on a connection.
const SMALL_BYTES: usize = 16 << 10;
/// The one header that an answer keeps when there is no room for it.
static EXECUTION_ID: HeaderName = HeaderName::from_static("x-execution-id");

/// The body of an answer.
pub(super) struct Reply {
    rest: Bytes,
    way: Way,
    activity: Arc<Activity>,
    _busy: Busy,
}

/// How it goes out.
enum Way {
    /// As one: hyper takes it over and writes it.
    Whole(Option<Held>),
    /// In pieces, when the client has room for one.
    Pieces {
        taking: Arc<Taking>,
        /// What the last piece is counted on, as it may outlive the others.
        account: Option<Account>,
    },
}

/// Bytes that are counted as long as any piece of them is anywhere.
struct Counted {
    bytes: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Puts an answer on `account`; one there is no room for is replaced by a refusal.
pub(super) fn send(answer: Answer, account: Account, activity: Arc<Activity>, busy: Busy) -> Response<Reply> {
    let take = |bytes: usize| {
        let mut held = account.hold();
        held.grow_by(bytes).is_ok().then_some(held)
    };
    let (head, body) = (head_bytes(&answer), answer.body().len());
    let (mut answer, way) = match TAKING.try_with(Arc::clone) {
        Err(_) => {
            let whole = take(head + body);
            let fits = whole.is_some() || head + body <= SMALL_BYTES;
            let answer = if fits { answer } else { no_room(&answer) };
            (answer, Way::Whole(whole))
        }
        Ok(taking) => {
            taking.took(0);
            let answer = match (take(head), take(body)) {
                (Some(head), Some(body)) => {
                    activity.keep(head);
                    answer.map(|bytes| counted(bytes, body))
                }
                _ => no_room(&answer),
            };
            let account = (answer.body().len() > PIECE_BYTES).then_some(account);
            (answer, Way::Pieces { taking, account })
        }
    };
    name_status(&mut answer);
    answer.map(|rest| Reply {
        rest,
        way,
        activity,
        _busy: busy,
    })
}

fn counted(bytes: Bytes, held: Held) -> Bytes {
    if bytes.is_empty() {
        return bytes;
    }
    Bytes::from_owner(Counted { bytes, _held: held })
}

/// What its headers take of memory, about.
fn head_bytes(answer: &Answer) -> usize {
    let headers = answer.headers().iter();
    headers.map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

fn no_room(answer: &Answer) -> Answer {
    let mut refusal = retry_later(
        Code::Overloaded,
        "there is no memory for this answer now, as too many are not taken by their clients",
    );
    if let Some(id) = answer.headers().get(&EXECUTION_ID) {
        refusal.headers_mut().insert(&EXECUTION_ID, id.clone());
    }
    refusal
}

/// A status that has no name gets its class's: hyper would write `<none>`.
fn name_status(answer: &mut Answer) {
    if answer.status().canonical_reason().is_none() {
        let reason = reason_of(answer.status());
        answer
            .extensions_mut()
            .insert(ReasonPhrase::from_static(reason.as_bytes()));
    }
}

fn reason_of(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        2 => "OK",
        3 => "Redirect",
        4 => "Client Error",
        5 => "Server Error",
        _ => "Other",
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        let bytes = match &this.way {
            Way::Whole(_) => std::mem::take(&mut this.rest),
            Way::Pieces { taking, account } => {
                this.activity.beat();
                let piece = this.rest.split_to(this.rest.len().min(PIECE_BYTES));
                taking.took(piece.len());
                match account {
                    Some(account) if this.rest.is_empty() => apart(piece, account),
                    _ => piece,
                }
            }
        };
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }
}

/// The last piece on its own: a client that does not take it holds no more than that.
fn apart(piece: Bytes, account: &Account) -> Bytes {
    let mut held = account.hold();
    if held.grow_by(piece.len()).is_err() {
        return piece;
    }
    counted(Bytes::copy_from_slice(&piece), held)
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Way::Whole(held) = &mut self.way
            && let Some(held) = held.take()
        {
            self.activity.keep(held);
        }
    }
}
