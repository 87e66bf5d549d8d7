//! A script's saved states: rows.

pub(crate) mod queries;

use crate::error::{Error, Result};
use crate::ids::{AppId, ScriptId, VersionId};
use crate::store::Tx;

/// Versions of one script that are kept; older ones are deleted when another is saved.
pub const VERSIONS_KEPT: u32 = 200;

/// A version to be saved.
pub(crate) struct NewVersion<'a> {
    pub(crate) id: VersionId,
    pub(crate) script: ScriptId,
    pub(crate) number: i64,
    pub(crate) source: &'a str,
    /// Encoded.
    pub(crate) artifact: Vec<u8>,
    pub(crate) guest_hash: &'static str,
    pub(crate) by: &'a str,
}

/// A version's source.
pub(crate) async fn source(tx: &mut Tx, app: AppId, script: ScriptId, number: i64) -> Result<String> {
    queries::source(tx, app, script, number)
        .await?
        .ok_or_else(|| no_such_version(number))
}

pub(crate) fn no_such_version(number: i64) -> Error {
    Error::not_found(format_args!("version {number} of this script"))
}

/// The version of that number of the script of that name.
///
/// # Errors
/// When there is none.
pub(crate) async fn find(tx: &mut Tx, app: AppId, script: &str, number: u32) -> Result<VersionId> {
    let id = queries::id(tx, app, script, number.into()).await?;
    id.ok_or_else(|| no_such_version(number.into()))
}
