//! Apps: the units of isolation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AppName, Time};

/// A tenant's unit of isolation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct App {
    /// Its id.
    #[schema(pattern = "^app_[0-9a-f]{32}$")]
    pub id: String,
    /// Its name: it answers at `{name}.localhost` and `/~{name}/`.
    pub name: String,
    /// Its own host names.
    pub hosts: Vec<String>,
    /// Whether callers are shown a script's own errors instead of an execution's id.
    pub show_errors: bool,
    /// Whether its runs are recorded so that they can be run again.
    pub journal: bool,
    /// When it was made.
    pub created_at: Time,
}

/// An app in a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AppSummary {
    /// Its id.
    #[schema(pattern = "^app_[0-9a-f]{32}$")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Time,
}

/// An app to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApp {
    /// A DNS label: 1 to 63 lower-case letters, digits and `-`.
    #[schema(value_type = String)]
    pub name: AppName,
}

/// What to change; what is left out stays.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppChange {
    /// All of its own host names, at most 32.
    pub hosts: Option<Vec<String>>,
    /// Whether callers are shown a script's own errors.
    pub show_errors: Option<bool>,
    /// Whether its runs are recorded so that they can be run again.
    pub journal: Option<bool>,
}
