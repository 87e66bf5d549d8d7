//! `/apps/{app}/tokens` and `/tokens`: who may manage one app, and who the installation.

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{NewOperatorToken, NewToken, NewTokenMade, Page, Role, Time, Token};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Member, Operator, Owner};
use super::extract::{Json, Path, Query};
use super::page::{self, PageQuery};
use super::paths::AppPath;
use crate::error::{Error, Result};
use crate::identity::secret::Secret;
use crate::identity::{insert, prepare, queries, revoke as take_back};
use crate::ids::{AppId, TokenId};
use crate::orchestrator::Host;
use crate::store::Tx;

pub(super) const NOUN: Noun = Noun {
    router: || {
        OpenApiRouter::new()
            .routes(routes!(list, create))
            .routes(routes!(revoke))
            .routes(routes!(list_operators, create_operator))
            .routes(routes!(revoke_operator))
    },
    statements: queries::ALL,
};

/// A token of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TokenPath {
    /// The token's id.
    #[param(value_type = String, pattern = "^tok_[0-9a-f]{32}$")]
    id: TokenId,
}

/// An app's tokens, newest first, without their secrets.
#[utoipa::path(get, path = "/apps/{app}/tokens", tag = "tokens", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Token>)))]
async fn list(mut member: Member<Owner>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Token>>> {
    listed(&mut member.read().await?, Some(member.app), &query).await
}

/// Makes a token for an app. Its secret is in the answer and nowhere else.
#[utoipa::path(post, path = "/apps/{app}/tokens", tag = "tokens", params(AppPath), request_body = NewToken,
    responses((status = 201, body = NewTokenMade)))]
async fn create(
    member: Member<Owner>,
    State(host): State<Host>,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, axum::Json<NewTokenMade>)> {
    if new.role == Role::Operator {
        return Err(Error::invalid(
            "role",
            "viewer, deployer or owner; operators have /tokens",
        ));
    }
    let now_us = host.clock.now_us();
    let (row, secret) = prepare(now_us, Some(member.app), &new.name, new.role, new.expires_at)?;
    let mut tx = member.write().await?;
    insert(&mut tx, &row).await?;
    member.publish(tx).await?;
    Ok(made(row, &secret))
}

/// Revokes an app's token: the next request with it is refused.
#[utoipa::path(delete, path = "/apps/{app}/tokens/{id}", tag = "tokens", params(AppPath, TokenPath),
    responses((status = 204)))]
async fn revoke(member: Member<Owner>, Path(path): Path<TokenPath>) -> Result<StatusCode> {
    let mut tx = member.write().await?;
    take_back(&mut tx, Some(member.app), path.id).await?;
    member.publish(tx).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The operators' tokens, newest first, without their secrets.
#[utoipa::path(get, path = "/tokens", tag = "tokens", params(PageQuery), responses((status = 200, body = Page<Token>)))]
async fn list_operators(
    _: Operator,
    State(host): State<Host>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<Token>>> {
    listed(&mut host.db.read().await?, None, &query).await
}

/// Makes a token for an operator: good for everything, in every app.
#[utoipa::path(post, path = "/tokens", tag = "tokens", request_body = NewOperatorToken,
    responses((status = 201, body = NewTokenMade)))]
async fn create_operator(
    operator: Operator,
    State(host): State<Host>,
    Json(new): Json<NewOperatorToken>,
) -> Result<(StatusCode, axum::Json<NewTokenMade>)> {
    let (row, secret) = prepare(host.clock.now_us(), None, &new.name, Role::Operator, new.expires_at)?;
    let mut tx = operator.write(&host).await?;
    insert(&mut tx, &row).await?;
    host.changes.commit(tx, None).await?;
    Ok(made(row, &secret))
}

/// Revokes an operator's token. Whoever revokes the last one starts the server anew to get another.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", params(TokenPath), responses((status = 204)))]
async fn revoke_operator(
    operator: Operator,
    State(host): State<Host>,
    Path(path): Path<TokenPath>,
) -> Result<StatusCode> {
    let mut tx = operator.write(&host).await?;
    take_back(&mut tx, None, path.id).await?;
    host.changes.commit(tx, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn listed(tx: &mut Tx, app: Option<AppId>, query: &PageQuery) -> Result<axum::Json<Page<Token>>> {
    let rows = queries::list(tx, app, query.after()?.unwrap_or(TokenId::LAST), query.rows()?).await?;
    let tokens = rows.into_iter().map(Token::from).collect();
    Ok(axum::Json(page::of(tokens, query, |token: &Token| token.id.clone())?))
}

fn made(row: queries::Row, secret: &Secret) -> (StatusCode, axum::Json<NewTokenMade>) {
    let made = NewTokenMade {
        token: row.into(),
        secret: secret.reveal().to_owned(),
    };
    (StatusCode::CREATED, axum::Json(made))
}

impl From<queries::Row> for Token {
    fn from(row: queries::Row) -> Self {
        let queries::Row {
            id,
            handle,
            name,
            role,
            created_at,
            expires_at,
            ..
        } = row;
        Self {
            id: id.to_string(),
            handle,
            name,
            role,
            created_at,
            expires_at: expires_at.map(Time),
        }
    }
}
