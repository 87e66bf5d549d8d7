//! Host and path → app.
//!
//! An app answers at its own hosts, at `{app}.localhost`, at `{app}.` and the base domain, and, on every host that is no
//! app's, below `/~{app}/`.

use std::sync::Arc;

use super::host::Host;
use super::snapshot::{App, Directory};
use crate::outbound::Here;
use crate::routing::normal_path;

/// Whom a request is for.
#[derive(Clone)]
pub enum Place {
    /// An app.
    App {
        /// Which one.
        app: Arc<App>,
        /// Its root is so much of the path, in bytes.
        root: usize,
    },
    /// `/~app`: its root is one slash further.
    Root,
    /// Nobody's.
    Nowhere,
}

/// Finds the app of a host, or of a path on a host that is no app's.
#[must_use]
pub fn locate(directory: &Directory, base_domain: Option<&str>, host: &str, path: &str) -> Place {
    let label = |domain: &str| host.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'));
    let by_name = || {
        label("localhost")
            .or_else(|| base_domain.and_then(label))
            .and_then(|name| directory.by_name(name))
    };
    if let Some(app) = directory.by_host(host).or_else(by_name) {
        return Place::App {
            app: Arc::clone(app),
            root: 0,
        };
    }
    let Some(rest) = path.strip_prefix("/~") else {
        return Place::Nowhere;
    };
    let (name, slash) = rest.split_once('/').map_or((rest, false), |(name, _)| (name, true));
    match directory.by_name(name) {
        Some(app) if slash => Place::App {
            app: Arc::clone(app),
            root: 2 + name.len(),
        },
        Some(_) => Place::Root,
        None => Place::Nowhere,
    }
}

/// What this installation answers itself.
pub(super) struct Own(pub(super) Host);

impl Here for Own {
    fn answers(&self, host: &str, path: &str) -> bool {
        let base_domain = self.0.config.bind.base_domain.as_deref();
        let place = locate(&self.0.routes.current(), base_domain, host, &normal_path(path));
        !matches!(place, Place::Nowhere)
    }
}
