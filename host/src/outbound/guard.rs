//! Which addresses nobody may call. Every address of an answer is looked at, and the connection goes to one that was.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::OnceLock;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use rustix::io::Errno;

/// Addresses that are not the public internet's: IANA's registries of special-purpose addresses, and what clouds tell
/// secrets at.
const INSIDE_V4: &[([u8; 4], u8)] = &[
    ([0, 0, 0, 0], 8),        // this network (RFC 791)
    ([10, 0, 0, 0], 8),       // private (RFC 1918)
    ([100, 64, 0, 0], 10),    // shared by carriers (RFC 6598); metadata of Alibaba
    ([127, 0, 0, 0], 8),      // loopback (RFC 1122)
    ([168, 63, 129, 16], 32), // metadata of Azure
    ([169, 254, 0, 0], 16),   // link-local (RFC 3927); metadata of most clouds
    ([172, 16, 0, 0], 12),    // private (RFC 1918)
    ([192, 0, 0, 0], 24),     // protocols of the IETF (RFC 6890); metadata of Oracle
    ([192, 0, 2, 0], 24),     // documentation (RFC 5737)
    ([192, 88, 99, 0], 24),   // 6to4 relays (RFC 7526)
    ([192, 168, 0, 0], 16),   // private (RFC 1918)
    ([198, 18, 0, 0], 15),    // benchmarks (RFC 2544)
    ([198, 51, 100, 0], 24),  // documentation (RFC 5737)
    ([203, 0, 113, 0], 24),   // documentation (RFC 5737)
    ([224, 0, 0, 0], 4),      // multicast (RFC 5771)
    ([240, 0, 0, 0], 4),      // reserved (RFC 1112), and broadcast
];

/// What of IPv6 is public: all else is inside.
const OUTSIDE_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// And of that not these.
const INSIDE_V6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocols of the IETF (RFC 2928): Teredo, ORCHID, benchmarks
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation (RFC 3849)
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4 (RFC 3056)
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation (RFC 9637)
];

/// Through which a network without IPv4 reaches it (RFC 6052): what counts is the address within.
const NAT64: (Ipv6Addr, u8) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Says which addresses may be called.
#[derive(Debug, Default)]
pub struct Guard {
    /// What the operator allows of the inside.
    allowed: Vec<IpNet>,
    /// Where this server listens.
    listeners: OnceLock<Vec<SocketAddr>>,
}

impl Guard {
    /// That allows these networks of the inside, too.
    #[must_use]
    pub const fn new(allowed: Vec<IpNet>) -> Self {
        Self {
            allowed,
            listeners: OnceLock::new(),
        }
    }

    /// Where this server listens: nobody calls that, whatever the operator allows.
    pub fn listens_at(&self, addresses: Vec<SocketAddr>) {
        // Said once, when the sockets are there.
        let _ = self.listeners.set(addresses);
    }

    /// Whether `address` may be called.
    #[must_use]
    pub fn lets(&self, address: SocketAddr) -> bool {
        let meant = meant(address.ip());
        let is_listener = || {
            let ports = self.listeners.get().into_iter().flatten();
            ports.map(SocketAddr::port).any(|port| port == address.port()) && is_of_this_machine(meant)
        };
        if self.allowed.iter().any(|network| network.contains(&meant)) {
            return !is_listener();
        }
        is_public(meant) && !is_of_this_machine(meant)
    }
}

/// The address that another one stands for: of IPv4 within IPv6 the IPv4 one.
fn meant(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if net6(NAT64).contains(&v6) => {
            let [.., a, b, c, d] = v6.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        canonical => canonical,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !INSIDE_V4
            .iter()
            .any(|(network, bits)| Ipv4Net::new_assert((*network).into(), *bits).contains(&v4)),
        IpAddr::V6(v6) => {
            net6(OUTSIDE_V6).contains(&v6) && !INSIDE_V6.iter().any(|network| net6(*network).contains(&v6))
        }
    }
}

const fn net6((network, bits): (Ipv6Addr, u8)) -> Ipv6Net {
    Ipv6Net::new_assert(network, bits)
}

/// Only an address of this machine can be bound to; nothing is sent. Who cannot tell takes it for one.
fn is_of_this_machine(address: IpAddr) -> bool {
    match UdpSocket::bind((address, 0)) {
        Ok(_) => true,
        Err(error) => {
            let errno = error.raw_os_error().unwrap_or_default();
            [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOBUFS]
                .iter()
                .any(|full| full.raw_os_error() == errno)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lets(guard: &Guard, address: &str) -> bool {
        guard.lets(SocketAddr::new(address.parse().expect(address), 443))
    }

    #[test]
    fn nothing_inside_is_let_through_in_any_form() {
        let guard = Guard::default();
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::8.8.8.8",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!lets(&guard, address), "{address}");
        }
    }

    #[test]
    fn what_is_public_is_let_through() {
        let guard = Guard::default();
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "126.255.255.255",
            "128.0.0.1",
            "168.63.129.17",
            "169.253.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.0.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2a00:1450:4001::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ] {
            assert!(lets(&guard, address), "{address}");
        }
    }

    #[test]
    fn the_operator_may_allow_a_network_of_the_inside_but_not_our_listeners() {
        let guard = Guard::new(vec!["192.168.7.0/24".parse().unwrap(), "127.0.0.0/8".parse().unwrap()]);
        guard.listens_at(vec!["0.0.0.0:8080".parse().unwrap()]);
        for (address, may) in [
            ("192.168.7.9:80", true),
            ("192.168.8.9:80", false),
            ("[::ffff:192.168.7.9]:80", true),
            ("[64:ff9b::192.168.7.9]:80", true),
            ("127.0.0.1:3000", true),
            ("127.0.0.1:8080", false),
            ("127.0.0.9:8080", false),
            ("192.168.7.9:8080", true),
            ("[::1]:3000", false),
        ] {
            assert_eq!(guard.lets(address.parse().unwrap()), may, "{address}");
        }
    }
}
