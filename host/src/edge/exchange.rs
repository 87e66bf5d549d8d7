//! One request, start to finish, as far as both listeners agree.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use http::header::{CONNECTION, EXPECT, TRANSFER_ENCODING};
use http::request::Parts;
use http::{Request, Response, Version};
use hyper::body::Incoming;

use crate::problem::{Code, Problem};

use super::activity::{Activity, Busy};
use super::answers::{Answer, Answers, Peer};
use super::body::Body;
use super::refusal::{closing, problem, retry_later};
use super::reply::{self, Reply};
use super::shared::Edge;
use super::traffic::Account;

/// What all requests of a connection share.
pub(super) struct Exchange<A> {
    pub(super) edge: Arc<Edge>,
    pub(super) answers: Arc<A>,
    pub(super) peer: Peer,
    pub(super) activity: Arc<Activity>,
}

impl<A: Answers> Exchange<A> {
    /// The answer to one request.
    pub(super) async fn respond(&self, request: Request<Incoming>, busy: Busy) -> Response<Reply> {
        let is_http2 = request.version() == Version::HTTP_2;
        // A `Content-Length` beside it would be hidden from us: what follows such a body is not read as a request.
        let is_last = !is_http2 && request.headers().contains_key(TRANSFER_ENCODING);
        let waits_to_go_on = request.headers().contains_key(EXPECT);
        let (parts, incoming) = request.into_parts();
        let account = self.edge.traffic.account(&self.peer.neighbour);
        let (body, rest) = Body::new(incoming, &account);
        let (mut answer, theirs) = match check_head(&parts, self.edge.http.headers_max) {
            Ok(()) => self.ask(Request::from_parts(parts, body)).await,
            Err(why) => {
                drop(body);
                (closing(problem(&why)), None)
            }
        };
        if rest.is_refused() {
            let message = "there is no memory for more bodies now";
            answer = closing(retry_later(Code::Overloaded, message));
        }
        if !is_http2 {
            if is_last || !rest.is_over(waits_to_go_on).await {
                answer = closing(answer);
            }
            if answer.headers().contains_key(CONNECTION) {
                self.activity.leave_unread();
            }
        }
        let account = theirs.unwrap_or(account);
        reply::send(answer, account, Arc::clone(&self.activity), busy)
    }

    async fn ask(&self, request: Request<Body>) -> (Answer, Option<Account>) {
        let asked = AssertUnwindSafe(self.answers.answer(&self.peer, request));
        asked.catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!("answering a request panicked, which is our fault");
            let why = Problem::new(Code::Internal, "something went wrong on the server's side");
            (closing(problem(&why)), None)
        })
    }
}

/// What must be right about a message before anything in it is believed.
fn check_head(parts: &Parts, headers_max: u32) -> Result<(), Problem> {
    if parts.headers.len() > usize::try_from(headers_max).unwrap_or(usize::MAX) {
        let message = format!("{} headers, {headers_max} are allowed", parts.headers.len());
        return Err(Problem::new(Code::HeadersTooLarge, message));
    }
    let mut codings = parts.headers.get_all(TRANSFER_ENCODING).iter();
    if let Some(coding) = codings.next()
        && (codings.next().is_some() || !coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
    {
        let message = "the body has a transfer coding other than chunked, which nobody here undoes";
        return Err(Problem::new(Code::BadRequest, message));
    }
    Ok(())
}
