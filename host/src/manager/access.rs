//! Who is calling, and what they may do. The argument is the access check: a handler that forgets it has no app to
//! reach anything of.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};

use super::apps;
use super::error::{Error, Result};
use super::tokens::{self, secret};
use crate::host::Host;
use crate::ids::{AppId, TokenId};
use crate::problem::{Code, Problem};
use crate::store::Tx;

/// What a token may do in its app; each role may all that the smaller ones may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Role {
    /// Reads everything but secrets.
    Viewer,
    /// Also saves and runs scripts, and sets routes.
    Deployer,
    /// Also changes and deletes the app, and gives out its tokens.
    Owner,
    /// Everything, in every app of the installation.
    Operator,
}

impl Role {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Deployer => "deployer",
            Self::Owner => "owner",
            Self::Operator => "operator",
        }
    }

    fn at_least(self, least: Self) -> Result<()> {
        if self >= least {
            return Ok(());
        }
        let message = format!(
            "this takes the role {}, the token has {}",
            least.as_str(),
            self.as_str()
        );
        Err(Problem::new(Code::Forbidden, message).into())
    }
}

/// Somebody with a valid token.
pub struct Caller {
    /// The token.
    pub token: TokenId,
    /// The one app it is for; none for an operator's.
    pub app: Option<AppId>,
    /// What it may do.
    pub role: Role,
}

impl Caller {
    /// Refuses a smaller role.
    pub(super) fn must_be(&self, least: Role) -> Result<()> {
        self.role.at_least(least)
    }
}

impl FromRequestParts<Host> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, host: &Host) -> Result<Self> {
        let mut headers = parts.headers.get_all(AUTHORIZATION).into_iter();
        let (Some(header), None) = (headers.next(), headers.next()) else {
            return Err(Error::unauthenticated("send one header Authorization: Bearer pic_…"));
        };
        let secret = header
            .to_str()
            .ok()
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .and_then(|(_, secret)| secret::parse(secret.trim()))
            .ok_or_else(|| Error::unauthenticated("the header Authorization is not of the form Bearer pic_…"))?;

        let mut tx = host.db.read().await?;
        let known = tokens::queries::find_by_handle(&mut tx, secret.handle()).await?;
        match known.filter(|token| secret.is_hashed_to(&token.hash)) {
            None => Err(Error::unauthenticated("the token is unknown or was revoked")),
            Some(token) if token.expires_at.is_some_and(|at| at <= host.clock.now_us()) => {
                Err(Error::unauthenticated("the token has expired"))
            }
            Some(token) => Ok(Self {
                token: token.id,
                app: token.app_id,
                role: token.role,
            }),
        }
    }
}

/// An operator: may everything, and alone may what concerns the installation.
pub struct Operator(pub Caller);

impl FromRequestParts<Host> for Operator {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, host: &Host) -> Result<Self> {
        let caller = Caller::from_request_parts(parts, host).await?;
        caller.must_be(Role::Operator)?;
        Ok(Self(caller))
    }
}

/// The smallest role that passes a [`Member`].
pub trait Least {
    /// It.
    const ROLE: Role;
}

macro_rules! least {
    ($($name:ident)*) => {$(
        #[doc = concat!("At least ", stringify!($name), ".")]
        pub struct $name;
        impl Least for $name {
            const ROLE: Role = Role::$name;
        }
    )*};
}
least! { Viewer Deployer Owner }

/// Somebody who may act in the app that the path names, with at least the role `R`.
///
/// For a token of another app everything of this one is "not there", just as for an app that does not exist.
pub struct Member<R> {
    /// The app of the path.
    pub app: AppId,
    /// Its name.
    pub app_name: String,
    /// Who it is.
    pub caller: Caller,
    host: Host,
    least: PhantomData<R>,
}

impl<R> Member<R> {
    /// A transaction that reads.
    pub(super) async fn read(&self) -> Result<Tx> {
        Ok(self.host.db.read().await?)
    }

    /// A transaction that reads what ran, up to now: records on their way to the database are waited for.
    pub(super) async fn read_history(&self) -> Result<Tx> {
        self.host.committer.settled().await;
        self.read().await
    }

    /// A transaction that writes. No other one changes the app while it is open.
    pub(super) async fn write(&self) -> Result<Tx> {
        let mut tx = self.host.db.write().await?;
        if !apps::queries::lock(&mut tx, self.app).await? {
            return Err(no_such_app(&self.app_name));
        }
        Ok(tx)
    }

    /// Commits, and lets the data plane see it: when this returns, the change answers.
    pub(super) async fn publish(&self, tx: Tx) -> Result<()> {
        tx.commit().await?;
        crate::orchestrator::invalidate(&self.host, self.app).await;
        Ok(())
    }
}

impl<R: Least + Send> FromRequestParts<Host> for Member<R> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, host: &Host) -> Result<Self> {
        let caller = Caller::from_request_parts(parts, host).await?;
        let params = RawPathParams::from_request_parts(parts, host)
            .await
            .map_err(|why| Problem::new(Code::BadRequest, why.body_text()))?;
        let Some((_, named)) = params.iter().find(|(key, _)| *key == "app") else {
            return Err(anyhow::anyhow!("{} has no {{app}} in its path", parts.uri.path()).into());
        };

        let mut tx = host.db.read().await?;
        let app = apps::find_named(&mut tx, named).await?;
        match app {
            Some(app) if caller.app.is_none_or(|own| own == app.id) => {
                caller.must_be(R::ROLE)?;
                Ok(Self {
                    app: app.id,
                    app_name: app.name,
                    caller,
                    host: host.clone(),
                    least: PhantomData,
                })
            }
            _ => Err(no_such_app(named)),
        }
    }
}

fn no_such_app(named: &str) -> Error {
    Error::not_found(format_args!("app {named:?}"))
}
