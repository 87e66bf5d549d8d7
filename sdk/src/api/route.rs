//! Routes: host + method + path pattern → script.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ScriptName, Time};
use crate::words::words;

words! {
    /// What a header `Idempotency-Key` does on a route.
    #[derive(Default)]
    pub enum Idempotency {
        /// Nothing.
        Off = "off",
        /// A `POST` that has it is done once, and its repeats have the first one's reply.
        #[default]
        Accept = "accept",
        /// The same for all methods but `GET`, `HEAD` and `OPTIONS`, and without it a request is refused.
        Require = "require",
    }
}

words! {
    /// Which requests of a route are accepted, and answered later.
    #[derive(Default)]
    pub enum Asynchronous {
        /// None.
        Off = "off",
        /// Those that say `Prefer: respond-async`, but for methods that only ask.
        #[default]
        Accept = "accept",
        /// All but `HEAD` and `OPTIONS`.
        Always = "always",
    }
}

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
    /// What a header `Idempotency-Key` does: `off`, `accept` or `require`.
    #[serde(default)]
    pub idempotency: Idempotency,
    /// Which requests are accepted, and answered later: `off`, `accept` or `always`.
    #[serde(default, rename = "async")]
    pub asynchronous: Asynchronous,
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
    /// What a header `Idempotency-Key` does: `off`, `accept` (when left out) or `require`.
    #[serde(default)]
    pub idempotency: Idempotency,
    /// Which requests are accepted, and answered later: `off`, `accept` (when left out: those that ask for it) or `always`.
    #[serde(default, rename = "async")]
    pub asynchronous: Asynchronous,
}

/// What to change; what is left out stays.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteChange {
    /// What a header `Idempotency-Key` does: `off`, `accept` or `require`.
    pub idempotency: Option<Idempotency>,
    /// Which requests are accepted, and answered later: `off`, `accept` or `always`.
    #[serde(rename = "async")]
    pub asynchronous: Option<Asynchronous>,
}
