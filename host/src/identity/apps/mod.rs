//! Apps: rows, and which one a name means.

pub(crate) mod queries;

use picloud_sdk::api::AppName;

use crate::error::{Error, Result};
use crate::ids::AppId;
use crate::store::Tx;

/// The app of this id or name.
pub(crate) async fn find_named(tx: &mut Tx, named: &str) -> Result<Option<queries::Row>> {
    Ok(match named.parse() {
        Ok(id) => queries::find(tx, id).await?,
        // What is no name is not looked up: PostgreSQL, for one, has no text with a NUL.
        Err(_) if named.parse::<AppName>().is_ok() => queries::find_by_name(tx, named).await?,
        Err(_) => None,
    })
}

/// The app of this id or name, if whoever has a token for `own` may know of it.
pub(crate) async fn find_visible(tx: &mut Tx, named: &str, own: Option<AppId>) -> Result<queries::Row> {
    let found = find_named(tx, named).await?;
    let visible = found.filter(|app| own.is_none_or(|own| own == app.id));
    visible.ok_or_else(|| no_such_app(named))
}

/// To whoever may not know of an app it is not there.
pub(crate) fn no_such_app(named: &str) -> Error {
    Error::not_found(format_args!("app {named:?}"))
}
