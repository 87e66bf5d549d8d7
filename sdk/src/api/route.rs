//! Routes: host + method + path pattern → script.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ScriptName, Time};

/// Where a script answers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Route {
    /// Its id.
    #[schema(pattern = "^rte_[0-9a-f]{32}$")]
    pub id: String,
    /// A method in upper case, or `ANY`.
    pub method: String,
    /// The path pattern in its normal form.
    pub pattern: String,
    /// One of the app's own hosts; `null` for every address of the app.
    pub host: Option<String>,
    /// The script's name.
    pub script: String,
    /// When it was made.
    pub created_at: Time,
}

/// A route to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoute {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE`, `OPTIONS` or `ANY`.
    pub method: String,
    /// A path such as `/orders/{id}` or `/files/{*path}`.
    pub pattern: String,
    /// One of the app's own hosts; left out for every address of the app.
    pub host: Option<String>,
    /// The name of a script of the kind `endpoint`.
    #[schema(value_type = String)]
    pub script: ScriptName,
}
