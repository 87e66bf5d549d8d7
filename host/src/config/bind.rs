//! Where the server listens, and under which names its apps are reached.

use std::net::SocketAddr;

use anyhow::{Context, bail};

use super::env::Value;
use super::section::section;
use super::setting::text;
use super::{Env, Setting, TrustedProxies};

section! {
    /// Addresses and names.
    #[derive(Debug, Clone)]
    pub struct BindConfig {
        /// Address of the listener for the apps' traffic.
        ingress: SocketAddr = PICLOUD_BIND text("0.0.0.0:8080");
        /// Address of the listener for the management API.
        admin: SocketAddr = PICLOUD_ADMIN_BIND text("127.0.0.1:8081");
        /// Host names, by comma, under which the admin listener is reached besides `localhost` and addresses, such as a proxy's.
        admin_hosts: HostNames = PICLOUD_ADMIN_HOSTS text("");
        /// Every app also answers at `{app}.` followed by this domain.
        base_domain: Option<String> = PICLOUD_BASE_DOMAIN text("");
        /// Addresses or networks, by comma, of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
        trusted_proxies: TrustedProxies = PICLOUD_TRUSTED_PROXIES text("");
    }
    then Self::named
}

impl BindConfig {
    /// The domain in lower case, without a dot at either end.
    fn named(self, _: &Env<'_>) -> anyhow::Result<Self> {
        let named = |name: String| domain(&Self::PICLOUD_BASE_DOMAIN, &name);
        let base_domain = self.base_domain.map(named).transpose()?;
        Ok(Self { base_domain, ..self })
    }
}

impl Value for SocketAddr {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        let text = env.text(setting);
        let address = text.parse().ok();
        address.with_context(|| {
            format!(
                "{}={text:?} is not an address such as {}",
                setting.name,
                setting.default()
            )
        })
    }
}

/// Names in lower case, without a dot at either end.
#[derive(Debug, Clone, Default)]
pub struct HostNames(pub Vec<String>);

impl Value for HostNames {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        let text = env.text(setting);
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let names = names.map(|name| domain(setting, name));
        names.collect::<anyhow::Result<_>>().map(Self)
    }
}

fn domain(setting: &Setting, text: &str) -> anyhow::Result<String> {
    let name = text.trim_matches('.').to_ascii_lowercase();
    let label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if name.len() > 190 || !name.split('.').all(label) {
        bail!("{}={text:?} is not a domain such as apps.example.org", setting.name);
    }
    Ok(name)
}
