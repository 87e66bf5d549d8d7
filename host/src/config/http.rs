//! What a client may send, and how slowly.

use std::time::Duration;

use super::{Env, Setting};

pub(super) const BODY_BYTES_MAX: Setting = Setting::number(
    "PICLOUD_BODY_BYTES_MAX",
    "10485760",
    "bytes",
    (0, 1 << 30),
    "Size of a request's body.",
);
pub(super) const BODIES_BYTES_MAX: Setting = Setting::number(
    "PICLOUD_BODIES_BYTES_MAX",
    "134217728",
    "bytes",
    (1 << 20, 1 << 40),
    "Memory for the bodies of all requests under way; what would need more is refused.",
);
pub(super) const BODY_MS_MAX: Setting = Setting::number(
    "PICLOUD_BODY_MS_MAX",
    "30000",
    "ms",
    (10, 3_600_000),
    "Time for a request's body to arrive; also how long a client may take nothing of its answer.",
);
pub(super) const HEADER_BYTES_MAX: Setting = Setting::number(
    "PICLOUD_HEADER_BYTES_MAX",
    "32768",
    "bytes",
    (8192, 1 << 20),
    "Size of a request's head: request line and headers together.",
);
pub(super) const HEADERS_MAX: Setting = Setting::number(
    "PICLOUD_HEADERS_MAX",
    "100",
    "headers",
    (8, 1000),
    "Number of a request's headers.",
);
pub(super) const HEADER_MS_MAX: Setting = Setting::number(
    "PICLOUD_HEADER_MS_MAX",
    "10000",
    "ms",
    (10, 600_000),
    "Time for a request's head to arrive; also how long an idle HTTP/1.1 connection is kept.",
);
pub(super) const CONNECTIONS_MAX: Setting = Setting::number(
    "PICLOUD_CONNECTIONS_MAX",
    "1024",
    "connections",
    (1, 1_000_000),
    "Connections of the apps' listener at once; more wait to be accepted.",
);

/// Bounds on requests and connections.
#[derive(Debug, Clone, Copy)]
pub struct HttpConfig {
    /// `PICLOUD_BODY_BYTES_MAX`
    pub body_bytes_max: u32,
    /// `PICLOUD_BODIES_BYTES_MAX`
    pub bodies_bytes_max: u64,
    /// `PICLOUD_BODY_MS_MAX`
    pub body_max: Duration,
    /// `PICLOUD_HEADER_BYTES_MAX`
    pub header_bytes_max: u32,
    /// `PICLOUD_HEADERS_MAX`
    pub headers_max: u32,
    /// `PICLOUD_HEADER_MS_MAX`
    pub header_max: Duration,
    /// `PICLOUD_CONNECTIONS_MAX`
    pub connections_max: u32,
}

impl HttpConfig {
    pub(super) fn from_env(env: &Env<'_>) -> anyhow::Result<Self> {
        Ok(Self {
            body_bytes_max: env.number(&BODY_BYTES_MAX)?,
            bodies_bytes_max: env.number(&BODIES_BYTES_MAX)?,
            body_max: Duration::from_millis(env.number(&BODY_MS_MAX)?),
            header_bytes_max: env.number(&HEADER_BYTES_MAX)?,
            headers_max: env.number(&HEADERS_MAX)?,
            header_max: Duration::from_millis(env.number(&HEADER_MS_MAX)?),
            connections_max: env.number(&CONNECTIONS_MAX)?,
        })
    }
}
