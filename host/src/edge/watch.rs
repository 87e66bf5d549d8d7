//! The one timer of a connection.

use std::pin::{Pin, pin};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::activity::Activity;
use super::shared::Stop;

/// How long a connection without a request under way is given to say goodbye when the server stops.
pub(super) const GOODBYE_MAX: Duration = Duration::from_millis(500);

/// Why a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It came to its end.
    Over,
    /// Nothing happened.
    Idle,
    /// The server stops.
    Stopped,
}

/// Drives a connection to its end: the client's, one for lack of activity, or ours.
pub(super) async fn watch<C: Future + Unpin>(
    connection: &mut C,
    finish: impl Fn(Pin<&mut C>),
    (activity, idle_max): (&Activity, Duration),
    stop: &Stop,
) -> End {
    let mut idle_max = idle_max;
    let mut deadline = pin!(sleep_until(Instant::now() + idle_max));
    let (mut seen, mut asked, mut stopping) = (0, false, false);
    loop {
        tokio::select! {
            biased;
            _ = &mut *connection => return match (stopping, asked) {
                (true, _) => End::Stopped,
                (false, true) => End::Idle,
                (false, false) => End::Over,
            },
            () = &mut deadline => {
                if activity.is_idle_since(&mut seen) {
                    // Whoever was told to finish and did not, or never said anything, is cut off.
                    if asked || seen == 0 {
                        return if stopping { End::Stopped } else { End::Idle };
                    }
                    asked = true;
                    finish(Pin::new(&mut *connection));
                }
                deadline.as_mut().reset(Instant::now() + idle_max);
            }
            () = stop.politely.cancelled(), if !stopping => {
                (stopping, asked, idle_max) = (true, true, idle_max.min(GOODBYE_MAX));
                finish(Pin::new(&mut *connection));
                deadline.as_mut().reset(Instant::now() + idle_max);
            }
            () = stop.at_once.cancelled() => return End::Stopped,
        }
    }
}
