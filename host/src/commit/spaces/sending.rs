//! What people send, or let go again: committed, and handed out.

use std::sync::Arc;

use super::spaces::Spaces;
use crate::commit::messages::Line;
use crate::ids::AppId;
use crate::store::Tx;

impl Spaces {
    /// Makes `tx` durable, which changes what is on its way: what it sent to a line, or else what is due, is handed out.
    /// It comes to that also when whoever asked goes away meanwhile.
    ///
    /// # Errors
    /// When the database refuses; then nothing was changed.
    pub(crate) async fn commit_sent(self: &Arc<Self>, tx: Tx, line: Option<(AppId, Line)>) -> anyhow::Result<()> {
        let spaces = Arc::clone(self);
        let committing = tokio::spawn(async move {
            tx.commit().await?;
            match line {
                Some(line) => spaces.post().arrived(std::iter::once(line)),
                None => spaces.post().look(),
            }
            anyhow::Ok(())
        });
        committing.await?
    }
}
