//! Which peers are believed when they say on whose behalf they ask.

use std::net::IpAddr;

use anyhow::Context;
use ipnet::IpNet;

use super::env::Value;
use super::{Env, Setting};

/// `PICLOUD_TRUSTED_PROXIES`: nobody unless set.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl Value for TrustedProxies {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        networks(env, setting).map(Self)
    }
}

impl TrustedProxies {
    /// Whether `peer` may speak for others.
    #[must_use]
    pub fn contain(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.0.iter().any(|network| network.contains(&peer))
    }
}

/// Addresses and networks, by comma.
pub(super) fn networks(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Vec<IpNet>> {
    let text = env.text(setting);
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let network = |part: &str| {
        network(part).with_context(|| {
            format!(
                "{}: {part} is no address and no network such as 10.0.0.0/8",
                setting.name
            )
        })
    };
    parts.map(network).collect()
}

/// `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`; `None` when it is neither.
fn network(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_a_network_when_the_leading_bits_agree() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "::1", false),
            ("fd00::/8", "fd12::1", true),
            ("::/0", "2001:db8::1", true),
        ] {
            let found = super::network(network)
                .unwrap()
                .contains(&address.parse::<IpAddr>().unwrap());
            assert_eq!(found, inside, "{address} in {network}");
        }
    }

    #[test]
    fn a_mapped_address_is_the_address_it_maps() {
        let proxies = TrustedProxies(vec![network("10.0.0.0/8").unwrap()]);
        assert!(proxies.contain("::ffff:10.1.2.3".parse().unwrap()));
    }

    #[test]
    fn nonsense_is_no_network() {
        for text in ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0", "::1/129", "10.0.0.0/8/8"] {
            assert_eq!(network(text), None, "{text}");
        }
    }
}
