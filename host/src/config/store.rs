//! Where things are kept.

use std::path::PathBuf;

use anyhow::bail;

use super::{Env, Setting};

pub(super) const DATA: Setting = Setting::text(
    "PICLOUD_DATA",
    "./data",
    "Folder of the SQLite database and of the operator token's file.",
);
pub(super) const DATABASE_URL: Setting = Setting::text(
    "PICLOUD_DATABASE_URL",
    "",
    "`postgres://...` to keep everything in PostgreSQL instead of SQLite.",
);

/// The data folder and the database.
#[derive(Clone)]
pub struct StoreConfig {
    /// `PICLOUD_DATA`
    pub data: PathBuf,
    /// `PICLOUD_DATABASE_URL`; `None` selects SQLite in [`Self::data`]. May hold a password.
    pub database_url: Option<String>,
}

impl StoreConfig {
    pub(super) fn from_env(env: &Env<'_>) -> anyhow::Result<Self> {
        let database_url = env.given(&DATABASE_URL);
        if let Some(url) = &database_url
            && !url.starts_with("postgres://")
            && !url.starts_with("postgresql://")
        {
            bail!(
                "{}: only postgres://... is known (SQLite needs no URL, only {})",
                DATABASE_URL.name,
                DATA.name
            );
        }
        Ok(Self {
            data: env.text(&DATA).into(),
            database_url,
        })
    }
}

impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let database = if self.database_url.is_some() {
            "postgres"
        } else {
            "sqlite"
        };
        f.debug_struct("StoreConfig")
            .field("data", &self.data)
            .field("database", &database)
            .finish()
    }
}
