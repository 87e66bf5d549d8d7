//! `/apps/{app}/secrets` and `/secrets/key`: what only scripts are told, and what it is sealed with.

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{KeyChanged, NewSecret, Page, SECRET_BYTES_MAX, Secret as Told, Time, VariableName};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Operator, Viewer};
use super::extract::{Json, Path, Query};
use super::page::{self, PageQuery};
use super::paths::{AppPath, VariablePath};
use crate::error::{Error, Result};
use crate::ids::SecretId;
use crate::orchestrator::Host;
use crate::problem::{Code, Problem};
use crate::secrets::queries::{self, SealedRow};
use crate::secrets::{Label, NoNewKey, SECRETS_MAX, Secret, VALUES_KEPT};

/// Values that are sealed anew in one transaction.
const SEALED_AT_ONCE: i64 = 100;

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(set, remove))
            .routes(routes!(change_key))
    },
    statements: &[],
};

/// The names of an app's secrets, and when they were set. Their values are told to its scripts only.
#[utoipa::path(get, path = "/apps/{app}/secrets", tag = "secrets", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Told>)))]
async fn list(mut member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Told>>> {
    let after: Option<VariableName> = query.after()?;
    let after = after.as_ref().map_or("", VariableName::as_str);
    let secrets = queries::secrets(&mut member.read().await?, member.app, after, query.rows()?).await?;
    Ok(axum::Json(page::of(secrets, &query, |secret| secret.name.clone())?))
}

/// Sets a secret, in place of what it was; runs that begin from now on are told it.
#[utoipa::path(put, path = "/apps/{app}/secrets/{name}", tag = "secrets", params(AppPath, VariablePath),
    request_body = NewSecret, responses((status = 204)))]
async fn set(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(VariablePath { name }): Path<VariablePath>,
    Json(new): Json<NewSecret>,
) -> Result<StatusCode> {
    let (name, value) = (name.as_str(), Secret::new(new.value));
    match value.reveal().len() {
        1..=SECRET_BYTES_MAX => {}
        bytes => {
            let why = format_args!("a secret has 1 to {SECRET_BYTES_MAX} bytes, this has {bytes}");
            return Err(Error::invalid("value", why));
        }
    }
    let mut tx = member.write().await?;
    if queries::count_other_secrets(&mut tx, member.app, name).await? >= SECRETS_MAX {
        return Err(Error::too_many("secrets", SECRETS_MAX));
    }
    let (app, now) = (member.app, Time(host.clock.now_us()));
    let id = SecretId::new(now.0);
    let (key_id, sealed) = host.keys.seal(&Label { app, id, name }, &value)?;
    let row = SealedRow {
        id,
        app_id: app,
        name: name.to_owned(),
        key_id,
        sealed,
    };
    queries::set_secret(&mut tx, &row, VALUES_KEPT, now).await?;
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a secret, with what it was before. Runs that were told it cannot be run again then.
#[utoipa::path(delete, path = "/apps/{app}/secrets/{name}", tag = "secrets", params(AppPath, VariablePath),
    responses((status = 204)))]
async fn remove(member: Member<Deployer>, Path(VariablePath { name }): Path<VariablePath>) -> Result<StatusCode> {
    let mut tx = member.write().await?;
    if !queries::delete_secret(&mut tx, member.app, name.as_str()).await? {
        return Err(Error::not_found(format_args!("secret {:?}", name.as_str())));
    }
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Seals all secrets of the installation with a new key: one that was added to the file of keys, else one that is made and
/// added now. Scripts are told their secrets meanwhile. Broken off, it is gone on with by doing it again.
#[utoipa::path(post, path = "/secrets/key", tag = "secrets", responses((status = 200, body = KeyChanged)))]
async fn change_key(operator: Operator, State(host): State<Host>) -> Result<axum::Json<KeyChanged>> {
    if let Err(error) = host.keys.renew() {
        let Some(none) = error.downcast_ref::<NoNewKey>() else {
            return Err(error.into());
        };
        return Err(Problem::new(Code::NoNewKey, none.to_string()).into());
    }
    let mut count = 0;
    loop {
        let newest = host.keys.newest();
        let mut tx = operator.write(&host).await?;
        let rows = queries::sealed_otherwise(&mut tx, &newest, SEALED_AT_ONCE).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            seal_anew(&mut tx, &host, row).await?;
        }
        count += rows.len() as u64;
        host.changes.commit(tx, None).await?;
    }
    Ok(axum::Json(KeyChanged {
        key: host.keys.newest(),
        sealed: count,
        unused: host.keys.older(),
    }))
}

async fn seal_anew(tx: &mut crate::store::Tx, host: &Host, row: &SealedRow) -> Result<()> {
    let label = Label {
        app: row.app_id,
        id: row.id,
        name: &row.name,
    };
    let value = host.keys.open_sealed(&label, &row.key_id, &row.sealed);
    let value = value.map_err(|why| anyhow::anyhow!("the secret {} of {}: {why}", row.name, row.app_id))?;
    let (key_id, sealed) = host.keys.seal(&label, &value)?;
    Ok(queries::seal_anew(tx, row, &key_id, sealed).await?)
}
