//! Executions: what ran, and how it ended.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Time;
use crate::call::log::LogLevel;
use crate::limits::Usage;
use crate::report::{EndingKind, ExecutionError};

/// One run of one version for one event.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Execution {
    /// Its id.
    #[schema(pattern = "^exe_[0-9a-f]{32}$")]
    pub id: String,
    /// The script's name at the time.
    pub script: String,
    /// The version's number; 0 for a draft.
    pub version: i64,
    /// Its place in the order in which runs were recorded.
    pub seq: i64,
    /// What happened: `http`, `run` for a trial, or what a message was from, such as `queue`.
    pub kind: String,
    /// The name of the queue, schedule, ... whose message it was for; `null` when it was for none.
    #[serde(default)]
    pub name: Option<String>,
    /// One line that tells it from others of its kind; of a request, its method and path.
    pub summary: String,
    /// The request's method; `null` when it was none.
    pub method: Option<String>,
    /// The request's path, below the app's root; `null` when it was none.
    pub path: Option<String>,
    /// The HTTP status that was answered; `null` when nobody was.
    pub status: Option<i32>,
    /// How it ended.
    pub ending: EndingKind,
    /// Why it did not reply; `null` when it did.
    pub error: Option<ExecutionError>,
    /// What it used.
    pub usage: Usage,
    /// When it started.
    pub started_at: Time,
}

/// One run with its log.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ExecutionWithLog {
    /// The run.
    #[serde(flatten)]
    pub execution: Execution,
    /// What it logged, in order.
    pub log: Vec<LogLine>,
    /// The requests that it sent to other services, in the order in which they were answered.
    #[serde(default)]
    pub outbound: Vec<OutboundCall>,
}

/// A request that a run sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutboundCall {
    /// Its method.
    pub method: String,
    /// Whom it was sent to, with the port if that is not the scheme's own.
    pub host: String,
    /// The status of the response; `null` when there was none.
    pub status: Option<u16>,
    /// Why there was none: an error code; `null` when there was one.
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// Bytes of the body that was sent.
    pub sent_bytes: u64,
    /// Bytes of the body that came back, as the script saw it.
    pub received_bytes: u64,
}

/// One line of a run's log.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LogLine {
    /// `debug`, `info`, `warn` or `error`.
    #[schema(value_type = String)]
    pub level: LogLevel,
    /// The text.
    pub message: String,
    /// What the script gave with it.
    // Kept as text, which is all that it takes until somebody reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub fields: Option<Box<RawValue>>,
}
