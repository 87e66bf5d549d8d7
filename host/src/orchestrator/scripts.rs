//! What runs within a run: the other endpoints of its app, as they are when it begins.

use std::fmt;
use std::sync::Arc;

use picloud_executor::{Boxed, Linked};

use super::host::Host;
use super::snapshot::App;
use crate::ids::VersionId;
use crate::world::{Callee, Scripts};

/// The endpoints of an app.
pub struct AppScripts {
    host: Host,
    app: Arc<App>,
}

impl AppScripts {
    /// Of `app`, at this moment.
    #[must_use]
    pub const fn new(host: Host, app: Arc<App>) -> Self {
        Self { host, app }
    }

    async fn of(&self, version: VersionId) -> anyhow::Result<Arc<Linked>> {
        let programs = &self.host.programs;
        let loaded = programs.get(self.app.id, version).await?;
        programs.linked(&loaded).await
    }
}

impl fmt::Debug for AppScripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AppScripts").field(&self.app.name).finish()
    }
}

impl Scripts for AppScripts {
    fn live<'a>(&'a self, name: &'a str) -> Boxed<'a, Option<anyhow::Result<Callee>>> {
        Box::pin(async move {
            let target = self.app.endpoints.get(name)?;
            let program = self.of(target.version).await;
            Some(program.map(|program| Callee {
                script: Arc::clone(&target.script),
                number: target.number,
                version: target.version.to_string().into(),
                program,
            }))
        })
    }

    fn program<'a>(&'a self, version: &'a str) -> Boxed<'a, anyhow::Result<Arc<Linked>>> {
        Box::pin(async move { self.of(version.parse()?).await })
    }
}
