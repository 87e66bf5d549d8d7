//! Reads and writes of what an app keeps that are not a script's: for the management API and for housekeeping. They go
//! through the same door, so scripts see them as they see each other.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::changes::tell_changes;
use super::data::Data;
use super::mail::Mailing;
use super::told::{No, Told};
use crate::commit::spaces::{ATTEMPTS_MAX, Session, Spaces};
use crate::config::DataConfig;
use crate::data::key::Key;
use crate::ids::AppId;

/// Whose data, and within which bounds.
#[derive(Clone)]
pub struct Keeping {
    /// Of all apps.
    pub spaces: Arc<Spaces>,
    /// Which one's.
    pub app: AppId,
    /// What one transaction may touch.
    pub limits: DataConfig,
    /// What time it is, in milliseconds since 1970.
    pub now_ms: i64,
    /// Seeds the ids of new documents.
    pub seed: [u8; 32],
    /// Who is told of what it changes.
    pub mailing: Mailing,
}

impl Keeping {
    /// Does `work`, again when it is overtaken; when this returns, it is durable.
    ///
    /// # Errors
    /// Those of `work`, and when the database cannot be had.
    pub async fn transact<R: Send>(
        &self,
        work: impl for<'a> Fn(&'a mut Data) -> BoxFuture<'a, Told<R>> + Sync,
    ) -> Told<R> {
        let mut lost_on: Vec<Key> = Vec::new();
        let mut attempt = 1;
        loop {
            let mut session = Session::open(&self.spaces, self.app);
            if attempt > 1 {
                session.wait_for_turn(&lost_on, attempt).await;
            }
            let done = self.attempt(session, &work).await;
            match done {
                Err(No::Overtaken(key)) if attempt < ATTEMPTS_MAX => lost_on.extend(key),
                done => return done,
            }
            attempt += 1;
        }
    }

    /// Does `work` once; for whoever has time, and can ask for less when it is overtaken.
    ///
    /// # Errors
    /// As [`Self::transact`].
    pub async fn once<R: Send>(&self, work: impl for<'a> Fn(&'a mut Data) -> BoxFuture<'a, Told<R>> + Sync) -> Told<R> {
        self.attempt(Session::open(&self.spaces, self.app), &work).await
    }

    async fn attempt<R: Send>(
        &self,
        session: Session,
        work: &(impl for<'a> Fn(&'a mut Data) -> BoxFuture<'a, Told<R>> + Sync),
    ) -> Told<R> {
        let mut data = Data::new(session, self.limits, self.now_ms, self.seed);
        match work(&mut data).await {
            Ok(done) => self.settle(data).await.map(|()| done),
            Err(No::Refused { code, message }) => {
                // It may be refused for what never was.
                data.into_session().dismiss().durable(&mut None).await?;
                Err(No::Refused { code, message })
            }
            Err(no) => Err(no),
        }
    }

    async fn settle(&self, data: Data) -> Told<()> {
        let mut session = data.into_session();
        if let Err((code, message)) = tell_changes(&mut session, &self.mailing, (&self.limits, self.now_ms)).await? {
            return Err(No::Refused { code, message });
        }
        let waiting = session.commit(&mut None).await?;
        Ok(waiting.durable(&mut None).await?)
    }
}
