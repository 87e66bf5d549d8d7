//! `/apps/{app}/scripts/{name}/imports` and `/importers`: who runs with what.

use std::collections::BTreeMap;

use picloud_sdk::api::{Linked, LinkedScript, Place};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::{Member, Viewer};
use super::super::extract::{Path, Query};
use super::super::paths::{AppPath, ScriptPath};
use crate::deploy::{links, scripts};
use crate::error::Result;
use crate::linking::{Chain, Graph, LiveScripts};
use crate::orchestrator::Host;

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(imports)).routes(routes!(importers))
}

/// How far to look.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LinksQuery {
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
    answer(member, &path, &query, Graph::imports).await
}

/// The scripts whose live versions import a module by a literal name.
#[utoipa::path(get, path = "/apps/{app}/scripts/{name}/importers", tag = "scripts",
    params(AppPath, ScriptPath, LinksQuery), responses((status = 200, body = Linked)))]
async fn importers(
    member: Member<Viewer>,
    Path(path): Path<ScriptPath>,
    Query(query): Query<LinksQuery>,
) -> Result<axum::Json<Linked>> {
    answer(member, &path, &query, Graph::importers).await
}

/// The scripts that `reach` finds from the one of the path.
async fn answer(
    mut member: Member<Viewer>,
    path: &ScriptPath,
    query: &LinksQuery,
    reach: fn(&Graph, &str) -> BTreeMap<String, Chain>,
) -> Result<axum::Json<Linked>> {
    let mut tx = member.read().await?;
    scripts::find(&mut tx, member.app, &path.name).await?;
    let live = links::load(&mut tx, member.app).await?;
    let reached = reach(&live.graph, path.name.as_str());
    Ok(axum::Json(linked(&live, reached, query.transitive)))
}

fn linked(scripts: &LiveScripts, reached: BTreeMap<String, Chain>, transitive: bool) -> Linked {
    let wanted = reached.into_iter().filter(|(_, chain)| transitive || chain.len() == 2);
    let items = wanted.filter_map(|(name, chain)| {
        let live = scripts.live.get(&name)?;
        let here = scripts.imports.iter();
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
