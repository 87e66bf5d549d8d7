//! An app's scripts: rows.

pub(crate) mod queries;

use picloud_sdk::api::ScriptName;

use crate::error::{Error, Result};
use crate::ids::AppId;
use crate::store::Tx;

/// Scripts of one app.
pub const SCRIPTS_MAX: usize = 1_000;

/// The script of this name, or a 404.
pub(crate) async fn find(tx: &mut Tx, app: AppId, name: &ScriptName) -> Result<queries::Row> {
    let row = queries::find(tx, app, name.as_str()).await?;
    row.ok_or_else(|| Error::not_found(format_args!("script {:?}", name.as_str())))
}
