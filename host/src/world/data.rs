//! What one run reads and writes of what its app keeps, counted.

use std::collections::HashMap;

use crate::commit::messages::{Again, Sent};
use crate::commit::spaces::{Session, TooLarge};
use crate::config::DataConfig;
use crate::data::docs::id::Ids;
use crate::data::key::Key;
use crate::data::space::{Query, Seen};
use crate::data::writes::{Entry, Value};

use super::told::{TOO_MUCH, Told, too_much};

/// Keys of one question to the database.
const KEYS_AT_ONCE: usize = 1024;

/// One run's part of what its app keeps.
#[derive(Debug)]
pub struct Data {
    session: Session,
    limits: DataConfig,
    now_ms: i64,
    ids: Ids,
    reads: u64,
    read_bytes: u64,
    /// Of checking documents by schemas.
    steps: u64,
    /// What the call under way wrote over, so that a refused one leaves nothing.
    undo: Vec<(Key, Own)>,
    /// Messages that were sent before the call under way.
    sent_before: usize,
    /// The scripts that are at work within each other, but for the outermost.
    within: Vec<Level>,
}

/// What is to be undone when a script within another throws.
#[derive(Debug, Default)]
struct Level {
    /// What the outer ones wrote under each key that it wrote, and no more: it may write one again and again.
    undo: HashMap<Key, Own>,
    sent_before: usize,
    wanted_before: Vec<Option<Again>>,
}

impl Level {
    /// So it was before something was written.
    fn note(&mut self, before: impl IntoIterator<Item = (Key, Own)>) {
        for (key, own) in before {
            self.undo.entry(key).or_insert(own);
        }
    }
}

/// What a run wrote under a key before: nothing, a deletion or a value.
type Own = Option<Option<Value>>;

impl Data {
    /// Through `session`, at `now_ms`; new documents have the ids of `seed`.
    #[must_use]
    pub const fn new(session: Session, limits: DataConfig, now_ms: i64, seed: [u8; 32]) -> Self {
        Self {
            session,
            limits,
            now_ms,
            ids: Ids::of(seed),
            reads: 0,
            read_bytes: 0,
            steps: 0,
            undo: Vec::new(),
            sent_before: 0,
            within: Vec::new(),
        }
    }

    /// Time has gone by.
    pub(super) const fn at(&mut self, now_ms: i64) {
        self.now_ms = now_ms;
    }

    /// Whoever stands behind it in a line may go first.
    pub(super) fn let_others_pass(&mut self) {
        self.session.let_others_pass();
    }

    /// What was read and written through.
    #[must_use]
    pub fn into_session(self) -> Session {
        self.session
    }

    /// What time it is.
    #[must_use]
    pub const fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// An id for a new document: the same at each attempt.
    pub fn next_id(&mut self) -> String {
        self.ids.next(self.now_ms.unsigned_abs())
    }

    /// A call begins: until now nothing is to be undone.
    pub(super) fn begin_call(&mut self) {
        self.end_call();
        self.sent_before = self.session.sent().0;
    }

    /// What the last call wrote may still be undone with all that a script within another wrote.
    fn end_call(&mut self) {
        match self.within.last_mut() {
            Some(level) => level.note(self.undo.drain(..)),
            None => self.undo.clear(),
        }
    }

    /// A script begins within another.
    pub(super) fn enter(&mut self) {
        self.end_call();
        self.within.push(Level {
            undo: HashMap::new(),
            sent_before: self.session.sent().0,
            wanted_before: self.session.wanted_again(),
        });
    }

    /// It ended. What it wrote and sent `is_kept`, or as it was before.
    pub(super) fn leave(&mut self, is_kept: bool) {
        self.end_call();
        let Some(level) = self.within.pop() else { return };
        let Level {
            undo,
            sent_before,
            wanted_before,
        } = level;
        if !is_kept {
            self.session.want_only(wanted_before);
            self.undo = undo.into_iter().collect();
            self.sent_before = sent_before;
            self.undo_call();
        } else if let Some(outer) = self.within.last_mut() {
            outer.note(undo);
        }
    }

    /// The call is refused: what it wrote is as it was before.
    pub(super) fn undo_call(&mut self) {
        for (key, own) in self.undo.drain(..).rev() {
            self.session.restore(key, own);
        }
        self.session.send_only(self.sent_before);
    }

    /// Sends a message, when the run ends well.
    pub(super) fn send(&mut self, message: Sent) {
        self.session.send(message);
    }

    /// Wants a message that the run is for again; whether it is one of those.
    pub(super) fn want_again(&mut self, message: i64, again: Again) -> bool {
        self.session.want_again(message, again)
    }

    /// How many messages its app has, and what they come to, with what it sends itself.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub(super) async fn messages(&self) -> Told<(u64, u64)> {
        Ok(self.session.messages().await?)
    }

    /// How many messages it sends, and what they come to in bytes.
    pub(super) fn sent(&self) -> (usize, usize) {
        self.session.sent()
    }

    /// What bounds it.
    #[must_use]
    pub const fn limits(&self) -> &DataConfig {
        &self.limits
    }

    /// What is stored under each of `keys`; nothing of what has expired.
    ///
    /// # Errors
    /// When it is too much for one run, or the run cannot go on.
    pub async fn get(&mut self, keys: &[Key]) -> Told<Vec<Option<Value>>> {
        self.count(keys.len(), 0)?;
        let mut values = Vec::with_capacity(keys.len());
        for some in keys.chunks(KEYS_AT_ONCE) {
            match self.session.points(some, self.bytes_left()).await? {
                Ok(mut some) => {
                    self.count(0, some.iter().flatten().map(|value| value.len()).sum())?;
                    for value in &mut some {
                        value.take_if(|value| is_over(value, self.now_ms));
                    }
                    values.append(&mut some);
                }
                Err(TooLarge { bytes }) => self.count(0, bytes)?,
            }
        }
        Ok(values)
    }

    /// The entries that `query` is about, in its order, and the last place that was looked at when there may be more; those
    /// that have expired are not among them, and count.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn range(&mut self, query: &Query) -> Told<Seen> {
        self.entries(query, true).await
    }

    /// The same, but for values.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn keys(&mut self, query: &Query) -> Told<Seen> {
        self.entries(query, false).await
    }

    async fn entries(&mut self, query: &Query, values: bool) -> Told<Seen> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut rest = query.clone();
        loop {
            let bytes_max = self.bytes_left();
            let (mut some, last) = if values {
                self.session.range(&rest, bytes_max).await?
            } else {
                self.session.keys(&rest, bytes_max).await?
            };
            let bytes = |(key, value): &Entry| key.as_bytes().len() + if values { value.len() } else { 0 };
            self.count(some.len(), some.iter().map(bytes).sum())?;
            rest.limit -= some.len();
            entries.append(&mut some);
            match &last {
                // What was read is smaller as the run sees it.
                Some(last) if rest.limit > 0 => rest.go_on_after(last),
                _ => {
                    entries.retain(|(_, value)| !is_over(value, self.now_ms));
                    return Ok((entries, last));
                }
            }
        }
    }

    /// What the run may still read. Nobody reads more from the database than that and one entry.
    fn bytes_left(&self) -> usize {
        usize::try_from(self.limits.read_bytes_max.saturating_sub(self.read_bytes)).unwrap_or(usize::MAX)
    }

    /// Writes `value` under `key`, or deletes it.
    ///
    /// # Errors
    /// When it is too much for one run or for the app, or the run cannot go on.
    pub async fn put(&mut self, key: Key, value: Option<Value>) -> Told<()> {
        let length = value.as_ref().map_or(0, |value| value.len());
        let DataConfig {
            value_bytes_max,
            writes_max,
            write_bytes_max,
            ..
        } = self.limits;
        if length > value_bytes_max as usize {
            let sizes = (length as u64, value_bytes_max.into());
            return too_much("value_too_large", "bytes of a value", sizes, "PICLOUD_VALUE_BYTES_MAX");
        }
        let (keys, bytes) = self.session.written();
        let bytes = (bytes + key.as_bytes().len() + length) as u64;
        if bytes > write_bytes_max {
            let sizes = (bytes, write_bytes_max);
            return too_much(TOO_MUCH, "bytes written", sizes, "PICLOUD_WRITE_BYTES_PER_RUN_MAX");
        }
        if keys as u64 >= u64::from(writes_max) && !self.session.has_written(&key) {
            let sizes = (keys as u64 + 1, writes_max.into());
            return too_much(TOO_MUCH, "entries written", sizes, "PICLOUD_WRITES_PER_RUN_MAX");
        }
        self.undo.push((key.clone(), self.session.own(&key)));
        Ok(self.session.put(key, value).await??)
    }

    /// Counts what it takes to check a document.
    ///
    /// # Errors
    /// When it is too much for one run.
    pub(super) fn count_steps(&mut self, steps: u64) -> Told<()> {
        let all = self.steps.saturating_add(steps);
        if all > self.limits.check_steps_max {
            let sizes = (all, self.limits.check_steps_max);
            return too_much(
                TOO_MUCH,
                "steps of checks by schemas",
                sizes,
                "PICLOUD_CHECK_STEPS_PER_RUN_MAX",
            );
        }
        self.steps = all;
        Ok(())
    }

    fn count(&mut self, reads: usize, bytes: usize) -> Told<()> {
        self.reads += reads as u64;
        self.read_bytes += bytes as u64;
        if self.reads > self.limits.reads_max.into() {
            let sizes = (self.reads, self.limits.reads_max.into());
            return too_much(TOO_MUCH, "entries read", sizes, "PICLOUD_READS_PER_RUN_MAX");
        }
        if self.read_bytes > self.limits.read_bytes_max {
            let sizes = (self.read_bytes, self.limits.read_bytes_max);
            return too_much(TOO_MUCH, "bytes read", sizes, "PICLOUD_READ_BYTES_PER_RUN_MAX");
        }
        Ok(())
    }
}

fn is_over(value: &Value, now_ms: i64) -> bool {
    value.expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms)
}
