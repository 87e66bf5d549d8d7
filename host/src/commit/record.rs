//! What happened, as it is kept: one record for every admitted happening, already in the form in which it is stored.

use std::sync::Arc;

use http::Method;
use picloud_sdk::api::{LogLine, OutboundCall};
use picloud_sdk::limits::Usage;
use picloud_sdk::report::{EndingKind, ExecutionError, Frame};
use serde::Serialize;

use super::executions::queries::Row;
use super::journal::Journal;
use super::messages::Source;
use crate::ids::{AppId, ExecutionId};

/// Longer paths and messages are cut in a record.
const TEXT_BYTES_MAX: usize = 4096;
/// Frames of a stack that are kept.
const FRAMES_MAX: usize = 64;
/// What a row takes besides its texts.
const ROW_BYTES: usize = 160;
/// What nginx calls "client closed request"; nobody was there to read it.
const CLIENT_GONE: u16 = 499;

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A request.
    Http,
    /// Somebody wanted to see what comes of it.
    Trial,
    /// A message, which may be a schedule's or a change's.
    Message(Source),
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Trial => "run",
            Self::Message(source) => source.as_str(),
        }
    }
}

/// What a request was.
#[derive(Debug, Clone)]
pub struct Http {
    /// Its method.
    pub method: Method,
    /// The path below the app's root, without the query, which may hold secrets.
    pub path: Box<str>,
}

/// What is known of a run from its beginning.
#[derive(Debug, Clone)]
pub struct Began {
    /// Names it.
    pub id: ExecutionId,
    /// Whose it is.
    pub app: AppId,
    /// The script's name.
    pub script: Arc<str>,
    /// The version's number; 0 for a draft.
    pub version: u32,
    /// What kind of thing happened.
    pub kind: Kind,
    /// The name of the queue, schedule, ... whose message it was for.
    pub name: Option<Arc<str>>,
    /// One line that tells it from others of its kind.
    pub summary: Box<str>,
    /// What the request was, where it was one.
    pub http: Option<Http>,
    /// When it started.
    pub started_us: i64,
}

/// One execution on its way into the database.
#[derive(Debug, Clone)]
pub struct Record {
    began: Began,
    ended: Ended,
    /// The requests that it sent, as they are stored.
    outbound: Option<Box<str>>,
    journal: Option<Box<Journal>>,
}

/// How it ended, texts as they are stored.
#[derive(Debug, Clone)]
struct Ended {
    status: u16,
    ending: EndingKind,
    error: Option<Box<str>>,
    usage: Usage,
    log: Option<Box<str>>,
}

impl Record {
    /// A run that has begun: left like this, whoever asked went away.
    #[must_use]
    pub fn begun(mut began: Began) -> Self {
        cut_box(&mut began.summary);
        if let Some(http) = &mut began.http {
            cut_box(&mut http.path);
        }
        let ended = Ended {
            status: CLIENT_GONE,
            ending: EndingKind::Cancelled,
            error: None,
            usage: Usage::default(),
            log: None,
        };
        Self {
            began,
            ended,
            outbound: None,
            journal: None,
        }
    }

    /// The requests that it sent.
    pub fn sent(&mut self, calls: &[OutboundCall]) {
        self.outbound = (!calls.is_empty()).then(|| text_of(&calls));
    }

    /// Changes the texts that are known from its beginning.
    pub fn hide(&mut self, hide: impl Fn(&mut String)) {
        let path = self.began.http.as_mut().map(|http| &mut http.path);
        for text in [Some(&mut self.began.summary), path].into_iter().flatten() {
            let mut shown = String::from(&**text);
            hide(&mut shown);
            *text = shown.into();
        }
    }

    /// It was answered with what the run `first` had replied.
    pub fn repeats(&mut self, first: &str) {
        self.began.summary = format!("{} (the reply of {first} again)", self.began.summary).into();
    }

    /// So that it can be run again.
    pub fn keep(&mut self, journal: Option<Journal>) {
        self.journal = journal.map(Box::new);
    }

    /// What it was told, if that is kept.
    pub(super) fn journal(&self) -> Option<&Journal> {
        self.journal.as_deref()
    }

    /// Whether it cannot be called a success.
    pub(super) const fn is_failure(&self) -> bool {
        !matches!(self.ended.ending, EndingKind::Replied) || self.ended.status >= 500
    }

    /// What its journal takes in memory, about.
    pub(super) fn journal_bytes(&self) -> usize {
        self.journal.as_ref().map_or(0, |journal| journal.bytes())
    }

    /// What was known from the beginning.
    #[must_use]
    pub const fn began(&self) -> &Began {
        &self.began
    }

    /// How it ended.
    pub fn end(
        &mut self,
        (ending, error): (EndingKind, Option<ExecutionError>),
        status: u16,
        usage: Usage,
        log: &[LogLine],
    ) {
        self.ended = Ended {
            status,
            ending,
            error: error.map(|error| text_of(&shortened(error))),
            usage,
            log: (!log.is_empty()).then(|| text_of(&log)),
        };
    }

    /// It could not even begin.
    pub fn could_not_start(&mut self, status: u16) {
        self.end(
            (EndingKind::Broke, Some(ExecutionError::ours())),
            status,
            Usage::default(),
            &[],
        );
    }

    /// It ended, and nothing came of it, as whoever asked went away.
    pub(super) fn left(&mut self) {
        let usage = self.ended.usage;
        self.end((EndingKind::Cancelled, None), CLIENT_GONE, usage, &[]);
    }

    /// Whoever asked went away after so long.
    pub fn cancelled(&mut self, wall_us: u64) {
        self.left();
        self.ended.usage.wall_us = wall_us;
    }

    /// Whether nobody is likely to look for it: it replied, and had nothing to say to anybody else.
    pub(super) fn is_quiet(&self) -> bool {
        self.ended.ending == EndingKind::Replied && self.ended.log.is_none() && self.outbound.is_none()
    }

    pub(super) const fn app(&self) -> AppId {
        self.began.app
    }

    /// What it counts for: in memory while it waits, and in the app's ring.
    pub(super) fn bytes(&self) -> usize {
        let Self {
            began, ended, outbound, ..
        } = self;
        let texts = [&ended.error, &ended.log, outbound];
        let texts: usize = texts.into_iter().flatten().map(|text| text.len()).sum();
        let path = began.http.as_ref().map_or(0, |http| http.path.len());
        let name = began.name.as_ref().map_or(0, |name| name.len());
        ROW_BYTES + began.script.len() + name + began.summary.len() + path + texts
    }

    pub(super) fn row(&self) -> Row<'_> {
        let Self {
            began, ended, outbound, ..
        } = self;
        let http = began.http.as_ref();
        Row {
            id: began.id,
            app_id: began.app,
            script: &began.script,
            version: began.version,
            kind: began.kind.as_str(),
            name: began.name.as_deref(),
            summary: &began.summary,
            method: http.map(|http| http.method.as_str()),
            path: http.map(|http| &*http.path),
            status: http.is_some().then_some(ended.status),
            ending: ended.ending.as_str(),
            error: ended.error.as_deref(),
            fuel: whole(ended.usage.fuel),
            memory_bytes: ended.usage.memory_bytes,
            wall_us: whole(ended.usage.wall_us),
            host_calls: ended.usage.host_calls,
            log_bytes: ended.usage.log_bytes,
            log: ended.log.as_deref(),
            outbound: outbound.as_deref(),
            bytes: whole(self.bytes()),
            started_at: began.started_us,
        }
    }
}

fn text_of(value: &impl Serialize) -> Box<str> {
    serde_json::to_string(value).expect("a record is plain data").into()
}

/// With its texts cut: an error is a hint, not a channel.
fn shortened(mut error: ExecutionError) -> ExecutionError {
    cut(&mut error.code);
    cut(&mut error.message);
    error.stack.truncate(FRAMES_MAX);
    for Frame { module, function, .. } in &mut error.stack {
        cut(module);
        cut(function);
    }
    error
}

fn cut(text: &mut String) {
    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
}

fn cut_box(text: &mut Box<str>) {
    if text.len() > TEXT_BYTES_MAX {
        *text = text[..text.floor_char_boundary(TEXT_BYTES_MAX)].into();
    }
}

/// As the database counts.
fn whole(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}
