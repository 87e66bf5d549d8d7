//! `http::*`: requests to other services. What was sent at one attempt is not sent again at the next.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use picloud_sdk::call::http::{Later, Request, Response, Send};

pub(super) use picloud_sdk::call::http::Question;
use tokio::time::Instant;
use xxhash_rust::xxh3::xxh3_128;

use super::data::Data;
use super::told::{No, Told, given};
use crate::outbound::{Answered, Asked, Calls, Fetched, Kept, Outgoing, Trouble, pairs};
use crate::secrets::Seen;

/// Of the time that a run has, so much is left to it to say that an answer came too late.
const LAST_WORDS: u32 = 20;

/// What one attempt asked of others.
#[derive(Debug)]
pub(super) struct Http {
    calls: Arc<Calls>,
    ends: Instant,
    wall_ms_max: u32,
    /// How often each question was asked.
    asked: HashMap<u128, usize>,
}

impl Http {
    /// Of an attempt that begins now.
    pub(super) fn new(calls: Arc<Calls>, wall_ms_max: u32) -> Self {
        let left_ms = wall_ms_max - wall_ms_max / LAST_WORDS;
        Self {
            calls,
            ends: Instant::now() + Duration::from_millis(left_ms.into()),
            wall_ms_max,
            asked: HashMap::new(),
        }
    }

    /// What one request may bring along.
    pub(super) fn bytes_max(&self) -> u32 {
        self.calls.request_bytes_max()
    }

    /// A request that is to be sent later, as it is stored.
    pub(super) fn kept(&self, request: &Request<'_>, seen: &Seen) -> Told<Kept> {
        Ok(self.calls.kept(request, seen)?)
    }

    /// What a script is told; it is `now_ms` when it asks, and later when it is told. `bytes` are the question's.
    pub(super) async fn answer(
        &mut self,
        (question, bytes): (&Send<'_>, &[u8]),
        (data, seen): (&mut Data, &Seen),
        now_ms: &mut i64,
    ) -> Told<Vec<u8>> {
        let Send { requests } = question;
        let hash = xxh3_128(bytes);
        let times = self.asked.entry(hash).or_default();
        let before = std::mem::replace(times, *times + 1);
        let answered = if let Some(answered) = self.calls.answered(hash, before) {
            answered
        } else {
            let bytes_max = self.calls.request_bytes_max();
            let outgoing = requests.iter().map(|request| Outgoing::of(request, bytes_max));
            let outgoing = outgoing.collect::<Result<Vec<_>, _>>()?;
            // Nobody waits for a run that waits for the world.
            data.let_others_pass();
            let asked = Asked {
                hash,
                before,
                ends: (self.ends, self.wall_ms_max),
                seen,
            };
            self.calls.send(outgoing, asked).await
        };
        let Answered { responses, ms } = answered;
        *now_ms += i64::from(ms);
        data.at(*now_ms);
        match &*responses {
            Ok(responses) => Ok(given(*now_ms, responses.iter().map(response).collect::<Vec<_>>())),
            Err(trouble) => Err(trouble.clone().into()),
        }
    }
}

fn response(fetched: &Fetched) -> Response<'_> {
    Response {
        status: fetched.status,
        url: &fetched.url,
        headers: pairs(&fetched.headers),
        body: &fetched.body,
    }
}

impl From<Trouble> for No {
    fn from(Trouble { code, message }: Trouble) -> Self {
        Self::Refused { code, message }
    }
}

/// What is asked, for a person: whom, and nothing of what is sent.
pub(super) fn describe(question: &Question<'_>) -> String {
    match question {
        Question::Send(Send { requests }) => {
            let told: Vec<_> = requests.iter().map(whom).collect();
            format!("http: {}", told.join(", "))
        }
        Question::Later(Later { request, .. }) => format!("http::send: {}", whom(request)),
    }
}

fn whom(request: &Request<'_>) -> String {
    let url = request.url.split(['?', '#']).next().unwrap_or_default();
    format!("{} {url}", request.method)
}
