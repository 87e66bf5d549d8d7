//! Memory for what clients are slow with: bodies that have not all come, answers that are not all taken. Bounded in all,
//! for the callers of one app, and for one address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use picloud_executor::{Budget, Share, Spent};

use crate::config::Config;
use crate::ids::AppId;

/// Of an IPv6 address this much names a network, which is what one customer of a provider has.
const IPV6_NETWORK: u128 = u128::MAX << 64;
/// Next to nothing.
const LITTLE_BYTES: u64 = 16 << 10;
/// Known things are looked through when there are as many, or twice as many as were left the last time.
const KNOWN_MIN: usize = 64;

/// One listener's part of the memory.
#[derive(Debug)]
pub(crate) struct Traffic {
    all: Arc<Budget>,
    app_bytes_max: u64,
    address_bytes_max: u64,
    apps: Known<AppId, Budget>,
    neighbours: Known<IpAddr, Neighbour>,
}

/// Those who come from one address.
#[derive(Debug)]
pub(crate) struct Neighbour {
    connections: AtomicU32,
    traffic: Arc<Budget>,
}

/// On whose account bytes are held.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    whose: Arc<Budget>,
    whence: Arc<Neighbour>,
}

/// Bytes that are held; they go back when it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    whose: Share,
    whence: Share,
    bytes: u64,
}

/// One of an address's connections.
#[derive(Debug)]
pub(super) struct Visit(Arc<Neighbour>);

impl Traffic {
    /// The apps' and the admin listener's. Each leaves some to the other.
    pub(crate) fn pair(config: &Config) -> (Self, Self) {
        let in_all = config.http.bodies_bytes_max;
        let all = Budget::new(in_all);
        // A share is never less than one body or one reply may have.
        let single = u64::from(config.http.body_bytes_max).max(u64::from(config.limits.run.reply_bytes_max));
        let share = |part: u64| part.max(single).min(in_all);
        let part = |of: u64, app: u64, address: u64| Self {
            all: Budget::within(&all, share(of)),
            app_bytes_max: share(app),
            address_bytes_max: share(address),
            apps: Known::default(),
            neighbours: Known::default(),
        };
        (
            part(in_all / 4 * 3, in_all / 2, in_all / 4),
            part(in_all / 2, in_all / 2, in_all / 4),
        )
    }

    /// Those who come from `ip`.
    pub(crate) fn neighbour(&self, ip: IpAddr) -> Arc<Neighbour> {
        self.neighbours.get(network(ip), || Neighbour {
            connections: AtomicU32::new(0),
            traffic: Budget::new(self.address_bytes_max),
        })
    }

    /// What is nobody's in particular.
    pub(crate) fn account(&self, whence: &Arc<Neighbour>) -> Account {
        Account {
            whose: Arc::clone(&self.all),
            whence: Arc::clone(whence),
        }
    }

    /// What callers of `app` cause.
    pub(crate) fn account_of(&self, app: AppId, whence: &Arc<Neighbour>) -> Account {
        let app = self.apps.get_arc(app, || Budget::within(&self.all, self.app_bytes_max));
        Account {
            whose: app,
            whence: Arc::clone(whence),
        }
    }
}

impl Account {
    /// Nothing, to grow.
    pub(super) fn hold(&self) -> Held {
        Held {
            whose: self.whose.share(),
            whence: self.whence.traffic.share(),
            bytes: 0,
        }
    }

    /// Whether the address has next to nothing left: nothing is worth beginning for it.
    pub(crate) fn is_spent(&self) -> bool {
        let budget = &self.whence.traffic;
        budget.taken().saturating_add(LITTLE_BYTES) > budget.bytes_max()
    }
}

impl Held {
    /// Holds `bytes` more. What was refused may be counted until this is dropped.
    pub(super) fn grow_by(&mut self, bytes: usize) -> Result<(), Spent> {
        let sum = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.whence.grow_to(sum)?;
        self.whose.grow_to(sum)?;
        self.bytes = sum;
        Ok(())
    }
}

impl Visit {
    /// One more connection of `neighbour`; none when it has `connections_max`.
    pub(super) fn begin(neighbour: &Arc<Neighbour>, connections_max: u32) -> Option<Self> {
        let more = |now| (now < connections_max).then_some(now + 1);
        neighbour
            .connections
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, more)
            .ok()?;
        Some(Self(Arc::clone(neighbour)))
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What counts as one address.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & IPV6_NETWORK).into(),
        ip @ IpAddr::V4(_) => ip,
    }
}

/// Things that live as long as somebody needs them.
#[derive(Debug)]
struct Known<K, V>(Mutex<(HashMap<K, Weak<V>>, usize)>);

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self(Mutex::new((HashMap::new(), KNOWN_MIN)))
    }
}

impl<K: Eq + Hash, V> Known<K, V> {
    fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        self.get_arc(key, || Arc::new(make()))
    }

    fn get_arc(&self, key: K, make: impl FnOnce() -> Arc<V>) -> Arc<V> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (things, many) = &mut *known;
        if let Some(thing) = things.get(&key).and_then(Weak::upgrade) {
            return thing;
        }
        if things.len() >= *many {
            things.retain(|_, thing| thing.strong_count() > 0);
            *many = KNOWN_MIN.max(things.len() * 2);
        }
        let thing = make();
        things.insert(key, Arc::downgrade(&thing));
        thing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Env;

    fn pair(settings: &[(&str, &str)]) -> (Traffic, Traffic) {
        let lookup = |name: &str| {
            let found = settings.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Traffic::pair(&Config::from_env(&Env::new(&lookup)).unwrap())
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    const MIB: usize = 1 << 20;

    #[test]
    fn an_address_an_app_and_a_listener_have_their_parts_and_no_more() {
        let (apps, admin) = pair(&[]);
        let (one, other) = (apps.neighbour(ip("1.2.3.4")), apps.neighbour(ip("1.2.3.5")));
        let (shop, blog) = (AppId::new(1), AppId::new(2));
        let mut first = apps.account_of(shop, &one).hold();
        first.grow_by(32 * MIB).unwrap();
        assert!(first.grow_by(1).is_err(), "the address has a quarter");
        assert!(apps.account_of(blog, &one).is_spent());
        let mut second = apps.account_of(shop, &other).hold();
        second.grow_by(32 * MIB).unwrap();
        let third = apps.neighbour(ip("1.2.3.6"));
        assert!(
            apps.account_of(shop, &third).hold().grow_by(1).is_err(),
            "the app has a half"
        );
        let mut fourth = apps.account_of(blog, &third).hold();
        fourth.grow_by(32 * MIB).unwrap();
        let fifth = apps.neighbour(ip("1.2.3.7"));
        assert!(
            apps.account_of(blog, &fifth).hold().grow_by(1).is_err(),
            "apps leave some"
        );
        let whence = admin.neighbour(ip("1.2.3.4"));
        let mut managed = admin.account(&whence).hold();
        managed.grow_by(32 * MIB).unwrap();
        drop((first, second, fourth));
        apps.account_of(shop, &one).hold().grow_by(32 * MIB).unwrap();
    }

    #[test]
    fn a_single_body_fits_every_share() {
        let (apps, _) = pair(&[("PICLOUD_BODIES_BYTES_MAX", "10485760")]);
        let account = apps.account_of(AppId::new(1), &apps.neighbour(ip("::1")));
        account.hold().grow_by(10 * MIB).unwrap();
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_a_mapped_address_is_what_it_maps() {
        assert_eq!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:2:ffff::9")));
        assert_ne!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:3::1")));
        assert_eq!(network(ip("::ffff:1.2.3.4")), ip("1.2.3.4"));
    }

    #[test]
    fn what_nobody_needs_is_forgotten() {
        let (apps, _) = pair(&[]);
        for bits in 0..10_000 {
            apps.neighbour(IpAddr::V4(std::net::Ipv4Addr::from_bits(bits)));
        }
        assert!(apps.neighbours.0.lock().unwrap().0.len() <= 2 * KNOWN_MIN);
    }

    #[test]
    fn an_address_has_so_many_connections() {
        let (apps, _) = pair(&[]);
        let neighbour = apps.neighbour(ip("1.2.3.4"));
        let first = Visit::begin(&neighbour, 2).unwrap();
        let _second = Visit::begin(&neighbour, 2).unwrap();
        assert!(Visit::begin(&apps.neighbour(ip("1.2.3.4")), 2).is_none());
        drop(first);
        assert!(Visit::begin(&neighbour, 2).is_some());
    }
}
