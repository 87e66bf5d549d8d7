//! One try at an event: its world is opened, the program runs in it, the world is closed. Whoever runs a script, for a
//! request, a trial or on the command line, comes through [`attempt`].

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use picloud_executor::{Attempt, Budget, Ending, Execution, GivenUp, Identity, Job, Linked, Reply, Run, ScriptError};
use picloud_sdk::limits::{Limits, Usage};

use crate::commit::messages::Handled;
use crate::commit::spaces::{Lost, Session};
use crate::config::{DataConfig, PasswordConfig};
use crate::outbound::Calls;
use crate::secrets::{Seen, Vault};
use crate::world::{Closed, Live, Mailing, Opening, Scripts, tell_changes};

/// What a try is made of. It can be made again: of the same, the same comes.
#[derive(Clone)]
pub struct Prepared {
    /// Whose run it is.
    pub identity: Arc<Identity>,
    /// Which try, its seed and its time.
    pub attempt: Attempt,
    /// An encoded [`picloud_sdk::event::Event`].
    pub event: Bytes,
    /// The event's body.
    pub body: Bytes,
    /// What it may use.
    pub limits: Limits,
    /// How much it may touch of what its app keeps.
    pub data: DataConfig,
    /// What hashing a password takes.
    pub passwords: PasswordConfig,
    /// What its journal may take; 0 for none.
    pub journal_bytes_max: usize,
    /// The memory that it shares with others.
    pub memory: Arc<Budget>,
    /// Its app's secrets and settings.
    pub vault: Arc<Vault>,
    /// What its run sends to others, at whatever attempt.
    pub calls: Arc<Calls>,
    /// To whom it may send, and what it is a consequence of.
    pub mailing: Mailing,
    /// The messages that are done when it ends well.
    pub messages: Vec<Handled>,
    /// What may run within it.
    pub scripts: Arc<dyn Scripts>,
}

/// A try that is over.
#[derive(Debug)]
pub struct Attempted {
    /// How it ended, and what it used.
    pub execution: Execution,
    /// What it left; nothing when its world was lost on the way.
    pub closed: Option<Closed>,
}

/// Open, run, close.
pub async fn attempt(runner: &dyn Run, program: Arc<Linked>, prepared: Prepared, mut session: Session) -> Attempted {
    let Prepared {
        identity,
        attempt,
        event,
        body,
        limits,
        data,
        passwords,
        journal_bytes_max,
        memory,
        vault,
        calls,
        mailing,
        messages,
        scripts,
    } = prepared;
    if !messages.is_empty() {
        session.handles(messages, &identity.execution);
    }
    let now_ms = attempt.now_ms;
    let world = Live::open(Opening {
        now_ms: attempt.now_ms,
        seed: attempt.seed,
        body,
        log_bytes_max: limits.log_bytes_max,
        session,
        data,
        journal_bytes_max,
        vault,
        calls,
        wall_ms_max: limits.wall_ms_max,
        passwords: passwords.cost(),
        mailing: mailing.clone(),
        scripts,
        script: Arc::clone(&identity.script),
        memory: Arc::clone(&memory),
    });
    let job = Job {
        program,
        identity,
        attempt,
        event,
        limits,
        memory,
        world: Box::new(world),
    };
    let ran = AssertUnwindSafe(runner.run(job)).catch_unwind().await;
    let Ok((mut execution, world)) = ran else {
        return Attempted::broke("the executor panicked".to_owned());
    };
    let Some(mut closed) = Live::close_any(world) else {
        return Attempted::broke("the run gave back another world".to_owned());
    };
    execution.usage.log_bytes = closed.log_bytes;
    if let Ending::Replied(Reply { status, .. }) = execution.ending
        && !(200..600).contains(&status)
    {
        execution.ending = Ending::Broke(format!("the guest let the status {status} through"));
    }
    if matches!(&execution.ending, Ending::Replied(reply) if reply.status < 500) {
        watch(&mut closed, &mut execution.ending, &mailing, (&data, now_ms)).await;
    }
    hide(&closed.seen, &mut execution.ending);
    Attempted {
        execution,
        closed: Some(closed),
    }
}

/// Tells who watches what the run changed.
async fn watch(closed: &mut Closed, ending: &mut Ending, mailing: &Mailing, bounds: (&DataConfig, i64)) {
    *ending = match tell_changes(&mut closed.session, mailing, bounds).await {
        Ok(Ok(())) => return,
        Ok(Err((code, message))) => Ending::Threw(ScriptError {
            code: code.to_owned(),
            message,
            caller_status: None,
            stack: Vec::new(),
        }),
        Err(lost) => {
            let why = given_up(&lost);
            closed.lost_on = lost.key();
            Ending::GivenUp(why)
        }
    };
}

/// Hides the secrets that a run was told in why it ended.
pub(super) fn hide(seen: &Seen, ending: &mut Ending) {
    match ending {
        Ending::Threw(ScriptError { code, message, .. }) => {
            seen.hide(code);
            seen.hide(message);
        }
        Ending::Stale(why) | Ending::Broke(why) => seen.hide(why),
        Ending::Replied(_) | Ending::Stopped(..) | Ending::GivenUp(_) => {}
    }
}

/// Why a run ends whose session is lost.
pub(super) const fn given_up(lost: &Lost) -> GivenUp {
    match lost {
        Lost::Overtaken(_) => GivenUp::Overtaken,
        Lost::Unavailable(_) | Lost::Gone => GivenUp::Unavailable,
        Lost::NotHeld => GivenUp::NotHeld,
    }
}

impl Attempted {
    /// One that came to nothing, by a fault of ours.
    pub(super) fn broke(why: String) -> Self {
        Self {
            execution: Execution {
                ending: Ending::Broke(why),
                usage: Usage::default(),
            },
            closed: None,
        }
    }
}
