//! A run that is not over: what is to be told of it, whoever leaves.

use std::sync::Arc;

use picloud_executor::{Attempt, Ending, Execution, GivenUp, Identity};
use picloud_sdk::api::LogLine;
use picloud_sdk::limits::Usage;

use super::attempt::Prepared;
use super::host::Host;
use super::idempotency::Repeat;
use super::replay::ended;
use super::report::{report, status_of};
use super::snapshot::App;
use crate::commit::{Began, FORMAT, Journal, Record};
use crate::ids::{ExecutionId, VersionId};
use crate::outbound::Calls;
use crate::random;
use crate::secrets::Seen;
use crate::world::Closed;

/// A run that is not over, with its record if it is to have one. Dropped before the end, that says that whoever asked went
/// away; unless it was handed over with what the run wrote.
pub(super) struct Open<'a> {
    host: &'a Host,
    pub(super) record: Option<Record>,
    id: ExecutionId,
    script: Arc<str>,
    version: u32,
    /// None for a draft.
    saved: Option<VersionId>,
    /// What it sends to others.
    pub(super) calls: Arc<Calls>,
    pub(super) attempt: Attempt,
    started_us: i64,
}

impl<'a> Open<'a> {
    /// Of a run that began like this, of a saved version or a draft; `wanted` when it is to be recorded.
    pub(super) fn begin(
        host: &'a Host,
        (began, saved): (Began, Option<VersionId>),
        calls: Arc<Calls>,
        wanted: bool,
    ) -> Self {
        let (id, started_us) = (began.id, began.started_us);
        let (script, version) = (Arc::clone(&began.script), began.version);
        Self {
            host,
            record: wanted.then(|| Record::begun(began)),
            id,
            script,
            version,
            saved,
            calls,
            attempt: Attempt {
                number: 1,
                seed: random::seed(),
                now_ms: started_us / 1000,
            },
            started_us,
        }
    }

    /// What time it is, in milliseconds since 1970.
    pub(super) fn now_ms(&self) -> i64 {
        self.host.clock.now_us() / 1000
    }

    /// Whose run it is, for the script.
    pub(super) fn identity(&self, app: &App, trace: Option<String>) -> Identity {
        let execution = self.id.to_string();
        // The id's own digits are as good a trace id as any.
        let trace = trace.unwrap_or_else(|| execution.split_once('_').map_or("", |(_, digits)| digits).to_owned());
        Identity {
            app: Arc::clone(&app.name),
            script: Arc::clone(&self.script),
            version: self.version,
            execution,
            trace,
        }
    }

    /// How its run ended, for the record.
    pub(super) fn note(&mut self, execution: &Execution, log: &[LogLine]) {
        if let Some(record) = &mut self.record {
            let status = status_of(&execution.ending);
            record.end(report(&execution.ending), status, execution.usage, log);
            record.sent(&self.calls.told());
        }
    }

    /// Hides the secrets that it was told in what was known from its beginning.
    pub(super) fn hide(&mut self, seen: &Seen) {
        if let Some(record) = self.record.as_mut().filter(|_| !seen.is_empty()) {
            record.hide(|text| seen.hide(text));
        }
    }

    /// How it was answered without a run, if it was.
    fn repeats(&mut self, repeat: Option<&Repeat>) {
        if let (Some(record), Some(Repeat::Replied(first))) = (&mut self.record, repeat) {
            record.repeats(first);
        }
    }

    /// What it was told, so that it can be run again.
    pub(super) fn keep(&mut self, prepared: &Prepared, execution: &Execution, closed: &Closed) {
        let Some(record) = &mut self.record else { return };
        // Of another attempt.
        record.keep(None);
        let Some(calls) = &closed.calls else { return };
        let Prepared {
            identity,
            attempt,
            event,
            body,
            limits,
            ..
        } = prepared;
        if closed.seen.is_in(event) {
            return;
        }
        let kept = !closed.seen.is_in(body) && body.len() <= self.host.config.history.journal_body_bytes_max as usize;
        record.keep(Some(Journal {
            format: FORMAT,
            guest: self.host.guest_hash.into(),
            version: self.saved.map(|version| version.to_string()),
            app: identity.app.as_ref().to_owned(),
            script: identity.script.as_ref().to_owned(),
            number: identity.version,
            execution: identity.execution.clone(),
            trace: identity.trace.clone(),
            attempt: attempt.number,
            seed: attempt.seed,
            now_ms: attempt.now_ms,
            limits: limits
                .values()
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
            event: event.clone(),
            body: kept.then(|| body.clone()),
            body_bytes: body.len() as u64,
            calls: calls.clone(),
            ended: ended(execution, &closed.log),
        }));
    }

    /// It is over, and was not handed over; it may have been answered without a run.
    pub(super) fn end(mut self, execution: &Execution, log: &[LogLine], repeat: Option<&Repeat>) -> ExecutionId {
        self.repeats(repeat);
        if let Ending::Stale(why) | Ending::Broke(why) = &execution.ending {
            tracing::error!(execution.id = %self.id, "the run {} broke, which is our fault: {why}", self.id);
        }
        self.note(execution, log);
        if let Some(record) = self.record.take() {
            self.host.committer.push(record);
        }
        self.id
    }

    /// It was overtaken, and there is no place to begin anew in.
    pub(super) fn no_place(&mut self) {
        if let Some(mut record) = self.record.take() {
            record.end(report(&Ending::GivenUp(GivenUp::Overtaken)), 429, Usage::default(), &[]);
            record.sent(&self.calls.told());
            self.host.committer.push(record);
        }
    }

    /// It could not even begin.
    pub(super) fn no_program(mut self, cause: &anyhow::Error) -> ExecutionId {
        tracing::error!(execution.id = %self.id, "the run {} could not start: {cause:#}", self.id);
        if let Some(mut record) = self.record.take() {
            record.could_not_start(503);
            self.host.committer.push(record);
        }
        self.id
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if let Some(mut record) = self.record.take() {
            let us = self.host.clock.now_us().saturating_sub(self.started_us);
            record.cancelled(u64::try_from(us).unwrap_or(0));
            record.sent(&self.calls.told());
            self.host.committer.push(record);
        }
    }
}
