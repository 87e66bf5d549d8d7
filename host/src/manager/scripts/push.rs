//! `POST /apps/{app}/scripts`: a folder of scripts with their routes, in one transaction.

use std::collections::BTreeSet;

use axum::extract::State;
use picloud_sdk::api::{
    Asynchronous, Change, Idempotency, Push, Pushed, PushedResult, PushedRoute, PushedScript, Route, Script,
    ScriptName, Time,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::{Deployer, Member};
use super::super::extract::JsonWithScripts;
use super::super::paths::AppPath;
use crate::deploy::routes::NewRoute;
use crate::deploy::scripts::{SCRIPTS_MAX, queries};
use crate::deploy::{By, draft, links, routes as deployed, save, versions};
use crate::error::{Error, Result};
use crate::ids::AppId;
use crate::linking::Draft;
use crate::orchestrator::Host;
use crate::store::Tx;

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(push))
}

/// Saves several scripts in one transaction: all of them, or none. Those that are as they are sent are left alone.
#[utoipa::path(post, path = "/apps/{app}/scripts", tag = "scripts", params(AppPath), request_body = Push,
    responses((status = 200, body = Pushed)))]
async fn push(
    member: Member<Deployer>,
    State(host): State<Host>,
    JsonWithScripts(push): JsonWithScripts<Push>,
) -> Result<axum::Json<Pushed>> {
    let (drafts, routes) = compiled(&host, member.app, push.scripts).await?;
    let names = drafts.iter().map(|draft| draft.name.as_str().to_owned());
    let kept: Option<BTreeSet<String>> = push.prune.then(|| names.collect());
    let who = member.caller.token.to_string();
    let now = Time(host.clock.now_us());
    let mut tx = member.write().await?;
    let before = states(&mut tx, member.app, &drafts).await?;
    let changed = drafts
        .into_iter()
        .zip(&before)
        .filter(|(_, before)| before.change != Change::Unchanged);
    let changed: Vec<Draft> = changed.map(|(draft, _)| draft).collect();
    let saved = save(&mut tx, &host, member.app, &changed, By { who: &who, now }).await?;
    let deleted = prune(&mut tx, member.app, kept.as_ref()).await?;
    let mut made = Vec::new();
    for (script, PushedRoute { method, pattern }) in &routes {
        let host = "";
        let new = NewRoute {
            method,
            pattern,
            host,
            script,
            idempotency: Idempotency::default(),
            asynchronous: Asynchronous::default(),
        };
        let inserted = deployed::insert_unless_there(&mut tx, member.app, new, now).await?;
        made.extend(inserted.map(Route::from));
    }
    member.publish(tx).await?;

    let mut saved_scripts = saved.scripts.into_iter();
    let mut relinked = saved.relinked;
    let results = before.into_iter().filter_map(|mut before| {
        let (script, warnings) = match before.script {
            Some(mut script) if before.change == Change::Unchanged => {
                if let Some(at) = relinked.iter().position(|(name, _)| *name == script.name) {
                    (_, script.version) = relinked.swap_remove(at);
                    before.change = Change::Relinked;
                }
                (script, Vec::new())
            }
            _ => saved_scripts.next().map(|(row, warnings)| (row.into(), warnings))?,
        };
        Some(PushedResult {
            script,
            change: before.change,
            warnings,
        })
    });
    let scripts = results.collect();
    Ok(axum::Json(Pushed {
        scripts,
        relinked: super::relinked(relinked),
        routes: made,
        deleted,
    }))
}

/// What is to be saved, and the routes that are to be there.
type Compiled = (Vec<Draft>, Vec<(ScriptName, PushedRoute)>);

async fn compiled(host: &Host, app: AppId, scripts: Vec<PushedScript>) -> Result<Compiled> {
    if scripts.len() > SCRIPTS_MAX {
        return Err(Error::too_many("scripts", SCRIPTS_MAX));
    }
    let mut drafts = Vec::with_capacity(scripts.len());
    let mut routes = Vec::new();
    for script in scripts {
        let name = script.name;
        if drafts.iter().any(|draft: &Draft| draft.name == name) {
            return Err(Error::invalid(
                "scripts",
                format_args!("{:?} is there twice", name.as_str()),
            ));
        }
        routes.extend(script.routes.into_iter().map(|route| (name.clone(), route)));
        drafts.push(draft(host, Some(app), name, script.kind, script.source).await?);
    }
    Ok((drafts, routes))
}

/// Deletes all scripts but these, if any are named, those that import before what they import.
async fn prune(tx: &mut Tx, app: AppId, kept: Option<&BTreeSet<String>>) -> Result<Vec<String>> {
    let Some(kept) = kept else { return Ok(Vec::new()) };
    let all = queries::list(tx, app, "", i64::try_from(SCRIPTS_MAX).unwrap_or(i64::MAX)).await?;
    let mut waiting: Vec<_> = all.into_iter().filter(|row| !kept.contains(&row.name)).collect();
    let mut deleted = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let mut refusal = None;
        let before = waiting.len();
        for row in std::mem::take(&mut waiting) {
            if let Err(why) = links::refuse_while_imported(tx, app, &row.name, "be deleted").await {
                refusal = Some(why);
                waiting.push(row);
                continue;
            }
            for route in deployed::queries::of_script(tx, app, row.id).await? {
                deployed::queries::delete(tx, app, route.id).await?;
            }
            queries::delete(tx, app, row.id).await?;
            deleted.push(row.name);
        }
        if let Some(why) = refusal.filter(|_| waiting.len() == before) {
            return Err(why);
        }
    }
    deleted.sort_unstable();
    Ok(deleted)
}

/// A script before the push, and what the push will do with it.
struct Before {
    script: Option<Script>,
    change: Change,
}

async fn states(tx: &mut Tx, app: AppId, drafts: &[Draft]) -> Result<Vec<Before>> {
    let mut states = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let state = match queries::find(tx, app, draft.name.as_str()).await? {
            None => Before {
                script: None,
                change: Change::Created,
            },
            Some(row) => {
                let source = versions::source(tx, app, row.id, row.live_version).await?;
                let same = row.kind == draft.kind && source == draft.source;
                Before {
                    script: Some(row.into()),
                    change: if same { Change::Unchanged } else { Change::Changed },
                }
            }
        };
        states.push(state);
    }
    Ok(states)
}
