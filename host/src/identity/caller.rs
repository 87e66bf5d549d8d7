//! Who somebody with a token is.

use picloud_sdk::api::Role;

use super::queries;
use super::secret::Secret;
use crate::error::{Error, Result};
use crate::ids::{AppId, TokenId};
use crate::store::Tx;

/// Somebody with a valid token.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The token.
    pub token: TokenId,
    /// The one app it is for; none for an operator's.
    pub app: Option<AppId>,
    /// What it may do.
    pub role: Role,
    /// From when on it is refused.
    expires_at: Option<i64>,
}

impl Caller {
    /// Who holds this secret at `now_us`.
    pub(crate) async fn of(tx: &mut Tx, secret: &Secret, now_us: i64) -> Result<Self> {
        let known = queries::find_by_handle(tx, secret.handle()).await?;
        let Some(token) = known.filter(|token| secret.is_hashed_to(&token.hash)) else {
            return Err(unknown());
        };
        let caller = Self {
            token: token.id,
            app: token.app_id,
            role: token.role,
            expires_at: token.expires_at,
        };
        caller.not_expired(now_us)?;
        Ok(caller)
    }

    /// Refuses a token that was revoked, or expired, since it was shown: to be asked in the transaction that acts.
    pub(crate) async fn still_valid(&self, tx: &mut Tx, now_us: i64) -> Result<()> {
        self.not_expired(now_us)?;
        if queries::exists(tx, self.token).await? {
            return Ok(());
        }
        Err(unknown())
    }

    fn not_expired(&self, now_us: i64) -> Result<()> {
        if self.expires_at.is_some_and(|at| at <= now_us) {
            return Err(Error::unauthenticated("the token has expired"));
        }
        Ok(())
    }
}

fn unknown() -> Error {
    Error::unauthenticated("the token is unknown or was revoked")
}
