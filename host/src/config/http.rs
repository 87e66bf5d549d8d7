//! What a client may send, and how slowly.

use std::time::Duration;

use anyhow::bail;

use super::Env;
use super::section::section;
use super::setting::number;

section! {
    /// Bounds on requests and connections.
    #[derive(Debug, Clone, Copy)]
    pub struct HttpConfig {
        /// Size of a request's body.
        body_bytes_max: u32 = PICLOUD_BODY_BYTES_MAX number(10 << 20, 0..=1 << 30, "bytes");
        /// Memory for the bodies of all requests under way and for all answers that are not taken yet, on both listeners; one
        /// app may have half of it, one address a quarter, and what would need more is refused.
        bodies_bytes_max: u64 = PICLOUD_BODIES_BYTES_MAX number(128 << 20, 1 << 20..=1 << 40, "bytes");
        /// Time for a request's body to arrive; also how long a client may take nothing of its answer.
        body_max: Duration = PICLOUD_BODY_MS_MAX number(30_000, 10..=3_600_000, "ms");
        /// Size of a request's head: request line and headers together.
        header_bytes_max: u32 = PICLOUD_HEADER_BYTES_MAX number(32 << 10, 8192..=1 << 20, "bytes");
        /// Number of a request's headers.
        headers_max: u32 = PICLOUD_HEADERS_MAX number(100, 8..=1000, "headers");
        /// Time for a request's head to arrive; also how long an idle HTTP/1.1 connection is kept.
        header_max: Duration = PICLOUD_HEADER_MS_MAX number(10_000, 10..=600_000, "ms");
        /// Connections of the apps' listener at once; more wait to be accepted.
        connections_max: u32 = PICLOUD_CONNECTIONS_MAX number(1024, 1..=1_000_000, "connections");
        /// Connections of one address (of IPv6, a network of 64 bits) at once, on the admin listener half of all at most;
        /// more are closed. Trusted proxies have no such bound.
        connections_per_address_max: u32 = PICLOUD_CONNECTIONS_PER_ADDRESS_MAX number(256, 1..=1_000_000, "connections");
        /// Connections of the admin listener at once; more wait to be accepted.
        admin_connections_max: u32 = PICLOUD_ADMIN_CONNECTIONS_MAX number(128, 2..=1_000_000, "connections");
    }
}

impl HttpConfig {
    /// Room for one body and for one reply at least: less would refuse what the other settings allow.
    pub(super) fn roomy(self, env: &Env<'_>, reply_bytes_max: u32) -> anyhow::Result<Self> {
        let bytes_max = self.bodies_bytes_max;
        for (single, name) in [
            (self.body_bytes_max, "PICLOUD_BODY_BYTES_MAX"),
            (reply_bytes_max, "PICLOUD_REPLY_BYTES_MAX"),
        ] {
            if bytes_max < u64::from(single) && env.given(&Self::PICLOUD_BODIES_BYTES_MAX).is_some() {
                bail!("PICLOUD_BODIES_BYTES_MAX={bytes_max} is less than {name}={single}");
            }
        }
        let single = self.body_bytes_max.max(reply_bytes_max);
        Ok(Self {
            bodies_bytes_max: bytes_max.max(single.into()),
            ..self
        })
    }
}
