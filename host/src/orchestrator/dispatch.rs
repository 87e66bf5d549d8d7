//! One happening, start to finish. Read [`dispatch`] first.
//!
//! ```text
//! Happening ─ admit ─▶ Open ─ program ─▶ World::open ─ run ─ World::close ─▶ report ─▶ committer
//! ```

use std::sync::Arc;

use bytes::Bytes;
use picloud_executor::{Attempt, Ending, Execution, GivenUp, Identity};
use picloud_sdk::api::LogLine;
use picloud_sdk::compile::Artifact;
use picloud_sdk::limits::Limits;

use crate::commit::spaces::{Lost, Session};
use crate::commit::{Began, FORMAT, Http, Journal, Kind, Record};
use crate::data::key::Key;
use crate::ids::{AppId, ExecutionId, VersionId};
use crate::linking::LinkedModule;
use crate::random;
use crate::world::Closed;

use super::admission::{Permit, Refusal};
use super::attempt::{Attempted, Prepared, attempt};
use super::host::Host;
use super::library::Loaded;
use super::replay::ended;
use super::report::{report, status_of};
use super::snapshot::{App, Target};

/// Attempts at one happening; whoever is overtaken so often is refused.
const ATTEMPTS_MAX: u32 = 10;
/// From this attempt on nobody else of the app commits meanwhile.
const ALONE_FROM: u32 = 4;

/// One thing that happened, complete.
pub struct Happening {
    /// What kind of thing.
    pub kind: Kind,
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
}

impl Happening {
    /// A request, or what somebody wants to be taken for one.
    #[must_use]
    pub fn request(kind: Kind, http: Http, (event, body): (Vec<u8>, Bytes)) -> Self {
        Self {
            kind,
            summary: format!("{} {}", http.method, http.path).into(),
            http: Some(http),
            trace: None,
            event,
            body,
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

/// An admitted happening, answered.
#[derive(Debug)]
pub struct Finished {
    /// Names the run.
    pub id: ExecutionId,
    /// How it went.
    pub execution: Execution,
    /// What it logged.
    pub log: Vec<LogLine>,
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
    } = order;
    host.committer
        .room()
        .await
        .map_err(|_| DispatchError::Refused(Refusal::Behind))?; // can it be remembered
    let admit = async || host.admission.admit(&app.places).await.map_err(DispatchError::Refused);
    let mut permit = Some(admit().await?); // may it run now
    let mut open = Open::begin(host, &app, &subject, &happening, record); // its record
    let (program, version) = match program(host, app.id, subject).await {
        Ok(program) => program,
        Err(cause) => return Err(open.no_program(cause)),
    };
    let installation = host.config.limits.run;
    let mut prepared = Prepared {
        identity: open.identity(&app, happening.trace),
        attempt: open.attempt,
        event: happening.event,
        body: happening.body,
        limits: limits.map_or(installation, |limits| installation.tighten(limits)),
        data: host.config.data,
        journal_bytes_max: journal_bytes_max(host, &app, record),
        memory: Arc::clone(app.places.memory()),
    };
    let mut session = Session::open(&host.spaces, app.id); // what its app keeps
    let mut overtaken = Vec::new();
    loop {
        let Attempted { mut execution, closed } = run(host, &program, version, prepared.clone(), session).await; // the sandbox
        let (log, lost) = match closed {
            None => (Vec::new(), None),
            Some(closed) => {
                open.note(&execution, &closed.log); // how it ended
                open.keep(&prepared, &execution, &closed);
                let lost = settle(
                    &mut open,
                    &execution.ending,
                    closed.session,
                    closed.lost_on,
                    &mut permit,
                )
                .await; // what it wrote
                (closed.log, lost.err())
            }
        };
        match lost {
            Some(Lost::Overtaken(key)) if prepared.attempt.number < ATTEMPTS_MAX => overtaken.extend(key),
            Some(lost) => {
                execution.ending = Ending::GivenUp(given_up(&lost));
                return Ok(open.end(execution, log));
            }
            None => return Ok(open.end(execution, log)),
        }
        if permit.is_none() {
            permit = Some(admit().await?);
        }
        prepared.attempt.number += 1;
        session = Session::open(&host.spaces, app.id);
        session
            .wait_for_turn(&overtaken, prepared.attempt.number >= ALONE_FROM)
            .await;
    }
}

/// Makes durable what a run wrote that ended well, and sees to it that what any other saw has been so. The run's place is
/// free while the disk is waited for.
async fn settle(
    open: &mut Open<'_>,
    ending: &Ending,
    session: Session,
    lost_on: Option<Key>,
    permit: &mut Option<Permit>,
) -> Result<(), Lost> {
    let waiting = match ending {
        Ending::GivenUp(GivenUp::Overtaken) => return Err(Lost::Overtaken(lost_on)),
        Ending::Replied(reply) if reply.status < 500 => session.commit(&mut open.record).await?,
        _ => session.dismiss(),
    };
    if waiting.is_over() {
        return Ok(());
    }
    permit.take();
    waiting.durable(&mut open.record).await
}

/// What the run's journal may take; 0 when it is not to have one.
fn journal_bytes_max(host: &Host, app: &App, record: bool) -> usize {
    let history = &host.config.history;
    let wanted = record && app.journal && history.journal_bytes_per_app > 0;
    if wanted { history.journal_bytes_max as usize } else { 0 }
}

const fn given_up(lost: &Lost) -> GivenUp {
    match lost {
        Lost::Overtaken(_) => GivenUp::Overtaken,
        Lost::Unavailable(_) | Lost::Gone => GivenUp::Unavailable,
    }
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

/// A run that is not over, with its record if it is to have one. Dropped before the end, that says that whoever asked went
/// away; unless it was handed over with what the run wrote.
struct Open<'a> {
    host: &'a Host,
    record: Option<Record>,
    id: ExecutionId,
    script: Arc<str>,
    version: u32,
    /// None for a draft.
    saved: Option<VersionId>,
    attempt: Attempt,
    started_us: i64,
}

impl<'a> Open<'a> {
    fn begin(host: &'a Host, app: &App, subject: &Subject, happening: &Happening, wanted: bool) -> Self {
        let started_us = host.clock.now_us();
        let id = ExecutionId::new(started_us);
        let (script, version, saved) = match subject {
            Subject::Live(target) => (&target.script, target.number, Some(target.version)),
            Subject::Draft { script, .. } => (script, 0, None),
        };
        let record = wanted.then(|| {
            Record::begun(Began {
                id,
                app: app.id,
                script: Arc::clone(script),
                version,
                kind: happening.kind,
                summary: happening.summary.clone(),
                http: happening.http.clone(),
                started_us,
            })
        });
        Self {
            host,
            record,
            id,
            script: Arc::clone(script),
            version,
            saved,
            attempt: Attempt {
                number: 1,
                seed: random::draw(),
                now_ms: started_us / 1000,
            },
            started_us,
        }
    }

    fn identity(&self, app: &App, trace: Option<String>) -> Identity {
        let execution = self.id.to_string();
        // The id's own digits are as good a trace id as any.
        let trace = trace.unwrap_or_else(|| execution.split_once('_').map_or("", |(_, digits)| digits).to_owned());
        Identity {
            app: Arc::clone(&app.name),
            script: Arc::clone(&self.script),
            version: self.version,
            execution,
            trace,
        }
    }

    /// How its run ended, for the record.
    fn note(&mut self, execution: &Execution, log: &[LogLine]) {
        if let Some(record) = &mut self.record {
            let status = status_of(&execution.ending);
            record.end(report(&execution.ending), status, execution.usage, log);
        }
    }

    /// What it was told, so that it can be run again.
    fn keep(&mut self, prepared: &Prepared, execution: &Execution, closed: &Closed) {
        let (Some(record), Some(calls)) = (&mut self.record, &closed.calls) else {
            return;
        };
        let Prepared {
            identity,
            attempt,
            event,
            body,
            limits,
            ..
        } = prepared;
        let kept = body.len() <= self.host.config.history.journal_body_bytes_max as usize;
        record.keep(Some(Journal {
            format: FORMAT,
            guest: self.host.guest_hash.to_owned(),
            version: self.saved.map(|version| version.to_string()),
            app: identity.app.as_ref().to_owned(),
            script: identity.script.as_ref().to_owned(),
            number: identity.version,
            execution: identity.execution.clone(),
            trace: identity.trace.clone(),
            attempt: attempt.number,
            seed: attempt.seed,
            now_ms: attempt.now_ms,
            limits: limits
                .values()
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            event: event.clone(),
            body: kept.then(|| body.to_vec()),
            body_bytes: body.len() as u64,
            calls: calls.clone(),
            ended: ended(execution, &closed.log),
        }));
    }

    fn end(mut self, execution: Execution, log: Vec<LogLine>) -> Finished {
        if let Ending::Stale(why) | Ending::Broke(why) = &execution.ending {
            tracing::error!(execution.id = %self.id, "the run {} broke, which is our fault: {why}", self.id);
        }
        self.note(&execution, &log);
        if let Some(record) = self.record.take() {
            self.host.committer.push(record);
        }
        let id = self.id;
        Finished { id, execution, log }
    }

    fn no_program(&mut self, cause: anyhow::Error) -> DispatchError {
        tracing::error!(execution.id = %self.id, "the run {} could not start: {cause:#}", self.id);
        if let Some(mut record) = self.record.take() {
            record.could_not_start(503);
            self.host.committer.push(record);
        }
        DispatchError::NoProgram { id: self.id, cause }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if let Some(mut record) = self.record.take() {
            let us = self.host.clock.now_us().saturating_sub(self.started_us);
            record.cancelled(u64::try_from(us).unwrap_or(0));
            self.host.committer.push(record);
        }
    }
}
