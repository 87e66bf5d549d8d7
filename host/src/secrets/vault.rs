//! What the scripts of one app are told at one moment.

use std::collections::HashMap;
use std::sync::Arc;

use super::keys::Keys;
use super::queries::SealedRow;
use super::seal::Label;
use super::value::Secret;
use crate::ids::AppId;

/// An app's secrets and settings, as the data plane has them.
#[derive(Debug, Default)]
pub struct Vault {
    /// The app's name, for what is said of it.
    app: Arc<str>,
    secrets: HashMap<Arc<str>, Held>,
    settings: HashMap<Box<str>, Box<str>>,
}

/// A secret that is there.
#[derive(Debug, Clone)]
pub struct Held {
    /// Which value of it, for journals.
    pub version: Arc<str>,
    /// The value; none when this server cannot open it.
    pub value: Option<Secret>,
}

impl Vault {
    /// Of the app `name`; what cannot be opened is said in the log, and is not told to scripts.
    #[must_use]
    pub(crate) fn of(
        (app, name): (AppId, Arc<str>),
        keys: &Keys,
        sealed: Vec<SealedRow>,
        settings: Vec<(String, String)>,
    ) -> Self {
        let secrets = sealed.into_iter().map(|row| {
            let label = Label {
                app,
                id: row.id,
                name: &row.name,
            };
            let value = keys.open_sealed(&label, &row.key_id, &row.sealed);
            if let Err(why) = &value {
                tracing::error!(app.id = %app, "the secret {} of {app} cannot be opened: {why}", row.name);
            }
            let held = Held {
                version: row.id.to_string().into(),
                value: value.ok(),
            };
            (row.name.as_str().into(), held)
        });
        Self {
            app: name,
            secrets: secrets.collect(),
            settings: boxed(settings),
        }
    }

    /// What somebody gave on the command line.
    #[must_use]
    pub fn given(app: Arc<str>, secrets: Vec<(String, Secret)>, settings: Vec<(String, String)>) -> Self {
        let secrets = secrets.into_iter().map(|(name, value)| {
            let held = Held {
                version: "given".into(),
                value: Some(value),
            };
            (name.into(), held)
        });
        Self {
            app,
            secrets: secrets.collect(),
            settings: boxed(settings),
        }
    }

    /// The app's name.
    #[must_use]
    pub fn app(&self) -> &str {
        &self.app
    }

    /// The secret of this name.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<(&Arc<str>, &Held)> {
        self.secrets.get_key_value(name)
    }

    /// The setting of this name.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(|value| &**value)
    }
}

fn boxed(settings: Vec<(String, String)>) -> HashMap<Box<str>, Box<str>> {
    settings
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}
