//! A request as a script wants it, checked.

use bytes::Bytes;
use data_encoding::BASE64;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, COOKIE,
    USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use picloud_sdk::call::http::{REDIRECTS_MAX, RETRIES_MAX, Request};

use super::body::ACCEPTED;
use super::target::Target;
use super::trouble::Trouble;

/// Headers of a request, and what they come to.
const HEADERS_MAX: usize = 100;
const HEADERS_BYTES_MAX: usize = 32 << 10;
/// URLs that are longer are not sent.
const URL_BYTES_MAX: usize = 8 << 10;

/// Headers that are the client's own business: whom it calls, how it speaks, on whose behalf.
const OURS: &[&str] = &[
    "host",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "expect",
    "forwarded",
    "via",
    "x-real-ip",
    "http2-settings",
];
/// And those that begin so.
const OURS_BEGIN: &[&str] = &["proxy-", "x-forwarded-", "picloud-hops"];

/// A request that may be sent, but for whom it goes to.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub(super) method: Method,
    pub(super) target: Target,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) timeout_ms: Option<u32>,
    pub(super) redirects: u8,
    pub(super) retries: u8,
    /// Whether the response is decompressed: unless the script says itself what it takes.
    pub(super) decodes: bool,
    /// Whether nobody wants the response's body.
    pub(super) for_its_status: bool,
}

impl Outgoing {
    /// What a script wants.
    ///
    /// # Errors
    /// When it is none.
    pub fn of(request: &Request<'_>, body_bytes_max: u32) -> Result<Self, Trouble> {
        let method = Method::from_bytes(request.method.as_bytes()).ok();
        let method = method
            .filter(|method| *method != Method::CONNECT && *method != Method::TRACE && method.as_str().len() <= 32);
        let Some(method) = method else {
            return Err(Trouble::new(
                "bad_method",
                "this is no method that is sent, such as GET",
            ));
        };
        if request.url.len() > URL_BYTES_MAX {
            let (is, may) = (request.url.len(), URL_BYTES_MAX);
            return Err(Trouble::new(
                "bad_url",
                format!("bytes of the URL: {is}, {may} allowed"),
            ));
        }
        let target = Target::parse(request.url)?;
        if request.body.len() > body_bytes_max as usize {
            let is = request.body.len();
            let why =
                format!("bytes of what is sent: {is}, {body_bytes_max} allowed (PICLOUD_OUTBOUND_REQUEST_BYTES_MAX)");
            return Err(Trouble::new("too_large", why));
        }
        let mut headers = headers(&request.headers)?;
        let decodes = !headers.contains_key(ACCEPT_ENCODING);
        complete(&mut headers, (&method, &target, request.body.is_empty()), decodes)?;
        let outgoing = Self {
            method,
            target,
            headers,
            body: Bytes::copy_from_slice(request.body),
            timeout_ms: request.timeout_ms,
            // A guest that is not ours may say anything.
            redirects: request.redirects.min(REDIRECTS_MAX),
            retries: request.retries.min(RETRIES_MAX),
            decodes,
            for_its_status: false,
        };
        if outgoing.retries > 0 && !outgoing.is_repeatable() {
            let why = format!(
                "retries: {} may do its work twice; give it a header `idempotency-key` that the other side knows, or no retries",
                outgoing.method
            );
            return Err(Trouble::new("bad_option", why));
        }
        Ok(outgoing)
    }

    /// Whether it only asks.
    pub(super) fn is_safe(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    /// The same, sent for the status of its response.
    pub(super) fn for_its_status(self) -> Self {
        Self {
            for_its_status: true,
            ..self
        }
    }

    /// Whom it goes to, with the port in any case.
    pub(super) fn host_and_port(&self) -> String {
        self.target.host_and_port()
    }

    /// Whom it goes to.
    pub(super) fn host(&self) -> String {
        self.target.authority()
    }

    /// Whether twice does what once does.
    pub(super) fn is_repeatable(&self) -> bool {
        self.method.is_idempotent() || self.headers.contains_key("idempotency-key")
    }

    /// The request that a redirect with this status asks for (RFC 9110, 15.4). Whoever it leads to instead is not told what
    /// was for the first: credentials, and whatever has a secret in it.
    pub(super) fn redirected(
        &self,
        status: StatusCode,
        location: &str,
        is_secret: impl Fn(&[u8]) -> bool,
    ) -> Result<Self, Trouble> {
        let mut next = self.clone();
        next.target = self.target.redirected(location)?;
        next.redirects -= 1;
        let asks = match status {
            StatusCode::SEE_OTHER => self.method != Method::HEAD,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.method == Method::POST,
            _ => false,
        };
        if asks {
            next.method = Method::GET;
            next.body = Bytes::new();
            for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH] {
                next.headers.remove(name);
            }
        }
        if !self.target.is_same_origin(&next.target) {
            if is_secret(&next.body) {
                let (from, to) = (self.host(), next.host());
                let why =
                    format!("{from} redirects to {to} what is sent with a secret: name {to} yourself if it is meant");
                return Err(Trouble::new("not_sent", why));
            }
            let dropped: Vec<HeaderName> = next
                .headers
                .iter()
                .filter(|(name, value)| matches!(**name, AUTHORIZATION | COOKIE) || is_secret(value.as_bytes()))
                .map(|(name, _)| name.clone())
                .collect();
            for name in dropped {
                next.headers.remove(name);
            }
        }
        Ok(next)
    }
}

fn headers(given: &[(&str, &str)]) -> Result<HeaderMap, Trouble> {
    let bad = |why: String| Err(Trouble::new("bad_header", why));
    let bytes: usize = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if given.len() > HEADERS_MAX || bytes > HEADERS_BYTES_MAX {
        let count = given.len();
        return bad(format!(
            "{count} headers of {bytes} bytes: {HEADERS_MAX} of {HEADERS_BYTES_MAX} bytes are sent"
        ));
    }
    let mut headers = HeaderMap::with_capacity(given.len() + 4);
    for (at, (name, value)) in (1..).zip(given) {
        let Ok(valid) = HeaderName::from_bytes(name.as_bytes()) else {
            return bad(format!("the name of header {at} has characters that no name has"));
        };
        let is_ours =
            OURS.contains(&valid.as_str()) || OURS_BEGIN.iter().any(|begin| valid.as_str().starts_with(begin));
        if is_ours {
            return bad(format!("the header {valid} cannot be set"));
        }
        let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else {
            return bad(format!(
                "the header {valid} has a character that no header has, such as a line break"
            ));
        };
        headers.append(valid, value);
    }
    Ok(headers)
}

/// With what every request has, unless it was said otherwise.
fn complete(
    headers: &mut HeaderMap,
    (method, target, is_empty): (&Method, &Target, bool),
    decodes: bool,
) -> Result<(), Trouble> {
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    headers
        .entry(USER_AGENT)
        .or_insert(HeaderValue::from_static(concat!("PiCloud/", env!("CARGO_PKG_VERSION"))));
    if decodes {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED));
    }
    if matches!(*method, Method::POST | Method::PUT | Method::PATCH) && is_empty {
        // Else nothing would say so (RFC 9110, 8.6).
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    if let Some((user, password)) = target.user() {
        let encoded = BASE64.encode(format!("{user}:{password}").as_bytes());
        let Ok(value) = HeaderValue::try_from(format!("Basic {encoded}")) else {
            return Err(Trouble::new("bad_url", "its user is too long"));
        };
        headers.entry(AUTHORIZATION).or_insert(value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request<'a>(method: &'a str, url: &'a str, headers: &[(&'a str, &'a str)]) -> Request<'a> {
        Request {
            method,
            url,
            headers: headers.to_vec(),
            body: b"body",
            timeout_ms: None,
            redirects: 5,
            retries: 0,
        }
    }

    fn outgoing(method: &str, url: &str, headers: &[(&str, &str)]) -> Result<Outgoing, &'static str> {
        Outgoing::of(&request(method, url, headers), 4).map_err(|trouble| trouble.code)
    }

    #[test]
    fn what_is_the_clients_own_cannot_be_set() {
        for name in [
            "Host",
            "connection",
            "Keep-Alive",
            "Proxy-Authorization",
            "proxy-connection",
            "TE",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            "Content-Length",
            "Expect",
            "Forwarded",
            "X-Forwarded-For",
            "x-forwarded-anything",
            "X-Real-IP",
            "Via",
            "PiCloud-Hops",
            "a b",
            "",
            "a:b",
            "a\r\nb",
        ] {
            let refused = outgoing("GET", "http://a.example/", &[(name, "x")]).map(|_| ());
            assert_eq!(refused, Err("bad_header"), "{name:?}");
        }
        for value in ["a\r\nb: c", "a\nb", "a\0b"] {
            assert_eq!(
                outgoing("GET", "http://a.example/", &[("x", value)]).map(|_| ()),
                Err("bad_header"),
                "{value:?}"
            );
        }
        for method in ["CONNECT", "TRACE", "", "G T", "GET\r\n"] {
            assert_eq!(
                outgoing(method, "http://a.example/", &[]).map(|_| ()),
                Err("bad_method"),
                "{method:?}"
            );
        }
    }

    #[test]
    fn what_no_guest_of_ours_would_ask_for_is_bounded_all_the_same() {
        let asked = Request {
            redirects: u8::MAX,
            retries: u8::MAX,
            ..request("GET", "http://a.example/", &[])
        };
        let outgoing = Outgoing::of(&asked, 4).unwrap();
        assert_eq!((outgoing.redirects, outgoing.retries), (REDIRECTS_MAX, RETRIES_MAX));
    }

    #[test]
    fn what_has_a_secret_in_it_is_not_redirected_elsewhere() {
        let first = outgoing("POST", "https://a.example/x", &[]).unwrap();
        let is_secret = |value: &[u8]| value == b"body";
        let moved = StatusCode::TEMPORARY_REDIRECT;
        assert!(first.redirected(moved, "/y", is_secret).is_ok());
        let refused = first.redirected(moved, "https://b.example/", is_secret).unwrap_err();
        assert_eq!(refused.code, "not_sent");
        // What is asked for instead has no body.
        assert!(
            first
                .redirected(StatusCode::SEE_OTHER, "https://b.example/", is_secret)
                .is_ok()
        );
    }

    #[test]
    fn whom_a_redirect_leads_to_is_not_told_what_was_for_another() {
        let headers = [
            ("authorization", "Bearer x"),
            ("cookie", "a=b"),
            ("x-api-key", "the secret"),
            ("x-plain", "y"),
            ("content-type", "text/plain"),
        ];
        let first = outgoing("POST", "https://a.example/x", &headers).unwrap();
        let is_secret = |value: &[u8]| value == b"the secret";
        let names = |outgoing: &Outgoing| {
            let names = ["authorization", "cookie", "x-api-key", "x-plain", "content-type"];
            names
                .into_iter()
                .filter(|name| outgoing.headers.contains_key(*name))
                .collect::<Vec<_>>()
                .join(" ")
        };
        let kept = first
            .redirected(StatusCode::TEMPORARY_REDIRECT, "/y", is_secret)
            .unwrap();
        assert_eq!(
            (names(&kept).as_str(), kept.method.as_str(), kept.body.len()),
            ("authorization cookie x-api-key x-plain content-type", "POST", 4)
        );
        for elsewhere in [
            "https://b.example/",
            "http://a.example/x",
            "https://a.example:444/x",
            "//b.example/",
        ] {
            let next = first
                .redirected(StatusCode::PERMANENT_REDIRECT, elsewhere, is_secret)
                .unwrap();
            assert_eq!(names(&next), "x-plain content-type", "{elsewhere}");
        }
        for status in [301, 302, 303] {
            let next = first
                .redirected(StatusCode::from_u16(status).unwrap(), "/y", is_secret)
                .unwrap();
            assert_eq!((next.method.as_str(), next.body.len()), ("GET", 0), "{status}");
            assert!(!next.headers.contains_key("content-type"), "{status}");
        }
        assert_eq!(
            first
                .redirected(StatusCode::FOUND, "file:///etc/passwd", is_secret)
                .unwrap_err()
                .code,
            "bad_url"
        );
    }

    #[test]
    fn the_user_of_a_url_is_sent_as_a_header_and_not_elsewhere() {
        let first = outgoing("GET", "https://user:p%40ss@a.example/x", &[]).unwrap();
        assert_eq!(first.headers["authorization"], "Basic dXNlcjpwQHNz");
        assert_eq!(first.target.as_str(), "https://a.example/x");
        let next = first
            .redirected(StatusCode::FOUND, "https://b.example/", |_| false)
            .unwrap();
        assert!(!next.headers.contains_key("authorization"));
    }
}
