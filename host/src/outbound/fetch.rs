//! One request from its beginning to the last byte of its response, through redirects and repetitions.

use std::time::Duration;

use bytes::Bytes;
use http::header::{LOCATION, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use picloud_sdk::api::OutboundCall;
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, sleep};

use super::body;
use super::client::{AppClient, was_closed};
use super::dial::authorization;
use super::ledger::Ledger;
use super::reach::Reach;
use super::request::Outgoing;
use super::response::Fetched;
use super::room::Room;
use super::trouble::Trouble;
use crate::secrets::Seen;

/// Before a request is sent again, doubled each time.
const RETRY_AFTER_MS: u64 = 100;

/// What the requests of one question are sent with.
#[derive(Clone, Copy)]
pub(super) struct Sender<'a> {
    pub(super) reach: &'a Reach,
    pub(super) client: &'a AppClient,
    pub(super) ledger: &'a Ledger,
    pub(super) room: &'a Room<'a>,
    /// The secrets that the run was told.
    pub(super) seen: &'a Seen,
}

/// What is told of a request while it is under way, and when it is dropped, too.
struct Telling<'a> {
    ledger: &'a Ledger,
    began: Instant,
    call: Option<OutboundCall>,
}

impl Sender<'_> {
    /// Sends `request`, and what comes of it.
    pub(super) async fn fetch(self, mut request: Outgoing, until: Instant) -> Result<Fetched, Trouble> {
        let redirects_max = request.redirects;
        let mut retries = request.retries;
        let mut is_first = true;
        loop {
            // The first was counted together with those beside it.
            if !std::mem::replace(&mut is_first, false) {
                self.ledger.count(1, self.reach.outbound.config.calls_max)?;
            }
            let sent = self.hop(&request).await;
            if retries > 0
                && let Some(after) = again(&sent, request.retries - retries)
                && Instant::now() + after < until
            {
                retries -= 1;
                sleep(after).await;
                continue;
            }
            let fetched = sent?;
            let Some(location) = location(&fetched).filter(|_| redirects_max > 0) else {
                return Ok(fetched);
            };
            if request.redirects == 0 {
                let host = request.host();
                let why = format!("{host} redirects once more: {redirects_max} are followed (`redirects`)");
                return Err(Trouble::new("too_many_redirects", why));
            }
            let status = StatusCode::from_u16(fetched.status).unwrap_or_default();
            request = request.redirected(status, location, |text| self.seen.is_in(text))?;
        }
    }

    /// Sends a request to one host, if the app may.
    async fn hop(self, request: &Outgoing) -> Result<Fetched, Trouble> {
        let host = request.host();
        let method = &request.method;
        self.reach.lets(request)?;
        if self.reach.dry && !request.is_safe() {
            let why = format!("nothing is to come of this run, so {method} is not sent to {host}; GET and HEAD are");
            return Err(Trouble::new("not_sent", why));
        }
        let _places = self.places().await;
        let mut telling = Telling::of(self, request);
        let fetched = match self.send(request, &host).await {
            Ok(response) => receive(request, &host, response, self.room).await,
            Err(trouble) => Err(trouble),
        };
        telling.end(&fetched);
        fetched
    }

    /// Its place among the requests of the app, and among all. Nobody closes them.
    async fn places(&self) -> (Option<SemaphorePermit<'_>>, Option<SemaphorePermit<'_>>) {
        let own = self.client.places.acquire().await.ok();
        (own, self.reach.outbound.places.acquire().await.ok())
    }

    /// Sends it once, and once more if the connection that was kept for it turns out to be closed.
    async fn send(self, request: &Outgoing, host: &str) -> Result<Response<Incoming>, Trouble> {
        let uri = request.target.uri()?;
        let proxy = self.reach.outbound.config.proxy.as_ref();
        let mut repeats = request.is_repeatable();
        loop {
            let mut message = Request::new(Full::new(request.body.clone()));
            *message.method_mut() = request.method.clone();
            *message.uri_mut() = uri.clone();
            *message.headers_mut() = request.headers.clone();
            self.reach.count_hop(&request.target, message.headers_mut());
            if let Some(authorization) = proxy.and_then(authorization).filter(|_| is_plain(&uri)) {
                message
                    .headers_mut()
                    .insert(http::header::PROXY_AUTHORIZATION, authorization);
            }
            let began = Instant::now();
            match self.client.send(message).await {
                Ok(response) => return Ok(response),
                Err(error) if repeats && was_closed(&error, began) => repeats = false,
                Err(error) => return Err(Trouble::of_client(host, proxy.is_some(), &error)),
            }
        }
    }
}

/// Where a response redirects to.
fn location(fetched: &Fetched) -> Option<&str> {
    let redirects = matches!(fetched.status, 301 | 302 | 303 | 307 | 308);
    // Not only ASCII: it is read as a URL of a page is.
    let location = fetched.headers.get(LOCATION).filter(|_| redirects)?;
    std::str::from_utf8(location.as_bytes()).ok()
}

/// When to send it again, if that may help.
fn again(sent: &Result<Fetched, Trouble>, tried: u8) -> Option<Duration> {
    let own = Duration::from_millis(RETRY_AFTER_MS << tried);
    match sent {
        Ok(fetched) if matches!(fetched.status, 429 | 502 | 503 | 504) => {
            let wanted = fetched
                .headers
                .get(RETRY_AFTER)
                .and_then(|value| value.to_str().ok()?.trim().parse().ok());
            Some(wanted.map_or(own, |seconds: u32| Duration::from_secs(seconds.into()).max(own)))
        }
        Ok(_) => None,
        Err(trouble) => matches!(trouble.code, "dns_failed" | "connect_failed" | "broken_response").then_some(own),
    }
}

fn is_plain(uri: &Uri) -> bool {
    uri.scheme_str() == Some("http")
}

async fn receive(
    request: &Outgoing,
    host: &str,
    response: Response<Incoming>,
    room: &Room<'_>,
) -> Result<Fetched, Trouble> {
    let (head, body) = response.into_parts();
    if head.status.is_informational() {
        let status = head.status.as_u16();
        return Err(Trouble::new(
            "broken_response",
            format!("{host} answers with {status}, which is no end"),
        ));
    }
    let mut headers = head.headers;
    let has_body =
        !request.for_its_status && request.method != Method::HEAD && !matches!(head.status.as_u16(), 204 | 304);
    let body = if has_body {
        body::read(host, &mut headers, body, request.decodes, room).await?
    } else {
        Bytes::new()
    };
    Ok(Fetched {
        status: head.status.as_u16(),
        url: request.target.as_str().to_owned(),
        headers,
        body,
    })
}

impl<'a> Telling<'a> {
    fn of(sender: Sender<'a>, request: &Outgoing) -> Self {
        let mut host = request.host();
        sender.seen.hide_in_host(&mut host);
        let call = OutboundCall {
            method: request.method.to_string(),
            host,
            status: None,
            error: Some("cancelled".to_owned()),
            ms: 0,
            sent_bytes: request.body.len() as u64,
            received_bytes: 0,
        };
        Self {
            ledger: sender.ledger,
            began: Instant::now(),
            call: Some(call),
        }
    }

    fn end(&mut self, fetched: &Result<Fetched, Trouble>) {
        let Some(call) = &mut self.call else { return };
        match fetched {
            Ok(fetched) => {
                call.status = Some(fetched.status);
                call.error = None;
                call.received_bytes = fetched.body.len() as u64;
            }
            Err(trouble) => call.error = Some(trouble.code.to_owned()),
        }
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        if let Some(mut call) = self.call.take() {
            call.ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.ledger.tell(call);
        }
    }
}
