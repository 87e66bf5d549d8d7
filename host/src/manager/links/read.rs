//! `/apps/{app}/scripts/{name}/imports` and `/importers`: who runs with what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::{Member, Viewer};
use super::super::apps::AppPath;
use super::super::error::Result;
use super::super::extract::{Path, Query};
use super::super::scripts::{self, Kind, ScriptPath};
use super::Town;
use crate::graph::Chain;
use crate::host::Host;

pub(in crate::manager) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(imports)).routes(routes!(importers))
}

/// Scripts that import each other.
#[derive(Debug, Serialize, ToSchema)]
pub struct Linked {
    /// By name.
    items: Vec<LinkedScript>,
}

/// The other side of an import.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkedScript {
    /// Its name.
    name: String,
    /// What it is for.
    kind: Kind,
    /// The number of its live version.
    version: i64,
    /// From the importer to the module, each importing the next; two names when the import is direct.
    chain: Chain,
    /// Where the first of the chain imports the second.
    places: Vec<Place>,
}

/// A place in a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct Place {
    /// 1-based.
    line: i64,
    /// 1-based, in Unicode characters.
    column: i64,
}

/// How far to look.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LinksQuery {
    /// Also through other modules.
    #[serde(default)]
    #[param(default = false)]
    transitive: bool,
}

/// The modules that the live version of a script imports by a literal name.
#[utoipa::path(get, path = "/apps/{app}/scripts/{name}/imports", tag = "scripts",
    params(AppPath, ScriptPath, LinksQuery), responses((status = 200, body = Linked)))]
async fn imports(
    member: Member<Viewer>,
    Path(path): Path<ScriptPath>,
    Query(query): Query<LinksQuery>,
) -> Result<axum::Json<Linked>> {
    let mut tx = member.read().await?;
    scripts::find(&mut tx, member.app, &path.name).await?;
    let town = Town::load(&mut tx, member.app).await?;
    let reached = town.graph.imports(path.name.as_str());
    Ok(axum::Json(town.linked(reached, query.transitive)))
}

/// The scripts whose live versions import a module by a literal name.
#[utoipa::path(get, path = "/apps/{app}/scripts/{name}/importers", tag = "scripts",
    params(AppPath, ScriptPath, LinksQuery), responses((status = 200, body = Linked)))]
async fn importers(
    member: Member<Viewer>,
    Path(path): Path<ScriptPath>,
    Query(query): Query<LinksQuery>,
) -> Result<axum::Json<Linked>> {
    let mut tx = member.read().await?;
    scripts::find(&mut tx, member.app, &path.name).await?;
    let town = Town::load(&mut tx, member.app).await?;
    let reached = town.graph.importers(path.name.as_str());
    Ok(axum::Json(town.linked(reached, query.transitive)))
}

impl Town {
    fn linked(&self, reached: BTreeMap<String, Chain>, transitive: bool) -> Linked {
        let wanted = reached.into_iter().filter(|(_, chain)| transitive || chain.len() == 2);
        let items = wanted.filter_map(|(name, chain)| {
            let live = self.live.get(&name)?;
            let here = self.imports.iter();
            let here = here.filter(|import| import.script == chain[0] && import.name == chain[1]);
            Some(LinkedScript {
                kind: live.kind,
                version: live.number,
                places: here
                    .map(|import| Place {
                        line: import.line,
                        column: import.col,
                    })
                    .collect(),
                chain,
                name,
            })
        });
        Linked { items: items.collect() }
    }
}
