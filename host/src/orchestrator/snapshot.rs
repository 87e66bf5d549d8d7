//! Which app a name means, and what each app serves: tables in memory, replaced whole when something changes.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use picloud_sdk::api::{Asynchronous, Idempotency};

use crate::ids::{AppId, RouteId, VersionId};
use crate::outbound::{AllowList, Hint};
use crate::routing::{Pattern, RouteTable, Verb};
use crate::secrets::{Keys, Vault};
use crate::store::Db;
use crate::triggers::Wiring;

use super::admission::{Admission, Places};
use super::queries;

/// All apps, as the data plane sees them.
pub struct Snapshots {
    current: ArcSwap<Directory>,
}

/// The apps at one moment.
#[derive(Default, Clone)]
pub struct Directory {
    names: HashMap<Arc<str>, Arc<App>>,
    hosts: HashMap<Arc<str>, Arc<App>>,
    ids: HashMap<AppId, Arc<App>>,
}

/// One app at one moment.
pub struct App {
    /// Its id.
    pub id: AppId,
    /// Its name.
    pub name: Arc<str>,
    /// Whether callers are shown a script's own errors.
    pub show_errors: bool,
    /// Whether its runs are recorded so that they can be run again.
    pub journal: bool,
    /// Its places for runs; the same ones in every snapshot of the app.
    pub places: Arc<Places>,
    /// Its routes.
    pub routes: RouteTable<Route>,
    /// Its endpoints by name, with or without a route.
    pub endpoints: HashMap<Arc<str>, Arc<Target>>,
    /// What its scripts are told.
    pub vault: Arc<Vault>,
    /// Whom they may call.
    pub allowed: Arc<AllowList>,
    /// To whom they may send.
    pub wiring: Arc<Wiring>,
    hosts: Vec<Arc<str>>,
}

/// A route that is there.
#[derive(Debug)]
pub struct Route {
    /// Its id.
    pub id: RouteId,
    /// What answers.
    pub target: Arc<Target>,
    /// What a header `Idempotency-Key` does.
    pub idempotency: Idempotency,
    /// Which requests are accepted, and answered later.
    pub asynchronous: Asynchronous,
}

/// What answers: the live version of an endpoint.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// The script's name.
    pub script: Arc<str>,
    /// The version that is live.
    pub version: VersionId,
    /// Its number.
    pub number: u32,
}

impl Snapshots {
    /// Reads all apps.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(db: &Db, keys: &Keys, admission: &Admission) -> anyhow::Result<Self> {
        let mut directory = Directory::default();
        for rows in queries::load_apps(db, None).await? {
            directory.put(App::of(rows, keys, admission.places()));
        }
        Ok(Self {
            current: ArcSwap::from_pointee(directory),
        })
    }

    /// The apps at this moment. Cheap; not to be held across an `await`.
    #[must_use]
    pub fn current(&self) -> Guard<Arc<Directory>> {
        self.current.load()
    }

    /// Puts in place how `apps` are now: new, changed, or gone. Only the follower swaps, one change after another.
    pub(super) fn swap(&self, (keys, admission): (&Keys, &Admission), apps: Vec<(AppId, Option<queries::AppRows>)>) {
        let mut directory = Directory::clone(&self.current.load());
        for (id, rows) in apps {
            let places = directory
                .remove(id)
                .map_or_else(|| admission.places(), |old| Arc::clone(&old.places));
            if let Some(rows) = rows {
                directory.put(App::of(rows, keys, places));
            }
        }
        self.current.store(Arc::new(directory));
    }
}

impl Directory {
    /// The app of this name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Arc<App>> {
        self.names.get(name)
    }

    /// The app with this host of its own, in lower case without port.
    #[must_use]
    pub fn by_host(&self, host: &str) -> Option<&Arc<App>> {
        self.hosts.get(host)
    }

    /// Every app's id.
    pub fn ids(&self) -> impl Iterator<Item = AppId> {
        self.ids.keys().copied()
    }

    /// The app with this id.
    #[must_use]
    pub fn by_id(&self, id: AppId) -> Option<&Arc<App>> {
        self.ids.get(&id)
    }

    fn put(&mut self, app: App) {
        let app = Arc::new(app);
        self.ids.insert(app.id, Arc::clone(&app));
        for host in &app.hosts {
            self.hosts.insert(Arc::clone(host), Arc::clone(&app));
        }
        self.names.insert(Arc::clone(&app.name), app);
    }

    fn remove(&mut self, id: AppId) -> Option<Arc<App>> {
        let app = self.ids.remove(&id)?;
        self.names.remove(&app.name);
        self.hosts.retain(|_, other| other.id != id);
        Some(app)
    }
}

impl App {
    fn of(rows: queries::AppRows, keys: &Keys, places: Arc<Places>) -> Self {
        let mut by_id = HashMap::new();
        let mut endpoints = HashMap::new();
        for endpoint in rows.endpoints {
            let target = Arc::new(Target {
                script: endpoint.name.into(),
                version: endpoint.version,
                number: u32::try_from(endpoint.number).unwrap_or(0),
            });
            endpoints.insert(Arc::clone(&target.script), Arc::clone(&target));
            by_id.insert(endpoint.id, target);
        }
        let mut routes = RouteTable::default();
        for route in rows.routes {
            let (verb, pattern) = (Verb::parse(&route.method), Pattern::parse(&route.pattern));
            let idempotency = Idempotency::try_from(route.idempotency.clone());
            let asynchronous = Asynchronous::try_from(route.asynchronous.clone());
            let (Some(verb), Ok(pattern), Some(target), Ok(idempotency), Ok(asynchronous)) =
                (verb, pattern, by_id.get(&route.script_id), idempotency, asynchronous)
            else {
                tracing::error!(app.id = %rows.id, "a stored route is left out, as it is not valid: {route:?}");
                continue;
            };
            let way = Route {
                id: route.id,
                target: Arc::clone(target),
                idempotency,
                asynchronous,
            };
            if !routes.insert(&route.host, verb, &pattern, way) {
                tracing::error!(app.id = %rows.id, "a stored route is left out, as another has its shape: {route:?}");
            }
        }
        let name: Arc<str> = rows.name.into();
        let allowed = AllowList::new(rows.allowed, Hint::App(Arc::clone(&name)));
        let vault = Vault::of((rows.id, Arc::clone(&name)), keys, rows.secrets, rows.settings);
        Self {
            id: rows.id,
            name,
            show_errors: rows.show_errors,
            journal: rows.journal,
            places,
            routes,
            wiring: Arc::new(Wiring::of(rows.triggers, endpoints.keys().cloned())),
            endpoints,
            vault: Arc::new(vault),
            allowed: Arc::new(allowed),
            hosts: rows.hosts.into_iter().map(Arc::from).collect(),
        }
    }
}
