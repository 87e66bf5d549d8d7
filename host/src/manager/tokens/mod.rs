//! `/apps/{app}/tokens` and `/tokens`: who may manage one app, and who the installation.
//!
//! A secret is answered once, when it is made; only its hash is kept. A revoked or expired token is refused from the
//! next request on, since every request looks its token up.

mod operator;
pub(super) mod queries;
pub(super) mod secret;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{Member, Operator, Owner, Role};
use super::apps::AppPath;
use super::error::{Error, Result};
use super::extract::{Json, Path, Query};
use super::page::{Page, PageQuery};
use super::time::Time;
use crate::host::Host;
use crate::ids::{AppId, TokenId};
use crate::store::Tx;
pub use operator::{OPERATOR_FILE, OperatorToken, ensure_operator};

/// Tokens of one app, or of the operators.
pub const TOKENS_MAX: usize = 100;
/// Characters of a token's name.
pub const TOKEN_NAME_CHARS_MAX: usize = 100;

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
        .routes(routes!(list_operators, create_operator))
        .routes(routes!(revoke_operator))
}

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    /// Its id.
    id: TokenId,
    /// The characters after `pic_` by which its holder can tell it.
    handle: String,
    /// What it is for, in its maker's words.
    name: String,
    /// What it may do.
    role: Role,
    /// When it was made.
    created_at: Time,
    /// From when on it is refused; `null` for never.
    expires_at: Option<Time>,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub struct NewTokenMade {
    #[serde(flatten)]
    token: Token,
    /// `pic_…`: send it as `Authorization: Bearer`. It is shown only here.
    secret: String,
}

/// A token to be made for an app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for; 1 to 100 characters.
    name: String,
    /// `viewer`, `deployer` or `owner`.
    role: Role,
    /// From when on it is refused; never when left out.
    expires_at: Option<Time>,
}

/// A token to be made for an operator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOperatorToken {
    /// What it is for; 1 to 100 characters.
    name: String,
    /// From when on it is refused; never when left out.
    expires_at: Option<Time>,
}

/// A token of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TokenPath {
    /// The token's id.
    id: TokenId,
}

/// An app's tokens, newest first, without their secrets.
#[utoipa::path(get, path = "/apps/{app}/tokens", tag = "tokens", params(AppPath, PageQuery),
    responses((status = 200, body = Page<Token>)))]
async fn list(member: Member<Owner>, Query(query): Query<PageQuery>) -> Result<axum::Json<Page<Token>>> {
    page(&mut member.read().await?, Some(member.app), &query).await
}

/// Makes a token for an app. Its secret is in the answer and nowhere else.
#[utoipa::path(post, path = "/apps/{app}/tokens", tag = "tokens", params(AppPath), request_body = NewToken,
    responses((status = 201, body = NewTokenMade)))]
async fn create(
    member: Member<Owner>,
    axum::extract::State(host): axum::extract::State<Host>,
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
    tx.commit().await?;
    Ok((
        StatusCode::CREATED,
        axum::Json(NewTokenMade {
            token: row.into(),
            secret: secret.reveal().to_owned(),
        }),
    ))
}

/// Revokes an app's token: the next request with it is refused.
#[utoipa::path(delete, path = "/apps/{app}/tokens/{id}", tag = "tokens", params(AppPath, TokenPath),
    responses((status = 204)))]
async fn revoke(member: Member<Owner>, Path(path): Path<TokenPath>) -> Result<StatusCode> {
    remove(member.write().await?, Some(member.app), path.id).await
}

/// The operators' tokens, newest first, without their secrets.
#[utoipa::path(get, path = "/tokens", tag = "tokens", params(PageQuery), responses((status = 200, body = Page<Token>)))]
async fn list_operators(
    _: Operator,
    axum::extract::State(host): axum::extract::State<Host>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<Token>>> {
    page(&mut host.db.read().await?, None, &query).await
}

/// Makes a token for an operator: good for everything, in every app.
#[utoipa::path(post, path = "/tokens", tag = "tokens", request_body = NewOperatorToken,
    responses((status = 201, body = NewTokenMade)))]
async fn create_operator(
    _: Operator,
    axum::extract::State(host): axum::extract::State<Host>,
    Json(new): Json<NewOperatorToken>,
) -> Result<(StatusCode, axum::Json<NewTokenMade>)> {
    let (row, secret) = prepare(host.clock.now_us(), None, &new.name, Role::Operator, new.expires_at)?;
    let mut tx = host.db.write().await?;
    insert(&mut tx, &row).await?;
    tx.commit().await?;
    Ok((
        StatusCode::CREATED,
        axum::Json(NewTokenMade {
            token: row.into(),
            secret: secret.reveal().to_owned(),
        }),
    ))
}

/// Revokes an operator's token. Whoever revokes the last one starts the server anew to get another.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", params(TokenPath), responses((status = 204)))]
async fn revoke_operator(
    _: Operator,
    axum::extract::State(host): axum::extract::State<Host>,
    Path(path): Path<TokenPath>,
) -> Result<StatusCode> {
    remove(host.db.write().await?, None, path.id).await
}

async fn page(tx: &mut Tx, app: Option<AppId>, query: &PageQuery) -> Result<axum::Json<Page<Token>>> {
    let rows = queries::list(tx, app, query.after()?.unwrap_or(TokenId::LAST), query.rows()?).await?;
    let tokens = rows.into_iter().map(Token::from).collect();
    Ok(axum::Json(Page::of(tokens, query, |token| token.id.to_string())?))
}

fn prepare(
    now_us: i64,
    app_id: Option<AppId>,
    name: &str,
    role: Role,
    expires_at: Option<Time>,
) -> Result<(queries::Row, secret::Secret)> {
    let characters = name.chars().count();
    if name.trim().is_empty() || characters > TOKEN_NAME_CHARS_MAX || name.chars().any(char::is_control) {
        let problem = format!(
            "1 to {TOKEN_NAME_CHARS_MAX} characters are allowed and no control characters; these are {characters}"
        );
        return Err(Error::invalid("name", problem));
    }
    if expires_at.is_some_and(|at| at.0 <= now_us) {
        return Err(Error::invalid("expires_at", "this is in the past"));
    }
    let secret = secret::make();
    let row = queries::Row {
        id: TokenId::new(now_us),
        app_id,
        handle: secret.handle().to_owned(),
        name: name.to_owned(),
        role,
        hash: secret.hash(),
        created_at: Time(now_us),
        expires_at: expires_at.map(|at| at.0),
    };
    Ok((row, secret))
}

async fn insert(tx: &mut Tx, row: &queries::Row) -> Result<()> {
    if queries::count(tx, row.app_id).await? >= TOKENS_MAX {
        return Err(Error::too_many("tokens", TOKENS_MAX));
    }
    Ok(queries::insert(tx, row).await?)
}

async fn remove(mut tx: Tx, app: Option<AppId>, id: TokenId) -> Result<StatusCode> {
    if !queries::delete(&mut tx, app, id).await? {
        return Err(Error::not_found(format_args!("token {id}")));
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
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
            id,
            handle,
            name,
            role,
            created_at,
            expires_at: expires_at.map(Time),
        }
    }
}
