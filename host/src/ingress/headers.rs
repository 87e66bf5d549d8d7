//! What never crosses, in either direction: headers of the connection, what only a proxy may say, our own cookies.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, FORWARDED, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE,
    TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Version};

use super::hops::HOPS;
use crate::config::TrustedProxies;

/// Cookies of the dashboard start with these: no script reads or sets one.
const OWN_COOKIES: [&str; 3] = ["picloud_", "__Host-picloud_", "__Secure-picloud_"];

/// How much of a name that is left out is logged.
const SHOWN_CHARS: usize = 64;

/// That the answer is of a request that was sent before.
pub(super) static IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The run that answered.
pub(super) static EXECUTION_ID: HeaderName = HeaderName::from_static("x-execution-id");

/// A client's headers as a script sees them: names in lower case, values as bytes, in order. Over HTTP/2 the host that was
/// asked is no header; it is one here.
pub(super) fn inward<'a>(parts: &'a Parts, authority: &'a str, proxied: bool) -> Vec<(&'a str, Cow<'a, [u8]>)> {
    let headers = &parts.headers;
    let named = named_by_connection(headers.get_all(CONNECTION).iter());
    let mut crossing = Vec::with_capacity(headers.len() + 1);
    if parts.version == Version::HTTP_2 && !headers.contains_key(HOST) && !authority.is_empty() {
        crossing.push((HOST.as_str(), Cow::Borrowed(authority.as_bytes())));
    }
    for (name, value) in headers {
        let text = name.as_str();
        if is_hop_by_hop(name) || *name == EXPECT || named.iter().any(|named| named == text) {
            continue;
        }
        if *name == HOPS || !proxied && is_a_proxys_word(name) {
            continue;
        }
        if *name == COOKIE {
            crossing.extend(without_own_cookies(value.as_bytes()).map(|value| (text, value)));
        } else {
            crossing.push((text, Cow::Borrowed(value.as_bytes())));
        }
    }
    crossing
}

/// A script's headers as a client gets them.
pub(super) fn outward(headers: Vec<(String, String)>, into: &mut HeaderMap) {
    let connection = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("connection"));
    let connection: Vec<_> = connection
        .filter_map(|(_, value)| HeaderValue::from_str(value).ok())
        .collect();
    let named = named_by_connection(connection.iter());
    into.reserve(headers.len() + 1);
    for (name, value) in headers {
        let (Ok(name), Ok(mut value)) = (HeaderName::try_from(&name), HeaderValue::try_from(value)) else {
            let shown: String = name.chars().take(SHOWN_CHARS).collect();
            // Any script can cause it: not a line for everybody.
            tracing::debug!(
                "a reply's header {shown:?} is none that HTTP can carry ({} bytes): it is left out",
                name.len()
            );
            continue;
        };
        let is_ours = name == EXECUTION_ID || name == IDEMPOTENCY_REPLAYED;
        let refused = is_hop_by_hop(&name) || name == CONTENT_LENGTH || is_ours;
        if refused || named.iter().any(|named| named == name.as_str()) {
            tracing::debug!("a reply's header {name} is the connection's or the server's: it is left out");
            continue;
        }
        if name == SET_COOKIE {
            let Some(cookie) = own_host_only(&value) else {
                tracing::debug!("a reply sets a cookie of the dashboard's: it is left out");
                continue;
            };
            value = cookie;
        }
        into.append(name, value);
    }
}

/// Whom the client is, as far as it can be told: the last address that no trusted proxy added.
pub(super) fn client(headers: &HeaderMap, proxies: &TrustedProxies) -> Option<IpAddr> {
    let mut farthest = None;
    for value in headers.get_all("x-forwarded-for").iter().rev() {
        for part in value.to_str().ok()?.rsplit(',') {
            let address = address(part.trim())?;
            farthest = Some(address);
            if !proxies.contain(address) {
                return farthest;
            }
        }
    }
    farthest
}

/// An address as proxies write it: some add the port, some map IPv4 into IPv6.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse::<IpAddr>();
    let address = address.or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// Meant for the next hop only (RFC 9110 7.6.1, and two that are not in it).
fn is_hop_by_hop(name: &HeaderName) -> bool {
    [
        &CONNECTION,
        &TRANSFER_ENCODING,
        &TE,
        &TRAILER,
        &UPGRADE,
        &PROXY_AUTHENTICATE,
        &PROXY_AUTHORIZATION,
    ]
    .contains(&name)
        || matches!(name.as_str(), "keep-alive" | "proxy-connection" | "http2-settings")
}

/// What a proxy says of its client; from anybody else it is a guess or a lie.
fn is_a_proxys_word(name: &HeaderName) -> bool {
    *name == FORWARDED || name.as_str().starts_with("x-forwarded-") || name.as_str() == "x-real-ip"
}

/// Further headers for the next hop only, in lower case.
fn named_by_connection<'a>(values: impl Iterator<Item = &'a HeaderValue>) -> Vec<String> {
    let tokens = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let tokens = tokens.map(str::trim).filter(|token| !token.is_empty());
    let others =
        tokens.filter(|token| !token.eq_ignore_ascii_case("close") && !token.eq_ignore_ascii_case("keep-alive"));
    others.map(str::to_ascii_lowercase).collect()
}

/// A cookie without a name is sent back as its value alone: `=picloud_session=x` comes as `picloud_session=x`.
fn is_own_cookie(pair: &[u8]) -> bool {
    let begins = pair.iter().position(|byte| !matches!(byte, b'=' | b' ' | b'\t'));
    let pair = &pair[begins.unwrap_or(pair.len())..];
    OWN_COOKIES.iter().any(|own| {
        pair.get(..own.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(own.as_bytes()))
    })
}

/// A `Cookie` header without the dashboard's; `None` when nothing is left.
pub(super) fn without_own_cookies(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !value.split(|byte| *byte == b';').any(is_own_cookie) {
        return Some(Cow::Borrowed(value));
    }
    let others: Vec<_> = value
        .split(|byte| *byte == b';')
        .filter(|pair| !is_own_cookie(pair))
        .collect();
    let others = others.join(&b';').trim_ascii().to_vec();
    (!others.is_empty()).then_some(Cow::Owned(others))
}

/// A `Set-Cookie` for the very host that was asked: a wider `Domain` would reach other apps and the dashboard. `None` for
/// one of the dashboard's own names.
fn own_host_only(value: &HeaderValue) -> Option<HeaderValue> {
    let bytes = value.as_bytes();
    if is_own_cookie(bytes) {
        return None;
    }
    let is_domain = |attribute: &&[u8]| {
        let name = attribute.split(|byte| *byte == b'=').next().unwrap_or_default();
        name.trim_ascii().eq_ignore_ascii_case(b"domain")
    };
    let mut parts = bytes.split(|byte| *byte == b';');
    if !parts.clone().skip(1).any(|attribute| is_domain(&attribute)) {
        return Some(value.clone());
    }
    let pair = parts.next().unwrap_or_default();
    let kept: Vec<_> = std::iter::once(pair)
        .chain(parts.filter(|attribute| !is_domain(attribute)))
        .collect();
    HeaderValue::from_bytes(&kept.join(&b';')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Env};

    fn map(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    fn crossed_inward(headers: &[(&'static str, &'static str)], proxied: bool) -> Vec<String> {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.headers = map(headers);
        inward(&parts, "a.localhost", proxied)
            .iter()
            .map(|(name, value)| format!("{name}: {}", text(value)))
            .collect()
    }

    fn crossed_outward(headers: &[(&str, &str)]) -> Vec<String> {
        let mut into = HeaderMap::new();
        outward(
            headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            &mut into,
        );
        into.iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect()
    }

    #[test]
    fn headers_of_the_connection_do_not_go_in() {
        let crossed = crossed_inward(
            &[
                ("connection", "keep-alive, X-Hop"),
                ("keep-alive", "5"),
                ("te", "trailers"),
                ("upgrade", "h2c"),
                ("transfer-encoding", "chunked"),
                ("proxy-authorization", "x"),
                ("x-hop", "1"),
                ("expect", "100-continue"),
                ("picloud-hops", "3"),
                ("accept", "*/*"),
                ("x-a", "1"),
                ("x-a", "2"),
            ],
            false,
        );
        assert_eq!(crossed, ["accept: */*", "x-a: 1", "x-a: 2"]);
    }

    #[test]
    fn only_a_trusted_proxy_says_whom_it_asks_for() {
        let headers = [
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=x"),
            ("x-real-ip", "1"),
        ];
        assert!(crossed_inward(&headers, false).is_empty());
        assert_eq!(crossed_inward(&headers, true).len(), 4);
    }

    #[test]
    fn the_client_is_the_last_one_that_no_trusted_proxy_vouches_for() {
        let lookup = |name: &str| (name == "PICLOUD_TRUSTED_PROXIES").then(|| "10.0.0.0/8".to_owned());
        let proxies = Config::from_env(&Env::new(&lookup)).unwrap().bind.trusted_proxies;
        for (header, client_ip) in [
            ("1.2.3.4", Some("1.2.3.4")),
            ("6.6.6.6, 1.2.3.4", Some("1.2.3.4")),
            ("6.6.6.6, 1.2.3.4, 10.0.0.9", Some("1.2.3.4")),
            ("10.0.0.7", Some("10.0.0.7")),
            ("1.2.3.4:50000", Some("1.2.3.4")),
            ("1.2.3.4:50000, 10.0.0.9:443", Some("1.2.3.4")),
            ("::ffff:1.2.3.4", Some("1.2.3.4")),
            ("[::ffff:1.2.3.4]:9, ::ffff:10.0.0.9", Some("1.2.3.4")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("[2001:db8::1", None),
            ("1.2.3.4:x", None),
            ("unknown", None),
            ("", None),
        ] {
            let found = client(&map(&[("x-forwarded-for", header)]), &proxies);
            assert_eq!(found.map(|ip| ip.to_string()).as_deref(), client_ip, "{header}");
        }
    }

    #[test]
    fn the_dashboards_cookies_stay_out() {
        for (sent, seen) in [
            ("a=1; b=2", Some("a=1; b=2")),
            ("a=1; picloud_session=s; b=2", Some("a=1; b=2")),
            ("__Host-picloud_session=s", None),
            ("a=picloud_session=s", Some("a=picloud_session=s")),
            ("a=1; =picloud_session=s", Some("a=1")),
        ] {
            let seen_now =
                without_own_cookies(sent.as_bytes()).map(|value| String::from_utf8(value.into_owned()).unwrap());
            assert_eq!(seen_now.as_deref(), seen, "{sent}");
        }
    }

    #[test]
    fn a_script_does_not_frame_the_message() {
        let crossed = crossed_outward(&[
            ("content-length", "5"),
            ("transfer-encoding", "chunked"),
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
            ("x-execution-id", "exe_0"),
            ("idempotency-replayed", "true"),
            ("upgrade", "x"),
            ("etag", "\"1\""),
            ("bad name", "x"),
            ("x", "a\r\nb: c"),
        ]);
        assert_eq!(crossed, ["etag: \"1\""]);
    }

    #[test]
    fn a_cookie_stays_with_its_host() {
        assert_eq!(
            crossed_outward(&[
                ("set-cookie", "a=1; Path=/; Domain=example.org; Secure"),
                ("set-cookie", "b=domain=2"),
                ("set-cookie", "picloud_session=stolen"),
                ("set-cookie", "=picloud_session=stolen"),
                ("set-cookie", " = \tpicloud_session=stolen; Path=/"),
                ("set-cookie", "==__Host-picloud_session"),
            ]),
            ["set-cookie: a=1; Path=/; Secure", "set-cookie: b=domain=2"]
        );
    }
}
