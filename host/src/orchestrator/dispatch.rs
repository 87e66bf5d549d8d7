//! One happening, start to finish. Read [`dispatch`] first.
//!
//! ```text
//! Happening ─ admit ─▶ Open ─ program ─▶ World::open ─ run ─ World::close ─▶ report ─▶ committer
//! ```

use std::sync::Arc;

use bytes::Bytes;
use picloud_executor::{Ending, Execution};
use picloud_sdk::api::LogLine;
use picloud_sdk::compile::Artifact;
use picloud_sdk::limits::Limits;

use crate::commit::messages::{Cause, Handled};
use crate::commit::spaces::{ATTEMPTS_MAX, Lost, Session};
use crate::commit::{Began, Http, Kind};
use crate::ids::{AppId, ExecutionId, VersionId};
use crate::linking::LinkedModule;
use crate::outbound::{Calls, Reach};
use crate::secrets::Seen;
use crate::world::{Effects, Mailing};

use super::admission::{Permit, Refusal};
use super::attempt::{Attempted, Prepared, attempt, given_up};
use super::host::Host;
use super::idempotency::{self, Once, Repeat};
use super::library::Loaded;
use super::locate::Own;
use super::open::Open;
use super::promise::{Promise, keep_run};
use super::scripts::AppScripts;
use super::settle::settle;
use super::snapshot::{App, Target};

/// One thing that happened, complete.
pub struct Happening {
    /// What kind of thing.
    pub kind: Kind,
    /// The name of the queue, schedule, ... that it is a message of.
    pub name: Option<Arc<str>>,
    /// One line that tells it from others of its kind, for the record.
    pub summary: Box<str>,
    /// What a request was, for the record.
    pub http: Option<Http>,
    /// W3C trace id, 32 hex digits, when the caller sent one.
    pub trace: Option<String>,
    /// An encoded [`picloud_sdk::event::Event`].
    pub event: Vec<u8>,
    /// The body, all of it.
    pub body: Bytes,
    /// What it is a consequence of.
    pub cause: Cause,
}

impl Happening {
    /// A request, or what somebody wants to be taken for one.
    #[must_use]
    pub fn request(kind: Kind, http: Http, (event, body): (Vec<u8>, Bytes)) -> Self {
        Self {
            kind,
            name: None,
            summary: format!("{} {}", http.method, http.path).into(),
            http: Some(http),
            trace: None,
            event,
            body,
            cause: Cause::default(),
        }
    }
}

/// What is to be run for a happening, and how.
pub struct Order {
    /// Whose it is.
    pub app: Arc<App>,
    /// What answers.
    pub subject: Subject,
    /// Tighter limits than the installation's, if any.
    pub limits: Option<Limits>,
    /// Whether it leaves a record.
    pub record: bool,
    /// Whether what it writes is kept; else it is told what that would be.
    pub commit: bool,
    /// The messages that are done when it ends well. A run for some waits for a place of its own kind.
    pub messages: Vec<Handled>,
    /// When it is to be done once, however often it is asked for.
    pub once: Option<Once>,
    /// When its reply is kept, for whoever asks for it later.
    pub promise: Option<Promise>,
}

/// What answers.
pub enum Subject {
    /// A version that is live.
    Live(Arc<Target>),
    /// Something that is not saved.
    Draft {
        /// What to call it.
        script: Arc<str>,
        /// Its compiled form.
        artifact: Box<Artifact>,
        /// What it may import.
        modules: Vec<LinkedModule>,
    },
}

impl Subject {
    /// The version's id; none for a draft.
    fn version(&self) -> Option<VersionId> {
        match self {
            Self::Live(target) => Some(target.version),
            Self::Draft { .. } => None,
        }
    }
}

/// An admitted happening, answered.
#[derive(Debug)]
pub struct Finished {
    /// Names the run.
    pub id: ExecutionId,
    /// How it went.
    pub execution: Execution,
    /// What it logged.
    pub log: Vec<LogLine>,
    /// What it would have done, when that was not to be kept.
    pub effects: Option<Effects>,
    /// How it was answered without a run, if it was.
    pub repeat: Option<Repeat>,
    /// The secrets that it was told.
    pub seen: Seen,
}

/// Why a run could not start.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// There is no place for it.
    #[error("{0}")]
    Refused(Refusal),
    /// What should run cannot be had.
    #[error("the program of {id} cannot be had: {cause:#}")]
    NoProgram {
        /// The run that could not start; it has a record.
        id: ExecutionId,
        /// Why.
        cause: anyhow::Error,
    },
    /// A trial in an app that is not there (any more).
    #[error("there is no such app")]
    NoApp,
    /// A trial of a script that is no endpoint of the app.
    #[error("the app has no endpoint {0:?}")]
    NoEndpoint(Arc<str>),
}

/// One happening, start to finish.
///
/// # Errors
/// When there is no place, or the program cannot be had. What the script does, however it ends, is an [`Execution`].
pub async fn dispatch(host: &Host, order: Order, happening: Happening) -> Result<Finished, DispatchError> {
    let Order {
        app,
        subject,
        limits,
        record,
        commit,
        messages,
        once,
        promise,
    } = order;
    room(host).await.map_err(DispatchError::Refused)?; // can it be remembered
    let waits = !messages.is_empty();
    let admit = async || admit(host, &app, waits).await.map_err(DispatchError::Refused);
    let mut permit = Some(admit().await?); // may it run now
    let began = (began(host, app.id, &subject, &happening), subject.version());
    let mut open = Open::begin(host, began, calls(host, &app, (happening.cause.hops, !commit)), record); // its record
    let (program, version) = match program(host, app.id, subject).await {
        Ok(program) => program,
        Err(cause) => {
            let id = open.no_program(&cause);
            return Err(DispatchError::NoProgram { id, cause });
        }
    };
    let mut prepared = prepared(host, &app, &open, (limits, record), (happening, messages));
    let mut session = Session::open(&host.spaces, app.id); // what its app keeps
    let mut overtaken = Vec::new();
    let mut effects = (!commit).then(Effects::default);
    loop {
        let running = |session| run(host, &program, version, prepared.clone(), session); // the sandbox
        let (mut attempted, repeat) = idempotency::once(once.as_ref(), session, &prepared, running).await;
        keep_run(promise.as_ref(), &mut attempted, &prepared).await; // its reply, for later
        let Attempted { mut execution, closed } = attempted;
        let (log, seen, lost) = match closed {
            None => (Vec::new(), Seen::default(), None),
            Some(closed) => {
                open.note(&execution, &closed.log); // how it ended
                open.hide(&closed.seen); // what nobody is to read there
                open.keep(&prepared, &execution, &closed);
                let ended = (&execution.ending, closed.lost_on, effects.as_mut());
                let lost = settle(&mut open, ended, closed.session, &mut permit).await; // what it wrote
                (closed.log, closed.seen, lost.err())
            }
        };
        match lost {
            Some(Lost::Overtaken(key)) if prepared.attempt.number < ATTEMPTS_MAX => overtaken.extend(key),
            lost => {
                let repeat = repeat.filter(|_| lost.is_none());
                if let Some(lost) = lost {
                    execution.ending = Ending::GivenUp(given_up(&lost));
                }
                let id = open.end(&execution, &log, repeat.as_ref());
                return Ok(Finished {
                    id,
                    execution,
                    log,
                    effects,
                    repeat,
                    seen,
                });
            }
        }
        if permit.is_none() {
            permit = Some(admit().await.inspect_err(|_| open.no_place())?);
        }
        prepared.attempt.number += 1;
        session = Session::open(&host.spaces, app.id);
        session.wait_for_turn(&overtaken, prepared.attempt.number).await;
    }
}

/// A place, for which a message waits as long as it takes.
async fn admit(host: &Host, app: &App, waits: bool) -> Result<Permit, Refusal> {
    if waits {
        return Ok(host.admission.admit_in_background(&app.places).await);
    }
    host.admission.admit(&app.places).await
}

async fn room(host: &Host) -> Result<(), Refusal> {
    let is_behind = host.spaces.is_full() || host.committer.room().await.is_err();
    if is_behind { Err(Refusal::Behind) } else { Ok(()) }
}

/// What its first attempt is made of.
fn prepared(
    host: &Host,
    app: &Arc<App>,
    open: &Open<'_>,
    (limits, record): (Option<Limits>, bool),
    (happening, messages): (Happening, Vec<Handled>),
) -> Prepared {
    let mut installation = host.config.limits.run;
    if !messages.is_empty() {
        installation.wall_ms_max = host.config.limits.event_wall_ms_max;
    }
    Prepared {
        identity: Arc::new(open.identity(app, happening.trace)),
        attempt: open.attempt,
        event: happening.event.into(),
        body: happening.body,
        limits: limits.map_or(installation, |limits| installation.tighten(limits)),
        data: host.config.data,
        passwords: host.config.passwords,
        journal_bytes_max: journal_bytes_max(host, app, record),
        memory: Arc::clone(app.places.memory()),
        vault: Arc::clone(&app.vault),
        calls: Arc::clone(&open.calls),
        mailing: Mailing {
            wiring: Arc::clone(&app.wiring),
            cause: happening.cause,
        },
        messages,
        scripts: Arc::new(AppScripts::new(host.clone(), Arc::clone(app))),
    }
}

/// What a run of `app` sends to others, which comes after so many `hops`; only what asks, if it is `dry`.
#[must_use]
pub fn calls(host: &Host, app: &App, (hops, dry): (u32, bool)) -> Arc<Calls> {
    let reach = Reach {
        outbound: Arc::clone(&host.outbound),
        app: app.id,
        allowed: Arc::clone(&app.allowed),
        dry,
        here: Some((Arc::new(Own(host.clone())), hops.saturating_add(1))),
    };
    Arc::new(Calls::new(reach, app.places.memory()))
}

fn began(host: &Host, app: AppId, subject: &Subject, happening: &Happening) -> Began {
    let started_us = host.clock.now_us();
    let (script, version) = match subject {
        Subject::Live(target) => (&target.script, target.number),
        Subject::Draft { script, .. } => (script, 0),
    };
    Began {
        id: ExecutionId::new(started_us),
        app,
        script: Arc::clone(script),
        version,
        kind: happening.kind,
        name: happening.name.clone(),
        summary: happening.summary.clone(),
        http: happening.http.clone(),
        started_us,
    }
}

/// What the run's journal may take; 0 when it is not to have one.
fn journal_bytes_max(host: &Host, app: &App, record: bool) -> usize {
    let history = &host.config.history;
    let wanted = record && app.journal && history.journal_bytes_per_app > 0;
    if wanted { history.journal_bytes_max as usize } else { 0 }
}

/// The version that is live under this name, in an app as the data plane sees it now.
///
/// # Errors
/// When there is no such app, or no such endpoint in it.
pub fn live(host: &Host, app: AppId, name: Arc<str>) -> Result<(Arc<App>, Subject), DispatchError> {
    let app = current(host, app)?;
    let target = app.endpoints.get(&name).ok_or(DispatchError::NoEndpoint(name))?;
    let subject = Subject::Live(Arc::clone(target));
    Ok((app, subject))
}

/// The app as the data plane sees it now.
///
/// # Errors
/// When there is none.
pub fn current(host: &Host, app: AppId) -> Result<Arc<App>, DispatchError> {
    let directory = host.routes.current();
    directory.by_id(app).cloned().ok_or(DispatchError::NoApp)
}

/// What is compiled anew when the guest finds it stale.
type Saved = Option<(AppId, VersionId)>;

async fn program(host: &Host, app: AppId, subject: Subject) -> anyhow::Result<(Arc<Loaded>, Saved)> {
    match subject {
        Subject::Live(target) => {
            let program = host.programs.get(app, target.version).await?;
            Ok((program, Some((app, target.version))))
        }
        Subject::Draft { artifact, modules, .. } => {
            let program = host.programs.of_draft(app, *artifact, modules).await?;
            Ok((program, None))
        }
    }
}

/// Runs what was `loaded`; when the guest finds it stale, compiles it anew and runs that.
async fn run(host: &Host, loaded: &Arc<Loaded>, saved: Saved, prepared: Prepared, session: Session) -> Attempted {
    // What ran once is not stale: only a first run is prepared for a second.
    let spare = saved
        .filter(|_| !loaded.has_run())
        .map(|saved| (saved, prepared.clone()));
    let attempted = run_loaded(host, loaded, prepared, session).await;
    let Ending::Stale(why) = &attempted.execution.ending else {
        loaded.note_run();
        return attempted;
    };
    let Some(((app, version), prepared)) = spare else {
        return attempted;
    };
    tracing::warn!(version.id = %version, "the artifact of {version} is stale: {why}");
    match host.programs.renew(app, version, loaded).await {
        Ok(renewed) => run_loaded(host, &renewed, prepared, Session::open(&host.spaces, app)).await,
        Err(cause) => Attempted::broke(format!("a stale artifact: {cause:#}")),
    }
}

async fn run_loaded(host: &Host, loaded: &Loaded, prepared: Prepared, session: Session) -> Attempted {
    match host.programs.linked(loaded).await {
        Ok(program) => attempt(&*host.runner, program, prepared, session).await,
        Err(cause) => Attempted::broke(format!("a module cannot be had: {cause:#}")),
    }
}
