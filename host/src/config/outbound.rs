//! Whom scripts may call, and how much.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, bail};
use http::Uri;
use ipnet::IpNet;

use super::env::Value;
use super::section::section;
use super::setting::{number, text};
use super::trust::networks;
use super::{Env, Setting};

section! {
    /// Bounds on requests that scripts send.
    #[derive(Debug, Clone)]
    pub struct OutboundConfig {
        /// Networks, by comma, of the inside (private, loopback, ...) that scripts may call where their app allows the host.
        networks: Networks = PICLOUD_OUTBOUND_NETWORKS text("");
        /// A proxy that all requests go through, as `http://host:port`, with `user:password@` before the host if it asks for one.
        /// It looks names up itself, and has to keep the inside out itself.
        proxy: Option<Proxy> = PICLOUD_OUTBOUND_PROXY text("");
        /// Addresses of DNS servers, by comma, with a port if it is not 53; those of the machine when not set.
        dns: DnsServers = PICLOUD_OUTBOUND_DNS text("");
        /// Requests that one run may send, each redirect and each repetition counted; 0: none.
        calls_max: u32 = PICLOUD_OUTBOUND_CALLS_PER_RUN_MAX number(50, 0..=10_000, "requests");
        /// Size of what is sent with a request.
        request_bytes_max: u32 = PICLOUD_OUTBOUND_REQUEST_BYTES_MAX number(4 << 20, 0..=1 << 30, "bytes");
        /// Size of a response, decompressed; of those that come side by side, together. What a run received counts as its memory among
        /// that of all runs.
        response_bytes_max: u32 = PICLOUD_OUTBOUND_RESPONSE_BYTES_MAX number(4 << 20, 1024..=1 << 30, "bytes");
        /// Time for a request, from looking up the name to the response's last byte, when the script does not say.
        timeout: Duration = PICLOUD_OUTBOUND_TIMEOUT_MS number(10_000, 10..=3_600_000, "ms");
        /// Requests under way at once, of all apps; more wait.
        at_once_max: u32 = PICLOUD_OUTBOUND_AT_ONCE_MAX number(256, 1..=100_000, "requests");
        /// Requests of one app under way at once; more wait.
        at_once_per_app_max: u32 = PICLOUD_OUTBOUND_AT_ONCE_PER_APP_MAX number(32, 1..=10_000, "requests");
    }
}

/// Networks, none unless set.
#[derive(Debug, Clone, Default)]
pub struct Networks(pub Vec<IpNet>);

impl Value for Networks {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        networks(env, setting).map(Self)
    }
}

/// Addresses of DNS servers, none unless set.
#[derive(Debug, Clone, Default)]
pub struct DnsServers(pub Vec<SocketAddr>);

impl Value for DnsServers {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        let text = env.text(setting);
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let server = |part: &str| {
            let address = part.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, 53));
            let address = address.or_else(|| part.parse().ok());
            address.with_context(|| {
                format!(
                    "{}: {part} is no address such as 9.9.9.9 or 127.0.0.1:5353",
                    setting.name
                )
            })
        };
        parts.map(server).collect::<anyhow::Result<_>>().map(Self)
    }
}

/// A proxy; who asks it is not shown.
#[derive(Clone)]
pub struct Proxy {
    /// Where it is.
    pub uri: Uri,
    /// `user:password`, if it asks for one.
    pub user: Option<String>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uri.fmt(f)
    }
}

impl Value for Option<Proxy> {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        let text = env.text(setting);
        if text.is_empty() {
            return Ok(None);
        }
        let Some(rest) = text.strip_prefix("http://") else {
            bail!("{} is not of the form http://host:port", setting.name);
        };
        let (user, authority) = match rest.trim_end_matches('/').rsplit_once('@') {
            Some((user, authority)) => {
                let user = percent_encoding::percent_decode_str(user).decode_utf8_lossy();
                (Some(user.into_owned()), authority)
            }
            None => (None, rest.trim_end_matches('/')),
        };
        let uri: Option<Uri> = format!("http://{authority}/").parse().ok();
        let uri = uri.filter(|uri| uri.port_u16().is_some() && uri.path() == "/" && uri.query().is_none());
        let uri = uri.with_context(|| format!("{} is not of the form http://host:port", setting.name))?;
        Ok(Some(Proxy { uri, user }))
    }
}
