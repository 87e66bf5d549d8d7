//! What the command line needs to talk to a server.

use super::{Env, Setting};

pub(super) const URL: Setting = Setting::text(
    "PICLOUD_URL",
    "http://127.0.0.1:8081",
    "Address of the management API, for the command line.",
);
pub(super) const TOKEN: Setting = Setting::text("PICLOUD_TOKEN", "", "Token that the command line shows there.");

/// Where a server is, and what to show it.
pub struct RemoteConfig {
    /// `PICLOUD_URL`
    pub url: String,
    /// `PICLOUD_TOKEN`
    pub token: Option<String>,
}

impl RemoteConfig {
    /// Reads both through `env`.
    #[must_use]
    pub fn from_env(env: &Env<'_>) -> Self {
        Self {
            url: env.text(&URL),
            token: env.given(&TOKEN),
        }
    }
}
