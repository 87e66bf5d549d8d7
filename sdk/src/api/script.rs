//! Scripts: what an app runs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Diagnostic, Kind, Route, ScriptName, Time, object};
use crate::words::words;

/// A script, without its source.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Script {
    /// Its id.
    #[schema(pattern = "^scr_[0-9a-f]{32}$")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// The number of the version that is live.
    pub version: i64,
    /// When it was first saved.
    pub created_at: Time,
    /// When it was last saved, or another version made live.
    pub updated_at: Time,
}

/// A script with its source.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ScriptWithSource {
    /// The script.
    #[serde(flatten)]
    pub script: Script,
    /// The source of the version that is live.
    pub source: String,
}

/// A source to be saved.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// What the script is for.
    pub kind: Kind,
    /// Rhai, at most 64 KiB by default.
    pub source: String,
}

/// A script that was saved, and what came of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SavedScript {
    /// The script.
    #[serde(flatten)]
    pub script: Script,
    /// What is worth knowing, and in nobody's way.
    pub warnings: Vec<Diagnostic>,
    /// Scripts that import this one and were linked with it anew, each as a new version.
    pub relinked: Vec<Relinked>,
}

/// A script that was linked anew.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Relinked {
    /// Its name.
    pub name: String,
    /// The number of its new version, which is live.
    pub version: i64,
}

/// Scripts to be saved together.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// Each name once.
    #[serde(deserialize_with = "object::many")]
    pub scripts: Vec<PushedScript>,
    /// Whether the app's other scripts are deleted, with the routes that point at them.
    #[serde(default)]
    pub prune: bool,
}

/// One of them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushedScript {
    /// Its name.
    #[schema(value_type = String)]
    pub name: ScriptName,
    /// What it is for.
    pub kind: Kind,
    /// Rhai, at most 64 KiB by default.
    pub source: String,
    /// Routes to it that are to be there. Those that it has besides stay.
    #[serde(default, deserialize_with = "object::many")]
    pub routes: Vec<PushedRoute>,
}

/// A route for every address of the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushedRoute {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE`, `OPTIONS` or `ANY`.
    pub method: String,
    /// A path such as `/orders/{id}` or `/files/{*path}`.
    pub pattern: String,
}

/// What a push changed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Pushed {
    /// Every script of the push, in its order.
    pub scripts: Vec<PushedResult>,
    /// Other scripts, which import some of these and were linked with them anew, each as a new version.
    pub relinked: Vec<Relinked>,
    /// Routes that were made.
    pub routes: Vec<Route>,
    /// Names of scripts that were deleted.
    pub deleted: Vec<String>,
}

/// What became of one script.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PushedResult {
    /// The script.
    #[serde(flatten)]
    pub script: Script,
    /// What the push did.
    pub change: Change,
    /// What is worth knowing, and in nobody's way.
    pub warnings: Vec<Diagnostic>,
}

words! {
    /// What a push did with a script.
    pub enum Change {
        /// There was none of this name.
        Created = "created",
        /// It has a new version.
        Changed = "changed",
        /// It was just so already, and was linked anew with modules that changed: it has a new version.
        Relinked = "relinked",
        /// It was just so already.
        Unchanged = "unchanged",
    }
}

/// Scripts that import each other.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Linked {
    /// By name.
    pub items: Vec<LinkedScript>,
}

/// The other side of an import.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LinkedScript {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// The number of its live version.
    pub version: i64,
    /// From the importer to the module, each importing the next; two names when the import is direct.
    pub chain: Vec<String>,
    /// Where the first of the chain imports the second.
    pub places: Vec<Place>,
}

/// A place in a source.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Place {
    /// 1-based.
    pub line: i64,
    /// 1-based, in Unicode characters.
    pub column: i64,
}
