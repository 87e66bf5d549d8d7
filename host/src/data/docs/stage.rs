//! Which of two ways a find goes, and how far.
//!
//! An index that does not have the wanted order gives all that it finds before the first is known. So where there is
//! another way, the two take turns, by what was read and never by time:
//!
//! ```text
//! gather a few entries ─▶ look at some documents in order ─▶ gather the others ─▶ look at the others in order
//!  all there are?           the page is full?                 all there are?       as if there were no index
//!  fetch and sort them      done                              fetch and sort them
//! ```

use super::page::Bounds;

/// Where in that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Entries are gathered; a few.
    First,
    /// Documents are looked at in order; some.
    Trial,
    /// Entries are gathered, as many as may be.
    Gather,
    /// There is no other way, or no more.
    Last,
}

impl Stage {
    /// What comes when it has come to too much.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::First => Self::Trial,
            Self::Trial => Self::Gather,
            Self::Gather | Self::Last => Self::Last,
        }
    }

    /// What is left then, in a word.
    pub(super) const fn is_given_up(self) -> &'static str {
        match self {
            Self::Trial => "order",
            _ => "index",
        }
    }

    /// How much more may be read, when so many documents were looked at, and so many entries gathered.
    pub(super) fn left(self, bounds: Bounds, trial_max: usize, (looked_at, gathered): (usize, usize)) -> usize {
        let Bounds {
            looked_at_max,
            gathered_max,
            tried_max,
            ..
        } = bounds;
        let left = looked_at_max.saturating_sub(looked_at);
        match self {
            Self::First => tried_max.min(gathered_max).saturating_sub(gathered),
            Self::Trial => trial_max.saturating_sub(looked_at).min(left),
            Self::Gather => gathered_max.min(left).saturating_sub(gathered),
            // One more than it may look at, to know whether there is one.
            Self::Last => left.saturating_add(1),
        }
    }
}
