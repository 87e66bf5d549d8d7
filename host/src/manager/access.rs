//! Who is calling, and what they may do. The argument is the access check: a handler that forgets it has no app to
//! reach anything of.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use picloud_sdk::api::Role;

use crate::error::{Error, Result};
use crate::identity::secret::{self, Secret};
use crate::identity::{Caller, apps, at_least};
use crate::ids::AppId;
use crate::orchestrator::Host;
use crate::problem::{Code, Problem};
use crate::store::Tx;
use crate::world::Keeping;

/// The token that a request shows.
fn shown(parts: &Parts) -> Result<Secret> {
    let mut headers = parts.headers.get_all(AUTHORIZATION).into_iter();
    let (Some(header), None) = (headers.next(), headers.next()) else {
        return Err(Error::unauthenticated("send one header Authorization: Bearer pic_…"));
    };
    header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, secret)| secret::parse(secret.trim()))
        .ok_or_else(|| Error::unauthenticated("the header Authorization is not of the form Bearer pic_…"))
}

impl FromRequestParts<Host> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, host: &Host) -> Result<Self> {
        let secret = shown(parts)?;
        Self::of(&mut host.db.read().await?, &secret, host.clock.now_us()).await
    }
}

/// An operator: may everything, and alone may what concerns the installation.
pub struct Operator(pub Caller);

impl FromRequestParts<Host> for Operator {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, host: &Host) -> Result<Self> {
        let caller = Caller::from_request_parts(parts, host).await?;
        at_least(caller.role, Role::Operator)?;
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

impl Operator {
    /// A transaction that writes, of an operator who is still one.
    pub(super) async fn write(&self, host: &Host) -> Result<Tx> {
        let mut tx = host.db.write().await?;
        self.0.still_valid(&mut tx, host.clock.now_us()).await?;
        Ok(tx)
    }
}

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
    /// The transaction in which they were let in, for whoever only reads.
    let_in: Option<Tx>,
    least: PhantomData<R>,
}

impl<R> Member<R> {
    /// A transaction that reads: that in which they were let in, if they came to read.
    pub(super) async fn read(&mut self) -> Result<Tx> {
        match self.let_in.take() {
            Some(tx) => Ok(tx),
            None => Ok(self.host.db.read().await?),
        }
    }

    /// A transaction that reads what ran, up to now: records on their way to the database are waited for.
    pub(super) async fn read_history(&mut self) -> Result<Tx> {
        // What it sees was settled before.
        self.let_in = None;
        self.host.committer.settled().await;
        self.read().await
    }

    /// What the app keeps, for somebody who still may: a body may have taken its time to come.
    pub(super) async fn keeping(&mut self) -> Result<Keeping> {
        // What is kept is reached by connections of its own: this one is given back first.
        if self.let_in.take().is_none() {
            let mut tx = self.host.db.read().await?;
            self.caller.still_valid(&mut tx, self.host.clock.now_us()).await?;
        }
        Ok(self.host.keeping(self.app))
    }

    /// A transaction that writes, of somebody who still may. No other one changes the app while it is open.
    pub(super) async fn write(&self) -> Result<Tx> {
        let mut tx = self.host.db.write().await?;
        if !apps::queries::lock(&mut tx, self.app).await? {
            return Err(apps::no_such_app(&self.app_name));
        }
        self.caller.still_valid(&mut tx, self.host.clock.now_us()).await?;
        Ok(tx)
    }

    /// Commits, and lets the data plane see it, whoever leaves: when this returns, the change answers.
    pub(super) async fn publish(&self, tx: Tx) -> Result<()> {
        Ok(self.host.changes.commit(tx, Some(self.app)).await?)
    }
}

impl<R: Least + Send> FromRequestParts<Host> for Member<R> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, host: &Host) -> Result<Self> {
        let secret = shown(parts)?;
        let mut tx = host.db.read().await?;
        let caller = Caller::of(&mut tx, &secret, host.clock.now_us()).await?;
        let params = RawPathParams::from_request_parts(parts, host)
            .await
            .map_err(|why| Problem::new(Code::BadRequest, why.body_text()))?;
        let Some((_, named)) = params.iter().find(|(key, _)| *key == "app") else {
            return Err(anyhow::anyhow!("{} has no {{app}} in its path", parts.uri.path()).into());
        };
        let app = apps::find_visible(&mut tx, named, caller.app).await?;
        at_least(caller.role, R::ROLE)?;
        Ok(Self {
            app: app.id,
            app_name: app.name,
            caller,
            host: host.clone(),
            // A body may take its time to come, and nobody's connection waits for it.
            let_in: (parts.method == Method::GET).then_some(tx),
            least: PhantomData,
        })
    }
}
