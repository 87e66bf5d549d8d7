//! What a run wrote becomes durable, or is nothing.

use picloud_executor::{Ending, GivenUp};

use super::admission::Permit;
use super::open::Open;
use crate::commit::spaces::{Lost, Session};
use crate::data::key::Key;
use crate::world::{Effects, effects};

/// How an attempt ended, where it was overtaken, if it was, and where to tell what it would have done, when that is not
/// to be kept.
pub(super) type Ended<'a> = (&'a Ending, Option<Key>, Option<&'a mut Effects>);

/// Makes durable what a run wrote that ended well, and sees to it that what any other saw has been so. The run's place is
/// free while the disk is waited for.
pub(super) async fn settle(
    open: &mut Open<'_>,
    (ending, lost_on, told): Ended<'_>,
    mut session: Session,
    permit: &mut Option<Permit>,
) -> Result<(), Lost> {
    let waiting = match ending {
        Ending::GivenUp(GivenUp::Overtaken) => return Err(Lost::Overtaken(lost_on)),
        Ending::Replied(reply) if reply.status < 500 => match told {
            None => {
                session.ends_at(open.now_ms());
                session.commit(&mut open.record).await?
            }
            Some(told) => {
                *told = effects(&mut session).await?;
                session.dismiss()
            }
        },
        _ => session.dismiss(),
    };
    if waiting.is_over() {
        return Ok(());
    }
    permit.take();
    waiting.durable(&mut open.record).await
}
