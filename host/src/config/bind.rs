//! Where the server listens, and under which names its apps are reached.

use std::net::SocketAddr;

use anyhow::{Context, bail};

use super::{Env, Setting, TrustedProxies};

pub(super) const BIND: Setting = Setting::text(
    "PICLOUD_BIND",
    "0.0.0.0:8080",
    "Address of the listener for the apps' traffic.",
);
pub(super) const ADMIN_BIND: Setting = Setting::text(
    "PICLOUD_ADMIN_BIND",
    "127.0.0.1:8081",
    "Address of the listener for the management API.",
);
pub(super) const BASE_DOMAIN: Setting = Setting::text(
    "PICLOUD_BASE_DOMAIN",
    "",
    "Every app also answers at `{app}.` followed by this domain.",
);

/// Addresses and names.
#[derive(Debug, Clone)]
pub struct BindConfig {
    /// `PICLOUD_BIND`
    pub ingress: SocketAddr,
    /// `PICLOUD_ADMIN_BIND`
    pub admin: SocketAddr,
    /// `PICLOUD_BASE_DOMAIN`, in lower case without a dot at either end.
    pub base_domain: Option<String>,
    /// `PICLOUD_TRUSTED_PROXIES`
    pub trusted_proxies: TrustedProxies,
}

impl BindConfig {
    pub(super) fn from_env(env: &Env<'_>) -> anyhow::Result<Self> {
        Ok(Self {
            ingress: address(env, &BIND)?,
            admin: address(env, &ADMIN_BIND)?,
            base_domain: env.given(&BASE_DOMAIN).map(|name| domain(&name)).transpose()?,
            trusted_proxies: TrustedProxies::from_env(env)?,
        })
    }
}

fn address(env: &Env<'_>, setting: &Setting) -> anyhow::Result<SocketAddr> {
    let text = env.text(setting);
    text.parse().ok().with_context(|| {
        format!(
            "{}={text:?} is not an address such as {}",
            setting.name, setting.default
        )
    })
}

fn domain(text: &str) -> anyhow::Result<String> {
    let name = text.trim_matches('.').to_ascii_lowercase();
    let label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if name.len() > 190 || !name.split('.').all(label) {
        bail!("{}={text:?} is not a domain such as apps.example.org", BASE_DOMAIN.name);
    }
    Ok(name)
}
