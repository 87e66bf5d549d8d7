//! `/apps/{app}/dead-letters`: what was given up, to be looked at, sent again or deleted.

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{Affected, Page, Requeue, StoredMessage};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Viewer};
use super::extract::{Json, Path, Query};
use super::messages::{MessageQuery, OfQuery, kept, page, purged, told};
use super::paths::AppPath;
use crate::commit::messages::Source;
use crate::commit::messages::stored::queries::{self, All, Row};
use crate::error::{Error, Result};
use crate::ids::AppId;
use crate::orchestrator::Host;
use crate::store::Tx;

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list, purge))
            .routes(routes!(requeue_all))
            .routes(routes!(read, remove))
            .routes(routes!(requeue))
    },
    statements: &[],
};

/// A dead letter.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct LetterPath {
    /// Its id.
    #[param(value_type = String, pattern = "^[0-9]+$")]
    id: i64,
}

/// What was given up, newest first.
#[utoipa::path(get, path = "/apps/{app}/dead-letters", tag = "dead letters", params(AppPath, MessageQuery),
    responses((status = 200, body = Page<StoredMessage>)))]
async fn list(member: Member<Viewer>, Query(query): Query<MessageQuery>) -> Result<axum::Json<Page<StoredMessage>>> {
    page(member, query, true).await
}

/// One of them, with its body.
#[utoipa::path(get, path = "/apps/{app}/dead-letters/{id}", tag = "dead letters", params(AppPath, LetterPath),
    responses((status = 200, body = StoredMessage)))]
async fn read(
    mut member: Member<Viewer>,
    Path(LetterPath { id }): Path<LetterPath>,
) -> Result<axum::Json<StoredMessage>> {
    let row = find(&mut member.read().await?, member.app, id).await?;
    Ok(axum::Json(told(row)?))
}

/// Hands one out again, from its first attempt on; with another body, if one is given. A request for later is sent as it was.
#[utoipa::path(post, path = "/apps/{app}/dead-letters/{id}/requeue", tag = "dead letters", params(AppPath, LetterPath),
    request_body = Requeue, responses((status = 202)))]
async fn requeue(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(LetterPath { id }): Path<LetterPath>,
    Json(Requeue { body }): Json<Requeue>,
) -> Result<StatusCode> {
    let bytes_max = host.config.data.value_bytes_max as usize;
    let body = body.map(|body| kept(Some(&body), bytes_max)).transpose()?;
    let mut tx = member.write().await?;
    let row = find(&mut tx, member.app, id).await?;
    // Who edits one could have secrets sent that are referred to in it.
    if body.is_some() && row.source == Source::Outbox.as_str() {
        return Err(Error::invalid("body", "a request is sent again as it was"));
    }
    let now_ms = host.clock.now_us() / 1000;
    queries::revive(&mut tx, member.app, &row, (now_ms, body.as_deref())).await?;
    host.spaces.commit_sent(tx, None).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Hands all of a queue, a schedule, a subscription or a change out again.
#[utoipa::path(post, path = "/apps/{app}/dead-letters/requeue", tag = "dead letters", params(AppPath, OfQuery),
    responses((status = 200, body = Affected)))]
async fn requeue_all(
    member: Member<Deployer>,
    State(host): State<Host>,
    Query(query): Query<OfQuery>,
) -> Result<axum::Json<Affected>> {
    // Once each: whose script is not mended dies again meanwhile.
    let mut all = All::of(&host.db, member.app, query.which(true)?).await?;
    let mut messages = 0;
    loop {
        let mut tx = member.write().await?;
        let some = all.next(&mut tx, member.app).await?;
        if some.is_empty() {
            return Ok(axum::Json(Affected { messages }));
        }
        let now_ms = host.clock.now_us() / 1000;
        for id in some {
            if let Some(row) = queries::find(&mut tx, member.app, id).await?
                && queries::revive(&mut tx, member.app, &row, (now_ms, None)).await?
            {
                messages += 1;
            }
        }
        host.spaces.commit_sent(tx, None).await?;
    }
}

/// Deletes one.
#[utoipa::path(delete, path = "/apps/{app}/dead-letters/{id}", tag = "dead letters", params(AppPath, LetterPath),
    responses((status = 204)))]
async fn remove(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(LetterPath { id }): Path<LetterPath>,
) -> Result<StatusCode> {
    let mut tx = member.write().await?;
    let row = find(&mut tx, member.app, id).await?;
    queries::delete(&mut tx, member.app, &row).await?;
    host.spaces.commit_sent(tx, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes all of a queue, a schedule, a subscription or a change.
#[utoipa::path(delete, path = "/apps/{app}/dead-letters", tag = "dead letters", params(AppPath, OfQuery),
    responses((status = 200, body = Affected)))]
async fn purge(
    member: Member<Deployer>,
    State(host): State<Host>,
    Query(query): Query<OfQuery>,
) -> Result<axum::Json<Affected>> {
    purged(&host, member.app, query.which(true)?).await
}

async fn find(tx: &mut Tx, app: AppId, id: i64) -> Result<Row> {
    let row = queries::find(tx, app, id).await?.filter(|row| row.dead);
    row.ok_or_else(|| Error::not_found(format_args!("dead letter {id}")))
}
