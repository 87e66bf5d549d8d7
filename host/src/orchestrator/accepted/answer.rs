//! Runs a request that was accepted. Whatever way the run ends is its reply.

use http::Method;
use picloud_executor::{Ending, GivenUp, Reply};
use picloud_sdk::event::Event;
use picloud_sdk::limits::{Limit, Stop};
use picloud_sdk::wire;

use super::durably::{Then, Work, durably};
use super::stored::Stored;
use crate::commit::messages::Leased;
use crate::commit::spaces::{Lost, Session};
use crate::commit::{Http, Kind};
use crate::ids::AppId;
use crate::orchestrator::answer::{not_loaded, refusal, reply_of};
use crate::orchestrator::dispatch::{
    DispatchError, Finished, Happening, Order, Subject, calls, current, dispatch, live,
};
use crate::orchestrator::host::Host;
use crate::orchestrator::promise::{Answered, Promise};
use crate::orchestrator::report::report;
use crate::orchestrator::snapshot::App;
use crate::outbound::Calls;
use crate::problem::{Code, Problem};
use crate::secrets::Seen;

/// It was nobody's fault but ours: it is to be run again.
pub struct Again {
    /// A stable word.
    pub code: String,
    /// A sentence.
    pub message: String,
    /// The run, if there was one.
    pub execution: Option<String>,
}

/// How a request ends whose run did not keep its reply itself.
struct Failed {
    reply: Reply,
    execution: String,
    seen: Seen,
}

/// Runs a request of `app` that was handed out. When this returns well it is answered, or somebody else sees to it.
///
/// # Errors
/// When it is to be handed out again, of which there are so many attempts.
pub async fn answer(host: &Host, app: AppId, leased: &Leased, attempts_max: u32) -> Result<(), Again> {
    let id = leased.handle.key.as_deref().and_then(|key| key.parse().ok());
    let (Some(id), Ok(app)) = (id, current(host, app)) else {
        // The messages of an app that is gone go, too.
        tracing::debug!(app.id = %app, "a request is left, as there is no such app");
        return Ok(());
    };
    let (promise, failed) = match Stored::decode(&leased.body) {
        Ok(stored) => {
            let promise = Promise::new(id, stored.callback.map(Into::into), host.config.idempotency);
            let failed = run(host, (&app, &promise), (leased, stored), attempts_max).await?;
            (promise, failed)
        }
        Err(error) => {
            tracing::error!(request.id = %id, "a request that waits cannot be read: {error}");
            let problem = Problem::new(Code::Internal, "the request cannot be read any more");
            (
                Promise::new(id, None, host.config.idempotency),
                Some(Failed::of(&problem)),
            )
        }
    };
    if let Some(failed) = failed {
        keep(host, (&app, &promise), leased, failed).await;
    }
    Ok(())
}

/// Runs it, if it may be begun once more; how it ended, unless somebody has seen to that.
async fn run(
    host: &Host,
    (app, promise): (&App, &Promise),
    (leased, stored): (&Leased, Stored<'_>),
    attempts_max: u32,
) -> Result<Option<Failed>, Again> {
    let attempts_left = i64::from(attempts_max) - leased.handle.attempt;
    if attempts_left < 0 {
        // Nobody could say so: the server ended each time.
        let message =
            format!("none of {attempts_max} attempts came to an end, as their servers did; nothing was kept of them");
        return Ok(Some(Failed::of(&Problem::new(Code::Lost, message))));
    }
    let Ok((app, subject)) = live(host, app.id, leased.handle.line.name.clone()) else {
        let problem = Problem::new(Code::NotFound, "nothing answers here any more");
        return Ok(Some(Failed::of(&problem)));
    };
    let Some(happening) = happening(leased, &stored) else {
        let problem = Problem::new(Code::Internal, "the request cannot be read any more");
        return Ok(Some(Failed::of(&problem)));
    };
    let show_errors = app.show_errors;
    let order = order(app, subject, (leased, promise));
    let mark = host.underway.begin((order.app.id, promise.id));
    let dispatched = tokio::select! {
        dispatched = dispatch(host, order, happening) => dispatched,
        () = mark.end.cancelled() => return Ok(None),
    };
    match dispatched {
        Ok(finished) => ended(finished, show_errors, attempts_left > 0),
        Err(DispatchError::NoProgram { cause, id }) if attempts_left > 0 => {
            let message = format!("the script cannot be loaded: {cause:#}");
            Err(again("unavailable", message, Some(id.to_string())))
        }
        Err(DispatchError::NoProgram { id, .. }) => Ok(Some(Failed {
            reply: not_loaded(id),
            execution: id.to_string(),
            seen: Seen::default(),
        })),
        Err(error) if attempts_left > 0 => Err(again("unavailable", error.to_string(), None)),
        Err(error) => Ok(Some(Failed::of(&Problem::new(Code::Overloaded, error.to_string())))),
    }
}

fn order(app: std::sync::Arc<App>, subject: Subject, (leased, promise): (&Leased, &Promise)) -> Order {
    Order {
        app,
        subject,
        limits: None,
        record: true,
        commit: true,
        messages: vec![leased.handle.clone().into()],
        once: None,
        promise: Some(promise.clone()),
    }
}

/// The request as its script would have seen it at once.
fn happening(leased: &Leased, stored: &Stored<'_>) -> Option<Happening> {
    let Ok(Event::Http(request)) = wire::decode(stored.event, stored.event.len()) else {
        return None;
    };
    let http = Http {
        method: Method::from_bytes(request.method.as_bytes()).ok()?,
        path: request.path.into(),
    };
    let event = (stored.event.to_vec(), stored.body.to_vec().into());
    Some(Happening {
        trace: stored.trace.map(str::to_owned),
        cause: leased.cause.clone(),
        ..Happening::request(Kind::Http, http, event)
    })
}

/// What came of a run that is over.
fn ended(finished: Finished, show_errors: bool, may_again: bool) -> Result<Option<Failed>, Again> {
    let Finished {
        id, execution, seen, ..
    } = finished;
    match &execution.ending {
        // Its own commit has it; or its message is another's.
        Ending::Replied(reply) if reply.status < 500 => return Ok(None),
        Ending::GivenUp(GivenUp::NotHeld) => return Ok(None),
        Ending::GivenUp(_)
        | Ending::Stopped(
            Stop {
                limit: Limit::SharedMemory,
                ..
            },
            _,
        ) if may_again => {
            let (_, told) = report(&execution.ending);
            let (code, message) = told.map_or_else(Default::default, |told| (told.code, told.message));
            return Err(again(&code, message, Some(id.to_string())));
        }
        _ => {}
    }
    Ok(Some(Failed {
        reply: reply_of(execution.ending, id, None, show_errors),
        execution: id.to_string(),
        seen,
    }))
}

/// Keeps how a request ended, and removes it.
async fn keep(host: &Host, (app, promise): (&App, &Promise), leased: &Leased, failed: Failed) {
    let keeping = Keeping {
        promise,
        leased,
        failed: &failed,
        calls: &calls(host, app, (leased.cause.hops, false)),
        now_ms: host.clock.now_us() / 1000,
    };
    match durably(&host.spaces, app.id, &keeping).await {
        // Another attempt has it, or nobody wants it.
        Ok(()) | Err(Lost::NotHeld) => {}
        Err(lost) => {
            tracing::warn!(request.id = %promise.id, "a reply cannot be kept, the request is run again when its lease is over: {lost}");
        }
    }
}

/// One commit.
struct Keeping<'a> {
    promise: &'a Promise,
    leased: &'a Leased,
    failed: &'a Failed,
    calls: &'a Calls,
    now_ms: i64,
}

impl Work for Keeping<'_> {
    type Done = ();

    async fn attempt(&self, session: &mut Session) -> Result<Then<()>, Lost> {
        let Failed { reply, execution, seen } = self.failed;
        let answered = Answered { reply, execution, seen };
        session.handles(vec![self.leased.handle.clone().into()], "");
        self.promise.keep(answered, session, self.now_ms).await?;
        let after = (&self.leased.cause, self.now_ms);
        if let Some(sent) = self.promise.call_back(answered, self.calls, after) {
            session.send(sent);
        }
        Ok(Then::Keep(()))
    }
}

impl Failed {
    /// No run could do it.
    fn of(problem: &Problem) -> Self {
        Self {
            reply: refusal(problem),
            execution: String::new(),
            seen: Seen::default(),
        }
    }
}

fn again(code: &str, message: String, execution: Option<String>) -> Again {
    Again {
        code: code.to_owned(),
        message,
        execution,
    }
}
