//! The statements that load programs, and keep what was compiled anew.

use sqlx::FromRow;

use crate::ids::{AppId, VersionId};
use crate::linking::LinkedModule;
use crate::store::Db;
use crate::{run, statements};

statements! {
    VERSION = "select s.name as script, v.source, v.artifact, v.guest_hash
            from versions v join scripts s on s.id = v.script_id where v.id = $1 and v.app_id = $2";
    LINKS = "select l.name, v.id as version from links l join versions v on v.id = l.module_version_id
            where l.version_id = $1 and v.app_id = $2 order by l.name";
    KEEP_ARTIFACT = "update versions set artifact = $3, guest_hash = $4 where app_id = $1 and id = $2";
}

/// A version as it was saved.
#[derive(FromRow)]
pub(super) struct Version {
    pub(super) script: String,
    pub(super) source: String,
    pub(super) artifact: Vec<u8>,
    pub(super) guest_hash: String,
}

pub(super) async fn find_version(db: &Db, app: AppId, version: VersionId) -> sqlx::Result<Option<Version>> {
    let mut tx = db.read().await?;
    run!(&mut tx, VERSION, |sql, conn| sqlx::query_as(sql)
        .bind(version)
        .bind(app)
        .fetch_optional(conn)
        .await)
}

/// The modules that a version was linked with.
pub(super) async fn links(db: &Db, app: AppId, version: VersionId) -> sqlx::Result<Vec<LinkedModule>> {
    let mut tx = db.read().await?;
    run!(&mut tx, LINKS, |sql, conn| sqlx::query_as(sql)
        .bind(version)
        .bind(app)
        .fetch_all(conn)
        .await)
}

pub(super) async fn keep_artifact(
    db: &Db,
    app: AppId,
    version: VersionId,
    artifact: &[u8],
    guest_hash: &str,
) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    run!(&mut tx, KEEP_ARTIFACT, |sql, conn| {
        sqlx::query(sql)
            .bind(app)
            .bind(version)
            .bind(artifact)
            .bind(guest_hash)
            .execute(conn)
            .await
            .map(|_| ())
    })?;
    tx.commit().await
}
