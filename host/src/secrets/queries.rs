//! Every statement that touches `secrets` and `settings`.

use picloud_sdk::api::{Secret, Setting, Time};
use sqlx::FromRow;

use crate::ids::{AppId, SecretId};
use crate::store::Tx;
use crate::{run, statements};

statements! {
    SECRETS = "select name, updated_at from secrets where app_id = $1 and live and name > $2 order by name limit $3";
    COUNT_SECRETS = "select count(*) from secrets where app_id = $1 and live and name <> $2";
    SUPERSEDE = "update secrets set live = false where app_id = $1 and name = $2 and live";
    INSERT_SECRET = "insert into secrets (id, app_id, name, live, key_id, sealed, updated_at)
        values ($1, $2, $3, true, $4, $5, $6)";
    FORGET = "delete from secrets where app_id = $1 and name = $2 and id not in
        (select id from secrets where app_id = $1 and name = $2 order by live desc, id desc limit $3)";
    DELETE_SECRET = "delete from secrets where app_id = $1 and name = $2";
    LIVE = "select id, app_id, name, key_id, sealed from secrets where live and ($1 is null or app_id = $1)"
        => "select id, app_id, name, key_id, sealed from secrets where live and ($1::uuid is null or app_id = $1)";
    VALUE = "select id, app_id, name, key_id, sealed from secrets where app_id = $1 and name = $2 and id = $3";
    KEY_IDS = "select distinct key_id from secrets order by key_id";
    SEALED_OTHERWISE = "select id, app_id, name, key_id, sealed from secrets where key_id <> $1 order by id limit $2";
    SEAL_ANEW = "update secrets set key_id = $3, sealed = $4 where id = $1 and key_id = $2";
    SETTINGS = "select name, value, updated_at from settings where app_id = $1 and name > $2 order by name limit $3";
    SETTING = "select name, value, updated_at from settings where app_id = $1 and name = $2";
    COUNT_SETTINGS = "select count(*) from settings where app_id = $1 and name <> $2";
    SET_SETTING = "insert into settings (app_id, name, value, updated_at) values ($1, $2, $3, $4)
        on conflict (app_id, name) do update set value = excluded.value, updated_at = excluded.updated_at";
    DELETE_SETTING = "delete from settings where app_id = $1 and name = $2";
    ALL_SETTINGS = "select app_id, name, value from settings where $1 is null or app_id = $1"
        => "select app_id, name, value from settings where $1::uuid is null or app_id = $1";
}

/// A value of a secret as it is stored.
#[derive(Debug, FromRow)]
pub(crate) struct SealedRow {
    pub id: SecretId,
    pub app_id: AppId,
    pub name: String,
    pub key_id: String,
    pub sealed: Vec<u8>,
}

#[derive(FromRow)]
struct SecretRow {
    name: String,
    updated_at: i64,
}

#[derive(FromRow)]
struct SettingRow {
    name: String,
    value: String,
    updated_at: i64,
}

impl From<SettingRow> for Setting {
    fn from(row: SettingRow) -> Self {
        Self {
            name: row.name,
            value: row.value,
            updated_at: Time(row.updated_at),
        }
    }
}

/// The app's secrets after `after`, by name.
pub(crate) async fn secrets(tx: &mut Tx, app: AppId, after: &str, rows: i64) -> sqlx::Result<Vec<Secret>> {
    let rows: Vec<SecretRow> = run!(tx, SECRETS, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(after.to_owned())
        .bind(rows)
        .fetch_all(conn)
        .await)?;
    let told = rows.into_iter().map(|SecretRow { name, updated_at }| Secret {
        name,
        updated_at: Time(updated_at),
    });
    Ok(told.collect())
}

/// How many secrets of other names the app has.
pub(crate) async fn count_other_secrets(tx: &mut Tx, app: AppId, name: &str) -> sqlx::Result<usize> {
    let count: i64 = run!(tx, COUNT_SECRETS, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(name.to_owned())
        .fetch_one(conn)
        .await)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Sets a secret; of what it was before `kept` values stay, with this one.
pub(crate) async fn set_secret(tx: &mut Tx, row: &SealedRow, kept: u32, now: Time) -> sqlx::Result<()> {
    run!(&mut *tx, SUPERSEDE, |sql, conn| sqlx::query(sql)
        .bind(row.app_id)
        .bind(row.name.clone())
        .execute(conn)
        .await
        .map(drop))?;
    run!(&mut *tx, INSERT_SECRET, |sql, conn| {
        sqlx::query(sql)
            .bind(row.id)
            .bind(row.app_id)
            .bind(row.name.clone())
            .bind(row.key_id.clone())
            .bind(row.sealed.clone())
            .bind(now.0)
            .execute(conn)
            .await
            .map(drop)
    })?;
    run!(tx, FORGET, |sql, conn| sqlx::query(sql)
        .bind(row.app_id)
        .bind(row.name.clone())
        .bind(i64::from(kept))
        .execute(conn)
        .await
        .map(drop))
}

/// Deletes a secret with all that it was; whether it was there.
pub(crate) async fn delete_secret(tx: &mut Tx, app: AppId, name: &str) -> sqlx::Result<bool> {
    run!(tx, DELETE_SECRET, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(name.to_owned())
        .execute(conn)
        .await
        .map(|done| done.rows_affected() > 0))
}

/// What scripts are told now, of one app or of all.
pub(crate) async fn live(tx: &mut Tx, app: Option<AppId>) -> sqlx::Result<Vec<SealedRow>> {
    run!(tx, LIVE, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)
}

/// One value of a secret, if it is still kept.
pub(crate) async fn value(tx: &mut Tx, app: AppId, name: &str, id: SecretId) -> sqlx::Result<Option<SealedRow>> {
    run!(tx, VALUE, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(name.to_owned())
        .bind(id)
        .fetch_optional(conn)
        .await)
}

/// The keys that anything is sealed with.
pub(crate) async fn key_ids(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    run!(tx, KEY_IDS, |sql, conn| sqlx::query_scalar(sql).fetch_all(conn).await)
}

/// Some values that are sealed with another key than this.
pub(crate) async fn sealed_otherwise(tx: &mut Tx, key_id: &str, rows: i64) -> sqlx::Result<Vec<SealedRow>> {
    run!(tx, SEALED_OTHERWISE, |sql, conn| sqlx::query_as(sql)
        .bind(key_id.to_owned())
        .bind(rows)
        .fetch_all(conn)
        .await)
}

/// Puts another seal on a value, unless somebody else has.
pub(crate) async fn seal_anew(tx: &mut Tx, row: &SealedRow, key_id: &str, sealed: Vec<u8>) -> sqlx::Result<()> {
    run!(tx, SEAL_ANEW, |sql, conn| sqlx::query(sql)
        .bind(row.id)
        .bind(row.key_id.clone())
        .bind(key_id.to_owned())
        .bind(sealed)
        .execute(conn)
        .await
        .map(drop))
}

/// The app's settings after `after`, by name.
pub(crate) async fn settings(tx: &mut Tx, app: AppId, after: &str, rows: i64) -> sqlx::Result<Vec<Setting>> {
    let rows: Vec<SettingRow> = run!(tx, SETTINGS, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(after.to_owned())
        .bind(rows)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(Setting::from).collect())
}

/// One setting.
pub(crate) async fn setting(tx: &mut Tx, app: AppId, name: &str) -> sqlx::Result<Option<Setting>> {
    let row: Option<SettingRow> = run!(tx, SETTING, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .bind(name.to_owned())
        .fetch_optional(conn)
        .await)?;
    Ok(row.map(Setting::from))
}

/// How many settings of other names the app has.
pub(crate) async fn count_other_settings(tx: &mut Tx, app: AppId, name: &str) -> sqlx::Result<usize> {
    let count: i64 = run!(tx, COUNT_SETTINGS, |sql, conn| sqlx::query_scalar(sql)
        .bind(app)
        .bind(name.to_owned())
        .fetch_one(conn)
        .await)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Sets a setting.
pub(crate) async fn set_setting(tx: &mut Tx, app: AppId, name: &str, value: &str, now: Time) -> sqlx::Result<()> {
    run!(tx, SET_SETTING, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(name.to_owned())
        .bind(value.to_owned())
        .bind(now.0)
        .execute(conn)
        .await
        .map(drop))
}

/// Deletes a setting; whether it was there.
pub(crate) async fn delete_setting(tx: &mut Tx, app: AppId, name: &str) -> sqlx::Result<bool> {
    run!(tx, DELETE_SETTING, |sql, conn| sqlx::query(sql)
        .bind(app)
        .bind(name.to_owned())
        .execute(conn)
        .await
        .map(|done| done.rows_affected() > 0))
}

/// All settings, of one app or of all: whose, name and value.
pub(crate) async fn all_settings(tx: &mut Tx, app: Option<AppId>) -> sqlx::Result<Vec<(AppId, String, String)>> {
    run!(tx, ALL_SETTINGS, |sql, conn| sqlx::query_as(sql)
        .bind(app)
        .fetch_all(conn)
        .await)
}
