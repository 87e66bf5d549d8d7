//! What paths of the API name: placeholders that several nouns share.

use picloud_sdk::api::{HostPattern, ScriptName, VariableName};
use serde::Deserialize;
use utoipa::IntoParams;

/// An app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct AppPath {
    /// The app's name or id.
    #[expect(dead_code, reason = "`Member` reads it; this describes it")]
    app: String,
}

/// A script of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ScriptPath {
    /// The script's name; a slash in it is written `%2F`.
    #[param(value_type = String)]
    pub(super) name: ScriptName,
}

/// A secret or a setting of an app.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct VariablePath {
    /// Its name.
    #[param(value_type = String, pattern = "^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
    pub(super) name: VariableName,
}

/// A host that an app's scripts may call.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct HostPath {
    /// Which: `api.example.com`, `*.example.com`, `*`, an address, or one of these with `:port`.
    #[param(value_type = String)]
    pub(super) host: HostPattern,
}
