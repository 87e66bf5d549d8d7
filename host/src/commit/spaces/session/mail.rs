//! What an attempt sends, and what was there before it, for whom that is told.

use super::super::lost::Lost;
use super::{Points, Session};
use crate::commit::messages::{Handle, Sent};
use crate::data::key::Key;

impl Session {
    /// When it ends well, this message is done.
    pub fn handles(&mut self, message: Handle) {
        self.mail.handled = Some(message);
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
