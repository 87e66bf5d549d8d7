//! Every statement that touches `imports` and `links`, and what saving needs to know of all scripts of an app at once.

use picloud_sdk::api::Time;
use serde_json::Value;

use crate::ids::{AppId, ScriptId, VersionId};
use crate::linking::{Import, LinkedModule, Live};
use crate::store::Tx;
use crate::{run, statements};

statements! {
    LIVE = "select s.id, s.name, s.kind, s.live_version as number, s.created_at, v.id as version,
            (select max(number) from versions where script_id = s.id) as last_number
        from scripts s join versions v on v.script_id = s.id and v.number = s.live_version where s.app_id = $1";
    LIVE_IMPORTS = "select s.name as script, i.name, i.line, i.col
        from scripts s join versions v on v.script_id = s.id and v.number = s.live_version
            join imports i on i.version_id = v.id
        where s.app_id = $1 order by s.name, i.place";
    IMPORTS = "select s.name as script, i.name, i.line, i.col
        from imports i join versions v on v.id = i.version_id join scripts s on s.id = v.script_id
        where v.app_id = $1 and v.id = $2 order by i.place";
    LIVE_ARTIFACTS = "select s.name, v.artifact, v.guest_hash
        from scripts s join versions v on v.script_id = s.id and v.number = s.live_version
        where s.app_id = $1 and s.name in (select value from json_each($2))"
        => "select s.name, v.artifact, v.guest_hash
        from scripts s join versions v on v.script_id = s.id and v.number = s.live_version
        where s.app_id = $1 and s.name in (select jsonb_array_elements_text($2::text::jsonb))";
    // What live versions are linked with that is live no more: only what was rolled back is.
    PINNED = "select s.name as script, l.name, m.artifact, m.guest_hash
        from scripts s join versions v on v.script_id = s.id and v.number = s.live_version
            join links l on l.version_id = v.id join versions m on m.id = l.module_version_id
            join scripts ms on ms.id = m.script_id
        where s.app_id = $1 and m.number <> ms.live_version";
    LOST_LINKS = "select l.name from links l join versions v on v.id = l.version_id
        where v.app_id = $1 and v.id = $2 and l.module_version_id is null order by l.name";

    // Arrays of [script, version, number, version before, cause]: the same source and artifact, newly linked. Here and
    // below SQLite would go through all versions of the app for each row; `cross join` and `+` keep it to the ids.
    RELINK = "insert into versions (id, script_id, app_id, number, source, artifact, guest_hash, created_at, created_by,
                relinked_for)
            select unhex(r.value ->> 1), v.script_id, v.app_id, r.value ->> 2, v.source, v.artifact, v.guest_hash, $3, $4,
                r.value ->> 4
            from json_each($2) r cross join versions v on v.id = unhex(r.value ->> 3) and +v.app_id = $1"
        => "insert into versions (id, script_id, app_id, number, source, artifact, guest_hash, created_at, created_by,
                relinked_for)
            select (r ->> 1)::uuid, v.script_id, v.app_id, (r ->> 2)::bigint, v.source, v.artifact, v.guest_hash, $3, $4,
                r ->> 4
            from jsonb_array_elements($2::text::jsonb) r join versions v on v.id = (r ->> 3)::uuid and v.app_id = $1";
    RELINK_SCRIPTS = "update scripts set live_version = r.value ->> 2, updated_at = $3 from json_each($2) r
            where +scripts.app_id = $1 and scripts.id = unhex(r.value ->> 0)"
        => "update scripts set live_version = (r ->> 2)::bigint, updated_at = $3
            from jsonb_array_elements($2::text::jsonb) r where scripts.app_id = $1 and scripts.id = (r ->> 0)::uuid";
    COPY_IMPORTS = "insert into imports (version_id, place, name, module_id, line, col)
            select unhex(r.value ->> 1), i.place, i.name, m.id, i.line, i.col
            from json_each($2) r join imports i on i.version_id = unhex(r.value ->> 3)
                left join scripts m on m.app_id = $1 and m.name = i.name"
        => "insert into imports (version_id, place, name, module_id, line, col)
            select (r ->> 1)::uuid, i.place, i.name, m.id, i.line, i.col
            from jsonb_array_elements($2::text::jsonb) r join imports i on i.version_id = (r ->> 3)::uuid
                left join scripts m on m.app_id = $1 and m.name = i.name";
    // Arrays of [version, place, name, line, column].
    INSERT_IMPORTS = "insert into imports (version_id, place, name, module_id, line, col)
            select unhex(r.value ->> 0), r.value ->> 1, r.value ->> 2, m.id, r.value ->> 3, r.value ->> 4
            from json_each($2) r left join scripts m on m.app_id = $1 and m.name = r.value ->> 2"
        => "insert into imports (version_id, place, name, module_id, line, col)
            select (r ->> 0)::uuid, (r ->> 1)::bigint, r ->> 2, m.id, (r ->> 3)::bigint, (r ->> 4)::bigint
            from jsonb_array_elements($2::text::jsonb) r left join scripts m on m.app_id = $1 and m.name = r ->> 2";
    // Arrays of [version, name, version of the module].
    INSERT_LINKS = "insert into links (version_id, name, module_version_id)
            select v.id, r.value ->> 1, m.id
            from json_each($2) r cross join versions v on v.id = unhex(r.value ->> 0) and +v.app_id = $1
                cross join versions m on m.id = unhex(r.value ->> 2) and +m.app_id = $1"
        => "insert into links (version_id, name, module_version_id)
            select v.id, r ->> 1, m.id
            from jsonb_array_elements($2::text::jsonb) r join versions v on v.id = (r ->> 0)::uuid and v.app_id = $1
                join versions m on m.id = (r ->> 2)::uuid and m.app_id = $1";
    // What others still run with stays, however old.
    FORGET = "delete from versions where app_id = $1
            and script_id in (select unhex(value) from json_each($2))
            and number <= (select max(n.number) from versions n where n.script_id = versions.script_id) - $3
            and number <> (select live_version from scripts where scripts.id = versions.script_id)
            and not exists (select 1 from links where links.module_version_id = versions.id)"
        => "delete from versions where app_id = $1
            and script_id in (select value::uuid from jsonb_array_elements_text($2::text::jsonb) as value)
            and number <= (select max(n.number) from versions n where n.script_id = versions.script_id) - $3
            and number <> (select live_version from scripts where scripts.id = versions.script_id)
            and not exists (select 1 from links where links.module_version_id = versions.id)";
}

/// The artifact of a live version, encoded.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct StoredArtifact {
    pub name: String,
    pub artifact: Vec<u8>,
    pub guest_hash: String,
}

/// The artifact of a module that a live version is linked with, encoded.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Pinned {
    pub script: String,
    pub name: String,
    pub artifact: Vec<u8>,
    pub guest_hash: String,
}

/// A version that is to be made of another one.
pub(crate) struct Relinked {
    pub script: ScriptId,
    pub version: VersionId,
    pub number: i64,
    pub before: VersionId,
    pub because_of: String,
}

pub(crate) async fn live(tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<Live>> {
    run!(tx, LIVE, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)
}

pub(crate) async fn live_imports(tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<Import>> {
    run!(tx, LIVE_IMPORTS, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)
}

/// The imports of one version.
pub(crate) async fn imports(tx: &mut Tx, app: AppId, version: VersionId) -> sqlx::Result<Vec<Import>> {
    run!(tx, IMPORTS, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(version)
        .fetch_all(conn)
        .await)
}

pub(crate) async fn live_artifacts(tx: &mut Tx, app: AppId, names: &[&str]) -> sqlx::Result<Vec<StoredArtifact>> {
    let names = Value::from(names).to_string();
    run!(tx, LIVE_ARTIFACTS, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(names)
        .fetch_all(conn)
        .await)
}

/// The modules that live versions run with in another version than the live one.
pub(crate) async fn pinned(tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<Pinned>> {
    run!(tx, PINNED, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)
}

/// Names of modules that a version was linked with and that are gone.
pub(crate) async fn lost_links(tx: &mut Tx, app: AppId, version: VersionId) -> sqlx::Result<Vec<String>> {
    run!(tx, LOST_LINKS, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(version)
        .fetch_all(conn)
        .await)
}

/// Makes the versions and makes them live; their links are still to come.
pub(crate) async fn relink(tx: &mut Tx, app: AppId, all: &[Relinked], by: &str, now: Time) -> sqlx::Result<()> {
    let row = |relinked: &Relinked| {
        let (script, version) = (hex(relinked.script), hex(relinked.version));
        let (before, why) = (hex(relinked.before), relinked.because_of.clone());
        Value::from(vec![script, version, relinked.number.into(), before, why.into()])
    };
    let rows = all.iter().map(row).collect::<Value>().to_string();
    run!(tx, RELINK, |sql, conn| {
        let query = sqlx::query(sql).bind(app).bind(&*rows).bind(now.0).bind(by.to_owned());
        query.execute(conn).await.map(drop)
    })?;
    run!(tx, RELINK_SCRIPTS, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(&*rows)
        .bind(now.0)
        .execute(conn)
        .await
        .map(drop))?;
    run!(tx, COPY_IMPORTS, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(&*rows)
        .execute(conn)
        .await
        .map(drop))
}

/// Notes what a version imports itself.
pub(crate) async fn insert_imports(
    tx: &mut Tx,
    app: AppId,
    version: VersionId,
    imports: &[picloud_sdk::compile::Import],
) -> sqlx::Result<()> {
    let row = |(place, import): (usize, &picloud_sdk::compile::Import)| {
        let (line, column) = (import.line.into(), import.column.into());
        Value::from(vec![
            hex(version),
            place.into(),
            import.name.clone().into(),
            line,
            column,
        ])
    };
    let rows = imports.iter().enumerate().map(row).collect::<Value>().to_string();
    run!(tx, INSERT_IMPORTS, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(rows)
        .execute(conn)
        .await
        .map(drop))
}

/// Pins each version to the modules that it runs with.
pub(crate) async fn insert_links(tx: &mut Tx, app: AppId, all: &[(VersionId, LinkedModule)]) -> sqlx::Result<()> {
    let row = |(version, link): &(VersionId, LinkedModule)| {
        Value::from(vec![hex(*version), link.name.clone().into(), hex(link.version)])
    };
    let rows = all.iter().map(row).collect::<Value>().to_string();
    run!(tx, INSERT_LINKS, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(rows)
        .execute(conn)
        .await
        .map(drop))
}

/// Deletes all but the newest `kept` versions of the scripts, as far as nothing runs with them.
pub(crate) async fn forget(tx: &mut Tx, app: AppId, scripts: &[ScriptId], kept: u32) -> sqlx::Result<()> {
    let scripts = scripts.iter().map(|script| hex(*script)).collect::<Value>().to_string();
    run!(tx, FORGET, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(scripts)
        .bind(i64::from(kept))
        .execute(conn)
        .await
        .map(drop))
}

/// An id as both databases read it.
fn hex(id: impl std::fmt::Display) -> Value {
    let id = id.to_string();
    Value::from(id.split_once('_').map_or("", |(_, hex)| hex))
}
