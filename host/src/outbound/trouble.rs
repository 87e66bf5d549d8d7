//! Why a request has no response: a code for the script, and a sentence that never has an address in it.

use std::error::Error;
use std::io;

/// Why a request has no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// A stable word.
    pub code: &'static str,
    /// A sentence for the script's author.
    pub message: String,
}

impl Trouble {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    /// There is no address for the name.
    pub(super) fn dns(host: &str, why: &str) -> Self {
        Self::new("dns_failed", format!("no address is found for {host}: {why}"))
    }

    /// The name leads to where nobody may go.
    pub(super) fn forbidden(host: &str) -> Self {
        Self::new(
            "forbidden_address",
            format!(
                "{host} leads to an address inside, which no app may call; the operator may allow the networks of all its addresses (PICLOUD_OUTBOUND_NETWORKS), but for PiCloud itself"
            ),
        )
    }

    /// What the client of the library says, of a request to `host`.
    pub(super) fn of_client(host: &str, is_proxied: bool, error: &hyper_util::client::legacy::Error) -> Self {
        if let Some(trouble) = find::<Self>(error) {
            return trouble.clone();
        }
        if let Some(error) = find::<rustls::Error>(error) {
            return Self::new(
                "tls_failed",
                format!("no secure connection to {host}: {}", of_tls(error)),
            );
        }
        if error.is_connect() {
            let why = find::<io::Error>(error).map_or("it failed", |error| of_io(error.kind()));
            let whom = if is_proxied { "the operator's proxy for " } else { "" };
            return Self::new("connect_failed", format!("no connection to {whom}{host}: {why}"));
        }
        Self::broken(host, error)
    }

    /// The response is none, or breaks off.
    pub(super) fn broken(host: &str, error: &(dyn Error + 'static)) -> Self {
        let why = match (find::<io::Error>(error), find::<hyper::Error>(error)) {
            (_, Some(error)) if error.is_parse_too_large() => "its head is too large",
            (_, Some(error)) if error.is_parse() => "it is not HTTP",
            (_, Some(error)) if error.is_incomplete_message() => "it breaks off",
            (Some(error), _) => of_io(error.kind()),
            (None, Some(error)) if error.is_body_write_aborted() => "it was closed while the request was sent",
            _ => "the connection broke",
        };
        Self::new(
            "broken_response",
            format!("the response of {host} cannot be read: {why}"),
        )
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Trouble {}

/// The first of this type among an error and its causes.
pub(super) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        // Errors of input and output do not name what they hold as their cause.
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = held.map_or_else(|| error.source(), |held| Some(held as _));
    }
    None
}

const fn of_io(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::ConnectionRefused => "it was refused",
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => "it was reset",
        io::ErrorKind::TimedOut => "there was no answer in time",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "it cannot be reached",
        io::ErrorKind::UnexpectedEof => "it breaks off",
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => "it is malformed",
        _ => "it failed",
    }
}

fn of_tls(error: &rustls::Error) -> &'static str {
    use rustls::CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::Expired | Bad::ExpiredContext { .. } => "its certificate has expired",
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => "its certificate is not valid yet",
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => "its certificate is for another name",
            Bad::UnknownIssuer => "nobody known vouches for its certificate",
            Bad::Revoked => "its certificate is revoked",
            _ => "its certificate is not valid",
        },
        rustls::Error::AlertReceived(_) => "the other side refused it",
        rustls::Error::InvalidMessage(_) => "the other side does not speak TLS",
        _ => "the handshake failed",
    }
}
