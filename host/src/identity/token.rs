//! Making tokens.

use picloud_sdk::api::{Role, Time};

use super::queries::{self, Row};
use super::secret::{self, Secret};
use crate::error::{Error, Result};
use crate::ids::{AppId, TokenId};
use crate::store::Tx;

/// Tokens of one app, or of the operators.
pub const TOKENS_MAX: usize = 100;
/// Characters of a token's name.
pub const TOKEN_NAME_CHARS_MAX: usize = 100;

/// A token that is to be stored, and its secret, which never is.
pub(crate) fn prepare(
    now_us: i64,
    app_id: Option<AppId>,
    name: &str,
    role: Role,
    expires_at: Option<Time>,
) -> Result<(Row, Secret)> {
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
    let row = Row {
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

/// Stores it, unless there are too many.
pub(crate) async fn insert(tx: &mut Tx, row: &Row) -> Result<()> {
    if queries::count(tx, row.app_id).await? >= TOKENS_MAX {
        return Err(Error::too_many("tokens", TOKENS_MAX));
    }
    Ok(queries::insert(tx, row).await?)
}

/// Takes it back: the next request with it is refused.
pub(crate) async fn revoke(tx: &mut Tx, app: Option<AppId>, id: TokenId) -> Result<()> {
    if !queries::delete(tx, app, id).await? {
        return Err(Error::not_found(format_args!("token {id}")));
    }
    Ok(())
}
