//! One request, start to finish: read [`Server::answer`] first.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::HOST;
use http::request::Parts;
use http::{Method, Request, Version};
use percent_encoding::percent_decode_str;
use picloud_sdk::event::{self, HttpRequest};
use picloud_sdk::wire;

use crate::commit::{Http, Kind};
use crate::edge::{self, Account, Answer, Answers, Body, Edge, Peer};
use crate::orchestrator::{
    App, DispatchError, Happening, Host, Once, Order, Place, Places, Refusal, Route, Subject, dispatch, locate,
};
use crate::problem::{Code, Problem};
use crate::routing::Miss;

use super::address;
use super::answer;
use super::body::{self, NoBody};
use super::executions;
use super::headers;
use super::hops;
use super::idempotency;
use super::later;

/// Longer methods are nobody's.
const METHOD_BYTES_MAX: usize = 32;

/// What all connections share.
pub(crate) struct Server {
    host: Host,
    /// The memory for what clients are slow with.
    edge: Arc<Edge>,
    /// That a proxy is not trusted.
    warned: AtomicBool,
}

/// For whom a request is made.
struct Client {
    /// None when it is whoever is at the other end of the connection.
    text: Option<String>,
    account: Account,
}

/// An answer that no script gave; boxed, as there are few.
struct Refused(Box<Answer>);

impl From<Answer> for Refused {
    fn from(answer: Answer) -> Self {
        Self(Box::new(answer))
    }
}

/// A request that has found its script.
struct Found<'a> {
    params: Vec<(&'a str, Cow<'a, str>)>,
    path: &'a str,
    authority: &'a str,
    client_ip: &'a str,
}

impl Answers for Server {
    async fn answer(&self, peer: &Peer, request: Request<Body>) -> (Answer, Option<Account>) {
        let is_head = *request.method() == Method::HEAD;
        let (parts, body) = request.into_parts();
        let mut account = None;
        let answer = match self.find_and_run(peer, &parts, body, &mut account).await {
            Ok(answer) => answer,
            Err(Refused(answer)) => *answer,
        };
        (if is_head { answer::without_body(answer) } else { answer }, account)
    }
}

impl Server {
    pub(crate) fn new(host: Host, edge: Arc<Edge>) -> Arc<Self> {
        Arc::new(Self {
            host,
            edge,
            warned: AtomicBool::new(false),
        })
    }

    async fn find_and_run(
        &self,
        peer: &Peer,
        parts: &Parts,
        mut body: Body,
        on_account: &mut Option<Account>,
    ) -> Result<Answer, Refused> {
        let authority = check_head(parts)?;
        let name = address::host_name(authority).map_err(bad)?;
        let path = address::path(parts.uri.path()).map_err(bad)?;
        let (app, root) = self.locate(&name, &path, parts)?;
        let below = address::below(&path, root);
        if let Some(own) = below.strip_prefix(executions::OWN) {
            charged(on_account, self.client(peer, parts, &app).account)?;
            return Ok(executions::answer(&self.host, (&app, root > 0), &parts.method, own).await);
        }
        let (route, params) = route(&app, &name, &parts.method, below)?;
        let key = idempotency::key(route.idempotency, parts).map_err(|problem| edge::problem(&problem))?;
        let cause = hops::cause(&parts.headers, &app.name, below).map_err(|problem| edge::problem(&problem))?;
        let is_later = later::is_wanted(route.asynchronous, parts);
        if !is_later {
            let admitted = self.host.admission.check(&app.places);
            admitted.map_err(|refusal| self.refuse(refusal, &app))?;
        }
        let client = self.client(peer, parts, &app);
        body.charge(charged(on_account, client.account)?);
        let http = &self.host.config.http;
        let whole = body::read(&mut body, http).await.map_err(|why| self.no_body(&why))?;
        let once = match key {
            Some(key) => Some(self.once((&app, route, &key), idempotency::print(parts, &name, &whole).await)?),
            None => None,
        };
        let path = address::below(parts.uri.path(), root);
        let found = Found {
            params,
            path,
            authority,
            client_ip: client.text.as_deref().unwrap_or(&peer.text),
        };
        let happening = Happening {
            cause,
            ..happening(peer, parts, &found, whole)?
        };
        if is_later {
            let asked = (&*app, root > 0, &route.target);
            return Ok(later::accept(&self.host, asked, &parts.headers, &happening, once.as_ref()).await);
        }
        let order = Order {
            app: Arc::clone(&app),
            subject: Subject::Live(Arc::clone(&route.target)),
            limits: None,
            record: true,
            commit: true,
            messages: Vec::new(),
            once,
            promise: None,
        };

        match dispatch(&self.host, order, happening).await {
            Ok(finished) => Ok(answer::finished(finished, app.show_errors)),
            Err(DispatchError::Refused(refusal)) => Err(self.refuse(refusal, &app).into()),
            Err(error) => Err(answer::not_dispatched(&error).into()),
        }
    }

    /// A request with a key, unless another one with it is under way.
    fn once(&self, (app, route, key): (&App, &Route, &str), print: [u8; 32]) -> Result<Once, Refused> {
        let config = self.host.config.idempotency;
        let once = Once::begin(&self.host.in_flight, config, (app.id, route.id, key), print);
        let message = "a request with this Idempotency-Key is under way";
        Ok(once.ok_or_else(|| edge::retry_later(Code::IdempotencyKeyInFlight, message))?)
    }

    /// For whom it is, as far as that can be told.
    fn client(&self, peer: &Peer, parts: &Parts, app: &App) -> Client {
        if !peer.is_proxy && peer.ip.is_loopback() && parts.headers.contains_key("x-forwarded-for") {
            self.warn_of_proxy(peer);
        }
        let traffic = &self.edge.traffic;
        let proxies = &self.host.config.bind.trusted_proxies;
        let told = peer
            .is_proxy
            .then(|| headers::client(&parts.headers, proxies))
            .flatten();
        match told.filter(|client| *client != peer.ip) {
            Some(client) => Client {
                text: Some(client.to_string()),
                account: traffic.account_of(app.id, &traffic.neighbour(client)),
            },
            None => Client {
                text: None,
                account: traffic.account_of(app.id, &peer.neighbour),
            },
        }
    }

    /// The app that is meant, and how long its root is.
    fn locate(&self, name: &str, path: &str, parts: &Parts) -> Result<(Arc<App>, usize), Refused> {
        let base_domain = self.host.config.bind.base_domain.as_deref();
        match locate(&self.host.routes.current(), base_domain, name, path) {
            Place::App { app, root } => Ok((app, root)),
            Place::Root => Err(answer::with_slash(path, parts.uri.query()).into()),
            Place::Nowhere if path == "/healthz" => Err(match parts.method {
                Method::GET | Method::HEAD => answer::healthy(),
                _ => answer::not_allowed("GET, HEAD, OPTIONS", parts.method == Method::OPTIONS),
            }
            .into()),
            Place::Nowhere => {
                Err(edge::problem(&Problem::new(Code::NotFound, "no app answers at this address")).into())
            }
        }
    }

    /// Once: it is hardly meant so, as all who come through the proxy share what one address may have.
    fn warn_of_proxy(&self, peer: &Peer) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a proxy at {} speaks for others and is not believed: name it in PICLOUD_TRUSTED_PROXIES if it is yours",
                peer.text
            );
        }
    }

    fn refuse(&self, refusal: Refusal, app: &App) -> Answer {
        let places: &Places = &app.places;
        if self.host.admission.starts_episode(refusal, places) {
            tracing::warn!(app.name = %app.name, "events of the app {} are refused: {refusal}", app.name);
        }
        answer::refused(refusal)
    }

    fn no_body(&self, why: &NoBody) -> Answer {
        let http = &self.host.config.http;
        match why {
            NoBody::TooLarge => {
                let message = format!(
                    "the body is larger than the {} bytes that are allowed",
                    http.body_bytes_max
                );
                answer::last(&Problem::new(Code::BodyTooLarge, message))
            }
            NoBody::TooSlow => {
                let message = format!(
                    "the body took longer than the {} ms that are allowed",
                    http.body_max.as_millis()
                );
                answer::last(&Problem::new(Code::RequestTimeout, message))
            }
            // Where it was for lack of memory, the edge says so.
            NoBody::Broken => answer::last(&Problem::new(Code::BadRequest, "the body broke off")),
        }
    }
}

/// Puts a request on the account of its client, unless that has no room.
fn charged(on_account: &mut Option<Account>, account: Account) -> Result<&Account, Refused> {
    let account = on_account.insert(account);
    if account.is_spent() {
        let message = "this address does not take the answers that it has";
        return Err(edge::retry_later(Code::Overloaded, message).into());
    }
    Ok(account)
}

/// What must be right about a request before anything in it is believed; the host and port it names.
fn check_head(parts: &Parts) -> Result<&str, Refused> {
    if matches!(parts.method, Method::CONNECT | Method::TRACE) {
        return Err(edge::problem(&Problem::new(Code::MethodNotAllowed, "nothing answers this method")).into());
    }
    if parts.method.as_str().len() > METHOD_BYTES_MAX {
        return Err(bad("the method is too long"));
    }
    let mut hosts = parts.headers.get_all(HOST).iter();
    let (host, other) = (hosts.next(), hosts.next());
    if other.is_some() {
        return Err(bad("there are two Host headers"));
    }
    let host = host
        .map(|host| {
            host.to_str()
                .map_err(|_| bad("the host has characters that no host has"))
        })
        .transpose()?;
    if parts.version == Version::HTTP_2 {
        let authority = parts.uri.authority().map(http::uri::Authority::as_str);
        return match (authority, host) {
            (Some(authority), Some(host)) if !authority.eq_ignore_ascii_case(host) => {
                Err(bad(":authority and Host are not the same"))
            }
            (Some(authority), _) => Ok(authority),
            (None, host) => Ok(host.unwrap_or_default()),
        };
    }
    if parts.uri.authority().is_some() {
        return Err(bad(
            "this is no proxy: the request line has a path and nothing before it",
        ));
    }
    match host {
        None if parts.version == Version::HTTP_11 => Err(bad("there is no Host header")),
        host => Ok(host.unwrap_or_default()),
    }
}

fn happening(peer: &Peer, parts: &Parts, found: &Found<'_>, body: bytes::Bytes) -> Result<Happening, Refused> {
    let headers = headers::inward(parts, found.authority, peer.is_proxy);
    let body_bytes = u32::try_from(body.len()).map_err(|_| bad("the body is too long"))?;
    let encoded = wire::encode(&event::Event::Http(HttpRequest {
        method: parts.method.as_str(),
        host: found.authority,
        path: found.path,
        query: parts.uri.query().unwrap_or_default(),
        params: found.params.iter().map(|(name, value)| (*name, &**value)).collect(),
        headers: headers.iter().map(|(name, value)| (*name, &**value)).collect(),
        client_ip: found.client_ip,
        body_bytes,
    }));
    let http = Http {
        method: parts.method.clone(),
        path: found.path.into(),
    };
    let trace = parts.headers.get("traceparent");
    Ok(Happening {
        trace: trace.and_then(|value| trace_id(value.as_bytes())),
        ..Happening::request(Kind::Http, http, (encoded, body))
    })
}

/// What a route's parameters were, decoded.
type Params<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// Who answers.
fn route<'a>(app: &'a App, host: &str, method: &Method, path: &'a str) -> Result<(&'a Route, Params<'a>), Refused> {
    match app.routes.find(host, method, path) {
        Ok(found) => {
            // The whole path is UTF-8 when decoded, so each part of it is.
            let decoded = |(name, value)| (name, percent_decode_str(value).decode_utf8_lossy());
            Ok((found.target, found.params.into_iter().map(decoded).collect()))
        }
        Err(Miss::Method(allow)) => Err(answer::not_allowed(&allow, *method == Method::OPTIONS).into()),
        Err(Miss::Path) => {
            Err(edge::problem(&Problem::new(Code::NotFound, "the app has no route for this path")).into())
        }
    }
}

fn bad(why: &'static str) -> Refused {
    answer::last(&Problem::new(Code::BadRequest, why)).into()
}

/// The trace id of a W3C `traceparent`: `00-{32 hex digits, not all 0}-…`.
fn trace_id(traceparent: &[u8]) -> Option<String> {
    let [b'0'..=b'9' | b'a'..=b'f', b'0'..=b'9' | b'a'..=b'f', b'-', rest @ ..] = traceparent else {
        return None;
    };
    let (id, rest) = rest.split_at_checked(32)?;
    let hex = id.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let valid = hex && rest.first() == Some(&b'-') && id.iter().any(|byte| *byte != b'0');
    valid.then(|| id.iter().map(|byte| char::from(*byte)).collect())
}
