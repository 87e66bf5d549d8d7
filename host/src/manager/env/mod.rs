//! `/apps/{app}/env`: plain settings that scripts read.

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{NewSetting, Page, SECRET_BYTES_MAX, Setting, Time, VariableName};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Viewer};
use super::extract::{Json, Path, Query};
use super::page::{self, PageQuery};
use super::paths::{AppPath, VariablePath};
use crate::error::{Error, Result};
use crate::orchestrator::Host;
use crate::secrets::{SETTINGS_MAX, queries};

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(read, set, remove))
    },
    statements: &[],
};

/// An app's settings, by name.
#[utoipa::path(get, path = "/apps/{app}/env", tag = "env", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Setting>)))]
async fn list(mut member: Member<Viewer>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Setting>>> {
    let after: Option<VariableName> = query.after()?;
    let after = after.as_ref().map_or("", VariableName::as_str);
    let settings = queries::settings(&mut member.read().await?, member.app, after, query.rows()?).await?;
    Ok(axum::Json(page::of(settings, &query, |setting| setting.name.clone())?))
}

/// One setting.
#[utoipa::path(get, path = "/apps/{app}/env/{name}", tag = "env", params(AppPath, VariablePath),
    responses((status = 200, body = Setting)))]
async fn read(
    mut member: Member<Viewer>,
    Path(VariablePath { name }): Path<VariablePath>,
) -> Result<axum::Json<Setting>> {
    let setting = queries::setting(&mut member.read().await?, member.app, name.as_str()).await?;
    setting.map(axum::Json).ok_or_else(|| no_such_setting(&name))
}

/// Sets a setting, in place of what it was; runs that begin from now on read it.
#[utoipa::path(put, path = "/apps/{app}/env/{name}", tag = "env", params(AppPath, VariablePath),
    request_body = NewSetting, responses((status = 204)))]
async fn set(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(VariablePath { name }): Path<VariablePath>,
    Json(new): Json<NewSetting>,
) -> Result<StatusCode> {
    let bytes = new.value.len();
    if bytes > SECRET_BYTES_MAX {
        let why = format_args!("a setting has at most {SECRET_BYTES_MAX} bytes, this has {bytes}");
        return Err(Error::invalid("value", why));
    }
    if new.value.contains('\0') {
        return Err(Error::invalid("value", "a setting has no NUL in it"));
    }
    let mut tx = member.write().await?;
    if queries::count_other_settings(&mut tx, member.app, name.as_str()).await? >= SETTINGS_MAX {
        return Err(Error::too_many("settings", SETTINGS_MAX));
    }
    let now = Time(host.clock.now_us());
    queries::set_setting(&mut tx, member.app, name.as_str(), &new.value, now).await?;
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a setting.
#[utoipa::path(delete, path = "/apps/{app}/env/{name}", tag = "env", params(AppPath, VariablePath),
    responses((status = 204)))]
async fn remove(member: Member<Deployer>, Path(VariablePath { name }): Path<VariablePath>) -> Result<StatusCode> {
    let mut tx = member.write().await?;
    if !queries::delete_setting(&mut tx, member.app, name.as_str()).await? {
        return Err(no_such_setting(&name));
    }
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn no_such_setting(name: &VariableName) -> Error {
    Error::not_found(format_args!("setting {:?}", name.as_str()))
}
