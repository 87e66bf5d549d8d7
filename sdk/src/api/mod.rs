//! The management API's shapes, for its manager and its clients: what `sdk/api/openapi.json` describes.
//!
//! Requests refuse fields that they do not know; answers may grow, so whoever reads one ignores what it does not know.

mod app;
mod check;
mod error;
mod event;
mod execution;
mod kind;
mod name;
mod page;
mod route;
mod script;
mod system;
mod time;
mod token;
mod trial;
mod version;

pub use app::{App, AppChange, AppSummary, NewApp};
pub use check::{Checked, Diagnostic, Draft, End, RefusedScript, Severity};
pub use error::{Error, ErrorBody};
pub use event::{GivenEvent, OneOrMore};
pub use execution::{Execution, ExecutionWithLog, LogLine};
pub use kind::Kind;
pub use name::{APP_NAME_BYTES_MAX, AppName, Refusal, SCRIPT_NAME_BYTES_MAX, ScriptName};
pub use page::Page;
pub use route::{NewRoute, Route};
pub use script::{
    Change, Linked, LinkedScript, NewVersion, Place, Push, Pushed, PushedResult, PushedRoute, PushedScript, Relinked,
    SavedScript, Script, ScriptWithSource,
};
pub use system::{Committed, Load, ModuleCache, System};
pub use time::Time;
pub use token::{NewOperatorToken, NewToken, NewTokenMade, Role, Token};
pub use trial::{Ran, Reply, Run};
pub use version::{Version, VersionWithSource};

/// Where the API is mounted.
pub const PREFIX: &str = "/api/v1";
