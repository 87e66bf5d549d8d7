//! What happened, as it is kept: one record for every admitted event.

use std::sync::Arc;

use http::Method;
use picloud_executor::{Ending, Execution, ScriptError};
use picloud_sdk::limits::{Limit, Usage};
use serde::Serialize;
use serde::ser::SerializeTuple;

use crate::capabilities::LogLine;
use crate::ids::{AppId, ExecutionId};

/// Longer paths and messages are cut in a record.
const TEXT_BYTES_MAX: usize = 4096;
/// What a row takes besides its texts.
const ROW_BYTES: usize = 160;
/// What nginx calls "client closed request"; nobody was there to read it.
const CLIENT_GONE: u16 = 499;

/// One execution on its way into the database.
#[derive(Debug, Clone)]
pub struct Record {
    pub(super) id: ExecutionId,
    pub(super) app: AppId,
    pub(super) script: Arc<str>,
    pub(super) version: u32,
    pub(super) event: &'static str,
    pub(super) method: Method,
    pub(super) path: Box<str>,
    pub(super) status: u16,
    pub(super) ending: &'static str,
    pub(super) error: Option<RecordedError>,
    pub(super) usage: Usage,
    pub(super) log: Vec<LogLine>,
    pub(super) started_us: i64,
}

/// Why a run failed, for its author.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct RecordedError {
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<u64>,
    stack: Vec<RecordedFrame>,
}

#[derive(Debug, Clone, Serialize)]
struct RecordedFrame {
    #[serde(skip_serializing_if = "String::is_empty")]
    module: String,
    function: String,
    line: u32,
    column: u32,
}

/// The HTTP status that an ending is answered with.
#[must_use]
pub fn status_of(ending: &Ending) -> u16 {
    match ending {
        Ending::Replied(reply) => reply.status,
        Ending::Threw(ScriptError {
            caller_status: Some(status @ 400..=499),
            ..
        }) => *status,
        Ending::Stopped(stop) if stop.limit == Limit::Wall => 504,
        Ending::Threw(_) | Ending::Stopped(_) | Ending::Stale(_) | Ending::Broke(_) => 500,
    }
}

impl Record {
    /// A run that has begun: left like this, its client went away.
    pub(super) fn begun(
        (id, started_us): (ExecutionId, i64),
        (app, script, version): (AppId, Arc<str>, u32),
        event: &'static str,
        (method, path): (Method, Box<str>),
    ) -> Self {
        Self {
            id,
            app,
            script,
            version,
            event,
            method,
            path: if path.len() > TEXT_BYTES_MAX {
                cut(&path).into()
            } else {
                path
            },
            status: CLIENT_GONE,
            ending: "cancelled",
            error: None,
            usage: Usage::default(),
            log: Vec::new(),
            started_us,
        }
    }

    /// How it ended.
    pub(super) fn end(&mut self, execution: &Execution, log: Vec<LogLine>) {
        self.status = status_of(&execution.ending);
        self.usage = execution.usage;
        self.log = log;
        (self.ending, self.error) = match &execution.ending {
            Ending::Replied(_) => ("replied", None),
            Ending::Threw(error) => ("threw", Some(RecordedError::of(error))),
            Ending::Stopped(stop) => {
                let (limit, used, allowed) = (Some(stop.limit.as_str()), Some(stop.used), Some(stop.allowed));
                let (code, message) = ("limit_exceeded".to_owned(), stop.to_string());
                (
                    "stopped",
                    Some(RecordedError {
                        code,
                        message,
                        limit,
                        used,
                        allowed,
                        stack: Vec::new(),
                    }),
                )
            }
            // What broke is ours, and stands in the server's log.
            Ending::Stale(_) | Ending::Broke(_) => ("broke", Some(RecordedError::ours())),
        };
    }

    /// It could not even begin.
    pub(super) fn broke(&mut self, status: u16) {
        (self.status, self.ending, self.error) = (status, "broke", Some(RecordedError::ours()));
    }

    /// Whether somebody will want to read it.
    pub(super) fn importance(&self) -> Importance {
        match self.ending {
            "replied" if self.log.is_empty() => Importance::Quiet,
            "replied" => Importance::Logged,
            _ => Importance::Failed,
        }
    }

    /// What it counts for in the app's ring.
    pub(super) fn bytes(&self) -> usize {
        let error = self
            .error
            .as_ref()
            .map_or(0, |error| 64 + error.message.len() + 48 * error.stack.len());
        ROW_BYTES + self.script.len() + self.path.len() + error + self.log.iter().map(LogLine::bytes).sum::<usize>()
    }
}

/// What goes first when there is no room, and what goes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Importance {
    Quiet,
    Logged,
    Failed,
}

impl RecordedError {
    fn of(error: &ScriptError) -> Self {
        let frame = |frame: &picloud_executor::Frame| RecordedFrame {
            module: clean(&frame.module),
            function: clean(&frame.function),
            line: frame.line,
            column: frame.column,
        };
        Self {
            code: clean(&error.code),
            message: clean(&error.message),
            stack: error.stack.iter().take(64).map(frame).collect(),
            ..Self::default()
        }
    }

    fn ours() -> Self {
        Self {
            code: "internal".to_owned(),
            message: "something went wrong on the server's side; its log has the cause".to_owned(),
            ..Self::default()
        }
    }
}

/// Cut to a bound, at a character.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}

/// Cut, and without the one character that PostgreSQL has no place for.
fn clean(text: &str) -> String {
    cut(text).replace('\0', "\u{fffd}")
}

/// A record as the batch statement reads it: an array in the order of its columns.
pub(super) struct Row<'a>(pub(super) &'a Record);

impl Serialize for Row<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(record) = self;
        let json = |value: serde_json::Result<String>| value.map_err(serde::ser::Error::custom);
        let error = record
            .error
            .as_ref()
            .map(|error| json(serde_json::to_string(error)))
            .transpose()?;
        let log = (!record.log.is_empty())
            .then(|| json(serde_json::to_string(&record.log)))
            .transpose()?;
        let usage = &record.usage;
        let ids = (Hex(record.id.to_string()), Hex(record.app.to_string()));
        // A tuple of tuples would nest: one flat array, spelled out.
        let mut row = to.serialize_tuple(17)?;
        row.serialize_element(ids.0.digits())?;
        row.serialize_element(ids.1.digits())?;
        row.serialize_element(&*record.script)?;
        row.serialize_element(&record.version)?;
        row.serialize_element(record.event)?;
        row.serialize_element(record.method.as_str())?;
        row.serialize_element(&*record.path)?;
        row.serialize_element(&record.status)?;
        row.serialize_element(record.ending)?;
        row.serialize_element(&error)?;
        row.serialize_element(&usage.fuel)?;
        row.serialize_element(&usage.memory_bytes)?;
        row.serialize_element(&usage.wall_us)?;
        row.serialize_element(&usage.host_calls)?;
        row.serialize_element(&log)?;
        row.serialize_element(&record.bytes())?;
        row.serialize_element(&record.started_us)?;
        row.end()
    }
}

/// An id's text, of which the database wants the digits.
struct Hex(String);

impl Hex {
    fn digits(&self) -> &str {
        self.0.split_once('_').map_or(&self.0, |(_, digits)| digits)
    }
}
