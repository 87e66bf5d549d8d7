//! Where things are kept.

use std::path::PathBuf;

use anyhow::bail;

use super::Env;
use super::section::section;
use super::setting::text;

section! {
    /// The data folder and the database.
    #[derive(Clone)]
    pub struct StoreConfig {
        /// Folder of the SQLite database and of the operator token's file.
        data: PathBuf = PICLOUD_DATA text("./data");
        /// `postgres://...` to keep everything in PostgreSQL instead of SQLite.
        database_url: Option<String> = PICLOUD_DATABASE_URL text("");
        /// File with the keys of all secrets, such as a systemd credential; without it `secrets.key` in the data folder, made at the first start.
        secrets_key_file: Option<String> = PICLOUD_SECRETS_KEY_FILE text("");
    }
    then Self::known
}

impl StoreConfig {
    /// The URL may hold a password, so a message must not show it.
    fn known(self, _: &Env<'_>) -> anyhow::Result<Self> {
        let known = |url: &String| url.starts_with("postgres://") || url.starts_with("postgresql://");
        if !self.database_url.iter().all(known) {
            bail!("PICLOUD_DATABASE_URL: only postgres://... is known (SQLite needs no URL, only PICLOUD_DATA)");
        }
        Ok(self)
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
            .field("secrets_key_file", &self.secrets_key_file)
            .finish()
    }
}
