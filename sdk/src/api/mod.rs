//! The management API's shapes, for its manager and its clients: what `sdk/api/openapi.json` describes.
//!
//! Requests refuse fields that they do not know. Answers may grow: whoever reads one ignores fields that it does not know,
//! and may meet words that its release does not have yet.

mod allow;
mod app;
mod check;
mod data;
mod docs;
mod error;
mod event;
mod execution;
mod kind;
mod kv;
mod name;
mod object;
mod page;
mod replay;
mod route;
mod script;
mod secret;
mod system;
mod time;
mod token;
mod trial;
mod trigger;
mod version;

pub use allow::{AllowedHost, HostName, HostPattern, METHODS_MAX, NewAllowedHost};
pub use app::{App, AppChange, AppSummary, NewApp};
pub use check::{Checked, Diagnostic, Draft, End, RefusedScript, Severity};
pub use data::{Collection, DataUsage, IMPORT_MAX, Import, Imported, ImportedEntry};
pub use docs::{Count, Counted, Find, Found, Index, IndexState, NewIndex, StoredDocument};
pub use error::{Error, ErrorBody};
pub use event::{GivenEvent, OneOrMore};
pub use execution::{Execution, ExecutionWithLog, LogLine, OutboundCall};
pub use kind::Kind;
pub use kv::{KvEntry, NewKv};
pub use name::{APP_NAME_BYTES_MAX, AppName, SCRIPT_NAME_BYTES_MAX, ScriptName, VARIABLE_NAME_BYTES_MAX, VariableName};
pub use page::Page;
pub use replay::{Capsule, Difference, Parted, Replay, Replayed, Then};
pub use route::{Asynchronous, Idempotency, NewRoute, Route, RouteChange};
pub use script::{
    Change, Linked, LinkedScript, NewVersion, Place, Push, Pushed, PushedResult, PushedRoute, PushedScript, Relinked,
    SavedScript, Script, ScriptWithSource,
};
pub use secret::{KeyChanged, NewSecret, NewSetting, SECRET_BYTES_MAX, Secret, Setting};
pub use system::{Committed, Load, ModuleCache, System};
pub use time::Time;
pub use token::{NewOperatorToken, NewToken, NewTokenMade, Role, Token};
pub use trial::{Ran, Reply, Run, WouldSend, WouldWrite};
pub use trigger::{
    Affected, BACKOFF_MS_MAX, BATCH_MAX, CONCURRENCY_MAX, CatchUp, ChangeTrigger, LastRun, MessageError,
    NewChangeTrigger, NewMessage, NewQueue, NewSchedule, NewSubscription, Overlap, Preview, Previewed, Queue, Requeue,
    Schedule, StoredMessage, Subscription,
};
pub use version::{Version, VersionWithSource};

/// Where the API is mounted.
pub const PREFIX: &str = "/api/v1";

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::PartialSchema as _;

    use super::{Idempotency, Kind, Role};
    use crate::limits::Limit;

    #[test]
    fn the_schema_the_json_and_the_text_have_one_word() {
        let told = |schema| serde_json::to_value::<utoipa::openapi::RefOr<_>>(schema).unwrap()["enum"].clone();
        assert_eq!(told(Role::schema()), serde_json::to_value(Role::ALL).unwrap());
        assert_eq!(told(Idempotency::schema()), json!(["off", "accept", "require"]));
        assert_eq!(told(Limit::schema()), serde_json::to_value(Limit::ALL).unwrap());
        assert_eq!(Kind::try_from("module".to_owned()), Ok(Kind::Module));
        assert!(Kind::try_from("Module".to_owned()).is_err());
    }
}
