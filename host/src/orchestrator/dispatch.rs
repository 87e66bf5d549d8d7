//! One event, start to finish. Read [`dispatch`] first.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::Method;
use picloud_executor::{Capabilities, Context, Ending, Execution, Job, Reply};
use picloud_sdk::compile::Artifact;
use picloud_sdk::limits::{Limits, Usage};

use crate::capabilities::{LogLine, World};
use crate::host::Host;
use crate::ids::{AppId, ExecutionId, VersionId};
use crate::random;

use super::admission::Refusal;
use super::programs::{LinkedModule, Loaded};
use super::record::Record;
use super::snapshot::{App, Target};

/// One thing that happened, complete, with who answers it.
pub struct Event {
    /// Whose it is.
    pub app: Arc<App>,
    /// What answers.
    pub target: Arc<Target>,
    /// The method, for the record.
    pub method: Method,
    /// The path below the app's root, for the record.
    pub path: Box<str>,
    /// W3C trace id, 32 hex digits, when the caller sent one.
    pub trace: Option<String>,
    /// An encoded [`picloud_sdk::event::Event`].
    pub encoded: Vec<u8>,
    /// The body, all of it.
    pub body: Bytes,
}

/// An admitted event, answered.
#[derive(Debug)]
pub struct Finished {
    /// Names the run.
    pub id: ExecutionId,
    /// How it went.
    pub execution: Execution,
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

/// One event, start to finish.
///
/// # Errors
/// When there is no place, or the program cannot be had. What the script does, however it ends, is an [`Execution`].
pub async fn dispatch(host: &Host, event: Event) -> Result<Finished, DispatchError> {
    let Event {
        app,
        target,
        method,
        path,
        trace,
        encoded,
        body,
    } = event;
    let _permit = host.admission.admit(&app.places).map_err(DispatchError::Refused)?; // may it run now
    let mut open = Open::begin(host, &app, (&target.script, target.number), "http", (method, path)); // its record
    let program = match host.programs.get(host, app.id, target.version).await {
        Ok(program) => program,
        Err(cause) => return Err(open.no_program(cause)),
    };
    let context = open.context(&app, trace); // what it gets
    let prepared = Prepared {
        context,
        encoded,
        body,
        limits: host.config.limits.run,
    };
    let (execution, log) = run(host, &program, Some((app.id, target.version)), prepared).await; // the sandbox
    let id = open.end(&execution, log); // what happened
    Ok(Finished { id, execution })
}

/// A run that somebody asked for, to see what comes of it.
pub struct Trial {
    /// In whose world.
    pub app: AppId,
    /// What.
    pub subject: Subject,
    /// The method, for the record.
    pub method: Method,
    /// The path, for the record.
    pub path: String,
    /// An encoded [`picloud_sdk::event::Event`].
    pub encoded: Vec<u8>,
    /// Its body.
    pub body: Bytes,
    /// Tighter limits than the installation's, if any.
    pub limits: Option<Limits>,
    /// Whether it leaves a record like any other run.
    pub record: bool,
}

/// What a [`Trial`] runs.
pub enum Subject {
    /// Something that is not saved.
    Draft {
        /// What to call it.
        script: Arc<str>,
        /// Its compiled form.
        artifact: Box<Artifact>,
        /// What it may import.
        modules: Vec<LinkedModule>,
    },
    /// The live version of this endpoint.
    Live(Arc<str>),
}

/// What came of a [`Trial`].
#[derive(Debug)]
pub struct Tried {
    /// Names the run; there is a record of it only if that was asked for.
    pub id: ExecutionId,
    /// How it went.
    pub execution: Execution,
    /// What it logged.
    pub log: Vec<LogLine>,
}

/// A draft or a live version against a given event, admitted like any run.
///
/// # Errors
/// As [`dispatch`], and when there is no such app or endpoint.
pub async fn run_once(host: &Host, trial: Trial) -> Result<Tried, DispatchError> {
    let app = host
        .routes
        .current()
        .by_id(trial.app)
        .cloned()
        .ok_or(DispatchError::NoApp)?;
    let (script, number, version, draft) = match trial.subject {
        Subject::Draft {
            script,
            artifact,
            modules,
        } => (script, 0, None, Some((artifact, modules))),
        Subject::Live(name) => {
            let target = app.endpoints.get(&name).ok_or(DispatchError::NoEndpoint(name))?;
            (Arc::clone(&target.script), target.number, Some(target.version), None)
        }
    };
    let _permit = host.admission.admit(&app.places).map_err(DispatchError::Refused)?;
    let mut open = Open::begin(host, &app, (&script, number), "run", (trial.method, trial.path.into()));
    open.wanted = trial.record;
    let program = match (draft, version) {
        (Some((artifact, modules)), _) => Loaded::link(host, app.id, *artifact, modules).await.map(Arc::new),
        (None, Some(version)) => host.programs.get(host, app.id, version).await,
        (None, None) => return Err(DispatchError::NoEndpoint(script)),
    };
    let program = program.map_err(|cause| open.no_program(cause))?;
    let prepared = Prepared {
        context: open.context(&app, None),
        encoded: trial.encoded,
        body: trial.body,
        limits: trial
            .limits
            .map_or(host.config.limits.run, |limits| host.config.limits.run.tighten(limits)),
    };
    let version = version.map(|version| (app.id, version));
    let (execution, log) = run(host, &program, version, prepared).await;
    let id = open.end(&execution, log.clone());
    Ok(Tried { id, execution, log })
}

/// What a job is made of; kept until the run is over, as a stale artifact makes it run again.
#[derive(Clone)]
struct Prepared {
    context: Context,
    encoded: Vec<u8>,
    body: Bytes,
    limits: Limits,
}

/// Runs what was `loaded`; when the guest finds it stale, compiles `version` anew and runs that.
async fn run(
    host: &Host,
    loaded: &Arc<Loaded>,
    version: Option<(AppId, VersionId)>,
    prepared: Prepared,
) -> (Execution, Vec<LogLine>) {
    // What ran once is not stale: only a first run is prepared for a second.
    let spare = version
        .filter(|_| !loaded.has_run())
        .map(|version| (version, prepared.clone()));
    let (execution, log) = run_loaded(host, loaded, prepared).await;
    let Ending::Stale(why) = &execution.ending else {
        loaded.note_run();
        return (execution, log);
    };
    let Some(((app, version), prepared)) = spare else {
        return (execution, log);
    };
    tracing::warn!(version.id = %version, "the artifact of {version} is stale: {why}");
    match host.programs.renew(host, app, version, loaded).await {
        Ok(renewed) => run_loaded(host, &renewed, prepared).await,
        Err(cause) => (broke(format!("a stale artifact: {cause:#}")), log),
    }
}

async fn run_loaded(host: &Host, loaded: &Loaded, prepared: Prepared) -> (Execution, Vec<LogLine>) {
    let Prepared {
        context,
        encoded: event,
        body,
        limits,
    } = prepared;
    let program = match loaded.linked(host).await {
        Ok(program) => program,
        Err(cause) => return (broke(format!("a module cannot be had: {cause:#}")), Vec::new()),
    };
    let world = Arc::new(World::default());
    let capabilities = Arc::clone(&world) as Arc<dyn Capabilities>;
    let job = Job {
        program,
        context,
        event,
        body,
        limits,
        seed: random::draw(),
        capabilities,
    };
    let run = AssertUnwindSafe(host.runner.run(job));
    let mut execution = run
        .catch_unwind()
        .await
        .unwrap_or_else(|_| broke("the executor panicked".to_owned()));
    if let Ending::Replied(Reply { status, .. }) = execution.ending
        && !(200..600).contains(&status)
    {
        execution.ending = Ending::Broke(format!("the guest let the status {status} through"));
    }
    (execution, world.take_log())
}

fn broke(why: String) -> Execution {
    Execution {
        ending: Ending::Broke(why),
        usage: Usage::default(),
    }
}

/// A run's record while it is not over. Dropped before the end, it says that the client went away.
struct Open<'a> {
    host: &'a Host,
    record: Option<Record>,
    id: ExecutionId,
    started_us: i64,
    wanted: bool,
}

impl<'a> Open<'a> {
    fn begin(
        host: &'a Host,
        app: &App,
        (script, number): (&Arc<str>, u32),
        event: &'static str,
        request: (Method, Box<str>),
    ) -> Self {
        let started_us = host.clock.now_us();
        let id = ExecutionId::new(started_us);
        let record = Record::begun((id, started_us), (app.id, Arc::clone(script), number), event, request);
        Self {
            host,
            record: Some(record),
            id,
            started_us,
            wanted: true,
        }
    }

    fn context(&self, app: &App, trace: Option<String>) -> Context {
        let record = self.record.as_ref().expect("the run is not over");
        let execution = self.id.to_string();
        // The id's own digits are as good a trace id as any.
        let trace = trace.unwrap_or_else(|| execution.split_once('_').map_or("", |(_, digits)| digits).to_owned());
        Context {
            app: Arc::clone(&app.name),
            script: Arc::clone(&record.script),
            version: record.version,
            execution,
            attempt: 1,
            trace,
            now_ms: self.started_us / 1000,
        }
    }

    fn end(&mut self, execution: &Execution, log: Vec<LogLine>) -> ExecutionId {
        if let Ending::Stale(why) | Ending::Broke(why) = &execution.ending {
            tracing::error!(execution.id = %self.id, "the run {} broke, which is our fault: {why}", self.id);
        }
        if let Some(mut record) = self.record.take().filter(|_| self.wanted) {
            record.end(execution, log);
            self.host.records.push(record);
        }
        self.id
    }

    fn no_program(&mut self, cause: anyhow::Error) -> DispatchError {
        tracing::error!(execution.id = %self.id, "the run {} could not start: {cause:#}", self.id);
        if let Some(mut record) = self.record.take().filter(|_| self.wanted) {
            record.broke(503);
            self.host.records.push(record);
        }
        DispatchError::NoProgram { id: self.id, cause }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if let Some(mut record) = self.record.take().filter(|_| self.wanted) {
            let us = self.host.clock.now_us().saturating_sub(self.started_us);
            record.usage.wall_us = u64::try_from(us).unwrap_or(0);
            self.host.records.push(record);
        }
    }
}
