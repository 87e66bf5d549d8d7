//! Trials: a draft, or the live version, against a given event.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{GivenEvent, LogLine, Time, object};
use crate::limits::Usage;
use crate::report::{EndingKind, ExecutionError};

/// What to run, and what happens to it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// A draft; left out, the live version runs.
    pub source: Option<String>,
    /// The event; left out, `GET /`.
    #[serde(default, deserialize_with = "object::one")]
    pub event: GivenEvent,
    /// Whether it is kept among the app's executions.
    #[serde(default)]
    pub record: bool,
    /// Whether what it writes is kept. With `false`, the answer says what that would be.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub commit: bool,
}

const fn yes() -> bool {
    true
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Ran {
    /// The run's id; it is among the executions only if that was asked for.
    #[schema(pattern = "^exe_[0-9a-f]{32}$")]
    pub execution: String,
    /// How it ended.
    pub ending: EndingKind,
    /// The answer; `null` when there is none.
    pub reply: Option<Reply>,
    /// Why there is none.
    pub error: Option<ExecutionError>,
    /// What it logged, in order.
    pub log: Vec<LogLine>,
    /// What it used.
    pub usage: Usage,
    /// What it would have written, in the order of keys, when it was not to be kept; `null` when it was. Nothing when it would
    /// have been undone.
    pub effects: Option<Vec<WouldWrite>>,
    /// What it would have sent, in order, when it was not to be kept: to queues, to subscribers, to scripts that run later, to
    /// hosts by `http::send`, and what it would have had told of changes; `null` as `effects` are.
    pub messages: Option<Vec<WouldSend>>,
}

/// A message that a run would have sent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WouldSend {
    /// What it is for: `queue`, `subscription`, `change`, `later` or `outbox`.
    pub source: String,
    /// The name of that; of a request, host and port.
    pub name: String,
    /// What it would have carried; left out when it is too large.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Box<RawValue>>,
    /// Its key.
    pub key: Option<String>,
    /// When it would have been handed out at the earliest.
    pub due_at: Time,
    /// Whether `body` is left out, as all of them together are more than 4 MiB.
    pub too_large: bool,
}

/// A key or a document that a run would have written.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WouldWrite {
    /// The document's collection; `null` for a key of `kv`.
    pub collection: Option<String>,
    /// The key, or the document's id.
    pub key: String,
    /// What is there; left out when nothing is.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Box<RawValue>>,
    /// What would be there; left out when it would be deleted.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Box<RawValue>>,
    /// When that would expire; `null` when it stays.
    pub expires_at: Option<Time>,
    /// Whether `old` and `new` are left out, as all of them together are more than 4 MiB.
    pub too_large: bool,
}

/// An HTTP answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Reply {
    /// 200 to 599.
    pub status: u16,
    /// Name and value, in order.
    pub headers: Vec<(String, String)>,
    /// The body, when it is text.
    pub body: Option<String>,
    /// The body in base64, when it is not.
    pub body_base64: Option<String>,
}
