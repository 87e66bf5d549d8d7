//! Work in a session that no run has: done again when it is overtaken, and durable when it is over.

use std::sync::Arc;

use crate::commit::spaces::{ATTEMPTS_MAX, Lost, Session, Spaces};
use crate::data::key::Key;
use crate::ids::AppId;

/// What is to be done in one transaction.
pub(super) trait Work: Sync {
    /// What comes of it.
    type Done: Send;

    /// Does it once.
    fn attempt(&self, session: &mut Session) -> impl Future<Output = Result<Then<Self::Done>, Lost>> + Send;
}

/// What becomes of what was written.
pub(super) enum Then<D> {
    Keep(D),
    Leave(D),
}

/// Does `work` in the space of an app; when this returns, it is durable.
pub(super) async fn durably<W: Work>(spaces: &Arc<Spaces>, app: AppId, work: &W) -> Result<W::Done, Lost> {
    let mut lost_on: Vec<Key> = Vec::new();
    let mut attempt = 1;
    loop {
        let mut session = Session::open(spaces, app);
        if attempt > 1 {
            session.wait_for_turn(&lost_on, attempt).await;
        }
        match once(session, work).await {
            Err(Lost::Overtaken(key)) if attempt < ATTEMPTS_MAX => lost_on.extend(key),
            done => return done,
        }
        attempt += 1;
    }
}

async fn once<W: Work>(mut session: Session, work: &W) -> Result<W::Done, Lost> {
    let (waiting, done) = match work.attempt(&mut session).await? {
        Then::Keep(done) => (session.commit(&mut None).await?, done),
        Then::Leave(done) => (session.dismiss(), done),
    };
    waiting.durable(&mut None).await?;
    Ok(done)
}
