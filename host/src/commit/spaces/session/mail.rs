//! What an attempt sends, and what was there before it, for whom that is told.

use super::super::lost::Lost;
use super::{Points, Session};
use crate::commit::messages::{Again, Handled, Sent};
use crate::data::key::Key;

impl Session {
    /// When it ends well, these messages are done, by the run of this name.
    pub fn handles(&mut self, messages: Vec<Handled>, execution: &str) {
        self.mail.handled = messages;
        self.mail.execution = execution.into();
    }

    /// One of them is not to be done; whether it is one of them.
    pub fn want_again(&mut self, message: i64, again: Again) -> bool {
        self.mail.want_again(message, again)
    }

    /// Which of its messages it wants again, in their order.
    #[must_use]
    pub fn wanted_again(&self) -> Vec<Option<Again>> {
        self.mail.wanted_again()
    }

    /// It wants those again that it wanted then.
    pub fn want_only(&mut self, wanted: Vec<Option<Again>>) {
        self.mail.want_only(wanted);
    }

    /// It ends at that time, in milliseconds since 1970.
    pub const fn ends_at(&mut self, now_ms: i64) {
        self.mail.ended_ms = now_ms;
    }

    /// Sends a message, when it ends well.
    pub fn send(&mut self, message: Sent) {
        self.mail.push(message);
    }

    /// What it sends, in order.
    #[must_use]
    pub fn messages_sent(&self) -> &[Sent] {
        self.mail.sent()
    }

    /// How many messages it sends, and what they come to in bytes.
    #[must_use]
    pub fn sent(&self) -> (usize, usize) {
        (self.mail.sent().len(), self.mail.bytes())
    }

    /// How many messages its app has, and what they come to, with what it sends itself.
    ///
    /// # Errors
    /// When the database cannot be had.
    pub async fn messages(&self) -> Result<(u64, u64), Lost> {
        let (messages, bytes) = self.spaces.messages(self.app.id).await?;
        let own = self.mail.sent().len() as u64;
        Ok((messages + own, bytes + self.mail.body_bytes() as u64))
    }

    /// It sends no more than its first so many.
    pub fn send_only(&mut self, first: usize) {
        self.mail.keep_only(first);
    }

    /// What is stored under each of `keys`, which are in order, whatever it has written there itself. None of all when they
    /// come to more than `bytes_max`.
    ///
    /// # Errors
    /// When the attempt cannot go on.
    pub(crate) async fn stored(&mut self, keys: &[Key], bytes_max: usize) -> Result<Points, Lost> {
        let own: Vec<_> = keys.iter().map(|key| (key.clone(), self.own(key))).collect();
        for key in keys {
            self.restore(key.clone(), None);
        }
        let stored = self.points(keys, bytes_max).await;
        for (key, own) in own {
            self.restore(key, own);
        }
        Ok(stored?.unwrap_or_else(|_| vec![None; keys.len()]))
    }
}
